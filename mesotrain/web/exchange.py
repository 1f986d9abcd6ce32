"""Questions brought in from a file: looked at, chosen, and put into a draft or a file. And a bank taken elsewhere.

Looking writes nothing. The page carries the file on, packed; each step reads it anew, in a process with limits.
"""

import re
from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from io import BytesIO
from threading import Lock
from zipfile import ZipFile, ZipInfo

from cachetools import LRUCache
from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain import apart
from mesotrain.actions import exchange as actions
from mesotrain.core.access import Actor
from mesotrain.core.courses import Medium
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.questions import Part, with_texts
from mesotrain.formats.exchange import FORMATS, Conversion, format_of
from mesotrain.formats.exchange.banks import block, slug
from mesotrain.formats.exchange.entering import Files
from mesotrain.formats.exchange.notes import CHANGED, GUESSED, KEPT, LOST, Brought, Exchanged, Sent
from mesotrain.formats.exchange.notes import MEND as TO_BE_MENDED
from mesotrain.formats.lines import Report
from mesotrain.formats.media import read_medium
from mesotrain.store import drafts, folders
from mesotrain.store import exchange as store
from mesotrain.store.db import for_reading
from mesotrain.web import gate
from mesotrain.web.brought import MEND, MOST_BYTES, TWICE, Carried, Looked, ranges, shown, ticked
from mesotrain.web.gate import page, step
from mesotrain.web.links import url_for
from mesotrain.web.questions import TYPES
from mesotrain.web.slots import asked, with_key
from mesotrain.web.words import gettext, lang, ngettext

exchange = Blueprint("exchange", __name__)

PASTED = "pasted.txt"
"""As a text that was pasted would be called; what it holds tells which kind it is."""
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
NOTHING = "Choose a file, or paste its text."
TOO_LARGE = "This file has %(size)s bytes; here at most %(most)s are taken. Send it in parts."
NO_FORMAT = "The name of the file does not tell its format. Choose it here."
NONE_CHOSEN = "No question is chosen. Tick those that are to be taken."
TO_MEND = (
    "Nothing has entered: some questions cannot as they are. They are ticked no more; what is wrong stands at each."
)
NO_BANK = "Choose the bank that they are to enter."
WAITS, WAIT = "%(count)s question waits in this draft.", "%(count)s questions wait in this draft."
LEFT_OUT = "References to sections or sources that this course does not have: %(count)s left out."
SENTENCES = (NOTHING, TOO_LARGE, NO_FORMAT, NONE_CHOSEN, TO_MEND, NO_BANK, WAITS, WAIT, LEFT_OUT)

_READ: LRUCache[Carried, Conversion] = LRUCache(maxsize=4)
_LOCK = Lock()


@page(exchange, "/bring", may="publish")
def choose(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    return _choose()


def _choose(wrong: str = "") -> str:
    known = [(name, one.title, one.extensions) for name, one in FORMATS.items() if one.read]
    return render_template("exchange/choose.html", formats=known, wrong=wrong, megabytes=MOST_BYTES // 1_000_000)


@step(exchange, "/bring", may="publish", kilobytes=KILOBYTES)
def look(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    sent = _sent()
    return (_choose(sent), 422) if isinstance(sent, str) else _looked(session, actor, sent)


def _sent() -> Carried | str:
    """What the form sends or carries on; a sentence where that is nothing."""
    if carried := Carried.of(request.form):
        return carried
    file, text = request.files.get("file"), request.form.get("text", "")
    content, path = (file.read(), file.filename or "") if file and file.filename else (text.encode(), "")
    if not content.strip():
        return gettext(NOTHING)
    if len(content) > MOST_BYTES:
        return gettext(TOO_LARGE, size=f"{len(content):,}", most=f"{MOST_BYTES:,}")
    try:
        found = format_of(path or PASTED, request.form.get("format", ""), content)
    except Refused:
        return gettext(NO_FORMAT)
    return Carried(content, path or "questions", found)


def _read(carried: Carried) -> Conversion:
    """The file as a bank. Pages of the same file follow each other, so a few are remembered."""
    known = FORMATS.get(carried.format)
    if known is None or known.read is None:
        raise NotFound
    with _LOCK:
        found = _READ.get(carried)
    if found is None:
        found = apart.converted(carried.content, carried.path, carried.format, "bank")
        if found.sent:
            with _LOCK:
                _READ[carried] = found
    return found


def _looked(
    session: Session,
    actor: Actor,
    carried: Carried,
    said: str = "",
    wrong: Mapping[int, Sequence[str]] | None = None,
) -> ResponseReturnValue:
    """The preview: one page of what a filter finds; the rest of what is ticked is carried on."""
    made = _read(carried)
    if made.sent is None:
        return render_template("exchange/none.html", path=carried.path, refused=made.refused), 422
    looked = Looked(made.questions, store.known(session, actor), wrong or {})
    chosen = ticked(request.form)
    chosen = looked.fit if chosen is None else chosen & looked.fit
    part = shown(looked, request.form)
    g.own_pictures = bool(made.sent.media)
    page = render_template(
        "exchange/look.html",
        carried=carried,
        questions=made.questions,
        refused=made.refused,
        rows=_rows(looked, made.sent.media, list(part.places)),
        part=part,
        counts=looked.counts(),
        statuses={name: (gettext(word), tone, gettext(means)) for name, (word, tone, means) in STATUSES.items()},
        chosen=chosen,
        picked=ranges(chosen),
        on=ranges(part.places),
        places=store.places(session, actor),
        into=request.form.get("into", ""),
        said=said,
        others=looked.wrong.get(-1, ()),
    )
    return page, 422 if said else 200


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
    row: dict[str, object] = {
        "place": place,
        "one": one,
        "kind": kind,
        "type": gettext(TYPES[str(one.question.taker["type"])]) if one.question.taker["type"] in TYPES else "",
        "mending": looked.mending(place),
        "notes": [said for said in one.notes.said if said[1].removeprefix(TO_BE_MENDED) not in looked.mending(place)],
        "other": other,
        "url": "",
        "source": block(one) if one.question.taker["type"] in TYPES else str(one.question.taker["stem"]),
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
        return _choose(gettext(NOTHING)), 422
    questions, places, media = _chosen(carried)
    course, _, module = request.form.get("into", "").partition("/")
    if not questions or not re.fullmatch("[0-9]{1,9}", course):
        return _looked(session, actor, carried, gettext(NO_BANK if questions else NONE_CHOSEN))
    session.rollback()
    for_reading(session)
    try:
        kept = drafts.kept_of(session, actor, int(course))
        ahead = actions.look(session, actor, kept, module, questions, media, _folder)
    finally:
        session.rollback()
    if ahead.text is None:
        wrong = {places[at] if at >= 0 else -1: said for at, said in ahead.wrong.items()}
        return _looked(session, actor, carried, gettext(TO_MEND), wrong)

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
        return _choose(gettext(NOTHING)), 422
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
        with ZipFile(packed := BytesIO(), "w") as folder:
            for path, one in {f"{name}{ending}": sent.content, **sent.media}.items():
                folder.writestr(ZipInfo(path), one)
        content, ending = packed.getvalue(), ".zip"
    said = f"attachment; filename={name}{ending}"
    return Response(content, mimetype="application/octet-stream", headers={"Content-Disposition": said})


@page(exchange, "/questions/<course>/<module>/out", may="questions")
def out(session: Session, actor: Actor, now: object, course: str, module: str) -> ResponseReturnValue:
    found = store.taken(session, actor, course, module)
    known = [(name, one.title) for name, one in FORMATS.items() if one.write]
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
            title=FORMATS[kind].title,
            found=found,
            told=sorted(told, key=lambda one: one.notes.status != LOST),
            statuses={name: (gettext(word), tone) for name, (word, tone, _) in STATUSES.items()},
        )
    return _file(sent, module, FORMATS[kind].extensions[0])
