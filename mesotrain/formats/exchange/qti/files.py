"""QTI as whole files: one item, several in one file, and content packages with their pictures."""

import re
from collections.abc import Iterator, Mapping
from posixpath import dirname, join, normpath

from lxml import etree

from mesotrain.core.errors import BadContent, Fault
from mesotrain.formats.archives import BEGINS, Archive
from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.notes import LOST, MOST_QUESTIONS, Brought, Exchanged, Names, Notes, Refusal
from mesotrain.formats.exchange.pictures import Album
from mesotrain.formats.exchange.qti import xml as qti_xml
from mesotrain.formats.exchange.qti.questions import Around, exchanged
from mesotrain.formats.exchange.qti.rules import Effort
from mesotrain.formats.exchange.qti12 import files as qti12_files
from mesotrain.formats.exchange.qti12 import questions as qti12
from mesotrain.formats.exchange.texts import unquoted
from mesotrain.formats.media import KINDS, MOST_BYTES, boxes

ITEM, TEST, MANIFEST = "assessmentItem", "assessmentTest", "imsmanifest.xml"
_STEPS_OF_ONE = 150
"""What each further question of a file may take beside what they share."""
_MEDIUM = re.compile(r"(?:(?<=/)|^)media/[^/]+$")
_FIGURE = re.compile(r"\]\((media/[^)\s]+)")


class _Pictures(Album, Mapping[str, list[str]]):
    """The pictures of one item: by their address in its texts, and the boxes of those that are shown."""

    def __init__(self, archive: Archive | None, folder: str) -> None:
        super().__init__()
        self._archive, self._folder = archive, folder

    def __call__(self, address: str) -> str | None:
        content = self._found(address)
        return None if content is None else self.keep(unquoted(address), content)

    def _found(self, address: str) -> bytes | None:
        if self._archive is None or re.match(r"[a-z][a-z0-9+.-]*:|//", address):
            return None
        plain = join(dirname(address.partition("?")[0].partition("#")[0]), unquoted(address))
        near = [normpath(join(self._folder, plain)), normpath(plain.lstrip("/"))]
        names = [one for one in near if one in self._archive]
        return self._archive.read(names[0]) if names else None

    def _medium(self, path: str) -> bytes | None:
        """The file that a bank calls so: that of an item, or the one of this name in the package."""
        if path in self.shown or self._archive is None:
            return self.shown.get(path)
        found = [path] if path in self._archive else [one for one in self._archive.names if one.endswith(f"/{path}")]
        return self._archive.read(found[0]) if found else None

    def taken(self, text: str) -> None:
        """Keeps the files that a question of a bank shows, by the names it knows them by."""
        for path in dict.fromkeys(_FIGURE.findall(text)):
            content = self._medium(path)
            if content is not None and path not in self.shown and self.fit(path, content):
                self.shown[path] = content

    def __getitem__(self, path: str) -> list[str]:
        content = self._medium(path) if path.rpartition(".")[2] in KINDS else None
        if content is None or len(content) > MOST_BYTES:
            raise KeyError(path)
        return boxes({path: content})[path]

    def __iter__(self) -> Iterator[str]:
        named = [] if self._archive is None else [_MEDIUM.search(one) for one in self._archive.names]
        yield from dict.fromkeys([*self.shown, *(found[0] for found in named if found)])

    def __len__(self) -> int:
        return sum(1 for _ in self)


def read(content: bytes, path: str, prefix: str) -> Brought:
    """The questions of a file of QTI, an item, several, or a package. Raises BadContent."""
    archive, items = roots(content, path)
    return _brought(items, archive, prefix)


def roots(content: bytes, path: str) -> tuple[Archive | None, Iterator[tuple[str, etree._Element | Refusal]]]:
    """The items of a file, each with the name of its own file in the package, where it is one. Raises BadContent."""
    if content.startswith(BEGINS):
        archive = Archive(content, path)
        return archive, _packed(archive, path)
    root = qti_xml.tree(content, path)
    items: list[tuple[str, etree._Element | Refusal]] = [("", one) for one in _items(root)]
    if not items and root.tag != qti12.ROOT:
        if root.tag == TEST:
            said = "this is a test without its questions, which stand in files of their own; take the whole package."
        else:
            said = f"a file of QTI begins with <{ITEM}>, not with <{str(root.tag)[:40]}>."
        raise BadContent([Fault(path, 1, said, "xml")])
    return None, iter(items)


_QTI = re.compile(rb"<(?:[\w.-]{1,40}:)?(?:qti-)?assessment-?(?:item|test)[\s>]|<questestinterop[\s>]", re.IGNORECASE)


def is_qti(content: bytes) -> bool:
    """Whether an XML file, whose name does not tell, begins as one of QTI."""
    begins = re.search(rb"<[^?!]", content[:20_000])
    return bool(begins and _QTI.match(content, begins.start()))


def _brought(items: Iterator[tuple[str, etree._Element | Refusal]], archive: Archive | None, prefix: str) -> Brought:
    brought, names, effort = Brought(), Names(prefix), Effort()
    for member, root in items:
        line = root.line if isinstance(root, Refusal) else qti_xml.line_of(root)
        if len(brought.questions) + len(brought.refused) == MOST_QUESTIONS:
            brought.refused.append(Refusal(line, f"one file has at most {MOST_QUESTIONS:,} questions; split it."))
            break
        if isinstance(root, Refusal):
            brought.refused.append(root)
            continue
        effort.left += _STEPS_OF_ONE
        try:
            brought.questions.append(_question(member, root, archive, names, effort, brought))
        except Unfit as unfit:
            brought.refused.append(Refusal(line, f"{member}: {unfit}" if member else str(unfit)))
    return brought


def _question(
    member: str, root: etree._Element, archive: Archive | None, names: Names, effort: Effort, brought: Brought
) -> Exchanged:
    notes, pictures, own = Notes(), _Pictures(archive, dirname(member)), qti_xml.said(root, "identifier")
    if root.tag == ITEM:
        found = exchanged(root, names.next(own), notes, Around(pictures, pictures, effort))
    else:
        own, shown = qti_xml.said(root, "ident"), qti12_files.figure(pictures, archive.names if archive else ())
        found = qti12.question_of(root, names.next(own), notes, shown, effort)
    pictures.taken(f"{found.question.taker} {found.question.key}")
    brought.media |= pictures.shown
    for said in pictures.refused:
        notes.note(LOST, said)
    if found.question.name != own:
        notes.said.append(("kept", f"it was called “{own[:60]}”{f' in {member[:80]}' if member else ''}."))
    return found


def _packed(archive: Archive, path: str) -> Iterator[tuple[str, etree._Element | Refusal]]:
    """The items of a package: those of its tests in their order, then the others as its manifest names them."""
    manifests = [name for name in archive.names if name.rpartition("/")[2] == MANIFEST]
    tests: list[str] = []
    listed = sorted(name for name in archive.names if name.lower().endswith(qti12_files.ENDINGS))
    if manifests:
        first, listed = min(manifests, key=lambda one: one.count("/")), []
        manifest = qti_xml.tree(archive.read(first) or b"", f"{path}/{first}")
        for one in manifest.iter("resource"):
            kind, name = qti_xml.said(one, "type"), _inside(first, qti_xml.said(one, "href"))
            if kind.startswith("imsqti_") and not qti12_files.TYPES.match(kind):
                (tests if kind.startswith("imsqti_test") else listed).append(name)
        listed += [_inside(first, one) for one in qti12_files.members(manifest)]
    order: list[str] = []
    for name in tests:
        root = _root(archive, name)
        if isinstance(root, Refusal):
            yield name, root
        else:
            order += [_inside(name, qti_xml.said(one, "href")) for one in root.iter("assessmentItemRef")]
    for name in dict.fromkeys([*order, *listed]):
        root = _root(archive, name)
        if isinstance(root, Refusal):
            yield name, root
        else:
            yield from ((name, one) for one in _items(root))


def _items(root: etree._Element) -> list[etree._Element]:
    return qti12_files.items(root) or [*root.iter(ITEM)]


def _root(archive: Archive, name: str) -> etree._Element | Refusal:
    content = archive.read(name)
    if content is None:
        return Refusal(1, f"{name[:80]} is named and not in the package.")
    try:
        return qti_xml.tree(content, name)
    except BadContent as bad:
        return Refusal(bad.faults[0].line, f"{name[:80]}: {bad.faults[0].message}")


def _inside(beside: str, address: str) -> str:
    """The name of a file that another one of the archive names."""
    return normpath(join(dirname(beside), join(dirname(address), unquoted(address))))
