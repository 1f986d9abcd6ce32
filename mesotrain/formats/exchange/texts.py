"""Texts of other systems, HTML or plain, as Markdown of a bank that means the same.

The walk over the HTML is our own: what a bank's Markdown cannot say must be told question by question, and what would
mean something in a bank must be made plain.
"""

import re
from collections.abc import Callable, Iterable

from lxml import etree, html

from mesotrain.core.signs import UNSEEN
from mesotrain.formats.exchange.notes import CHANGED, GUESSED, LOST, Notes

HTML, PLAIN, MARKDOWN, AUTO = "html", "plain", "markdown", "moodle"
"""How a text is written; `AUTO` is HTML in which line ends count."""

Figure = Callable[[str], str | None]
"""The path in ``media/`` of a picture by its address in the text; None where there is no such picture."""

_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend", "li",
    "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_GONE = frozenset({
    "applet", "audio", "base", "button", "canvas", "embed", "frame", "frameset", "iframe", "input", "link", "map",
    "math", "meta", "noscript", "object", "script", "select", "source", "style", "svg", "template", "textarea",
    "title", "track", "video",
})  # fmt: skip
"""What nothing in a bank can stand for."""
_SILENT = frozenset({"meta", "link", "title", "base", "style"})
_STYLED = frozenset({"u", "s", "strike", "del", "ins", "font", "small", "big", "mark", "kbd", "tt"})
_KNOWN = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "img", "ins", "kbd", "label", "mark", "meter", "nobr", "output", "progress", "q", "rp", "rt", "ruby", "s", "samp",
    "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
}) | _BLOCKS  # fmt: skip
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "cite": "*", "dfn": "*"}
_RAISED = dict(zip("0123456789+-=()n\u2212", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ⁻", strict=True))
_LOWERED = dict(zip("0123456789+-=()\u2212", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎₋", strict=True))
_LOOKS = re.compile("color|decoration|background")
_BLANKS, _BLANKS_IN_LINES, _BLANKS_AND_LINES = (re.compile(f"[{one}]+") for one in (r" \t", r" \t\r\f", r" \t\r\n\f"))
_BREAK = "\x1e"
"""Stands for the end of a paragraph while a text is put together; no text holds it."""

_HY = r"(?=[hH][yY]\W{0,3}[:;\uff1a\u2013\u2014-])"
_INLINE = re.compile(
    r"\\|`|\*|\[|\]|_(?<![^\W_]_)|_(?![^\W_])|&(?=#?\w{1,32};)|<(?=[A-Za-z!/?])|\{(?=[#:])|>(?<==>)" rf"|w{_HY}|W{_HY}"
)
"""Each way begins with a plain character, for which alone the library looks fast."""
_LINE = re.compile(
    r"(?P<mark>[#>])|(?P<bullet>[-+](?=[\s(\[-]|$))|(?P<number>[0-9]+)\.(?=\s)|(?P<box>!)(?=!!)"
    r"|(?P<entity>[=|~\u2022\u00b7\u25cf\u25cb\u25aa\u25e6\u2023\u2013\u2014\u2212\u2610-\u2612\uff01])"
)
_SIGN = "[A-VX-Za-vx-z0-9\u00bf-\u024f\u0370-\u052f,.:;?!%/=+()\"'-]"
_WORD = rf"(?:{_SIGN}++|w(?!{_HY})|W(?!{_HY}))++"
_WORDS = rf"{_WORD}(?: {_WORD})*+"
_BARE = re.compile(rf"(?![0-9]+\. |[,.:;?!%/=+)-]){_WORDS}")
"""A text in which nothing has a meaning in any kind, its blanks single spaces."""
_STRONG = "|".join(f"<{tag}>{_WORDS}</{tag}>" for tag in ("b", "strong", "i", "em"))
_RUN = rf"(?! )(?:{_BARE.pattern})?+(?: ?(?:{_STRONG})(?: ?{_WORDS})?+)*+"
_RUNS = rf"{_RUN}(?:<br ?/?>{_RUN})*+"
_FRAME = r"<p(?: dir=\"ltr\")?(?: style=\"text-align: left;\")?>"
_SIMPLE = re.compile(rf"(?:{_FRAME}{_RUNS}</p>\s*)+|{_RUNS}")
_ENDS = re.compile(rf"\s*(?:{_FRAME}|</p>|<br ?/?>)\s*")
_SIMPLE_MARKS = [(f"<{end}{tag}>", mark) for tag, mark in _MARKS.items() for end in ("", "/")]
"""HTML that only has paragraphs of such texts, and of words that are strong in them; and what parts the paragraphs."""


_SEEN = re.compile(
    "[\t\n -~\u00a0-\u00ac\u00ae-\u034e\u0350-\u061b\u061d-\u115e\u2010-\u2027\u202f-\u205f\u2070-\u3163\u3165-\ud7ff]*"
)
"""A text in which surely all is seen; told in a tenth of the time."""


def seen(text: str) -> str:
    """`text` without what nobody sees."""
    return text if _SEEN.fullmatch(text) else UNSEEN.sub("", text)


def unquoted(address: str) -> str:
    """The end of an address as a name: ``My%20face.png``."""
    name = address.partition("?")[0].rpartition("/")[2]
    found = re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), name.encode(errors="replace"))
    return found.decode(errors="replace")


def plain(text: str) -> str:
    """A text in which nothing has a meaning, as Markdown that shows it; its line ends stay."""
    if "\n" not in text:
        text = seen(text.replace("\t", " "))
        return _started(_escaped(" ".join(text.split())))
    lines = (" ".join(line.split()) for line in seen(text.replace("\t", " ")).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_started(_escaped(line)) for line in lines)).strip()


def _escaped(text: str) -> str:
    return _INLINE.sub(lambda found: f"\\{found[0]}" if found[0] in "\\`*[]_" else _entity(found[0]), text)


def _entity(char: str) -> str:
    return {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(char) or f"&#{ord(char)};"


def _started(line: str) -> str:
    """A line whose beginning would mean something to a bank, made plain."""
    found = _LINE.match(line)
    if not found:
        return line
    rest = line[found.end() :]
    if found["entity"]:
        return _entity(found["entity"]) + rest
    return f"{found['number']}\\.{rest}" if found["number"] else f"\\{found[0]}{rest}"


def markdown(text: str, kind: str, notes: Notes, figure: Figure = lambda address: None) -> str:
    """`text`, of a kind above, as a bank's Markdown."""
    if not text or _BARE.fullmatch(text):
        return text
    if kind in (HTML, AUTO) and _SIMPLE.fullmatch(text):
        made = "\n\n".join(one for one in _ENDS.split(text) if one)
        for tag, mark in _SIMPLE_MARKS if "<" in made else ():
            made = made.replace(tag, mark)
        return made
    if re.search(r"\$\$|\\\(|\\\[", text):
        notes.note(CHANGED, "formulas stand as they were written; they are not drawn.")
    if kind == MARKDOWN:
        return seen(text.replace("\r\n", "\n")).strip("\n")
    if kind == PLAIN or not re.search(r"[<&]", text):
        return plain(text if kind != HTML else " ".join(text.split()))
    root = _parsed(text, notes)
    made = "" if root is None else _Walk(notes, figure, keep_lines=kind == AUTO).whole(root)
    if not made and re.fullmatch(r"\s*<[a-zA-Z][^<>]*>\s*", text):
        notes.note(GUESSED, "a text that is nothing but a tag is shown as it was written.")
        return plain(text)
    return made


def marked(runs: Iterable[tuple[str, str, bool]]) -> str:
    """One line of pieces, each with the marks that go round it, and whether it is Markdown already."""
    made, markdown_first = "", False
    for place, (text, marks, is_markdown) in enumerate(runs):
        markdown_first |= not place and is_markdown
        piece = text if is_markdown else _escaped(text)
        for mark in [*re.findall(r"\*\*|_", marks)][::-1]:
            piece = _marked(piece, "*" if mark == "_" else mark)
        made += piece
    line = " ".join(made.split())
    return line if markdown_first else _started(line)


def moved(text: str, notes: Notes, *, up: bool) -> str:
    """What stands raised or lowered: as such characters, where there are, or behind a mark."""
    shapes, text = _RAISED if up else _LOWERED, text.strip()
    if all(char in shapes for char in text):
        return "".join(shapes[char] for char in text)
    notes.note(CHANGED, f"what was {'raised' if up else 'lowered'} stands behind a mark.")
    mark = "^" if up else "\\_"
    return f"{mark}({text})" if len(text) > 1 else f"{mark}{text}"


def words(text: str, kind: str) -> str:
    """What a reader reads of a text, on one line, with nothing marked."""
    if not text or _BARE.fullmatch(text):
        return text
    if kind in (HTML, AUTO) and re.search(r"[<&]", text):
        root = _parsed(text, Notes())
        text = "" if root is None else " ".join(str(one) for one in root.itertext())
    return " ".join(seen(text).split())


def _parsed(text: str, notes: Notes) -> etree._Element | None:
    clean = f"<div>{seen(text).replace(_BREAK, '')}</div>".encode(errors="replace")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True)
    try:
        root = _alone(etree.fromstring(clean, parser))
        if root is None:
            root = html.fromstring(clean, parser=html.HTMLParser(encoding="utf-8", no_network=True))
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        notes.note(LOST, "the text is nested too deeply; what stands deepest is left out.")
    return root


def _alone(root: etree._Element | None) -> etree._Element | None:
    """The element that stands alone in a document, if one does."""
    if root is None or len(root) != 1 or root[0].tag != "body" or len(root[0]) != 1:
        return None
    body = root[0]
    return None if body.text or body[0].tail else body[0]


class _Walk:
    """One text's way through its elements."""

    def __init__(self, notes: Notes, figure: Figure, *, keep_lines: bool) -> None:
        self._notes, self._figure, self._keep_lines = notes, figure, keep_lines

    def whole(self, root: etree._Element) -> str:
        return re.sub(r"\n{3,}", "\n\n", "\n\n".join(self._blocks(root))).strip("\n")

    def _blocks(self, element: etree._Element) -> list[str]:
        """The paragraphs, lists and tables in an element, each as Markdown."""
        found: list[str] = []
        run = self._text(element.text)
        for child in element:
            tag = child.tag if isinstance(child.tag, str) else ""
            if tag in _BLOCKS or (tag and any(one.tag in _BLOCKS for one in child.iterdescendants())):
                found += [*self._paragraphs(run), *self._block(child, tag)]
                run = ""
            else:
                run += self._inline(child)
            run += self._text(child.tail)
        return found + self._paragraphs(run)

    def _paragraphs(self, run: str) -> list[str]:
        """A run of inline Markdown as paragraphs, made plain where their lines begin."""
        made = list[str]()
        for part in run.split(_BREAK) if run.strip() else ():
            lines = [_BLANKS.sub(" ", line).strip() for line in part.split("\n")]
            lines = [line if line.startswith("![") else _started(line) for line in lines]
            made.append("\n".join(lines).strip("\n"))
        return [one for one in made if one]

    def _block(self, element: etree._Element, tag: str) -> list[str]:
        match tag:
            case "ul" | "ol":
                return [self._list(element, numbered=tag == "ol")]
            case "table":
                return self._table(element)
            case "pre":
                code = "".join(str(one) for one in element.itertext()).strip("\n").replace("```", "'''")
                return [f"```\n{code}\n```"] if code.strip() else []
            case "hr":
                return ["* * *"]
            case _:
                return self._framed(element, tag)

    def _framed(self, element: etree._Element, tag: str) -> list[str]:
        """What has blocks in it and a look of its own."""
        if tag in _GONE:
            return self._paragraphs(self._inline(element))
        self._style(element, tag)
        inner = self._blocks(element)
        if inner and tag == "blockquote":
            return ["\n".join(f"> {line}".rstrip() for line in "\n\n".join(inner).split("\n"))]
        if inner and re.fullmatch("h[1-6]", tag):
            return [f"{'#' * max(int(tag[1]), 4)} {' '.join(' '.join(inner).split())}"]
        return inner

    def _list(self, element: etree._Element, *, numbered: bool) -> str:
        lines = []
        for place, item in enumerate((one for one in element if isinstance(one.tag, str)), 1):
            inner = re.sub(r"\n\n+(?=- |[0-9]+\. )", "\n", "\n\n".join(self._blocks(item))).split("\n")
            first = re.sub(r"^(?=[(\[])", r"\\", inner[0])
            lines.append(f"{f'{place}.' if numbered else '-'} {first}".rstrip())
            lines += [f"    {line}" if line else "" for line in inner[1:]]
        return "\n".join(lines)

    def _table(self, element: etree._Element) -> list[str]:
        rows = [
            [" ".join(" ".join(self._blocks(cell)).split()).replace("|", "&#124;") for cell in row if _is_cell(cell)]
            for row in element.iter("tr")
        ]
        rows = [row for row in rows if row]
        spans = any(cell.get("colspan") or cell.get("rowspan") for cell in element.iter("td", "th"))
        if (
            spans
            or not rows
            or len({len(row) for row in rows}) > 1
            or next(element.iterdescendants("table"), None) is not None
        ):
            self._notes.note(CHANGED, "a table with cells of several rows or columns stands as lines.")
            return [" · ".join(cell for cell in row if cell) for row in rows]
        lines = [f"| {' | '.join(row)} |" for row in rows]
        return ["\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])]

    def _inline(self, element: etree._Element) -> str:
        tag = element.tag if isinstance(element.tag, str) else ""
        if not tag or tag in _GONE:
            if tag and tag not in _SILENT:
                self._notes.note(LOST, f"<{tag}> has no place in a bank and is left out.")
            return ""
        self._style(element, tag)
        if tag not in _KNOWN:
            self._notes.note(GUESSED, f"<{tag[:20]}> is no HTML, and is shown as it was written.")
            element.text = f"<{tag}>{element.text or ''}"
        inner = self._text(element.text) + "".join(self._inline(one) + self._text(one.tail) for one in element)
        match tag:
            case "br" | "img":
                return _BREAK if tag == "br" else self._picture(element)
            case "sub" | "sup":
                return self._moved(inner, tag)
            case "a":
                return self._link(element, inner)
            case "code" if inner.strip():
                return f"`{''.join(map(str, element.itertext())).replace('`', chr(39)).strip()}`"
            case _:
                return _around(inner, _MARKS[tag]) if tag in _MARKS else inner

    def _style(self, element: etree._Element, tag: str) -> None:
        if tag in _STYLED or ((style := element.get("style")) and _LOOKS.search(str(style))):
            self._notes.note(CHANGED, "colours, underlines and sizes are left out.")

    def _moved(self, inner: str, tag: str) -> str:
        return moved(inner, self._notes, up=tag == "sup")

    def _link(self, element: etree._Element, inner: str) -> str:
        address = str(element.get("href", "")).strip()
        if not re.fullmatch(r"(?:https?://|mailto:)[^\s()<>\"]+", address) or not inner.strip():
            if address and inner.strip():
                self._notes.note(LOST, "a link that leads nowhere from here is its words alone.")
            return inner
        return f"[{inner.replace(_BREAK, ' ').strip()}]({address})"

    def _picture(self, element: etree._Element) -> str:
        address, alt = str(element.get("src", "")).strip(), " ".join(str(element.get("alt", "")).split())
        path = self._figure(address)
        if path:
            if not alt:
                self._notes.note(GUESSED, "a picture has no description; its file's name stands for it.")
            alt = re.sub(r"[\[\]]", "", alt) or unquoted(address)[:60] or "picture"
            return f"{_BREAK}![{alt}]({path}){_BREAK}"
        if re.fullmatch(r"https?://[^\s()<>\"]+", address):
            self._notes.note(CHANGED, "a picture on another site is a link to it.")
            name = alt or unquoted(address)[:60] or "picture"
            return f"[{_escaped(name)}]({address})"
        self._notes.note(LOST, f"a picture is not in the file: {address[:60] or 'no address'}.")
        return f" {_escaped(alt)} " if alt else ""

    def _text(self, text: object) -> str:
        if not isinstance(text, str) or not text:
            return ""
        if self._keep_lines:
            return "\n".join(_escaped(_BLANKS_IN_LINES.sub(" ", line)) for line in text.split("\n"))
        return _escaped(_BLANKS_AND_LINES.sub(" ", text))


def _is_cell(element: etree._Element) -> bool:
    return element.tag in ("td", "th")


def _around(inner: str, mark: str) -> str:
    """Each paragraph of inline Markdown between marks, its blanks outside them."""
    return _BREAK.join(_marked(part, mark) for part in inner.split(_BREAK))


def _marked(part: str, mark: str) -> str:
    core = part.strip()
    mark = "_" if mark == "*" and "*" in core else mark
    if not core or core.startswith("![") or mark in core:
        return part
    at = part.index(core)
    return f"{part[:at]}{mark}{core}{mark}{part[at + len(core) :]}"


def read_text(content: bytes) -> tuple[str, bool]:
    """The text of a file, and whether how it is written was guessed: what is no Unicode is read as Windows-1252,
    and UTF-16 is told by its bytes where it does not say so itself."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace"), False
    for low, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):  # of plain letters every other byte is nothing
        if content[low:200:2].count(0) > len(content[low:200:2]) * 0.8 and content[1 - low : 200 : 2].count(0) == 0:
            return content.decode(encoding, "replace"), True
    try:
        return content.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), True
