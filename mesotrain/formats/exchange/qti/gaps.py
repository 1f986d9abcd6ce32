"""Several answers in one item of QTI as the gaps of one text, marked alike."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, product
from math import gcd, lcm
from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.chance import number
from mesotrain.core.questions import ALL_OR_NOTHING, PARTIAL, Part
from mesotrain.core.questions.cloze import Cloze
from mesotrain.core.questions.text import EXACT
from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.qti.choices import MOST_TRIED, Made
from mesotrain.formats.exchange.qti.items import QtiItem
from mesotrain.formats.exchange.qti.slots import Built, Slot, unsaid
from mesotrain.formats.exchange.qti.values import Value

Given = dict[str, Value]
"""What is given for each gap by its name; one that is empty is left out."""
Composed = Callable[[Given], dict[str, Value]]
"""The responses that these make."""
_UNFIT = "what its answers earn together has no counterpart: neither their sum, nor all or nothing."
MOST_GAPS, MOST_WEIGHT = 99, 999


def cloze(item: QtiItem, slots: Sequence[Slot], composed: Composed) -> Made:
    """The parts of a text with these gaps, without its text. Raises Unfit where no rule of ours marks it alike."""
    if len(slots) > MOST_GAPS:
        raise Unfit(f"a text has at most {MOST_GAPS} gaps; this has {len(slots):,}.")

    def score(given: Given) -> Fraction:
        return item.score(composed(given))

    blank = score({})
    if blank:
        raise Unfit("no answer at all earns something there, and nothing here.")
    alone = {slot.name: {str(one): score({slot.name: one}) for one in slot.probes} for slot in slots}
    right = _right(item, slots, alone)
    made = _summed(slots, alone, score) or _all_or_nothing(slots, right, score)
    if made is None:
        raise Unfit(_UNFIT)
    made.right = composed(right)
    return made


def _right(item: QtiItem, slots: Sequence[Slot], alone: Mapping[str, Mapping[str, Fraction]]) -> Given:
    """For each gap the value that is declared as right, or the one that earns the most."""
    found: Given = {}
    for slot in slots:
        declared = item.rules.responses.get(slot.name)
        if declared and declared.correct is not None and not isinstance(declared.correct, list):
            found[slot.name] = declared.correct
            continue
        pairs = [one for other in item.rules.responses.values() for one in _values(other.correct)]
        named = [one for one in slot.probes if one in pairs]
        found[slot.name] = max(named or slot.probes, key=lambda one: alone[slot.name][str(one)], default=None)
    return found


def _values(value: Value) -> list[Value]:
    return [] if value is None else [*value] if isinstance(value, list) else [value]


def _answers(slots: Sequence[Slot], right: Given) -> Iterator[Given]:
    """Answers on which two rules have to agree: all of them where they are few."""
    sides: list[list[Value]] = [[None, *slot.probes] for slot in slots]
    every = list(islice(product(*sides), MOST_TRIED + 1))
    names = [slot.name for slot in slots]
    if len(every) <= MOST_TRIED:
        yield from (_without_empty(dict(zip(names, one, strict=True))) for one in every)
        return
    yield right
    for slot in slots:
        yield {name: one for name, one in right.items() if name != slot.name}
        yield from ({**right, slot.name: one} for one in slot.probes[:20])
    for at in range(MOST_TRIED // 4):
        picks = (side[number(f"gaps {at}", name) % len(side)] for name, side in zip(names, sides, strict=True))
        yield _without_empty(dict(zip(names, picks, strict=True)))


def _without_empty(given: Given) -> Given:
    return {name: value for name, value in given.items() if value is not None}


_Worths = Mapping[str, Mapping[str, Fraction]]
"""Of each gap what each value is worth, as a text."""


def _best(slots: Sequence[Slot], worths: _Worths) -> Given:
    """For each gap the value that earns the most."""

    def top(slot: Slot) -> Value:
        return max(slot.probes, key=lambda one: worths[slot.name][str(one)])

    return {slot.name: top(slot) for slot in slots if slot.probes}


def _summed(slots: Sequence[Slot], alone: _Worths, score: Callable[[Given], Fraction]) -> Made | None:
    """Where each gap earns its own, whatever stands in the others."""
    gains = _gains(slots, alone, score)
    most = {slot.name: max(gains[slot.name].values(), default=Fraction(0)) for slot in slots}
    best = sum(most.values(), Fraction(0))
    if best <= 0 or any(one <= 0 and any(gains[name].values()) for name, one in most.items()):
        return None
    floor = below = False
    for given in _answers(slots, _best(slots, gains)):
        total = sum((gains[name][str(one)] for name, one in given.items()), Fraction(0))
        earned = score(given)
        if earned not in (total, max(total, Fraction(0))):
            return None
        floor, below = floor or earned != total, below or earned < 0
    if floor and below:
        return None

    def worth(name: str) -> Callable[[Value], Fraction]:
        def share(one: Value) -> Fraction:
            gain = gains[name].get(str(one))
            return ((score({name: one}) if gain is None else gain) / most[name]) if most[name] else Fraction(0)

        return share

    built = {slot.name: slot.build(worth(slot.name), unsaid) for slot in slots}
    return _made(slots, built, most, best, PARTIAL if floor else "")


def _gains(slots: Sequence[Slot], alone: _Worths, score: Callable[[Given], Fraction]) -> _Worths:
    """What each value adds: alone, or where something else is there from which it may take."""
    best, found = _best(slots, alone), {}
    for slot in slots:
        others = {name: one for name, one in best.items() if name != slot.name}
        base, of = score(others), alone[slot.name]
        added = {str(one): score({**others, slot.name: one}) - base for one in slot.probes}
        found[slot.name] = {one: own if own > 0 or not others else min(own, added[one]) for one, own in of.items()}
    return found


def _all_or_nothing(slots: Sequence[Slot], right: Given, score: Callable[[Given], Fraction]) -> Made | None:
    """Where only the whole earns something."""
    best = score(right)
    if best <= 0:
        return None
    takes = {slot.name: {str(one): score({**right, slot.name: one}) == best for one in slot.probes} for slot in slots}
    for given in _answers(slots, right):
        whole = len(given) == len(slots) and all(
            takes[name].get(str(one), one == right[name]) for name, one in given.items()
        )
        if score(given) != (best if whole else 0):
            return None

    def worth(name: str) -> Callable[[Value], Fraction]:
        return lambda one: Fraction(score({**right, name: one}) == best)

    built = {slot.name: slot.build(worth(slot.name), unsaid) for slot in slots}
    return _made(slots, built, {slot.name: Fraction(1) for slot in slots}, best, ALL_OR_NOTHING)


def _made(
    slots: Sequence[Slot], built: Mapping[str, Built], weights: Mapping[str, Fraction], best: Fraction, rule: str
) -> Made:
    scale = lcm(*(one.denominator for one in weights.values()))
    whole = {name: int(one * scale) for name, one in weights.items()}
    shared = gcd(*whole.values()) or 1
    if max(whole.values()) // shared > MOST_WEIGHT:
        raise Unfit("its answers weigh too unevenly.")
    gaps, keys = list[Json](), dict[str, Json]()
    rules = _shared(built.values())
    shuffle = any([one.taker.pop("shuffle", False) for one in built.values()])  # noqa: C419  # from each
    for place, slot in enumerate(slots, 1):
        one, weight = built[slot.name], whole[slot.name] // shared
        gaps.append({"id": str(place), **_worded(one.taker)} | ({"weight": str(weight)} if weight != 1 else {}))
        keys[str(place)] = {name: value for name, value in one.key.items() if name in ("credit", "accepted")}
    taker: Part = {"type": Cloze.name, "stem": "", "gaps": gaps, "shuffle": shuffle, "exact": cast(Json, rules)}
    key: Part = {"gaps": keys} | ({"rule": rule} if rule else {})
    return Made(taker, key, best)


def _shared(built: Iterable[Built]) -> list[str]:
    """What counts in the text of every gap; what counts in some alone is said by their lines."""
    texts = [(one, cast(list[str], one.taker.pop("exact"))) for one in built if "exact" in one.taker]
    common = [name for name in EXACT if all(name in exact for _, exact in texts)] if texts else []
    for one, exact in texts:
        for line in cast(list[Part], one.key["accepted"]):
            own = {*exact, *cast(list[str], line.pop("exact", []))} - {*common}
            if own - {"case"}:
                raise Unfit("accents count in some of its gaps alone.")
            if own:
                line["exact"] = ["case"]
    return common


def _worded(gap: Part) -> Part:
    """A gap whose options are words on one line."""
    if "options" not in gap:
        return gap
    options = cast(list[dict[str, str]], gap["options"])
    return {**gap, "options": [{"id": one["id"], "words": one["text"]} for one in options]}
