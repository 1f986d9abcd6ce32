"""Reading: the lesson, where one is in it, marks and notes of one's own, the way to a section wherever it stands."""

import re
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import partial
from threading import Lock
from typing import Any

from cachetools import LRUCache, cached
from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from markupsafe import Markup
from sqlalchemy.orm import Session

from mesotrain.actions import reading as actions
from mesotrain.core.access import Actor, allows
from mesotrain.core.attempts import MARKING, OPEN
from mesotrain.core.courses import EVIDENCE_KINDS, UNSIGNED, sign_off
from mesotrain.core.errors import NotFound
from mesotrain.core.grading import percent
from mesotrain.formats.markup import words as plain_words
from mesotrain.store import attempts, catalogue, recent
from mesotrain.store import practice as practising
from mesotrain.store.reading import Mark, readings
from mesotrain.web import exams, retakes
from mesotrain.web.gate import act, page
from mesotrain.web.links import url_for
from mesotrain.web.slots import asked
from mesotrain.web.words import day, gettext, html, lang

reading = Blueprint("reading", __name__)

LESSONS_KEPT = 64


def section_url(course: str, section: str, review: str | None = None) -> str:
    """The address that leads to a section wherever it stands; `review` says where a reader comes from."""
    url = url_for("reading.section", course=course, section=section)
    return f"{url}?review={review}" if review else url


@page(reading, "/courses/<course>/<module>", may="learn")
def lesson(session: Session, actor: Actor, now: datetime, course: str, module: str) -> ResponseReturnValue:
    live = catalogue.live_module(session, actor, course, module)
    mine = _attempts(session, actor, live)
    if live.version.quiz.get("exam"):
        return exams.opening(session, actor, live, _action(actor, live, mine, now))
    words = words_of(session, live, str(get_locale()))
    if name := request.args.get("only"):
        return _alone(live, words, name)
    own = {one.section: one for one in readings(session, actor, [live.course.id])}
    quiz = live.version.quiz
    return render_template(
        "reading/lesson.html",
        module={
            "title": live.version.title,
            "summary": live.version.summary,
            "minutes": live.version.minutes,
            "sign_off": sign_off(live.version.sign_off or UNSIGNED),
            "competency_title": live.rule.title,
            "published": live.publication.published_at,
            "url": url_for("reading.lesson", course=course, module=module),
            "language": live.publication.language,
            "course": live.publication.title,
            "course_url": url_for("learning.course", course=live.course.name),
        },
        words=words,
        own=_own(words, own, live.version.minutes),
        back=_review(session, actor, request.args.get("review", "")),
        quiz={
            "questions": quiz["questions"],
            "pass_percent": percent(Fraction(quiz["pass_mark"]), Fraction(1)),
            "minutes": quiz["minutes"],
            "bank_size": live.bank,
            "rules": exams.stated(quiz, actor.organisation_zone),
        },
        action=_action(actor, live, mine, now),
    )


def _alone(live: catalogue.Live, words: "Words", name: str) -> str:
    """One section by itself, as somebody prints it. Raises NotFound for none."""
    part = next((one for one in words.parts if one.name == name), None)
    if part is None:
        raise NotFound
    lesson_url = url_for("reading.lesson", course=live.course.name, module=live.module.name)
    return render_template(
        "reading/alone.html",
        part=part,
        body=part.opening.replace('href="#', Markup('href="{}#').format(lesson_url)),
        title=live.version.title,
        course=live.publication.title,
        language=live.publication.language,
        back=f"{lesson_url}#{name}",
    )


def _attempts(session: Session, actor: Actor, live: catalogue.Live) -> list[recent.Recent]:
    quizzes = {live.module.id: live.version.quiz} if allows("sit", actor) else {}
    return recent.recent(session, actor, quizzes)[live.module.id] if quizzes else []


def _own(words: "Words", mine: dict[str, Mark], minutes: int) -> dict[str, Any]:
    """What of the page is one reader's: what they read, their notes, where they stopped, and what is left."""
    here = [mine[part.name] for part in words.parts if part.name in mine]
    read = {part.name for part in words.parts if part.name in mine and mine[part.name].read_version == part.version}
    last = max(here, key=lambda one: one.reached_at, default=None)
    unread = sum(part.length for part in words.parts if part.name not in read)
    titles = {part.name: part.title for part in words.parts}
    first = words.parts[0].name
    return {
        "body": Markup("").join(_shown(part, mine.get(part.name), words.foot) for part in words.parts),
        "contents": words.contents if not read else words.listed(read),
        "minutes": -(-unread * minutes // (words.length or 1)),
        "last": (last.section, titles[last.section], last.reached_at) if last and last.section != first else None,
    }


def _shown(part: "Part", mine: Mark | None, foot: Callable[..., Markup]) -> Markup:
    """A section with what stands under it for this reader."""
    if mine is None or (mine.read_version is None and not mine.note):
        return part.unread
    if mine.read_version == part.version and not mine.note:
        return part.read
    return part.opening + foot(part.name, part.title, part.version, mine, actions.seen_of(mine.note)) + SECTION_ENDS


SECTION_ENDS = Markup("</section>\n")
_REVIEWED = re.compile(r"([0-9]{1,9})\.([0-9]{1,4})")
_PRACTISED = re.compile(r"practice\.([0-9]{1,9})")


def _review(session: Session, actor: Actor, said: str) -> tuple[str, str] | None:
    """(words, address) of the link back to the reviewed question of their own that a reader comes from."""
    with suppress(NotFound):
        if found := _REVIEWED.fullmatch(said):
            attempts.own(session, actor, int(found[1]))
            url = url_for("attempts.result", attempt_id=int(found[1]), _anchor=f"review-{found[2]}")
            return gettext("Back to question %(n)s of your result", n=found[2]), url
        if found := _PRACTISED.fullmatch(said):
            practising.own(session, actor, int(found[1]))
            return gettext("Back to your answer"), url_for("practice.answered", log_id=int(found[1]))
    return None


@dataclass(frozen=True)
class Part:
    """A section as it is shown: its `opening`, and all of it as long as it is `unread`, or `read` without a note.

    `length` is its words.
    """

    name: str
    version: str
    title: str
    length: int
    opening: Markup
    unread: Markup
    read: Markup


@dataclass(frozen=True)
class Check:
    """A practice question where it stands in a lesson. `key` and `key_shown` wait for an answer."""

    section: str
    title: str
    version: str
    question: int
    shown: dict[str, Any]
    key: dict[str, Any]
    key_shown: dict[str, Any]


@dataclass(frozen=True)
class Words:
    """The rendered text of a lesson; `after` are its abbreviations and references.

    `listed` makes its contents, and `foot` what is under a section, for one reader.
    """

    contents: Markup
    outcomes: Markup
    parts: list[Part]
    after: Markup
    checks: list[Check]
    listed: Callable[[Collection[str]], Markup]
    foot: Callable[..., Markup]

    @property
    def length(self) -> int:
        return sum(part.length for part in self.parts)


def _same(_session: Session, live: catalogue.Live, locale: str) -> tuple[object, ...]:
    return live.course.name, live.module.name, live.version.version, live.publication.version, locale, live.unasked


@cached(LRUCache(maxsize=LESSONS_KEPT), key=_same, lock=Lock())
def words_of(session: Session, live: catalogue.Live, locale: str) -> Words:
    """A version never changes, so neither do its words in one language."""
    text = catalogue.words_of(session, live)
    placed = set[str]()
    made: Any = current_app.jinja_env.get_template("reading/text.html").module
    practice, checks = {one.name: one for one in text.checks}, list[Check]()
    foot = partial(made.foot, url_for("reading.lesson", course=live.course.name, module=live.module.name))
    parts = []
    for one in text.sections:
        body = html(_with_checks(one.name, _placed(one.html, placed), practice, checks, live, made))
        length = len(plain_words(one.html).split())
        opening = made.opening(one.name, one.title, body)
        feet = (foot(one.name, one.title, one.version, mine) for mine in (None, {"read_version": one.version}))
        unread, read = (opening + under + SECTION_ENDS for under in feet)
        parts.append(Part(one.name, one.version, one.title, length, opening, unread, read))
    references = [_reference(one) | {"cited": one["code"] in placed} for one in text.references]
    listed = partial(made.contents, parts, references)
    short = {name: long for one in text.sections for long, name in _SHORT.findall(one.html)}
    after = made.abbreviations(sorted((Markup(name), Markup(long)) for name, long in short.items()))  # noqa: S704
    after += made.references(references)
    return Words(listed(()), made.outcomes(text.outcomes), parts, after, checks, listed, foot)


_CITED = re.compile(r'<a (?=class="cite" href="#ref-(\w+)")')
_SHORT = re.compile(r'<abbr title="([^"]*)">([^<]*)</abbr>')


def _placed(text: str, placed: set[str]) -> str:
    """A section's HTML with a place to come back to at the first citation of each reference; `placed` has those."""

    def put(found: re.Match[str]) -> str:
        if found[1] in placed:
            return found[0]
        placed.add(found[1])
        return f'{found[0]}id="cite-{found[1]}" '

    return _CITED.sub(put, text)


def _reference(one: dict[str, Any]) -> dict[str, Any]:
    kind = EVIDENCE_KINDS[one["kind"]]
    return one | {"kind": gettext(kind), "note": beside(kind, one["note"])}


def beside(kind: str, note: str) -> str:
    """The note of a reference, without what it only repeats of its kind."""
    repeated = r"\W+".join(re.findall(r"\w+", kind))
    return re.sub(rf"\A{repeated}\b\W*", "", note, flags=re.IGNORECASE)


_CHECK = re.compile(r'<div class="check">\s*<a href="#check:([a-z0-9-]+)"[^>]*>(.*?)</a>\s*</div>', re.DOTALL)


def _with_checks(
    section: str, text: str, practice: dict[str, catalogue.Check], checks: list[Check], live: catalogue.Live, made: Any
) -> str:
    """The HTML of a section with the questions a reader checks themselves by; they are added to `checks`."""

    def put(found: re.Match[str]) -> str:
        one = practice.get(found[1])
        if one is None:
            return ""
        version, key = one.version, one.key
        title = Markup(found[2]).striptags()  # noqa: S704 (tags are taken off)
        found_in = (section, title, version.version, version.question_id)
        checks.append(Check(*found_in, version.shown, key.key, key.shown))
        view = asked(len(checks), version.version, lang(live.publication.language), "", version.shown, {})
        action = url_for("practice.check", course=live.course.name, module=live.module.name, number=len(checks))
        return str(made.check(view, title, action, version.version[:12]))

    return _CHECK.sub(put, text) if "#check:" in text else text


def _action(actor: Actor, live: catalogue.Live, mine: Sequence[recent.Recent], now: datetime) -> dict[str, str]:
    exam = live.version.quiz.get("exam")
    if not allows("sit", actor):
        return {"kind": "none", "note": gettext("Trainees of your organisation sit this.")}
    last = mine[0] if mine else None
    if last and last.state == OPEN and not last.timing.over(now):
        url = url_for("attempts.take_over", attempt_id=last.id)
        return {
            "kind": "resume",
            "text": gettext("Go on with your exam") if exam else gettext("Go on with your quiz"),
            "url": url,
        }
    note = retakes.waits(mine) if last and last.spared else ""
    if last and last.ended_at and last.state != MARKING:
        words = (
            gettext("You passed it on %(day)s.")
            if last.passed
            else gettext("You last sat it on %(day)s and did not pass.")
        )
        note = words % {"day": day(last.ended_at)}
    later = exams.shut(live.version.quiz, now, actor.organisation_zone) or retakes.later(mine, live.version.quiz, now)
    if later:
        return {"kind": "none", "note": f"{note} {later}".strip()}
    note = f"{note} {retakes.which(mine, live.version.quiz, now)}".strip()
    url = url_for("attempts.start", course=live.course.name, module=live.module.name)
    return {
        "kind": "start",
        "text": gettext("Start the exam") if exam else gettext("Start the quiz"),
        "url": url,
        "note": note,
    }


@page(reading, "/courses/<course>/sections/<section>", may="learn")
def section(session: Session, actor: Actor, now: datetime, course: str, section: str) -> ResponseReturnValue:
    module = catalogue.module_of(session, actor, course, section)
    review = request.args.get("review")
    return redirect(url_for("reading.lesson", course=course, module=module, review=review, _anchor=section))


@act(reading, "/courses/<course>/<module>/place", may="learn")
def place(session: Session, actor: Actor, now: datetime, course: str, module: str) -> ResponseReturnValue:
    actions.reach(session, actor, now, course, module, request.form.get("section", ""))
    return "", 204


@act(reading, "/courses/<course>/<module>/sections/<section>/read", may="learn")
def read(session: Session, actor: Actor, now: datetime, course: str, module: str, section: str) -> ResponseReturnValue:
    _keep_notes(session, actor, now, course, module)
    actions.mark(session, actor, now, course, module, section, request.form.get("read", ""))
    return _back(course, module, section)


@act(reading, "/courses/<course>/<module>/sections/<section>/note", may="learn")
def note(session: Session, actor: Actor, now: datetime, course: str, module: str, section: str) -> ResponseReturnValue:
    actions.reach(session, actor, now, course, module, section)
    _keep_notes(session, actor, now, course, module)
    return _back(course, module, section)


def _keep_notes(session: Session, actor: Actor, now: datetime, course: str, module: str) -> None:
    """Keeps every note on the page that was sent: whoever saves one loses no other."""
    said = {name.removeprefix("note."): text for name, text in request.form.items() if name.startswith("note.")}
    notes = {name: actions.Posted(text, request.form.get(f"seen.{name}", "")) for name, text in said.items()}
    if actions.write_notes(session, actor, now, course, module, notes):
        flash(
            gettext("Another window had changed this note. Both texts are kept in it, the one you saved below."), "soon"
        )


def _back(course: str, module: str, section: str) -> ResponseReturnValue:
    return redirect(url_for("reading.lesson", course=course, module=module, _anchor=f"own-{section}"), 303)
