"""What of a course with faults can be shown: all that can be read, with what it lacks filled in."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from mesotrain.core.assessments import AFTER_CLOSE, AFTER_SUBMIT, FEEDBACK, Rules
from mesotrain.core.courses import EVIDENCE_KINDS, Course, Module, Section
from mesotrain.core.errors import Fault
from mesotrain.core.schemes import Scheme
from mesotrain.formats.courses import BANK, COURSE
from mesotrain.formats.fields import SLUG
from mesotrain.formats.lesson import LESSON

_QUESTION = re.compile(r"question \((.*?)\): ")
"""How the sentence of a fault begins that is of one question."""
_TANGLED = ("brackets", "indented", "footnote")
"""The codes of what the Markdown library takes too long for, or cannot follow."""


def showable(course: Course, faults: Sequence[Fault]) -> Course | None:
    """The course without the questions that have faults, every blank filled; None where course.yaml has faults.

    A section without an id of its own is called by its line, and one that is tangled is shown as it was written.
    """
    if not faults:
        return course
    if not course.competencies or any(fault.path == COURSE for fault in faults):
        return None
    known = {one.name for one in course.modules}
    modules = [_module(one, course, faults, known) for one in course.modules if one.sections or one.quiz.exam]
    references = tuple(one for one in course.references if one.kind in EVIDENCE_KINDS)
    return replace(course, references=references, modules=tuple(modules), scheme=Scheme())


def placed(module: Module, faults: Sequence[Fault]) -> dict[Fault, str]:
    """The section of a lesson that a fault stands in, by its name."""
    found = {}
    for fault in faults:
        above = [one.name for one in module.sections if one.line <= fault.line]
        if above and fault.path == f"{module.name}/{LESSON}":
            found[fault] = above[-1]
    return found


def _module(module: Module, course: Course, faults: Sequence[Fault], known: Collection[str]) -> Module:
    codes = [one.code for one in course.competencies]
    path = f"{module.name}/{BANK}"
    faulty = {found[1] for one in faults if one.path == path and (found := _QUESTION.match(one.message))}
    tangled = set(placed(module, [one for one in faults if one.code in _TANGLED]).values())
    names: dict[str, int] = {}
    sections = tuple(
        _section(one, names.setdefault(one.name, one.line) == one.line, tangled) for one in module.sections
    )
    return replace(
        module,
        title=module.title or module.name,
        competency=module.competency if module.competency in codes else codes[0],
        minutes=module.minutes or 1,
        quiz=_rules(module.quiz, codes, known),
        sections=sections,
        questions=tuple(
            replace(one, competency=one.competency if one.competency in codes else codes[0])
            for one in module.questions
            if one.name not in faulty
        ),
    )


def _section(section: Section, own: bool, tangled: Collection[str]) -> Section:
    name = section.name if own and SLUG.fullmatch(section.name) else f"line-{section.line}"
    text = section.text
    if section.name in tangled:
        text = "\n".join(f"    {line}" for line in text.strip("\n").split("\n"))
    return replace(section, name=name, title=section.title or name, text=text)


def _rules(rules: Rules, codes: Collection[str], known: Collection[str]) -> Rules:
    plan = tuple(one for one in rules.plan if one.safety or one.competency in codes)
    closes = rules.closes if rules.closing else ""
    read = rules.feedback in FEEDBACK and (closes or rules.feedback != AFTER_CLOSE)
    return replace(
        rules,
        plan=plan,
        questions=sum(one.draws for one in plan) or rules.questions or 1,
        minutes=rules.minutes or 1,
        feedback=rules.feedback if read else AFTER_SUBMIT,
        closes=closes,
        closing=rules.closing if closes else "",
        draws_on=tuple(one for one in rules.draws_on if one in known),
    )
