"""A question as the rules of good writing look at it: its texts without marks, its options with what they are worth."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.courses import Question
from mesotrain.core.linting.quantities import Span, span
from mesotrain.core.questions import Part, with_texts

OPTIONED, LISTED = ("single", "multiple"), ("cloze", "extended-matching")

_NOISE = re.compile(
    r"!\[[^\]]*\]\([^)]*\)|\[\^[^\]]*\]|(?<!\\)\[[A-Z]{1,3}\d{2,4}(?:,\s*[A-Z]{1,3}\d{2,4})*\]|<!--.*?-->"
)
_LINK = re.compile(r"\[([^\[\]]*)\]\([^)]*\)")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_MARKS = re.compile(r"\*+|`+|(?<![\w_])_{1,2}(?=[^\W_])|(?<=[^\W_])_{1,2}(?![\w_])")
_ASIDE = re.compile(r"(?m)^ {0,3}(?:>|\||!\[).*$")
_QUOTED = re.compile(r"\"[^\"]*\"|\u201c[^\u201d]*\u201d")
_SENTENCE = re.compile(
    r"(?<!\bDr\.)(?<!\bMr\.)(?<!Mrs\.)(?<!\bMs\.)(?<!e\.g\.)(?<!i\.e\.)(?<!\bvs\.)(?<=[.?!:])[\"\u201d)*_]*\s+"
    r"(?=[\"\u201c'(*_]*[A-Z0-9])|\n\s*\n"
)
_EXCEPTING = re.compile(r"\b(?:except|all but|(?:save|but) one|following|one of these)\b", re.IGNORECASE)
_GAP = r"_{2,}|\.{3,}|\u2026"
COMMAND = re.compile(
    r"(?:now |then |please |next,? )?(?:choose|select|pick|name|identify|mark|find|tick|give|state|list|calculate|"
    r"work out|determine|estimate|write|enter|complete|fill|put|match|judge|decide|say|order|arrange|describe|"
    r"explain|"
    r"indicate|rank|sort|convert|compute|read|point|label|draw|inject|assign|tell|answer|look)\b",
    re.IGNORECASE,
)
COUNTING = re.compile(
    r"\W*(?:(?:choose|select|tick|mark|pick)\b.{0,12}\b(?:all|one|two|three|every)\b|more than one)", re.I
)
"""A remark on how to answer, which asks nothing itself."""


def listed(table: str) -> frozenset[str]:
    return frozenset(table.split())


_STOP = listed("""
a about after all also an and any are as at be because been before being both but by can could did do does each for
from had has have her his how if in into is it its may more most must no nor not of on one only or other our out
over own same she should so some such than that the their them then there these they this those through to too under
until up very was we were what when where which while who whom whose why will with would you your he him i me my
following patient
""")


_ENDING = re.compile(r"(?<=[a-z]{4})(?:ions?|ing|ed|es|s|ly|e)$|(?<=[a-z]{2})(?<!s)s$|['\u2019]s$")


_PLURAL = re.compile(r"(?<=\w{3})(?:e?(?<![us])s|e)$")


def plain(text: str) -> str:
    """Markdown as a reader sees it, on one line."""
    text = _ADDRESS.sub("", _LINK.sub(r"\1", _NOISE.sub("", text)))
    return " ".join(_MARKS.sub("", text).replace("\\", "").split())


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['\u2019.-][^\W_]+)*", text.lower())


def telling(text: str) -> set[str]:
    """The words that carry the meaning, each without the ending of its plural."""
    return {_PLURAL.sub("", word) for word in words(text) if word not in _STOP and len(word) > 2}


def roots(text: str) -> frozenset[str]:
    """The words that carry the meaning, numbers among them, each without its common endings."""
    return frozenset(_ENDING.sub("", word) for word in words(text) if word not in _STOP)


def asking(stem: str) -> str:
    """The sentence of a stem, in its Markdown, that asks; what stands in a quotation tells the story."""
    told = _ASIDE.sub("", _NOISE.sub("", stem))
    for text in (_QUOTED.sub("", told), told, stem):
        sentences = [one.strip() for one in _SENTENCE.split(text) if one and re.search(r"\w", one)]
        sentences = [one for one in sentences if not COUNTING.match(one)] or sentences
        asked = [one for one in sentences if "?" in one]
        if sentences and not re.search(r"[.!?][\"\u201d)*_]*$", sentences[-1]):
            return sentences[-1]
        if asked and len(asked[-1].split()) < 4 and sentences.index(asked[-1]):
            before = sentences[sentences.index(asked[-1]) - 1]
            return f"{before} {asked[-1]}" if _EXCEPTING.search(before) else asked[-1]
        if asked or sentences:
            return (asked or sentences)[-1]
    return ""


def is_open(ask: str) -> bool:
    """Whether the options complete this sentence."""
    return bool(re.search(rf"(?:[^\W_]|[,:]|{_GAP}|\bexcept\.)[*_]*$", ask.strip(), re.IGNORECASE)) or bool(
        re.search(_GAP, ask)
    )


@dataclass(frozen=True)
class Option:
    """`text` is plain; `right` is that it earns something."""

    text: str
    right: bool
    best: bool
    explained: bool


@dataclass(frozen=True)
class Item:
    """A question of any type; only single best answers and multiple responses have options here."""

    question: Question

    @property
    def kind(self) -> str:
        return str(self.question.taker["type"])

    @property
    def fixed(self) -> bool:
        return self.question.taker.get("shuffle") is False

    @cached_property
    def markdown(self) -> str:
        return str(self.question.taker.get("stem", ""))

    @cached_property
    def stem(self) -> str:
        return plain(self.markdown)

    @cached_property
    def asks(self) -> str:
        return asking(self.markdown)[-1000:]

    @cached_property
    def stages(self) -> dict[str, "Item"]:
        """The stages of a case by their names, each as a question of its own."""
        if self.kind != "staged":
            return {}
        takers, keys = (cast(list[Part], part["stages"]) for part in (self.question.taker, self.question.key))
        named = zip(cast(list[str], self.question.key["names"]), takers, keys, strict=True)
        return {name: Item(replace(self.question, taker=taker, key=key)) for name, taker, key in named}

    @cached_property
    def lists(self) -> tuple["Item", ...]:
        """Each list of answers that is chosen from, in a gap or for several stories, as a question without a key."""
        found = [self.question.taker, *cast(list[Part], self.question.taker.get("gaps", []))]
        wanted = [cast(list[dict[str, str]], one.get("options", [])) for one in found if self.kind in LISTED]
        taker: Part = {"type": "single", "stem": self.markdown, "shuffle": True}
        key: Part = {"credit": {}, "reasons": {}}
        said: list[Json] = [
            [{"id": one["id"], "text": one.get("words") or one["text"]} for one in each] for each in wanted
        ]
        return tuple(Item(replace(self.question, taker={**taker, "options": one}, key=key)) for one in said if one)

    @cached_property
    def options(self) -> tuple[Option, ...]:
        if self.kind not in OPTIONED:
            return ()
        credit = cast(dict[str, str], self.question.key["credit"])
        reasons = cast(dict[str, str], self.question.key["reasons"])
        return tuple(
            Option(
                plain(one["text"]),
                Fraction(credit.get(one["id"], 0)) > 0,
                Fraction(credit.get(one["id"], 0)) == 1,
                bool(reasons.get(one["id"])),
            )
            for one in cast(list[dict[str, str]], self.question.taker["options"])
        )

    @cached_property
    def key(self) -> Option | None:
        """The best answer, where there is one."""
        return next((one for one in self.options if one.best), None) if self.kind == "single" else None

    @cached_property
    def others(self) -> tuple[Option, ...]:
        return tuple(one for one in self.options if one is not self.key)

    @cached_property
    def spans(self) -> tuple[Span | None, ...]:
        """The numbers that the options stand for."""
        return tuple(span(one.text) for one in self.options)

    @cached_property
    def whole(self) -> str:
        """Everything a reader may meet, key and reasons among it, plain, each text apart from the next."""
        found: list[str] = []
        for part in (self.question.taker, self.question.key):
            with_texts(cast(Json, part), lambda _, text: found.append(text))
        return "\n\n".join(map(plain, [*found, *self._accepted()]))

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """What is right, where it is chosen or written down: the best answer, all that are ticked, or each form."""
        if self.options:
            right = [one.text for one in self.options if one.right]
            return (self.key.text,) if self.key else (" ".join(right),)
        if self.kind not in ("numeric", "text"):
            return ()
        lines = [re.sub(r"\s[-+]\d.*? (?=\D)", " ", one) for one in self._accepted() if "%)" not in one]
        return tuple(plain(form) for one in lines for form in one.split("|"))

    @cached_property
    def told(self) -> str:
        """All a taker reads before they answer but for options to choose from."""
        found: list[str] = []
        if not self.options:
            with_texts(cast(Json, self.question.taker), lambda name, text: found.append(text))
        return "\n".join(map(plain, found)) or self.stem

    def _accepted(self) -> Iterator[str]:
        """Accepted answers and gaps as their author wrote them: of a number its value alone is kept."""
        return (found[1] or found[2] for found in re.finditer(r"(?m)^= (.+)$|\[\[(.+?)\]\]", self.question.source))
