"""The author's guide says what the program does: each rule holds, and shows on a spoilt guide that it can fail."""

import ast
import re
from collections.abc import Iterator, Mapping

import click
import pytest

from mesotrain.cli import commands
from mesotrain.config import ROOT
from mesotrain.core.assessments import ASKED, CLOSING, FEEDBACK, NAVIGATION, PAGES, PRACTICE
from mesotrain.core.changes import TOUCHES, proposed, touched
from mesotrain.core.courses import CHANGE_CLASSES, EVIDENCE_KINDS, LEVELS
from mesotrain.core.errors import BadContent, Fault
from mesotrain.core.linting import ERROR, RULES, SOURCES, UNUSED, Bank, Item, lint
from mesotrain.core.quantities import UNITS
from mesotrain.core.questions import TYPES
from mesotrain.formats.bank import KEYS
from mesotrain.formats.courses import STATUSES, parsed, read_course
from mesotrain.formats.fields import LINE, TITLE
from mesotrain.formats.lines import ADMONITIONS, FIGURE, NAME
from mesotrain.formats.media import KINDS, MOST_BYTES
from mesotrain.formats.schemes import ANSWERS, SCHEME

GUIDE = (ROOT / "courses" / "README.md").read_text("utf-8")
COURSE = "my-course/"
LESSON, BANK, EXAM = "one-needle/lesson.md", "one-needle/bank.md", "the-exam/exam.md"
FIELDS = ("field of ", "key of ")
VALUES = {
    **{"status": STATUSES, "feedback": FEEDBACK, "level": LEVELS, "box": ADMONITIONS, "its file": KINDS},
    **{"pages, navigation": (*PAGES, *NAVIGATION), "closing": CLOSING, "kind": (PRACTICE,), "certainty": (ASKED,)},
    "answer": {one for answers in ANSWERS.values() for one in answers},
}
"""The rows that list every value there is."""

_FENCE = re.compile(r"^(?:`(?P<file>[\w./-]+)`\n)?```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 600"/>'


def tables(guide: str) -> dict[str, list[list[str]]]:
    """The rows of each table under the words of its first heading."""
    found: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for line in _FENCE.sub("", guide).split("\n"):
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            rows = []
        elif not rows:
            rows = found.setdefault(cells[0].replace("`", ""), [cells])
        elif set(cells) != {"---"}:
            rows.append(cells)
    return {heading: table[1:] for heading, table in found.items()}


def spans(text: str) -> list[str]:
    return _SPAN.findall(text)


def firsts(guide: str, heading: str) -> list[str]:
    """What the first column of a table names."""
    return [name for row in tables(guide).get(heading, []) for name in spans(row[0])]


def formats() -> Iterator[ast.Module]:
    """The files that read a course: they report with a `Report`, or by a `Table`."""
    for path in sorted((ROOT / "mesotrain" / "formats").rglob("*.py")):
        if re.search(r"\bReport\b|formats\.fields import .*\bTable\b", text := path.read_text("utf-8")):
            yield ast.parse(text)


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == name:
            yield node


def assigned(tree: ast.Module, name: str) -> ast.expr:
    """The value that a file gives this name."""
    return next(
        node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
    )


def known_fields() -> list[set[str]]:
    """Every list of names that a file of a course may hold, as the code has them."""
    found = [set(KEYS)]
    for tree in formats():
        for call in calls(tree, "only"):
            given = [
                assigned(tree, ast.unparse(one.value)) if isinstance(one, ast.Starred) else one for one in call.args
            ]
            values = [ast.literal_eval(one) for one in given]
            found.append({name for value in values for name in ([value] if isinstance(value, str) else value)})
    return found


def known_codes() -> set[str]:
    """Every code that a fault may have."""
    trees = list(formats())
    found = {UNUSED}
    mentioned = {ast.literal_eval(call.args[0]) for tree in trees for call in calls(tree, "Mention")}
    for tree in trees:
        sayers = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "say"]
        handed_on = [call for sayer in sayers for call in calls(sayer, "say")]
        for call in calls(tree, "say"):
            code = call.args[0]
            if isinstance(code, ast.JoinedStr):
                assert ast.unparse(code) == "f'no-{mention.kind}'"
                found |= {f"no-{kind}" for kind in mentioned}
            elif isinstance(code, ast.Name):
                rows = [] if call in handed_on else assigned(tree, "_FAULTY").elts
                found |= {ast.literal_eval(row.elts[1]) for row in rows}
            else:
                found |= {one.value for one in ast.walk(code) if isinstance(one, ast.Constant) and one.value}
    return found


def start(guide: str) -> dict[str, str | bytes]:
    """The files of the five-minute course."""
    return {one["file"].removeprefix(COURSE): one["text"] for one in _FENCE.finditer(guide) if one["file"]}


def faults(files: Mapping[str, str | bytes]) -> list[Fault]:
    try:
        read_course(files)
    except BadContent as bad:
        return bad.faults
    return []


def with_example(files: Mapping[str, str | bytes], text: str) -> dict[str, str | bytes]:
    """A course with a scheme, or one more question, section or exam, and with the figures that it shows."""
    if text.startswith("---"):
        levels = str(files[BANK]).replace("## asp-0001\n", "## asp-0001\nlevel: recall\n")
        levels = levels.replace("## asp-0002\n", "## asp-0002\nlevel: apply\n")
        named = str(files["course.yaml"]).replace("[one-needle]", "[one-needle, the-exam]")
        return {**files, BANK: levels, "course.yaml": named, EXAM: text}
    if re.match(r"# |\w+:", text):
        return {**files, SCHEME: text}
    path = BANK if re.match(rf"## {NAME}\n", text) else LESSON
    shown = {f"one-needle/{one['path']}": SVG for one in FIGURE.finditer(text)}
    return {**files, **shown, path: f"{files.get(path, '')}\n\n{text}"}


def fields_are_those_of_the_code(guide: str) -> list[str]:
    known = known_fields()
    listed = {heading: set(firsts(guide, heading)) for heading in tables(guide) if heading.startswith(FIELDS)}
    unsaid = [f"in no table: {sorted(one)}" for one in known if not any(one <= names for names in listed.values())]
    made_up = [
        f"{heading}: {sorted(names - there)}"
        for heading, names in listed.items()
        if names - (there := {name for one in known if one <= names for name in one})
    ]
    return unsaid + made_up


def values_are_those_of_the_code(guide: str) -> list[str]:
    rows = {row[0].replace("`", ""): row for table in tables(guide).values() for row in table}
    found = [name for name, values in VALUES.items() if set(spans(rows.get(name, [""])[-1])) != set(values)]
    found += [] if set(firsts(guide, "kind of evidence")) == set(EVIDENCE_KINDS) else ["kind of evidence"]
    found += [] if firsts(guide, "class") == list(CHANGE_CLASSES) else ["class"]
    limits = f"at most {MOST_BYTES:,} bytes", f"at most {TITLE} characters; another value: {LINE} |"
    return found + [one for one in limits if one not in guide]


def codes_are_those_of_the_code(guide: str) -> list[str]:
    listed = firsts(guide, "code")
    return sorted(known_codes() ^ set(listed)) + sorted({one for one in listed if listed.count(one) > 1})


def rules_of_writing_are_those_of_the_code(guide: str) -> list[str]:
    rows = [(name, row[1], row[3]) for row in tables(guide)["rule"] for name in spans(row[0])]
    known = [(one.id, one.severity, one.source) for one in RULES.values()]
    flat = " ".join(guide.split())
    sources = [f"**{name}**: {text.rstrip('.')}" for name, text in SOURCES.items()]
    return [one[0] for one in sorted({*known} ^ {*rows})] + [one for one in sources if one not in flat]


def the_first_course_has_no_fault(guide: str) -> list[str]:
    files = start(guide)
    return [*map(str, faults(files)), *badly_written(files), *([] if len(files) == 4 else [f"{len(files)} files"])]


def badly_written(files: Mapping[str, str | bytes]) -> list[str]:
    """What of a course without faults breaks a rule of good writing that is an error."""
    modules = parsed(files)[0].modules
    banks = [Bank(one.name, one.competency, one.quiz.questions, tuple(map(Item, one.questions))) for one in modules]
    return [str(one) for one in lint(banks)[0] if one.severity == ERROR]


def every_example_has_no_fault(guide: str) -> list[str]:
    others = [one for one in _FENCE.finditer(guide) if not one["file"] and one["kind"] != "sh"]
    odd = [one[0] for one in others if one["kind"] not in ("markdown", "yaml")]
    return odd + [str(fault) for one in others for fault in faults(with_example(start(guide), one["text"]))]


def every_kind_of_answer_is_shown(guide: str) -> list[str]:
    kinds = set()
    for answers, said, *_ in tables(guide)["answers"]:
        lines = [f"{one} {place}" if one.startswith("-") else one for place, one in enumerate(spans(answers))]
        keys = ["practice: yes"] if "for practice" in said else []
        text = "\n".join(["## asp-0099", *keys, "", "What?", "", *lines])
        kinds |= {one.taker["type"] for one in read_course(with_example(start(guide), text)).modules[0].questions[-1:]}
    return sorted(kinds ^ set(TYPES))


def what_is_pasted_is_reported(guide: str) -> list[str]:
    found = []
    for pasted, written, code in [[spans(cell)[0] for cell in row] for row in tables(guide)["pasted"]]:
        for line, expected in ((pasted, {code}), (written, set())):
            rest = "\n- ( ) Two" if "(x)" in line else "\n    Text." if line.startswith("!!!") else ""
            heading = "## Pasted {#pasted}" if line.startswith("!") else "## asp-0099\n\nWhat?"
            said = {one.code for one in faults(with_example(start(guide), f"{heading}\n\n{line}{rest}\n"))}
            found += [] if said == expected else [f"{line}: {sorted(said)}"]
    return found


def changes_have_their_class(guide: str) -> list[str]:
    found = []
    for row in tables(guide)["class"]:
        kind, before, after = (spans(row[place])[0] for place in (0, 2, 3))
        if kind == "safety":
            before, after = (f'!!! safety "Box"\n    {text}\n' for text in (before, after))
        found += [] if proposed(before, after, touched(before, after)) == kind else [kind]
    said = re.search(r"^A change touches.*?\n\n", guide, re.MULTILINE | re.DOTALL)
    return found + [kind for kind in TOUCHES if kind not in re.findall(r"\w+", said[0] if said else "")]


def commands_are_those_of_the_program(guide: str) -> list[str]:
    found, options = [], set[str]()
    for line in guide.split("\n"):
        for name, rest in re.findall(r"\bmesotrain ([a-z-]+)([^`#\n]*)", line):
            known = commands.get_command(click.Context(commands), name)
            command = known or click.Command(name)
            there = {option for one in command.params for option in one.opts}
            found += [] if known else [f"mesotrain {name}"]
            found += [f"mesotrain {name} {one}" for one in re.findall(r"--[a-z-]+", rest) if one not in there]
            options |= there
    return found + [one for one in re.findall(r"(?<=`)--[a-z][a-z-]+", guide) if one not in options]


FAULTS = {
    fields_are_those_of_the_code: [
        ("| `title`, `summary` |", "| `title` |"),
        ("| `outcomes` |", "| `outcomes`, `aims` |"),
        ("| `points` |", "| points |"),
        ("| `condition` |", "| condition |"),
        ("| `valid`, `renewal`, `grace` |", "| `valid`, `renewal` |"),
    ],
    values_are_those_of_the_code: [
        ("`after submit`, `after pass`", "`after pass`"),
        ("`ends attempts`, handing", "`ends all`, handing"),
        ("`svg`, `png`", "`svg`, `gif`, `png`"),
        ("| `CONS`, `REF`,", "| `REF`,"),
        ("also `conditional` in", "also `perhaps` in"),
        ("| `clarifying` |", "| `clearer` |"),
        ("at most 300,000", "at most 400,000"),
        ("at most 120", "at most 121"),
    ],
    codes_are_those_of_the_code: [
        ("| `idle-key` |", "| `idle` |"),
        ("| `no-section`, `no-link` |", "| `no-section` |"),
        ("| `indented` |", "| `indented`, `heading` |"),
        ("`unknown-document`, `idle-document`", "`unknown-document`"),
    ],
    rules_of_writing_are_those_of_the_code: [
        ("| `two-keys` | warning |", "| `two-keys` | error |"),
        ("| `uncited`, `no-level`,", "| `uncited`,"),
        ("one does not keep its place | Haladyna 2002 |", "one does not keep its place | NBME |"),
        ("15(3), 309-333", "15(3), 309-339"),
    ],
    the_first_course_has_no_fault: [
        ("- (x) One\n", "- (x) All of the above\n"),
        ("  pass: 80%", "  pass: most"),
        ("`my-course/references.yaml`\n", "References\n"),
    ],
    every_example_has_no_fault: [
        ("[section](#never-shared)", "[section](other.md)"),
        ("- (50%) Nearly sure", "- (half) Nearly sure"),
        ("```markdown\n## Everything", "```text\n## Everything"),
        ("    documents: [registration]\n", ""),
        ("ASP: {recall: 1, apply: 1}\n  pass", "ASP: {recall: 1, apply: 2}\n  pass"),
    ],
    every_kind_of_answer_is_shown: [("| `= 0.5 mL`, ", "| `- (x)`, `- ( )` | ")],
    what_is_pasted_is_reported: [
        ("| `• (x) One` |", "| `- (x) One` |"),
        ('`!!! note "Remember"`', "`!!! note Remember`"),
    ],
    changes_have_their_class: [("`Wait for 10 minutes.`", "`Wait for five minutes.`"), ("a number, unit,", "a unit,")],
    commands_are_those_of_the_program: [
        ("`mesotrain publish NAME`", "`mesotrain release NAME`"),
        ("`--overwrite`", "`--force`"),
        ("`mesotrain sync PLACE`", "`mesotrain sync PLACE --port 1`"),
    ],
}


@pytest.mark.parametrize("rule", FAULTS, ids=lambda rule: rule.__name__)
def test_the_rule_holds_and_can_fail(rule) -> None:
    for old, new in FAULTS[rule]:
        assert old in GUIDE, f"{old!r} stands in the guide"
        assert rule(GUIDE.replace(old, new)), f"a rule that cannot fail is a defect: {new!r}"
    assert not rule(GUIDE), "\n".join(rule(GUIDE))


def test_no_line_is_too_long_to_read() -> None:
    assert [line for line in GUIDE.split("\n") if len(line) > 120] == []


def test_every_unit_is_named() -> None:
    named = {UNITS[name] for name in spans(GUIDE) if name in UNITS}
    assert named == set(UNITS.values())
