"""A bank in Markdown as one of the formats that are exchanged."""

import re
from bisect import bisect
from collections.abc import Mapping, Sequence

from mesotrain.core.courses import Question
from mesotrain.core.errors import BadContent
from mesotrain.core.questions import TYPES
from mesotrain.formats.bank import read_bank
from mesotrain.formats.exchange.notes import DESCRIPTION, KEPT, LOST, MEND, Brought, Exchanged, Sent
from mesotrain.formats.exchange.texts import seen
from mesotrain.formats.fields import TITLE
from mesotrain.formats.lines import Report, cleaned
from mesotrain.formats.media import boxes, read_medium
from mesotrain.formats.plain import plain
from mesotrain.formats.printed import write_bank, write_question

UNNAMED = "it has no competency yet; it takes that of the module it enters, unless you write one."
_FRONT = "---\nbank: checked\ntitle: Checked\nlanguage: en\ncompetency: ANY\n---"
_HEADING = re.compile(r"## [a-z]+-[0-9]{4}")


def stem(path: str) -> str:
    """The name of a file without its folder and ending, in small letters."""
    name = path.replace("\\", "/").rpartition("/")[2].lower()
    return name.rpartition(".")[0] or name


def slug(path: str) -> str:
    """A name for a bank that comes from this file."""
    found = re.sub("[^a-z0-9]+", "-", stem(path)).strip("-")
    return found[:40].strip("-") if re.match("[a-z]", found) else f"bank-{found[:35]}".strip("-")


def letters(path: str) -> str:
    """How the ids of its questions begin."""
    found = re.sub("[^a-z]", "", stem(path))[:8]
    return found if len(found) > 1 else "bank"


def read(content: bytes, path: str, prefix: str, beside: Mapping[str, bytes] | None = None) -> Brought:
    """The questions of a bank, those that are retired too. Raises BadContent with all that is wrong with it.

    Those that came from elsewhere have no competency yet, which is said of each. `beside` are the pictures that it
    shows, by their path, as they stand beside it.
    """
    report, media = Report(path), dict(beside or {})
    text = cleaned(content.decode("utf-8", "surrogateescape"), report)
    bank = read_bank(text, report, boxes(media), whole=False)
    for name, picture in media.items():
        read_medium(name, picture, here := Report(name))
        report.faults.extend(here.faults)
    if report.faults:
        raise BadContent(report.faults)
    found = [Exchanged(one) for one in (*bank.questions, *bank.retired)]
    for one in found:
        if not one.question.competency:
            one.notes.note(KEPT, UNNAMED)
    return Brought(found, media=media)


def pictures(content: bytes) -> list[str]:
    """The paths of the pictures that a bank shows."""
    found = re.findall(rb"\]\((media/[a-z0-9][a-z0-9-]*\.(?:svg|png|jpg|webp))", content)
    return sorted({one.decode() for one in found})


def look(brought: Brought, name: str) -> Sent:
    """No bank is written, but each note says what its check would find."""
    _checked(brought)
    return Sent(b"", brought.media)


def write(brought: Brought, name: str) -> Sent:
    """A bank, a draft where an author has something left to do: each note says what its check will find."""
    head = write_bank(name, name.replace("-", " ").capitalize()[:TITLE], "en", [])
    blocks = [block(one.question, one.title) for one in _checked(brought)]
    text = "\n\n".join([head.rstrip("\n"), *blocks]) + "\n"
    return Sent(text.encode(errors="replace"), brought.media)


def _checked(brought: Brought) -> list[Exchanged]:
    """The questions that a bank can have, with notes of what its check says of them, but that they have no competency
    yet."""
    written = []
    for one in brought.questions:
        if one.question.taker["type"] in TYPES:
            written.append(one)
        else:
            kind = one.question.taker["type"]
            said = f"a bank has no {kind} that stands alone" if kind == DESCRIPTION else f"a bank has no {kind}"
            one.notes.note(LOST, f"{said}; its text is left out.")
    for one in written:
        one.plain = plain(one.question)
    if tried := [one for one in written if not one.plain]:
        _tried(tried, brought.media)
    return written


def block(one: Question, title: str) -> str:
    """A question as it stands in a bank, with its name from elsewhere as a comment."""
    said = " ".join(seen(title).split()).replace("--", "\u2010\u2010").replace("<", "").replace(">", "")
    return write_question(one, said)


def _tried(tried: Sequence[Exchanged], media: Mapping[str, bytes]) -> None:
    """Notes for each of these what the check of a bank says of it."""
    blocks = [block(one.question, one.title) for one in tried]
    whole, report = "\n\n".join([_FRONT, *blocks]), Report("")
    read_bank(cleaned(whole, report), report, boxes(dict(media)))
    if not report.faults:
        return
    starts = [number for number, line in enumerate(whole.split("\n"), 1) if _HEADING.fullmatch(line)]
    for fault in report.faults:
        place = max(bisect(starts, fault.line) - 1, 0)
        one = tried[min(place, len(tried) - 1)]
        one.notes.said.append(("kept", f"{MEND}{fault.message.partition(': ')[2] or fault.message}"))
