"""Banks brought in from where they are and taken anywhere: the formats, and a conversion between two of them.

In between stands the model of a bank, `notes.Exchanged`. Nothing is lost in silence: every question has its notes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from mesotrain.core.errors import BadContent, Refused
from mesotrain.formats.exchange import banks, bundles, reviews
from mesotrain.formats.exchange.moodle import files as moodle_files
from mesotrain.formats.exchange.notes import LOST, Brought, Exchanged, Refusal, Sent
from mesotrain.formats.exchange.pasted import documents
from mesotrain.formats.exchange.pasted import files as text_files
from mesotrain.formats.exchange.qti import files as qti_files
from mesotrain.formats.exchange.sheets import files as spreadsheets
from mesotrain.formats.exchange.to_qti import files as to_qti

MOST_BYTES = 32_000_000
"""Of a file that is read."""


@dataclass(frozen=True)
class Format:
    """One format: its name for people, the endings of its files, and how it is read and written, where it can be.

    `read` is given a file's content, its path for sentences, and how ids begin. `write` is given what is sent and
    leaves out, with a note, what the format cannot say. `fits` tells a file from those of formats further below that
    have the same ending.
    """

    title: str
    extensions: tuple[str, ...]
    read: Callable[[bytes, str, str], Brought] | None = None
    write: Callable[[Brought, str], Sent] | None = None
    fits: Callable[[bytes], bool] = lambda content: True

    @property
    def ending(self) -> str:
        """That of a file of it: its first, or of the format that is read alike."""
        alike = (one for one in (self, *FORMATS.values()) if one.read is self.read)
        return next((ending for one in alike for ending in one.extensions), "")


FORMATS = {
    "bank": Format("Bank in Markdown", (".md",), bundles.read, banks.write),
    "gift": Format("GIFT", (".gift", ".txt"), moodle_files.read_gift, moodle_files.write_gift, text_files.is_gift),
    "moodle-xml": Format(
        "Moodle XML",
        (".xml",),
        moodle_files.read_xml,
        moodle_files.write_xml,
        lambda content: not qti_files.is_qti(content),
    ),
    "bank-zip": Format("Bank with its pictures", (".zip",), bundles.read_packed, fits=bundles.is_bundle),
    "qti": Format("QTI 3.0", (".zip", ".xml"), qti_files.read, to_qti.write_3_0),
    "qti-2.2": Format("QTI 2.2", (".zip",), qti_files.read, to_qti.write_2_2),
    "qti-2.1": Format("QTI 2.1", (".zip",), qti_files.read, to_qti.write_2_1),
    "aiken": Format("Aiken", (".aiken", ".txt"), text_files.read_aiken, fits=text_files.is_aiken),
    "text": Format("Text as people type it", (".txt", ".text"), text_files.read_pasted),
    "docx": Format("Word-processor file", (".docx",), documents.read),
    "review-docx": Format("Document for a reviewer", (".docx",), write=reviews.write),
    "csv": Format("Spreadsheet as CSV", (".csv", ".tsv"), spreadsheets.read, spreadsheets.write_csv),
    "xlsx": Format("Spreadsheet", (".xlsx",), spreadsheets.read, spreadsheets.write_xlsx),
}
"""What can be read and written, by the names that ``--from`` and ``--to`` know."""


@dataclass
class Conversion:
    """What was made of a file, and of each of its questions; without `sent` nothing was."""

    sent: Sent | None = None
    questions: list[Exchanged] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    @property
    def status(self) -> int:
        """As a command ends: 0 whole, 3 with losses, 1 where nothing was made."""
        if self.sent is None:
            return 1
        return 3 if self.refused or any(one.notes.status == LOST for one in self.questions) else 0

    def report(self) -> dict[str, object]:
        """The same for programs: each question with its line in the source, and what became of it."""
        questions = [
            {
                "id": one.question.name,
                "line": one.question.line,
                "status": one.notes.status,
                "notes": one.notes.sentences,
            }
            for one in self.questions
        ]
        refused = [{"line": one.line, "sentence": one.sentence} for one in self.refused]
        return {"questions": questions, "refused": refused}


def format_of(path: str, named: str = "", content: bytes | None = None) -> str:
    """The format of a file by its name and what it holds, unless it is `named`; without `content`, one to be written.

    Raises Refused.
    """
    if named and named not in FORMATS:
        raise Refused("%(name)s is no format; known are %(known)s.", name=named, known=", ".join(FORMATS))
    if named and content is None and not FORMATS[named].write:
        raise Refused("%(name)s is only read, not written.", name=named)
    if named and content is not None and not FORMATS[named].read:
        raise Refused("%(name)s is only written, not read.", name=named)
    able = {
        name: one
        for name, one in FORMATS.items()
        if path.lower().endswith(one.extensions) and (one.read if content is not None else one.write)
    }
    fitting = (name for name, one in able.items() if len(able) == 1 or content is None or one.fits(content))
    found = named or next(fitting, "")
    if not found:
        raise Refused("The name of %(path)s does not tell its format; say which it is.", path=path)
    return found


def convert(
    content: bytes,
    path: str,
    source: str,
    target: str,
    *,
    prefix: str = "",
    name: str = "",
    beside: Mapping[str, bytes] | None = None,
) -> Conversion:
    """The file at `path`, in the format `source`, in the format `target`; without one only what a bank's check says.

    `prefix` begins the ids that questions get, `name` is that of the bank; without them they come of the path. `beside`
    are the pictures of a bank, which has them in files of their own. A file that cannot be read as a whole is refused
    in the conversion, not raised.
    """
    reader, writer = FORMATS[source].read, FORMATS[target].write if target else banks.look
    if reader is None or writer is None:
        raise Refused("%(source)s cannot be made into %(target)s.", source=source, target=target)
    if len(content) > MOST_BYTES:
        return _refused(f"this file has {len(content):,} bytes; at most {MOST_BYTES:,} are read.")
    if source == "bank":
        reader = partial(bundles.read, beside=beside)
    try:
        brought = reader(content, path, prefix or banks.letters(path))
    except BadContent as bad:
        return Conversion(refused=[Refusal(fault.line, fault.message) for fault in bad.faults])
    if not brought.questions:
        return (
            Conversion(refused=brought.refused) if brought.refused else _refused("there are no questions in this file.")
        )
    sent = writer(brought, name or banks.slug(path))
    return Conversion(sent, brought.questions, brought.refused)


def _refused(sentence: str) -> Conversion:
    return Conversion(refused=[Refusal(1, sentence)])


__all__ = ["FORMATS", "Conversion", "Format", "convert", "format_of"]
