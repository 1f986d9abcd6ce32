"""A rule that is to come: what it asks for otherwise, told from mere words, and whose answers turn with it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mesotrain.core.clearance import CLEARED, NOT_CLEARED, UNKNOWN, Meaning, Period, Reason, clearance
from mesotrain.core.coming import changed, turn
from mesotrain.core.competence import EXPIRED, Cases
from mesotrain.core.schemes import Prior, Scheme
from tests.core.test_clearance import ENDS, MONDAY, SOUND
from tests.core.test_schemes import WHOLE

FACE, SCALP = WHOLE.procedures
REGISTER = WHOLE.documents[1]
(CARD,) = WHOLE.certificates
FORM = WHOLE.forms[0]


def whole(**parts: Any) -> Scheme:
    return replace(WHOLE, **parts)


def scalp(**parts: Any) -> Scheme:
    return whole(procedures=(FACE, replace(SCALP, **parts)))


def card(**parts: Any) -> Scheme:
    return whole(certificates=(replace(CARD, **parts),))


WORDS = {
    "a title": scalp(title="Of the scalp"),
    "a reason": scalp(reason="Because."),
    "why it means that": scalp(unpractised=replace(SCALP.unpractised, reason="Because.")),
    "the order of what is asked": whole(procedures=(replace(FACE, competencies=("EMG", "ANA")), SCALP)),
    "a document's words": whole(documents=(WHOLE.documents[0], replace(REGISTER, title="Register", reason="So."))),
    "a form's words": whole(forms=(replace(FORM, title="Talk", ratings=("Nay", "Yea")), WHOLE.forms[1])),
    "a certificate's words": card(title="The card", reason="So."),
    "what goes without saying": whole(meanings={**WHOLE.meanings, EXPIRED: Meaning(NOT_CLEARED, "", "So.")}),
    "the day alone": whole(begins=date(2027, 10, 1)),
    "another procedure": whole(procedures=(FACE, SCALP, replace(FACE, name="neck"))),
}
OTHERWISE = {
    "competencies": scalp(competencies=("ANA", "EMG")),
    "documents": scalp(documents=("register",)),
    "products": scalp(products=()),
    "practice": scalp(practice=(Cases("observed", 4),)),
    "what it means where it is not there": scalp(unpractised=Meaning(NOT_CLEARED)),
    "on what it depends": scalp(unobserved=replace(SCALP.unobserved, condition="alone")),
    "since when": scalp(practised_from=date(2027, 3, 13)),
    "how often it is watched": scalp(observations=SCALP.observations[:1]),
    "what is critical": whole(forms=(replace(FORM, steps=(replace(FORM.steps[0], critical=False),)), WHOLE.forms[1])),
    "how long a document of its certificate counts": whole(documents=(WHOLE.documents[0], replace(REGISTER, months=1))),
    "how long its certificate is good": card(months=12),
    "what a state of that means": card(meanings={}),
    "what a path to it asks for": card(paths=CARD.paths[:1]),
    "no procedure": whole(procedures=(FACE,)),
}


@pytest.mark.parametrize("what", WORDS)
def test_words_are_corrected_and_ask_for_nothing_else(what: str) -> None:
    assert WORDS[what] != WHOLE
    assert changed(WHOLE, WORDS[what]) == {}


@pytest.mark.parametrize("what", OTHERWISE)
def test_what_is_asked_for_otherwise_is_found_where_it_is_and_nowhere_else(what: str) -> None:
    assert changed(WHOLE, OTHERWISE[what]) == {"scalp": "Papules of the scalp"}


def test_what_a_status_means_concerns_each_procedure() -> None:
    assert changed(WHOLE, whole(meanings={})).keys() == {"face", "scalp"}
    assert changed(WHOLE, whole(prior=())).keys() == {"face", "scalp"}, "both ask for the competency"
    assert changed(WHOLE, whole(prior=(Prior("ANA", 12, "So."), Prior("NEW", 1, "So.")))) == {}


JUNE = date(2027, 6, 1)


def asking(**parts: Any) -> Any:
    """What is sound by the rule in force, and a rule from June on that asks for more."""
    assert SOUND.procedure
    return replace(SOUND, coming=replace(SOUND, procedure=replace(SOUND.procedure, **parts)), turns=JUNE)


def test_what_is_cleared_until_another_rule_begins_says_so_and_what_that_asks_for() -> None:
    facts = asking(documents=("registration", "life-support"))
    found = clearance(facts, MONDAY)
    missing = Reason("document not seen", NOT_CLEARED, "life-support")
    assert (found.answer, found.until, found.then) == (CLEARED, JUNE, (missing,))
    assert found.reasons == clearance(SOUND, MONDAY).reasons
    after = clearance(facts, JUNE)
    assert (after.answer, after.until, after.then) == (NOT_CLEARED, None, ())
    assert clearance(facts, date(2027, 5, 31)).answer == CLEARED


def test_what_ends_by_itself_on_that_day_is_not_laid_on_the_rule() -> None:
    facts = replace(asking(documents=("life-support",)), documents={"registration": [Period(MONDAY, JUNE)]})
    found = clearance(facts, MONDAY)
    assert (found.until, found.then) == (JUNE, ())


def test_what_is_not_worse_by_the_new_rule_ends_when_it_did() -> None:
    found = clearance(asking(documents=()), MONDAY)
    assert (found.until, found.then) == (ENDS, ())


def test_an_answer_turns_by_the_rule_alone() -> None:
    assert turn(SOUND) is None
    assert turn(asking(title="Other words")) is None
    found = turn(asking(documents=("life-support",)))
    assert found
    assert (found.before.answer, found.after.answer) == (CLEARED, NOT_CLEARED)
    gone = turn(replace(SOUND, coming=replace(SOUND, procedure=None), turns=JUNE))
    assert gone
    assert gone.after.answer == UNKNOWN
    means = Meaning("conditional", "with somebody")
    lax = asking(practice=(Cases("observed", 1),), unpractised=means)
    other = replace(lax, procedure=replace(lax.coming.procedure, unpractised=replace(means, condition="alone")))
    found = turn(other)
    assert found
    assert (found.before.conditions, found.after.conditions) == (("alone",), ("with somebody",))
