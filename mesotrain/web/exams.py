"""The page of an exam, read before its clock starts; and the rules of an assessment in words."""

from datetime import datetime
from fractions import Fraction
from functools import lru_cache

from flask import render_template, request
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.assessments import CLOSING, FEEDBACK, Kept, cells_of, proved_by, window
from mesotrain.core.attempts import lasting
from mesotrain.core.courses import UNSIGNED, sign_off
from mesotrain.core.grading import percent
from mesotrain.core.plans import AGAIN, safety_of, sections_of
from mesotrain.formats.markup import render
from mesotrain.store import adjustments, catalogue
from mesotrain.web import retakes, steps
from mesotrain.web.links import url_for
from mesotrain.web.words import gettext, html, lang, moment, ngettext

TRIAL = {"noon": "Noon", "tuesday": "Tuesday", "march": "March"}
"""The answers of the trial question, a day of the week among them; it is answered on the page and kept nowhere."""
RIGHT = "tuesday"


def stated(quiz: Kept, zone: str) -> list[str]:
    """What a taker has to know of the rules, beside how many questions and minutes there are."""
    when = window(quiz, zone)
    said = []
    if quiz.get("practice"):
        said.append(gettext("It is practice: it proves nothing, and you can sit it as often as you like."))
    if steps.forward(quiz):
        said.append(gettext("Each question has a page of its own, and you cannot go back to one that you left."))
    elif steps.paged(quiz):
        said.append(gettext("Each question has a page of its own, and you can go back to it."))
    if when.opens:
        said.append(gettext("It opens at %(moment)s.", moment=moment(when.opens)))
    if when.closes:
        said.append(gettext("It closes at %(moment)s.", moment=moment(when.closes)))
        said.append(gettext(CLOSING[when.closing]))
    if points := safety_of(cells_of(quiz)):
        said.append(
            ngettext(
                "It asks about %(count)s safety point: every answer on it must be right.",
                "It asks about %(count)s safety points: every answer on them must be right.",
                len(points),
                count=len(points),
            )
        )
        said.append(
            gettext(
                "If one is not, and your points are enough, it is asked once more, in another way, as soon as you hand "
                "in; there are %(minutes)s minutes for each.",
                minutes=AGAIN,
            )
        )
    if quiz.get("certainty"):
        said.append(gettext("Each question also asks how sure you are. That changes no mark."))
    return [*said, gettext(FEEDBACK[quiz["feedback"]]), *filter(None, [retakes.rule(quiz)])]


def shut(quiz: Kept, now: datetime, zone: str) -> str:
    """Why it cannot be begun now, whoever it is; empty where it can."""
    when = window(quiz, zone)
    if when.opens and when.early(now):
        return gettext("It opens at %(moment)s.", moment=moment(when.opens))
    if when.closes and when.late(now):
        return gettext("It closed at %(moment)s, and can no longer be begun.", moment=moment(when.closes))
    return ""


@lru_cache(maxsize=256)
def _rendered(instructions: str, course: str) -> str:
    """Read once: Markdown costs more than all the rest of the page."""
    return render(instructions, course=course)


def opening(session: Session, actor: Actor, live: catalogue.Live, action: dict[str, str]) -> str:
    """The page on which an exam is begun."""
    quiz = live.version.quiz
    titles = catalogue.rule_titles(session, live.publication.id)
    tried, extra = request.args.get("trial", ""), adjustments.extra_of(session, actor.organisation, actor.person)
    return render_template(
        "exams/opening.html",
        exam={
            "title": live.version.title,
            "summary": live.version.summary,
            "sign_off": sign_off(live.version.sign_off or UNSIGNED),
            "published": live.publication.published_at,
            "url": url_for("reading.lesson", course=live.course.name, module=live.module.name),
            "course": live.publication.title,
            "course_url": url_for("learning.course", course=live.course.name),
            "questions": quiz["questions"],
            "minutes": quiz["minutes"],
            "lasts": lasting(quiz["minutes"], extra),
            "extra": extra,
            "pass_percent": percent(Fraction(quiz["pass_mark"]), Fraction(1)),
            "cuts": window(quiz, actor.organisation_zone).cuts,
        },
        parts=[
            (titles[code], sum(cell.draws for cell in cells_of(quiz) if cell.competency == code))
            for code in proved_by(quiz)
        ],
        safety=sum(safety_of(cells_of(quiz)).values()),
        sections=list(filter(None, sections_of(cells_of(quiz)))),
        rules=stated(quiz, actor.organisation_zone),
        instructions=html(_rendered(quiz.get("instructions", ""), live.course.name)),
        written_in=lang(live.publication.language),
        trial=[(value, gettext(word)) for value, word in TRIAL.items()],
        tried=tried if tried in TRIAL else "",
        right=tried == RIGHT,
        action=action,
    )
