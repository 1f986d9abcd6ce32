"""The forms of a scheme.yaml come to forms as they were meant, or to every fault with its line."""

from collections.abc import Callable
from datetime import date

import pytest

from mesotrain.core.clearance import CONDITIONAL, Meaning
from mesotrain.core.competence import Observations
from mesotrain.core.observations import STATION, WITH_PATIENT, Form, Step
from mesotrain.formats.courses import parsed, read_course
from mesotrain.formats.schemes import SCHEME

WHOLE = """\
procedures:
  face:
    title: Papules of the face
    competencies: [EMG]
    observations:
      from: 2027-03-12
      tray:
        times: 2
        within: 24 months
      first-minutes:
        times: 1
    unobserved:
      answer: conditional
      condition: with a supervisor
      reason: Our policy. Nobody begins unseen.
    reason: Our policy.
forms:
  tray:
    title: Preparing the tray
    where: with a patient
    steps:
      wash:
        words: Washes the hands before the tray is touched.
        critical: yes
        cites: [I01, I02]
      a-bin:
        words: Has the bin within reach.
    ratings: [Unsafe, With prompts, Safe]
    least: 3
    reason: Our policy. Once safe is safe.
  first-minutes:
    title: First minutes
    where: station
    steps:
      treat:
        words: Treats at once.
        critical: yes
        safety: treat
    ratings:
      - Unsafe
      - Safe
    least: 2
    reason: Our policy.
"""


def test_a_whole_form_and_what_a_procedure_asks_of_it(files: dict[str, str]):
    scheme = read_course({**files, SCHEME: WHOLE}).scheme
    wash = Step("wash", "Washes the hands before the tray is touched.", True, "", ("I01", "I02"))
    assert scheme.forms == (
        Form(
            "tray", "Preparing the tray", WITH_PATIENT, (wash, Step("a-bin", "Has the bin within reach.")),
            ("Unsafe", "With prompts", "Safe"), 3, "Our policy. Once safe is safe.",
        ),
        Form(
            "first-minutes", "First minutes", STATION, (Step("treat", "Treats at once.", True, "treat"),),
            ("Unsafe", "Safe"), 2, "Our policy.",
        ),
    )  # fmt: skip
    (face,) = scheme.procedures
    assert face.observations == (Observations("tray", 2, 24), Observations("first-minutes", 1))
    assert face.unobserved == Meaning(CONDITIONAL, "with a supervisor", "Our policy. Nobody begins unseen.")
    assert (face.observed_from, face.practice) == (date(2027, 3, 12), ())


ASKED, TRAY = "procedures: face: observations: ", "forms: tray: "
BROKEN = [
    ("      from: 2027-03-12", "      from: soon", 6, f"{ASKED}from should look like 2027-03-12"),
    ("        times: 1\n", "", 10, f"{ASKED}first-minutes is empty."),
    ("        times: 2\n", "", 7, f"{ASKED}tray: times is missing."),
    ("times: 2", "times: 21", 8, "tray: times lies between 1 and 20, so 21 cannot be."),
    ("within: 24 months", "within: 24", 9, "tray: within is a whole number, such as 20 months, not “24”."),
    ("        times: 1\n", "        times: 1\n        level: 3\n", 12, "level is not known here; known are times, wi"),
    ("answer: conditional", "answer: cleared", 13, "unobserved: answer is “cleared”; choose among not cleared, cond"),
    ("  tray:\n    title", "  Tray:\n    title", 18, "forms: Tray is no name; write small letters, digits and dashes"),
    ("    title: Preparing the tray\n", "", 18, f"{TRAY}title is missing."),
    ("where: with a patient", "where: at home", 20, f"{TRAY}where is “at home”; choose among station, with a patient."),
    ("        critical: yes\n        cites", "        cites", 21, f"{TRAY}steps has no critical step; one at least"),
    ("      a-bin:\n", "      a_bin:\n", 26, f"{TRAY}steps: a_bin is no name; write small letters, digits and dash"),
    ("      a-bin:\n", "      wash:\n", 26, "“wash” is given twice; keep one."),
    ("        words: Has the bin within reach.\n", "", 26, f"{TRAY}steps: a-bin is empty."),
    ("words: Treats at once.", "says: x", 35, "steps: treat: words is missing."),
    ("[I01, I02]", "[I01, I03]", 25, f"{TRAY}steps: wash: there is no reference I03 in references.yaml."),
    ("safety: treat", "safety: trust", 38, "treat: no question of the course is on a safety point trust."),
    ("safety: treat", "safety: Treat", 38, "treat: safety should look like treat-as-anaphylaxis, not “Treat”."),
    ("critical: yes\n        safety", "critical: no\n        safety", 37, "critical is “no”; choose among yes, or"),
    ("    ratings: [Unsafe, With prompts, Safe]\n", "    ratings: [Unsafe]\n", 28, "2 to 9 of them."),
    ("least: 3", "least: 4", 29, f"{TRAY}least lies between 1 and 3, so 4 cannot be."),
    ("    reason: Our policy. Once safe is safe.\n", "", 18, f"{TRAY}reason is missing."),
    ("    reason: Our policy. Once safe is safe.\n", "    who: x\n    reason: Ours.\n", 30, f"{TRAY}who is not known"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "words"), BROKEN)
def test_each_fault_has_its_line(scheme: Callable[[str], list[str]], old: str, new: str, line: int, words: str):
    assert WHOLE.count(old) == 1
    found = scheme(WHOLE.replace(old, new))
    assert any(fault.startswith(f"{SCHEME}:{line}: ") and words in fault for fault in found), found


def test_what_a_procedure_asks_for_is_a_form_and_each_form_is_asked_for(scheme: Callable[[str], list[str]]):
    idle, unknown = scheme(WHOLE.replace("      tray:\n        times", "      trays:\n        times"))
    assert unknown == f"{SCHEME}:18: forms: tray is asked for by no procedure; name it under one, or delete it."
    assert idle == f"{SCHEME}:7: {ASKED}there is no form trays under forms."
    start, end = WHOLE.index("    observations:"), WHOLE.index("    unobserved:")
    without = WHOLE[:start] + WHOLE[end:]
    assert scheme(without)[0].endswith("unobserved stands beside observations alone; delete it.")
    from_alone = WHOLE.replace(WHOLE[WHOLE.index("      tray:\n        times") : end], "")
    assert scheme(from_alone)[0].endswith("from stands alone; say which forms are asked for from then on.")


def test_a_form_is_called_neither_from_nor_like_a_document(scheme: Callable[[str], list[str]]):
    named = WHOLE.replace("  tray:\n    title", "  from:\n    title")
    assert any("forms: from is no name of a form" in fault for fault in scheme(named))
    document = "documents:\n  tray:\n    title: T\n    counts: 1 month\n    reason: Ours.\n"
    asked = WHOLE.replace("[EMG]\n", "[EMG]\n    documents: [tray]\n")
    assert any("tray is the name of a document too" in fault for fault in scheme(document + asked))
    certificate = "certificates:\n  tray:\n    title: x\n"
    assert any("tray is the name of a certificate too" in fault for fault in scheme(certificate + asked))


def test_a_form_is_looked_for_only_where_those_can_be_read(scheme: Callable[[str], list[str]], files: dict[str, str]):
    (fault,) = scheme(WHOLE[: WHOLE.index("forms:")] + "forms: [tray]\n")
    assert fault.endswith("forms is a table: lines of “name: value”, indented under it.")
    files["first-minutes/bank.md"] = files["first-minutes/bank.md"].replace("- (x) Adrenaline", "- (x Adrenaline")
    _, faults = parsed({**files, SCHEME: WHOLE})
    assert faults
    assert {fault.path for fault in faults} == {"first-minutes/bank.md"}, "a point is missed in no bank with a fault"
