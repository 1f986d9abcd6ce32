"""What others' files say is what Moodle says they say, and earns what it earns there."""

import os

import pytest

from mesotrain.formats.exchange import FORMATS, convert
from tests.formats.exchange.reference import CORPORA, PLACES, Figures, figures, files, lines

EXPLAINED = {
    "refused here": {"gift/tsugi/example_multiple_choice.gift"},
}
"""The files with the few questions that differ: here a choice all of whose answers are empty, as #ff0000 is there."""
MEANT = "grading, numerical: a decimal comma is read here"


@pytest.fixture(params=PLACES)
def measured(request: pytest.FixtureRequest) -> tuple[str, Figures]:
    if not CORPORA.is_dir() and "CI" not in os.environ:
        pytest.skip(f"the corpora are not in {CORPORA}")
    return request.param, figures(request.param)


def test_questions_of_others_are_what_they_are_in_moodle(
    measured: tuple[str, Figures], capsys: pytest.CaptureFixture[str]
) -> None:
    name, found = measured
    with capsys.disabled():
        print("", *lines(name), sep="\n")  # noqa: T201
    assert found.of.total() == {"gift": 1019, "moodle-xml": 772}[name]
    assert found.agree.total() >= found.of.total() * 0.995
    for reason, where in found.differences.items():
        if reason != MEANT:
            assert {place.rpartition(":")[0] for place in where} <= EXPLAINED.get(reason, set()), reason


def test_answers_earn_what_they_earn_in_moodle(measured: tuple[str, Figures]) -> None:
    _, found = measured
    different = {reason: len(where) for reason, where in found.differences.items() if reason.startswith("grading")}
    assert different.keys() <= {MEANT}
    assert found.graded.total() - found.graded_alike.total() == sum(different.values())


@pytest.mark.parametrize("target", [name for name, one in FORMATS.items() if one.write])
@pytest.mark.parametrize("name", PLACES)
def test_no_file_of_others_breaks_anything(name: str, target: str) -> None:
    if not CORPORA.is_dir() and "CI" not in os.environ:
        pytest.skip(f"the corpora are not in {CORPORA}")
    for path, _ in files(name):
        found = convert(path.read_bytes(), path.name, name, target)
        assert found.sent or found.refused, path
        assert found.status in (0, 1, 3)
