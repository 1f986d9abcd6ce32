"""The words of the shipped courses and pages, against British English, a medical word list, and names of our own."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mesotrain.config import ROOT
from tests.machine import SPELLING, spells

OWN = set((Path(__file__).parent / "spelling.txt").read_text("utf-8").split())
"""Names, abbreviations and words of the trade that are in neither, each seen by a person."""
AWAY = re.compile(
    r"<!--[^>]*-->|<[^>\n]+>|`[^`\n]*`|\{[^}\n]*\}|\[[A-Z]+\d[^\]\n]*\]|\]\([^)\n]*\)|https?://\S+|&#?\w+;"
    r"|^\w[\w-]*: .*$|^#+ (?:stem )?[a-z-]+(?:-\w+)?$",
    re.MULTILINE,
)
"""What is no text: comments, tags, code, ids, cites, addresses, keys and names of a question. Its lines stay."""
SAYS = re.compile(r"<(?:text|tspan|title|desc)\b[^>]*>([^<]+)")
WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")


def texts() -> Iterator[tuple[Path, str]]:
    """The text of each file, with as many lines as it has."""
    for file in sorted(ROOT.glob("courses/*/**/*.md")):
        yield file, AWAY.sub(lambda found: "\n" * found[0].count("\n") or " ", file.read_text("utf-8"))
    for file in sorted(ROOT.glob("courses/**/*.svg")):
        yield file, "\n".join(SAYS.findall(file.read_text("utf-8")))


def unknown(words: set[str]) -> set[str]:
    done = subprocess.run(SPELLING, input="\n".join(sorted(words)), text=True, capture_output=True, check=True)
    return {word for word in done.stdout.split() if word not in OWN and word.removesuffix("'s") not in OWN}


@pytest.fixture(scope="module")
def speller() -> None:
    if not spells():
        pytest.skip("there is no Hunspell with its dictionaries here; python tests/machine.py installs them on Debian")


@pytest.mark.usefixtures("speller")
def test_the_courses_are_spelt_as_the_dictionaries_have_it() -> None:
    places: dict[str, str] = {}
    for file, text in texts():
        for number, line in enumerate(text.split("\n"), 1):
            for word in WORD.findall(line.replace("\u2019", "'")):
                places.setdefault(word, f"{file.relative_to(ROOT)}:{number}: {word}")
    assert len(places) > 4000, "the words of three courses"
    assert [places[word] for word in sorted(unknown(set(places)))] == []


@pytest.mark.usefixtures("speller")
def test_a_wrong_word_is_seen_and_a_medical_one_is_known() -> None:
    assert unknown({"adrenalin", "epinephrin", "anaphylaxsis", "recieve"}) >= {"anaphylaxsis", "recieve"}
    assert not unknown({"anaphylaxis", "lidocaine", "phosphatidylcholine", "subcutaneous", "Mesotrain's"})
