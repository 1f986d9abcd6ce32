"""What a manager is shown: the table, its filters and files, people of more than one place, evidence taken back."""

import csv
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from io import BytesIO, StringIO
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert, select, update

from mesotrain.actions import attempts, courses, people
from mesotrain.core.access import EDUCATOR, MANAGER, TRAINEE, Actor
from mesotrain.core.competence import STATES
from mesotrain.core.dates import day_of, months_after
from mesotrain.store import competence, team
from mesotrain.store.catalogue import is_newest
from mesotrain.store.competence import Evidence, StandingSpan, Withdrawal
from mesotrain.store.courses import CompetencyRule
from mesotrain.store.events import Said, record
from mesotrain.store.people import Member, Person, set_roles
from tests.actions.taking import MINUTES, sit, start
from tests.world import World, tiny_course


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
        competence.project(session, newest.organisation_id, newest.person_id, {newest.competency_id: rule})
        assert set(session.scalars(select(StandingSpan.up_to))) == {sequence}

    world.do(withdraw)
    page = seen(world, "manager", "trainee")
    assert f"The quiz was passed on {first:%-d %b %Y}." in page
    assert "withdrawn: a trial" in page
    assert (first + timedelta(days=1)) < second


def test_what_somebody_has_begun_comes_before_what_they_have_not(world: World) -> None:
    tiny = tiny_course()
    other = replace(tiny, name="another", competencies=tuple(replace(one, title="Other") for one in tiny.competencies))
    world.do(lambda session: courses.publish(session, world.clock(), other, world.ids["Harbour"]))
    titles = r'<h2 id="title-\d+">(\w+)</h2>'
    assert re.findall(titles, seen(world, "manager", "trainee")) == ["Other", "Basics"]
    sit(world, "trainee", right=4)
    assert re.findall(titles, seen(world, "manager", "trainee")) == ["Basics", "Other"]


# The table: filters, order, pages and files ---------------------------------------------------------------------------

PASSED_DAYS_AGO = {
    "Zoë Current": 10,
    "Élodie Renewing": 690,
    "Ben Lapsed": 735,
    "Ana Expired": 900,
    "Yan New": None,
}
"""The tiny course's rule: 24 months, renewal open for its last 60 days, no grace."""


@pytest.fixture
def crew(world: World) -> dict[str, int]:
    """Trainees of the manager's clinic in every state there is here, beside the cast, who have begun nothing."""
    ids = {}
    end = world.clock()
    for number, (name, days) in enumerate(PASSED_DAYS_AGO.items()):

        def work(session, name=name, number=number):  # type: ignore[no-untyped-def]
            person = people.create_person(
                session, name, f"crew{number}@example.org", "", b"%d" % number, "en", "Europe/London"
            )
            people.join(session, world.clock(), world.ids["Harbour"], person, [(TRAINEE, world.ids["Quay"])])
            return person.id, person.commitment

        ids[name], commitment = world.do(work)
        if days is not None:
            actor = replace(world.actor("trainee"), person=ids[name], name=name, commitment=commitment)
            world.clock.now = end - timedelta(days=days)
            pass_quiz(world, actor)
            world.clock.now = end
    return ids


def pass_quiz(world: World, actor: Actor) -> None:
    now = world.clock()
    attempt = world.do(lambda session: attempts.start(session, actor, now, actor.name, "tiny", "basics"))
    right = world.right_answers(attempt)

    def work(session) -> None:  # type: ignore[no-untyped-def]
        for position, fields in right.items():
            attempts.save(session, actor, now, attempt, 0, position, f"op{position}", fields)
        attempts.finish(session, actor, now, attempt)

    world.do(work)


def names(world: World, query: str = "", who: str = "manager") -> list[str]:
    """The people of a page of the table, in order."""
    page = world.client(who).get(f"/team?{query}").get_data(as_text=True)
    return re.findall(r'<th role="rowheader" scope="row"><a href="/team/[0-9]+">([^<]+)</a>', page)


CAST_OF_QUAY = ["Colin Colleague", "Tess Trainee"]


def test_names_with_accents_stand_where_their_letters_do(world: World, crew: dict[str, int]) -> None:
    add(world, "Łukasz Bean", 1)
    crowd = ["Ana Expired", "Ben Lapsed", "Colin Colleague", "Élodie Renewing", "Łukasz Bean"]
    assert names(world) == [*crowd, "Tess Trainee", "Yan New", "Zoë Current"]


def test_a_status_finds_those_who_stand_so_and_no_others(world: World, crew: dict[str, int]) -> None:
    found = {state: names(world, urlencode({"state": state})) for state in STATES}
    assert found == {
        "not started": ["Colin Colleague", "Tess Trainee", "Yan New"],
        "in progress": [],
        "current": ["Zoë Current"],
        "renewal open": ["Élodie Renewing"],
        "in grace": [],
        "expired": ["Ana Expired", "Ben Lapsed"],
    }


def test_what_expires_soon_is_counted_and_found_by_its_day(world: World, crew: dict[str, int]) -> None:
    ends = months_after(day_of(world.clock() - timedelta(days=690), "Europe/London"), 24)
    left = (ends - world.clock().date()).days
    assert 30 < left <= 60
    assert (within_30_days(world), names(world, "expiring=30")) == (0, [])
    assert names(world, "expiring=60") == ["Élodie Renewing"]
    world.clock.forward(days=left - 30)
    assert (within_30_days(world), names(world, "expiring=30")) == (1, ["Élodie Renewing"]), "the last day that counts"
    world.clock.forward(days=30)
    assert (within_30_days(world), names(world, "expiring=30")) == (0, []), "the day it expires it does so no more"


def within_30_days(world: World) -> int:
    """Of how many the table says so."""
    page = world.client("manager").get("/team").get_data(as_text=True)
    return int(re.search(r"within 30 days <strong class=\"number\">([0-9]+)", page)[1])


def test_the_weakest_come_first_and_the_earliest_of_them(world: World, crew: dict[str, int]) -> None:
    weakest = ["Ana Expired", "Ben Lapsed", *CAST_OF_QUAY, "Yan New", "Élodie Renewing", "Zoë Current"]
    assert names(world, "sort=weakest") == weakest
    with world.session() as session:
        (competency,) = team.choices(session, world.actor("manager"), [MANAGER])[1]
    assert names(world, f"sort={competency}") == weakest
    assert sorted(names(world)) == sorted(weakest)
    assert names(world)[:3] == ["Ana Expired", "Ben Lapsed", "Colin Colleague"]


@pytest.mark.parametrize("said", ["Élodie", "élodie", "renew", "ÉLODIE", "renewing  ÉLO", "elodie"])
def test_a_name_is_found_in_any_letter_case_and_order_and_without_its_accents(
    world: World, crew: dict[str, int], said: str
) -> None:
    assert names(world, urlencode({"q": said})) == ["Élodie Renewing"]


@pytest.mark.parametrize("said", ["%", "_", "/", "\\"])
def test_a_name_is_no_pattern(world: World, crew: dict[str, int], said: str) -> None:
    assert names(world, urlencode({"q": said})) == []


def test_whoever_left_is_in_neither_table_nor_count_nor_file(world: World, crew: dict[str, int]) -> None:
    world.clock.forward(days=30)
    assert within_30_days(world) == 1
    ended = update(Member).where(Member.person_id == crew["Élodie Renewing"]).values(ended_on=world.clock().date())
    world.do(lambda session: session.execute(ended))
    page = world.client("manager").get("/team").get_data(as_text=True)
    assert "Élodie" not in page
    assert "6 people" in page
    assert within_30_days(world) == 0
    assert "Élodie" not in world.client("manager").get("/team.csv").get_data(as_text=True)


def test_what_is_counted_follows_whatever_is_recorded(world: World, crew: dict[str, int]) -> None:
    world.clock.forward(days=30)

    def counted() -> tuple[str, int]:
        page = world.client("manager").get("/team").get_data(as_text=True)
        return re.findall(r"([0-9]+ people)", page)[0], within_30_days(world)

    assert counted() == ("7 people", 1)
    add(world, "Newcomer", 1)
    assert counted() == ("8 people", 1)
    renewing, administrator = crew["Élodie Renewing"], world.actor("administrator")
    world.do(lambda session: people.change_roles(session, administrator, world.clock(), renewing, [(EDUCATOR, None)]))
    assert counted() == ("7 people", 0), "who is no trainee any more"
    world.do(lambda session: people.end(session, administrator, world.clock(), crew["Yan New"]))
    assert counted()[0] == "6 people"


def test_the_rooms_of_a_page_follow_the_roles_of_its_reader(world: World) -> None:
    """They are made once for each set of permissions, language and page."""

    trainee, administrator, clinic = world.ids["trainee"], world.actor("administrator"), world.ids["Quay"]
    browsers = {who: world.client(who) for who in ("manager", "trainee")}

    def rooms(who: str) -> list[str]:
        page = browsers[who].get("/account").get_data(as_text=True)
        return re.findall(r"<a [^>]*>(\w+)</a></li>", page.partition('aria-label="Main"')[2].partition("</nav>")[0])

    assert ("Team" in rooms("manager"), "Team" in rooms("trainee")) == (True, False)
    both = [(MANAGER, clinic), (TRAINEE, clinic)]
    world.do(lambda session: people.change_roles(session, administrator, world.clock(), trainee, both))
    assert {"Team", "Today"} < set(rooms("trainee"))
    world.do(lambda session: people.change_roles(session, administrator, world.clock(), trainee, both[1:]))
    assert "Team" not in rooms("trainee")


def test_filters_stay_in_every_link_and_page(world: World) -> None:
    for number in range(60):
        add(world, f"Person {number:02}", number)
    query = "q=Person&state=not+started&sort=weakest"
    page = world.client("manager").get(f"/team?{query}&page=2").get_data(as_text=True)
    assert names(world, f"{query}&page=2") == [f"Person {number:02}" for number in range(25, 50)]
    assert names(world, f"{query}&page=99") == [f"Person {number:02}" for number in range(50, 60)]
    assert "Page 2 of 3" in page
    links = [unescape(one) for one in re.findall(r'href="(/team[.?][^"]*)"', page)]
    previous, following = (one for one in links if "page=" in one)
    assert {dict(parse_qsl(urlsplit(one).query))["page"] for one in (previous, following)} == {"1", "3"}
    for one in (previous, following, *(one for one in links if one.startswith("/team."))):
        assert dict(parse_qsl(query)).items() <= dict(parse_qsl(urlsplit(one).query)).items(), one


def add(world: World, name: str, number: int) -> None:
    def work(session) -> None:  # type: ignore[no-untyped-def]
        person = people.create_person(session, name, f"add{number}@example.org", "", b"%d" % number, "en", "UTC")
        people.join(session, world.clock(), world.ids["Harbour"], person, [(TRAINEE, world.ids["Quay"])])

    world.do(work)


def from_csv(world: World, query: str = "", who: str = "manager") -> list[list[str]]:
    reply = world.client(who).get(f"/team.csv?{query}")
    assert reply.headers["Content-Disposition"] == "attachment; filename=team-2027-03-12.csv"
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert reply.headers["Cache-Control"] == "no-store"
    return list(csv.reader(StringIO(reply.data.decode("utf-8-sig"), newline="")))


def test_a_file_holds_what_is_filtered_in_its_order(world: World, crew: dict[str, int]) -> None:
    heads, *rows = from_csv(world, "sort=weakest")
    assert heads == ["Name", "Clinics", "Basics: status", "Basics: since", "Basics: expires"]
    assert [row[0] for row in rows] == names(world, "sort=weakest")
    assert rows[0][:3] == ["Ana Expired", "Quay", "Expired"]
    assert [row[0] for row in from_csv(world, "state=current")[1:]] == names(world, "state=current")
    book = load_workbook(BytesIO(world.client("manager").get("/team.xlsx?sort=weakest").data)).active
    said = [[cell.value for cell in row] for row in book.iter_rows(min_row=2)]
    assert [row[:3] for row in said] == [row[:3] for row in rows]
    assert [row[4].date().isoformat() if row[4] else "" for row in said] == [row[4] for row in rows]


def test_a_file_holds_nobody_of_another_clinic_or_organisation(world: World) -> None:
    everybody = {"manager": set(CAST_OF_QUAY), "other_manager": {"Olga Other"}}
    for who, mine in everybody.items():
        for query in ("", *(f"clinic={world.ids[place]}" for place in ("Quay", "Mill", "Cork"))):
            found = {row[0] for row in from_csv(world, query, who)[1:]}
            assert found <= mine
            book = load_workbook(BytesIO(world.client(who).get(f"/team.xlsx?{query}").data)).active
            assert {row[0].value for row in book.iter_rows(min_row=2)} == found
        assert {row[0] for row in from_csv(world, "", who)[1:]} == mine


@pytest.mark.parametrize("name", ['=HYPERLINK("https://evil.example/","Click")', "@SUM(1)", "+44 20", "-1", "\t=1"])
def test_a_name_that_is_a_formula_is_none_in_a_file(world: World, name: str) -> None:
    add(world, name, 1)
    assert f"'{name}" in {row[0] for row in from_csv(world)[1:]}
    book = load_workbook(BytesIO(world.client("manager").get("/team.xlsx").data)).active
    cells = [row[0] for row in book.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert name in {cell.value for cell in cells}


def test_every_empty_table_says_why_it_is_empty(world: World) -> None:
    def page(query: str) -> str:
        return world.client("manager").get(f"/team?{query}").get_data(as_text=True)

    assert "Nobody matches" in page("q=nobody")
    assert "Nothing expires that soon" in page("expiring=30")
    ended = (
        update(Member)
        .where(Member.organisation_id == world.ids["Harbour"])
        .where(Member.person_id.in_([world.ids["trainee"], world.ids["colleague"]]))
    )
    world.do(lambda session: session.execute(ended.values(ended_on=world.clock().date())))
    assert "This clinic has no trainees yet" in page(f"clinic={world.ids['Quay']}")
    assert "Nobody works in your clinics yet" in page("")


def test_every_clinic_of_somebody_is_named_whatever_the_filter(world: World) -> None:
    quay, mill = world.ids["Quay"], world.ids["Mill"]

    def work(session) -> None:  # type: ignore[no-untyped-def]
        for who, role in (("manager", "manager"), ("trainee", "trainee")):
            set_roles(session, world.ids["Harbour"], world.ids[who], [(role, quay), (role, mill)])

    world.do(work)
    for query, many in (("", 3), (f"?clinic={quay}", 2), (f"?clinic={mill}", 2)):
        page = world.client("manager").get(f"/team{query}").get_data(as_text=True)
        assert f"{many} people" in page, "each is counted once"
        assert re.search(r"Tess Trainee</a>.{0,80}Mill, Quay", page, re.DOTALL), query
