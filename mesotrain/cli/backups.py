"""Backups by terminal: one is written while the service goes on, looked at, and put into an empty machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

import click
from flask import Flask

from mesotrain.config import KEY_FILE
from mesotrain.core.errors import Refused
from mesotrain.formats import backups as form
from mesotrain.store import backups as store
from mesotrain.store import schema
from mesotrain.store.db import check, db, open_engine
from mesotrain.web import create_app

KEYS_ELSEWHERE = "It holds people's records, and not the signing keys, which were set elsewhere"
FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.command()
@FILE
def backup(file: Path) -> None:
    """Writes all that this installation keeps into FILE, as it is now, while it serves."""
    if file.exists():
        raise Refused("%(file)s is there already; give the backup a name of its own.", file=file)
    app = create_app()
    with app.app_context(), store.snapshot(db.engine) as connection, _new(file) as out:
        if (revision := schema.revision(connection)) is None:
            raise Refused("There is nothing to back up: the database has no tables.")
        about = {"schema": revision, "taken_at": app.extensions["clock"]().isoformat(), **_keys(app)}
        form.write(out, about, store.contents(connection))
        out.seek(0)
        whole = form.verify(out, str(file))
    click.echo(_told(file, whole))


@click.command()
@FILE
def verify(file: Path) -> None:
    """Says whether FILE is a whole backup, and what of."""
    with _opened(file) as given:
        click.echo(_told(file, form.verify(given, str(file))))


@click.command()
@FILE
def restore(file: Path) -> None:
    """Puts the backup in FILE into an empty database of either engine. No mail leaves until it is released."""
    with _opened(file) as given:
        whole = form.verify(given, str(file))
        app = create_app()
        check(engine := open_engine(app.config["OWNER_DATABASE_URL"]))
        keep_key = partial(_keep_key, app, whole.about)
        with app.app_context():
            store.restore(engine, app.extensions["clock"](), whole, form.read(given), keep_key)
        engine.dispose()
    click.echo(f"{_told(file, whole)}\nIt is restored. No mail leaves until you say: mesotrain mail release")


def _told(file: Path, whole: form.Contents) -> str:
    rows = sum(one[0] for one in whole.tables.values())
    key = "It holds the signing key and people's records" if whole.about["key"] else KEYS_ELSEWHERE
    return (
        f"{file} is whole: {len(whole.tables)} tables with {rows:,} rows, as they were at "
        f"{datetime.fromisoformat(whole.about['taken_at']):%Y-%m-%d %H:%M:%S} UTC, revision {whole.about['schema']}.\n"
        f"{key}: keep it as safe as the database."
    )


@contextmanager
def _new(file: Path) -> Iterator[Any]:
    """A file for us alone, which gets its name when it is whole and on the disk."""
    try:
        out = NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False)  # noqa: SIM115
    except OSError as error:
        raise Refused("%(file)s cannot be written: %(why)s.", file=file, why=error.strerror) from error
    try:
        with out:
            yield out
            _settle(out)
        Path(out.name).rename(file)
        _settle_folder(file.parent)
    except OSError as error:
        raise Refused("%(file)s cannot be written: %(why)s.", file=file, why=error.strerror) from error
    finally:
        with suppress(FileNotFoundError):
            Path(out.name).unlink()


@contextmanager
def _opened(file: Path) -> Iterator[Any]:
    try:
        given = file.open("rb")
    except OSError as error:
        raise Refused("%(file)s cannot be read: %(why)s.", file=file, why=error.strerror) from error
    with given:
        yield given


def _settle(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _settle_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    os.fsync(opened)
    os.close(opened)


def _keys(app: Flask) -> dict[str, Any]:
    """The key that INSTANCE keeps, if that is the one in use; of each in use enough to know it again."""
    return {"key": _kept(app), "keys": [_known_by(key) for key in app.config["SECRET_KEYS"]]}


def _kept(app: Flask) -> str | None:
    path = app.config["INSTANCE"] / KEY_FILE
    kept = path.read_text().strip() if path.exists() else None
    return kept if app.config["SECRET_KEYS"] == [kept] else None


def _known_by(key: str) -> str:
    return sha256(key.encode()).hexdigest()[:16]


def _keep_key(app: Flask, about: dict[str, Any]) -> None:
    """What was sealed must open here too. Raises Refused where its key is not at hand."""
    if {*about["keys"]} <= {_known_by(key) for key in app.config["SECRET_KEYS"]}:
        return
    if _kept(app) is None or about["key"] is None:
        raise Refused(
            "What is sealed in this backup opens only with its own keys. Set MESOTRAIN_SECRET_KEYS as it was where the "
            "backup was made; where it was not set, do not set it here either."
        )
    with _new(app.config["INSTANCE"] / KEY_FILE) as out:
        out.write(about["key"].encode())
