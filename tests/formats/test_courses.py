import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mesotrain.core.courses import SignOff, sign_off
from mesotrain.core.errors import BadContent
from mesotrain.formats.courses import STATUSES, read_course
from mesotrain.formats.markup import render

SHIPPED = Path(__file__).parents[2] / "courses"


def test_a_course(files: dict[str, str]):
    course = read_course(files)
    assert (course.name, course.title, course.language, course.status) == (
        "small", "A small course", "en", "demonstration"
    )  # fmt: skip
    assert course.status in STATUSES
    (competency,) = course.competencies
    assert (competency.code, competency.valid_months, competency.renewal_days, competency.grace_days) == (
        "EMG", 24, 60, 0
    )  # fmt: skip
    first, second = course.references
    assert (first.code, first.kind, first.sources) == ("I01", "GK", ())
    assert (second.sources[0].key, second.sources[0].seen, second.note) == ("rcuk", "abstract", "Seen as a summary")
    (module,) = course.modules
    assert module.name == "first-minutes"
    assert [question.name for question in module.questions] == ["emg-0001", "emg-0002", "emg-0003"]
    assert len(module.version) == 64


def test_a_signature_is_of_one_text(files: dict[str, str]):
    """Any change of what was signed, its questions too, asks for it again; the signature itself changes nothing."""
    lesson, bank = "first-minutes/lesson.md", "first-minutes/bank.md"

    def signed(version: str, **changed: str) -> str:
        texts = {
            **files,
            lesson: files[lesson].replace("sign-off: none", f"sign-off: Dr Jo Ames, MD, 2027-03-12{version}"),
        }
        for path, (old, new) in changed.items():
            name = {"lesson": lesson, "bank": bank}[path]
            assert old in texts[name]
            texts[name] = texts[name].replace(old, new)  # type: ignore[index]
        try:
            (module,) = read_course(texts).modules
        except BadContent as bad:
            (fault,) = bad.faults
            assert (fault.path, fault.line, fault.code) == (lesson, 13, "signed-text")
            return fault.message
        return str(sign_off(module.sign_off))

    (module,) = read_course(files).modules
    version = module.text_version
    assert f"names no version of the text; this text, with its questions, is {version}" in signed("")
    assert signed(f", {version}") == str(SignOff("Dr Jo Ames, MD", date(2027, 3, 12), version))
    for path, change in (
        ("lesson", ("Call for help.", "Call.")),
        ("lesson", ("80%", "85%")),
        ("bank", ("Why:", "Why: So.")),
    ):
        assert f"is of another text, {version}" in signed(f", {version}", **{path: change})


BROKEN = [
    ("course.yaml", "course: small", "course: A small one", 1, "course should look like mesotherapy"),
    ("course.yaml", "language: en", "language: English", 3, "language should look like en, not “English”."),
    ("course.yaml", "status: demonstration", "status: draft", 4, "choose among demonstration, signed."),
    ("course.yaml", "valid: 24 months", "valid: two years", 9, "competencies: EMG: valid is a whole number"),
    ("course.yaml", "valid: 24 months", "valid: 24", 9, "such as 20 months, not “24”."),
    ("course.yaml", "valid: 24 months", "valid: 0 months", 9, "lies between 1 and 600"),
    ("course.yaml", "    grace: 0 days\n", "", 6, "competencies: EMG: grace is missing."),
    ("course.yaml", "  EMG:\n", "  emg:\n", 6, "emg is no competency's code"),
    ("course.yaml", "title: A small course", "titel: A", 2, "titel is not known here; known are course, title"),
    ("course.yaml", "[first-minutes]", "[first-minutes, first-minutes]", 12, "names first-minutes twice"),
    ("course.yaml", "modules: [first-minutes]", "modules: [../up]", 12, "modules names a folder “../up”"),
    ("course.yaml", "modules: [first-minutes]", "modules: [other]", 12, "does not name the folder first-minutes"),
    ("course.yaml", "modules: [first-minutes]", "modules: first-minutes", 12, "modules is a list"),
    ("course.yaml", "modules: [first-minutes]", "modules: [", 12, "the [ that opens in this line is never closed"),
    ("references.yaml", "kind: REG", "kind: FACT", 5, "facts: I02: kind is “FACT”; choose among SR, RCT"),
    ("references.yaml", "sources: [rcuk]", "sources: [nice]", 6, "names “nice”, which is not under sources."),
    ("references.yaml", "    sources: [rcuk]\n", "", 4, "only CALC, GK, PROP stand without one."),
    ("references.yaml", "https://example.org/a", "javascript:a", 9, "url should look like https://example.org/page"),
    ("references.yaml", ", seen: abstract", "", 9, "sources: rcuk: seen is missing."),
    ("first-minutes/lesson.md", "[I01, I02]", "[I01, I09]", 18, "there is no reference I09 in references.yaml."),
    ("first-minutes/lesson.md", "[I01, I02]", "[i01]", 18, "citation as [I01], not as “[i01]”."),
    ("first-minutes/lesson.md", "[I01, I02]", "(I01, I02)", 18, "citation as [I01], not as “(I01, I02)”."),
    ("first-minutes/lesson.md", "[I01, I02]", "\uff3bI01\uff3d", 18, "citation as [I01], not as “\uff3bI01\uff3d”."),
    ("first-minutes/lesson.md", "[I01, I02]", "{I 01}", 18, "citation as [I01], not as “{I 01}”."),
    ("first-minutes/lesson.md", "competency: EMG", "competency: ASP", 3, "there is no competency ASP in course.yaml."),
    ("first-minutes/lesson.md", "questions: 2", "questions: 4", 9, "the quiz asks 4 questions, but the bank has 3"),
    ("first-minutes/bank.md", "cites: I01, I02", "cites: I77", 10, "question (emg-0001): there is no reference I77"),
    ("first-minutes/bank.md", "it works.", "it works [I78].", 17, "question (emg-0001): there is no reference I78"),
    ("first-minutes/bank.md", "#recognise", "#elsewhere", 9, "there is no section first-minutes#elsewhere"),
    ("first-minutes/bank.md", "competency: EMG", "competency: CAL", 5, "there is no competency CAL in course.yaml."),
    ("first-minutes/bank.md", "## emg-0003", "## emg-0001", 35, "already used at first-minutes/bank.md:8."),
]  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new", "line", "words"), BROKEN)
def test_broken_courses(
    spoilt: Callable[[str, str, str], list[str]], path: str, old: str, new: str, line: int, words: str
):
    faults = spoilt(path, old, new)
    assert any(fault.startswith(f"{path}:{line}: ") and words in fault for fault in faults), faults


@pytest.mark.parametrize("path", ["course.yaml", "references.yaml", "first-minutes/lesson.md", "first-minutes/bank.md"])
def test_a_missing_file_is_one_fault(files: dict[str, str], path: str):
    del files[path]
    with pytest.raises(BadContent) as caught:
        read_course(files)
    assert [str(fault) for fault in caught.value.faults] == [f"{path}:1: the file is missing."]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_that_is_no_plain_text_is_one_fault(files: dict[str, str], encoding: str):
    for path, text in files.items():
        saved = text.encode(encoding).decode("utf-8-sig", "surrogateescape")
        with pytest.raises(BadContent) as caught:
            read_course({**files, path: saved})
        (fault,) = caught.value.faults
        assert (fault.path, fault.line, fault.code) == (path, 1, "encoding")


def test_a_wrong_id_of_a_section_is_one_fault_where_it_stands(spoilt: Callable[[str, str, str], list[str]]):
    (fault,) = spoilt("first-minutes/lesson.md", "{#recognise}", "{#Recognise}")
    assert fault.startswith("first-minutes/lesson.md:16: ")


def test_every_fault_of_every_file_at_once(files: dict[str, str]):
    files["course.yaml"] = files["course.yaml"].replace("24 months", "soon")
    files["references.yaml"] = files["references.yaml"].replace("kind: GK", "kind: X")
    files["first-minutes/lesson.md"] = files["first-minutes/lesson.md"].replace("{#then}", "")
    files["first-minutes/bank.md"] = (
        files["first-minutes/bank.md"].replace("0.5 mL\n", "0,5 mL\n").replace("(x)", "( )")
    )
    with pytest.raises(BadContent) as caught:
        read_course(files)
    faults = caught.value.faults
    assert faults == sorted(faults)
    assert [(fault.path, fault.line) for fault in faults] == [
        ("course.yaml", 9),
        ("first-minutes/bank.md", 8),
        ("first-minutes/bank.md", 39),
        ("first-minutes/lesson.md", 27),
        ("references.yaml", 3),
    ]


def test_brackets_round_what_no_reference_is_called_cite_nothing(files: dict[str, str]):
    files["first-minutes/lesson.md"] += "\nVitamin (B12), [b12], and (i77) but not I01.\n"
    assert read_course(files)


def test_a_retired_question_is_not_asked(files: dict[str, str]):
    files["first-minutes/bank.md"] = files["first-minutes/bank.md"].replace("points: 1.5", "retired: yes")
    (module,) = read_course(files).modules
    assert [question.name for question in module.questions] == ["emg-0001", "emg-0003"]


def test_other_files_are_left_alone(files: dict[str, str]):
    assert read_course({**files, "README.md": "\x00", "first-minutes/notes.txt": ""}) == read_course(files)


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in SHIPPED.glob("*/course.yaml")), ids=lambda path: path.name
)
def test_shipped_courses_read_and_show(folder: Path):
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    course = read_course(
        {name: path.read_bytes() if "media" in name else path.read_text("utf-8") for name, path in files.items()}
    )
    codes = {reference.code for reference in course.references}
    for module in course.modules:
        for section in module.sections:
            html = render(section.text, abbreviations=section.abbreviations, cite=codes, media=section.media)
            assert re.search("<(p|li)>", html)
            assert html.count("<img ") == len(section.media)


PIECES = st.sampled_from(
    ["\n", ": ", "- ", "[", "]", "{", "}", "'", '"', "&a ", "*a", "!!x ", "#", "|", ">", "%", "\x85", "0", "\\", "---"]
)


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_spoilt_course_gives_faults_or_a_course(files: dict[str, str], data: st.DataObject):
    path = data.draw(st.sampled_from(sorted(files)))
    text = files[path]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 30)))
    piece = data.draw(st.lists(PIECES | st.text(max_size=5), max_size=4).map("".join))
    try:
        course = read_course({**files, path: text[:start] + piece + text[end:]})
    except BadContent as bad:
        assert all(fault.line >= 1 and fault.message for fault in bad.faults)  # noqa: PT017  (both ends are right)
    else:
        assert all(module.version for module in course.modules)
