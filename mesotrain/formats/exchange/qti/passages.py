"""What items of QTI share: a passage that stands in a file of its own, shown above what each of them asks."""

import re
from collections.abc import Callable
from copy import deepcopy

from lxml import etree

from mesotrain.formats.exchange.notes import LOST, Notes
from mesotrain.formats.exchange.qti.xml import inside, said

_NAMED, _ADDRESSES = "assessmentStimulusRef", ("src", "data", "href")
"""How an item names a passage, and the attributes in which a passage names files."""


def with_passages(
    root: etree._Element, member: str, found: Callable[[str], etree._Element | None], notes: Notes
) -> None:
    """Puts the passages that an item of this file names in front of its text. `found` is the root of a file."""
    body = root.find("itemBody")
    for at, one in enumerate(root.iterchildren(_NAMED)):
        name = inside(member, said(one, "href"))
        whole = found(name)
        passage = None if whole is None else whole.find("stimulusBody")
        if passage is None or body is None:
            notes.note(LOST, f"its passage “{said(one, 'title') or name}” is not in the file.")
            continue
        shown = deepcopy(passage)
        shown.tag, shown.tail = "div", None
        for each in shown.iter(etree.Element):
            for address in _ADDRESSES:
                if (given := said(each, address)) and ":" not in given:
                    each.set(address, _address(inside(name, given)))
        body.insert(at, shown)
        if not at:
            shown.tail, body.text = body.text, None


def _address(name: str) -> str:
    """A file by its name in the package, as an address."""
    return "/" + re.sub(r"[%?#\\]", lambda found: f"%{ord(found[0]):02x}", name)
