"""Reading: where one is, what one has read, and notes of one's own."""

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.errors import NotFound, Refused
from mesotrain.store import catalogue
from mesotrain.store import reading as store

VERSION = re.compile("[0-9a-f]{64}")
LONGEST_NOTE = 4000
"""Characters of a note."""


def _place(session: Session, actor: Actor, course: str, module: str, section: str) -> tuple[catalogue.Live, str]:
    """(the module a section stands in, its version there); it may have moved since its page was opened."""
    live = catalogue.live_module(session, actor, course, module)
    try:
        return live, catalogue.live_section(session, live, section)
    except NotFound:
        try:
            now_in = catalogue.module_of(session, actor, course, section)
        except NotFound:
            raise NotFound from None
        live = catalogue.live_module(session, actor, course, now_in)
        return live, catalogue.live_section(session, live, section)


def reach(session: Session, actor: Actor, now: datetime, course: str, module: str, section: str) -> None:
    """Keeps that the actor is at a section. Raises NotFound for one that is not of a module they may read."""
    live, _ = _place(session, actor, course, module, section)
    store.keep(session, actor, now, live.course.id, live.module.id, section)


def mark(session: Session, actor: Actor, now: datetime, course: str, module: str, section: str, read: str) -> None:
    """Marks a section as read: in the words of the version `read`, or as it is now; "no" marks it as not read."""
    live, now_it_is = _place(session, actor, course, module, section)
    version = None if read == "no" else read if VERSION.fullmatch(read) else now_it_is
    store.keep(session, actor, now, live.course.id, live.module.id, section, read_version=version)


def write_note(
    session: Session, actor: Actor, now: datetime, course: str, module: str, section: str, note: str
) -> None:
    """Keeps the actor's own note on a section in place of the one before. Raises Refused for one that is too long."""
    plain = note.replace("\r\n", "\n").strip()
    if len(plain) > LONGEST_NOTE:
        raise Refused("This note is too long. Shorten it to %(most)s characters.", most=LONGEST_NOTE)
    live, _ = _place(session, actor, course, module, section)
    store.keep(session, actor, now, live.course.id, live.module.id, section, note=plain)


def write_notes(
    session: Session, actor: Actor, now: datetime, course: str, module: str, notes: Mapping[str, str]
) -> None:
    """Keeps those notes of a page that say something new."""
    live = catalogue.live_module(session, actor, course, module)
    mine = {one.section: one.note for one in store.readings(session, actor, [live.course.id])}
    for section, note in notes.items():
        if note.replace("\r\n", "\n").strip() != mine.get(section, ""):
            write_note(session, actor, now, course, module, section, note)
