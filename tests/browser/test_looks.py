"""How the pages look and what they can be used with, on the demo: axe, widths, fingers, focus, motion, paper.

With MESOTRAIN_SHOTS=FOLDER every page is also kept as pictures: 390 and 1280 px wide, light and dark.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask_migrate import upgrade
from playwright.sync_api import Browser, Page, expect

from mesotrain.actions import (
    assertions,
    assignments,
    certificates,
    drafts,
    invitations,
    observations,
    outsiders,
    people,
    practice,
    privacy,
    programs,
    proposals,
    reading,
    waiting,
)
from mesotrain.actions.courses import Signature, publish
from mesotrain.cli.check import read
from mesotrain.cli.demo import PASSWORD, load_demo
from mesotrain.config import ROOT
from mesotrain.core.access import ADMINISTRATOR, EDUCATOR, MANAGER, TRAINEE, Actor
from mesotrain.core.assertions import REVOKED, SUSPENDED
from mesotrain.core.grading import VERDICTS
from mesotrain.core.questions import question
from mesotrain.core.schemes import Prior
from mesotrain.formats.courses import read_course
from mesotrain.store import drafts as store
from mesotrain.store import logbook, outbox
from mesotrain.store.assertions import Assertion, Concerns
from mesotrain.store.attempts import Attempt
from mesotrain.store.courses import Course
from mesotrain.store.db import db, transact
from mesotrain.store.folders import course_folders, read_folder
from mesotrain.store.people import Clinic, Organisation, Person
from mesotrain.web import create_app, keys
from tests.actions.clearing import SCHEME, with_scheme
from tests.actions.proving import mail
from tests.actions.test_coming import MORE
from tests.browser.conftest import Visit, Visitor, served, signed_in
from tests.world import environment, tiny_course

PHONE, TABLET, LAPTOP, DESK = 390, 768, 1280, 1440
HEIGHT = 900
FINGER = 44
"""Pixels a finger needs."""
NEXT_YEAR = datetime.now(UTC).year + 1

DRAFTED = (
    ("first-minutes/lesson.md", "The adult dose for anaphylaxis is 500 micrograms", "The adult dose is 300 micrograms"),
    ("first-minutes/lesson.md", "Do not begin by hunting for a rash.", "Never begin by hunting for a rash."),
    ("first-minutes/lesson.md", "pass: 80%", "pass: 75%"),
    (
        "first-minutes/lesson.md",
        "This module gives no dose for younger children.",
        "No dose is given for younger children.",
    ),
    ("first-minutes/bank.md", "Raised legs and five more minutes of rest", "Raised legs and ten more minutes of rest"),
)
"""(file, old, new) of a draft; invented, to show what a plan looks like."""

LONG_NAME = "Wilhelminakonstantinopolitanskayabeaumontfitzgeraldsonovichm"
LONG_CLINIC = "The Integrated Aesthetic, Regenerative and Reconstructive Outpatient Clinic of the Northern Harbour " * 2

HEADS = "Name,E-mail address,Role,Clinic\n"
LISTS = {
    "import, faults": f"{HEADS[:-1]},Phone\n"
    + "".join(f"{LONG_NAME},{LONG_NAME}{at}@example,nurse,{LONG_CLINIC[:110]},\n" for at in range(14)),
    "import, looked at": HEADS
    + f"{LONG_NAME},{LONG_NAME}@example.org,manager,Whole organisation\n{LONG_NAME},{LONG_NAME}@example.org,educator,\n"
    + f"{LONG_NAME},ivo@example.org,educator,\nNora New,ivo2@example.org,educator,\n"
    + "".join(f"Person {at},p{at}@example.org,trainee,Harbour Street\n" for at in range(20)),
}
SHOWN = {"import, faults": "things to correct", "import, looked at": "Who would be invited"}
"""What is sent as a list, and the heading of the page that answers."""

PAGES: dict[str, tuple[str | None, str]] = {
    "sign-in": (None, "/sign-in"),
    "sign-in, refused": (None, "/sign-in"),
    "today, newcomer": ("grace.nwosu", "/"),
    "today, quiz begun": ("tomasz.trainee", "/"),
    "today, nothing to do": ("amara.okafor", "/"),
    "today, renewal": ("bruno.castellanos", "/"),
    "today, assigned": ("elodie.marchand", "/"),
    "today, overdue": ("dmitri.volkov", "/"),
    "today, manager": ("maya.manager", "/"),
    "lesson": ("grace.nwosu", "{lesson}"),
    "lesson, one section": ("grace.nwosu", "/courses/mesotherapy/anatomy?only=anatomy-page"),
    "lesson, read before": ("farida.haidari", "{lesson}?review=1.2"),
    "course, newcomer": ("grace.nwosu", "/courses/mesotherapy"),
    "course": ("farida.haidari", "/courses/mesotherapy"),
    "course, overdue": ("dmitri.volkov", "/courses/mesotherapy"),
    "search": ("grace.nwosu", "/search"),
    "search, found": ("grace.nwosu", "/search?q=adrenaline+dose"),
    "search, nothing": ("grace.nwosu", "/search?q=unicorn"),
    "check": ("grace.nwosu", "{lesson}/checks/1"),
    "practice": ("grace.nwosu", "/practice"),
    "practice, answered": ("farida.haidari", "{practised}"),
    "drafts": ("edith.educator", "/drafts"),
    "drafts, none kept": ("norah.northlight", "/drafts"),
    "draft": ("edith.educator", "{draft}"),
    "draft, to agree": ("silvia.second", "{draft}"),
    "sitting": ("tomasz.trainee", "{sitting}"),
    "hand in": ("tomasz.trainee", "{sitting}/finish"),
    "result, passed": ("amara.okafor", "{passed}/result"),
    "result, not passed": ("dmitri.volkov", "{failed}/result"),
    "team": ("maya.manager", "/team"),
    "team, nobody": ("maya.manager", "/team?q=nobody"),
    "team, expiring": ("maya.manager", "/team?expiring=90&sort=weakest"),
    "assignments": ("maya.manager", "/team/assignments"),
    "assignments, none": ("maya.manager", "/team/assignments?state=later"),
    "assignments, long names": ("long.manager", "/team/assignments"),
    "assign to many": ("maya.manager", "/team/assign?state=not+started"),
    "assign to many, confirm": ("maya.manager", f"/team/assign/confirm?course=mesotherapy&due={NEXT_YEAR}-03-31"),
    "assign to many, nobody": ("maya.manager", "/team/assign?q=nobody"),
    "assign to one": ("maya.manager", "{overdue}/courses"),
    "person": ("maya.manager", "{person}"),
    "person, nothing yet": ("maya.manager", "{newcomer}"),
    "clearance": ("maya.manager", "{cleared}/clearance"),
    "clearance, stopped": ("maya.manager", "{stopped}/clearance"),
    "clearance, no day": ("maya.manager", "{cleared}/clearance?on=x"),
    "clearance, not used": ("long.manager", "{long}/clearance"),
    "clearance, own": ("tomasz.trainee", "/record/clearance"),
    "certificates": ("maya.manager", "{certified}/certificates"),
    "proposal, to decide": ("maya.manager", "{decide}"),
    "proposal, with nobody else": ("maya.manager", "{proposed}"),
    "proposal, from outside": (None, "{second}"),
    "proposal, refused": ("maya.manager", "{refused}"),
    "certificates, for a time": ("maya.manager", "{cleared}/certificates"),
    "certificates, own": ("tomasz.trainee", "/record/certificates"),
    "certificates, to print": ("maya.manager", "{sheet}"),
    "logbook": ("henrik.lindqvist", "/record/logbook"),
    "logbook, empty": ("grace.nwosu", "/record/logbook"),
    "logbook, new": ("tomasz.trainee", "/record/logbook/new"),
    "logbook, nobody to ask": ("long.trainee", "/record/logbook/new"),
    "logbook of a trainee": ("maya.manager", "{cleared}/logbook"),
    "observing": ("ifeoma.adebayo-fitzwilliam", "/observations"),
    "observing, nothing": ("grace.nwosu", "/observations"),
    "observing, new": ("farida.haidari", "/observations/new"),
    "observing, no form": ("grace.nwosu", "/observations/new"),
    "observing, form": ("farida.haidari", "{observing}"),
    "observing, begun": ("farida.haidari", "{observing}/sign"),
    "observing, to sign": ("farida.haidari", "{observed}/sign"),
    "observed": ("amara.okafor", "/record/logbook"),
    "to sign": ("farida.haidari", "/supervision"),
    "to sign, nothing": ("grace.nwosu", "/supervision"),
    "to sign, one": ("farida.haidari", "{asked}"),
    "to sign, by link": (None, "{link}"),
    "clearance of clinics": ("maya.manager", "/clearance"),
    "clearance of a clinic": ("maya.manager", "{used}"),
    "who changes": ("maya.manager", "{used}/changes"),
    "who changes, nothing": ("maya.manager", "{unused}/changes"),
    "stops": ("maya.manager", "/stops"),
    "stop": ("maya.manager", "{recall}"),
    "stop, to read": ("henrik.lindqvist", "{recall}"),
    "statuses of a day": ("maya.manager", "/team/statuses"),
    "statuses of a day, nobody": ("maya.manager", "/team/statuses?q=nobody"),
    "who is cleared": ("maya.manager", "{used}/people"),
    "who is cleared, nobody": ("maya.manager", "{used}/people?q=nobody"),
    "programs": ("ada.administrator", "/people/programs"),
    "questions": ("edith.educator", "/questions"),
    "bring": ("edith.educator", "/bring"),
    "take out": ("edith.educator", "/questions/mesotherapy/first-minutes/out"),
    "take out, with losses": ("edith.educator", "/questions/mesotherapy/first-minutes/out/gift"),
    "question, single": ("edith.educator", "{single}"),
    "question, multiple": ("edith.educator", "{multiple}"),
    "question, number": ("edith.educator", "{numeric}"),
    "settings": ("tomasz.trainee", "/account"),
    "settings, password": ("tomasz.trainee", "/account/password"),
    "settings, second factor": ("edith.educator", "/account/second-factor"),
    "settings, no second factor": ("tomasz.trainee", "/account/second-factor"),
    "settings, app": ("tomasz.trainee", "/account/second-factor/app"),
    "confirm": ("tomasz.trainee", "/account/confirm"),
    "forgotten": (None, "/forgotten"),
    "join": (None, "{join}"),
    "join, with an account": ("norah.northlight", "{join_again}"),
    "people": ("ada.administrator", "/people"),
    "people, nobody": ("ada.administrator", "/people?q=nobody"),
    "waiting": ("ada.administrator", "/waiting"),
    "waiting, none so": ("ada.administrator", "/waiting?state=held"),
    "waiting, nothing": ("long.administrator", "/waiting"),
    "invite": ("ada.administrator", "/people/invite"),
    "import": ("ada.administrator", "/people/import"),
    "import, faults": ("ada.administrator", "/people/import"),
    "import, looked at": ("ada.administrator", "/people/import"),
    "clinics": ("ada.administrator", "/clinics"),
    "clinics, none yet": ("long.administrator", "/clinics"),
    "clinic": ("ada.administrator", "{clinic}"),
    "member": ("ada.administrator", "{member}"),
    "record": ("farida.haidari", "/record"),
    "record, nothing yet": ("grace.nwosu", "/record"),
    "record, left": ("chiara.lombardi", "/record"),
    "who has left": ("ada.administrator", "/people/left"),
    "who has left, nobody": ("ada.administrator", "/people/left?q=nobody"),
    "record of a member": ("ada.administrator", "{member}/record"),
    "record of a leaver": ("ada.administrator", "{leaver}/record"),
    "other account": ("ada.administrator", "{member}/merge?q=a"),
    "other account, nobody": ("ada.administrator", "{member}/merge"),
    "merge": ("ada.administrator", "{merge}"),
    "demo desk": (None, "/demo"),
    "components": ("edith.educator", "/components"),
    "not found": ("tomasz.trainee", "/nowhere"),
    "not allowed": ("tomasz.trainee", "/team"),
}
"""Name -> (who, where); a name in braces is an address only the demo knows."""

REFUSED = {
    "sign-in, refused": "status of 422",
    "import, faults": "status of 422",
    "not found": "status of 404",
    "not allowed": "status of 403",
}
"""Pages the browser complains about, and the words it does it with."""

RULES = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]},
}
"""What axe looks for: everything in light, and in dark whatever depends on a colour."""

VERDICTS_OVERLAP = (
    "style.css, .verdicts: “Could not be read” is wider than its column, lies on the next, and widens the page"
)
HEADER = "style.css, .account: a long name pushes the header and with it the page beyond the screen"
TARGETS = (
    "style.css: a link that stands alone is 19 to 24 px tall on a phone, and “Team” and “Next” are 42 and 37 px wide"
)
PLACE = (
    "style.css, .places a[aria-current]: its outline is stronger than that of :focus-visible, so focus does not show"
)


@dataclass(frozen=True)
class Demo:
    """The demo, served: where its pages are and who is signed in with what."""

    address: str
    places: dict[str, str]
    states: dict[str | None, Any]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Demo]:
    """The demo people in a database of their own, one quiz begun, and two people with long names."""
    folder = tmp_path_factory.mktemp("demo")
    settings = environment(f"sqlite:///{folder / 'demo.db'}", folder)
    app = create_app(settings)
    with app.app_context():
        upgrade()
    folders = course_folders(app.config["COURSES"])
    load_demo(app, lambda: [read(one) for one in folders])
    with app.app_context():
        transact(db.session(), lambda: _long_names(db.session(), app.extensions["passwords"].hash(PASSWORD)))
        places = _places(db.session())
        places |= transact(db.session(), lambda: _learnt(db.session()))
        places |= transact(db.session(), lambda: _assigned(db.session()))
        places |= transact(db.session(), lambda: _cleared(db.session()))
        places |= transact(db.session(), lambda: _certified(db.session()))
        places |= transact(db.session(), lambda: _observing(db.session()))
        places |= _asked(db.session())
        places |= transact(db.session(), lambda: _invited(db.session()))
        transact(db.session(), lambda: _mailed(db.session()))
        places |= transact(db.session(), lambda: _drafted(db.session(), read_folder(ROOT / "courses" / "mesotherapy")))
    everybody = {who for who, _ in PAGES.values() if who} | {"long.manager", "long.trainee"}
    states = {None: None} | {who: signed_in(app, f"{who}@example.org", PASSWORD) for who in everybody}
    with served(settings, folder / "server.log") as address:
        places |= _questions(chromium, address, states["edith.educator"])
        places["sitting"] = _begun(chromium, address, states["tomasz.trainee"], places["lesson"])
        yield Demo(address, places, states)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _long_names(session: Any, hashed: str) -> None:
    now = datetime.now(UTC)
    clinic = LONG_CLINIC[:120]
    organisation, clinics = people.create_organisation(session, f"{LONG_NAME} Holdings", "Europe/London", [clinic])
    bare, _ = people.create_organisation(session, f"{LONG_NAME[:-1]} Practice", "Europe/London", [])
    named = f"{LONG_NAME[:-1]}a", "long.administrator@example.org", hashed, b"bare", "en", "Europe/London"
    people.join(session, now, bare, people.create_person(session, *named), [(ADMINISTRATOR, None)])
    for who, role in (("long.manager", MANAGER), ("long.trainee", TRAINEE)):
        name, salt = f"{LONG_NAME[:-1]}{role[0]}", who.encode()
        person = people.create_person(session, name, f"{who}@example.org", hashed, salt, "en", "Europe/London")
        people.join(session, now, organisation, person, [(role, clinics[clinic])])


def _actor(session: Any, who: str, role: str) -> Actor:
    person = session.query(Person).filter_by(email=f"{who}@example.org").one()
    harbour = session.query(Organisation).filter_by(name="Harbour Skin Clinics").one()
    names = person.name, person.commitment, person.zone, "en"
    return Actor(person.id, harbour.id, harbour.name, harbour.zone, *names, {role: frozenset()})


def _learnt(session: Any) -> dict[str, str]:
    """Somebody who has read half of a lesson, with notes, and has practised."""
    reader, now = _actor(session, "farida.haidari", TRAINEE), datetime.now(UTC)
    for section in ("scope", "recognise", "first-actions"):
        reading.mark(session, reader, now, "mesotherapy", "first-minutes", section, read="yes")
    reading.write_note(
        session, reader, now, "mesotherapy", "first-minutes", "recognise", "Ask Amara about the drill.\n\n" * 3
    )
    found, _ = practice.next_question(session, reader, now)
    assert found
    asked = question(found.version.taker, found.key.key)
    wrong = next(fields for fields, credit in asked.examples() if credit == 0 and asked.read(fields).answer is not None)
    return {"practised": f"/practice/{practice.answer(session, reader, now, found.version.id, wrong)}"}


def _assigned(session: Any) -> dict[str, str]:
    """A course that was due for one person, and for another two: one soon, one that was."""
    manager, now = _actor(session, "maya.manager", MANAGER), datetime.now(UTC)
    then = now - timedelta(days=30)
    publish(session, then, tiny_course())
    for who, course, days in (
        ("elodie.marchand", "mesotherapy", 12),
        ("elodie.marchand", "tiny", -3),
        ("dmitri.volkov", "mesotherapy", -9),
    ):
        person = _actor(session, who, TRAINEE).person
        assignments.assign(session, manager, then, course, [person], now.date() + timedelta(days=days))
    return {"overdue": f"/team/{person}"}


def _cleared(session: Any) -> dict[str, str]:
    """A clinic that relies on clearance, whose answers differ; and two keys of other programs."""
    manager, now = _actor(session, "maya.manager", MANAGER), datetime.now(UTC)
    today, clinic = now.date(), session.query(Clinic.id).filter_by(name="Harbour Street").scalar()
    course = session.query(Course.id).filter_by(name="mesotherapy").scalar()
    farida, tomasz = (_actor(session, who, TRAINEE).person for who in ("farida.haidari", "tomasz.trainee"))
    face = Concerns(farida, clinic, course, "face-papules")
    assertions.let_go_on(session, manager, now, face, today + timedelta(days=60), f"Ten years at {LONG_CLINIC}.")
    why = "A patient complained of a bruise. " * 6
    lifted = assertions.stop(session, manager, now, Concerns(farida), [None], why)
    assertions.retract(session, manager, now, lifted, "It was looked into.")
    assertions.stop(session, manager, now, Concerns(tomasz), [None], "A complaint that is looked into.")
    mill = session.query(Clinic.id).filter_by(name="Old Mill").scalar()
    recalled = Concerns(about=f"Polynucleotide {LONG_NAME[:60]}", lot="12B-2027")
    recall = assertions.stop(session, manager, now, recalled, [mill], "The maker recalls it. " * 8)
    number = session.get_one(Assertion, recall).sequence
    _turning(session, manager, farida, clinic)
    administrator = _actor(session, "ada.administrator", ADMINISTRATOR)
    programs.make(session, administrator, now, LONG_NAME[:100], "nonce")
    programs.end(session, administrator, now, programs.make(session, administrator, now, "Booking", "nonce"))
    return {
        "cleared": f"/team/{farida}",
        "stopped": f"/team/{tomasz}",
        "used": f"/clearance/{clinic}",
        "unused": f"/clearance/{mill}",
        "recall": f"/stops/{number}",
    }


def _certified(session: Any) -> dict[str, str]:
    """One who is certified, of whom that was suspended once, and one who is for a time."""
    manager, now = _actor(session, "maya.manager", MANAGER), datetime.now(UTC)
    amara, farida = (_actor(session, who, TRAINEE).person for who in ("amara.okafor", "farida.haidari"))
    course = session.query(Course.id).filter_by(name="mesotherapy").scalar()
    held, lent = (Concerns(one, course=course, about="mesotherapy") for one in (amara, farida))
    why = "A patient complained of a bruise. " * 6
    proposals.let_stand(session, manager, now, proposals.propose(session, manager, now, SUSPENDED, held, why), "")
    number = session.query(Assertion.id).filter_by(person_id=amara, kind=SUSPENDED).scalar()
    certificates.lift(session, manager, now, number, "It was looked into.")
    why = f"Certified at {LONG_CLINIC}; papers to come."
    certificates.lend(session, manager, now, lent, now.date() + timedelta(days=60), why)
    refused, theirs, mine = _proposed(session, manager, held, lent)
    asked = outsiders.ask(session, manager, now, mine, f"{LONG_NAME[:60]}@example.net", "nonce")
    return {
        "certified": f"/team/{amara}",
        "sheet": f"/team/{amara}/certificates/{course}/mesotherapy/sheet",
        "refused": f"/proposals/{refused}",
        "decide": f"/proposals/{theirs}",
        "proposed": f"/proposals/{mine}",
        "second": f"/second/{keys.signed('second', asked, 'nonce')}",
    }


def _proposed(session: Any, manager: Actor, held: Concerns, lent: Concerns) -> Iterator[int]:
    """One that a second person refused, one of that person, and one that waits with nobody to confirm it."""
    now, clinic = datetime.now(UTC), session.query(Clinic.id).filter_by(name="Harbour Street").scalar()
    educator = _actor(session, "edith.educator", EDUCATOR)
    people.change_roles(session, manager, now, educator.person, [(EDUCATOR, None), (MANAGER, clinic)])
    second = replace(educator, roles={MANAGER: frozenset({clinic})})
    number = proposals.propose(session, manager, now, REVOKED, held, "It was not they who sat the exam.")
    proposals.refuse(session, second, now, number, f"It was another, of {LONG_CLINIC}.", "")
    yield number
    yield proposals.propose(session, second, now, SUSPENDED, lent, "The papers did not come. " * 12)
    people.change_roles(session, manager, now, educator.person, [(EDUCATOR, None)])
    yield proposals.propose(session, manager, now, REVOKED, lent, "The papers did not come. " * 12)


def _observing(session: Any) -> dict[str, str]:
    """A form that was begun, and one that could be signed, with a critical step not done and a long note."""
    farida, now = _actor(session, "farida.haidari", TRAINEE), datetime.now(UTC)
    course = session.query(Course.id).filter_by(name="mesotherapy").scalar()
    clinic = session.query(Clinic.id).filter_by(name="Harbour Street").scalar()
    who = _actor(session, "tomasz.trainee", TRAINEE).person
    for key, form, said in (("begun", "anaphylaxis", ["done"]), ("whole", "tray", ["not done"] * 7 + ["1"])):
        observations.begin(session, farida, now, observations.Chosen(who, clinic, course, "face-papules", form), key)
        for part, value in enumerate(said, 1):
            observations.save(session, farida, now, key, part, f"operation {part}", value)
    note = "Slow and careful, and yet the hands were cleaned once alone. " * 9
    observations.save(session, farida, now, "whole", 9, "operation 9", note)
    return {"observing": "/observations/drafts/begun", "observed": "/observations/drafts/whole"}


def _turning(session: Any, manager: Actor, farida: int, clinic: int) -> None:
    """A rule that asks for another document in a month, of a procedure for which somebody goes on for a time."""
    now = datetime.now(UTC)
    prior = (Prior("BAS", 12, "Policy."),)
    publish(session, now, with_scheme(replace(SCHEME, prior=prior)))
    course = session.query(Course.id).filter_by(name="tiny").scalar()
    face = Concerns(farida, clinic, course, "face")
    assertions.offer(session, manager, now, replace(face, person=None))
    assertions.let_go_on(session, manager, now, face, now.date() + timedelta(days=60), "Ten years of it elsewhere.")
    seen = Concerns(farida, course=course, about="register")
    assertions.see_document(session, manager, now, seen, now.date(), None, "Looked up.")
    learnt = Concerns(farida, course=course, about="BAS")
    assertions.recognise(session, manager, now, learnt, now.date() - timedelta(days=90), "The card", LONG_NAME)
    publish(session, now, with_scheme(replace(MORE, begins=now.date() + timedelta(days=30), prior=prior)))


def _asked(session: Any) -> dict[str, str]:
    """A case that waits for a signature, and its mailed link."""
    farida = _actor(session, "farida.haidari", TRAINEE)
    request = logbook.to_sign(session, farida, datetime.now(UTC).date())[0].request
    link = keys.signed("sign", request.id, request.nonce)
    session.rollback()
    return {"asked": f"/supervision/{request.id}", "link": f"/sign/{link}"}


def _invited(session: Any) -> dict[str, str]:
    """Two invitations: to a stranger, and to somebody who has an account elsewhere; and one who has left."""
    now, actor, links = datetime.now(UTC), _actor(session, "ada.administrator", ADMINISTRATOR), {}
    for name, email in (("join", "ivo@example.org"), ("join_again", "norah.northlight@example.org")):
        number = invitations.invite(session, actor, now, email, LONG_NAME, [("educator", None)], "nonce")
        links[name] = "/join/" + keys.signed("join", number, "nonce")
    clinic = session.query(Clinic.id).filter_by(name="Old Mill").scalar()
    leaver = _actor(session, "chiara.lombardi", TRAINEE).person
    people.end(session, actor, now, leaver)
    privacy.hold(session, actor, now, leaver, "A claim of 12 March; ask the legal department before anything goes.")
    member = _actor(session, "silvia.second", EDUCATOR).person
    twin = _actor(session, "ifeoma.adebayo-fitzwilliam", TRAINEE).person
    return links | {
        "clinic": f"/clinics/{clinic}",
        "member": f"/people/{member}",
        "leaver": f"/people/{leaver}",
        "merge": f"/people/{member}/merge/{twin}",
    }


def _mailed(session: Any) -> None:
    """A mail in every state there is."""
    now, person = datetime.now(UTC), _actor(session, "farida.haidari", TRAINEE).person
    for state in outbox.STATES:
        mail(session, now, person, state)
    mail(session, now - timedelta(days=1), person, outbox.SENDING)
    waiting.refused(session, now, mail(session, now, person, outbox.REFUSED), 550)


def _drafted(session: Any, files: dict[str, str | bytes]) -> dict[str, str]:
    """A draft with changes of several kinds, one of them proposed to be called less than it is."""
    for path, old, new in DRAFTED:
        text = files[path]
        assert isinstance(text, str)
        assert old in text
        files[path] = text.replace(old, new, 1)
    maker, now = _actor(session, "edith.educator", EDUCATOR), datetime.now(UTC)
    by = Signature(maker.person, maker.commitment)
    draft = drafts.take(session, now, read_course(files), files, maker=by)
    kept = store.kept_draft(session, maker, draft.id)
    classes = {"first-minutes#adrenaline": "clarifying"}
    drafts.offer(session, now, kept, kept.publication.number, classes, "The other strength is said below.", by)
    return {"draft": f"/drafts/{draft.id}"}


def _places(session: Any) -> dict[str, str]:
    def person(name: str) -> int:
        return int(session.query(Person.id).filter_by(email=f"{name}@example.org").scalar())

    def attempt(name: str) -> str:
        theirs = session.query(Attempt.id).filter_by(person_id=person(name)).order_by(Attempt.id)
        return f"/attempts/{theirs.limit(1).scalar()}"

    return {
        "passed": attempt("amara.okafor"),
        "failed": attempt("dmitri.volkov"),
        "person": f"/team/{person('farida.haidari')}",
        "newcomer": f"/team/{person('grace.nwosu')}",
        "long": f"/team/{person('long.trainee')}",
        "lesson": "/courses/mesotherapy/first-minutes",
    }


def _questions(chromium: Browser, address: str, state: Any) -> dict[str, str]:
    page = chromium.new_page(storage_state=state)
    page.goto(f"{address}/questions")
    page.get_by_role("link", name="First minutes of an emergency").click()
    page.get_by_role("heading", name="First minutes of an emergency").wait_for()
    types = {"single": "Single best answer", "multiple": "Multiple response", "numeric": "Number"}
    lines = page.get_by_role("listitem")
    found = {
        kind: lines.filter(has=page.get_by_text(words, exact=True)).get_by_role("link").first.get_attribute("href")
        for kind, words in types.items()
    }
    page.context.close()
    return {kind: path or "" for kind, path in found.items()}


def _begun(chromium: Browser, address: str, state: Any, lesson: str) -> str:
    """A quiz in the middle: some answered, one flagged, one number that cannot be read."""
    page = chromium.new_page(storage_state=state)
    page.goto(address + lesson)
    page.get_by_role("button", name="Start the quiz").click()
    for radio in page.get_by_role("group").filter(has=page.get_by_role("radio")).all()[:3]:
        radio.get_by_role("radio").nth(1).check()
    page.get_by_label("Flag to look at again").nth(1).check()
    page.get_by_label("Flag to look at again").nth(4).check()
    for number in page.get_by_role("textbox").all()[:1]:
        number.fill("1,500")
    page.get_by_role("button", name="Save answers").click()
    page.wait_for_load_state()
    path = page.url.removeprefix(address)
    page.context.close()
    return path


Open = Callable[..., Page]


@pytest.fixture(scope="module")
def desks(chromium: Browser, demo: Demo) -> Iterator[dict[str | None, Visit]]:
    """A browser for everybody, kept for all these tests: opening one costs more than most of them."""
    opened = {who: chromium.new_context(storage_state=state, locale="en-GB") for who, state in demo.states.items()}
    yield {who: Visit(context, context.new_page(), demo.address) for who, context in opened.items()}
    for context in opened.values():
        context.close()


@pytest.fixture
def look(desks: dict[str | None, Visit], demo: Demo) -> Iterator[Open]:
    """Opens a page of the table, by its name."""
    used: list[Visit] = []

    def open_one(name: str, *, width: int = LAPTOP, motion: str = "reduce") -> Page:
        who, path = PAGES[name]
        visit = desks[who]
        used.append(visit)
        if name in REFUSED:
            visit.pardon(REFUSED[name])
        visit.page.emulate_media(media="screen", color_scheme="light", reduced_motion=motion)  # type: ignore[arg-type]
        resize(visit.page, width)
        page = visit.go(path.format(**demo.places))
        if name == "sign-in, refused":
            page.get_by_label("E-mail address").fill("nobody@example.org")
            page.get_by_role("button", name="Sign in").click()
            page.get_by_role("alert").wait_for()
        if name in LISTS:
            page.get_by_label("Or the list as text").fill(LISTS[name])
            page.get_by_role("button", name="Look at the list").click()
            page.get_by_role("heading", name=SHOWN[name]).wait_for()
        return page

    yield open_one
    faults = [fault for visit in used for fault in visit.judge()]
    assert not faults, "\n".join(faults)


every_page = pytest.mark.parametrize("name", PAGES)


def resize(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": HEIGHT})


def keep(page: Page, name: str, *marks: object) -> None:
    """A picture, where somebody asked for pictures."""
    if folder := os.environ.get("MESOTRAIN_SHOTS"):
        stem = re.sub(r"\W+", "-", name)
        page.screenshot(path=Path(folder) / f"{stem}-{'-'.join(map(str, marks))}.png", full_page=True)


# axe ----------------------------------------------------------------------------------------------------------------


GROUND = (
    "(ground) => { for (const it of document.querySelectorAll('.scroll, .prose table')) it.style.background = ground }"
)


AXE = Axe().axe_script
VIOLATIONS = "async (options) => (await axe.run(options)).violations"
"""All that axe says of what is right takes as long to hand over as to find."""


def barriers(page: Page, scheme: str = "light") -> list[str]:
    """What axe finds, a line for each element; it judges no contrast over the shade at the edge of a table."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE)
    page.evaluate(GROUND, "none")
    found = page.evaluate(VIOLATIONS, RULES[scheme])
    page.evaluate(GROUND, "")
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:160]} {node['failureSummary'][:300]}"
        for rule in found
        for node in rule["nodes"]
    ]


@every_page
def test_axe_finds_nothing_in_light_and_dark_on_a_phone_and_a_laptop(name: str, look: Open) -> None:
    page = look(name, width=PHONE)
    found = {}
    for width in (PHONE, LAPTOP):
        resize(page, width)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            keep(page, name, width, scheme)
            found[width, scheme] = barriers(page, scheme)
    assert not any(found.values()), "\n".join(f"{at}: {line}" for at, lines in found.items() for line in lines)


def test_axe_does_find_a_barrier_control(look: Open) -> None:
    page = look("people")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/static/mark.svg\">')")
    page.evaluate("document.querySelector('tbody td').style.color = '#ccc'")
    found = "\n".join(barriers(page))
    assert "image-alt" in found
    assert "color-contrast" in found


# Width --------------------------------------------------------------------------------------------------------------

BEYOND = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const beyond = [...document.body.querySelectorAll("*")].filter((it) => it.getBoundingClientRect().right > wide + 1);
  return [`the page is ${document.documentElement.scrollWidth} px wide`,
    ...beyond.slice(0, 5).map((it) => it.outerHTML.slice(0, 120))];
}"""

SPILLS = """() => [...document.body.querySelectorAll("*")]
  .filter((it) => it.scrollWidth > it.clientWidth + 1 && it.clientWidth > 1 && !it.closest("svg")
    && getComputedStyle(it).overflowX === "visible" && getComputedStyle(it).display !== "inline")
  .map((it) => `${it.scrollWidth} px in ${it.clientWidth}: ${it.outerHTML.slice(0, 120)}`)"""


LONGEST = (
    """(verdict) => { for (const it of document.querySelectorAll(".verdicts .state")) it.textContent = verdict; }"""
)


def too_wide(page: Page, script: str = BEYOND) -> list[str]:
    found = []
    for width in (PHONE, TABLET, LAPTOP, DESK):
        resize(page, width)
        found += [f"at {width}: {line}" for line in page.evaluate(script)]
    return found


@every_page
def test_no_page_scrolls_sideways(name: str, look: Open) -> None:
    page = look(name)
    page.evaluate(LONGEST, max(VERDICTS.values(), key=len))
    found = too_wide(page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("long.trainee", "/"),
        ("long.trainee", "/account"),
        ("long.trainee", "{lesson}"),
        ("long.manager", "/team"),
        ("long.manager", "{long}"),
    ],
)
def test_long_names_do_not_break_the_layout(who: str, path: str, demo: Demo, visitors: Visitor) -> None:
    visit = visitors(demo.address, storage_state=demo.states[who])
    page = visit.go(path.format(**demo.places))
    expect(page.get_by_text(LONG_NAME[:40]).first).to_be_attached()
    for width in (PHONE, LAPTOP):
        resize(page, width)
        keep(page, f"long names {who} {path.strip('/{}')}", width)
    found = too_wide(page) + too_wide(page, SPILLS)
    assert not found, "\n".join(found)


TALLEST = "(all) => Math.max(...all.map((it) => it.offsetHeight))"


@pytest.mark.parametrize("width", [PHONE, TABLET])
def test_the_header_of_an_administrator_has_two_rows(width: int, look: Open) -> None:
    box = look("people", width=width).get_by_role("banner").bounding_box()
    assert box
    assert box["height"] < 3 * FINGER


def test_a_long_name_leaves_the_header_two_rows_and_is_told_whole(demo: Demo, visitors: Visitor) -> None:
    page = visitors(demo.address, storage_state=demo.states["long.manager"]).go("/team")
    resize(page, PHONE)
    keep(page, "long names header", PHONE)
    box = page.get_by_role("banner").bounding_box()
    assert box
    assert box["height"] < 3 * FINGER
    name = page.get_by_role("banner").get_by_role("link", name="Settings of")
    assert f"{LONG_NAME[:-1]}m" in str(name.get_attribute("title"))


def test_on_a_phone_the_day_of_a_status_stands_under_it(look: Open) -> None:
    page = look("statuses of a day", width=PHONE)
    keep(page, "statuses", PHONE)
    cell = page.get_by_role("cell").filter(has=page.locator(".aside")).first
    state, day = cell.locator(".state").bounding_box(), cell.locator(".aside").bounding_box()
    assert state
    assert day
    assert day["x"] >= state["x"]
    assert day["y"] >= state["y"] + state["height"] - 1


@pytest.mark.parametrize("name", ["people", "waiting", "other account"])
def test_on_a_tablet_an_address_stays_on_one_line(name: str, look: Open) -> None:
    asides = look(name, width=TABLET).get_by_role("rowheader").locator(".aside")
    expect(asides.first).to_be_visible()
    assert asides.evaluate_all(TALLEST) < FINGER - 10


def test_a_page_that_is_too_wide_is_noticed_control(look: Open) -> None:
    page = look("settings")
    page.evaluate("document.querySelector('h1').style.width = '2000px'")
    assert any("2000" in line for line in too_wide(page, SPILLS) + too_wide(page))


# Fingers and keys ---------------------------------------------------------------------------------------------------

SMALL = """(finger) => [...document.querySelectorAll("a, button, summary, select, input:not([type=hidden])")]
  .filter((it) => it.checkVisibility({ visibilityProperty: true }) && !it.matches(".skip"))
  .filter((it) => {
    const around = it.closest("p, li, td, dd, blockquote, figcaption");  // such a link is as tall as its line
    const alone = !around || around.textContent.trim() === it.textContent.trim() || it.closest("nav");
    return !it.matches("a") || alone || getComputedStyle(it).display !== "inline";
  })
  .map((it) => ({ it, label: it.matches("[type=radio], [type=checkbox]") && it.closest("label") }))
  .map(({ it, label }) => ({ it, box: (label || it).getBoundingClientRect() }))
  .filter(({ box }) => box.height < finger - .5 || box.width < finger - .5)
  .map(({ it, box }) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${it.outerHTML.slice(0, 120)}`)"""


@every_page
def test_on_a_phone_whatever_is_touched_is_large_enough(name: str, look: Open) -> None:
    found = look(name, width=PHONE).evaluate(SMALL, FINGER)
    assert not found, "\n".join(found)


def test_on_a_phone_a_question_is_opened_by_a_finger(look: Open) -> None:
    links = look("questions", width=PHONE).locator(".bank > li > a")
    expect(links.first).to_be_visible()
    assert links.evaluate_all("(all) => Math.min(...all.map((it) => it.offsetHeight))") >= FINGER


def test_a_small_target_is_noticed_control(look: Open) -> None:
    page = look("settings", width=PHONE)
    page.evaluate("document.querySelector('main button').style = 'min-height: 0; padding: 0'")
    assert any("button" in line for line in page.evaluate(SMALL, FINGER))


REST = """() => {
  const seen = (it) => [it, it.closest("label")].filter(Boolean).map((one) => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor } = getComputedStyle(one);
    return [outlineStyle === "none" ? "" : outlineStyle + outlineWidth + outlineColor, boxShadow];
  }).join();
  const stop = "a[href], button, summary, select, textarea, input:not([type=hidden]), [tabindex='0']";
  const all = [...document.querySelectorAll(stop)]
    .filter((it) => it.checkVisibility({ visibilityProperty: true }) && !it.matches(":disabled"));
  const groups = new Map(all.filter((it) => it.type === "radio").map((it) => [it.name, it]));
  const more = { date: 3, "datetime-local": 6 };  // day, month, year, hour, minute, half of the day, calendar
  const parts = all.reduce((sum, it) => sum + (more[it.type] || 0), 0);
  const stops = all.filter((it) => it.type !== "radio").length + groups.size + parts;
  const controls = stops - parts;
  window.rest = { seen, before: new Map(all.map((it) => [it, seen(it)])), met: new Set(), controls };
  document.activeElement.blur();
  return stops;
}"""

STOP = """() => {
  const it = document.activeElement;
  if (!rest.before.has(it)) return `${it.outerHTML.slice(0, 120)} is focused, and no control`;
  rest.met.add(it.type === "radio" ? it.name : it);
  const box = it.getBoundingClientRect();
  const bar = document.querySelector(".sitting-bar")?.getBoundingClientRect();
  if (bar && !it.closest(".sitting-bar, .skip") && !it.matches(".skip") && box.top < bar.bottom - 1 && box.bottom > 0)
    return `${it.outerHTML.slice(0, 120)} is focused under the bar`;
  return rest.seen(it) === rest.before.get(it) ? `${it.outerHTML.slice(0, 120)} does not show its focus` : "";
}"""


def unfocused(page: Page) -> list[str]:
    """Tabs through the whole page; gives each stop that does not show it, and how many were never reached."""
    stops = page.evaluate(REST)
    found = []
    for _ in range(stops):
        page.keyboard.press("Tab")
        if said := page.evaluate(STOP):
            found.append(said)
    met = page.evaluate("rest.met.size")
    controls = page.evaluate("rest.controls")
    return found + ([f"Tab reaches {met} of {controls} controls"] if met != controls else [])


@every_page
def test_focus_is_always_seen_and_reaches_everything(name: str, look: Open) -> None:
    found = unfocused(look(name))
    assert not found, "\n".join(found)


def test_a_focus_that_is_not_seen_is_noticed_control(look: Open) -> None:
    page = look("settings")
    page.evaluate("document.querySelector('main button').style.outline = 'none'")
    assert any("does not show" in line for line in unfocused(page))


# Motion and paper ---------------------------------------------------------------------------------------------------

MOVES = """() => [...document.querySelectorAll("*")].filter((it) => {
  const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(it);
  const changes = transitionDuration.split(", ").some((time) => parseFloat(time));
  return changes || animationName !== "none" || scrollBehavior === "smooth";
}).map((it) => it.outerHTML.slice(0, 80))"""

COLOURS = """() => {
  const { color, backgroundColor } = getComputedStyle(document.documentElement);
  return [color, backgroundColor];
}"""


@pytest.mark.parametrize("name", ["sitting", "lesson", "team", "components"])
def test_nothing_moves_for_those_who_ask_for_less_motion(name: str, look: Open) -> None:
    page = look(name, motion="reduce")
    assert page.evaluate(MOVES) == []
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(MOVES), "control: something moves for the others"


def test_on_portrait_paper_a_table_is_no_list(look: Open) -> None:
    page = look("person", width=700)
    head = page.locator(".scroll thead").first
    assert head.is_hidden(), "a list on a screen as narrow"
    page.emulate_media(media="print")
    keep(page, "person", "portrait")
    expect(head).to_be_visible()


A_SHEET = 1046
"""How many pixels wide A4 is on its side, without the margins of a browser."""

MORE_COLUMNS = """more => {
  const rows = [...document.querySelectorAll(".team tr")];
  for (let number = 1; number <= more; number += 1) for (const row of rows) {
    const cell = row.lastElementChild.cloneNode(true), name = `Further competency ${number}`;
    (row.closest("thead") ? cell : cell.querySelector(".column")).textContent = name;
    row.append(cell);
  }
}"""

OFF_PAPER = """() => {
  const cut = [...document.querySelectorAll(".team :is(th, td)")].filter((it) => it.checkVisibility()
    && it.getBoundingClientRect().right > innerWidth);
  const named = new Set([...document.querySelectorAll(".team :is(thead th, .column)")]
    .filter((it) => it.checkVisibility()).map((it) => it.textContent.trim()));
  return [...cut.map((it) => it.textContent.trim()), ...[...document.querySelectorAll(".team thead th ~ th")]
    .map((it) => it.textContent.trim()).filter((name) => !named.has(name))];
}"""


@pytest.mark.parametrize("more", [0, 2, 12])
def test_the_team_is_printed_with_every_column_on_landscape_sheets(more: int, look: Open) -> None:
    page = look("team", width=A_SHEET)
    page.evaluate(MORE_COLUMNS, more)
    page.emulate_media(media="print")
    keep(page, "team", f"paper-{more}")
    assert page.evaluate(OFF_PAPER) == []
    sheets = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(format="A4", prefer_css_page_size=True))
    assert sheets
    assert all(float(width) > float(height) for width, height in sheets)


TORN = """() => [...document.querySelectorAll(".prose :is(th, td)")].flatMap(cell => {
  const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), torn = [];
  while (texts.nextNode()) for (const word of texts.currentNode.data.matchAll(/[\\p{L}\\d.]+/gu)) {
    const range = document.createRange();
    range.setStart(texts.currentNode, word.index);
    range.setEnd(texts.currentNode, word.index + word[0].length);
    if (range.getClientRects().length > 1) torn.push(word[0]);
  }
  return torn;
})"""


def test_no_word_and_no_unit_of_a_table_is_torn_on_a_phone(look: Open) -> None:
    page = look("lesson", width=390)
    assert page.locator(".prose td").count() > 5
    assert page.evaluate(TORN) == []


def test_a_certificate_is_printed_on_one_sheet(look: Open) -> None:
    page = look("certificates, to print", width=794)
    page.emulate_media(media="print")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
    expect(page.get_by_text("confers no authority to practise")).to_be_visible()


def test_a_summary_is_printed_on_one_sheet(look: Open) -> None:
    page = look("lesson, one section", width=794)
    page.emulate_media(media="print")
    sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
    assert sheets == 1
    assert page.locator(".prose a.cite").first.get_attribute("href") == "/courses/mesotherapy/anatomy#ref-B01"


def test_what_one_may_do_about_somebody_is_not_printed(look: Open) -> None:
    page = look("person", width=794)
    action = page.get_by_role("link", name="Assign a course")
    expect(action).to_be_visible()
    page.emulate_media(media="print")
    expect(action).to_be_hidden()


PRINTED = ["lesson", "result, passed", "team", "person", "question, single", "certificates, to print"]


@pytest.mark.parametrize("name", PRINTED)
def test_on_paper_a_page_is_its_content_in_black_on_white(name: str, look: Open) -> None:
    page = look(name, width=794)
    expect(page.get_by_role("navigation").first).to_be_visible()
    page.emulate_media(media="print", color_scheme="dark")
    keep(page, name, "print")
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.get_by_role("banner")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    ink, paper = page.evaluate(COLOURS)
    assert sum(map(int, re.findall(r"\d+", ink)[:3])) < 200
    assert paper == "rgb(255, 255, 255)"
