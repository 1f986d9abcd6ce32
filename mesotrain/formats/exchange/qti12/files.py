"""QTI 1.2 as files: where a package or a cartridge keeps its questions, and what its pictures are called there."""

import re
from collections.abc import Iterable, Sequence

from lxml import etree

from mesotrain.formats.exchange.qti.xml import said
from mesotrain.formats.exchange.qti12.questions import ROOT
from mesotrain.formats.exchange.texts import Figure, unquoted

ELSEWHERE = "bankentry_item"
"""Stands for a question that another file holds."""
ENDINGS = (".xml", ".qti")
"""How the names of files end that may hold questions."""
TYPES = re.compile(r"imsqti_xmlv1p[0-9]")
"""What the manifest of a package calls a file of QTI 1."""
_BASE = re.compile(r"^(?:\$|%24)IMS[-_]CC[-_]FILE_?BASE(?:\$|%24)/?(?:\.\./)?", re.IGNORECASE)


def items(root: etree._Element) -> list[etree._Element]:
    """What a file of QTI 1.2 asks, in its order; in another file there is none."""
    return [*root.iter("item", ELSEWHERE)] if root.tag == ROOT else []


def members(manifest: etree._Element) -> Iterable[str]:
    """The addresses of the files with questions of a package.

    Some cartridges hold a quiz twice, once with the few types that every platform knows, once with all; where there is
    one with all, under the name of the other, it is that which is taken.
    """
    found: dict[str, list[str]] = {}
    for one in manifest.iter("resource"):
        files = [said(one, "href"), *(said(each, "href") for each in one.iterchildren("file"))]
        named = [each for each in dict.fromkeys(files) if each.lower().endswith(ENDINGS)]
        if TYPES.match(said(one, "type")):
            found.setdefault(said(one, "identifier"), named[:1])
        for whole in (each for each in named if each.lower().endswith(".xml.qti")):
            found[whole.rpartition("/")[2].partition(".")[0]] = [whole]
    for each in found.values():
        yield from each


def figure(shown: Figure, names: Sequence[str]) -> Figure:
    """`shown`, also for addresses that begin where a cartridge keeps its files, wherever among `names` that is."""

    def found(address: str) -> str | None:
        plain = _BASE.sub("", address).partition("?")[0]
        name = "/".join(unquoted(part) for part in plain.split("/"))
        near = [one for one in names if one == name or one.endswith(f"/{name}")]
        return shown(address) or (shown(f"/{near[0]}") if near and name else None)

    return found
