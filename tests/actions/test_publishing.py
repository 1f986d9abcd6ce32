"""Publishing changes what is read from now on, and nothing that was."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from mesotrain.actions import courses as actions
from mesotrain.core.competence import standing
from mesotrain.core.courses import Course
from mesotrain.core.dates import day_of
from mesotrain.core.errors import Refused
from mesotrain.core.questions import question
from mesotrain.store import competence, papers
from mesotrain.store.attempts import Attempt
from mesotrain.store.catalogue import live_module
from mesotrain.store.competence import Evidence
from mesotrain.store.courses import Publication, SectionVersion
from mesotrain.store.db import Base
from tests.actions.taking import Taking, records, sit, start
from tests.world import World, tiny_course


def publish(world: World, course: Course, change: str = "") -> Any:
    return world.do(
        lambda session: getattr(actions.publish(session, world.clock(), course, change=change), "number", None)
    )


def with_module(course: Course, **changes: Any) -> Course:
    return replace(course, modules=(replace(course.modules[0], **changes),))


def other_words(course: Course) -> Course:
    """Other words that touch nothing safety rests on."""
    first, second = course.modules[0].sections
    return with_module(course, sections=(first, replace(second, text="Everything else stays behind.")))


def other_keys(course: Course) -> Course:
    """Every right answer is wrong now, and the other way round."""
    turned = []
    for one in course.modules[0].questions:
        if "credit" in one.key:
            ids = [option["id"] for option in one.taker["options"]]
            wrong = [name for name in ids if name not in one.key["credit"]]
            kept = dict.fromkeys(wrong[:1] if one.taker["type"] == "single" else wrong, "1")
            turned.append(replace(one, key={**one.key, "credit": kept}))
        else:
            turned.append(one)
    return with_module(course, questions=tuple(turned))


def stricter(course: Course) -> Course:
    quiz = course.modules[0].quiz
    return with_module(
        course, quiz=replace(quiz, questions=1, minutes=1, pass_mark=quiz.pass_mark + (1 - quiz.pass_mark))
    )


def fewer_questions(course: Course) -> Course:
    quiz = replace(course.modules[0].quiz, questions=1)
    return with_module(course, quiz=quiz, questions=course.modules[0].questions[:1])


def another_competency(course: Course) -> Course:
    """The module proves something else now; the old competency is no longer taught."""
    renamed = tuple(replace(one, competency="NEW") for one in course.modules[0].questions)
    kinds = (replace(course.competencies[0], code="NEW"),)
    return replace(with_module(course, competency="NEW", questions=renamed), competencies=kinds)


CHANGES = {"words": other_words, "keys": other_keys, "quiz rules": stricter, "questions": fewer_questions}


def pages(world: World, taking: Taking) -> dict[str, str]:
    """What the taker's and their manager's pages say of an attempt and of what it proved."""
    taker, manager = world.client(taking.who), world.client("manager")
    asked = {
        "attempt": taker.get(f"/attempts/{taking.attempt}", follow_redirects=True),
        "result": taker.get(f"/attempts/{taking.attempt}/result", follow_redirects=True),
        "person": manager.get(f"/team/{world.ids[taking.who]}"),
    }
    assert {name: page.status_code for name, page in asked.items()} == dict.fromkeys(asked, 200)
    return {name: page.get_data(as_text=True) for name, page in asked.items()}


def kept(world: World, taking: Taking) -> tuple[Any, ...]:
    """Everything of an attempt and its evidence that must never move."""
    with world.session() as session:
        row = session.get_one(Attempt, taking.attempt)
        proofs = session.scalars(select(Evidence).filter_by(attempt_id=taking.attempt))
        return (
            {name: value for name, value in vars(row).items() if not name.startswith("_")},
            [{name: value for name, value in vars(one).items() if not name.startswith("_")} for one in proofs],
            papers.slots(session, taking.attempt),
        )


@pytest.mark.parametrize("change", CHANGES)
def test_a_running_attempt_and_a_score_keep_what_they_were_pinned_to(world: World, change: str) -> None:
    done, running = sit(world, "colleague", 3), start(world, "trainee")
    running.answer(3)
    before = kept(world, done), kept(world, running), running.expected(world.right_answers(running.attempt))
    assert publish(world, CHANGES[change](tiny_course()), "substantive") == 2
    after = kept(world, done), kept(world, running), running.expected(world.right_answers(running.attempt))
    assert after == before
    assert "You passed The basics" in pages(world, done)["result"]
    running.finish()
    row = running.row()
    assert (row.passed, row.score["earned"], row.score["possible"]) == (True, "3", "4")
    with world.session() as session:
        assert records(session)[0] == {done.attempt: 1, running.attempt: 1}
        rests = session.scalar(select(Evidence.rests_on).filter_by(attempt_id=done.attempt))
        again = session.scalar(select(Evidence.rests_on).filter_by(attempt_id=running.attempt))
    assert rests["sections"] == again["sections"]
    assert sorted(rests["questions"]) == sorted(again["questions"])


def test_a_new_attempt_takes_what_is_live(world: World) -> None:
    publish(world, other_keys(tiny_course()))
    taking = sit(world, "trainee")
    assert taking.row().score["earned"] == "4"
    with world.session() as session:
        keys = [slot.key for slot in papers.keyed_slots(session, taking.attempt)]
        old = [one.key for one in tiny_course().modules[0].questions]
    assert [key for key in keys if key in old] == [old[2]]


def test_a_competency_that_is_no_longer_taught_keeps_its_record(world: World) -> None:
    done, running = sit(world, "colleague"), start(world, "trainee")
    running.answer(4)
    before = kept(world, done)
    assert publish(world, another_competency(tiny_course()), "substantive") == 2
    assert kept(world, done) == before
    running.finish()
    assert running.row().passed
    for taking in (done, running):
        assert "You passed The basics" in pages(world, taking)["result"]
    world.do(competence.rebuild)
    with world.session() as session:
        spans = competence.spans_of(session, world.ids["Harbour"], [world.ids["colleague"]])
        states = [standing(one, day_of(world.clock(), "Europe/London")).state for one in spans.values()]
    assert states == ["current"]


def test_a_new_rule_moves_the_standing_and_not_the_evidence(world: World) -> None:
    done = sit(world, "trainee")
    before = kept(world, done)
    course = tiny_course()
    publish(world, replace(course, competencies=(replace(course.competencies[0], valid_months=12),)))
    assert kept(world, done) == before
    assert "until 12 Mar 2028" in pages(world, done)["person"]


def everything(world: World) -> dict[str, list[Any]]:
    """Every row of every table."""
    with world.session() as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table)).all())) for table in Base.metadata.sorted_tables
        }


def test_publishing_the_same_text_again_does_nothing(world: World) -> None:
    before = everything(world)
    world.clock.forward(days=1)
    assert publish(world, tiny_course()) is None
    assert publish(world, tiny_course(), "safety") is None
    assert everything(world) == before


def test_what_safety_rests_on_is_called_less_only_by_two(world: World) -> None:
    course = tiny_course()
    first, second = course.modules[0].sections
    text = with_module(course, sections=(replace(first, text="Two things matter most [I01]."), second))
    before = everything(world)
    for change in ("editorial", "clarifying"):
        with pytest.raises(Refused, match="a second person must agree to call them less: basics#matters"):
            publish(world, text, change)
    with pytest.raises(Refused, match="“cosmetic” is no class"):
        publish(world, text, "cosmetic")
    assert everything(world) == before
    assert publish(world, text) == 2
    with world.session() as session:
        newest = session.scalars(select(Publication).order_by(Publication.number)).all()[-1]
    assert (newest.changes, newest.lowered, newest.signed_by) == ({"basics#matters": "safety"}, {}, None)


def test_a_publication_says_how_each_section_changed(world: World) -> None:
    course = tiny_course()
    first = course.modules[0].sections[0]
    added = replace(first, name="more", title="More", text="More of it [I01].")
    questions = tuple(
        replace(one, sections=tuple(name.replace("#not", "#more") for name in one.sections))
        for one in course.modules[0].questions
    )
    reworded = replace(first, text="Other words [I01].")
    publish(world, with_module(course, sections=(reworded, added), questions=questions), "safety")
    with world.session() as session:
        newest = session.scalars(select(Publication).order_by(Publication.number)).all()[-1]
        assert newest.changes == {
            "basics#matters": "safety",
            "basics#more": "new",
            "basics#not": "retired, safety",
            "module basics": "changed",
            "question bas-0003": "changed",
            "question bas-0004": "changed",
        }
        first = session.scalars(select(Publication).order_by(Publication.number)).first()
        assert first.changes == {"basics#matters": "new", "basics#not": "new"}


def test_going_back_to_old_words_makes_no_second_copy_of_them(world: World) -> None:
    publish(world, other_words(tiny_course()), "editorial")
    assert publish(world, tiny_course(), "editorial") == 3
    actor = world.actor("trainee")
    with world.session() as session:
        assert len(session.scalars(select(SectionVersion)).all()) == 3
        live = live_module(session, actor, "tiny", "basics")
        assert live.version.version == tiny_course().modules[0].version


def test_expiry_needs_no_write(world: World) -> None:
    """Standing on a later day follows from the same rows."""
    taking = sit(world, "trainee")
    before = everything(world)
    world.clock.now += timedelta(days=731)
    with world.session() as session:
        spans = competence.spans_of(session, world.ids["Harbour"], [world.ids["trainee"]])
    (mine,) = spans.values()
    states = {
        when: standing(mine, day_of(world.clock(), "Europe/London") + timedelta(days=when)).state
        for when in (-731, -30, 0)
    }
    assert states == {-731: "current", -30: "renewal open", 0: "expired"}
    assert everything(world) == before
    assert taking.row().passed


def test_the_swapped_keys_really_are_other_keys() -> None:
    """Else the test above would prove nothing."""
    old, new = tiny_course().modules[0].questions, other_keys(tiny_course()).modules[0].questions
    for before, after in zip(old, new, strict=True):
        if "credit" in before.key:
            right = next(fields for fields, credit in question(before.taker, before.key).examples() if credit == 1)
            marked = question(after.taker, after.key)
            assert marked.mark(marked.read(right)) < 1


@pytest.mark.parametrize(("against", "words"), [(1, "Made ready."), (0, "Said anew 0.")])
def test_what_was_made_ready_is_published_if_it_was_made_against_what_is_live(
    world: World, against: int, words: str
) -> None:
    """Nobody waits for a text to be rendered while it is published."""
    first, second = tiny_course().modules[0].sections
    changed = with_module(tiny_course(), sections=(replace(first, text=f"Said anew {against}."), second))
    with world.session() as session:
        ready = actions.make_ready(session, changed, None)
    (new,) = ready.html
    assert (ready.shown, ready.against) == ({}, 1)
    ready = replace(ready, html={new: "<p>Made ready.</p>"}, against=against)
    world.do(lambda session: actions.publish(session, world.clock(), changed, ready=ready) and None)
    assert words in world.client("trainee").get("/courses/tiny/basics").get_data(as_text=True)
