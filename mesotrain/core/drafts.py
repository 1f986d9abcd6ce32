"""What a new text of a course would change: the plan that is shown before anything is published."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from mesotrain.core.canonical import Json, digest
from mesotrain.core.changes import SAFETY, proposed, touched
from mesotrain.core.courses import Course, Section
from mesotrain.core.schemes import Scheme

ADDED, CHANGED, MOVED, RETIRED, KEPT = "added", "changed", "moved", "retired", "kept"
WHAT = {ADDED: "Added", CHANGED: "Changed", MOVED: "Moved", RETIRED: "Retired", KEPT: "As it is"}
KINDS = {
    "course": "Course",
    "competency": "Competency",
    "rules": "Rules",
    "document": "Document",
    "procedure": "Procedure",
    "certificate": "Certificate",
    "form": "Form",
    "prior": "Learnt elsewhere",
    "status": "Status",
    "module": "Module",
    "section": "Section",
    "question": "Question",
    "reference": "Reference",
}
"""The parts of a course that change one by one, in the order a plan lists them."""
_ORDERS = ("modules", "sections", "order")
"""Values that only list other parts: those speak for themselves."""
_ALIKE = 0.5
"""The share of their words in common from which on a section that comes takes the place of one that goes."""

Key = tuple[str, str]
"""(kind, name) of a part."""
Once = Mapping[tuple[str, str, str], int]
"""(kind, name, what a part `says`, or "" for itself) -> the number of the publication that had it first."""


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
        return cls(kind, name, "", digest(dict(model)), str(model.get("title", name)), "\n".join(_lines(model)))

    @property
    def key(self) -> Key:
        return self.kind, self.name

    @property
    def called(self) -> str:
        """Its name, that of a section with the module it stands in."""
        return f"{self.place}#{self.name}" if self.kind == "section" else self.name

    @property
    def says(self) -> frozenset[str]:
        """What may be newer or older of it: its words, whole, and where it stands; of values each line."""
        if self.kind in ("section", "question"):
            return frozenset(says(self.version, self.place))
        return frozenset(line for line in self.text.split("\n") if line.partition(":")[0] not in _ORDERS)


def says(version: str, place: str) -> tuple[str, str]:
    """What a section or a question `says`."""
    return version, f"in {place}"


def _lines(model: Mapping[str, Any]) -> list[str]:
    """A line for each value, also for each that is within another."""
    flat = {
        f"{key}{f' {inner}' if inner else ''}": one
        for key, value in model.items()
        for inner, one in (sorted(value.items()) if isinstance(value, dict) else [("", value)])
    }
    return [f"{key}: {_said(value)}" for key, value in flat.items()]


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
    found += scheme_pieces(course.scheme)
    found += [Piece.of_model("reference", one.code, one.model()) for one in course.references]
    for module in course.modules:
        order = [section.name for section in module.sections]
        found.append(Piece.of_model("module", module.name, {**module.front(), "sections": order}))
        found += [_section(module.name, one) for one in module.sections]
        found += [
            Piece("question", one.name, module.name, one.version, one.name, one.source) for one in module.questions
        ]
    return found


def scheme_pieces(scheme: Scheme) -> list[Piece]:
    """Every part of a scheme: its day, and what it keeps of each document, procedure, status, certificate and form."""
    kinds = (
        ("document", "documents"), ("procedure", "procedures"), ("status", "statuses"), ("certificate", "certificates"),
        ("form", "forms"), ("prior", "prior"),
    )  # fmt: skip
    parts: Mapping[str, Any] = scheme.model()
    day = [Piece.of_model("rules", "from", {"from": parts["from"]})] if "from" in parts else []
    return day + [Piece.of_model(kind, name, one) for kind, part in kinds for name, one in parts.get(part, {}).items()]


def _section(module: str, section: Section) -> Piece:
    return Piece("section", section.name, module, section.version, section.title, section.text, _shown(section))


def _shown(section: Section) -> tuple[str, ...]:
    figures = sorted(section.media, key=section.text.find)
    words = sorted({f"{short}: {long}" for short, long in section.abbreviations.items()})
    return (*(section.media[path] for path in figures), *words)


@dataclass(frozen=True)
class Change:
    """What becomes of one part. `wants` is the class a section's change asks for, `conflict` why it may be a mistake.

    Where only somebody else's draft says something else, `after` is the part as it stays, or theirs. The `before` of a
    section that is added is the one that goes in whose place it comes.
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
        """What a plan and a publication call it."""
        return self.piece.called

    @property
    def instead(self) -> str:
        """What a section is called in whose place this one comes, or nothing."""
        return self.before.called if self.what == ADDED and self.before else ""


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
        """What a publication keeps: for each section the class of its change, or "new", "moved" or "retired".

        Where one that is new or retired has a class, both. Of every other part that changes it keeps what became of it,
        by its kind and name.
        """
        plain = {ADDED: "new", MOVED: "moved", RETIRED: "retired"}
        real = [one for one in self.changes if one.real]
        sections: dict[str, Json] = {
            one.name: ", ".join(
                filter(None, [plain.get(one.what), classes.get(one.name, one.wants) if one.wants else ""])
            )
            for one in real
            if one.piece.kind == "section"
        }
        rest: dict[str, Json] = {
            f"{one.piece.kind} {one.name}": plain.get(one.what, one.what) for one in real if one.piece.kind != "section"
        }
        return sections | rest if self.compared else sections


def plan(
    live: Iterable[Piece],
    text: Iterable[Piece],
    once: Once = MappingProxyType({}),
    other: Iterable[Piece] | None = None,
) -> Plan:
    """What `text` changes of what is `live`.

    `once` holds all that was ever live; `other` is a draft somebody else made. A part that undoes what a publication
    did, or that differs from the other draft where that one changes something, is in conflict.
    """
    before, after = {one.key: one for one in live}, {one.key: one for one in text}
    theirs = before if other is None else {one.key: one for one in other}
    known = max((once.get((*one.key, said), 0) for one in after.values() for said in one.says), default=0)
    instead = _instead(before, after)
    kinds = list(KINDS)
    found = list[Change]()
    for key in sorted({**after, **before, **theirs}, key=lambda key: kinds.index(key[0])):
        old, new, drafted = before.get(key), after.get(key), theirs.get(key)
        conflict = "draft" if _lost(drafted, old, new) else _undone(key, old, new, once, known)
        if _version(old) == _version(new):
            if old and new and old.place != new.place:
                found.append(Change(MOVED, old, new, conflict=conflict))
            elif conflict:
                found.append(Change(KEPT, old, new or drafted, conflict=conflict))
        elif new is None and old:
            found.append(Change(RETIRED, old, None, *_goes(old, instead), conflict))
        elif new:
            found.append(_comes(old, new, instead.get(key), conflict))
    return Plan(tuple(found), compared=bool(before))


def _undone(key: Key, old: Piece | None, new: Piece | None, once: Once, known: int) -> str:
    """Why a part may come from a text that is old: one that has nothing newer than publication `known`."""
    if new is None:
        return "newer" if old and once.get((*key, ""), 0) > known else ""
    if old is None:
        return "retired" if (*key, "") in once else ""
    return "older" if any((*key, said) in once for said in new.says - old.says) else ""


def _instead(before: Mapping[Key, Piece], after: Mapping[Key, Piece]) -> dict[Key, Piece]:
    """For each section that comes the one that goes whose words it shares the most, if they are enough."""
    gone = [(one, _words(one)) for key, one in before.items() if key not in after and one.kind == "section"]
    found = dict[Key, Piece]()
    for key, new in after.items():
        if gone and key not in before and new.kind == "section":
            words = _words(new)
            alike = [2 * (words & old).total() / max((words + old).total(), 1) for _, old in gone]
            if max(alike) >= _ALIKE:
                found[key] = gone[alike.index(max(alike))][0]
    return found


def _words(piece: Piece) -> Counter[str]:
    return Counter(re.findall(r"\w+", f"{piece.title} {piece.text}".lower()))


def _goes(old: Piece, instead: Mapping[Key, Piece]) -> tuple[frozenset[str], str]:
    """What retiring a part touches, and the class that asks for: safety rests on what a section says no more."""
    if old.kind != "section" or old in instead.values():
        return frozenset(), ""
    touches = touched(f"{old.title}\n\n{old.text}", "")
    return touches, SAFETY if touches else ""


def _comes(old: Piece | None, new: Piece, instead: Piece | None, conflict: str) -> Change:
    """A part that is other than it was, or is new; a section is held against the one it takes the place of."""
    what, old = (CHANGED, old) if old else (ADDED, instead)
    if new.kind != "section" or old is None:
        return Change(what, old, new, conflict=conflict)
    said = f"{old.title}\n\n{old.text}", f"{new.title}\n\n{new.text}"
    other = old.shown != new.shown or (what == CHANGED and said[0] == said[1])
    touches = touched(*said) | (frozenset({"figure"}) if other else frozenset())
    return Change(what, old, new, touches, proposed(*said, touches), conflict)


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
    "newer": "it was published after everything else that this text has",
    "retired": "it was published before and has been retired since",
    "draft": "a draft that may be somebody else's says something else here",
}
"""Why a change is in conflict."""
