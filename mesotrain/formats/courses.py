"""A course folder as text, read whole: every fault of every file at once, or the course."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mesotrain.core.courses import (
    EVIDENCE_KINDS,
    UNSIGNED,
    Competency,
    Course,
    Medium,
    Module,
    Reference,
    Source,
    sign_off,
)
from mesotrain.core.errors import BadContent, Fault
from mesotrain.core.plans import safety_of
from mesotrain.core.schemes import Scheme
from mesotrain.formats.bank import Bank, read_bank
from mesotrain.formats.exams import EXAM, filled, judged_at_once, on_their_banks, read_exam
from mesotrain.formats.fields import LANGUAGE, SLUG, TITLE, Table, read_yaml
from mesotrain.formats.lesson import LESSON, Lesson, read_lesson
from mesotrain.formats.lines import CODE, FIGURE, NO_TEXT, Mention, Report, cleaned, shown_line
from mesotrain.formats.media import boxes, read_medium
from mesotrain.formats.schemes import SCHEME, read_scheme

COURSE, REFERENCES, BANK = "course.yaml", "references.yaml", "bank.md"
STATUSES = {
    "demonstration": "Awaits a named clinician's sign-off",
    "signed": "Signed by a named clinician",
}
UNSOURCED = ("CALC", "GK", "PROP")
"""Kinds of evidence that may stand without a source."""

_URL = re.compile(r"https?://\S+")
_MISSING = {
    "reference": "there is no reference {} in references.yaml.",
    "section": "there is no section {} in the course.",
    "competency": "there is no competency {} in course.yaml.",
    "assessment": "{} is no quiz or exam of the course that proves anything.",
    "point": "{} is no safety point of its plan.",
    "form": "there is no form {} under forms.",
    "safety": "no question of the course is on a safety point {}.",
    "figure": "there is no file {}.",
    "link": "there is no section {} in the course; a link names a section by its own id.",
    "check": "{} is no practice question of this module's bank; there it has the line practice: yes.",
}


@dataclass
class _Folder:
    """The files of a course while they are read. `known` holds what each kind of mention may name."""

    files: Mapping[str, str]
    media: Mapping[str, Medium]
    faults: list[Fault]
    known: dict[str, set[str]]

    def open(self, path: str) -> tuple[str, Report] | None:
        report = Report(path, self.faults)
        if path not in self.files:
            report.say("missing", 1, "the file is missing.")
            return None
        if NO_TEXT.match(self.files[path]):
            report.say(
                "encoding", 1, "this file is no plain text in UTF-8; save it as plain text, with encoding UTF-8."
            )
            return None
        return cleaned(self.files[path], report), report


def read_course(files: Mapping[str, str | bytes]) -> Course:
    """The course whose files, by their path in its folder, are `files`. Raises BadContent with every fault there is."""
    course, faults = parsed(files)
    if faults:
        raise BadContent(faults)
    return course


def parsed(files: Mapping[str, str | bytes]) -> tuple[Course, list[Fault]]:
    """What of a course could be read, and every fault there is."""
    faults: list[Fault] = []
    texts = {path: text for path, text in files.items() if isinstance(text, str)}
    media = {
        path: read_medium(path, content, Report(path, faults))
        for path, content in files.items()
        if isinstance(content, bytes)
    }
    folder = _Folder(texts, media, faults, {"figure": set(media)})
    opened = folder.open(COURSE)
    table = read_yaml(*opened) if opened else Table(Report(COURSE, []), None, 1)
    table.only("course", "title", "language", "status", "competencies", "modules")
    rules = table.table("competencies")
    competencies = _competencies(rules)
    if rules.readable:
        folder.known["competency"] = {one.code for one in competencies}
        if not competencies:
            table.say("empty", "competencies", "names no competency.")
    course = Course(
        name=table.shaped("course", SLUG, "mesotherapy"),
        title=table.text("title", longest=TITLE),
        language=table.shaped("language", LANGUAGE, "en"),
        status=table.choice("status", STATUSES, ", ".join(STATUSES)),
        competencies=competencies,
        references=_references(folder),
        modules=_modules(table, folder),
        media=tuple({one.digest: one for one in media.values()}.values()),
        scheme=_scheme(folder),
    )
    return course, folder.faults


def _competencies(table: Table) -> tuple[Competency, ...]:
    found = []
    for code in table:
        if not re.fullmatch(r"[A-Z]{2,5}", code):
            table.say("shape", code, "is no competency's code; write two to five capital letters, such as EMG.")
        rules = table.table(code)
        rules.only("title", "can", "valid", "renewal", "grace")
        found.append(
            Competency(
                code=code,
                title=rules.text("title", longest=TITLE),
                can=rules.text("can"),
                valid_months=rules.count("valid", "month", 1, 600),
                renewal_days=rules.count("renewal", "day", 0, 3650),
                grace_days=rules.count("grace", "day", 0, 3650),
            )
        )
    return tuple(found)


def _references(folder: _Folder) -> tuple[Reference, ...]:
    opened = folder.open(REFERENCES)
    if not opened:
        return ()
    table = read_yaml(*opened)
    table.only("facts", "sources")
    facts = table.table("facts")
    sources = _sources(table.table("sources"))
    found = []
    for code in facts:
        if not re.fullmatch(CODE, code):
            facts.say("shape", code, "is no reference's code; write one such as I01.")
        fact = facts.table(code)
        fact.only("kind", "sources", "note")
        kind = fact.choice("kind", EVIDENCE_KINDS, ", ".join(EVIDENCE_KINDS))
        keys = fact.texts("sources", optional=True)
        for key in keys:
            if key not in sources:
                fact.say("unknown-source", "sources", f"names “{shown_line(key)}”, which is not under sources.")
        if kind and kind not in UNSOURCED and not keys:
            fact.say("unsourced", "sources", f"is needed: only {', '.join(UNSOURCED)} stand without one.")
        named = tuple(sources[key] for key in keys if key in sources)
        found.append(Reference(code, kind, named, fact.text("note", optional=True)))
    if facts.readable:
        folder.known["reference"] = {one.code for one in found}
    return tuple(found)


def _scheme(folder: _Folder) -> Scheme:
    """The scheme, which a course may leave out."""
    opened = folder.open(SCHEME) if SCHEME in folder.files else None
    if not opened:
        return Scheme()
    scheme, mentions = read_scheme(*opened)
    folder.known["form"] = {one.name for one in scheme.forms}
    _mentioned(mentions, folder, SCHEME)
    return scheme


def _sources(table: Table) -> dict[str, Source]:
    found = {}
    for key in table:
        source = table.table(key)
        source.only("text", "url", "seen")
        url = source.shaped("url", _URL, "https://example.org/page")
        found[key] = Source(key, source.text("text"), url, source.text("seen"))
    return found


def _modules(table: Table, folder: _Folder) -> tuple[Module, ...]:
    names = table.texts("modules")
    for name in names:
        if not SLUG.fullmatch(name):
            table.say("shape", "modules", f"names a folder “{shown_line(name)}”; use small letters, digits and dashes.")
        elif names.count(name) > 1:
            table.say("twice", "modules", f"names {name} twice.")
    for path in folder.files:
        module, _, file = path.rpartition("/")
        if names and file in (LESSON, EXAM) and module not in names:
            what = "a lesson" if file == LESSON else "an exam"
            table.say("unnamed-module", "modules", f"does not name the folder {shown_line(module)}, which has {what}.")
    read = {name: _module(name, folder) for name in dict.fromkeys(names) if SLUG.fullmatch(name)}
    _cross_check(read, folder)
    joined = (_joined(name, lesson, bank, folder.media) for name, (lesson, bank) in read.items())
    modules = tuple(module for module in joined if module)
    _fill(modules, read, folder)
    if len(modules) == len(names):
        proving = [one for one in modules if not one.quiz.practice]
        folder.known["assessment"] = {one.name for one in proving}
        folder.known["point"] = {f"{one.name}: {point}" for one in proving for point in safety_of(one.quiz.plan)}
    return modules


def _fill(modules: Sequence[Module], read: Mapping[str, tuple[Lesson | None, Bank | None]], folder: _Folder) -> None:
    """Looks whether each plan is filled, once nothing else is wrong with the questions."""

    def report(name: str) -> Report:
        lesson = read[name][0]
        return Report(f"{name}/{lesson.file if lesson else LESSON}", folder.faults)

    banks = {name for name, (_, bank) in read.items() if bank}
    on_their_banks({name: lesson for name, (lesson, _) in read.items()}, banks, report)
    broken = {fault.path for fault in folder.faults}
    for module in modules:
        lesson = read[module.name][0]
        concerned = {f"{name}/{BANK}" for name in (module.name, *module.quiz.draws_on)}
        if lesson and not broken & {*concerned, f"{module.name}/{lesson.file}"}:
            filled(modules, module, lesson.quiz_line, report(module.name))
            judged_at_once(modules, module, lesson.quiz_line, report(module.name))
            _signed(module, lesson.sign_line, report(module.name))


def _signed(module: Module, line: int, report: Report) -> None:
    """Reports a signature that is of another text."""
    signed = sign_off(module.sign_off)
    if signed and signed.version != module.text_version:
        what = f"is of another text, {signed.version}" if signed.version else "names no version of the text"
        again = f"this text, with its questions, is {module.text_version}"
        report.say("signed-text", line, f"the sign-off {what}; {again}. Have that signed, or write {UNSIGNED}.")


def _module(name: str, folder: _Folder) -> tuple[Lesson | None, Bank | None]:
    exam, bank = f"{name}/{EXAM}", f"{name}/{BANK}"
    if exam not in folder.files:
        text = folder.open(f"{name}/{LESSON}")
        lesson = read_lesson(*text) if text else None
    else:
        text = folder.open(exam)
        lesson = read_exam(*text) if text else None
        if f"{name}/{LESSON}" in folder.files:
            Report(exam, folder.faults).say("twice", 1, f"{name} holds a lesson or an exam, not both.")
    questions = folder.open(bank) if exam not in folder.files or bank in folder.files else None
    pictures = boxes({path: one.content for path, one in folder.media.items()}, f"{name}/")
    return lesson, (read_bank(*questions, pictures) if questions else None)


def _joined(name: str, lesson: Lesson | None, bank: Bank | None, media: Mapping[str, Medium]) -> Module | None:
    if lesson is None or (bank is None and not lesson.quiz.exam):
        return None

    def shown(text: str) -> dict[str, str]:
        paths = {found["path"] for found in FIGURE.finditer(text)} if "![" in text else ()
        return {path: media[f"{name}/{path}"].digest for path in sorted(paths) if f"{name}/{path}" in media}

    return Module(
        name=name,
        title=lesson.title,
        summary=lesson.summary,
        competency=lesson.competency,
        minutes=lesson.minutes,
        outcomes=lesson.outcomes,
        quiz=lesson.quiz,
        sign_off=lesson.sign_off,
        sections=tuple(replace(one, media=shown(one.text)) for one in lesson.sections),
        questions=tuple(
            replace(one, media=found) if (found := shown(one.source)) else one
            for one in (bank.questions if bank else ())
        ),
    )


def _cross_check(read: Mapping[str, tuple[Lesson | None, Bank | None]], folder: _Folder) -> None:
    if all(lesson and all(SLUG.fullmatch(one.name) for one in lesson.sections) for lesson, _ in read.values()):
        folder.known["section"] = {
            f"{name}#{section.name}" for name, (lesson, _) in read.items() if lesson for section in lesson.sections
        }
        folder.known["link"] = {section.partition("#")[2] for section in folder.known["section"]}
    if not any(fault.path.endswith(BANK) for fault in folder.faults):
        folder.known["safety"] = {one.safety for _, bank in read.values() if bank for one in bank.questions}
    _once(read, folder)
    asked: dict[str, str] = {}
    for name, (lesson, bank) in read.items():
        if lesson:
            folder.known["check"] = set(bank.practice) if bank else {one.name for one in lesson.mentions}
            _mentioned(lesson.mentions, folder, f"{name}/{lesson.file}")
        if not bank:
            continue
        path = f"{name}/{BANK}"
        _mentioned(bank.mentions, folder, path)
        for question, line in bank.names:
            if not asked.setdefault(question, f"{path}:{line}").startswith(f"{path}:"):
                about = f"question ({question})"
                Report(path, folder.faults).on(about).say(
                    "twice", line, f"this id is already used at {asked[question]}."
                )
        if lesson and not lesson.quiz.plan and lesson.quiz.questions > bank.live:
            sentence = f"the quiz asks {lesson.quiz.questions} questions, but the bank has {bank.live} to ask."
            Report(f"{name}/{LESSON}", folder.faults).say("few-questions", lesson.quiz_line, sentence)


def _once(read: Mapping[str, tuple[Lesson | None, Bank | None]], folder: _Folder) -> None:
    """Reports a section's id that another lesson uses: it names the section wherever that will stand."""
    first: dict[str, str] = {}
    for name, (lesson, _) in read.items():
        for section in lesson.sections if lesson else ():
            place = f"{name}/{LESSON}:{section.line}"
            other = first.setdefault(section.name, place)
            if section.name and not other.startswith(f"{name}/"):
                Report(f"{name}/{LESSON}", folder.faults).say(
                    "twice", section.line, f"the id {section.name} is already that of the section at {other}."
                )


def _mentioned(mentions: Iterable[Mention], folder: _Folder, path: str) -> None:
    for mention in mentions:
        known = folder.known.get(mention.kind)
        name = f"{path.rpartition('/')[0]}/{mention.name}" if mention.kind == "figure" else mention.name
        if mention.nearly:
            if known and name in known:
                sentence = f"write this citation as [{name}], not as “{shown_line(mention.nearly)}”."
                Report(path, folder.faults, mention.about).say("citation", mention.line, sentence)
        elif known is not None and name not in known:
            sentence = _MISSING[mention.kind].format(shown_line(name))
            if mention.kind == "section" and (now := _moved(name, known)):
                sentence = f"{name} stands in another module now; write {now}."
            Report(path, folder.faults, mention.about).say(f"no-{mention.kind}", mention.line, sentence)


def _moved(name: str, known: set[str]) -> str | None:
    """Where a section stands now that stood in another module."""
    return next((one for one in known if one.partition("#")[2] == name.partition("#")[2]), None)
