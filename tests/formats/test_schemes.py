"""scheme.yaml comes to a scheme as it was meant, or to every fault with its line."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mesotrain.core.clearance import CLEARED, CONDITIONAL, NOT_CLEARED, Meaning, Procedure
from mesotrain.core.competence import EXPIRED, IN_GRACE, IN_PROGRESS, STATES, Cases
from mesotrain.core.schemes import Document, Prior, Scheme
from mesotrain.formats.courses import parsed, read_course
from mesotrain.formats.fields import LINE, TITLE
from mesotrain.formats.lines import Report
from mesotrain.formats.schemes import ANSWERS, SCHEME, read_scheme

WHOLE = """\
# Policy, all of it.
documents:
  registration:
    title: On the register
    counts: 12 months          # from the day it was seen
    reason: Our policy. Once a year.
  life-support:
    title: Basic life support
    counts: 24 months
    reason: Our policy.
statuses:
  in progress:
    answer: not cleared
    reason: Our policy. Work is no proof.
  in grace:
    answer: conditional
    condition: only with a named supervisor on site
    reason: Our policy.
procedures:
  face-papules:
    title: Papules of the face
    competencies: [EMG]
    documents: [registration, life-support]
    reason: Our policy. Needles are used.
  scalp-papules:
    title: Papules of the scalp
    competencies:
      - EMG
    practice:
      observed:
        cases: 3
      supervised:
        cases: 5
        supervisors: 2
        level: 3
        last: 4
        within: 24 months
    unpractised:
      answer: "conditional"
      condition: with a supervisor
      reason: Our policy. Nobody begins alone.
    reason: Our policy.
"""
FACE = "procedures: face-papules: "


def test_a_whole_scheme(files: dict[str, str]):
    course = read_course({**files, SCHEME: WHOLE})
    assert course.scheme == Scheme(
        (
            Document("registration", "On the register", 12, "Our policy. Once a year."),
            Document("life-support", "Basic life support", 24, "Our policy."),
        ),
        (
            Procedure(
                "face-papules", "Papules of the face", ("EMG",), ("registration", "life-support"),
                "Our policy. Needles are used.",
            ),
            Procedure(
                "scalp-papules", "Papules of the scalp", ("EMG",), (), "Our policy.",
                (Cases("observed", 3), Cases("supervised", 5, 2, 24, 3, 4)),
                Meaning(CONDITIONAL, "with a supervisor", "Our policy. Nobody begins alone."),
            ),
        ),
        {
            IN_PROGRESS: Meaning(NOT_CLEARED, "", "Our policy. Work is no proof."),
            IN_GRACE: Meaning(CONDITIONAL, "only with a named supervisor on site", "Our policy."),
        },
    )  # fmt: skip


def test_a_rule_begins_on_a_day_that_is_read_with_its_line(files: dict[str, str]):
    dated = read_course({**files, SCHEME: WHOLE.replace("documents:\n", "from: 2027-03-12\ndocuments:\n")}).scheme
    assert (dated.begins, dated.line) == (date(2027, 3, 12), 2)
    undated = read_course({**files, SCHEME: WHOLE}).scheme
    assert (undated.begins, undated.line) == (None, 2), "where the file begins to say something"


def test_what_was_learnt_elsewhere_counts_for_a_time(files: dict[str, str]):
    scheme = read_course({**files, SCHEME: WHOLE.replace("documents:\n", f"{PRIOR}documents:\n")}).scheme
    assert scheme.prior == (Prior("EMG", 12, "Our policy."),)


def test_practice_begins_on_a_day(files: dict[str, str], scheme: Callable[[str], list[str]]):
    begun = WHOLE.replace("    practice:\n", "    practice:\n      from: 2027-03-12\n")
    assert read_course({**files, SCHEME: begun}).scheme.procedures[1].practised_from == date(2027, 3, 12)
    start, end = begun.index("      observed:"), begun.index("    unpractised:")
    (fault,) = scheme(begun[:start] + begun[end:])
    assert fault.endswith("practice: from stands alone; say how many cases are asked for from then on.")


def test_a_course_without_a_scheme_has_an_empty_one(files: dict[str, str]):
    assert read_course(files).scheme == Scheme()


PRIOR = "prior:\n  EMG:\n    counts: 12 months\n    reason: Our policy.\n"
SCALP = "procedures: scalp-papules: "
BROKEN = [
    ("      observed:\n", "      watched:\n", 30, f"{SCALP}practice: watched is not known"),
    ("        cases: 3\n", "", 30, f"{SCALP}practice: observed is empty."),
    ("        cases: 5\n", "", 32, f"{SCALP}practice: supervised: cases is missing."),
    ("cases: 5", "cases: 0", 33, "supervised: cases lies between 1 and 1000, so 0 cannot be."),
    ("cases: 5", "cases: some", 33, "supervised: cases is a whole number, such as 20, not “some”."),
    ("supervisors: 2", "supervisors: 6", 34, "supervisors are more than the 5 cases; each signs one at least."),
    ("supervisors: 2", "people: 6", 34, "supervised: people is not known here; known are cases, supervisors, within"),
    ("level: 3", "level: 6", 35, "supervised: level lies between 1 and 5, so 6 cannot be."),
    ("        level: 3\n", "", 35, "supervised: last stands beside level: of the last so many cases each reached"),
    ("        last: 4\n", "", 35, "supervised: level stands beside last: of the last so many cases each reached"),
    ("last: 4", "last: 6", 36, "practice: supervised: last is more than the 5 cases that are asked for."),
    ("      observed:\n", "      from: soon\n      observed:\n", 30, "practice: from should look like 2027-03-12"),
    ("within: 24 months", "within: 24", 37, "supervised: within is a whole number, such as 20 months, not “24”."),
    ('      answer: "conditional"\n', "", 38, f"{SCALP}unpractised: answer is missing."),
    ('answer: "conditional"', "answer: cleared", 39, "unpractised: answer is “cleared”; choose among not"),
    ("      condition: with a supervisor\n", "", 38, f"{SCALP}unpractised: condition is missing."),
    ("      reason: Our policy. Nobody begins alone.\n", "", 38, f"{SCALP}unpractised: reason is missing."),
    ("registration", "Registration", 3, "documents: Registration is no name; write small letters, digits"),
    ("  face-papules:", "  face_papules:", 20, "procedures: face_papules is no name; write small letters, digits"),
    ("registration", "a" * 121, 3, "has 121 characters; write at most 120."),
    ("face-papules", "a" * 121, 20, "has 121 characters; write at most 120."),
    ("On the register", "P" * 121, 4, "documents: registration: title has 121 characters; write at most 120."),
    ("Papules of the face", "P" * 121, 21, f"{FACE}title has 121 characters; write at most 120."),
    ("Once a year.", "x" * 500, 6, "documents: registration: reason has 512 characters; write at most 500."),
    ("12 months", "0 months", 5, "documents: registration: counts lies between 1 and 600, so 0 cannot be."),
    ("12 months", "601 months", 5, "documents: registration: counts lies between 1 and 600, so 601 cannot be."),
    ("12 months", "12", 5, "documents: registration: counts is a whole number, such as 20 months, not “12”."),
    ("12 months", "1 year", 5, "documents: registration: counts is counted in months, such as 20 months"),
    ("    title: On the register\n", "", 3, "documents: registration: title is missing."),
    ("    counts: 24 months\n", "", 7, "documents: life-support: counts is missing."),
    ("    reason: Our policy. Once a year.\n", "", 3, "documents: registration: reason is missing."),
    ("    reason: Our policy. Work is no proof.\n", "", 12, "statuses: in progress: reason is missing."),
    ("    reason: Our policy. Needles are used.\n", "", 20, f"{FACE}reason is missing."),
    ("    title: Papules of the face\n", "", 20, f"{FACE}title is missing."),
    ("    answer: conditional\n", "", 15, "statuses: in grace: answer is missing."),
    ("    condition: only with a named supervisor on site\n", "", 15, "statuses: in grace: condition is missing."),
    ("answer: not cleared", "answer: cleared", 13, "in progress: answer is “cleared”; choose among not cleared, cond"),
    ("  in progress:\n    answer: not cleared", "  expired:\n    answer: cleared", 13, "choose among not cleared."),
    ("  in progress:\n    answer: not cleared", "  not started:\n    answer: cleared", 13, "choose among not cleared."),
    ("in grace:\n    answer", "expired:\n    answer", 16, "answer is “conditional”; choose among not cleared."),
    ("in grace:\n    answer", "not started:\n    answer", 16, "answer is “conditional”; choose among not cleared."),
    ("in grace:\n    answer", "in progress:\n    answer", 15, "“in progress” is given twice; keep one."),
    ("in grace:", "current:", 15, "statuses: current is always cleared; choose among not started, in progress, in gra"),
    ("in grace:", '"renewal open":', 15, "statuses: renewal open is always cleared; choose among"),
    ("in grace:", "in grave:", 15, "statuses: in grave is no status; choose among not started, in progress, in grace"),
    ("answer: conditional", "answer: cleared", 17, "grace: condition stands beside conditional alone, not beside cle"),
    ("answer: not cleared", "answer: not cleared\n    condition:", 14, "beside conditional alone, not beside not"),
    ("answer: conditional", "answer: perhaps", 16, "answer is “perhaps”; choose among not cleared, conditional, clea"),
    ("competencies: [EMG]", "competencies: [EMG, ASP]", 22, f"{FACE}there is no competency ASP in course.yaml."),
    ("competencies: [EMG]", "competencies: []", 22, f"{FACE}competencies is empty."),
    ("    competencies: [EMG]\n", "", 20, f"{FACE}competencies is missing."),
    ("competencies: [EMG]", "competencies: EMG", 22, f"{FACE}competencies is a list: one line for each"),
    ("competencies: [EMG]", "competencies: [EMG, EMG]", 22, f"{FACE}competencies names EMG twice."),
    ("competencies: [EMG]", "competencies: [[EMG]]", 22, f"{FACE}competencies is one line of text, not a list"),
    ("[registration, life-support]", "[registration, x, life-support]", 23, f"{FACE}documents names “x”, which is not"),
    ("[registration, life-support]", "[registration]", 7, "life-support is asked for by no procedure; name it under"),
    (", life-support]", ", life-support, registration]", 23, f"{FACE}documents names registration twice."),
    ("  life-support:", "  registration: {}\n  life-support:", 7, "“registration” is given twice; keep one."),
    ("  scalp-papules:", "  face-papules:", 25, "“face-papules” is given twice; keep one."),
    ("    counts: 12", "    count: x\n    counts: 12", 5, "registration: count is not known here; known are title"),
    ("    answer: not", "    means: it\n    answer: not", 13, "means is not known here; known are answer, condition"),
    ("    competencies: [EMG]", "    needs: it\n    competencies: [EMG]", 22, "needs is not known here; known are"),
    ("documents:\n", "from: soon\ndocuments:\n", 2, "from should look like 2027-03-12, not “soon”."),
    ("documents:\n", "prior: {}\ndocuments:\n", 2, "prior is empty."),
    ("documents:\n", f"{PRIOR.replace('EMG', 'ASP')}documents:\n", 3, "ASP is asked for by no procedure; name it"),
    ("documents:\n", f"{PRIOR.replace('12', '0')}documents:\n", 4, "EMG: counts lies between 1 and 600, so 0 cannot"),
    ("documents:\n", f"{PRIOR.replace('    counts: 12 months', '')}documents:\n", 3, "prior: EMG: counts is missing."),
    ("statuses:\n", "states: [a]\nstatuses:\n", 11, "states is not known here; known are from, documents, statuses"),
    ("[registration, life-support]", "registration", 23, f"{FACE}documents is a list: one line for each"),
    ("title: Basic life support", "title: [Basic]", 8, "life-support: title is one line of text, not a list"),
    ("counts: 24 months", "counts: {months: 24}", 9, "life-support: counts is one line of text, not a"),
    ("counts: 24 months", "counts: &a 24 months", 9, "a value that begins with & stands in straight quotes"),
    ("[registration, life-support]", "[*a]", 23, "lines of “name: value” are expected here"),
    ("title: Basic life", 'title: "Basic\\u200blife"  # ', 8, "life-support: title holds an invisible character"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "words"), BROKEN)
def test_each_fault_has_its_line(scheme: Callable[[str], list[str]], old: str, new: str, line: int, words: str):
    assert old in WHOLE
    (fault,) = scheme(WHOLE.replace(old, new))
    assert fault.startswith(f"{SCHEME}:{line}: ")
    assert words in fault


@pytest.mark.parametrize("old", ["    answer: conditional\n", "answer: conditional"])
def test_a_condition_is_not_judged_where_the_answer_is_wrong(scheme: Callable[[str], list[str]], old: str):
    assert len(scheme(WHOLE.replace(old, ""))) == 1


def test_every_fault_at_once(scheme: Callable[[str], list[str]], files: dict[str, str]):
    text = WHOLE.replace("12 months", "soon").replace("answer: conditional", "answer: cleared")
    text = text.replace("[registration, life-support]", "[registration]").replace("      - EMG", "      - ASP")
    files["references.yaml"] = files["references.yaml"].replace("kind: GK", "kind: X")
    places = [fault.partition(": ")[0] for fault in scheme(text)]
    assert places == ["references.yaml:3", *(f"{SCHEME}:{line}" for line in (5, 7, 17, 27))]


def test_what_a_procedure_asks_for_is_unknown_where_it_cannot_be_read(scheme: Callable[[str], list[str]]):
    """One slip is one fault: neither a document nor a competency is missed for it."""
    (fault,) = scheme(WHOLE.replace("[registration, life-support]", "[registration, live-support]"))
    assert fault.startswith(f"{SCHEME}:23: ")
    documents = WHOLE[WHOLE.index("documents:") : WHOLE.index("statuses:")]
    (fault,) = scheme(WHOLE.replace(documents, "documents: [registration, life-support]\n"))
    assert fault == f"{SCHEME}:2: documents is a table: lines of “name: value”, indented under it."
    (fault,) = scheme(documents)
    assert fault == f"{SCHEME}:1: procedures is missing."


def test_a_competency_is_looked_for_only_where_those_can_be_read(files: dict[str, str]):
    files["course.yaml"] = files["course.yaml"].replace("title: A small course", "title: [")
    _, faults = parsed({**files, SCHEME: WHOLE})
    assert {fault.path for fault in faults} == {"course.yaml"}


@pytest.mark.parametrize("text", ["", "\n\n", "# Only a remark.\n\n  # Another.\n"])
def test_an_empty_file_is_told_what_to_write(scheme: Callable[[str], list[str]], text: str):
    (fault,) = scheme(text)
    assert fault.startswith(f"{SCHEME}:1: the file says nothing; write procedures: and under it a name with its title")


PART = WHOLE[WHOLE.index("procedures:") :].replace("    documents: [registration, life-support]\n", "")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("- procedures\n", 1, "lines of “name: value” are expected here."),
        ("procedures: []\n", 1, "procedures is a table: lines of “name: value”, indented under it."),
        ("procedures: {}\n", 1, "procedures is empty."),
        ("procedures:\n", 1, "procedures is empty."),
        ("{}\n", 1, "procedures is missing."),
        ("procedures:\n  face: [EMG]\n", 2, "procedures: face is a table: lines of “name: value”, indented under it."),
        ("procedures:\n  face:\n", 2, "procedures: face is empty."),
        ("documents:\n" + PART, 1, "documents is empty."),
        ("documents: {}\n" + PART, 1, "documents is empty."),
        ("documents: [a]\n" + PART, 1, "documents is a table: lines of “name: value”, indented under it."),
        ("statuses:\n" + PART, 1, "statuses is empty."),
        ("statuses: {}\n" + PART, 1, "statuses is empty."),
        ("statuses: [in grace]\n" + PART, 1, "statuses is a table: lines of “name: value”, indented under it."),
        ("statuses:\n  in grace: cleared\n" + PART, 2, "statuses: in grace is a table: lines of “name: value”"),
        (
            "statuses: {[a]: {}, expired: {answer: not cleared, reason: Policy}}\n" + PART,
            1,
            "a name on the left of a colon is one plain word.",
        ),
        ("x" * 100_000, 1, "is no “name: value”"),
        ("procedures: " + "[" * 20_000, 1, "is never closed"),
        ("procedures: " + "[" * 5000 + "]" * 5000, 1, "lines of “name: value” are expected here"),
        ("procedures:\x00\n", 1, "this file is no plain text in UTF-8"),
        ("procedures: &p {face: *p}\n", 1, "a value that begins with & stands in straight quotes"),
    ],
)
def test_hostile_shapes(scheme: Callable[[str], list[str]], text: str, line: int, words: str):
    (fault,) = scheme(text)
    assert fault.startswith(f"{SCHEME}:{line}: ")
    assert words in fault
    assert len(fault) < 400


def test_a_scheme_without_documents_and_statuses(files: dict[str, str]):
    scheme = read_course({**files, SCHEME: PART}).scheme
    assert (scheme.documents, scheme.meanings, len(scheme.procedures)) == ((), {}, 2)


def test_every_status_that_is_not_held_may_be_given_a_meaning():
    assert [name for name in STATES if name not in ANSWERS] == ["current", "renewal open"]
    assert {name for name, answers in ANSWERS.items() if CLEARED in answers} == {IN_GRACE}
    assert {name for name, answers in ANSWERS.items() if CONDITIONAL in answers} == {IN_GRACE, IN_PROGRESS}
    assert ANSWERS[EXPIRED] == (NOT_CLEARED,)


NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)
WORDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x2FF, categories=("L", "N", "P", "S")), min_size=1)
SAID = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    """A scheme that a file can say."""
    titles, reasons = SAID.filter(lambda text: len(text) <= TITLE), SAID.filter(lambda text: len(text) <= LINE)
    codes = st.lists(st.sampled_from(["EMG", "ASP", "CON"]), min_size=1, unique=True).map(tuple)
    names = draw(st.lists(NAMES, max_size=4, unique=True))
    documents = [Document(name, draw(titles), draw(st.integers(1, 600)), draw(reasons)) for name in names]
    asked = st.lists(st.sampled_from(names), unique=True).map(tuple) if names else st.just(())
    procedures = [
        Procedure(name, draw(titles), draw(codes), draw(asked) if place else tuple(names), draw(reasons))
        for place, name in enumerate(draw(st.lists(NAMES, min_size=1, max_size=4, unique=True)))
    ]
    meanings = {}
    for status in draw(st.lists(st.sampled_from(list(ANSWERS)), unique=True)):
        answer = draw(st.sampled_from(ANSWERS[status]))
        meanings[status] = Meaning(answer, draw(reasons) if answer == CONDITIONAL else "", draw(reasons))
    return Scheme(tuple(documents), tuple(procedures), meanings)


def written(scheme: Scheme) -> str:
    """A file that says it, each value in quotes."""

    def quoted(text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    def part(name: str, title: str, rest: str, reason: str) -> str:
        return f"  {name}:\n    title: {quoted(title)}\n{rest}    reason: {quoted(reason)}\n"

    documents = "".join(part(one.name, one.title, f"    counts: {one.months} months\n", one.reason)
                        for one in scheme.documents)  # fmt: skip
    statuses = "".join(
        f"  {status}:\n    answer: {one.answer}\n"
        + (f"    condition: {quoted(one.condition)}\n" if one.condition else "")
        + f"    reason: {quoted(one.reason)}\n"
        for status, one in scheme.meanings.items()
    )
    procedures = "".join(
        part(
            one.name,
            one.title,
            f"    competencies: [{', '.join(one.competencies)}]\n    documents: [{', '.join(one.documents)}]\n",
            one.reason,
        )
        for one in scheme.procedures
    )
    parts = {"documents": documents, "statuses": statuses, "procedures": procedures}
    return "".join(f"{name}:\n{text}" for name, text in parts.items() if text)


@given(schemes())
def test_what_was_written_is_what_is_read(scheme: Scheme):
    report = Report(SCHEME)
    found, mentions = read_scheme(written(scheme), report)
    assert report.faults == []
    assert found == scheme
    assert [one.name for one in mentions] == [code for one in scheme.procedures for code in one.competencies]


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_spoilt_scheme_gives_faults_or_a_scheme(files: dict[str, str], data: st.DataObject):
    start = data.draw(st.integers(0, len(WHOLE)))
    end = data.draw(st.integers(start, min(len(WHOLE), start + 30)))
    pieces = st.sampled_from(
        ["\n", ": ", "- ", "[", "]", "{", "}", "'", '"', "&a ", "*a", "!!x ", "#", "|", "\0", "<<"]
    )
    piece = data.draw(st.lists(pieces | st.text(max_size=5), max_size=4).map("".join))
    course, faults = parsed({**files, SCHEME: WHOLE[:start] + piece + WHOLE[end:]})
    assert all(fault.path == SCHEME and fault.line >= 1 and fault.message for fault in faults)
    assert faults or all(one.competencies and one.title and one.reason for one in course.scheme.procedures)
