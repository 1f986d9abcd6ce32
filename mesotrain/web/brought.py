"""Questions that are sent, and what a page carries of them after the first look: the file, packed, and the ticks."""

import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import MultipleFileField, SelectField, TextAreaField

from mesotrain.core.courses import Question
from mesotrain.core.errors import Refused
from mesotrain.core.linting.banks import alike
from mesotrain.core.linting.item import Item
from mesotrain.core.questions import TYPES
from mesotrain.formats.exchange import format_of
from mesotrain.formats.exchange.bundles import BANK, packed
from mesotrain.formats.exchange.notes import CHANGED, GUESSED, KEPT, LOST, MOST_QUESTIONS, Exchanged
from mesotrain.formats.media import KINDS
from mesotrain.web.words import gettext

MOST_BYTES = 4_000_000
"""Of a file that a page carries on."""
AT_ONCE = 25
MEND, TWICE = "mend", "twice"
ORDER = (GUESSED, LOST, MEND, TWICE, CHANGED, KEPT)
"""What became of a question, in the order in which an educator looks at them."""
PASTED = "pasted.txt"
"""As a text that was pasted would be called; what it holds tells which kind it is."""
NOTHING = "Choose a file, or paste the questions."
EMPTY = "There is nothing in %(name)s. Was it saved?"
TOO_LARGE = "%(name)s has %(size)s bytes; here at most %(most)s are taken. Send it in parts."
THE_TEXT = "What you pasted"
NO_FORMAT = "The name %(name)s does not tell what it is. Choose its format, or save it with its proper ending."
SEVERAL = "Several files at once have to be one bank in Markdown (.md) and its pictures. Send others one by one."
SENT = (NOTHING, EMPTY, TOO_LARGE, THE_TEXT, NO_FORMAT, SEVERAL)
_RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


@dataclass(frozen=True)
class Carried:
    """A file with its name and its format."""

    content: bytes
    path: str
    format: str

    @property
    def packed(self) -> str:
        return urlsafe_b64encode(zlib.compress(self.content)).decode()

    @classmethod
    def of(cls, form: Mapping[str, str]) -> "Carried | None":
        """What a page carried on; None for a form that carries nothing, or what no page of ours made."""
        try:
            packed = urlsafe_b64decode(form.get("carried", ""))
            content = zlib.decompressobj().decompress(packed, MOST_BYTES)
        except (ValueError, zlib.error):
            return None
        return cls(content, form.get("path", ""), form.get("format", "")) if content else None


class BringForm(FlaskForm):  # type: ignore[misc]
    """Questions as files, or as text; the files go first."""

    file = MultipleFileField(lazy_gettext("File"))
    text = TextAreaField(lazy_gettext("Or the questions as text"))
    format = SelectField(lazy_gettext("Format"), default="", validate_choice=False)


def sent(form: BringForm, given: MultiDict[str, FileStorage]) -> Carried | None:
    """What the form sends; nothing where something is wrong, which is then said at its field."""
    files = {one.filename: one.read() for one in given.getlist("file") if one.filename}
    path, content = next(iter(files.items()), ("", (form.text.data or "").encode()))
    named = form.format.data or ""
    if len(files) > 1:
        path, content, named = _bank_of(files)
    if not content.strip():
        form.file.errors = [gettext(SEVERAL if len(files) > 1 else EMPTY if path else NOTHING, name=path)]
    elif len(content) > MOST_BYTES:
        facts = {"name": path or gettext(THE_TEXT), "size": f"{len(content):,}", "most": f"{MOST_BYTES:,}"}
        (form.file if files else form.text).errors = [gettext(TOO_LARGE, **facts)]
    else:
        try:
            return Carried(content, path, format_of(path or PASTED, named, content))
        except Refused:
            form.format.errors = [gettext(NO_FORMAT, name=path)]
    return None


def _bank_of(files: Mapping[str, bytes]) -> tuple[str, bytes, str]:
    """A bank and its pictures as one file: its name, what is in it, its format; nothing where they are others."""
    banks = [name for name in files if name.endswith(BANK)]
    known = (BANK, *(f".{ending}" for ending in KINDS))
    if len(banks) != 1 or not all(name.endswith(known) for name in files):
        return "", b"", ""
    return (
        banks[0],
        packed({name if name in banks else f"media/{name}": one for name, one in files.items()}),
        "bank-zip",
    )


def ranges(places: Iterable[int]) -> str:
    """Places on one short line: ``0-24,26``."""
    found: list[list[int]] = []
    for place in sorted(places):
        if found and place == found[-1][1] + 1:
            found[-1][1] = place
        else:
            found.append([place, place])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


def places_of(text: str) -> set[int]:
    """The same, read; what is none is passed over."""
    found = set[int]()
    for one in map(_RANGE.fullmatch, text.split(",")):
        if one:
            found |= set(range(int(one[1]), min(int(one[2] or one[1]), MOST_QUESTIONS) + 1))
    return found


def ticked(form: MultiDict[str, str]) -> set[int] | None:
    """What is ticked: what the page showed as it came back, and the rest as it was carried; None at the first look."""
    if "picked" not in form:
        return None
    elsewhere = places_of(form["picked"]) - places_of(form.get("on", ""))
    return elsewhere | {place for one in form.getlist("pick") for place in places_of(one)}


@dataclass(frozen=True)
class Looked:
    """The questions of a file beside those there are; `wrong` is what a bank would not take, by place."""

    questions: Sequence[Exchanged]
    known: Mapping[tuple[str, str], Question]
    wrong: Mapping[int, Sequence[str]]

    @cached_property
    def alike(self) -> dict[int, Question]:
        """Of each question that is nearly another, which."""
        new = [Item(one.question) for one in self.questions]
        return {place: one.question for place, one in alike(new, list(map(Item, self.known.values()))).items()}

    @cached_property
    def address(self) -> dict[int, tuple[str, str]]:
        """(course, id) of what is known, by its identity here."""
        return {id(one): names for names, one in self.known.items()}

    @cached_property
    def kinds(self) -> list[str]:
        """What became of each question, at its worst."""
        return [self._kind(place, one) for place, one in enumerate(self.questions)]

    def _kind(self, place: int, one: Exchanged) -> str:
        if self.mending(place):
            return MEND
        return one.notes.status if one.notes.status in (GUESSED, LOST) or place not in self.alike else TWICE

    def mending(self, place: int) -> Sequence[str]:
        """What keeps a question from entering a bank."""
        one = self.questions[place]
        alien = [] if one.question.taker["type"] in TYPES else [sentence for _, sentence in one.notes.said]
        return [*self.wrong.get(place, ()), *one.notes.to_mend, *alien]

    @property
    def fit(self) -> set[int]:
        return {place for place, kind in enumerate(self.kinds) if kind != MEND}

    def found(self, kind: str) -> list[int]:
        """The places of one kind, or of all, what is to be looked at first."""
        order = {name: at for at, name in enumerate(ORDER)}
        places = sorted(range(len(self.kinds)), key=lambda place: (order[self.kinds[place]], place))
        return [place for place in places if kind in ("", self.kinds[place])]

    def counts(self) -> dict[str, int]:
        return {kind: many for kind in ORDER if (many := self.kinds.count(kind))}


@dataclass(frozen=True)
class Shown:
    """A page of the questions of one kind, or of all; `tick`: now "all" or "none" of that kind are ticked."""

    kind: str
    page: int
    pages: int
    places: Collection[int]
    tick: str


def shown(looked: Looked, form: Mapping[str, str]) -> Shown:
    """What a form asks for: ``go`` says which page of which kind, and what is to be ticked."""
    kind, number, tick, *_ = [*form.get("go", "").split(":"), "", "", ""]
    found = looked.found(kind) if kind in looked.counts() else looked.found(kind := "")
    pages = max(-(-len(found) // AT_ONCE), 1)
    page = min(max(int(number) if re.fullmatch("[0-9]{1,4}", number) else 1, 1), pages)
    return Shown(kind, page, pages, found[(page - 1) * AT_ONCE : page * AT_ONCE], tick)
