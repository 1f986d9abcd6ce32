"""People mark what the rules of a type cannot: who may, what waits, and the one moment in which an attempt ends."""

from collections import Counter
from datetime import timedelta
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from mesotrain.actions import attempts as actions
from mesotrain.actions import marking, people, practice, privacy
from mesotrain.actions.attempts import IN_MARKING
from mesotrain.core.attempts import DEADLINE, FINISHED, MARKING, SUBMIT
from mesotrain.core.errors import NotFound, Refused
from mesotrain.store import marking as store
from mesotrain.store.attempts import Attempt
from mesotrain.store.competence import Evidence, StandingSpan
from mesotrain.store.copies import copy_of
from mesotrain.store.events import Event
from mesotrain.store.outbox import Mail
from mesotrain.store.people import Merge, Person
from mesotrain.store.practice import pool
from mesotrain.store.unfinished import unfinished
from tests.actions.essays import LESSON, ONE_OF_THEM, TWO_OF_THEM, Written, educator, publish, write
from tests.actions.taking import records, together
from tests.world import World


def proof(written: Written) -> list[Any]:
    with written.world.session() as session:
        return list(session.scalars(select(Evidence).filter_by(attempt_id=written.attempt)))


def kinds(world: World) -> Counter[str]:
    with world.session() as session:
        return records(session)[1]


def marked(written: Written, one: Any, other: Any) -> None:
    """Everything gets all of its points."""
    written.mark(one, ONE_OF_THEM, 2, 2)
    written.mark(one, TWO_OF_THEM, 3, 1)
    written.mark(other, TWO_OF_THEM, 3, 1)


def test_an_attempt_waits_without_score_evidence_or_status_until_the_last_mark_is_in(world: World) -> None:
    publish(world)
    one, other = world.actor("educator"), educator(world, "second")
    written = write(world)
    handed_in = world.clock()
    for mark in (
        lambda: None,
        lambda: written.mark(one, ONE_OF_THEM, 2, 1.5),
        lambda: written.mark(one, TWO_OF_THEM, 3, 0),
    ):
        mark()
        row = written.row()
        assert (row.state, row.passed, row.score, row.ended_at, row.ended_by) == (
            MARKING, None, None, handed_in, SUBMIT,
        )  # fmt: skip
        assert proof(written) == []
        with world.session() as session:
            assert not session.scalars(select(StandingSpan)).all()
        world.clock.forward(days=3)
    written.mark(other, TWO_OF_THEM, 2, 1)
    row = written.row()
    assert (row.state, row.passed, row.ended_at, row.ended_by) == (FINISHED, True, handed_in, SUBMIT)
    credit = Fraction(7, 2) / 4 + (Fraction(3) + Fraction(3)) / 2 / 4 + 1
    assert (Fraction(row.score["earned"]), row.score["possible"]) == (credit, "3")
    (evidence,) = proof(written)
    assert evidence.day == handed_in.date(), "it counts from the day of the hand-in"
    found = kinds(world)
    assert (found["attempt.handed-in"], found["essay.marked"], found["attempt.finished"]) == (1, 3, 1)


def test_the_deadline_hands_in_as_the_taker_does(world: World) -> None:
    publish(world)
    written = write(world, finish=False)
    world.clock.forward(minutes=30)
    world.do(lambda session: actions.finalise(session, world.clock(), written.attempt))
    row = written.row()
    assert (row.state, row.ended_by, row.ended_at) == (MARKING, DEADLINE, row.deadline)
    world.do(lambda session: actions.finalise(session, world.clock(), written.attempt))
    assert kinds(world)["attempt.handed-in"] == 1


def test_an_essay_that_says_nothing_needs_no_marker(world: World) -> None:
    publish(world)
    written = write(world, stems=())
    assert (written.row().state, written.row().passed) == (FINISHED, False)
    one = world.actor("educator")
    second = write(world, "colleague", stems=[ONE_OF_THEM])
    assert second.waits(one) == [ONE_OF_THEM]
    second.mark(one, ONE_OF_THEM, 2, 2)
    assert second.row().score["earned"] == "2"


@pytest.mark.parametrize("second", ["near", "far"])
def test_two_that_lie_far_apart_need_a_third_who_has_seen_neither(world: World, second: str) -> None:
    publish(world)
    markers = [world.actor("educator"), educator(world, "second"), educator(world, "third")]
    written = write(world, stems=[TWO_OF_THEM])
    written.mark(markers[0], TWO_OF_THEM, 3, 1)
    written.mark(markers[1], TWO_OF_THEM, 2 if second == "near" else 1, 0)
    assert written.row().state == (FINISHED if second == "near" else MARKING)
    if second == "near":
        assert Fraction(written.row().score["earned"]) == 1 + Fraction(3, 4)
        return
    assert [written.waits(one) for one in markers] == [[], [], [TWO_OF_THEM]]
    with world.session() as session:
        assert store.essay(session, markers[2], written.attempt, written.places[TWO_OF_THEM]).given == ()
    written.mark(markers[2], TWO_OF_THEM, 3, 0.5)
    assert Fraction(written.row().score["earned"]) == 1 + Fraction(15, 4) / 4, "the two that lie closest"


def test_nobody_marks_their_own_or_anothers_organisations_or_twice(world: World) -> None:
    publish(world)
    one, other = world.actor("educator"), educator(world, "second")
    stranger = educator(world, "stranger", "Northlight")
    written = write(world)
    taker = world.actor("trainee")
    for who in (stranger, taker):
        assert written.waits(who) == []
        with pytest.raises(NotFound):
            written.mark(who, ONE_OF_THEM, 2, 2)
    written.mark(one, TWO_OF_THEM, 3, 1)
    with pytest.raises(Refused, match="You have marked this answer"):
        written.mark(one, TWO_OF_THEM, 0, 0)
    assert (written.waits(one), written.waits(other)) == ([ONE_OF_THEM], [ONE_OF_THEM, TWO_OF_THEM])
    written.mark(other, ONE_OF_THEM, 1, 1)
    with pytest.raises(Refused, match="needs no further mark"):
        written.mark(one, ONE_OF_THEM, 2, 2)
    with world.session() as session:
        found = store.marks(session, written.attempt)
    assert {place: len(given) for place, given in found.items()} == dict.fromkeys(written.places.values(), 1)


def test_a_marker_with_two_accounts_is_one_marker(world: World) -> None:
    publish(world)
    one, again = world.actor("educator"), educator(world, "again")
    written = write(world)
    written.mark(one, TWO_OF_THEM, 3, 1)
    where = {"organisation_id": one.organisation, "merged_by": world.ids["administrator"], "merged_at": world.clock()}
    world.do(lambda session: session.add(Merge(person_id=one.person, into_id=again.person, **where)))
    assert written.waits(again) == [ONE_OF_THEM]
    with pytest.raises(Refused, match="You have marked this answer"):
        written.mark(again, TWO_OF_THEM, 3, 1)


@pytest.mark.parametrize("points", [(), (2,), (2, 2, 2), (2.5, 0), (-0.5, 0), (0.25, 0), (3, 0)])
def test_only_points_that_there_are_can_be_given(world: World, points: tuple[float, ...]) -> None:
    publish(world)
    written = write(world)
    with pytest.raises(Refused, match="points that it has"):
        written.mark(world.actor("educator"), ONE_OF_THEM, *points)
    with pytest.raises(Refused, match="comment is too long"):
        written.mark(world.actor("educator"), ONE_OF_THEM, 1, 1, comment="x" * 2001)
    assert written.waits(world.actor("educator")) == list(written.places)


def test_nothing_but_an_essay_of_an_attempt_can_be_marked(world: World) -> None:
    publish(world)
    written, open_ = write(world), write(world, "colleague", finish=False)
    one = world.actor("educator")
    other = ({1, 2, 3} - set(written.places.values())).pop()
    for attempt, place in ((written.attempt, other), (written.attempt, 9), (open_.attempt, open_.places[ONE_OF_THEM])):
        with pytest.raises(NotFound):
            world.do(lambda session, a=attempt, p=place: marking.mark(session, one, world.clock(), a, p, [], ""))


# At the same moment -------------------------------------------------------------------------------------------------


def test_two_last_marks_at_the_same_moment_end_an_attempt_once(world: World) -> None:
    publish(world)
    one, other = world.actor("educator"), educator(world, "second")
    rounds = [write(world, who) for who in ("trainee", "colleague", "elsewhere")]
    for written in rounds:
        written.mark(one, ONE_OF_THEM, 2, 2)
        gave = together(*(partial(written.mark, marker, TWO_OF_THEM, 3, 1) for marker in (one, other)))
        assert gave == [None, None]
        assert (written.row().state, written.row().score["earned"]) == (FINISHED, "3")
    with world.session() as session:
        proofs, found = records(session)
    assert [proofs[written.attempt] for written in rounds] == [1] * len(rounds)
    assert (found["attempt.finished"], found["essay.marked"]) == (len(rounds), 3 * len(rounds))


def test_two_who_mark_what_needs_one_mark_at_the_same_moment_leave_one_mark(world: World) -> None:
    publish(world)
    markers = [world.actor("educator"), educator(world, "second"), educator(world, "third")]
    for who in ("trainee", "colleague"):
        written = write(world, who, stems=[ONE_OF_THEM])
        gave = together(*(partial(written.mark, marker, ONE_OF_THEM, 2, 2) for marker in markers))
        assert sorted(isinstance(one, Refused) for one in gave) == [False, True, True], gave
        with world.session() as session:
            assert len(store.marks(session, written.attempt)[written.places[ONE_OF_THEM]]) == 1
        assert written.row().state == FINISHED


def test_no_more_marks_are_kept_than_an_answer_needs_while_another_still_waits(world: World) -> None:
    """Nothing ends the attempt then, so that only the lock keeps them apart."""
    publish(world)
    markers = [world.actor("educator"), *(educator(world, name) for name in ("second", "third", "fourth"))]
    for who in ("trainee", "colleague", "elsewhere"):
        written = write(world, who)
        gave = together(*(partial(written.mark, marker, TWO_OF_THEM, 3, 1) for marker in markers))
        assert sorted(isinstance(one, Refused) for one in gave) == [False, False, True, True], gave
        with world.session() as session:
            assert len(store.marks(session, written.attempt)[written.places[TWO_OF_THEM]]) == 2


def test_the_same_marks_sent_twice_at_once_are_kept_once(world: World) -> None:
    publish(world)
    one, written = world.actor("educator"), write(world)
    gave = together(*[lambda: written.mark(one, TWO_OF_THEM, 3, 1)] * 3)
    assert sum(one is None for one in gave) == 1
    assert all(one is None or isinstance(one, Refused) for one in gave), gave
    with world.session() as session:
        assert len(store.marks(session, written.attempt)[written.places[TWO_OF_THEM]]) == 1


# Sitting again, and practice ----------------------------------------------------------------------------------------


def test_the_next_attempt_waits_for_the_result_and_counts_from_the_hand_in(world: World) -> None:
    publish(world, lesson=LESSON.replace("  feedback", "  cool-down: 48 hours\n  feedback"))
    one = world.actor("educator")
    written = write(world, stems=[ONE_OF_THEM], right=False)
    handed_in = world.clock()
    with pytest.raises(Refused) as said:
        write(world)
    assert said.value.sentence == IN_MARKING
    world.clock.forward(hours=47)
    written.mark(one, ONE_OF_THEM, 0, 0)
    assert not written.row().passed
    with pytest.raises(Refused) as said:
        write(world)
    assert said.value.facts["moment"] == handed_in + timedelta(hours=48)
    world.clock.now = handed_in + timedelta(hours=48)
    assert write(world).row().state == MARKING


def test_no_essay_is_practised_and_nothing_that_waits_for_a_result(world: World) -> None:
    publish(world)
    taker, one, other = world.actor("trainee"), world.actor("educator"), educator(world, "second")
    with world.session() as session:
        before = set(pool(session, taker))
    written = write(world)
    with world.session() as session:
        assert set(pool(session, taker)) == before
    marked(written, one, other)
    with world.session() as session:
        new = {question: version for question, version in pool(session, taker).items() if question not in before}
        assert len(new) == 1, "the question with options alone"
        found, _ = practice.next_question(session, taker, world.clock())
    assert found


# What becomes of it -------------------------------------------------------------------------------------------------


def test_a_copy_has_marks_once_they_are_released_and_never_who_gave_them(world: World) -> None:
    publish(world)
    one, other = world.actor("educator"), educator(world, "Second Sight")
    written = write(world)
    written.mark(one, ONE_OF_THEM, 2, 2, comment="COMMENT")

    def copied(person: int) -> Any:
        with world.session() as session:
            return copy_of(session, session.get_one(Person, person))["organisations"][0]  # type: ignore[index, call-overload]

    assert copied(world.ids["trainee"])["marks"] == []
    written.mark(one, TWO_OF_THEM, 3, 1)
    written.mark(other, TWO_OF_THEM, 3, 1)
    theirs = copied(world.ids["trainee"])
    assert [row["marks"]["comment"] for row in theirs["marks"]] == ["COMMENT", "", ""]
    assert [word for word in ("Second Sight", "Edda Educator", "RUBRIC") if word in str(theirs)] == []
    mine = copied(one.person)
    assert [row["marks"]["comment"] for row in mine["marked"]] == ["COMMENT", ""]
    assert "Tess" not in str(mine["marked"])


@pytest.mark.parametrize(("feedback", "seen"), [("never", 0), ("after pass", 0), ("after submit", 1)])
def test_what_a_quiz_never_releases_is_in_no_copy(world: World, feedback: str, seen: int) -> None:
    publish(world, lesson=LESSON.replace("after submit", feedback))
    written = write(world, stems=[ONE_OF_THEM], right=False)
    written.mark(world.actor("educator"), ONE_OF_THEM, 0, 0)
    with world.session() as session:
        copied: Any = copy_of(session, session.get_one(Person, world.ids["trainee"]))
    assert len(copied["organisations"][0]["marks"]) == seen


def test_what_waits_for_a_leaver_is_told_and_goes_on_without_them(world: World) -> None:
    publish(world)
    administrator, one = world.actor("administrator"), world.actor("educator")
    written = write(world)

    def waits(person: int) -> tuple[Any, ...]:
        with world.session() as session:
            found = unfinished(session, administrator, world.clock(), person)
        return list(found.attempts), list(found.marking), found.to_mark

    assert waits(world.ids["trainee"]) == ([], ["Written"], 0)
    assert waits(one.person) == ([], [], 2)
    other = educator(world, "second")
    assert waits(one.person) == ([], [], 0), "another can mark them"
    written.mark(one, TWO_OF_THEM, 3, 1)
    for person in (world.ids["trainee"], one.person):
        world.do(lambda session, p=person: people.end(session, administrator, world.clock(), p))
    assert waits(other.person) == ([], [], 2)
    written.mark(other, ONE_OF_THEM, 2, 2)
    written.mark(other, TWO_OF_THEM, 3, 1)
    assert written.row().score["earned"] == "3", "the mark of who has left counts"


def test_after_an_erasure_no_mark_leads_to_anybody(world: World) -> None:
    publish(world)
    administrator, one = world.actor("administrator"), world.actor("educator")
    written = write(world, stems=[ONE_OF_THEM])
    written.mark(one, ONE_OF_THEM, 2, 2)
    for who in ("trainee", "educator"):
        person = world.ids[who]
        world.do(lambda session, p=person: people.end(session, administrator, world.clock(), p))
        where = (world.ids["Harbour"], person, 6)
        world.do(lambda session, w=where: privacy.erase(session, world.clock(), *w, by=""))
    world.clock.forward(days=6 * 366)
    world.do(lambda session: privacy.finish_due(session, world.clock()))
    with world.session() as session:
        names = set(session.scalars(select(Person.name).where(Person.id.in_([world.ids["trainee"], one.person]))))
        assert names == {"Erased person"}
        assert store.marks(session, written.attempt), "what was given stays, of nobody"


def test_the_database_keeps_a_mark_to_one_for_each_marker_and_a_score_to_what_is_finished(world: World) -> None:
    publish(world)
    one, written = world.actor("educator"), write(world)
    written.mark(one, TWO_OF_THEM, 3, 1)
    place = written.places[TWO_OF_THEM]
    with world.session() as session:
        given = store.marks(session, written.attempt)[place][0]
        with pytest.raises(IntegrityError):
            store.keep(session, one, world.clock(), written.attempt, place, given)
        session.rollback()
        session.get_one(Attempt, written.attempt).state = FINISHED
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_the_result_is_mailed_when_it_is_there_and_not_before(world: World) -> None:
    publish(world)
    written = write(world, stems=[ONE_OF_THEM])

    def told() -> list[str]:
        with world.session() as session:
            return [one for one in session.scalars(select(Event.kind).order_by(Event.position)) if "attempt" in one]

    assert told() == ["attempt.started", "attempt.handed-in"]
    written.mark(world.actor("educator"), ONE_OF_THEM, 2, 2)
    assert told()[-1] == "attempt.finished"
    with world.session() as session:
        assert session.scalars(select(Mail)).all() == []
