"""Today, the course page, and the files of figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor, allows
from mesotrain.core.attempts import OPEN
from mesotrain.core.competence import CURRENT, LAPSED, STATES, Standing, standing
from mesotrain.core.dates import day_of
from mesotrain.core.errors import NotFound
from mesotrain.formats.media import KINDS
from mesotrain.store import attempts, catalogue, competence, drafts
from mesotrain.store.catalogue import Taught
from mesotrain.store.reading import Mark, readings
from mesotrain.web import gate, retakes
from mesotrain.web.gate import page
from mesotrain.web.links import url_for
from mesotrain.web.reading import section_url
from mesotrain.web.words import day, gettext

learning = Blueprint("learning", __name__)

MOST_TASKS = 3


@dataclass(frozen=True)
class Task:
    """One thing to do today, and why."""

    title: str
    reason: str
    action: str
    url: str
    minutes: int | None = None
    method: str = "get"


@dataclass(frozen=True)
class Held:
    """A competency and where this person stands in it."""

    title: str
    state: str
    tone: str
    until: date | None


@page(learning, "/", may="learn")
def today(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    modules = catalogue.live_modules(session, actor)
    cards = [
        {
            "title": live.version.title,
            "summary": live.version.summary,
            "minutes": live.version.minutes,
            "url": _lesson(live),
            "questions": live.version.quiz["questions"],
            "course": live.publication.title,
            "course_url": url_for("learning.course", course=live.course.name),
        }
        for live in modules
    ]
    if not allows("sit", actor):
        return render_template(
            "learning/today.html", tasks=_staff_tasks(session, actor)[:MOST_TASKS], standings=[], modules=cards
        )
    marks = readings(session, actor, sorted({live.course.id for live in modules}))
    sat = attempts.recent(session, actor, {live.module.id: live.version.quiz for live in modules})
    held = standings(session, actor, now)
    tasks = [task for live in modules if (task := _task(Going(live, marks, sat[live.module.id], held, now)))]
    strip = [_held(taught, now_) for _, (taught, now_) in sorted(held.items())]
    return render_template("learning/today.html", tasks=tasks[:MOST_TASKS], standings=strip, modules=cards)


@dataclass(frozen=True)
class Going:
    """How far a reader has come with a module: `marks` are theirs in its course at least, `sat` the newest first."""

    live: catalogue.Live
    marks: Sequence[Mark]
    sat: Sequence[attempts.Recent]
    held: dict[int, tuple[Taught, Standing]]
    now: datetime

    @property
    def read(self) -> int:
        """How many of its sections they have read as they are now."""
        return len({one.read_version for one in self.marks} & set(self.live.version.sections))

    @property
    def unread(self) -> int:
        return len(self.live.version.sections) - self.read

    @property
    def open(self) -> attempts.Recent | None:
        return self.sat[0] if self.sat and self.sat[0].state == OPEN else None

    @property
    def stands(self) -> tuple[Taught, Standing] | None:
        return self.held.get(self.live.version.competency_id)

    @property
    def later(self) -> str:
        """From when they may sit its quiz again; empty where they may now."""
        return retakes.later(self.sat, self.live.version.quiz, self.now)

    @property
    def quiz_next(self) -> bool:
        """Whether its quiz is the next thing: they have read it all, or sat it before, and it is not passed."""
        wanted = self.stands is not None and self.stands[1].state != CURRENT
        return wanted and not self.later and bool(self.sat or not self.unread)


def _held(taught: Taught, now_: Standing) -> Held:
    state = STATES[now_.state]
    return Held(taught.title, gettext(state.label), state.tone, now_.expires)


def standings(session: Session, actor: Actor, now: datetime) -> dict[int, tuple[Taught, Standing]]:
    """The actor's standing today in every competency taught, by competency."""
    spans = competence.spans_of(session, actor.organisation, [actor.person])
    on = day_of(now, actor.organisation_zone)
    return {
        one.id: (one, standing(spans.get((actor.person, one.id), []), on))
        for one in catalogue.live_competencies(session, actor)
    }


def _lesson(live: catalogue.Live) -> str:
    return url_for("reading.lesson", course=live.course.name, module=live.module.name)


def _quiz(live: catalogue.Live) -> str:
    """Where a lesson says what its quiz demands, and lets it begin."""
    return f"{_lesson(live)}#next"


def _staff_tasks(session: Session, actor: Actor) -> list[Task]:
    tasks = [_draft_task(one) for one in drafts.kept(session, actor) if one.draft] if allows("publish", actor) else []
    if allows("team", actor):
        reason = gettext("See who holds which competency, and whose status ends soon.")
        tasks.append(Task(gettext("Your team"), reason, gettext("Open the team"), url_for("team.table")))
    if allows("questions", actor):
        reason = gettext("See each question as a taker sees it, and as it was written.")
        tasks.append(Task(gettext("Questions"), reason, gettext("Open the questions"), url_for("questions.bank_list")))
    return tasks


def _draft_task(kept: drafts.Kept) -> Task:
    """A draft that waits to be published, or for somebody to agree to it."""
    reason = (
        gettext("%(name)s asks a second person to agree to how its changes are called.", name=kept.proposer)
        if kept.proposer
        else gettext("A changed text waits. Nobody reads it until it is published.")
    )
    url = url_for("drafts.draft", draft_id=kept.draft.id if kept.draft else 0)
    return Task(
        gettext("Draft of %(title)s", title=kept.publication.title), reason, gettext("See what it changes"), url
    )


def _task(going: Going) -> Task | None:
    """What a module asks of its reader today, if anything."""
    live, attempt, stands = going.live, going.open, going.stands
    title = live.version.title
    if attempt and attempt.timing.over(going.now):
        action, url = gettext("See the result"), url_for("attempts.result", attempt_id=attempt.id)
        return Task(title, gettext("The time of this quiz is over."), action, url)
    if attempt:
        action, url = gettext("Go on"), url_for("attempts.sit", attempt_id=attempt.id)
        return Task(title, gettext("You began this quiz and have not handed it in."), action, url)
    if stands is None or stands[1].state == CURRENT:
        return None
    reason = _reason(going, stands[1])
    if going.quiz_next:
        return Task(title, reason, gettext("Go to the quiz"), _quiz(live), live.version.quiz["minutes"])
    return Task(title, reason, gettext("Read the module"), _lesson(live), live.version.minutes)


def _reason(going: Going, now_: Standing) -> str:
    if STATES[now_.state].tone == "none":
        if going.later:
            return f"{gettext('Not passed yet.')} {going.later}"
        if going.sat:
            return gettext("Not passed yet. Read it again, then try once more.")
        return (
            gettext("Read it, then sit its quiz.") if going.unread else gettext("You have read it. Now sit its quiz.")
        )
    until = day(now_.expires) if now_.expires else ""
    reason = (
        gettext("Your status ended on %(day)s. Pass the quiz again.", day=until)
        if now_.state in LAPSED
        else gettext("Your status ends on %(day)s. Pass the quiz again to renew it.", day=until)
    )
    return f"{reason} {going.later}".strip()


@page(learning, "/courses/<course>", may="learn")
def course(session: Session, actor: Actor, now: datetime, course: str) -> ResponseReturnValue:
    modules = catalogue.live_course(session, actor, course)
    mine = readings(session, actor, [modules[0].course.id])
    sits = allows("sit", actor)
    quizzes = {live.module.id: live.version.quiz for live in modules} if sits else {}
    sat = attempts.recent(session, actor, quizzes) if sits else {}
    held = standings(session, actor, now) if sits else {}
    rows = [_module_row(Going(live, mine, sat.get(live.module.id, ()), held, now)) for live in modules]
    return render_template(
        "learning/course.html",
        title=modules[0].publication.title,
        signed=modules[0].publication.status == "signed" and all(one.version.sign_off != "none" for one in modules),
        modules=rows,
        notes=[
            {
                "text": one.note,
                "title": one.title,
                "module": one.module_title,
                "url": section_url(course, one.section),
            }
            for one in mine
            if one.note
        ],
        read=sum(row["read"] for row in rows),
        sections=sum(row["sections"] for row in rows),
    )


def _module_row(going: Going) -> dict[str, Any]:
    live, attempt = going.live, going.open
    last = next((one for one in reversed(going.marks) if one.title and one.module_id == live.module.id), None)
    return {
        "title": live.version.title,
        "summary": live.version.summary,
        "minutes": live.version.minutes,
        "questions": live.version.quiz["questions"],
        "read": going.read,
        "sections": len(live.version.sections),
        "url": _lesson(live),
        "quiz": _quiz(live),
        "quiz_next": going.quiz_next,
        "later": going.later,
        "resume": section_url(live.course.name, last.section) if last and going.unread else "",
        "state": _held(*going.stands) if going.stands else None,
        "sitting": url_for("attempts.sit", attempt_id=attempt.id)
        if attempt and not attempt.timing.over(going.now)
        else "",
    }


@page(learning, "/media/<digest>.<ending>", may="learn", cache=gate.KEPT)
def media(session: Session, actor: Actor, now: datetime, digest: str, ending: str) -> ResponseReturnValue:
    kind, content = catalogue.medium(session, actor, digest)
    if KINDS.get(ending) != kind:
        raise NotFound
    return Response(content, mimetype=kind)
