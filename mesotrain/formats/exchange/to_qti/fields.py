"""What is typed as interactions of QTI: numbers, short texts, gaps."""

import re
from fractions import Fraction
from typing import cast

from lxml.etree import _Element

from mesotrain.core.canonical import Json
from mesotrain.core.numbers import decimal_text
from mesotrain.core.questions import ALL_OR_NOTHING, PARTIAL, Part, question
from mesotrain.core.questions.calculated import Calculated
from mesotrain.core.questions.choice import Single
from mesotrain.core.questions.cloze import GAP, Cloze
from mesotrain.core.questions.hotspot import Hotspot
from mesotrain.core.questions.numeric import Numeric
from mesotrain.core.questions.text import Form, Text
from mesotrain.formats.exchange.notes import CHANGED, LOST
from mesotrain.formats.exchange.to_qti.asked import Asked
from mesotrain.formats.exchange.to_qti.kinds import Kind, add_mapped, by_map, by_match, known, members, texts
from mesotrain.formats.exchange.to_qti.places import hotspot
from mesotrain.formats.exchange.to_qti.rules import (
    MAP,
    declared,
    either,
    make,
    mapped,
    pattern,
    value,
    variable,
    written,
)
from mesotrain.formats.exchange.to_qti.text import with_gaps


def numeric(item: Asked, taker: Part, key: Part, name: str, worth: Fraction) -> None:
    """A number with its unit behind it."""
    item.body.append(make("p", _number(item, taker, key, name, worth)))


def _number(item: Asked, taker: Part, key: Part, name: str, worth: Fraction) -> _Element:
    """The field of a number; marked by its bounds, because what is worked out as ``value + tolerance`` may miss one."""
    rows, reasons = cast(list[dict[str, str]], key["accepted"]), texts(key, "reasons")
    ranges = [(Fraction(row["low"]), Fraction(row["high"]), Fraction(row["credit"])) for row in rows]
    best = next((row["value"] for row in rows if row["credit"] == "1"), "")
    item.declarations.append(declared(name, "single", "float", [written(Fraction(best))] if best else []))
    told = [item.tell(known(name, str(at)), reasons.get(str(at), "")) for at in range(len(rows))]
    item.marking.first(
        (_within(name, low, high), credit * worth, feedback)
        for (low, high, credit), feedback in zip(ranges, told, strict=True)
    )
    field = make("textEntryInteraction", responseIdentifier=name, expectedLength="12")
    field.tail = f" {unit}" if (unit := str(taker["unit"])) else None
    return field


def _within(name: str, low: Fraction, high: Fraction) -> _Element:
    if low == high:
        return make("equal", variable(name), value(written(low), "float"), toleranceMode="exact")
    above = make("gte", variable(name), value(written(low), "float"))
    return make("and", above, make("lte", variable(name), value(written(high), "float")))


def calculated(item: Asked, taker: Part, key: Part, name: str, worth: Fraction) -> None:
    """One draw of its values, the same for everybody. Its stem is said by `drawn`."""
    asked = cast(Calculated, question(taker, key))
    low, high = asked.accepted
    rows = [{"value": str(asked.answer), "low": str(low), "high": str(high), "credit": "1"}]
    reasons = {}
    for at, one in enumerate(asked.errors, 1):
        rows.append({"value": str(one.value), "low": str(one.range.low), "high": str(one.range.high), "credit": "0"})
        reasons[str(at)] = asked.told(texts(key, "reasons").get(one.place, ""), decimal_text)
    if any(one.unsafe for one in asked.errors):
        item.notes.note(CHANGED, "that an answer is unsafe is known to Mesotrain alone; there it is wrong.")
    item.notes.note(LOST, "everybody is asked it with the same values there.")
    numeric(item, {"unit": asked.unit}, {"accepted": cast(Json, rows), "reasons": cast(Json, reasons)}, name, worth)


def drawn(taker: Part, key: Part, seed: str) -> tuple[Part, Part]:
    """A calculation with the values of this seed, in its texts as well; any other question as it is."""
    if taker["type"] != Calculated.name:
        return taker, key
    asked = cast(Calculated, question(taker, key)).ask(seed)
    stem, reason = (asked.told(str(text), decimal_text) for text in (taker["stem"], key["reason"]))
    return {**asked.taker, "stem": stem}, {**key, "reason": reason}


def text(item: Asked, taker: Part, key: Part, name: str, worth: Fraction) -> None:
    """A short text."""
    item.body.append(make("p", _words(item, taker, key, name, worth)))


def _words(item: Asked, taker: Part, key: Part, name: str, worth: Fraction) -> _Element:
    exact, reasons = cast(list[str], taker["exact"]), texts(key, "reasons")
    accepted = cast(list[dict[str, Json]], key["accepted"])
    rows = [(cast(list[Form], row["forms"]), Fraction(str(row["credit"]))) for row in accepted]
    cases = ["case" in [*exact, *cast(list[str], row.get("exact", []))] for row in accepted]
    if not {"accents", "punctuation"} <= set(exact):
        item.notes.note(CHANGED, "accents and punctuation count there.")
    best = next(("".join(form) for forms, credit in rows if credit == 1 for form in forms if len(form) == 1), "")
    item.declarations.append(declaration := declared(name, "single", "string", [best] if best else []))
    plain = all(len(form) == 1 for forms, _ in rows for form in forms) and len({*cases}) == 1
    if plain and not any(reasons.values()):
        (case,) = {*cases}
        entries: dict[str, tuple[dict[str, str], Fraction]] = {}
        for said, credit in ((form[0], credit) for forms, credit in rows for form in forms):
            attributes = {"mapKey": said, "caseSensitive": "true" if case else "false"}
            entries.setdefault(said if case else said.casefold(), (attributes, credit * worth))
        mapped(item.marking, declaration, entries.values())
        add_mapped(item.marking, name, "mapResponse", MAP)
    else:
        told = [item.tell(known(name, str(at)), reasons.get(str(at), "")) for at in range(len(rows))]
        item.marking.first(
            (either([_fits(form, name, case=case) for form in forms]), credit * worth, feedback)
            for (forms, credit), case, feedback in zip(rows, cases, told, strict=True)
        )
    longest = max((len("".join(form)) for forms, _ in rows for form in forms), default=0)
    return make("textEntryInteraction", responseIdentifier=name, expectedLength=str(max(longest, 12)))


def _fits(form: Form, name: str, *, case: bool) -> _Element:
    if len(form) == 1:
        said = value(form[0], "string")
        return make("stringMatch", variable(name), said, caseSensitive="true" if case else "false")
    return make("patternMatch", variable(name), pattern=pattern(form, case=case))


_PLACE = re.compile("\ue000([0-9]{1,3})\ue001")
"""Stands for a gap while its text becomes HTML: what only looks like one there is none."""


def cloze(item: Asked, taker: Part, key: Part, name: str, worth: Fraction) -> None:
    """Gaps in the text, which is put into the item here."""
    asked, keys = cast(Cloze, question(taker, key)), cast(dict[str, Part], key["gaps"])
    gaps = {str(gap["id"]): gap for gap in cast(list[Part], taker["gaps"])}
    total, whole = sum(asked.weights.values()), key.get("rule") == ALL_OR_NOTHING
    each = Fraction(1) if whole else worth / total
    holder = make("div")
    item.texts.blocks(holder, GAP.sub(lambda gap: f"\ue000{gap[1]}\ue001", str(taker["stem"])))

    def place(gap: str) -> _Element:
        one, own, share = gaps[gap], f"{name}{gap}", each * asked.weights[gap]
        if one["type"] == Single.name:
            return _chosen(item, {**one, "shuffle": taker["shuffle"]}, keys[gap], own, share)
        fill = _words if one["type"] == Text.name else _number
        return fill(item, {**one, "exact": taker["exact"]}, keys[gap], own, share)

    with_gaps(holder, _PLACE, place)
    item.body.extend([*holder])
    if whole:
        item.marking.all_or_nothing(Fraction(total), worth)
    elif key.get("rule") == PARTIAL:
        item.marking.not_below()


def _chosen(item: Asked, taker: Part, key: Part, name: str, worth: Fraction) -> _Element:
    shuffle = "true" if taker["shuffle"] else "false"
    field = make("inlineChoiceInteraction", responseIdentifier=name, shuffle=shuffle)
    for one in members(taker, "options"):
        field.append(make("inlineChoice", one["words"], identifier=known(name, one["id"])))
    credit = {known(name, one): Fraction(share) for one, share in texts(key, "credit").items()}
    right = [one for one, share in credit.items() if share == 1]
    item.declarations.append(declaration := declared(name, "single", "identifier", right))
    if set(credit.values()) == {1} and len(credit) == 1:
        by_match(item, name, worth)
    else:
        by_map(item, declaration, credit.items(), worth, bound=False)
    return field


FIELDS: dict[str, Kind] = {
    Numeric.name: numeric,
    Calculated.name: calculated,
    Text.name: text,
    Cloze.name: cloze,
    Hotspot.name: hotspot,
}
"""The types that are typed or pointed at."""
