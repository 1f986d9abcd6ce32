"""What a hand that is used to a word processor gets wrong in lines of “name: value”: one fault, on the line itself."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.errors import BadContent
from mesotrain.formats.courses import read_course
from mesotrain.formats.fields import read_yaml
from mesotrain.formats.lines import Report

LESSON, COURSE = "first-minutes/lesson.md", "course.yaml"

FENCES = [
    ("none\n---\n", "none\n—\n", 14, "with a line of three dashes, ---, is closed by such a line, not by “—”."),
    ("none\n---\n", "none\n----\n", 14, "not by “----”."),
    ("none\n---\n", "none\n--\n", 14, "not by “--”."),
    ("none\n---\n", "none\n  ---\n", 14, "is closed by such a line, not by “  ---”"),
    (
        "none\n---\n",
        "none\n",
        14,
        "that begins on line 1 with a line of three dashes, ---, is not closed; write that here.",
    ),
    ("---\ntitle", "title", 1, "above the first “name: value” stands a line of three dashes: ---"),
    ("---\ntitle", "—\ntitle", 1, "above the first “name: value” stands a line of three dashes: ---"),
    ("---\ntitle", "\n\n---\ntitle", 1, "nothing stands before the first line ---"),
]
SLIPS = [
    ("First minutes", '"First minutes', 2, 'the " that opens in this line is never closed; write " where its value'),
    ("First minutes", "'First minutes", 2, ', or put all of it in straight quotes: title: "\'First minutes"'),
    ("First minutes", '"First" minutes', 2, "put all of it in quotes: title: '\"First\" minutes'"),
    (
        "First minutes",
        "[Draft] First",
        2,
        'the value ends before “First”; put all of it in quotes: title: "[Draft] First"',
    ),
    ("First minutes", "% of harm", 2, 'begins with % stands in straight quotes: title: "% of harm"'),
    ("First minutes", "@home", 2, 'begins with @ stands in straight quotes: title: "@home"'),
    ("First minutes", "*First* minutes", 2, "begins with * stands in straight quotes"),
    ("First minutes", "&first minutes", 2, "begins with & stands in straight quotes"),
    ("First minutes", "!first minutes", 2, "begins with ! stands in straight quotes"),
    ("First minutes", "`First` minutes", 2, "begins with ` stands in straight quotes"),
    ("First minutes", "> 5 minutes", 2, "begins with > stands in straight quotes"),
    ("First minutes", "- minutes", 2, "begins with - stands in straight quotes"),
    ("First minutes", "#1 minutes", 2, "begins with # stands in straight quotes"),
    ("First minutes", "Minutes: the first", 2, 'with a colon stands in straight quotes: title: "Minutes: the first"'),
    ("First minutes", "First minutes:", 2, "a value with a colon stands in straight quotes"),
    (
        "First minutes",
        "My course #1",
        2,
        "begin a comment, which nobody reads; a value with them stands in straight quo",
    ),
    ("First minutes", "My course # 1", 2, 'title: "My course # 1"'),
    ("minutes: 10", "minutes:10", 4, "leave one plain space after the colon: minutes: 10"),
    ("minutes: 10", "minutes:\u00a010", 4, "leave one plain space after the colon: minutes: 10"),
    ("minutes: 10", "minutes:\t10", 4, "leave one plain space after the colon: minutes: 10"),
    ("minutes: 10", "minutes 10", 4, "“minutes 10” is no “name: value”: a plain colon and a space follow the name."),
    ("minutes: 10", "minutes\uff1a 10", 4, "is no “name: value”: a plain colon"),
    ("minutes: 10", "\tminutes: 10", 4, "a tab stands before this line; indent with plain spaces."),
    ("minutes: 10", "  minutes: 10", 4, "begin this line at the left margin, where “competency” on line 3 begins."),
    ("title: First", " title: First", 2, "begin this line where “competency” on line 3 begins."),
    ("What to do first", "What to do\n  first: treat", 6, "begin this line at the left margin"),
    ("  - recognise trouble", "  - recognise: trouble", 7, 'a value with a colon stands in straight quotes: - "recog'),
    ("  - recognise trouble", "  - treat\n    - recognise", 8, "begin this dash where the dash of the item above it"),
    ("  - recognise trouble", "  - treat\n - recognise", 8, "begin this dash where the dash of the item above it"),
    ("  questions: 2", "questions: 2", 9, "indent this line by 2 spaces: it belongs to “quiz”."),
    ("  questions: 2", "  questions 2", 9, "“questions 2” is no “name: value”"),
    ("  pass: 80%", "pass: 80%", 10, "begin this line after 2 spaces, where “questions” on line 9 begins."),
    ("  pass: 80%", "    pass: 80%", 10, "begin this line after 2 spaces, where “questions” on line 9 begins."),
    ("  pass: 80%", " pass: 80%", 10, "begin this line after 2 spaces, where “questions” on line 9 begins."),
    ("  pass: 80%", "\u00a0\u00a0pass: 80%", 10, "a space that is no plain one stands before this line"),
    ("  pass: 80%", "  pass:80%", 10, "leave one plain space after the colon: pass: 80%"),
]
RULES = [
    ("modules: [first-minutes]", "modules: [first-minutes", 12, "the [ that opens in this line is never closed"),
    ("modules: [first-minutes]", "modules: [first-minutes}", 12, "the [ that opens in this line is never closed"),
    ("    can: act", "   can: act", 8, "begin this line after 4 spaces, where “title” on line 7 begins."),
    ("    can: act", "     can: act", 8, "begin this line after 4 spaces, where “title” on line 7 begins."),
    ("    can: act", "  can: act", 8, "begin this line after 4 spaces, where “title” on line 7 begins."),
    ("24 months", "2 years", 9, "valid is counted in months, such as 20 months, not “2 years”."),
    ("24 months", f"{'9' * 400} months", 9, "valid lies between 1 and 600, so 999"),
    ("24 months", "99999999 months", 9, "valid lies between 1 and 600, so 99999999 cannot be."),
]


@pytest.mark.parametrize(
    ("path", "old", "new", "line", "words"),
    [*((LESSON, *one) for one in FENCES + SLIPS), *((COURSE, *one) for one in RULES)],
)
def test_a_slip_is_one_fault_on_its_own_line(spoilt, path: str, old: str, new: str, line: int, words: str):
    (fault,) = spoilt(path, old, new)
    assert fault.startswith(f"{path}:{line}: ")
    assert words in fault


WELL = """\
# A comment, and one behind a value
status: demonstration  # its page says so
plain: a:b, C#, it's 5 * 3, https://example.org/#top
long: a text that goes on
  in the line below
quoted: "Doses: # how much?
  Little"
single: 'It''s so'
below:
  here
folded: >-
  a: b # c
    - d

list:
- one
- "two: three"
flow: [a, "b: ]",
  c]
table: {text: "x, y: z", url: "https://example.org"}
nested:
  one:
    two: 3

  four: 5
named:
  in words:
    more: 6
"""


def test_what_is_well_written_is_left_alone():
    report = Report("course.yaml")
    table = read_yaml(WELL, report)
    assert report.faults == []
    assert table.text("plain") == "a:b, C#, it's 5 * 3, https://example.org/#top"
    assert (table.text("quoted"), table.text("long")) == (
        "Doses: # how much? Little",
        "a text that goes on in the line below",
    )
    assert (table.texts("list"), table.texts("flow")) == (("one", "two: three"), ("a", "b: ]", "c"))
    assert table.table("nested").table("one").text("two") == "3"
    assert table.table("named").table("in words").text("more") == "6"


def test_a_name_of_two_words_has_its_place_like_another():
    report = Report("scheme.yaml")
    read_yaml("statuses:\n  in grace:\n    answer: cleared\n   not started:\n    answer: not cleared\n", report)
    assert [fault.line for fault in report.faults] == [4]


def test_a_part_of_an_exam_may_have_a_title_of_several_words():
    report = Report("exam.md")
    title = "What it is, and how firm it is"
    table = read_yaml(f"sections:\n  {title}:\n    plan:\n      BAS: 1\n  With the patient:\n    plan: none\n", report)
    assert report.faults == []
    assert list(table.table("sections")) == [title, "With the patient"]


WORDS = st.sampled_from(
    ["\n", "\n  ", "\n    ", ": ", ":", "- ", "[", "]", "{", "}", "'", '"', "&a ", "*", "!", "#", " #", "|", ">", "%",
     "@", "a", "title", "\t", "\u00a0", "---\n", ", ", "? "]
)  # fmt: skip


@given(st.lists(WORDS, max_size=30).map("".join))
def test_nobody_meets_the_parsers_own_words(text: str):
    report = Report("course.yaml")
    read_yaml(text, report)
    for fault in report.faults:
        assert 1 <= fault.line <= text.count("\n") + 1
        assert not re.search(
            r"YAML|block|token|mapping|scalar|anchor|<", fault.message.partition("“")[0].partition('"')[0]
        )


@pytest.mark.parametrize("bracket", ["[", "{"])
def test_a_long_line_of_brackets_is_read_in_no_time(files: dict[str, str], bracket: str):
    files[COURSE] = files[COURSE].replace("A small course", bracket * 20_000)
    with pytest.raises(BadContent) as caught:
        read_course(files)
    assert caught.value.faults[0].line == 2
