"""Reading: where one is, what one has read, and notes of one's own."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.canonical import digest
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
    plain = _plain(note)
    if len(plain) > LONGEST_NOTE:
        raise Refused("This note is too long. Shorten it to %(most)s characters.", most=LONGEST_NOTE)
    live, _ = _place(session, actor, course, module, section)
    store.keep(session, actor, now, live.course.id, live.module.id, section, note=plain)


def _plain(note: str) -> str:
    return note.replace("\r\n", "\n").strip()


class Posted(NamedTuple):
    """A note of a page that was sent: what it says, and ``seen_of`` the note that page showed."""

    note: str
    seen: str


def seen_of(note: str) -> str:
    """What a page sends back of the note it showed; empty for none."""
    return digest(note)[:16] if note else ""


def write_notes(
    session: Session, actor: Actor, now: datetime, course: str, module: str, notes: Mapping[str, Posted]
) -> bool:
    """Keeps those notes of a page that were changed on it; gives whether another window had changed one meanwhile.

    Of such a one both texts are kept. Raises Refused where they are too long together.
    """
    live = catalogue.live_module(session, actor, course, module)
    mine = {one.section: one.note for one in store.readings(session, actor, [live.course.id])}
    met = False
    for section, (note, seen) in notes.items():
        kept, said = mine.get(section, ""), _plain(note)
        if said == kept or seen_of(said) == seen:
            continue
        if kept and seen_of(kept) != seen:
            met, said = True, _both(kept, said)
        write_note(session, actor, now, course, module, section, said)
    return met


def _both(kept: str, said: str) -> str:
    """Both texts of a note, what is said last below; saying it again adds nothing."""
    both = kept if kept.endswith(f"\n\n{said}") else f"{kept}\n\n{said}".strip()
    if len(said) <= LONGEST_NOTE < len(both):
        raise Refused(
            "Another window changed this note meanwhile, and both texts have more than %(most)s characters. "
            "Copy what you wrote, reload the page and shorten the note.",
            most=LONGEST_NOTE,
        )
    return both
