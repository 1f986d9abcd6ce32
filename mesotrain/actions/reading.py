"""Reading: where one is, what one has read, and notes of one's own."""

from datetime import datetime

from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.errors import Refused
from mesotrain.store import catalogue
from mesotrain.store import reading as store

LONGEST_NOTE = 4000
"""Characters of a note."""


def reach(session: Session, actor: Actor, now: datetime, course: str, module: str, section: str) -> None:
    """Keeps that the actor is at a section. Raises NotFound for one that is not of a module they may read."""
    live = catalogue.live_module(session, actor, course, module)
    catalogue.live_section(session, live, section)
    store.keep(session, actor, now, live.course.id, live.module.id, section)


def mark(session: Session, actor: Actor, now: datetime, course: str, module: str, section: str, read: bool) -> None:
    """Marks a section, in the words it has now, as read, or as not read."""
    live = catalogue.live_module(session, actor, course, module)
    version = catalogue.live_section(session, live, section)
    store.keep(session, actor, now, live.course.id, live.module.id, section, read_version=version if read else None)


def write_note(
    session: Session, actor: Actor, now: datetime, course: str, module: str, section: str, note: str
) -> None:
    """Keeps the actor's own note on a section in place of the one before. Raises Refused for one that is too long."""
    live = catalogue.live_module(session, actor, course, module)
    catalogue.live_section(session, live, section)
    plain = note.replace("\r\n", "\n").strip()
    if len(plain) > LONGEST_NOTE:
        raise Refused("This note is too long. Shorten it to %(most)s characters.", most=LONGEST_NOTE)
    store.keep(session, actor, now, live.course.id, live.module.id, section, note=plain)
