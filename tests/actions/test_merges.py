"""One person with two accounts: what is kept of them is brought together, and nothing of the past moves."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mesotrain.actions import assignments, merges, people, privacy, reading
from mesotrain.core.competence import CURRENT, standing
from mesotrain.core.errors import NotFound, Refused
from mesotrain.store import competence
from mesotrain.store.attempts import Attempt
from mesotrain.store.competence import Evidence, Withdrawal, spans_of
from mesotrain.store.people import Person
from mesotrain.store.practice import PracticeLog
from mesotrain.store.reading import Reading
from tests.actions.taking import sit, start
from tests.store.filling import practise, rows
from tests.world import World

KEPT, OTHER = "colleague", "trainee"


def merge(world: World, person: str = KEPT, other: str = OTHER) -> None:
    administrator, now = world.actor("administrator"), world.clock()
    world.do(lambda session: merges.merge(session, administrator, now, world.ids[person], world.ids[other]))


def live(world: World) -> int:
    """Both have read, noted, practised and been given a course; the second passed the quiz. Gives the attempt."""
    both = [world.actor(who) for who in (KEPT, OTHER)]
    now, manager, day = world.clock(), world.actor("manager"), world.clock().date()

    def work(session: Session) -> None:
        for number, actor in enumerate(both):
            reading.write_note(session, actor, now, "tiny", "basics", "matters", f"note {number}")
            practise(session, actor, now)
            due = day + timedelta(days=20 - number)
            assignments.assign(session, manager, now, "tiny", [actor.person], due)

    world.do(work)
    attempt: int = sit(world, OTHER).attempt
    world.clock.forward(minutes=5)
    return attempt


def status(world: World, who: str) -> Any:
    with world.session() as session:
        spans = spans_of(session, world.ids["Harbour"], [world.ids[who]])
        return [standing(one, world.clock().date()) for one in spans.values()]


def test_the_record_goes_on_under_the_account_that_stays(world: World) -> None:
    attempt = live(world)
    before = status(world, OTHER)
    assert [one.state for one in before] == [CURRENT]
    assert status(world, KEPT) == []
    merge(world)
    assert status(world, KEPT) == before
    kept, other = world.ids[KEPT], world.ids[OTHER]
    with world.session() as session:
        assert session.get_one(Attempt, attempt).person_id == kept
        assert session.scalar(select(Reading.note).filter_by(person_id=kept)) == "note 0\n\nnote 1"
        assert session.scalars(select(Reading).filter_by(person_id=other)).all() == []
        assert len(session.scalars(select(PracticeLog).filter_by(person_id=kept)).all()) == 1, "the same question, once"
        (competency,) = competence.newest_rules(session)
        for who, held in ((KEPT, before), (OTHER, [])):
            proof = competence.evidence_of(session, world.ids["Harbour"], world.ids[who], [competency])[competency]
            assert bool([one for one in proof if one.withdrawn is None]) == bool(held)


def test_what_was_known_before_stays_known(world: World) -> None:
    """Up to the place in the log where they became one, the evidence is that of the second account."""
    live(world)
    merge(world)
    with world.session() as session:
        old, new = session.scalars(select(Evidence).order_by(Evidence.id)).all()
        withdrawn = session.get_one(Withdrawal, old.id)
    assert (old.person_id, new.person_id) == (world.ids[OTHER], world.ids[KEPT])
    assert old.sequence < withdrawn.sequence == new.sequence
    same = ("organisation_id", "competency_id", "kind", "day", "attempt_id", "rule_version", "rests_on")
    assert [getattr(old, name) for name in same] == [getattr(new, name) for name in same]


def test_the_account_that_goes_has_no_access_and_the_other_its_roles(world: World) -> None:
    browser = world.client("manager")
    merge(world, KEPT, "manager")
    with world.session() as session:
        roles = people.store.held(session, world.ids["Harbour"], world.ids[KEPT])
        assert sorted(roles) == [("manager", world.ids["Quay"]), ("trainee", world.ids["Quay"])]
    assert browser.get("/team").status_code == 403
    assert browser.get("/").headers["Location"] == "/record"


def test_somebody_who_came_back_under_another_address(world: World) -> None:
    live(world)
    administrator, now = world.actor("administrator"), world.clock()
    world.do(lambda session: people.end(session, administrator, now, world.ids[OTHER]))
    merge(world)
    assert [one.state for one in status(world, KEPT)] == [CURRENT]
    page = world.client("administrator").get("/people/left").get_data(as_text=True)
    assert "Tess Trainee" not in page


def test_an_erasure_takes_what_was_merged_with_it(world: World) -> None:
    live(world)
    merge(world)
    harbour, now = world.ids["Harbour"], world.clock()
    administrator = world.actor("administrator")
    world.do(lambda session: people.end(session, administrator, now, world.ids[KEPT]))
    world.do(lambda session: privacy.erase(session, now, harbour, world.ids[KEPT], 0, by=""))
    with world.session() as session:
        everything = str({name: found for name, found in rows(session).items() if name != "events"})
    assert [name for name in ("Colin Colleague", "Tess Trainee", "@example.org'") if name in everything][:2] == [
        "@example.org'"
    ]


def end(world: World, who: str) -> None:
    administrator, now = world.actor("administrator"), world.clock()
    world.do(lambda session: people.end(session, administrator, now, world.ids[who]))


def come_back(world: World, who: str) -> None:
    roles = [("trainee", world.ids["Quay"])]

    def work(session: Session) -> None:
        person = session.get_one(Person, world.ids[who])
        people.join(session, world.clock(), world.ids["Harbour"], person, roles)

    world.do(work)


def erase(world: World, who: str, years: int = 0) -> None:
    where = world.ids["Harbour"], world.ids[who], years
    world.do(lambda session: privacy.erase(session, world.clock(), *where, by=""))


def erased(world: World) -> list[str]:
    with world.session() as session:
        return [who for who in (KEPT, OTHER, "elsewhere") if session.get_one(Person, world.ids[who]).erased_at]


def test_the_second_account_is_held_and_erased_with_the_first_alone(world: World) -> None:
    live(world)
    merge(world)
    administrator, now = world.actor("administrator"), world.clock()
    for act in (privacy.copy_for, partial(privacy.hold, reason="An inquiry")):
        with pytest.raises(Refused, match="goes on under"):
            world.do(lambda session, act=act: act(session, administrator, now, world.ids[OTHER]))
    with pytest.raises(Refused, match="goes on under"):
        erase(world, OTHER)
    end(world, KEPT)
    world.do(lambda session: privacy.hold(session, administrator, now, world.ids[KEPT], "An inquiry"))
    browser, page = world.client("administrator"), f"/people/{world.ids[KEPT]}/record"
    with world.session() as session:
        before = rows(session)
    assert browser.post(f"{page}/erase", page="/people").status_code == 409
    with world.session() as session:
        assert rows(session) == before
    world.do(lambda session: privacy.lift(session, administrator, now, world.ids[KEPT]))
    erase(world, KEPT, 6)
    world.do(lambda session: privacy.hold(session, administrator, now, world.ids[KEPT], "Another"))
    world.clock.forward(days=366 * 6)
    assert world.do(lambda session: privacy.finish_due(session, world.clock())) == 0
    world.do(lambda session: privacy.lift(session, administrator, now, world.ids[KEPT]))
    assert world.do(lambda session: privacy.finish_due(session, world.clock())) == 1
    assert erased(world) == [KEPT, OTHER]


def test_the_wrong_account_was_kept(world: World) -> None:
    """The one that went is asked back, and then the other is made one with it."""
    live(world)
    merge(world)
    come_back(world, OTHER)
    merge(world, OTHER, KEPT)
    assert [one.state for one in status(world, OTHER)] == [CURRENT]
    end(world, OTHER)
    erase(world, OTHER)
    assert erased(world) == [KEPT, OTHER]


def test_three_accounts_become_one_and_are_erased_together(world: World) -> None:
    merge(world, OTHER, "elsewhere")
    merge(world, KEPT, OTHER)
    end(world, KEPT)
    erase(world, KEPT)
    assert erased(world) == [KEPT, OTHER, "elsewhere"]


def test_who_was_erased_here_is_not_invited_to_what_cannot_be_joined(world: World) -> None:
    """They have an account elsewhere, so the address still leads to somebody."""
    cork = [("trainee", world.ids["Cork"])]

    def work(session: Session) -> None:
        person = session.get_one(Person, world.ids[OTHER])
        people.join(session, world.clock(), world.ids["Northlight"], person, cork)

    world.do(work)
    end(world, OTHER)
    erase(world, OTHER)
    browser = world.client("administrator")
    form = {"email": "trainee@example.org", "name": "Tess Trainee", "role": f"trainee.{world.ids['Quay']}"}
    reply = browser.post("/people/invite", form, page="/people/invite")
    assert "was erased" in reply.get_data(as_text=True)
    text = "Name,E-mail address,Role,Clinic\nTess Trainee,trainee@example.org,Trainee clinician,Quay\n"
    assert "was erased" in browser.post("/people/import", {"text": text}, page="/people/import").get_data(as_text=True)


def test_whose_record_goes_on_elsewhere_is_told_where(world: World) -> None:
    merge(world)
    with_other = world.client(OTHER).get("/record").get_data(as_text=True)
    assert "goes on under your account of colleague@example.org" in with_other
    assert "Erase me" not in with_other
    page = world.client("administrator").get(f"/people/{world.ids[OTHER]}/record").get_data(as_text=True)
    assert "goes on under another account" in page


@pytest.mark.parametrize("why", ["sits", "held", "oneself", "elsewhere", "erased", "suspended", "twice"])
def test_a_merge_that_is_refused_changes_nothing(world: World, why: str) -> None:
    live(world)
    administrator, now, other = world.actor("administrator"), world.clock(), world.ids[OTHER]
    match why:
        case "sits":
            start(world, OTHER)
        case "held":
            world.do(lambda session: privacy.hold(session, administrator, now, other, "An inquiry"))
        case "suspended":
            world.do(lambda session: people.suspend(session, administrator, now, other))
        case "twice":
            merge(world, "elsewhere", OTHER)
        case "erased":
            world.do(lambda session: people.end(session, administrator, now, other))
            world.do(lambda session: privacy.erase(session, now, world.ids["Harbour"], other, 6, by=""))
    with world.session() as session:
        before = rows(session)
    who = {"oneself": "administrator", "elsewhere": "other_trainee"}.get(why, OTHER)
    with pytest.raises(NotFound if why == "elsewhere" else Refused):
        merge(world, KEPT, who)
    with world.session() as session:
        assert rows(session) == before


def test_a_form_that_is_sent_twice_makes_one_of_two_once(world: World) -> None:
    live(world)
    merge(world)
    with world.session() as session:
        before = rows(session)
    merge(world)
    with world.session() as session:
        assert rows(session) == before


def test_who_was_suspended_when_they_left_has_left(world: World) -> None:
    live(world)
    administrator, now, other = world.actor("administrator"), world.clock(), world.ids[OTHER]
    browser = world.client(OTHER)
    world.do(lambda session: people.suspend(session, administrator, now, other))
    assert "You are suspended here" in browser.get("/record").get_data(as_text=True)
    world.do(lambda session: people.end(session, administrator, now, other))
    page = world.client(OTHER).get("/record").get_data(as_text=True)
    assert "You are suspended here" not in page
    assert "You left on" in page
    merge(world, KEPT, OTHER)
