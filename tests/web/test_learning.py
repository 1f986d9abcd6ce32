"""Today and the course: what is assigned comes first, says by when, and is done when it is held."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

from mesotrain.actions import assignments, courses
from mesotrain.store.assignments import open_of
from tests.actions.clearing import desk
from tests.actions.taking import sit
from tests.world import World, tiny_course


def publish(world: World, *names: str) -> None:
    """More courses like the tiny one."""
    for name in names:
        text = tiny_course()
        modules = tuple(replace(one, title=f"Basics of {name}") for one in text.modules)
        made = replace(text, name=name, title=f"All of {name}", modules=modules)
        world.do(lambda session, made=made: courses.publish(session, world.clock(), made))


def assign(world: World, course: str, days: int, who: str = "trainee") -> None:
    actor, due = world.actor("manager"), world.clock().date() + timedelta(days=days)
    world.do(lambda session: assignments.assign(session, actor, world.clock(), course, [world.ids[who]], due))


def page(world: World, url: str = "/", who: str = "trainee") -> str:
    text = unescape(world.client(who).get(url).get_data(as_text=True))
    return re.sub(r"\s+", " ", re.sub(r"</?time[^>]*>", "", text))


def tasks(world: World, who: str = "trainee") -> list[str]:
    """Each thing to do, as its text."""
    (found,) = re.findall(r'<ol class="tasks plain">(.*?)</ol>', page(world, "/", who)) or [""]
    return [re.sub(r" ?<[^>]*> ?", " ", one).strip() for one in re.findall(r"<li>(.*?)</li>", found)]


def titles(world: World, who: str = "trainee") -> list[str]:
    return [re.match(r"(The basics|Basics of \w+)", one)[1] for one in tasks(world, who)]  # type: ignore[index]


def test_what_is_assigned_comes_first_and_the_earliest_of_it(world: World) -> None:
    publish(world, "alpha", "beta", "omega", "zeta")
    assert titles(world) == ["Basics of alpha", "Basics of beta", "Basics of omega"]
    assign(world, "zeta", 20)
    assert titles(world) == ["Basics of zeta", "Basics of alpha", "Basics of beta"]
    assign(world, "omega", 5)
    assign(world, "tiny", 40)
    assert titles(world) == ["Basics of omega", "Basics of zeta", "The basics"]
    assert titles(world, "colleague") == ["Basics of alpha", "Basics of beta", "Basics of omega"]
    assert "Assigned by your clinic manager, due 17 Mar 2027. Read it, then sit its quiz." in tasks(world)[0]
    assert "About 3 minutes" in tasks(world)[0]
    assert "Overdue" not in page(world)


def test_a_course_that_clearance_rests_on_comes_before_the_others(world: World) -> None:
    publish(world, "alpha")
    assert titles(world) == ["Basics of alpha", "The basics"]
    desk(world)
    assert titles(world) == ["The basics", "Basics of alpha"]
    assert re.findall(r'<h3 class="course"><a href="/courses/(\w+)"', page(world)) == ["tiny", "alpha"]


def test_what_is_overdue_is_said_in_words_from_the_day_after_on(world: World) -> None:
    assign(world, "tiny", 3)
    world.clock.forward(days=3)
    assert "Overdue" not in page(world)
    world.clock.forward(days=1)
    assert "Assigned by your clinic manager. It was due on 15 Mar 2027." in tasks(world)[0]
    for url in ("/", "/courses/tiny"):
        assert '<span class="state stop">Overdue</span> <span class="quiet">it was due on 15 Mar 2027' in page(
            world, url
        )


def test_the_list_and_the_course_say_when_it_is_due_to_whom_it_was_assigned(world: World) -> None:
    publish(world, "alpha")
    assign(world, "alpha", 3)
    said = '<span class="state none">Assigned</span> <span class="quiet">due on 15 Mar 2027'
    for url in ("/", "/courses/alpha"):
        assert page(world, url).count(said) == 1, url
        for who in ("colleague", "other_trainee", "manager"):
            assert said not in page(world, url, who), (url, who)
    assert said not in page(world, "/courses/tiny")


def test_an_assignment_is_done_when_it_is_held_and_asks_again_when_it_is_not(world: World) -> None:
    assign(world, "tiny", 900)
    sit(world, "trainee")
    assert "due on" not in page(world)
    assert tasks(world) == []
    world.clock.forward(days=700)
    assert "due on" not in page(world), "the status ends soon and is held"
    assert "renew it" in tasks(world)[0]
    world.clock.forward(days=60)
    assert "Assigned by your clinic manager, due" in tasks(world)[0]


def test_what_was_withdrawn_is_asked_no_more(world: World) -> None:
    publish(world, "alpha")
    assign(world, "tiny", 3)
    assert titles(world) == ["The basics", "Basics of alpha"]
    with world.session() as session:
        (number, *_), *_ = open_of(session, world.ids["Harbour"], world.ids["trainee"])
    manager = world.actor("manager")
    world.do(lambda session: assignments.withdraw(session, manager, world.clock(), number))
    assert titles(world) == ["Basics of alpha", "The basics"]
    assert "Assigned" not in page(world)


def test_a_quiz_whose_time_runs_comes_first(world: World) -> None:
    publish(world, "alpha")
    assign(world, "alpha", 0)
    world.client("trainee").start()
    assert titles(world) == ["The basics", "Basics of alpha"]


def test_a_lesson_says_who_signed_it_or_that_nobody_has(world: World) -> None:
    def page(path: str) -> str:
        return world.client("trainee").get(path).get_data(as_text=True)

    nobody = "No clinician has signed it off"
    assert nobody in page("/courses/tiny/basics")
    assert nobody in page("/courses/tiny")
    course = tiny_course()
    (basics,) = course.modules
    signed = replace(basics, sign_off=f"Dr Jo Ames, MD, 2027-03-12, {basics.text_version}")
    text = replace(course, status="signed", modules=(signed,))
    world.do(lambda session: courses.publish(session, world.clock(), text, change="editorial"))
    lesson = page("/courses/tiny/basics")
    assert nobody not in lesson
    assert nobody not in page("/courses/tiny")
    assert re.search(r"Signed off by Dr Jo Ames, MD on\s+<time[^>]*>12 Mar 2027</time>", lesson)
    assert basics.text_version in lesson


def test_a_section_can_be_had_alone_and_none_that_is_none(world: World) -> None:
    trainee = world.client("trainee")
    page = trainee.get("/courses/tiny/basics").get_data(as_text=True)
    address = re.search(r'href="(/courses/tiny/basics\?only=[^"]+)"', page)
    assert address
    alone = trainee.get(address[1]).get_data(as_text=True)
    assert alone.count("<h2") == 1
    assert trainee.get("/courses/tiny/basics?only=nothing").status_code == 404
