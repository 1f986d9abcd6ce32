"""Searching what is taught, on either engine and through the page."""

import re
from dataclasses import replace
from html import unescape

import pytest

from mesotrain.actions import courses
from mesotrain.core.courses import Course
from mesotrain.formats.courses import read_course
from mesotrain.store import search as store
from mesotrain.store.search import MOST, Found
from tests.actions.drafting import PLAIN, kept_by, offer, take, tiny
from tests.world import World, tiny_course

TEXTS = {
    "needles": ("Needles", "The needle is held flat. Its bevel looks up before the injection begins."),
    "injections": ("Injecting", "Injecting slowly hurts less than injecting fast."),
    "doses": ("Doses", "Draw up 0.5 mL of a 20 mg/mL ampoule, with the co-operation from Ménière's clinic."),
    "markup": (
        "Markup",
        'Kidney, amp, lt, 34, alert & script: 1 < 34 <script>alert("x")</script> <img src=x onerror=alert(1)>.',
    ),
    "bevel": ("Bevel", "Only its title says it. It says nothing of the rest."),
    "mention": ("Other things", "A bevel here, and another bevel there."),
}


def course_of(texts: dict[str, tuple[str, str]]) -> Course:
    """The tiny course with other sections."""
    course = tiny_course()
    first = course.modules[0].sections[0]
    sections = tuple(replace(first, name=name, title=title, text=text) for name, (title, text) in texts.items())
    module = replace(course.modules[0], sections=sections)
    return replace(course, modules=(module,))


def publish(world: World, course: Course, organisation: int | None = None) -> None:
    world.do(lambda session: courses.publish(session, world.clock(), course, organisation, "safety"))


def find(world: World, asked: str, who: str = "trainee") -> list[Found]:
    actor = world.actor(who)
    with world.session() as session:
        return list(store.search(session, actor, asked))


def names(world: World, asked: str, who: str = "trainee") -> list[str]:
    return [one.section for one in find(world, asked, who)]


@pytest.fixture
def shelf(world: World) -> World:
    publish(world, course_of(TEXTS))
    return world


def test_a_section_is_found_by_a_word_of_its_text_or_its_title(shelf: World) -> None:
    assert names(shelf, "flat") == ["needles"]
    assert names(shelf, "FLAT") == ["needles"]
    assert names(shelf, "doses") == ["doses"]
    assert names(shelf, "flatly wrong") == []
    (found,) = find(shelf, "flat")
    assert found[:5] == ("tiny", "basics", "The basics", "needles", "Needles")


@pytest.mark.parametrize("form", ["inject", "injection", "injections", "injecting", "Injected"])
def test_a_word_is_found_in_its_other_forms(shelf: World, form: str) -> None:
    assert set(names(shelf, form)) == {"needles", "injections"}


FORMS = [
    ("allergy", "allergies"),
    ("stop", "stopped"),
    ("swab", "swabbing"),
    ("dose", "doses"),
    ("bruise", "bruising"),
    ("sterilise", "sterilised"),
    ("slow", "slowly"),
    ("reaction", "reactions"),
]


@pytest.mark.parametrize("forms", FORMS, ids=" ".join)
def test_forms_of_a_word_find_each_other_wherever_they_stand(world: World, forms: tuple[str, str]) -> None:
    publish(
        world, course_of({"here": ("Here", f"A kidney {forms[0]} here."), "there": ("There", f"A kidney {forms[1]}.")})
    )
    for form in forms:
        assert set(names(world, form)) == {"here", "there"}
        assert set(names(world, f"{form} kidney")) == {"here", "there"}


@pytest.mark.parametrize("word", ["flat", "begins", "ampoule", "Doses", "injection"])
def test_the_last_word_may_be_the_beginning_of_one(shelf: World, word: str) -> None:
    for length in range(3, len(word) + 1):
        assert names(shelf, word[:length]), word[:length]


def test_only_the_last_word_may_be_a_beginning(shelf: World) -> None:
    assert names(shelf, "held fla") == ["needles"]
    assert names(shelf, "fla held") == []


def test_every_word_is_needed_wherever_it_stands(shelf: World) -> None:
    assert names(shelf, "flat needle") == ["needles"]
    assert names(shelf, "needle flat") == ["needles"]
    assert names(shelf, "flat ampoule") == []
    assert names(shelf, "dose ampoule") == ["doses"], "one in the title, one in the text"


def test_a_title_that_holds_the_word_comes_first(shelf: World) -> None:
    assert names(shelf, "bevel") == ["bevel", "mention", "needles"]


@pytest.mark.parametrize("asked", ["0.5 mL", "0.5", "mg/mL", "20 mg/mL", "co-operation", "Ménière's", "meniere"])
def test_a_dose_and_a_name_are_found_as_they_are_written(shelf: World, asked: str) -> None:
    assert names(shelf, asked) == ["doses"]


def excerpts(world: World, asked: str) -> list[str]:
    page = world.client("trainee").get("/search", query_string={"q": asked}).get_data(as_text=True)
    return re.findall(r'<p class="excerpt"[^>]*>(.*?)</p>', page, re.DOTALL)


def test_an_excerpt_marks_what_was_found(shelf: World) -> None:
    (excerpt,) = excerpts(shelf, "flat bevel")
    assert re.findall(r"<mark>(.*?)</mark>", excerpt) == ["flat", "bevel"]
    marked = {word for one in excerpts(shelf, "inject") for word in re.findall(r"<mark>(.*?)</mark>", one)}
    assert {word.lower() for word in marked} == {"injection", "injecting"}


def test_an_excerpt_of_a_long_section_is_short_and_holds_what_was_found(world: World) -> None:
    filler = "Nothing of it stands here. " * 300
    publish(world, course_of({"long": ("Long", f"{filler}A kidney stands here. {filler}")}))
    (excerpt,) = excerpts(world, "kidney")
    assert "<mark>kidney</mark> stands" in excerpt
    assert len(excerpt) < 400


@pytest.mark.parametrize("asked", ["Ménière", "meniere", "MÉNIÈRE"])
def test_an_excerpt_marks_a_word_with_accents(shelf: World, asked: str) -> None:
    (excerpt,) = excerpts(shelf, asked)
    assert [word.partition("'")[0] for word in re.findall(r"<mark>(.*?)</mark>", unescape(excerpt))] == ["Ménière"]


def test_a_result_leads_to_its_section(shelf: World) -> None:
    page = shelf.client("trainee").get("/search?q=flat").get_data(as_text=True)
    assert 'href="/courses/tiny/basics#needles">Needles</a>' in page


@pytest.mark.parametrize("asked", ["kidney", "kidney script", "kidney lt", "kidney amp", "kidney 34", "kidney alert"])
def test_markup_in_an_excerpt_stays_text(shelf: World, asked: str) -> None:
    (excerpt,) = excerpts(shelf, asked)
    pieces = re.split(r"</?mark>", excerpt)
    assert len(pieces) > 2
    assert [piece for piece in pieces if "<" in piece] == []
    assert "".join(map(unescape, pieces)).strip(" …\n") in TEXTS["markup"][1], "and it is what the section says"


HOSTILE = {
    "quotes": "\"needle' ''flat\"\" `",
    "a star": "needle* * flat**",
    "and": "needle & & flat &",
    "or": "needle | | flat ||",
    "colons": "title:needle :* flat:B words : flat",
    "parentheses": ")) needle ((( flat",
    "operators": "needle AND NOT OR NEAR(flat, 2) -held ^bevel {title words}: + ! <-> <2>",
    "a NUL": "needle\x00flat",
    "control characters": "needle\x01\x1f\x7f\u0085\u2028flat",
    "5000 characters": "needle" * 834,
    "5000 words": "a needle " * 2500,
    "long words": f"{'n' * 2500} {'é' * 2500}",
    "punctuation": "!&|()<>:*'\"\\-+^~{}[]?.,;%_ §",
    "one underscore": "_",
    "underscores": "needle _ __ a_b",
    "nothing": "",
    "spaces": " \t\r\n\u00a0\u3000",
    "a surrogate": "needle \ud800 fl\udfffat",
    "other scripts": "針 игла إبرة ٣ ² ½ ⅷ ﷺ ß ﬁ \U0001d7d8 e\u0301 \u0301",
    "a template": "{{ 7 * 7 }} %s %(name)s {0}",
    "an end": "needle'; DROP TABLE section_words; --",
    "percent": "%00 %ed%a0%80",
    "words that mean nothing": "the and of",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_no_query_is_an_error(shelf: World, what: str) -> None:
    for asked in (HOSTILE[what], HOSTILE[what][::-1]):
        assert len(find(shelf, asked)) <= MOST


@pytest.mark.parametrize("what", HOSTILE)
def test_no_query_is_an_error_on_the_page(shelf: World, what: str) -> None:
    asked, client = HOSTILE[what], shelf.client("trainee")
    shelf.app.testing = False  # a bug is a page here, as it is when served
    reply = client.get("/search", query_string={"q": asked.encode("utf-8", "surrogatepass")})
    assert reply.status_code == (404 if "\x00" in asked else 200)
    page = reply.get_data(as_text=True)
    if reply.status_code == 200:
        (field,) = re.findall(r'name="q" value="([^"]*)"', page)
        assert len(unescape(field)) <= 100


@pytest.mark.parametrize("raw", [b"%ed%a0%80needle", b"%00", b"%ff%fe", b"needle%", b"q&q=%zz", b"%f0%28%8c%28"])
def test_no_bytes_of_an_address_are_an_error(shelf: World, raw: bytes) -> None:
    client = shelf.client("trainee")
    shelf.app.testing = False
    assert client.get(f"/search?q={raw.decode()}").status_code == (404 if raw == b"%00" else 200)


def test_markup_in_a_query_stays_text(shelf: World) -> None:
    page = shelf.client("trainee").get("/search", query_string={"q": '"><script>alert(1)</script>'})
    assert "<script>alert" not in page.get_data(as_text=True)


def test_more_than_the_best_are_not_listed(world: World) -> None:
    publish(world, course_of({f"part-{number}": (f"Part {number}", "The same kidney.") for number in range(MOST + 5)}))
    assert len(names(world, "kidney")) == MOST
    page = world.client("trainee").get("/search?q=kidney").get_data(as_text=True)
    assert f"The {MOST} best sections" in page


def test_another_organisations_course_is_not_found(shelf: World) -> None:
    theirs = {"secret": ("Secret", "A kidney of their own, held flat.")}
    publish(shelf, replace(course_of(theirs), name="theirs"), shelf.ids["Northlight"])
    assert names(shelf, "flat") == ["needles"]
    assert set(names(shelf, "flat", "other_trainee")) == {"needles", "secret"}
    for who, seen in {"trainee": 0, "educator": 0, "manager": 0, "other_manager": 1}.items():
        page = shelf.client(who).get("/search?q=kidney").get_data(as_text=True)
        assert page.count("of their own") == seen


def test_many_sections_of_others_hide_none_of_ones_own(shelf: World) -> None:
    theirs = {f"part-{number}": ("Flat", "Flat flat flat.") for number in range(3 * MOST)}
    publish(shelf, replace(course_of(theirs), name="theirs"), shelf.ids["Northlight"])
    assert names(shelf, "flat") == ["needles"]


def test_words_of_an_old_publication_are_not_found(shelf: World) -> None:
    changed = {**TEXTS, "needles": ("Syringes", "The syringe is held upright.")}
    publish(shelf, course_of(changed))
    assert names(shelf, "flat") == []
    assert names(shelf, "needles") == []
    assert names(shelf, "upright") == ["needles"]
    publish(shelf, course_of({name: text for name, text in changed.items() if name != "needles"}))
    assert names(shelf, "upright") == []
    publish(shelf, course_of(TEXTS))
    assert names(shelf, "flat") == ["needles"]


def test_a_section_is_found_once_and_where_it_stands_now(shelf: World) -> None:
    course = course_of(TEXTS)
    moved = replace(course.modules[0], name="later", title="Later on", questions=())
    publish(shelf, replace(course, modules=(moved,)))
    (found,) = find(shelf, "flat")
    assert found[:4] == ("tiny", "later", "Later on", "needles")


def test_words_of_a_draft_are_found_when_it_is_published(world: World) -> None:
    kept_by(world, "Harbour")
    draft = take(world, tiny(PLAIN), "educator")
    for who in ("trainee", "educator"):
        assert names(world, "behind", who) == []
        assert names(world, "everything", who) == ["not"]
    assert offer(world, "educator", draft, {}) == 2
    assert names(world, "behind") == ["not"]


def test_notes_questions_and_citations_are_not_searched(world: World) -> None:
    client = world.client("trainee")
    client.post("/courses/tiny/basics/sections/not/note", {"note.not": "kidney"})
    for asked in ("kidney", "CANARY", "ampoule", "I01", "svg", "bas"):
        assert names(world, asked) == [], asked
    assert names(world, "stands") == ["matters"], "the words under a figure are"


def test_an_organisations_own_course_is_found_beside_the_shared_one(world: World) -> None:
    own = read_course(tiny(("course.yaml", "course: tiny", "course: ours")))
    publish(world, own, world.ids["Harbour"])
    assert {one.course for one in find(world, "everything")} == {"tiny", "ours"}
