"""A bank's text in its canonical form: what a word processor did to it mended, plain layout, an id on each question.

Line by line, so that comments stay where they stand. `mending` sees to it that what has no fault keeps its model.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from mesotrain.core.signs import UNSEEN
from mesotrain.formats.answers.entries import BOXES, BULLET, REASONS
from mesotrain.formats.bank import KEYS
from mesotrain.formats.lines import NAME, Report, scan
from mesotrain.formats.mending import HEADING, PLAIN, is_answer, mended, of_front, of_question

_BREAKS = re.compile("\r\n|[\n\v\f\r\x85\u2028\u2029]")
"""Ends of lines, among them those within a paragraph of a word processor."""
_WIDE = str.maketrans("\uff08\uff09\uff3b\uff3d\uff58\uff38", "()[]xX")
_WIDE_BOX = re.compile(
    rf"[ \t]{{0,3}}{BULLET}[ \t]*[(\[\uff08\uff3b][ \t]*[xX\uff58\uff38]?[ \t]*[)\]\uff09\uff3d]",
)
_BOX = re.compile(
    rf"[ \t]{{0,3}}(?:{BULLET}|[A-Za-z][.)]|[0-9]{{1,2}}[.)])[ \t]*(?P<open>[(\[])[ \t]*"
    r"(?P<mark>[^()\[\]]{0,12}?)[ \t]*(?P<close>[)\]])[ \t]*(?P<text>[^(:].*|)"
)
_MARK = re.compile(
    r"|[xX\u2713\u2714\u2717]|[-+\u2013]?[0-9.]+[ \t]*%|[-+]?[0-9]+/[0-9]+|[0-9]{1,2}|[-\u2013\u2014]|[TtFf]"
)
_BALLOT = re.compile(rf"[ \t]{{0,3}}(?:{BULLET}[ \t]*)?(?P<box>[{BOXES}])[ \t]*(?P<text>\S.*)")
_PAIRS = {"(": ")", "[": "]"}
_PAIR = re.compile(
    rf"[ \t]{{0,8}}{BULLET}(?:[ \t]+(?P<premise>\S.*?))?[ \t]*"
    r"(?:=>|(?<!-)[-\u2013]>|\u21d2|\u2192|\u2794)[ \t]*(?P<answer>\S.*)"
)
_GAP = re.compile(r"\[\[(?=\s*(?:[0-9]{1,3} points?:\s*)?\().*?\]\]")
_CHOICE = re.compile(r"(?P<before>\[\[\s*(?:[0-9]{1,3} points?:\s*)?|\|\s*)\([ \t]*(?P<mark>[xX]?)[ \t]*\)")
_EQUALS = re.compile(r"=[ \t]*(?P<text>[^\s=>].*)")
_WHY = re.compile(
    rf"(?P<indent>\s*)[\s*_\u2022\u2013\u2014-]*(?:why|{REASONS})[ \t]?(?:[:;\uff1a]|[\u2013\u2014-](?=\s))\**[ \t]*"
    r"(?P<text>.*)",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"(?:|[ ]{1,3}(?=##[ \t]*(?:[A-Za-z]{2,12}[-\u2013\u2014][0-9]{4})?[ \t]*$))##(?!#)[ \t]*(?P<name>.*?)[ \t]*"
)
_OF_FEW = ("level", "shuffle", "credit", "exact", "practice", "retired")
"""Keys whose values are some words in small letters."""
_KEY = re.compile(r"[ \t]*(?P<name>[A-Za-z][A-Za-z-]*)[ \t]*:[ \t]*(?P<value>.*?)[ \t]*")
_COMMENT = re.compile(r"[ \t]*<!--.*-->[ \t]*")
_OTHER = re.compile(r"- [(\[]|= |###|```|~~~|.*\[\[")
"""Begins a question that is no matching."""
_COMMA = re.compile(r"(?<![0-9.,])(?:0+,[0-9]+|[0-9]+,(?:[0-9]{1,2}|[0-9]{4,}))(?![0-9.,])")
"""A number that a decimal comma alone explains."""
_FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})[ ]*(?P<kind>\w*)")
_FENCED = ("calc", "zones")
_SAID = re.compile(r"(?P<sum>[^\u201c-\u201f]*)[\u201c-\u201f](?P<text>.*)[\u201c-\u201f][ \t]*")
"""A line of a calculation or a zone, its last text in curly quotes."""
_SIGNS = str.maketrans({"\u00d7": "*", "\u00f7": "/", "\u2013": "-", "\u2264": "<=", "\u2265": ">="})


def mentioned(text: str) -> set[str]:
    """Every id that a text speaks of: in headings, behind ``from:``, in links and in comments."""
    return {one.lower() for one in re.findall(rf"(?<![\w-]){NAME}(?!\w)", text, re.IGNORECASE)}


def given(text: str, new: str) -> list[tuple[int, str, str]]:
    """(line, id, id it has in `new`, tidied) of each question of `text` that stood behind another with its id."""
    heads = [(line, name) for line, name in _headings(text) if name is not None]
    met, found = set[str](), list[tuple[int, str, str]]()
    for (line, name), (_, now) in zip(heads, _headings(new), strict=False):
        if name in met and now not in (None, name):
            found.append((line, name, str(now)))
        met |= {name} if name else set()
    return found


def _headings(text: str) -> list[tuple[int, str | None]]:
    """The line of each question, and what it is called."""
    lines = _open(_BREAKS.sub("\n", text).split("\n"))
    return [(at, _named(line)) for at, (line, plain) in enumerate(lines, 1) if plain and _HEADING.fullmatch(line)]


def _named(line: str) -> str | None:
    """What a heading calls its question, an id with its dash and its letters as they are written; None of others."""
    if not (found := _HEADING.fullmatch(line.translate(PLAIN))):
        return None
    name = found["name"].translate({0x2013: "-", 0x2014: "-"}).lower()
    return name if re.fullmatch(NAME, name) else found["name"]


def tidied(text: str, known: Iterable[str] = ()) -> str:
    """`text` in its canonical form. `known` are the ids that are taken elsewhere in the course."""
    lines = _edges(UNSEEN.sub("", _BREAKS.sub("\n", text)).split("\n")) or [""]
    front = next((at + 1 for at, line in enumerate(lines) if at and line.rstrip() == "---"), 0)
    front = front if lines[0].rstrip() == "---" else 0
    head = _edges(mended(lines[:front], of_front, [_head])) if front else []
    blocks = list(_blocks(lines[front:]))
    names = _Names(head, [block[0] for block in blocks if block], {*known, *mentioned(text)})
    written = ["\n".join(one) for one in (head, *(_block(block, names) for block in blocks)) if one]
    return "\n\n".join(written) + "\n" if any(written) else ""


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    """The lines of each question, its heading first, and before them what stands above all questions."""
    block: list[str] = []
    for line, plain in _open(lines):
        if plain and _HEADING.fullmatch(line):
            yield block
            block = []
        block.append(line)
    yield block


def _open(lines: Sequence[str]) -> list[tuple[str, bool]]:
    """Each line, and whether it is neither code nor comment."""
    read = scan("\n".join(lines), Report(""), stop=rf"## {NAME}[ ]*$")
    plain = {line.number for line in read if not (line.code or line.plain.startswith(("```", "~~~")))}
    return [(line, number in plain) for number, line in enumerate(lines, 1)]


_LAST = 9999
"""The highest number of an id."""


class _Names:
    """The ids there are, and the next for a question without one or with that of another."""

    def __init__(self, head: list[str], headings: Iterable[str], known: Iterable[str]) -> None:
        own = [name for line in headings if (name := _named(line)) and re.fullmatch(NAME, name)]
        fields = {found["name"]: found["value"] for line in head if (found := _KEY.fullmatch(line))}
        word = re.sub(r"[^a-z]", "", (fields.get("competency") or fields.get("bank") or "").lower())[:12]
        beginnings = Counter(one.split("-")[0] for one in own)
        self._beginning = beginnings.most_common(1)[0][0] if own else word if len(word) > 1 else "new"
        self._met: set[str] = set()
        self._taken = {int(one[-4:]) for one in (*own, *known) if one.split("-")[0] == self._beginning}

    def of(self, name: str) -> tuple[str, str]:
        """The id of the next question that is called so, and the one it was copied from, if it was met before."""
        if not name or name in self._met:
            return self._next(), name
        self._met |= {name} if re.fullmatch(NAME, name) else set()
        return name, ""

    def _next(self) -> str:
        number = max(self._taken, default=0) + 1
        if number > _LAST:
            number = next(one for one in range(1, _LAST) if one not in self._taken)
        self._taken.add(number)
        return f"{self._beginning}-{number:04}"


def _block(block: list[str], names: _Names) -> list[str]:
    if not block or (name := _named(block[0])) is None:
        return _edges([line if line.strip() else "" for line in block])
    name, copied = names.of(name)
    lines = [HEADING, *block[1:]]
    if copied and not any(re.match(r"\s*from\s*:", line, re.IGNORECASE) for line in lines[: _end_of_keys(lines)]):
        lines[1:1] = [f"from: {copied}"]
    lines = mended(lines, of_question, (_keyed, _unquoted, _marked, _paired), (_ordered, _spaced))
    return [f"## {name}", *_edges(lines)[1:]]


def _end_of_keys(lines: Sequence[str]) -> int:
    return next((at for at, line in enumerate(lines) if at and not _is_key(line)), len(lines))


def _is_key(line: str) -> bool:
    found = _KEY.fullmatch(line.translate(PLAIN))
    return bool(_COMMENT.fullmatch(line) or (found and found["name"].lower() in KEYS))


def _keyed(lines: Sequence[str]) -> list[str]:
    """Each key of a question as it is written."""
    end = _end_of_keys(lines)
    return [lines[0], *map(_key, lines[1:end]), *lines[end:]]


def _head(lines: Sequence[str]) -> list[str]:
    """Each line of a front matter as it is written."""
    return [_key(line).rstrip() for line in lines]


def _key(line: str) -> str:
    found = _KEY.fullmatch(line.translate(PLAIN))
    if _COMMENT.fullmatch(line) or not found:
        return line.translate(PLAIN).strip() if _COMMENT.fullmatch(line) else line.translate(PLAIN)
    name, value = found["name"].lower(), found["value"]
    return f"{name}: {value.lower() if name in _OF_FEW else value}"


def _ordered(lines: Sequence[str]) -> list[str]:
    """The key lines in the order of the guide, each with the comments above it, and a blank line under them."""
    end = _end_of_keys(lines)
    groups: list[tuple[int, list[str]]] = []
    above: list[str] = []
    for line in lines[1:end]:
        above.append(line)
        if not _COMMENT.fullmatch(line) and (found := _KEY.fullmatch(line)):
            groups.append((list(KEYS).index(found["name"].lower()), above))
            above = []
    ordered = [line for _, group in sorted(groups, key=lambda one: one[0]) for line in group]
    rest = _edges(lines[end:])
    return [lines[0], *ordered, *above, *([""] if rest else []), *rest]


def _unquoted(lines: Sequence[str]) -> list[str]:
    """What is neither code nor comment, with the signs of a keyboard."""
    end = _end_of_keys(lines)
    plain = [line.translate(PLAIN) if line.strip() else "" for line in lines]
    return [plain[at] if seen and at >= end else line for at, (line, seen) in enumerate(_open(lines))]


def _marked(lines: Sequence[str]) -> list[str]:
    """Each line with its marks as they are written."""
    marked: list[str] = []
    answers = False
    fence = kind = ""
    for line, plain in _open(lines):
        marked.append(_line(line, answers=answers) if plain else line)
        answers = answers or (plain and is_answer(marked[-1]))
        if fence and line.rstrip() == fence:
            fence = ""
        elif fence and kind in _FENCED and "<!--" not in line:
            marked[-1] = _fenced(line, kind)
        elif not fence and not plain and (found := _FENCE.match(line)):
            fence, kind = found["fence"], found["kind"]
    return marked


def _fenced(line: str, kind: str) -> str:
    """A line of a calculation or of zones with its signs, and the quotes round its text, as they are written."""
    if '"' not in line and (found := _SAID.fullmatch(line)):
        line = f'{found["sum"].rstrip()} "{found["text"]}"'
    rest, quote, text = line.partition('"')
    rest = rest.translate(PLAIN)
    if kind == "calc":
        rest = re.sub(r"[ \t]*(?:\u2026|\.{3})[ \t]*", " .. ", rest.translate(_SIGNS))
    return rest + quote + text


def _paired(lines: Sequence[str]) -> list[str]:
    """The pairs of a matching question with their arrows as they are written."""
    if any(plain and _OTHER.match(line) for line, plain in _open(lines)):
        return [*lines]
    return [
        line
        if "=>" in line and line.startswith("- ")
        else f"- {found['premise'] or ''} => {found['answer']}".replace("-  =>", "- =>")
        if plain and (found := _PAIR.fullmatch(line))
        else line
        for line, plain in _open(lines)
    ]


def _number(text: str) -> str:
    """An accepted number with its signs as they are written; what may be two numbers stays."""
    text = _COMMA.sub(lambda found: found[0].replace(",", "."), text.translate({0x2013: "-", 0x2014: "-"}))
    text = re.sub(r"[ \t]*(?:\u00b1|\+/-)[ \t]*([0-9.]+)", r" +\1 -\1", text)
    return re.sub(r"\(([0-9.]+)[ \t]+%\)", r"(\1%)", text)


def _chosen(found: re.Match[str]) -> str:
    """A choice of a gap with its mark as it is written."""
    return f"{found['before']}({found['mark'].lower() or ' '})"


def _line(line: str, *, answers: bool) -> str:
    """A line of prose or of an answer with its marks as they are written; a reason stands under `answers` alone."""
    line = line.translate(PLAIN)
    if not line.strip():
        return ""
    if wide := _WIDE_BOX.match(line):
        line = wide[0].translate(_WIDE) + line[wide.end() :]
    if "[[" in line and "`" not in line:
        line = _GAP.sub(lambda gap: _CHOICE.sub(_chosen, gap[0]), line)
    if (box := _BOX.fullmatch(line)) and _MARK.fullmatch(box["mark"]) and _PAIRS[box["open"]] == box["close"]:
        mark = re.sub(r"[ \t]", "", box["mark"]).translate({0x2013: "-", 0x2014: "-"})
        mark = {"": " ", "t": "T", "f": "F"}.get(mark, "x" if re.fullmatch(r"[X\u2713\u2714\u2717]", mark) else mark)
        return f"- {box['open']}{mark}{box['close']} {box['text']}"
    if found := _BALLOT.fullmatch(line):
        return f"- [{' ' if found['box'] == BOXES[0] else 'x'}] {found['text']}"
    if found := _EQUALS.fullmatch(line):
        number = re.match(r"[-\u2013\u2014]?\d", found["text"])
        return f"= {_number(found['text']) if number else found['text']}"
    if (found := _WHY.fullmatch(line)) and (answers or ":" in line):
        return f"{'  ' if found['indent'] else ''}Why: {found['text']}".rstrip()
    return line


def _spaced(lines: Sequence[str]) -> list[str]:
    """No blank line between two answers, one before the first of each part and before the reason of the whole.

    A story keeps its answer and its reason right under it.
    """
    spaced: list[str] = []
    answers = story = False
    for line, plain in _open(lines):
        if plain and line.startswith("### "):
            answers, story = False, line.startswith("### stem ")
        answer = plain and is_answer(line)
        if (answer or (plain and line.startswith("Why:"))) and spaced:
            while spaced and not spaced[-1]:
                spaced.pop()
            if not (story or (answer and answers)):
                spaced.append("")
        answers = answers or answer
        spaced.append(line)
    return spaced


def _edges(lines: Sequence[str]) -> list[str]:
    """`lines` without blank ones around them."""
    begin = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    end = next((at for at in range(len(lines), begin, -1) if lines[at - 1].strip()), begin)
    return [*lines[begin:end]]
