"""Assigned courses, and the one mail a day that says what is due, ends or has ended: each stage once."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from mesotrain.actions import assertions, assignments, people, reminders
from mesotrain.cli.worker import Worker
from mesotrain.core.errors import NotFound, Refused
from mesotrain.store import assignments as store
from mesotrain.store.letters import letter
from mesotrain.store.outbox import Leaving, Mail
from mesotrain.store.reminders import Reminder, past
from mesotrain.web.letters import compose
from tests.actions.clearing import desk
from tests.actions.taking import sit
from tests.world import World

TODAY = date(2027, 3, 12)


def assign(world: World, by: str = "manager", who: str = "trainee", days: int = 10, course: str = "tiny") -> int:
    actor, due = world.actor(by), world.clock().date() + timedelta(days=days)
    persons = [world.ids[who]]
    return int(world.do(lambda session: assignments.assign(session, actor, world.clock(), course, persons, due)).new)


def due(world: World, who: str = "trainee") -> list[tuple[str, date, int]]:
    with world.session() as session:
        found = store.due_of(session, world.ids["Harbour"], world.ids[who], world.clock().date())
    return [(one.course, one.due_on, one.left) for one in found]


def kept(session: Any) -> set[tuple[int, int, str, int]]:
    rows = session.execute(select(Reminder.person_id, Reminder.about, Reminder.kind, Reminder.stage))
    return {(row[0], row[1], row[2], row[3]) for row in rows}


def told(world: World) -> dict[str, list[tuple[str, str, int]]]:
    """Goes through the organisations; gives who was newly told what: (about, kind, stage)."""
    names = {number: who for who, number in world.ids.items() if who[0].islower()}
    with world.session() as session:
        before, waiting = kept(session), reminders.waiting(session, world.clock())
    for one in waiting:
        world.do(lambda session, one=one: reminders.remind(session, world.clock(), one))
    with world.session() as session:
        after = kept(session) - before
    found: dict[str, list[tuple[str, str, int]]] = {}
    for person, about, kind, stage in sorted(after):
        found.setdefault(names[person], []).append((names[about], kind, stage))
    return found


def written(world: World, who: str) -> str:
    """The last mail that reminded somebody, as it would leave now."""
    person = world.ids[who]
    with world.session() as session:
        query = select(func.max(Reminder.event_position)).where(Reminder.person_id == person)
        leaving = Leaving(1, "reminders", person, session.scalars(query).one(), world.clock(), "reminder.called", {})
        told = letter(session, leaving, world.clock())
    assert told
    return compose(world.app, leaving, told, world.clock()).get_content()


def test_an_assigned_course_is_due_until_it_is_held(world: World) -> None:
    assert due(world) == []
    assert assign(world) == 1
    assert due(world) == [("tiny", TODAY + timedelta(days=10), 1)]
    assert assign(world, days=20) == 0, "a later day, not a second assignment"
    assert due(world) == [("tiny", TODAY + timedelta(days=20), 1)]
    sit(world, "trainee")
    assert due(world) == []
    assert due(world, "colleague") == []


def test_only_a_manager_of_the_clinic_assigns_what_there_is(world: World) -> None:
    for by, who, course in (
        ("manager", "elsewhere", "tiny"),
        ("manager", "other_trainee", "tiny"),
        ("other_manager", "trainee", "tiny"),
        ("manager", "educator", "tiny"),
        ("manager", "trainee", "none"),
    ):
        with pytest.raises(NotFound):
            assign(world, by, who, course=course)
    with pytest.raises(Refused, match="past"):
        assign(world, days=-1)
    assert due(world) == []


def test_a_withdrawn_assignment_is_due_no_more(world: World) -> None:
    assign(world)
    with world.session() as session:
        (number, course, _), *_ = store.open_of(session, world.ids["Harbour"], world.ids["trainee"])
    assert course == "tiny"
    other, manager = world.actor("other_manager"), world.actor("manager")
    with pytest.raises(NotFound):
        world.do(lambda session: assignments.withdraw(session, other, world.clock(), number))
    world.do(lambda session: assignments.withdraw(session, manager, world.clock(), number))
    assert due(world) == []


def test_each_stage_is_told_once(world: World) -> None:
    assign(world, days=20)
    assert told(world) == {}
    found = {}
    for day in range(1, 40):
        world.clock.forward(days=1)
        if new := told(world):
            found[day] = new
    assert found == {
        day: {who: [("trainee", "course", stage)] for who in ("trainee", "manager")}
        for day, stage in ((6, 14), (17, 3), (20, 0), (27, -7))
    }


def test_a_status_is_told_of_before_it_ends_and_when_it_has(world: World) -> None:
    """The tiny course gives no days of grace. Looked at every day, so that none of them tells of it but these."""
    sit(world, "trainee")
    began, until = world.clock().date(), date(2029, 3, 12)
    turns = {until - timedelta(days=60): ("ends", 60), until - timedelta(days=14): ("ends", 14), until: ("expired", 0)}
    found = []
    for day in range(1, 901):
        on = began + timedelta(days=day)
        world.clock.forward(days=1)
        found += [(on, who, kind, stage) for who, news in told(world).items() for _, kind, stage in news]
    assert sorted(found) == sorted((on, who, *stage) for on, stage in turns.items() for who in ("trainee", "manager"))


def test_the_day_begins_in_the_morning_of_the_organisation(world: World) -> None:
    world.clock.now = world.clock.now.replace(hour=6, minute=59)
    assert told(world) == {}
    assign(world, days=3)
    world.clock.forward(minutes=1)
    three = [("trainee", "course", 3)]
    assert told(world) == {"trainee": three, "manager": three}
    assert told(world) == {}
    world.clock.forward(hours=23, minutes=59)
    with world.session() as session:
        assert reminders.waiting(session, world.clock()) == []
        world.clock.forward(minutes=1)
        assert len(reminders.waiting(session, world.clock())) == 2


def test_one_mail_holds_everything_new(world: World) -> None:
    assign(world, days=0)
    assign(world, who="colleague", days=0)
    worker = Worker(world.app, world.clock)
    for _ in range(2):
        worker.work()
    with world.session() as session:
        mails = session.scalars(select(Mail).filter_by(kind="reminders")).all()
        told_to = sorted(one.person_id or 0 for one in mails)
    assert told_to == sorted(world.ids[who] for who in ("trainee", "colleague", "manager"))


def test_a_manager_reads_what_is_over_and_then_what_is_ahead(world: World) -> None:
    sit(world, "trainee")
    world.clock.now = world.clock.now.replace(year=2029)
    assign(world, who="colleague", days=3)
    assert told(world)["manager"] == [("trainee", "expired", 0), ("colleague", "course", 3)]
    said = written(world, "manager")
    over, ahead = said.index("People you manage: overdue, or ended."), said.index("People you manage: due soon")
    assert over < said.index("- Tess Trainee: the status in “Basics” expired on 12 Mar 2029.") < ahead
    assert ahead < said.index("- Colin Colleague: the course “A tiny course” is due on 15 Mar 2029.")
    assert "http://localhost/team/assignments\n" in said
    assert "What concerns you" not in said
    own = written(world, "colleague")
    assert own.rstrip().endswith("All that concerns you, and what to do:\nhttp://localhost/")
    assert "manage" not in own


@pytest.mark.parametrize(
    ("kind", "left", "over"),
    [
        ("course", 1, False),
        ("course", 0, False),
        ("course", -1, True),
        ("ends", 1, False),
        ("ends", 0, True),
        ("expired", 0, True),
    ],
)
def test_a_course_may_be_done_on_its_day_and_a_status_has_ended_on_its(kind: str, left: int, over: bool) -> None:
    assert past(kind, TODAY + timedelta(days=left), TODAY) == over


def test_a_leaver_and_a_suspended_manager_are_told_nothing(world: World) -> None:
    assign(world, days=0)
    administrator = world.actor("administrator")
    world.do(lambda session: people.suspend(session, administrator, world.clock(), world.ids["manager"]))
    world.do(lambda session: people.end(session, administrator, world.clock(), world.ids["trainee"]))
    assert told(world) == {}


def test_what_was_said_is_told_of_before_it_ends_to_its_person_and_their_managers(world: World) -> None:
    place = desk(world)
    place.document(until=place.today + timedelta(days=80))
    place.document(until=place.today + timedelta(days=100))
    place.say(
        assertions.let_go_on,
        place.concerns(person=world.ids["colleague"], clinic=world.ids["Quay"]),
        place.today + timedelta(days=50),
        "Ten years of it.",
    )
    told_now = [("colleague", "transition", 60)]
    assert told(world) == {"colleague": told_now, "manager": told_now}
    assert "going on with “Papules of the face” for a time ends before 1 May 2027" in written(world, "colleague")
    world.clock.forward(days=41)
    assert [kind for _, kind, _ in told(world)["manager"]] == ["document", "transition"]
    text = written(world, "trainee")
    assert "counts until before 20 Jun 2027; it is to be seen anew" in text, "the one that ends last"
    world.clock.forward(days=1)
    assert told(world) == {}


def test_what_was_taken_back_or_is_of_a_leaver_is_told_of_no_more(world: World) -> None:
    place = desk(world)
    number = place.document(until=place.today + timedelta(days=50))
    place.say(assertions.retract, number, "A slip.")
    place.appoint()
    world.clock.forward(days=650)
    assert set(told(world)) == {"colleague", "manager"}
    administrator, now = world.actor("administrator"), world.clock()
    world.do(lambda session: people.end(session, administrator, now, world.ids["colleague"]))
    world.clock.forward(days=46)
    assert told(world) == {}


def test_who_asked_for_a_signature_is_told_once_that_nobody_answered(world: World) -> None:
    place = desk(world)
    place.appoint()
    place.log()
    world.clock.forward(days=29)
    assert "trainee" not in told(world)
    world.clock.forward(days=1)
    assert told(world)["trainee"] == [("trainee", "lapsed", 0)]
    assert "nobody answered for a case of yours until 11 Apr 2027" in written(world, "trainee")
    assert all(kind != "lapsed" for kinds in told(world).values() for _, kind, _ in kinds)


def test_what_was_answered_lapses_no_more(world: World) -> None:
    place = desk(world)
    place.appoint()
    request = place.log()
    place.sign(request)
    world.clock.forward(days=40)
    assert "trainee" not in told(world)


def test_a_manager_reads_all_of_one_person_together(world: World) -> None:
    place = desk(world)
    for who, days in (("trainee", 50), ("colleague", 55)):
        place.document(who, until=place.today + timedelta(days=days))
    assign(world)
    assign(world, who="colleague", days=12)
    assert told(world)["manager"]
    lines = [line for line in written(world, "manager").split("\n") if line.startswith("- ")]
    assert [line.split(":")[0] for line in lines] == ["- Colin Colleague"] * 2 + ["- Tess Trainee"] * 2
