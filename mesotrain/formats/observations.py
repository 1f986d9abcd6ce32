"""The forms of a scheme.yaml: what an assessor watches for, and when that is passed."""

from collections.abc import Iterator

from mesotrain.core.observations import PLACES, Form, Step
from mesotrain.formats.fields import SLUG, TITLE, Table
from mesotrain.formats.lines import Mention, shown_line

MOST_RATINGS = 9
FROM = "from"
"""The one name no form has: beside the forms that a procedure asks for it says since when."""


def named(table: Table, like: str) -> Iterator[tuple[str, Table]]:
    """What stands under each name of a table, and whether it can be one."""
    for name in table:
        if len(name) > TITLE:
            table.say("long", name, f"has {len(name):,} characters; write at most {TITLE}.")
        elif not SLUG.fullmatch(name):
            table.say("shape", name, f"is no name; write small letters, digits and dashes, such as {like}.")
        yield name, table.table(name)


def read_forms(table: Table) -> tuple[tuple[Form, ...], list[Mention]]:
    """The forms, and the safety points and references that their steps name."""
    found, mentions = [], list[Mention]()
    for name, rules in named(table, "tray"):
        if name == FROM:
            table.say("shape", name, "is no name of a form: it begins the forms that a procedure asks for.")
        rules.only("title", "where", "steps", "ratings", "least", "reason")
        steps = tuple(_steps(rules.table("steps"), f"forms: {shown_line(name)}: steps: ", mentions))
        if rules.readable and "steps" in rules and not any(one.critical for one in steps):
            rules.say("together", "steps", "has no critical step; one at least decides whether it is passed.")
        ratings = rules.texts("ratings")
        if len(ratings) == 1 or len(ratings) > MOST_RATINGS:
            rules.say("range", "ratings", f"are words for each rating, the lowest first: 2 to {MOST_RATINGS} of them.")
        least = rules.count("least", "", 1, max(len(ratings), 1))
        title, where = rules.text("title", longest=TITLE), rules.choice("where", PLACES, ", ".join(PLACES))
        found.append(Form(name, title, where, steps, ratings, least, rules.text("reason")))
    return tuple(found), mentions


def _steps(table: Table, about: str, mentions: list[Mention]) -> Iterator[Step]:
    for name, rules in named(table, "dry-time"):
        rules.only("words", "critical", "safety", "cites")
        critical = rules.choice("critical", ("yes",), "yes, or leave it out", optional=True) == "yes"
        safety = rules.shaped("safety", SLUG, "treat-as-anaphylaxis", optional=True)
        cites = rules.texts("cites", optional=True)
        where = f"{about}{shown_line(name)}: "
        mentions += [Mention("safety", safety, rules.line("safety"), where)] if safety else []
        mentions += [Mention("reference", one, rules.line("cites"), where) for one in cites]
        yield Step(name, rules.text("words"), critical, safety, cites)
