"""The rules of a quiz or an exam as front matter."""

import re
from datetime import datetime
from fractions import Fraction

from mesotrain.core.assessments import (
    AFTER_CLOSE,
    AFTER_EACH,
    ALL_QUESTIONS,
    ASKED,
    CLOSING,
    FEEDBACK,
    FORWARD,
    FREE,
    NAVIGATION,
    ONE_QUESTION,
    PAGES,
    PRACTICE,
    Rules,
)
from mesotrain.core.plans import Cell
from mesotrain.formats.fields import SLUG, Table

RULES = (
    "questions", "plan", "pass", "time", "feedback", "cool-down", "attempts", "pages", "navigation", "opens", "closes",
    "closing", "shuffle", "kind", "certainty", "safety", "sections",
)  # fmt: skip
MOST = 200
"""Questions of one paper."""
_LIMIT = re.compile(r"([1-9][0-9]?) in ([1-9][0-9]{0,2}) days?")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}")
_YES = ("yes", "no")


def read_rules(table: Table, *, exam: bool = False) -> Rules:
    """The rules that a table gives; those of an `exam` need a plan."""
    table.only(*RULES)
    planned = exam or "plan" in table or "sections" in table
    plan = _plan(table) if planned else ()
    if planned and "questions" in table:
        table.say("together", "questions", "is not said beside a plan, which says how many of each; take the line out.")
    limit = _LIMIT.fullmatch(table.shaped("attempts", _LIMIT, "3 in 30 days", optional=True))
    rules = Rules(
        questions=sum(cell.draws for cell in plan) if planned else table.count("questions", "", 1, MOST),
        pass_mark=table.percent("pass") or Fraction(1),
        minutes=table.count("time", "minute", 1, 600),
        feedback=table.choice("feedback", FEEDBACK, ", ".join(FEEDBACK)),
        cool_down=table.count("cool-down", "hour", 0, 24 * 90) if "cool-down" in table else 0,
        attempts=int(limit[1]) if limit else 0,
        within_days=int(limit[2]) if limit else 0,
        plan=plan,
        pages=_one_of(table, "pages", PAGES) or ALL_QUESTIONS,
        navigation=_one_of(table, "navigation", NAVIGATION) or FREE,
        opens=_moment(table, "opens"),
        closes=_moment(table, "closes"),
        closing=_one_of(table, "closing", tuple(CLOSING)),
        shuffle=_one_of(table, "shuffle", _YES) != "no",
        practice=bool(_one_of(table, "kind", (PRACTICE,))),
        certainty=bool(_one_of(table, "certainty", (ASKED,))),
        exam=exam,
    )
    _fit(table, rules)
    return rules


def _one_of(table: Table, name: str, among: tuple[str, ...]) -> str:
    return table.choice(name, among, ", ".join(among), optional=True)


def _moment(table: Table, name: str) -> str:
    text = table.shaped(name, _MOMENT, "2027-03-12 09:00", optional=True)
    try:
        return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}" if text else ""
    except ValueError:
        table.say("shape", name, f"is no day and time that there is: {text}.")
        return ""


def _plan(table: Table) -> tuple[Cell, ...]:
    """What a paper is drawn by, section by section where it has some."""
    if "sections" not in table:
        return _cells(table)
    for name in ("plan", "safety"):
        if name in table:
            table.say("together", name, "is said under each section where there are sections; move it there.")
    sections, found = table.table("sections"), list[Cell]()
    for title in sections:
        section = sections.table(title)
        section.only("plan", "safety")
        cells = _cells(section, title)
        for one in cells:
            if any(one[:2] == other[:2] and one.safety == other.safety for other in found):
                sections.say("twice", title, f"draws {one.name} as a section before it does; draw it in one of them.")
        found += cells
    if sections.readable and not found:
        sections.say("empty", "", "has no section; write its title, and under it a plan.")
    return tuple(found)


def _cells(table: Table, section: str = "") -> tuple[Cell, ...]:
    """The cells of a plan: under each competency, how many questions of which level, and of which safety points."""
    plan, found = table.table("plan"), list[Cell]()
    for competency in plan:
        cells = plan.table(competency)
        cells.only("recall", "apply", "judge")
        found += [Cell(competency, level, cells.count(level, "", 1, MOST), section=section) for level in cells]
    if plan.readable and not found:
        plan.say("empty", "", "draws nothing; write under a competency's code how many of each level: apply: 4.")
    points = table.table("safety", optional=True)
    for point in points:
        if SLUG.fullmatch(point):
            found.append(Cell("", "", points.count(point, "", 1, MOST), point, section))
        else:
            points.say("shape", point, "is no safety point: write it as questions do, such as treat-as-anaphylaxis.")
    return tuple(found)


def _fit(table: Table, rules: Rules) -> None:
    """Reports rules that do not go together."""
    safe = any(cell.safety for cell in rules.plan)
    together = (
        (safe and (rules.practice or not rules.exam), "safety", "is asked by exams that prove something; take it out."),
        (sum(cell.draws for cell in rules.plan) > MOST, "plan", f"draws more than {MOST} questions."),
        (
            rules.navigation == FORWARD and rules.pages != ONE_QUESTION,
            "navigation",
            f"is {FORWARD} only where pages says {ONE_QUESTION}.",
        ),
        (
            rules.feedback == AFTER_EACH and rules.navigation == FORWARD,
            "navigation",
            f"is {FREE} where feedback is {AFTER_EACH}: what was checked stays as it is anyway.",
        ),
        (
            rules.feedback == AFTER_EACH and not (rules.practice and rules.pages == ONE_QUESTION),
            "feedback",
            f"is {AFTER_EACH} only where kind says {PRACTICE} and pages says {ONE_QUESTION}.",
        ),
        (
            rules.practice and bool(rules.cool_down or rules.attempts),
            "kind",
            f"is {PRACTICE}, which may be sat any number of times; take cool-down and attempts out.",
        ),
        (
            rules.feedback == AFTER_CLOSE and "closes" not in table,
            "feedback",
            f"is {AFTER_CLOSE}, and nothing says when it closes.",
        ),
        (
            "closes" in table and "closing" not in table,
            "closes",
            f"needs closing beside it: {', or '.join(CLOSING)}.",
        ),
        ("closing" in table and "closes" not in table, "closing", "says what closing does, and closes is missing."),
        (
            bool(rules.opens and rules.closes and rules.opens >= rules.closes),
            "closes",
            "lies before it opens; write a later day or time.",
        ),
    )
    for wrong, name, sentence in together:
        if wrong:
            table.say("together", name, sentence)
