"""The logbook: what may be logged, who may sign it, what a signature is bound to, and that nothing is doubled."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mesotrain.actions import assertions, logbook, merges, people
from mesotrain.actions.reminders import remind
from mesotrain.core.access import MANAGER, TRAINEE
from mesotrain.core.competence import ROLES
from mesotrain.core.dates import day_of
from mesotrain.core.errors import Ended, NotFound, Refused
from mesotrain.core.logbook import (
    CONFIRMED,
    DAYS,
    LAPSED,
    NOT_REACHED,
    NOT_SEEN,
    RETURNED,
    WAITING,
    WITHDRAWN,
    meaning,
)
from mesotrain.core.reminders import LAST_CALL, SIGNING
from mesotrain.store import clearance
from mesotrain.store import logbook as store
from mesotrain.store.assertions import Assertion
from mesotrain.store.events import Event
from mesotrain.store.logbook import Case, Entry, Signature, SignatureRequest
from mesotrain.store.people import Person
from mesotrain.store.reminders import SIGNATURE, Reminder
from tests.actions.clearing import Desk, desk
from tests.actions.taking import together
from tests.world import World


@pytest.fixture
def place(world: World) -> Desk:
    """A clinic at which the colleague may sign the cases of the face."""
    found = desk(world)
    found.appoint()
    return found


def newcomer(world: World) -> int:
    """Somebody new at the quay."""

    def work(session: Session) -> int:
        person = people.create_person(session, "Nia Newcomer", "nia@example.org", "", b"nia", "en", "Europe/London")
        people.join(session, world.clock(), world.ids["Harbour"], person, [(TRAINEE, world.ids["Quay"])])
        return person.id

    return int(world.do(work))


def entry(place: Desk, request: int) -> Entry:
    with place.world.session() as session:
        return store.by_number(session, request)


def state(place: Desk, request: int) -> str:
    return entry(place, request).state(place.today)


def counted(place: Desk, who: str = "trainee", later: int = 0) -> list[tuple[str, int, int]]:
    """(part, level, signer) of the cases that speak for or against somebody."""
    with place.world.session() as session:
        found = later or clearance.EVER
        cases = store.signed(session, place.world.ids["Harbour"], [place.world.ids[who]], found)
    return [(one.role, one.level, one.by) for pieces in cases.values() for of in pieces.values() for one in of]


@pytest.mark.parametrize(("answer", "counts"), [(CONFIRMED, [3]), (NOT_REACHED, [0]), (NOT_SEEN, []), (RETURNED, [])])
def test_what_is_answered_counts_as_it_says(place: Desk, answer: str, counts: list[int]) -> None:
    request = place.log()
    assert state(place, request) == WAITING
    assert counted(place) == []
    place.sign(request, answer, words="Which day was it?")
    assert state(place, request) == answer
    assert [level for _, level, _ in counted(place)] == counts


def test_a_signature_is_bound_to_all_it_says(place: Desk) -> None:
    request = place.log()
    place.sign(request, level=4, words="Steady hands.")
    found = entry(place, request)
    assert found.signature

    def bound(session: Any, **other: Any) -> str:
        signer, trainee = (
            session.get_one(Person, one).commitment for one in (found.request.supervisor_id, found.case.person_id)
        )
        case = Case(**{column.name: getattr(found.case, column.name) for column in Case.__table__.columns} | other)
        return store.bound_to(signer, trainee, case, Signature(answer=CONFIRMED, level=4, words="Steady hands."))

    with place.world.session() as session:
        assert bound(session) == found.signature.record
        said = session.scalars(select(Event).where(Event.position == found.signature.sequence)).one()
        assert found.signature.record.encode() in said.body
        for name, other in (
            ("day", found.case.day - timedelta(days=1)),
            ("role", "independent"),
            ("site", "Scalp"),
            ("learnt", ""),
            ("number", "1"),
            ("clinic_id", 2),
            ("course_id", 2),
            ("procedure", "scalp"),
        ):
            assert bound(session, **{name: other}) != found.signature.record, name


def test_who_was_not_appointed_for_that_day_and_place_signs_nothing(place: Desk) -> None:
    for by, told in (
        ("elsewhere", {}),
        ("manager", {}),
        ("other_trainee", {}),
        ("trainee", {}),
        ("colleague", {"day": place.today - timedelta(days=1)}),
        ("colleague", {"procedure": "scalp"}),
    ):
        with pytest.raises(Refused, match=r"may not supervise|for themselves"):
            place.log(by=by, **told)
    with pytest.raises(NotFound):
        place.log(clinic=place.world.ids["Mill"])


def test_an_appointment_ends_and_a_stop_ends_it_at_once(place: Desk) -> None:
    asked = place.log()
    stop = place.stop(person=place.world.ids["colleague"])
    with pytest.raises(Refused, match="may not supervise"):
        place.sign(asked)
    with pytest.raises(Refused, match="may not supervise"):
        place.log(site="Chin")
    place.say(assertions.retract, stop, "It was looked into.")
    place.world.clock.forward(days=1)
    place.sign(place.log(site="Chin"))
    place.world.clock.forward(days=700)
    with pytest.raises(Refused, match="may not supervise"):
        place.log(site="Forehead")


def test_nobody_appoints_themselves_or_for_ever(place: Desk) -> None:
    concerns = place.concerns(person=place.world.ids["colleague"], clinic=place.world.ids["Quay"])
    for days in (0, 800):
        with pytest.raises(Refused, match="within 24 months"):
            place.say(assertions.appoint, concerns, place.today + timedelta(days=days), "Why not.")
    with pytest.raises(NotFound):
        place.appoint("manager")
    with pytest.raises(Refused, match="Say why"):
        place.say(assertions.appoint, concerns, place.today + timedelta(days=1), " ")


@pytest.mark.parametrize(
    "words",
    [
        "Mrs Bell, 12/03/1980",
        "ann@example.org",
        "NHS 943 476 5919",
        "+44 20 7946 0958",
        "MRN: 12345",
        "943476",
        "12.03.1980",
        "943.476 5919",
        "12/3/80",
        "born in 1980, on the 3rd of March 1980",
        "March 3, 1980",
        "from SW1A 1AA, flat 2",
        "hospital no A12",
        "AB12345",
        "943\u00b7476\u00b75919",
        "943_476_5919",
        "943,476,5919",
        "(943)(476)",
        "94\u200b34\u200b76",
        "\uff19\uff14\uff13\uff14\uff17\uff16",
        "a (at) example.org",
        "https://example.org/sarah",
        "@sarah_jones there",
    ],
)
def test_what_identifies_a_patient_is_refused(place: Desk, words: str) -> None:
    for where in ({"learnt": words}, {"site": words}):
        with pytest.raises(Refused, match="may identify a patient"):
            place.log(nameless=True, **where)
    request = place.log()
    with pytest.raises(Refused, match="may identify a patient"):
        place.sign(request, RETURNED, words=words)


def test_what_may_be_a_name_is_asked_back(place: Desk) -> None:
    told = {"learnt": "a long talk with Mrs Bell before it"}
    with pytest.raises(Refused, match="Mrs Bell” may be somebody"):
        place.log(**told)
    assert place.log(nameless=True, **told)
    assert place.log(site="Chin", learnt="Slow down at 4 mm. Keep 10 cm of Cheek free, 30 G needle, 0.05 0.05 0.1 mL.")
    request = entry(place, place.log(site="Neck")).request.id
    for words in ("Sarah Jones cried a lot.", "patient Sarah", "L\u00e9a Dupont came."):
        with pytest.raises(Refused, match="may be somebody"):
            place.sign(request, NOT_SEEN, words=words)
    place.sign(request, NOT_SEEN)
    with pytest.raises(Refused, match="may be somebody"):
        place.say(logbook.withdraw, request, "It was Sarah Jones.", by="colleague")
    with pytest.raises(Refused, match="may identify"):
        place.say(logbook.withdraw, request, "It was NHS 943 476 5919.", by="colleague")


@pytest.mark.parametrize(
    "words",
    [
        "0.05-0.10 ml", "0.1/0.1/0.1 ml", "100000 IU", "10 000 units", "5, 10, 15, 20 units", "0,05 0,05 0,1",
        "Ratio 1:100000, then 1:200 000", "15 papules of 0.1 mL, 4 mm deep, at 3 to 5 cm", "In 2026, 30 needles.",
    ],
)  # fmt: skip
def test_what_is_measured_identifies_nobody(place: Desk, words: str) -> None:
    assert place.log(learnt=words)


def test_the_same_case_is_logged_once(place: Desk) -> None:
    first = place.log(number="digest")
    for told in ({}, {"number": "digest", "site": "Chin"}):
        with pytest.raises(Refused, match="logged this case already"):
            place.log(**told)
    case = entry(place, first).case.id
    place.sign(first, RETURNED, words="Which day?")
    with pytest.raises(Refused, match="Log it again"):
        place.say(logbook.ask, case, place.world.ids["colleague"], "nonce", by="trainee")
    assert place.log(number="digest")
    place.say(logbook.withdraw, first, "I remember it now.", by="colleague")
    with pytest.raises(Refused, match="again meanwhile"):
        place.say(logbook.ask, case, place.world.ids["colleague"], "nonce", by="trainee")


def test_a_case_whose_request_was_taken_back_may_be_logged_as_it_was(place: Desk) -> None:
    first = place.log(number="digest")
    place.say(logbook.take_back, first, by="trainee")
    assert place.log(number="digest", site="Chin")
    with pytest.raises(Refused, match="again meanwhile"):
        place.say(logbook.ask, entry(place, first).case.id, place.world.ids["colleague"], "nonce", by="trainee")


def test_who_took_a_slip_back_may_be_asked_again(place: Desk) -> None:
    first = place.log()
    place.sign(first, NOT_SEEN)
    case = entry(place, first).case.id
    with pytest.raises(Refused, match="answered for this case already"):
        place.say(logbook.ask, case, place.world.ids["colleague"], "nonce", by="trainee")
    place.say(logbook.withdraw, first, "I chose the wrong answer.", by="colleague")
    place.sign(place.say(logbook.ask, case, place.world.ids["colleague"], "nonce", by="trainee"))
    assert len(counted(place)) == 1


def test_a_case_says_which_part_one_had_and_where(place: Desk) -> None:
    for told, wrong in (
        ({"role": ""}, "your part"),
        ({"site": " "}, "where on the body"),
        ({"learnt": "x" * 1001}, "Shorten"),
    ):
        with pytest.raises(Refused, match=wrong):
            place.log(**told)


def test_a_case_is_of_a_day_that_has_come_and_not_long_ago(place: Desk) -> None:
    for day in (place.today + timedelta(days=1), place.today - timedelta(days=366)):
        with pytest.raises(Refused, match="within a year"):
            place.log(day=day)


def test_a_request_lapses_and_somebody_else_may_be_asked(place: Desk) -> None:
    request = place.log()
    case = entry(place, request).case.id
    with pytest.raises(Refused, match="Wait for their answer"):
        place.say(logbook.ask, case, place.world.ids["colleague"], "nonce", by="trainee")
    place.world.clock.forward(days=DAYS.days)
    assert state(place, request) == LAPSED
    with pytest.raises(Ended):
        place.sign(request)
    with pytest.raises(Ended):
        place.say(logbook.take_back, request, by="trainee")
    again = place.say(logbook.ask, case, place.world.ids["colleague"], "nonce", by="trainee")
    place.sign(again)
    with pytest.raises(Refused, match="answered for this case already"):
        place.say(logbook.ask, case, place.world.ids["colleague"], "nonce", by="trainee")
    assert len(counted(place)) == 1


def test_what_is_answered_is_answered_once_by_whom_it_was_asked_of(place: Desk) -> None:
    request = place.log()
    with pytest.raises(NotFound):
        place.say(logbook.take_back, request, by="colleague")
    with pytest.raises(NotFound):
        place.say(logbook.withdraw, request, "Why.", by="colleague")
    for answer, level, wrong in ((CONFIRMED, 0, "how far"), (CONFIRMED, 6, "how far"), (RETURNED, 0, "what you ask")):
        with pytest.raises(Refused, match=wrong):
            place.sign(request, answer, level)
    place.sign(request)
    with pytest.raises(Ended):
        place.sign(request, NOT_SEEN)
    with pytest.raises(Ended):
        place.say(logbook.take_back, request, by="trainee")


def test_a_signature_taken_back_stays_and_counts_no_more_from_then_on(place: Desk) -> None:
    request = place.log()
    place.sign(request)
    with place.world.session() as session:
        before = session.scalar(select(func.max(Event.position)))
    with pytest.raises(Refused, match="Say why"):
        place.say(logbook.withdraw, request, " ", by="colleague")
    with pytest.raises(NotFound):
        place.say(logbook.withdraw, request, "Mine.", by="trainee")
    place.say(logbook.withdraw, request, "It was another.", by="colleague")
    assert state(place, request) == WITHDRAWN
    assert counted(place) == []
    assert len(counted(place, later=int(before or 0))) == 1, "what was known then stays known"
    with pytest.raises(Ended):
        place.say(logbook.withdraw, request, "Again.", by="colleague")


def test_two_answers_at_once_are_one(place: Desk) -> None:
    request = place.log()

    found = together(*(lambda words=words: place.sign(request, NOT_SEEN, words=words) for words in ("one", "two")))
    assert sorted(isinstance(one, Ended) for one in found) == [False, True]
    with place.world.session() as session:
        assert session.scalar(select(func.count()).select_from(Signature)) == 1


def test_a_merged_account_takes_its_cases_along_but_nobodys_own_signature(place: Desk) -> None:
    world = place.world
    first, second = place.log(), place.log(site="Chin")
    place.sign(first)
    administrator, now = world.actor("administrator"), world.clock()
    world.do(lambda s: merges.merge(s, administrator, now, world.ids["elsewhere"], world.ids["trainee"]))
    assert counted(place) == []
    assert counted(place, "elsewhere") == [("supervised", 3, world.ids["colleague"])]
    assert state(place, second) == WITHDRAWN
    with world.session() as session:
        entries = store.of_person(session, world.ids["Harbour"], world.ids["elsewhere"])
    assert [one.state(place.today) for one in entries] == [WAITING, CONFIRMED]
    world.do(lambda s: merges.merge(s, administrator, now, world.ids["colleague"], world.ids["elsewhere"]))
    assert counted(place, "colleague") == []


def merged(place: Desk, into: int, other: int) -> None:
    administrator, now = place.world.actor("administrator"), place.world.clock()
    place.world.do(lambda session: merges.merge(session, administrator, now, into, other))


def test_two_accounts_of_one_supervisor_are_one_signer(place: Desk) -> None:
    world, into = place.world, newcomer(place.world)
    signed, waits = place.log(), place.log(site="Chin")
    place.sign(signed)
    merged(place, into, world.ids["colleague"])
    assert counted(place) == [("supervised", 3, into)], "it is the signature of whoever they go on as"
    assert [state(place, one) for one in (signed, waits)] == [WITHDRAWN, WITHDRAWN]
    with world.session() as session:
        asked = store.asked_of(session, world.ids["Harbour"], into)
    assert [one.state(place.today) for one in asked] == [CONFIRMED, WAITING], "what waited waits for them now"
    place.sign(asked[1].request.id)
    assert len(counted(place)) == 2


def test_a_case_logged_under_two_accounts_is_one_case(place: Desk) -> None:
    world, into = place.world, newcomer(place.world)
    place.sign(place.log(number="digest"))
    world.ids["newcomer"] = into
    with world.session() as session:
        case = session.scalars(select(Case)).one()
        world_case = {"person_id": into, "sequence": case.sequence}
    number = world.do(lambda session: store.again(session, session.get_one(Case, case.id), **world_case))
    request = world.do(
        lambda session: store.again(session, session.scalars(select(SignatureRequest)).one(), case_id=number)
    )
    world.do(lambda session: store.again(session, session.scalars(select(Signature)).one(), request_id=request))
    assert len(counted(place, "newcomer")) == len(counted(place)) == 1
    merged(place, world.ids["trainee"], into)
    with world.session() as session:
        cases = store.signed(session, world.ids["Harbour"], [world.ids["trainee"]], clearance.EVER)
    assert len({one.case for of in cases[world.ids["trainee"]].values() for one in of}) == 1


def test_a_level_that_was_not_reached_cannot_be_asked_for_elsewhere(place: Desk) -> None:
    request = place.log()
    place.sign(request, NOT_REACHED)
    with pytest.raises(Refused, match="did not reach the level"):
        place.say(logbook.ask, entry(place, request).case.id, place.world.ids["elsewhere"], "nonce", by="trainee")
    place.say(logbook.withdraw, request, "I took it for another.", by="colleague")
    place.sign(place.say(logbook.ask, entry(place, request).case.id, place.world.ids["colleague"], "n", by="trainee"))
    assert [level for _, level, _ in counted(place)] == [3]


def test_each_part_is_confirmed_in_words_of_its_own() -> None:
    said = [meaning(CONFIRMED, role) for role in ROLES]
    assert len(set(said)) == len(ROLES)
    assert [one for one in said if "I supervised" in one] == [meaning(CONFIRMED, "supervised")]
    assert meaning(NOT_SEEN, "observed") == meaning(NOT_SEEN, "independent")


def test_what_nobody_sees_is_no_reason_and_no_place(place: Desk) -> None:
    for unseen in ("\u200b", "\u202e", "\u2060 \u2060"):
        with pytest.raises(Refused, match="Say why"):
            place.stop(unseen, person=place.world.ids["colleague"])
        with pytest.raises(Refused, match="where on the body"):
            place.log(site=unseen)


def test_who_turns_out_to_be_the_same_person_has_signed_nothing(place: Desk) -> None:
    place.sign(place.log())
    assert len(counted(place)) == 1
    merged(place, place.world.ids["trainee"], place.world.ids["colleague"])
    assert counted(place) == [], "nobody signs for themselves"


def test_a_signature_counts_while_the_right_to_it_did(place: Desk) -> None:
    world = place.world
    everywhere = replace(world.actor("manager"), roles={MANAGER: frozenset()})
    told, now = place.concerns(person=world.ids["elsewhere"], clinic=world.ids["Quay"]), world.clock()

    def appointed(session: Session) -> int:
        return assertions.appoint(session, everywhere, now, told, place.today + timedelta(days=9), "For a week.")

    number = world.do(appointed)
    place.sign(place.log(by="elsewhere"))
    before = len(counted(place))
    with world.session() as session:
        known = session.scalar(select(func.max(Event.position))) or 0
    world.do(lambda s: assertions.retract(s, everywhere, world.clock(), number, "They never were fit to."))
    assert (before, counted(place)) == (1, []), "it was taken back from its first day on"
    assert len(counted(place, later=known)) == 1, "what was known then stays known"


def test_an_appointment_that_ends_later_leaves_the_signatures(place: Desk) -> None:
    place.sign(place.log())
    place.world.clock.forward(days=1)
    with place.world.session() as session:
        number = session.scalars(select(Assertion.id).where(Assertion.kind == "supervise")).one()
    place.say(assertions.retract, number, "They went elsewhere.")
    assert len(counted(place)) == 1


def test_who_is_stopped_signs_nothing_and_is_asked_nothing_meanwhile(place: Desk) -> None:
    request = place.log()
    place.world.clock.forward(days=1)
    number = place.stop(person=place.world.ids["colleague"])
    for attempt in (lambda: place.sign(request), lambda: place.log(site="Chin", day=place.today - timedelta(days=1))):
        with pytest.raises(Refused, match="They are stopped there"):
            attempt()
    place.say(assertions.retract, number, "Looked into.")
    place.sign(request)
    assert len(counted(place)) == 1


def test_a_case_that_two_signed_is_one_case_under_another_account(place: Desk) -> None:
    world = place.world
    first = place.log()
    place.sign(first)
    everywhere = replace(world.actor("manager"), roles={MANAGER: frozenset()})
    told, now = place.concerns(person=world.ids["elsewhere"], clinic=world.ids["Quay"]), world.clock()
    world.do(lambda s: assertions.appoint(s, everywhere, now, told, place.today + timedelta(days=9), "For a week."))
    place.sign(place.say(logbook.ask, entry(place, first).case.id, world.ids["elsewhere"], "nonce", by="trainee"))
    administrator, into = world.actor("administrator"), newcomer(world)
    world.do(lambda s: merges.merge(s, administrator, now, into, world.ids["trainee"]))
    with world.session() as session:
        (of,) = store.signed(session, world.ids["Harbour"], [into], clearance.EVER)[into].values()
    assert (len({one.case for one in of}), len({one.by for one in of})) == (1, 2)


def test_who_has_left_signs_nothing(place: Desk) -> None:
    request = place.log()
    administrator, now = place.world.actor("administrator"), place.world.clock()
    place.world.do(lambda s: people.end(s, administrator, now, place.world.ids["colleague"]))
    assert state(place, request) == WITHDRAWN
    with pytest.raises(Ended):
        place.sign(request)
    with pytest.raises(Refused, match="may not supervise"):
        place.say(logbook.ask, entry(place, request).case.id, place.world.ids["colleague"], "nonce", by="trainee")


def test_who_is_asked_is_reminded_each_week_and_before_it_lapses_and_nobody_else(place: Desk) -> None:
    world = place.world
    request = place.log()
    told: dict[int, set[str]] = {}
    for day in range(DAYS.days + 5):
        if day:
            world.clock.forward(days=1)
        if day < 5:
            place.log(site=f"Cheek {day}")
        world.do(lambda session: remind(session, world.clock(), world.ids["Harbour"]))
        with world.session() as session:
            rows = session.scalars(select(Reminder).where(Reminder.kind == SIGNATURE)).all()
        for row in (one for one in rows if one.subject == request):
            told.setdefault((entry(place, request).request.ends_on - row.day).days + row.stage, set()).add(
                str(row.person_id)
            )
    assert told == {stage: {str(world.ids["colleague"])} for stage in (*SIGNING, *LAST_CALL)}
    with world.session() as session:
        asked = session.get_one(Person, world.ids["colleague"]).commitment
        theirs = Event.kind == "reminder.called", Event.subject == asked
        events = session.scalars(select(Event).where(*theirs)).all()
    weekly = [one for one in events if day_of(one.recorded_at, "Europe/London").weekday() == 0]
    assert len(events) - len(weekly) <= 5, "besides the last call of each there is one mail a week"
    assert state(place, request) == LAPSED


def test_who_has_answered_is_not_reminded(place: Desk) -> None:
    place.sign(place.log())
    place.say(logbook.take_back, place.log(site="Chin"), by="trainee")
    place.world.clock.forward(days=10)
    place.world.do(lambda session: remind(session, place.world.clock(), place.world.ids["Harbour"]))
    with place.world.session() as session:
        assert session.scalars(select(Reminder).where(Reminder.kind == SIGNATURE)).all() == []
