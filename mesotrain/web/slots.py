"""A question on a page: as a taker is asked it, and as it is reviewed with its key."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, cached_property, lru_cache
from typing import Any, cast

from flask import Flask, current_app
from jinja2.runtime import Macro
from markupsafe import Markup

from mesotrain.core.assessments import CERTAINTY, SURE, is_done
from mesotrain.core.grading import VERDICTS, Mark
from mesotrain.core.grading import mark as graded
from mesotrain.core.marking import counting, mean
from mesotrain.core.numbers import unclear
from mesotrain.core.questions import (
    DECIMAL,
    FLAG,
    RULES,
    TYPES,
    Fields,
    Part,
    QuestionType,
    Reading,
    fields_of,
    question,
    staged,
    with_texts,
)
from mesotrain.core.questions.choice import FIELD as CHOICE
from mesotrain.core.questions.cloze import GAP, Cloze
from mesotrain.core.questions.essay import Essay
from mesotrain.core.questions.numeric import FIELD as NUMBER
from mesotrain.core.questions.text import Text
from mesotrain.web import words
from mesotrain.web.words import gettext, html, page_language

OPENING = 110
"""Characters of a stem that a list shows."""
PIECES = 8192
"""Pieces of pages that a process keeps."""
EMPTY, UNREAD, IN_PART = "empty", "unread", "part"
"""What an answer lacks: all of it, that it can be read, or a part of it."""
AT = "\0"
"""Stands in such a piece for the number of a question: the piece is the same at every place."""


@dataclass(frozen=True)
class Asked:
    """What templates/questions/<type>.html asks with: `shown` is the taker part as HTML. There is no key in it."""

    number: int | str
    seed: str
    lang: Markup
    lesson: str
    part: Part
    fields: Fields
    seen: int
    told_all: bool = False
    """Whether the texts of `part` are told already: they are the same whoever is asked."""
    asked_back: bool = False
    unsaved: bool = False
    locked: bool = False
    """Whether it is a stage that was left, of which nothing can be asked back any more."""

    @cached_property
    def kind(self) -> QuestionType:
        return question(self.part).ask(self.seed).open(self.fields)

    def keyed(self, key: Part) -> QuestionType:
        """The same with its key."""
        return question(self.part, key).ask(self.seed)

    @property
    def type(self) -> str:
        return self.kind.name

    @cached_property
    def shown(self) -> Any:
        if self.told_all:
            return self.kind.taker
        return with_texts(self.kind.taker, lambda _, text: self.told(text, self.kind))

    def told(self, text: str, kind: QuestionType) -> Markup:
        """A text of the question as HTML for this reader."""
        return html(kind.told(text, words.number), self.lesson)

    @property
    def in_stem(self) -> bool:
        """Whether it is answered in its stem."""
        return isinstance(self.kind, Cloze)

    @property
    def options(self) -> list[tuple[str, Markup, bool]]:
        """The id of each option, its text, and whether it is chosen."""
        chosen = self.given(CHOICE)
        return [(one["id"], one["text"], one["id"] in chosen) for one in self.shown["options"]]

    def stages(self, *, all_of_them: bool = False) -> list["Asked"]:
        """The stages of a case that are open, or all, each as a question of its own."""
        whole: Any = question(self.part)
        shown = self.part["stages"] if all_of_them else self.kind.taker["stages"]
        return [
            Asked(
                f"{self.number}.{name}",
                staged.seed_of(self.seed, name),
                self.lang,
                self.lesson,
                one.taker,
                fields_of(self.fields, name),
                0,
                locked=not all_of_them and int(name) < len(cast(list[Part], shown)),
            )
            for name, one in list(whole.stages(keyed=False).items())[: len(cast(list[Part], shown))]
        ]

    @property
    def ruled(self) -> list[str]:
        """How it is marked, names of `RULES`; of a text, what versions from before they were told say, too."""
        exact = self.kind.exact if isinstance(self.kind, Text) else []
        return list(dict.fromkeys([*cast(list[str], self.part.get("rules", [])), *exact]))

    @property
    def folded(self) -> bool:
        """Whether it is known that neither capitals nor accents count in any answer to it."""
        return "rules" in self.part and not {"case", "accents"} & {*self.ruled}

    @property
    def rules(self) -> str:
        """The same in words."""
        return " ".join(gettext(RULES[name]) for name in self.ruled)

    @property
    def pieces(self) -> list[tuple[Markup, str]]:
        """The stem between its gaps, each piece with the name of the gap behind it, if there is one."""
        found = [*GAP.split(self.shown["stem"]), ""]
        return [(Markup(text), name) for text, name in zip(found[::2], found[1::2], strict=True)]  # noqa: S704

    @cached_property
    def reading(self) -> Reading:
        return self.kind.read(self.fields) if any(map(any, self.fields.values())) else Reading()

    @cached_property
    def open(self) -> "Asked":
        """What of it can still be answered: of a case the stage that is open."""
        return self.stages()[-1] if isinstance(self.kind, staged.Staged) else self

    @property
    def sign(self) -> str:
        """Of a stage that was left, how a number of it is read that may be two."""
        return staged.sign_of(self.fields) if self.locked else ""

    @property
    def note(self) -> str | None:
        """What the taker is told of an answer that cannot be read, and can be given anew."""
        reading = self.open.reading
        return gettext(reading.problem, **reading.facts) if reading.problem and not self.locked else None

    @property
    def answered(self) -> bool:
        return self.reading.answer is not None and not self.note

    @property
    def in_part(self) -> bool:
        """Whether it is answered, and not all of it."""
        return self.answered and not self.kind.whole(self.reading)

    @property
    def lack(self) -> str:
        """What its answer lacks, nothing where it is whole."""
        return UNREAD if self.note else EMPTY if not self.answered else IN_PART if self.in_part else ""

    @property
    def parted(self) -> bool:
        """Whether it can be answered in part."""
        return bool(self.kind.parts) or isinstance(self.kind, staged.Staged)

    @property
    def flagged(self) -> bool:
        return bool(self.fields.get(FLAG))

    @property
    def done(self) -> bool:
        """Whether it stays as it is, because its taker went on or saw its key."""
        return is_done(self.fields)

    @property
    def certainties(self) -> list[tuple[str, str]]:
        """What a taker may say of how sure they are: values and words."""
        return [(value, gettext(word)) for value, word in CERTAINTY.items()]

    @property
    def sure(self) -> str:
        """How sure its taker said to be, in words."""
        word = CERTAINTY.get(self.written(SURE))
        return gettext(word) if word else ""

    def given(self, name: str) -> Sequence[str]:
        """The values of one field, as they arrived."""
        return self.fields.get(name, ())

    def written(self, name: str) -> str:
        """What was written into one field."""
        return next(iter(self.given(name)), "")


@dataclass(frozen=True)
class Reviewed:
    """What templates/questions/<type>.html reviews with: what was asked, as `kind` with its key."""

    asked: Asked
    kind: QuestionType
    reasons: Mapping[str, Markup]
    reason: Markup | None
    verdict: str
    verdict_label: str
    earned: str
    points: str
    sections: list[tuple[str, str]]
    stages: Sequence["Reviewed"] = ()
    rubric: Sequence["Criterion"] = ()

    @property
    def options(self) -> list[tuple[Markup, Markup, Fraction, bool, Markup | None]]:
        """The language of each option, its text, its credit, whether it was chosen, and its reason."""
        lang, credits = self.asked.lang, cast(Any, self.kind).credit
        return [
            (lang, text, credits.get(name, 0), chosen, self.reasons.get(name))
            for name, text, chosen in self.asked.options
        ]


@dataclass(frozen=True)
class Criterion:
    """One of a rubric: its text, the points it was given and those there are, and why; `full` with all of them."""

    text: Markup
    earned: str
    points: str
    full: bool
    reason: Markup | None


class _Same:
    """A part as it was read, known by being the very same."""

    def __init__(self, part: Any) -> None:
        self.part = part

    def __hash__(self) -> int:
        return id(self.part)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.part is other.part


@lru_cache(maxsize=PIECES)
def _told(part: _Same, lesson: str, _language: str) -> Any:
    """A part with its texts as HTML. A version is read once (``store.db.Published``), and told once."""
    return with_texts(part.part, lambda _, text: html(text, lesson))


def of_type(name: str) -> Any:
    """The macros that ask and review a question of this type; importing them anew for each question costs more."""
    return current_app.extensions["macros"](name)


def once(macro: Macro, *given: Any) -> Markup:
    """What a macro makes of what it is given, once in each language: most of a long page was said before.

    It may look at nothing else.
    """
    made: Markup = current_app.extensions["pieces"](macro, page_language(), given)
    return made


def at(number: int | str, macro: Macro, *given: Any) -> Markup:
    """The same of a question's number before all else, once for every number."""
    return once(macro, AT, *given).replace(AT, str(number))


def each(macro: Macro, rows: Iterable[tuple[Any, ...]], number: int | str = "") -> Markup:
    """The same of each row; where it writes `AT`, it says the `number` of its question."""
    return Markup("").join(once(macro, *row) for row in rows).replace(AT, str(number))


def init(app: Flask) -> None:
    """What pages are put together from is kept with the application whose templates made it."""
    templates = app.jinja_env
    app.extensions["macros"] = cache(lambda name: templates.get_template(f"questions/{name}.html").module)
    app.extensions["pieces"] = lru_cache(PIECES)(lambda macro, _language, given: Markup(macro(*given)))  # noqa: S704 (a macro escapes)
    templates.globals |= {"of_type": of_type, "once": once, "at": at, "each": each, "AT": AT}


def asked(
    number: int, seed: str, lang: Markup, lesson: str, shown: Part, fields: Fields | None, seen: int = 0
) -> Asked:
    """The question as this taker sees it, with their newest raw answer in place.

    `lang` is ``words.lang``'s; `lesson` the address of the page that lists what the question cites; `seen` the
    sequence of the answer.
    """
    if TYPES[str(shown["type"])].told is not QuestionType.told or "stages" in shown:
        return Asked(number, seed, lang, lesson, shown, fields or {}, seen)
    told = _told(_Same(shown), lesson, page_language())
    return Asked(number, seed, lang, lesson, told, fields or {}, seen, told_all=True)


def signed(fields: Fields) -> dict[str, list[str]]:
    """Fields as they arrived, and beside a number that needs it the sign with which its taker begins decimals."""
    given = {name: list(values) for name, values in fields.items() if name != DECIMAL}
    numbers = (value for name, values in given.items() if name.rpartition(".")[2] == NUMBER for value in values)
    return {**given, DECIMAL: [words.decimal_sign()]} if any(map(unclear, numbers)) else given


def sent(shown: Part, fields: Fields) -> Asked:
    """A question with an answer as it was sent, to see what that lacks."""
    return Asked(0, "", Markup(""), "", shown, signed(fields), 0)


def reviewed(
    view: Asked, key: Part, key_shown: Mapping[str, Any], mark: Mark, sections: Sequence[tuple[str, str]]
) -> Reviewed:
    """The question with its key and what this answer earned."""
    kind = view.keyed(key).judged(counting(mark.given))
    if view.told_all:
        told = _told(_Same(key_shown), view.lesson, page_language())
    else:
        told = with_texts(dict(key_shown), lambda _, text: view.told(text, kind))
    return Reviewed(
        asked=view,
        kind=kind,
        reasons={name: text for name, text in told.get("reasons", {}).items() if text},
        reason=told.get("reason") or None,
        verdict=mark.verdict,
        verdict_label=gettext(VERDICTS[mark.verdict]),
        earned=fraction(mark.credit * mark.points),
        points=fraction(mark.points),
        sections=list(sections),
        stages=_stages(view, key, key_shown) if "stages" in key else (),
        rubric=_rubric(view, kind, key_shown) if isinstance(kind, Essay) else (),
    )


def with_key(view: Asked, key: Part, key_shown: Mapping[str, Any], points: Fraction) -> Reviewed:
    """The question with its key, for whoever may see that."""
    return _as_key(reviewed(view, key, key_shown, Mark(Fraction(1), points, "right"), []))


def _as_key(view: Reviewed) -> Reviewed:
    stages = [_as_key(one) for one in view.stages]
    return replace(view, verdict="key", verdict_label=gettext("The key"), stages=stages)


def opening(stem: str) -> str:
    """The first words of a stem, which is HTML, on one line."""
    found = " ".join(Markup(stem).striptags().split())  # noqa: S704 (tags are taken off)
    return found if len(found) <= OPENING else found[:OPENING].rsplit(" ", 1)[0] + " …"


def _stages(view: Asked, key: Part, key_shown: Mapping[str, Any]) -> list[Reviewed]:
    """The stages of a case, opened or not, as questions of their own."""
    keys, points = cast(list[Part], key["stages"]), map(Fraction, cast(list[str], key["points"]))
    rows = zip(view.stages(all_of_them=True), keys, key_shown["stages"], points, strict=True)
    return [
        reviewed(one, part, texts, graded(one.keyed(part), one.reading, worth), []) for one, part, texts, worth in rows
    ]


def _rubric(view: Asked, kind: Essay, key_shown: Mapping[str, Any]) -> list[Criterion]:
    """The criteria of an essay, with the mean of what was given that counts."""
    reasons, earned = key_shown["reasons"], mean(kind.given) or [Fraction(0)] * len(kind.criteria)
    return [
        Criterion(
            view.told(one["text"], kind),
            fraction(got),
            fraction(points),
            got == points,
            view.told(reasons[str(at)], kind) if str(at) in reasons else None,
        )
        for at, (one, (_, points), got) in enumerate(zip(key_shown["criteria"], kind.criteria, earned, strict=True))
    ]


def fraction(value: Fraction) -> str:
    """Points as people write them: 2, 0.5, or 1 5/6 where no short decimal is exact."""
    text = words.number(value)
    if len(text) <= 6 and "/" not in text:
        return text
    whole, rest = divmod(value, 1)
    return f"{whole} {rest}" if whole else str(rest)
