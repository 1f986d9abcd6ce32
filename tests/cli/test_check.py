"""`mesotrain check`: every fault of every file, for a person or a program, without a database."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mesotrain.cli import commands
from mesotrain.core.errors import Refused
from tests.world import TEXTS

ENVIRONMENT = {"MESOTRAIN_DATABASE_URL": "sqlite:////nowhere/at/all.db"}


def check(*words: object) -> Result:
    return CliRunner().invoke(commands, ["check", *map(str, words)], env=ENVIRONMENT, catch_exceptions=False)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return shutil.copytree(TEXTS / "tiny", tmp_path / "courses" / "tiny")


def spoil(file: Path, change: Callable[[bytes], bytes]) -> None:
    file.write_bytes(change(file.read_bytes()))


def test_a_course_without_faults_says_so(course: Path) -> None:
    for place in (course, course.parent, course / "basics", course / "basics" / "bank.md"):
        said = check(place)
        assert (said.exit_code, said.output) == (0, "No faults.\n")
    assert json.loads(check(course, "--format", "json").output) == {"faults": []}


def test_every_fault_of_every_file_is_said_at_once(course: Path) -> None:
    """Even beside a file that is not UTF-8; and each course in a folder of courses has its turn."""
    other = shutil.copytree(course, course.parent / "another")
    spoil(course / "basics" / "lesson.md", lambda text: text.replace(b"minutes:", b"minuets:", 1) + b"\n\n\xff\xfe\n")
    spoil(course / "basics" / "bank.md", lambda text: text.replace(b"level: ", b"level: un", 1))
    spoil(other / "course.yaml", lambda text: text.replace(b"status: ", b"status: un", 1))
    said = check(course.parent)
    assert said.exit_code == 1
    faults = json.loads(check(course.parent, "--format", "json").output)["faults"]
    assert said.output.splitlines() == [f"{one['path']}:{one['line']}: {one['message']}" for one in faults]
    found = [(str(Path(one["path"]).relative_to(course.parent)), one["code"], one["severity"]) for one in faults]
    lines = len((course / "basics" / "lesson.md").read_bytes().split(b"\n"))
    assert found == [
        ("another/course.yaml", "choice", "error"),
        ("tiny/basics/bank.md", "choice", "error"),
        ("tiny/basics/lesson.md", "missing", "error"),
        ("tiny/basics/lesson.md", "unknown-key", "error"),
        ("tiny/basics/lesson.md", "encoding", "error"),
    ]
    assert faults[-1]["line"] == lines - 1
    assert {tuple(one) for one in faults} == {("path", "line", "message", "code", "severity")}


def test_a_part_of_a_course_says_only_its_own_faults(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(course / "course.yaml", lambda text: text.replace(b"status: ", b"status: un", 1))
    spoil(course / "basics" / "bank.md", lambda text: text.replace(b"level: ", b"level: un", 1))
    (alone,) = check(course / "basics" / "lesson.md").output.splitlines()
    assert "course.yaml:" in alone, "a course that cannot be read hides what its parts have wrong"
    assert check(course / "basics").output.count("\n") == 2
    assert check(course).output.count("\n") == 2
    spoil(course / "course.yaml", lambda text: text.replace(b"status: un", b"status: ", 1))
    assert check(course / "basics" / "lesson.md").output == "No faults.\n"
    monkeypatch.chdir(course / "basics")
    assert check("bank.md").output.count("\n") == 1


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
        (fault,) = check(place).output.splitlines()
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
