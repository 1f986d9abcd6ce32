"""Markdown to HTML that is safe to show: inert without scripts, styles or anything an author did not see.

Raw HTML in a text is shown as the text it is, so that “if weight<age” loses nothing; nh3 then holds the
allow-list whatever Markdown lets through.
"""

import re
from collections.abc import Container, Mapping
from functools import partial
from html import escape, unescape
from xml.etree.ElementTree import Element, SubElement

import nh3
from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.blockprocessors import BlockProcessor
from markdown.extensions.abbr import AbbrExtension
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.tables import TableExtension
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString

from mesotrain.core.questions import BLOCKS, Part, option_id, question, with_texts
from mesotrain.formats.lines import ADMONITIONS, CHECK, CITATION, FIGURE, SLUG

TAGS = frozenset({
    "a", "abbr", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "figcaption", "figure", "h3", "h4",
    "h5", "h6", "hr", "img", "li", "ol", "p", "pre", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead",
    "tr", "ul",
})  # fmt: skip
ATTRIBUTES = {
    "a": frozenset({"href", "title"}),
    "abbr": frozenset({"title"}),
    "img": frozenset({"alt", "src"}),
    "li": frozenset({"id"}),
    "ol": frozenset({"start"}),
    "sup": frozenset({"id"}),
    "td": frozenset({"align"}),
    "th": frozenset({"align"}),
}
CLASSES: dict[str, frozenset[str]] = {
    "a": frozenset({"cite", "footnote-backref", "footnote-ref"}),
    "div": frozenset({"admonition", "check", "footnote", *ADMONITIONS}),
    "p": frozenset({"admonition-title"}),
}
_ALLOWED = {
    "align": re.compile(r"left|center|right"),
    "start": re.compile(r"[0-9]{1,6}"),
    "href": re.compile(r"(?:https?://|mailto:|#).*", re.IGNORECASE | re.DOTALL),
    "src": re.compile(r"/media/[0-9a-f]{64}\.[a-z]{3,4}"),
    "id": re.compile(r"fn(?:ref[0-9]*)?:[\w-]+"),
}
_TOGETHER = re.compile(
    r"(?<=[0-9]) (?=%|[0-9]{3}\b|(?:m|micro|k)?g(?:rams?)?\b|(?:mcg|m?L|mm|cm|IU|units?|seconds?|minutes?|hours?)\b)"
    r"(?![^<]*>)"
)
"""The space before a unit, or within a number: a line that broke there would make another dose of it."""
_FOOTNOTE = re.compile(r"(#?)fn(ref[0-9]*)?:([\w-]+)")
_SECTION = re.compile(rf"#({SLUG})")
_TAG = re.compile(r"<[^>]*>")
_NO_WORDS = re.compile(r'<div class="check">.*?</div>|<sup[ >].*?</sup>|\[<a class="cite"[^\]]*\]', re.DOTALL)
_LONE = re.compile(r"<p>((?:(?!</?p[ >]).)*)</p>", re.DOTALL)


class _Citations(InlineProcessor):
    """``[I01, I20]`` as links to the references, for the codes that are known."""

    def __init__(self, known: Container[str]) -> None:
        super().__init__(CITATION.pattern)
        self._known = known

    def handleMatch(  # type: ignore[override]  # the documented result, which the stubs lack
        self, m: re.Match[str], data: str
    ) -> tuple[Element | None, int | None, int | None]:
        codes = re.split(r",\s*", m[1])
        if not any(code in self._known for code in codes):
            return None, None, None
        group = Element("span")
        text, last = "[", None
        for place, code in enumerate(codes):
            text += ", " if place else ""
            if code not in self._known:
                text += code
                continue
            _put(group, last, text)
            last, text = SubElement(group, "a", {"class": "cite", "href": f"#ref-{code}"}), ""
            last.text = AtomicString(code)
        _put(group, last, text + "]")
        return group, m.start(0), m.end(0)


def _put(group: Element, last: Element | None, text: str) -> None:
    if last is None:
        group.text = AtomicString(text)
    else:
        last.tail = AtomicString(text)


class _Checks(BlockProcessor):
    """The place of a question that a reader checks themselves by; the page puts it there."""

    def test(self, parent: Element, block: str) -> bool:
        return bool(CHECK.fullmatch(block.strip()))

    def run(self, parent: Element, blocks: list[str]) -> None:
        found = CHECK.fullmatch(blocks.pop(0).strip())
        if found is None:
            raise AssertionError("test() said that there is one")
        place = SubElement(SubElement(parent, "div", {"class": "check"}), "a", {"href": f"#check:{found['name']}"})
        place.text = AtomicString(found["words"])


class _Figures(BlockProcessor):
    """A figure with its caption, for the files that are known."""

    def __init__(self, parser: BlockParser, media: Mapping[str, str]) -> None:
        super().__init__(parser)
        self._media = media

    def test(self, parent: Element, block: str) -> bool:
        return self._at(block.split("\n")) is not None

    def _at(self, lines: list[str]) -> int | None:
        found = (FIGURE.fullmatch(line.strip()) for line in lines)
        return next((place for place, one in enumerate(found) if one and one["path"] in self._media), None)

    def run(self, parent: Element, blocks: list[str]) -> None:
        lines = blocks.pop(0).split("\n")
        place = self._at(lines)
        found = FIGURE.fullmatch(lines[place or 0].strip())
        if place is None or found is None:
            raise AssertionError("test() said that there is one")
        self.parser.parseBlocks(parent, ["\n".join(lines[:place])])
        figure = SubElement(parent, "figure")
        address = f"/media/{self._media[found['path']]}.{found['path'].rpartition('.')[2]}"
        SubElement(figure, "img", {"src": address, "alt": found["alt"].strip()})
        if found["caption"]:
            SubElement(figure, "figcaption").text = found["caption"]
        if rest := "\n".join(lines[place + 1 :]):
            blocks.insert(0, rest)


def render(
    text: str,
    *,
    abbreviations: Mapping[str, str] | None = None,
    cite: Container[str] | None = None,
    media: Mapping[str, str] | None = None,
    prefix: str = "",
    course: str = "",
) -> str:
    """`text` as safe HTML. `cite` holds the known reference codes, whose links lead to ``#ref-CODE``.

    `media` gives the digest of each file that figures show, by its path; they lead to ``/media/DIGEST.ENDING``.
    `prefix` keeps the footnotes of several texts on one page apart. A link to a section of the `course` leads to the
    address that finds it wherever it stands. Text nested beyond what the Markdown library can follow comes back as it
    was written.
    """
    writer = Markdown(
        extensions=[
            TableExtension(use_align_attribute=True),
            FootnoteExtension(),
            AbbrExtension(glossary=dict(abbreviations or {})),
            "admonition",
            "attr_list",
            "fenced_code",
        ]
    )
    writer.preprocessors.deregister("html_block")
    writer.inlinePatterns.deregister("html")
    writer.parser.blockprocessors.deregister("setextheader")
    writer.parser.blockprocessors.register(_Figures(writer.parser, media or {}), "figures", 85)
    writer.parser.blockprocessors.register(_Checks(writer.parser), "checks", 84)
    for name in ("image_link", "image_reference", "short_image_ref"):
        writer.inlinePatterns.deregister(name)
    if cite is not None:
        writer.inlinePatterns.register(_Citations(cite), "citations", 172)
    try:
        html = writer.convert(text)
    except RecursionError:
        html = f"<pre>{escape(text)}</pre>"
    return _TOGETHER.sub("\u00a0", safe(html, prefix, course))


def words(html: str) -> str:
    """What a reader of safe HTML reads, on one line."""
    plain = " ".join(unescape(_TAG.sub(" ", _NO_WORDS.sub(" ", html))).split())
    return re.sub(r" (?=[.,;:!?)])", "", plain)


def safe(html: str, prefix: str = "", course: str = "") -> str:
    """`html` with nothing left but the allow-list of this module."""
    return nh3.clean(
        html.encode(errors="replace").decode(),
        tags=set(TAGS),
        attributes={tag: {"class", *ATTRIBUTES.get(tag, ())} for tag in TAGS} | {"*": set()},
        attribute_filter=partial(_attribute, prefix, course),
        set_tag_attribute_values={"th": {"scope": "col"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener",
    )


def _attribute(prefix: str, course: str, tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return " ".join(word for word in value.split() if word in CLASSES.get(tag, ())) or None
    if name in _ALLOWED and not _ALLOWED[name].fullmatch(value):
        return None
    if name in ("id", "href") and prefix and (found := _FOOTNOTE.fullmatch(value)):
        hash_, kind, note = found.groups(default="")
        return f"{hash_}fn{kind}:{prefix}-{note}"
    if name == "href" and course and (section := _SECTION.fullmatch(value)):
        return f"/courses/{course}/sections/{section[1]}"
    return value


def shown(
    part: Part, *, cite: Container[str] | None = None, media: Mapping[str, str] | None = None, course: str = ""
) -> Part:
    """`part` of a question with its Markdown as HTML; a one-paragraph option or option's reason has no ``<p>``.

    Each text's footnotes are its own, for many questions stand on one page.
    """

    def html(text: str) -> str:
        return render(text, cite=cite, media=media, prefix=option_id(text), course=course)

    def line(text: str) -> str:
        found = _LONE.fullmatch(written := html(text).strip())
        return found[1] if found else written

    shown: Part = with_texts(part, lambda name, text: html(text) if name in BLOCKS else line(text))
    return shown


def shown_both(
    taker: Part,
    key: Part,
    *,
    cite: Container[str] | None = None,
    media: Mapping[str, str] | None = None,
    course: str = "",
) -> tuple[Part, Part]:
    """Both parts of a question so; what its taker is shown says how it is marked."""
    one, other = (shown(part, cite=cite, media=media, course=course) for part in (taker, key))
    return question(taker, key).ruled(one), other
