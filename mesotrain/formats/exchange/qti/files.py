"""QTI as whole files: one item, several in one file, and content packages with their pictures."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lxml import etree

from mesotrain.core.errors import BadContent, Fault
from mesotrain.formats.archives import BEGINS, Archive
from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.notes import LOST, MOST_QUESTIONS, Brought, Exchanged, Names, Notes, Refusal
from mesotrain.formats.exchange.pictures import Album
from mesotrain.formats.exchange.qti import xml as qti_xml
from mesotrain.formats.exchange.qti.passages import with_passages
from mesotrain.formats.exchange.qti.questions import Around, exchanged
from mesotrain.formats.exchange.qti.rules import Effort
from mesotrain.formats.exchange.qti12 import files as qti12_files
from mesotrain.formats.exchange.qti12 import questions as qti12
from mesotrain.formats.exchange.texts import unquoted
from mesotrain.formats.media import KINDS, MOST_BYTES, boxes

ITEM, TEST, MANIFEST = "assessmentItem", "assessmentTest", "imsmanifest.xml"
_REFERENCE, _SECTION = "assessmentItemRef", "assessmentSectionRef"
_DEEPEST = 20
"""How many sections stand within one another in files of their own."""
_STEPS_OF_ONE = 150
"""What each further question of a file may take beside what they share."""
_MEDIUM = re.compile(r"(?:(?<=/)|^)media/[^/]+$")
_FIGURE = re.compile(r"\]\((media/[^)\s]+)")


class Member(NamedTuple):
    """An item of a file, or why there is none; in a package its own file, and what of its test has no place here."""

    name: str
    root: etree._Element | Refusal
    told: tuple[str, ...] = ()


class _Pictures(Album, Mapping[str, list[str]]):
    """The pictures of one item: by their address in its texts, and the boxes of those that are shown."""

    def __init__(self, archive: Archive | None, member: str) -> None:
        super().__init__()
        self._archive, self._member = archive, member

    def __call__(self, address: str) -> str | None:
        content = self._found(address)
        return None if content is None else self.keep(unquoted(address), content)

    def _found(self, address: str) -> bytes | None:
        if self._archive is None or re.match(r"[a-z][a-z0-9+.-]*:|//", address):
            return None
        near = (qti_xml.inside(beside, address) for beside in (self._member, ""))
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


def roots(content: bytes, path: str) -> tuple[Archive | None, Iterator[Member]]:
    """The items of a file. Raises BadContent."""
    if content.startswith(BEGINS):
        archive = Archive(content, path)
        return archive, _packed(archive, path)
    root = qti_xml.tree(content, path)
    items = [Member("", one) for one in _items(root)]
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


def _brought(items: Iterator[Member], archive: Archive | None, prefix: str) -> Brought:
    brought, names, effort = Brought(), Names(prefix), Effort()
    for one in items:
        root = one.root
        line = root.line if isinstance(root, Refusal) else qti_xml.line_of(root)
        if len(brought.questions) + len(brought.refused) == MOST_QUESTIONS:
            brought.refused.append(Refusal(line, f"one file has at most {MOST_QUESTIONS:,} questions; split it."))
            break
        if isinstance(root, Refusal):
            brought.refused.append(root)
            continue
        effort.left += _STEPS_OF_ONE
        try:
            question = _question(one.name, root, archive, names, effort, brought)
        except Unfit as unfit:
            brought.refused.append(Refusal(line, f"{one.name}: {unfit}" if one.name else str(unfit)))
            continue
        for said in one.told:
            question.notes.note(LOST, said)
        brought.questions.append(question)
    return brought


def _question(
    member: str, root: etree._Element, archive: Archive | None, names: Names, effort: Effort, brought: Brought
) -> Exchanged:
    notes, pictures, own = Notes(), _Pictures(archive, member), qti_xml.said(root, "identifier")
    if root.tag == ITEM:
        with_passages(root, member, lambda name: _file(archive, name), notes)
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


def _packed(archive: Archive, path: str) -> Iterator[Member]:
    """The items of a package: those of its tests in their order, then the others as its manifest names them."""
    manifests = [name for name in archive.names if name.rpartition("/")[2] == MANIFEST]
    tests: list[str] = []
    listed = sorted(name for name in archive.names if name.lower().endswith(qti12_files.ENDINGS))
    if manifests:
        first, listed = min(manifests, key=lambda one: one.count("/")), []
        manifest = qti_xml.tree(archive.read(first) or b"", f"{path}/{first}")
        for one in manifest.iter("resource"):
            kind, name = qti_xml.said(one, "type"), qti_xml.inside(first, qti_xml.said(one, "href"))
            if kind.startswith("imsqti_") and not qti12_files.TYPES.match(kind):
                (tests if kind.startswith("imsqti_test") else listed).append(name)
        listed += [qti_xml.inside(first, one) for one in qti12_files.members(manifest)]
    told: dict[str, list[str]] = {}
    for name in tests:
        for member, said in _of_test(archive, name, set()):
            if isinstance(said, Refusal):
                yield Member(member, said)
            else:
                told.setdefault(member, []).extend(said)
    for name in dict.fromkeys([*told, *listed]):
        root = _root(archive, name)
        if isinstance(root, Refusal):
            yield Member(name, root)
        else:
            yield from (Member(name, one, tuple(told.get(name, ()))) for one in _items(root))


def _of_test(archive: Archive, name: str, seen: set[str], depth: int = 0) -> Iterator[tuple[str, list[str] | Refusal]]:
    """The items that a test names in its order, with what it says of each; sections may stand in files of their own."""
    seen.add(name)
    root = _root(archive, name)
    if isinstance(root, Refusal):
        yield name, root
        return
    for one in root.iter(_REFERENCE, _SECTION):
        member = qti_xml.inside(name, qti_xml.said(one, "href"))
        if one.tag == _REFERENCE:
            yield member, list(_said_of(one))
        elif member not in seen and depth < _DEEPEST:
            yield from _of_test(archive, member, seen, depth + 1)


def _said_of(reference: etree._Element) -> Iterator[str]:
    """What a test says of an item it names that a bank cannot."""
    for one in reference.iterchildren("weight"):
        if (value := qti_xml.said(one, "value")) not in ("1", "1.0"):
            yield f"in its test it counts {value[:12]} times; write that as its points."
    for one in reference.iterchildren("preCondition", "branchRule"):
        yield f"when its test asks it, {qti_xml.shown(one)}, is left out."


def _items(root: etree._Element) -> list[etree._Element]:
    return qti12_files.items(root) or [*root.iter(ITEM)]


def _file(archive: Archive | None, name: str) -> etree._Element | None:
    """The root of a file of the package that can be read."""
    found = None if archive is None or name not in archive else _root(archive, name)
    return None if isinstance(found, Refusal) else found


def _root(archive: Archive, name: str) -> etree._Element | Refusal:
    content = archive.read(name)
    if content is None:
        return Refusal(1, f"{name[:80]} is named and not in the package.")
    try:
        return qti_xml.tree(content, name)
    except BadContent as bad:
        return Refusal(bad.faults[0].line, f"{name[:80]}: {bad.faults[0].message}")
