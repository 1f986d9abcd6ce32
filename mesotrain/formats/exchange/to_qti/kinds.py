"""Each question type as the interaction of QTI that is nearest to it, marked as a bank marks it."""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from itertools import combinations
from typing import TypeAlias, cast

from lxml.etree import SubElement, _Element

from mesotrain.core.questions import ALL_OR_NOTHING, Part, question
from mesotrain.core.questions.choice import PARTIAL, Choice, Multiple, Single
from mesotrain.core.questions.concordance import Concordance
from mesotrain.core.questions.matching import ExtendedMatching, Matching
from mesotrain.core.questions.ordering import Ordering
from mesotrain.core.questions.true_false import FALSE, OF_KPRIM, TRUE, TrueFalse
from mesotrain.formats.exchange.notes import CHANGED
from mesotrain.formats.exchange.to_qti.asked import Asked
from mesotrain.formats.exchange.to_qti.rules import MAP, MATCH, Marking, declared, make, mapped, value, variable

Kind: TypeAlias = Callable[[Asked, Part, Part, str, Fraction], None]
"""Puts a question into an item: its two parts, the name of its response, and what a full answer is worth."""
ALONE = "RESPONSE"
"""The response of an item that asks one thing; those of others have a number behind it."""
VERDICTS = (TRUE, FALSE)
TARGET = "t"
"""Stands before the id of what something is matched with."""


def choice(item: Asked, taker: Part, key: Part, name: str, worth: Fraction) -> None:
    """Single best answer, multiple response and script concordance."""
    asked = cast(Choice, question(taker, key))
    single, credit = isinstance(asked, Single), asked.credit
    if isinstance(asked, Concordance):
        item.notes.note(CHANGED, "what the panel said is credit there.")
    reasons, shuffle = texts(key, "reasons"), "true" if taker.get("shuffle") else "false"
    interaction = make("choiceInteraction", responseIdentifier=name, shuffle=shuffle, maxChoices=str(int(single)))
    for one in members(taker, "options"):
        interaction.append(item.line("simpleChoice", one["text"], identifier=(own := known(name, one["id"]))))
        item.tell(own, reasons.get(one["id"], ""))
    item.body.append(interaction)
    if any(reasons.values()):
        item.marking.told.append(variable(name))
    right = [known(name, one) for one, share in credit.items() if share == (1 if single else max(share, Fraction(0)))]
    declaration = declared(name, "single" if single else "multiple", "identifier", right)
    item.declarations.append(declaration)
    if (single and set(credit.values()) == {1}) or (not single and key["rule"] == ALL_OR_NOTHING):
        by_match(item, name, worth)
        return
    if not single and key["rule"] == PARTIAL:
        share = Fraction(1, len(credit))
        credit = {one: share if one in credit else -share for one in asked.options}
    by_map(item, declaration, ((known(name, one), share) for one, share in credit.items()), worth, bound=not single)


def true_false(item: Asked, taker: Part, key: Part, name: str, worth: Fraction) -> None:
    """One statement is a choice; several are matched with two words."""
    statements, verdicts, reasons = members(taker, "statements"), texts(key, "verdicts"), texts(key, "reasons")
    if len(statements) == 1:
        (only,) = statements
        item.texts.blocks(item.body, only["text"])
        interaction = make("choiceInteraction", responseIdentifier=name, shuffle="false", maxChoices="1")
        for verdict in VERDICTS:
            interaction.append(make("simpleChoice", verdict.capitalize(), identifier=known(name, verdict)))
        item.body.append(interaction)
        item.explain([(only["id"], "")], reasons)
        item.declarations.append(declared(name, "single", "identifier", [known(name, verdicts[only["id"]])]))
        by_match(item, name, worth)
        return
    targets = [{"id": verdict, "text": verdict.capitalize()} for verdict in VERDICTS]
    declaration = _match(item, name, taker, statements, targets, verdicts)
    item.explain([(one["id"], one["text"]) for one in statements], reasons)
    match key["rule"]:
        case "each":
            share = Fraction(1, len(statements))
            by_map(item, declaration, ((pair, share) for pair in pairs_of(name, verdicts)), worth, bound=False)
        case "kprim":
            found = SubElement(declaration, "mapping", defaultValue="0")
            for pair in pairs_of(name, verdicts):
                SubElement(found, "mapEntry", mapKey=pair, mappedValue="1")
            three = make("gte", make("mapResponse", identifier=name), value(str(OF_KPRIM - 1), "float"))
            item.marking.first([(is_right(name), worth, ""), (three, worth / 2, "")])
        case _:
            by_match(item, name, worth)


def matching(item: Asked, taker: Part, key: Part, name: str, worth: Fraction) -> None:
    """Things, or stories, to be matched with the members of one list."""
    premises = [{"id": one["id"], "text": one.get("text", one.get("stem", ""))} for one in members(taker, "premises")]
    answers = texts(key, "answers")
    declaration = _match(item, name, taker, premises, members(taker, "options"), answers)
    item.explain([(one["id"], one["text"]) for one in premises], texts(key, "reasons"))
    if key.get("rule") == ALL_OR_NOTHING:
        by_match(item, name, worth)
        return
    share = Fraction(1, len(premises))
    by_map(item, declaration, ((pair, share) for pair in pairs_of(name, answers)), worth, bound=False)


def _match(
    item: Asked,
    name: str,
    taker: Part,
    sources: list[dict[str, str]],
    targets: list[dict[str, str]],
    right: Mapping[str, str],
) -> _Element:
    """An interaction in which each source has one target, and the declaration of its response."""
    shuffle, most = "true" if taker.get("shuffle") else "false", str(len(sources))
    interaction = make("matchInteraction", responseIdentifier=name, shuffle=shuffle, maxAssociations=most)
    for start, group, times in (("", sources, "1"), (TARGET, targets, most)):
        parent = SubElement(interaction, "simpleMatchSet")
        for one in group:
            own = known(name, start + one["id"])
            parent.append(item.line("simpleAssociableChoice", one["text"], identifier=own, matchMax=times))
    item.body.append(interaction)
    item.declarations.append(found := declared(name, "multiple", "directedPair", pairs_of(name, right)))
    return found


def ordering(item: Asked, taker: Part, key: Part, name: str, worth: Fraction) -> None:
    """Things to be put in order; those that do not belong are left out of it."""
    things, reasons = members(taker, "items"), texts(key, "reasons")
    places = {one: int(place) for one, place in texts(key, "places").items()}
    interaction = make("orderInteraction", responseIdentifier=name, shuffle="true")
    if strangers := [one["id"] for one in things if one["id"] not in places]:
        interaction.set("minChoices", "1")
        interaction.set("maxChoices", str(len(things)))
        item.notes.note(CHANGED, "what does not belong is left out of the order there; an empty order earns nothing.")
    for one in things:
        interaction.append(item.line("simpleChoice", one["text"], identifier=known(name, one["id"])))
    item.body.append(interaction)
    item.explain([(one["id"], one["text"]) for one in things], reasons)
    order = [known(name, one) for one in sorted(places, key=places.__getitem__)]
    item.declarations.append(declared(name, "ordered", "identifier", order))
    if key["rule"] == ALL_OR_NOTHING and len(set(places.values())) == len(places):
        by_match(item, name, worth)
        return
    every = [known(name, one["id"]) for one in things]
    found = [
        _before(name, known(name, one), known(name, other), every)
        for one, other in combinations(sorted(places, key=places.__getitem__), 2)
        if places[one] < places[other]
    ]
    found += [_left_out(name, known(name, stranger)) for stranger in strangers]
    if key["rule"] == ALL_OR_NOTHING:
        item.marking.first([(make("and", *found), worth, "")])
        return
    for condition in found:
        item.marking.first([(condition, worth / len(found), "")])


def _before(name: str, one: str, other: str, every: list[str]) -> _Element:
    """That of these two the one stands before the other: the order without all the rest is theirs."""
    left = variable(name)
    for third in every:
        if third not in (one, other):
            left = make("delete", value(third, "identifier"), left)
    return make("match", left, make("ordered", value(one, "identifier"), value(other, "identifier")))


def _left_out(name: str, one: str) -> _Element:
    """That something is not in an order."""
    return make("and", given(name), make("not", make("member", value(one, "identifier"), variable(name))))


def given(name: str) -> _Element:
    """That there is a response."""
    return make("not", make("isNull", variable(name)))


def is_right(name: str) -> _Element:
    """That the response is the right one."""
    return make("match", variable(name), make("correct", identifier=name))


def by_match(item: Asked, name: str, worth: Fraction) -> None:
    """Marks a response that is right, or is worth nothing."""
    earned = item.marking.earn(item.marking.points(worth))
    rule = make("responseCondition", make("responseIf", is_right(name), earned))
    item.marking.add(rule, MATCH if worth == 1 and name == ALONE else "")


def by_map(
    item: Asked, declaration: _Element, entries: Iterable[tuple[str, Fraction]], worth: Fraction, *, bound: bool
) -> None:
    """Marks a response by what each answer earns as a share, if `bound` from 0 to all there is."""
    name, marking = str(declaration.get("identifier")), item.marking
    found = mapped(marking, declaration, (({"mapKey": one}, share * worth) for one, share in entries))
    if bound:
        marking.worth(found, "lowerBound", Fraction(0))
        marking.worth(found, "upperBound", worth)
    add_mapped(marking, name, "mapResponse", MAP)


def add_mapped(marking: Marking, name: str, tag: str, template: str) -> None:
    """Adds what the map of a response makes of it to the score; an empty one earns nothing."""
    rule = make("responseCondition", make("responseIf", given(name), marking.earn(make(tag, identifier=name))))
    marking.add(rule, template if name == ALONE else "")


def pairs_of(name: str, right: Mapping[str, str]) -> list[str]:
    """The right pairs of a match."""
    return [f"{known(name, one)} {known(name, TARGET + target)}" for one, target in right.items()]


def known(name: str, identifier: str) -> str:
    """What an answer is called there: it begins with a letter, and no two of one item are called alike."""
    return f"{name.removeprefix(ALONE) and f's{name.removeprefix(ALONE)}_'}c{identifier}"


def texts(part: Part, name: str) -> dict[str, str]:
    """Texts by their ids."""
    return cast(dict[str, str], part.get(name, {}))


def members(part: Part, name: str) -> list[dict[str, str]]:
    """What has an id and a text."""
    return cast(list[dict[str, str]], part[name])


LISTS: dict[str, Kind] = {
    Single.name: choice,
    Multiple.name: choice,
    Concordance.name: choice,
    TrueFalse.name: true_false,
    Matching.name: matching,
    ExtendedMatching.name: matching,
    Ordering.name: ordering,
}
"""The types whose answers are lists."""
