"""Receipts of answers, looked at."""

import json
from pathlib import Path

import click

from mesotrain.cli.serve import within
from mesotrain.core.errors import Refused
from mesotrain.core.receipts import Receipt
from mesotrain.store.db import db
from mesotrain.web import create_app
from mesotrain.web.keys import is_signed
from mesotrain.web.receipts import kept_as


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def proof(file: Path) -> None:
    """Says of each receipt in FILE whether this service signed it, and whether what it says is kept; 1 where not."""
    try:
        receipts = [(Receipt(**{k: v for k, v in one.items() if k != "signature"}), str(one["signature"]))
                    for one in json.loads(file.read_bytes())["receipts"]]  # fmt: skip
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Refused("%(file)s is no file of receipts.", file=file.name) from None
    wrong = within(create_app(), lambda: [fault for one in receipts if (fault := _fault(*one))])
    for fault in wrong:
        click.echo(fault)
    click.echo(f"{len(receipts) - len(wrong)} of {len(receipts)} receipts are signed here, and what they say is kept.")
    raise SystemExit(1 if wrong else 0)


def _fault(one: Receipt, signature: str) -> str:
    where = f"attempt {one.attempt}, sequence {one.sequence}"
    try:
        if not is_signed(one.signed_bytes(), signature):
            return f"{where}: this service did not sign it."
    except (TypeError, ValueError):
        return f"{where}: this service did not sign it."
    return (
        "" if kept_as(db.session(), one.attempt, one.sequence) == one else f"{where}: what it says is not what is kept."
    )
