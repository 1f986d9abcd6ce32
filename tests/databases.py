"""Databases for the tests, on either engine; an address here is the one of the owner.

It takes long to make one, and an application on it: a copy that was given back is used again, as it was at first.
"""

import os
import re
import shutil
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import Connection
from psycopg.errors import UndefinedTable
from psycopg.sql import SQL, Composable, Identifier, Literal

APPLICATION_ROLE = "mesotrain_test_application"

CATALOGUES = ("class", "attribute", "attrdef", "constraint", "index", "trigger", "proc", "policy", "type", "namespace")
SHAPE = SQL(" UNION ALL ").join(
    SQL("SELECT md5(string_agg(xmin::text, ',' ORDER BY ctid)) FROM {}").format(Identifier(f"pg_{name}"))
    for name in CATALOGUES
) + SQL(
    " UNION ALL SELECT string_agg(setconfig::text, '') FROM pg_db_role_setting "
    "JOIN pg_database ON setdatabase = pg_database.oid WHERE datname = current_database()"
)
"""A digest of each catalogue: any change of a schema writes a row of one anew. And what the database sets."""

ALONE = SQL(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
TABLES = SQL("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
SEQUENCES = SQL(
    "SELECT sequencename, coalesce(last_value, start_value), last_value IS NOT NULL "
    "FROM pg_sequences WHERE schemaname = 'public'"
)


def application(owner: str) -> str:
    """The address by which the application comes to a database: with a role of its own where there are roles."""
    return re.sub(r"^(postgresql:)//(?:[^@/]*@)?", rf"\1//{APPLICATION_ROLE}@", owner)


@dataclass(frozen=True)
class Sqlite:
    """Files of one folder."""

    folder: Path
    name = "sqlite"

    def make(self, like: str = "") -> str:
        """One more, which is not there yet, or a copy of another."""
        file = self.folder / f"{uuid.uuid4().hex}.db"
        if like:
            shutil.copy(like.removeprefix("sqlite:///"), file)
        return f"sqlite:///{file}"

    def drop(self, owner: str) -> None:
        for file in self.folder.glob(f"{Path(owner).name}*"):
            file.unlink()


def postgresql_address() -> str:
    """Where the tests' PostgreSQL is."""
    return os.environ.get("TEST_DATABASE_URL", f"postgresql://{os.environ.get('USER', 'root')}@127.0.0.1:5432/postgres")


class Postgresql:
    """Databases of one server."""

    name = "postgresql"

    def __init__(self) -> None:
        """Raises psycopg.OperationalError where there is no server."""
        self._run(
            SQL(
                "DO $$ BEGIN CREATE ROLE {} LOGIN; "
                "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
            ).format(Identifier(APPLICATION_ROLE))
        )

    def _run(self, statement: Composable) -> None:
        with psycopg.connect(postgresql_address(), autocommit=True) as server:
            server.execute(statement)

    def make(self, like: str = "") -> str:
        """One more, empty or a copy of another that nobody is connected to."""
        name = f"mesotrain_test_{uuid.uuid4().hex}"
        template = SQL(" TEMPLATE {}").format(_name(like)) if like else SQL("")
        self._run(SQL("CREATE DATABASE {}").format(Identifier(name)) + template)
        return re.sub(r"/[^/]*$", f"/{name}", postgresql_address())

    def drop(self, owner: str) -> None:
        self._run(SQL("DROP DATABASE {} WITH (FORCE)").format(_name(owner)))


def _name(owner: str) -> Identifier:
    return Identifier(owner.rsplit("/", 1)[1])


class First:
    """What a PostgreSQL database has at first: its shape, its rows, and where its sequences stand.

    A connection to each copy stays open: it takes longest where nothing of a schema is known to it yet.
    """

    def __init__(self, owner: str) -> None:
        self._open: dict[str, Connection] = {}
        with psycopg.connect(owner) as connection:
            self._shape = connection.execute(SHAPE).fetchall()
            tables = [name for (name,) in connection.execute(TABLES)]
            sequences = connection.execute(SEQUENCES).fetchall()
            self._rows = {}
            for table in tables:
                with connection.cursor().copy(SQL("COPY {} TO STDOUT").format(Identifier(table))) as copy:
                    self._rows[table] = b"".join(copy)
        places = SQL(", ").join(SQL("setval({}, {}, {})").format(*map(Literal, one)) for one in sequences)
        told = [*(SQL("DELETE FROM {}").format(Identifier(table)) for table in tables), SQL("SELECT {}").format(places)]
        names = [Identifier(f"empty {number}") for number in range(len(told))]
        known = [(Identifier("alone"), ALONE), (Identifier("shape"), SHAPE), *zip(names, told, strict=True)]
        self._known = SQL("; ").join(SQL("PREPARE {} AS {}").format(*one) for one in known)
        free = SQL("SET LOCAL session_replication_role = replica")  # neither triggers nor references
        self._empty = SQL("; ").join([free, *(SQL("EXECUTE {}").format(name) for name in names)])

    def _connected(self, owner: str) -> Connection:
        if owner not in self._open:
            self._open[owner] = psycopg.connect(owner, autocommit=True)
            self._open[owner].execute(self._known)
        return self._open[owner]

    def restore(self, owner: str) -> bool:
        """Gives a copy what it had; not, and says so, where its schema was changed or it lost its connection."""
        try:
            with self._connected(owner).transaction() as work:
                connection = work.connection
                connection.execute("EXECUTE alone")
                if connection.execute("EXECUTE shape").fetchall() != self._shape:
                    return False
                connection.execute(self._empty)
                for table, rows in self._rows.items():
                    if rows:
                        with connection.cursor().copy(SQL("COPY {} FROM STDIN").format(Identifier(table))) as copy:
                            copy.write(rows)
        except (psycopg.OperationalError, UndefinedTable):
            return False
        return True

    def close(self) -> None:
        """Leaves every copy."""
        for connection in self._open.values():
            connection.close()


@dataclass
class Copies:
    """Copies of a database that nobody changes any more."""

    server: Sqlite | Postgresql
    template: str
    _all: list[str] = field(default_factory=list)
    _free: list[str] = field(default_factory=list)
    _first: First | None = None

    def fresh(self) -> str:
        """A copy that nobody else uses."""
        while self._free:
            if self._again(owner := self._free.pop()):
                return owner
        self._all.append(self.server.make(self.template))
        return self._all[-1]

    def _again(self, owner: str) -> bool:
        """Gives a copy what it had at first; not where its schema was changed."""
        if self.server.name == "sqlite":
            shutil.copy(*(one.removeprefix("sqlite:///") for one in (self.template, owner)))
            return True
        self._first = self._first or First(self.template)
        return self._first.restore(owner)

    def back(self, owner: str) -> None:
        """Takes one that nobody uses any more."""
        if self.server.name == "sqlite":
            self.server.drop(owner)
        self._free.append(owner)

    def drop(self) -> None:
        if self._first:
            self._first.close()
        for owner in (*self._all, self.template):
            self.server.drop(owner)
