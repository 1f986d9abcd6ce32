"""Safety points of an exam: each is met, or asked once more in another way, and nothing else makes up for it."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import select

from mesotrain.actions import attempts, courses
from mesotrain.core.plans import AGAIN, Cell
from mesotrain.store.attempts import AttemptSlot
from mesotrain.store.competence import Evidence
from mesotrain.store.courses import Question, QuestionVersion
from mesotrain.store.events import Event
from tests.actions import examining
from tests.actions.taking import Taking, together
from tests.world import World

POINT = "stop-now"
PLAN = (Cell("BAS", "judge", 1), Cell("EXT", "apply", 1), Cell("", "", 2, POINT))


def publish(world: World, clusters: int = 4, **rules: object) -> None:
    """The course with an exam that asks two questions of a safety point, of which there are so many."""
    text = examining.course(**{"questions": 4, "plan": PLAN, "pass_mark": Fraction(1, 2), **rules})
    basics, exam = text.modules
    like = next(one for one in basics.questions if one.name == "bas-0001")
    more = tuple(replace(like, name=f"bas-09{number:02}", safety=POINT) for number in range(clusters))
    changed = replace(text, modules=(replace(basics, questions=basics.questions + more), exam))
    world.do(lambda session: courses.publish(session, world.clock(), changed))


def names(world: World, taking: Taking) -> dict[int, str]:
    with world.session() as session:
        rows = session.execute(
            select(AttemptSlot.position, Question.name)
            .join(QuestionVersion, QuestionVersion.id == AttemptSlot.question_version_id)
            .join(Question, Question.id == QuestionVersion.question_id)
            .where(AttemptSlot.attempt_id == taking.attempt)
        )
        return {row.position: row.name for row in rows}


def safe(world: World, taking: Taking) -> list[int]:
    """The places of its safety questions."""
    return sorted(place for place, name in names(world, taking).items() if name.startswith("bas-09"))


def sit(world: World, missed: int) -> Taking:
    """An exam handed in with everything right but so many safety questions."""
    taking = examining.begin(world)
    right, wrong = world.right_answers(taking.attempt), safe(world, taking)[:missed]
    for place in [place for place in right if place not in wrong]:
        taking.save(place, right[place])
    world.clock.now += timedelta(minutes=5)
    taking.finish()
    return taking


def again(world: World, taking: Taking, right: int) -> None:
    """Answers so many of what is asked again, and hands in."""
    answers = world.right_answers(taking.attempt)
    for place in [place for place in sorted(answers) if place > taking.row().handed_in][:right]:
        assert taking.save(place, answers[place])
    taking.finish()


def kinds(world: World, taking: Taking) -> set[str]:
    with world.session() as session:
        return set(session.scalars(select(Evidence.kind).where(Evidence.attempt_id == taking.attempt)))


def test_whoever_answers_all_of_them_right_is_asked_nothing_again(world: World) -> None:
    publish(world)
    row = sit(world, 0).row()
    assert (row.state, row.passed, row.handed_in, row.score["safety"]) == ("finished", True, 0, {POINT: 0})


@pytest.mark.parametrize(("missed", "right", "passed"), [(1, 1, True), (1, 0, False), (2, 2, True), (2, 1, False)])
def test_what_was_missed_is_asked_once_more_and_carries_no_points(
    world: World, missed: int, right: int, passed: bool
) -> None:
    publish(world)
    taking = sit(world, missed)
    row, asked = taking.row(), names(world, taking)
    assert (row.state, row.handed_in, len(asked)) == ("open", 4, 4 + missed)
    assert row.deadline == world.clock() + timedelta(minutes=AGAIN * missed)
    assert {asked[5], asked[4 + missed]}.isdisjoint(asked[place] for place in range(1, 5))
    assert kinds(world, taking) == set()
    again(world, taking, right)
    row = taking.row()
    assert (row.state, row.passed, row.score["passed"]) == ("finished", passed, passed)
    assert row.score["safety"] == {POINT: missed - right}
    assert (row.score["possible"], row.score["earned"]) == ("4", str(4 - missed))
    assert kinds(world, taking) == {"quiz passed" if passed else "quiz not passed"}
    with world.session() as session:
        assert session.scalars(select(Event.kind)).all().count("attempt.asked-again") == 1


def test_what_was_handed_in_stays_and_an_answer_to_it_is_kept_aside(world: World) -> None:
    publish(world)
    taking = sit(world, 1)
    right = world.right_answers(taking.attempt)
    missed = safe(world, taking)[0]
    assert taking.send(missed, right[missed]) == (0, "late")
    assert taking.send(5, right[5]) == (4, "")
    taking.finish()
    assert taking.row().score["safety"] == {POINT: 0}


def test_points_that_are_not_enough_are_not_made_up_for(world: World) -> None:
    publish(world)
    taking = examining.begin(world)
    taking.finish()
    row = taking.row()
    assert (row.state, row.passed, row.handed_in, row.score["safety"]) == ("finished", False, 0, {POINT: 2})


def test_an_unsafe_or_a_half_right_answer_is_missed(world: World) -> None:
    publish(world)
    taking = examining.begin(world)
    right, half = world.right_answers(taking.attempt), safe(world, taking)[0]
    for place, fields in right.items():
        taking.save(place, {"choice": ["2"]} if place == half else fields)
    taking.finish()
    assert taking.row().state == "open"


def test_three_questions_are_enough_and_the_third_comes_first(world: World) -> None:
    publish(world, clusters=3)
    taking = sit(world, 2)
    asked = names(world, taking)
    first, second = {asked[place] for place in safe(world, taking)[:2]}, {asked[5], asked[6]}
    assert len(second) == 2
    assert len(second - first) == 1


def test_with_nobody_there_it_ends_by_itself_as_of_its_second_deadline(world: World) -> None:
    publish(world)
    taking = examining.begin(world)
    right, wrong = world.right_answers(taking.attempt), safe(world, taking)[:1]
    for place in [place for place in right if place not in wrong]:
        taking.save(place, right[place])
    ends = taking.row().deadline
    world.clock.now = ends + timedelta(seconds=1)
    taking.end()
    row = taking.row()
    assert (row.state, row.deadline) == ("open", ends + timedelta(minutes=AGAIN))
    taking.end(row.deadline + timedelta(seconds=1))
    ended = taking.row()
    assert (ended.state, ended.passed, ended.ended_at, ended.ended_by) == ("finished", False, row.deadline, "deadline")


def test_handed_in_twice_it_is_asked_again_once_and_that_stays_open(world: World) -> None:
    publish(world)
    taking = examining.begin(world)
    right, wrong = world.right_answers(taking.attempt), safe(world, taking)[:1]
    for place in [place for place in right if place not in wrong]:
        taking.save(place, right[place])
    actor, now = world.actor("trainee"), world.clock()

    def hand_in() -> str:
        return world.do(lambda session: attempts.finish(session, actor, now, taking.attempt, 0, 0))

    assert together(hand_in, hand_in, taking.end) == ["open", "open", None]
    assert (taking.row().state, taking.row().handed_in, len(names(world, taking))) == ("open", 4, 5)


def test_one_goes_forward_through_what_is_asked_again_in_any_order(world: World) -> None:
    publish(world, pages="one question", navigation="forward")
    taking = examining.begin(world)
    right, wrong = world.right_answers(taking.attempt), safe(world, taking)
    for place in range(1, 5):
        taking.save(place, {"done": ["1"]} if place in wrong else {**right[place], "done": ["1"]})
    taking.finish()
    answers = world.right_answers(taking.attempt)
    taking.save(6, answers[6])
    taking.save(5, answers[5])
    taking.finish()
    assert taking.row().passed
