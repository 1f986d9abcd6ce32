"""The map is in the code: these tests keep it, and each shows on a made-up fault that it can fail."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mesotrain.config import ROOT, SETTINGS
from mesotrain.core.access import PERMISSIONS, ROLES
from mesotrain.core.events import KINDS
from mesotrain.core.questions import TYPES

PACKAGE = ROOT / "mesotrain"
LAYERS = ("core", "formats", "store", "actions", "web", "cli")
ASKING = {"web", "cli"}
"""Both stand at the right; `cli` starts what `web` makes, and `web` knows nothing of it."""

STANDARD = set(sys.stdlib_module_names) - {"random", "time", "pathlib", "socket", "urllib", "http", "os", "subprocess"}
ALLOWED = {
    "core": STANDARD,
    "formats": STANDARD | {"docx", "icalendar", "lxml", "markdown", "nh3", "xlsxwriter", "yaml"},
    "store": STANDARD | {"sqlalchemy", "flask_sqlalchemy", "alembic", "pysqlite3", "pathlib", "time", "flask"},
    "actions": STANDARD | {"sqlalchemy"},
}
"""What a layer may import beside the layers to its left; `flask` in the store is for migrations/env.py alone."""

LONGEST_FILE, LONGEST_FUNCTION = 400, 45


def sources(root: Path = PACKAGE) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(root.rglob("*.py")):
        if "versions" not in path.parts:
            yield path.relative_to(root.parent).as_posix(), ast.parse(path.read_text())


def imports(tree: ast.AST) -> Iterator[tuple[str, str | None, ast.stmt]]:
    """(module, name taken from it, statement) of every import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, None, node
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                yield node.module or "", alias.name, node


def layer_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "mesotrain" and len(parts) > 1 and parts[1] in LAYERS else None


def strays(path: str, tree: ast.Module) -> list[str]:
    """Imports this file may not have."""
    here = layer_of(path.removesuffix(".py").replace("/", "."))
    if here is None:
        return []
    found = []
    for module, name, node in imports(tree):
        there = layer_of(f"{module}.{name}" if module == "mesotrain" else module)
        said = f"{path}:{node.lineno}: {module}"
        if there is not None:
            if LAYERS.index(there) > LAYERS.index(here):
                found.append(said)
        elif module.split(".")[0] != "mesotrain" and here in ALLOWED and module.split(".")[0] not in ALLOWED[here]:
            found.append(said)
    return found


def hidden(path: str, tree: ast.Module) -> list[str]:
    """Imports inside a function."""
    return [
        f"{path}:{inner.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]


def calls(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """(dotted name as written, line) of every call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


AMBIENT = re.compile(r"(datetime|date)\.(now|utcnow|today)|time\.time|(random|secrets|uuid)\.\w+|os\.urandom")
MAY_BE_AMBIENT = {
    "mesotrain/web/__init__.py": {"datetime.now"},
    "mesotrain/web/signed_in.py": {"secrets.token_urlsafe"},
    "mesotrain/web/keys.py": {"secrets.token_urlsafe"},
    "mesotrain/web/people.py": {"secrets.token_bytes"},
    "mesotrain/web/proofs.py": {"secrets.token_bytes"},
    "mesotrain/web/attempts.py": {"secrets.token_hex"},
    "mesotrain/config.py": {"secrets.token_urlsafe"},
    "mesotrain/cli/demo.py": {"secrets.token_bytes"},
    "mesotrain/cli/worker.py": {"secrets.token_hex"},
}
"""The edge, where the clock is read once and secrets are made; nothing inside may be one of these."""


def ambient(path: str, tree: ast.Module) -> list[str]:
    return [
        f"{path}:{line}: {name}"
        for name, line in calls(tree)
        if AMBIENT.fullmatch(name) and name not in MAY_BE_AMBIENT.get(path, set())
    ]


def commits(path: str, tree: ast.Module) -> list[str]:
    return [f"{path}:{line}" for name, line in calls(tree) if name.split(".")[-1] == "commit"]


def sizes(path: str, tree: ast.Module) -> list[str]:
    """Files and functions that have outgrown their room; a split by subject is due."""
    found = [
        f"{path}:{node.lineno}: {node.name} is {node.end_lineno - node.lineno} lines"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > LONGEST_FUNCTION
    ]
    last = max((node.end_lineno or 0 for node in ast.walk(tree) if isinstance(node, ast.stmt)), default=0)
    return [*found, *([f"{path} is {last} lines"] if last > LONGEST_FILE else [])]


def undocumented(path: str, tree: ast.Module) -> list[str]:
    return [] if ast.get_docstring(tree) or not tree.body else [path]


FAULTS = {
    strays: ("mesotrain/core/x.py", "import flask\nfrom mesotrain.store import db"),
    hidden: ("mesotrain/core/x.py", "def f():\n    import json"),
    ambient: ("mesotrain/actions/x.py", "datetime.now()\nrandom.choice(a)"),
    commits: ("mesotrain/actions/x.py", "session.commit()"),
    sizes: ("mesotrain/core/x.py", "def f():\n" + "    pass\n" * 500),
    undocumented: ("mesotrain/core/x.py", "x = 1"),
}


@pytest.mark.parametrize("rule", FAULTS, ids=lambda rule: rule.__name__)
def test_the_rule_holds_and_can_fail(rule) -> None:
    path, text = FAULTS[rule]
    assert rule(path, ast.parse(text)), "a rule that cannot fail is a defect"
    found = [fault for path, tree in sources() for fault in rule(path, tree)]
    if rule is commits:
        assert [one.split(":")[0] for one in found] == ["mesotrain/store/db.py"]
    else:
        assert not found, "\n".join(found)


def test_no_import_goes_round() -> None:
    modules = {path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): tree for path, tree in sources()}
    needs = {
        name: {
            other
            for module, taken, _ in imports(tree)
            for other in (module, f"{module}.{taken}")
            if other in modules and other != name and not name.startswith(f"{other}.")
        }
        for name, tree in modules.items()
    }
    while done := [name for name, others in needs.items() if not others & needs.keys()]:
        for name in done:
            del needs[name]
    assert not needs, f"these import each other: {sorted(needs)}"


def test_every_table_row_says_what_it_is() -> None:
    assert all(one.help.strip() for one in SETTINGS)
    assert all(one.allows.strip() for one in PERMISSIONS.values())
    assert all(one.says.strip() for one in KINDS.values())
    assert all(words.strip() for words in ROLES.values())
    for kind in TYPES.values():
        assert kind.__doc__
        assert (ROOT / "templates" / "questions" / f"{kind.name}.html").is_file()


def test_the_readme_names_every_setting_and_every_room() -> None:
    readme = (ROOT / "README.md").read_text()
    for one in SETTINGS:
        assert f"`{one.name}`" in readme, one.name
    for layer in LAYERS:
        for path in sorted((PACKAGE / layer).glob("*.py")):
            assert path.stem in {"__init__", "__main__"} or path.stem in readme, f"{layer}/{path.stem}"


def test_the_main_job_is_as_long_to_read_as_the_readme_says() -> None:
    readme = (ROOT / "README.md").read_text()
    said = re.search(r"About ([0-9]+) lines, from the browser", readme)
    listed = re.findall(r"^[0-9]+\. `([\w/]+\.py)`: ((?:`\w+`(?:, )?)+)", readme, re.MULTILINE)
    assert said
    assert len(listed) > 8
    lines = 0
    for path, names in listed:
        found = {node.name: node for node in ast.parse((PACKAGE / path).read_text()).body if hasattr(node, "name")}
        for name in re.findall(r"\w+", names):
            lines += (found[name].end_lineno or 0) - found[name].lineno + 1
    assert abs(lines - int(said[1])) < 15, lines


def test_no_template_carries_script_or_style() -> None:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text()
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text), path
