"""Whether the database is what the application believes it to be."""

import re
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import and_, func, literal, select, text
from sqlalchemy.orm import Session

from mesotrain.core.attempts import MARKING, OPEN
from mesotrain.store import attempts
from mesotrain.store.attempts import Attempt
from mesotrain.store.db import Base, Moment, engine_name
from mesotrain.store.events import Event
from mesotrain.store.guards import APPEND_ONLY, statements
from mesotrain.store.outbox import WAITING, Lease, Mail

_TRIGGERS = """
SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND c.relnamespace = current_schema()::regnamespace
UNION ALL SELECT prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
"""
_SWITCHED_OFF = """
SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgisinternal AND t.tgenabled = 'D' AND c.relnamespace = current_schema()::regnamespace ORDER BY 1
"""


def missing_guards(session: Session) -> list[str]:
    """Names of triggers and functions that are not there, not at work, or not as they were made."""
    if _sqlite(session):
        found = {_words(sql) for (sql,) in session.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))}
        return [_name(one) for one in statements("sqlite") if _words(one) not in found]
    schema = session.scalar(text("SELECT current_schema()"))
    found = {_words(one.replace(f"{schema}.", "")) for one in session.scalars(text(_TRIGGERS))}
    made = [one for one in statements("postgresql") if re.match(r"\s*CREATE (TRIGGER|FUNCTION)", one)]
    return [_name(one) for one in made if _words(one.split("$$")[1] if "$$" in one else one) not in found]


def _words(sql: str) -> tuple[str, ...]:
    """PostgreSQL tells what fires a trigger in an order of its own."""
    return tuple(sorted(sql.split()))


def _name(sql: str) -> str:
    return str(re.findall(r"\w+", sql.replace("VIRTUAL", ""))[2])


def rights(session: Session) -> tuple[list[str], list[str]]:
    """(rights that this role needs and has not, rights that it has and should not); PostgreSQL only."""
    if _sqlite(session):
        return [], []
    missing, excess = [], []
    for table in sorted(Base.metadata.tables):
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            held = session.scalar(select(func.has_table_privilege(table, right)))
            kept = table in APPEND_ONLY and right in {"UPDATE", "DELETE"}
            if not (held or kept):
                missing.append(f"{right} {table}")
            if held and kept:
                excess.append(f"{right} {table}")
    return missing, excess


MANY = 1000
"""Rows from which on PostgreSQL plans by what it knows of a table, or guesses badly."""
_UNCOUNTED = """
SELECT s.relname FROM pg_stat_user_tables s
WHERE s.schemaname = current_schema() AND s.last_analyze IS NULL AND s.last_autoanalyze IS NULL
AND NOT EXISTS (SELECT FROM pg_stats t WHERE t.schemaname = s.schemaname AND t.tablename = s.relname)
AND (s.n_live_tup >= :many OR pg_relation_size(s.relid) >= :pages * current_setting('block_size')::int)
ORDER BY 1
"""


def uncounted(session: Session) -> list[str]:
    """Tables of many rows of which PostgreSQL has never taken statistics."""
    facts = {"many": MANY, "pages": MANY // 10}
    return [] if _sqlite(session) else list(session.scalars(text(_UNCOUNTED), facts))


def unchecked_references(session: Session) -> list[str]:
    """Tables whose references PostgreSQL was told not to check."""
    return [] if _sqlite(session) else list(session.scalars(text(_SWITCHED_OFF)))


def broken_references(session: Session) -> list[str]:
    """Tables with rows that point at nothing, and at which table."""
    if _sqlite(session):
        found = session.execute(text("PRAGMA foreign_key_check"))
        return sorted({f"{row[0]} -> {row[2]}" for row in found})
    return sorted(set(_dangling(session)))


def _dangling(session: Session) -> Iterator[str]:
    for table in Base.metadata.tables.values():
        for key in table.foreign_key_constraints:
            there = key.referred_table.alias()
            pairs = [(one.parent, there.c[one.column.name]) for one in key.elements]
            joined = table.outerjoin(there, and_(*(mine == theirs for mine, theirs in pairs)))
            lost = and_(*(mine.is_not(None) for mine, _ in pairs), pairs[0][1].is_(None))
            if session.execute(select(pairs[0][0]).select_from(joined).where(lost).limit(1)).first():
                yield f"{table.name} -> {key.referred_table.name}"


def damage(session: Session) -> str | None:
    """What SQLite finds wrong with its file."""
    said = session.scalar(text("PRAGMA quick_check(1)")) if _sqlite(session) else "ok"
    return None if said == "ok" else str(said)


def room(session: Session) -> int | None:
    """Megabytes that are free where SQLite's file is; None where the disk is another machine's."""
    file = session.get_bind().engine.url.database
    if not _sqlite(session) or file in {None, "", ":memory:"}:
        return None
    return shutil.disk_usage(Path(str(file)).resolve().parent).free >> 20


def clock(session: Session) -> datetime | None:
    """What the database's machine calls now; SQLite is on ours."""
    return None if _sqlite(session) else session.scalar(select(func.clock_timestamp()))


def last_event(session: Session) -> datetime | None:
    """When the last event was recorded."""
    return session.scalar(select(Event.recorded_at).order_by(Event.position.desc()).limit(1))


def leads_until(session: Session, name: str) -> datetime | None:
    """Until when somebody holds this lease; None where nobody ever did."""
    return session.scalar(select(Lease.until).where(Lease.name == name))


def overdue(session: Session, since: datetime) -> int:
    """How many open attempts were past their deadline by then."""
    return session.scalar(select(func.count()).where(attempts.overdue(since))) or 0


def paused(session: Session, since: datetime) -> int:
    """How many attempts were paused by then and still are."""
    stands = select(func.count()).where(Attempt.state == OPEN, Attempt.paused_at < literal(since, Moment))
    return session.scalar(stands) or 0


def unmarked(session: Session, since: datetime) -> int:
    """How many attempts that were handed in by then have waited for a marker ever since."""
    waits = select(func.count()).where(Attempt.state == MARKING, Attempt.ended_at < literal(since, Moment))
    return session.scalar(waits) or 0


def mails(
    session: Session, state: str, until: datetime, within: timedelta | None = None
) -> tuple[int, datetime | None]:
    """(how many mails are in this state, changed by `until` and not longer before, since when the oldest is)."""
    query = select(func.count(), func.min(Mail.changed_at)).where(Mail.state == state, Mail.changed_at <= until)
    found = session.execute(query if within is None else query.where(Mail.changed_at > until - within)).one()
    return found[0], found[1]


def put_off(session: Session, now: datetime) -> int:
    """How many mails wait for a later moment, because the mail server said so."""
    later = select(func.count()).where(Mail.state == WAITING, Mail.changed_at > literal(now, Moment))
    return session.scalar(later) or 0


def _sqlite(session: Session) -> bool:
    return engine_name(session) == "sqlite"
