"""The rules of an assessment, a quiz or an exam: what its paper is made of, when it is open, how it is answered."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from mesotrain.core.canonical import Json
from mesotrain.core.plans import AGAIN, Cell, Pool, masters, minutes, safety_of, thin

AFTER_EACH, AFTER_SUBMIT, AFTER_PASS = "after each", "after submit", "after pass"
AFTER_CLOSE, NEVER = "after close", "never"
FEEDBACK = {
    AFTER_EACH: "You see each answer with its reason as soon as you have given it; it then stays as it is.",
    AFTER_SUBMIT: "You see every answer with its reason as soon as you hand in.",
    AFTER_PASS: "You see every answer with its reason once you have passed.",
    AFTER_CLOSE: "You see every answer with its reason once nobody can sit it any more.",
    NEVER: "You see your score, and no answers.",
}
"""When an assessment releases its keys, and how its taker is told."""

ONE_QUESTION, ALL_QUESTIONS = "one question", "all questions"
FREE, FORWARD = "free", "forward"
ENDS, STOPS = "ends attempts", "stops starts"
PAGES = (ALL_QUESTIONS, ONE_QUESTION)
NAVIGATION = (FREE, FORWARD)
CLOSING = {
    ENDS: "Whatever is open then is handed in.",
    STOPS: "Whoever began before then has all the time there is.",
}
"""What closing does, and how a taker is told."""
PRACTICE, ASKED = "practice", "asked"
"""The only values of `kind` and of `certainty`: it proves nothing; each question also asks how sure its taker is."""
CERTAINTY = {"1": "Not sure", "2": "Fairly sure", "3": "Sure"}
"""What a taker may say of an answer. It is kept with the answer, and no mark looks at it."""
SURE, DONE = "sure", "done"
"""Fields of an answer: how sure its taker is, and that it was left or seen with its key, so that it stays as it is."""
LENGTH = "length"
"""The code of what is only told: how long a paper takes, by ``core.plans.MINUTES``."""
HONEST = 2
"""Papers without a question in common that an exam plan should be good for, where no rule says how often it is sat."""


@dataclass(frozen=True)
class Rules:
    """The rules of a quiz or an exam. `minutes` there are; `pass_mark` a fraction of the points there are.

    A `plan` says what its questions are of. `opens` and `closes` are times of the organisation's clock, such as
    2027-03-12 09:00, `closing` one of CLOSING. `cool_down` is how many hours after an attempt that did not pass the
    next one may start; of attempts that did not pass, at most `attempts` (0: any number) may end within `within_days`
    days. `feedback` is one of FEEDBACK. `practice` proves nothing. An `exam` has `instructions`, in Markdown, and
    `draws_on` the banks of modules.
    """

    questions: int
    pass_mark: Fraction
    minutes: int
    feedback: str
    cool_down: int = 0
    attempts: int = 0
    within_days: int = 0
    plan: tuple[Cell, ...] = ()
    pages: str = ALL_QUESTIONS
    navigation: str = FREE
    opens: str = ""
    closes: str = ""
    closing: str = ""
    shuffle: bool = True
    practice: bool = False
    certainty: bool = False
    exam: bool = False
    draws_on: tuple[str, ...] = ()
    instructions: str = ""

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Its plan, or the one cell of a quiz that has none."""
        return self.plan or (Cell("", "", self.questions),)

    @property
    def proves(self) -> tuple[str, ...]:
        """The competencies of its plan, each once."""
        return _codes(self.plan)

    def model(self) -> dict[str, Json]:
        """What a publication keeps of them."""
        said: dict[str, Json] = {
            "questions": self.questions,
            "pass_mark": str(self.pass_mark),
            "minutes": self.minutes,
            "feedback": self.feedback,
        }
        rest: dict[str, Json] = {
            "cool_down": self.cool_down,
            "attempts": self.attempts,
            "within_days": self.within_days,
            "plan": [_row(cell) for cell in self.plan],
            "pages": self.pages if self.pages != ALL_QUESTIONS else "",
            "navigation": self.navigation if self.navigation != FREE else "",
            "opens": self.opens,
            "closes": self.closes,
            "closing": self.closing,
            "in_order": not self.shuffle,
            "practice": self.practice,
            "certainty": self.certainty,
            "exam": self.exam,
            "draws_on": list[Json](self.draws_on),
            "instructions": self.instructions,
        }
        return said | {name: value for name, value in rest.items() if value}


Kept = Mapping[str, Any]
"""Rules as ``Rules.model`` gives them and a publication keeps them."""


def cells_of(kept: Kept) -> list[Cell]:
    """What a paper is drawn by."""
    return [Cell(*cell) for cell in kept.get("plan", ())] or [Cell("", "", kept["questions"])]


def proved_by(kept: Kept) -> list[str]:
    """The competencies that an exam proves; of a quiz none, because its module says which."""
    return list(_codes(cells_of(kept))) if kept.get("exam") else []


def _codes(plan: Iterable[Cell]) -> tuple[str, ...]:
    """The competencies that a plan names, each once."""
    return tuple(dict.fromkeys(cell.competency for cell in plan if cell.competency))


def _row(cell: Cell) -> list[Json]:
    """A cell as it is kept: what says nothing at its end is left out."""
    said = list[Json](cell)
    while len(said) > 3 and not said[-1]:
        said.pop()
    return said


def steps(kept: Kept) -> bool:
    """Whether a question that was left can no longer be changed."""
    return kept.get("navigation") == FORWARD or kept["feedback"] == AFTER_EACH


class Window(NamedTuple):
    """From when an assessment may be begun, and from when no longer; aware moments, None where there is no limit."""

    opens: datetime | None
    closes: datetime | None
    closing: str
    minutes: int

    @property
    def ends(self) -> datetime | None:
        """When the last attempt ends, whoever began it."""
        if self.closes and self.closing == STOPS:
            return self.closes + timedelta(minutes=self.minutes)
        return self.closes

    @property
    def cuts(self) -> datetime | None:
        """The moment at which what is open is handed in."""
        return self.closes if self.closing == ENDS else None

    def early(self, now: datetime) -> bool:
        return self.opens is not None and now < self.opens

    def late(self, now: datetime) -> bool:
        return self.closes is not None and now >= self.closes


def window(kept: Kept, zone: str) -> Window:
    """When an assessment may be sat, by the clock of an organisation in this zone."""

    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(kept[name]).replace(tzinfo=ZoneInfo(zone)) if name in kept else None

    return Window(moment("opens"), moment("closes"), kept.get("closing", ""), kept["minutes"])


def is_done(fields: Mapping[str, Any] | None) -> bool:
    """Whether an answer can no longer be changed, because its taker went on or saw its key."""
    return bool((fields or {}).get(DONE))


def current(done: Iterable[bool]) -> int:
    """Where somebody is who only goes forward: the first place that is not done, or one beyond the last."""
    places = list(done)
    return places.index(False) + 1 if False in places else len(places) + 1


def advice(rules: Rules, pool: Pool) -> Iterator[tuple[str, str]]:
    """(code, sentence) of what is no fault of a plan, and its author should know."""
    times = 1 if rules.practice else rules.attempts or HONEST
    for cell, there in thin(rules.plan, pool, times):
        yield (
            "thin-plan",
            f"of {cell.name} there are {there} questions, and {times} papers of {cell.draws} that "
            f"are all new need {times * cell.draws}; write more, or draw fewer.",
        )
    taken, said = minutes(rules.plan), "minutes (assumed: 1 for recall, 1.5 for apply, 2 for judge)"
    if rules.minutes < taken:
        yield "short-time", f"its {rules.questions} questions take about {taken} {said}, and there are {rules.minutes}."
    else:
        yield LENGTH, f"its {rules.questions} questions take about {taken} of the {rules.minutes} {said}."
    if points := safety_of(rules.plan):
        asked = sum(points.values())
        yield (
            LENGTH,
            f"its {len(points)} safety points ask {asked} questions, and what is asked again takes up to "
            f"{asked * AGAIN} minutes more; somebody who answers each right 97 times in 100 meets them all "
            f"{float(100 * masters(rules.plan, Fraction(97, 100))):.1f} times in 100.",
        )
