"""Prints how many changes of the rules a test saw, and why it saw no other; fails where no reason is known."""

import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import click
import yaml

REASONS = Path(__file__).with_suffix(".yaml")
TYPES = "caught by type check"
SEEN = ("killed", "timeout", TYPES)
LEAST = 0.95


def mutmut(*words: str) -> str:
    command = [sys.executable, "-m", "mutmut", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def reason(name: str, diff: str) -> str:
    """Why nobody sees this change, or nothing."""
    lines = [line for line in diff.splitlines() if re.match(r"[-+](?![-+])", line)]
    for one in yaml.safe_load(REASONS.read_text("utf-8")):
        found = any(re.search(one["change"], line) for line in lines)
        if found and re.search(one.get("where", ""), name):
            return str(one["why"])
    return ""


def main() -> None:
    found = re.findall(r"(\S+): ([a-z ]+)$", mutmut("results", "--all", "true"), re.MULTILINE)
    states, survivors = Counter(state for _, state in found), [name for name, state in found if state == "survived"]
    known: dict[str, list[str]] = defaultdict(list)
    for name in survivors:
        diff = mutmut("show", name)
        known[reason(name, diff)].append(f"{name}\n{diff}")
    seen, whole, types = sum(states[how] for how in SEEN), len(found), states[TYPES]
    click.echo(f"{seen} of {whole} changes seen ({seen / whole:.1%}), {types} of them by their types; not seen:")
    for why, names in sorted(known.items(), key=lambda one: -len(one[1])):
        click.echo(f"{len(names):4} {why or 'nobody knows why:'}")
    click.echo("\n".join(known[""]))
    sys.exit(bool(known[""]) or seen < LEAST * whole)


if __name__ == "__main__":
    main()
