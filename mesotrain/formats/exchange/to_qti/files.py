"""A bank as a content package of QTI: an item for each question, its pictures, and what QTI has no place for."""

from fractions import Fraction
from functools import partial
from io import BytesIO
from typing import cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from lxml.etree import SubElement, _Element

from mesotrain.core.courses import Question
from mesotrain.core.questions import Part
from mesotrain.core.questions.cloze import Cloze
from mesotrain.core.questions.essay import Essay
from mesotrain.core.questions.staged import Staged
from mesotrain.core.questions.true_false import TrueFalse
from mesotrain.formats.exchange.items import TRUE_OR_FALSE, Unfit
from mesotrain.formats.exchange.notes import CHANGED, DESCRIPTION, LOST, Brought, Exchanged, Sent
from mesotrain.formats.exchange.qti.kept import instruction
from mesotrain.formats.exchange.qti.xml import tree
from mesotrain.formats.exchange.to_qti.asked import Asked
from mesotrain.formats.exchange.to_qti.fields import FIELDS, drawn
from mesotrain.formats.exchange.to_qti.kinds import ALONE, LISTS, Kind, members, texts
from mesotrain.formats.exchange.to_qti.names import VERSIONS, item_bytes, manifest_bytes
from mesotrain.formats.exchange.to_qti.rules import declared, make
from mesotrain.formats.exchange.to_qti.text import Texts

_DATE = (1980, 1, 1, 0, 0, 0)
"""Of every file in a package: the same bank is the same bytes."""


def write(number: str, brought: Brought, name: str) -> Sent:
    """A package of this version of QTI. What QTI cannot say is left out, and its note says so."""
    version, files, items = VERSIONS[number], dict[str, bytes](), dict[str, list[str]]()
    for one in brought.questions:
        texts_of = Texts(brought.media)
        try:
            root = item_of(one, texts_of)
        except Unfit as unfit:
            one.notes.note(LOST, str(unfit))
            continue
        if one.question.taker["type"] != DESCRIPTION:
            root.insert(0, instruction(tree(item_bytes(root, version), ""), one.question))
        path = f"{one.question.name}.xml"
        files[path] = item_bytes(root, version)
        shown = sorted(texts_of.shown)
        files |= {picture: brought.media[picture] for picture in shown}
        items[one.question.name] = [path, *shown]
    files["imsmanifest.xml"] = manifest_bytes(name, items, version)
    return Sent(_zipped(files))


def _zipped(files: dict[str, bytes]) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as package:
        for path in sorted(files):
            one = ZipInfo(path, _DATE)
            one.compress_type, one.external_attr = ZIP_DEFLATED, 0o644 << 16
            package.writestr(one, files[path])
    return made.getvalue()


def item_of(one: Exchanged, texts_of: Texts) -> _Element:
    """The item of a question, with the names of QTI 2. Raises Unfit."""
    question = one.question
    kind = str(question.taker["type"])
    if kind not in KINDS:
        raise Unfit(f"QTI has no questions of the type {kind}; it is left out.")
    item = Asked(texts_of, one.notes)
    points = question.points if kind != DESCRIPTION else Fraction(0)
    asked, key = drawn(question.taker, question.key, question.name)
    if kind != Cloze.name:
        _stem(item, asked)
    KINDS[kind](item, asked, key, ALONE, points)
    texts_of.blocks(item.whole, str(key["reason"]))
    if said := [name for name, value in _facts(question).items() if value]:
        one.notes.said.append(("kept", f"QTI has no place for {', '.join(said)}: known to Mesotrain alone."))
    return item.root(question.name, one.title or question.name, points)


def _facts(question: Question) -> dict[str, object]:
    return {
        "competency": question.competency,
        "level": question.level,
        "section": question.sections,
        "safety": question.safety,
        "cites": question.cites,
        "practice": question.practice,
        "waive": question.waived,
    }


def _stem(item: Asked, taker: Part) -> None:
    alone = taker["type"] == TrueFalse.name and len(members(taker, "statements")) == 1
    if not (alone and taker["stem"] == TRUE_OR_FALSE):
        item.texts.blocks(item.body, str(taker["stem"]))


def _essay(item: Asked, taker: Part, key: Part, name: str, worth: Fraction) -> None:
    """What people mark by a rubric that stands beside it."""
    item.people, most = True, cast(list[int], taker["words"])[1:]
    interaction = make("extendedTextInteraction", responseIdentifier=name)
    if most:
        interaction.set("expectedLength", str(most[0] * _LETTERS))
        item.notes.note(CHANGED, "how many words are asked for is a length there.")
    rubric = SubElement(item.body, "rubricBlock", view="scorer", use="scoring")
    for at, one in enumerate(cast(list[dict[str, str]], key["criteria"])):
        points = "1 point" if one["points"] == "1" else f"{one['points']} points"
        item.texts.blocks(rubric, f"{one['text']} ({points})")
        item.texts.blocks(rubric, texts(key, "reasons").get(str(at), ""))
    if key["markers"] != 1:
        item.notes.note(CHANGED, "how many people mark it is known to Mesotrain alone.")
    item.body.append(interaction)
    item.declarations.append(declared(name, "single", "string"))


_LETTERS = 7
"""Of a word and the blank behind it, about."""


def _staged(item: Asked, taker: Part, key: Part, name: str, worth: Fraction) -> None:
    """All stages, one below the other."""
    points = [Fraction(one) for one in cast(list[str], key["points"])]
    keys, stages = cast(list[Part], key["stages"]), cast(list[Part], taker["stages"])
    for at, (stage, of, share) in enumerate(zip(stages, keys, points, strict=True), 1):
        _stem(item, stage)
        KINDS[str(stage["type"])](item, {**taker_rules(taker), **stage}, of, f"{name}{at}", worth * share / sum(points))
        item.texts.blocks(item.whole, str(of["reason"]))
    item.notes.note(LOST, "all stages are seen at once there, and any of them can be changed to the last.")


def taker_rules(taker: Part) -> Part:
    """What a question says for all of its parts."""
    return {name: taker[name] for name in ("shuffle", "exact") if name in taker}


def _alone(item: Asked, taker: Part, key: Part, name: str, worth: Fraction) -> None:
    """A text that asks nothing."""


KINDS: dict[str, Kind] = {**LISTS, **FIELDS, Essay.name: _essay, Staged.name: _staged, DESCRIPTION: _alone}

write_3_0, write_2_2, write_2_1 = (partial(write, number) for number in ("3.0", "2.2", "2.1"))
