"""Practice: which questions there are for whom, what is kept of an answer, and when a key is shown."""

import re
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from mesotrain.actions import courses, people
from mesotrain.actions import practice as actions
from mesotrain.core.access import TRAINEE, Actor
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.questions import Fields, question
from mesotrain.store import practice as store
from mesotrain.store.attempts import AttemptSlot
from mesotrain.store.courses import Question, QuestionVersion
from mesotrain.store.people import Person
from mesotrain.store.practice import PracticeLog
from tests.actions.taking import sit, start, together
from tests.store.filling import rows
from tests.world import World, tiny_course

OWN = {"bas-0005"}
ASKED = {"bas-0001", "bas-0002", "bas-0003", "bas-0004"}
KEY = re.compile(r"CANARY-(?:REASON-1[45]|ITEM-2)")
"""The reasons of bas-0005."""
CHECK = "/courses/tiny/basics/checks/1"


def publish(world: World, organisation: int | None = None, **rules: Any) -> None:
    course = tiny_course()
    module = replace(course.modules[0], quiz=replace(course.modules[0].quiz, **rules))
    changed = replace(course, modules=(module,))
    world.do(lambda session: courses.publish(session, world.clock(), changed, organisation))


def versions(world: World) -> dict[str, int]:
    """The question versions there are, by the question's id."""
    with world.session() as session:
        named = select(Question.name, QuestionVersion.id).join(
            QuestionVersion, QuestionVersion.question_id == Question.id
        )
        return {row.name: row.id for row in session.execute(named)}


def pool(world: World, actor: Actor) -> set[str]:
    names = {version: name for name, version in versions(world).items()}
    with world.session() as session:
        return {names[version] for version in store.pool(session, actor).values()}


def right(world: World, name: str) -> Fields:
    with world.session() as session:
        found = store.question(session, versions(world)[name])
        examples = question(found.version.taker, found.key.key).examples()
    return next(fields for fields, credit in examples if credit == 1)


def answer(world: World, actor: Actor, name: str, fields: Fields | None = None) -> int:
    """The actor's answer to a question, right unless it is told; gives its place in the log."""
    given, version, now = fields or right(world, name), versions(world)[name], world.clock()
    place: int = world.do(lambda session: actions.answer(session, actor, now, version, given))
    return place


def following(world: World, actor: Actor) -> tuple[str | None, int]:
    """(the question to ask now, how many were answered today)."""
    names = {version: name for name, version in versions(world).items()}
    with world.session() as session:
        found, done = actions.next_question(session, actor, world.clock())
        return names[found.version.id] if found else None, done


def kept(world: World) -> int:
    with world.session() as session:
        return session.scalar(select(func.count()).select_from(PracticeLog)) or 0


def elsewhere(world: World) -> Actor:
    """The trainee in another organisation, which they have joined."""

    def work(session: Any) -> None:
        person = session.get_one(Person, world.ids["trainee"])
        people.join(session, world.clock(), world.ids["Northlight"], person, [(TRAINEE, world.ids["Cork"])])

    world.do(work)
    return replace(world.actor("trainee"), organisation=world.ids["Northlight"], organisation_zone="Europe/Dublin")


def test_no_quiz_draws_a_practice_question(world: World) -> None:
    publish(world, questions=2)
    for number in range(40):
        start(world, "trainee", f"seed {number}").finish()
    with world.session() as session:
        drawn = set(session.scalars(select(AttemptSlot.question_version_id)))
    assert drawn == {version for name, version in versions(world).items() if name in ASKED}


RELEASES = [
    ("after submit", 0, True),
    ("after submit", 4, True),
    ("after pass", 0, False),
    ("after pass", 4, True),
    ("never", 4, False),
]


@pytest.mark.parametrize(("feedback", "correct", "released"), RELEASES)
def test_the_pool_holds_what_was_met_once_its_keys_are_released(
    world: World, feedback: str, correct: int, released: bool
) -> None:
    if feedback != "after submit":
        publish(world, feedback=feedback)
    sit(world, "trainee", correct)
    assert pool(world, world.actor("trainee")) == (OWN | ASKED if released else OWN)


def test_the_pool_holds_nothing_that_was_not_met(world: World) -> None:
    publish(world, questions=2)
    taking = sit(world, "trainee")
    with world.session() as session:
        met = set(session.scalars(select(AttemptSlot.question_version_id).filter_by(attempt_id=taking.attempt)))
    mine = pool(world, world.actor("trainee"))
    assert mine == OWN | {name for name, version in versions(world).items() if version in met}
    assert len(mine) == 3


def test_an_open_attempt_gives_nothing_to_practise(world: World) -> None:
    taking = start(world)
    taking.answer(4)
    assert pool(world, world.actor("trainee")) == OWN
    world.clock.forward(minutes=30)
    assert pool(world, world.actor("trainee")) == OWN
    taking.end()
    assert pool(world, world.actor("trainee")) == OWN | ASKED


def test_what_others_met_and_what_was_met_elsewhere_is_not_in_the_pool(world: World) -> None:
    sit(world, "trainee")
    for actor in (world.actor("colleague"), world.actor("other_trainee"), elsewhere(world)):
        assert pool(world, actor) == OWN


def test_the_pool_has_no_key_that_was_not_shown_and_no_question_that_is_retired(world: World) -> None:
    """A question in other words has another key, which nobody was shown."""
    sit(world, "trainee")
    course = tiny_course()
    first, second, *others = course.modules[0].questions
    again = replace(first, taker={**first.taker, "stem": "Other words."})
    module = replace(course.modules[0], questions=(again, *others), quiz=replace(course.modules[0].quiz, questions=3))
    world.do(lambda session: courses.publish(session, world.clock(), replace(course, modules=(module,))))
    actor = world.actor("trainee")
    with world.session() as session:
        stems = [
            store.question(session, version).version.taker["stem"] for version in store.pool(session, actor).values()
        ]
    assert len(stems) == 3
    assert "Other words." not in stems
    assert not any("CANARY-SHOWN-1" in stem or second.taker["stem"] == stem for stem in stems)


def test_what_is_not_in_the_pool_can_be_neither_answered_nor_seen(world: World) -> None:
    publish(world, feedback="never")
    sit(world, "trainee")
    actor = world.actor("trainee")
    for name in ASKED:
        with pytest.raises(NotFound):
            answer(world, actor, name)
    client = world.client("trainee")
    reply = client.post("/practice", {"question": versions(world)["bas-0001"], "1.choice": "x"})
    assert (reply.status_code, "CANARY" in reply.get_data(as_text=True)) == (404, False)
    assert kept(world) == 0


def test_a_practice_question_of_another_organisations_course_is_nobodys_here(world: World) -> None:
    course = replace(tiny_course(), name="theirs")
    world.do(lambda session: courses.publish(session, world.clock(), course, world.ids["Northlight"]))
    actors = [world.actor(who) for who in ("trainee", "other_trainee")]
    with world.session() as session:
        mine, theirs = (store.pool(session, actor) for actor in actors)
    assert (len(mine), len(theirs)) == (1, 2)
    (stranger,) = set(theirs.values()) - set(mine.values())
    actor, now = world.actor("trainee"), world.clock()
    with pytest.raises(NotFound):
        world.do(lambda session: actions.answer(session, actor, now, stranger, {}))


def test_an_answer_keeps_what_was_given_and_earned_on_the_organisations_day(world: World) -> None:
    world.clock.now = world.clock.now.replace(month=6, hour=23, minute=30)
    given = right(world, "bas-0005")
    place = answer(world, world.actor("trainee"), "bas-0005", given)
    with world.session() as session:
        row = session.get_one(PracticeLog, place)
        assert (row.day.isoformat(), row.credit, row.fields) == ("2027-06-13", "1", given)


def test_a_second_answer_on_a_day_is_not_kept_and_one_on_the_next_is(world: World) -> None:
    sit(world, "trainee")
    actor = world.actor("trainee")
    first = answer(world, actor, "bas-0003", {"number": ["1"]})
    assert answer(world, actor, "bas-0003") == first
    assert kept(world) == 1
    with world.session() as session:
        assert session.get_one(PracticeLog, first).credit == "0"
    world.clock.forward(days=1)
    assert answer(world, actor, "bas-0003") != first
    assert kept(world) == 2


def test_the_same_answer_sent_twice_at_once_is_kept_once(world: World) -> None:
    actor, given = world.actor("trainee"), right(world, "bas-0005")
    for _ in range(6):
        before = kept(world)
        places = together(*[partial(answer, world, actor, "bas-0005", given)] * 3)
        assert len(set(places)) == 1, places
        assert kept(world) == before + 1
        world.clock.forward(days=1)


def test_a_day_asks_each_question_once_the_missed_ones_first_on_the_next(world: World) -> None:
    sit(world, "trainee")
    actor, missed = world.actor("trainee"), "bas-0003"
    asked = set()
    for done in range(5):
        name, count = following(world, actor)
        assert name
        assert count == done
        asked.add(name)
        answer(world, actor, name, {"number": ["1"]} if name == missed else None)
    assert asked == OWN | ASKED
    assert following(world, actor) == (None, 5)
    world.clock.forward(days=1)
    assert following(world, actor) == (missed, 0)


def test_practice_counts_for_nothing(world: World) -> None:
    with world.session() as session:
        before = rows(session)
    answer(world, world.actor("trainee"), "bas-0005")
    with world.session() as session:
        after = rows(session)
    assert len(after.pop("practice_log")) == 1
    before.pop("practice_log")
    assert after == before


@pytest.mark.parametrize("fields", [{}, {"choice": [""]}, {"flag": ["1"]}, {"choice": ["?"]}, {"choice": ["a", "b"]}])
def test_what_says_nothing_or_cannot_be_read_is_refused_and_not_kept(world: World, fields: Fields) -> None:
    actor, version, now = world.actor("trainee"), versions(world)["bas-0005"], world.clock()
    with pytest.raises(Refused, match=r"Choose (or write an answer first|one of the options shown)\."):
        world.do(lambda session: actions.answer(session, actor, now, version, fields))
    assert kept(world) == 0


def test_nothing_chosen_is_asked_back_without_the_key(world: World) -> None:
    reply = world.client("trainee").post("/practice", {"question": versions(world)["bas-0005"]})
    page = reply.get_data(as_text=True)
    assert reply.status_code == 422
    assert "Choose or write an answer first." in page
    assert "CANARY-SHOWN-5" in page
    assert KEY.findall(page) == []
    assert kept(world) == 0


def test_what_cannot_be_read_is_asked_back_with_what_was_typed(world: World) -> None:
    sit(world, "trainee")
    reply = world.client("trainee").post(
        "/practice", {"question": versions(world)["bas-0003"], "1.number": '1,234 <or "so">'}
    )
    page = reply.get_data(as_text=True)
    assert reply.status_code == 422
    assert 'value="1,234 &lt;or &#34;so&#34;&gt;"' in page
    assert "CANARY-SHOWN-3" in page
    assert not re.search(r"CANARY-REASON|0\.731|Accepted", page)
    assert kept(world) == 0


@pytest.mark.parametrize("asked", [None, "", "0", "-1", "x", "1e9", str(2**31), str(10**30)])
def test_a_question_that_is_none_is_not_found(world: World, asked: str | None) -> None:
    given = {"1.choice": "x"} if asked is None else {"question": asked, "1.choice": "x"}
    assert world.client("trainee").post("/practice", given).status_code == 404


def test_nobody_else_sees_an_answer(world: World) -> None:
    place = answer(world, world.actor("trainee"), "bas-0005")
    others = [world.actor(who) for who in ("colleague", "manager", "educator", "other_trainee")]
    for actor in [*others, elsewhere(world)]:
        with world.session() as session, pytest.raises(NotFound):
            store.own(session, actor, place)
    assert world.client("trainee").get(f"/practice/{place}").status_code == 200
    for who, status in {"colleague": 404, "other_trainee": 404, "manager": 403, "educator": 403}.items():
        assert world.client(who).get(f"/practice/{place}").status_code == status


def test_the_key_of_three_questions_comes_after_the_answer(world: World) -> None:
    client = world.client("trainee")
    page = client.get("/practice").get_data(as_text=True)
    assert "CANARY-SHOWN-5" in page
    assert KEY.findall(page) == []
    (chosen,) = right(world, "bas-0005")["choice"]
    reply = client.post("/practice", {"question": versions(world)["bas-0005"], "1.choice": chosen})
    assert reply.status_code == 303
    page = client.get(reply.headers["Location"]).get_data(as_text=True)
    assert set(KEY.findall(page)) == {"CANARY-REASON-14", "CANARY-REASON-15", "CANARY-ITEM-2"}


def test_a_check_holds_its_key_only_with_an_answer(world: World) -> None:
    client = world.client("trainee")
    options = right(world, "bas-0005")["choice"]
    for address in ("/courses/tiny/basics", CHECK, f"{CHECK}?1.choice=", f"{CHECK}?1.choice=x", f"{CHECK}?1.flag=1"):
        page = client.get(address).get_data(as_text=True)
        assert "CANARY-SHOWN-5" in page
        assert KEY.findall(page) == [], address
    page = client.get(f"{CHECK}?1.choice={options[0]}").get_data(as_text=True)
    assert set(KEY.findall(page)) == {"CANARY-REASON-14", "CANARY-REASON-15", "CANARY-ITEM-2"}


def test_no_check_asks_what_a_quiz_asks(world: World) -> None:
    client = world.client("trainee")
    assert "CANARY-SHOWN-5" in client.get(CHECK).get_data(as_text=True)
    for number in (0, 2, 3, 2**31 - 1):
        assert client.get(f"/courses/tiny/basics/checks/{number}").status_code == 404
    page = client.get("/courses/tiny/basics").get_data(as_text=True)
    assert set(re.findall(r"CANARY-SHOWN-\d", page)) == {"CANARY-SHOWN-5"}


def test_a_check_writes_nothing(world: World) -> None:
    client = world.client("trainee")
    options = right(world, "bas-0005")["choice"]
    with world.session() as session:
        before = rows(session)
    for address in (CHECK, f"{CHECK}?1.choice={options[0]}", f"{CHECK}?1.choice=x", "/practice"):
        assert client.get(address).status_code == 200
    with world.session() as session:
        assert rows(session) == before


def test_nothing_of_a_paper_that_is_open_can_be_practised_or_checked(world: World) -> None:
    """An author lets a question be practised while somebody sits a quiz that holds it."""
    sit(world, "trainee")
    start(world, "trainee", "again")
    course = tiny_course()
    free = tuple(replace(one, practice=True) for one in course.modules[0].questions)
    text = replace(course, modules=(replace(course.modules[0], questions=free),))
    actor = world.actor("trainee")
    with world.session() as session:
        before = {store.question(session, one).version.taker["stem"] for one in store.pool(session, actor).values()}
    world.do(lambda session: courses.publish(session, world.clock(), text))
    with world.session() as session:
        after = {store.question(session, one).version.taker["stem"] for one in store.pool(session, actor).values()}
    assert before == after == {course.modules[0].questions[4].taker["stem"]}


def test_a_quiz_that_came_to_show_nothing_gives_nothing_to_practise(world: World) -> None:
    sit(world, "trainee")
    publish(world, feedback="never")
    actor = world.actor("trainee")
    with world.session() as session:
        assert len(store.pool(session, actor)) == 1


def test_an_answer_leads_to_the_section_that_teaches_it_and_back(world: World) -> None:
    log = answer(world, world.actor("trainee"), "bas-0005")
    trainee = world.client("trainee")
    page = trainee.get(f"/practice/{log}").get_data(as_text=True)
    link = f"/courses/tiny/sections/matters?review=practice.{log}"
    assert f'<a href="{link}">What matters</a>' in page
    lesson = trainee.get(link, follow_redirects=True).get_data(as_text=True)
    assert re.search(rf'class="way-back"><a [^>]*href="/practice/{log}">Back to your answer<', lesson)
    there = world.client("colleague").get(link, follow_redirects=True).get_data(as_text=True)
    assert "way-back" not in there
