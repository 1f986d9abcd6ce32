"""The certificates of a scheme.yaml come to what was meant, or to every fault with its line."""

import re
from collections.abc import Callable

import pytest

from mesotrain.core.certificates import Certificate, Exam, Path, Practice
from mesotrain.core.clearance import CLEARED, CONDITIONAL, NOT_CLEARED, Meaning
from mesotrain.core.competence import IN_GRACE, Cases
from mesotrain.formats.courses import read_course
from mesotrain.formats.schemes import CERTIFIED, SCHEME

STATES = "".join(
    f"      {name}:\n        answer: not cleared\n        reason: Policy.\n" for name in CERTIFIED if name != IN_GRACE
)
WHOLE = f"""\
documents:
  register:
    title: On the register
    counts: 12 months
    reason: Policy.
certificates:
  base:
    title: Base
    valid: 24 months
    renewal opens: 3 months
    grace: 1 month
    paths:
      by-quiz:
        title: By the quiz
        competencies: [EMG]
        documents: [register]
        exams:
          first-minutes:
            within: 6 months
        reason: Policy.
    renewal:
      exams:
        first-minutes: {{within: 3 months}}
      reason: Policy.
    states:
      in grace:
        answer: conditional
        condition: with a supervisor
        reason: Policy.
{STATES}    reason: Policy. Two years.
  more:
    title: More
    valid: 12 months
    renewal opens: 0 months
    grace: 0 months
    paths:
      by-cases:
        title: By cases
        practice:
          face:
            supervised:
              cases: 5
              within: 24 months
        certificates: [base]
        reason: Policy.
    renewal:
      practice:
        face: {{observed: {{cases: 2}}}}
      reason: Policy.
    states:
      in grace:
        answer: cleared
        reason: Policy.
{STATES}    reason: Policy.
procedures:
  face:
    title: Face
    competencies: [EMG]
    certificate: more
    reason: Policy.
"""
GRACE = "      in grace:\n        answer: cleared\n        reason: Policy.\n"
BASE, MORE = "certificates: base: ", "certificates: more: "


def test_whole_certificates(files: dict[str, str]) -> None:
    scheme = read_course({**files, SCHEME: WHOLE}).scheme
    base, more = scheme.certificates
    assert base == Certificate(
        "base", "Base", 24, 3, 1,
        (
            Path(
                "by-quiz", "By the quiz", ("EMG",), ("register",), (Exam("first-minutes", 6),), reason="Policy.",
            ),
        ),
        Path("", "", exams=(Exam("first-minutes", 3),), reason="Policy."),
        {name: Meaning(NOT_CLEARED, "", "Policy.") for name in CERTIFIED}
        | {IN_GRACE: Meaning(CONDITIONAL, "with a supervisor", "Policy.")},
        "Policy. Two years.",
    )  # fmt: skip
    assert more.paths[0].practice == (Practice("face", Cases("supervised", 5, 1, 24)),)
    assert more.paths[0].certificates == ("base",)
    assert (more.opens, more.grace, more.meanings[IN_GRACE].answer) == (0, 0, CLEARED)
    assert scheme.procedures[0].certificate == "more"


def at(text: str, place: int = 1) -> int:
    """The line on which a text stands."""
    return [number for number, line in enumerate(WHOLE.split("\n"), 1) if text in line][place - 1]


BROKEN = [
    ("    certificate: more", "    certificate: most", at("certificate: more"), "certificate names “most”"),
    ("[base]", "[more]", at("[base]"), f"{MORE}paths: by-cases: certificates names “more”, which does not stand"),
    ("[register]", "[register, x]", at("[register]"), "documents names “x”, which is not under documents."),
    ("[EMG]\n        documents", "[ASP]\n        documents", at("competencies: [EMG]"), "there is no competency ASP"),
    ("          first-minutes:\n", "          final:\n", at("first-minutes:"), "final is no quiz or exam of"),
    ("within: 6 months", "safety: [x]\n            within: 6 months", at("within: 6"), "first-minutes: x is no safety"),
    ("within: 6 months", "older: x\n            within: 6 months", at("within: 6"), "older is not known here"),
    ("            within: 6 months\n", "            safety: []\n", at("within: 6") - 1, "within is missing."),
    ("valid: 24", "valid: 4", at("valid: 24"), "valid is more than the months in which it is renewed and those of"),
    ("valid: 24 months", "valid: 24 days", at("valid: 24"), f"{BASE}valid is counted in months"),
    ("renewal opens: 3", "renewal opens: 601", at("opens: 3"), f"{BASE}renewal opens lies between 0 and 600"),
    ("    grace: 1 month\n", "", at("base:"), f"{BASE}grace is missing."),
    ("        condition: with a supervisor\n", "", at("with a s") - 2, "condition is missing."),
    ("  suspended:\n        answer: not", "  suspended:\n        answer: cleared  # not", 0, "is “cleared”; choose"),
    (GRACE, "", at("states", 2), "states: in grace is missing."),
    (GRACE, GRACE.replace("in grace", "certified"), 0, "certified is always cleared; choose among not"),
    ("face: {observed", "nose: {observed", at("face: {"), "practice: nose is not under procedures."),
    ("{observed: {cases: 2}}", "{watched: {cases: 2}}", at("face: {"), "watched is not known here; known are observed"),
    ("      practice:\n        face: {observed: {cases: 2}}\n", "", at("renewal:", 2), "exams is missing, and so"),
    ("        title: By cases\n", "", at("by-cases"), "paths: by-cases: title is missing."),
    ("    renewal:\n      exams:", "    renewal:\n      title: x\n      exams:", at("renewal:") + 1, "title is not"),
    ("    reason: Policy. Two years.\n", "", at("base:"), f"{BASE}reason is missing."),
    ("  base:\n", "  register:\n", at("  base:"), "register is the name of a document too"),
    ("  more:\n", "  face:\n", at("  more:"), "face is the name of a procedure too"),
    ("  more:\n", "  More:\n", at("  more:"), "certificates: More is no name; write small letters"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "words"), BROKEN)
def test_each_fault_has_its_line(scheme: Callable[[str], list[str]], old: str, new: str, line: int, words: str) -> None:
    assert old in WHOLE
    found = scheme(WHOLE.replace(old, new, 1))
    (fault,) = [one for one in found if words in one]
    assert not line or fault.startswith(f"{SCHEME}:{line}: ")
    assert len(found) <= 2, "what depends on it may be missed as well"


def test_what_cannot_be_read_is_one_fault(scheme: Callable[[str], list[str]]) -> None:
    parts = dict(re.findall(r"^(\w+):\n((?:  .*\n)+)", WHOLE, re.MULTILINE))
    for name, text in parts.items():
        (fault,) = scheme(WHOLE.replace(f"{name}:\n{text}", f"{name}: [a]\n"))
        assert f"{name} is a table" in fault
