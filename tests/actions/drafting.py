"""What the tests of drafts do over and over, straight through the actions."""

from pathlib import Path
from typing import Any

from mesotrain.actions import drafts as actions
from mesotrain.actions.courses import Signature, keep
from mesotrain.core.canonical import digest
from mesotrain.formats.courses import read_course
from mesotrain.store import drafts as store
from mesotrain.store.folders import read_folder
from tests.world import TEXTS, World

Files = dict[str, str | bytes]


def tiny(*changes: tuple[str, str, str], folder: Path = TEXTS / "tiny") -> Files:
    """The files of the tiny course, in each file (path, old, new) changed."""
    files = read_folder(folder)
    for path, old, new in changes:
        text = files[path]
        assert isinstance(text, str)
        assert text.count(old) == 1, (path, old)
        files[path] = text.replace(old, new)
    return files


LESSON, BANK = "basics/lesson.md", "basics/bank.md"
PLAIN = (LESSON, "Everything else waits.", "Everything else stays behind.")
"""A change that touches nothing safety rests on."""
NUMBER = (LESSON, "One thing matters most [I01].", "Two things matter most [I01].")
SAFETY = (LESSON, "Stop, then call for help [I01].", "Never stop before you call for help [I01].")


def signature(world: World, who: str) -> Signature:
    actor = world.actor(who)
    return Signature(actor.person, actor.commitment)


def take(world: World, files: Files, who: str | None = None, **more: Any) -> Any:
    """Takes the files in; gives what `actions.take` does, of a draft or a publication its number."""
    maker = signature(world, who) if who else None

    def work(session: Any) -> Any:
        made = actions.take(session, world.clock(), read_course(files), files, maker=maker, **more)
        return getattr(made, "id", None) if isinstance(made, store.Draft) else getattr(made, "number", None)

    return world.do(work)


def kept_by(world: World, organisation: str) -> None:
    """The tiny course is published by this organisation's educators."""
    world.do(lambda session: keep(session, "tiny", world.ids[organisation]))


def offer(world: World, who: str, draft: int, classes: dict[str, str], reason: str = "", seen: int = 1) -> int | None:
    """Somebody publishes a draft; gives the number of the publication, None where it waits for a second person."""
    actor = world.actor(who)

    def work(session: Any) -> int | None:
        kept = store.kept_draft(session, actor, draft)
        made = actions.offer(session, world.clock(), kept, seen, classes, reason, signature_of(actor))
        return made.number if made else None

    number: int | None = world.do(work)
    return number


def signature_of(actor: Any) -> Signature:
    return Signature(actor.person, actor.commitment)


def agree(world: World, who: str, draft: int, seen: int = 1) -> int:
    actor = world.actor(who)

    def work(session: Any) -> int:
        kept = store.kept_draft(session, actor, draft)
        assert kept.draft
        return actions.agree(session, actor, world.clock(), kept, seen, digest(kept.draft.proposal)).number

    number: int = world.do(work)
    return number


def discard(world: World, who: str, draft: int) -> None:
    actor = world.actor(who)
    world.do(lambda session: actions.discard(session, actor, world.clock(), store.kept_draft(session, actor, draft)))
