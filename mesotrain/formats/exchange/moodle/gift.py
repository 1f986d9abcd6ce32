"""GIFT, Moodle's text format, read as Moodle 4.5 reads it (``question/format/gift/format.php``)."""

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

from mesotrain.core.numbers import decimal_text
from mesotrain.core.questions import ALL_OR_NOTHING
from mesotrain.core.questions.essay import Essay
from mesotrain.core.questions.ordering import PAIRS
from mesotrain.formats.exchange.items import Answer, Item, Unfit, Words
from mesotrain.formats.exchange.moodle.questions import number
from mesotrain.formats.exchange.notes import DESCRIPTION, MOST_CHARACTERS, Refusal, too_long
from mesotrain.formats.exchange.texts import AUTO, HTML, MARKDOWN, PLAIN

_SAFE = {mark: chr(0xE010 + place) for place, mark in enumerate("\\:#={}~n")}
"""What stands for an escaped mark while the others are looked for; of them the backslash comes first."""
_STANDS = re.compile("[\ue010-\ue017]")
_BACK = [(safe, "\n" if mark == "n" else mark) for mark, safe in _SAFE.items()]
_WEIGHT = re.compile(r"%(-*[0-9]{1,2}\.?[0-9]{0,40})%")
_KIND = re.compile(r"\[([^\]]*)\]")
_KINDS = {AUTO: AUTO, HTML: HTML, PLAIN: PLAIN, MARKDOWN: MARKDOWN}
_NONE, _ALL = Fraction(0), Fraction(1)
_TRUE, _FALSE = ("T", "TRUE"), ("F", "FALSE")
_ORDER = re.compile(r"\s*>\s*(?P<count>[0-9]+)(?P<rules>[^\n]*)\n(?P<items>.*)", re.DOTALL)
_RULES = {"ALL_OR_NOTHING": ALL_OR_NOTHING, "ALL_PREVIOUS_AND_NEXT": PAIRS}
_KEPT = "// mesotrain: "
_ID, _TAGS = re.compile(r"\[id:((?:[^\]\\]|\\.)*)\]"), re.compile(r"\[tag:((?:[^\]\\<>`]|\\.)*)\]")


def read(text: str) -> Iterator[Item | Refusal]:
    """The questions of a GIFT text, each or why it is refused."""
    category = ""
    for begun, lines in _paragraphs(text):
        if (length := sum(map(len, lines))) > MOST_CHARACTERS:
            yield Refusal(begun, too_long(length))
            continue
        line, body = begun, "\n".join(lines)
        comments = [one for one in lines if one.startswith("//")] if "//" in body else []
        if comments:
            line += next((place for place, one in enumerate(lines) if not one.startswith("//")), 0)
            body = "\n".join(" " if one.startswith("//") else one for one in lines)
        body = _bare(body).strip()
        for mark, safe in _SAFE.items() if "\\" in body else ():
            body = body.replace(f"\\{mark}", safe)
        if not body:
            continue
        if body.startswith("$CATEGORY:"):
            category = _plain(body[10:].split("\n")[0].strip())
            continue
        try:
            item = _question(body, line)
        except Unfit as unfit:
            yield Refusal(line, str(unfit))
            continue
        item.category = category
        if comments:
            said = "\n".join(comments)
            item.named = _unescaped(found[1]) if (found := _ID.search(said)) else ""
            item.kept = next((one[len(_KEPT) :] for one in comments if one.startswith(_KEPT)), "")
            item.tags = [_unescaped(found[1]) for found in _TAGS.finditer(said)]
        yield item


def _paragraphs(text: str) -> Iterator[tuple[int, list[str]]]:
    """Lines without a blank one between them, and the number of the first."""
    begun, lines = 0, list[str]()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for place, raw in enumerate([*text.split("\n"), ""], 1):
        if line := raw.strip(" \t\n\x00\x0b"):
            begun = begun if lines else place
            lines.append(line)
        elif lines:
            yield begun, lines
            lines = []


def _bare(text: str) -> str:
    """Without what stands for escaped marks here, should a text hold it."""
    return text if text.isascii() else _STANDS.sub("", text)


def _plain(text: str) -> str:
    for safe, mark in () if text.isascii() else _BACK:
        text = text.replace(safe, mark)
    return text


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text).strip()


def _said(text: str, kind: str = AUTO) -> Words:
    """A text with its format before it in brackets, if it has one."""
    if not text:
        return Words(text, kind)
    if text.startswith("[") and (found := _KIND.match(text)) and found[1] in _KINDS:
        kind, text = found[1], text[found.end() :]
    return Words(_plain(text).strip(), kind)


def _answer(text: str, kind: str, fraction: Fraction) -> Answer:
    said, _, feedback = text.partition("#")
    return Answer(_said(said.strip(), kind), fraction, _said(feedback.strip(), kind))


def _weighed(text: str, otherwise: Fraction) -> tuple[str, Fraction]:
    if text.startswith("%") and (found := _WEIGHT.match(text)):
        return text[found.end() :], _share_of(found[1])
    return text, otherwise


@lru_cache
def _share_of(per_cent: str) -> Fraction:
    return Fraction(per_cent.lstrip("-")) / 100 * (-1 if per_cent.startswith("-") else 1)


def _split(text: str, mark: str) -> list[str]:
    """What stands behind each mark, and before the first where that is anything."""
    first, *others = text.split(mark)
    return [one.strip() for one in ([first] if first.strip() else []) + others]


def _question(body: str, line: int) -> Item:
    item = Item("", line)
    if body.startswith("::") and "::" in body[2:]:
        name, _, body = body[2:].partition("::")
        item.name, body = " ".join(_plain(name).split()), body.strip()
    elif body.startswith("::"):
        body = body[2:]
    begins, ends = body.find("{"), body.find("}")
    if begins < 0 and ends < 0:
        item.kind, item.stem, item.points = DESCRIPTION, _said(body), Fraction(0)
        return item
    if begins < 0 or ends < 0 or ends < begins:
        raise Unfit("one of the braces { } round the answers is missing; write \\{ for the mark itself.")
    answers, after = body[begins + 1 : ends].strip(), body[ends + 1 :]
    text = body[:begins] + ("" if body.endswith("}") else "_____") + after
    answers, mark, reason = answers.rpartition("####") if "####" in answers else (answers, "", "")
    item.stem = _said(text)
    item.reason = _said(reason.strip(), item.stem.kind) if mark else Words()
    _answers(item, answers.strip())
    return item


def _answers(item: Item, text: str) -> None:
    kind = item.stem.kind
    if text.startswith(">") and (order := _ORDER.match(text)):
        _ordered(item, order, kind)
    elif not text:
        item.kind = Essay.name
    elif text.startswith("#"):
        _numbers(item, text[1:], kind)
    elif "~" in text:
        item.kind, item.single = "multichoice", "=" in text
        for one in _split(text.replace("=", "~="), "~"):
            rest, share = (one[1:], _ALL) if one.startswith("=") else _weighed(one, _NONE)
            item.answers.append(_answer(rest, kind, share))
    elif "=" in text and "->" in text:
        _pairs(item, text, kind)
    elif text.partition("#")[0].strip() in (*_TRUE, *_FALSE):
        item.kind = "truefalse"
        said, *feedback = text.split("#", 2)
        wrong, right = (_said(one.strip(), kind) for one in (*feedback, "", "")[:2])
        true = said.strip() in _TRUE
        item.answers = [
            Answer(Words("True"), Fraction(true), right if true else wrong),
            Answer(Words("False"), Fraction(not true), wrong if true else right),
        ]
    else:
        item.kind = "shortanswer"
        for one in _split(text, "="):
            rest, share = _weighed(one, _ALL)
            item.answers.append(_answer(rest, kind, share))


def _pairs(item: Item, text: str, kind: str) -> None:
    item.kind = "match"
    pairs = _split(text, "=")
    if len(pairs) < 2:
        raise Unfit("matching needs at least two pairs.")
    for one in pairs:
        asked, arrow, answer = one.partition("->")
        if not arrow:
            raise Unfit(f"“{_plain(one)[:40]}” has no -> between what is asked and its answer.")
        item.pairs.append((_said(asked, kind), Words(_plain(answer).strip(), PLAIN)))


def _ordered(item: Item, found: re.Match[str], kind: str) -> None:
    item.kind = "ordering"
    said = found["rules"].upper().split()
    item.rule = next((rule for name, rule in _RULES.items() if name in said), "there by another rule")
    item.answers = [Answer(Words(_plain(one).strip(), kind)) for one in found["items"].split("\n") if one.strip()]


def _numbers(item: Item, text: str, kind: str) -> None:
    item.kind = "numerical"
    text, mark, wrong = text.partition("~")
    for one in _split(text, "="):
        rest, share = _weighed(one, _ALL)
        answer = _answer(rest, kind, share)
        value = answer.said.text
        if ".." in value[1:]:
            low, _, high = value.partition("..")
            ends = number(low), number(high)
            middle, off = (ends[0] + ends[1]) / 2, (ends[1] - ends[0]) / 2
            value = decimal_text(middle)
        else:
            value, colon, tolerance = (one.strip() for one in value.partition(":"))
            off = number(tolerance) if colon else Fraction(0)
        item.answers.append(Answer(Words(value, PLAIN), share, answer.feedback, off))
    if not item.answers:
        raise Unfit("it has no number as its answer.")
    if mark:
        item.answers.append(Answer(Words("*", PLAIN), Fraction(0), _answer(wrong, kind, Fraction(0)).feedback))


def write(item: Item) -> str:
    """One question, which `read` reads as the same. Raises Unfit for what GIFT cannot say."""
    if item.kind not in _WRITTEN:
        raise Unfit(f"GIFT has no questions of the type {item.kind}; it is left out.")
    comments = [f"[id:{_guarded(item.named)}]"] * bool(item.named) + [f"[tag:{_guarded(tag)}]" for tag in item.tags]
    lines = [f"// {' '.join(comments)}"] if comments else []
    if item.kept:
        lines.append(f"{_KEPT}{item.kept}")
    name = f"::{_escape(' '.join(item.name.split()))}::" if item.name else ""
    reason = f"####{_formatted(item.reason)}" if item.reason.text else ""
    answers = _WRITTEN[item.kind](item)
    body = f"{name}{_formatted(item.stem)}"
    if item.kind != DESCRIPTION:
        body += f"{{{answers}{reason}}}" if not answers.endswith("\n") or not reason else f"{{{answers}{reason}\n}}"
    return "\n".join([*lines, body])


def _guarded(text: str) -> str:
    return re.sub(r"[\\\]]", r"\\\g<0>", " ".join(text.split()))


def _escape(text: str) -> str:
    """Marks escaped; a line end, which might end the question or begin a comment, as well."""
    return re.sub(r"[\\:#={}~]", r"\\\g<0>", text).replace("\n", "\\n")


def _formatted(said: Words) -> str:
    return f"[{said.kind}]{_escape(said.text)}"


def _share(fraction: Fraction) -> str:
    if fraction == 1:
        return ""
    return f"%{round(float(fraction * 100), 5):.5f}".rstrip("0").rstrip(".") + "%"


def _tail(answer: Answer) -> str:
    return f" #{_formatted(answer.feedback)}" if answer.feedback.text else ""


def _write_choice(item: Item) -> str:
    lines = []
    for one in item.answers:
        mark = (
            "=" if one.fraction == 1 and item.single else "~%100%" if one.fraction == 1 else f"~{_share(one.fraction)}"
        )
        lines.append(f"\t{mark if one.fraction else '~'}{_formatted(one.said)}{_tail(one)}")
    return "\n".join(["", *lines, ""])


def _write_true_false(item: Item) -> str:
    true, false = item.answers
    right, wrong = (true, false) if true.fraction else (false, true)
    said = "TRUE" if true.fraction else "FALSE"
    if not right.feedback.text and not wrong.feedback.text:
        return said
    return f"{said}#{_formatted(wrong.feedback)}#{_formatted(right.feedback)}"


def _write_short(item: Item) -> str:
    lines = [f"\t={_share(one.fraction)}{_escape(one.said.text)}{_tail(one)}" for one in item.answers]
    return "\n".join(["", *lines, ""])


def _write_number(item: Item) -> str:
    lines = []
    for one in item.answers:
        off = f":{_plain_decimal(one.tolerance)}" if one.tolerance else ""
        lines.append(f"\t={_share(one.fraction)}{one.said.text}{off}{_tail(one)}")
    return "\n".join(["#", *lines, ""])


def _plain_decimal(value: Fraction) -> str:
    text = decimal_text(value)
    if "/" in text:
        raise Unfit("a number of it has no end; it is left out.")
    return text


def _write_pairs(item: Item) -> str:
    lines = []
    for asked, answer in item.pairs:
        said = _formatted(asked).replace("->", "-&gt;") if asked.text else ""
        lines.append(f"\t={said} -> {_escape(answer.text)}")
    return "\n".join(["", *lines, ""])


def _write_order(item: Item) -> str:
    rule = next(name for name, rule in _RULES.items() if rule == item.rule)
    return "\n".join([f">{len(item.answers)} ALL VERTICAL {rule} SHOW none", *map(_formatted_answer, item.answers), ""])


def _formatted_answer(answer: Answer) -> str:
    return _formatted(answer.said)


def _write_nothing(item: Item) -> str:
    return ""


_WRITTEN = {
    "multichoice": _write_choice,
    "truefalse": _write_true_false,
    "shortanswer": _write_short,
    "numerical": _write_number,
    "match": _write_pairs,
    "ordering": _write_order,
    Essay.name: _write_nothing,
    DESCRIPTION: _write_nothing,
}
