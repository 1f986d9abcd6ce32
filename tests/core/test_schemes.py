"""A scheme comes back from what a publication keeps of it."""

import json
from datetime import date

from mesotrain.core.canonical import canonical
from mesotrain.core.certificates import Certificate, Exam, Path, Practice
from mesotrain.core.clearance import CONDITIONAL, NOT_CLEARED, Meaning, Procedure
from mesotrain.core.competence import IN_GRACE, Cases, Observations
from mesotrain.core.observations import STATION, Form, Step
from mesotrain.core.schemes import Document, Prior, Scheme, scheme_of

WHOLE = Scheme(
    (
        Document("life-support", "Basic life support", 12, "Policy."),
        Document("register", "Registration", 24, "Policy."),
    ),
    (
        Procedure("face", "Papules of the face", ("ANA", "EMG"), ("life-support",), "What the face asks for."),
        Procedure(
            "scalp", "Papules of the scalp", ("ANA",), reason="Policy.",
            practice=(Cases("observed", 3), Cases("supervised", 5, 2, 24, 3, 3)),
            unpractised=Meaning(CONDITIONAL, "only with a named supervisor on site", "Policy."),
            practised_from=date(2027, 3, 12), certificate="meso",
            products=("Filler",),
            observations=(Observations("tray", 2, 24), Observations("consent")),
            unobserved=Meaning(CONDITIONAL, "with a supervisor", "Policy."),
            observed_from=date(2027, 6, 1),
        ),
    ),
    {IN_GRACE: Meaning(CONDITIONAL, "only with a named supervisor on site", "Policy.")},
    (
        Certificate(
            "meso", "Mesotherapy", 24, 3, 1,
            (
                Path("by-exam", "By exam", ("ANA",), ("register",), (Exam("final", 6, ("oxygen",)),), reason="Policy."),
                Path(
                    "logbook", "By cases", practice=(Practice("face", Cases("supervised", 5, 2, 24, 3, 3)),),
                    certificates=("base",), reason="Policy.",
                ),
            ),
            Path("", "", exams=(Exam("short", 3),), reason="Policy."),
            {IN_GRACE: Meaning(NOT_CLEARED, "", "Policy.")},
            "Policy.",
        ),
    ),
    (
        Form("consent", "The talk", STATION, (Step("asks", "Asks.", True),), ("No", "Yes"), 2, "Policy."),
        Form("tray", "The tray", STATION, (Step("z", "Last."), Step("a", "First.", True)), ("No", "Yes"), 1, "Policy."),
    ),
    date(2027, 9, 1),
    (Prior("ANA", 12, "Policy."),),
)  # fmt: skip


def test_a_scheme_comes_back_from_what_is_kept_of_it() -> None:
    assert scheme_of(json.loads(canonical(WHOLE.model()))) == WHOLE
    assert scheme_of({}) == Scheme()
    assert Scheme().model() == {}, "a course without one is published as before"
