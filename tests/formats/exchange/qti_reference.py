"""Responses to items of QTI with the outcomes that others say they have, beside what is made of them here.

``python -m tests.formats.exchange.qti_reference`` prints the figures, and each disagreement by name. Two things are
measured: *marks*, what a question of a bank made of an item gives for the response, and *outcomes*, what ``mesotrain
mark`` makes of the item's own rules. A response is translated to fields by what an item says of its choices, never by
its key.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from mesotrain.core.questions.numeric import typed
from mesotrain.formats.exchange import FORMATS
from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.notes import Exchanged
from mesotrain.formats.exchange.qti.choices import NO_ANSWER
from mesotrain.formats.exchange.qti.outcomes import outcomes
from mesotrain.formats.exchange.qti.values import area
from mesotrain.formats.exchange.qti.xml import name_of, said, text_of, tree
from tests.formats.exchange.reference import CORPORA, ours_read, plain

QTI = CORPORA / "qti"
CASES, RESULTS = QTI / "pie-qti-conformance", QTI / "citolab-scoring-engine" / "30" / "ResponseProcessing"
KINDS = (
    *("choiceInteraction", "matchInteraction", "associateInteraction", "orderInteraction", "inlineChoiceInteraction"),
    *("textEntryInteraction", "extendedTextInteraction", "gapMatchInteraction", "hotspotInteraction"),
    "selectPointInteraction",
)
"""The interactions that are measured."""
RIGHT = re.compile("(?P<item>2gaps|hs)-result-(?P<right>correct|incorrect)-[0-9]+[.]xml")
"""A response whose file name says whether it is right; the items that go with it end in ``-workaround``."""


@dataclass
class Case:
    """A response to an item, and the outcomes it is said to have."""

    name: str
    item: Path
    responses: dict[str, Any]
    outcomes: dict[str, Any]


@dataclass
class Figures:
    """How many cases there are of items with these interactions, how many agree, and of the others why not."""

    of: Counter[str] = field(default_factory=Counter)
    agree: Counter[str] = field(default_factory=Counter)
    differences: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def cases() -> Iterator[Case]:
    """Every case of both folders."""
    for path in sorted(CASES.glob("*/cases.json")):
        for one in json.loads(path.read_text("utf-8"))["cases"]:
            name = f"{path.parent.name}: {one['name']}"
            yield Case(name, path.parent / "item.xml", one["responses"], one["expect"].get("outcomes", {}))
    for path in sorted(RESULTS.glob("*-result-*.xml")):
        if found := RIGHT.fullmatch(path.name):
            result = etree.parse(path).getroot()
            given = {
                str(one.get("identifier")): [text_of(value) for value in one.iter("{*}value")]
                for one in result.iter("{*}responseVariable")
                if one.get("identifier") not in ("numAttempts", "duration")
            }
            right = found["right"] == "correct"
            yield Case(
                f"citolab: {path.name}", RESULTS / f"{found['item']}-workaround.xml", given, {"SCORE": int(right)}
            )


def interactions(root: etree._Element) -> list[etree._Element]:
    return [one for one in root.iter() if name_of(one).endswith("Interaction")]


@cache
def taken(path: Path) -> tuple[etree._Element, Exchanged | str]:
    """An item with the question that is made of it, or why none is."""
    reader = FORMATS["qti"].read
    assert reader
    brought = reader(path.read_bytes(), path.name, "ref")
    root = tree(path.read_bytes(), path.name)
    return root, brought.questions[0] if brought.questions else brought.refused[0].sentence


@cache
def marks() -> Figures:
    """Of all cases of items with none but these interactions, where the mark is the SCORE, or the answer the echo.

    An outcome that is true or false alone is that of an item without a SCORE: a full mark, or none.
    """
    found = Figures()
    for one in cases():
        root = tree(one.item.read_bytes(), one.item.name)
        kinds = {name_of(each) for each in interactions(root)}
        if not kinds or not kinds <= {*KINDS}:
            continue
        kind = "+".join(sorted(kinds))
        found.of[kind] += 1
        why = marked(one)
        found.agree[kind] += not why
        if why:
            found.differences[why].append(one.name)
    return found


def marked(one: Case) -> str:
    """Why a mark is not what the case says; nothing where it is."""
    root, mine = taken(one.item)
    if isinstance(mine, str):
        return f"refused: {mine}"
    question: Any = mine.question.marked()
    given = fields(root, mine, one.responses)
    reading = question.read(given)
    if "SCORE" in one.outcomes:
        earned = question.mark(reading) * mine.question.points
        return "" if earned == Fraction(str(one.outcomes["SCORE"])) else f"SCORE {one.outcomes['SCORE']}, here {earned}"
    truths = [said_so for said_so in one.outcomes.values() if isinstance(said_so, bool)]
    if len(truths) == len(one.outcomes) == 1:
        earned = question.mark(reading)
        return "" if earned == truths[0] else f"{one.outcomes}, here {earned}"
    if set(one.outcomes) == {"ECHO"}:
        again = fields(root, mine, dict.fromkeys(one.responses, one.outcomes["ECHO"]))
        return "" if question.read(again) == reading else "the answer is read as another"
    return f"has no SCORE, but {', '.join(sorted(one.outcomes))}"


def values(said_so: Any) -> list[str]:
    """The values of a response as texts."""
    found = said_so if isinstance(said_so, list) else [said_so]
    return [str(one) for one in found if one not in (None, "")]


def fields(root: etree._Element, mine: Exchanged, responses: Mapping[str, Any]) -> dict[str, list[str]]:
    """The raw fields that give this response to the question."""
    asked, taker = interactions(root), mine.question.taker
    text: Any = taker
    kind = str(taker["type"])
    if kind == "cloze":
        return in_gaps(root, text["gaps"], responses)
    first = asked[0]
    given = values(responses.get(said(first, "responseIdentifier")))
    if kind == "matching":
        pairs = [one.split() for one in given]
        either = {
            named(first, a, text["premises"], "text"): [named(first, b, text["options"], "text")]
            for pair in pairs
            for a, b in (pair, pair[::-1])
        }
        return {name: option for name, option in either.items() if name != "?" and option != ["?"]}
    if kind == "ordering":
        placed = {named(first, one, text["items"], "text"): [str(at)] for at, one in enumerate(given, 1)}
        return {one["id"]: placed.get(one["id"], ["-"]) for one in text["items"]} if given else {}
    if kind == "hotspot":
        return pointed(first, text, given)
    if kind in ("single", "multiple"):
        unsaid = [one["id"] for one in text["options"] if one["text"] == NO_ANSWER]
        return {"choice": [named(first, one, text["options"], "text") for one in given] or unsaid}
    return dict(typed(given[0])) if kind == "numeric" and given else {"answer": given}


def named(of: etree._Element, name: str, members: list[dict[str, str]], under: str) -> str:
    """The id of the option that a response calls so."""
    element = next((one for one in of.iter() if said(one, "identifier") == name), None)
    words = plain(text_of(element)) if element is not None else None
    return next((one["id"] for one in members if ours_read(one[under]) == words), "?")


def in_gaps(root: etree._Element, gaps: list[dict[str, Any]], responses: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    places = [one for one in root.iter() if name_of(one).endswith("Interaction") or one.tag == "gap"]
    words = next((one for one in places if one.tag == "gapMatchInteraction"), None)
    places = [one for one in places if one is not words]
    for gap, place in zip(gaps, places, strict=True):
        if place.tag == "gap" and words is not None:
            pairs = [one.split() for one in values(responses.get(said(words, "responseIdentifier")))]
            given, of = [a for a, b in pairs if b == said(place, "identifier")], words
        else:
            given, of = values(responses.get(said(place, "responseIdentifier"))), place
        if gap["type"] == "single":
            found[f"{gap['id']}.choice"] = [named(of, one, gap["options"], "words") for one in given]
        else:
            found[f"{gap['id']}.{'answer' if gap['type'] == 'text' else 'number'}"] = given
    return found


def pointed(of: etree._Element, taker: Any, given: list[str]) -> dict[str, list[str]]:
    """A point is one; an area is pointed at in its middle."""
    found: dict[str, list[str]] = {}
    for number, name in enumerate(given, 1):
        choice = next((one for one in of.iter() if said(one, "identifier") == name), None)
        if choice is None:
            x, y = map(Fraction, name.split())
        else:
            corners, _ = area(said(choice, "shape"), said(choice, "coords")).shape or ([], None)
            x, y = (Fraction(sum(one[at] for one in corners)) / len(corners) for at in (0, 1))
        before = f"{number}." if "marks" in taker else ""
        found |= {f"{before}x": [str(float(x))], f"{before}y": [str(float(y))]}
    return found


@cache
def rules() -> Figures:
    """Of all cases, those of these interactions and others, where every outcome is what the reader works out."""
    found = Figures()
    for one in cases():
        root = tree(one.item.read_bytes(), one.item.name)
        kinds = {name_of(each) for each in interactions(root)}
        where = "measured" if kinds and kinds <= {*KINDS} else "others"
        found.of[where] += 1
        try:
            why = differs(root, one)
        except Unfit as unfit:
            why = str(unfit)
        found.agree[where] += not why
        if why:
            found.differences[why].append(one.name)
    return found


def differs(root: etree._Element, one: Case) -> str:
    """Which outcome is not what the case says."""
    known = {said(each, "identifier") for each in root.iter("responseDeclaration")}
    after = outcomes(root, {name: given for name, given in one.responses.items() if name in known})
    for name, expected in one.outcomes.items():
        both = (after.get(name), expected)
        ours, theirs = (sorted(map(str, each)) or None if isinstance(each, list) else each for each in both)
        if ours != theirs:
            return f"{name} {expected}, here {after.get(name)}"
    return ""


def lines() -> list[str]:
    """The figures."""
    found, worked = marks(), rules()
    refused = sum(len(where) for why, where in found.differences.items() if why.startswith("refused"))
    all_of, alike = found.of.total(), found.agree.total()
    return [
        *(f"figure qti marks interactions={kind} agree={found.agree[kind]} of {found.of[kind]}" for kind in found.of),
        f"figure qti marks interactions=all agree={alike} of {all_of} refused={refused}",
        *(
            f"figure qti outcomes interactions={kind} agree={worked.agree[kind]} of {worked.of[kind]}"
            for kind in worked.of
        ),
    ]


def main() -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines()))
    for title, found in (("marks", marks()), ("outcomes", rules())):
        for why, where in sorted(found.differences.items()):
            sys.stdout.write(f"  {title}: {why}: {len(where)}\n" + "".join(f"      {one}\n" for one in where))


if __name__ == "__main__":
    main()
