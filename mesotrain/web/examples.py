"""A question of each type with an answer, for the page of components."""

from fractions import Fraction
from functools import cache

from markupsafe import Markup

from mesotrain.core.courses import Question
from mesotrain.core.grading import mark
from mesotrain.core.marking import Given
from mesotrain.core.questions import FLAG, Fields, option_id
from mesotrain.formats.bank import read_bank
from mesotrain.formats.lines import Report
from mesotrain.formats.markup import shown, shown_both
from mesotrain.web.slots import Asked, Reviewed, asked, reviewed

BANK = """---
bank: examples
title: Examples
language: en
competency: EMG
---

## exm-0001

What do you do first?

- (x) Intramuscular adrenaline into the thigh
  Why: It is the first-line drug, and it goes into muscle.
- ( ) Rest, with the legs raised
  Why: Waiting loses time.
- (50%) Call for help and prepare adrenaline

Why: If in doubt, treat as anaphylaxis.

## exm-0002

Which of these can be signs of anaphylaxis?

- [x] Swelling of the tongue
- [x] Sudden hoarseness
- [ ] A slow pulse that returns when the legs are raised

## exm-0004

Judge each statement.

- [T] Adrenaline is given into a muscle
- [F] A slow pulse rules anaphylaxis out
  Why: it can come late, or with a medicine that slows the heart.
- [T] Help is called at once
- [F] Sitting up is always safe

## exm-0005

Put the first actions in order.

- (1) Stop the injection and call for help
- (1) Lie the patient flat
- (2) Give intramuscular adrenaline
- (-) Give an oral antihistamine
  Why: it does nothing for the airway.

## exm-0006

Match each finding to what it speaks for.

- A slow pulse, pale and sweating => A faint
- Wheeze and a swollen tongue => Anaphylaxis
  Why: the airway and the breathing are in danger.
- => A panic attack

## exm-0007

What is the likeliest cause?

A) Non-tuberculous mycobacterial infection
B) Fat necrosis
C) Contact allergy

### stem late-nodule
Six weeks on, tender nodules, stain negative, no answer to an antibiotic.
= A

### stem itch
Itching papules at every point by the next morning.
= C
Why: it came within a day, wherever the skin was touched.

## exm-0003

How much of a 1 mg/mL ampoule holds 500 micrograms?

= 0.5 mL
  Why: 500 micrograms is 0.5 mg.
= 0.5 +0.05 -0.05 mL (80%)

## exm-0008

Which hormone is injected first in anaphylaxis?

= adrenaline | epinephrine
  Why: Both are names of the same hormone.
= noradrenaline | norepi* (0%)
  Why: A vasopressor for another setting.

## exm-0009

The clinic's limit for plain lidocaine is 4.5 mg/kg, never above 300 mg. A patient weighs {weight}.
What is the largest permitted dose?

```calc
weight = 70 kg .. 95 kg step 5 kg
answer = min(weight * 4.5 [mg/kg], 300 [mg]) in mg
accept -1 mg +0 mg
error unsafe answer * 10 "Ten times too much: place the decimal point again."
error unsafe weight * 4.5 [mg/kg] when weight * 4.5 [mg/kg] > 300 [mg] "The cap of 300 mg was missed."
```

## exm-0010

In anaphylaxis [[= 500 micrograms]] are given, of [[= adrenaline | epinephrine]], into the muscle of the
[[(x) anterolateral thigh | ( ) upper arm]].

Why: Absorption from the thigh is quicker.

## exm-0011

Where is adrenaline injected in anaphylaxis? Mark one place.

![Hips, thighs and hands, seen from the front](media/figure.svg)

```zones grid=12x8
right-thigh polygon 143,100 190,100 195,230 157,230 right "It goes into the muscle of the outer thigh."
left-thigh polygon 337,100 290,100 285,230 323,230 right
groin circle 240,130 r 36 unsafe "Large vessels and nerves lie here."
hand circle 88,170 r 40 unsafe "It can stop the blood of a finger."
```

Why: Through clothing, if need be.

## exm-0015
credit: partial

Mark the outer thigh on both sides.

![Hips, thighs and hands, seen from the front](media/figure.svg)

```zones grid=12x8 marks=3
right-thigh polygon 143,100 190,100 195,230 157,230 right
left-thigh polygon 337,100 290,100 285,230 323,230 right
hand circle 88,170 r 40 unsafe "It can stop the blood of a finger."
```

## exm-0012

Two minutes after the last point she is grey and says that she cannot breathe.

### stage first-look

Her pulse is 52, and there is no rash. What is it until shown otherwise?

- (x) Anaphylaxis
- ( ) A faint
  Why: A faint does not take the breath.

### stage five-minutes-on
points: 2

Five minutes after the first dose she is no better. Which of these come next?

- [x] A second dose of adrenaline
- [x] Oxygen
- [ ] A first dose of an antihistamine

Why: Adrenaline is repeated after five minutes.

## exm-0013
practice: yes

You think of a faint. You then find that she is red and warm. A faint becomes:

- (panel 7) much less likely
- (panel 4) less likely
  Why: Heat and fear redden a face too.
- (panel 0) neither more nor less likely
- (panel 0) more likely
- (panel 0) much more likely

Why: Who faints is pale.

## exm-0014
words: 20-150

A patient asks whether mesotherapy melts fat for good. What do you tell her, and what do you leave to her?

### rubric

- (2) Says that the evidence is weak
  Why: There are few controlled trials, and they are small.
- (1) Names a harm that she would want to know of
- (1) Leaves the decision to her

Why: Consent rests on what is known, and on what is not.
"""

PICTURES = {"media/figure.svg": ["0", "0", "480", "320"]}
"""The box of what the examples show, which is one of the static files."""

ANSWERS: dict[str, Fields] = {
    "exm-0001": {"choice": [option_id("Rest, with the legs raised")]},
    "exm-0002": {"choice": [option_id("Sudden hoarseness")], FLAG: ["1"]},
    "exm-0003": {"number": ["0.05"]},
    "exm-0012": {
        "1.choice": [option_id("A faint")],
        "stage": ["2"],
        "2.choice": [option_id("Oxygen"), option_id("A second dose of adrenaline")],
    },
    "exm-0013": {"choice": [option_id("less likely")]},
    "exm-0011": {"x": ["247"], "y": ["118.5"]},
    "exm-0015": {"1.x": ["160"], "1.y": ["120.5"], "2.cell": ["L8"]},
    "exm-0004": {
        option_id("Adrenaline is given into a muscle"): ["true"],
        option_id("A slow pulse rules anaphylaxis out"): ["true"],
        option_id("Help is called at once"): ["true"],
        option_id("Sitting up is always safe"): ["false"],
    },
    "exm-0005": {
        option_id("Stop the injection and call for help"): ["1"],
        option_id("Lie the patient flat"): ["2"],
        option_id("Give intramuscular adrenaline"): ["3"],
        option_id("Give an oral antihistamine"): ["-"],
    },
    "exm-0006": {option_id("Wheeze and a swollen tongue"): [option_id("A panic attack")]},
    "exm-0007": {
        option_id("late-nodule"): [option_id("Non-tuberculous mycobacterial infection")],
        option_id("itch"): [option_id("Fat necrosis")],
    },
    "exm-0008": {"answer": ["Norepinephrine"]},
    "exm-0009": {"number": ["3000"]},
    "exm-0014": {"answer": ["Few trials were done, and all are small.\n\nYou may get an infection."]},
    "exm-0010": {"1.number": ["500"], "2.answer": ["Epinephrine"], "3.choice": [option_id("upper arm")]},
}

GIVEN = [
    Given((Fraction(2), Fraction(1), Fraction(0)), "Say also that it is hers to decide."),
    Given((Fraction(3, 2), Fraction(1), Fraction(0))),
]
"""What two people gave the essay."""

FIGURE = '<figure><img src="/static/figure.svg" alt="Hips, thighs and hands, seen from the front"></figure>'


@cache
def _questions() -> tuple[Question, ...]:
    return read_bank(BANK, Report(""), PICTURES).questions


def as_asked() -> list[Asked]:
    """Each question as a taker meets it, answered; the last number may mean two things."""
    views = [_view(number, one, ANSWERS[one.name]) for number, one in enumerate(_questions(), 1)]
    unclear = next(one for one in views if one.type == "numeric")
    return [*views, _view(len(views) + 1, _questions()[int(unclear.number) - 1], {"number": ["1,500"]})]


def as_reviewed() -> list[Reviewed]:
    """Each question as it is reviewed."""
    return [_review(_view(number, one, ANSWERS[one.name]), one) for number, one in enumerate(_questions(), 1)]


def _view(number: int, one: Question, fields: Fields) -> Asked:
    part, _ = shown_both(one.taker, one.key)
    if "picture" in part:
        part["picture"] = {"stem": FIGURE}
    return asked(number, one.name, Markup(""), "", part, fields)


def _review(view: Asked, one: Question) -> Reviewed:
    kind = view.keyed(one.key)
    earned = mark(kind, view.reading, Fraction(1), GIVEN if kind.markers(view.reading) else ())
    return reviewed(view, one.key, shown(one.key), earned, [("The first actions", "#")])
