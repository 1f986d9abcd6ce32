"""People and clinics to try the service with: their history is made by the same actions a real one is."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import click
import pyotp
from flask import Flask
from sqlalchemy.orm import Session

from mesotrain.actions import assertions, attempts, courses, logbook, observations, people
from mesotrain.cli.check import read
from mesotrain.cli.serve import ready
from mesotrain.core.access import ADMINISTRATOR, AUDITOR, EDUCATOR, MANAGER, TRAINEE, Actor, needs_second
from mesotrain.core.accounts import PASSWORD as TYPED
from mesotrain.core.attempts import seed_of
from mesotrain.core.chance import number
from mesotrain.core.competence import OBSERVED, SUPERVISED
from mesotrain.core.courses import Course
from mesotrain.core.dates import day_of
from mesotrain.core.errors import Refused
from mesotrain.core.logbook import CONFIRMED, NOT_SEEN, RETURNED
from mesotrain.core.observations import DONE, Form
from mesotrain.core.questions import Fields, QuestionType, question
from mesotrain.store import installation, outbox
from mesotrain.store import logbook as cases
from mesotrain.store import observations as seen
from mesotrain.store.assertions import Concerns
from mesotrain.store.db import db, transact
from mesotrain.store.folders import course_folders
from mesotrain.store.installation import is_demo
from mesotrain.store.papers import keyed_slots
from mesotrain.store.people import any_organisation, anybody
from mesotrain.web import create_app, keys
from mesotrain.web.proofs import new_app

PASSWORD = "three calm breaths first"  # noqa: S105 (it is printed for everybody)
PUBLISHED_DAYS_AGO = 800
LONGEST = timedelta(hours=1)
"""How long filling may take on the slowest machine: nobody else is in the database."""

ORGANISATIONS = {
    "Harbour Skin Clinics": ("Europe/London", ["Harbour Street", "Old Mill"]),
    "Northlight Aesthetics": ("Europe/Dublin", ["Northlight Cork"]),
}
"""Organisation -> (zone, clinics)."""


@dataclass(frozen=True)
class Someone:
    """A demo person; `sat` holds (days ago, share of questions answered right in per cent) of their attempts."""

    name: str
    organisation: str
    role: str
    clinic: str | None = None
    sat: list[tuple[int, int]] = field(default_factory=list)

    @property
    def email(self) -> str:
        return self.name.lower().replace(" ", ".") + "@example.org"


HARBOUR, NORTHLIGHT = ORGANISATIONS

PEOPLE = [
    Someone("Tomasz Trainee", HARBOUR, TRAINEE, "Harbour Street"),
    Someone("Maya Manager", HARBOUR, MANAGER),
    Someone("Edith Educator", HARBOUR, EDUCATOR),
    Someone("Noel Northlight", NORTHLIGHT, MANAGER),
    Someone("Silvia Second", HARBOUR, EDUCATOR),
    Someone("Norah Northlight", NORTHLIGHT, EDUCATOR),
    Someone("Ada Administrator", HARBOUR, ADMINISTRATOR),
    Someone("Aldo Auditor", HARBOUR, AUDITOR),
    Someone("Amara Okafor", HARBOUR, TRAINEE, "Harbour Street", [(310, 100)]),
    Someone("Bruno Castellanos", HARBOUR, TRAINEE, "Harbour Street", [(702, 100)]),
    Someone("Chiara Lombardi", HARBOUR, TRAINEE, "Old Mill", [(765, 100)]),
    Someone("Dmitri Volkov", HARBOUR, TRAINEE, "Old Mill", [(9, 50)]),
    Someone("Elodie Marchand", HARBOUR, TRAINEE, "Old Mill", [(33, 40), (31, 92)]),
    Someone("Farida Haidari", HARBOUR, TRAINEE, "Harbour Street", [(690, 100), (12, 100)]),
    Someone("Grace Nwosu", HARBOUR, TRAINEE, "Harbour Street"),
    Someone("Henrik Lindqvist", HARBOUR, TRAINEE, "Old Mill", [(120, 92)]),
    Someone("Ifeoma Adebayo-Fitzwilliam", HARBOUR, TRAINEE, "Harbour Street", [(55, 100)]),
    Someone("Aoife Brennan", NORTHLIGHT, TRAINEE, "Northlight Cork", [(200, 100)]),
    Someone("Cormac Daly", NORTHLIGHT, TRAINEE, "Northlight Cork", [(4, 60)]),
]


WHOLE = "Amara Okafor"
"""Who has sat, shown and done all that the scheme asks for one procedure."""
OBSERVED_DAYS_AGO = 40
"""When they were observed by each form."""
EXAM_DAYS_AGO = 30
"""When they sat the final exam, and were certified."""
SUPERVISORS = "Farida Haidari", "Ifeoma Adebayo-Fitzwilliam"


@dataclass(frozen=True)
class Logged:
    """A case that somebody logged so many days ago, and what was answered, if it was."""

    who: str
    by: str
    role: str
    days: int
    site: str
    answer: str = CONFIRMED
    level: int = 3
    words: str = ""


LOGGED = [
    *(Logged(WHOLE, SUPERVISORS[n % 2], OBSERVED, 70 - n, "Cheeks", level=1) for n in range(3)),
    *(Logged(WHOLE, SUPERVISORS[n % 2], SUPERVISED, 60 - 5 * n, "Cheeks", level=2 + n // 2) for n in range(5)),
    Logged("Henrik Lindqvist", SUPERVISORS[0], OBSERVED, 20, "Forehead", level=1),
    Logged("Henrik Lindqvist", SUPERVISORS[0], SUPERVISED, 12, "Cheeks", level=2, words="Slow and careful."),
    Logged("Henrik Lindqvist", SUPERVISORS[1], SUPERVISED, 8, "Forehead", NOT_SEEN),
    Logged("Tomasz Trainee", SUPERVISORS[0], OBSERVED, 6, "Cheeks", RETURNED, words="Was this on the Monday?"),
    Logged("Tomasz Trainee", SUPERVISORS[0], OBSERVED, 2, "Neck", ""),
    Logged("Henrik Lindqvist", SUPERVISORS[0], SUPERVISED, 1, "Cheeks", ""),
]
"""The logbooks of Harbour: one that is whole, one that is begun, and one of a beginner."""


def load_demo(app: Flask, read: Callable[[], list[Course]]) -> str:
    """Fills the database with the courses that `read` gives, unless somebody is in it; gives what to tell."""
    now, hashed = app.extensions["clock"](), app.extensions["passwords"].hash(PASSWORD)
    with app.app_context():
        session = db.session()
        if not anybody(session) and not any_organisation(session):
            texts = read()
            transact(session, lambda: _fill(session, now, hashed, texts), LONGEST)
        elif not is_demo(session):
            raise Refused("There is a real organisation in this database, so no invented people are added to it.")
    told = [f"    {one.email:36} {one.role:13} {one.organisation}" for one in PEOPLE[:8]]
    desk = f"Their second factors and their mail: {app.config['PUBLIC_URL']}/demo"
    return "\n".join(["Demo people, all with the password: " + PASSWORD, *told, desk])


def _fill(session: Session, now: datetime, hashed: str, texts: list[Course]) -> None:
    began = now - timedelta(days=PUBLISHED_DAYS_AGO)
    installation.make(session, began, demo=True)
    numbers = {}
    for text in texts:
        if published := courses.publish(session, began, text):
            numbers[text.name] = published.course_id
    places = {
        name: people.create_organisation(session, name, zone, clinics)
        for name, (zone, clinics) in ORGANISATIONS.items()
    }
    for text in texts:
        courses.keep(session, text.name, places[HARBOUR][0])
    actors = {}
    for one in PEOPLE:
        organisation, clinics = places[one.organisation]
        zone = ORGANISATIONS[one.organisation][0]
        person = people.create_person(session, one.name, one.email, hashed, secrets.token_bytes(16), "en", zone)
        people.join(session, began, organisation, person, [(one.role, clinics[one.clinic] if one.clinic else None)])
        if needs_second([one.role]):
            session.add(new_app(person.id, "Demo app", pyotp.random_base32(), began, 1))
        actors[one.name] = Actor(
            person.id,
            organisation,
            one.organisation,
            zone,
            one.name,
            person.commitment,
            zone,
            "en",
            {one.role: frozenset({clinics[one.clinic]} if one.clinic else ())},
        )
    if texts:
        taken = max(texts, key=lambda text: len(text.modules))
        of_harbour = list(places[HARBOUR][1].values())
        _offer(session, began, actors["Maya Manager"], taken, numbers[taken.name], of_harbour)
        steps = [*_learning(session, now, actors, taken), *_logging(session, now, actors, taken, numbers[taken.name])]
        for _, step in sorted(steps, key=lambda one: one[0]):
            step()
        _see(session, now, actors, taken, numbers[taken.name])
    outbox.read_everything(session, outbox.LEASE, now)  # history sends no mail


Step = tuple[datetime, Callable[[], object]]
"""Something that somebody did, and when; the log is written in the order of time."""


def _learning(session: Session, now: datetime, actors: Mapping[str, Actor], course: Course) -> Iterator[Step]:
    """Everybody sits what they sat, on the day they did."""
    for place, module in enumerate(one for one in course.modules if not one.quiz.exam):
        for one in PEOPLE:
            for days, share in one.sat:
                if place == 0 or one.name == WHOLE or number(one.name, module.name) % 3:  # not everybody sat everything
                    at = now - timedelta(days=days + 2 * place)
                    yield at, partial(_sit, session, at, actors[one.name], course.name, module.name, share)
    for module in (one for one in course.modules if one.quiz.exam):
        at = now - timedelta(days=EXAM_DAYS_AGO)
        yield at, partial(_sit, session, at, actors[WHOLE], course.name, module.name, 100)


def _logging(
    session: Session, now: datetime, actors: Mapping[str, Actor], course: Course, known_as: int
) -> Iterator[Step]:
    """Two of Harbour may supervise; one is observed; the cases are logged, and signed in the evening of their day."""
    manager = actors["Maya Manager"]
    for at, name in ((now - timedelta(days=80, minutes=place), name) for place, name in enumerate(SUPERVISORS)):
        for one in course.scheme.procedures:
            concerns = Concerns(actors[name].person, course=known_as, about=one.name)
            until = day_of(now, manager.organisation_zone) + timedelta(days=365)
            why = "Has practised for ten years, and supervised elsewhere."
            yield at, partial(assertions.appoint, session, manager, at, concerns, until, why)
    for place, form in enumerate(course.scheme.forms):
        at = now - timedelta(days=OBSERVED_DAYS_AGO, minutes=-place)
        by = actors[SUPERVISORS[place % 2]]
        yield at, partial(_observe, session, at, by, actors[WHOLE], (known_as, course.scheme.procedures[0].name), form)
    for case in LOGGED if course.scheme.procedures else ():
        at = now - timedelta(days=case.days)
        yield at, partial(_log, session, at, actors, case, (known_as, course.scheme.procedures[0].name))


def _log(session: Session, at: datetime, actors: Mapping[str, Actor], one: Logged, procedure: tuple[int, str]) -> None:
    who = actors[one.who]
    (clinic,) = who.roles[TRAINEE]
    day = day_of(at, who.organisation_zone)
    told = logbook.Told(clinic, *procedure, one.role, day, one.site, "")
    by = actors[one.by]
    request = logbook.log(session, who, at, told, by.person, keys.new_nonce())
    if one.answer:
        entry = cases.entry(session, who.organisation, request)
        answer = logbook.Answer(one.answer, one.level, one.words)
        logbook.sign(session, at, entry, who.organisation_zone, answer, TYPED)


def _observe(session: Session, at: datetime, by: Actor, who: Actor, procedure: tuple[int, str], form: Form) -> None:
    """Somebody is observed, who does all of it as well as can be."""
    (clinic,), key = who.roles[TRAINEE], keys.new_nonce()
    observations.begin(session, by, at, observations.Chosen(who.person, clinic, *procedure, form.name), key)
    said = [*(DONE for _ in form.steps), str(len(form.ratings))]
    for part, value in enumerate(said, 1):
        observations.save(session, by, at, key, part, f"demo-{part}", value)
    shown = observations.shown(seen.draft(session, by, key).row)
    observations.sign(session, by, at, key, shown, TYPED, nameless=True)


def _offer(session: Session, at: datetime, manager: Actor, course: Course, known_as: int, clinics: list[int]) -> None:
    """The clinics rely on clearance, and offer every procedure of the course's scheme."""
    for clinic in clinics:
        assertions.use(session, manager, at, clinic, day_of(at, manager.organisation_zone))
        for one in course.scheme.procedures:
            assertions.offer(session, manager, at, Concerns(clinic=clinic, course=known_as, about=one.name))


def _see(session: Session, at: datetime, actors: Mapping[str, Actor], course: Course, known_as: int) -> None:
    """Whoever began the course at the manager's has shown the documents it asks for."""
    manager = actors["Maya Manager"]
    for one in [one for one in PEOPLE if one.sat and one.organisation == HARBOUR]:
        for document in course.scheme.documents:
            concerns = Concerns(actors[one.name].person, course=known_as, about=document.name)
            day = day_of(at, manager.organisation_zone)
            assertions.see_document(session, manager, at, concerns, day, None, "Seen at the desk.")


def _sit(session: Session, at: datetime, actor: Actor, course: str, module: str, share: int) -> None:
    """Sits a quiz from start to end, answering about `share` per cent of it right."""
    seed = f"demo {actor.person} {at:%Y-%m-%d}"
    attempt = attempts.start(session, actor, at, seed, course, module)
    slots = keyed_slots(session, attempt)
    right = round(len(slots) * share / 100)
    for slot in slots:
        asked = question(slot.taker, slot.key).ask(seed_of(seed, slot.position))
        fields = _answer(asked, f"{actor.person} {slot.position}", slot.position <= right)
        moment = at + timedelta(seconds=40 * slot.position)
        attempts.save(session, actor, moment, attempt, 0, slot.position, f"demo-{attempt}-{slot.position}", fields)
    attempts.finish(session, actor, at + timedelta(seconds=40 * len(slots) + 30), attempt)


def _answer(asked: QuestionType, seed: str, right: bool) -> Fields:
    """Fields that earn full credit, or else none."""
    given = [(fields, credit) for fields, credit in asked.examples() if asked.read(fields).answer is not None]
    fit = [fields for fields, credit in given if credit == (1 if right else 0)]
    return fit[number(seed, "answer") % len(fit)] if fit else {}


@click.command()
def demo() -> None:
    """Fills an empty database with a course, clinics and people who have a history."""
    ready(app := create_app())
    click.echo(load_demo(app, lambda: [read(folder) for folder in course_folders(app.config["COURSES"])]))
