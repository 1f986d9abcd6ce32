"""A short text that is typed, and the texts that are accepted."""

import re
import unicodedata
from collections.abc import Collection
from fractions import Fraction
from functools import cached_property
from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.numbers import rational
from mesotrain.core.questions.base import Fields, Part, QuestionType, Reading
from mesotrain.core.signs import UNSEEN

FIELD = "answer"
EXACT = ("case", "accents", "punctuation")
"""What of a text counts only where the author asks for it."""
MOST = 200
"""Characters of an answer."""

Form = list[str]
"""An accepted text in the pieces between its wildcards, each of which stands for any run of characters, or none."""

_TYPOGRAPHIC = str.maketrans(
    dict.fromkeys("\u2018\u2019\u02bc\u2032", "'")
    | dict.fromkeys("\u201c\u201d\u201e", '"')
    | dict.fromkeys("\u2010\u2012\u2013\u2014\u2212", "-")
)
_BLANKS = re.compile(r"\s+")
_AROUND = " .,;:!?'\""
_FRESH = "\ue000"


class Text(QuestionType):
    """The first line with a form that fits the whole answer gives its credit; where none fits it is 0.

    Answer and form are compared as `folded` makes them: Unicode NFKC; curly quotes and long dashes as the plain ones;
    each run of blanks as one, none at the ends. Unless `exact` names it, letter case (Unicode case folding), accents
    (combining marks of the decomposed text) and ``. , ; : ! ? ' "`` at the ends do not count. A wildcard fits any
    run of characters, or none. A line may have an `exact` of its own, for what counts in it beside that.
    """

    name = "text"

    @cached_property
    def accepted(self) -> list[tuple[list[Form], Fraction]]:
        """(forms, credit) in the author's order."""
        rows = cast(list[dict[str, str]], self.key["accepted"])
        return [(cast(list[Form], row["forms"]), rational(row["credit"])) for row in rows]

    @property
    def exact(self) -> list[str]:
        return cast(list[str], self.taker["exact"])

    @property
    def _counting(self) -> list[list[str]]:
        """What counts in each line."""
        rows = cast(list[dict[str, list[str]]], self.key["accepted"])
        return [self.exact + row.get("exact", []) for row in rows]

    def problems(self) -> list[str]:
        found = []
        if not cast(str, self.taker["stem"]).strip():
            found.append("the question has no stem; write it between the keys and the answer.")
        credits = {credit for _, credit in self.accepted}
        if 1 not in credits:
            found.append("one accepted answer needs full credit.")
        if any(not 0 <= credit <= 1 for credit in credits):
            found.append("an answer's credit lies between 0% and 100%.")
        for forms, credit in self.accepted:
            if any(not bare(self._folded("".join(form))) for form in forms) and credit:
                found.append("an answer has no letters; what * alone accepts is worth 0%.")
        if any(len("".join(form)) > MOST // 2 for forms, _ in self.accepted for form in forms):
            found.append(f"an accepted answer has at most {MOST // 2} characters.")
        if self.unreachable():
            found.append("no text reaches one of the answers: one above accepts them all.")
        return found

    @property
    def _plain(self) -> bool:
        """Whether there is no wildcard, and the same counts in each line."""
        same = all("exact" not in row for row in cast(list[Part], self.key["accepted"]))
        return same and all(len(form) == 1 for forms, _ in self.accepted for form in forms)

    @property
    def rules(self) -> list[str]:
        counting = {one for exact in self._counting for one in exact}
        return [name for name in EXACT if name in counting]

    def ruled(self, part: Part) -> Part:
        """Also where nothing counts it is said: of a part that says nothing nobody knows without its key."""
        return {**part, "rules": cast(Json, self.rules)}

    def unreachable(self) -> list[int]:
        """The places of lines with a form all of whose texts a line above accepts."""
        if self._plain:
            before, found = set[str](), []
            for place, (_, forms) in enumerate(self._lines):
                texts = {form[0] for form in forms}
                found += [place] if texts & before else []
                before |= texts
            return found
        rows = [forms for forms, _ in self.accepted]
        later = list(enumerate(rows))[1:]
        return [place for place, forms in later if any(self._first(_sample(one)) < place for one in forms)]

    def read(self, raw: Fields) -> Reading:
        text = UNSEEN.sub("", next(iter(raw.get(FIELD, ())), "")).strip()
        if len(text) > MOST:
            return Reading(problem="Write at most %(most)s characters.", facts={"most": MOST})
        return Reading(text or None)

    def mark(self, reading: Reading) -> Fraction:
        place = self.place(reading)
        return Fraction(0) if place is None else self.accepted[place][1]

    def place(self, reading: Reading) -> int | None:
        """Which line the answer met."""
        if not isinstance(reading.answer, str):
            return None
        place = self._first(reading.answer)
        return place if place < len(self.accepted) else None

    @cached_property
    def _lines(self) -> list[tuple[list[str], list[Form]]]:
        """What counts in each line, and its forms as they are compared."""
        rows = zip(self.accepted, self._counting, strict=True)
        return [(exact, [_compared(form, exact) for form in forms]) for (forms, _), exact in rows]

    def _first(self, text: str) -> int:
        """The place of the line that a text meets."""
        counting, answer = None, ""
        for place, (exact, forms) in enumerate(self._lines):
            if exact != counting:
                counting, answer = exact, bare(folded(text, exact), exact)
            if any(_fits(form, answer) for form in forms):
                return place
        return len(self.accepted)

    def _folded(self, text: str) -> str:
        return folded(text, self.exact)

    def examples(self) -> list[tuple[Fields, Fraction]]:
        given: list[tuple[Fields, Fraction]] = []
        own = any(exact != self.exact for exact in self._counting)
        for (forms, credit), exact in zip(self.accepted, self._counting, strict=True):
            given += [({FIELD: ["".join(form)]}, credit) for form in forms if len(form) == 1 and not own]
            text = _sample(forms[0], "x")
            given.append(({FIELD: [f"  {text if 'case' in exact else text.upper()} "]}, credit))
        wrong = next(text for text in ("something else", _FRESH * MOST) if not self.mark(Reading(text)))
        return [*given, ({FIELD: [wrong]}, Fraction(0)), ({FIELD: [" "]}, Fraction(0)), ({}, Fraction(0))]


def _compared(form: Form, exact: Collection[str]) -> Form:
    """A form as an answer is compared with it."""
    first, *rest = (folded(piece, exact) for piece in form)
    first = bare(first, exact, right=not rest)
    return [first, *rest[:-1], bare(rest[-1], exact, left=False)] if rest else [first]


def _fits(form: Form, answer: str) -> bool:
    """Whether an answer fits a form, both as they are compared."""
    first, *rest = form
    if not rest:
        return answer == first
    *between, last = rest
    if len(answer) < len(first) + len(last) or not (answer.startswith(first) and answer.endswith(last)):
        return False
    at, end = len(first), len(answer) - len(last)
    for piece in between:
        at = answer.find(piece, at, end) + len(piece)
        if at < len(piece):
            return False
    return True


def folded(text: str, exact: Collection[str] = ()) -> str:
    """`text` as it is compared, but for its ends."""
    if text.isascii():
        return _BLANKS.sub(" ", text if "case" in exact else text.lower())
    text = unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHIC)
    if "case" not in exact:
        text = text.casefold()
    text = unicodedata.normalize("NFD", text)
    if "accents" not in exact:
        text = "".join(char for char in text if not unicodedata.combining(char))
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", text))


def bare(text: str, exact: Collection[str] = (), *, left: bool = True, right: bool = True) -> str:
    """A folded text without what does not count at its ends."""
    around = " " if "punctuation" in exact else _AROUND
    text = text.lstrip(around) if left else text
    return text.rstrip(around) if right else text


def _sample(form: Form, between: str = _FRESH) -> str:
    """A text that the form fits. What fits one with a character of no other form fits all that this form fits."""
    return between.join(form)
