"""Questions brought in from a file: looked at, chosen, and put into a draft or a file. And a bank taken elsewhere.

Looking writes nothing. The page carries the file on, packed; each step reads it anew, in a process with limits.
"""

import re
from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from threading import Lock

from cachetools import LRUCache
from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from mesotrain import apart
from mesotrain.actions import exchange as actions
from mesotrain.core.access import Actor
from mesotrain.core.courses import Medium
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.questions import Part, with_texts
from mesotrain.formats.exchange import FORMATS, Conversion
from mesotrain.formats.exchange.banks import block, slug
from mesotrain.formats.exchange.bundles import packed
from mesotrain.formats.exchange.entering import Files
from mesotrain.formats.exchange.notes import CHANGED, GUESSED, KEPT, LOST, Brought, Exchanged, Sent
from mesotrain.formats.exchange.notes import MEND as TO_BE_MENDED
from mesotrain.formats.lines import Report
from mesotrain.formats.media import read_medium
from mesotrain.store import drafts, folders
from mesotrain.store import exchange as store
from mesotrain.store.db import for_reading
from mesotrain.web import gate
from mesotrain.web.brought import (
    MEND,
    MOST_BYTES,
    NOTHING,
    TWICE,
    BringForm,
    Carried,
    Looked,
    ranges,
    sent,
    shown,
    ticked,
)
from mesotrain.web.gate import page, step
from mesotrain.web.links import url_for
from mesotrain.web.questions import TYPES
from mesotrain.web.slots import asked, opening, with_key
from mesotrain.web.words import gettext, lang, ngettext

exchange = Blueprint("exchange", __name__)

KILOBYTES = 6 * 1024
"""Of a form that carries a file."""
STATUSES = {
    GUESSED: ("Guessed", "due", "Look at these first: something of them is our guess."),
    LOST: ("Lost in part", "stop", "Something of them has no place here and is left out."),
    MEND: ("To be mended", "stop", "They cannot enter a bank as they are; what is wrong stands at each."),
    TWICE: ("Like another", "soon", "Nearly the same as a question that is here already, or as one before it."),
    CHANGED: ("Changed", "soon", "They say the same in another way."),
    KEPT: ("As it was", "good", "Nothing of them is lost, guessed or changed."),
}
"""What became of a question: its word, its look, and what it means."""
READ_AS = {"qti": "QTI, up to version 3.0", "csv": "Spreadsheet, as CSV or XLSX"}
"""What a format is called where more is read than is written."""
MADE_FOR = {
    "bank": "As it is written here. Nothing is lost.",
    "gift": "For Moodle, as plain text.",
    "moodle-xml": "For Moodle, with pictures.",
    "qti": "A package with its pictures, for other systems that examine.",
    "qti-2.2": "The same, for systems that do not read 3.0.",
    "qti-2.1": "The same, for systems that do not read 2.2.",
    "review-docx": "Every question with its key and boxes to tick, for somebody who never signs in.",
    "csv": "A row for each question, for any program. It can be edited and brought in again.",
    "xlsx": "A row for each question. It can be edited and brought in again.",
}
"""Who would take a bank out as each format."""
PLACES = {"docx": "Paragraph %(number)s", "csv": "Row %(number)s", "xlsx": "Row %(number)s"}
"""What is counted in a file; in others it is lines."""
LINE = "Line %(number)s"
WHOLE = ("docx", "xlsx", "qti", "bank-zip")
"""Of these a reason at the very first place is one of the whole file."""
NONE_CHOSEN = "No question is chosen. Tick those that are to be taken."
TO_MEND = (
    "Nothing has entered: some questions cannot as they are. They are ticked no more; what is wrong stands at each."
)
NO_BANK = "Choose the bank that they are to enter."
WAITS, WAIT = "%(count)s question waits in this draft.", "%(count)s questions wait in this draft."
LEFT_OUT = "References to sections or sources that this course does not have: %(count)s left out."
SENTENCES = (NONE_CHOSEN, TO_MEND, NO_BANK, WAITS, WAIT, LEFT_OUT, LINE)

_READ: LRUCache[Carried, Conversion] = LRUCache(maxsize=4)
_LOCK = Lock()


@page(exchange, "/bring", may="publish")
def choose(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    apart.HELPER.start()
    return _choose(BringForm())


def _choose(form: BringForm) -> str:
    """The form, with what was wrong in it."""
    known = {one.read: name for name, one in reversed(FORMATS.items()) if one.read}
    form.format.choices = [SelectChoice("", gettext("Find out from the file"))] + [
        SelectChoice(name, gettext(READ_AS.get(name, FORMATS[name].title)))
        for name in FORMATS
        if name in known.values()
    ]
    return render_template("exchange/choose.html", form=form, megabytes=MOST_BYTES // 1_000_000)


def _again() -> ResponseReturnValue:
    """What a page carried has not arrived."""
    form = BringForm()
    form.file.errors = [gettext(NOTHING)]
    return _choose(form), 422


@step(exchange, "/bring", may="publish", kilobytes=KILOBYTES)
def look(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    form = BringForm()
    found = Carried.of(request.form) or sent(form, request.files)
    return _looked(session, actor, found) if found else (_choose(form), 422)


def _read(carried: Carried) -> Conversion:
    """What the file holds, as a bank checks it. Pages of the same file follow each other, so a few are remembered."""
    known = FORMATS.get(carried.format)
    if known is None or known.read is None:
        raise NotFound
    with _LOCK:
        found = _READ.get(carried)
    if found is None:
        found = apart.converted(carried.content, carried.path, carried.format, "")
        if found.sent:
            with _LOCK:
                _READ[carried] = found
    return found


def _looked(
    session: Session,
    actor: Actor,
    carried: Carried,
    said: str = "",
    at: str = "shown",
    wrong: Mapping[int, Sequence[str]] | None = None,
) -> ResponseReturnValue:
    """The preview: one page of what a filter finds; the rest of what is ticked is carried on."""
    made = _read(carried)
    if made.sent is None:
        whole = carried.format in WHOLE and [one.line for one in made.refused] == [1]
        place = "" if whole else _place(carried)
        return render_template("exchange/none.html", carried=carried, refused=made.refused, place=place), 422
    looked = Looked(made.questions, store.known(session, actor), wrong or {})
    chosen = ticked(request.form)
    chosen = looked.fit if chosen is None else chosen & looked.fit
    part = shown(looked, request.form)
    if part.tick:
        these = looked.fit.intersection(looked.found(part.kind))
        chosen = chosen - these if part.tick == "none" else chosen | these
    g.own_pictures = bool(made.sent.media)
    page = render_template(
        "exchange/look.html",
        carried=carried,
        questions=made.questions,
        refused=made.refused,
        rows=_rows(looked, made.sent.media, list(part.places)),
        place=_place(carried),
        part=part,
        counts=looked.counts(),
        statuses={name: (gettext(word), tone, gettext(means)) for name, (word, tone, means) in STATUSES.items()},
        chosen=chosen,
        picked=ranges(chosen),
        on=ranges(part.places),
        places=store.places(session, actor),
        into=request.form.get("into", ""),
        said=said,
        at=at,
        others=looked.wrong.get(-1, ()),
    )
    return page, 422 if said else 200


def _place(carried: Carried) -> str:
    """What is counted in a file, as it is said of a number."""
    return gettext(PLACES.get(carried.format, LINE))


def _rows(looked: Looked, media: Mapping[str, bytes], places: Sequence[int]) -> list[dict[str, object]]:
    """The questions of a page, each as a taker sees it and with its key; as it is written where it is to be mended."""
    known = {path: read_medium(path, content, Report(path)) for path, content in media.items()}
    whole = [place for place in places if not looked.mending(place)]
    parts = [(looked.questions[place].question.taker, looked.questions[place].question.key) for place in whole]
    found = apart.rendered(parts, {path: one.digest for path, one in known.items()}) if parts else []
    slots = dict(zip(whole, found, strict=True)) if found is not None else {}
    return [_row(looked, place, slots.get(place), known.values()) for place in places]


def _row(looked: Looked, place: int, parts: tuple[Part, Part] | None, media: Collection[Medium]) -> dict[str, object]:
    one, kind, other = looked.questions[place], looked.kinds[place], looked.alike.get(place)
    asks, stem = str(one.question.taker["type"]), str(one.question.taker["stem"])
    row: dict[str, object] = {
        "place": place,
        "one": one,
        "kind": kind,
        "type": gettext(TYPES[asks]) if asks in TYPES else "",
        "mending": looked.mending(place),
        "notes": [said for said in one.notes.said if said[1].removeprefix(TO_BE_MENDED) not in looked.mending(place)],
        "other": other,
        "url": "",
        "source": block(one.question, one.title) if asks in TYPES else stem,
    }
    if other and (names := looked.address.get(id(other))):
        row["url"] = url_for("questions.question", course=names[0], name=names[1])
    if parts:
        taker, key = (_with_pictures(part, media) for part in parts)
        view = asked(place + 1, "preview", lang("en"), "", taker, {})
        row |= {"slot": view, "review": with_key(view, one.question.key, key, one.question.points)}
    return row


def _with_pictures(part: Part, media: Collection[Medium]) -> Part:
    """A part as HTML whose pictures, which are nowhere yet, stand in it."""

    def within(html: str) -> str:
        for one in media if "/media/" in html else ():
            data = f"data:{one.kind};base64,{b64encode(one.content).decode()}"
            html = re.sub(rf"/media/{one.digest}\.[a-z]+", data, html)
        return html

    inlined: Part = with_texts(part, lambda _, text: within(text))
    return inlined


def _chosen(carried: Carried) -> tuple[list[Exchanged], list[int], Mapping[str, bytes]]:
    """The questions that are ticked and fit to enter, their places, and the pictures of the file."""
    made = _read(carried)
    fit = Looked(made.questions, {}, {}).fit if made.sent else set()
    places = sorted((ticked(request.form) or set()) & fit)
    return [made.questions[place] for place in places], places, made.sent.media if made.sent else {}


@step(exchange, "/bring/draft", may="publish", kilobytes=KILOBYTES)
def bring(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    carried = Carried.of(request.form)
    if carried is None:
        return _again()
    questions, places, media = _chosen(carried)
    course, _, module = request.form.get("into", "").partition("/")
    if not questions or not re.fullmatch("[0-9]{1,9}", course):
        missing = (NO_BANK, "into") if questions else (NONE_CHOSEN, "shown")
        return _looked(session, actor, carried, gettext(missing[0]), missing[1])
    session.rollback()
    for_reading(session)
    try:
        kept = drafts.kept_of(session, actor, int(course))
        ahead = actions.look(session, actor, kept, module, questions, media, _folder)
    finally:
        session.rollback()
    if ahead.text is None:
        wrong = {places[at] if at >= 0 else -1: said for at, said in ahead.wrong.items()}
        return _looked(session, actor, carried, gettext(TO_MEND), wrong=wrong)

    def work() -> int | None:
        made = actions.bring(session, actor, gate.now(), ahead)
        return made.id if made else None

    made, count = gate.unit(work), len(questions)
    flash(ngettext(WAITS, WAIT, count, count=count), "good")
    if left := ahead.entered.left_out:
        flash(gettext(LEFT_OUT, count=left), "soon")
    return redirect(url_for("drafts.draft", draft_id=made) if made else url_for("drafts.courses"), 303)


def _folder(name: str) -> Files | None:
    """The files of a course in the folder of courses that this server has."""
    try:
        found = folders.course_folders(current_app.config["COURSES"])
    except Refused:
        return None
    named = re.compile(rf"(?m)^course:\s*{re.escape(name)}\s*$")
    every = (folders.read_folder(folder) for folder in found)
    return next((files for files in every if named.search(str(files.get(folders.COURSE, "")))), None)


@step(exchange, "/bring/file", may="publish", kilobytes=KILOBYTES)
def save(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    """What is ticked as a bank in Markdown."""
    carried = Carried.of(request.form)
    if carried is None:
        return _again()
    questions, _, media = _chosen(carried)
    if not questions:
        return _looked(session, actor, carried, gettext(NONE_CHOSEN))
    write = FORMATS["bank"].write
    if write is None:
        raise NotFound
    return _file(write(Brought(questions, [], dict(media)), slug(carried.path)), slug(carried.path), ".md")


def _file(sent: Sent, name: str, ending: str) -> Response:
    """A file to be kept; a folder packed in one where there are pictures beside it."""
    content = sent.content
    if sent.media:
        content, ending = packed({f"{name}{ending}": sent.content, **sent.media}), ".zip"
    said = f"attachment; filename={name}{ending}"
    return Response(content, mimetype="application/octet-stream", headers={"Content-Disposition": said})


@page(exchange, "/questions/<course>/<module>/out", may="questions")
def out(session: Session, actor: Actor, now: object, course: str, module: str) -> ResponseReturnValue:
    found = store.taken(session, actor, course, module)
    known = [(name, gettext(FORMATS[name].title), FORMATS[name].ending, gettext(MADE_FOR[name])) for name in MADE_FOR]
    return render_template("exchange/out.html", course=course, module=module, found=found, formats=known)


@page(exchange, "/questions/<course>/<module>/out/<kind>", may="questions")
def take(session: Session, actor: Actor, now: object, course: str, module: str, kind: str) -> ResponseReturnValue:
    """A bank in this format: at once where all of it goes, else after what is lost was shown."""
    write = FORMATS[kind].write if kind in FORMATS else None
    if write is None:
        raise NotFound
    found = store.taken(session, actor, course, module)
    brought = Brought([Exchanged(one) for one in found.questions], [], found.media)
    sent = write(brought, module)
    told = [one for one in brought.questions if one.notes.status != KEPT]
    if told and "anyway" not in request.args:
        return render_template(
            "exchange/lost.html",
            course=course,
            module=module,
            kind=kind,
            title=gettext(FORMATS[kind].title),
            found=found,
            told=[
                (one, opening(found.stems[one.question.name]))
                for one in sorted(told, key=lambda one: one.notes.status != LOST)
            ],
            statuses={name: (gettext(word), tone) for name, (word, tone, _) in STATUSES.items()},
        )
    return _file(sent, module, FORMATS[kind].ending)
