"""Reading: where somebody is, what they marked as read, and notes that are theirs alone."""

import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from mesotrain.actions import courses, people
from mesotrain.actions import reading as actions
from mesotrain.core.access import TRAINEE, Actor
from mesotrain.core.courses import EVIDENCE_KINDS
from mesotrain.core.errors import NotFound, Refused
from mesotrain.formats.courses import read_course
from mesotrain.store.people import Person
from mesotrain.store.reading import Reading, readings
from mesotrain.web.reading import beside
from tests.actions.drafting import BANK, LESSON, NUMBER, PLAIN, Files, tiny
from tests.actions.taking import sit, start
from tests.store.filling import rows
from tests.test_canaries import texts
from tests.world import Browser, World

PAGE = "/courses/tiny/basics"
NOTE = "CANARY-NOTE ask about the second step"
WAITS = "## What does not {#not}\n\nEverything else waits."
MORE_LESSON = """\
---
title: More of it
competency: BAS
minutes: 2
summary: Another small lesson.
outcomes: [say more]
quiz: {questions: 1, pass: 75%, time: 20 minutes, feedback: after submit}
sign-off: none
---

## Even more {#more}

More of it follows.
"""
MORE_BANK = """\
---
bank: more
title: More
language: en
competency: BAS
---

## mor-0001
section: more#more
cites: I01
level: recall

What follows?

- (x) More
  Why: it is in the name.
- ( ) Less
  Why: that is the contrary.
"""


def two(moved: bool = False) -> Files:
    """The tiny course with a second module; when `moved`, the section `not` stands there."""
    files = tiny(("course.yaml", "modules: [basics]", "modules: [basics, more]"))
    files |= {"more/lesson.md": MORE_LESSON, "more/bank.md": MORE_BANK}
    if moved:
        files[LESSON] = str(files[LESSON]).replace(WAITS, "")
        files[BANK] = str(files[BANK]).replace("basics#not", "more#not")
        files["more/lesson.md"] = f"{MORE_LESSON}\n{WAITS}\n"
    return files


def publish(world: World, files: Files, organisation: int | None = None) -> None:
    world.do(lambda session: courses.publish(session, world.clock(), read_course(files), organisation))


def do(world: World, actor: Actor, act: Any, section: str, *more: Any, module: str = "basics") -> None:
    now = world.clock()
    world.do(lambda session: act(session, actor, now, "tiny", module, section, *more))


def mine(world: World, actor: Actor) -> dict[str, Reading]:
    """The actor's readings of the tiny course, by section."""
    with world.session() as session:
        return {one.section: one for one in readings(session, actor, [1])}


def text(client: Browser, address: str = PAGE) -> str:
    return client.get(address).get_data(as_text=True)


def foot(page: str, section: str) -> str:
    """What stands under a section for this reader."""
    found = re.search(rf'<div class="own" id="own-{section}">(.*?)</details>', page, re.DOTALL)
    assert found, section
    return found[1]


def press(client: Browser, section: str, read: str = "yes", address: str = PAGE) -> None:
    assert client.post(f"{address}/sections/{section}/read", {"read": read}).status_code == 303


def seen(page: str, section: str) -> str:
    """What a page sends back of the note it shows."""
    found = re.search(rf'name="seen\.{section}" value="(\w*)"', page)
    return found[1] if found else ""


def write(client: Browser, section: str, note: str, address: str = PAGE, page: str | None = None) -> Any:
    """Saves a note as it is written on a `page` that was opened now or before."""
    was = seen(text(client, address) if page is None else page, section)
    return client.post(f"{address}/sections/{section}/note", {f"note.{section}": note, f"seen.{section}": was})


def elsewhere(world: World) -> Actor:
    """The trainee in another organisation, which they have joined."""

    def work(session: Any) -> None:
        person = session.get_one(Person, world.ids["trainee"])
        people.join(session, world.clock(), world.ids["Northlight"], person, [(TRAINEE, world.ids["Cork"])])

    world.do(work)
    return replace(world.actor("trainee"), organisation=world.ids["Northlight"], organisation_zone="Europe/Dublin")


def test_where_a_reader_is_is_kept_and_nothing_else(world: World) -> None:
    actor = world.actor("trainee")
    do(world, actor, actions.reach, "not")
    (row,) = mine(world, actor).values()
    assert (row.section, row.reached_at, row.read_version, row.note) == ("not", world.clock(), None, "")


def test_reaching_a_section_again_keeps_its_mark_and_its_note(world: World) -> None:
    actor = world.actor("trainee")
    do(world, actor, actions.mark, "not", "yes")
    do(world, actor, actions.write_note, "not", NOTE)
    before = mine(world, actor)["not"]
    world.clock.forward(hours=1)
    do(world, actor, actions.reach, "not")
    row = mine(world, actor)["not"]
    assert (row.read_version, row.note, row.reached_at) == (before.read_version, NOTE, world.clock())
    assert row.read_version


def test_a_mark_is_taken_off_and_the_note_stays(world: World) -> None:
    actor = world.actor("trainee")
    do(world, actor, actions.mark, "not", "yes")
    do(world, actor, actions.write_note, "not", NOTE)
    do(world, actor, actions.mark, "not", "no")
    row = mine(world, actor)["not"]
    assert (row.read_version, row.note) == (None, NOTE)


def test_a_note_takes_the_place_of_the_one_before(world: World) -> None:
    actor = world.actor("trainee")
    do(world, actor, actions.write_note, "not", "first")
    do(world, actor, actions.write_note, "not", "  second\r\nline \r\n")
    assert mine(world, actor)["not"].note == "second\nline"
    do(world, actor, actions.write_note, "not", " \r\n")
    assert mine(world, actor)["not"].note == ""


@pytest.mark.parametrize(
    ("course", "module", "section"),
    [("tiny", "basics", "other"), ("tiny", "basics", ""), ("tiny", "other", "not"), ("other", "basics", "not")],
)
def test_what_is_not_there_can_be_neither_reached_nor_marked_nor_noted(
    world: World, course: str, module: str, section: str
) -> None:
    actor, now = world.actor("trainee"), world.clock()
    for act, more in ((actions.reach, ()), (actions.mark, ("yes",)), (actions.write_note, (NOTE,))):
        with pytest.raises(NotFound):
            world.do(lambda session, act=act, more=more: act(session, actor, now, course, module, section, *more))
    assert mine(world, actor) == {}


@pytest.mark.parametrize("length", [4001, 50_000])
def test_a_note_that_is_too_long_is_refused_and_nothing_of_it_is_kept(world: World, length: int) -> None:
    actor, client = world.actor("trainee"), world.client("trainee")
    do(world, actor, actions.write_note, "not", NOTE)
    with world.session() as session:
        before = rows(session)
    world.clock.forward(hours=1)
    with pytest.raises(Refused, match="Shorten it to 4000 characters"):
        do(world, actor, actions.write_note, "not", "x" * length)
    reply = write(client, "not", "x" * length)
    assert (reply.status_code, "Shorten it to 4000 characters" in reply.get_data(as_text=True)) == (409, True)
    with world.session() as session:
        assert rows(session) == before


def test_the_longest_note_is_kept_whole(world: World) -> None:
    client, note = world.client("trainee"), "é\r\n" * 1999 + "ß"
    assert write(client, "not", f"\r\n{note}  ").status_code == 303
    assert mine(world, world.actor("trainee"))["not"].note == note.replace("\r\n", "\n")


def test_the_page_marks_and_takes_the_mark_off(world: World) -> None:
    client = world.client("trainee")
    assert "Mark as read" in foot(text(client), "matters")
    press(client, "matters")
    page = text(client)
    assert "Mark as read" not in foot(page, "matters")
    assert "Mark as read" in foot(page, "not")
    assert re.search(r'href="#matters"[^>]*>What matters <span class="done', page)
    assert "1 of 2" in text(client, "/courses/tiny")
    press(client, "matters", "no")
    assert "Mark as read" in foot(text(client), "matters")
    assert "Changed since you read it" not in text(client)


def test_a_mark_is_of_the_words_that_were_read(world: World) -> None:
    client = world.client("trainee")
    press(client, "matters")
    press(client, "not")
    publish(world, tiny(PLAIN))
    page = text(client)
    assert "Changed since you read it" in foot(page, "not")
    assert "Mark as read" in foot(page, "not")
    assert "Changed since" not in foot(page, "matters")
    assert "Mark as read" not in foot(page, "matters")
    assert "1 of 2" in text(client, "/courses/tiny")
    press(client, "not")
    assert "Changed since" not in text(client)
    publish(world, tiny(NUMBER, PLAIN))
    assert "Changed since you read it" in foot(text(client), "matters")
    publish(world, tiny(PLAIN))
    assert "Changed since" not in text(client), "these words were read"


def test_a_page_that_was_open_while_the_words_changed_marks_only_what_it_showed(world: World) -> None:
    client = world.client("trainee")
    button = re.search(r'<button [^>]*name="(\w+)" value="(\w+)">Mark as read', foot(text(client), "not"))
    assert button
    publish(world, tiny(PLAIN))
    client.post(f"{PAGE}/sections/not/read", {button[1]: button[2]})
    assert "Mark as read" in foot(text(client), "not"), "nobody has read these words"


def test_a_note_is_shown_as_it_was_written_and_as_text(world: World) -> None:
    client, note = world.client("trainee"), '"a" <b>&amp;</b>\n  </textarea><script>alert(1)</script>\n&lt;'
    write(client, "not", note)
    page = text(client)
    assert "<script>alert" not in page
    found = re.search(r'name="note\.not"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    assert found
    assert unescape(found[1]) == note
    assert " open>" in foot(page, "not")
    assert " open>" not in foot(page, "matters")


@pytest.mark.parametrize("act", ["read", "note"])
def test_a_note_that_an_older_page_only_showed_stays_as_another_window_left_it(world: World, act: str) -> None:
    """Without script the whole page is sent, whatever was pressed."""
    client, actor = world.client("trainee"), world.actor("trainee")
    write(client, "matters", "Gamma newest")
    older = text(client)
    write(client, "matters", "Delta")
    page = {f"{name}.{section}": value for section, note in (("matters", "Gamma newest"), ("not", "Mine"))
            for name, value in (("note", note), ("seen", seen(older, section)))}  # fmt: skip
    assert client.post(f"{PAGE}/sections/not/{act}", page | {"read": "yes"}).status_code == 303
    assert {name: one.note for name, one in mine(world, actor).items()} == {"matters": "Delta", "not": "Mine"}
    assert "Another window" not in text(client)


def test_a_note_written_in_two_windows_keeps_both_texts_and_says_so(world: World) -> None:
    client, actor = world.client("trainee"), world.actor("trainee")
    older = text(client)
    write(client, "not", "Alpha")
    for _ in range(2):  # what was sent once more, because no answer came, adds nothing
        write(client, "not", "Beta", page=older)
        assert mine(world, actor)["not"].note == "Alpha\n\nBeta"
        assert "Another window had changed this note." in text(client)
    write(client, "not", "", page=older)
    assert mine(world, actor)["not"].note == "Alpha\n\nBeta"
    assert "Another window" not in text(client), "nothing was written on that page"
    write(client, "not", "Gamma")
    assert mine(world, actor)["not"].note == "Gamma"
    reply = write(client, "not", "x" * 3999, page=older)
    assert (reply.status_code, "both texts have more than 4000 characters" in reply.get_data(as_text=True)) == (
        409,
        True,
    )
    older = text(client)
    write(client, "not", "")
    write(client, "not", "Delta", page=older)
    assert mine(world, actor)["not"].note == "Delta"


def test_notes_and_marks_are_one_persons_own(world: World) -> None:
    press(world.client("trainee"), "not")
    write(world.client("trainee"), "not", NOTE)
    for who in ("colleague", "elsewhere", "manager", "educator", "other_manager", "other_trainee"):
        page = text(world.client(who))
        assert "CANARY-NOTE" not in page
        assert "Mark as read" in foot(page, "not")
        assert mine(world, world.actor(who)) == {}


def test_the_same_person_in_another_organisation_begins_anew(world: World) -> None:
    there, client = elsewhere(world), world.client("trainee")
    press(client, "not")
    write(client, "not", NOTE)
    assert mine(world, there) == {}
    assert client.post("/account/organisation", {"organisation": there.organisation}).status_code == 303
    page = text(client)
    assert "CANARY-NOTE" not in page
    assert "Mark as read" in foot(page, "not")
    write(client, "not", "another")
    assert mine(world, there)["not"].note == "another"
    assert mine(world, world.actor("trainee"))["not"].note == NOTE


def linked(client: Browser) -> dict[str, str]:
    """Every page that links lead to from Today, and what it says."""
    found, left = dict[str, str](), ["/"]
    while left:
        address = left.pop()
        if address in found:
            continue
        found[address] = "\n".join(texts(client.get(address).data))
        addresses = (
            unescape(one).partition("#")[0] for one in re.findall(r'(?:href|action)="(/[^"]*)"', found[address])
        )
        left += [one for one in addresses if one and not one.startswith(("/static/", "/sign", "/media/"))]
    return found


def test_no_page_shows_a_note_to_a_manager_or_an_educator(world: World) -> None:
    sit(world, "trainee", 1)
    trainee = world.client("trainee")
    write(trainee, "not", NOTE)
    assert any("CANARY-NOTE" in page for page in linked(trainee).values())
    for who, least in {"manager": f"/team/{world.ids['trainee']}", "educator": "/questions"}.items():
        client = world.client(who)
        pages = linked(client) | {"/search?q=canary": text(client, "/search?q=canary")}
        assert any(address.startswith(least) for address in pages), pages.keys()
        assert [address for address, page in pages.items() if "CANARY-NOTE" in page or "second step" in page] == []


def test_a_section_that_moves_keeps_its_mark_and_its_note(world: World) -> None:
    publish(world, two())
    client = world.client("trainee")
    press(client, "not")
    write(client, "not", NOTE)
    assert "CANARY-NOTE" not in text(client, "/courses/tiny/more")
    publish(world, two(moved=True))
    assert "CANARY-NOTE" not in text(client)
    there = text(client, "/courses/tiny/more")
    assert "CANARY-NOTE" in foot(there, "not")
    assert "Mark as read" not in foot(there, "not")
    assert "Changed since" not in there
    write(client, "not", "another", "/courses/tiny/more")
    assert [one.note for one in mine(world, world.actor("trainee")).values()] == ["another"]


def test_a_section_is_found_wherever_it_stands(world: World) -> None:
    publish(world, two())
    client, address = world.client("trainee"), "/courses/tiny/sections/not"
    assert client.get(address).headers["Location"].endswith("/courses/tiny/basics#not")
    publish(world, two(moved=True))
    reply = client.get(f"{address}?review=1.2")
    assert (reply.status_code, reply.headers["Location"]) == (302, "/courses/tiny/more?review=1.2#not")
    assert 'id="not"' in text(client, reply.headers["Location"])
    assert client.post(f"{PAGE}/sections/not/read", {"read": "yes"}).status_code == 303, "the page was open before"


def test_a_section_that_is_retired_is_told_of_and_not_shown(world: World) -> None:
    client = world.client("trainee")
    write(client, "not", NOTE)
    files = tiny((LESSON, WAITS, ""))
    files[BANK] = str(files[BANK]).replace("basics#not", "basics#matters")
    publish(world, files)
    reply = client.get("/courses/tiny/sections/not")
    assert reply.status_code == 404
    assert "This section is no longer part of the course, or never was." in reply.get_data(as_text=True)
    assert "CANARY-NOTE" not in text(client)
    assert write(client, "not", "another").status_code == 404
    publish(world, tiny())
    assert "CANARY-NOTE" in foot(text(client), "not"), "it is theirs still"


def test_a_section_of_another_organisations_course_is_not_found(world: World) -> None:
    publish(world, {**tiny(("course.yaml", "course: tiny", "course: theirs"))}, world.ids["Northlight"])
    for address in ("/courses/theirs/sections/not", "/courses/theirs/basics"):
        assert world.client("trainee").get(address).status_code == 404
        assert world.client("other_trainee").get(address, follow_redirects=True).status_code == 200


def test_a_reader_is_told_where_they_stopped(world: World) -> None:
    client = world.client("trainee")
    assert "You stopped at" not in text(client)
    assert client.post(f"{PAGE}/place", {"section": "not"}).status_code == 204
    world.clock.forward(hours=2)
    page = text(client)
    assert "You stopped at “What does not”, 12 Mar 2027, 09:30" in re.sub(r"<[^>]*>", "", page)
    assert re.search(r'class="resume">.*?href="#not"', page, re.DOTALL)
    assert "/courses/tiny/sections/not" in text(client, "/courses/tiny")
    client.post(f"{PAGE}/place", {"section": "matters"})
    assert "You stopped at" not in text(client), "the beginning is no place to go on"
    assert client.post(f"{PAGE}/place", {"section": "other"}).status_code == 404
    assert client.post(f"{PAGE}/place").status_code == 404


def test_a_note_on_the_course_page_says_in_which_module_it_stands(world: World) -> None:
    client = world.client("trainee")
    write(client, "not", NOTE)
    publish(world, two(moved=True))
    notes = text(client, "/courses/tiny").partition('id="notes"')[2]
    assert re.search(r"What does not</a></h3>\s*<p[^>]*>More of it</p>\s*<p[^>]*>CANARY-NOTE", notes)


def test_the_way_back_to_a_review_is_shown_to_whom_it_leads_only(world: World) -> None:
    taking = sit(world, "trainee", 1)
    back = f"/attempts/{taking.attempt}/result#review-2"
    address = f"{PAGE}?review={taking.attempt}.2"
    assert f'href="{back}"' in text(world.client("trainee"), address)
    assert "way-back" not in text(world.client("colleague"), address)
    for said in ("0.1", "999999999.1", "practice.1", "practice.0", "x"):
        assert "way-back" not in text(world.client("trainee"), f"{PAGE}?review={said}")


def test_a_reference_leads_back_to_where_it_is_first_cited(world: World) -> None:
    page = text(world.client("trainee"))
    ids, back = (
        re.findall(r' id="cite-(\w+)" class="cite"', page),
        re.findall(r'class="onward cited" href="#cite-(\w+)"', page),
    )
    assert ids == back == ["I01"]
    assert page.count('href="#ref-I01"') > 1


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        ("General medical knowledge; no source seen.", ""),
        ("General medical knowledge; no source seen. Local policy decides.", "Local policy decides."),
        ("No source seen.", "No source seen."),
        ("", ""),
    ],
)
def test_a_references_note_does_not_repeat_its_kind(note: str, shown: str) -> None:
    assert beside(EVIDENCE_KINDS["GK"], note) == shown


def test_staff_read_and_keep_their_place_too(world: World) -> None:
    client = world.client("educator")
    client.post(f"{PAGE}/place", {"section": "not"})
    assert "You stopped at “What does not”" in text(client)
    assert "You stopped at" not in text(world.client("trainee"))


def test_the_same_text_under_another_name_is_another_course(world: World) -> None:
    publish(world, tiny(("course.yaml", "course: tiny", "course: twin")))
    client = world.client("trainee")
    assert 'formaction="/courses/tiny/basics/sections/not/read"' in text(client)
    page = text(client, "/courses/twin/basics")
    assert 'formaction="/courses/twin/basics/sections/not/read"' in page
    assert "/courses/tiny/" not in page


def test_reading_changes_no_attempt(world: World) -> None:
    taking, actor = start(world), world.actor("trainee")
    before = {name: value for name, value in vars(taking.row()).items() if not name.startswith("_")}
    do(world, actor, actions.mark, "not", "yes")
    do(world, actor, actions.write_note, "not", NOTE)
    assert {name: value for name, value in vars(taking.row()).items() if not name.startswith("_")} == before
