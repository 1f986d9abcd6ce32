"""What Moodle made of each file of the corpora, beside what is made of it here.

``python -m tests.formats.exchange.reference`` prints the figures, and each disagreement by name.
"""

import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lxml import html

from mesotrain.core.errors import BadContent
from mesotrain.core.questions import DECIMAL
from mesotrain.formats.exchange import FORMATS
from mesotrain.formats.exchange.items import Item, Unfit
from mesotrain.formats.exchange.moodle.sent import item_of
from mesotrain.formats.exchange.notes import Brought, Exchanged, Notes
from mesotrain.formats.lines import FIGURE
from mesotrain.formats.markup import render

CORPORA = Path(__file__).parents[4] / "shared" / "corpora"
PLACES = {"gift": ("gift", "gift"), "moodle-xml": ("moodle-xml", "xml")}
"""Of each format the folder of its files, and that of what Moodle made of them."""
TYPES = (
    *("multichoice", "truefalse", "shortanswer", "numerical", "match", "essay", "description"),
    *("multianswer", "ddwtos", "gapselect", "ordering"),
)
KINDS = {"0": "moodle", "1": "html", "2": "plain", "4": "markdown"}


@dataclass
class Figures:
    """Of each type how many questions there are, how many agree, and of the others why not; gradings as well."""

    of: Counter[str] = field(default_factory=Counter)
    agree: Counter[str] = field(default_factory=Counter)
    graded: Counter[str] = field(default_factory=Counter)
    graded_alike: Counter[str] = field(default_factory=Counter)
    differences: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def files(name: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each file of a format with what Moodle made of it."""
    folder, made = PLACES[name]
    for path in sorted((CORPORA / "moodle-reference" / made).rglob("*.moodle.json")):
        relative = path.relative_to(CORPORA / "moodle-reference" / made)
        source = CORPORA / folder / str(relative).removesuffix(".moodle.json")
        yield source, json.loads(path.read_text("utf-8"))


@cache
def figures(name: str) -> Figures:
    """What agrees, over every question of these types that Moodle found in a file."""
    found = Figures()
    for source, said in files(name):
        where = str(source.relative_to(CORPORA))
        reader = FORMATS[name].read
        assert reader
        try:
            brought = reader(source.read_bytes(), where, "ref")
        except BadContent:
            brought = Brought()
        parsed = [one for one in said["parse"] or [] if one["qtype"] != "category"]
        stored = defaultdict(list)
        for one in said["questions"]:
            if one.get("options"):
                stored[one["qtype"], one["name"], squeezed(one["questiontext"])].append(one)
        ours = iter(paired(parsed, brought))
        for one in parsed:
            kind, mine = one["qtype"], next(ours)
            if kind not in TYPES:
                continue
            found.of[kind] += 1
            same = stored.get((kind, one["name"], squeezed(one["questiontext"])), [])
            why = differences(one, same.pop(0) if same else None, mine, found)
            found.agree[kind] += not why
            for reason in why:
                found.differences[reason].append(f"{where}:{mine.question.line if mine else '?'}")
    return found


def paired(parsed: list[dict[str, Any]], brought: Brought) -> Iterator[Exchanged | None]:
    """Ours for each of theirs: both in the order of the file; a refused one is between."""
    ours: list[Exchanged | None] = [*brought.questions]
    lines = [one.question.line for one in brought.questions]
    if len(ours) < len(parsed):
        for refusal in brought.refused:
            at = sum(line < refusal.line for line in lines)
            ours.insert(at, None)
            lines.insert(at, refusal.line)
    yield from ours[: len(parsed)]
    yield from [None] * (len(parsed) - len(ours))


def squeezed(text: object) -> str:
    """A text of HTML without its blanks and tags, as far as readers care."""
    return re.sub(r"\s|\u00a0", "", str(text))


def read_by(text: str, kind: str) -> str:
    """What a reader reads of their text."""
    if kind in ("html", "moodle") and re.search("[<&]", text):
        root = html.fromstring(f"<div>{text}</div>")
        for picture in root.iter("img"):
            away = str(picture.get("src", "")).startswith("http")
            name = str(picture.get("src", "")).partition("?")[0].rpartition("/")[2]
            picture.tail = (picture.get("alt") or unquote(name)[:60] if away else "") + (picture.tail or "")
        for gone in [*root.iter("script", "style", "iframe", "object", "video", "audio", "input")]:
            gone.drop_tree() if gone.tag != "input" else gone.drop_tag()
        text = root.text_content() or (text if re.fullmatch(r"\s*<[a-zA-Z][^<>]*>\s*", text) else "")
    elif kind == "markdown":
        text = html.fromstring(f"<div>{render(text)}</div>").text_content()
    return plain(text)


def plain(text: str) -> str:
    return re.sub(r"\s|[\u200b\u00ad\ufeff]|\^\(|_\(", "", unicodedata.normalize("NFKC", text))


def ours_read(text: str) -> str:
    """What a reader reads of our Markdown."""
    lines = [line for line in text.split("\n") if not FIGURE.fullmatch(line.strip())]
    return plain(html.fromstring(f"<div>{render(chr(10).join(lines))}</div>").text_content())


def differences(parsed: Any, stored: Any, mine: Exchanged | None, of: Figures) -> list[str]:
    """Why a question of theirs is not what it is here, each in a few words."""
    if mine is None:
        return ["refused here"]
    try:
        item = item_of(mine, Notes())
    except Unfit:
        return ["not said again"]
    kind = parsed["qtype"]
    found = [] if item.kind == ("multianswer" if kind in ("ddwtos", "gapselect") else kind) else ["type"]
    their = stored["questiontext"] if stored else parsed["questiontext"]
    how = KINDS[str(stored["format"] if stored else parsed["questiontextformat"])]
    if kind == "multianswer":
        their = re.sub(r"\{#([0-9]+)\}", r"[[\1]]", str(their))
    if stored is not None or kind != "multianswer":
        text = item.stem.text
        if read_by(str(their), how) != ours_read(text):
            found.append("text")
    if stored is None:
        return found
    if (said := options(stored)) is not None and said != own_options(item):
        found.append("options")
    for one in stored.get("grading") or []:
        of.graded[kind] += 1
        try:
            earned = graded(stored, one, mine)
        except (KeyError, StopIteration, IndexError):
            earned = None
        if earned is not None and abs(earned - Fraction(one["fraction"] or 0)) < Fraction(1, 10**5):
            of.graded_alike[kind] += 1
        else:
            named = explained(stored, one)
            of.differences[f"grading, {kind}: {named or one['case']}"].append(
                f"{one['response']} earns {one['fraction']} there and {earned} here; {stored['questiontext'][:60]!r}"
            )
            found += [] if named else ["grading"]
    return found


def explained(stored: dict[str, Any], one: dict[str, Any]) -> str:
    """The name of a difference that is meant."""
    if stored["qtype"] == "numerical" and one["case"] == "comma" and not one["complete"]:
        return "a decimal comma is read here"
    return ""


Row = tuple[str, int]


def values(said: Any) -> list[Any]:
    """The values of what PHP wrote as a list or as an object."""
    return list(said.values()) if isinstance(said, dict) else list(said or [])


def shares(fraction: object) -> int:
    return round(float(str(fraction)) * 10_000)


def options(stored: dict[str, Any]) -> Any:  # noqa: PLR0911  # one for each kind
    """Their answers with what each earns, in order; None for what has none."""
    kind, said = stored["qtype"], stored["options"]
    if kind == "match":
        pairs = values(said["subquestions"])
        how = [KINDS[str(one["questiontextformat"])] for one in pairs]
        return sorted(
            (read_by(one["questiontext"], at), plain(one["answertext"])) for one, at in zip(pairs, how, strict=True)
        )
    if kind == "multianswer":
        return [
            sorted((plain(one["answer"]), shares(one["fraction"])) for one in values(part["options"]["answers"]))
            for part in values(said["questions"])
        ]
    answers = values(said.get("answers"))
    if not answers:
        return None
    if kind == "ordering":
        return [read_by(one["answer"], KINDS[str(one["answerformat"])]) for one in answers]
    if kind == "truefalse":
        return [(one["answer"], shares(one["fraction"])) for one in answers]
    if kind == "numerical":
        rows = [one for one in answers if one["answer"] != "*"]
        return [(float(one["answer"]), round(float(one["tolerance"] or 0), 9), shares(one["fraction"])) for one in rows]
    if kind == "multichoice":
        rows = [(read_by(one["answer"], KINDS[str(one["answerformat"])]), shares(one["fraction"])) for one in answers]
        return (stored["options"]["single"] == "1", sorted(rows))
    return [(plain(one["answer"]), shares(one["fraction"])) for one in answers]


def own_options(item: Item) -> Any:  # noqa: PLR0911  # one for each kind
    """The same of ours."""
    if item.kind == "match":
        return sorted((ours_read(asked.text) if asked.text else "", ours_read(one.text)) for asked, one in item.pairs)
    if item.kind == "multianswer":
        return [
            sorted((plain(one.said.text), shares(float(one.fraction))) for one in part.answers)
            for _, part in item.parts
        ]
    if item.kind == "ordering":
        return [ours_read(one.said.text) for one in item.answers]
    if item.kind == "truefalse":
        return [(one.said.text, shares(float(one.fraction))) for one in item.answers]
    if item.kind == "numerical":
        return [
            (float(Fraction(one.said.text)), round(float(one.tolerance), 9), shares(float(one.fraction)))
            for one in item.answers
        ]
    rows = [(ours_read(one.said.text), shares(float(one.fraction))) for one in item.answers]
    if item.kind == "multichoice":
        return (item.single, sorted(rows))
    return [(plain(one.said.text), shares(float(one.fraction))) for one in item.answers]


def graded(stored: dict[str, Any], one: dict[str, Any], mine: Exchanged) -> Fraction:
    """What our engine gives for a response of theirs."""
    asked: Any = mine.question.marked()
    return asked.mark(asked.read(fields(stored, one["response"], one["summary"] or "", mine)))


def fields(stored: dict[str, Any], said: dict[str, Any], summary: str, mine: Exchanged) -> dict[str, list[str]]:
    kind, taker, key = stored["qtype"], mine.question.taker, mine.question.key
    text: Any = taker
    said = said or {}
    if kind == "multichoice":
        order = stored["grading_order"]
        single = "answer" in said
        given = [said["answer"]] if single else [int(name[6:]) for name, value in said.items() if str(value) == "1"]
        how = {one["answer"]: KINDS[str(one["answerformat"])] for one in values(stored["options"]["answers"])}
        return {
            "choice": [
                named(text["options"], read_by(order[int(at)], how.get(order[int(at)], "html")))
                for at in given
                if int(at) >= 0
            ]
        }
    if kind == "truefalse":
        verdict = {"1": "true", "0": "false"}.get(str(said.get("answer", "")), "")
        return {text["statements"][0]["id"]: [verdict]}
    if kind in ("shortanswer", "numerical"):
        given = [str(said.get("answer", ""))]
        return {"answer": given} if kind == "shortanswer" else {"number": given, DECIMAL: ["."]}  # an English taker's
    if kind == "match":
        return matched(stored, summary, text)
    if kind == "multianswer":
        found = {}
        for place, gap in enumerate(text["gaps"], 1):
            value = said.get(f"sub{place}_answer")
            if gap["type"] == "single":
                theirs = values(values(stored["options"]["questions"])[place - 1]["options"]["answers"])
                words = plain(theirs[int(str(value))]["answer"])
                found[f"{place}.choice"] = [next(o["id"] for o in gap["options"] if plain(o["words"]) == words)]
            else:
                found[f"{place}.{'answer' if gap['type'] == 'text' else 'number'}"] = [str(value)]
        return found
    if kind == "ordering":
        places: Any = key["places"]
        return {name: [place] for name, place in places.items()}
    raise KeyError(kind)


def matched(stored: dict[str, Any], summary: str, taker: Any) -> dict[str, list[str]]:
    """The summary tells what was matched: the numbers of a response are places in an order that is not kept."""
    rest, found = plain(summary), {}
    for place, stem in enumerate(stored["match_stems"]):
        begins = f"{read_by(stem, 'html')}->"
        chosen = [one for one in stored["match_choices"] if rest.startswith(begins + plain(one))]
        if chosen:
            longest = max(map(plain, chosen), key=len)
            rest = rest.removeprefix(begins + longest).removeprefix(";")
            found[taker["premises"][place]["id"]] = [named(taker["options"], longest)]
    if rest:
        raise KeyError(rest)
    return found


def named(members: list[dict[str, str]], text: str) -> str:
    return next(one["id"] for one in members if ours_read(one["text"]) == text)


def lines(name: str) -> list[str]:
    """The figures of a format."""
    found = figures(name)
    said = [f"type={kind} agree={found.agree[kind]} of {found.of[kind]}" for kind in TYPES if found.of[kind]]
    said += [f"type=all agree={found.agree.total()} of {found.of.total()}"]
    graded = [kind for kind in TYPES if found.graded[kind]]
    said += [f"type={kind} gradings={found.graded_alike[kind]} of {found.graded[kind]}" for kind in graded]
    return [f"figure exchange format={name} {one}" for one in said]


def main() -> None:
    most = int(sys.argv[1]) if sys.argv[1:] else 3
    for name in PLACES:
        sys.stdout.write("".join(f"{line}\n" for line in lines(name)))
        for reason, where in sorted(figures(name).differences.items()):
            sys.stdout.write(f"  {reason}: {len(where)}\n" + "".join(f"      {one}\n" for one in where[:most]))


if __name__ == "__main__":
    main()
