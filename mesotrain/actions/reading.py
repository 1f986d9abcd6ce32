"""Reading: where one is, what one has read, and notes of one's own."""

import re
from datetime import datetime

from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.errors import Refused
from mesotrain.store import catalogue
from mesotrain.store import reading as store

VERSION = re.compile("[0-9a-f]{64}")
LONGEST_NOTE = 4000
"""Characters of a note."""


def reach(session: Session, actor: Actor, now: datetime, course: str, module: str, section: str) -> None:
    """Keeps that the actor is at a section. Raises NotFound for one that is not of a module they may read."""
    live = catalogue.live_module(session, actor, course, module)
    catalogue.live_section(session, live, section)
    store.keep(session, actor, now, live.course.id, live.module.id, section)


def mark(session: Session, actor: Actor, now: datetime, course: str, module: str, section: str, read: str) -> None:
    """Marks a section as read: in the words of the version `read`, or as it is now; "no" marks it as not read."""
    live = catalogue.live_module(session, actor, course, module)
    now_it_is = catalogue.live_section(session, live, section)
    version = None if read == "no" else read if VERSION.fullmatch(read) else now_it_is
    store.keep(session, actor, now, live.course.id, live.module.id, section, read_version=version)


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
