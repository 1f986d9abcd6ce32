"""A course changes by drafts: what is shown first, who publishes it, and what is kept of that."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from functools import partial
from html import unescape
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select

from mesotrain.actions import courses, people
from mesotrain.actions import drafts as actions
from mesotrain.actions.courses import Signature
from mesotrain.core.access import EDUCATOR, Actor
from mesotrain.core.assessments import Rules
from mesotrain.core.canonical import digest
from mesotrain.core.errors import Ended, Expected, NotFound, Refused
from mesotrain.formats.courses import read_course
from mesotrain.store import catalogue, pools, practice
from mesotrain.store import drafts as store
from mesotrain.store.courses import Course, Publication
from mesotrain.store.drafts import Draft
from mesotrain.store.events import Event
from mesotrain.web.drafts import QUIZ
from tests.actions.drafting import BANK, LESSON, NUMBER, PLAIN, SAFETY, Files, kept_by, tiny
from tests.actions.taking import start, together
from tests.store.filling import rows
from tests.world import PASSWORD, Browser, Engine, World

MATTERS, NOT = "basics#matters", "basics#not"
OTHER = (LESSON, "Everything else waits.", "All the rest is for later.")
REASON = "A slip of the pen"


@pytest.fixture
def kept(world: World) -> World:
    """The tiny course, published by the educators of Harbour."""
    kept_by(world, "Harbour")
    return world


@pytest.fixture
def first(kept: World) -> Actor:
    return kept.actor("educator")


@pytest.fixture
def second(kept: World) -> Actor:
    """Another educator of Harbour."""
    return joined(kept, "second")


def joined(world: World, who: str, organisation: str = "Harbour") -> Actor:
    """A new educator of an organisation, who can sign in too."""
    place = world.ids[organisation]

    def work(session: Any) -> tuple[int, str]:
        hashed = world.app.extensions["passwords"].hash(PASSWORD)
        made = people.create_person(session, who, f"{who}@example.org", hashed, who.encode(), "en", "Europe/London")
        people.join(session, world.clock(), place, made, [(EDUCATOR, None)])
        return made.id, made.commitment

    person, commitment = world.do(work)
    return replace(world.actor("educator"), person=person, commitment=commitment, organisation=place, name=who)


def signature(actor: Actor) -> Signature:
    return Signature(actor.person, actor.commitment)


def take(world: World, files: Files, maker: Actor | None, **more: Any) -> Any:
    """Takes the files in; gives (kind of what was made, its id), or None."""

    def work(session: Any) -> tuple[str, int] | None:
        by = signature(maker) if maker else None
        made = actions.take(session, world.clock(), read_course(files), files, maker=by, **more)
        return (type(made).__name__, made.id) if made else None

    return world.do(work)


def draft(world: World, maker: Actor | None, *changes: tuple[str, str, str], **more: Any) -> int:
    """The id of the draft that the changed text becomes."""
    kind, made = take(world, tiny(*changes), maker, **more)
    assert kind == "Draft"
    return int(made)


def offer(
    world: World,
    actor: Actor,
    draft: int,
    classes: Mapping[str, str] | None = None,
    reason: str = "",
    seen: int = 1,
) -> int | None:
    """Somebody publishes a draft; gives the number of the publication, None where it waits for a second person."""

    def work(session: Any) -> int | None:
        kept = store.kept_draft(session, actor, draft)
        made = actions.offer(session, world.clock(), kept, seen, classes or {}, reason, signature(actor))
        return made.number if made else None

    number: int | None = world.do(work)
    return number


def agree(world: World, actor: Actor, draft: int, seen: int = 1) -> int:
    def work(session: Any) -> int:
        kept = store.kept_draft(session, actor, draft)
        assert kept.draft
        shown = digest(kept.draft.proposal)
        return actions.agree(session, actor, world.clock(), kept, seen, shown).number

    number: int = world.do(work)
    return number


def discard(world: World, actor: Actor, draft: int) -> None:
    world.do(lambda session: actions.discard(session, actor, world.clock(), store.kept_draft(session, actor, draft)))


def publish(world: World, *changes: tuple[str, str, str]) -> None:
    """Makes the changed text live at once, as whoever runs the installation can."""
    world.do(lambda session: courses.publish(session, world.clock(), read_course(tiny(*changes))))


def states(world: World) -> list[tuple[str, datetime | None]]:
    """(state, when it was closed) of every draft."""
    with world.session() as session:
        return [(one.state, one.closed_at) for one in session.scalars(select(Draft).order_by(Draft.id))]


def newest(world: World) -> Publication:
    with world.session() as session:
        return session.scalars(select(Publication).order_by(Publication.id.desc())).first()  # type: ignore[return-value]


def dump(world: World) -> dict[str, list[Any]]:
    with world.session() as session:
        return rows(session)


def refused(world: World, what: str, act: Any, *given: Any, **more: Any) -> None:
    """It is refused with this sentence, and every table is as it was."""
    before = dump(world)
    with pytest.raises(Refused, match=what):
        act(world, *given, **more)
    assert dump(world) == before


def text(client: Browser, address: str = "/courses/tiny/basics") -> str:
    """A page but for its token."""
    return re.sub(
        r'name="csrf_token" value="[^"]+"', "", client.get(address, follow_redirects=True).get_data(as_text=True)
    )


def test_what_was_never_here_is_live_at_once(world: World) -> None:
    maker, harbour = world.actor("educator"), world.ids["Harbour"]
    files = tiny(("course.yaml", "course: tiny", "course: ours"))
    kind, _ = take(world, files, maker, organisation=harbour)
    made = newest(world)
    assert (kind, made.number, made.published_by) == ("Publication", 1, maker.person)
    assert made.changes == {MATTERS: "new", NOT: "new"}
    assert states(world) == []
    assert "Everything else waits." in text(world.client("trainee"), "/courses/ours/basics")
    assert world.client("other_trainee").get("/courses/ours/basics").status_code == 404


def test_what_is_live_as_it_stands_makes_no_draft(kept: World, first: Actor) -> None:
    before = dump(kept)
    assert take(kept, tiny(), first) is None
    assert dump(kept) == before


EVERYWHERE = (
    NUMBER,
    PLAIN,
    (LESSON, "title: The basics", "title: The foundations"),
    (LESSON, "questions: 4", "questions: 3"),
    (BANK, "CANARY-SHOWN-1 What", "CANARY-SHOWN-1 Now what"),
    (BANK, "CANARY-SHOWN-5 Which", "CANARY-SHOWN-5 Now which"),
    (BANK, "## bas-0004\nsection", "## bas-0004\npractice: yes\nsection"),
)


def served(world: World, client: Browser, attempt: int) -> dict[str, Any]:
    """What readers and examinees are given now."""
    actor = world.actor("trainee")
    with world.session() as session:
        live = catalogue.live_module(session, actor, "tiny", "basics")
        asked = {
            "bank": sorted(pools.banks(session, actor.organisation, live.publication.id, live.version)),
            "pool": practice.pool(session, actor),
        }
    addresses = {
        "lesson": "/courses/tiny/basics",
        "course": "/courses/tiny",
        "today": "/",
        "found": "/search?q=everything",
        "attempt": f"/attempts/{attempt}",
        "practice": "/practice",
    }
    return asked | {name: text(client, address) for name, address in addresses.items()}


def test_nothing_that_is_read_or_asked_changes_until_a_draft_is_published(kept: World, first: Actor) -> None:
    client, taking = kept.client("trainee"), start(kept)
    taking.answer(2)
    before = served(kept, client, taking.attempt)
    made = draft(kept, first, *EVERYWHERE)
    assert served(kept, client, taking.attempt) == before
    assert offer(kept, first, made) == 2
    after = served(kept, client, taking.attempt)
    assert after["attempt"] == before["attempt"]
    assert {name for name in before if after[name] == before[name]} == {"attempt"}
    assert "Two things matter most" in after["lesson"]
    taking.answer(4)
    taking.finish()
    assert taking.row().score["earned"] == "4"


def outlook(world: World, files: Files, maker: Actor | None) -> actions.Outlook:
    with world.session() as session:
        return actions.outlook(session, read_course(files), None, maker.person if maker else None)


def test_only_the_plan_that_was_seen_is_taken(kept: World, first: Actor) -> None:
    files, other = tiny(PLAIN), tiny(OTHER)
    ahead, then = outlook(kept, files, first), outlook(kept, other, first)
    for seen in ((0, 0), (1, 1), (2, 0)):
        refused(kept, "Look at it again", take, files, first, seen=replace(ahead, seen=seen))
    assert take(kept, files, first, seen=ahead)
    refused(kept, "Look at it again", take, other, first, seen=then)
    assert take(kept, other, first, seen=outlook(kept, other, first))


def test_a_course_that_was_thought_new_and_is_not_is_looked_at_again(world: World) -> None:
    files = tiny(("course.yaml", "course: tiny", "course: ours"))
    ahead = outlook(world, files, None)
    assert take(world, files, None, seen=ahead) == ("Publication", 2)
    refused(world, "Look at it again", take, files, None, seen=ahead)


@pytest.mark.parametrize("seen", [0, 2, -1])
def test_only_the_plan_that_was_seen_is_published(kept: World, first: Actor, second: Actor, seen: int) -> None:
    made = draft(kept, first, NUMBER)
    refused(kept, "Look at it again", offer, first, made, seen=seen)
    assert offer(kept, first, made, {MATTERS: "editorial"}, REASON) is None
    refused(kept, "Look at it again", agree, second, made, seen=seen)


def test_a_draft_of_the_same_maker_takes_the_place_of_the_one_before(kept: World, first: Actor) -> None:
    made = draft(kept, first, PLAIN)
    kept.clock.forward(hours=1)
    again = draft(kept, first, OTHER)
    assert states(kept) == [("replaced", kept.clock()), ("open", None)]
    with pytest.raises(Ended, match="published, replaced or discarded"):
        offer(kept, first, made)
    assert offer(kept, first, again) == 2
    with kept.session() as session:
        assert [one.number for one in session.scalars(select(Draft).order_by(Draft.id))] == [1, 2]


def test_the_same_text_again_is_the_same_draft(kept: World, first: Actor, second: Actor) -> None:
    made = draft(kept, first, PLAIN)
    before = dump(kept)
    kept.clock.forward(hours=1)
    assert draft(kept, first, PLAIN) == draft(kept, second, PLAIN) == made
    assert dump(kept) == before


@pytest.mark.parametrize(
    "mine", [(OTHER,), (NUMBER,), ()], ids=["says otherwise", "says nothing of it", "says what is live"]
)
def test_a_draft_of_another_maker_is_not_lost_unawares(
    kept: World, first: Actor, second: Actor, mine: tuple[Any, ...]
) -> None:
    draft(kept, first, PLAIN)
    files = tiny(*mine)
    for maker in (second, None):
        refused(kept, f"In conflict: (basics#matters, )?{NOT}\\.", take, files, maker)
    take(kept, files, second, overwrite=True)
    assert [state for state, _ in states(kept)] == (["replaced", "open"] if mine else ["discarded"]), "no empty draft"


def test_a_text_that_holds_anothers_draft_goes_on_from_it(kept: World, first: Actor, second: Actor) -> None:
    draft(kept, first, PLAIN)
    made = draft(kept, second, PLAIN, NUMBER)
    assert [state for state, _ in states(kept)] == ["replaced", "open"]
    assert offer(kept, first, made) == 2
    assert "Everything else stays behind" in text(kept.client("trainee"))


def test_a_section_only_anothers_draft_adds_is_not_lost_unawares(kept: World, first: Actor, second: Actor) -> None:
    draft(kept, first, (LESSON, "Everything else waits.", "Everything else waits.\n\n## More {#more}\n\nMore of it."))
    refused(kept, "In conflict", take, tiny(OTHER), second)


def test_words_once_live_come_back_only_when_somebody_says_so(kept: World, first: Actor) -> None:
    publish(kept, PLAIN)
    refused(kept, f"In conflict: {NOT}\\.", take, tiny(), first)
    publish(kept, OTHER)
    for changes in ((), (PLAIN,)):
        refused(kept, f"In conflict: {NOT}\\.", take, tiny(*changes), first)
    made = draft(kept, first, PLAIN, overwrite=True)
    assert offer(kept, first, made, seen=3) == 4


MORE = (LESSON, "## What does not {#not}", "## More {#more}\n\nNever more than 5 mL.\n\n## What does not {#not}")
QUESTION = (BANK, "## bas-0004", "## bas-0009\n\nMore?\n\n- (x) Yes\n- ( ) No\n\n## bas-0004")
GROWN = {
    "a section": (MORE, f"{NOT.partition('#')[0]}#more"),
    "a question": (QUESTION, "bas-0009"),
    "a pass mark": ((LESSON, "pass: 75%", "pass: 80%"), "basics"),
    "a rule": (("course.yaml", "valid: 24 months", "valid: 12 months"), "BAS"),
    "a status": (("course.yaml", "title: A tiny course", "title: A small course"), "course"),
}


@pytest.mark.parametrize("what", ["a section", "a question", "a pass mark", "a rule", "a status"])
def test_an_old_folder_undoes_nothing_unawares(kept: World, first: Actor, second: Actor, what: str) -> None:
    grown, name = GROWN[what]
    publish(kept, grown)
    for changes in ((), (OTHER,), ((LESSON, "summary: ", "summary: Now "),)):
        refused(kept, f"In conflict: {name}\\.", take, tiny(*changes), second)
    assert offer(kept, first, draft(kept, first, OTHER, overwrite=True), seen=2) == 3


def test_what_a_later_publication_retired_does_not_come_back_unawares(kept: World, second: Actor) -> None:
    publish(kept, QUESTION, MORE)
    publish(kept, OTHER)
    refused(
        kept, "In conflict: (basics#more, bas-0009|bas-0009, basics#more)\\.", take, tiny(OTHER, MORE, QUESTION), second
    )


def test_a_folder_that_knows_what_is_live_may_retire_what_is_new_there(kept: World, first: Actor) -> None:
    publish(kept, MORE)
    publish(kept, MORE, PLAIN)
    assert offer(kept, first, draft(kept, first, PLAIN), seen=3) == 4


def test_nobody_publishes_another_id_or_the_end_of_a_warning_as_less_than_it_is_alone(
    kept: World, first: Actor, second: Actor
) -> None:
    publish(kept, SAFETY)
    files = tiny((LESSON, "{#matters}", "{#important}"))
    files[BANK] = str(files[BANK]).replace("basics#matters", "basics#important")
    _, made = take(kept, files, first, overwrite=True)
    name = "basics#important"
    refused(kept, "Say why", offer, first, made, {name: "editorial"}, seen=2)
    assert offer(kept, first, made, {name: "editorial"}, REASON, seen=2) is None
    assert agree(kept, second, made, seen=2) == 3
    assert newest(kept).changes["basics#important"] == "new, editorial"
    assert newest(kept).lowered == {name: "safety"}


def test_a_draft_nobody_is_known_to_have_made_is_not_lost_unawares(kept: World) -> None:
    draft(kept, None, PLAIN)
    refused(kept, f"In conflict: {NOT}\\.", take, tiny(OTHER), None)
    assert draft(kept, None, PLAIN) == 1, "the same text again is the same draft"
    draft(kept, None, PLAIN, NUMBER)
    draft(kept, None, OTHER, overwrite=True)
    assert [state for state, _ in states(kept)] == ["replaced", "replaced", "open"]


def test_a_text_that_says_what_is_live_discards_ones_own_draft(kept: World, first: Actor) -> None:
    made = draft(kept, first, PLAIN)
    kept.clock.forward(hours=1)
    assert take(kept, tiny(), first) is None
    assert states(kept) == [("discarded", kept.clock())]
    with pytest.raises(Ended, match="published, replaced or discarded"):
        offer(kept, first, made)


def test_sections_in_another_order_are_another_text(kept: World, first: Actor) -> None:
    files = tiny()
    head, matters, waits = re.split(r"(?m)^(?=## )", str(files[LESSON]))
    files[LESSON] = f"{head}{waits}\n{matters}"
    _, made = take(kept, files, first) or (None, 0)
    assert made, "it says what is live, the program thinks"
    assert offer(kept, first, made) == 2
    page = text(kept.client("trainee"))
    assert page.index("Everything else waits.") < page.index("One thing matters most")


def test_a_publication_says_who_made_it_and_how_each_section_changed(kept: World, first: Actor, second: Actor) -> None:
    made = draft(kept, first, SAFETY, PLAIN)
    assert offer(kept, second, made, {NOT: "editorial"}) == 2
    row = newest(kept)
    assert row.changes == {MATTERS: "safety", NOT: "editorial"}
    assert (row.lowered, row.signed_by, row.reason) == ({}, None, "")
    assert (row.published_by, row.published_at) == (second.person, kept.clock())
    assert states(kept) == [("published", kept.clock())]


def test_a_change_may_be_called_more_than_it_is_by_one(kept: World, first: Actor) -> None:
    made = draft(kept, first, NUMBER, PLAIN)
    assert offer(kept, first, made, {MATTERS: "safety", NOT: "substantive"}) == 2
    row = newest(kept)
    assert (row.changes, row.lowered) == ({MATTERS: "safety", NOT: "substantive"}, {})


def test_what_touches_nothing_may_be_called_less_by_one(kept: World, first: Actor) -> None:
    made = draft(kept, first, PLAIN)
    assert offer(kept, first, made, {NOT: "editorial"}) == 2
    assert newest(kept).lowered == {}


@pytest.mark.parametrize(
    ("change", "called"),
    [(NUMBER, "editorial"), (NUMBER, "clarifying"), (SAFETY, "editorial"), (SAFETY, "substantive")],
)
def test_what_touches_safety_is_called_less_only_with_a_reason_and_by_two(
    kept: World, first: Actor, second: Actor, change: tuple[str, str, str], called: str
) -> None:
    made = draft(kept, first, change, PLAIN)
    classes = {MATTERS: called}
    refused(kept, "Say why the change is less than it seems", offer, first, made, classes)
    assert offer(kept, first, made, classes, REASON) is None
    assert (newest(kept).number, states(kept)) == (1, [("open", None)])
    kept.clock.forward(hours=1)
    refused(kept, "Somebody else must agree: you proposed it", agree, first, made)
    assert agree(kept, second, made) == 2
    row = newest(kept)
    assert row.changes == {MATTERS: called, NOT: "clarifying"}
    assert row.lowered == {MATTERS: "substantive" if change is NUMBER else "safety"}
    assert (row.published_by, row.signed_by, row.reason) == (first.person, second.person, REASON)


def test_a_proposal_waits_where_others_see_it(kept: World, first: Actor, second: Actor) -> None:
    made = draft(kept, second, NUMBER)
    offer(kept, first, made, {MATTERS: "editorial"}, REASON)
    with kept.session() as session:
        row = store.kept_draft(session, second, made)
    assert row.draft
    assert row.draft.proposal == {"classes": {MATTERS: "editorial"}, "reason": REASON, "publication": 1}
    assert (row.draft.proposed_by, row.proposer, row.maker) == (first.person, "Edda Educator", "second")


def test_whoever_made_a_draft_may_agree_to_what_another_proposed(kept: World, first: Actor, second: Actor) -> None:
    made = draft(kept, second, NUMBER)
    offer(kept, first, made, {MATTERS: "editorial"}, REASON)
    assert agree(kept, second, made) == 2


def test_a_counter_proposal_takes_the_place_of_the_first(kept: World, first: Actor, second: Actor) -> None:
    made = draft(kept, first, NUMBER)
    offer(kept, first, made, {MATTERS: "editorial"}, REASON)
    assert offer(kept, second, made, {MATTERS: "clarifying"}, "It says the same") is None
    refused(kept, "you proposed it", agree, second, made)
    assert agree(kept, first, made) == 2
    row = newest(kept)
    assert (row.changes, row.reason) == ({MATTERS: "clarifying"}, "It says the same")
    assert (row.published_by, row.signed_by) == (second.person, first.person)


def test_a_proposal_is_no_bar_to_calling_it_what_it_is(kept: World, first: Actor) -> None:
    made = draft(kept, first, NUMBER)
    offer(kept, first, made, {MATTERS: "editorial"}, REASON)
    assert offer(kept, first, made) == 2
    row = newest(kept)
    assert (row.changes, row.lowered, row.signed_by, row.reason) == ({MATTERS: "substantive"}, {}, None, "")


def test_where_nothing_was_proposed_nothing_is_agreed_to(kept: World, first: Actor, second: Actor) -> None:
    made = draft(kept, first, NUMBER)
    refused(kept, "Look at it again", agree, second, made)


def test_a_proposal_does_not_outlive_the_publication_it_was_made_against(
    kept: World, first: Actor, second: Actor
) -> None:
    made = draft(kept, first, NUMBER)
    offer(kept, first, made, {MATTERS: "editorial"}, REASON)
    publish(kept, OTHER)
    for seen in (1, 2):
        refused(kept, "Look at it again", agree, second, made, seen=seen)
    assert "proposes to call" not in text(kept.client("second"), f"/drafts/{made}")
    assert offer(kept, first, made, {MATTERS: "editorial"}, REASON, seen=2) is None
    assert agree(kept, second, made, seen=2) == 3


def test_a_proposal_does_not_pass_to_the_next_draft(kept: World, first: Actor, second: Actor) -> None:
    offer(kept, first, draft(kept, first, NUMBER), {MATTERS: "editorial"}, REASON)
    again = draft(kept, first, NUMBER, PLAIN)
    refused(kept, "Look at it again", agree, second, again)


@pytest.mark.parametrize(
    ("classes", "what"),
    [
        ({MATTERS: "cosmetic"}, f"“cosmetic” is no class of a change to {MATTERS}"),
        ({MATTERS: "new"}, f"“new” is no class of a change to {MATTERS}"),
        ({NOT: "editorial"}, f"The section {NOT} does not change"),
        ({"basics#other": "editorial"}, "The section basics#other does not change"),
        ({"matters": "editorial"}, "The section matters does not change"),
    ],
)
def test_a_class_is_one_there_is_of_a_section_that_changes(
    kept: World, first: Actor, classes: dict[str, str], what: str
) -> None:
    made = draft(kept, first, NUMBER)
    refused(kept, what, offer, first, made, classes, REASON)


def test_a_section_that_is_new_or_moves_or_goes_needs_no_class(kept: World, first: Actor) -> None:
    added = (LESSON, "Everything else waits.", "Everything else waits.\n\n## More {#more}\n\nAt most 5 mL, never more.")
    made = draft(kept, first, added)
    refused(kept, "does not change, so it needs no class", offer, first, made, {"basics#more": "editorial"})
    assert offer(kept, first, made) == 2
    assert newest(kept).changes == {"basics#more": "new", "module basics": "changed"}


@pytest.mark.parametrize("act", [offer, agree, discard])
def test_nobody_of_another_organisation_finds_a_draft(kept: World, first: Actor, act: Any) -> None:
    stranger = joined(kept, "stranger", "Northlight")
    made = draft(kept, first, NUMBER)
    offer(kept, first, made, {MATTERS: "editorial"}, REASON)
    before = dump(kept)
    for number in (made, made + 1):
        with pytest.raises(NotFound):
            act(kept, stranger, number)
    assert dump(kept) == before
    with kept.session() as session:
        assert store.kept(session, stranger) == []
    client = kept.client("stranger")
    assert client.get(f"/drafts/{made}").status_code == 404
    assert "A tiny course" not in text(client, "/drafts")


def test_nobody_of_another_organisation_learns_that_a_draft_was_closed(kept: World, first: Actor) -> None:
    stranger, made = joined(kept, "stranger", "Northlight"), draft(kept, first, PLAIN)
    discard(kept, first, made)
    for act in (offer, agree, discard):
        with pytest.raises(NotFound):
            act(kept, stranger, made)
    client = kept.client("stranger")
    assert client.get(f"/drafts/{made}").status_code == client.post(f"/drafts/{made}").status_code == 404


def test_an_organisations_own_course_is_its_own_to_publish(kept: World, second: Actor) -> None:
    stranger, files = joined(kept, "stranger", "Northlight"), ("course.yaml", "course: tiny", "course: theirs")
    place = {"organisation": kept.ids["Northlight"]}
    take(kept, tiny(files), stranger, **place)
    made = draft(kept, stranger, files, PLAIN, **place)
    with pytest.raises(NotFound):
        offer(kept, second, made)
    assert offer(kept, stranger, made) == 2


def test_a_shared_course_without_a_keeper_is_published_by_no_page(world: World) -> None:
    actor = world.actor("educator")
    made = draft(world, actor, PLAIN)
    client = world.client("educator")
    assert "Your organisation keeps no course" in text(client, "/drafts")
    assert client.get(f"/drafts/{made}").status_code == 404
    before = dump(world)
    for path in ("", "/agree", "/discard"):
        assert client.post(f"/drafts/{made}{path}", {"seen": "1"}).status_code == 404
    for act in (offer, agree, discard):
        with pytest.raises(NotFound):
            act(world, actor, made)
    assert dump(world) == before
    kept_by(world, "Harbour")
    assert offer(world, actor, made) == 2


def test_a_keeper_of_one_course_publishes_no_other(kept: World, first: Actor) -> None:
    files = ("course.yaml", "course: tiny", "course: other")
    take(kept, tiny(files), None)
    made = draft(kept, None, files, PLAIN)
    with pytest.raises(NotFound):
        offer(kept, first, made)


def test_a_draft_that_is_closed_is_closed(kept: World, first: Actor, second: Actor) -> None:
    made = draft(kept, first, PLAIN)
    discard(kept, second, made)
    assert states(kept) == [("discarded", kept.clock())]
    before = dump(kept)
    for act in (offer, agree, discard):
        with pytest.raises(Ended, match="published, replaced or discarded"):
            act(kept, first, made)
    assert dump(kept) == before
    assert draft(kept, first, PLAIN) != made


def test_two_who_publish_a_draft_at_once_make_one_publication(kept: World, first: Actor, second: Actor) -> None:
    for number, changes in enumerate([(PLAIN,), (OTHER,), (PLAIN, NUMBER), (OTHER, NUMBER), (PLAIN, SAFETY)], 1):
        made = draft(kept, first, *changes, overwrite=True)
        given = together(*(partial(offer, kept, actor, made, seen=number) for actor in (first, second)))
        assert number + 1 in given, given
        (other,) = [one for one in given if one != number + 1]
        assert isinstance(other, Refused | NotFound), other
        with kept.session() as session:
            assert len(session.scalars(select(Publication)).all()) == number + 1
            said = session.scalars(select(Event.kind)).all()
        assert said.count("course.published") == number + 1


def test_a_draft_that_is_replaced_while_it_is_published_is_one_or_the_other(kept: World, first: Actor) -> None:
    live, made = 1, draft(kept, first, PLAIN)
    for changes in ((OTHER,), (PLAIN, NUMBER), (OTHER, NUMBER), (PLAIN, SAFETY), (OTHER, SAFETY)):
        published, again = together(
            partial(offer, kept, first, made, seen=live),
            partial(draft, kept, first, *changes, overwrite=True),
        )
        assert published == live + 1 or isinstance(published, Expected), published
        assert isinstance(again, int | Expected), again
        state = dict(zip([1, 2, 3, 4, 5, 6], states(kept), strict=False))[made][0]
        assert (state == "published") == (published == live + 1)
        live = newest(kept).number
        made = again if isinstance(again, int) else draft(kept, first, *changes, overwrite=True)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True, scope="session")
def test_a_draft_that_is_replaced_after_it_was_read_is_not_published(kept: World, first: Actor) -> None:
    """On SQLite nobody replaces it meanwhile."""
    made = draft(kept, first, PLAIN)
    replacing, overtaken = Thread(target=partial(draft, kept, first, OTHER)), list[bool]()

    def work(session: Any) -> int | None:
        found = store.kept_draft(session, first, made)
        if not replacing.ident:
            replacing.start()
            replacing.join(5)
            overtaken.append(not replacing.is_alive())
        made_live = actions.offer(session, kept.clock(), found, 1, {}, "", signature(first))
        return made_live.number if made_live else None

    try:
        published = kept.do(work)
    except Expected:
        published = None
    replacing.join(60)
    assert (states(kept)[0][0], published) == (("replaced", None) if overtaken[0] else ("published", 2))
    assert newest(kept).number == (published or 1)


FIGURE = "basics/media/matters.svg"


def redrawn() -> Files:
    files = tiny()
    content = files[FIGURE]
    assert isinstance(content, bytes)
    return files | {FIGURE: content.replace(b'r="60"', b'r="61"')}


def figures(client: Browser) -> list[str]:
    return re.findall(r'src="(/media/[^"]+)"', text(client))


def test_a_figure_of_a_draft_is_kept_and_shown_once_it_is_published(kept: World, first: Actor) -> None:
    client = kept.client("trainee")
    (before,) = figures(client)
    _, made = take(kept, redrawn(), first)
    assert figures(client) == [before]
    with kept.session() as session:
        assert store.files_of(session, session.get_one(Draft, made)) == redrawn()
    assert offer(kept, first, made) == 2
    assert newest(kept).changes == {MATTERS: "substantive"}
    (after,) = figures(client)
    assert after != before
    assert b'r="61"' in client.get(after).data
    assert b'r="60"' in client.get(before).data, "an attempt may show it still"


def test_another_figure_is_no_change_one_person_calls_editorial(kept: World, first: Actor) -> None:
    files = redrawn()
    files[LESSON] = str(files[LESSON]).replace("![A circle over", "![The circle over")
    _, made = take(kept, files, first)
    refused(kept, "Say why", offer, first, made, {MATTERS: "editorial"})


def test_a_draft_says_what_it_was_made_of(kept: World, first: Actor) -> None:
    files = tiny(PLAIN)
    _, made = take(kept, files, first)
    with kept.session() as session:
        row = session.get_one(Draft, made)
        assert (row.number, row.made_by, row.made_at) == (1, first.person, kept.clock())
        assert store.files_of(session, row) == files
        assert actions.text_of(session, row) == read_course(files)


def test_what_is_done_with_drafts_is_on_record(kept: World, first: Actor, second: Actor) -> None:
    made = draft(kept, first, NUMBER)
    offer(kept, first, made, {MATTERS: "editorial"}, REASON)
    agree(kept, second, made)
    discard(kept, second, draft(kept, first, NUMBER, PLAIN))
    actors = {first.commitment: "first", second.commitment: "second", "": ""}
    with kept.session() as session:
        said = session.scalars(select(Event).order_by(Event.position)).all()
        found = [
            (one.kind, actors[json.loads(one.body)["actor"]])
            for one in said
            if one.kind.startswith(("draft.", "course."))
        ]
    assert found[1:] == [
        ("draft.made", "first"),
        ("draft.proposed", "first"),
        ("course.published", "second"),
        ("draft.made", "first"),
        ("draft.discarded", "second"),
    ]


def page_of(client: Browser, draft: int) -> str:
    return unescape(re.sub(r"</?(?:ins|del)>", "", text(client, f"/drafts/{draft}")))


def test_a_page_shows_what_a_draft_changes_and_asks_for_its_class(kept: World, first: Actor) -> None:
    made = draft(kept, first, NUMBER, PLAIN)
    client = kept.client("educator")
    assert "Draft 1 waits" in text(client, "/drafts")
    page = page_of(client, made)
    for words in (
        "One thing matters most",
        "Two things matter most",
        "Everything else stays behind",
        "touches a number",
    ):
        assert words in page
    chosen = dict(re.findall(r'name="class:([^"]+)".*?<option value="(\w+)" selected', page, re.DOTALL))
    assert chosen == {MATTERS: "substantive", NOT: "clarifying"}


def test_a_page_names_each_course_and_the_classes_briefly(kept: World, first: Actor) -> None:
    ours = ("course.yaml", "course: tiny", "course: ours")
    take(kept, tiny(ours), first, organisation=kept.ids["Harbour"])
    page = text(kept.client("educator"), "/drafts")
    assert page.count("A tiny course") == 2
    assert [f'<span class="code">{name}</span>' in page for name in ("tiny", "ours")] == [True, True]
    options = re.findall(r"<option[^>]*>([^<]*)<", page_of(kept.client("educator"), draft(kept, first, NUMBER)))
    assert options == ["Editorial", "Clarifying", "Substantive (proposed)", "Safety"]


def test_a_page_says_in_whose_place_a_section_comes(kept: World, first: Actor) -> None:
    files = tiny((LESSON, "{#not}", "{#waits}"), (LESSON, "Everything else waits.", "Everything else stays."))
    files[BANK] = str(files[BANK]).replace(NOT, "basics#waits")
    _, made = take(kept, files, first)
    page = page_of(kept.client("educator"), made)
    assert f"in place of {NOT}, which goes" in page
    assert "Everything else stays." in page


def test_a_page_calls_the_rules_of_a_quiz_as_people_do(kept: World, first: Actor) -> None:
    rules = "pass: 66.5%\n  certainty: asked\n  cool-down: 24 hours"
    made = draft(kept, first, (LESSON, "pass: 75%", rules))
    page = page_of(kept.client("educator"), made)
    for words in ("Pass mark: 75%", "Pass mark: 66.5%", "Asks how sure one is: yes", "it may be sat again: 24"):
        assert words in page
    assert "quiz " not in page.partition("<pre")[2].rpartition("</pre>")[0]


def test_every_rule_of_a_quiz_has_a_name_on_that_page() -> None:
    named = {name.removeprefix("quiz ") for name in QUIZ}
    assert named == {one.name for one in fields(Rules)} - {"shuffle"} | {"in_order"}


def test_a_second_person_reads_what_changes_before_they_agree(kept: World, first: Actor, second: Actor) -> None:
    made = draft(kept, first, NUMBER)
    offer(kept, first, made, {MATTERS: "editorial"}, REASON)
    page = page_of(kept.client("second"), made)
    assert page.index("The reason: ") < page.index("Two things matter most") < page.index("I agree: publish it so")


def test_a_page_shows_the_plan_of_the_installation_it_is_of(kept: World, first: Actor, engine: Engine) -> None:
    """Another one that this process serves has a draft of the same number."""
    other = engine.world()
    kept_by(other, "Harbour")
    assert draft(kept, first, NUMBER) == draft(other, first, OTHER)
    assert "Two things matter most" in page_of(kept.client("educator"), 1)
    page = page_of(other.client("educator"), 1)
    other.close()
    assert "All the rest is for later." in page
    assert "Two things matter most" not in page


def test_pages_publish_with_two_people(kept: World, first: Actor, second: Actor) -> None:
    made = draft(kept, first, NUMBER, PLAIN)
    one, two = kept.client("educator"), kept.client("second")
    fields = {"seen": "1", f"class:{MATTERS}": "editorial", f"class:{NOT}": "clarifying"}
    reply = one.post(f"/drafts/{made}", fields)
    assert reply.status_code == 422
    assert "Say why the change is less than it seems" in reply.get_data(as_text=True)
    assert one.post(f"/drafts/{made}", {**fields, "reason": f"  {REASON} "}).headers["Location"] == f"/drafts/{made}"
    assert "I agree: publish it so" not in text(one, f"/drafts/{made}")
    page = text(two, f"/drafts/{made}")
    assert "I agree: publish it so" in page
    assert f"The reason: {REASON}" in page
    assert "Editorial, not Substantive" in page
    assert one.post(f"/drafts/{made}/agree", {"seen": "1"}).status_code == 409
    assert newest(kept).number == 1
    shown = re.search(r'name="proposed" value="([0-9a-f]{64})"', page)
    assert shown
    assert two.post(f"/drafts/{made}/agree", {"seen": "1", "proposed": shown[1]}).status_code == 303
    row = newest(kept)
    assert (row.number, row.reason, row.signed_by) == (2, REASON, second.person)
    assert one.post(f"/drafts/{made}", fields).status_code == 410


def test_nobody_agrees_to_a_proposal_they_were_not_shown(kept: World, first: Actor, second: Actor) -> None:
    made = draft(kept, first, SAFETY)
    offer(kept, first, made, {MATTERS: "substantive"}, "It says the same")
    two = kept.client("second")
    form = re.search(rf'action="/drafts/{made}/agree">(.*?)</form>', two.get(f"/drafts/{made}").text, re.DOTALL)
    assert form
    shown = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[1]))
    kept.clock.forward(minutes=1)
    offer(kept, first, made, {MATTERS: "editorial"}, "Another reason")
    assert two.client.post(f"/drafts/{made}/agree", data=shown).status_code == 409
    assert newest(kept).number == 1


@pytest.mark.parametrize("seen", ["", "x", "0", "2", None])
def test_a_page_publishes_only_the_plan_it_showed(kept: World, first: Actor, seen: str | None) -> None:
    made = draft(kept, first, PLAIN)
    client, before = kept.client("educator"), None
    before = dump(kept)
    reply = client.post(f"/drafts/{made}", {} if seen is None else {"seen": seen})
    assert (reply.status_code, "Look at it again" in reply.get_data(as_text=True)) == (422, True)
    assert dump(kept) == before


def test_a_page_discards(kept: World, first: Actor) -> None:
    made = draft(kept, first, PLAIN)
    client = kept.client("educator")
    assert client.post(f"/drafts/{made}/discard", {"seen": "1"}).status_code == 303
    assert [state for state, _ in states(kept)] == ["discarded"]
    assert "No draft waits." in text(client, "/drafts")


@pytest.mark.parametrize("who", ["trainee", "manager"])
def test_whoever_does_not_teach_sees_and_publishes_no_draft(kept: World, first: Actor, who: str) -> None:
    made, client = draft(kept, first, PLAIN), kept.client(who)
    before = dump(kept)
    assert [client.get(address).status_code for address in ("/drafts", f"/drafts/{made}")] == [403, 403]
    for path in ("", "/agree", "/discard"):
        assert client.post(f"/drafts/{made}{path}", {"seen": "1"}).status_code == 403
    assert dump(kept) == before


def test_keeping_a_course_again_changes_its_keeper(kept: World, first: Actor) -> None:
    made = draft(kept, first, PLAIN)
    kept_by(kept, "Northlight")
    with pytest.raises(NotFound):
        offer(kept, first, made)
    with kept.session() as session:
        assert session.scalars(select(Course.kept_by)).all() == [kept.ids["Northlight"]]
