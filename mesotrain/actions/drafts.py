"""Drafts: a changed text waits, with its plan, until somebody publishes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mesotrain.actions.courses import Ready, Signature, classes_of, keep_media, make_ready, publish
from mesotrain.core.access import Actor
from mesotrain.core.canonical import Json, digest
from mesotrain.core.changes import lowered
from mesotrain.core.courses import Course
from mesotrain.core.drafts import Plan, pieces, plan
from mesotrain.core.errors import Fault, Refused
from mesotrain.formats.courses import BANK, read_course
from mesotrain.formats.identities import copies, keep_options, keep_questions
from mesotrain.store import courses
from mesotrain.store import drafts as store
from mesotrain.store.events import Said, record

LOOK_AGAIN = "Something changed since you looked at this plan. Look at it again, then decide."


@dataclass(frozen=True)
class Outlook:
    """What taking a text in would do. `seen` are the numbers of the publication and the draft there are, 0 for none."""

    course: int | None
    seen: tuple[int, int]
    plan: Plan

    @property
    def first(self) -> bool:
        """Whether nothing of this course was ever live."""
        return self.seen[0] == 0


def outlook(session: Session, text: Course, organisation: int | None, maker: int | None) -> Outlook:
    """What `text`, brought by `maker`, changes of what is live, and where it is in conflict.

    A draft whose maker is not known to be the same is somebody else's.
    """
    row = _course(session, text.name, organisation)
    live = store.newest(session, row.id) if row else None
    if row is None or live is None:
        return Outlook(None, (0, 0), plan((), pieces(text)))
    draft = store.open_draft(session, row.id)
    others = draft if draft and (maker is None or draft.made_by != maker) else None
    other = pieces(text_of(session, others)) if others else None
    found = plan(store.live_pieces(session, live), pieces(text), store.once_published(session, row.id), other)
    return Outlook(row.id, (live.number, draft.number if draft else 0), found)


def identified(
    session: Session, text: Course, files: Mapping[str, str | bytes], organisation: int | None
) -> tuple[Mapping[str, str | bytes], list[Fault]]:
    """The files of a text, each question and each option that is live with its id, and what is said of that."""
    row = _course(session, text.name, organisation)
    live = store.newest(session, row.id) if row else None
    parts = store.live_parts(session, live) if live else {}
    found, said = dict(files), list[Fault]()
    for module in text.modules:
        path = f"{module.name}/{BANK}"
        if isinstance(bank := files.get(path), str):
            copied = copies(module.questions, parts)
            moved = {one.name for pair in copied for one in pair}
            stayed = [one for one in module.questions if one.name not in moved]
            kept, options = keep_options(path, bank, stayed, parts)
            found[path], exchanged = keep_questions(path, kept, copied)
            said += [*exchanged, *options]
    return found, said


def _numbers(session: Session, course: courses.Course | None) -> tuple[int, int]:
    """Of the publication and the draft there are now."""
    live = store.newest(session, course.id) if course else None
    draft = store.open_draft(session, course.id) if course and live else None
    return live.number if live else 0, draft.number if draft else 0


def _course(session: Session, name: str, organisation: int | None) -> courses.Course | None:
    return session.scalar(select(courses.Course).filter_by(organisation_id=organisation, name=name))


def take(
    session: Session,
    now: datetime,
    text: Course,
    files: Mapping[str, str | bytes],
    *,
    organisation: int | None = None,
    maker: Signature | None = None,
    seen: Outlook | None = None,
    ready: Ready | None = None,
    overwrite: bool = False,
) -> store.Draft | courses.Publication | None:
    """Takes in `text`, which `files` say: at once as live the first time, later as the course's draft.

    None where it says what is live already; a draft of the same maker is then discarded. Raises Refused where there is
    another publication or draft than was `seen`, and for conflicts unless the text may `overwrite`.
    """
    if known := _course(session, text.name, organisation):
        store.lock(session, known.id)
    if seen is not None and seen.seen != _numbers(session, known):
        raise Refused(LOOK_AGAIN)
    ahead = seen or outlook(session, text, organisation, maker.person if maker else None)
    if ahead.course is None:
        return publish(session, now, text, organisation, by=maker, ready=ready)
    if ahead.plan.conflicts and not overwrite:
        raise Refused(
            "In conflict: %(names)s. Bring your text up to date, or say that it is right with --overwrite.",
            names=", ".join(one.name for one in ahead.plan.conflicts),
        )
    draft, changes = _drafted(text, files), any(one.real for one in ahead.plan.changes)
    if before := store.open_draft(session, ahead.course):
        if before.version == draft.version:
            return before
        _close(before, store.REPLACED if changes else store.DISCARDED, now)
        session.flush()
    if not changes:
        return None
    keep_media(session, ahead.course, text)
    draft.course_id, draft.number = ahead.course, store.next_number(session, ahead.course)
    draft.made_at, draft.made_by = now, maker.person if maker else None
    session.add(draft)
    session.flush()
    facts: dict[str, Json] = {"course": ahead.course, "draft": draft.number}
    record(session, now, Said("draft.made", organisation, maker.commitment if maker else "", "", facts))
    return draft


def _drafted(text: Course, files: Mapping[str, str | bytes]) -> store.Draft:
    texts = {path: content for path, content in files.items() if isinstance(content, str)}
    media = _digests(text, files)
    return store.Draft(version=store.version_of(texts, media), files=texts, media=media, state=store.OPEN)


def _digests(text: Course, files: Mapping[str, str | bytes]) -> dict[str, str]:
    """The digest of each file a figure may show, by its path."""
    known = {one.content: one.digest for one in text.media}
    return {path: known[content] for path, content in files.items() if isinstance(content, bytes)}


def _close(draft: store.Draft, state: str, now: datetime) -> None:
    draft.state, draft.closed_at = state, now


def text_of(session: Session, draft: store.Draft) -> Course:
    """The course a draft says."""
    return read_course(store.files_of(session, draft))


def plan_of(session: Session, draft: store.Draft, live: courses.Publication, text: Course) -> Plan:
    """What a draft changes of what is live."""
    return plan(store.live_pieces(session, live), pieces(text), store.once_published(session, draft.course_id))


def prepare(session: Session, kept: store.Kept) -> Ready | None:
    """Makes what publishing this draft takes, before the unit of work that does."""
    if kept.draft is None:
        return None
    return make_ready(session, text_of(session, kept.draft), kept.course.organisation_id, kept.draft.version)


def _ready(session: Session, kept: store.Kept, ready: Ready | None) -> Ready:
    """What was made ready, if it is of this draft and against what is live; else made now."""
    fits = ready and kept.draft and (ready.draft, ready.against) == (kept.draft.version, kept.publication.number)
    made = ready if fits else prepare(session, kept)
    if made is None:
        raise Refused(LOOK_AGAIN)
    return made


def offer(
    session: Session,
    now: datetime,
    kept: store.Kept,
    seen: int,
    classes: Mapping[str, str],
    reason: str,
    by: Signature,
    ready: Ready | None = None,
) -> courses.Publication | None:
    """Publishes a draft. None where somebody else must agree first, because a change is called less than it asks for.

    `seen` is the number of the publication the plan was made against. Raises Refused where that is no longer live, and
    where a change is called less without a reason.
    """
    draft = _current(session, kept, seen)
    ready = _ready(session, kept, ready)
    called = classes_of(ready.plan, classes)
    if not any(lowered(called[one.name], one.wants, one.touches) for one in ready.plan.classed):
        return publish_draft(session, now, kept, seen, called, by=by, ready=ready)
    if not reason:
        raise Refused("Say why the change is less than it seems; the person who agrees to it reads that.")
    draft.proposal = {"classes": dict(called), "reason": reason, "publication": seen}
    draft.proposed_by, draft.proposed_at = by.person, now
    facts: dict[str, Json] = {"course": draft.course_id, "draft": draft.number, "classes": dict(called)}
    record(session, now, Said("draft.proposed", kept.course.organisation_id, by.commitment, "", facts))
    return None


def agree(
    session: Session,
    actor: Actor,
    now: datetime,
    kept: store.Kept,
    seen: int,
    shown: str,
    ready: Ready | None = None,
) -> courses.Publication:
    """The second person publishes a draft as it was proposed, if the proposal is the one they were `shown`.

    Raises Refused for whoever proposed it.
    """
    draft = _current(session, kept, seen)
    proposal: dict[str, Any] | None = draft.proposal
    if proposal is None or draft.proposed_by is None or proposal["publication"] != seen or digest(proposal) != shown:
        raise Refused(LOOK_AGAIN)
    if draft.proposed_by == actor.person:
        raise Refused("Somebody else must agree: you proposed it.")
    by = Signature(draft.proposed_by, actor.commitment, actor.person, proposal["reason"])
    return publish_draft(session, now, kept, seen, proposal["classes"], by=by, ready=ready)


def discard(session: Session, actor: Actor, now: datetime, kept: store.Kept) -> None:
    """Closes a draft for good; its text stays on record."""
    draft = _current(session, kept, kept.publication.number)
    _close(draft, store.DISCARDED, now)
    facts: dict[str, Json] = {"course": draft.course_id, "draft": draft.number}
    record(session, now, Said("draft.discarded", kept.course.organisation_id, actor.commitment, "", facts))


def _current(session: Session, kept: store.Kept, seen: int) -> store.Draft:
    """The draft, if it is still open and what is live still what was `seen`; nobody changes either meanwhile."""
    store.lock(session, kept.course.id)
    live = store.newest(session, kept.course.id)
    if kept.draft is not None:
        session.refresh(kept.draft)
    if kept.draft is None or kept.draft.state != store.OPEN or live is None or live.number != seen:
        raise Refused(LOOK_AGAIN)
    return kept.draft


def publish_draft(
    session: Session,
    now: datetime,
    kept: store.Kept,
    seen: int,
    classes: Mapping[str, str],
    change: str = "",
    *,
    by: Signature | None,
    ready: Ready | None = None,
) -> courses.Publication:
    """Makes a draft live, its sections called as `publish` is told. Raises Refused as that does."""
    draft = _current(session, kept, seen)
    ready = _ready(session, kept, ready)
    organisation = kept.course.organisation_id
    made = publish(session, now, ready.text, organisation, change, classes=classes, by=by, ready=ready)
    if made is None:
        raise Refused("This draft says what is live already.")
    _close(draft, store.PUBLISHED, now)
    return made
