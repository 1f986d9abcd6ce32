"""Each rule of good writing finds what it is for, and leaves alone what only looks like it."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.linting import ERROR, RULES, SOURCES, UNUSED, WARNING, lint
from tests.core.linting import FORMS, THREE, WHOLE, ask, bank, broken, many, number, readable

DRUG, PLACE = "Which drug do you give first?", "Where do you inject the drug?"
TEXTS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "linting.yaml").read_text("utf-8"))


def last(text: str) -> str:
    return ask(DRUG, "Adrenaline", "Oxygen", "Salbutamol", text)


def judged(*statements: str) -> str:
    lines = "\n".join(f"- [T] {one}\n  Why: so." for one in statements)
    return f"## emg-0001\n{WHOLE}\nJudge each statement.\n\n{lines}\n"


def staged(first: str, second: str, key: str = "Oxygen") -> str:
    options = f"- (x) {key}\n  Why: so.\n- ( ) Salt\n  Why: so.\n- ( ) Sugar\n  Why: so."
    stages = "\n\n".join(f"### stage {name}\n\n{ask}\n\n{options}" for name, ask in (("a", first), ("b", second)))
    return f"## emg-0001\n{WHOLE}\nShe faints.\n\n{stages}\n"


def negative(stem: str) -> str:
    return ask(stem, *THREE)


def numbers(*options: str) -> str:
    return ask("Which range is the normal one here?", *options)


def panel(*counts: int) -> str:
    points = "\n".join(
        f"- (panel {count}) {word} likely\n  Why: so." for count, word in zip(counts, ("less", "more"), strict=True)
    )
    return f"## emg-0001\n{WHOLE}practice: yes\n\nYou think of a faint, and find heat. A faint becomes:\n\n{points}\n"


CASES: dict[str, tuple[list[str], list[str]]] = {
    "all-of-the-above": (
        [last(one) for one in (
            "All of the above", "All of these", "all of them.", "All the above are correct", "Both A and B",
            "A and C", "A, B and C", "Both of the above", "All are correct", "Any of the above", "All three",
            "Options A and B", "Both of these", "Adrenaline and oxygen", "Both oxygen and salbutamol", "1 and 3 only",
            "More than one of the above", "All other options", "Two of the above", "All of these drugs", "a) and b)",
        )],
        [last(one) for one in (
            "All of the patient's own tablets", "Both arms at once", "Vitamins A and C", "Adrenaline and saline",
            "All four limbs are lifted", "Each of the vials in turn", "Hepatitis A and B vaccine", "A and then help",
        )] + [ask("Which vitamins dissolve in fat?", "A and D", "B and C", "C and B")],
    ),
    "none-of-the-above": (
        [last(one) for one in (
            "None of the above", "None of these", "None", "Neither", "None of them.", "No option is correct",
            "Neither of the above", "None is correct", "None of the options", "All of the above are wrong",
            "No correct answer", "None of these drugs", "Nothing of the above", "Not listed here", "Neither A nor B",
        )],
        [last(one) for one in (
            "None of the patient's own tablets", "Nothing, as her skin was not touched", "No drug at all",
            "None until help has come", "Neither arm is used",
        )] + [ask("How many patients may share a syringe?", "None", "Two", "Three")],
    ),
    "unmarked-negative": (
        [negative(one) for one in (
            "Which drug is not given in anaphylaxis?", "Which of the following is not a sign of a faint?",
            "All of the following treat anaphylaxis except:", "Which drug is least likely to help?",
            "Which statement about adrenaline is false?", "Which of these is incorrect?",
            "What should you never give?",
            "Which of these drugs isn't a hormone?", "Which drug cannot be given into a muscle?",
            "She is grey. Her pulse is 52.\n\nWhich drug do you not give?", "Choose the statement that is not true.",
            "In a patient who is pregnant, which drug should not be given?", "Which is the incorrect step?",
            "Which statement about patients who are pregnant is not true?", "When is adrenaline not indicated?",
            "The drug that should not be given first is:", "Which drug must you not give **at once**?",
            "Which drug is Not given?",
        )],
        [negative(one) for one in (
            "Which drug is NOT given in anaphylaxis?", "Which drug is **not** given?", "Which is the *least* useful?",
            "All of these help EXCEPT:", "She cannot breathe, and has no rash. Which drug do you give?",
            "> \"I can't breathe,\" she says.\n\nWhich drug comes first?",
            "If she does not respond, which drug is next?",
            "Which drug is given to a patient who is not breathing?",
            "Which drug is given if adrenaline does not help?",
            "Which drug is contraindicated in asthma?", "Which dose is at least needed for an adult?",
            "Which finding shows that the needle is not in a vessel?",
            "Why is adrenaline not given into a vein first?",
            "Which drug suits a patient not taking a beta blocker?", "Which gauge causes the least pain?",
            "What is wrong with this plan?", "Which test is prone to false positives?", "Which **is not** given?",
            "Is it true or false that adrenaline helps?", "What do you do after an incorrect dose?",
            "Which drug works whether or not she is allergic?", "The drug did not help. What do you do next?",
        )],
    ),
    "two-keys": (
        [ask("Which dose do you give?", *one, "Nothing at present") for one in (
            ("0.5 mg", "500 micrograms"), ("The deltoid", "deltoid."), ("Two minutes", "2 minutes"),
            ("1 hour", "60 minutes"), ("Wait a minute", "Wait 1 min"), ("1 g", "1000 mg"), ("24 hours", "One day"),
            ("1,000 mg", "1000 mg"), ("An injection", "The injection"), ("Half a millilitre", "0.5 mL"),
            ("1% lidocaine", "10 mg/mL lidocaine"), ("1:1000", "1 mg/mL"), ("Single-use", "single use"),
            ("Twenty-five mg", "25 mg"), ("0.50 mL", "0.5 mL"), ("1/2 mL", "0.5 mL"), ("Two hundred mg", "200 mg"),
        )],
        [ask("Which dose do you give?", *one, "Nothing at present") for one in (
            ("0.5 mg", "0.5 micrograms"), ("5 mg", "5 mL"), ("Left arm", "Right arm"), ("Group A+", "Group A-"),
            ("1 hour", "1 minute"), ("More than 5", "Less than 5"), ("> 5 mg", "< 5 mg"), ("1.5 mL", "15 mL"),
            ("50 micrograms", "500 micrograms"), ("1 mg per kg", "1 mg"), ("C5 to C6", "C6 to C7"), ("-5 °C", "5 °C"),
        )],
    ),
    "overlapping-numbers": (
        [numbers(*one) for one in (
            ("10-20 mg", "20-30 mg", "30-40 mg"), ("Less than 5", "Less than 10", "More than 20"),
            ("0 to 10 minutes", "10 to 20 minutes", "21 to 30 minutes"), ("Under 10 mL", "Over 5 mL", "20 to 30 mL"),
            ("Up to 5 mm", "5 to 10 mm", "11 to 20 mm"), ("30-60 minutes", "1-2 hours", "3-4 hours"),
            ("≥ 5", "3-6", "1-2"), ("15 mg", "10 to 20 mg", "30 to 40 mg"), ("At least 2", "At least 4", "One"),
            ("Between 1 and 5 mL", "Between 4 and 8 mL", "9 mL"), ("5 or more", "6 to 8", "1 to 2"),
            ("About 10\u201320 mg", "About 15\u201325 mg", "About 30\u201340 mg"),
        )],
        [numbers(*one) for one in (
            ("10-19 mg", "20-29 mg", "30-39 mg"), ("Less than 5", "5 to 10", "More than 10"), ("5 mg", "10 mg",
            "15 mg"),
            ("0-10 mg", "5-15 mL", "20-30 mm"), ("Under 5 mL", "Over 5 mL", "Exactly 5 mL"), ("C5-C6", "C6-C7",
            "C7-C8"),
            ("10 to 20 mg in the arm", "10 to 20 mg in the thigh", "1 mg"), ("1-2 minutes", "1-2 hours", "1-2 days"),
            ("Over 5 minutes", "Over 10 minutes", "Over 20 minutes"), ("1:1000", "1:10 000", "1:100 000"),
        )],
    ),
    "naked-decimal": (
        [last("Give .5 mL"), negative("He is given .25 mg of a drug. Which one?"), last("mg/.5 mL"), last("(.1 mL)"),
         ask(DRUG, *THREE).replace("so.", "p was <.05", 1), number("How much is it, in mL?", "0.5 mL").replace("so.",
         ".5")],
        [last("Give 0.5 mL"), negative("She waits.5 minutes pass. What now?"), last("Version 2.5"),
        last("Wait ...5 times"),
         last("See rule .2.1 there"), negative("See [a page](https://example.org/a/.5). Which drug?")],
    ),
    "trailing-zero": (
        [last(one) for one in (
            "Give 5.0 mg", "10.00 mL", "2.50 mg", "5.0mL", "1.0 to 2.5 mg", "1.0 unit", "37.0 °C", "2.0% lidocaine",
            "5.0-mL syringe", "1.0 mg/kg", "12.0 mm",
        )] + [number("What volume, in mL, is drawn up?", "5.0 mL")],
        [last(one) for one in (
            "10 mg", "0.05 mg", "10.5 mL", "Version 2.0", "See section 3.0", "1.0:1", "5.00 pm", "At 14.00 h",
            "100 mL",
            "A score of 5.0", "pH 7.0", "5.01 mg", "A 2.0 suture", "Suspected in 4.0% of patients",
        )],
    ),
    "missing-unit": (
        [number(one, "5") for one in (
            "What is the largest permitted dose?", "How much do you draw up?", "At what depth does the tip lie?",
            "A man weighs 60 kg. Calculate the dose.", "How long do you wait?", "To what temperature is it cooled?",
            "What volume holds 500 micrograms?", "What maximum dose applies?",
        )] + [ask("What is the largest dose for a man of 60 kg?", "270", "300", "420"),
              ask("How long is he observed after 0.5 mg?", "6", "12", "24"), ask("The maximum dose is:", "200",
              "300", "400")],
        [number("What is the largest dose?", "5 mg"), number("How many vials are used?", "5"),
         number("What volume, in mL, is drawn up?", "5"), number("How many millilitres hold the dose?", "5"),
         number("What percentage of the dose is left?", "5"), number("By what factor was the dose too large?", "10"),
         number("How many times the dose was given?", "10"), number("The dose is ____ mg. What stands in the gap?",
         "5"),
         ask("What is the largest dose?", "270 mg", "300 mg", "420 mg"), ask("How long is he observed?", "Six hours",
         "A day", "No"),
         ask("How many patients share a vial?", "1", "2", "3"), ask("How long do you wait? Answer in minutes.", "5",
         "10", "15")],
    ),
    "error-prone-abbreviation": (
        [last(one) for one in (
            "10 U of insulin", "10u", "5 IU", "500 µg", "500 ug", "2 cc", "5 mg QD", "5 mg q.d.", "5 mg QOD",
            "MgSO4 2 g",
            "MSO4", "MS 10 mg", "0.5 mg SC", "An SQ injection", "sc injection", "5 U/kg", "½ cc", "500 μg",
        )] + [number("How much is it?", "5 cc"), number("How much is it?", "10 U"), number("How much is it?",
        "5 µg")],
        [last(one) for one in (
            "10 units", "500 micrograms", "500 mcg", "2 mL", "A U-shaped needle", "An IUD", "A woman with MS", "QDS",
            "The SC joint", "Charleston, SC", "cc the letter to the GP", "Vitamin U", "MS Word",
            "20 mg subcutaneously",
            "> 5 mg", "U waves in lead 2", "A drug for multiple sclerosis (MS)", "5 ms",
        )],
    ),
    "single-safety-item": (
        [many(ask(DRUG, *THREE, keys="safety: a\n"), ask(PLACE, *THREE)),
         many(ask(DRUG, *THREE, keys="safety: a\n"), ask(PLACE, *THREE, keys="safety: a\npractice: yes\n")),
         many(ask(DRUG, *THREE, keys="safety: a\n"), ask(PLACE, *THREE, keys="safety: a\nretired: yes\n"))],
        [many(ask(DRUG, *THREE, keys="safety: a\n"), ask(PLACE, *THREE, keys="safety: a\n")), ask(DRUG, *THREE)],
    ),
    "longest-key": (
        [ask(DRUG, "Adrenaline into the muscle of the outer thigh", "Oxygen by mask", "Salbutamol")],
        [ask(DRUG, "Adrenaline into the thigh", "Oxygen by a mask", "Salbutamol"),
         ask(DRUG, "Oxygen by mask", "Adrenaline into the muscle of the outer thigh", "Salbutamol")],
    ),
    "absolute-term": ([last("Always wait"), last("It is never given")], [last("Wait at once"),
    last("All of the above")]),
    "absolute-statement": (
        [judged("A needle is for one patient.", one).replace("[T]", "[F]").replace("[F]", "[T]", 1) for one in (
            "A vial is always sterile.", "Nobody faints lying down.", "Every bruise is harmless.",
            "Only men faint.", "It never hurts.", "All vials are alike.", "It is absolutely safe.",
        )],
        [judged("A needle is never shared.", "Needles are always clean.").replace("- [T] Needles", "- [F] Needles"),
         judged("A needle is never shared.", "Hands are washed."), judged("It hurts.", "It bleeds."),
         judged("It is one.", '"All of the above" is a good option.').replace("[T] \"", "[F] \""),
         judged("A needle may be shared.", "Hands stay dirty.").replace("[T]", "[F]"),
         judged("It is done in the hallway.", "Overall, it hurts.").replace("[T]", "[F]"), ask(DRUG, *THREE)],
    ),
    "marked-key": (
        [ask(DRUG, one, "Oxygen", "Salbutamol") for one in (
            "**Adrenaline**", "*Adrenaline* at once", "_Adrenaline_", "Adrenaline [I01]", "***Adrenaline***",
            "Adrenaline, **now**", "Adrenaline [I01, I20]", "[Adrenaline](https://who.int)", "__Adrenaline__",
        )] + [ask("Which do you give?", "**Oxygen**", "Salt", "Sugar", mark="[]")],
        [ask(DRUG, "**Adrenaline**", "**Oxygen**", "**Salt**"), ask(DRUG, "*C. difficile*", "*E. coli*", "Salt"),
         ask(DRUG, "Adrenaline", "**Oxygen**", "Salt"), ask(DRUG, "2 * 3 mg", "4 mg", "5 mg"),
         ask(DRUG, "snake_case_word", "Oxygen", "Salt"), ask(DRUG, "[Sic]", "Oxygen", "Salt"), ask(DRUG, *THREE),
         ask("Which do you give?", "**Oxygen**", "**Salt**", "Sugar", mark="[]")],
    ),
    "vague-term": ([last("It usually helps"), last("It may be given"), last("To many of them")],
    [last("In 9 of 10 people"), last("In May"), last("As many as its needles are changed for")]),
    "convergence": (
        [ask(DRUG, "Adrenaline and oxygen in the thigh", "Adrenaline and oxygen in the arm",
             "Adrenaline and steroid in the thigh", "Saline and oxygen in the thigh")],
        [ask(DRUG, "Adrenaline and oxygen", "Adrenaline and saline", "Saline and oxygen"), ask(DRUG, *THREE)],
    ),
    "grammatical-cue": (
        [ask("The first drug is an", "adrenergic hormone", "steroid", "fluid"), ask("The first steps are",
        "calls for help", "rest", "sleep")],
        [ask("The first drug is an", "adrenergic hormone", "antihistamine", "oil"), ask("The first drug is", *THREE)],
    ),
    "repeated-word": (
        [ask("A device was rinsed. What do you do?", "Set the device aside", "Use it again", "Dry it well")],
        [ask("A device was rinsed. What do you do?", "Set the device aside", "Use the device", "Dry it well"),
         ask("How many of the two nurses check it?", "Both nurses", "One nurse", "Neither nurse")],
    ),
    "unfocused-stem": (
        [ask("Which of the following is true?", *THREE), ask("Adrenaline:", *THREE),
        ask("Which is correct about shock?", *THREE),
         ask("She has been given a drug into the thigh.", *THREE)],
        [ask(DRUG, *THREE), ask("The first drug in anaphylaxis is:", *THREE),
        ask("Choose the drug that you give first.", *THREE)],
    ),
    "hidden-true-false": (
        [ask("Which statement is true?", "Adrenaline is a hormone", "Oxygen is a hormone",
        "Saline has no salt in it")],
        [ask("Which statement is true?", *THREE), ask(DRUG, "Adrenaline is the first", "Oxygen is the first",
        "Saline is a start")],
    ),
    "option-count": (
        [ask(DRUG, "Adrenaline", "Oxygen"), ask(DRUG, "Adrenaline", "Oxygen", "Saline", "Salt", "Sugar", "Water")],
        [ask(DRUG, *THREE), ask(DRUG, "Adrenaline", "Oxygen", mark="[]")],
    ),
    "teaching-stem": (
        [ask(f"Note that she is ill. {DRUG}", *THREE), ask(f"{'She is quite ill today. ' * 25}{DRUG}", *THREE)],
        [ask(f"She leaves you a note. {DRUG}", *THREE), ask(f"{'She is quite ill today. ' * 10}{DRUG}", *THREE)],
    ),
    "double-negative": (
        [ask("Which drug is NOT given?", "One that is not licensed", "Oxygen", "Saline")],
        [ask("Which drug is NOT given?", *THREE), ask(DRUG, "One that is not an oil", "Oxygen", "Saline")],
    ),
    "mixed-options": (
        [ask(DRUG, "0.5 mg", "A little of it", "5 mg")], [ask(DRUG, "0.5 mg", "1 mg", "5 mg"), ask(DRUG, "One",
        "1 mg of it", "Two"), ask(DRUG, "A bin", "A needle", "A syringe")],
    ),
    "unordered-numbers": (
        [ask(DRUG, "5 mg", "1 mg", "10 mg", keys="shuffle: no\n")],
        [ask(DRUG, "1 mg", "500 micrograms", "0.1 mg", keys="shuffle: no\n"), ask(DRUG, "5 mg", "1 mg", "10 mg")],
    ),
    "common-beginning": (
        [ask(PLACE, "Into the outer thigh", "Into the outer arm", "Into the outer ear")],
        [ask(PLACE, "Into the outer thigh", "Into the outer arm", "Under the skin"), ask(DRUG, *THREE)],
    ),
    "long-option": ([last("word " * 26)], [last("word " * 25)]),
    "blank-in-the-middle": (
        [ask("You give ____ into the outer thigh first.", *THREE)],
        [ask("The drug that you give first is ____", *THREE), number("You give ____ mL of it. How much?", "5 mL")],
    ),
    "opinion": ([ask("Which drug do you think is best?", *THREE)], [ask("Which drug is the best one?", *THREE)]),
    "unexplained": (
        [ask(DRUG, *THREE).replace("\n  Why: so.", "", 1),
         number("How many are used?", "5").replace("\n  Why: so.", "")],
        [ask(DRUG, *THREE), number("How many are used?", "5").replace("  Why: so.", "\nWhy: so.")],
    ),
    "uncited": ([ask(DRUG, *THREE).replace("cites: I01\n", "")], [ask(DRUG, *THREE)]),
    "no-level": ([ask(DRUG, *THREE).replace("level: apply\n", "")], [ask(DRUG, *THREE)]),
    "untaught": ([ask(DRUG, *THREE).replace("section: a#b\n", "")], [ask(DRUG, *THREE)]),
    "small-panel": ([panel(6, 4)], [panel(7, 4)]),
    "key-position": (
        [many(*(ask(f"{DRUG} {at}", *THREE, keys="shuffle: no\n") for at in range(8)))],
        [many(*(ask(f"{DRUG} {at}", *THREE) for at in range(8))),
         many(*(ask(f"{DRUG} {at}", *THREE, keys="shuffle: no\n") for at in range(7)))],
    ),
    "near-duplicate": (
        [many(ask("A man turns grey and cold after the last point of the third session. What do you do?", *THREE),
              ask("A man turns grey and cold after the last point of the third session. What do you give?", *THREE)),
         many(judged("Lidocaine acts at once", "Salt is a drug"), judged("Salt is a drug", "Lidocaine acts at once"))],
        [many(ask("A man turns grey after the last point. What do you do?", *THREE),
              ask(DRUG, "Oxygen", "Salt", "Sugar")),
         many(judged("Lidocaine acts at once", "Salt is a drug"), judged("Hives itch", "Sugar is sweet"))],
    ),
    "answers-another": (
        [many(ask(DRUG, "Adrenaline into the outer thigh", "Salt", "Sugar"),
              ask("She was given adrenaline into the outer thigh. What now?", *THREE)),
         many(ask(DRUG, "Adrenaline into the outer thigh", "Salt", "Sugar"),
              staged("What now?", "She was given adrenaline into the outer thigh. What now?")),
         many(staged(DRUG, "What now?", "Adrenaline into the outer thigh"),
              ask("She was given adrenaline into the outer thigh. What now?", *THREE))],
        [many(ask(DRUG, *THREE), ask("She was given adrenaline. What now?", "Oxygen", "Salt", "Sugar"))],
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "faulty", "text"),
    [
        (rule, faulty, text)
        for rule, both in CASES.items()
        for faulty, texts in zip((True, False), both, strict=True)
        for text in texts
    ],
)
def test_a_rule_finds_what_it_is_for(rule: str, faulty: bool, text: str) -> None:
    assert (rule in broken(text)) is faulty


@pytest.mark.parametrize("rule", TEXTS)
def test_a_rule_tells_what_it_is_for_from_what_looks_like_it(rule: str) -> None:
    for form, both in TEXTS[rule].items():
        for said, texts in both.items():
            wrong = [text for text in texts if (rule in broken(FORMS[form](text))) is not (said == "faulty")]
            assert wrong == [], f"{form}, {said}"


WORDS = """
not Which which is? 0 5 .5 5.0 1/0 1/2 mg mL % - to than less half a the all of above both and A B ( ) * ** _ ____ > U
IU cc SC MS one hundred x : 1: , . ? " [a](b) \\ except n't who
"""
PIECES = st.sampled_from(WORDS.split())


@given(st.lists(st.lists(PIECES, min_size=1, max_size=12).map(" ".join), min_size=4, max_size=4, unique=True))
def test_no_text_is_beyond_a_rule(texts: list[str]) -> None:
    stem, *options = texts
    for text in (ask(stem, *options, keys="shuffle: no\n"), number(stem, "5 mg")):
        lint([readable(text, 1)[0]])


def test_other_types_of_question_have_the_rules_that_fit() -> None:
    head = f"## emg-0001\n{WHOLE}\n"
    sums = (
        "A man weighs {{weight}}. What is the largest dose?\n\n```calc\nweight = 50{0} .. 60{0} step 5{0}\n{1}\n```\n"
    )
    for unit, answer, found in (("", "weight * 2", True), (" kg", "weight * 2 [mg/kg] in mg", False)):
        text = sums.format(unit, f"answer = {answer}")
        assert ("missing-unit" in broken(f"{head}{text}\nWhy: so.\n")) is found
    assert "trailing-zero" in broken(f"{head}In shock give [[= 500 micrograms]], that is [[= 0.50 mg]].\n\nWhy: so.\n")
    assert "error-prone-abbreviation" in broken(f"{head}Judge each.\n\n- [T] 10 U is a dose\n- [F] It is none\n")
    assert "unmarked-negative" in broken(f"{head}Which drug is not a hormone?\n\n= oxygen | O2\n  Why: so.\n")
    assert broken(f"{head}In order?\n\n- (1) Call\n- (2) Wait\n  Why: so.\n") == set()


def test_a_bank_too_small_for_its_quiz_is_said() -> None:
    text = many(*(ask(f"{DRUG} {at}", *THREE) for at in range(3)))
    assert "thin-competency" in broken(text, 2)
    assert "thin-competency" not in broken(text, 1)


def test_every_rule_is_whole_and_has_its_cases() -> None:
    assert len(RULES) >= 25
    assert {*CASES, "thin-competency"} == RULES.keys()
    for one in RULES.values():
        assert one.severity in (ERROR, WARNING)
        assert one.source in SOURCES
        assert bool(one.check) != bool(one.across)
        assert re.fullmatch(r"[^.]*; [^.]*\.|it (?:cites|has|names) .*\.", one.sentence.replace("Why:", "")), (
            one.sentence
        )


def test_an_essay_may_ask_why_something_is_not_done() -> None:
    essay = ask("Why is the vein not the right place?").rstrip() + "\n\n### rubric\n\n- (1) Says why\n"
    assert "unmarked-negative" not in broken(essay)
    assert "unmarked-negative" in broken(ask("Which is not a vein?", *THREE))


def test_what_is_chosen_in_a_gap_and_for_several_stories_is_looked_at() -> None:
    gap = f"## emg-0001\n{WHOLE}\nTake [[(x) 0.5 mg | ( ) 1 mg | ( ) {{}}]].\n\nWhy: so.\n"
    stories = "### stem one\nShe faints.\n= A\nWhy: so.\n\n### stem two\nShe itches.\n= B\nWhy: so.\n"
    listed = f"## emg-0001\n{WHOLE}\nWhich is it?\n\nA) 1 to 2 days\nB) 2 hours\nC) {{}}\n\n{stories}"
    for text, rule in (
        ("5 mg", ""), ("all of the above", "all-of-the-above"), ("none of these", "none-of-the-above"),
        ("500 micrograms", "two-keys"),
    ):  # fmt: skip
        assert broken(gap.format(text)) == ({rule} if rule else set())
    assert "overlapping-numbers" in broken(listed.format("2 to 3 days"))
    assert not broken(listed.format("3 to 4 days"))


def test_a_gap_for_so_much_of_something_has_its_unit() -> None:
    texts = ("[[= 0.5]] of adrenaline", "[[= 0.5 mL]] of adrenaline", "[[= 2]] of the vials", "[[= 2]] vials")
    found = [broken(f"## emg-0001\n{WHOLE}\nInject {one} into the thigh.\n\nWhy: so.\n") for one in texts]
    assert found == [{"missing-unit"}, set(), set(), set()]


def test_a_word_is_quoted_whole() -> None:
    text = ask("A subcutaneous needle is short. What is it?", "A subcutaneous one", "A long one", "A dull one")
    assert any("“subcutaneous” stands" in one.message for one in lint([bank(text)])[0])


def test_a_finding_says_where_what_and_how_to_mend_it() -> None:
    faults, _ = lint([bank(ask("Which dose do you give?", "0.5 mg", "500 micrograms", "5 mg"))])
    (fault,) = faults
    assert str(fault) in (
        "bank.md:8: question (emg-0001): two options say the same: “0.5 mg” and “500 micrograms”; make them different.",
        "bank.md:8: question (emg-0001): two options say the same: “500 micrograms” and “0.5 mg”; make them different.",
    )
    assert (fault.code, fault.severity) == ("two-keys", WARNING)


def test_a_waiver_silences_its_rule_for_its_question_and_is_shown() -> None:
    text = last("All of the above").replace("\n\n", "\nwaive: all-of-the-above, it is a joke, so be it, A. B.\n\n", 1)
    faults, waived = lint([bank(many(text, ask(PLACE, "Thigh", "Arm", "All of these")))])
    assert [(one.line, one.code) for one in faults] == [(25, "all-of-the-above")]
    (one,) = waived
    assert (one.path, one.line, one.code) == ("bank.md", 8, "all-of-the-above")
    assert (one.reason, one.by) == ("it is a joke, so be it", "A. B.")


def test_a_waiver_that_silences_nothing_is_said() -> None:
    text = ask(DRUG, *THREE, keys="waive: two-keys, they differ, A. B.; near-duplicate, not at all, A. B.\n")
    faults, waived = lint([bank(text)])
    assert [(one.code, one.severity) for one in faults] == [(UNUSED, WARNING)] * 2
    assert waived == []
    assert [one.code for one in lint([replace(bank(text), whole=False)])[0]] == [UNUSED]


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("overlapping-numbers", ask("Which pair says the same?", "1000 mg and 1 g", "100 mg and 1 g", "10 mg and 1 g")),
        (
            "two-keys",
            f"## emg-0001\n{WHOLE}\nWhich are the same?\n\n- [x] 1%\n- [x] 10 mg/mL\n- [ ] 1 mg/mL\n\nWhy: so.\n",
        ),
        ("trailing-zero", ask("Potassium is reported as 4.0 mmol/L. What is done?", *THREE)),
    ],
)
def test_what_is_asked_for_is_no_flaw(rule: str, text: str) -> None:
    assert rule not in broken(text)


def test_each_stage_of_a_case_is_looked_at() -> None:
    def stages(second: str, more: str = "  Why: so.") -> str:
        choice = f"- (x) Lay her flat\n{more}\n- ( ) Sit her up\n  Why: so.\n- ( ) {second}\n  Why: so."
        first = f"### stage one\n\nWhat do you do first?\n\n{choice}\n\n"
        return f"## emg-0001\n{WHOLE}\nShe faints.\n\n{first}### stage two\n\n{{}}\n"

    sound, bare = "How much do you give?\n\n= 5 mg\n  Why: so.", "How much do you give?\n\n= 5\n  Why: so."
    assert not broken(stages("Call her mother").format(sound))
    assert broken(stages("All of the above").format(sound)) == {"all-of-the-above"}
    assert broken(stages("Call her mother").format(bare)) == {"missing-unit"}
    assert broken(stages("Call her mother", "").format(sound)) == {"unexplained"}
    assert [one.code for one in lint([bank(stages("Call her").format(sound).replace("cites: I01\n", ""))])[0]] == [
        "uncited"
    ]
    (found,), _ = lint([bank(stages("All of the above").format(sound))])
    assert found.message.startswith("question (emg-0001): stage one: ")


def test_a_rule_that_counts_waits_for_what_it_counts_in_and_the_others_do_not() -> None:
    """A question that cannot be read may be the second of its safety point, and is no twin of another."""
    keys = "safety: the-dose\nshuffle: no\n"
    read = bank(many(*(ask(DRUG, *THREE, keys=keys if not at else "shuffle: no\n") for at in range(8))), 5)
    said = {one.code for one in lint([read])[0]}
    pairs = {"near-duplicate"}
    assert said == {"single-safety-item", "key-position", "thin-competency"} | pairs
    assert {one.code for one in lint([read], whole=False)[0]} == said - {"single-safety-item"}
    assert {one.code for one in lint([replace(read, whole=False)])[0]} == pairs
    other = replace(read, path="other.md", items=(), draws=0, whole=False)
    assert {one.code for one in lint([read, other])[0]} == said - {"single-safety-item"}


def test_a_count_has_no_zero_behind_its_point() -> None:
    vials = ask("How many vials does he need?", "1.0", "2.0", "3.0")
    assert "trailing-zero" in broken(vials)
    assert "trailing-zero" not in broken(vials.replace(".0", ""))
    assert "trailing-zero" not in broken(vials.replace("How many vials does he need?", "Which INR is his limit?"))
