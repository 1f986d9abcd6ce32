"""Every word a reader meets goes through gettext: the pages are crawled in a language that does not exist.

The pseudo-locale has a letter with an accent for each plain one, so a plain letter on a page is either data (names,
the course, addresses, dates) or a text that no translator would ever see.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from html import escape, unescape
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from openpyxl import load_workbook

from mesotrain.actions import accounts, coming, invitations, marking, people
from mesotrain.actions import courses as published
from mesotrain.actions.adjustments import OWN
from mesotrain.actions.attempts import IN_MARKING, LEFT, TOO_FEW
from mesotrain.actions.certificates import TAKEN_FROM
from mesotrain.actions.drafts import LOOK_AGAIN
from mesotrain.actions.endings import settle
from mesotrain.actions.invigilation import HANDED_IN, IN_VAIN
from mesotrain.actions.rosters import AMISS
from mesotrain.actions.waiting import MOVED_ON, refused
from mesotrain.cli.worker import LEASE_SECONDS, Worker
from mesotrain.core import (
    access,
    assessments,
    attempts,
    certification,
    changes,
    clearance,
    competence,
    courses,
    drafts,
    grading,
    holds,
    invigilation,
    logbook,
    observations,
    privacy,
)
from mesotrain.core.access import MANAGER, TRAINEE
from mesotrain.core.accounts import GUESSES
from mesotrain.core.assertions import REVOKED, SUSPENDED
from mesotrain.core.holds import OUT, RIGHT
from mesotrain.core.names import WHOLE
from mesotrain.core.patients import MAY_NAME
from mesotrain.core.questions import RULES
from mesotrain.core.questions.cloze import GAP
from mesotrain.core.schemes import Prior
from mesotrain.formats import rosters, tables
from mesotrain.formats.bank import read_bank
from mesotrain.formats.exchange import FORMATS
from mesotrain.formats.lines import Report
from mesotrain.formats.markup import render
from mesotrain.store import assertions, installation, proposals
from mesotrain.store.attempts import Attempt
from mesotrain.store.courses import QuestionKey, QuestionVersion, SectionVersion
from mesotrain.store.letters import Letter
from mesotrain.store.outbox import IN_DOUBT, REFUSED, SENDING, STATES, Lease, Leaving, MailHold
from mesotrain.store.outsiders import Outsider
from mesotrain.store.papers import slots
from mesotrain.store.people import Person
from mesotrain.store.reminders import KINDS
from mesotrain.store.waiting import STATES as WAITINGS
from mesotrain.web import create_app, errors, keys, observed, passkeys
from mesotrain.web.answers import ALONE, LEVEL, PARTS, SEEN, THERE, WHO
from mesotrain.web.attempts import UNREADABLE
from mesotrain.web.brought import SENT
from mesotrain.web.certificates import GATES
from mesotrain.web.certificates import WHY as CERTIFIED
from mesotrain.web.clearance import ANSWERS as CLEARANCES
from mesotrain.web.clearance import WHAT as ASSERTED
from mesotrain.web.drafts import CLASSES, MEANS, QUIZ, YES
from mesotrain.web.examples import ANSWERS, BANK, GIVEN, PICTURES
from mesotrain.web.exams import TRIAL
from mesotrain.web.exchange import MADE_FOR, PLACES, READ_AS, SENTENCES, STATUSES
from mesotrain.web.invigilation import DID, DONE
from mesotrain.web.letters import SUBJECTS, compose
from mesotrain.web.logbook import FACES as CASES
from mesotrain.web.observations import NEWER
from mesotrain.web.people import ENDED, ENDS
from mesotrain.web.proposals import DONE as DECIDED
from mesotrain.web.proposals import FACES as PROPOSALS
from mesotrain.web.proposals import WHAT as PROPOSED
from mesotrain.web.questions import TYPES
from mesotrain.web.record import WHAT, WHAT_EXAM, WHY, WHY_EXAM
from mesotrain.web.rosters import LARGE
from mesotrain.web.supervision import ANSWERS as SIGNED
from mesotrain.web.team import HEADS
from mesotrain.web.waiting import ACTS, FACES, LETTERS
from mesotrain.web.words import BOXES, html
from tests.actions.certifying import certifies, propose, second
from tests.actions.clearing import TRAY, WATCHED, Desk, desk, with_scheme
from tests.actions.drafting import NUMBER, PLAIN, kept_by, take, tiny
from tests.actions.essays import TWO_OF_THEM, publish, write, written_course
from tests.actions.essays import educator as marker
from tests.actions.examining import begin as begin_exam
from tests.actions.examining import course as exam_course
from tests.actions.examining import publish as examine
from tests.actions.proving import add_app, mail, mailed
from tests.actions.taking import sit
from tests.actions.test_coming import MORE
from tests.web.test_coming import FILE
from tests.web.test_exchange import carried
from tests.world import CAST, ORGANISATIONS, PASSWORD, TEXTS, Browser, World, tiny_course

PACKAGE = Path(errors.__file__).parent.parent
TEMPLATES = PACKAGE.parent / "templates"
PSEUDO = Locale.parse("eo")

SPOKEN = DEFAULT_KEYWORDS | {
    "lazy_gettext": None,
    "NotAllowed": None,
    "NotFound": None,
    "Reading": None,
    "Refused": None,
    "TooMany": None,
    "Ended": None,
    "reply": (2,),
    "word": None,
}
"""Calls whose first string is for the reader, or the one at that place."""

TABLES: tuple[Any, ...] = (
    access.ROLES,
    access.DUTIES,
    (ENDED, ENDS),
    attempts.ENDED,
    attempts.ELSEWHERE,
    attempts.ANSWERED,
    attempts.UNAPPLIED,
    attempts.VOIDED,
    IN_MARKING,
    OWN,
    IN_VAIN,
    HANDED_IN,
    invigilation.FACES,
    DID,
    DONE,
    marking.ENOUGH,
    marking.MARKED,
    competence.STATES,
    courses.EVIDENCE_KINDS,
    courses.LEVELS,
    errors.SENTENCES,
    errors.TITLES,
    grading.VERDICTS,
    accounts.NO_CODE,
    accounts.SLOWLY,
    accounts.USED_LINK,
    accounts.WRONG,
    invitations.USED,
    passkeys.UNREAD,
    UNREADABLE,
    BOXES,
    changes.TOUCHES,
    CLASSES,
    MEANS,
    QUIZ,
    YES,
    assessments.FEEDBACK,
    assessments.CLOSING,
    assessments.CERTAINTY,
    drafts.CONFLICTS,
    drafts.KINDS,
    [word for one in privacy.KINDS.values() for word in (one.says, one.why)],
    drafts.WHAT,
    RULES,
    LOOK_AGAIN,
    rosters.COLUMNS,
    rosters.WRONG,
    tables.UNREADABLE,
    AMISS,
    WHOLE,
    LARGE,
    [word for word, _, _ in STATUSES.values()],
    [means for _, _, means in STATUSES.values()],
    SENTENCES,
    SENT,
    MADE_FOR,
    PLACES,
    READ_AS,
    [one.title for one in FORMATS.values()],
    MOVED_ON,
    LETTERS,
    FACES,
    ACTS,
    HEADS,
    TYPES,
    WHAT,
    WHAT_EXAM,
    WHY,
    WHY_EXAM,
    TRIAL,
    LEFT,
    TOO_FEW,
    holds.ENDINGS,
    competence.ROLES,
    competence.LEVELS,
    logbook.MEANINGS,
    logbook.CONFIRMATIONS,
    MAY_NAME,
    [word for word, _ in CASES.values()],
    observations.MEANINGS,
    [word for word, _ in observed.FACES.values()],
    observed.MARKED,
    observed.WHERE,
    NEWER,
    PARTS,
    THERE,
    LEVEL,
    WHO,
    SEEN,
    "%(title)s: %(status)s",
    SIGNED,
    certification.STATES,
    [words for _, words in TAKEN_FROM.values()],
    PROPOSED,
    [word for word, _ in PROPOSALS.values()],
    DECIDED,
    ALONE,
    CERTIFIED,
    GATES,
    clearance.REASONS,
    (coming.NAME_A_DAY, coming.HAS_COME, coming.STILL_OFFERED),
    (clearance.NOT_WITH, clearance.NOT_WITH_LOT),
    [word for word, _ in CLEARANCES.values()],
    ASSERTED,
)
"""Sentences that stand in tables and are translated where they are shown."""


# The language that does not exist -----------------------------------------------------------------------------------

ACCENTS = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "ÅƁÇĐÉƑĜĤÎĴĶĻṀÑÖƤɊŘŠŢÛṼŴẊÝŽåƀçđéƒĝĥîĵķļṁñöƥɋřšţûṽŵẋýž"
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")


def pseudo(text: str) -> str:
    """The text with accents, 30 % longer, between «», its placeholders as they were."""
    kept = PLACEHOLDER.findall(text)
    parts = [part.translate(ACCENTS) for part in PLACEHOLDER.split(text)]
    longer = "õ" * (len(text) * 3 // 10 + 1)
    words = "".join(part + held for part, held in zip(parts, [*kept, ""], strict=True))
    return f"«{words} {longer}»"


def sentences(value: Any) -> Iterator[str]:
    """Every string in a table, whatever it is made of."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for one in fields(value):
            yield from sentences(getattr(value, one.name))
    elif isinstance(value, dict):
        for one in value.values():
            yield from sentences(one)
    elif isinstance(value, (tuple, list, set, frozenset)):
        for one in value:
            yield from sentences(one)


def messages() -> Iterator[str | tuple[str, ...]]:
    """What a translator is given: every message of the code, the templates and the tables."""
    blocks = {"**": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
    for folder, method in ((PACKAGE, "python"), (TEMPLATES, "jinja2.ext:babel_extract")):
        pattern = "**.py" if method == "python" else "**"
        for found in extract_from_dir(folder, [(pattern, method)], blocks, SPOKEN):
            yield found[2]
    for table in TABLES:
        yield from sentences(table)


@pytest.fixture(scope="module")
def translations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a catalogue in which every message is translated."""
    catalogue = Catalog(PSEUDO)
    for message in messages():
        forms = tuple(map(pseudo, message)) if isinstance(message, tuple) else pseudo(message)
        catalogue.add(message, forms, flags=["python-format"] if "%(" in str(message) else [])
    folder = tmp_path_factory.mktemp("translations")
    target = folder / "eo" / "LC_MESSAGES"
    target.mkdir(parents=True)
    with (target / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    return folder


def in_pseudo(world: World, translations: Path) -> World:
    """The same world in an application that offers the language, chosen by everybody of the cast."""
    more = {"MESOTRAIN_LOCALES": "en eo", "MESOTRAIN_TRANSLATIONS": str(translations)}
    settings = world.environment | more
    app = create_app(settings, world.clock)
    app.testing = True
    there = World(app, world.clock, settings, world.ids)
    there.do(lambda session: session.query(Person).update({Person.locale: "eo"}))
    return there


@pytest.fixture
def abroad(world: World, translations: Path) -> World:
    return in_pseudo(world, translations)


# What is on a page --------------------------------------------------------------------------------------------------

UNSEEN = {"script", "style"}
SPOKEN_ATTRIBUTES = {"title", "alt", "placeholder", "aria-label", "aria-description", "label"}
FACTS = re.compile(r"[\d./:+\-T]*|/\S*|q\d+.*")
"""What a data attribute holds that is no text: numbers, moments, addresses, ids."""


class Words(HTMLParser):
    """Every text of a page that somebody reads or hears, and where it stands."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.found: list[tuple[str, str]] = []
        self.links: list[str] = []
        self.language = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name, value in given.items():
            word = name in SPOKEN_ATTRIBUTES or (name.startswith("data-") and not FACTS.fullmatch(value))
            button = name == "value" and tag == "input" and given.get("type") in {"submit", "button", "reset"}
            if word or button:
                self._say(f"{tag} {name}", value)
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag == "html":
            self.language = given.get("lang", "")
        self.stack.append(f"{tag} kept" if given.get("translate") == "no" else tag)

    def handle_endtag(self, tag: str) -> None:
        while self.stack and self.stack.pop().split()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not UNSEEN & set(self.stack) and not any(tag.endswith(" kept") for tag in self.stack):
            self._say(self.stack[-1] if self.stack else "", data)

    def _say(self, where: str, text: str) -> None:
        if text := " ".join(text.split()):
            self.found.append((where, text))


MONTHS = "|".join(re.escape(name) for name in PSEUDO.months["format"]["abbreviated"].values())
MOMENT = re.compile(rf"\b\d{{1,2}} (?:{MONTHS}) \d{{4}}(?:, \d\d:\d\d (?:GMT|UTC|IST|[A-Z]\w*)(?:[+-]\d+)?)?")
ADDRESS = re.compile(r"[\w.]+@example\.org|\b[0-9a-f]{12}\b")


CAST_WORDS = {name for name, *_ in CAST.values()} | {
    word for name, (_, clinics) in ORGANISATIONS.items() for word in (name, *clinics)
}

SAMPLES = """
    Amina Okafor; Harbour Street; Carlo De Santis; I02; The first actions
    Ask whether there is a problem with the airway, the breathing or the circulation
    Local anaesthetic systemic toxicity; LAST; announces itself differently.; Stop the trigger.; Call for help.
    “I can\N{RIGHT SINGLE QUOTATION MARK}t breathe,” she says.
    If in doubt, treat as anaphylaxis; When you cannot tell, give adrenaline.
    The contrast is not decisive; A slow pulse does not rule anaphylaxis out.; How firm is this?
    Much of it is general medical knowledge.; What you see; Towards a faint; Onset; immediate; Breathing; normal
    Regulator or official guidance; Resuscitation Council UK, 2021; seen: excerpt; 1 point; mL
    Norepinephrine; Epinephrine
    Hips, thighs and hands, seen from the front; Right thigh; Left thigh; Groin; Hand
"""
"""What stands on the page of components as if it were course text or somebody's name."""


def data(world: World) -> list[str]:
    """What a page may say in its own words: the cast, the course, zones; the longest first."""
    known = {
        "Mesotrain",
        "English",
        "Esperanto",
        *available_timezones(),
        *CAST_WORDS,
        *sentences(tiny_course()),
        *sentences(written_course()),
        *sentences(exam_course()),
    }
    known |= {" ".join(ANSWERS["exm-0014"]["answer"][0].split()), *(one.comment for one in GIVEN)}
    known |= {"Two things matter most [", "Everything else stays behind.", "basics#matters"}
    known |= {sample.strip() for sample in re.split("[;\n]", SAMPLES)}
    known |= {letter + after for letter in "ABCDEFGHIJKL" for after in ("", ".", *"12345678")}
    examples = [(one, one.marked().ask(one.name)) for one in read_bank(BANK, Report(""), PICTURES).questions]
    known |= set(sentences([[one.taker, one.key] for one, _ in examples]))
    known |= {" ".join(asked.told(str(one.taker["stem"]), str).split()) for one, asked in examples}
    known |= {piece.strip(" .") for one, _ in examples for piece in GAP.sub("\n", str(one.taker["stem"])).split("\n")}
    known |= {line.strip() for file in TEXTS.rglob("*.*") for line in file.read_text().splitlines()}
    with world.session() as session:
        html = [one.html for one in session.query(SectionVersion)]
        html += list(sentences([one.shown for one in session.query(QuestionVersion)]))
        html += list(sentences([one.shown for one in session.query(QuestionKey)]))
    known |= {text for one in html for _, text in Words(one).found}
    return sorted({text for text in known if re.search("[A-Za-z]", text)}, key=len, reverse=True)


def untranslated(page: str, known: list[str]) -> list[str]:
    """The texts of a page that are neither in the language that does not exist nor data."""
    found = []
    for where, text in Words(page).found:
        rest = ADDRESS.sub("", MOMENT.sub("", text))
        for one in known:
            if not re.search("[A-Za-z]", rest):
                break
            if one in rest:
                rest = re.sub(rf"(?<![A-Za-z]){re.escape(one)}(?![A-Za-z])", "", rest)
        if re.search("[A-Za-z]", rest):
            found.append(f"{where}: {text}")
    return found


# The crawl ----------------------------------------------------------------------------------------------------------


class Crawl:
    """Reads pages, follows their links, and remembers every text that was not translated."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.known = data(world)
        self.endpoints: set[str] = set()
        self.found: dict[str, str] = {}
        world.app.before_request(self._remember)

    def _remember(self) -> None:
        from flask import request  # noqa: PLC0415

        self.endpoints.add(request.endpoint or "")

    def read(self, reply: Any) -> Words:
        if reply.mimetype != "text/html":
            return self._file(reply)
        page = reply.get_data(as_text=True)
        for text in untranslated(page, self.known):
            self.found.setdefault(text, reply.request.path)
        words = Words(page)
        assert words.language == "eo", f"{reply.request.path} says it is in {words.language!r}"
        return words

    def _file(self, reply: Any) -> Words:
        """The cells of a spreadsheet as a page without links; what is for programs has no language."""
        if reply.mimetype == "application/json":
            assert reply.get_json()
            return Words("")
        if reply.mimetype == "application/octet-stream":
            return Words("")
        if reply.mimetype == "text/csv":
            rows: Any = csv.reader(reply.data.decode("utf-8-sig").splitlines())
        else:
            rows = load_workbook(BytesIO(reply.data)).active.values
        cells = [cell for row in rows for cell in row if isinstance(cell, str)]
        page = "".join(f"<p>{escape(cell)}</p>" for cell in cells)
        for text in untranslated(page, self.known):
            self.found.setdefault(text, reply.request.path)
        return Words(page)

    def get(self, browser: Browser, path: str, status: int = 200) -> Words:
        reply = browser.get(path, follow_redirects=re.search("/(sections|account|record)", path) is not None)
        assert reply.status_code == status, f"{path}: {reply.status}"
        return self.read(reply)

    def follow(self, browser: Browser, start: str = "/") -> None:
        """Every page that links lead to from `start`, each once."""
        waiting, met = [start], set()
        while waiting:
            path = waiting.pop().split("#")[0]
            if not path.startswith("/") or path in met:
                continue
            met.add(path)
            waiting += self.get(browser, path).links


SPEAKS = {"headers": {"Accept-Language": "eo"}}


def practising(crawl: Crawl, trainee: Browser) -> None:
    """Three questions, a question of a lesson, reading and searching."""
    address = "/courses/tiny/basics/checks/1"
    option = re.search(r'value="([0-9a-f]{10})"', trainee.get(address).get_data(as_text=True))
    asked = trainee.get("/practice").get_data(as_text=True)
    version = re.search(r'name="question" value="([0-9]+)"', asked)
    assert option
    assert version
    chosen = re.search(r'name="1.choice" value="([0-9a-f]{10})"', asked)
    given = {"1.choice": chosen[1]} if chosen else {"1.number": "1"}
    for path in (
        address,
        f"{address}?1.choice={option[1]}",
        f"{address}?1.choice=x",
        "/search?q=matters",
        "/search?q=99",
    ):
        crawl.get(trainee, path)
    for form in ({}, {"1.choice": "x"}, {"1.number": "?"}):
        crawl.read(trainee.post("/practice", {"question": version[1], **form}))
    trainee.post("/practice", {"question": version[1], **given})
    crawl.follow(trainee, "/practice/1")
    for act, form in (
        ("read", {"read": "yes"}),
        ("note", {"note.matters": "x" * 5000}),
        ("note", {"note.matters": "1"}),
    ):
        reply = trainee.post(f"/courses/tiny/basics/sections/matters/{act}", form, follow_redirects=True)
        crawl.read(reply)
    crawl.get(trainee, "/courses/tiny")
    crawl.get(trainee, "/courses/tiny/sections/gone", 404)


def drafting(crawl: Crawl, draft: int) -> None:
    """A change that is called less, and everything that is said until somebody agrees."""
    educator, page = crawl.world.client("educator"), f"/drafts/{draft}"
    said = {"seen": "1", "class:basics#matters": "editorial"}
    for form in ({"seen": "0"}, {"seen": "1", "class:basics#matters": "?"}, {"seen": "1", "class:?": "safety"}, said):
        crawl.read(educator.post(page, form, page=page))
    crawl.read(educator.post(page, {**said, "reason": "1"}, page=page, follow_redirects=True))
    crawl.read(educator.post(f"{page}/agree", {"seen": "1"}, page=page))
    crawl.follow(educator, "/drafts")
    crawl.read(educator.post(page, {"seen": "1"}, page=page, follow_redirects=True))


def visit_everything(crawl: Crawl) -> None:
    world = crawl.world
    anybody = Browser(world.app.test_client())
    crawl.read(anybody.get("/sign-in", **SPEAKS))
    long = {"email": "x" * 300, "password": "x" * 2000}
    for form in ({}, {"email": "nobody@example.org", "password": "wrong"}, long):
        crawl.read(anybody.post("/sign-in", form, page="/sign-in", **SPEAKS))
    trainee = world.client("trainee")
    crawl.follow(trainee)
    crawl.get(trainee, "/components")
    sitting(crawl, trainee)
    practising(crawl, trainee)
    kept_by(world, "Harbour")
    draft = take(world, tiny(NUMBER, PLAIN), "educator")
    for who in ("manager", "other_manager", "educator"):
        crawl.follow(world.client(who))
    drafting(crawl, draft)
    bringing(crawl)
    marking_(crawl)
    doubting(crawl)
    settings(crawl)
    proving(crawl)
    administering(crawl)
    crawl.world.do(lambda session: installation.make(session, world.clock(), demo=True))
    Worker(world.app, world.clock).work()
    crawl.get(world.client("trainee"), "/demo")
    standings(crawl)
    refusals(crawl, trainee)


def logging(crawl: Crawl) -> None:
    """Cases logged badly and well, waiting, signed in each way and taken back, as each of those sees them."""
    world, place = crawl.world, desk(crawl.world)
    trainee, colleague = world.client("trainee"), world.client("colleague")
    crawl.known += [
        "Papules of the face",
        "Cheeks",
        "Less is more.",
        "Which day?",
        "It was another.",
        "Ann Bell",
        "soon",
    ]
    crawl.known += [
        "on 12/03/1980",
        "a talk with",
        "Professional registration",
        "Signed by the first of them.",
        "Policy.",
    ]
    crawl.known += ["BAS", "12/03/1980"]
    crawl.get(trainee, "/record/logbook/new")
    place.appoint()
    new = "/record/logbook/new"
    told = {"procedure": f"{place.course}/face", "clinic": str(world.ids["Quay"]), "role": "supervised"}
    told |= {"day": str(place.today), "site": "Cheeks", "supervisor": str(world.ids["colleague"])}
    for change in ({"day": "soon"}, {"site": ""}, {"learnt": "on 12/03/1980"}, {"learnt": "a talk with Ann Bell"}):
        crawl.read(trainee.post(new, told | change, page=new))
    number = {"learnt": "Less is more.", "number": "A 1"}
    crawl.read(trainee.post(new, told | number, page=new, follow_redirects=True))
    requests = [place.log(site=site) for site in ("Cheeks 1", "Cheeks 2", "Cheeks 3", "Cheeks 4", "Cheeks 5")]
    crawl.get(colleague, "/supervision")
    first = f"/supervision/{requests[0] - 1}"
    for form in ({}, {"match": "y", "number": "a1"}, {"match": "y", "number": "2"}, {"answer": "confirmed"}):
        crawl.read(colleague.post(first, {"password": PASSWORD} | form, page=first))
    several = {"password": PASSWORD, "case": [str(one) for one in requests[:2]]}
    for form in ({}, several, several | {"level": "3"}):
        crawl.read(colleague.post("/supervision", form, page="/supervision", follow_redirects=True))
    for request, answer in zip(requests[2:], ("not seen", "level not reached", "returned"), strict=True):
        place.sign(request, answer, words="Which day?")
    back = {"reason": "It was another."}
    for number in requests[:2]:
        page = f"/supervision/{number}/withdraw"
        crawl.read(colleague.post(page, back, page="/supervision", follow_redirects=True))
    crawl.read(trainee.post(f"/record/logbook/requests/{requests[0] - 1}/take-back", page=new, follow_redirects=True))
    with world.app.app_context():
        link = f"/sign/{keys.signed('sign', requests[0], 'nonce of trainee')}"
    for browser, path in (
        (trainee, "/record/logbook"),
        (world.client("manager"), f"/team/{world.ids['trainee']}/logbook"),
    ):
        crawl.get(browser, path)
    for path in ("/supervision", first, link):
        crawl.get(colleague, path)
    turning(crawl, place)
    stopping(crawl, place)


def turning(crawl: Crawl, place: Desk) -> None:
    """A rule is to come; and drafts that change what clinics offer, with a day and without one."""
    world, later = crawl.world, place.today + timedelta(days=9)
    crawl.known += [
        "Life support", "Looked up.", "face", "2027-03-12", "only with a named supervisor on site", "register", "from",
        "scheme.yaml:1:", "scheme.yaml", "life-support", "in grace",
    ]  # fmt: skip
    sit(world, "trainee", right=4)
    place.document()
    now, more = world.clock(), with_scheme(replace(MORE, begins=later, prior=(Prior("BAS", 12, "Policy."),)))
    world.do(lambda session: published.publish(session, now, more, change="editorial"))
    manager, quay = world.client("manager"), world.ids["Quay"]
    for path in (f"/clearance/{quay}/changes", f"/clearance/{quay}", f"/team/{world.ids['trainee']}/clearance"):
        crawl.get(manager, path)
    learnt = f"/team/{world.ids['trainee']}/clearance/learnt"
    crawl.known += ["The card; St Anne", "BAS"]
    told = {"competency": f"{place.course}/BAS", "on": place.today, "saw": "The card", "where": "St Anne"}
    for change in ({"on": later}, {"on": "2020-01-01"}, {"saw": ""}, {}):
        crawl.read(manager.post(learnt, told | change, page=learnt.removesuffix("/learnt"), follow_redirects=True))
    crawl.get(manager, f"/team/{world.ids['trainee']}")
    kept_by(world, "Harbour")
    educator = world.client("educator")
    for file in (FILE.replace("12 months", "6 months"), f"from: {later}\n{FILE.replace('12 months', '6 months')}"):
        crawl.get(educator, f"/drafts/{take(world, {**tiny(), 'scheme.yaml': file}, overwrite=True)}")
    crawl.get(educator, f"/drafts/{take(world, tiny(), overwrite=True)}")


def stopping(crawl: Crawl, place: Desk) -> None:
    """Something of each kind is stopped, by who says it badly first; it is read, and lifted at its clinic."""
    crawl.known += ["Lipo-X", "12B", "A recall.", "It was tested.", "Colin Colleague"]
    manager, colleague = crawl.world.client("manager"), crawl.world.client("colleague")
    quay = crawl.world.ids["Quay"]
    product = {"product": "Lipo-X", "lot": "12B", "clinic": quay, "reason": "A recall."}
    for form in ({}, {"clinic": quay}, {"clinic": "all"}, product):
        crawl.read(manager.post("/stops/product", form, page="/stops", follow_redirects=True))
    which = {"procedure": f"{place.course}/face", "clinic": quay, "reason": "A recall."}
    crawl.read(manager.post("/stops/procedure", which, page="/stops", follow_redirects=True))
    page = f"/stops/{place.number(place.stop('A recall.', person=crawl.world.ids['colleague']))}"
    for who, path in ((colleague, page), (colleague, "/"), (manager, page)):
        crawl.get(who, path)
    crawl.read(colleague.post(f"{page}/acknowledge", page=page, follow_redirects=True))
    for form in ({}, {"clinic": quay, "reason": "It was tested."}):
        crawl.read(manager.post(f"{page}/lift", form, page=page, follow_redirects=True))
    crawl.get(manager, page)


def bringing(crawl: Crawl) -> None:
    """A file of questions of each kind, what cannot be read, and what is chosen wrongly."""
    educator = crawl.world.client("educator")
    crawl.known += ["Qone?", "Qtwo.", "Qyes", "Qno", "Qso", "The whole answer", "a.gift", "a.docx", "Qname"]
    gift = "Qone?{=Qyes#Qso ~Qno}\n\nQtwo.{}\n\nQone?{~Qyes ~Qno}\n\nQone {\n\nQone?{=Qyes#Qso ~Qno}"
    for name, text in (("a.gift", gift), ("a.gift", "No {"), ("Qname", "x"), ("a.gift", ""), ("", ""), ("a.docx", "")):
        reply = educator.post("/bring", {"file": (BytesIO(text.encode()), name)}, page="/bring")
        crawl.read(reply)
        if reply.status_code == 200:
            for change in ({"pick": []}, {"into": ""}, {"go": "mend:1"}):
                crawl.read(educator.post("/bring/draft", {**carried(reply), **change}, page="/bring"))
    crawl.read(educator.post("/bring", {"text": gift}, page="/bring"))
    several = [(BytesIO(b"x"), "a.gift"), (BytesIO(b"x"), "b.gift")]
    crawl.read(educator.post("/bring", {"file": several}, page="/bring"))
    crawl.get(educator, "/questions/tiny/basics/out/gift")


def marking_(crawl: Crawl) -> None:
    """Answers that people mark: waiting, marked badly and well, by one and by two, and their result."""
    world, educator, trainee = crawl.world, crawl.world.client("educator"), crawl.world.client("trainee")
    publish(world)
    crawl.get(educator, "/marking")
    write(world, finish=False, stems=[])
    crawl.get(trainee, "/")
    attempt = write(world)
    for path in ("/", "/courses/essays", "/courses/essays/written", f"/attempts/{attempt.attempt}/result"):
        crawl.get(trainee, path)
    crawl.get(world.client("administrator"), f"/people/{world.ids['trainee']}")
    crawl.get(world.client("administrator"), f"/people/{world.ids['educator']}")
    crawl.read(trainee.post("/courses/essays/written/attempts"))
    crawl.get(educator, "/")
    crawl.get(educator, "/marking")
    other = marker(world, "Edda Educator")
    for stem, place in attempt.places.items():
        page = f"/marking/{attempt.attempt}/{place}"
        for form in ({}, {"criterion.0": "x"}, {"criterion.0": "1", "criterion.1": "1", "comment": "1" * 2001}):
            crawl.read(educator.post(page, form))
        for _ in range(2):
            form = {"criterion.0": "1", "criterion.1": "1/2", "comment": "1"}
            crawl.read(educator.post(page, form, follow_redirects=True))
            crawl.get(educator, page)
        if stem == TWO_OF_THEM:
            attempt.mark(other, stem, 1, 1)
            crawl.read(educator.post(page, {"criterion.0": "1", "criterion.1": "1/2"}))
            crawl.get(educator, page)
    crawl.get(educator, "/marking/agreement")
    crawl.get(trainee, f"/attempts/{attempt.attempt}/result")


def doubting(crawl: Crawl) -> None:
    """A question that is held, while somebody sits and another would begin, and left out."""
    world, educator, trainee = crawl.world, crawl.world.client("educator"), crawl.world.client("trainee")
    page, attempt = "/questions/essays/wri-0003", write(world, finish=False, stems=[]).attempt
    crawl.known.insert(0, "## wri-0003 SHOWN-THREE Which? - (x) This - ( ) That")
    for form in ({}, {"reason": "1" * 501}):
        crawl.read(educator.post(f"{page}/hold", form))
    for reason in ("", "1", "1"):
        said = {"then": "report.1", "report.1": reason}
        crawl.read(trainee.post(f"/attempts/{attempt}/answers", said, follow_redirects=True))
    held = educator.post(f"{page}/hold", {"reason": "1"}).headers["Location"]
    for path in (held, page, "/questions"):
        crawl.get(educator, path)
    crawl.read(educator.post(f"{page}/hold", {"reason": "1"}))
    crawl.read(world.client("colleague").post("/courses/essays/written/attempts"))
    trainee.post(f"/attempts/{attempt}/finish")
    for path in ("/", "/courses/essays/written", f"/attempts/{attempt}/result"):
        crawl.get(trainee, path)
    for form in ({"reason": "1"}, {"ending": OUT}):
        crawl.read(educator.post(f"{held}/lift", form))
    crawl.read(educator.post(f"{held}/lift", {"ending": OUT, "reason": "1"}, follow_redirects=True))
    crawl.read(educator.post(f"{held}/lift", {"ending": RIGHT, "reason": "1"}))
    crawl.read(educator.post(f"{page}/hold", {"reason": "1"}))
    crawl.get(educator, page)
    crawl.get(trainee, f"/attempts/{attempt}/result")
    crawl.read(trainee.post(f"/attempts/{attempt}/appeal", {"reason": "1"}))
    world.do(lambda session: settle(session, world.clock(), attempt))
    for reason in ("", "1" * 1001, "1", "1"):
        crawl.read(trainee.post(f"/attempts/{attempt}/appeal", {"reason": reason}, follow_redirects=True))
    for path in ("/", "/questions", "/reports"):
        crawl.get(educator, path)
    for form in ({}, {"text": "1"}, {"text": "1"}):
        crawl.read(educator.post("/reports/1", form, follow_redirects=True))
    educator.post("/reports/2", {"text": "1"})
    crawl.get(educator, "/reports")
    crawl.get(trainee, f"/attempts/{attempt}/result")


def sitting(crawl: Crawl, trainee: Browser) -> None:
    """Nothing answered; all answered, one of it unreadable; failed; passed; over and not yet marked."""
    world = crawl.world
    first = trainee.start()
    crawl.get(trainee, f"/attempts/{first}")
    crawl.get(trainee, f"/attempts/{first}/finish")
    answers = world.right_answers(first)
    for position, answer in answers.items():
        wrong = {"number": ["1,500"]} if "number" in answer else {"choice": [], "flag": ["1"]}
        assert trainee.save(first, position, wrong).status_code == 200
    for path in ("", "/finish"):
        crawl.get(trainee, f"/attempts/{first}{path}")
    crawl.get(trainee, "/")
    trainee.post(f"/attempts/{first}/finish")
    crawl.get(trainee, f"/attempts/{first}/result")
    crawl.get(trainee, "/")
    colleague = world.client("colleague")
    second = colleague.start()
    for position, answer in world.right_answers(second).items():
        colleague.save(second, position, answer)
    crawl.get(colleague, f"/attempts/{second}/finish")
    colleague.post(f"/attempts/{second}/finish")
    crawl.follow(colleague, f"/attempts/{second}/result")
    third = trainee.start()
    world.clock.forward(minutes=21)
    crawl.get(trainee, f"/attempts/{third}/result")
    late = trainee.save(third, 1, {"choice": []}).get_json()["error"]
    assert not re.search("[A-Za-z]", late), late
    trainee.post(f"/attempts/{third}/finish")
    crawl.get(trainee, f"/attempts/{third}/result")


def settings(crawl: Crawl) -> None:
    """One's own settings: saved, refused, and with a second organisation."""
    world = crawl.world

    def work(session: Any) -> None:
        person = session.get_one(Person, world.ids["elsewhere"])
        people.join(session, world.clock(), world.ids["Northlight"], person, [(TRAINEE, world.ids["Cork"])])

    world.do(work)
    browser = world.client("elsewhere")
    crawl.get(browser, "/account")
    crawl.read(browser.post("/account", {"locale": "eo", "zone": "Nowhere"}))
    crawl.read(browser.post("/account", {"locale": "eo", "zone": "UTC"}, follow_redirects=True))


def proving(crawl: Crawl) -> None:
    """Every way to prove who one is, done well and badly."""
    world, anybody = crawl.world, Browser(crawl.world.app.test_client())
    colleague = world.client("colleague")
    weak = {"password": "password1234567"}
    for path, form in (
        ("/account/password", {}),
        ("/account/password", {"password": "short"}),
        ("/account/password", weak),
        ("/account/email", {}),
        ("/account/email", {"email": "new@example.org"}),
        ("/account/confirm", {}),
        ("/account/confirm", {"password": "wrong"}),
        ("/account/second-factor/codes", {}),
        ("/account/second-factor/passkey", {}),
    ):
        crawl.read(colleague.post(path, form, page="/account"))
    crawl.get(colleague, mailed(world, "email"))
    for form in ({}, {"email": "colleague@example.org"}):
        crawl.read(anybody.post("/forgotten", form, page="/forgotten", **SPEAKS))
    path = mailed(world, "password")
    crawl.read(anybody.get(path, **SPEAKS))
    crawl.read(anybody.post(path, weak, page=path, **SPEAKS))
    secret, _ = add_app(world, colleague)
    crawl.get(colleague, "/account/second-factor")
    sealed = {"secret": "x", "code": "1"}
    crawl.read(colleague.post("/account/second-factor/app", sealed, page="/account", follow_redirects=True))
    crawl.read(colleague.post("/account/second-factor/codes", page="/account"))
    crawl.read(colleague.post("/account/second-factor/1/remove", page="/account", follow_redirects=True))
    add_app(world, colleague)
    form = {"email": "colleague@example.org", "password": PASSWORD}
    crawl.read(anybody.post("/sign-in", form, page="/sign-in", follow_redirects=True, **SPEAKS))
    for said in ("", "1", secret[:9]):
        crawl.read(anybody.post("/sign-in/second", {"code": said}, page="/sign-in/second", **SPEAKS))
    for _ in range(GUESSES.most):
        reply = anybody.post("/sign-in", form | {"password": "x"}, page="/sign-in", **SPEAKS)
    assert reply.status_code == 429
    crawl.read(reply)
    crawl.read(colleague.post("/account/sign-out-everywhere", page="/account", follow_redirects=True))
    waiting = Browser(world.app.test_client())
    waiting.sign_in("manager", factors=1)
    crawl.get(waiting, "/account/second-factor")


def leaving(crawl: Crawl, administrator: Browser, person: int) -> None:
    """Records of who is there and of who has left: held, copied, erased; and one's own."""
    crawl.get(administrator, "/people/left")
    crawl.get(administrator, "/people/left?q=nobody+at+all")
    leaver = Browser(crawl.world.app.test_client())
    leaver.sign_in("elsewhere")
    for browser in (leaver, crawl.world.client("trainee")):
        crawl.get(browser, "/record")
        crawl.read(browser.post("/record/erase", page="/record"))
        browser.get("/record.json")
    trainee = crawl.world.ids["trainee"]
    crawl.get(administrator, f"/people/{trainee}/record")
    path = f"/people/{person}/record"
    acts: tuple[tuple[str, dict[str, str]], ...] = (
        ("hold", {}),
        ("hold", {"reason": "1"}),
        ("hold", {"reason": "1"}),
        ("erase", {}),
    )
    for act, form in (*acts, ("lift", {}), ("lift", {}), ("erase", {}), ("erase", {})):
        crawl.read(administrator.post(f"{path}/{act}", form, page=path, follow_redirects=True))
    administrator.post(f"{path}/copy", page=path)
    crawl.get(administrator, path)


def merging(crawl: Crawl, administrator: Browser) -> None:
    """Two accounts of one person."""
    trainee, colleague, himself = (crawl.world.ids[who] for who in ("trainee", "colleague", "administrator"))
    path = f"/people/{trainee}/merge"
    for query in ("", "?q=example", "?q=nobody+at+all"):
        crawl.get(administrator, path + query)
    crawl.get(administrator, f"{path}/{himself}", 409)
    crawl.get(administrator, f"{path}/{colleague}")
    crawl.read(administrator.post(f"{path}/{himself}", page=path))


def administering(crawl: Crawl) -> None:
    """Inviting, joining, roles, access, leaving."""
    world, administrator = crawl.world, crawl.world.client("administrator")
    person = world.ids["elsewhere"]
    for form in ({}, {"email": "ivo@example.org", "name": "Tess Trainee"}, {"role": "trainee."}, {"email": "x"}):
        crawl.read(administrator.post("/people/invite", form, page="/people/invite"))
    known = {"email": "trainee@example.org", "name": "Tess Trainee", "role": "educator."}
    crawl.read(administrator.post("/people/invite", known, page="/people/invite"))
    new = known | {"email": "ivo@example.org"}
    crawl.read(administrator.post("/people/invite", new, page="/people/invite", follow_redirects=True))
    crawl.follow(administrator, "/people")
    importing(crawl, administrator)
    for path in ("/clinics", f"/clinics/{world.ids['Mill']}"):
        for name in ("", "x" * 121, "QUAY", "Harbour"):
            crawl.read(administrator.post(path, {"name": name}, page="/clinics", follow_redirects=True))
    stranger = Browser(world.app.test_client())
    path = mailed(world, "join")
    crawl.read(stranger.get(path, **SPEAKS))
    crawl.read(stranger.post(path, {"name": ""}, page=path, **SPEAKS))
    for act in ("again", "withdraw"):
        url = f"/people/invitations/1/{act}"
        crawl.read(administrator.post(url, page="/people", follow_redirects=True))
    crawl.read(stranger.get(path, **SPEAKS))
    invited = known | {"email": "other_trainee@example.org"}
    administrator.post("/people/invite", invited, page="/people/invite")
    path = mailed(world, "join")
    for browser in (stranger, world.client("other_trainee"), world.client("colleague")):
        crawl.read(browser.get(path, **SPEAKS))
    crawl.read(world.client("colleague").post(path, page="/account", **SPEAKS))
    crawl.read(administrator.post(f"/people/{person}", {"role": "x"}, page="/people"))
    found = re.search(r'name="seen" value="([^"]+)"', administrator.get(f"/people/{person}").get_data(as_text=True))
    crawl.read(administrator.post(f"/people/{person}", {"role": "x", "seen": found and found[1]}, page="/people"))
    add_app(world, administrator)
    crawl.read(administrator.post(f"/people/{world.ids['administrator']}/end", page="/people"))
    for act in ("suspend", "resume", "sign-out", "end"):
        crawl.read(administrator.post(f"/people/{person}/{act}", page="/people", follow_redirects=True))
    leaving(crawl, administrator, person)
    merging(crawl, administrator)
    crawl.get(administrator, "/people?q=nobody+at+all")
    waiting(crawl, administrator)
    manager, path = world.client("manager"), f"/team/{world.ids['trainee']}/courses"
    crawl.get(manager, path)
    for due in ("", "2020-01-01", "2099-01-01", "2028-01-01"):
        form = {"course": "tiny", "due": due}
        crawl.read(manager.post(path, form, page=path, follow_redirects=True))
    many = "/team/assign/confirm?course=tiny&due="
    for who in ("trainee", "manager"):
        crawl.get(administrator, f"/people/{world.ids[who]}")
    for address in ("/team/assignments", "/team/assignments?state=later", "/", f"/team/{world.ids['trainee']}"):
        crawl.get(manager, address)
    for address in ("/team/assign", "/team/assign?q=nobody", f"{many}2028-01-01&q=nobody"):
        crawl.get(manager, address)
    for address in (many, f"{many}2020-01-01"):
        crawl.get(manager, address, 422)
    for due in ("2028-01-01", "2028-01-02"):
        crawl.get(manager, f"{many}{due}")
        crawl.read(manager.post(f"{many}{due}", {"others": "move"}, page=path, follow_redirects=True))
        (seen,) = re.findall(r'name="seen" value="([^"]+)"', manager.get(f"{many}{due}").get_data(as_text=True))
        form = {"seen": seen, "others": "move"}
        crawl.read(manager.post(f"{many}{due}", form, page=path, follow_redirects=True))
    crawl.read(manager.post(f"{path}/1/withdraw", page=path, follow_redirects=True))


def importing(crawl: Crawl, administrator: Browser) -> None:
    """A list, faulty in every column, and one that is right, looked at and confirmed twice."""
    page = "/people/import"
    heads = "Harbour,Mail,Role,Clinic"
    said = "Tess Trainee,{}@example.org,{},{}\n"
    head = "Name,Mail,Role,Clinic\n"
    faulty = head + said.format("trainee", "trainee", "Mill") + said.format("new", "manager", "") + ",,,\n=1,1,1,1"
    good = head + said.format("ivo", "trainee", "Mill") + said.format("new", "educator", "")
    for text in ("", heads, faulty, good):
        crawl.read(administrator.post(page, {"text": text}, page=page))
    for text in (faulty, good, good):
        crawl.read(administrator.post(f"{page}/invite", {"text": text}, page=page, follow_redirects=True))
    crawl.read(administrator.post(page, {"text": good}, page=page))
    crawl.read(administrator.post(page, {"text": "x" * 300_000}, page="/people"))


def waiting(crawl: Crawl, administrator: Browser) -> None:
    """Mail in every state, what can be done about it, too late as well; the worker away, at work, and held back."""
    world, now, trainee = crawl.world, crawl.world.clock(), crawl.world.ids["trainee"]
    crawl.get(administrator, "/waiting?state=doubted")

    def work(session: Any) -> list[int]:
        ids = [mail(session, now, trainee, state) for state in STATES]
        doubted = mail(session, now - IN_DOUBT, trainee, SENDING)
        refused(session, now, mail(session, now, trainee, REFUSED), 550)
        return [*ids, doubted]

    ids = world.do(work)
    for state in (*WAITINGS, ""):
        crawl.get(administrator, f"/waiting?state={state}")
    for act in ("again", "arrived", "drop"):
        for number in ids:
            crawl.read(administrator.post(f"/waiting/{number}/{act}", page="/waiting", follow_redirects=True))
    world.do(lambda session: session.add(MailHold(held_at=now)))
    worker = Worker(world.app, world.clock)
    worker.work()
    worker.release()
    for seconds in (0, LEASE_SECONDS):
        world.do(lambda session, until=now + timedelta(seconds=seconds): session.query(Lease).update({"until": until}))
        crawl.get(administrator, "/waiting")
    world.do(lambda session: session.query(Lease).update({"until": now}))
    world.do(lambda session: session.query(MailHold).delete())


def standings(crawl: Crawl) -> None:
    """Every state of a status, on Today and in the team; the team with nobody in it, and on two pages."""
    world = crawl.world
    manager, colleague = world.client("manager"), world.client("colleague")
    for days in (0, 690, 60):
        world.clock.forward(days=days)
        manager, colleague = world.client("manager"), world.client("colleague")
        crawl.get(colleague, "/")
        crawl.get(colleague, "/courses/tiny/basics")
        crawl.follow(manager, "/team")
    for asked in ("/team?q=nobody", "/team/statuses?q=nobody", "/team/statuses?on=2020-01-01&known=2027-03-12T12:00"):
        crawl.get(manager, asked)
    crawl.get(manager, "/team/statuses?competency=0/BAS")
    crawl.get(manager, "/team/statuses?on=2028-01-01&known=2099-01-01T12:00")

    def work(session: Any) -> None:
        joined = world.clock()
        for number in range(30):
            person = people.create_person(
                session, "Tess Trainee", f"m{number}@example.org", "", b"%d" % number, "eo", "UTC"
            )
            people.join(session, joined, world.ids["Harbour"], person, [(TRAINEE, world.ids["Quay"])])
        lonely = session.get_one(Person, world.ids["other_trainee"])
        organisation, clinics = people.create_organisation(session, "Mill", "Europe/London", ["Mill"])
        person = people.create_person(
            session, "Otto Other", "lonely@example.org", lonely.password_hash, b"lonely", "eo", "UTC"
        )
        people.join(session, joined, organisation, person, [(MANAGER, clinics["Mill"])])

    world.do(work)
    crawl.get(manager, "/team?page=1")
    crawl.get(manager, "/team?page=2")
    alone = world.client("lonely")
    clinic = re.search(r'option value="([0-9]+)">Mill<', alone.get("/team").get_data(as_text=True))
    assert clinic
    for query in ("", "?expiring=30", f"?clinic={clinic[1]}"):
        crawl.get(alone, f"/team{query}")


def refusals(crawl: Crawl, trainee: Browser) -> None:
    """Every way to be told no."""
    client = crawl.world.client("trainee")
    for path, status in (("/nowhere", 404), ("/team", 403), ("/attempts/999", 404), ("/sign-out", 405)):
        crawl.get(client, path, status)
    for reply, status in (
        (client.client.post("/sign-out"), 400),
        (client.post("/account/organisation", {"organisation": "999"}), 404),
        (client.post("/account", {"locale": "x" * 300_000}), 413),
    ):
        assert reply.status_code == status, reply.status
        crawl.read(reply)


@pytest.fixture
def crawled(abroad: World) -> Crawl:
    crawl = Crawl(abroad)
    visit_everything(crawl)
    return crawl


on_one_engine = pytest.mark.parametrize("engine", ["sqlite"], indirect=True, scope="session")


@on_one_engine
def test_a_box_is_called_what_its_reader_calls_it(abroad: World) -> None:
    """Whatever its title: its own, the library's for a box without one, or one that only begins like that."""
    written = '!!! safety "Stop"\n    Now.\n\n!!! note\n    So.\n\n!!! note "Notes"\n    Too.'
    text = render(written)
    with abroad.app.test_request_context(headers={"Accept-Language": "eo"}):
        said = str(html(text))
    assert f'title"><span class="kind">{pseudo("Safety")} · </span>Stop</p>' in said
    assert f'title"><span class="kind">{pseudo("Note")}</span></p>' in said
    assert f'title"><span class="kind">{pseudo("Note")} · </span>Notes</p>' in said


@on_one_engine
def test_every_page_of_the_logbook_and_of_clearance_is_translated(abroad: World) -> None:
    crawl = Crawl(abroad)
    logging(crawl)
    for who in ("manager", "colleague"):
        crawl.follow(abroad.client(who), "/record" if who == "colleague" else "/clearance")
    assert {"supervision.by_link", "supervision.one", "logbook.of", "clearance.of"} <= crawl.endpoints
    assert {"stops.listed", "stops.one", "coming.changes"} <= crawl.endpoints
    assert not crawl.found, "\n".join(f"{path}: {text}" for text, path in crawl.found.items())


@on_one_engine
def test_every_page_of_observations_is_translated(abroad: World) -> None:
    """Begun, marked, refused, signed with each outcome, and taken back."""
    crawl, place, new = Crawl(abroad), desk(abroad, WATCHED), "/observations/new"
    crawl.known += [TRAY.title, *(one.words for one in TRAY.steps), *TRAY.ratings, "Papules of the face", "Policy."]
    crawl.known += ["Calm.", "It was another.", "Ann Bell", "a talk with", "on 12/03/1980", "12/03/1980"]
    crawl.known.append("Professional registration")
    colleague, trainee = abroad.client("colleague"), abroad.client("trainee")
    for path in ("/observations", new):
        crawl.get(colleague, path)
    place.appoint()
    crawl.get(colleague, new)
    crawl.read(colleague.post(new, {}, page=new))
    form = {"form": f"{abroad.ids['Quay']}/{place.course}/face/tray", "trainee": str(abroad.ids["trainee"])}
    url = colleague.post(new, form, page=new).headers["Location"]
    crawl.known.insert(0, url.rpartition("/")[2])  # before letters that are known, one of which may stand in it
    for path in (url, f"{url}/sign", "/observations", "/"):
        crawl.get(colleague, path)
    for values in (("done", "done", "2", "on 12/03/1980"), ("not done", "done", "1", "a talk with Ann Bell")):
        said = {f"{part}.said": value for part, value in enumerate(values, 1)}
        crawl.read(colleague.post(url, said | {"1.seen": "9"}, page=url, follow_redirects=True))
    crawl.read(colleague.post(f"{url}/sign", {"password": PASSWORD}, page=url))
    crawl.get(colleague, f"{url}/sign")
    for at, said in enumerate((("done", "done", "2", "Calm."), ("not seen", "done", "2"), ("done", "not done", "1"))):
        number = place.observe(*said, key=f"draft {at}")
    key = place.begin(key="more")
    place.mark(key, "not seen", "done", "2")
    crawl.get(colleague, f"/observations/drafts/{key}/sign")
    for reason in ("", "Ann Bell", "It was another."):
        path = f"/observations/{number}/withdraw"
        crawl.read(colleague.post(path, {"reason": reason}, page="/observations", follow_redirects=True))
    manager, of = abroad.client("manager"), abroad.ids["trainee"]
    for browser, path in (
        (trainee, "/record/logbook"), (manager, f"/team/{of}/logbook"), (manager, f"/team/{of}/clearance"),
        (trainee, "/record/clearance"), (colleague, "/observations"),
    ):  # fmt: skip
        crawl.get(browser, path)
    wanted = {"observations.desk", "observations.new", "observations.mark", "observations.look"}
    assert wanted <= crawl.endpoints
    assert not crawl.found, "\n".join(f"{path}: {text}" for text, path in crawl.found.items())


@on_one_engine
def test_every_page_of_certificates_is_translated(abroad: World) -> None:
    """In every state, and what is said of them, as their holder and a manager see it."""
    crawl, place, mine = Crawl(abroad), certifies(abroad), "/record/certificates"
    crawl.known += [
        "Certificate in injecting",
        "By the quiz",
        "Professional registration",
        "Unfounded.",
        "To come.",
        "Looked up.",
        "soon",
    ]
    crawl.known += ["Papules of the face", "only with a named supervisor on site"]
    here, world = f"/team/{abroad.ids['trainee']}/certificates", abroad
    form, sheets = {"certificate": f"{place.course}/card", "reason": "Unfounded."}, f"{place.course}/card"

    def seen() -> None:
        for who, path in (("trainee", mine), ("trainee", "/record/clearance"), ("manager", here)):
            crawl.get(world.client(who), path)

    def post(act: str, **more: str) -> None:
        crawl.read(world.client("manager").post(f"{here}/{act}", form | more, page=here, follow_redirects=True))

    seen()
    lent = {"reason": "To come.", "until": str(place.today + timedelta(days=9))}
    post("lend", **lent | {"until": "soon"})
    post("lend", **lent)
    crawl.get(world.client("trainee"), f"{mine}/{sheets}/sheet")
    post(f"{theirs(place)}/lift")
    sit(world, "trainee", right=4)
    seen()
    place.document()
    for who, path in (("trainee", mine), ("manager", here)):
        crawl.get(world.client(who), f"{path}/{sheets}/sheet")
    post("lend", **lent)
    for act in ("suspend", "revoke"):
        post(act, reason="")
        post(act)
        decided(crawl, place, "alone")
        seen()
        post(f"{theirs(place)}/lift")
    for days in (1, 660, 90, 60):
        world.clock.forward(days=days)
        sit(world, "trainee", right=4) if days == 1 else None
        seen()
    both = [(TRAINEE, world.ids["Quay"]), (TRAINEE, world.ids["Mill"])]
    place.say(people.change_roles, world.ids["trainee"], both, by="administrator")
    seen()
    post("revoke")
    assert {"certificates.own_sheet", "certificates.sheet", "certificates.lift"} <= crawl.endpoints
    assert not crawl.found, "\n".join(f"{path}: {text}" for text, path in crawl.found.items())


def decided(crawl: Crawl, place: Desk, answer: str, who: str = "manager", **more: str) -> None:
    """Reads the last proposal about the trainee, answers it, and reads what comes of that."""
    with place.world.session() as session:
        number = proposals.of_person(session, place.world.ids["Harbour"], place.world.ids["trainee"])[0].row.id
    page, browser = f"/proposals/{number}", place.world.client(who)
    crawl.get(browser, "/")
    crawl.get(browser, page)
    crawl.read(
        browser.post(f"{page}{more.pop('act', '')}", {"answer": answer} | more, page=page, follow_redirects=True)
    )


@on_one_engine
def test_every_page_of_a_proposal_is_translated(abroad: World) -> None:
    """In every state, as whoever made it and a second person see it."""
    crawl, place = Crawl(abroad), certifies(abroad)
    crawl.known += ["Certificate in injecting", "By the quiz", "Professional registration", "Unfounded.", "Looked up."]
    crawl.known += ["judge@example.net", "nobody"]
    sit(abroad, "trainee", right=4)
    place.document()

    def proposed(kind: str = SUSPENDED) -> None:
        propose(place, kind, reason="Unfounded.")

    for kind in (SUSPENDED, REVOKED):
        proposed(kind)
        decided(crawl, place, "", act="/outsider", email="nobody")
        decided(crawl, place, "", act="/outsider", email="judge@example.net")
        with abroad.app.test_request_context():
            link = f"/second/{keys.signed('second', *last_asked(abroad))}"
        crawl.get(abroad.client("colleague"), link)
        if kind == REVOKED:
            said = {"name": "", "answer": "refused", "reason": ""}
            for form in (
                {},
                said,
                said | {"name": "Unfounded."},
                said | dict.fromkeys(("name", "reason"), "Unfounded."),
            ):
                crawl.read(abroad.client("colleague").post(link, form, page=link, follow_redirects=True))
            continue
        decided(crawl, place, "")
        decided(crawl, place, "", act="/withdraw")
    second(place, "auditor")
    for answer, reason in (("refused", ""), ("refused", "Unfounded."), ("confirmed", "")):
        proposed() if reason != "Unfounded." else None
        decided(crawl, place, answer, "auditor", reason=reason)
        decided(crawl, place, "alone")
    abroad.clock.forward(days=1)
    proposed(REVOKED)
    abroad.clock.forward(days=20)
    decided(crawl, place, "confirmed", "auditor")
    crawl.get(abroad.client("manager"), f"/team/{abroad.ids['trainee']}/certificates")
    assert {"proposals.one", "outsiders.by_link", "certificates.of"} <= crawl.endpoints
    assert not crawl.found, "\n".join(f"{path}: {text}" for text, path in crawl.found.items())


def last_asked(world: World) -> tuple[int, str]:
    """The number and the nonce of the last who was asked from outside."""
    with world.session() as session:
        row = session.query(Outsider).order_by(Outsider.id.desc()).first()
        assert row
        return row.id, row.nonce


def theirs(place: Desk) -> int:
    """The last that was said of the trainee."""
    with place.world.session() as session:
        return assertions.said(session, place.world.ids["Harbour"], place.world.ids["trainee"])[0].row.id


@on_one_engine
def test_every_page_is_read_and_every_text_is_translated(crawled: Crawl) -> None:
    rules = crawled.world.app.url_map.iter_rules()
    pages = {rule.endpoint for rule in rules if "GET" in (rule.methods or ())} - {
        "static",
        "calendar.read",
        "site.health",
        "learning.media",
        "api.clearance",  # for programs, in English
        "api.signs_with",
        "invigilation.exam",  # read below, where there is an exam
        "invigilation.sitter",
        "supervision.by_link",  # read below, where there is a case
        "supervision.one",
        "observations.mark",  # read below, where somebody is observed
        "observations.look",
        "stops.one",  # read below, where there is one
        "certificates.own_sheet",  # read below, where one is held
        "certificates.sheet",
        "outsiders.by_link",  # read with them
        "proposals.one",  # read there, where something is proposed
        "coming.changes",  # read below, where a rule is to come
    }
    assert crawled.endpoints >= pages, f"not read: {pages - crawled.endpoints}"
    assert not crawled.found, "\n".join(f"{path}: {text}" for text, path in crawled.found.items())


@on_one_engine
@pytest.mark.parametrize(
    "rules",
    [
        {"navigation": "forward", "closes": "2027-03-12 12:00", "closing": "stops starts", "certainty": True},
        {"feedback": "after each", "practice": True, "opens": "2027-03-12 09:00"},
        {"closes": "2027-03-12 09:00", "closing": "ends attempts", "feedback": "after close"},
    ],
    ids=["forward", "practice", "closed"],
)
def test_the_pages_of_an_exam_are_translated(abroad: World, rules: dict[str, Any]) -> None:
    examine(abroad, pages="one question", instructions="Everything else waits.", **rules)
    browser, crawl = abroad.client("trainee"), Crawl(abroad)
    for path in ("/", "/courses/tiny", "/courses/tiny/final", "/courses/tiny/final?trial=noon"):
        crawl.get(browser, path)
    if rules.get("feedback") != "after close":
        exam = begin_exam(abroad)
        then = "seen.1" if rules.get("practice") else "left.1"
        given = {f"1.{name}": values for name, values in abroad.right_answers(exam.attempt)[1].items()}
        path = f"/attempts/{exam.attempt}"
        manager, places = abroad.client("manager"), (f"/invigilation/{exam.row().module_id}", f"/invigilation{path}")
        for kind in ("pause", "resume"):
            assert manager.post(f"/invigilation{path}/{kind}").status_code == 303
            for where in ("/invigilation", *places):
                crawl.get(manager, where)
            crawl.get(browser, path)
        sent = {"then": then, "at": "1", "1.seen": "0", "1.sure": "2", **given}
        assert browser.post(f"{path}/answers", sent, page=path).status_code == 303
        for where in (path, f"{path}?at=1", f"{path}/finish"):
            crawl.get(browser, where)
        exam.finish()
        for where in (f"{path}/result", "/record", "/courses/tiny"):
            crawl.get(browser, where)
    assert not crawl.found, "\n".join(f"{path}: {text}" for text, path in crawl.found.items())


@on_one_engine
@pytest.mark.parametrize(
    ("html", "where"),
    [
        ("<p>Hand in</p>", "p: Hand in"),
        ("<title>Today</title>", "title: Today"),
        ('<img alt="A syringe">', "img alt: A syringe"),
        ('<form data-saved="All answers saved"></form>', "form data-saved: All answers saved"),
        ('<input type="submit" value="Go">', "input value: Go"),
        ("<p>Tess Trainee passed</p>", "p: Tess Trainee passed"),
        ("<p>12 May 2027</p>", "p: 12 May 2027"),
    ],
)
def test_a_text_that_is_not_translated_is_noticed_control(html: str, where: str, world: World) -> None:
    assert untranslated(html, data(world)) == [where]


@on_one_engine
def test_data_and_translated_texts_are_not_taken_for_untranslated_control(world: World) -> None:
    page = f'<p title="{pseudo("Hand in")}">{pseudo("Sign out")} Tess Trainee, 12 Maj 2027 (75%) mL</p>'
    assert untranslated(page, data(world)) == []
    assert pseudo("%(n)s of %(m)s, 5%%").count("%(") == 2
    assert pseudo("%(n)s%%") % {"n": 5} == "«5% õõõ»"


# Mail, moments and numbers ------------------------------------------------------------------------------------------


@on_one_engine
@pytest.mark.parametrize("mail", SUBJECTS)
@pytest.mark.parametrize(("passed", "kind"), [(True, "password"), (False, "email")])
def test_mail_is_in_the_language_of_whom_it_is_for(abroad: World, mail: str, passed: bool, kind: str) -> None:
    facts = {
        "title": "",
        "passed": passed,
        "attempt": 1,
        "invitation": 1,
        "link": 1,
        "stop": 1,
        "nonce": "",
        "kind": kind,
        "added": passed,
        "until": abroad.clock().date(),
    }
    told = [("", kind, "", abroad.clock().date(), 1) for kind in KINDS]
    facts |= {"by": "", "place": "", "ends_at": abroad.clock(), "own": told, "over": told, "ahead": told}
    facts |= {"trainee": "", "day": abroad.clock(), "ends": abroad.clock(), "request": 1, "withdrawn": passed}
    facts |= {"person": "", "decision": "refused" if passed else "", "decided_by": "", "proposal": 1, "outsider": 1}
    facts["today"] = abroad.clock().date()
    leaving, letter = Leaving(1, mail, None, 1, abroad.clock(), "", {}), Letter("x@x", "", "eo", "UTC", facts)
    message = compose(abroad.app, leaving, letter, abroad.clock())
    words = MOMENT.sub("", re.sub(r"http\S+", "", message.get_content()))
    assert not re.search("[A-Za-z]", str(message["Subject"])), message["Subject"]
    assert not re.search("[A-Za-z]", words), words


def living_in(world: World, zone: str, locale: str = "en") -> Browser:
    """The trainee, having chosen a zone and a language."""
    browser = world.client("trainee")
    reply = browser.post("/account", {"locale": locale, "zone": zone})
    assert reply.status_code == 303
    return browser


@on_one_engine
@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("Europe/London", "12 Mar 2027, 09:50 GMT"),
        ("Europe/Paris", "12 Mar 2027, 10:50 CET"),
        ("Asia/Tokyo", "12 Mar 2027, 18:50 JST"),
        ("Pacific/Auckland", "12 Mar 2027, 22:50 NZDT"),
        ("America/Sao_Paulo", "12 Mar 2027, 06:50 GMT-03:00"),
    ],
)
def test_a_deadline_is_told_in_the_time_of_whom_it_is_for(world: World, zone: str, moment: str) -> None:
    browser = living_in(world, zone)
    attempt = browser.start()
    for path in (f"/attempts/{attempt}", f"/attempts/{attempt}/finish"):
        assert moment in browser.get(path).get_data(as_text=True)
    with world.session() as session:
        assert session.get_one(Attempt, attempt).deadline == world.clock.now.replace(minute=50)


def german(world: World) -> World:
    """The same world where German is offered; there is no catalogue of it, so only days and numbers differ."""
    settings = world.environment | {"MESOTRAIN_LOCALES": "en de"}
    return World(create_app(settings, world.clock), world.clock, settings, world.ids)


@on_one_engine
def test_a_day_is_written_in_the_language_of_its_reader(world: World) -> None:
    there = german(world)
    for locale, day in (("en", "12 Mar 2027"), ("de", "12 März 2027")):
        assert day in living_in(there, "Europe/London", locale).get("/courses/tiny/basics").get_data(as_text=True)


@on_one_engine
def test_a_number_is_written_in_the_language_of_its_reader(world: World) -> None:
    browser = living_in(german(world), "Europe/London", "de")
    attempt = browser.start()
    browser.post(f"/attempts/{attempt}/finish")
    assert "0,731" in browser.get(f"/attempts/{attempt}/result").get_data(as_text=True)


@on_one_engine
@pytest.mark.parametrize(
    ("locale", "accepts", "sign"),
    [
        ("en", "", "."),
        ("en", "en-GB,en;q=0.9,de;q=0.5", "."),
        ("en", "de-CH,de;q=0.9,en;q=0.8", "."),
        ("en", "de-DE,de;q=0.9,en;q=0.8", ""),
        ("en", "fr", ""),
        ("de", "de-DE,de;q=0.9,en;q=0.8", ","),
        ("de", "en-US,en;q=0.9", ""),
        ("de", "", ","),
        ("en", "*", "."),
        ("en", "xx-yy, ../de;q=0.9, fr;q=0.1", ""),
    ],
)
def test_a_number_is_read_as_its_taker_writes_it_and_asked_back_where_that_is_not_known(
    world: World, locale: str, accepts: str, sign: str
) -> None:
    browser = living_in(german(world), "Europe/London", locale)
    browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = accepts
    attempt = browser.start()
    with world.session() as session:
        number = next(one.position for one in slots(session, attempt) if one.shown["type"] == "numeric")
    for text in ("1.500", "1,500", "-2.125"):
        note = browser.save(attempt, number, {"number": [text]}).get_json()["note"]
        assert (note is None) is (bool(sign) and sign in text), text
        with world.session() as session:
            assert slots(session, attempt)[number - 1].fields == {"number": [text], "decimal": [sign]}
    for text in ("1.5", "1,5", "0,125", "1500"):
        assert browser.save(attempt, number, {"number": [text]}).get_json()["note"] is None, text
    browser.save(attempt, number, {"number": ["1,500"]})
    page = browser.get(f"/attempts/{attempt}").get_data(as_text=True)
    pattern = re.compile(unescape(found[1])) if (found := re.search(r' pattern="(.*?)"', page)) else None
    assert pattern, "what the browser itself lights up while somebody types"
    assert [bool(pattern.fullmatch(text)) for text in ("1.500", "1,500", "1,5")] == [sign == ".", sign == ",", True]
