"""Defences, each as what takes it away: the controls serve without one of them, and have to see what it keeps away."""

import time
import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mesotrain.actions import attempts
from mesotrain.cli.worker import Worker
from mesotrain.core.attempts import advance as next_state
from mesotrain.store import attempts as store
from mesotrain.store import db


def durable_before_acknowledged() -> None:
    """An answer is acknowledged when it is known what it will be; it is kept with the next one, or with the end."""
    save, finish, waiting = attempts.save, attempts.finish, []

    def keep(session: Session) -> None:
        while waiting:
            save(session, *waiting.pop(0))

    def early(session: Session, *answer: Any) -> Any:
        keep(session)
        with session.begin_nested() as undone:
            sequence = save(session, *answer)
            undone.rollback()
        waiting.append(answer)
        return sequence

    def end(session: Session, *rest: Any) -> None:
        keep(session)
        finish(session, *rest)

    attempts.save, attempts.finish = early, end


def known_operations() -> None:
    """An answer that is sent again is another."""
    append = attempts.append

    def always(
        session: Session, actor: Any, attempt: int, lease: int, position: int, _operation: str, *rest: Any
    ) -> Any:
        return append(session, actor, attempt, lease, position, uuid.uuid4().hex, *rest)

    attempts.append = always


def one_window() -> None:
    """An answer counts from whichever window it comes."""
    append = attempts.append

    def from_any(session: Session, actor: Any, attempt: int, _lease: int, *rest: Any) -> Any:
        held = session.scalar(select(store.Attempt.lease).where(store.Attempt.id == attempt))
        return append(session, actor, attempt, held or 0, *rest)

    attempts.append = from_any


def compare_and_set() -> None:
    """An attempt is ended as it was read, whatever was saved meanwhile."""

    def anyhow(
        session: Session, attempt: Any, event: str, _version: int, *, waits: bool = False, **values: Any
    ) -> None:
        state, version = next_state(attempt.state, event, waits), store.Attempt.version + 1
        moved = update(store.Attempt).where(store.Attempt.id == attempt.id)
        session.connection().execute(moved.values(state=state, version=version, **values))

    store.advance = anyhow


def one_at_a_time() -> None:
    """Nobody waits for another who begins an attempt of the same person."""
    store.one_at_a_time = lambda _session, _actor: None


def quick_saves() -> None:
    """A save rests before it answers."""
    save = attempts.save

    def slow(session: Session, *answer: Any) -> int:
        time.sleep(0.06)
        return save(session, *answer)

    attempts.save = slow


def synchronous_full() -> None:
    """SQLite leaves it to the system when a commit reaches the disk."""
    db.PRAGMAS = tuple(one.replace("synchronous=FULL", "synchronous=NORMAL") for one in db.PRAGMAS)
    db._check_sqlite = lambda _connection: None


def sweep() -> None:
    """What is over ends when somebody looks."""
    Worker._sweep = lambda _self: 0


ALL = (
    durable_before_acknowledged,
    known_operations,
    one_window,
    compare_and_set,
    one_at_a_time,
    sweep,
    quick_saves,
    synchronous_full,
)
DEFENCES: dict[str, Callable[[], None]] = {one.__name__: one for one in ALL}
