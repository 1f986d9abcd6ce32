"""`mesotrain convert`: what is made, what is said, and how it ends."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mesotrain.cli import commands
from mesotrain.core.errors import Refused
from mesotrain.formats.bank import read_bank
from mesotrain.formats.lines import Report

GIFT = """// a comment
::Thigh::Where is it injected?{=thigh#yes ~arm ~%50%hip}

Write about it.{}

No braces }
"""
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (6).to_bytes(4, "big") * 2
XML = f"""<quiz>
<question type="truefalse">
<questiontext format="html"><text><![CDATA[<p>A <b>face</b>.</p>
<img src="@@PLUGINFILE@@/A%20Face.png" alt="A face">]]></text>
<file name="A Face.png" path="/" encoding="base64">{b64encode(PNG).decode()}</file></questiontext>
<answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer>
</question></quiz>"""


def convert(*words: object) -> Result:
    return CliRunner().invoke(commands, ["convert", *map(str, words)], catch_exceptions=False)


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_each_question_is_told_and_losses_end_with_three(tmp_path: Path) -> None:
    source, report = written(tmp_path / "one.gift", GIFT), tmp_path / "report.json"
    said = convert(source, tmp_path / "bank.md", "--report", report)
    assert said.exit_code == 3
    assert json.loads(report.read_text()) == {
        "questions": [
            {"id": "one-0001", "line": 2, "status": "kept", "notes": []},
            {
                "id": "one-0002",
                "line": 4,
                "status": "guessed",
                "notes": ["guessed: its rubric is one criterion, the whole answer; write down what earns points."],
            },
        ],
        "refused": [
            {
                "line": 6,
                "sentence": "one of the braces { } round the answers is missing; write \\{ for the mark itself.",
            }
        ],
    }
    assert f"{source}:4: one-0002: guessed: its rubric" in said.output
    assert f"{source}:6: refused: one of the braces" in said.output
    text = (tmp_path / "bank.md").read_text()
    assert "<!-- Thigh -->\nWhere is it injected?\n" in text
    bank = read_bank(text.replace("language: en", "language: en\ncompetency: ASP"), found := Report("bank.md"))
    assert (found.faults, [one.name for one in bank.questions]) == ([], ["one-0001", "one-0002"])


def test_a_whole_conversion_ends_with_nothing_and_pictures_stand_beside(tmp_path: Path) -> None:
    said = convert(written(tmp_path / "one.xml", XML), tmp_path / "bank.md")
    assert (said.exit_code, said.output) == (0, "1 questions, 0 refused.\n")
    (picture,) = (tmp_path / "media").iterdir()
    assert picture.read_bytes() == PNG
    assert f"![A face](media/{picture.name})" in (tmp_path / "bank.md").read_text()


@pytest.mark.parametrize("text", ["", "<quiz>", "<html/>", '<!DOCTYPE q [<!ENTITY a "b">]><quiz>&a;</quiz>', "<quiz/>"])
def test_what_cannot_be_read_is_refused_and_nothing_is_written(tmp_path: Path, text: str) -> None:
    said = convert(written(tmp_path / "one.xml", text), tmp_path / "bank.md", "--report", tmp_path / "report.json")
    assert said.exit_code == 1
    assert json.loads((tmp_path / "report.json").read_text())["refused"]
    assert not (tmp_path / "bank.md").exists()


def test_the_format_is_told_by_the_name_or_said(tmp_path: Path) -> None:
    source = written(tmp_path / "one", GIFT)
    with pytest.raises(Refused, match="does not tell its format"):
        convert(source, tmp_path / "bank.md")
    assert convert(source, tmp_path / "out", "--from", "gift", "--to", "moodle-xml").exit_code == 3
    assert (tmp_path / "out").read_text().startswith("<?xml")


def test_no_other_picture_is_overwritten(tmp_path: Path) -> None:
    source = written(tmp_path / "one.xml", XML)
    convert(source, tmp_path / "bank.md")
    (picture,) = (tmp_path / "media").iterdir()
    picture.write_bytes(b"another")
    with pytest.raises(Refused, match="is another picture"):
        convert(source, tmp_path / "other.md")
    assert picture.read_bytes() == b"another"
    assert not (tmp_path / "other.md").exists()


def test_a_bank_with_faults_is_refused_with_each(tmp_path: Path) -> None:
    text = "---\nbank: b\ntitle: B\nlanguage: en\n---\n\n## emg-0001\n\nQ\n\n- (x) a\n- ( ) b\n\n## emg-0002\n\nQ\n"
    said = convert(written(tmp_path / "bank.md", text), tmp_path / "out.gift")
    lines: list[Any] = said.output.splitlines()
    assert said.exit_code == 1
    assert not any("competency" in line for line in lines)
    assert any(":14: refused: question (emg-0002)" in line for line in lines)


def test_the_pictures_of_a_bank_go_with_it(tmp_path: Path) -> None:
    text = "---\nbank: b\ntitle: B\nlanguage: en\ncompetency: EMG\n---\n\n## emg-0001\n\n![A face](media/face.png)\n"
    source = written(tmp_path / "bank.md", f"{text}\nWhat is it?\n\n- (x) a\n- ( ) b\n")
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "face.png").write_bytes(PNG)
    for target, to in (("a.zip", "qti"), ("b.zip", "qti-2.1"), ("c.xml", "moodle-xml")):
        assert convert(source, tmp_path / target, "--to", to).exit_code == 0
        again = tmp_path / to / "bank.md"
        again.parent.mkdir()
        assert convert(tmp_path / target, again).exit_code == 0
        assert [one.read_bytes() for one in (again.parent / "media").iterdir()] == [PNG]
        assert "![A face](media/face" in again.read_text()
    (tmp_path / "media" / "face.png").write_bytes(b"no picture")
    said = convert(source, tmp_path / "d.zip")
    assert said.exit_code == 1
    assert "this is no PNG picture" in said.output


def test_a_format_that_is_only_read_or_only_written_is_said(tmp_path: Path) -> None:
    source = written(tmp_path / "one.gift", GIFT)
    with pytest.raises(Refused, match=r"aiken is only read, not written\."):
        convert(source, tmp_path / "out", "--to", "aiken")
    with pytest.raises(Refused, match=r"review-docx is only written, not read\."):
        convert(source, tmp_path / "out.md", "--from", "review-docx")
