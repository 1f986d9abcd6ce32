"""The shortest way to a certificate: carried out it is held by the rule written apart, and nothing smaller does it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from random import Random

import pytest

from mesotrain.core.assertions import Period
from mesotrain.core.certificates import Certificate, Edition, Exam, Path, Practice, Result, Shown
from mesotrain.core.certification import Certification, reasons
from mesotrain.core.clearance import CLEARED, CONDITIONAL, NOT_CLEARED, Facts, Meaning, Procedure, Reason, clearance
from mesotrain.core.competence import Cases, Evidence, Span, counted, spans
from mesotrain.core.ways import PASS, RECOGNISE, SEE, SIGN, WATCH, Act, Assessment, Way, way
from tests.core.histories import a_day, evidence, periods
from tests.core.second_certification import state
from tests.core.second_standing import answer
from tests.core.test_certification import A_DAY, ALWAYS, CARD, LEAP, SOUND
from tests.core.test_certification import PASS as PASSED
from tests.core.test_clearance import signed
from tests.core.test_ways import CODES, PAPERS, History, asked_by_chance, new_cases, paper, status, watched

HELD = ("certified", "renewal open")


# By chance ------------------------------------------------------------------------------------------------------------


def path_by_chance(chance: Random, name: str, exams: Sequence[str]) -> Path:
    tested = chance.random() < 0.75
    asked = [
        Exam(one, chance.randint(1, 4), tuple("12"[: chance.choice([0, 0, 1])]))
        for one in chance.sample(exams, chance.choice([1, 1, 2]))
    ]
    role, count, months = chance.choice(["observed", "supervised"]), chance.randint(1, 2), chance.choice([None, 2])
    practised = Practice(chance.choice(["face", "scalp"]), Cases(role, count, 1, months))
    return Path(
        name,
        "Path",
        tuple(chance.sample(CODES, chance.choice([0, 0, 1]))),
        tuple(chance.sample(PAPERS, chance.choice([0, 0, 1]))),
        tuple(asked) if tested else (),
        (practised,) if not tested or chance.random() < 0.2 else (),
        ("other",) if chance.random() < 0.1 else (),
    )


def card_by_chance(chance: Random, exams: Sequence[str]) -> Certificate:
    opens, grace = chance.choice([0, 1]), chance.choice([0, 1, 1])
    paths = tuple(path_by_chance(chance, name, exams) for name in ("first", "elsewhere")[: chance.choice([1, 1, 2])])
    means = {"in grace": Meaning(chance.choice([CONDITIONAL, NOT_CLEARED])), "in progress": Meaning(CONDITIONAL)}
    months = opens + grace + chance.randint(1, 2)
    return Certificate("card", "Card", months, opens, grace, paths, path_by_chance(chance, "", exams), means)


def certified_by_chance(chance: Random) -> tuple[Facts, dict[str, History], list[Assessment], Certification]:
    facts, histories, tests = asked_by_chance(chance)
    assert facts.procedure
    exams = [one.module for one in tests]
    change = a_day(chance)
    editions = [Edition(card_by_chance(chance, exams), date.min)]
    if chance.random() < 0.3:
        editions = [replace(editions[0], end=change), Edition(card_by_chance(chance, exams), change)]
    scalp = [evidence(chance, at) for at in range(chance.choice([0, 8]))]
    sat = [(chance.choice(exams), a_day(chance)) for _ in range(chance.choice([0, 3, 9]))]
    shown = Shown(
        facts.standings,
        {one: facts.documents.get(one) or periods(chance, 0.3) for one in PAPERS},
        [Result(name, day, chance.choice([frozenset("1"), frozenset("1"), frozenset()])) for name, day in sat],
        {"face": counted(facts.cases), "scalp": counted(one for one in scalp if one.kind == "case")},
        {"other": periods(chance, 0.5)},
        periods(chance, 0.05),
        periods(chance, 0.1),
        periods(chance, 0.05),
    )
    found = Certification(editions, shown)
    procedure = replace(facts.procedure, certificate="card", practice=facts.procedure.practice[:1])
    return replace(facts, procedure=procedure, certificate=reasons(found.newest, found.stages)), histories, tests, found


def passed(shown: Shown, histories: dict[str, History], done: Iterable[Act], on: date) -> dict[str, Sequence[Span]]:
    """The status of each competency after these acts; of one that no procedure asks for, too."""
    proved = {code for act in done if act.assessment for code in act.assessment.proves}
    found = dict(shown.competencies)
    for code in proved:
        history, rule = histories.get(code, ((), None))
        pieces = [*history, Evidence("quiz passed", on, 10**6)]
        found[code] = spans(pieces, rule) if rule else [Span("current", on)]
    return found


def carried_out(
    facts: Facts, histories: dict[str, History], certified: Certification, done: Sequence[Act], on: date
) -> str:
    """The answer after these acts, each recorded as of that day, by the rules that were written apart."""
    proved = {code for act in done if act.assessment for code in act.assessment.proves}
    states = {code: status(*of, on, code in proved) for code, of in histories.items()}
    seen = {act.about: [Period(on)] for act in done if act.kind == SEE}
    cases: dict[str, list[Evidence]] = {"face": [*facts.cases], "scalp": [*certified.shown.cases["scalp"]]}
    for at, act, signer in new_cases(done):
        case = Evidence("case", on, 10**6 + at, case=f"new {at}", role=act.about, level=max(act.level, 1), by=signer)
        cases[act.procedure or "face"].append(case)
    sound = [(Period(date.min), Reason("certified", CLEARED, "card"))]
    prior = {**facts.prior, **{act.about: [Period(on)] for act in done if act.kind == RECOGNISE}}
    documents = {**facts.documents, **seen}
    observations = [*facts.observations, *watched(done, on)]
    then = replace(
        facts, documents=documents, cases=cases["face"], certificate=sound, prior=prior, observations=observations
    )
    if (without := answer(then, states, on)) != CLEARED:
        return without
    exams = [Result(act.assessment.module, on, frozenset("12")) for act in done if act.assessment]
    shown = replace(
        certified.shown,
        competencies=passed(certified.shown, histories, done, on),
        documents={one: [*known, *seen.get(one, [])] for one, known in certified.shown.documents.items()},
        exams=[*certified.shown.exams, *exams],
        cases={name: counted(of) for name, of in cases.items()},
    )
    found = state(certified.editions, shown, on)
    means = CLEARED if found in HELD else certified.newest.meanings.get(found, Meaning(NOT_CLEARED)).answer
    return answer(replace(then, certificate=[(Period(date.min), Reason(found, means, "card"))]), states, on)


def candidates(facts: Facts, certified: Certification, tests: Sequence[Assessment]) -> list[Act]:
    """Single acts that may be of use, cases as good as they can be."""
    assert facts.procedure
    newest = [one.certificate for one in certified.editions]
    paths = [path for one in newest for path in (*one.paths, one.renewal)]
    parts = {("", need.role) for need in facts.procedure.practice}
    logged = [one for path in paths for one in path.practice]
    parts |= {("" if one.procedure == "face" else one.procedure, one.cases.role) for one in logged}
    papers = {*facts.procedure.documents, *(name for path in paths for name in path.documents)}
    cases = [Act(SIGN, role, 1, None, 3, 1, of) for of, role in sorted(parts) for _ in range(2)]
    seen = [Act(SEE, one) for one in sorted(papers)] + [Act(RECOGNISE, one) for one in facts.prior]
    forms = [Act(WATCH, need.form) for need in facts.procedure.observations for _ in range(need.count)]
    return [*(Act(PASS, one.module, assessment=one) for one in tests), *seen, *forms, *cases]


def test_carried_out_it_is_held_and_nothing_smaller_does_it() -> None:
    seen: Counter[str] = Counter()
    for seed in range(260):
        chance = Random(f"certified {seed}")
        (facts, histories, tests, certified), on = certified_by_chance(chance), max(a_day(chance), a_day(chance))
        found = clearance(facts, on).reasons
        lacking = [one.code for one in found if one.answer != CLEARED and one.about == "card"]
        shortest = way(facts, found, on, tests, {"card": certified})
        if not (shortest.acts or shortest.bars):
            assert carried_out(facts, histories, certified, (), on) == CLEARED, seed
        for acts in filter(None, (shortest.acts, shortest.quicker)):
            assert carried_out(facts, histories, certified, acts, on) == CLEARED, (seed, acts)
        single = candidates(facts, certified, tests)
        size = 3 if shortest.bars else min(sum(one.count for one in shortest.acts), 3)
        for fewer in range(size):
            for some in combinations(single, fewer):
                assert carried_out(facts, histories, certified, some, on) != CLEARED, (seed, shortest, some)
        for one in (*shortest.acts, *shortest.bars):
            seen.update([one.code] if isinstance(one, Reason) else [one.kind] * bool(lacking))
        seen.update([f"{state}: {'barred' if shortest.bars else 'shown'}" for state in lacking])
        seen.update(["of another procedure"] if any(one.procedure for one in shortest.acts) else [])
    wanted = [f"{state}: shown" for state in ("not started", "in progress", "in grace", "expired")]
    wanted += [PASS, SIGN, WATCH, SEE, RECOGNISE, "suspended", "revoked", "of another procedure"]
    assert min(seen[one] for one in wanted) > 1, seen


# One by one -----------------------------------------------------------------------------------------------------------


WORKING = Facts(
    None,
    standings={"ASP": [Span("current", date(2020, 1, 1))]},
    works_here=[ALWAYS],
    offered=[ALWAYS],
    in_use=date(2020, 1, 1),
)


def asks(shown: Shown, on: date, *tests: Assessment, editions: Sequence[Edition] = (Edition(CARD, date.min),)) -> Way:
    """The way to a procedure that asks for the certificate and for a competency that is held."""
    certified = Certification(editions, shown)
    procedure = Procedure("face", "Face", ("ASP",), certificate=CARD.name)
    facts = replace(WORKING, procedure=procedure, certificate=reasons(CARD, certified.stages))
    return way(facts, clearance(facts, on).reasons, on, tests, {CARD.name: certified})


FINAL, SHORT = paper("final", "EMG", minutes=60), paper("short", "EMG", minutes=9)


def test_the_exam_of_a_first_path_is_passed_and_what_is_there_of_it_is_not_asked_again() -> None:
    assert [one.about for one in asks(replace(SOUND, exams=[]), LEAP, FINAL, SHORT).acts] == ["final"]
    unseen = replace(SOUND, documents={})
    assert asks(unseen, LEAP, FINAL, SHORT).acts == (Act(SEE, "registration"),)
    assert asks(SOUND, LEAP, FINAL, SHORT) == Way()


def test_a_safety_point_that_was_not_met_asks_for_the_exam_again() -> None:
    missed = replace(SOUND, exams=[replace(PASSED, points=frozenset())])
    assert [one.about for one in asks(missed, LEAP, FINAL, SHORT).acts] == ["final"]


def test_in_grace_it_is_renewed_and_when_it_is_over_begun_anew() -> None:
    grace, over = date(2030, 3, 1), date(2030, 3, 28)
    assert [one.about for one in asks(SOUND, grace, FINAL, SHORT).acts] == ["short"]
    assert [one.about for one in asks(SOUND, over, FINAL, SHORT).acts] == ["final"]


UNSEEN = replace(SOUND, documents={"registration": [Period(date(2020, 1, 1), date(2029, 1, 1))]})
"""The document ran out, so that what was done since then never met a path."""


def test_what_was_done_before_the_renewal_opened_renews_nothing() -> None:
    card = replace(CARD, renewal=replace(CARD.renewal, exams=(Exam("short", 6),)))
    early = replace(UNSEEN, exams=[PASSED, Result("short", date(2029, 11, 27))])
    found = asks(early, date(2030, 3, 1), FINAL, SHORT, editions=[Edition(card, date.min)])
    assert [one.about for one in found.acts] == ["short", "registration"]


def test_a_case_for_it_keeps_what_the_procedure_asks_for_itself() -> None:
    """The path takes one at any level, and of the procedure the last has to be at the third."""
    path = Path("cases", "By cases", practice=(Practice("face", Cases("supervised", 2)),))
    certified = Certification(
        [Edition(replace(CARD, paths=(path,)), date.min)], Shown(cases={"face": [signed(1, LEAP)]})
    )
    needs = Procedure(
        "face", "Face", ("ASP",), practice=(Cases("supervised", 1, 1, None, 3, 1),), certificate=CARD.name
    )
    facts = replace(WORKING, procedure=needs, cases=[signed(1, LEAP)], certificate=reasons(CARD, certified.stages))
    found = way(facts, clearance(facts, LEAP).reasons, LEAP, (), {CARD.name: certified})
    assert found.acts == (Act(SIGN, "supervised", 1, level=3),)


def test_an_exam_older_than_the_certificate_is_good_for_is_passed_again() -> None:
    path = replace(CARD.paths[0], exams=(Exam("final", 36, ("adrenaline",)),))
    editions = [Edition(replace(CARD, paths=(path,)), date.min)]
    for on, acts in ((date(2030, 2, 27), ["registration"]), (date(2030, 2, 28), ["final", "registration"])):
        never = replace(SOUND, documents={})
        assert [one.about for one in asks(never, on, FINAL, SHORT, editions=editions).acts] == acts


def test_what_gave_one_that_is_over_gives_no_other_by_a_later_rule() -> None:
    path = replace(CARD.paths[0], exams=(Exam("final", 24, ("adrenaline",)),))
    change, over = date(2028, 9, 1), date(2029, 4, 1)
    editions = [Edition(replace(CARD, months=12, grace=0, paths=(path,)), date.min, change)]
    editions.append(Edition(replace(CARD, paths=(path,)), change))
    assert [one.about for one in asks(SOUND, over, FINAL, SHORT, editions=editions).acts] == ["final"]


def test_what_was_done_before_a_revocation_is_done_again() -> None:
    lifted = replace(SOUND, revoked=[Period(LEAP + A_DAY, LEAP + 9 * A_DAY)])
    assert [one.about for one in asks(lifted, LEAP + 9 * A_DAY, FINAL).acts] == ["final"]
    never = replace(lifted, documents={})
    assert [one.about for one in asks(never, LEAP + 9 * A_DAY, FINAL).acts] == ["final", "registration"]


@pytest.mark.parametrize("kind", ["suspended", "revoked"])
def test_what_a_named_person_took_is_no_act_of_anybody_to_learn(kind: str) -> None:
    taken = replace(SOUND, **{kind: [Period(LEAP, about="Why.")]})  # type: ignore[arg-type]
    barred = asks(taken, LEAP + timedelta(days=1), FINAL, SHORT)
    assert (barred.acts, [one.code for one in barred.bars]) == ((), [kind])


def test_without_its_exam_there_is_no_way() -> None:
    barred = asks(replace(SOUND, exams=[]), LEAP, SHORT)
    assert [(one.code, one.about) for one in barred.bars] == [("in progress", "meso")]
