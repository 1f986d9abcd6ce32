"""A question of a bank as Moodle would call it, and what of it Moodle marks otherwise."""

from collections.abc import Callable
from fractions import Fraction
from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.courses import Question
from mesotrain.core.numbers import decimal_text
from mesotrain.core.questions import ALL_OR_NOTHING, SUM, Part
from mesotrain.core.questions.choice import PARTIAL, Multiple, Single
from mesotrain.core.questions.cloze import Cloze
from mesotrain.core.questions.essay import Essay
from mesotrain.core.questions.matching import ExtendedMatching, Matching
from mesotrain.core.questions.numeric import Numeric
from mesotrain.core.questions.ordering import Ordering
from mesotrain.core.questions.text import Form, Text
from mesotrain.core.questions.true_false import EACH, TRUE, TrueFalse
from mesotrain.formats.answers import rubrics
from mesotrain.formats.exchange.items import TAG, TRUE_OR_FALSE, WHOLE, Answer, Item, Unfit, Words
from mesotrain.formats.exchange.notes import CHANGED, DESCRIPTION, LOST, Exchanged, Notes
from mesotrain.formats.exchange.texts import MARKDOWN, PLAIN

_SHARES = {Fraction(1, n) for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20)} | {
    Fraction(*one) for one in ((0, 1), (9, 10), (5, 6), (4, 5), (3, 4), (7, 10), (2, 3), (3, 5), (2, 5), (3, 10))
}
"""What an answer may earn in Moodle."""


def item_of(one: Exchanged, notes: Notes) -> Item:
    """The question as Moodle holds it; what it holds otherwise goes to `notes`. Raises Unfit where it cannot."""
    question = one.question
    kind = str(question.taker["type"])
    if kind not in _WRITE:
        raise Unfit(f"Moodle has no questions of the type {kind}; it is left out.")
    item = Item("", one.question.line, one.title, _said(question.taker["stem"]), _said(question.key["reason"]))
    item.points, item.named, item.category = question.points, question.name, one.category
    item.tags = [f"{TAG}: {name}={value}" for name, value in _facts(question).items() if value]
    item.shuffle = bool(question.taker.get("shuffle", True))
    _WRITE[kind](item, question.taker, question.key, notes)
    shares = [answer.fraction for part in (item, *(part for _, part in item.parts)) for answer in part.answers]
    if any(abs(share) not in _SHARES for share in shares):
        notes.note(CHANGED, "Moodle knows no such credit, and takes the nearest or refuses it.")
    return item


def _facts(question: Question) -> dict[str, str]:
    return {
        "competency": question.competency,
        "level": question.level,
        "section": ", ".join(question.sections),
        "safety": question.safety,
        "cites": ", ".join(question.cites),
        "practice": "yes" if question.practice else "",
    }


def _said(text: Json) -> Words:
    return Words(str(text), MARKDOWN)


def _texts(key: Part, name: str) -> dict[str, str]:
    return cast(dict[str, str], key.get(name, {}))


def _members(part: Part, name: str) -> list[dict[str, str]]:
    return cast(list[dict[str, str]], part[name])


def _choice(item: Item, taker: Part, key: Part, notes: Notes) -> None:
    item.kind, item.single = "multichoice", taker["type"] == Single.name
    credit = {name: Fraction(value) for name, value in _texts(key, "credit").items()}
    if not credit:
        raise Unfit("no option is marked as right yet; it is left out.")
    wrong = Fraction(0)
    if not item.single and key["rule"] != SUM:
        wrong = -Fraction(1, len(credit)) if key["rule"] == PARTIAL else Fraction(-1)
        credit = dict.fromkeys(credit, Fraction(1, len(credit)))
        if key["rule"] == ALL_OR_NOTHING:
            notes.note(CHANGED, "Moodle gives a share where only some of the right ones are ticked.")
    for one in _members(taker, "options"):
        reason = _said(_texts(key, "reasons").get(one["id"], ""))
        item.answers.append(Answer(_said(one["text"]), credit.get(one["id"], wrong), reason))


def _true_false(item: Item, taker: Part, key: Part, notes: Notes) -> None:
    statements, verdicts = _members(taker, "statements"), _texts(key, "verdicts")
    reasons = _texts(key, "reasons")
    if len(statements) > 1:
        item.kind = "match"
        item.pairs = [
            (_said(one["text"]), Words("True" if verdicts[one["id"]] == TRUE else "False", PLAIN)) for one in statements
        ]
        notes.note(CHANGED, "each statement is matched with True or False.")
        if key["rule"] != EACH:
            notes.note(CHANGED, "Moodle counts each statement by itself.")
        _unsaid(reasons, notes)
        return
    item.kind, only = "truefalse", statements[0]
    if taker["stem"] != TRUE_OR_FALSE:
        notes.note(CHANGED, "its stem stands above the statement.")
    item.stem = _said(only["text"] if taker["stem"] == TRUE_OR_FALSE else f"{taker['stem']}\n\n{only['text']}")
    reason = _said(reasons.get(only["id"], ""))
    right = verdicts[only["id"]] == TRUE
    item.answers = [
        Answer(Words("True"), Fraction(right), reason),
        Answer(Words("False"), Fraction(not right), reason),
    ]


def _unsaid(reasons: dict[str, str], notes: Notes) -> None:
    if any(reasons.values()):
        notes.note(LOST, "Moodle has no place for the reasons of single parts.")


def _pattern(form: Form) -> str:
    return "*".join(piece.replace("*", "\\*") for piece in form)


def _text(item: Item, taker: Part, key: Part, notes: Notes) -> None:
    item.kind = "shortanswer"
    exact = cast(list[str], taker["exact"])
    item.exact_case = "case" in exact
    if any("exact" in row for row in cast(list[Part], key["accepted"])):
        notes.note(CHANGED, "in Moodle capitals count in all of its answers or in none; here in some.")
    for place, row in enumerate(cast(list[dict[str, Json]], key["accepted"])):
        reason, share = _said(_texts(key, "reasons").get(str(place), "")), Fraction(str(row["credit"]))
        forms = cast(list[Form], row["forms"])
        item.answers += [Answer(Words(_pattern(form), PLAIN), share, reason) for form in forms]
    if not {"accents", "punctuation"} <= set(exact):
        notes.note(CHANGED, "in Moodle accents and punctuation count.")


def _numeric(item: Item, taker: Part, key: Part, notes: Notes) -> None:
    item.kind, item.unit = "numerical", str(taker["unit"])
    for place, row in enumerate(cast(list[dict[str, str]], key["accepted"])):
        low, high = Fraction(row["low"]), Fraction(row["high"])
        reason = _said(_texts(key, "reasons").get(str(place), ""))
        middle, off = (low + high) / 2, (high - low) / 2
        if middle != Fraction(row["value"]):
            notes.note(CHANGED, "the middle of what is accepted stands for the right number.")
        item.answers.append(Answer(Words(decimal_text(middle), PLAIN), Fraction(row["credit"]), reason, off))


def _whole(key: Part, notes: Notes) -> None:
    if "rule" in key:
        notes.note(CHANGED, f"in Moodle its parts count each on their own; here its credit is {key['rule']}.")


def _matching(item: Item, taker: Part, key: Part, notes: Notes) -> None:
    item.kind = "match"
    _whole(key, notes)
    texts = {one["id"]: one["text"] for one in _members(taker, "options")}
    answers = _texts(key, "answers")
    item.pairs = [
        (_said(one.get("text", one.get("stem"))), Words(texts[answers[one["id"]]], PLAIN))
        for one in _members(taker, "premises")
    ]
    used = set(answers.values())
    item.pairs += [(Words("", MARKDOWN), Words(text, PLAIN)) for name, text in texts.items() if name not in used]
    _unsaid(_texts(key, "reasons"), notes)


def _ordering(item: Item, taker: Part, key: Part, notes: Notes) -> None:
    item.kind, places = "ordering", {name: int(place) for name, place in _texts(key, "places").items()}
    items = _members(taker, "items")
    if len(places) < len(items) or len(set(places.values())) < len(items):
        raise Unfit("Moodle's order has one place for each thing; it is left out.")
    item.rule = str(key["rule"])
    item.answers = [Answer(_said(one["text"])) for one in sorted(items, key=lambda one: places[one["id"]])]
    _unsaid(_texts(key, "reasons"), notes)


def _cloze(item: Item, taker: Part, key: Part, notes: Notes) -> None:
    item.kind = "multianswer"
    _whole(key, notes)
    exact = taker["exact"]
    for gap in cast(list[Part], taker["gaps"]):
        part, of = Item("", item.line, shuffle=item.shuffle), cast(dict[str, Part], key["gaps"])[str(gap["id"])]
        if gap["type"] == Single.name:
            part.kind, credit = "multichoice", _texts(of, "credit")
            options = cast(list[dict[str, str]], gap["options"])
            part.answers = [Answer(Words(one["words"], PLAIN), Fraction(credit.get(one["id"], "0"))) for one in options]
        elif gap["type"] == Text.name:
            _text(part, {**gap, "exact": exact}, of, notes)
        else:
            _numeric(part, gap, of, notes)
            if part.unit:
                notes.note(LOST, f"the unit {part.unit[:40]} of a gap is left out.")
        item.parts.append((Fraction(str(gap.get("weight", "1"))), part))


def _alone(item: Item, taker: Part, key: Part, notes: Notes) -> None:
    item.kind = str(taker["type"])
    if item.kind == DESCRIPTION:
        item.points = Fraction(0)


def _essay(item: Item, taker: Part, key: Part, notes: Notes) -> None:
    item.kind, reasons = "essay", _texts(key, "reasons")
    criteria = cast(list[dict[str, str]], key["criteria"])
    item.told = _said(reasons.get("0", "") if criteria == [WHOLE] else "\n".join(rubrics.write(taker, key)[2:]))
    if key["markers"] != 1 or taker["words"]:
        notes.note(CHANGED, "in Moodle one person marks it, and how many words are asked for is not said.")


_WRITE: dict[str, Callable[[Item, Part, Part, Notes], None]] = {
    Single.name: _choice,
    Multiple.name: _choice,
    TrueFalse.name: _true_false,
    Text.name: _text,
    Numeric.name: _numeric,
    Matching.name: _matching,
    ExtendedMatching.name: _matching,
    Ordering.name: _ordering,
    Cloze.name: _cloze,
    Essay.name: _essay,
    DESCRIPTION: _alone,
}
