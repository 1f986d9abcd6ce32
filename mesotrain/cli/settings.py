"""The settings, as they are."""

import click

from mesotrain import config


@click.command()
def settings() -> None:
    """Prints every setting, what it is for and its value now."""
    values = config.load()
    for one in config.SETTINGS:
        shown = "(secret)" if one.secret and values[one.name] else values[one.name]
        click.echo(f"MESOTRAIN_{one.name}={shown}\n    {one.help}")
