"""A question that turns out wrong: who is asked it still, which results wait, and what its end does to them."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from sqlalchemy import select

from mesotrain.actions import courses, holds, practice
from mesotrain.cli.worker import Worker
from mesotrain.core.attempts import DEADLINE, FINISHED, MARKING, SUBMIT
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.holds import OUT, RIGHT
from mesotrain.core.questions import option_id
from mesotrain.store import holds as store
from mesotrain.store.competence import Evidence
from mesotrain.store.courses import Question
from mesotrain.store.papers import keyed_slots
from mesotrain.store.practice import pool
from mesotrain.store.unfinished import unfinished
from tests.actions import essays, examining
from tests.actions.taking import Taking, records, sit, start
from tests.actions.test_release import publish
from tests.world import World, tiny_course

EASY = {"questions": 3, "cool_down": 24, "attempts": 2, "within_days": 30}
"""A quiz that draws three of the four questions, with a wait after each attempt that did not pass, and a limit."""


def hold(world: World, name: str = "bas-0002", course: str = "tiny", who: str = "educator") -> int:
    actor = world.actor(who)
    made: int = world.do(lambda session: holds.hold(session, actor, world.clock(), course, name, "Two are right."))
    return made


def lift(world: World, number: int, ending: str = OUT, who: str = "educator") -> None:
    actor = world.actor(who)
    world.do(lambda session: holds.lift(session, actor, world.clock(), number, ending, "Seen."))


def work(world: World) -> None:
    worker = Worker(world.app, world.clock)
    worker.work()
    worker.release()


def on(taking: Taking) -> dict[str, int]:
    """The questions of a paper with their places."""
    with taking.world.session() as session:
        slots = keyed_slots(session, taking.attempt)
        return {session.get_one(Question, slot.question).name: slot.position for slot in slots}


def with_it(world: World, who: str = "trainee", name: str = "bas-0002") -> Taking:
    """An attempt begun that has this question on its paper."""
    for seed in range(50):
        taking = start(world, who, str(seed))
        if name in on(taking):
            return taking
        taking.finish()
    raise AssertionError


def sat_whole(world: World, who: str = "trainee") -> Taking:
    """An attempt with all four questions, begun before the quiz draws only three."""
    publish(world, **EASY | {"questions": 4})
    taking = start(world, who)
    publish(world, **EASY)
    return taking


def evidence(taking: Taking) -> list[Evidence]:
    with taking.world.session() as session:
        return list(session.scalars(select(Evidence).filter_by(attempt_id=taking.attempt)))


def test_it_is_served_to_nobody_new(world: World) -> None:
    publish(world, questions=3)
    number = hold(world)
    for seed in range(12):
        taking = start(world, "trainee", str(seed))
        assert sorted(on(taking)) == ["bas-0001", "bas-0003", "bas-0004"]
        taking.finish()
    lift(world, number, RIGHT)
    drawn: Counter[str] = Counter()
    for seed in range(12):
        taking = start(world, "colleague", str(seed))
        drawn.update(on(taking))
        taking.finish()
    assert drawn["bas-0002"] > 0, "the control: it is drawn where it is not held"


def test_what_is_left_out_stays_out_until_its_text_changes(world: World) -> None:
    publish(world, questions=3)
    lift(world, hold(world), OUT)
    assert "bas-0002" not in on(start(world, "trainee"))
    with pytest.raises(Refused, match="left out as it stands"):
        hold(world)
    text = tiny_course()
    (basics,) = text.modules
    questions = tuple(replace(one, points=Fraction(2)) if one.name == "bas-0002" else one for one in basics.questions)
    changed = replace(basics, questions=questions, quiz=replace(basics.quiz, questions=4))
    world.do(lambda session: courses.publish(session, world.clock(), replace(text, modules=(changed,))))
    assert "bas-0002" in on(start(world, "colleague"))


def test_a_held_practice_question_is_practised_by_nobody(world: World) -> None:
    reader, other = world.actor("trainee"), world.actor("other_trainee")
    with world.session() as session:
        (question,) = pool(session, reader)
    assert 'class="check"' in world.client("trainee").get("/courses/tiny/basics").get_data(as_text=True)
    number = hold(world, "bas-0005")
    with world.session() as session:
        assert pool(session, reader) == {}
        assert practice.next_question(session, reader, world.clock())[0] is None
        assert pool(session, other) != {}, "another organisation asks it still"
    assert 'class="check"' not in world.client("trainee").get("/courses/tiny/basics").get_data(as_text=True)
    assert world.client("trainee").get("/courses/tiny/basics/checks/1").status_code == 404
    assert world.client("other_trainee").get("/courses/tiny/basics/checks/1").status_code == 200
    lift(world, number, RIGHT)
    with world.session() as session:
        assert set(pool(session, reader)) == {question}
    assert 'class="check"' in world.client("trainee").get("/courses/tiny/basics").get_data(as_text=True)


@pytest.mark.parametrize("by", [SUBMIT, DEADLINE])
@pytest.mark.parametrize("ending", [RIGHT, OUT])
def test_a_result_waits_for_the_end_of_a_hold(world: World, by: str, ending: str) -> None:
    taking = start(world)
    right = world.right_answers(taking.attempt)
    held = on(taking)["bas-0002"]
    for position, fields in right.items():
        if position != held:
            taking.save(position, fields)
    number = hold(world)
    assert taking.save(held, {"choice": [option_id("nothing")]}) > 0, "who has it before them goes on"
    if by == DEADLINE:
        world.clock.forward(minutes=30)
        work(world)
    else:
        taking.finish()
    row = taking.row()
    assert (row.state, row.passed, row.score, row.ended_by) == (MARKING, None, None, by)
    work(world)
    assert (taking.row().state, evidence(taking)) == (MARKING, [])
    with world.session() as session:
        assert records(session)[1]["evidence.recorded"] == 0
    world.clock.forward(hours=3)
    lift(world, number, ending)
    work(world)
    row = taking.row()
    score = (row.score["earned"], row.score["possible"])
    assert (row.state, row.passed, *score) == (FINISHED, True, "3", "4" if ending == RIGHT else "3")
    (proof,) = evidence(taking)
    assert len(proof.rests_on["questions"]) == (4 if ending == RIGHT else 3)
    assert row.ended_at is not None
    work(world)
    with world.session() as session:
        found = records(session)[1]
    assert (found["question.held"], found["question.lifted"], found["attempt.finished"]) == (1, 1, 1)


def test_what_is_open_when_a_question_is_left_out_is_scored_without_it(world: World) -> None:
    taking = start(world)
    lift(world, hold(world), OUT)
    taking.answer(4)
    taking.finish()
    assert (taking.row().state, taking.row().score["possible"]) == (FINISHED, "3")


def test_two_holds_on_a_paper_are_waited_for_both(world: World) -> None:
    taking = start(world)
    first, second = hold(world), hold(world, "bas-0003")
    taking.answer(4)
    taking.finish()
    lift(world, first, RIGHT)
    work(world)
    assert taking.row().state == MARKING
    lift(world, second, OUT)
    work(world)
    assert (taking.row().state, taking.row().score["possible"]) == (FINISHED, "3")


def test_an_attempt_of_nothing_but_what_is_left_out_proves_nothing(world: World) -> None:
    publish(world, questions=1)
    taking = with_it(world)
    number = hold(world)
    taking.answer(1)
    taking.finish()
    lift(world, number, OUT)
    work(world)
    assert (taking.row().state, taking.row().passed, evidence(taking)) == (FINISHED, False, [])
    page = world.client("trainee").get(f"/attempts/{taking.attempt}/result")
    assert (page.status_code, "1 question was found wrong and left out" in page.get_data(as_text=True)) == (200, True)


def test_an_exam_proves_no_competency_of_which_no_question_is_left(world: World) -> None:
    examining.publish(world)
    taking = examining.begin(world)
    number = hold(world, "bas-0003")
    taking.answer(3)
    taking.finish()
    lift(world, number, OUT)
    work(world)
    assert taking.row().passed
    assert len(evidence(taking)) == 1, "BAS, and nothing of EXT"


def test_an_essay_that_is_left_out_needs_no_marks(world: World) -> None:
    essays.publish(world)
    written = essays.write(world)
    marker = world.actor("educator")
    number = hold(world, "wri-0002", "essays")
    written.mark(marker, essays.ONE_OF_THEM, 2, 2)
    lift(world, number, OUT)
    assert written.waits(essays.educator(world, "second")) == []
    work(world)
    assert (written.row().state, written.row().score["possible"]) == (FINISHED, "2")


def test_the_last_mark_ends_nothing_while_a_question_is_held(world: World) -> None:
    essays.publish(world)
    written = essays.write(world, stems=[essays.ONE_OF_THEM])
    number = hold(world, "wri-0003", "essays")
    written.mark(world.actor("educator"), essays.ONE_OF_THEM, 2, 2)
    assert written.row().state == MARKING
    lift(world, number, RIGHT)
    work(world)
    assert written.row().state == FINISHED


def test_attempts_and_waits_it_cost_are_given_back_unless_it_was_right(world: World) -> None:
    taking = sat_whole(world)
    taking.finish()
    with pytest.raises(Refused, match="You can sit this quiz again from"):
        start(world)
    number = hold(world)
    start(world).finish()
    with pytest.raises(Refused, match="You can sit this quiz again from"):
        start(world)
    lift(world, number, RIGHT)
    world.clock.forward(hours=25)
    with pytest.raises(Refused, match="again from"):
        start(world)
    sat_whole(world, "colleague").finish()
    number = hold(world)
    lift(world, number, OUT)
    start(world, "colleague").finish()
    world.clock.forward(hours=25)
    start(world, "colleague").finish()
    with pytest.raises(Refused, match="again from"):
        start(world, "colleague")


def test_a_wait_for_a_hold_keeps_nobody_from_another_attempt(world: World) -> None:
    taking = sat_whole(world)
    hold(world)
    taking.finish()
    assert taking.row().state == MARKING
    assert start(world).attempt != taking.attempt


def test_what_a_leaver_holds_is_told(world: World) -> None:
    publish(world)
    number = hold(world)
    administrator, person = world.actor("administrator"), world.ids["educator"]
    with world.session() as session:
        assert unfinished(session, administrator, world.clock(), person).holds == ["bas-0002"]
        assert unfinished(session, administrator, world.clock(), world.ids["trainee"]).holds == []
    lift(world, number)
    with world.session() as session:
        assert unfinished(session, administrator, world.clock(), person).holds == []


def test_a_released_result_stays_as_it_is(world: World) -> None:
    passed, failed = sit(world, "trainee", 4), sit(world, "colleague", 2)
    before = [(one.row().score, one.row().passed) for one in (passed, failed)]
    lift(world, hold(world), OUT)
    work(world)
    assert [(one.row().score, one.row().passed) for one in (passed, failed)] == before
    assert len(evidence(passed)) == 1


def test_a_paper_that_cannot_be_filled_is_not_begun(world: World) -> None:
    hold(world)
    with pytest.raises(Refused, match="too few are left"):
        start(world)
    assert start(world, "other_trainee").attempt, "where it is not held it is begun"


def test_who_holds_and_lifts_is_of_the_organisation_and_says_why(world: World) -> None:
    educator, other = world.actor("educator"), essays.educator(world, "Nora", "Northlight")
    now = world.clock()
    for reason, said in (("  ", "Say why"), ("x" * 501, "too long")):
        with pytest.raises(Refused, match=said):
            world.do(lambda session, reason=reason: holds.hold(session, educator, now, "tiny", "bas-0001", reason))
    number = hold(world)
    with pytest.raises(Refused, match="held already"):
        hold(world)
    with pytest.raises(NotFound):
        world.do(lambda session: holds.lift(session, other, now, number, RIGHT, "Mine."))
    with pytest.raises(Refused, match="Choose how it ends"):
        lift(world, number, "whatever")
    lift(world, number, RIGHT)
    with pytest.raises(Refused, match="Somebody has said"):
        lift(world, number, OUT)
    with world.session() as session:
        assert store.lasting(session, educator) == []
        (told,) = store.of_question(session, educator, store.told(session, educator, number).hold.question_id)
    assert (told.by, told.lifted_by, told.hold.reason) == ("Edda Educator", "Edda Educator", "Two are right.")
