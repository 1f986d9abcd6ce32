"""Today, and the lessons."""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from threading import Lock
from typing import Any

from cachetools import LRUCache, cached
from flask import Blueprint, Response, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from markupsafe import Markup
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor, allows
from mesotrain.core.attempts import OPEN, again_at
from mesotrain.core.competence import CURRENT, LAPSED, STATES, Standing, standing
from mesotrain.core.courses import EVIDENCE_KINDS
from mesotrain.core.dates import day_of
from mesotrain.core.errors import NotFound
from mesotrain.core.grading import percent
from mesotrain.formats.media import KINDS
from mesotrain.store import attempts, catalogue, competence
from mesotrain.store.courses import CompetencyRule
from mesotrain.web import gate
from mesotrain.web.gate import page
from mesotrain.web.words import day, gettext, html, moment

learning = Blueprint("learning", __name__)

MOST_TASKS = 3
LESSONS_KEPT = 64


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

    competency: str
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
        }
        for live in modules
    ]
    if not allows("sit", actor):
        return render_template("learning/today.html", tasks=_staff_tasks(actor), standings=[], modules=cards)
    mine = attempts.newest(session, actor, [live.module.id for live in modules])
    held = standings(session, actor, now)
    tasks = [task for live in modules if (task := _task(live, mine.get(live.module.id), held, now))]
    strip = [
        Held(rule.title, rule.title, gettext(STATES[now_.state].label), STATES[now_.state].tone, now_.expires)
        for _, (rule, now_) in sorted(held.items())
    ]
    return render_template("learning/today.html", tasks=tasks[:MOST_TASKS], standings=strip, modules=cards)


def standings(session: Session, actor: Actor, now: datetime) -> dict[int, tuple[CompetencyRule, Standing]]:
    """The actor's standing today in every competency taught, by competency."""
    spans = competence.spans_of(session, actor.organisation, [actor.person])
    on = day_of(now, actor.organisation_zone)
    return {
        competency: (rule, standing(spans.get((actor.person, competency), []), on))
        for competency, _, rule in catalogue.live_competencies(session, actor)
    }


def _lesson(live: catalogue.Live) -> str:
    return url_for("learning.lesson", course=live.course.name, module=live.module.name)


def _staff_tasks(actor: Actor) -> list[Task]:
    tasks = []
    if allows("team", actor):
        reason = gettext("See who holds which competency, and whose status ends soon.")
        tasks.append(Task(gettext("Your team"), reason, gettext("Open the team"), url_for("team.table")))
    if allows("questions", actor):
        reason = gettext("See each question as a taker sees it, and as it was written.")
        tasks.append(Task(gettext("Questions"), reason, gettext("Open the questions"), url_for("questions.bank_list")))
    return tasks


def _task(
    live: catalogue.Live,
    attempt: attempts.Attempt | None,
    held: dict[int, tuple[CompetencyRule, Standing]],
    now: datetime,
) -> Task | None:
    """What a module asks of its reader today, if anything."""
    title, minutes = live.version.title, live.version.minutes
    if attempt and attempt.state == OPEN and attempt.timing.over(now):
        action, url = gettext("See the result"), url_for("attempts.result", attempt_id=attempt.id)
        return Task(title, gettext("The time of this quiz is over."), action, url)
    if attempt and attempt.state == OPEN:
        action, url = gettext("Go on"), url_for("attempts.sit", attempt_id=attempt.id)
        return Task(title, gettext("You began this quiz and have not handed it in."), action, url)
    now_ = held[live.version.competency_id][1]
    if now_.state == CURRENT:
        return None
    if STATES[now_.state].tone == "none":
        reason = (
            gettext("Read it, then sit its quiz.")
            if attempt is None
            else gettext("Not passed yet. Read it again, then try once more.")
        )
    else:
        until = day(now_.expires) if now_.expires else ""
        ended = now_.state in LAPSED
        reason = (
            gettext("Your status ended on %(day)s. Pass the quiz again.", day=until)
            if ended
            else gettext("Your status ends on %(day)s. Pass the quiz again to renew it.", day=until)
        )
    return Task(title, reason, gettext("Read the module"), _lesson(live), minutes)


@page(learning, "/courses/<course>/<module>", may="learn")
def lesson(session: Session, actor: Actor, now: datetime, course: str, module: str) -> ResponseReturnValue:
    live = catalogue.live_module(session, actor, course, module)
    mine = attempts.newest(session, actor, [live.module.id]).get(live.module.id)
    quiz = live.version.quiz
    return render_template(
        "learning/lesson.html",
        module={
            "title": live.version.title,
            "summary": live.version.summary,
            "minutes": live.version.minutes,
            "sign_off": live.version.sign_off not in {"", "none"},
            "competency_title": live.rule.title,
            "published": live.publication.published_at,
        },
        words=words_of(session, live, str(get_locale())),
        quiz={
            "questions": quiz["questions"],
            "pass_percent": percent(Fraction(quiz["pass_mark"]), Fraction(1)),
            "minutes": quiz["minutes"],
            "bank_size": live.bank,
        },
        action=_action(actor, live, mine, now),
    )


@dataclass(frozen=True)
class Words:
    """The rendered text of a lesson."""

    contents: Markup
    body: Markup
    references: Markup


def _same(_session: Session, live: catalogue.Live, locale: str) -> tuple[str, str, str]:
    return live.version.version, live.publication.version, locale


@cached(LRUCache(maxsize=LESSONS_KEPT), key=_same, lock=Lock())
def words_of(session: Session, live: catalogue.Live, locale: str) -> Words:
    """A version never changes, so neither do its words in one language."""
    text = catalogue.text_of(session, live)
    references = [one | {"kind": gettext(EVIDENCE_KINDS[one["kind"]])} for one in text.references]
    sections = [{"name": one.name, "title": one.title, "html": html(one.html)} for one in text.sections]
    made: Any = current_app.jinja_env.get_template("learning/text.html").module
    contents = made.contents(sections, references)
    body = made.body(text.outcomes, sections, contents, live.publication.language)
    return Words(contents, body, made.references(references))


@page(learning, "/media/<digest>.<ending>", may="learn", cache=gate.KEPT)
def media(session: Session, actor: Actor, now: datetime, digest: str, ending: str) -> ResponseReturnValue:
    kind, content = catalogue.medium(session, actor, digest)
    if KINDS.get(ending) != kind:
        raise NotFound
    return Response(content, mimetype=kind)


def _action(actor: Actor, live: catalogue.Live, mine: attempts.Attempt | None, now: datetime) -> dict[str, str]:
    if not allows("sit", actor):
        return {"kind": "none", "note": gettext("Trainees of your organisation sit this quiz.")}
    if mine and mine.state == OPEN and not mine.timing.over(now):
        url = url_for("attempts.sit", attempt_id=mine.id)
        return {"kind": "resume", "text": gettext("Go on with your quiz"), "url": url}
    note = ""
    if mine and mine.ended_at:
        words = (
            gettext("You passed it on %(day)s.")
            if mine.passed
            else gettext("You last sat it on %(day)s and did not pass.")
        )
        note = words % {"day": day(mine.ended_at)}
        again = again_at(mine.ended_at, bool(mine.passed), live.version.quiz.get("cool_down", 0))
        if now < again:
            later = gettext("You can sit it again from %(moment)s.", moment=moment(again))
            return {"kind": "none", "note": f"{note} {later}"}
    url = url_for("attempts.start", course=live.course.name, module=live.module.name)
    return {"kind": "start", "text": gettext("Start the quiz"), "url": url, "note": note}
