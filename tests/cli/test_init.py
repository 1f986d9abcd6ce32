"""A real installation begins with one organisation and the link for its first administrator; the demo keeps away."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask_migrate import upgrade
from sqlalchemy import select

from mesotrain.cli import commands
from mesotrain.core.errors import Refused
from mesotrain.store.db import db
from mesotrain.store.people import Clinic, Organisation, Person
from mesotrain.web import create_app
from tests.store.filling import empty_database
from tests.world import Browser, Engine, environment

FOUNDED = [
    "--organisation", "Quayside Skin", "--zone", "Europe/Dublin",
    "--clinic", "Quay", "--clinic", "Mill", "--clinic", " quay",
    "--name", "Ada\nFirst", "--email", "Ada@Quayside.example.org",
]  # fmt: skip


def invoke(settings: dict[str, str], *said: str) -> Result:
    return CliRunner().invoke(commands, said, env=settings, catch_exceptions=False)


def test_an_installation_is_begun_and_its_administrator_joins(engine: Engine, tmp_path: Path) -> None:
    with empty_database(engine) as address:
        settings = environment(address, tmp_path)
        app = create_app(settings)
        with app.app_context():
            upgrade()
        result = invoke(settings, "init", *FOUNDED)
        assert result.exit_code == 0, result.output
        assert "is ready. Ada First joins here" in result.output
        path = re.search(r"http://localhost(/join/\S+)", result.output)
        assert path
        with app.app_context():
            assert db.session.scalars(select(Person)).all() == []
            assert set(db.session.scalars(select(Clinic.name))) == {"quay", "Mill"}
            db.session.remove()
        browser = Browser(app.test_client())
        assert "Ada First" in browser.get(path[1]).get_data(as_text=True)
        form = {"name": "Ada First", "password": "seven quiet lanterns drift"}
        assert browser.post(path[1], form, page=path[1]).status_code == 303
        assert browser.get("/people").headers["Location"] == "/account/second-factor"
        for again in (("init", *FOUNDED), ("demo",)):
            with pytest.raises(Refused, match=r"already|real organisation"):
                invoke(settings, *again)
        alike = ["quayside skin" if one == "Quayside Skin" else one for one in FOUNDED]
        for same in (FOUNDED, alike):
            with pytest.raises(Refused, match=r"called (?i:Quayside Skin) already"):
                invoke(settings, "init", *same, "--another")
        further = ["Northlight" if one == "Quayside Skin" else one for one in FOUNDED]
        assert "Northlight is ready" in invoke(settings, "init", *further, "--another").output
        with app.app_context():
            assert [one.name for one in db.session.scalars(select(Organisation))] == ["Quayside Skin", "Northlight"]
            db.session.remove()
            db.engine.dispose()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--zone", "Europe/Atlantis"),
        ("--email", "ada"),
        ("--email", "a b@"),
        ("--email", "ada example.org@"),
        ("--name", " "),
        ("--name", "Ada\u202eFirst"),
        ("--organisation", "Quayside\u200b"),
        ("--clinic", "\u3164"),
        ("--clinic", "everywhere"),
    ],
)
def test_an_odd_beginning_is_refused_and_nothing_is_made(
    engine: Engine, tmp_path: Path, option: str, value: str
) -> None:
    with empty_database(engine) as address:
        settings = environment(address, tmp_path)
        app = create_app(settings)
        with app.app_context():
            upgrade()
        said = list(FOUNDED)
        said[said.index(option) + 1] = value
        with pytest.raises(Refused):
            invoke(settings, "init", *said)
        with app.app_context():
            assert db.session.scalars(select(Organisation)).all() == []
            db.session.remove()
            db.engine.dispose()
