"""Script concordance: the panel's counts are the credit, exactly."""

from fractions import Fraction

from tests.core.test_questions import BLUE, GREEN, GREY, RED, concordance


def test_credit_is_what_the_panel_said_to_what_most_of_it_said() -> None:
    case = concordance(6, 3, 2, 0)
    earned = [case.mark(case.read({"choice": [one]})) for one in (RED, GREEN, BLUE, GREY)]
    assert earned == [1, Fraction(1, 2), Fraction(1, 3), 0]


def test_two_points_of_the_scale_may_both_be_what_most_said() -> None:
    case = concordance(4, 4, 1, 0)
    assert [case.mark(case.read({"choice": [one]})) for one in (RED, GREEN)] == [1, 1]
    assert case.problems() == []


def test_a_panel_that_said_nothing_is_a_fault() -> None:
    assert concordance(0, 0, 0, 0).problems() == ["nobody of the panel chose anything."]


def test_the_scale_keeps_its_order() -> None:
    case = concordance()
    assert {tuple(case.ask(f"{seed}").options) for seed in range(40)} == {(RED, GREEN, BLUE, GREY)}
