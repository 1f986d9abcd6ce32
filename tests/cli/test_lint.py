"""`mesotrain lint` and what `mesotrain check` says of the same."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mesotrain.cli import commands
from mesotrain.config import ROOT
from tests.world import TEXTS

QUESTION = """
## bas-0009
section: basics#matters
cites: I01
level: recall
{key}
Which dose is the largest?

- (x) 5.0 mg
  Why: so.
- ( ) All of the above
  Why: so.
- ( ) Usually 4 mg
  Why: so.
"""
WAIVER = "waive: trailing-zero, the label, as printed, has it, A. Author; all-of-the-above, it is a joke, A. Author\n"


def run(command: str, *words: object) -> Result:
    return CliRunner().invoke(commands, [command, *map(str, words)], catch_exceptions=False)


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return shutil.copytree(TEXTS / "tiny", tmp_path / "tiny") / "basics" / "bank.md"


def add(bank: Path, key: str = "") -> int:
    """Adds the question, and gives its line."""
    text = bank.read_text()
    bank.write_text(text + QUESTION.format(key=key))
    return text.count("\n") + 2


def test_lint_says_every_finding_with_its_rule(bank: Path) -> None:
    line = add(bank)
    said = run("lint", bank)
    about = f"{bank}:{line}: question (bas-0009): "
    assert said.exit_code == 1
    assert f"{about}“5.0 mg” is read as ten times as much when its point is missed" in said.output
    assert f"{bank}:{line}: warning: question (bas-0009): “usually” in an option" in said.output
    assert re.search(
        r"in full|its own\..*\[all-of-the-above\]|ask for all that apply\. \[all-of-the-above\]", said.output
    )


def test_check_says_the_errors_and_counts_the_warnings(bank: Path) -> None:
    warnings = run("check", bank).output
    assert (warnings.splitlines()[0], run("check", bank).exit_code) == ("No faults.", 0)
    add(bank)
    said = run("check", bank)
    assert said.exit_code == 1
    assert "[trailing-zero]" in said.output
    assert "usually" not in said.output
    assert re.search(r"^[0-9]+ warnings on how questions are written: mesotrain lint says which\.$", said.output, re.M)


def test_a_waiver_shows_in_both_forms_and_makes_neither_fail(bank: Path) -> None:
    line = add(bank, WAIVER)
    for command in ("lint", "check"):
        said = run(command, bank)
        assert said.exit_code == 0
        assert f"{bank}:{line}: waived: trailing-zero, the label, as printed, has it, A. Author\n" in said.output
        found = json.loads(run(command, bank, "--format", "json").output)
        assert {"path": str(bank), "line": line, "code": "trailing-zero", "reason": "the label, as printed, has it",
                "by": "A. Author"} in found["waived"]  # fmt: skip
        assert "trailing-zero" not in {one["code"] for one in found["faults"]}


def test_the_two_say_the_same_to_a_program(bank: Path) -> None:
    add(bank)
    both = [run(command, bank, "--format", "json").output for command in ("lint", "check")]
    assert both[0] == both[1]
    found = json.loads(both[0])["faults"]
    assert {"error", "warning"} == {one["severity"] for one in found}
    assert {"all-of-the-above", "trailing-zero", "vague-term"} <= {one["code"] for one in found}


def test_what_cannot_be_read_hides_no_other_question(bank: Path) -> None:
    """Rules across questions wait: half a bank would be found wanting."""
    add(bank)
    bank.write_text(bank.read_text().replace("level: apply", "level: hard", 1).replace("waive: single", "waive: a", 1))
    codes = {one["code"] for one in json.loads(run("lint", bank, "--format", "json").output)["faults"]}
    assert {"choice", "waive", "trailing-zero"} <= codes
    assert not {"single-safety-item", "thin-competency"} & codes


def test_where_there_is_nothing_to_mend_it_says_so(bank: Path) -> None:
    text = run("lint", bank.parent / "lesson.md")
    assert (text.exit_code, text.output) == (0, "Nothing to mend.\n")


def test_the_shipped_courses_break_no_rule_that_is_an_error() -> None:
    assert run("lint", ROOT / "courses").exit_code == 0


def test_the_guides_hook_refuses_what_has_a_fault(bank: Path) -> None:
    """Its commands are found where this Python has them."""
    course = bank.parent.parent
    hook = re.search(r"```sh\n(#!/bin/sh\n.*?)```", (ROOT / "courses" / "README.md").read_text(), re.DOTALL)
    assert hook
    assert hook[1].count("\n") == 3
    there = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    script = hook[1].replace("my-course", str(course))
    assert run("fmt", course).exit_code == 0
    for key, status in ((WAIVER, 0), ("", 1)):
        before = bank.read_text()
        add(bank, key)
        assert subprocess.run(["sh", "-c", script], env=there, capture_output=True, check=False).returncode == status
        bank.write_text(before)
