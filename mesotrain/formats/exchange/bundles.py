"""A bank and its pictures in one file: a folder, packed."""

from collections.abc import Mapping
from io import BytesIO
from posixpath import basename, dirname
from zipfile import ZipFile, ZipInfo

from mesotrain.core.errors import BadContent, Fault
from mesotrain.formats.archives import BEGINS, Archive
from mesotrain.formats.exchange import banks
from mesotrain.formats.exchange.notes import LOST, Brought
from mesotrain.formats.lines import FIGURE
from mesotrain.formats.media import KINDS

BANK = ".md"
MISSING = "is not beside the bank; send it along."


def packed(files: Mapping[str, bytes]) -> bytes:
    """These files by their paths in one, the same bytes whenever it is made."""
    with ZipFile(made := BytesIO(), "w") as folder:
        for path, content in files.items():
            folder.writestr(ZipInfo(path), content)
    return made.getvalue()


def is_bundle(content: bytes) -> bool:
    """Whether a zip file holds a bank in Markdown, as it tells before all of it is read."""
    try:
        return content.startswith(BEGINS) and bool(_banks(Archive(content, "")))
    except BadContent:
        return False


def read(content: bytes, path: str, prefix: str, beside: Mapping[str, bytes] | None = None) -> Brought:
    """The questions of a bank with the pictures `beside` it, by their path. Raises BadContent."""
    missing = [one for one in banks.pictures(content) if one not in (beside or {})]
    try:
        brought = banks.read(content, path, prefix, beside)
    except BadContent as bad:
        more = [Fault(path, 1, f"its picture {one} {MISSING}", "media") for one in missing]
        raise BadContent([*more, *bad.faults]) from bad
    for one in brought.questions if missing else ():
        for figure in FIGURE.finditer(one.question.source):
            if figure["path"] in missing:
                one.notes.note(LOST, f"its picture {figure['path']} {MISSING}")
    return brought


def read_packed(content: bytes, path: str, prefix: str) -> Brought:
    """The questions of a bank and its pictures in one zip file. Raises BadContent."""
    archive = Archive(content, path)
    found = _banks(archive)
    if len(found) != 1:
        said = f"a bank is one file that ends in {BANK}, its pictures beside it; here are {len(found)}."
        raise BadContent([Fault(path, 1, said, "zip")])
    (bank,) = found
    home = f"{dirname(bank)}/media/".lstrip("/")
    kinds = tuple(f".{ending}" for ending in KINDS)
    names = [name for name in archive.names if name.startswith(home) and name.endswith(kinds)]
    beside = {f"media/{name.removeprefix(home)}": archive[name] for name in names}
    return read(archive[bank], basename(bank), prefix, beside)


def _banks(archive: Archive) -> list[str]:
    return [name for name in archive.names if name.endswith(BANK)]
