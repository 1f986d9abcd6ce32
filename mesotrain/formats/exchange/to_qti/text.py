"""A bank's Markdown as the XHTML that items of every version of QTI take."""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256

from lxml import etree, html
from lxml.etree import SubElement, _Element

from mesotrain.core.questions import option_id
from mesotrain.formats.exchange.to_qti.names import XHTML
from mesotrain.formats.markup import render

_OTHER = {"figure": "div", "figcaption": "p", "del": "span"}
"""What stands for the names that QTI 2.1 has not."""
_ATTRIBUTES = {
    "a": {"href", "class"},
    "div": {"class"},
    "img": {"src", "alt"},
    "li": {"id"},
    "p": {"class"},
    "sup": {"id"},
    "th": {"scope"},
}
NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML can hold."""
Place = Callable[[str], _Element]
"""Makes what stands in the gap of this name."""


class Texts:
    """The texts of one item; `shown` are the paths of the pictures they show."""

    def __init__(self, media: Mapping[str, bytes]) -> None:
        self._digests = {path: sha256(content).hexdigest() for path, content in media.items()}
        self._paths = {f"/media/{self._digests[path]}.{path.rpartition('.')[2]}": path for path in media}
        self.shown: set[str] = set()

    def has(self, path: str) -> bool:
        """Whether a picture is there, which then is shown."""
        self.shown |= {path} & self._digests.keys()
        return path in self._digests

    def blocks(self, parent: _Element, text: str) -> None:
        """Puts the paragraphs of a text into `parent`."""
        if text.strip():
            self._copied(self._html(text), parent)

    def flow(self, parent: _Element, text: str) -> None:
        """Puts a text into `parent`, without a paragraph round it where it is one."""
        root = self._html(text)
        (only, *more) = [*root] or [None]
        if only is not None and only.tag == "p" and not more and not only.attrib:
            root = only
        self._copied(root, parent)

    def _html(self, text: str) -> _Element:
        clean = NO_XML.sub("", text)
        shown = NO_XML.sub("", render(clean, media=self._digests, prefix=option_id(clean)))
        found: _Element = html.fragment_fromstring(shown, create_parent="div")
        return found

    def _copied(self, source: _Element, parent: _Element) -> None:
        _say(parent, source.text)
        for one in source:
            if isinstance(one.tag, str):
                tag = _OTHER.get(one.tag, one.tag)
                self._copied(one, SubElement(parent, tag, self._attributes(one)) if tag in XHTML else parent)
            _say(parent, one.tail)

    def _attributes(self, one: _Element) -> dict[str, str]:
        found = {name: str(one.get(name)) for name in _ATTRIBUTES.get(str(one.tag), ()) if one.get(name) is not None}
        for name in {"id", "href"} & found.keys():
            if found[name].startswith(("fn", "#fn")):
                found[name] = found[name].replace(":", "-")
        if path := self._paths.get(found.get("src", "")):
            self.shown.add(path)
            found["src"] = path
        return dict(sorted(found.items()))


def _say(parent: _Element, text: str | None) -> None:
    """Text behind all that is in `parent`."""
    if text and len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    elif text:
        parent.text = (parent.text or "") + text


def with_gaps(root: _Element, gap: re.Pattern[str], place: Place) -> None:
    """Puts an element into each gap of the texts in `root`."""
    for one in [*root.iter(etree.Element)]:
        if one.text and gap.search(one.text):
            before, found = _split(one.text, gap, place)
            one.text = before
            for at, child in enumerate(found):
                one.insert(at, child)
        parent = one.getparent()
        if one is not root and one.tail and parent is not None and gap.search(one.tail):
            before, found = _split(one.tail, gap, place)
            one.tail = before
            for at, child in enumerate(found, parent.index(one) + 1):
                parent.insert(at, child)


def _split(text: str, gap: re.Pattern[str], place: Place) -> tuple[str, list[_Element]]:
    before, *rest = gap.split(text)
    found = []
    for name, behind in zip(rest[::2], rest[1::2], strict=True):
        one = place(name)
        one.tail = (one.tail or "") + behind
        found.append(one)
    return before, found
