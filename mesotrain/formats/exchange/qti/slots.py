"""One thing that is answered: what can be given for it, and the part of a question that marks it so.

What a rule makes of an answer is never read off the rule. Each answer that can matter is given to it, a part of ours is
built that earns as much, and then both are asked again.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import permutations
from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.questions import Part, Reading, option_id
from mesotrain.core.questions.choice import Single
from mesotrain.core.questions.text import MOST, Form, Text
from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.qti.items import QtiItem
from mesotrain.formats.exchange.qti.own import plain_letters
from mesotrain.formats.exchange.qti.patterns import forms_of
from mesotrain.formats.exchange.qti.rules import Effort
from mesotrain.formats.exchange.qti.values import Declared, Value
from mesotrain.formats.exchange.qti.xml import text_of, truth

Worth = Callable[[Value], Fraction]
"""What a value earns of a full answer, exactly."""
Said = Callable[[Value], object]
"""What is said to a value."""
MOST_TEXTS = 60
_PAIRED = 12
"""How many texts are also tried two by two, where a part of an answer may count."""
_STEPS = 8
"""What it costs to hold a text against a line, beside a step of a rule."""
_OTHER = "\ue000"


def unsaid(value: Value) -> None:
    """Where nothing is said to a value alone."""


@dataclass
class Built:
    """A part of ours with its key, and for each line or option the value that met it."""

    taker: Part
    key: Part
    witnesses: dict[str, Value] = field(default_factory=dict)


@dataclass
class Slot:
    """A place for one answer. `probes` are the values that tell all others; `build` makes the part that marks it.

    `build` is also given what is said to a value, as anything that can be compared.
    """

    name: str
    probes: list[Value]
    build: Callable[[Worth, Said], Built]


def words_slot(name: str, options: Mapping[str, str], value: Callable[[str], Value], *, shuffle: bool) -> Slot:
    """One of these options, texts of Markdown by their identifiers."""

    def build(worth: Worth, said: Said) -> Built:
        shown, kept = named(options)
        credit = {own: str(earned) for given, own in shown.items() if (earned := worth(value(given)))}
        members = [{"id": own, "text": options[given]} for given, own in shown.items()]
        if shuffle:
            members.sort(key=lambda one: one["id"])
        taker: Part = {"type": Single.name, "options": cast(Json, members), "shuffle": shuffle}
        return Built(taker, {"credit": cast(Json, credit), **kept}, {own: value(one) for one, own in shown.items()})

    return Slot(name, [value(one) for one in options], build)


def named(options: Mapping[str, str]) -> tuple[dict[str, str], Part]:
    """The ids of options by their identifiers there; what is said twice gets a name of its own."""
    times, found, names = Counter[str](), {}, {}
    for given, text in options.items():
        times[text] += 1
        own = "again" * (times[text] - 1)
        found[given] = option_id(own or text)
        if own:
            names[found[given]] = own
    return found, {"names": cast(Json, names)} if names else {}


def _constants(item: QtiItem, of: Declared) -> Iterator[str]:
    """Every value that the rules may compare an answer with."""
    right = of.correct if isinstance(of.correct, list) else [of.correct]
    yield from (str(one) for one in right if one is not None)
    yield from (str(key) for key, _, _ in (of.map.entries if of.map else ()))
    if item.rules.processing is not None:
        yield from (text_of(one).strip() for one in item.rules.processing.iter("baseValue"))


def text_slot(item: QtiItem, of: Declared) -> Slot:
    """A short text."""
    texts = [one for one in dict.fromkeys(_constants(item, of)) if 0 < len(one) <= MOST]
    if len(texts) > MOST_TEXTS:
        raise Unfit(f"its marking compares a text with {len(texts)} others; at most {MOST_TEXTS} are taken.")
    forms = _wide_forms(item, texts)
    probes = list(dict.fromkeys(_probes(texts, forms)))

    def build(worth: Worth, said: Said) -> Built:
        rows: list[_Row] = [([[text]], text, True) for text in texts] + [
            ([[text]], _other_case(text), False) for text in texts
        ]
        for cased in (True, False):
            for form in forms:
                sample = _OTHER.join(form)
                rows.append(([form], sample if cased else _other_case(sample), cased))
        rows.append(([["", ""]], _OTHER, False))
        exact = [] if _accents_do_not_count(texts, worth) else ["accents"]
        asked = dict.fromkeys([*probes, *(witness for _, witness, _ in rows)])
        given = {one: (worth(one), said(one)) for one in asked}
        return _fitted(rows, [*exact, "punctuation"], given, item.rules.effort)

    return Slot(of.name, cast(list[Value], probes), build)


_Row = tuple[list[Form], str, bool]
"""Forms, a text that meets them, and whether its case counts."""


_Given = tuple[Fraction, object]
"""What a text earns, and what is said to it."""


def _fitted(rows: Sequence[_Row], exact: list[str], worth: Mapping[str, _Given], effort: Effort) -> Built:
    """The fewest of these lines that earn what each probe earns. Raises Unfit where no lines do."""
    effort.spend(_STEPS * len(rows) * len(worth))
    fits = [[_line(row, exact, cased=row[2]).place(Reading(probe)) is not None for probe in worth] for row in rows]
    earned, kept, none = list(worth.values()), list(range(len(rows))), (Fraction(0), worth[_OTHER][1])

    def right(these: Sequence[int]) -> bool:
        met = (next((row for row in these if fits[row][probe]), None) for probe in range(len(earned)))
        return all((none if row is None else worth[rows[row][1]]) == one for row, one in zip(met, earned, strict=True))

    if not right(kept):
        raise Unfit("what its texts earn has no counterpart in lines of accepted texts.")
    for row in range(len(rows)):
        fewer = [one for one in kept if one != row]
        if fewer and right(fewer):
            kept = fewer
    cased = all(rows[row][2] for row in kept)
    lines: list[Json] = [
        {"forms": cast(Json, forms), "credit": str(worth[witness][0])}
        | ({"exact": ["case"]} if case and not cased else {})
        for forms, witness, case in (rows[row] for row in kept)
    ]
    taker: Part = {"type": Text.name, "exact": cast(Json, [*(["case"] if cased else []), *exact])}
    return Built(taker, {"accepted": lines}, {str(at): rows[row][1] for at, row in enumerate(kept)})


def _line(row: _Row, exact: list[str], *, cased: bool) -> Text:
    taker: Part = {"type": Text.name, "stem": "", "exact": cast(Json, [*(["case"] if cased else []), *exact])}
    return Text(taker, {"accepted": [{"forms": cast(Json, row[0]), "credit": "1"}]})


def _wide_forms(item: QtiItem, texts: Sequence[str]) -> list[Form]:
    """The forms with wildcards: of patterns, and of what only has to be in an answer."""
    rules, found = item.rules.processing, list[Form]()
    if rules is None:
        return found
    for one in rules.iter("patternMatch"):
        told = one.get("pattern") or (text_of(one[1]).strip() if len(one) > 1 else "")
        found += forms_of(str(told))[0]
    if next(rules.iter("substring"), None) is not None or any(
        truth(one, "substring") for one in rules.iter("stringMatch")
    ):
        found += [["", text, ""] for text in sorted(texts, key=len, reverse=True)]
    if len(found) > MOST_TEXTS:
        raise Unfit(f"its marking has {len(found)} patterns; at most {MOST_TEXTS} are taken.")
    return found


def _other_case(text: str) -> str:
    """The text in another case, where it has one."""
    other = text.swapcase()
    return other if other.casefold() == text.casefold() else text


def _probes(texts: Sequence[str], forms: Sequence[Form]) -> Iterator[str]:
    yield _OTHER
    for text in texts:
        yield from (text, _other_case(text), f"{text} {_OTHER}", f"{_OTHER}{text}", text + text)
    if forms:
        yield from (f"{one}{_OTHER}{other}" for one, other in permutations(texts[:_PAIRED], 2))
    for form in forms:
        for sample in (_OTHER.join(form), "".join(form), f"{_OTHER}{''.join(form)}"):
            if sample.strip():
                yield from (sample.strip(), _other_case(sample.strip()))


def _accents_do_not_count(texts: Sequence[str], worth: Worth) -> bool:
    pairs = [(text, text[0] + "\u0301" + text[1:]) for text in texts if text[:1].isalpha()]
    pairs += [(text, plain_letters(text)) for text in texts if plain_letters(text) != text]
    telling = [(worth(one), worth(other)) for one, other in pairs if worth(one) != worth(_OTHER)]
    return bool(telling) and all(one == other for one, other in telling)
