"""Two scorers agree; `make scorers` asks them a million times."""

from collections import Counter

from mesotrain.core.grading import LEFT_OUT, VERDICTS
from mesotrain.core.questions import TYPES
from tests.core.scorers import disagreements

HARM = {"hotspot", "calculated"}
"""Types that know answers which would harm."""
WHOLE = {"calculated"}
"""Those of them that are right or not."""


def test_two_scorers_agree_on_what_every_type_earns() -> None:
    told: Counter[tuple[str, str]] = Counter()
    assert list(disagreements(25_000, 7, told)) == []
    seen = {(kind.partition(",")[0], called) for kind, called in told}
    assert {kind for kind, _ in seen} == TYPES.keys()
    for kind in TYPES:
        missing = VERDICTS.keys() - {LEFT_OUT.verdict} - {called for one, called in seen if one == kind}
        never = {"unsafe"} if kind not in HARM else {"partly"} if kind in WHOLE else set[str]()
        assert missing <= never | ({"unreadable"} if kind == "essay" else set()), kind
