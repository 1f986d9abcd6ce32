"""An installation for the doctor to look at."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from mesotrain.cli.doctor import examine
from mesotrain.cli.worker import Worker
from mesotrain.store.db import db, open_engine
from mesotrain.web import clock, create_app
from tests.actions.taking import sit
from tests.cli.test_worker import Inbox
from tests.world import World, environment

GOOD_KEY = secrets.token_urlsafe(48)


@dataclass
class Patient:
    """An installation in which all is well, until something is done to it."""

    world: World
    owner: str
    inbox: Inbox
    ahead: timedelta = timedelta()
    enough: int = 1

    @property
    def settings(self) -> dict[str, str]:
        return self.world.environment

    @property
    def instance(self) -> Path:
        return Path(self.settings["MESOTRAIN_INSTANCE"])

    @property
    def file(self) -> Path:
        return Path(self.owner.removeprefix("sqlite:///"))

    def codes(self) -> set[str]:
        return {one.code for one in examine(self.settings, lambda: clock() + self.ahead, self.enough)}

    def run(self, *statements: str) -> None:
        """As the owner, whose statements no reference holds up."""
        opened = open_engine(self.owner)
        with opened.connect() as connection:
            if opened.dialect.name == "sqlite":
                connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
            with connection.begin():
                for one in statements:
                    connection.execute(text(one))
        opened.dispose()

    def work(self, minutes_ago: int = 0, mailing: bool = False) -> Worker:
        """What a worker does so many minutes ago; it holds the lease from now on."""
        settings = self.settings if mailing else {**self.settings, "MESOTRAIN_SMTP_URL": ""}
        worker = Worker(create_app(settings, self.world.clock), self.world.clock)
        worker.holder = "always the same"
        for moment in sorted((clock() - timedelta(minutes=minutes_ago), clock())):
            self.world.clock.now = moment
            worker.work()
        with worker.app.app_context():
            db.engine.dispose()
        return worker

    def sit(self, minutes_ago: int) -> None:
        self.world.clock.now = clock() - timedelta(minutes=minutes_ago)
        sit(self.world, "trainee")


def settings(owner: str, instance: Path, smtp: int) -> dict[str, str]:
    return {
        **environment(owner, instance),
        "MESOTRAIN_SECRET_KEYS": GOOD_KEY,
        "MESOTRAIN_PUBLIC_URL": "https://localhost.example.org",
        "MESOTRAIN_TRUSTED_PROXIES": "1",
        "MESOTRAIN_SMTP_URL": f"smtp://127.0.0.1:{smtp}",
        "MESOTRAIN_MAIL_FROM": "Training <training@example.org>",
    }
