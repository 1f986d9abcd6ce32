"""Questions from elsewhere written into the bank of a course's text."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from mesotrain.core.courses import Course, Module, Question
from mesotrain.core.errors import Fault, NotFound, Refused
from mesotrain.formats.courses import BANK, parsed
from mesotrain.formats.exchange import banks
from mesotrain.formats.exchange.notes import Exchanged
from mesotrain.formats.lines import FIGURE, NAME

Files = Mapping[str, str | bytes]
_NAMED = re.compile(rf"(?m)^##\s*({NAME})\s*$")
_SAID = re.compile(rf"question \(({NAME})\): (.*)", re.DOTALL)

_INHERITS = re.compile(r"---\n(?:(?!---).*\n)*?(?:section|level):")
"""A bank that says something of each question that does not."""


@dataclass(frozen=True)
class Entered:
    """The files of a course with what came in; its new ids in their order, and how many references were left out.

    `course` is what the files said before. What is `plain` of what came in is read with the draft, not before; `tried`
    are the files with nothing in its place.
    """

    files: Files
    names: list[str]
    left_out: int
    course: Course
    module: str
    plain: Mapping[str, Question]
    tried: Files

    def read(self) -> tuple[Course, list[Fault]]:
        """The course that `files` say, and every fault there is."""
        course, faults = (self.course, []) if len(self.plain) == len(self.names) else parsed(self.tried)
        modules = (self._filled(one) if one.name == self.module else one for one in course.modules)
        return replace(course, modules=tuple(modules)), faults

    def _filled(self, module: Module) -> Module:
        known = {one.name: one for one in module.questions}
        new = {name: known.pop(name, None) or self.plain.get(name) for name in self.names}
        return replace(module, questions=(*known.values(), *filter(None, new.values())))

    def wrong(self, faults: Iterable[Fault]) -> dict[int, list[str]]:
        """What is wrong with each of those that came in, by its place among them; at -1 with anything else."""
        found: dict[int, list[str]] = {}
        for fault in faults:
            said = _SAID.fullmatch(fault.message)
            place = self.names.index(said[1]) if said and said[1] in self.names else -1
            found.setdefault(place, []).append(said[2] if said and place >= 0 else str(fault))
        return found


def entered(
    files: Files, course: Course, module: str, brought: Iterable[Exchanged], media: Mapping[str, bytes], taken: set[str]
) -> Entered:
    """`files`, which say `course`, with these questions at the end of a module's bank, under ids that are not `taken`.

    What names another course's competency, sections or sources is left out. Raises NotFound for no such module.
    """
    path, into = f"{module}/{BANK}", next((one for one in course.modules if one.name == module), None)
    text = files.get(path)
    if into is None or not isinstance(text, str):
        raise NotFound
    used = {name for one in files.values() if isinstance(one, str) for name in _NAMED.findall(one)} | taken
    ids = _ids(_NAMED.findall(text), used, module)
    sections = {f"{one.name}#{section.name}" for one in course.modules for section in one.sections}
    sources, rules = {one.code for one in course.references}, {one.code for one in course.competencies}
    pictures = _pictures(files, module, media)
    blocks, tried, names, left = [], list[str](), list[str](), 0
    known, line, inherits = dict[str, Question](), text.rstrip("\n").count("\n") + 3, _INHERITS.match(text)
    for one in brought:
        old = one.question
        new = replace(
            old,
            name=next(ids),
            competency=old.competency if old.competency in rules else into.competency,
            sections=tuple(name for name in old.sections if name in sections),
            cites=tuple(name for name in old.cites if name in sources),
        )
        left += len(old.sections) + len(old.cites) - len(new.sections) - len(new.cites)
        names.append(new.name)
        blocks.append(block := _shown(banks.block(new, one.title), pictures))
        if one.plain and new.competency and not inherits:
            known[new.name] = replace(new, source=block, line=line)
        tried.append("\n" * block.count("\n") if new.name in known else block)
        line += block.count("\n") + 2
    shown = {found["path"] for block in blocks if pictures for found in FIGURE.finditer(block)}
    added = {f"{module}/{pictures[path]}": content for path, content in media.items() if pictures[path] in shown}

    def grown(blocks: list[str]) -> Files:
        return {**files, **added, path: "\n\n".join([text.rstrip("\n"), *blocks]) + "\n"}

    return Entered(grown(blocks), names, left, course, module, known, grown(tried))


def _ids(own: list[str], used: set[str], module: str) -> Iterator[str]:
    """Ids that go on from those of this bank."""
    heads = [name.rpartition("-")[0] for name in own]
    head = max(heads, key=heads.count) if heads else banks.letters(f"{module}.md")
    last = max((int(name[-4:]) for name in used if name.startswith(f"{head}-")), default=0)
    yield from (f"{head}-{number:04d}" for number in range(last + 1, 10_000))
    raise Refused("The ids of this bank, which begin with %(head)s, have come to their end.", head=head)


def _pictures(files: Files, module: str, media: Mapping[str, bytes]) -> dict[str, str]:
    """The name of each picture in the module; another than in its file where another picture has that."""
    found = {}
    for path, content in media.items():
        stem, _, ending = path.rpartition(".")
        other = files.get(f"{module}/{path}", content) != content
        found[path] = f"{stem}-{sha256(content).hexdigest()[:8]}.{ending}" if other else path
    return found


def _shown(block: str, pictures: Mapping[str, str]) -> str:
    if not pictures:
        return block
    return FIGURE.sub(lambda found: found[0].replace(found["path"], pictures.get(found["path"], found["path"])), block)
