"""The question of a bank that a question of Moodle stands for."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.courses import LEVELS, Question
from mesotrain.core.questions import ALL_OR_NOTHING, SUM, Part, option_id
from mesotrain.core.questions.choice import Multiple, Single
from mesotrain.core.questions.cloze import Cloze
from mesotrain.core.questions.essay import Essay
from mesotrain.core.questions.matching import Matching
from mesotrain.core.questions.numeric import Numeric
from mesotrain.core.questions.ordering import PAIRS, Ordering
from mesotrain.core.questions.text import Form, Text
from mesotrain.core.questions.true_false import EACH, FALSE, TRUE, TrueFalse
from mesotrain.formats.bank import read_bank
from mesotrain.formats.exchange.items import TAG, TRUE_OR_FALSE, WHOLE, Item, Unfit, Words
from mesotrain.formats.exchange.notes import CHANGED, DESCRIPTION, GUESSED, LOST, MOST_ANSWERS, Exchanged, Notes
from mesotrain.formats.exchange.texts import PLAIN, Figure, markdown, words
from mesotrain.formats.lines import CODE, NAME, SLUG, Report, cleaned
from mesotrain.formats.printed import write_question

_REPEATING = [Fraction(top, bottom) for bottom in (3, 6, 7, 9) for top in range(1, bottom)]
_STANDARD = re.compile(r"your answer is (?:partially )?(?:in)?correct\.?", re.IGNORECASE)


def exchanged(item: Item, name: str, notes: Notes, figure: Figure = lambda address: None) -> Exchanged:
    """The question of a bank that `item` stands for, by this id. Raises Unfit where there is none."""
    if item.kind not in _READ:
        raise Unfit(f"a question of the type {item.kind[:40]} is not supported.")
    if (many := max(len(item.answers), len(item.pairs), len(item.parts))) > MOST_ANSWERS:
        raise Unfit(f"a question has at most {MOST_ANSWERS} answers; this has {many:,}.")
    if any(not one.said.text.strip() for one in item.answers):
        notes.note(CHANGED, "an answer without a text is left out.")
        item.answers = [one for one in item.answers if one.said.text.strip()]
    facts = _facts(item, notes)
    taker, key = _kept(item) or _READ[item.kind](item, _Reader(notes, figure))
    _named(item, notes)
    points = Fraction(facts["points"]) if "points" in facts else item.points
    question = Question(
        name,
        facts.get("competency", ""),
        facts.get("level", ""),
        tuple(facts["section"].split(", ")) if "section" in facts else (),
        facts.get("safety", ""),
        tuple(facts["cites"].split(", ")) if "cites" in facts else (),
        points if points.numerator > 0 else Fraction(1),
        taker,
        key,
        practice=facts.get("practice") == "yes",
        line=item.line,
    )
    return Exchanged(question, item.name, item.category, notes)


def keep(item: Item, question: Question) -> str:
    """The question as a bank writes it, on one line; `exchanged` believes it as long as nobody has changed `item`."""
    return json.dumps({"of": item.digest, "bank": write_question(question)}, sort_keys=True)


def _kept(item: Item) -> tuple[Part, Part] | None:
    try:
        said = json.loads(item.kept) if item.kept else {}
    except (ValueError, RecursionError):
        return None
    match said:
        case {"of": str(of), "bank": str(text)} if of == item.digest:
            bank = read_bank(cleaned(_FRONT + text, report := Report("")), report)
            if not report.faults and len(bank.questions) == 1:
                return bank.questions[0].taker, bank.questions[0].key
    return None


_FRONT = "---\nbank: kept\ntitle: Kept\nlanguage: en\ncompetency: ANY\n---\n\n"


_FACTS = {
    "competency": re.compile("[A-Z]{2,5}"),
    "level": re.compile("|".join(LEVELS)),
    "section": re.compile(rf"{SLUG}#{SLUG}(?:, {SLUG}#{SLUG})*"),
    "safety": re.compile(SLUG),
    "cites": re.compile(rf"{CODE}(?:, {CODE})*"),
    "practice": re.compile("yes"),
    "points": re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,6})?"),
}


def _facts(item: Item, notes: Notes) -> dict[str, str]:
    """What the tags say that Moodle has no place for; other tags are lost."""
    found = {}
    for tag in item.tags:
        start, _, said = tag.partition(":")
        name, _, value = said.strip().partition("=")
        if start == TAG and name in _FACTS and _FACTS[name].fullmatch(value):
            found[name] = value
        else:
            notes.note(LOST, f"the tag “{tag[:60]}” is left out.")
    return found


def _named(item: Item, notes: Notes) -> None:
    """What has no place in a bank, by its name."""
    for remark in item.remarks:
        said = words(remark.text, remark.kind)
        if said and not _STANDARD.fullmatch(said):
            notes.note(LOST, f"the remark to any answer, “{said[:60]}”, is left out.")
    if item.penalty and not (item.kind == "truefalse" and item.penalty == 1):
        notes.said.append(("kept", f"its penalty of {float(item.penalty):.4g} for another try is not applied."))
    if item.named and not re.fullmatch(NAME, item.named):
        notes.note(CHANGED, f"its number there, “{item.named[:60]}”, is no id here.")
    if item.points <= 0 and item.kind != DESCRIPTION:
        notes.note(CHANGED, "it was worth no points, and is worth one.")


@dataclass(frozen=True)
class _Reader:
    notes: Notes
    figure: Figure

    def text(self, said: Words) -> str:
        return markdown(said.text, said.kind, self.notes, self.figure)

    def options(self, said: Sequence[Words], feedback: Sequence[Words] = ()) -> tuple[list[dict[str, str]], Part]:
        """The options with their ids, and what a key keeps of them; what is said twice gets a name of its own."""
        times, options = dict[str, int](), list[dict[str, str]]()
        names, reasons = dict[str, str](), dict[str, str]()
        for place, one in enumerate(said):
            text = self.text(one)
            times[text] = times.get(text, 0) + 1
            own = "again" * (times[text] - 1)
            name = option_id(own or text)
            options.append({"id": name, "text": text})
            if own:
                names[name] = own
            if feedback and (reason := self.text(feedback[place])):
                reasons[name] = reason
        return options, {"reasons": cast(Json, reasons)} | ({"names": cast(Json, names)} if names else {})


def snapped(share: Fraction) -> Fraction:
    """A share as it was meant: 33.333 per cent is a third."""
    return share if share.denominator < 1000 else _snapped(share)


@cache
def _snapped(share: Fraction) -> Fraction:
    near = next((one for one in _REPEATING if abs(abs(share) - one) < Fraction(1, 10_000)), None)
    return share if near is None else near if share > 0 else -near


def _choice(item: Item, reader: _Reader) -> tuple[Part, Part]:
    if len(item.answers) < 2:
        raise Unfit("a choice needs at least two answers.")
    options, kept = reader.options([one.said for one in item.answers], [one.feedback for one in item.answers])
    credit = {
        option["id"]: str(snapped(one.fraction))
        for option, one in zip(options, item.answers, strict=True)
        if one.fraction
    }
    if item.shuffle:
        options.sort(key=lambda one: one["id"])
    taker: Part = {"type": Single.name if item.single else Multiple.name, "stem": reader.text(item.stem)}
    taker |= {"options": cast(Json, options), "shuffle": item.shuffle}
    key: Part = {"credit": cast(Json, credit), **kept, "reason": reader.text(item.reason)}
    if not item.single:
        key["rule"] = item.rule or SUM
    return taker, key


def _true_false(item: Item, reader: _Reader) -> tuple[Part, Part]:
    """`answers` are true and false with what is said to each; the one with a fraction is right."""
    said = [text for one in item.answers if (text := reader.text(one.feedback))]
    if len(set(said)) > 1:
        reader.notes.note(CHANGED, "what is said to “true” and to “false” stands together.")
    options, kept = reader.options([item.stem])
    name = options[0]["id"]
    verdict = TRUE if item.answers[0].fraction > item.answers[1].fraction else FALSE
    kept["reasons"] = {name: "\n\n".join(dict.fromkeys(said))} if said else {}
    taker: Part = {"type": TrueFalse.name, "stem": TRUE_OR_FALSE}
    taker |= {"statements": cast(Json, options), "shuffle": item.shuffle}
    return taker, {"verdicts": {name: verdict}, "rule": EACH, **kept, "reason": reader.text(item.reason)}


def forms_of(pattern: str) -> Form:
    """A pattern of Moodle in pieces: ``*`` stands for anything, ``\\*`` for itself."""
    pieces = re.split(r"(?<!\\)\*", pattern)
    return [piece.replace("\\*", "*") for piece in pieces]


def _short(item: Item, reader: _Reader) -> tuple[Part, Part]:
    if not item.answers:
        raise Unfit("it has no answers.")
    accepted: list[dict[str, Json]] = []
    reasons: dict[str, str] = {}
    for place, one in enumerate(item.answers):
        form = forms_of(words(one.said.text, PLAIN))
        accepted.append({"forms": [cast(Json, form)], "credit": str(snapped(one.fraction))})
        if reason := reader.text(one.feedback):
            reasons[str(place)] = reason
    exact = ["case"] if item.exact_case else []
    exact += ["accents", "punctuation"]
    taker: Part = {"type": Text.name, "stem": reader.text(item.stem), "exact": cast(Json, exact)}
    return taker, {"accepted": cast(Json, accepted), "reasons": cast(Json, reasons), "reason": reader.text(item.reason)}


def _numerical(item: Item, reader: _Reader) -> tuple[Part, Part]:
    accepted: list[dict[str, str]] = []
    reasons: dict[str, str] = {}
    reason = reader.text(item.reason)
    for one in item.answers:
        said = reader.text(one.feedback)
        if one.said.text.strip() == "*":
            if one.fraction:
                reader.notes.note(LOST, "that any other number earns something is left out.")
            if said:
                reader.notes.note(CHANGED, "what is said to any other number is part of the reason.")
                reason = f"{reason}\n\n{said}" if reason else said
            continue
        value = number(one.said.text)
        low, high = str(value - one.tolerance), str(value + one.tolerance)
        if said:
            reasons[str(len(accepted))] = said
        accepted.append({"value": str(value), "low": low, "high": high, "credit": str(snapped(one.fraction))})
    if not accepted:
        raise Unfit("it has no number as its answer.")
    taker: Part = {"type": Numeric.name, "stem": reader.text(item.stem), "unit": item.unit}
    return taker, {"accepted": cast(Json, accepted), "reasons": cast(Json, reasons), "reason": reason}


_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,2})?")


def number(text: str) -> Fraction:
    """A number as Moodle writes it. Raises Unfit."""
    if not _NUMBER.fullmatch(text.strip()):
        raise Unfit(f"“{text.strip()[:40]}” is not a number.")
    return Fraction(text.strip())


def _match(item: Item, reader: _Reader) -> tuple[Part, Part]:
    asked = [at for at, (one, _) in enumerate(item.pairs) if words(one.text, one.kind) or "<img" in one.text]
    if not asked:
        raise Unfit("it has nothing to be matched.")
    premises, kept = reader.options([item.pairs[at][0] for at in asked])
    texts = [_line(reader.text(answer)) for _, answer in item.pairs]
    premises = [{**one, "text": _line(one["text"])} for one in premises]
    ids = {text: option_id(text) for text in texts}
    answers = {one["id"]: ids[texts[at]] for one, at in zip(premises, asked, strict=True)}
    options = sorted(({"id": name, "text": text} for text, name in ids.items()), key=lambda one: one["id"])
    taker: Part = {"type": Matching.name, "stem": reader.text(item.stem), "premises": cast(Json, premises)}
    taker |= {"options": cast(Json, options), "shuffle": True}
    key: Part = {"answers": cast(Json, answers), **kept, "reason": reader.text(item.reason)}
    return taker, key


def _line(text: str) -> str:
    return " ".join(text.split())


def _ordering(item: Item, reader: _Reader) -> tuple[Part, Part]:
    if len(item.answers) < 2:
        raise Unfit("it needs at least two things to put in order.")
    options, kept = reader.options([one.said for one in item.answers])
    places = {one["id"]: str(place) for place, one in enumerate(options, 1)}
    options.sort(key=lambda one: one["id"])
    rule = item.rule or PAIRS
    if rule not in (PAIRS, ALL_OR_NOTHING):
        reader.notes.note(CHANGED, f"it is marked by pairs in the right order; there it was {rule[:40]}.")
        rule = PAIRS
    taker: Part = {"type": Ordering.name, "stem": reader.text(item.stem), "items": cast(Json, options)}
    return taker, {"places": cast(Json, places), "rule": rule, **kept, "reason": reader.text(item.reason)}


def _stem_alone(item: Item, reader: _Reader) -> tuple[Part, Part]:
    return {"type": item.kind, "stem": reader.text(item.stem)}, {"reason": reader.text(item.reason)}


def _essay(item: Item, reader: _Reader) -> tuple[Part, Part]:
    told = reader.text(item.told)
    reader.notes.note(GUESSED, "its rubric is one criterion, the whole answer; write down what earns points.")
    key: Part = {"criteria": [{**WHOLE}], "markers": 1, "reasons": {"0": told} if told else {}}
    taker: Part = {"type": Essay.name, "stem": reader.text(item.stem), "words": []}
    return taker, key | {"reason": reader.text(item.reason)}


def _cloze(item: Item, reader: _Reader) -> tuple[Part, Part]:
    if not item.parts:
        raise Unfit("it has no gaps.")
    marked = re.sub(r"\[\[([0-9]{1,3})\]\]", "\u27e6\\1\u27e7", item.stem.text)
    stem = re.sub("\u27e6([0-9]{1,3})\u27e7", r"[[\1]]", reader.text(item.stem._replace(text=marked)))
    exact = {part.exact_case for _, part in item.parts if part.kind == "shortanswer"}
    if len(exact) > 1:
        reader.notes.note(CHANGED, "capitals count in some gaps alone there; here they count in none.")
    gaps, keys = [], {}
    for place, (weight, part) in enumerate(item.parts, 1):
        part.exact_case = exact == {True}
        gap, key = _gap(part, reader)
        gaps.append({"id": str(place), **gap} | ({"weight": str(weight)} if weight != 1 else {}))
        keys[str(place)] = key
    rules = (["case"] if exact == {True} else []) + (["accents", "punctuation"] if exact else [])
    taker: Part = {"type": Cloze.name, "stem": stem, "gaps": cast(Json, gaps), "shuffle": item.shuffle}
    taker["exact"] = cast(Json, rules)
    return taker, {"gaps": cast(Json, keys), "reasons": {}, "reason": reader.text(item.reason)}


def _gap(part: Item, reader: _Reader) -> tuple[Part, Part]:
    if part.kind not in ("multichoice", "shortanswer", "numerical") or not part.single:
        raise Unfit(f"a gap of the type {part.kind[:40]} is not supported.")
    taker, key = _READ[part.kind](part, reader)
    if any(cast(Part, key.get("reasons", {})).values()) or key["reason"]:
        reader.notes.note(LOST, "what is said to the answers of a gap is left out.")
    if part.kind == "multichoice":
        texts = [words(one.said.text, one.said.kind).replace("|", "\u00a6") for one in part.answers]
        credit = [str(snapped(one.fraction)) for one in part.answers]
        options = [{"id": option_id(text), "words": text} for text in texts]
        shown = sorted(options, key=lambda one: one["id"]) if part.shuffle else options
        earned = {one["id"]: share for one, share in zip(options, credit, strict=True) if Fraction(share)}
        return {"type": Single.name, "options": cast(Json, shown)}, {"credit": cast(Json, earned)}
    return (
        {name: value for name, value in taker.items() if name not in ("stem", "exact")},
        {name: value for name, value in key.items() if name not in ("reasons", "reason")},
    )


_READ: dict[str, Callable[[Item, _Reader], tuple[Part, Part]]] = {
    "multichoice": _choice,
    "truefalse": _true_false,
    "shortanswer": _short,
    "numerical": _numerical,
    "match": _match,
    "ordering": _ordering,
    "multianswer": _cloze,
    Essay.name: _essay,
    DESCRIPTION: _stem_alone,
}
