"""`mesotrain check`: every fault of every file, for a person or a program, without a database."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mesotrain.cli import commands
from mesotrain.config import ROOT
from mesotrain.core.errors import Refused
from tests.world import TEXTS

ENVIRONMENT = {"MESOTRAIN_DATABASE_URL": "sqlite:////nowhere/at/all.db"}


def check(*words: object) -> Result:
    return CliRunner().invoke(commands, ["check", *map(str, words)], env=ENVIRONMENT, catch_exceptions=False)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return shutil.copytree(TEXTS / "tiny", tmp_path / "courses" / "tiny")


def faults(*words: object) -> list[str]:
    """The lines of faults, without what was waived and the number of warnings."""
    return [line for line in check(*words).output.splitlines() if not re.search("mesotrain lint|: waived: ", line)]


def spoil(file: Path, change: Callable[[bytes], bytes]) -> None:
    file.write_bytes(change(file.read_bytes()))


def test_a_course_without_faults_says_so(course: Path) -> None:
    for place in (course, course.parent, course / "basics", course / "basics" / "bank.md"):
        assert (check(place).exit_code, faults(place)) == (0, ["No faults."])
    found = json.loads(check(course, "--format", "json").output)
    assert {one["severity"] for one in found["faults"]} == {"warning"}


def test_every_fault_of_every_file_is_said_at_once(course: Path) -> None:
    """Even beside a file that is not UTF-8; and each course in a folder of courses has its turn."""
    other = shutil.copytree(course, course.parent / "another")
    spoil(course / "basics" / "lesson.md", lambda text: text.replace(b"minutes:", b"minuets:", 1) + b"\n\n\xff\xfe\n")
    spoil(course / "basics" / "bank.md", lambda text: text.replace(b"level: ", b"level: un", 1))
    spoil(other / "course.yaml", lambda text: text.replace(b"status: ", b"status: un", 1))
    assert check(course.parent).exit_code == 1
    every = json.loads(check(course.parent, "--format", "json").output)["faults"]
    errors = [one for one in every if one["severity"] == "error"]
    assert faults(course.parent) == [f"{one['path']}:{one['line']}: {one['message']}" for one in errors]
    found = [(str(Path(one["path"]).relative_to(course.parent)), one["code"], one["severity"]) for one in errors]
    lines = len((course / "basics" / "lesson.md").read_bytes().split(b"\n"))
    assert found == [
        ("another/course.yaml", "choice", "error"),
        ("tiny/basics/bank.md", "choice", "error"),
        ("tiny/basics/lesson.md", "missing", "error"),
        ("tiny/basics/lesson.md", "unknown-key", "error"),
        ("tiny/basics/lesson.md", "encoding", "error"),
    ]
    assert errors[-1]["line"] == lines - 1
    assert {tuple(one) for one in every} == {("path", "line", "message", "code", "severity")}


def test_a_part_of_a_course_says_only_its_own_faults(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(course / "course.yaml", lambda text: text.replace(b"status: ", b"status: un", 1))
    spoil(course / "basics" / "bank.md", lambda text: text.replace(b"level: ", b"level: un", 1))
    (alone,) = faults(course / "basics" / "lesson.md")
    assert "course.yaml:" in alone, "a course that cannot be read hides what its parts have wrong"
    assert len(faults(course / "basics")) == len(faults(course)) == 2
    spoil(course / "course.yaml", lambda text: text.replace(b"status: un", b"status: ", 1))
    assert check(course / "basics" / "lesson.md").output == "No faults.\n"
    monkeypatch.chdir(course / "basics")
    assert len(faults("bank.md")) == 1


def test_where_there_is_no_course_it_says_what_one_is(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"a course is a folder with a course\.yaml"):
        check(tmp_path)


def test_where_there_is_no_course_a_program_is_told_as_json(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        said = check(place, "--format", "json")
        (fault,) = json.loads(said.output)["faults"]
        assert (said.exit_code, fault["path"], fault["code"]) == (1, str(place), "missing")
    with pytest.raises(Refused, match="There is no file or folder"):
        check(tmp_path / "nowhere")


def test_a_course_behind_a_link_is_checked_like_any_other(course: Path, tmp_path: Path) -> None:
    spoil(course / "basics" / "lesson.md", lambda text: text.replace(b"minutes: ", b"minutes: some ", 1))
    (linked := tmp_path / "linked").mkdir()
    (linked / "tiny").symlink_to(course)
    for place in (linked, linked / "tiny", linked / "tiny" / "basics", linked / "tiny" / "basics" / ".." / "basics"):
        (fault,) = faults(place)
        assert "basics/lesson.md:" in fault


def test_a_file_that_is_a_link_is_read_and_one_that_leads_nowhere_is_missing(course: Path, tmp_path: Path) -> None:
    bank = course / "basics" / "bank.md"
    spoil(bank, lambda text: text.replace(b"(x)", b"( )"))
    bank.rename(tmp_path / "elsewhere.md")
    bank.symlink_to(tmp_path / "elsewhere.md")
    assert "basics/bank.md:" in check(course).output
    bank.unlink()
    bank.symlink_to("bank.md")
    assert "basics/bank.md:1: the file is missing." in check(course).output
    assert check(course, "--format", "json").exit_code == 1


def test_the_check_starts_without_the_service() -> None:
    asked = "import sys; from mesotrain.cli import commands; commands(['check'], standalone_mode=False); "
    loaded = "print([name for name in sys.modules if name.split('.')[0] in {'flask', 'sqlalchemy'}])"
    done = subprocess.run([sys.executable, "-c", asked + loaded], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout


ALONE = """---
bank: alone
title: Alone
language: en
competency: EMG
---

## emg-0001

How much is given?

- (x) 5.0 mg
- ( ) 10 mg
- ( ) 20 mg
"""


def test_a_bank_that_belongs_to_no_course_is_checked_alone(tmp_path: Path) -> None:
    bank = tmp_path / "loose.md"
    bank.write_text(ALONE)
    (fault,) = faults(bank)
    assert fault.startswith(f"{bank}:8: ")
    assert fault.endswith("[trailing-zero]")
    bank.write_text(ALONE.replace("5.0 mg", "5 mg").replace("- (x)", "- ( )"))
    (fault,) = faults(bank)
    assert "mark one option (x)" in fault
    bank.write_text(ALONE.replace("5.0 mg", "5 mg"))
    assert check(bank).output.startswith("No faults.\n")


SECOND = ALONE[ALONE.index("## emg") :].replace("5.0 mg", "4 mg").replace("How much", "Which dose of adrenaline")


def test_a_bank_alone_is_held_against_the_rules_for_a_whole_bank_and_each_id_stands_once(tmp_path: Path) -> None:
    bank = tmp_path / "loose.md"
    sound = ALONE.replace("5.0 mg", "5 mg")
    bank.write_text(f"{sound}\n{SECOND}")
    line = sound.count("\n") + 2
    assert faults(bank) == [f"{bank}:{line}: question (emg-0001): this id is already used at {bank}:8."]
    bank.write_text(f"{sound}\n{sound[sound.index('## emg') :]}".replace("## emg-0001", "## emg-0002", 1))
    codes = {one["code"] for one in json.loads(check(bank, "--format", "json").output)["faults"]}
    assert "near-duplicate" in codes
    bank.write_text(sound.replace("## emg-0001\n", "## emg-0001\nsafety: the-dose\n"))
    (fault,) = faults(bank)
    assert fault.endswith("[single-safety-item]")


@pytest.mark.parametrize("place", ["references.yaml", "basics/lesson.md"])
def test_a_fault_elsewhere_hides_nothing_of_a_bank(course: Path, place: str) -> None:
    spoil(course / "basics" / "bank.md", lambda text: text.replace(b"waive: single-safety-item", b"waive: two-keys", 1))
    (alone,) = [one for one in faults(course) if "[single-safety-item]" in one]
    before = lint_codes(course)
    spoil(course / place, lambda text: text.replace(b"kind: ", b"kind: un").replace(b"minutes: ", b"minuets: "))
    assert alone in faults(course)
    assert len(faults(course)) > 1
    assert before <= lint_codes(course)


def lint_codes(place: Path) -> set[str]:
    return {one["code"] for one in json.loads(check(place, "--format", "json").output)["faults"]}


def test_a_command_that_is_itself_wrong_ends_with_two(course: Path) -> None:
    for words in (["check", "--no"], ["lint", "--format", "xml"], ["fmt", "nowhere"], ["convert", "nowhere", "a.md"]):
        assert CliRunner().invoke(commands, words).exit_code == 2, words
    said = CliRunner().invoke(commands, ["check", str(course.parent / "no"), "--format", "json"])
    assert (said.exit_code, [one["code"] for one in json.loads(said.output)["faults"]]) == (1, ["missing"])


def test_what_is_only_told_of_a_plan_is_a_note(course: Path) -> None:
    spoil(course / "basics" / "lesson.md", lambda text: text.replace(b"questions: 4", b"plan: {BAS: {apply: 2}}", 1))
    found = json.loads(check(course, "--format", "json").output)["faults"]
    assert {one["severity"] for one in found if one["code"] == "length"} == {"note"}
