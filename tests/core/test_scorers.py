"""Two scorers agree; `make scorers` asks them a million times."""

from collections import Counter

from mesotrain.core.grading import VERDICTS
from mesotrain.core.questions import TYPES
from tests.core.scorers import disagreements

HARM = {"hotspot", "calculated"}
"""Types that know answers which would harm."""


def test_two_scorers_agree_on_what_every_type_earns() -> None:
    told: Counter[tuple[str, str]] = Counter()
    assert list(disagreements(25_000, 7, told)) == []
    seen = {(kind.partition(",")[0], called) for kind, called in told}
    assert {kind for kind, _ in seen} == TYPES.keys()
    for kind in TYPES:
        missing = VERDICTS.keys() - {called for one, called in seen if one == kind}
        never = {"partly"} if kind in HARM else {"unsafe", "unreadable"} if kind == "essay" else {"unsafe"}
        assert missing <= never, kind
