"""Canaries: every part of every key is a unique string, an attempt is crawled over HTTP, and none of them is seen.

Released, each of them is seen: the crawler that finds nothing before must find everything after.
"""

import json
import re
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit
from zipfile import ZipFile
from zlib import decompress

import pytest
from flask import Blueprint, Flask
from flask import session as cookie
from jinja2 import ChoiceLoader, DictLoader
from markupsafe import Markup
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from mesotrain.actions import courses
from mesotrain.actions.endings import settle
from mesotrain.core.attempts import MARKING, seed_of
from mesotrain.core.chance import drawn
from mesotrain.core.courses import LEVELS, Course
from mesotrain.core.questions import RULES
from mesotrain.core.questions.staged import STAGE
from mesotrain.formats.courses import read_course
from mesotrain.store import papers
from mesotrain.store.attempts import Attempt
from mesotrain.store.courses import Question, QuestionKey, QuestionVersion
from mesotrain.store.db import db, transact
from mesotrain.web import gate
from mesotrain.web.slots import Asked
from tests.actions.essays import educator
from tests.web.leaks import leaking
from tests.world import CAST, Browser, Engine, World, question_of

COURSE = """
course: canary
title: A course of canaries
language: en
status: demonstration
competencies:
  CAN:
    title: Canaries
    can: sing
    valid: 24 months
    renewal: 60 days
    grace: 0 days
modules: [cage]
"""
REFERENCES = """
facts:
  I01:
    kind: GK
    sources: []
  Z9731:
    kind: GK
    sources: []
sources: {}
"""
LESSON = """---
title: The cage
competency: CAN
minutes: 3
summary: Birds.
outcomes:
  - sing
quiz:
  questions: MANY
  pass: 75%
  time: 20 minutes
  feedback: after submit
sign-off: none
---

## Air {#canary-place}

Birds need air [I01].
"""
BANK = """---
bank: cage
title: The cage
language: en
competency: CAN
---

## cnry-7001
section: cage#canary-place
safety: canary-point-one
cites: Z9731
level: judge

SHOWN-STEM-1 Which is sung?

- (x) SHOWN-A
  Why: CANARY-WHY-1
- ( ) SHOWN-B
  Why: CANARY-WHY-2
- (41.37%) SHOWN-C
  Why: CANARY-WHY-3
- (-17.93%) SHOWN-D
  Why: CANARY-WHY-4

Why: CANARY-ITEM-1

## cnry-7002
section: cage#canary-place
safety: canary-point-two
cites: Z9731
level: judge
credit: partial

SHOWN-STEM-2 Which are sung? Choose all that apply.

- [x] SHOWN-E
  Why: CANARY-WHY-5
- [x] SHOWN-F
  Why: CANARY-WHY-6
- [ ] SHOWN-G
  Why: CANARY-WHY-7
- [ ] SHOWN-H
  Why: CANARY-WHY-8

Why: CANARY-ITEM-2

## cnry-7003
section: cage#canary-place
safety: canary-point-three
cites: Z9731
level: judge

SHOWN-STEM-3 How much air?

= 0.7319 +0.0013 -0.0007 mL
  Why: CANARY-WHY-9
= 0.7777 +0.0023 -0.0017 mL (29.31%)
  Why: CANARY-WHY-10

Why: CANARY-ITEM-3

## cnry-7004
section: cage#canary-place
safety: canary-point-four
cites: Z9731
level: judge

SHOWN-STEM-4 Which is silent? Choose all that apply.

- [x] SHOWN-I
  Why: CANARY-WHY-11
- [ ] SHOWN-J
  Why: CANARY-WHY-12
- [ ] SHOWN-K
  Why: CANARY-WHY-13

Why: CANARY-ITEM-4

## cnry-7005
section: cage#canary-place
safety: canary-point-five
cites: Z9731
level: judge

SHOWN-STEM-5 Weigh each.

- [T] SHOWN-L
  Why: CANARY-WHY-14
- [F] SHOWN-M
  Why: CANARY-WHY-15
- [F] SHOWN-N
  Why: CANARY-WHY-16

Why: CANARY-ITEM-5

## cnry-7006
section: cage#canary-place
safety: canary-point-six
cites: Z9731
level: judge

SHOWN-STEM-6 In which order?

- (1) SHOWN-O
  Why: CANARY-WHY-17
- (2) SHOWN-P
  Why: CANARY-WHY-18
- (-) SHOWN-Q
  Why: CANARY-WHY-19

Why: CANARY-ITEM-6

## cnry-7007
section: cage#canary-place
safety: canary-point-seven
cites: Z9731
level: judge

SHOWN-STEM-7 What belongs to what?

- SHOWN-R => SHOWN-S
  Why: CANARY-WHY-20
- SHOWN-T => SHOWN-U
  Why: CANARY-WHY-21
- => SHOWN-V

Why: CANARY-ITEM-7

## cnry-7008
section: cage#canary-place
safety: canary-point-eight
cites: Z9731
level: judge

SHOWN-STEM-8 Which bird was it?

A) SHOWN-W
B) SHOWN-X
C) SHOWN-Y

### stem canary-story-one
SHOWN-STORY-1
= A
Why: CANARY-WHY-22

### stem canary-story-two
SHOWN-STORY-2
= C
Why: CANARY-WHY-23

## cnry-7009
section: cage#canary-place
safety: canary-point-nine
cites: Z9731
level: judge

SHOWN-STEM-9 Who sings?

= CANARY-KEY-1 | canary-key-2x*
  Why: CANARY-WHY-24
= CANARY-KEY-3 (37.19%)
  Why: CANARY-WHY-25

Why: CANARY-ITEM-9

## cnry-7010
section: cage#canary-place
safety: canary-point-ten
cites: Z9731
level: judge

SHOWN-STEM-10 How much seed for {weight} of birds?

```calc
weight = 20 g .. 60 g step 10 g
where weight < 9643 [g]
answer = weight * 8147 [mg/kg] / 8147 * 50 in mg
accept -0.0191 mg +0.0193 mg
limit 8629 [mg]
error unsafe answer * 8363 "CANARY-WHY-26"
error weight * 6427 when weight > 10 [g] "CANARY-WHY-27"
```

Why: CANARY-ITEM-10

## cnry-7011
section: cage#canary-place
safety: canary-point-eleven
cites: Z9731
level: judge

SHOWN-STEM-11 A [[= CANARY-KEY-4 | canary-key-5x*]] eats [[= 0.8219 +0.0029 -0.0031 mL]]
of [[(x) SHOWN-Z | (23.57%) SHOWN-ZA | ( ) SHOWN-ZB]].

Why: CANARY-ITEM-11

## cnry-7012
section: cage#canary-place
safety: canary-point-twelve
cites: Z9731
level: judge

SHOWN-STEM-12 Where does it breathe?

![SHOWN-PICTURE](media/bird.svg)

```zones grid=8x6
canary-beak polygon 137.31,61.73 213.37,61.73 213.37,163.71 right "CANARY-WHY-28"
canary-wing circle 317.13,231.79 r 53.19 unsafe "CANARY-WHY-29"
```

Why: CANARY-ITEM-12

## cnry-7015
section: cage#canary-place
safety: canary-point-fifteen
cites: Z9731
level: judge

SHOWN-STEM-15 Where are its feet?

![SHOWN-PICTURE](media/bird.svg)

```zones grid=8x6 marks=3
canary-foot polygon 141.37,193.71 209.31,193.71 209.31,257.19 right 71 "CANARY-WHY-36"
canary-toe circle 319.37,61.79 r 47.31 right 71 "CANARY-WHY-37"
canary-tail polygon 9.37,197.31 97.19,197.31 97.19,287.31 right "CANARY-WHY-38"
```

Why: CANARY-ITEM-16

## cnry-7013
section: cage#canary-place
safety: canary-point-thirteen
cites: Z9731
level: judge

SHOWN-STEM-13 It hops.

### stage canary-stage-one
points: 3

SHOWN-STAGE-1 What now?

- (x) SHOWN-ZF
  Why: CANARY-WHY-30
- (47.51%) SHOWN-ZG
  Why: CANARY-WHY-31
- ( ) SHOWN-ZH

Why: CANARY-ITEM-13

### stage canary-stage-two

CANARY-LATER-1 What then?

- [x] CANARY-LATER-2
  Why: CANARY-WHY-32
- [ ] CANARY-LATER-4
  Why: CANARY-WHY-33

Why: CANARY-ITEM-14

## cnry-7014
section: cage#canary-place
safety: canary-point-fourteen
cites: Z9731
level: judge
markers: 2
words: 1-5

SHOWN-STEM-14 Sing of it.

### rubric

- (3) CANARY-RUBRIC-1
  Why: CANARY-WHY-34
- (1) CANARY-RUBRIC-2
  Why: CANARY-WHY-35

Why: CANARY-ITEM-15
"""
BIRD = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300"><circle cx="200" cy="150" r="90"/></svg>'

WORDS = re.findall("CANARY-(?:WHY|ITEM|RUBRIC)-[0-9]+", BANK)
"""Every reason and criterion. Released, each is on the result page."""

NAMES = re.findall("cnry-[0-9]{4}", BANK)
KEYS = [*WORDS, *re.findall("canary-(?:point|story|stage|beak|wing|foot|toe|tail)(?:-[a-z]+)?", BANK), *NAMES]
"""What nobody but an educator may see before release, in any page, reply, header, cookie or file."""

NUMBERS = [
    *("41.37", "17.93", "29.31", "37.19", "47.51", "0.7319", "0.7777", "0.0013", "0.0007", "0.0023", "0.0017"),
    *("0.7312", "0.7332", "0.776", "0.78"),
    *("137.31", "61.73", "213.37", "163.71", "317.13", "231.79", "53.19"),
    *("141.37", "193.71", "209.31", "257.19", "319.37", "61.79", "47.31", "9.37", "197.31", "97.19", "287.31"),
]
"""Credits, right numbers, tolerances and the ends of ranges: as little, but a style sheet may hold one by chance."""

TYPED = re.findall("(?i:canary-key-[0-9a-z]+)", BANK)
"""Accepted texts. Whoever typed one finds it in their own answers; released, each is on the result page."""

CALCULATION = ["9643", "8147", "0.0191", "0.0193", "8629", "8363", "6427"]
"""What stands in expressions, constraints, limits and errors."""

SPELLINGS = [
    *(*CALCULATION, "0.8219", "0.8248", "0.8188", "23.57", "2357"),
    *("4137", "1793", "2931", "3719", "7319", "7777", "question_key"),
]
"""Other ways to write them."""

SITTING_HIDDEN = ["Z9731", "canary-place", LEVELS["judge"]]
"""What a lesson may show and a sitting may not: which section and fact a question rests on, and how hard it is."""

NOISE = re.compile(
    r'(?:name="(?:csrf_token|op)" value="[^"]*"|\?v=[0-9a-f]+|<path d="[^"]*"|data-(?:now|deadline)="[^"]*"'
    r'|"(?:operation|answer|signature|key|at|received_at|taken_at)": ?"[^"]*")'
)
"""Random or geometric text, in which a short canary may stand by chance."""


def canary_course() -> Course:
    """A course whose every key is a canary."""
    lesson = LESSON.replace("MANY", str(len(NAMES)))
    texts = {"course.yaml": COURSE, "references.yaml": REFERENCES, "cage/lesson.md": lesson, "cage/bank.md": BANK}
    return read_course({**texts, "cage/media/bird.svg": BIRD})


@pytest.fixture(scope="module")
def cage(engine: Engine) -> Iterator[World]:
    """A world with the course of canaries in it, served as in production: what breaks is a page too."""
    yield from caged(engine)


@pytest.fixture
def other_cage(engine: Engine) -> Iterator[World]:
    """One that a test does not leave as it found it."""
    yield from caged(engine)


def caged(engine: Engine) -> Iterator[World]:
    world = engine.world()
    world.app.testing = False
    world.do(lambda session: courses.publish(session, world.clock(), canary_course()))
    yield world
    world.close()


# The crawler ---------------------------------------------------------------------------------------------------------


@dataclass
class Form:
    """A form as a browser would send it; `buttons` are its ways of sending."""

    method: str
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """What a page leads to: links, files, and forms with every field filled."""

    def __init__(self, url: str, html: str) -> None:
        super().__init__()
        self.url, self.links, self.forms = url, [], []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.links += [
            urljoin(self.url, value)
            for name, value in given.items()
            if name in {"href", "src", "srcset", "poster"} or (name.startswith("data-") and value.startswith("/"))
        ]
        if tag == "form":
            action = urljoin(self.url, given.get("action") or self.url)
            self.forms.append(Form(given.get("method", "get").upper(), action))
        elif self.forms and tag in {"input", "textarea"} and given.get("name"):
            self.forms[-1].fields.append((given["name"], given.get("value") or ("1" if tag == "input" else "")))
        elif self.forms and tag == "option" and "selected" in given:
            name = next(reversed(self._selects), "")
            self.forms[-1].fields.append((name, given.get("value", "")))
        elif self.forms and tag == "select":
            self._selects.append(given.get("name", ""))
        elif self.forms and tag == "button":
            self.forms[-1].buttons.append((given.get("name", ""), given.get("value", "")))

    @property
    def _selects(self) -> list[str]:
        return self.__dict__.setdefault("_named", [])


@dataclass
class Crawl:
    """Follows every link and sends every form that is not in `stops`; keeps all that came back."""

    browser: Browser
    stops: re.Pattern[str]
    heard: list[tuple[str, str]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def run(self, *starts: str) -> "Crawl":
        waiting = list(starts)
        while waiting:
            asked_for = waiting.pop(0)
            address = urlsplit(urljoin("http://localhost/", asked_for))
            url = address.path + (f"?{address.query}" if address.query else "")
            if address.hostname == "localhost" and url not in self.seen and not self.stops.search(f"GET {url}"):
                self.seen.add(url)
                waiting += self.hear(f"GET {url}", self.browser.get(url), url)
        return self

    def hear(self, what: str, reply: TestResponse, url: str) -> list[str]:
        """Keeps a reply; sends the forms it holds; gives where it leads."""
        self.heard.append((what, everything(reply)))
        on = [reply.headers["Location"]] if "Location" in reply.headers else []
        on += re.findall(r"url\(\"?([^)\"]+)", reply.get_data(as_text=True)) if reply.mimetype == "text/css" else []
        if reply.mimetype != "text/html":
            return [urljoin(url, one) for one in on]
        page = Page(url, reply.get_data(as_text=True))
        for form in page.forms:
            on += self.send(form)
        return on + page.links

    def send(self, form: Form) -> list[str]:
        """Sends a form by each of its buttons, once on this crawl."""
        path, on = urlsplit(form.action).path, []
        for button in form.buttons or [("", "")]:
            what = f"{form.method} {path} {'='.join(button)}".strip(" =")
            if form.method == "POST" and what not in self.seen and not self.stops.search(what):
                self.seen.add(what)
                data: dict[str, list[str]] = {}
                for name, value in [*form.fields, button]:
                    data.setdefault(name, []).append(value)
                reply = self.browser.client.post(path, data=data)
                self.seen.discard(reply.headers.get("Location", ""))
                on += self.hear(what, reply, path)
        return on

    def sees(self, *words: str, where: str = "") -> list[str]:
        """Which of these words stand in what was heard at addresses that hold `where`."""
        return [f"{word} in {what}" for what, text in self.heard for word in words if word in text and where in what]

    def leaked(self) -> list[str]:
        """Which parts of keys were heard; a number may stand in a style sheet, and in one's own answers."""
        spared = ("/static/", "GET /record.json")
        heard = [(what, text) for what, text in self.heard if not any(one in what for one in spared)]
        numbers = Crawl(self.browser, self.stops, heard)
        return self.sees(*KEYS) + numbers.sees(*NUMBERS, *SPELLINGS, *TYPED)


def everything(reply: TestResponse) -> str:
    """All that a reply tells: headers, what its cookies hold, and its body without noise."""
    headers = [
        f"{name}: {value}"
        for name, value in reply.headers
        if name not in {"Set-Cookie", "Date", "ETag", "Content-Length"}
    ]
    cookies = [cookie_text(value) for value in reply.headers.getlist("Set-Cookie")]
    return "\n".join([*headers, *cookies, NOISE.sub("", "\n".join(texts(reply.data)))])


def texts(body: bytes) -> list[str]:
    """A body as text; of what is packed every file in it."""
    if not body.startswith(b"PK"):
        return [body.decode()]
    with ZipFile(BytesIO(body)) as packed:
        return [packed.read(name).decode(errors="replace") for name in packed.namelist()]


def cookie_text(cookie: str) -> str:
    """What a session cookie says in the clear; it is signed, not secret. Random tokens in it are left out."""
    value = cookie.partition("=")[2].partition(";")[0]
    body, packed = value.lstrip(".").partition(".")[0], value.startswith(".")
    raw = urlsafe_b64decode(body + "=" * (-len(body) % 4)) if body else b"{}"
    told = json.loads(decompress(raw) if packed else raw)
    return json.dumps({name: value for name, value in told.items() if name not in {"csrf_token", "_user_id", "_id"}})


BEFORE_RELEASE = re.compile(r"POST /attempts/\d+/finish|POST /sign-out|POST /account")
"""Where the crawl stops: handing in releases the keys, and the others end or change the visit."""

READING = re.compile(r"^POST (?!/sign-in)|POST /sign-out")
"""Where somebody stops who only looks."""


def start(browser: Browser, course: str = "canary/cage") -> int:
    reply = browser.post(f"/courses/{course}/attempts", page="/sign-in")
    assert reply.status_code == 303
    return browser.hold(reply)


def finish(browser: Browser, attempt: int) -> None:
    """Hands in, and takes what people have to mark for marked."""
    assert browser.post(f"/attempts/{attempt}/finish", page="/sign-in").status_code == 303
    with browser.client.application.app_context():
        session = db.session()
        if session.get_one(Attempt, attempt).state == MARKING:
            transact(session, lambda: settle(session, browser.client.application.extensions["clock"](), attempt))


def versions(world: World) -> list[str]:
    """The names of the question versions, and as short as pages print them."""
    with world.session() as session:
        query = select(QuestionVersion.version).join(Question, Question.id == QuestionVersion.question_id)
        return [one[:12] for one in session.scalars(query.where(Question.name.startswith("cnry")))]


def mischief(world: World, browser: Browser, attempt: int) -> Iterator[tuple[str, TestResponse]]:
    """Saves of every kind, and everything an inquisitive taker might try beside the links."""
    token = browser.token("/sign-in")
    url, mine = f"/attempts/{attempt}", {"headers": {"X-CSRFToken": token}}
    guesses = [
        fields
        for right in world.right_answers(attempt).values()
        for fields in (right, {"choice": ["x"]}, {"answer": ["x"]}, {"number": ["x"]})
    ]
    for number, fields in enumerate(guesses):
        for place in range(1, len(NAMES) + 2):
            body = {"op": f"canary-{number}-{place}", "fields": fields, "lease": browser.lease}
            yield f"PUT {url}", browser.client.put(f"{url}/answers/{place}", json=body, **mine)
    form = {"csrf_token": token, "lease": browser.lease}
    same = {"op": "canary-0-1", "fields": {"flag": ["other"]}, "lease": browser.lease}
    tries: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", f"{url}/answers/1", {"json": same, **mine}),
        ("PUT", f"{url}/answers/1", {"json": ["no save"], **mine}),
        ("PUT", f"{url}/answers/1", {"json": same}),
        (
            "PUT",
            f"{url}/answers/1",
            {"data": "{", "content_type": "application/json", **mine},
        ),
        ("POST", f"{url}/answers", {"data": {"csrf_token": token}}),
        ("POST", f"{url}/answers", {"data": form}),
        ("POST", f"{url}/answers", {"data": {**form, "op": "x" * 20, "3.number": "1,500"}}),
        ("GET", f"{url}?review=1&lease={browser.lease}", {}),
        ("GET", f"{url}/result", {}),
        ("GET", f"{url}/finish?lease={browser.lease}", {"headers": {"Accept": "application/json"}}),
        ("DELETE", url, {}),
        ("GET", "/questions", {}),
        ("GET", "/questions/canary/cnry-7001", {"headers": {"X-HTTP-Method-Override": "PUT"}}),
        ("GET", "/static/%2e%2e/canary", {}),
        ("GET", "/courses/canary/cage/bank.md", {}),
    ]
    for method, address, more in tries:
        yield f"{method} {address}", browser.client.open(address, method=method, **more)


# Before release, and after -------------------------------------------------------------------------------------------


def test_no_taker_sees_a_key_before_handing_in(cage: World) -> None:
    taker = Browser(cage.app.test_client())
    taker.get("/sign-in")
    taker.sign_in("trainee")
    crawl = Crawl(taker, BEFORE_RELEASE).run("/sign-in", "/", "/components")
    attempt = start(taker)
    crawl.heard += [(what, everything(reply)) for what, reply in mischief(cage, taker, attempt)]
    crawl = Crawl(taker, BEFORE_RELEASE, crawl.heard).run("/", f"/attempts/{attempt}/finish")
    places = {re.sub(r"\d+", "N", what) for what, _ in crawl.heard}
    assert places >= {
        "GET /", "GET /courses/canary/cage", "POST /courses/canary/cage/attempts", "GET /attempts/N?lease=N",
        "GET /account",
        "POST /attempts/N/answers then=stay", "POST /attempts/N/answers then=finish", "GET /attempts/N/finish",
    }, sorted(places)  # fmt: skip
    assert any(what.startswith("GET /static/sitting.js") for what in places)
    assert crawl.sees("SHOWN-STEM-1"), "the crawl never came to the questions"
    told = ("minus", "partial", "all-or-nothing", "each", "pairs", "gaps", "danger", "stages")
    assert [one for one in told if not crawl.sees(RULES[one])] == [], "how each is marked is told beforehand"
    assert crawl.leaked() + crawl.sees(*versions(cage)) == []
    assert crawl.sees(*SITTING_HIDDEN, where=f"/attempts/{attempt}") == []


OTHERS = [None, *(who for who in CAST if who not in {"trainee", "educator"})]


def test_nobody_else_sees_a_key_before_or_after(cage: World) -> None:
    taker, others = cage.client("trainee"), [cage.client(who) for who in OTHERS]
    attempt = start(taker)
    tried = ["/", "/sign-in", "/questions", "/questions/canary/missing", "/team", f"/team/{cage.ids['trainee']}"]
    tried += [f"/attempts/{attempt}{page}" for page in ("", "/finish", "/result", "/answers")]
    for release in (lambda: None, lambda: finish(taker, attempt)):
        release()
        for who, browser in zip(OTHERS, others, strict=True):
            crawl = Crawl(browser, READING).run(*tried)
            assert crawl.leaked() + crawl.sees(*versions(cage)) == [], who


def test_released_every_reason_is_seen(cage: World) -> None:
    taker = cage.client("trainee")
    attempt = start(taker)
    finish(taker, attempt)
    page = everything(taker.get(f"/attempts/{attempt}/result"))
    assert [word for word in (*WORDS, *TYPED, "0.7312 to 0.7332", "0.776 to 0.78") if word not in page] == []
    assert "cnry-7001" not in page
    again = start(taker)
    crawl = Crawl(taker, READING).run(f"/attempts/{again}", f"/attempts/{again}/finish", f"/attempts/{again}/result")
    assert [seen for seen in crawl.leaked() if f"/attempts/{again}" in seen] == []
    finish(taker, again)


def test_until_people_have_marked_it_no_key_is_seen_and_never_who_did(cage: World) -> None:
    taker = cage.client("trainee")
    attempt = start(taker)
    right = cage.right_answers(attempt)
    place = next(at for at, fields in right.items() if fields == {"answer": ["An answer."]})
    for at, fields in right.items():
        assert taker.save(attempt, at, fields).status_code == 200
    assert taker.post(f"/attempts/{attempt}/finish", page="/sign-in").status_code == 303
    pages = ("/", "/courses/canary", "/courses/canary/cage", f"/attempts/{attempt}", f"/attempts/{attempt}/result")

    def heard() -> Crawl:
        return Crawl(taker, READING).run(*pages, "/practice", "/record.json")

    markers = [cage.client("educator"), second_educator(cage)]
    for at, marker in enumerate(markers):
        assert heard().sees(*WORDS, *versions(cage), "CANARY-COMMENT") == []
        points = {"criterion.0": str(3 - at), "criterion.1": "1/2", "comment": f"CANARY-COMMENT-{at}"}
        assert marker.post(f"/marking/{attempt}/{place}", points).status_code == 303
    result = everything(taker.get(f"/attempts/{attempt}/result"))
    said = [*WORDS, "CANARY-COMMENT-0", "CANARY-COMMENT-1", "Points: 2.5 of 3", "Points: 0.5 of 1"]
    assert [word for word in said if word not in result] == []
    assert heard().sees("Edda Educator", "educator@example.org", "Second Sight") == []


def test_while_a_question_is_held_its_taker_learns_neither_which_nor_why_nor_any_key(other_cage: World) -> None:
    cage = other_cage
    taker, educator = cage.client("trainee"), cage.client("educator")
    attempt = start(taker)
    held = educator.post("/questions/canary/cnry-7003/hold", {"reason": "CANARY-HELD"}).headers["Location"]
    finish(taker, attempt)
    pages = ("/", "/courses/canary", "/courses/canary/cage", f"/attempts/{attempt}", f"/attempts/{attempt}/result")
    crawl = Crawl(taker, READING).run(*pages, "/practice", "/record.json")
    assert crawl.sees(*WORDS, *versions(cage), *NAMES, "CANARY-HELD", "Edda Educator") == []
    assert crawl.sees("is being looked at"), "the control: it was there to be seen"
    assert educator.post(f"{held}/lift", {"ending": "left out", "reason": "CANARY-HELD"}).status_code == 303
    finish_held(cage, attempt)
    result = everything(taker.get(f"/attempts/{attempt}/result"))
    assert "CANARY-WHY-1" in result
    assert [word for word in ("CANARY-WHY-9", "CANARY-HELD", "SHOWN-STEM-3") if f"{word} " in f"{result} "] == []


def finish_held(world: World, attempt: int) -> None:
    """Ends an attempt whose hold was lifted, as the worker does."""
    world.do(lambda session: settle(session, world.clock(), attempt))


def second_educator(world: World) -> Browser:
    """A browser of another educator than the one of the cast."""
    educator(world, "Second Sight", email="second@example.org")
    return world.client("second")


def test_an_educator_sees_every_key(cage: World) -> None:
    """So that the words looked for are the ones the keys really hold."""
    crawl = Crawl(cage.client("educator"), READING).run("/questions")
    words = [*KEYS, *NUMBERS, *TYPED, *SITTING_HIDDEN, *versions(cage)]
    assert [word for word in words if not crawl.sees(word)] == []


# What a place, an order or a size could tell -------------------------------------------------------------------------


def test_the_order_of_options_is_not_the_authors(cage: World) -> None:
    taker = cage.client("trainee")
    orders: dict[str, set[str]] = {
        "SHOWN-[A-D]": set(),
        "SHOWN-[E-H]": set(),
        "SHOWN-[I-K]": set(),
        "SHOWN-[L-N]": set(),
        "SHOWN-[O-Q]": set(),
        "SHOWN-[SUV]": set(),
        "SHOWN-[W-Y]": set(),
        "SHOWN-STEM-\\d": set(),
    }
    for _ in range(6):
        attempt = start(taker)
        page = taker.get(f"/attempts/{attempt}").get_data(as_text=True)
        for options, found in orders.items():
            found.add(" ".join(re.findall(options + r"\b", page)))
        finish(taker, attempt)
    assert all(len(found) > 1 for found in orders.values()), orders


CRITICAL = {1: 10.83, 2: 13.82, 3: 16.27}
"""Chi-square at p = 0.001 by degrees of freedom (Fisher and Yates 1963, table IV). Fixed seeds give a fixed result."""


@pytest.mark.parametrize("name", ["cnry-7001", "cnry-7002", "cnry-7004"])
def test_the_key_stands_anywhere_with_equal_chance(name: str) -> None:
    question = next(one for one in canary_course().modules[0].questions if one.name == name)
    options = question.taker["options"]
    right = next(option for option, credit in question.key["credit"].items() if credit == "1")
    places: Counter[int] = Counter()
    for number in range(2000):
        seed = seed_of(f"seed {number}", 1)
        places[Asked(1, seed, Markup(), "", question.taker, {}, 0).kind.options.index(right)] += 1
    assert chi_square(places, len(options)) < CRITICAL[len(options) - 1], places


def test_each_question_stands_anywhere_with_equal_chance() -> None:
    names = [one.version for one in canary_course().modules[0].questions]
    places = Counter(drawn(f"seed {number}", names[:4], 4).index(names[0]) for number in range(2000))
    assert chi_square(places, 4) < CRITICAL[3], places


def test_a_key_that_stays_in_its_place_would_be_noticed() -> None:
    assert chi_square(Counter({0: 560, 1: 480, 2: 480, 3: 480}), 4) < CRITICAL[3]
    assert chi_square(Counter({0: 600, 1: 467, 2: 467, 3: 466}), 4) > CRITICAL[3]


def chi_square(places: Mapping[int, int], count: int) -> float:
    expected = sum(places.values()) / count
    return sum((places.get(place, 0) - expected) ** 2 / expected for place in range(count))


def test_a_reply_to_a_save_says_nothing_of_its_worth(cage: World) -> None:
    taker = cage.client("trainee")
    attempt = start(taker)
    token = taker.token("/sign-in")
    replies = set()
    with cage.session() as session:
        slots = {slot.position: question_of(slot).ask("seed") for slot in papers.keyed_slots(session, attempt)}
    for place, asked_ in slots.items():
        readable = [fields for fields, _ in asked_.examples() if asked_.read(fields).answer is not None]
        assert len({asked_.mark(asked_.read(fields)) for fields in readable}) > 1 or asked_.name == "essay"
        for number, fields in enumerate(readable):
            sent = {name: list(given) for name, given in fields.items() if name != STAGE}  # no stage is left
            body = {"op": f"{place}-{number}-worth", "fields": sent, "lease": taker.lease}
            url = f"/attempts/{attempt}/answers/{place}"
            reply = taker.client.put(url, json=body, headers={"X-CSRFToken": token})
            said = re.sub(rb"\d+", b"N", re.sub(rb'"signature":"[^"]+"', b"", reply.data))
            lasting = [(header, value) for header, value in reply.headers if header not in {"Date", "Content-Length"}]
            replies.add((reply.status_code, said, tuple(lasting)))
    assert len(replies) == 1, replies


def test_no_taker_part_holds_anything_of_a_key() -> None:
    secrets = [*KEYS, *NUMBERS, *SPELLINGS, *TYPED]
    for one in canary_course().modules[0].questions:
        travels = json.dumps(one.marked().ask("seed").taker)
        assert [secret for secret in secrets if secret in travels] == [], one.name


def test_a_stage_is_not_seen_before_it_is_opened_and_the_one_before_is_locked_then(cage: World) -> None:
    taker = cage.client("trainee")
    attempt = start(taker)
    page = taker.get(f"/attempts/{attempt}").get_data(as_text=True)
    place = int(re.findall(r'name="then" value="(\d+)\.2"', page)[0])
    right = cage.right_answers(attempt)[place]
    first = {name: values for name, values in right.items() if name.startswith("1.")}
    assert taker.save(attempt, place, {**first, "2.choice": ["x"], STAGE: ["1"]}).status_code == 200
    heard = [(page, everything(taker.get(f"/attempts/{attempt}{page}"))) for page in ("", "/finish", "/result")]
    assert [page for page, text in heard if "CANARY-LATER" in text] == []
    form = {f"{place}.seen": "1", f"{place}.stage": "1", **{f"{place}.{name}": one for name, (one,) in first.items()}}
    reply = taker.post(f"/attempts/{attempt}/answers", {**form, "then": f"{place}.2"}, page="/sign-in")
    assert reply.headers["Location"].endswith(f"#q{place}")
    page = taker.get(f"/attempts/{attempt}").get_data(as_text=True)
    assert "CANARY-LATER-1" in page
    others = [{}, {STAGE: ["2"]}, {**first, STAGE: ["1"]}, {"1.choice": ["x"], STAGE: ["2"]}, {**first, "flag": ["1"]}]
    assert {taker.save(attempt, place, fields).status_code for fields in others} == {409}
    later = {**first, STAGE: ["2"], "2.choice": right["2.choice"], "flag": ["1"]}
    assert taker.save(attempt, place, later).status_code == 200
    forged = {f"{place}.seen": "2", f"{place}.stage": "1", f"{place}.1.choice": "x"}
    reply = taker.post(f"/attempts/{attempt}/answers", forged, page="/sign-in")
    assert reply.status_code == 303, "a page from before loses nothing else that was answered on it"
    with cage.session() as session:
        fields = next(one.fields for one in papers.slots(session, attempt) if one.position == place)
    assert {name: fields.get(name) for name in (*first, STAGE)} == {**first, STAGE: ["2"]}
    finish(taker, attempt)


# The keys are not even loaded ----------------------------------------------------------------------------------------


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """Every statement that runs meanwhile."""
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(statement)

    with world.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", hear)
    yield heard
    event.remove(engine, "before_cursor_execute", hear)


SITTING: dict[str, Callable[[Browser, int], TestResponse]] = {
    "today": lambda taker, _: taker.get("/"),
    "the lesson": lambda taker, _: taker.get("/courses/canary/cage"),
    "starting again": lambda taker, _: taker.post("/courses/canary/cage/attempts", page="/sign-in"),
    "the questions": lambda taker, attempt: taker.get(f"/attempts/{attempt}"),
    "a save": lambda taker, attempt: taker.save(attempt, 1, {"flag": ["1"]}),
    "a save of no place": lambda taker, attempt: taker.save(attempt, 77, {"flag": ["1"]}),
    "a save by the form": lambda taker, attempt: taker.post(
        f"/attempts/{attempt}/answers", {"2.seen": "0", "2.flag": "1"}, page="/sign-in"
    ),
    "looking through": lambda taker, attempt: taker.get(f"/attempts/{attempt}/finish"),
    "the result, too early": lambda taker, attempt: taker.get(f"/attempts/{attempt}/result"),
}
"""Everything a taker does before handing in."""


def touched(world: World, ask: Callable[[Browser, int], TestResponse]) -> list[str]:
    """The statements of one step that name the table of keys."""
    taker = world.client("trainee")
    attempt = start(taker)
    with statements(world) as heard:
        assert ask(taker, attempt).status_code < 500
    assert heard
    return [statement for statement in heard if "question_keys" in statement]


@pytest.mark.parametrize("step", SITTING)
def test_until_handing_in_no_statement_touches_the_keys(cage: World, step: str) -> None:
    assert touched(cage, SITTING[step]) == []


def test_handing_in_does_touch_the_keys(cage: World) -> None:
    assert touched(cage, lambda taker, attempt: taker.post(f"/attempts/{attempt}/finish", page="/sign-in"))


# What the crawler would catch ----------------------------------------------------------------------------------------


def hint_page(leak: Blueprint) -> None:
    """A page of hints, linked from the questions."""

    @gate.page(leak, "/attempts/<id:attempt_id>/hints", may="sit")
    def view(session: Any, actor: Any, now: Any, attempt_id: int) -> str:
        keys = session.scalars(select(QuestionKey)).all()
        return " ".join(reason for key in keys for reason in key.shown["reasons"].values())


def telling_header(leak: Blueprint) -> None:
    """A header that tells what a save was worth."""

    @leak.after_app_request
    def tell(reply: Any) -> Any:
        if reply.is_json:
            reply.headers["X-Why"] = "CANARY-WHY-1"
        return reply


def telling_cookie(leak: Blueprint) -> None:
    """The next key, in a cookie that is signed and not secret."""

    @leak.before_app_request
    def tell() -> None:
        cookie["next"] = "CANARY-ITEM-3"


def telling_template(leak: Blueprint) -> None:
    """A template that prints the key's safety point as a class."""
    leak.app_context_processor(lambda: {"point": "canary-point-two"})


SITTING_WITH = '{%% extends "attempts/sitting.html.real" %%}{%% block title %%}%s{%% endblock %%}'
LEAKS = {
    hint_page: (SITTING_WITH % '<a href="/attempts/{{ attempt.id }}/hints">Hints</a>', "CANARY-WHY-9"),
    telling_header: ("", "CANARY-WHY-1"),
    telling_cookie: ("", "CANARY-ITEM-3"),
    telling_template: (SITTING_WITH % '<b class="{{ point }}">', "canary-point-two"),
}
"""Each leak with a template that is put in for it, and the word that gets out."""


@pytest.mark.parametrize("fill", LEAKS, ids=lambda fill: fill.__name__)
def test_a_leak_is_seen(cage: World, monkeypatch: pytest.MonkeyPatch, fill: Callable[[Blueprint], None]) -> None:
    template, word = LEAKS[fill]
    with leaking(cage, monkeypatch, fill) as leaky:
        if template:
            put_in(leaky.app, "attempts/sitting.html", template)
        taker = leaky.client("trainee")
        attempt = start(taker)
        heard = [(what, everything(reply)) for what, reply in mischief(leaky, taker, attempt)]
        assert Crawl(taker, BEFORE_RELEASE, heard).run("/").sees(word)


def put_in(app: Flask, name: str, template: str) -> None:
    """Puts a template before the one of this name, which is `name` with ``.real`` from now on."""
    source, _, _ = app.jinja_loader.get_source(app.jinja_env, name)  # type: ignore[union-attr]
    named = DictLoader({name: template, f"{name}.real": source})
    app.jinja_env.loader = ChoiceLoader([named, app.jinja_env.loader])  # type: ignore[list-item]
