"""What a new text of a course would change: the plan that is shown before anything is published."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mesotrain.core.canonical import Json, digest
from mesotrain.core.changes import proposed, touched
from mesotrain.core.courses import Course, Section

ADDED, CHANGED, MOVED, RETIRED, KEPT = "added", "changed", "moved", "retired", "kept"
WHAT = {ADDED: "Added", CHANGED: "Changed", MOVED: "Moved", RETIRED: "Retired", KEPT: "As it is"}
KINDS = {
    "course": "Course",
    "competency": "Competency",
    "module": "Module",
    "section": "Section",
    "question": "Question",
    "reference": "Reference",
}
"""The parts of a course that change one by one, in the order a plan lists them."""


@dataclass(frozen=True)
class Piece:
    """A part of a course: its permanent name, the module it stands in, its version, and what its author reads.

    `shown` are the digests of the files it shows, in their order, and the words behind its abbreviations.
    """

    kind: str
    name: str
    place: str
    version: str
    title: str
    text: str
    shown: tuple[str, ...] = ()

    @classmethod
    def of_model(cls, kind: str, name: str, model: Mapping[str, Any]) -> "Piece":
        """A part that is values rather than text; each stands on its own line."""
        lines = [f"{key}: {_said(value)}" for key, value in model.items()]
        return cls(kind, name, "", digest(dict(model)), str(model.get("title", name)), "\n".join(lines))


def _said(value: Json) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_said(one)}" for key, one in sorted(value.items()))
    return "; ".join(map(_said, value)) if isinstance(value, list) else str(value)


def pieces(course: Course) -> list[Piece]:
    """Every part of a text."""
    words: dict[str, Json] = {"title": course.title, "language": course.language, "status": course.status}
    order: list[Json] = [module.name for module in course.modules]
    found = [Piece.of_model("course", "course", {**words, "modules": order})]
    found += [Piece.of_model("competency", one.code, one.model()) for one in course.competencies]
    found += [Piece.of_model("reference", one.code, one.model()) for one in course.references]
    for module in course.modules:
        order = [section.name for section in module.sections]
        found.append(Piece.of_model("module", module.name, {**module.front(), "sections": order}))
        found += [_section(module.name, one) for one in module.sections]
        found += [
            Piece("question", one.name, module.name, one.version, one.name, one.source) for one in module.questions
        ]
    return found


def _section(module: str, section: Section) -> Piece:
    return Piece("section", section.name, module, section.version, section.title, section.text, _shown(section))


def _shown(section: Section) -> tuple[str, ...]:
    figures = sorted(section.media, key=section.text.find)
    words = sorted({f"{short}: {long}" for short, long in section.abbreviations.items()})
    return (*(section.media[path] for path in figures), *words)


@dataclass(frozen=True)
class Change:
    """What becomes of one part. `wants` is the class a changed section asks for, `conflict` why it may be a mistake.

    Where only somebody else's draft says something else, `after` is the part as it stays, or theirs.
    """

    what: str
    before: Piece | None
    after: Piece | None
    touches: frozenset[str] = frozenset()
    wants: str = ""
    conflict: str = ""

    @property
    def piece(self) -> Piece:
        """The part as it will be, or as it was."""
        found = self.after or self.before
        if found is None:
            raise LookupError("a change is of something")
        return found

    @property
    def real(self) -> bool:
        """Whether it changes what is live, and is not there for its conflict alone."""
        return self.what != KEPT

    @property
    def name(self) -> str:
        """What a plan and a publication call it: sections with the module they stand in."""
        return f"{self.piece.place}#{self.piece.name}" if self.piece.kind == "section" else self.piece.name


@dataclass(frozen=True)
class Plan:
    """Every change of a course, in the order of its text."""

    changes: tuple[Change, ...] = field(default=())
    compared: bool = True

    @property
    def conflicts(self) -> list[Change]:
        return [one for one in self.changes if one.conflict]

    @property
    def classed(self) -> list[Change]:
        """The sections whose change somebody must call by its class."""
        return [one for one in self.changes if one.wants]

    def recorded(self, classes: Mapping[str, str]) -> dict[str, Json]:
        """What a publication keeps: for each section the class of its change, "new", "moved" or "retired".

        Of every other part that changes it keeps what became of it, by its kind and name.
        """
        plain = {ADDED: "new", MOVED: "moved", RETIRED: "retired"}
        real = [one for one in self.changes if one.real]
        sections: dict[str, Json] = {
            one.name: classes.get(one.name, one.wants) if one.wants else plain[one.what]
            for one in real
            if one.piece.kind == "section"
        }
        rest: dict[str, Json] = {
            f"{one.piece.kind} {one.name}": plain.get(one.what, one.what) for one in real if one.piece.kind != "section"
        }
        return sections | rest if self.compared else sections


def plan(
    live: Iterable[Piece], text: Iterable[Piece], once: Container[str] = (), other: Iterable[Piece] | None = None
) -> Plan:
    """What `text` changes of what is `live`.

    `once` holds every version that was ever live; `other` is a draft somebody else made. A part that goes back to words
    that were replaced, or that differs from the other draft where that one changes something, is in conflict.
    """
    before = {(one.kind, one.name): one for one in live}
    after = {(one.kind, one.name): one for one in text}
    theirs = None if other is None else {(one.kind, one.name): one for one in other}
    kinds = list(KINDS)
    names = sorted({**after, **before, **(theirs or {})}, key=lambda key: kinds.index(key[0]))
    found = (_change(before.get(key), after.get(key), once, theirs, key) for key in names)
    return Plan(tuple(one for one in found if one is not None), compared=bool(before))


def _change(
    old: Piece | None,
    new: Piece | None,
    once: Container[str],
    theirs: Mapping[tuple[str, str], Piece] | None,
    key: tuple[str, str],
) -> Change | None:
    drafted = theirs.get(key) if theirs is not None else old
    conflict = "draft" if _lost(drafted, old, new) else ""
    if _version(old) == _version(new):
        if old and new and old.place != new.place:
            return Change(MOVED, old, new, conflict=conflict)
        return Change(KEPT, old, new or drafted, conflict=conflict) if conflict else None
    if new is None or old is None:
        return Change(ADDED if new else RETIRED, old, new, conflict=conflict)
    if new.kind in ("section", "question") and new.version in once:
        conflict = conflict or "older"
    if new.kind != "section":
        return Change(CHANGED, old, new, conflict=conflict)
    said = f"{old.title}\n\n{old.text}", f"{new.title}\n\n{new.text}"
    other = old.shown != new.shown or said[0] == said[1]
    touches = touched(*said) | (frozenset({"figure"}) if other else frozenset())
    return Change(CHANGED, old, new, touches, proposed(*said, touches), conflict)


def _lost(drafted: Piece | None, old: Piece | None, new: Piece | None) -> bool:
    """Whether taking `new` would lose what a draft changed: its words, or where they stand."""
    words = _version(drafted) not in (_version(old), _version(new))
    return words or _place(drafted) not in (_place(old), _place(new))


def _version(piece: Piece | None) -> str:
    return piece.version if piece else ""


def _place(piece: Piece | None) -> str:
    return piece.place if piece else ""


CONFLICTS = {
    "older": "these words were published before and have been replaced since",
    "draft": "a draft that somebody else made says something else here",
}
"""Why a change is in conflict."""
