"""The table of promises in the README is made of figures, and what makes it can tell a promise that is broken."""

import json
import re

import pytest

from tests.figures import promises
from tests.figures.__main__ import BEGIN, END, HEADING, README, rewritten, table
from tests.figures.promises import PROMISES, Rounds, control, tell

ROW = re.compile(r"\| [^|]+ \(`([a-z.]+)`\) \| [≤≥=] [0-9.,]+ \| [^|]+ \|")
LINES = [
    json.dumps({"name": "kill.lost.sqlite", "value": 3, "goal": "= 0", "ok": False}),
    json.dumps({"name": "kill.lost.sqlite", "value": 0, "goal": "= 0", "ok": True}),
    json.dumps({"name": "kill.lost.postgresql", "value": 1, "goal": "= 0", "ok": False}),
]


def test_the_readme_has_the_block_and_its_rows_are_promises() -> None:
    readme = README.read_text()
    assert readme.count(BEGIN) == readme.count(END) == 1
    block = readme.partition(BEGIN)[2].partition(END)[0].strip().splitlines()
    assert block[:2] == HEADING
    found = [ROW.fullmatch(row) for row in block[2:]]
    assert found
    assert all(found), [row for row, one in zip(block[2:], found, strict=True) if not one]
    names = [one[1] for one in found if one]
    assert names == [name for name in PROMISES if name in names], "in the order of the promises, each once"


def test_the_block_says_what_was_seen_last() -> None:
    block = table(LINES)
    assert "(`kill.lost`) | = 0 | SQLite 0, PostgreSQL 1 **FAIL** |" in block
    assert rewritten(f"a\n{BEGIN}\nold\n{END}\nb", block) == f"a\n{block}\nb"


def test_a_broken_promise_fails_and_a_control_that_keeps_it_too(
    tmp_path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(promises, "FIGURES", tmp_path / "figures.jsonl")
    tell({"kill.lost": 0}, "sqlite")
    with pytest.raises(AssertionError, match=r"kill.lost.sqlite=1 goal==0 FAIL"):
        tell({"kill.lost": 1}, "sqlite")
    assert [json.loads(line)["ok"] for line in promises.FIGURES.read_text().splitlines()] == [True, False]
    assert "figure kill.lost.sqlite=0 goal==0 PASS" in capsys.readouterr().out
    control({"kill.lost": 1}, "kill.lost")
    with pytest.raises(AssertionError, match="without its defence"):
        control({"kill.lost": 0}, "kill.lost")


def test_rounds_go_on_until_their_sizes_are_reached_or_a_promise_is_broken() -> None:
    rounds = Rounds("kill", "sqlite")
    rounds.add({"kill.times": 30, "kill.acknowledged": 10_000, "kill.lost": 0, "kill.back": 2})
    assert rounds.go_on()
    rounds.add({"kill.times": 30, "kill.acknowledged": 10_000, "kill.lost": 0, "kill.back": 1})
    assert not rounds.go_on()
    assert rounds.found == {"kill.times": 60, "kill.acknowledged": 20_000, "kill.lost": 0, "kill.back": 2}
    broken = Rounds("kill", "sqlite")
    broken.add({"kill.times": 1, "kill.acknowledged": 1, "kill.lost": 1})
    assert not broken.go_on()


def test_a_soak_goes_on_where_it_was_stopped_at_the_same_commit(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promises, "SOAK", True)
    monkeypatch.setattr(promises, "RUNS", tmp_path / "soak.jsonl")
    for commit, before in (("a", 0), ("a", 1), ("b", 0), ("", 0), ("", 0)):
        monkeypatch.setattr(promises, "commit", lambda commit=commit: commit)
        rounds = Rounds("kill", "sqlite")
        assert rounds.number == before, commit
        rounds.add({"kill.times": 20, "kill.lost": 0})
