"""The files that figures show: which kinds there are, and what may not be in one."""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from hashlib import sha256

from lxml import etree

from mesotrain.core.courses import Medium
from mesotrain.core.numbers import decimal_text
from mesotrain.formats.lines import Report

KINDS = {"svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
"""File endings and their media types."""

_BEGINNINGS = {"png": rb"\x89PNG\r\n\x1a\n", "jpg": rb"\xff\xd8\xff", "webp": rb"RIFF....WEBP"}
MOST_BYTES = 300_000
_ACTING = {
    "script",
    "foreignObject",
    "iframe",
    "object",
    "embed",
    "audio",
    "video",
    "image",
    "handler",
    "set",
    "animate",
}
_ELSEWHERE = re.compile(r"url\(\s*['\"]?(?!#)|@import|javascript:", re.IGNORECASE)


def read_medium(path: str, content: bytes, report: Report) -> Medium:
    """The file as a figure shows it; what may not be in it goes to `report`."""
    ending = path.rpartition(".")[2]
    if len(content) > MOST_BYTES:
        report.say("large", 1, f"this file has {len(content):,} bytes; a figure has at most {MOST_BYTES:,}.")
    elif ending == "svg":
        _svg(content, report)
    elif not re.match(_BEGINNINGS[ending], content, re.DOTALL):
        report.say("media", 1, f"this is no {ending.upper()} picture, whatever its name says.")
    return Medium(sha256(content).hexdigest(), KINDS[ending], content)


def _svg(content: bytes, report: Report) -> None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        report.say(
            "media", error.lineno or 1, "from here on this SVG cannot be read as XML; save it again as plain SVG."
        )
        return
    if b"<!DOCTYPE" in content:
        report.say("media", 1, "a figure declares no document type and no entities; save it as plain SVG.")
    if root.tag != "{http://www.w3.org/2000/svg}svg" or "viewBox" not in root.attrib:
        report.say("media", 1, 'an SVG begins with <svg xmlns="http://www.w3.org/2000/svg" viewBox="...">.')
    for element in root.iter(etree.Element):
        if _acts(element):
            sentence = "a figure only stands there: no script, no animation, no picture or link from elsewhere."
            report.say("media", element.sourceline if isinstance(element.sourceline, int) else 1, sentence)


def _acts(element: etree._Element) -> bool:
    """Whether an element does something, or fetches something from elsewhere."""
    names = {name: etree.QName(name).localname.lower() for name in map(str, element.attrib)}
    return (
        etree.QName(element).localname in _ACTING
        or bool(_ELSEWHERE.search(element.text or ""))
        or any(
            names[name].startswith("on")
            or (names[name] == "href" and not value.startswith("#"))
            or bool(_ELSEWHERE.search(value))
            for name, value in zip(names, map(str, element.attrib.values()), strict=True)
        )
    )


_NUMBER = re.compile(r"-?[0-9]{1,6}(?:\.[0-9]{1,6})?")
_LENGTH = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)([a-z]*)")


def boxes(files: Mapping[str, str | bytes], folder: str = "") -> dict[str, list[str]]:
    """Left, top, width and height of each SVG and PNG in a folder, in its own coordinates, by its path there.

    What cannot be told for certain is left out: an SVG that is drawn in another shape than it is shown in.
    """
    here = ((path.removeprefix(folder), content) for path, content in files.items() if path.startswith(folder))
    found = ((path, list(_box(path, content))) for path, content in here if isinstance(content, bytes))
    return {path: [decimal_text(one) for one in box] for path, box in found if box}


def _box(path: str, content: bytes) -> Iterator[Fraction]:
    if path.endswith(".png") and content[12:16] == b"IHDR":
        yield from (Fraction(0), Fraction(0), *(Fraction(int.from_bytes(content[at : at + 4])) for at in (16, 20)))
    if not path.endswith(".svg"):
        return
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError:
        return
    numbers = re.split(r"[\s,]+", str(root.get("viewBox", "")).strip())
    if len(numbers) != 4 or not all(map(_NUMBER.fullmatch, numbers)):
        return
    left, top, width, height = map(Fraction, numbers)
    given = [said for name in ("width", "height") if not (said := str(root.get(name, "%"))).endswith("%")]
    lengths = [found.groups() for said in given if (found := _LENGTH.fullmatch(said))]
    match lengths:
        case [(wide, unit), (high, other)]:
            shaped = unit == other and Fraction(wide) * height == Fraction(high) * width
        case _:
            shaped = len(given) < 2
    if width > 0 and height > 0 and shaped:
        yield from (left, top, width, height)
