"""Questions from elsewhere enter a module's bank as the draft of its course; nobody is examined on them before that is
published."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mesotrain.actions import drafts
from mesotrain.actions.courses import Signature, version_of
from mesotrain.actions.drafts import Outlook
from mesotrain.core.access import Actor
from mesotrain.core.courses import Course
from mesotrain.core.errors import BadContent, Refused
from mesotrain.formats.courses import read_course
from mesotrain.formats.exchange.entering import Entered, Files, entered
from mesotrain.formats.exchange.notes import Exchanged
from mesotrain.store import exchange as store
from mesotrain.store.drafts import Draft, Kept, files_of


@dataclass(frozen=True)
class Ahead:
    """The text of a course with what would enter it, and what that does; without a text, all that is `wrong` with it.

    What is wrong stands at the place of the question among those that came in, at -1 where it is nobody's own.
    """

    kept: Kept
    entered: Entered
    text: Course | None
    outlook: Outlook | None
    wrong: Mapping[int, list[str]]


def look(
    session: Session,
    actor: Actor,
    kept: Kept,
    module: str,
    questions: Sequence[Exchanged],
    media: Mapping[str, bytes],
    folders: Callable[[str], Files | None],
) -> Ahead:
    """What would become of these questions in a module of this course; only reads.

    `folders` gives the files of a course by its name, where this server has them. Raises Refused where nobody knows the
    text of what is live, and NotFound for no such module.
    """
    files, course = _text(session, kept, folders)
    made = entered(files, course, module, questions, media, store.names(session, kept.course.id))
    text, faults = made.read()
    if faults:
        return Ahead(kept, made, None, None, made.wrong(faults))
    return Ahead(kept, made, text, drafts.outlook(session, text, kept.course.organisation_id, actor.person), {})


def bring(session: Session, actor: Actor, now: datetime, ahead: Ahead) -> Draft | None:
    """The draft that holds what was looked at. Raises Refused where there is another text meanwhile."""
    if ahead.text is None:
        raise AssertionError("a text with faults is no draft")
    made = drafts.take(
        session,
        now,
        ahead.text,
        ahead.entered.files,
        organisation=ahead.kept.course.organisation_id,
        maker=Signature(actor.person, actor.commitment),
        seen=ahead.outlook,
        overwrite=True,  # all of the draft there was is in it, and what comes in has ids nobody had
    )
    return made if isinstance(made, Draft) else None


def _text(session: Session, kept: Kept, folders: Callable[[str], Files | None]) -> tuple[Files, Course]:
    """The text that waits as a draft, or else the one that is live."""
    if kept.draft:
        files = files_of(session, kept.draft)
        return files, read_course(files)
    last = store.last_text(session, kept.course.id)
    for said in (files_of(session, last) if last else None, folders(kept.course.name)):
        if said and (course := _read(said)) and version_of(course) == kept.publication.version:
            return said, course
    raise Refused(
        "The text of %(title)s that is live is not on this server. Whoever runs it takes it in with mesotrain sync.",
        title=kept.publication.title,
    )


def _read(files: Files) -> Course | None:
    try:
        return read_course(files)
    except BadContent:
        return None
