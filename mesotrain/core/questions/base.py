"""What every question type promises.

A published question is stored as two things: the *taker* part, all that may travel to a taker, and the *key*.
A type is made from the taker part alone to be asked and read; only with the key can it be marked.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from typing import Any, ClassVar, TypeAlias, TypeVar, cast

from mesotrain.core.canonical import Json
from mesotrain.core.chance import shuffled
from mesotrain.core.marking import Given

Part: TypeAlias = dict[str, Json]
"""One of the two parts of a question. Under the names of `BLOCKS` and `LINES`, wherever they stand, is Markdown."""

BLOCKS = ("stem", "reason")
"""Texts of paragraphs."""
LINES = ("text", "reasons")
"""Texts, or texts by name, that stand on a line of their own where they can."""

Fields: TypeAlias = Mapping[str, Sequence[str]]
"""Raw form values as they arrived: field name to the values given for it."""

FIELD_NAME = r"[a-z0-9]{1,20}(?:\.[a-z0-9]{1,20}){0,2}"
"""What a field of an answer may be called; with dots where a question has parts."""
FLAG, SEEN = "flag", "seen"
"""Fields beside the answer: to be looked at again; the sequence of the answer that the taker had before them."""

DECIMAL = "decimal"
"""Field beside a number: the sign, point or comma, with which its taker's language begins decimals."""

ALL_OR_NOTHING = "all-or-nothing"
"""The rule that knows only 1 and 0."""

RULES = {
    ALL_OR_NOTHING: "All or nothing: only a wholly right answer earns the points.",
    "partial": "Each right one earns an equal share of the points, each wrong one takes as much away, never below 0.",
    "sum": "Each one earns, or takes away, what it is worth for itself, never below 0.",
    "each": "Each right one earns an equal share of the points.",
    "kprim": "Four right earn the points, three earn half of them, fewer earn none.",
    "pairs": "Each two in the right order earn a share of the points, so does each rightly said not to belong.",
    "gaps": "Each gap earns its share of the points.",
    "stages": "Each stage earns its share of the points.",
    "weights": "Some count more than others.",
    "minus": "A wrong answer may take points away.",
    "floor": "It never earns less than 0.",
    "danger": "Marking a dangerous place earns nothing.",
    "panel": "A choice earns the more, the more of the panel made it.",
    "case": "Capital letters count.",
    "accents": "Accents count.",
    "punctuation": "Punctuation counts.",
}
"""How an answer is marked, told to whoever is asked where a right answer is not simply right. It is the author's rule,
which any other key under it would share: whether answers may cost points is all that it tells of this one."""

MARKING_RULES = 5
"""Version of the marking rules; stored with each score, raised when any rule changes its result."""


@dataclass(frozen=True)
class Reading:
    """What raw fields say: an answer, nothing (unanswered), or a problem the taker is told about.

    Both, where the problem is with a part of the answer.
    """

    answer: "Answer | None" = None
    problem: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def unanswered(self) -> bool:
        return self.answer is None and self.problem is None


Answer: TypeAlias = tuple[str, ...] | Fraction | str | Mapping[str, "str | Reading"]
"""What was ticked, a number, a text, or what was given for each part by its id."""


class QuestionType(ABC):
    """One question of one type. Subclasses are pure values: the same input gives the same output for ever."""

    name: ClassVar[str]
    parts: ClassVar[str] = ""
    """The list in its taker part of which each member is answered, where there is one."""

    def __init__(self, taker: Part, key: Part | None = None) -> None:
        self.taker = taker
        self._key = key

    @property
    def key(self) -> Part:
        """The key. Raises LookupError where the question was loaded as a taker may see it."""
        if self._key is None:
            raise LookupError("this question was loaded without its key")
        return self._key

    @abstractmethod
    def problems(self) -> list[str]:
        """What the author got wrong, each a sentence."""

    def ask(self, seed: str) -> "QuestionType":
        """The question as the taker with this seed is asked it: all that travels to them is its `taker` part."""
        return self

    def told(self, text: str, number: Callable[[Fraction], str]) -> str:
        """A text of it as it is told to whom it was asked; `number` writes numbers as they read them."""
        return text

    def open(self, raw: Fields) -> "QuestionType":
        """What of it, as it was asked, is shown to whoever gave these fields."""
        return self

    @property
    def rules(self) -> list[str]:
        """How it is marked, names of `RULES`. It needs the key."""
        return []

    def ruled(self, part: Part) -> Part:
        """What a taker may see of it, as text or as HTML, with how it is marked."""
        return {**part, "rules": cast(Json, rules)} if (rules := self.rules) else part

    @abstractmethod
    def read(self, raw: Fields) -> Reading:
        """What the fields say. Never raises for anything a browser can send."""

    def whole(self, reading: Reading) -> bool:
        """Whether all of it is answered."""
        if not self.parts:
            return reading.answer is not None
        return len(cast(Sized, reading.answer or ())) == len(cast(Sized, self.taker[self.parts]))

    @abstractmethod
    def mark(self, reading: Reading) -> Fraction:
        """The exact credit, 1 for a full answer; an unanswered or unreadable one gets 0."""

    def unsafe(self, reading: Reading) -> bool:
        """Whether the answer would harm a patient: a safety failure, not merely wrong."""
        return False

    def markers(self, reading: Reading) -> int:
        """How many people have to mark this answer; 0 where the rules of its type do."""
        return 0

    def judged(self, given: Sequence[Given]) -> "QuestionType":
        """The question with what people gave the answer that is to be marked."""
        return self

    @abstractmethod
    def examples(self) -> list[tuple[Fields, Fraction]]:
        """Raw answers with the credit each must get."""


def costly(credits: Iterable[Fraction]) -> list[str]:
    """The rule of an answer that may be worth less than none."""
    return ["minus"] if any(one < 0 for one in credits) else []


T = TypeVar("T")


def with_texts(value: Json, change: Callable[[str, str], T]) -> Any:
    """A part, or what is in one, with every Markdown text changed; `change` is given its name and the text."""
    if isinstance(value, list):
        return [with_texts(one, change) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _text(name, one, change) for name, one in value.items()}


def _text(name: str, value: Json, change: Callable[[str, str], T]) -> Any:
    if name not in (*BLOCKS, *LINES):
        return with_texts(value, change)
    if isinstance(value, dict):
        return {key: change(name, text) for key, text in cast(dict[str, str], value).items()}
    return change(name, cast(str, value))


def reordered(part: Part, name: str, seed: str) -> Part:
    """`part` with the list under `name`, whose members have ids, in the order of this seed."""
    members = {one["id"]: one for one in cast(list[dict[str, str]], part[name])}
    return {**part, name: cast(Json, [members[one] for one in shuffled(seed, members)])}


def read_parts(raw: Fields, names: Iterable[str], known: Container[str], problem: str) -> Reading:
    """What is given for each part by its id, a value of `known`; with another the whole cannot be read."""
    given = {name: values for name in names if (values := {value for value in raw.get(name, ()) if value})}
    if any(len(values) > 1 or not all(value in known for value in values) for values in given.values()):
        return Reading(problem=problem)
    return Reading({name: next(iter(values)) for name, values in given.items()} or None)


def alike(members: Iterable[Mapping[str, str]]) -> bool:
    """Whether two of these have the same id, or say the same to whoever reads them."""
    ids, texts = [], []
    for one in members:
        ids.append(one["id"])
        texts.append(" ".join(one.get("text", one.get("words", one["id"])).split()))
    return min(len(set(ids)), len(set(texts))) < len(ids)


def fields_of(raw: Fields, part: str) -> Fields:
    """The fields of a part that is a question of its own, by the names it knows them by."""
    found = {name.partition(".")[2]: values for name, values in raw.items() if name.startswith(f"{part}.")}
    return {DECIMAL: raw[DECIMAL], **found} if found and DECIMAL in raw else found


def option_id(text: str) -> str:
    """A neutral id for an option: it says nothing of the option's place or credit."""
    return sha256(text.encode()).hexdigest()[:10]


def is_option_id(text: str) -> bool:
    """Whether a text is what `option_id` gives."""
    return bool(re.fullmatch("[0-9a-f]{10}", text))
