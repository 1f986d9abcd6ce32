"""An exam as text, and the rules that quizzes and exams share: every fault is said with its line."""

from fractions import Fraction

import pytest

from mesotrain.core.assessments import Rules, cells_of
from mesotrain.core.errors import BadContent
from mesotrain.core.plans import Cell
from mesotrain.formats.courses import read_course
from mesotrain.store.folders import read_folder
from tests.world import TEXTS

EXAM = """---
title: The exam
summary: All of it.
draws on: [basics]
exam:
  plan:
    BAS: {recall: 1, apply: 1}
  pass: 80%
  time: 20 minutes
  feedback: after close
  pages: one question
  navigation: forward
  opens: 2027-03-12 09:00
  closes: 2027-03-13 09:00
  closing: stops starts
  shuffle: no
  certainty: asked
  attempts: 2 in 30 days
sign-off: none
---

Take **your time**.
"""


def files(exam: str = EXAM, **more: str) -> dict[str, str | bytes]:
    found = dict(read_folder(TEXTS / "tiny"))
    said = found["course.yaml"]
    assert isinstance(said, str)
    return {**found, "course.yaml": said.replace("[basics]", "[basics, final]"), "final/exam.md": exam, **more}


def faults(given: dict[str, str | bytes]) -> list[str]:
    try:
        read_course(given)
    except BadContent as bad:
        return [str(one) for one in bad.faults]
    return []


def test_an_exam_is_a_module_without_a_lesson() -> None:
    exam = read_course(files()).modules[-1]
    assert (exam.name, exam.title, exam.competency, exam.minutes, exam.sections, exam.questions) == (
        *("final", "The exam", "BAS", 20),
        *((), ()),
    )
    assert exam.quiz == Rules(
        questions=2,
        pass_mark=Fraction(4, 5),
        minutes=20,
        feedback="after close",
        attempts=2,
        within_days=30,
        plan=(Cell("BAS", "recall", 1), Cell("BAS", "apply", 1)),
        pages="one question",
        navigation="forward",
        opens="2027-03-12 09:00",
        closes="2027-03-13 09:00",
        closing="stops starts",
        shuffle=False,
        certainty=True,
        exam=True,
        draws_on=("basics",),
        instructions="Take **your time**.",
    )


def test_an_exam_may_have_questions_of_its_own() -> None:
    own = "---\nbank: final\ntitle: Own\nlanguage: en\ncompetency: BAS\nlevel: apply\n---\n"
    question = "\n## bas-0901\n\nWhat?\n\n- (x) A\n- ( ) B\n"
    given = files(EXAM.replace("apply: 1", "apply: 3"), **{"final/bank.md": own + question})
    assert faults(given) == []
    assert [one.name for one in read_course(given).modules[-1].questions] == ["bas-0901"]


SPOILT = [
    ("title: The exam", "titel: The exam", 2, "titel is not known here; known are title, summary, draws on, exam"),
    ("draws on: [basics]", "draws on: [basic]", 6, "draws on names basic, and there is no other module of that name"),
    ("draws on: [basics]", "draws on: [final]", 6, "draws on names final, and there is no other module of that name"),
    ("draws on: [basics]", "draws on: [basics, basics]", 6, "draws on names basics twice."),
    ("  plan:\n    BAS: {recall: 1, apply: 1}\n", "", 5, "exam: plan is missing."),
    ("{recall: 1, apply: 1}", "{}", 6, "draws nothing"),
    ("{recall: 1,", "{remember: 1,", 7, "exam: plan: BAS: remember is not known here; known are recall, apply, judge."),
    ("{recall: 1,", "{recall: 0,", 7, "exam: plan: BAS: recall lies between 1 and 200, so 0 cannot be."),
    ("{recall: 1,", "{recall: 200,", 6, "exam: plan draws more than 200 questions."),
    ("    BAS:", "    BAX:", 6, "there is no competency BAX in course.yaml."),
    ("{recall: 1,", "{recall: 1, judge: 9,", 6, "the plan draws 9 of BAS, judge, but there are "),
    ("  pass: 80%", "  pass: 80%\n  questions: 2", 9, "exam: questions is not said beside a plan"),
    ("  pages: one question\n", "", 11, "exam: navigation is forward only where pages says one question."),
    ("after close", "after each", 10, "exam: feedback is after each only where kind says practice and pages says"),
    (
        "shuffle: no",
        "shuffle: no\n  kind: practice",
        17,
        "exam: kind is practice, which may be sat any number",
    ),
    ("  closing: stops starts\n", "", 14, "exam: closes needs closing beside it: ends attempts, or stops starts."),
    ("  closes: 2027-03-13 09:00\n", "", 10, "exam: feedback is after close, and nothing says when it closes."),
    ("  closes: 2027-03-13 09:00\n", "", 14, "exam: closing says what closing does, and closes is missing."),
    ("2027-03-13 09:00", "2027-03-12 09:00", 14, "exam: closes lies before it opens; write a later day or time."),
    ("2027-03-13 09:00", "2027-02-30 09:00", 14, "exam: closes is no day and time that there is: 2027-02-30 09:00."),
    ("2027-03-13 09:00", "13 March", 14, "exam: closes should look like 2027-03-12 09:00, not “13 March”."),
    ("pages: one question", "pages: two", 11, "exam: pages is “two”; choose among all questions, one question."),
    ("certainty: asked", "certainty: yes", 17, "exam: certainty is “yes”; choose among asked."),
    ("Take **your time**.\n", "", 21, "write under the front matter what somebody should know before the exam."),
    ("Take **your time**.", "Take [I01].", 22, "instructions cite nothing and show neither figures nor questions"),
    ("Take **your time**.", "![A](media/a.svg)", 22, "instructions cite nothing and show neither figures nor"),
]


SAFE = """  sections:
    Before:
      plan:
        BAS: {recall: 1}
    Then:
      plan:
        BAS: {apply: 1}
      safety: {stop-now: 2}
"""
PLAIN = "  plan:\n    BAS: {recall: 1, apply: 1}\n"
OWN = "---\nbank: final\ntitle: Own\nlanguage: en\ncompetency: BAS\nlevel: judge\n---\n"


def cluster(many: int) -> dict[str, str]:
    """A bank with so many questions of the safety point."""
    rows = [f"\n## bas-090{n}\nsafety: stop-now\n\nWhat {n}?\n\n- (x) A\n- ( ) B\n" for n in range(many)]
    return {"final/bank.md": OWN + "".join(rows)}


def test_sections_and_safety_points_are_cells_of_the_plan() -> None:
    given = files(EXAM.replace(PLAIN, SAFE), **cluster(3))
    assert faults(given) == []
    rules = read_course(given).modules[-1].quiz
    assert rules.plan == (
        Cell("BAS", "recall", 1, section="Before"),
        Cell("BAS", "apply", 1, section="Then"),
        Cell("", "", 2, "stop-now", "Then"),
    )
    assert (rules.questions, rules.proves) == (4, ("BAS",))
    assert cells_of(rules.model()) == list(rules.plan)
    assert read_course(files()).modules[-1].quiz.model()["plan"] == [["BAS", "recall", 1], ["BAS", "apply", 1]]


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("{stop-now: 2}", "{stop-now: 3}", 6, "draws all 3 questions of stop-now, and needs another to ask again"),
        ("{stop-now: 2}", "{stop-then: 2}", 6, "the plan draws 2 of stop-then, but there are 0 to draw."),
        ("{stop-now: 2}", "{Stop now: 2}", 13, "safety: Stop now is no safety point: write it as questions do"),
        ("BAS: {apply: 1}", "BAS: {recall: 1}", 10, "sections: Then draws BAS, recall as a section before it does"),
        ("  sections:\n", "  safety: {stop-now: 2}\n  sections:\n", 6, "exam: safety is said under each section"),
        ("      plan:\n        BAS: {apply: 1}\n", "", 10, "sections: Then: plan is missing."),
    ],
)
def test_every_fault_of_sections_and_safety_points_is_said(old: str, new: str, line: int, sentence: str) -> None:
    assert SAFE.count(old) == 1
    found = faults(files(EXAM.replace(PLAIN, SAFE.replace(old, new)), **cluster(3)))
    assert any(one.startswith(f"final/exam.md:{line}: ") and sentence in one for one in found), found


def test_an_essay_cannot_stand_for_a_safety_point() -> None:
    essay = "\n## bas-0909\nsafety: stop-now\n\nWhy?\n\n### rubric\n\n- (2) Says why\n"
    bank = cluster(3)["final/bank.md"] + essay
    found = faults(files(EXAM.replace(PLAIN, SAFE), **{"final/bank.md": bank}))
    assert any("final/exam.md:6: bas-0909 is an essay" in one for one in found), found


def test_safety_points_are_asked_in_exams_that_prove_something() -> None:
    practice = EXAM.replace(PLAIN, SAFE).replace("  attempts: 2 in 30 days", "  kind: practice")
    assert any(
        "exam: safety is asked by exams that prove something" in one for one in faults(files(practice, **cluster(3)))
    )


@pytest.mark.parametrize(("old", "new", "line", "sentence"), SPOILT)
def test_every_fault_of_an_exam_is_said_with_its_line(old: str, new: str, line: int, sentence: str) -> None:
    assert faults(files()) == []
    assert EXAM.count(old) == 1
    found = faults(files(EXAM.replace(old, new)))
    assert any(one.startswith(f"final/exam.md:{line}: ") and sentence in one for one in found), found


def test_a_folder_holds_a_lesson_or_an_exam_and_is_named() -> None:
    both = files(**{"final/lesson.md": "", "final/bank.md": ""})
    assert "final/exam.md:1: final holds a lesson or an exam, not both." in faults(both)
    unnamed = {**files(), "course.yaml": read_folder(TEXTS / "tiny")["course.yaml"]}
    assert [one for one in faults(unnamed) if "does not name the folder final, which has an exam." in one]


def test_a_quiz_may_have_a_plan_too() -> None:
    given = files()
    lesson = given["basics/lesson.md"]
    assert isinstance(lesson, str)
    planned = {**given, "basics/lesson.md": lesson.replace("questions: 4", "plan:\n    BAS: {recall: 1}")}
    rules = read_course(planned).modules[0].quiz
    assert (rules.questions, rules.plan, rules.exam) == (1, (Cell("BAS", "recall", 1),), False)
    unknown = {**given, "basics/lesson.md": lesson.replace("questions: 4", "plan:\n    BAX: {recall: 1}")}
    assert [one for one in faults(unknown) if "there is no competency BAX" in one]
