"""What the database itself does over our connections.

It refuses to change what is append-only and to let anybody choose a place in the log; it keeps what is searched.
"""

from typing import Any

from sqlalchemy import MetaData, event, inspect, text
from sqlalchemy.engine import Connection

from mesotrain.store import (  # noqa: F401 (with these every table is known)
    accounts,
    adjustments,
    assertions,
    drafts,
    holds,
    installation,
    invigilation,
    invitations,
    logbook,
    marking,
    observations,
    outbox,
    outsiders,
    practice,
    privacy,
    programs,
    proposals,
    reading,
    reminders,
    reports,
    search,
    stops,
)
from mesotrain.store.db import Base

APPEND_ONLY = (
    "acknowledgements",
    "adjustments",
    "answer_log",
    "assertions",
    "attempt_slots",
    "cases",
    "competency_rules",
    "decisions",
    "essay_marks",
    "events",
    "evidence",
    "holds",
    "interventions",
    "lifts",
    "media",
    "module_versions",
    "observation_withdrawals",
    "observations",
    "practice_log",
    "proposals",
    "publications",
    "published_modules",
    "published_questions",
    "question_keys",
    "question_versions",
    "replies",
    "reports",
    "retractions",
    "section_versions",
    "signature_requests",
    "signature_withdrawals",
    "signatures",
    "stop_notices",
    "unapplied_answers",
    "withdrawals",
)

_SQLITE = (
    "CREATE TRIGGER {table}_keeps_{verb} BEFORE {verb} ON {table} "
    "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
)

_SQLITE_SEQUENCE = """
CREATE TRIGGER events_sequence AFTER INSERT ON events
WHEN NEW.position <> 1 + coalesce((SELECT max(position) FROM events WHERE position < NEW.position), 0)
BEGIN SELECT RAISE(ABORT, 'the database gives positions'); END
"""

_SQLITE_SEARCH = (
    "CREATE VIRTUAL TABLE section_search USING fts5(found_title, found_words, content='section_words', "
    "content_rowid='id', tokenize='unicode61 remove_diacritics 0')",
    "CREATE TRIGGER section_words_found AFTER INSERT ON section_words BEGIN "
    "INSERT INTO section_search (rowid, found_title, found_words) "
    "VALUES (NEW.id, NEW.found_title, NEW.found_words); END",
    "CREATE TRIGGER section_words_lost AFTER DELETE ON section_words BEGIN "
    "INSERT INTO section_search (section_search, rowid, found_title, found_words) "
    "VALUES ('delete', OLD.id, OLD.found_title, OLD.found_words); END",
)

_POSTGRESQL_SEARCH = (
    "ALTER TABLE section_words ADD COLUMN searched tsvector GENERATED ALWAYS AS "
    "(setweight(to_tsvector('simple', found_title), 'A') || setweight(to_tsvector('simple', found_words), 'B')) STORED",
    "CREATE INDEX ix_section_words_searched ON section_words USING gin (searched)",
)

_POSTGRESQL_REFUSE = """
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$
"""

_POSTGRESQL_KEEP = (
    "CREATE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
)

_POSTGRESQL_SEQUENCER = """
CREATE FUNCTION next_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last record;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('mesotrain.events'));
  SELECT position, recorded_at INTO last FROM events ORDER BY position DESC LIMIT 1;
  NEW.position := coalesce(last.position, 0) + 1;
  NEW.recorded_at := greatest(NEW.recorded_at, last.recorded_at);
  RETURN NEW;
END $$
"""

_POSTGRESQL_SEQUENCE = (
    "CREATE TRIGGER events_sequence BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION next_event()"
)


def statements(dialect: str) -> list[str]:
    """The statements that make every guard on an engine of this name."""
    if dialect == "sqlite":
        kept = [_SQLITE.format(table=table, verb=verb) for table in APPEND_ONLY for verb in ("UPDATE", "DELETE")]
        return [_SQLITE_SEQUENCE, *_SQLITE_SEARCH, *kept]
    kept = [_POSTGRESQL_KEEP.format(table=table) for table in APPEND_ONLY]
    return [*_POSTGRESQL_SEARCH, _POSTGRESQL_REFUSE, _POSTGRESQL_SEQUENCER, _POSTGRESQL_SEQUENCE, *kept]


@event.listens_for(Base.metadata, "after_create")
def _guard(_metadata: MetaData, connection: Connection, **_: Any) -> None:
    for statement in statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


def grant(connection: Connection, role: str) -> None:
    """Gives the application's role what it needs and no more; PostgreSQL only, run by the owner after each upgrade."""
    name = connection.dialect.identifier_preparer.quote(role)
    kept = sorted({*APPEND_ONLY} & {*inspect(connection).get_table_names()})  # an older revision has fewer
    for statement in (
        f"GRANT USAGE ON SCHEMA public TO {name}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}",
        f"REVOKE UPDATE, DELETE ON {', '.join(kept)} FROM {name}",
        f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {name}",
    ):
        connection.execute(text(statement))
