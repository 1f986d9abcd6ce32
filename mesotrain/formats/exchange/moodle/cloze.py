"""Gaps as Moodle writes them into a text: ``{2:SHORTANSWER:=adrenaline~%50%epi*#nearly}``."""

import re
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from mesotrain.formats.exchange.items import Answer, Item, Unfit, Words
from mesotrain.formats.exchange.moodle.questions import number
from mesotrain.formats.exchange.notes import CHANGED, Notes
from mesotrain.formats.exchange.texts import HTML, PLAIN, words

_SHUFFLED = ("MULTICHOICE_S", "MCS", "MULTICHOICE_HS", "MCHS", "MULTICHOICE_VS", "MCVS")
_CHOICES = ("MULTICHOICE", "MC", "MULTICHOICE_H", "MCH", "MULTICHOICE_V", "MCV")
_TYPES = {
    **dict.fromkeys(("SHORTANSWER", "SA", "MW"), ("shortanswer", False)),
    **dict.fromkeys(("SHORTANSWER_C", "SAC", "MWC"), ("shortanswer", True)),
    **dict.fromkeys(("NUMERICAL", "NM"), ("numerical", False)),
    **dict.fromkeys(_CHOICES, ("multichoice", False)),
    **dict.fromkeys(_SHUFFLED, ("multichoice", True)),
    **dict.fromkeys(("MULTIRESPONSE", "MR", "MULTIRESPONSE_H", "MRH"), ("multiresponse", False)),
    **dict.fromkeys(("MULTIRESPONSE_S", "MRS", "MULTIRESPONSE_HS", "MRHS"), ("multiresponse", True)),
}
"""What each word names, and whether capitals count, or for a choice whether it is shuffled."""
_GAP = re.compile(
    r"\{\s*(?P<weight>[0-9]{0,6})\s*:\s*(?P<type>" + "|".join(sorted(_TYPES, key=len, reverse=True)) + r")\s*:"
    r"(?P<answers>(?:[^}\\]|\\.)*)\}",
    re.DOTALL,
)
_LIKE = re.compile(r"\[\[(?=[0-9]{1,3}\]\])")
"""What a bank would take for a gap."""
_SHARE = re.compile(r"%(?P<share>-?[0-9]{1,3}(?:\.[0-9]{1,7})?)%")


def with_gaps(item: Item, notes: Notes) -> Item:
    """`item` with the gaps of its stem taken out of it."""
    parts: list[tuple[Fraction, Item]] = []

    def taken(found: re.Match[str]) -> str:
        parts.append((Fraction(found["weight"] or 1), _part(found, item)))
        return f"[[{len(parts)}]]"

    text, like_gaps = _LIKE.subn("[ [", item.stem.text)
    if like_gaps:
        notes.note(CHANGED, "[[1]] stands for a gap here; between the brackets there is a blank now.")
    stem = _GAP.sub(taken, text)
    return replace(item, stem=Words(stem, item.stem.kind), parts=parts)


def _part(found: re.Match[str], item: Item) -> Item:
    kind, flag = _TYPES[found["type"]]
    part = Item("multichoice" if kind == "multiresponse" else kind, item.line)
    part.single, part.exact_case = kind != "multiresponse", flag and kind == "shortanswer"
    part.shuffle = flag and kind != "shortanswer"
    for one in re.split(r"(?<!\\)~", found["answers"]):
        if one.strip():
            part.answers.append(_answer(one.strip(), kind))
    return part


def _answer(text: str, kind: str) -> Answer:
    share = Fraction(0)
    if text.startswith("="):
        share, text = Fraction(1), text[1:]
    elif found := _SHARE.match(text):
        share, text = Fraction(found["share"]) / 100, text[found.end() :]
    said, *more = re.split(r"(?<!\\)(?<!&)#", text, maxsplit=1)
    feedback = Words(_bare(more[0]) if more else "", HTML)
    if kind in ("multichoice", "multiresponse"):
        return Answer(Words(_bare(said), HTML), share, feedback)
    said = words(_bare(said), HTML)
    if kind == "shortanswer":
        return Answer(Words(said, PLAIN), share, feedback)
    value, colon, off = said.partition(":")
    return Answer(Words(value.strip(), PLAIN), share, feedback, number(off) if colon and off.strip() else Fraction(0))


def _bare(text: str) -> str:
    return re.sub(r"\\([}~#/\"\\])", r"\1", text).strip()


def written(parts: Iterable[tuple[Fraction, Item]]) -> list[str]:
    """Each gap as it stands in a text of HTML."""
    return [f"{{{_weight(weight)}:{_type(part)}:{'~'.join(map(_line, part.answers))}}}" for weight, part in parts]


def _weight(weight: Fraction) -> str:
    if weight.denominator > 1:
        raise Unfit("a gap's weight is a whole number.")
    return str(weight.numerator)


def _type(part: Item) -> str:
    if part.kind == "shortanswer":
        return "SHORTANSWER_C" if part.exact_case else "SHORTANSWER"
    return "NUMERICAL" if part.kind == "numerical" else "MULTICHOICE_S" if part.shuffle else "MULTICHOICE"


def _line(answer: Answer) -> str:
    share = "=" if answer.fraction == 1 else f"%{round(float(answer.fraction) * 100, 5):g}%" if answer.fraction else ""
    text = answer.said.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    said = re.sub(r"[\\}~#]", r"\\\g<0>", text)
    return f"{share}{said}" + (f":{float(answer.tolerance):g}" if answer.tolerance else "")
