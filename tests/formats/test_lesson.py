from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.assessments import Rules
from mesotrain.formats.lesson import Lesson, read_lesson
from mesotrain.formats.lines import Report, cleaned


def read(text: str) -> tuple[Lesson, list[str]]:
    report = Report("lesson.md")
    lesson = read_lesson(cleaned(text, report), report)
    return lesson, [str(fault) for fault in sorted(report.faults)]


@pytest.fixture
def text(files: dict[str, str]) -> str:
    return files["first-minutes/lesson.md"]


def test_a_lesson(text: str):
    lesson, faults = read(text)
    assert faults == []
    assert (lesson.title, lesson.competency, lesson.minutes) == ("First minutes", "EMG", 10)
    assert lesson.outcomes == ("recognise trouble",)
    assert lesson.quiz == Rules(2, Fraction(4, 5), 20, "after submit")
    assert lesson.sign_off == "none"
    first, then = lesson.sections
    assert (first.name, first.title, first.line) == ("recognise", "Recognise", 16)
    assert first.text.startswith("Treat LAST early [I01, I02].")
    assert first.text.endswith("```\n## not a heading\n```")
    assert (then.name, then.text) == ("then", "Call for help.")
    assert {(mention.name, mention.line) for mention in lesson.mentions} == {
        ("EMG", 3), ("I01", 18), ("I02", 18), ("I01", 21)
    }  # fmt: skip


def test_a_section_has_the_abbreviations_that_occur_in_it(text: str):
    first, then = read(text)[0].sections
    assert first.abbreviations == {"LAST": "Local anaesthetic systemic toxicity"}
    assert then.abbreviations == {}


@pytest.mark.parametrize(
    "much",
    ["[" * 20, "[0, 1) " * 100, "a) b) c) " * 50, "Type `" + "[" * 99 + "`", "[\n\n" * 99, "`" + "x" * 170 + "`"],
)
def test_brackets_that_are_closed_or_few_are_no_fault(text: str, much: str):
    assert read(text.replace("Call for help.", much))[1] == []


def test_comments_are_no_part_of_a_section(text: str):
    lesson, faults = read(text.replace("Call for help.", "<!-- a\n## b -->\nCall <!-- d -->for help."))
    assert faults == []
    assert lesson.sections[1].text == "Call for help."


def test_a_citation_may_run_over_a_line(text: str):
    lesson, faults = read(text.replace("[I01, I02]", "[I01,\nI02]"))
    assert faults == []
    assert ("I02", 18) in {(mention.name, mention.line) for mention in lesson.mentions}


FIGURE = (
    "a figure stands alone on its line, its file (.svg, .png, .jpg or .webp, its name in small letters) in the "
    'module\'s media folder: ![what is drawn](media/name.svg "What to see.")'
)
BROKEN = [
    ("## Then {#then}", "## Then", 27, "give “Then” a permanent id: ## Heading {#its-id}."),
    ("## Then {#then}", "## Then {#recognise}", 27, "the id recognise is already that of the section on line 16."),
    ("## Then {#then}", "## Then {#The End}", 27, "an id is small letters, digits and dashes, not “The End”."),
    ("## Then {#then}", "## {#then}", 27, "this heading has no words."),
    ("## Then {#then}", "# Then {#then}", 27, "headings in a lesson begin with ## or ###"),
    ("## Recognise {#recognise}", "Hello\n\n## Recognise {#recognise}", 16, "text stands before the first section"),
    ("Call for help.", "", 27, "the section “Then” has no text."),
    ("Call for help.", "![map](map.png)", 29, FIGURE),
    ("Call for help.", "![map][1]", 29, FIGURE),
    ("Call for help.", 'Look: ![map](media/map.svg "The way out.")', 29, FIGURE),
    ("Call for help.", '![map](media/Map.svg "The way out.")', 29, FIGURE),
    ("Call for help.", '![map](../media/map.svg "The way out.")', 29, FIGURE),
    ("Call for help.", '![map](media/map.gif "The way out.")', 29, FIGURE),
    ("Call for help.", '<img src="map.png">', 29, "a figure is written in Markdown, not as HTML."),
    (
        "Call for help.",
        '![ ](media/map.svg "The way out.")',
        29,
        "say between the square brackets what is drawn, for somebody who cannot see it.",
    ),
    (
        "Call for help.",
        "![map](media/map.svg)",
        29,
        'after its file, give the figure a caption in quotes: "What to see."',
    ),
    ("Call for help.", '!!! warning "Stop"', 29, "one of note, caution, safety"),
    ("Call for help.", "!!! safety Stop", 29, "a title in straight quotes"),
    ("Call for help.", "Call [I01 and I02].", 29, "write citations as [I01] or [I01, I20]."),
    ("Call for help.", "[" * 21, 29, "too many brackets are open here"),
    ("Call for help.", "Call\n" + "[a](" * 8000, 30, "too many brackets are open here"),
    ("Call for help.", "[^1]" * 101 + "\n\n[^1]: Yes.", 29, "the footnote [^1] is marked more than 100 times"),
    ("Call for help.", "Call <!-- for help.", 29, "the comment that begins here is never closed"),
    ("Call for help.", "~~~\nCall", 29, "the code that begins here is never closed"),
    ("Call for help.", " " * 44 + "Call", 29, "this line is indented too deeply."),
    ("Call for help.", "\t" * 11 + "Call", 29, "this line is indented too deeply."),
    (
        "Call for help.",
        "Call \u202eme\u202c.",
        29,
        "2 invisible characters in this line, the first after “Call”: U+202E, right",
    ),
    (
        "Call for help.",
        "Call for\u200b help.",
        29,
        "an invisible character after “for”: U+200B, zero width space. Type the",
    ),
    ("Call for help.", "Call for he\u00adlp.", 29, "an invisible character after “he”: U+00AD, soft hyphen."),
    ("Call for help.", "Call for\u200d help.", 29, "an invisible character after “for”: U+200D, zero width joiner."),
    ("Call for help.", "Call caf\u00e9\u200d help.", 29, "an invisible character after “caf\u00e9”: U+200D"),
    ("Call for help.", "\u2066Call.", 29, "an invisible character at the beginning of this line: U+2066"),
    ("Call for help.", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u2764\ufe0f\u200d\U0001f525", None, ""),
    ("{#then}", "{#th\u200ben}", 27, "an invisible character after “{#th”: U+200B"),
    ("{#then}", "{#a} {#then}", 27, "a heading has one id; keep the one that it had first."),
    ("## Then", f"## {'Then ' * 40}", 27, "this heading has 199 characters; write at most 120."),
    ("title: First", f"title: {'First ' * 20_000}", 2, "title has 120,007 characters; write at most 120."),
    ("summary: What", f"summary: {'What ' * 200}", 5, "characters; write at most 500."),
    (
        "Call for help.",
        "Doses:\n| Who | mL |\n|---|---|\n| All | 1 |",
        30,
        "leave a blank line between a table and the text above",
    ),
    (
        "Call for help.",
        "| Who | mL |\n|---|---|\n| All | 1 |\nCall.",
        32,
        "leave a blank line between a table and the text below",
    ),
    (
        "Call for help.",
        "!!! note\n    Doses:\n    | Who |\n    |---|",
        31,
        "leave a blank line between a table and the text above",
    ),
    ("Call for help.", '!! safety "Stop"\n    Call.', 29, "a box begins with !!! and one of note, caution, safety"),
    (
        "Call for help.",
        "\uff01\uff01\uff01 note\n    Call.",
        29,
        "a box begins with !!! and one of note, caution, safety",
    ),
    ("Call for help.", "[Call](javascript:call(1))", 29, "“javascript:call(1)” leads nowhere"),
    ("Call for help.", "[Call](see below)", 29, "a link is [words](https://...), its address without a space"),
    ("Call for help.", "[Call](https://a.b/c d)", 29, "a link is [words](https://...), its address without a space"),
    ("Call for help.", "[Call](https://a.b/c", 29, "its round bracket closed"),
    ("Call for help.", "[Call] (https://a.b/c)", 29, "no space stands between the brackets of a link"),
    ("Call for help.", "[Call]: soon", 29, "nobody would see this line"),
    ("Call for help.", "[Call](https://a.b/c_(d) 'e'), [f][1]\n\n[1]: https://a.b", None, ""),
    (
        "Call for help.",
        "Call.\n[Check](bank.md#emg-0001)",
        30,
        "alone on its line: [Check yourself](bank.md#emg-0147), with a blank",
    ),
    ("Call for help.", "Call.\n\n[^1]: Aloud.", 31, "no [^1] leads to this footnote; write it where it belongs."),
    ("*[LAST]: Local", "*[LAST] Local", 31, "write an abbreviation in plain letters, then its words"),
    ("*[LAST]: Local", "* [LAST]: Local", 31, "write an abbreviation in plain letters, then its words"),
    ("*[LAST]: Local", "*[I01]* and *[x](https://a.b)* or *[I01] local*", None, ""),
    ("*[LAST]: Local", "*[LAST]: Late\n*[LAST]: Local", 32, "LAST was given other words above"),
    ("*[LAST]: Local", "*[µg]: microgram\n*[LAST]: Local", 31, "write an abbreviation in plain letters"),
    ("minutes: 10", "minutes: ten", 4, "minutes is a whole number, such as 20, not “ten”."),
    ("minutes: 10", "minutes: 0", 4, "minutes lies between 1 and 600"),
    ("minutes: 10", "minutes: [1]", 4, "minutes is one line of text, not a list or a table."),
    ("  - recognise trouble", "  a: b", 6, "outcomes is a list"),
    ("  - recognise trouble", "  - [a]", 6, "outcomes is one line of text"),
    ("  questions: 2", "  questions: two", 9, "quiz: questions is a whole number"),
    ("  pass: 80%", "  pass: 80", 10, "quiz: pass is a percentage above 0% and at most 100%, such as 80%, not “80”."),
    ("  pass: 80%", "  pass: 0%", 10, "quiz: pass is a percentage"),
    (
        "  pass: 80%",
        "  mark: 80%\n  pass: 80%",
        10,
        "quiz: mark is not known here; known are questions, plan, pass",
    ),
    ("  time: 20 minutes", "  time: 20", 11, "quiz: time is a whole number, such as 20 minutes, not “20”."),
    ("  time: 20 minutes\n", "", 8, "quiz: time is missing."),
    (
        "feedback: after submit",
        "feedback: soon",
        12,
        "feedback is “soon”; choose among after each, after submit, after pass, after close, never.",
    ),
    ("sign-off: none", "sign-off: a tutor", 13, "sign-off is none, or a name, a day and a version, such as Jane Ames,"),
    ("sign-off: none", "sign-off: Jo, 2027-02-30", 13, "sign-off is none, or a name, a day and a version"),
    ("sign-off: none", "sign-off: Jo, 2027-02-03, 12", 13, "sign-off is none, or a name, a day and a version"),
    ("summary: What", "title: again\nsummary: What", 5, "“title” is given twice; keep one."),
    ("summary: What to do first", "summary:", 5, "summary is empty."),
    ("summary: What to do first", 'summary: "a\\0b"', 5, "summary holds an invisible character"),
    ("summary: What to do first", 'summary: "\\ud800"', 5, "summary holds an invisible character"),
    ("summary: What to do first", 'summary: "\\UFFFFFFFF"', 2, "put the value of this line, or the one above"),
]


@pytest.mark.parametrize(("old", "new", "line", "words"), BROKEN)
def test_broken_lessons(text: str, old: str, new: str, line: int | None, words: str):
    assert text.count(old) == 1
    faults = read(text.replace(old, new))[1]
    if line is None:
        assert faults == []
    else:
        assert any(fault.startswith(f"lesson.md:{line}: ") and words in fault for fault in faults), faults


def test_exact_percentages(text: str):
    assert read(text.replace("80%", "66.5 %"))[0].quiz.pass_mark == Fraction(133, 200)


LINES = st.sampled_from(
    ["---", "title: a", "quiz:", "  pass: 80%", "outcomes: [a, *b]", "a: &x !!binary y", "? [a]", "- b", "## A {#a}",
     "## A", "# B", "```", "~~~", "<!--", "-->", "*[A]: b", "*[]: ", "[I01, I02]", "[I01,", "!!! note", "![", "{#x}",
     "", "%YAML 1.1", "\t", "seen: 2026-13-45", "'", '"\\ud800"', "{", "[" * 50, "<<: {a: b}", "!<", "| ", "\ufeff"]
) | st.text(max_size=20)  # fmt: skip


@given(st.lists(LINES, max_size=25))
def test_any_text_gives_faults_or_a_lesson(lines: list[str]):
    for text in ("\n".join(lines), "---\n" + "\n".join(lines)):
        lesson, _ = read(text)
        assert all(section.version for section in lesson.sections)
