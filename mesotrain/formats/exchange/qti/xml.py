"""QTI of every version as one tree: its elements and attributes by the names that QTI 2 gives them, in no namespace."""

import re
from posixpath import dirname, join, normpath

from lxml import etree

from mesotrain.core.errors import BadContent, Fault
from mesotrain.formats.exchange.moodle.xml import root_of
from mesotrain.formats.exchange.texts import unquoted

_ITEM, _TEST, _PACKAGE = "assessmentItem", "assessmentTest", "manifest"
ROOTS = (_ITEM, _TEST, _PACKAGE)
"""How a file of QTI 2 or 3 begins."""
_OWN = "qti-"
"""Begins the names of QTI 3."""
_HYPHEN = re.compile("-([a-z])")
MOST_BYTES, MOST_PARTS, MOST_TOGETHER = 16_000_000, 500_000, 500
"""Of one file: its tree takes twenty times its bytes where they are tags and attributes alone."""


def tree(content: bytes, path: str) -> etree._Element:
    """The root of a file of QTI, read as one that is hostile. Raises BadContent."""
    _not_beyond(path, "bytes", len(content), MOST_BYTES)
    _not_beyond(path, "tags and attributes", content.count(b"<") + content.count(b"="), MOST_PARTS)
    together = max(piece.count(b"=") for piece in content.split(b"<"))
    _not_beyond(path, "attributes in one tag", together, MOST_TOGETHER)
    root = root_of(content, path)
    for one in root.iter(etree.Element):
        _renamed(one)
    for pi in [one for one in root.iter(etree.PI) if one.getparent() is not root]:
        _without(pi)
    return root


def _not_beyond(path: str, what: str, has: int, most: int) -> None:
    if has > most:
        raise BadContent([Fault(path, 1, f"this file has {has:,} {what}; at most {most:,} are read.", "large")])


def _without(gone: etree._Element) -> None:
    """Takes what is no element out of its parent, and leaves the text behind it."""
    parent, before = gone.getparent(), gone.getprevious()
    if parent is None:
        return
    if before is not None:
        before.tail = (before.tail or "") + (gone.tail or "")
    else:
        parent.text = (parent.text or "") + (gone.tail or "")
    gone.tail = None
    parent.remove(gone)


def _renamed(element: etree._Element) -> None:
    name = etree.QName(element).localname
    own = name.startswith(_OWN)
    element.tag = _camel(name.removeprefix(_OWN)) if own else name
    for said, value in element.attrib.items():
        plain = etree.QName(str(said)).localname
        new = _camel(plain) if own and not plain.startswith("data-") else plain
        if new != said:
            del element.attrib[said]
            if new not in element.attrib:
                element.set(new, value)


def _camel(name: str) -> str:
    return _HYPHEN.sub(lambda found: found[1].upper(), name)


def name_of(element: etree._Element) -> str:
    """Its name; empty for what is no element."""
    return element.tag if isinstance(element.tag, str) else ""


def line_of(element: etree._Element) -> int:
    """Where it stands in its file."""
    return element.sourceline if isinstance(element.sourceline, int) else 1


def said(element: etree._Element, name: str, otherwise: str = "") -> str:
    """An attribute without the blanks round it."""
    return str(element.get(name, otherwise)).strip()


def truth(element: etree._Element, name: str, *, otherwise: bool = False) -> bool:
    """An attribute that is true or false."""
    found = said(element, name).lower()
    return found in ("true", "1") if found else otherwise


def text_of(element: etree._Element | None) -> str:
    """All that stands in an element, as it is."""
    return "" if element is None else "".join(map(str, element.itertext()))


def shown(element: etree._Element) -> str:
    """The name of an element for a sentence."""
    return f"<{name_of(element)[:40]}>"


def inside(beside: str, address: str) -> str:
    """The name of a file that another one of its package names."""
    path = address.partition("?")[0].partition("#")[0].replace("\\", "/")
    near = "" if path.startswith("/") else dirname(beside)
    return normpath(join(near, "/".join(map(unquoted, path.lstrip("/").split("/")))))
