"""What an author's texts are: how long `mesotrain check` takes, and each module's words and readability."""

import re
import subprocess
import sys
import time
from pathlib import Path

from mesotrain.config import ROOT
from mesotrain.core.courses import Course, Module
from mesotrain.formats.courses import read_course
from mesotrain.formats.markup import render, words
from mesotrain.store.folders import read_folder

COURSE = ROOT / "courses" / "mesotherapy"
MOST_SECONDS = 2.0
WORDS_A_MINUTE = 238
"""Of adults and non-fiction: Brysbaert, M. (2019), How many words do we read per minute?, J Mem Lang 109, 104047."""
_ASIDE = re.compile(r"<(table|figure)[ >].*?</\1>", re.DOTALL)
_SENTENCE = re.compile(r"[.!?]+(?=\s|$)")
_SYLLABLE = re.compile(r"[aeiouy]+")


def course() -> Course:
    return read_course(read_folder(COURSE))


def check_row() -> list[str]:
    """The whole command, start included, the best of three."""
    command = [str(Path(sys.executable).parent / "mesotrain"), "check"]
    modules, taken = course().modules, []
    questions = sum(len(module.questions) for module in modules)
    for _ in range(3):
        begun = time.perf_counter()
        subprocess.run([*command, str(COURSE)], check=True, capture_output=True)
        taken.append(time.perf_counter() - begun)
    best = min(taken)
    well = "PASS" if best < MOST_SECONDS else "FAIL"
    return [str(len(modules)), str(questions), f"{best:.2f}", f"{well} < {MOST_SECONDS:.0f}"]


def module_rows() -> list[list[str]]:
    return [_row(module) for module in course().modules if module.sections]


def _row(module: Module) -> list[str]:
    """Minutes are those of silent reading, at WORDS_A_MINUTE, tables and captions among it.

    Reading ease is that of Flesch, R. (1948), A new readability yardstick, J Appl Psychol 32(3), 221-233. Syllables are
    counted as groups of vowels; tables and figures are left out of it.
    """
    pages = [render(one.text, cite={"I01"}) for one in module.sections]
    prose = [words(re.sub(r"</(p|li)>", ". ", _ASIDE.sub(" ", page))) for page in pages]
    text = " ".join(prose)
    count = len(re.findall(r"[^\W\d_]+", text))
    sentences = len(_SENTENCE.findall(re.sub(r"[.:]\s*\.", ".", text)))
    syllables = sum(max(len(_SYLLABLE.findall(word)), 1) for word in re.findall(r"[^\W\d_]+", text.lower()))
    ease = 206.835 - 1.015 * count / sentences - 84.6 * syllables / count
    quiz = sum(not one.practice for one in module.questions)
    all_words = sum(len(words(page).split()) for page in pages)
    return [
        module.name,
        f"{all_words:,}",
        f"{all_words / WORDS_A_MINUTE:.0f}",
        str(quiz),
        str(len(module.questions) - quiz),
        f"{count / sentences:.1f}",
        f"{ease:.0f}",
    ]
