"""What a file can do to whoever converts it: nothing but be refused, in one sentence and in time."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from time import perf_counter

import pytest

from mesotrain import apart
from mesotrain.formats.exchange import FORMATS, convert
from mesotrain.formats.exchange.parcels import packed, unpacked
from mesotrain.formats.markup import shown
from mesotrain.web.examples import BANK

MANY = (b"What is it?{=[html]<b>yes</b>#so " + b"~[html]<i>no</i>#not " * 30 + b"}\n\n") * 5000
WIDE = "".join(f"Q{number} {chr(0x1F489) * 5_400}{{T}}\n\n" for number in range(1_400)).encode()
DEEP = b"<quiz>" + b"<a/>" * 7_000_000 + b"</quiz>"
ONE_GIFT = b"Where?{=here#yes ~[markdown]*there*}\n\nNo braces }\n"


@pytest.mark.parametrize(
    ("content", "source", "seconds", "sentence"),
    [
        (MANY, "gift", 1, apart.SLOW.format(1)),
        (MANY, "gift", 0, apart.SLOW.format(0)),
        (WIDE, "gift", 60, apart.LARGE),
        (DEEP, "moodle-xml", 60, apart.LARGE),
        (b"", "gift", 4, "there are no questions in this file."),
    ],
    ids=["working too long", "waiting too long", "too much memory", "too much memory for a library", "nothing"],
)
def test_a_file_beyond_a_limit_is_refused_in_a_sentence(
    content: bytes, source: str, seconds: int, sentence: str
) -> None:
    begun = perf_counter()
    made = apart.converted(content, "x.gift", source, "bank", seconds=seconds)
    assert (made.status, [one.sentence for one in made.refused]) == (1, [sentence])
    assert perf_counter() - begun < 20


@pytest.mark.parametrize("told", ["no such format", ""])
def test_a_reader_that_breaks_is_told_as_our_fault(told: str, caplog: pytest.LogCaptureFixture) -> None:
    made = apart.converted(b"Q{T}", "x.gift", told, "bank")
    assert [one.sentence for one in made.refused] == [apart.BROKEN]
    assert "KeyError" in caplog.text
    assert not told or told not in caplog.text


@pytest.mark.parametrize("name", [name for name, one in FORMATS.items() if one.read])
def test_it_makes_what_the_library_makes(name: str) -> None:
    writer = FORMATS[name].write
    content = convert(BANK.encode(), "bank.md", "bank", name).sent if writer else None
    source, said = (name, content.content) if content else ("gift", ONE_GIFT)
    made = apart.converted(said, "one.x", source, "bank")
    assert asdict(made) == asdict(convert(said, "one.x", source, "bank"))
    parts = [(one.question.taker, one.question.key) for one in made.questions]
    assert apart.rendered(parts, {}) == [tuple(shown(part, media={}) for part in pair) for pair in parts]


def test_what_cannot_be_rendered_in_time_is_not() -> None:
    assert apart.rendered([({"type": "single", "stem": "word " * 20_000_000}, {})], {}) is None


def test_a_parcel_that_is_cut_is_none() -> None:
    whole = b"".join(packed(convert(ONE_GIFT, "x.gift", "gift", "bank")))
    assert unpacked(whole).sent
    for end in (0, 10, len(whole) - 1):
        with pytest.raises(ValueError, match=r"."):
            unpacked(whole[:end])


def test_its_environment_is_not_ours(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    apart.HELPER.close()
    monkeypatch.setenv("PYTHONVERBOSE", "1")
    assert apart.converted(ONE_GIFT, "x.gift", "gift", "bank").sent
    assert capfd.readouterr() == ("", "")


def helper() -> int:
    """The process that forks."""
    apart.HELPER.start()
    assert apart.HELPER._process
    return apart.HELPER._process.pid


def test_one_process_forks_for_every_file_and_is_started_again_where_it_has_gone() -> None:
    first = helper()
    with ThreadPoolExecutor(4) as several:
        made = several.map(lambda at: apart.converted(b"Q%d{T}" % at, "x.gift", "gift", "bank"), range(20))
    assert [f"Q{at}" in str(one.questions[0].question.taker) for at, one in enumerate(made)] == [True] * 20
    assert helper() == first
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert apart.converted(ONE_GIFT, "x.gift", "gift", "bank").sent
    second = helper()
    assert second != first
    apart.HELPER.close()
    assert not Path(f"/proc/{second}").exists()


def test_it_is_ended_after_its_seconds_of_work() -> None:
    program = "import signal; from mesotrain import apart; apart._limit(1); signal.alarm(0)\nwhile True: pass"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=20).returncode == -signal.SIGXCPU


@pytest.mark.parametrize(
    ("work", "ends"),
    [
        ("from pathlib import Path; Path('made').write_text('x')", "File too large"),
        ("bytes(400 * 2**20)", "MemoryError"),
        ("[open('/dev/null') for _ in range(99)]", "Too many open files"),
        ("import os, sys; sys.exit(str(sorted(os.environ)))", "['LC_CTYPE', 'PYTHONHASHSEED']"),
    ],
)
def test_the_process_cannot(tmp_path, work: str, ends: str) -> None:
    """Write a file, hold more memory, open many files, or read a secret from its environment."""
    program = f"from mesotrain import apart; apart._limit(4); {work}"
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, cwd=tmp_path, env={"PYTHONHASHSEED": "0"}, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert ends in ended.stderr
