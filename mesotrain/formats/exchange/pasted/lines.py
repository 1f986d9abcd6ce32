"""Lines as people paste them, and what the beginning of each says that it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mesotrain.core.signs import UNSEEN
from mesotrain.formats.exchange.notes import CHANGED
from mesotrain.formats.exchange.pasted.keywords import ASKED, IS, LABELS, REASON, RIGHT, folded, label, verdict
from mesotrain.formats.exchange.pasted.looks import Said, written
from mesotrain.formats.lines import NAME

NUMBER, LETTER, ROMAN, BULLET, BOX, ID, EITHER = "number", "letter", "roman", "bullet", "box", "id", "either"
"""What a line may begin with, beside the labels of `keywords`; `EITHER` are true and false on one line."""

_ENDS = re.compile(r"\r\n|\r|\n")
_INNER_ENDS = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_BLANKS = str.maketrans(dict.fromkeys("\u00a0\u2002\u2003\u2004\u2005\u2007\u2008\u2009\u200a\u202f\u3000", " "))
_LIGATURES = str.maketrans({"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl"})
_TICKS = "\u2713\u2714\u221a\u2611\u2705\u2612\u2717\u2718"
_BULLETS = "\u2022\u00b7\u25cf\u25aa\u25a0\u25e6\u2023\u2043\u27a2\u27a4\u2756\uf0b7\uf0a7\uf0d8\u2013\u2014-"

_LABEL = re.compile(
    rf"(?P<words>(?:[OoAa] )?[^\W\d_]{{2,}}(?:[ \u2019'/.-]{{1,2}}[^\W\d_]+|\(s\)){{0,4}})\s*"
    rf"(?:[:\uff1a=]|\s[-\u2013\u2014](?=\s)|\s(?:{IS})(?=\s)\s*[:\uff1a]?"
    r"|(?=\s\(?[A-Ha-h]\)?[.]?\s*$)|\.\s*(?=\(?[A-Ha-hivx]{1,4}\)?\.?\s*$))\s*",
    re.IGNORECASE,
)
_REASON_OF = re.compile(
    r"(?P<word>[^\W\d_]{3,14})(?: for)?(?: option| answer)? \(?(?P<letter>[A-Za-z])\)?\s*[:\u2013\u2014-]\s*",
    re.IGNORECASE,
)
_IS = re.compile(rf"\s(?:{IS})$", re.IGNORECASE)
_ASKED = re.compile(
    r"(?P<word>[^\W\d_]{1,9})\s*(?:\.\s*(?=[0-9])|n[.o°º]{1,2}\s?|nr\.?\s?|#\s?)?(?:(?P<number>[0-9]{1,4})[a-z]?\s*)?"
    r"(?:\((?P<points>[0-9.]{1,5})\s*[^\W\d_]{1,8}\.?\)\s*)?(?P<end>[.):\]\u2013\u2014-]+|$|(?<=[0-9)])\s)\s*",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?P<open>[(\[#]?)(?P<number>[0-9]{1,4})(?P<end>\.\)|[.):\]]|\s?[-\u2013](?=\s))"
    r"(?:\s+|(?=[^\W\d_])|(?=[¿\"“«_])|$)"
)
_STAR = r"(?P<star>(?:\*|→|=>|[✓✔√✅☑])\s?)?"
_LETTER = re.compile(rf"{_STAR}(?P<open>[(\[]?)(?P<letter>[A-Za-z])(?P<end>\.\)|[.)\]:]|\s?[-\u2013](?=\s))\s*")
_ROMAN = re.compile(r"[(\[]?(?P<roman>ii|iii|iv|vi|vii|viii|II|III|IV|VI)[.)\]]\s*(?=\S)")
_BOX = re.compile(
    rf"[-*•]?\s*(?:[(\[]\s?(?P<mark>[xX*{_TICKS} _]?)\s?[)\]](?=\s)|(?P<sign>[☐☑☒✓✔✅]))\s*"
    r"(?:(?P<letter>[A-Za-z])[.)]\s+)?"
)
_BULLET = re.compile(
    rf"(?P<mark>[{re.escape(_BULLETS)}*]|o(?=\t| {{2,}}))\s*(?<![^\s])(?=\S)|(?P<other>[•●▪·\uf0b7])(?=\S)"
)
_EITHER = re.compile(r"\W*(?P<one>[^\W\d_]+)[\W_]+(?P<two>[^\W\d_]+)\W*")
_INLINE = re.compile(r"(?:\t+\s*| {2,})(?=\*?\(?[A-Za-z][.)]\s?\S)|(?<=\S) (?=\*?\(?[a-zA-Z]\)\s)")
_INLINE_LETTER = re.compile(r"\*?\(?(?P<letter>[A-Za-z])[.)]")
_ANSWER_BEHIND = re.compile(
    r"\s+[(\[]?(?P<words>[^\W\d_]{2,12}(?: [^\W\d_]{2,12})?)\s*[:\uff1a]\s*"
    r"\(?[A-Ha-h](?:\s?[,/&]\s?[A-Ha-h])*\)?[.)\]]?\s*$"
)
_RIGHT_BEHIND = re.compile(r"\s*[(\[{<]\s*(?P<words>[^\W\d_]{3,12}(?: [^\W\d_]{3,12})?)\s*[!.]?\s*[)\]}>]\s*$")
_TICK_BEHIND = re.compile(rf"\s*(?P<mark>\*+|[{_TICKS}]|<[-=]{{1,4}}|←)\s*$")
_PAIR = re.compile(
    r"(?:[^\W\d_]{1,9}\s?)?[(\[#]?(?P<number>[0-9]{1,4})[)\]]?\s*[.):=\u2013\u2014-]{0,2}\s*"
    r"\(?(?P<value>[A-Za-z](?:\s?[,/&]\s?[A-Za-z](?![^\W_]))*|[^\W\d_]{4,11})\)?"
    r"(?![^\W_])[\s.,;|]*"
)
_LETTERS = re.compile(r"[A-Za-z](?:\s?[,/&]\s?[A-Za-z])*")
UNSEEN_LEFT_OUT = ((CHANGED, "characters that nobody sees are left out."),)
LIGATURES_APART = ((CHANGED, "joined letters, such as “\ufb01”, are written as two."),)
MOST_OF_A_LIST = 5000
"""Characters of one line of a list of keys."""


@dataclass(frozen=True)
class Row:
    """A line: its number where it stands, its text, by how many blanks it is indented, and what happened to it.

    `whole` says that it is a paragraph, and not a line that the next may run on from.
    """

    number: int
    said: Said
    indent: int = 0
    told: tuple[tuple[str, str], ...] = ()
    whole: bool = False


@dataclass(frozen=True)
class Mark:
    """What a line begins with, and the rest of it. `style` tells marks of one kind apart, `right` says it is ticked."""

    kind: str
    rest: Said
    label: str = ""
    style: str = ""
    right: bool = False
    points: str = ""


def rows(text: str) -> Iterator[Row]:
    """The lines of a text, the blank ones too, in which nothing is invisible."""
    lines = _ENDS.split(text)
    quoted = all(line.startswith(">") or not line.strip() for line in lines) and ">" in text
    for number, line in enumerate(lines, 1):
        for part in _INNER_ENDS.split(re.sub(r"^(?:> ?)+", "", line) if quoted else line):
            parted = part.translate(_LIGATURES)
            plain = parted.translate(_BLANKS)
            seen = UNSEEN.sub("", plain.replace("\t", "\ue000")).replace("\ue000", "\t")
            indent = len(seen.expandtabs(4)) - len(seen.expandtabs(4).lstrip())
            told = UNSEEN_LEFT_OUT if seen != plain else ()
            yield Row(number, written(seen.strip()), indent, told + (LIGATURES_APART if parted != part else ()))


def mark_of(row: Row) -> Mark:
    """What a line begins with."""
    found = (find(row.said, row.said.text) for find in (_named, _words, _numbered, _optional))
    return next((mark for mark in found if mark), Mark("", row.said))


def _named(said: Said, text: str) -> Mark | None:
    return Mark(ID, said[len(text) :], text) if re.fullmatch(NAME, text) else None


def _words(said: Said, text: str) -> Mark | None:
    """A word that is known, and what is said behind it."""
    if (found := _ASKED.match(text)) and folded(found["word"]) in ASKED and (found["number"] or found["end"]):
        return Mark(NUMBER, _rest(said, found), found["number"] or "", "asked", points=found["points"] or "")
    if (found := _EITHER.fullmatch(text)) and {verdict(found["one"]), verdict(found["two"])} == {True, False}:
        return Mark(EITHER, said)
    if (found := _REASON_OF.match(text)) and label(found["word"]) == REASON:
        return Mark(REASON, _rest(said, found), found["letter"].upper())
    if (found := _LABEL.match(text)) and (says := label(_IS.sub("", found["words"]))):
        return Mark(says, _rest(said, found), says)
    return None


def _numbered(said: Said, text: str) -> Mark | None:
    found = _NUMBER.match(text)
    return Mark(NUMBER, _rest(said, found), found["number"], found["open"] + found["end"].strip()) if found else None


def _optional(said: Said, text: str) -> Mark | None:
    """An option, by a box, a letter or a bullet."""
    if found := _BOX.match(text):
        ticked = (found["mark"] or "").strip(" _") != "" or (found["sign"] or "\u2610") != "\u2610"
        return Mark(BOX, _rest(said, found), found["letter"] or "", right=ticked)
    if found := _ROMAN.match(text):
        return Mark(ROMAN, _rest(said, found), found["roman"].lower())
    if found := _LETTER.match(text):
        style = f"{found['open']}{found['end'].strip()}"
        return Mark(LETTER, _rest(said, found), found["letter"].upper(), style, bool(found["star"]))
    if found := _BULLET.match(text):
        return Mark(BULLET, _rest(said, found), found["mark"] or found["other"])
    return None


def _rest(said: Said, found: re.Match[str]) -> Said:
    return said[found.end() :].strip()


def apart(row: Row) -> list[Row]:
    """A line with several options on it, or a key behind one, as several lines."""
    text = row.said.text
    behind = _ANSWER_BEHIND.search(text) if mark_of(row).kind not in LABELS.values() else None
    if (found := behind) and label(found["words"]):
        end = replace(row, said=row.said[found.start() :].strip())
        return [*apart(replace(row, said=row.said[: found.start()].strip())), end]
    cuts, last = [0], _INLINE_LETTER.match(text)
    letter = last["letter"] if last else ""
    for cut in _INLINE.finditer(text):
        found = _INLINE_LETTER.match(text, cut.end())
        if found and ord(found["letter"]) == (
            ord(letter) + 1 if letter else ord("A" if found["letter"] < "a" else "a")
        ):
            letter = found["letter"]
            cuts.append(cut.end())
    if len(cuts) == 1 or (not last and (len(cuts) == 2 or not re.search(r"\t|  ", text[cuts[1] - 2 : cuts[1]]))):
        return [row]
    ends = [*cuts[1:], len(text)]
    return [replace(row, said=row.said[a:b].strip()) for a, b in zip(cuts, ends, strict=True)]


def ticked(said: Said) -> tuple[Said, str]:
    """A text without the mark behind it that calls it right, and that mark."""
    if (found := _RIGHT_BEHIND.search(said.text)) and folded(found["words"]) in RIGHT and found.start():
        return said[: found.start()].strip(), found["words"]
    if (found := _TICK_BEHIND.search(said.text)) and found.start():
        return said[: found.start()].strip(), found["mark"]
    if said.text[:1] == "*" and said.text[1:2] not in ("", "*"):
        return said[1:].strip(), "*"
    return said, ""


def pairs(text: str) -> list[tuple[str, str]]:
    """The numbers and keys that a line of a key holds, ``1 B  2 D``; nothing where it holds anything else."""
    found, at = [], 0
    while at < len(text) and len(text) < MOST_OF_A_LIST:
        one = _PAIR.match(text, at)
        if not one or (verdict(one["value"]) is None and not _LETTERS.fullmatch(one["value"])):
            return []
        found.append((str(int(one["number"])), one["value"]))
        at = one.end()
    return found
