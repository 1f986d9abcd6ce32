"""An exam: when it may be begun, what its paper is, what passing it proves, and what stays as it was left."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mesotrain.core.errors import Refused
from mesotrain.core.plans import Cell
from mesotrain.store import practice
from mesotrain.store.attempts import AttemptSlot
from mesotrain.store.competence import Evidence, StandingSpan, rebuild
from mesotrain.store.courses import Competency, Question, QuestionKey, QuestionVersion
from tests.actions.examining import PLAN, begin, publish
from tests.actions.taking import Taking, start
from tests.world import World

NINE, TEN = datetime(2027, 3, 12, 9, tzinfo=UTC), datetime(2027, 3, 12, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DONE = {"done": ["1"]}


def paper(world: World, taking: Taking) -> list[tuple[str, str, str]]:
    """(question, competency, level) of each slot."""
    with world.session() as session:
        rows = session.execute(
            select(Question.name, QuestionVersion.competency, QuestionKey.level)
            .join(QuestionVersion, QuestionVersion.question_id == Question.id)
            .join(QuestionKey, QuestionKey.question_version_id == QuestionVersion.id)
            .join(AttemptSlot, AttemptSlot.question_version_id == QuestionVersion.id)
            .where(AttemptSlot.attempt_id == taking.attempt)
            .order_by(AttemptSlot.position)
        )
        return [(name, competency, level) for name, competency, level in rows]


def evidence(world: World, taking: Taking) -> dict[str, tuple[str, int, int]]:
    """competency -> (kind, questions, sections) of what an attempt left."""
    with world.session() as session:
        rows = session.execute(
            select(Competency.code, Evidence.kind, Evidence.rests_on)
            .join(Competency, Competency.id == Evidence.competency_id)
            .where(Evidence.attempt_id == taking.attempt)
        )
        return {code: (kind, len(on["questions"]), len(on["sections"])) for code, kind, on in rows}


def test_a_paper_has_what_the_plan_says(world: World) -> None:
    publish(world)
    drawn = [(competency, level) for _, competency, level in paper(world, begin(world))]
    assert sorted(drawn) == sorted((cell.competency, cell.level) for cell in PLAN)
    publish(world, shuffle=False)
    theirs = paper(world, begin(world, "colleague"))
    assert [(competency, level) for _, competency, level in theirs] == [cell[:2] for cell in PLAN]


def test_what_a_quiz_asked_comes_last_into_an_exam(world: World) -> None:
    publish(world, {"questions": 2}, plan=(Cell("BAS", "", 1),), questions=1)
    for who in ("trainee", "colleague", "elsewhere"):
        quiz = start(world, who, who)
        quiz.finish()
        exam = begin(world, who, f"exam of {who}")
        assert not {*paper(world, quiz)} & {*paper(world, exam)}


@pytest.mark.parametrize("passed", [True, False], ids=["passed", "not passed"])
def test_an_exam_is_evidence_for_each_competency_of_its_plan(world: World, passed: bool) -> None:
    publish(world)
    taking = begin(world)
    taking.answer(3 if passed else 0)
    taking.finish()
    kind = "quiz passed" if passed else "quiz not passed"
    assert evidence(world, taking) == {"BAS": (kind, 2, 2), "EXT": (kind, 1, 1)}
    with world.session() as session:
        spans = session.execute(select(StandingSpan.__table__).order_by(*StandingSpan.__table__.columns)).all()
        assert {row.state for row in spans} == ({"current", "renewal open", "expired"} if passed else {"in progress"})
        assert len({row.competency_id for row in spans}) == 2
        rebuild(session)
        assert session.execute(select(StandingSpan.__table__).order_by(*StandingSpan.__table__.columns)).all() == spans


def test_practice_proves_nothing_and_never_waits(world: World) -> None:
    publish(world, practice=True, feedback="after each", pages="one question")
    for number in range(3):
        taking = begin(world, seed=f"seed {number}")
        taking.finish()
        assert taking.row().state == "finished"
        assert evidence(world, taking) == {}


def test_before_it_opens_and_after_it_closes_nobody_begins(world: World) -> None:
    publish(world, opens="2027-03-12 09:00", closes="2027-03-12 10:00", closing="stops starts")
    world.clock.now = NINE - SECOND
    with pytest.raises(Refused, match="It opens at") as early:
        begin(world)
    assert early.value.facts == {"moment": NINE}
    world.clock.now = TEN
    with pytest.raises(Refused, match="It closed at") as late:
        begin(world)
    assert late.value.facts == {"moment": TEN}
    world.clock.now = TEN - SECOND
    assert begin(world).row().deadline == TEN - SECOND + timedelta(minutes=20)
    world.clock.now = TEN + SECOND
    begin(world).save(1, {"choice": ["a"]})


def test_closing_may_end_attempts(world: World) -> None:
    publish(world, closes="2027-03-12 10:00", closing="ends attempts")
    world.clock.now = TEN - timedelta(minutes=5)
    taking = begin(world)
    assert taking.row().deadline == TEN
    world.clock.now = NINE
    assert begin(world, "colleague").row().deadline == NINE + timedelta(minutes=20)
    world.clock.now = TEN
    taking.end()
    assert (taking.row().ended_at, taking.row().ended_by) == (TEN, "deadline")


def test_forward_only_no_question_is_skipped_and_none_changed_that_was_left(world: World) -> None:
    publish(world, pages="one question", navigation="forward")
    taking = begin(world)
    answers = world.right_answers(taking.attempt)
    with pytest.raises(Refused, match="stays as you answered it"):
        taking.save(2, answers[2])
    taking.save(1, answers[1])
    with pytest.raises(Refused, match="stays as you answered it"):
        taking.save(2, answers[2])
    taking.save(1, {"flag": ["1"]})
    taking.save(1, {**answers[1], **DONE})
    taking.save(2, answers[2])
    for other in ({}, answers[1], {**DONE, "choice": ["z"]}):
        with pytest.raises(Refused, match="stays as you answered it"):
            taking.save(1, other)
    taking.save(1, {**answers[1], **DONE})
    taking.save(2, DONE)
    taking.save(3, answers[3])


def test_where_one_goes_freely_no_order_is_kept(world: World) -> None:
    publish(world, pages="one question")
    taking = begin(world)
    answers = world.right_answers(taking.attempt)
    for position in (3, 1, 2, 3):
        taking.save(position, answers[position])


def test_how_sure_somebody_is_changes_no_mark(world: World) -> None:
    publish(world, certainty=True)
    marks = []
    for who, sure in (("trainee", "1"), ("colleague", "3"), ("elsewhere", "nonsense")):
        taking = begin(world, who)
        for position, fields in world.right_answers(taking.attempt).items():
            taking.save(position, {**fields, "sure": [sure]})
        taking.finish()
        marks.append([row["credit"] for row in taking.row().score["marks"]])
    assert marks == [["1", "1", "1"]] * 3


def test_what_an_exam_asks_now_is_not_practised(world: World) -> None:
    publish(world, feedback="never")
    quiz = start(world)
    quiz.finish()
    with world.session() as session:
        before = practice.pool(session, world.actor("trainee"))
    taking = begin(world)
    names = {name for name, *_ in paper(world, taking)}
    with world.session() as session:
        after = practice.pool(session, world.actor("trainee"))
        rows = session.execute(select(Question.name, Question.id).where(Question.name.in_(names)))
        ids = {row.id for row in rows}
    assert ids <= before.keys()
    assert not ids & after.keys()
