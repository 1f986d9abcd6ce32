"""A question on a page: as a taker is asked it, and as it is reviewed with its key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask import current_app
from markupsafe import Markup

from mesotrain.core.grading import VERDICTS, Mark
from mesotrain.core.questions import Fields, Part, QuestionType, Reading, question
from mesotrain.core.questions.numeric import Numeric
from mesotrain.web import words
from mesotrain.web.words import gettext, html


@dataclass(frozen=True)
class Asked:
    """What templates/questions/<type>.html asks with. There is no key in it."""

    number: int
    type: str
    lang: Markup
    lesson: str
    stem: Markup
    options: list[tuple[str, Markup]]
    unit: str
    chosen: frozenset[str]
    number_text: str
    flagged: bool
    note: str | None
    answered: bool
    seen: int


@dataclass(frozen=True)
class Option:
    """An option with its key."""

    id: str
    html: Markup
    chosen: bool
    credit: str
    right: bool
    reason: Markup | None


@dataclass(frozen=True)
class Reviewed:
    """What templates/questions/<type>.html reviews with."""

    number: int
    type: str
    lang: Markup
    stem: Markup
    options: list[Option]
    unit: str
    number_text: str
    accepted: str
    reasons: list[Markup]
    reason: Markup | None
    verdict: str
    verdict_label: str
    earned: str
    points: str
    sections: list[tuple[str, str]]


def of_type(name: str) -> Any:
    """The macros that ask and review a question of this type; importing them anew for each question costs more."""
    return current_app.jinja_env.get_template(f"questions/{name}.html").module


def seed_of(attempt_seed: str, position: int) -> str:
    """The seed of one slot."""
    return f"{attempt_seed}/{position}"


def asked(
    number: int, seed: str, lang: Markup, lesson: str, shown: dict[str, Any], fields: Fields | None, seen: int = 0
) -> Asked:
    """The question as this taker sees it, with their newest raw answer in place.

    `lang` is ``words.lang``'s; `lesson` the address of the page that lists what the question cites; `seen` the
    sequence of the answer.
    """
    kind, raw = question(shown), fields or {}
    reading = kind.read(raw)
    return Asked(
        number=number,
        type=kind.name,
        lang=lang,
        lesson=lesson,
        stem=html(shown["stem"], lesson),
        options=_options(kind, seed, shown, lesson),
        unit=str(shown.get("unit", "")),
        chosen=frozenset(raw.get("choice", ())),
        number_text=next(iter(raw.get("number", ())), ""),
        flagged=bool(raw.get("flag")),
        note=_note(reading),
        answered=reading.answer is not None,
        seen=seen,
    )


def note(shown: dict[str, Any], fields: Fields) -> str | None:
    """What the taker is told of an answer that cannot be read."""
    return _note(question(shown).read(fields))


def _note(reading: Reading) -> str | None:
    return gettext(reading.problem, **reading.facts) if reading.problem else None


def _options(kind: QuestionType, seed: str, shown: dict[str, Any], lesson: str) -> list[tuple[str, Markup]]:
    texts = {option["id"]: html(option["text"], lesson) for option in shown.get("options", ())}
    return [(name, texts[name]) for name in kind.ask(seed).options]


def reviewed(
    view: Asked, shown: Part, key: Part, key_shown: Mapping[str, Any], mark: Mark, sections: Sequence[tuple[str, str]]
) -> Reviewed:
    """The question with its key and what this answer earned."""
    kind, reasons = question(shown, key), key_shown.get("reasons", {})
    credit: Mapping[str, str] = key.get("credit", {})  # type: ignore[assignment]
    reason = key_shown.get("reason")
    return Reviewed(
        number=view.number,
        type=view.type,
        lang=view.lang,
        stem=view.stem,
        options=[
            Option(
                id=name,
                html=text,
                chosen=name in view.chosen,
                credit=credit.get(name, "0"),
                right=credit.get(name) == "1",
                reason=html(reasons[name], view.lesson) if reasons.get(name) else None,
            )
            for name, text in view.options
        ],
        unit=view.unit,
        number_text=view.number_text,
        accepted=_accepted(kind) if isinstance(kind, Numeric) else "",
        reasons=[] if view.options else [html(text, view.lesson) for text in reasons.values()],
        reason=html(reason, view.lesson) if reason else None,
        verdict=mark.verdict,
        verdict_label=gettext(VERDICTS[mark.verdict]),
        earned=fraction(mark.credit * mark.points),
        points=fraction(mark.points),
        sections=list(sections),
    )


def _accepted(kind: Numeric) -> str:
    """The accepted ranges in words, such as “0.5 mL; 0.45 to 0.55 mL for 80%”."""
    parts = []
    for low, high, credit in kind.accepted:
        low_text, high_text = words.number(low), words.number(high)
        accepted = low_text if low == high else gettext("%(low)s to %(high)s", low=low_text, high=high_text)
        accepted = f"{accepted} {kind.unit}".strip()
        share = int(credit * 100)
        parts.append(accepted if credit == 1 else gettext("%(range)s for %(share)s%%", range=accepted, share=share))
    return "; ".join(parts)


def fraction(value: Fraction) -> str:
    """Points as people write them: 2, 0.5, or 1 5/6 where no short decimal is exact."""
    text = words.number(value)
    if len(text) <= 6 and "/" not in text:
        return text
    whole, rest = divmod(value, 1)
    return f"{whole} {rest}" if whole else str(rest)
