"""An exam as Markdown: its front matter, then the instructions that are read before the clock starts."""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace

from mesotrain.core.courses import Module, pool
from mesotrain.core.plans import safety_of, single, thin
from mesotrain.core.questions.essay import Essay
from mesotrain.formats.assessments import read_rules
from mesotrain.formats.fields import TITLE, front_matter
from mesotrain.formats.lesson import Lesson
from mesotrain.formats.lines import Mention, Report, inspect, joined, scan, shown_line

EXAM = "exam.md"
_FRONT = ("title", "summary", "draws on", "exam", "sign-off")


def read_exam(text: str, report: Report) -> Lesson:
    """The exam that `text` (as ``lines.cleaned`` gives it) holds, as a lesson without sections."""
    front, body, first = front_matter(text, report)
    front.only(*_FRONT)
    rules = read_rules(table := front.table("exam"), exam=True)
    plan = table.line("sections" if "sections" in table else "plan")
    lines = scan(body, report, first)
    for mention in inspect(lines, report):
        if mention.kind in ("reference", "figure", "check"):
            said = "instructions cite nothing and show neither figures nor questions; leave that to the lessons."
            report.say("instructions", mention.line, said)
    instructions = joined(lines).strip()
    if not instructions:
        report.say("instructions", first, "write under the front matter what somebody should know before the exam.")
    return Lesson(
        title=front.text("title", longest=TITLE),
        summary=front.text("summary"),
        competency=next(iter(rules.proves), ""),
        minutes=rules.minutes,
        outcomes=(),
        quiz=replace(rules, draws_on=front.texts("draws on"), instructions=instructions),
        quiz_line=plan,
        sign_off=front.sign_off("sign-off"),
        sign_line=front.line("sign-off"),
        sections=(),
        mentions=tuple(Mention("competency", one, plan) for one in rules.proves),
        file=EXAM,
    )


def on_their_banks(read: Mapping[str, Lesson | None], banks: Container[str], reports: Callable[[str], Report]) -> None:
    """Reports what exams draw on that has no bank; `banks` are the modules that have one."""
    for name, lesson in read.items():
        said = lesson.quiz.draws_on if lesson else ()
        for one in dict.fromkeys(said):
            if one not in banks or one == name:
                sentence = f"draws on names {shown_line(one)}, and there is no other module of that name with a bank."
                reports(name).say("draws-on", lesson.quiz_line if lesson else 1, sentence)
            elif said.count(one) > 1:
                reports(name).say("twice", lesson.quiz_line if lesson else 1, f"draws on names {one} twice.")


def judged_at_once(modules: Iterable[Module], module: Module, line: int, report: Report) -> None:
    """Reports essays of an exam's safety points: nobody can mark one while the exam goes on."""
    points, banks = safety_of(module.quiz.plan), (module.name, *module.quiz.draws_on)
    for one in (question for other in modules if other.name in banks for question in other.questions):
        if one.safety in points and one.taker["type"] == Essay.name:
            sentence = f"{one.name} is an essay, so it cannot be asked for {one.safety}, which is judged at once."
            report.say("safety-essay", line, sentence)


def filled(modules: Iterable[Module], module: Module, line: int, report: Report) -> None:
    """Reports each cell of a module's plan that has fewer questions than are drawn from it, or asked again."""
    there_are = pool(modules, module)
    for cell, there in thin(module.quiz.plan, there_are):
        sentence = f"the plan draws {cell.draws} of {cell.name}, but there are {there} to draw."
        report.say("few-questions", line, sentence)
    for cell, there in single(module.quiz.plan, there_are):
        sentence = (
            f"the plan draws all {there} questions of {cell.name}, and needs another to ask again if one is missed."
        )
        report.say("few-questions", line, sentence)
