"""What a manager is shown of people who belong to more than one place, and of evidence that was taken back."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import insert, select

from mesotrain.actions import attempts, people
from mesotrain.core.access import TRAINEE
from mesotrain.store import competence
from mesotrain.store.catalogue import is_newest
from mesotrain.store.competence import Evidence, StandingSpan, Withdrawal
from mesotrain.store.courses import CompetencyRule
from mesotrain.store.events import Said, record
from mesotrain.store.people import Person
from tests.actions.taking import MINUTES, sit, start
from tests.world import World


def seen(world: World, manager: str, person: str) -> str:
    return world.client(manager).get(f"/team/{world.ids[person]}").get_data(as_text=True)


def join(world: World, who: str, organisation: str, clinic: str) -> None:
    def work(session) -> None:  # type: ignore[no-untyped-def]
        person = session.get_one(Person, world.ids[who])
        place = world.ids[organisation]
        if organisation == "Harbour":
            from mesotrain.store.people import Role  # noqa: PLC0415

            session.add(Role(organisation_id=place, person_id=person.id, role=TRAINEE, clinic_id=world.ids[clinic]))
        else:
            people.join(session, world.clock(), place, person, [(TRAINEE, world.ids[clinic])])

    world.do(work)


def test_each_organisation_sees_what_it_recorded_of_a_person_of_two(world: World) -> None:
    join(world, "trainee", "Northlight", "Cork")
    sit(world, "trainee", right=4)
    assert "Quiz passed" in seen(world, "manager", "trainee")
    theirs = seen(world, "other_manager", "trainee")
    assert "Not started" in theirs
    assert "Quiz passed" not in theirs
    there = replace(world.actor("trainee"), organisation=world.ids["Northlight"], organisation_zone="Europe/Dublin")
    now = world.clock()
    attempt = world.do(lambda session: attempts.start(session, there, now, "there", "tiny", "basics"))
    world.do(lambda session: attempts.finish(session, there, now, attempt))
    assert "Quiz not passed" in seen(world, "other_manager", "trainee")
    assert "Quiz not passed" not in seen(world, "manager", "trainee")
    table = world.client("other_manager").get("/team").get_data(as_text=True)
    assert "In progress" in table
    assert 'class="state good"' not in table


def test_a_manager_of_one_clinic_does_not_learn_of_others(world: World) -> None:
    join(world, "trainee", "Harbour", "Mill")
    for page in (seen(world, "manager", "trainee"), world.client("manager").get("/team").get_data(as_text=True)):
        assert "Quay" in page
        assert "Mill" not in page


def test_evidence_is_of_the_day_the_attempt_ended_not_of_the_day_somebody_noticed(world: World) -> None:
    taking = start(world)
    taking.answer(4)
    deadline = taking.row().deadline
    world.clock.forward(days=3, minutes=MINUTES)
    taking.end()
    with world.session() as session:
        assert session.scalars(select(Evidence.day)).all() == [deadline.date()]


def test_why_speaks_of_what_still_counts(world: World) -> None:
    """The newer of two passes is withdrawn: the older one is the reason now."""
    sit(world, "trainee", right=4)
    first = world.clock().date()
    world.clock.forward(days=40)
    sit(world, "trainee", right=4)
    second = world.clock().date()
    assert f"The quiz was passed on {second:%-d %b %Y}." in seen(world, "manager", "trainee")

    def withdraw(session) -> None:  # type: ignore[no-untyped-def]
        newest = session.scalars(select(Evidence).order_by(Evidence.id.desc()).limit(1)).one()
        (sequence,) = record(session, world.clock(), Said("sign-in.opened", None, "", "", {}))
        values = {
            "evidence_id": newest.id,
            "sequence": sequence,
            "withdrawn_by": world.ids["manager"],
            "reason": "a trial",
        }
        session.execute(insert(Withdrawal).values(values))
        rule = competence.rule_of(session.scalars(select(CompetencyRule).where(is_newest(CompetencyRule))).one())
        competence.project(session, newest.organisation_id, newest.person_id, newest.competency_id, rule)
        assert set(session.scalars(select(StandingSpan.up_to))) == {sequence}

    world.do(withdraw)
    page = seen(world, "manager", "trainee")
    assert f"The quiz was passed on {first:%-d %b %Y}." in page
    assert "withdrawn: a trial" in page
    assert (first + timedelta(days=1)) < second
