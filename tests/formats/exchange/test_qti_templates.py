"""Templates of QTI: an item is read with the values of one draw, the same each time."""

from collections import Counter
from fractions import Fraction
from typing import Any

import pytest

from mesotrain.formats.exchange import convert
from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.qti.outcomes import items, outcomes
from tests.formats.exchange.qti_samples import item, response, value, variable, when
from tests.formats.exchange.test_qti import one


def kept(name: str, base: str = "integer", usual: str = "") -> str:
    inside = f"<defaultValue><value>{usual}</value></defaultValue>" if usual else ""
    named = f"identifier='{name}' cardinality='single' baseType='{base}'"
    return f"<templateDeclaration {named}>{inside}</templateDeclaration>"


def put(name: str, expression: str, tag: str = "setTemplateValue") -> str:
    return f"<{tag} identifier='{name}'>{expression}</{tag}>"


def template(declared: str, rules: str, body: str, processing: str = "match_correct", base: str = "integer") -> str:
    text = f"{body}<textEntryInteraction responseIdentifier='RESPONSE'/>"
    whole = item(response("single", base) + declared, f"<p>{text}</p>", processing)
    return whole.replace("<itemBody>", f"<templateProcessing>{rules}</templateProcessing><itemBody>")


def printed(name: str, more: str = "") -> str:
    return f"<printedVariable identifier='{name}' {more}/>"


SUM = template(
    kept("A") + kept("B"),
    put("A", "<randomInteger min='2' max='9'/>")
    + put("B", f"<sum>{variable('A')}{value('10', 'integer')}</sum>")
    + put("RESPONSE", f"<sum>{variable('A')}{variable('B')}</sum>", "setCorrectResponse"),
    f"{printed('A')} and {printed('B')} make ",
)


def number(question: Any) -> Fraction:
    return Fraction(question.key["accepted"][0]["value"])


def test_the_values_of_one_draw_stand_in_the_text_and_in_the_key() -> None:
    found = one(SUM)
    first, _, second, *_ = str(found.question.taker["stem"]).split()
    assert int(second) == int(first) + 10
    assert number(found.question) == int(first) + int(second)
    assert f"lost: each taker gets values of their own there, and here one draw: A {first}, B {second}." in (
        found.notes.sentences
    )
    assert one(SUM).question.taker == found.question.taker
    drawn = Counter(str(one(SUM.replace("'i'", f"'i{at}'")).question.taker["stem"]) for at in range(60))
    assert len(drawn) == 8, "another item is drawn anew, and every value comes up"


def test_what_is_not_left_to_chance_is_not_lost() -> None:
    nearly = printed("B", "format='%.1f'")
    found = one(
        template(
            kept("A", usual="3") + kept("B", "float"),
            put("B", "<divide><variable identifier='A'/><baseValue baseType='integer'>4</baseValue></divide>")
            + "<exitTemplate/>"
            + put("A", value("9", "integer")),
            f"{printed('A')} by 4 is {printed('B')}, or {nearly}; ",
            when(
                f"<equal>{variable()}{variable('B')}</equal>",
                f"<setOutcomeValue identifier='SCORE'>{value('1', 'float')}</setOutcomeValue>",
            ),
            "float",
        )
    )
    assert found.question.taker["stem"] == "3 by 4 is 0.75, or 0.8;"
    assert number(found.question) == Fraction(3, 4)
    assert found.notes.status == "kept"


BRANCHES = (
    "<templateCondition><templateIf><gt><variable identifier='A'/><baseValue baseType='integer'>5</baseValue></gt>"
    + put("B", value("1", "integer"))
    + "</templateIf><templateElse>"
    + put("B", value("2", "integer"))
    + "</templateElse></templateCondition>"
)


@pytest.mark.parametrize(("a", "b"), [("6", "1"), ("5", "2")])
def test_conditions_choose_values_and_what_is_shown(a: str, b: str) -> None:
    body = f"<templateInline templateIdentifier='B' identifier='{b}' showHide='show'>seen</templateInline>"
    body += f"<templateInline templateIdentifier='B' identifier='{b}' showHide='hide'>unseen</templateInline> "
    found = one(
        template(kept("A", usual=a) + kept("B"), BRANCHES + put("RESPONSE", variable("B"), "setCorrectResponse"), body)
    )
    assert found.question.taker["stem"] == "seen"
    assert number(found.question) == int(b)


def constrained(bound: str) -> str:
    keep = f"<templateConstraint><gt>{variable('A')}{value(bound, 'integer')}</gt></templateConstraint>"
    drawn = put("A", "<randomInteger min='1' max='10'/>")
    return template(kept("A"), drawn + keep + put("RESPONSE", variable("A"), "setCorrectResponse"), "What? ")


def test_a_draw_keeps_the_constraints_or_the_item_is_refused() -> None:
    assert all(number(one(constrained("8").replace("'i'", f"'i{at}'")).question) > 8 for at in range(9))
    found = convert(constrained("10").encode(), "x.xml", "qti", "bank")
    assert found.refused[0].sentence == "of 100 draws of its template none keeps its constraints."


EXPRESSIONS = {
    "<gcd>{0}{1}</gcd>": 6,
    "<lcm>{0}{1}</lcm>": 36,
    "<mathOperator name='floor'><divide>{1}{0}</divide></mathOperator>": 1,
    "<mathOperator name='signum'><subtract>{0}{1}</subtract></mathOperator>": -1,
    "<truncate><product>{0}<mathConstant name='pi'/></product></truncate>": 37,
    "<truncate><product>{0}<mathOperator name='exp'>{0}</mathOperator></product></truncate>": 1953057,
    "<statsOperator name='mean'><multiple>{0}{1}</multiple></statsOperator>": 15,
    "<statsOperator name='sampleVariance'><multiple>{0}{1}</multiple></statsOperator>": 18,
    "<statsOperator name='popSD'><multiple>{0}{1}</multiple></statsOperator>": 3,
    "<containerSize><repeat numberRepeats='4'>{0}{1}</repeat></containerSize>": 8,
    "<power>{0}<baseValue baseType='integer'>2</baseValue></power>": 144,
    "<random><multiple>{0}{0}</multiple></random>": 12,
    "<integerModulus>{1}{0}</integerModulus>": 6,
}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_is_worked_out(expression: str) -> None:
    numbers = value("12", "integer"), value("18", "integer")
    right = put("RESPONSE", expression.format(*numbers), "setCorrectResponse")
    assert number(one(template(kept("A"), right, "What? ")).question) == EXPRESSIONS[expression]


UNKNOWN = {
    "<mathOperator name='zeta'>{0}</mathOperator>": "the operator “zeta”",
    "<mathOperator name='atan2'>{0}</mathOperator>": "the operator “atan2” of 1 numbers",
    "<mathConstant name='tau'/>": "the constant “tau”",
    "<statsOperator name='mode'>{0}</statsOperator>": "the statistic “mode”",
    "<repeat numberRepeats='101'>{0}</repeat>": "repeats 101 times",
    "<randomInteger min='3' max='2'/>": "nothing to draw from",
    "<randomInteger min='1' max='2' step='0'/>": "nothing to draw from",
    "<power>{0}<baseValue baseType='integer'>9999</baseValue></power>": "whole exponents up to 60",
    "<product>" + "<power>{0}<baseValue baseType='integer'>60</baseValue></power>" * 30 + "</product>": "too long",
}


@pytest.mark.parametrize("expression", UNKNOWN)
def test_what_is_not_known_or_too_much_is_refused_by_name(expression: str) -> None:
    right = put("RESPONSE", expression.format(value("12", "integer")), "setCorrectResponse")
    found = convert(template(kept("A"), right, "What? ").encode(), "x.xml", "qti", "bank")
    assert UNKNOWN[expression] in found.refused[0].sentence


def test_an_order_is_contained_one_behind_another() -> None:
    both = "<ordered>" + "".join(value(name, "identifier") for name in "AB") + "</ordered>"
    rules = when(
        f"<contains>{variable()}{both}</contains>",
        f"<setOutcomeValue identifier='SCORE'>{value('1', 'float')}</setOutcomeValue>",
    )
    (root,) = items(item(response("ordered", "identifier"), "<p/>", rules).encode(), "x.xml").values()
    scores = {given: outcomes(root, {"RESPONSE": [*given]})["SCORE"] for given in ("CAB", "ABC", "ACB", "BA")}
    assert scores == {"CAB": 1, "ABC": 1, "ACB": 0, "BA": 0}


def test_outcomes_are_told_as_json_and_follow_the_seed() -> None:
    (root,) = items(SUM.encode(), "x.xml").values()
    right = {str(number) for number in range(14, 30, 2) if outcomes(root, {"RESPONSE": number}, "s")["SCORE"] == 1}
    assert len(right) == 1
    assert {seed: outcomes(root, {"RESPONSE": [*right]}, seed)["SCORE"] for seed in "st"}["s"] == 1
    for responses, said in (({"OTHER": "1"}, "no response variable OTHER"), ({"RESPONSE": {}}, "a response is a text")):
        with pytest.raises(Unfit, match=said):
            outcomes(root, responses)
