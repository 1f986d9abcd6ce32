"""Certificates from what is recorded: issued by it, for ever; suspended, revoked, lent and lifted by named people."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from mesotrain.actions import assertions, courses, merges, people, proposals
from mesotrain.actions import certificates as actions
from mesotrain.core.access import MANAGER, TRAINEE
from mesotrain.core.assertions import REVOKED, SUSPENDED, TEMPORARY
from mesotrain.core.certificates import Exam
from mesotrain.core.certification import CERTIFIED
from mesotrain.core.clearance import CLEARED, CONDITIONAL, NOT_CLEARED
from mesotrain.core.competence import EXPIRED, IN_GRACE, IN_PROGRESS, NOT_STARTED, PASSED, RENEWAL_OPEN
from mesotrain.core.errors import NotFound, Refused
from tests.actions.certifying import card, certifies, of, propose, revoke, stage, suspend, with_card
from tests.actions.clearing import BY_QUIZ, CARD, SCHEME, Desk, desk, with_scheme
from tests.actions.taking import sit
from tests.actions.test_reminders import told, written
from tests.world import World


@pytest.fixture
def place(world: World) -> Desk:
    """The trainee is certified, and cleared for the face."""
    found = certifies(world)
    sit(world, "trainee", right=4)
    found.document()
    return found


def publish(place: Desk, scheme: object = SCHEME, **rule: int) -> None:
    text = with_scheme(scheme, **rule)  # type: ignore[arg-type]
    place.world.do(lambda session: courses.publish(session, place.world.clock(), text, change="editorial"))


def why(place: Desk, on: date | None = None) -> dict[str, str]:
    return {one.code: one.answer for one in place.ask(on).reasons}


def test_it_is_issued_by_what_is_recorded_and_clearance_says_so(world: World) -> None:
    place = certifies(world)
    assert stage(place).state == NOT_STARTED
    sit(world, "trainee", right=4)
    assert stage(place).state == IN_PROGRESS, "the document was not seen yet"
    world.clock.forward(days=10)
    place.document()
    (issue,) = of(place).issued
    assert (issue.start, issue.rests, issue.end) == (place.today, date(2027, 3, 12), date(2029, 3, 12))
    (reason,) = (one for one in place.ask().reasons if one.about == "card")
    assert (reason.code, reason.answer, reason.until) == (CERTIFIED, CLEARED, date(2029, 3, 12))
    (proof,) = reason.evidence
    assert (proof.kind, proof.day, bool(proof.sequence), bool(proof.version)) == (PASSED, date(2027, 3, 12), True, True)
    assert why(place, date(2027, 3, 21))[IN_PROGRESS] == NOT_CLEARED
    assert stage(place, "colleague").state == NOT_STARTED


def test_the_calendar_moves_it_on_and_a_renewal_goes_on_from_its_end(place: Desk) -> None:
    place.world.clock.forward(days=660)
    assert stage(place).state == RENEWAL_OPEN
    sit(place.world, "trainee", right=4)
    assert [one.end for one in of(place).issued] == [date(2029, 3, 12), date(2031, 3, 12)]
    place.world.clock.forward(days=810)
    place.document()
    assert stage(place).state == IN_GRACE
    found = place.ask()
    assert (found.answer, found.until) == (NOT_CLEARED, None), "the competency has ended, too"
    assert why(place)[IN_GRACE] == CONDITIONAL
    place.world.clock.forward(days=30)
    assert stage(place).state == EXPIRED


def test_days_are_those_of_the_organisation(world: World) -> None:
    """It is half past midnight in London, in summer, when the rule is published and the quiz passed."""
    world.clock.now = datetime(2027, 6, 30, 23, 30, tzinfo=UTC)
    place = certifies(world)
    place.document()
    sit(world, "trainee", right=4)
    (issue,) = of(place).issued
    assert of(place).editions[0].start == issue.start == issue.rests == date(2027, 7, 1)
    assert issue.end == date(2029, 7, 1)


def test_what_was_issued_stays_whatever_the_rules_say_later(place: Desk) -> None:
    """The certificate gets shorter and by another exam, its competency too, and then nobody asks for it any more."""
    issued = of(place).issued
    place.world.clock.forward(days=100)
    other = replace(CARD, months=6, paths=(replace(BY_QUIZ, exams=(Exam("other", 1),)),))
    publish(place, replace(with_card(other), begins=place.today + timedelta(days=1)), valid_months=1)
    assert of(place).issued == issued
    place.world.clock.forward(days=100)
    publish(place, replace(SCHEME, begins=place.today + timedelta(days=1)))
    place.world.clock.forward(days=1)
    assert of(place).issued == issued
    assert of(place).newest.months == 6
    assert why(place).keys().isdisjoint({CERTIFIED}), "no procedure asks for it"


def test_an_edition_begins_on_the_day_it_names_unless_another_comes_before(place: Desk) -> None:
    first, later, never = place.today, place.today + timedelta(days=60), place.today + timedelta(days=30)
    place.world.clock.forward(days=1)
    publish(place, replace(with_card(replace(CARD, months=9)), begins=never))
    place.world.clock.forward(days=1)
    publish(place, replace(with_card(replace(CARD, months=6)), begins=later))
    editions = [(one.certificate.months, one.start) for one in of(place).editions]
    assert editions == [(CARD.months, first), (6, later)]


def test_what_is_recorded_later_changes_no_answer_of_the_past(place: Desk) -> None:
    then = place.world.clock()
    before = place.ask()
    place.world.clock.forward(days=3)
    suspend(place)
    assert why(place)[SUSPENDED] == NOT_CLEARED
    known = place.ask(on=place.today, known_at=then)
    assert {one.code for one in known.reasons} == {one.code for one in before.reasons}
    assert place.ask(on=place.today - timedelta(days=1)).answer == CLEARED, "the day before it is not touched"


def test_a_suspension_counts_from_the_moment_it_is_said_until_it_is_lifted(place: Desk) -> None:
    number = suspend(place)
    (reason,) = (one for one in place.ask().reasons if one.code == SUSPENDED)
    assert reason.said
    assert (reason.about, reason.said.by) == ("A complaint.", "Mona Manager")
    assert [one.kind for one in reason.evidence] == [SUSPENDED]
    with pytest.raises(Refused, match="that is held"):
        suspend(place)
    place.world.clock.forward(days=5)
    place.say(actions.lift, number, "It was looked into.")
    assert (stage(place).state, place.ask().answer) == (CERTIFIED, CLEARED)
    assert place.ask(on=place.today - timedelta(days=1)).answer == NOT_CLEARED, "the days it held stay"
    with pytest.raises(NotFound):
        place.say(actions.lift, number, "Again.")


def test_who_goes_on_by_what_they_did_before_does_not_go_on_with_what_is_suspended(place: Desk) -> None:
    suspend(place)
    where = place.concerns(person=place.world.ids["trainee"], clinic=place.world.ids["Quay"])
    place.say(assertions.let_go_on, where, place.today + timedelta(days=9), "Ten years of it.")
    assert place.ask().answer == NOT_CLEARED


def test_after_a_revocation_one_begins_anew(place: Desk) -> None:
    place.world.clock.forward(days=1)
    number = revoke(place)
    assert why(place)[REVOKED] == NOT_CLEARED
    place.world.clock.forward(days=5)
    sit(place.world, "trainee", right=4)
    assert stage(place).state == REVOKED, "nothing automatic ends it"
    place.world.clock.forward(days=5)
    place.say(actions.lift, number, "They may begin anew.")
    assert stage(place).state == IN_PROGRESS, "what was done before counts no more"
    sit(place.world, "trainee", right=4)
    assert stage(place).state == CERTIFIED
    assert len(of(place).issued) == 2, "nothing is erased"


def test_what_was_revoked_by_mistake_is_as_if_it_never_was_on_the_same_day(place: Desk) -> None:
    number = revoke(place)
    place.say(actions.lift, number, "It was another.")
    assert (stage(place).state, place.ask().answer) == (CERTIFIED, CLEARED)


def test_one_is_given_for_a_time_and_every_answer_says_so(world: World) -> None:
    place = certifies(world)
    place.document()
    until = place.today + timedelta(days=30)
    number = place.say(actions.lend, card(place), until, "Certified elsewhere; papers to come.")
    (reason,) = (one for one in place.ask().reasons if one.code == TEMPORARY)
    assert (reason.answer, reason.until, stage(place).temporary) == (CLEARED, until, True)
    assert place.ask().transitional
    assert (stage(place).state, place.ask(until).answer) == (CERTIFIED, NOT_CLEARED)
    place.say(actions.lift, number, "They did not come.")
    assert stage(place).state == NOT_STARTED


@pytest.mark.parametrize("days", [-1, 0, 100])
def test_it_is_given_for_three_months_at_most(world: World, days: int) -> None:
    place = certifies(world)
    with pytest.raises(Refused, match="within 3 months"):
        place.say(actions.lend, card(place), place.today + timedelta(days=days), "So.")


def test_a_certificate_is_taken_from_whom_it_is_not_held_by_nobody(place: Desk) -> None:
    for kind in (SUSPENDED, REVOKED):
        with pytest.raises(Refused, match="Only a certificate that is held"):
            propose(place, kind, "colleague")
        with pytest.raises(Refused, match="Say why"):
            propose(place, kind, reason=" ")
        with pytest.raises(Refused, match="may identify a patient"):
            propose(place, kind, reason="Call 0049 170 5551234")
        with pytest.raises(NotFound):
            place.say(proposals.propose, kind, replace(card(place), about="missing"), "So.")
        with pytest.raises(NotFound):
            propose(place, kind, by="other_manager")
        with pytest.raises(NotFound):
            propose(place, kind, "elsewhere")
    with pytest.raises(Refused, match="is not given for a time"):
        place.say(actions.lend, card(place), place.today + timedelta(days=1), "So.")


def test_nobody_says_it_of_themselves(place: Desk) -> None:
    quay = place.world.ids["Quay"]
    roles = [(MANAGER, quay), (TRAINEE, quay)]
    place.say(people.change_roles, place.world.ids["manager"], roles, by="administrator")
    with pytest.raises(Refused, match="of themselves"):
        place.say(actions.lend, card(place, "manager"), place.today + timedelta(days=1), "So.")


def test_any_manager_of_theirs_suspends_and_only_who_manages_all_their_clinics_does_the_rest(place: Desk) -> None:
    both = [(TRAINEE, place.world.ids["Quay"]), (TRAINEE, place.world.ids["Mill"])]
    place.say(people.change_roles, place.world.ids["trainee"], both, by="administrator")
    number = suspend(place)
    for action, *what in ((actions.lift, number), (proposals.propose, REVOKED, card(place))):
        with pytest.raises(Refused, match="only who manages all of them"):
            place.say(action, *what, "So.")
    assert stage(place).state == SUSPENDED


def test_it_is_reminded_of_before_it_ends_in_grace_and_when_it_is_over(world: World) -> None:
    """Its holder and who manages them, each stage once; nobody of what is suspended."""
    place = desk(world, with_card(), valid_months=60)
    sit(world, "trainee", right=4)
    place.document()
    assert told(world) == {}
    stages = [(671, "ends", 60), (46, "ends", 14), (14, "ends", 0), (31, "expired", 0)]
    for days, kind, stage_ in stages:
        world.clock.forward(days=days)
        both = [("trainee", kind, stage_)]
        assert told(world) == {"trainee": both, "manager": both}, days
        assert told(world) == {}
    assert "expired on 12 Apr 2029" in written(world, "trainee")
    assert "Certificate in injecting" in written(world, "manager")
    place.say(actions.lend, card(place, "colleague"), place.today + timedelta(days=20), "To come.")
    world.clock.forward(days=6)
    assert told(world)["colleague"] == [("colleague", "ends", 14)]


def test_nobody_is_reminded_of_what_is_suspended(world: World) -> None:
    place = desk(world, with_card(), valid_months=60)
    sit(world, "trainee", right=4)
    place.document()
    world.clock.forward(days=600)
    number = suspend(place)
    world.clock.forward(days=80)
    assert told(world) == {}
    place.say(actions.lift, number, "It was looked into.")
    world.clock.forward(days=1)
    assert told(world).keys() == {"trainee", "manager"}


def test_what_is_said_of_a_certificate_is_lifted_as_such_and_nothing_else_is(place: Desk) -> None:
    for number in (place.document(), place.stop(person=place.world.ids["trainee"])):
        with pytest.raises(NotFound):
            place.say(actions.lift, number, "So.")
    with pytest.raises(NotFound):
        place.say(assertions.retract, suspend(place), "So.")
    number = place.say(actions.lend, card(place, "colleague"), place.today + timedelta(days=9), "To come.")
    place.world.clock.forward(days=9)
    with pytest.raises(NotFound):
        place.say(actions.lift, number, "What has ended is not lifted.")


def test_an_exam_that_is_withdrawn_gives_none(world: World) -> None:
    """It goes on under another account of the same person, and gives one there."""
    place = certifies(world, replace(CARD, paths=(replace(BY_QUIZ, competencies=(), documents=()),)))
    sit(world, "trainee", right=4)
    assert stage(place).state == CERTIFIED
    into = place.world.ids["colleague"]
    place.say(merges.merge, into, place.world.ids["trainee"], by="administrator")
    assert stage(place, "colleague").state == CERTIFIED
    assert of(place).issued == []


def test_what_was_taken_stays_so_under_the_account_that_goes_on(place: Desk) -> None:
    place.world.clock.forward(days=1)
    number = revoke(place)
    place.world.clock.forward(days=1)
    place.say(actions.lift, number, "They may begin anew.")
    into = place.world.ids["colleague"]
    place.say(people.change_roles, into, [(TRAINEE, place.world.ids["Quay"])], by="administrator")
    place.say(merges.merge, into, place.world.ids["trainee"], by="administrator")
    assert stage(place, "colleague").state == IN_PROGRESS, "what was done before counts no more there, either"
