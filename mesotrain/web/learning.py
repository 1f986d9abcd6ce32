"""Today, the course page, and the files of figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor, allows
from mesotrain.core.attempts import OPEN
from mesotrain.core.competence import CURRENT, IN_PROGRESS, LAPSED, NOT_STARTED, STATES, Standing
from mesotrain.core.courses import UNSIGNED, sign_off
from mesotrain.core.dates import day_of
from mesotrain.core.errors import NotFound
from mesotrain.core.learning import urgency
from mesotrain.core.reminders import DUE
from mesotrain.formats.media import KINDS
from mesotrain.store import assignments, catalogue, drafts, logbook, marking, observations, recent, reports
from mesotrain.store.learning import Ahead, ahead, ahead_in
from mesotrain.store.reading import Mark, readings
from mesotrain.web import exams, gate, proposals, retakes, stops
from mesotrain.web.gate import page
from mesotrain.web.links import url_for
from mesotrain.web.reading import section_url
from mesotrain.web.words import day, gettext, ngettext

learning = Blueprint("learning", __name__)

MOST_TASKS = 3


@dataclass(frozen=True)
class Task:
    """One thing to do today, and why; `late`: it was due before today."""

    title: str
    reason: str
    action: str
    url: str
    minutes: int | None = None
    late: bool = False
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
    on = day_of(now, actor.organisation_zone)
    modules = ahead(session, actor, on)
    due, sits = _due(modules), allows("sit", actor)
    cards = [_card(one.live, due.get(one.live.course.id) if sits else None, on) for one in modules]
    if not sits:
        return render_template(
            "learning/today.html",
            tasks=[*_safety_tasks(session, actor, now), *_staff_tasks(session, actor, on)][:MOST_TASKS],
            standings=[],
            modules=cards,
        )
    sat = recent.recent(session, actor, {one.live.module.id: one.live.version.quiz for one in modules})
    zone = actor.organisation_zone
    goings = [Going(one, sat[one.live.module.id], now, on, zone, _behind(one, modules)) for one in modules]
    ahead_of_them = (task for going in sorted(goings, key=Going.urgency) if (task := _task(going)))
    others = _signing_tasks(session, actor, on) + _observing_tasks(session, actor)
    tasks = chain(_safety_tasks(session, actor, now), others, ahead_of_them)
    held = {(not one.clears, one.live.course.name, one.live.version.competency_id): _held(one) for one in modules}
    strip = [one for _, one in sorted(held.items())]
    return render_template("learning/today.html", tasks=list(islice(tasks, MOST_TASKS)), standings=strip, modules=cards)


def _due(modules: Iterable[Ahead]) -> dict[int, date]:
    """The day each course is due that is assigned and not done."""
    return {one.live.course.id: one.wanted_by for one in modules if one.wanted_by}


def _behind(one: Ahead, modules: Iterable[Ahead]) -> list[Ahead]:
    """The modules that an exam draws on."""
    named = one.live.version.quiz.get("draws_on", ())
    return [
        other for other in modules if other.live.course.id == one.live.course.id and other.live.module.name in named
    ]


def _card(live: catalogue.Live, due: date | None, on: date) -> dict[str, Any]:
    return {
        "title": live.version.title,
        "summary": live.version.summary,
        "minutes": live.version.minutes,
        "url": _lesson(live),
        "questions": live.version.quiz["questions"],
        "exam": _is_exam(live),
        "course": live.publication.title,
        "course_url": url_for("learning.course", course=live.course.name),
        "due": due,
        "late": due is not None and due < on,
    }


@dataclass(frozen=True)
class Going:
    """How far a reader has come with a module: `sat` are their attempts at its quiz, the newest first.

    `behind` are the modules that an exam draws on.
    """

    ahead: Ahead
    sat: Sequence[recent.Recent]
    now: datetime
    on: date
    zone: str
    behind: Sequence[Ahead] = ()

    @property
    def live(self) -> catalogue.Live:
        return self.ahead.live

    @property
    def unread(self) -> int:
        return len(self.live.version.sections) - self.ahead.read

    @property
    def open(self) -> recent.Recent | None:
        return self.sat[0] if self.sat and self.sat[0].state == OPEN else None

    @property
    def sitting(self) -> recent.Recent | None:
        """The attempt whose time runs."""
        return self.open if self.open and not self.open.timing.over(self.now) else None

    @property
    def later(self) -> str:
        """From when they may sit its quiz, or sit it again; empty where they may now."""
        quiz = self.live.version.quiz
        return exams.shut(quiz, self.now, self.zone) or retakes.later(self.sat, quiz, self.now)

    @property
    def quiz_next(self) -> bool:
        """Whether its quiz is the next thing: they have read it all, or sat it before, and it is not passed."""
        if _is_exam(self.live):
            return self.exam_next
        return self.ahead.standing.state != CURRENT and not self.later and bool(self.sat or not self.unread)

    @property
    def exam_next(self) -> bool:
        """Whether all is read that an exam asks about, something of it is not held, and it may be sat now."""
        quiz, behind = self.live.version.quiz, self.behind
        read = all(one.read == len(one.live.version.sections) for one in behind)
        wanted = not quiz.get("practice") and any(one.standing.state != CURRENT for one in behind)
        return wanted and (read or bool(self.sat)) and not self.later

    @property
    def late(self) -> bool:
        """Whether it was due before today."""
        return self.ahead.wanted_by is not None and self.ahead.wanted_by < self.on

    def urgency(self) -> tuple[int, date]:
        return urgency(self.sitting is not None, self.ahead.wanted_by, self.ahead.standing.state)


def _held(one: Ahead) -> Held:
    state = STATES[one.standing.state]
    return Held(one.live.rule.title, gettext(state.label), state.tone, one.standing.expires)


def _lesson(live: catalogue.Live) -> str:
    return url_for("reading.lesson", course=live.course.name, module=live.module.name)


def _is_exam(live: catalogue.Live) -> bool:
    return bool(live.version.quiz.get("exam"))


def _quiz(live: catalogue.Live) -> str:
    """Where a lesson says what its quiz demands, and lets it begin."""
    return f"{_lesson(live)}#next"


def _staff_tasks(session: Session, actor: Actor, on: date) -> list[Task]:
    tasks = [_draft_task(one) for one in drafts.kept(session, actor) if one.draft] if allows("publish", actor) else []
    if allows("mark", actor) and (count := marking.how_many(session, actor)):
        reason = ngettext(
            "%(count)s answer waits for somebody to mark it.", "%(count)s answers wait for somebody to mark them.",
            count, count=count,
        )  # fmt: skip
        tasks.append(Task(gettext("To mark"), reason, gettext("Mark"), url_for("marking.to_mark")))
    if allows("hold", actor) and (count := reports.how_many(session, actor)):
        reason = ngettext(
            "%(count)s report of a question or a result waits for an answer.",
            "%(count)s reports of questions or results wait for an answer.",
            count, count=count,
        )  # fmt: skip
        tasks.append(Task(gettext("What takers say"), reason, gettext("Answer"), url_for("reports.waiting")))
    if allows("team", actor):
        tasks += _assigned_tasks(session, actor, on)
        reason = gettext("See who holds which competency, and whose status ends soon.")
        tasks.append(Task(gettext("Your team"), reason, gettext("Open the team"), url_for("team.table")))
    if allows("administer", actor):
        reason = gettext("Invite people, and say in which clinic each of them works and as what.")
        tasks.append(Task(gettext("People"), reason, gettext("Open the people"), url_for("people.members")))
    if allows("questions", actor):
        reason = gettext("See each question as a taker sees it, and as it was written.")
        tasks.append(Task(gettext("Questions"), reason, gettext("Open the questions"), url_for("questions.bank_list")))
    return tasks


def _safety_tasks(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """The stops that somebody has yet to acknowledge, if any, and what they can confirm as a second person."""
    found = [
        Task(gettext("Stopped: %(title)s", title=title), why, gettext("Read it"), url_for("stops.one", number=number))
        for number, title, why in stops.to_read(session, actor, now, MOST_TASKS)
    ]
    decides = proposals.to_confirm(session, actor, now)
    return found + [Task(title, why, gettext("Decide"), where) for title, why, where in decides]


def _signing_tasks(session: Session, actor: Actor, on: date) -> list[Task]:
    """The cases of others that somebody is asked to sign, if any."""
    count = logbook.how_many_to_sign(session, actor, on)
    if not count:
        return []
    reason = ngettext(
        "%(count)s case waits for your answer.", "%(count)s cases wait for your answer.", count, count=count
    )
    return [Task(gettext("Cases to sign"), reason, gettext("Open them"), url_for("supervision.queue"))]


def _observing_tasks(session: Session, actor: Actor) -> list[Task]:
    """The forms that somebody has begun and not signed, if any."""
    begun = observations.drafts(session, actor)
    if not begun:
        return []
    reason = gettext("You began to observe %(name)s, and have not signed it.", name=begun[0].trainee)
    return [Task(begun[0].form.title, reason, gettext("Go on"), url_for("observations.desk"))]


def _assigned_tasks(session: Session, actor: Actor, on: date) -> list[Task]:
    """What is assigned to the trainees of whoever sees them and not done, if anything."""
    count, overdue, soon = assignments.how_many(session, assignments.Theirs(actor, on))
    if not count:
        return []
    if overdue:
        reason = ngettext(
            "%(count)s assigned course is overdue.", "%(count)s assigned courses are overdue.", overdue, count=overdue
        )
    elif soon:
        reason = ngettext(
            "%(count)s assigned course is due within %(days)s days.",
            "%(count)s assigned courses are due within %(days)s days.",
            soon, count=soon, days=DUE[0],
        )  # fmt: skip
    else:
        reason = gettext("See which assigned courses are not done yet, and when they are due.")
    title, action = gettext("Open assignments"), gettext("See the assignments")
    return [Task(title, reason, action, url_for("assignments.outstanding"), late=bool(overdue))]


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
    live, attempt, title = going.live, going.open, going.live.version.title
    if going.sitting and attempt:
        begun, url = (
            gettext("You began it and have not handed it in."),
            url_for("attempts.take_over", attempt_id=attempt.id),
        )
        return Task(title, f"{_asked(going)} {begun}".strip(), gettext("Go on"), url, late=going.late, method="post")
    if attempt:
        action, url = gettext("See the result"), url_for("attempts.result", attempt_id=attempt.id)
        reason, minutes = gettext("Its time is over."), None
    elif not going.exam_next if _is_exam(live) else going.ahead.standing.state == CURRENT:
        return None
    elif waits := retakes.waits(going.sat):
        action, url = gettext("See where it stands"), url_for("attempts.result", attempt_id=going.sat[0].id)
        reason, minutes = waits, None
    elif _is_exam(live):
        action, url, minutes = gettext("Go to the exam"), _lesson(live), live.version.quiz["minutes"]
        reason = gettext("You have read what it asks about. Now sit the exam.")
    else:
        quiz = going.quiz_next
        action, url = (gettext("Go to the quiz"), _quiz(live)) if quiz else (gettext("Read the module"), _lesson(live))
        reason, minutes = (
            _reason(going, going.ahead.standing),
            live.version.quiz["minutes"] if quiz else live.version.minutes,
        )
    return Task(title, f"{_asked(going)} {reason}".strip(), action, url, minutes, going.late)


def _asked(going: Going) -> str:
    """Who asks for a module and by when; empty where nobody does."""
    due = going.ahead.wanted_by
    if due is None:
        return ""
    if going.late:
        return gettext("Assigned by your clinic manager. It was due on %(day)s.", day=day(due))
    return gettext("Assigned by your clinic manager, due %(day)s.", day=day(due))


def _reason(going: Going, now_: Standing) -> str:
    if now_.state in {NOT_STARTED, IN_PROGRESS}:
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
    on, sits = day_of(now, actor.organisation_zone), allows("sit", actor)
    modules = ahead_in(session, actor, on, course)
    first = modules[0].live
    mine = readings(session, actor, [first.course.id])
    quizzes = {one.live.module.id: one.live.version.quiz for one in modules} if sits else {}
    sat = recent.recent(session, actor, quizzes) if sits else {}
    goings = [
        Going(one, sat.get(one.live.module.id, ()), now, on, actor.organisation_zone, _behind(one, modules))
        for one in modules
    ]
    rows = [_module_row(going, mine, sits) for going in goings]
    due = _due(modules).get(first.course.id) if sits else None
    return render_template(
        "learning/course.html",
        title=first.publication.title,
        due=due,
        late=due is not None and due < on,
        signed=first.publication.status == "signed"
        and all(sign_off(one.live.version.sign_off or UNSIGNED) for one in modules),
        modules=rows,
        notes=[_note(course, one) for one in mine if one.note],
        read=sum(row["read"] for row in rows),
        sections=sum(row["sections"] for row in rows),
    )


def _note(course: str, one: Mark) -> dict[str, Any]:
    return {"text": one.note, "title": one.title, "module": one.module_title, "url": section_url(course, one.section)}


def _module_row(going: Going, marks: Sequence[Mark], sits: bool) -> dict[str, Any]:
    live = going.live
    last = next((one for one in reversed(marks) if one.title and one.module_id == live.module.id), None)
    return {
        "title": live.version.title,
        "summary": live.version.summary,
        "minutes": live.version.minutes,
        "questions": live.version.quiz["questions"],
        "exam": _is_exam(live),
        "passed": going.sat[0].ended_at if going.sat and going.sat[0].passed else None,
        "read": going.ahead.read,
        "sections": len(live.version.sections),
        "url": _lesson(live),
        "quiz": _quiz(live),
        "quiz_next": sits and going.quiz_next,
        "later": going.later,
        "resume": section_url(live.course.name, last.section) if last and going.unread else "",
        "state": _held(going.ahead) if sits and not _is_exam(live) else None,
        "sitting": url_for("attempts.take_over", attempt_id=going.sitting.id) if going.sitting else "",
    }


@page(learning, "/media/<digest>.<ending>", may="learn", cache=gate.KEPT)
def media(session: Session, actor: Actor, now: datetime, digest: str, ending: str) -> ResponseReturnValue:
    kind, content = catalogue.medium(session, actor, digest)
    if KINDS.get(ending) != kind:
        raise NotFound
    return Response(content, mimetype=kind)
