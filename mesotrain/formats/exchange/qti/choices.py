"""Questions of QTI whose answers are chosen, put in order or matched, as questions of a bank that are marked alike."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, islice, permutations, product
from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.chance import number
from mesotrain.core.questions import ALL_OR_NOTHING, SUM, Part, QuestionType, Reading
from mesotrain.core.questions.choice import Multiple, Single
from mesotrain.core.questions.matching import Matching
from mesotrain.core.questions.ordering import NOWHERE, PAIRS, Ordering
from mesotrain.core.questions.true_false import EACH, FALSE, KPRIM, OF_KPRIM, TRUE, TrueFalse
from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.notes import CHANGED, GUESSED, LOST
from mesotrain.formats.exchange.qti.items import Asked, QtiItem
from mesotrain.formats.exchange.qti.rules import NOTHING
from mesotrain.formats.exchange.qti.slots import named, unsaid, words_slot
from mesotrain.formats.exchange.qti.values import Value, whole
from mesotrain.formats.exchange.qti.values import single as read_value
from mesotrain.formats.exchange.qti.xml import said, truth

NO_ANSWER, NOTHING_CHOSEN = "No answer", ""
"""An option that stands for leaving all others, and what it is called there."""
MOST_TRIED = 600
"""Answers that are tried before two rules of marking are called the same."""


@dataclass
class Made:
    """The parts of a question without its texts, and its points.

    `witnesses` are the values that meet each of its lines or options, `right` the responses that earn it all.
    """

    taker: Part
    key: Part
    points: Fraction = Fraction(1)
    witnesses: dict[str, Value] = field(default_factory=dict)
    right: dict[str, Value] = field(default_factory=dict)


def tried(every: Iterable[tuple[str, ...]], draw: Callable[[int], tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Every answer where they are few, else some of them, the same each time."""
    first = list(islice(every, MOST_TRIED + 1))
    yield from first[:MOST_TRIED]
    if len(first) > MOST_TRIED:
        yield from (draw(at) for at in range(MOST_TRIED // 3))


def single(item: QtiItem, asked: Asked, texts: dict[str, str]) -> Made:
    """One of several options."""
    score = _scores(item, asked)
    if len(texts) < 2:
        raise Unfit("a choice needs at least two answers.")
    earned = {name: score((name,)) for name in texts}
    best = max(earned.values())
    if (blank := score(())) > 0 and (blank != best or [*earned.values()].count(best) != 1):
        texts, earned = {**texts, NOTHING_CHOSEN: NO_ANSWER}, {**earned, NOTHING_CHOSEN: blank}
        item.notes.note(CHANGED, f"no answer at all earns something there; here that is an option, “{NO_ANSWER}”.")
    elif blank:
        item.notes.note(CHANGED, "no answer at all earns all of it there, and nothing here.")
    best = best_of(item, earned.values())
    slot = words_slot("", texts, asked.value, shuffle=truth(asked.element, "shuffle"))
    built = slot.build(lambda value: item.score({asked.response.name: value}) / best, unsaid)
    top = next(name for name in texts if earned[name] == best) if any(earned.values()) else ""
    taker = {**built.taker, "type": Single.name}
    return Made(taker, built.key, best, built.witnesses, {asked.response.name: asked.value(top)} if top else {})


def _scores(item: QtiItem, asked: Asked) -> Callable[[tuple[str, ...]], Fraction]:
    return lambda names: item.score({asked.response.name: asked.value(*names)})


def best_of(item: QtiItem, earned: Iterable[Fraction]) -> Fraction:
    """What a full answer is worth."""
    best = max(earned, default=Fraction(0))
    if best > 0:
        return best
    if item.scored and item.rules.processing is not None and len(item.rules.processing):
        raise Unfit("no answer of those it names earns anything.")
    item.notes.note(GUESSED, "it does not say which answer is right; mark the right one.")
    return Fraction(1)


def _blank(item: QtiItem, earned: Fraction, best: Fraction) -> None:
    """What no answer at all earns; nothing, in a bank. Raises Unfit where it earns the most."""
    if earned > best or (earned == best and item.rules.template == NOTHING):
        raise Unfit("only no answer at all earns all of it.")
    if earned:
        item.notes.note(CHANGED, f"no answer at all earns {float(earned / best):.4g} of it there, and nothing here.")


def multiple(item: QtiItem, asked: Asked, texts: dict[str, str]) -> Made:
    """Options of which several are ticked."""
    names, score, most = list(texts), _scores(item, asked), asked.most or len(texts)
    if len(names) < 2:
        raise Unfit("a choice needs at least two answers.")
    every = (one for size in range(1, most + 1) for one in combinations(names, size))
    right = _right(asked, names)
    answers = dict.fromkeys([*tried(every, lambda at: _some(names, at, most)), *([right] if right else [])])
    earned = {one: score(one) for one in answers}
    item.rules.effort.spend(20 * len(earned))
    best = best_of(item, earned.values())
    _blank(item, score(()), best)
    ids, kept = named(texts)
    options = [{"id": ids[name], "text": texts[name]} for name in names]
    shuffle = truth(asked.element, "shuffle")
    if shuffle:
        options.sort(key=lambda one: one["id"])
    taker: Part = {"type": Multiple.name, "stem": "", "options": cast(Json, options), "shuffle": shuffle}
    for credit, rule in _rules(names, earned, score, best):
        key: Part = {"credit": {ids[name]: str(one) for name, one in credit.items() if one}, "rule": rule, **kept}
        question = Multiple(taker, key)
        marks = {one: question.mark(Reading(tuple(sorted(ids[name] for name in one)))) for one in earned}
        if all(marks[one] == max(worth / best, Fraction(0)) for one, worth in earned.items()):
            _told(item, earned, best, credit, most)
            full = max(earned, key=lambda one: earned[one])
            alone = {ids[name]: asked.value(name) for name in names}
            return Made(taker, key, best, alone, {asked.response.name: asked.value(*full)})
    raise Unfit("what its options earn together has no counterpart: neither all or nothing, nor a sum of credits.")


def _told(
    item: QtiItem, earned: dict[tuple[str, ...], Fraction], best: Fraction, credit: dict[str, Fraction], most: int
) -> None:
    if any(one < 0 for one in earned.values()):
        item.notes.note(CHANGED, f"an answer earns down to {float(min(earned.values()) / best):.4g} there, and 0 here.")
    if 1 < most < len(credit):
        item.notes.note(LOST, f"at most {most} can be ticked there; here as many as one likes.")


def _right(asked: Asked, names: Sequence[str]) -> tuple[str, ...]:
    """The answer that is declared as the right one."""
    value = asked.response.correct
    found = {str(one) for one in (value if isinstance(value, list) else [value])}
    return tuple(name for name in names if name in found)


def _some(names: Sequence[str], at: int, most: int) -> tuple[str, ...]:
    bits = number("answers", str(at))
    return tuple(name for place, name in enumerate(names) if bits >> place & 1)[:most]


def _rules(
    names: Sequence[str],
    earned: dict[tuple[str, ...], Fraction],
    score: Callable[[tuple[str, ...]], Fraction],
    best: Fraction,
) -> Iterator[tuple[dict[str, Fraction], str]]:
    """The rules that may be meant, each with the credits of the options."""
    full = [one for one, worth in earned.items() if worth == best]
    if len(full) == 1:
        yield {name: Fraction(name in full[0]) for name in names}, ALL_OR_NOTHING
    yield credits_of(names, score, best), SUM


def credits_of(
    names: Sequence[str], score: Callable[[tuple[str, ...]], Fraction], best: Fraction
) -> dict[str, Fraction]:
    """What each adds of a full answer: alone, or where something is there from which it may take."""
    alone = {name: score((name,)) for name in names}
    good = [name for name in names if alone[name] > 0]
    credit = {}
    for name in names:
        others = [(one,) for one in good if one != name] + [tuple(one for one in good if one != name)]
        gains = [score((*one, name)) - score(one) for one in others if one]
        credit[name] = alone[name] / best if alone[name] > 0 else min([*gains, alone[name]]) / best
    return credit


def ordering(item: QtiItem, asked: Asked, texts: dict[str, str]) -> Made:
    """Things to be put in order."""
    names, score = list(texts), _scores(item, asked)
    if len(names) < 2:
        raise Unfit("it needs at least two things to put in order.")
    value = asked.response.correct
    right = tuple(map(str, value)) if isinstance(value, list) else ()
    least = whole(said(asked.element, "minChoices", "0"), 0) or len(names)
    sizes = range(least if said(asked.element, "minChoices") else len(names), len(names) + 1)
    every = (one for size in sizes for one in permutations(names, size))
    answers = dict.fromkeys([*([right] if right else []), *tried(every, lambda at: _turned(right or tuple(names), at))])
    earned = {one: score(one) for one in answers}
    item.rules.effort.spend(len(earned) * len(names) ** 2 // 4)
    best = best_of(item, earned.values())
    _blank(item, score(()), best)
    ids, kept = named(texts)
    full = max(earned, key=lambda one: earned[one])
    items = sorted(({"id": ids[name], "text": texts[name]} for name in names), key=lambda one: one["id"])
    taker: Part = {"type": Ordering.name, "stem": "", "items": cast(Json, items)}
    places = {ids[name]: str(place) for place, name in enumerate(full, 1)}
    for rule in (ALL_OR_NOTHING, PAIRS):
        key: Part = {"places": cast(Json, places), "rule": rule, **kept}
        question = Ordering(taker, key)
        given = {
            one: {own: str(one.index(name) + 1) if name in one else NOWHERE for name, own in ids.items()}
            for one in earned
        }
        if all(question.mark(Reading(given[one])) == worth / best for one, worth in earned.items()):
            return Made(taker, key, best, {}, {asked.response.name: asked.value(*full)})
    raise Unfit("what an order earns has no counterpart: neither all or nothing, nor pairs in the right order.")


def _turned(names: tuple[str, ...], at: int) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda name: number(f"order {at}", name)))


def matching(
    item: QtiItem, asked: Asked, premises: dict[str, str], options: dict[str, str], pair: Callable[[str, str], str]
) -> Made:
    """Premises, each with one of these options. `pair` says how the response names the two."""
    score = _scores(item, asked)
    one_each = {(a, b): score((pair(a, b),)) for a, b in product(premises, options)}
    answers = _answers(asked, premises, options, pair, one_each)
    right = tuple(pair(a, b) for a, b in answers.items())
    best = best_of(item, [score(right), *one_each.values()])
    _blank(item, score(()), best)
    ids, own = named(premises)[0], named(options)[0]
    if len(set(options.values())) < len(options) or len(set(premises.values())) < len(premises):
        raise Unfit("two of the things to be matched have the same text.")
    for question in _matchings(premises, options, answers, ids, own):
        for given in _matched(premises, options, answers):
            item.rules.effort.spend(len(given) // 4)
            mark = question.mark(Reading({ids[a]: own[b] for a, b in given.items()} or None))
            if given and mark != score(tuple(pair(a, b) for a, b in given.items())) / best:
                break
        else:
            return Made(question.taker, question.key, best, {}, {asked.response.name: asked.value(*right)})
    raise Unfit("what its pairs earn together has no counterpart in matching.")


def _matchings(
    premises: dict[str, str], options: dict[str, str], answers: dict[str, str], ids: dict[str, str], own: dict[str, str]
) -> Iterator[QuestionType]:
    """The questions that may be meant: statements where the options are true and false, and matching."""
    members: Json = [{"id": ids[name], "text": text} for name, text in premises.items()]
    if {text.strip(".").lower() for text in options.values()} == {TRUE, FALSE} and len(options) == 2:
        own.update({name: text.strip(".").lower() for name, text in options.items()})
        verdicts: Json = {ids[a]: own[b] for a, b in answers.items()}
        said_so: Part = {"type": TrueFalse.name, "stem": "", "statements": members, "shuffle": True}
        for rule in (EACH, *([KPRIM] if len(premises) == OF_KPRIM else []), ALL_OR_NOTHING):
            yield TrueFalse(said_so, {"verdicts": verdicts, "rule": rule})
        own.update(named(options)[0])
    shown = sorted(({"id": own[name], "text": options[name]} for name in options), key=lambda one: one["id"])
    taker: Part = {"type": Matching.name, "stem": "", "shuffle": True, "options": cast(Json, shown)}
    for rule in ("", ALL_OR_NOTHING):
        key: Part = {"answers": {ids[a]: own[b] for a, b in answers.items()}}
        key |= {"rule": rule} if rule else {}
        yield Matching({**taker, "premises": members}, key)


def _answers(
    asked: Asked,
    premises: dict[str, str],
    options: dict[str, str],
    pair: Callable[[str, str], str],
    one_each: dict[tuple[str, str], Fraction],
) -> dict[str, str]:
    """The right option of each premise. Raises Unfit where it has none, or several."""
    value = asked.response.correct
    right, found = value if isinstance(value, list) else [value], {}
    for a in premises:
        said_so = [b for b in options if read_value(pair(a, b), asked.response.base) in right]
        earning = [b for b in options if one_each[a, b] > 0]
        these = earning if len(earning) == 1 else [b for b in said_so if not earning or b in earning]
        if len(these) != 1:
            raise Unfit("one of the things to be matched has no answer, or several.")
        found[a] = these[0]
    return found


def _matched(premises: dict[str, str], options: dict[str, str], answers: dict[str, str]) -> Iterator[dict[str, str]]:
    """Answers to be tried: the right one, with one or two of it left out or wrong, and some by chance."""
    yield answers
    names = list(premises)
    for a in names:
        yield {one: option for one, option in answers.items() if one != a}
        yield from ({**answers, a: b} for b in islice(options, 12))
        yield {a: answers[a]}
    for a, b in islice(combinations(names, 2), 60):
        yield {a: answers[a], b: answers[b]}
        yield {one: option for one, option in answers.items() if one not in (a, b)}
    for at in range(60):
        picks = {a: number(f"match {at}", a) % (len(options) + 1) for a in names}
        yield {a: list(options)[pick] for a, pick in picks.items() if pick < len(options)}
