"""Canonical bytes and the names made of them; golden hashes show that nothing renames what is stored."""

import json
from datetime import UTC, datetime

import pytest

from mesotrain.config import ROOT
from mesotrain.core.canonical import canonical, digest, version_of
from mesotrain.core.events import body, commitment
from tests.conftest import missing
from tests.world import tiny_course

VECTORS = ROOT.parent / "shared" / "corpora" / "credentials" / "jcs-rfc8785" / "testdata"


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_rfc_8785_vectors(name: str) -> None:
    if not VECTORS.is_dir():
        missing(f"the RFC 8785 vectors are not at {VECTORS}")
    given = json.loads((VECTORS / "input" / f"{name}.json").read_text())
    wanted = (VECTORS / "output" / f"{name}.json").read_bytes()
    try:
        made = canonical(given)
    except TypeError:
        assert holds_what_we_refuse(given), "only floats and names beyond ASCII are refused"
    else:
        assert made == wanted


def holds_what_we_refuse(value: object) -> bool:
    match value:
        case float():
            return True
        case list():
            return any(map(holds_what_we_refuse, value))
        case dict():
            return any(not name.isascii() or holds_what_we_refuse(item) for name, item in value.items())
    return False


@pytest.mark.parametrize("value", [0.5, {"é": 1}, 2**53, {"a": {1, 2}}, b"x", (1, 2)])
def test_what_has_no_exact_spelling_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)  # type: ignore[arg-type]


def test_golden_hashes() -> None:
    """A change here renames every stored version: it needs a new schema number and a migration."""
    module = tiny_course().modules[0]
    assert digest({"b": [1, "é"], "a": None}) == "f8f17faab95c024891d173fa43442b0e52007736a1f36715ac721ab22deeefc5"
    assert {section.name: section.version[:16] for section in module.sections} == {
        "matters": "b175011260a3eb14",
        "not": "881d0e743bd568ff",
    }
    assert [one.version[:16] for one in module.questions] == [
        "a2cf311392d8945c",
        "87ecdcefac1b2128",
        "08984dbf604d1b92",
        "07b972f6c4bb4491",
        "55881306cebe7f1e",
    ]
    assert module.version[:16] == "73f7f41d19dd9130"


def test_media_and_schema_are_part_of_the_name() -> None:
    name = version_of("section", 1, {"text": "a"}, {})
    assert name != version_of("section", 1, {"text": "a"}, {"face.svg": "0" * 64})
    assert name != version_of("section", 2, {"text": "a"}, {})
    assert name != version_of("question", 1, {"text": "a"}, {})


def test_an_event_is_canonical_and_says_exactly_what_its_kind_declares() -> None:
    at = datetime(2027, 3, 12, 9, 30, tzinfo=UTC)
    made = body("attempt.started", at, 1, "a" * 64, "a" * 64, {"attempt": 7, "module": 3})
    assert canonical(json.loads(made)) == made
    with pytest.raises(ValueError, match="attempt"):
        body("attempt.started", at, 1, "", "", {"attempt": 7})
    with pytest.raises(ValueError, match="name"):
        body("sign-in.opened", at, 1, "", "", {"name": "Tess"})


def test_a_commitment_cannot_be_made_without_its_salt() -> None:
    assert commitment(b"one", 7) != commitment(b"two", 7)
    assert commitment(b"one", 7) != commitment(b"one", 8)
