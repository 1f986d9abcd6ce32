"""The competencies stand in one order everywhere: first those clearance rests on, then by course, as it had them."""

import re
from dataclasses import replace
from html import unescape

import pytest
from sqlalchemy.orm import Session

from mesotrain.actions import courses
from mesotrain.core.courses import Course
from tests.actions import examining
from tests.actions.clearing import SCHEME
from tests.world import World, tiny_course

ORDER = ["Basics", "Extras", "First by code", "Ahead by name"]


def cleared() -> Course:
    """The course with an exam and a scheme; one competency is no module's, and came last."""
    course = examining.course()
    lesson, exam = course.modules
    last = replace(course.competencies[0], code="AAA", title="First by code")
    modules = (lesson, replace(exam, competency="EXT"))
    return replace(course, competencies=(*course.competencies, last), modules=modules, scheme=SCHEME)


def ahead() -> Course:
    """A course whose name comes first, and on which no clearance rests."""
    tiny = tiny_course()
    competencies = tuple(replace(one, title="Ahead by name") for one in tiny.competencies)
    return replace(tiny, name="aardvark", title="Of no clearance", competencies=competencies)


@pytest.fixture
def taught(world: World) -> World:
    def work(session: Session) -> None:
        for course in (ahead(), cleared()):
            courses.publish(session, world.clock(), course)

    world.do(work)
    return world


def titles(page: str, found: str) -> list[str]:
    words = [re.sub(r"<[^>]*>", " ", one) for one in re.findall(found, unescape(page), re.DOTALL)]
    return [title for one in words for title in ORDER if title in one]


@pytest.mark.parametrize(
    ("who", "path", "found", "shown"),
    [
        ("manager", "/team", r"<thead.*?</thead>", ORDER),
        ("manager", "/team", r'<select id="competency".*?</select>', ORDER),
        ("manager", "/team/statuses", r"<thead.*?</thead>", ORDER),
        ("manager", "/team/{trainee}", r"<h[23].*?</h[23]>", ORDER),
        ("trainee", "/record", r"<h[23].*?</h[23]>", ORDER),
        ("trainee", "/", r'<ul class="strip plain">.*?</ul>', [ORDER[0], ORDER[1], ORDER[3]]),
    ],
)
def test_competencies_stand_in_one_order(taught: World, who: str, path: str, found: str, shown: list[str]) -> None:
    page = taught.client(who).get(path.format(**taught.ids)).get_data(as_text=True)
    one = titles(page, found)
    assert list(dict.fromkeys(one)) == shown
    assert sorted(one, key=shown.index) == one


def test_a_file_of_the_team_has_the_same_order(taught: World) -> None:
    heads = taught.client("manager").get("/team.csv").get_data(as_text=True).splitlines()[0]
    assert re.findall(r"([\w ]+): status", heads) == ORDER
