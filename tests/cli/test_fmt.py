"""`mesotrain fmt`: banks in canonical form, whole or not at all, and what changed is shown."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mesotrain.cli import commands
from mesotrain.core.errors import BadContent, Refused
from tests.world import TEXTS


def fmt(*words: object) -> Result:
    return CliRunner().invoke(commands, ["fmt", *map(str, words)], catch_exceptions=False)


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    course = shutil.copytree(TEXTS / "tiny", tmp_path / "tiny")
    fmt(course)
    return course / "basics" / "bank.md"


def test_what_changes_is_shown_and_written(bank: Path) -> None:
    before = bank.read_text()
    bank.write_text(before.replace("- (x) ", "\u2022 ( X ) ", 1))
    bank.chmod(0o640)
    spoilt = bank.read_text()
    looked = fmt(bank, "--check")
    assert looked.exit_code == 1
    assert bank.read_text() == spoilt
    done = fmt(bank.parent.parent)
    assert done.exit_code == 0
    assert done.output == looked.output
    lines = done.output.splitlines()
    assert [one[:5] for one in lines if one[0] in "+-"] == ["--- /", "+++ /", "-\u2022 ( ", "+- (x"]
    assert bank.read_text() == before
    assert bank.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in bank.parent.iterdir() if "bank" in one.name] == ["bank.md"]
    for words in ([bank], [bank, "--check"]):
        assert (fmt(*words).exit_code, fmt(*words).output) == (0, "Nothing to change.\n")


def test_an_id_is_free_in_the_whole_course(bank: Path) -> None:
    other = bank.parent.parent / "more" / "bank.md"
    other.parent.mkdir()
    other.write_text("##\n\nWhat?\n\n- (x) yes\n- ( ) no\n\n## emg-0001\n\nWhat?\n\n- (x) yes\n- ( ) no\n")
    bank.write_text(bank.read_text() + "\n## emg-0041\n\nWhat?\n\n- (x) yes\n- ( ) no\n")
    fmt(other)
    assert other.read_text().startswith("## emg-0042\n")


def test_an_id_that_a_lesson_speaks_of_stays_taken_and_which_is_the_copy_is_said(bank: Path) -> None:
    lesson = bank.with_name("lesson.md")
    lesson.write_text(lesson.read_text() + "\n<!-- bas-0977 is gone -->\n")
    copied = bank.read_text().count("\n") + 2
    bank.write_text(bank.read_text() + "\n## bas-0001\n\nWhat?\n\n- (x) yes\n- ( ) no\n")
    said = f"{bank}:{copied}: bas-0001 stands there once more, and becomes bas-0978. If the copy is the one above, "
    assert fmt(bank).output.splitlines()[-1] == f"{said}exchange the two ids."
    assert bank.read_text().endswith("## bas-0978\nfrom: bas-0001\n\nWhat?\n\n- (x) yes\n- ( ) no\n")


def test_what_cannot_be_read_is_said_and_nothing_is_touched(bank: Path, tmp_path: Path) -> None:
    bank.write_text(bank.read_text() + "\n\n\n")
    other = bank.parent.parent / "other" / "bank.md"
    other.parent.mkdir()
    other.write_bytes(b"## emg-0001\n\n\xff\n")
    with pytest.raises(BadContent, match=r"other/bank\.md:3: this file is not UTF-8"):
        fmt(bank.parent.parent)
    assert bank.read_text().endswith("\n\n\n")
    (tmp_path / "empty").mkdir()
    with pytest.raises(Refused, match=r"no bank\.md"):
        fmt(tmp_path / "empty")


def test_where_only_the_ends_of_lines_change_that_is_said(bank: Path) -> None:
    text = bank.read_bytes()
    bank.write_bytes(text.replace(b"\n", b"\r\n"))
    looked = fmt(bank, "--check")
    assert (looked.exit_code, looked.output) == (1, f"{bank}: only the ends of its lines change.\n")
    assert fmt(bank).exit_code == 0
    assert bank.read_bytes() == text


def test_an_empty_file_stays_empty(bank: Path) -> None:
    bank.write_text("")
    assert (fmt(bank, "--check").output, bank.read_text()) == ("Nothing to change.\n", "")


def test_a_break_within_a_line_is_shown_where_it_was(bank: Path) -> None:
    before = bank.read_text()
    bank.write_text(before.replace("\n- ( ) ", "\v- ( ) ", 1))
    assert any(line.startswith("-") and "\v- ( ) " in line for line in fmt(bank).output.split("\n"))
    assert bank.read_text() == before
