"""The `mesotrain` command."""

import sys
from importlib import import_module

import click

from mesotrain.core.errors import Expected

COMMANDS = {
    "backup": "backups",
    "check": "check",
    "clearance": "clearance",
    "convert": "convert",
    "demo": "demo",
    "doctor": "doctor",
    "fmt": "fmt",
    "init": "init",
    "lint": "check",
    "mail": "mail",
    "mark": "mark",
    "person": "person",
    "preview": "preview",
    "proof": "proof",
    "publish": "courses",
    "rebuild": "rebuild",
    "restore": "backups",
    "serve": "serve",
    "settings": "settings",
    "sync": "courses",
    "verify": "backups",
    "worker": "worker",
}
"""Each command and the module it is in, loaded when it is asked for: most start without most of the service."""


class Commands(click.Group):
    """The commands of the table."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"mesotrain.cli.{COMMANDS[name]}"), name)
        return command


@click.group(cls=Commands)
def commands() -> None:
    """Mesotrain: teach, examine and certify the clinicians who practise mesotherapy."""


def main() -> None:
    """Runs the command; an expected "no" is a sentence and exit status 1."""
    try:
        commands.main(standalone_mode=True)
    except Expected as error:
        click.echo(str(error), err=True)
        sys.exit(1)
