"""scheme.yaml: what each procedure asks for and what a status means, as a course's policy that gives its reasons."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from mesotrain.core.assertions import REVOKED, SUSPENDED
from mesotrain.core.certificates import Certificate, Exam, Path, Practice
from mesotrain.core.certification import GOOD
from mesotrain.core.clearance import CLEARED, CONDITIONAL, NOT_CLEARED, Meaning, Procedure
from mesotrain.core.competence import (
    EXPIRED,
    HELD,
    IN_GRACE,
    IN_PROGRESS,
    LEVELS,
    NOT_STARTED,
    ROLES,
    Cases,
    Observations,
)
from mesotrain.core.observations import Form
from mesotrain.core.schemes import Document, Prior, Scheme
from mesotrain.formats.fields import TITLE, Table, read_yaml
from mesotrain.formats.lines import Mention, Report, shown_line
from mesotrain.formats.observations import FROM, named, read_forms

SCHEME = "scheme.yaml"
ANSWERS = {
    NOT_STARTED: (NOT_CLEARED,),
    IN_PROGRESS: (NOT_CLEARED, CONDITIONAL),
    IN_GRACE: (NOT_CLEARED, CONDITIONAL, CLEARED),
    EXPIRED: (NOT_CLEARED,),
}
"""The statuses that are given a meaning, and what each may do: what is held is cleared, and what is not held is not."""
CERTIFIED = ANSWERS | {SUSPENDED: (NOT_CLEARED,), REVOKED: (NOT_CLEARED,)}
"""The same of the states of a certificate."""
Known = Mapping[str, Container[str] | None]
"""What there is of documents, procedures and certificates; none where those could not be read."""

_EMPTY = (
    "the file says nothing; write procedures: and under it a name with its title, competencies and reason, "
    "or delete the file."
)


def read_scheme(text: str, report: Report) -> tuple[Scheme, list[Mention]]:
    """The scheme that `text` holds, and what of the course it names."""
    if all(not line.strip() or line.lstrip().startswith("#") for line in text.split("\n")):
        report.say("empty", 1, _EMPTY)
        return Scheme(), []
    table = read_yaml(text, report)
    table.only("from", "documents", "statuses", "procedures", "certificates", "forms", "prior")
    documents, statuses, certified = (_optional(table, name) for name in ("documents", "statuses", "certificates"))
    found = _documents(documents)
    meanings = {name: one for name, one in _meanings(statuses) if one}
    known = set(documents) if documents.readable or "documents" not in table else None
    offered, before = table.table("procedures"), len(report.faults)
    there: Known = {"documents": known, "procedures": set(offered) if offered.readable else None}
    certificates = _certificates(certified, there, report)
    whole, named = len(report.faults) == before, {one.name for one, _ in certificates}
    certain = named if certified.readable or "certificates" not in table else None
    procedures, mentions, read = _procedures(offered, {"documents": known, "certificates": certain}, report)
    asked = {name for one in procedures for name in one.documents}
    asked |= {name for one, _ in certificates for path in (*one.paths, one.renewal) for name in path.documents}
    mentions += [mention for _, said in certificates for mention in said]
    for name in documents:
        if whole and read and certain is not None and name not in asked:
            documents.say("idle-document", name, "is asked for by no procedure; name it under one, or delete it.")
    forms, mentioned = _forms(
        table, (documents, certified), {need.form for one in procedures for need in one.observations}, read
    )
    mentions = [one for one in mentions if one.kind != "form" or forms is not None] + mentioned
    begins, line = (table.day(FROM), table.line(FROM)) if FROM in table else (None, table.start)
    prior = _prior(_optional(table, "prior"), {code for one in procedures for code in one.competencies}, read)
    made = Scheme(found, procedures, meanings, tuple(one for one, _ in certificates), forms or (), begins, prior, line)
    return made, mentions


def _forms(
    table: Table, others: tuple[Table, Table], asked: Container[str], whole: bool
) -> tuple[tuple[Form, ...] | None, list[Mention]]:
    """The forms, none where they cannot be read, and what they name. `asked` are those of procedures, if `whole`."""
    forms = _optional(table, "forms")
    found, mentions = read_forms(forms)
    for name in forms:
        for other, what in zip(others, ("document", "certificate"), strict=True):
            if name in other:
                forms.say("twice", name, f"is the name of a {what} too; give one of them another.")
        if whole and name not in asked:
            forms.say("idle-form", name, "is asked for by no procedure; name it under one, or delete it.")
    return None if "forms" in table and not forms.readable else found, mentions


def _optional(table: Table, name: str) -> Table:
    """What stands under a name that may be left out; where it is given, it says something."""
    found = table.table(name, optional=name not in table)
    if found.readable and not list(found):
        table.say("empty", name, "is empty.")
    return found


def _documents(table: Table) -> tuple[Document, ...]:
    found = []
    for name, rules in named(table, "life-support"):
        rules.only("title", "counts", "reason")
        title = rules.text("title", longest=TITLE)
        found.append(Document(name, title, rules.count("counts", "month", 1, 600), rules.text("reason")))
    return tuple(found)


def _prior(table: Table, asked: Container[str], whole: bool) -> tuple[Prior, ...]:
    """For which competencies what was learnt elsewhere counts; each is one of those of procedures, if `whole`."""
    found = []
    for code in table:
        rules = table.table(code)
        rules.only("counts", "reason")
        found.append(Prior(code, rules.count("counts", "month", 1, 600), rules.text("reason")))
        if whole and code not in asked:
            table.say("idle-prior", code, "is asked for by no procedure; name it under one, or delete it.")
    return tuple(found)


def _meanings(table: Table) -> Iterator[tuple[str, Meaning | None]]:
    yield from _means(table, ANSWERS, HELD)


def _means(
    table: Table, answers: Mapping[str, Sequence[str]], held: Container[str]
) -> Iterator[tuple[str, Meaning | None]]:
    """What each status of a table means, and which answers it may be given; what is held is given none."""
    for status in table:
        rules = table.table(status)
        if status not in answers:
            why = "is always cleared" if status in held else "is no status"
            table.say("choice", status, f"{why}; choose among {', '.join(answers)}.")
            continue
        rules.only("answer", "condition", "reason")
        yield status, _meaning(rules, answers[status])


def _meaning(rules: Table, among: Sequence[str]) -> Meaning:
    answer = rules.choice("answer", among, ", ".join(among))
    condition = rules.text("condition", optional=answer != CONDITIONAL)
    if answer and answer != CONDITIONAL and "condition" in rules:
        rules.say("idle-key", "condition", f"stands beside {CONDITIONAL} alone, not beside {answer}; delete it.")
    return Meaning(answer, condition, rules.text("reason"))


def _procedures(table: Table, known: Known, report: Report) -> tuple[tuple[Procedure, ...], list[Mention], bool]:
    """The procedures, the competencies and forms they name, and whether it is known which documents and forms.

    `known` are the documents and certificates there are, where those could be read.
    """
    found, mentions, whole = [], list[Mention](), table.readable
    for name, rules in named(table, "face-papules"):
        rules.only(
            "title", "competencies", "documents", "certificate", "products", "practice", "unpractised", "observations",
            "unobserved", "reason",
        )  # fmt: skip
        competencies = _once(rules, "competencies", rules.texts("competencies"))
        about = f"procedures: {shown_line(name)}: "
        mentions += [Mention("competency", code, rules.line("competencies"), about) for code in competencies]
        before = len(report.faults)
        documents = _once(rules, "documents", rules.texts("documents", optional=True))
        for one in documents:
            if (there := known["documents"]) is not None and one not in there:
                rules.say("unknown-document", "documents", f"names “{shown_line(one)}”, which is not under documents.")
        watched, otherwise, since = _observed(rules, about, mentions)
        whole &= rules.readable and len(report.faults) == before
        products = _once(rules, "products", rules.texts("products", optional=True))
        title, reason = rules.text("title", longest=TITLE), rules.text("reason")
        certificate = rules.text("certificate", optional="certificate" not in rules)
        if certificate and (there := known["certificates"]) is not None and certificate not in there:
            rules.say("unknown-certificate", "certificate", f"names “{shown_line(certificate)}”, which is not there.")
        practice = _practice(rules, report)
        made = Procedure(
            name, title, competencies, documents, reason, *practice, certificate=certificate, products=products
        )
        found.append(replace(made, observations=watched, unobserved=otherwise, observed_from=since))
    if table.readable and not found:
        report.say("empty", table.start, "procedures is empty.")
    return tuple(found), mentions, whole


def _practice(rules: Table, report: Report) -> tuple[tuple[Cases, ...], Meaning, date | None]:
    """What the logbook has to show, what it means where it does not, and from which day on."""
    practice, means = _optional(rules, "practice"), _otherwise(rules, "unpractised", "practice")
    practice.only("from", "observed", "supervised", "independent")
    begins = practice.day("from") if "from" in practice else None
    found = tuple(_cases(role, practice.table(role), report) for role in ROLES if role in practice)
    if begins and not found:
        practice.say("empty", "from", "stands alone; say how many cases are asked for from then on.")
    return found, means, begins


def _otherwise(rules: Table, name: str, beside: str) -> Meaning:
    """What it means where not all is there of what is asked for `beside`."""
    if beside in rules:
        table = rules.table(name)
        table.only("answer", "condition", "reason")
        return _meaning(table, (NOT_CLEARED, CONDITIONAL))
    if name in rules:
        rules.say("idle-key", name, f"stands beside {beside} alone; delete it.")
    return Meaning(NOT_CLEARED)


def _observed(
    rules: Table, about: str, mentions: list[Mention]
) -> tuple[tuple[Observations, ...], Meaning, date | None]:
    """What has to be passed by a form, what it means where it is not, and from which day on; mentions the forms."""
    asked, means = _optional(rules, "observations"), _otherwise(rules, "unobserved", "observations")
    begins = asked.day(FROM) if FROM in asked else None
    found = []
    for name in asked:
        if name == FROM:
            continue
        table = asked.table(name)
        table.only("times", "within")
        within = table.count("within", "month", 1, 600) if "within" in table else None
        found.append(Observations(name, table.count("times", "", 1, 20), within))
        mentions.append(Mention("form", name, asked.line(name), f"{about}observations: "))
    if begins and not found:
        asked.say("empty", FROM, "stands alone; say which forms are asked for from then on.")
    return tuple(found), means, begins


def _cases(role: str, table: Table, report: Report) -> Cases:
    table.only("cases", "supervisors", "within", "level", "last")
    before = len(report.faults)
    count = table.count("cases", "", 1, 1000)
    given = {name: name in table for name in ("supervisors", "within", "level", "last")}
    supervisors = table.count("supervisors", "", 1, 20) if given["supervisors"] else 1
    within = table.count("within", "month", 1, 600) if given["within"] else None
    if supervisors > count and len(report.faults) == before:
        table.say("number", "supervisors", f"are more than the {count} cases; each signs one at least.")
    for one, other in (("level", "last"), ("last", "level")):
        if given[one] and not given[other]:
            table.say("missing", one, f"stands beside {other}: of the last so many cases each reached the level.")
    level = table.count("level", "", 1, max(LEVELS)) if given["level"] else 0
    last = table.count("last", "", 1, 100) if given["last"] else 0
    if last > count and len(report.faults) == before:
        table.say("number", "last", f"is more than the {count} cases that are asked for.")
    return Cases(role, count, supervisors, within, level, last)


def _once(table: Table, name: str, given: Sequence[str]) -> tuple[str, ...]:
    for one in dict.fromkeys(given):
        if given.count(one) > 1:
            table.say("twice", name, f"names {shown_line(one)} twice.")
    return tuple(dict.fromkeys(given))


def _certificates(table: Table, known: Known, report: Report) -> list[tuple[Certificate, list[Mention]]]:
    """The certificates, each with what of the course it names. One is asked for only by those below it."""
    found: list[tuple[Certificate, list[Mention]]] = []
    for name, rules in named(table, "mesotherapy"):
        rules.only("title", "valid", "renewal opens", "grace", "paths", "renewal", "states", "reason")
        for part in ("documents", "procedures"):
            if name in (known[part] or ()):
                table.say("twice", name, f"is the name of a {part[:-1]} too; give one of them another.")
        there = {**known, "certificates": {one.name for one, _ in found}}
        mentions, about = list[Mention](), f"certificates: {shown_line(name)}: "
        title, before = rules.text("title", longest=TITLE), len(report.faults)
        months = rules.count("valid", "month", 1, 600)
        opens, grace = (rules.count(part, "month", 0, 600) for part in ("renewal opens", "grace"))
        if len(report.faults) == before and opens + grace >= months:
            rules.say("few-months", "valid", "is more than the months in which it is renewed and those of grace.")
        paths = []
        for called, path in named(rules.table("paths"), "by-exam"):
            path.only("title", "competencies", "documents", "exams", "practice", "certificates", "reason")
            paths.append(_path(called, path, there, mentions, f"{about}paths: {shown_line(called)}: ", report))
        renewal = rules.table("renewal")
        renewal.only("competencies", "documents", "exams", "practice", "certificates", "reason")
        again = _path("", renewal, there, mentions, f"{about}renewal: ", report)
        states = dict(_means(stated := rules.table("states"), CERTIFIED, GOOD))
        for state in CERTIFIED if stated.readable else ():
            if state not in stated:
                stated.say("missing", state, "is missing.")
        meanings = {state: one for state, one in states.items() if one}
        made = Certificate(name, title, months, opens, grace, tuple(paths), again, meanings, rules.text("reason"))
        found.append((made, mentions))
    return found


def _path(name: str, rules: Table, known: Known, mentions: list[Mention], about: str, report: Report) -> Path:
    """What a path asks for; what of the course it names is added to the mentions."""
    parts = {
        part: _once(rules, part, rules.texts(part, optional=part not in rules))
        for part in ("competencies", "documents", "certificates")
    }
    mentions += [Mention("competency", one, rules.line("competencies"), about) for one in parts["competencies"]]
    for one in parts["documents"]:
        if (there := known["documents"]) is not None and one not in there:
            rules.say("unknown-document", "documents", f"names “{shown_line(one)}”, which is not under documents.")
    for one in parts["certificates"]:
        if (there := known["certificates"]) is not None and one not in there:
            rules.say("unknown-certificate", "certificates", f"names “{shown_line(one)}”, which does not stand above.")
    exams = tuple(_exam(one, asked, mentions, about) for one, asked in named(_optional(rules, "exams"), "final-exam"))
    practice = tuple(_logged(_optional(rules, "practice"), known, report))
    if rules.readable and not {"exams", "practice"} & {*rules}:
        rules.say("nothing-done", "exams", "is missing, and so is practice: from the day of one of them it counts.")
    title = rules.text("title", longest=TITLE) if name else ""
    asked = (parts["competencies"], parts["documents"], exams, practice, parts["certificates"])
    return Path(name, title, *asked, rules.text("reason"))


def _exam(name: str, rules: Table, mentions: list[Mention], about: str) -> Exam:
    rules.only("within", "safety")
    mentions.append(Mention("assessment", name, rules.start, f"{about}exams: "))
    points = _once(rules, "safety", rules.texts("safety", optional="safety" not in rules))
    named = f"{about}exams: {shown_line(name)}: "
    mentions += [Mention("point", f"{name}: {one}", rules.line("safety"), named) for one in points]
    return Exam(name, rules.count("within", "month", 1, 600), points)


def _logged(table: Table, known: Known, report: Report) -> Iterator[Practice]:
    for procedure, rules in named(table, "face-papules"):
        if (there := known["procedures"]) is not None and procedure not in there:
            table.say("unknown-procedure", procedure, "is not under procedures.")
        rules.only("observed", "supervised", "independent")
        for role in ROLES:
            if role in rules:
                yield Practice(procedure, _cases(role, rules.table(role), report))
