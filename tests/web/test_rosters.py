"""Inviting from a list: nothing is written by looking, and all of it or nothing by confirming."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from mesotrain.actions import invitations, people, rosters
from mesotrain.core.access import EDUCATOR, MANAGER, TRAINEE
from mesotrain.core.accounts import INVITATION
from mesotrain.core.errors import Refused
from mesotrain.formats import sheets
from mesotrain.formats.rosters import MOST_PEOPLE, Row
from mesotrain.formats.rosters import read as read_roster
from mesotrain.store.db import Base, db
from mesotrain.store.events import Event
from mesotrain.store.invitations import OPEN, WITHDRAWN, Invitation
from tests.actions.taking import together
from tests.world import Browser, World

HEAD = "Name,E-mail,Role,Clinic\n"
ANN, BOB = "Ann Lee,ann@example.org,trainee,Quay\n", "Bob Ray,bob@example.org,educator,\n"
CARE = "Cy Care,cy@example.org,manager,Mill\nCy Care,cy@example.org,auditor,Whole organisation\n"
EDUCATES = [(EDUCATOR, None)]
GOOD = HEAD + ANN + BOB + CARE


def dump(world: World) -> dict[str, list[str]]:
    """Everything the database remembers."""
    with world.session() as session:
        return {
            table.name: sorted(repr(tuple(row)) for row in session.execute(select(table)))
            for table in Base.metadata.sorted_tables
        }


def look(browser: Browser, text: str | bytes, name: str = "people.csv") -> TestResponse:
    """Sends a text, or a file."""
    if isinstance(text, str):
        return browser.post("/people/import", {"text": text}, page="/people/import")
    return browser.post("/people/import", {"file": (BytesIO(text), name)}, page="/people/import")


def confirm(browser: Browser, text: str) -> TestResponse:
    return browser.post("/people/import/invite", {"text": text}, page="/people/import")


def carried(reply: TestResponse) -> str:
    """What the page that shows a list would send on."""
    found = re.search(r'name="text" value="([^"]*)"', reply.get_data(as_text=True))
    assert found, reply.get_data(as_text=True)
    return unescape(found[1])


def faults(reply: TestResponse) -> list[tuple[str, str, str]]:
    """(line, column, what is wrong) of each fault of a page."""
    assert reply.status_code == 422
    page = unescape(reply.get_data(as_text=True))
    found = []
    for line, wrong in re.findall(r"<h2>((?:Line|The whole)[^<]*)</h2>.*?<ul[^>]*>(.*?)</ul>", page, re.DOTALL):
        one = re.findall(r"<li>(?:<strong>([^<]*)</strong>)?\s*<span>(.*?)</span></li>", wrong)
        found += [(line, column, what) for column, what in one]
    assert f"{len(found)} thing" in page
    return found


def invited(world: World, organisation: str = "Harbour") -> dict[str, Any]:
    """Address -> roles of the open invitations."""
    with world.session() as session:
        rows = session.scalars(select(Invitation).filter_by(state=OPEN, organisation_id=world.ids[organisation]))
        return {row.email: row.roles for row in rows}


def test_a_list_is_looked_at_and_confirmed(world: World) -> None:
    browser = world.client("administrator")
    before = dump(world)
    reply = look(browser, GOOD.encode())
    page = reply.get_data(as_text=True)
    assert reply.status_code == 200
    assert dump(world) == before
    assert "3 people get a mail" in page
    assert re.search(r"Auditor, <span[^>]*>Whole organisation<", page)
    assert confirm(browser, carried(reply)).status_code == 303
    quay, mill = world.ids["Quay"], world.ids["Mill"]
    assert invited(world) == {
        "ann@example.org": [[TRAINEE, quay]],
        "bob@example.org": [[EDUCATOR, None]],
        "cy@example.org": [["auditor", None], [MANAGER, mill]],
    }
    with world.session() as session:
        said = session.scalars(select(Event).filter_by(kind="person.invited")).all()
        assert len(said) == 3
        assert {row.name for row in session.scalars(select(Invitation))} == {"Ann Lee", "Bob Ray", "Cy Care"}
        assert len({row.nonce for row in session.scalars(select(Invitation))}) == 3
    assert "3 people are invited. A link is good for 14 days." in browser.get("/people").get_data(as_text=True)


def test_who_is_invited_from_a_list_joins_as_anybody(world: World) -> None:
    confirm(world.client("administrator"), GOOD)
    with world.session() as session:
        row = session.scalars(select(Invitation).filter_by(email="cy@example.org")).one()
        number, nonce = row.id, row.nonce
    join = (number, nonce, "Cy Care", "hash", b"cy")
    person = world.do(lambda session: invitations.join_with_new_account(session, world.clock(), *join))
    with world.session() as session:
        held = people.store.held(session, world.ids["Harbour"], person)
    assert sorted(held, key=str) == [("auditor", None), (MANAGER, world.ids["Mill"])]


def test_a_workbook_is_a_list_too(world: World) -> None:
    rows = [line.split(",") for line in GOOD.splitlines()]
    reply = look(world.client("administrator"), sheets.xlsx(rows), "people.xlsx")
    assert carried(reply) == carried(look(world.client("administrator"), GOOD))


def test_everything_wrong_is_said_at_once_and_the_text_is_kept(world: World) -> None:
    text = (
        HEAD + ANN + "\nBob,bob@,educator,Cork\nTess,trainee@example.org,trainee,quay\nEve,eve@x.org,trainee,Nowhere\n"
    )
    browser = world.client("administrator")
    before = dump(world)
    for reply in (look(browser, text.encode()), look(browser, text), confirm(browser, text)):
        assert faults(reply) == [
            ("Line 4", "E-mail address", "“bob@” is not an e-mail address."),
            (
                "Line 4",
                "Clinic",
                "This role is held in the whole organisation, not in one clinic. Leave the clinic out.",
            ),
            (
                "Line 5",
                "E-mail address",
                "trainee@example.org belongs to your organisation already. "
                "Take them out, and change their roles under People.",
            ),
            (
                "Line 6",
                "Clinic",
                "There is no clinic “Nowhere” in your organisation. Mend its name here, or add it under Clinics.",
            ),
        ]
        assert unescape(reply.get_data(as_text=True)).replace("\r\n", "\n").count(text.strip()) == 1
    assert dump(world) == before


@pytest.mark.parametrize("last", ["Eve,eve@example.org,trainee,Nowhere\n", "Eve,,trainee,Quay\n", '"Eve'])
def test_a_list_that_is_refused_leaves_every_table_as_it_was(world: World, last: str) -> None:
    browser = world.client("administrator")
    before = dump(world)
    assert confirm(browser, GOOD + last).status_code == 422
    assert dump(world) == before


def test_what_changed_since_it_was_looked_at_is_seen_and_nobody_is_invited(world: World) -> None:
    browser, now = world.client("administrator"), world.clock()
    text = carried(look(browser, GOOD))

    def join(session: Any) -> None:
        person = people.create_person(session, "Ann", "ann@example.org", "", b"ann", "en", "UTC")
        people.join(session, now, world.ids["Harbour"], person, [(TRAINEE, world.ids["Quay"])])

    world.do(join)
    before = dump(world)
    assert [line for line, *_ in faults(confirm(browser, text))] == ["Line 2"]
    assert dump(world) == before


def test_a_failure_in_the_middle_leaves_every_table_as_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = world.client("administrator")
    before = dump(world)

    def fail(*_: Any) -> None:
        raise Refused("The log is full.")

    monkeypatch.setattr(invitations, "record", fail)
    assert confirm(browser, GOOD).status_code == 409
    assert dump(world) == before


def test_a_list_that_is_sent_again_mails_nobody_twice(world: World) -> None:
    browser = world.client("administrator")
    confirm(browser, GOOD)
    before = dump(world)
    assert "3 people are invited." in browser.get("/people").get_data(as_text=True)
    page = look(browser, GOOD).get_data(as_text=True)
    assert "Nobody: all of them are invited already" in page
    assert "Invite 3 people" not in page
    assert confirm(browser, GOOD).headers["Location"] == "/people"
    assert dump(world) == before
    page = browser.get("/people").get_data(as_text=True)
    assert "All of them are invited already, with the same roles. No further mail is sent." in page
    assert "0 people" not in page
    more = GOOD + "Dee,dee@example.org,educator,\n"
    page = look(browser, more).get_data(as_text=True)
    assert "3 people are invited already with the same roles" in page
    confirm(browser, more)
    with world.session() as session:
        assert session.scalar(select(func.count()).select_from(Event).filter_by(kind="person.invited")) == 4


def test_other_roles_and_too_old_a_link_are_invited_anew(world: World) -> None:
    browser = world.client("administrator")
    confirm(browser, GOOD)
    other = GOOD.replace("trainee,Quay", "trainee,Mill")
    assert "1 person gets a mail" in look(browser, other).get_data(as_text=True)
    confirm(browser, other)
    assert invited(world)["ann@example.org"] == [[TRAINEE, world.ids["Mill"]]]
    world.clock.now += INVITATION
    browser = world.client("administrator")
    page = look(browser, other).get_data(as_text=True)
    assert page.count("Invited before: that link is good no more.") == 3
    confirm(browser, other)
    with world.session() as session:
        rows = session.scalars(select(Invitation).filter_by(email="ann@example.org").order_by(Invitation.id)).all()
        assert [row.state for row in rows] == [WITHDRAWN, WITHDRAWN, OPEN]
        assert rows[-1].ends_at == world.clock.now + INVITATION


def test_who_has_left_may_be_invited_again_and_who_is_suspended_may_not(world: World) -> None:
    actor, now = world.actor("administrator"), world.clock()
    world.do(lambda session: people.end(session, actor, now, world.ids["trainee"]))
    world.do(lambda session: people.suspend(session, actor, now, world.ids["colleague"]))
    text = HEAD + "Tess,trainee@example.org,trainee,Quay\nColin,colleague@example.org,trainee,Quay\n"
    assert [line for line, *_ in faults(look(world.client("administrator"), text))] == ["Line 3"]


def test_a_clinic_is_known_in_any_letter_case_and_only_ones_own(world: World) -> None:
    browser = world.client("administrator")
    assert look(browser, HEAD + ANN.replace("Quay", " QUAY ")).status_code == 200
    assert [what for *_, what in faults(look(browser, HEAD + ANN.replace("Quay", "Cork")))] == [
        "There is no clinic “Cork” in your organisation. Mend its name here, or add it under Clinics."
    ]
    assert look(browser, HEAD + "Olga,other_trainee@example.org,trainee,Quay\n").status_code == 200


def test_what_another_organisation_asked_is_neither_seen_nor_taken_back(world: World) -> None:
    northlight, now = replace(world.actor("other_manager"), roles={}), world.clock()
    world.do(lambda session: invitations.invite(session, northlight, now, "bob@example.org", "Bob", EDUCATES, "nonce"))
    browser = world.client("administrator")
    page = look(browser, HEAD + BOB).get_data(as_text=True)
    assert "1 person gets a mail" in page
    assert "Invited before" not in page
    confirm(browser, HEAD + BOB)
    assert list(invited(world)) == list(invited(world, "Northlight")) == ["bob@example.org"]


def test_clinics_that_differ_in_their_case_alone_are_told_apart(world: World) -> None:
    harbour = world.ids["Harbour"]
    world.do(lambda session: session.add(people.store.Clinic(organisation_id=harbour, name="QUAY")))
    browser = world.client("administrator")
    assert look(browser, HEAD + ANN).status_code == 200
    assert len(faults(look(browser, HEAD + ANN.replace("Quay", "quay")))) == 1


def test_an_action_takes_no_role_where_it_cannot_be_held(world: World) -> None:
    actor, now = world.actor("administrator"), world.clock()
    rows = [Row(2, "Ann", "ann@example.org", TRAINEE, None)]
    with pytest.raises(Refused, match="at least one role"):
        world.do(lambda session: rosters.invite(session, actor, now, rows, lambda: "nonce"))


# At once --------------------------------------------------------------------------------------------------------------


def many(count: int, clinic: str = "Quay", start: int = 0) -> str:
    return HEAD + "".join(f"P {at},p{at}@example.org,trainee,{clinic}\n" for at in range(start, start + count))


def test_two_lists_at_once_invite_everybody_once(world: World) -> None:
    actor, now = world.actor("administrator"), world.clock()
    rows = read_roster(many(60)).rows

    def send(some: list[Row]) -> None:
        world.do(lambda session: rosters.invite(session, actor, now, some, lambda: "nonce"))

    done = together(lambda: send(rows), lambda: send(rows[::-1]), lambda: send(rows[20:40]))
    assert done == [None, None, None]
    assert len(invited(world)) == 60
    with world.session() as session:
        assert session.scalar(select(func.count()).select_from(Event).filter_by(kind="person.invited")) == 60


def test_a_list_and_an_invitation_at_once_leave_one_of_them(world: World) -> None:
    actor, now = world.actor("administrator"), world.clock()
    for turn in range(8):
        rows = read_roster(many(10, start=10 * turn)).rows
        one = rows[5].email, "Ivo", [(EDUCATOR, None)], "nonce"
        done = together(
            lambda rows=rows: world.do(lambda session: rosters.invite(session, actor, now, rows, lambda: "nonce"))[1],
            lambda one=one: world.do(lambda session: invitations.invite(session, actor, now, *one)) and [],
        )
        assert done == [[], []]
        assert len(invited(world)) == 10 * (turn + 1)


# What it costs --------------------------------------------------------------------------------------------------------


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    said: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            said.append(statement)

    with world.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", listen)
    yield said
    event.remove(engine, "before_cursor_execute", listen)


def test_a_long_list_asks_as_much_of_the_database_as_a_short_one(world: World) -> None:
    browser = world.client("administrator")
    token = browser.token("/people/import")
    counts = []
    for text in (many(2), many(MOST_PEOPLE, "Mill"), many(MOST_PEOPLE, "Quay")):
        found = []
        for path in ("/people/import", "/people/import/invite"):
            with statements(world) as said:
                reply = browser.client.post(path, data={"csrf_token": token, "text": text})
                assert reply.status_code in {200, 303}
            found.append(len(said))
        counts.append(found)
    (look, confirm), *longer = counts
    assert {one[0] for one in longer} == {look}
    assert {one[1] - confirm for one in longer} <= {0, 1}, "events go into the log 500 at a time"
    assert max(counts[0]) <= 12, counts
    assert len(invited(world)) == MOST_PEOPLE


# Files ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_template_names_the_clinics_and_fills_in_to_a_list(world: World, kind: str) -> None:
    browser, harbour = world.client("administrator"), world.ids["Harbour"]
    world.do(lambda session: session.add(people.store.Clinic(organisation_id=harbour, name="=1+1")))
    reply = browser.get(f"/people/import.{kind}")
    assert reply.headers["Content-Disposition"] == f"attachment; filename=people.{kind}"
    assert [what for *_, what in faults(look(browser, reply.data))] == ["There is nobody in this list."]
    lines = [line.cells[:4] for line in read_roster(reply.data).table.lines]
    assert {clinic for _, _, _, clinic in lines[1:]} == {"Quay", "Mill", "'=1+1", "Whole organisation"}
    filled = [lines[0], *([f"P {at}", f"p{at}@example.org", *line[2:]] for at, line in enumerate(lines[1:]))]
    text = "".join(";".join(line) + "\n" for line in filled)
    assert confirm(browser, text).status_code == 303
    assert len(invited(world)) == 3 + 4
    assert "Cork" not in str(lines)


def test_a_file_that_is_too_large_is_refused_with_the_size_there_may_be(world: World) -> None:
    browser = world.client("administrator")
    token = browser.token("/people/import")
    for data in ({"text": "x" * 300_000}, {"file": (BytesIO(b"x" * 300_000), "people.csv")}):
        reply = browser.client.post("/people/import", data={"csrf_token": token, **data})
        assert reply.status_code == 413
        assert "larger than 256 KB" in reply.get_data(as_text=True)


def test_a_workbook_that_would_be_too_large_to_confirm_is_refused_when_it_is_looked_at(world: World) -> None:
    name, roles = "n" * 120, (("trainee", "Quay"), ("trainee", "Mill"), ("manager", "Quay"), ("auditor", "Quay"))
    rows = [HEAD.strip().split(",")]
    rows += [[name, f"p{at}@{'x' * 60}.org", role, clinic] for at in range(400) for role, clinic in roles]
    reply = look(world.client("administrator"), sheets.xlsx(rows))
    assert [line for line, *_ in faults(reply)] == ["The whole list"]


def test_neither_a_file_nor_a_text_is_asked_for(world: World) -> None:
    reply = look(world.client("administrator"), "")
    assert reply.status_code == 422
    assert "Choose a file, or paste a list." in reply.get_data(as_text=True)


def test_what_a_list_says_is_shown_as_text(world: World) -> None:
    browser, evil = world.client("administrator"), '"<b onclick=""x"">"'
    for text in (f"{HEAD}{evil},ann@example.org,trainee,Quay\n", f"{HEAD}{evil},{evil},{evil},{evil}\n", f"{evil}\n"):
        assert "<b onclick" not in look(browser, text).get_data(as_text=True)
