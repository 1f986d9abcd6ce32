"""The demo's certificate; and what is said of one reaches its holder by mail, through a real mail server."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from mesotrain.actions import certificates, proposals
from mesotrain.cli.check import read
from mesotrain.cli.demo import EXAM_DAYS_AGO, HARBOUR, WHOLE, load_demo
from mesotrain.cli.worker import Worker
from mesotrain.config import ROOT
from mesotrain.core.dates import day_of, months_after
from mesotrain.store import clearance
from mesotrain.store.people import Organisation, Person
from tests.actions.certifying import as_, card, certifies, propose, revoke, second, suspend
from tests.actions.taking import sit
from tests.cli.test_commands import empty_world
from tests.cli.test_worker import Inbox, inbox, posting  # noqa: F401 (fixtures)
from tests.world import Engine, World


def test_the_demo_shows_the_certificate_of_the_real_course(engine: Engine) -> None:
    """Good for 24 months from the final exam, renewed in the last three, a month of grace."""
    with empty_world(engine) as world:
        load_demo(world.app, lambda: [read(ROOT / "courses" / "mesotherapy")])
        with world.session() as session:
            person = session.scalars(select(Person).filter_by(name=WHOLE)).one()
            organisation = session.scalars(select(Organisation).filter_by(name=HARBOUR)).one()
            at = clearance.when(session, world.clock(), None)
            known = clearance.known(session, organisation.id, organisation.zone, [person.id], at)[person.id]
            ((_, one),) = known.certified.items()
            taken = day_of(world.clock() - timedelta(days=EXAM_DAYS_AGO), organisation.zone)
        (issue,) = one.issued
        assert issue.start == issue.rests == taken
        assert (issue.end, issue.opens) == (months_after(taken, 24), months_after(months_after(taken, 24), -3))
        assert issue.lapses == months_after(issue.end, 1)
        assert {len(exam.points) for path in (issue.path, one.newest.renewal) for exam in path.exams} == {20}


def test_a_proposal_is_mailed_to_who_can_confirm_it_and_its_end_to_who_made_it(
    world: World,
    posting: Flask,  # noqa: F811
    inbox: Inbox,  # noqa: F811
) -> None:
    place = certifies(world)
    sit(world, "trainee", right=4)
    place.document()
    other = second(place)
    arrived(posting, inbox, world)
    number = propose(place)
    ((to, subject, text),) = arrived(posting, inbox, world)
    assert (to, subject) == ("educator", "To confirm or refuse: Tess Trainee")
    for words in ("Mona Manager proposes to suspend", "A complaint.", "lapses on 26 Mar 2027", f"/proposals/{number}"):
        assert words in " ".join(text.split())
    as_(place, other, proposals.refuse, number, "It was another.", "")
    ((to, subject, text),) = arrived(posting, inbox, world)
    assert (to, subject) == ("manager", "How your proposal ended: Tess Trainee")
    assert "Edda Educator has refused" in text
    assert "It was another." in text
    as_(place, other, proposals.confirm, propose(place), "")
    told = {to: " ".join(text.split()) for to, _, text in arrived(posting, inbox, world)}
    assert told.keys() == {"manager", "trainee"}, "nobody is asked about what is decided"
    assert "Edda Educator has confirmed what you proposed" in told["manager"]
    assert "Mona Manager, Edda Educator has suspended your certificate" in told["trainee"]


def arrived(posting: Flask, inbox: Inbox, world: World) -> list[tuple[str, str, str]]:  # noqa: F811
    """(to whom, subject, text) of each mail that left since."""
    worker = Worker(posting, world.clock)
    worker.work()
    worker.release()
    found = [(one["To"].partition("@")[0], one["Subject"], one.get_content()) for one in inbox.mails]
    inbox.mails.clear()
    return found


def test_what_is_said_of_a_certificate_is_mailed_to_its_holder(world: World, posting: Flask, inbox: Inbox) -> None:  # noqa: F811
    place = certifies(world)
    sit(world, "trainee", right=4)
    place.document()
    arrived(posting, inbox, world)
    number = suspend(place)
    ((to, subject, text),) = arrived(posting, inbox, world)
    assert (to, subject) == ("trainee", "Your certificate: Certificate in injecting")
    for words in (
        "Dear Tess Trainee,",
        "has suspended your certificate",
        "A complaint.",
        "/record/certificates",
    ):
        assert words in text
    place.say(certificates.lift, number, "Unfounded.")
    ((_, _, text),) = arrived(posting, inbox, world)
    assert "Mona Manager has lifted the suspension" in text
    assert "Unfounded." in text
    assert "A complaint." not in text
    revoke(place)
    place.say(certificates.lend, card(place, "colleague"), place.today + timedelta(days=9), "To come.")
    (_, _, revoked), (to, _, lent) = arrived(posting, inbox, world)
    assert "counts no more. The reason given" in " ".join(revoked.split())
    assert to == "colleague"
    assert "for a time, until before 21 Mar 2027" in " ".join(lent.split())
    world.clock.forward(days=10)
    number = place.say(certificates.lend, card(place, "colleague"), place.today + timedelta(days=9), "To come.")
    place.say(certificates.lift, number, "They did not come.")
    ((_, _, over),) = [one for one in arrived(posting, inbox, world) if "certificate" in one[1]]
    assert "has taken back the certificate" in " ".join(over.split()), "what is over is told as such alone"
