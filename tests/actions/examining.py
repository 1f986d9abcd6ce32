"""A course with an exam: the tiny one, whose third question is of a second competency."""

from dataclasses import replace
from fractions import Fraction

from mesotrain.actions import courses
from mesotrain.core.assessments import Rules
from mesotrain.core.courses import Course, Module
from mesotrain.core.plans import Cell
from tests.actions.taking import Taking, start
from tests.world import World, tiny_course

PLAN = (Cell("BAS", "recall", 1), Cell("EXT", "apply", 1), Cell("BAS", "judge", 1))
EXAM = Rules(
    questions=3,
    pass_mark=Fraction(2, 3),
    minutes=20,
    feedback="after submit",
    plan=PLAN,
    exam=True,
    draws_on=("basics",),
    instructions="Take **your time**.",
)


def course(quiz: dict[str, object] | None = None, **rules: object) -> Course:
    """The course; `rules` are what of the exam is other, `quiz` what of the quiz is."""
    text = tiny_course()
    (basics,) = text.modules
    questions = [replace(one, competency="EXT") if one.name == "bas-0003" else one for one in basics.questions]
    lesson = replace(basics, questions=tuple(questions), quiz=replace(basics.quiz, **(quiz or {})))  # type: ignore[arg-type]
    exam = Module(
        name="final",
        title="The final exam",
        summary="All of it.",
        competency="BAS",
        minutes=20,
        outcomes=(),
        quiz=replace(EXAM, **rules),  # type: ignore[arg-type]
        sign_off="none",
        sections=(),
        questions=(),
    )
    other = replace(text.competencies[0], code="EXT", title="Extras")
    return replace(text, competencies=(*text.competencies, other), modules=(lesson, exam))


def publish(world: World, quiz: dict[str, object] | None = None, **rules: object) -> None:
    world.do(lambda session: courses.publish(session, world.clock(), course(quiz, **rules)))


def begin(world: World, who: str = "trainee", seed: str = "seed") -> Taking:
    """An attempt at the exam."""
    return start(world, who, seed, module="final")
