"""What every request and every reply promises: tokens, headers, caching, cookies, hosts, sizes, shapes."""

import gzip
import json
import re
import uuid
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Blueprint
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from werkzeug.test import TestResponse

from mesotrain.store.accounts import SignIn
from mesotrain.store.answers import AnswerLog
from mesotrain.store.attempts import Attempt
from mesotrain.store.db import db, open_engine
from mesotrain.web import gate
from tests.databases import postgresql_address
from tests.web.leaks import beside, leaking, visitor
from tests.world import Browser, Engine, World

SENTENCE = re.compile(r"[A-Z“].*[.?!]")
MUTATING = {"POST", "PUT", "PATCH", "DELETE"}


def said(reply: TestResponse) -> str:
    """The sentence of an error, from its page or its JSON."""
    if reply.is_json:
        return str(reply.get_json()["error"])
    page = reply.get_data(as_text=True)
    found = re.search(r'<p class="lead">(.*?)</p>', page, re.DOTALL)
    return found[1].strip() if found else page if reply.mimetype == "text/plain" else ""


def test_what_is_not_possible_this_way_says_what_is(world: World) -> None:
    reply = world.client("trainee").client.delete("/sign-in")
    assert reply.status_code == 405
    assert {method.strip() for method in reply.headers["Allow"].split(",")} == {"GET", "HEAD", "POST"}
    assert reply.headers.getlist("Content-Type") == ["text/html; charset=utf-8"]


def test_an_error_outside_any_view_waits_for_no_writer(world: World) -> None:
    """Who asks is looked up for the page; that must not take SQLite's one write lock."""
    browser, engine = world.client("trainee"), open_engine(world.environment["MESOTRAIN_DATABASE_URL"])
    with engine.begin() as writing:
        writing.execute(text("SELECT 1"))
        reply = browser.get("/nowhere")
    engine.dispose()
    assert reply.status_code == 404
    assert "Tess Trainee" in reply.get_data(as_text=True)


def test_when_the_database_is_away_a_page_says_so(engine: Engine) -> None:
    """Without asking the database again who is signed in; and it comes back by itself."""
    world = engine.world()
    world.app.testing = False
    browser = world.client("trainee")
    with world.app.app_context():
        address = db.engine.url.database
        db.engine.dispose()
    take_away(world, str(address), away=True)
    for url in ("/", "/nowhere", "/healthz", "/sign-in"):
        reply = browser.get(url)
        assert reply.status_code == 503, url
        assert "The service cannot reach its database." in reply.get_data(as_text=True)
        assert reply.headers["Cache-Control"] == "no-store"
    take_away(world, str(address), away=False)
    assert browser.get("/").status_code == 200
    world.close()


def take_away(world: World, database: str, away: bool) -> None:
    """Lets nobody into the world's database, or everybody again."""
    if database.endswith(".db"):
        here, gone = Path(database), Path(f"{database}.away")
        if away:
            here.rename(gone)
            here.mkdir()
        else:
            here.rmdir()
            gone.rename(here)
        return
    with psycopg.connect(postgresql_address(), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS {'false' if away else 'true'}")  # type: ignore[arg-type]
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database])


# Tokens --------------------------------------------------------------------------------------------------------------


def mutating_rules(world: World) -> list[tuple[str, str]]:
    """(method, an address) of everything that may change something."""
    return [
        (method, re.sub(r"<(int:)?[^>]*>", "1", rule.rule))
        for rule in world.app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) & MUTATING)
    ]


TOKENS: dict[str, Any] = {
    "none": lambda _: {},
    "empty": lambda _: {"headers": {"X-CSRFToken": ""}},
    "invented": lambda _: {"headers": {"X-CSRFToken": "IjEyMyI.aaaa.bbbb"}},
    "of another session": lambda theirs: {"headers": {"X-CSRFToken": theirs}},
    "in the address": lambda theirs: {"query_string": {"csrf_token": theirs}},
}


def accepted(world: World, token: str) -> list[str]:
    """Mutating rules that do not refuse a request with such a token by 400 and a sentence."""
    mine, theirs = world.client("trainee"), visitor(world, "colleague").token("/sign-in")
    found = []
    for method, url in mutating_rules(world):
        reply = mine.client.open(url, method=method, **TOKENS[token](theirs))
        if reply.status_code != 400 or not SENTENCE.fullmatch(said(reply)):
            found.append(f"{method} {url}: {reply.status_code}")
    return found


@pytest.mark.parametrize("token", TOKENS)
def test_nothing_is_changed_without_the_token_of_the_page(served: World, token: str) -> None:
    assert len(mutating_rules(served)) >= 8
    assert accepted(served, token) == []


def test_a_rule_that_asks_for_no_token_is_caught(served: World) -> None:
    with beside(served) as lax:
        lax.app.config["WTF_CSRF_ENABLED"] = False
        assert "POST /sign-out: 303" in accepted(lax, "none")


# Headers -------------------------------------------------------------------------------------------------------------

POLICY = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'"},
    "connect-src": {"'self'"},
    "form-action": {"'self'"},
    "base-uri": {"'none'"},
    "frame-ancestors": {"'none'"},
}
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def header_faults(reply: TestResponse) -> list[str]:
    """Which promised headers a reply lacks, and what its policy allows beyond the promised."""
    found = [
        f"{name} is {reply.headers.get(name)}" for name, value in HEADERS.items() if reply.headers.get(name) != value
    ]
    if len(policies := reply.headers.getlist("Content-Security-Policy")) != 1:
        return [*found, f"{len(policies)} policies"]
    directives = {name: set(values) for name, *values in (part.split() for part in policies[0].split(";"))}
    if directives != POLICY or "unsafe" in policies[0]:
        found.append(policies[0])
    if "Permissions-Policy" not in reply.headers:
        found.append("no Permissions-Policy")
    return found


def broken(leak: Blueprint) -> None:
    @gate.page(leak, "/broken", may="public")
    def view(session: Any, actor: Any, now: Any) -> str:
        raise ZeroDivisionError


def replies(world: World) -> Iterator[tuple[int, TestResponse]]:
    """(the status it should have, a reply) of every kind there is."""
    trainee, nobody = visitor(world, "trainee"), world.app.test_client()
    attempt, token = trainee.start(), {"X-CSRFToken": trainee.token("/sign-in")}
    save = f"/attempts/{attempt}/answers/1"
    body = {"op": uuid.uuid4().hex, "fields": {"flag": ["1"]}, "lease": 1}
    yield 200, trainee.get("/")
    yield 200, trainee.get(f"/attempts/{attempt}")
    yield 200, trainee.client.put(save, json=body, headers=token)
    yield 200, nobody.get("/sign-in")
    yield 200, nobody.head("/sign-in")
    yield 200, nobody.get("/healthz")
    yield 303, nobody.get("/")
    yield 302, trainee.get("/sign-in")
    yield 400, trainee.client.post("/account")
    yield 401, nobody.put(save, json=body, headers={"X-CSRFToken": Browser(nobody).token()})
    yield 403, trainee.get("/team")
    yield 404, trainee.get("/attempts/999999")
    yield 404, nobody.get("/nowhere")
    yield 404, nobody.get("/static/nothing.css")
    yield 405, trainee.client.delete("/")
    yield 405, nobody.options("/sign-in")
    yield 409, trainee.client.put(save, json=body | {"fields": {"number": ["1" * 5000]}}, headers=token)
    yield 413, trainee.client.put(save, json=body | {"fields": {"number": ["1" * 300_000]}}, headers=token)
    yield 422, Browser(nobody).post("/sign-in", {"email": "", "password": ""}, page="/sign-in")
    yield 500, nobody.get("/broken")
    world.app.extensions |= {"schema_head": "something newer", "schema_ready": False}
    yield 503, nobody.get("/")
    yield 503, nobody.get("/healthz")


@pytest.fixture
def every_kind(served: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[int, TestResponse]]]:
    with leaking(served, monkeypatch, broken) as world:
        yield list(replies(world))


def test_every_reply_has_its_headers(every_kind: list[tuple[int, TestResponse]], served: World) -> None:
    for status, reply in every_kind:
        assert (reply.request.path, reply.status_code, header_faults(reply)) == (reply.request.path, status, [])
    assert header_faults(served.app.test_client().get("/static/style.css")) == []


def test_what_is_private_is_kept_by_nobody(every_kind: list[tuple[int, TestResponse]]) -> None:
    for _, reply in every_kind:
        cached = (reply.request.path, reply.headers.getlist("Cache-Control"), "Cookie" in reply.headers.get("Vary", ""))
        assert cached == (reply.request.path, ["no-store"], True)


def test_every_error_says_a_sentence_and_nothing_of_the_inside(every_kind: list[tuple[int, TestResponse]]) -> None:
    for status, reply in every_kind:
        if status >= 400 and status != 422 and reply.request.path != "/healthz":
            assert status in {401, 503} or SENTENCE.fullmatch(said(reply)), (status, said(reply))
            assert not re.search(r"Traceback|ZeroDivision|sqlalchemy|psycopg", reply.get_data(as_text=True))


def test_a_missing_header_is_caught(served: World) -> None:
    with beside(served) as lax:
        lax.app.after_request_funcs[None].clear()
        faults = header_faults(lax.app.test_client().get("/sign-in"))
        assert {"X-Content-Type-Options is None", "0 policies"} <= set(faults)


# Files ---------------------------------------------------------------------------------------------------------------

IMMUTABLE, AN_HOUR = "public, max-age=31536000, immutable", "public, max-age=3600"


def assets(world: World) -> set[str]:
    """The files that the pages name."""
    trainee = visitor(world, "trainee")
    pages = [trainee.get("/"), trainee.get(f"/attempts/{trainee.start()}"), trainee.get("/courses/tiny/basics")]
    return {one for page in pages for one in re.findall(r'(?:src|href)="(/static/[^"]*)"', page.get_data(as_text=True))}


def test_pages_name_their_files_by_version_and_those_keep_for_ever(served: World) -> None:
    browser = served.app.test_client()
    found = assets(served)
    assert {one.partition("?")[0] for one in found} >= {"/static/style.css", "/static/sitting.js", "/static/mark.svg"}
    for address in found:
        assert re.search(r"\?v=[0-9a-f]{12}$", address)
        assert browser.get(address).headers["Cache-Control"] == IMMUTABLE


def test_a_file_without_its_version_keeps_an_hour(served: World) -> None:
    assert served.app.test_client().get("/static/style.css").headers["Cache-Control"] == AN_HOUR


@pytest.mark.parametrize("version", ["", "0" * 12, "x"])
def test_a_file_under_a_wrong_version_does_not_keep_for_ever(served: World, version: str) -> None:
    """Else a page of the next release, served in between by this one, would keep the old file for a year."""
    reply = served.app.test_client().get(f"/static/style.css?v={version}")
    assert "immutable" not in reply.headers["Cache-Control"]


def test_a_file_that_is_unchanged_may_be_kept_on(served: World) -> None:
    browser = served.app.test_client()
    tag = browser.get("/static/style.css").headers["ETag"]
    reply = browser.get("/static/style.css", headers={"If-None-Match": tag})
    assert (reply.status_code, reply.headers["Cache-Control"]) == (304, AN_HOUR)


def test_a_file_travels_compressed_to_those_who_read_that_and_a_page_never_does(served: World) -> None:
    browser, takes = served.app.test_client(), {"Accept-Encoding": "gzip, br"}
    plain, packed = browser.get("/static/style.css"), browser.get("/static/style.css", headers=takes)
    assert gzip.decompress(packed.data) == plain.data
    assert (packed.headers["Content-Encoding"], packed.mimetype) == ("gzip", plain.mimetype)
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Content-Encoding" not in plain.headers
    assert all("Accept-Encoding" in reply.headers["Vary"] for reply in (plain, packed))
    again = browser.get("/static/style.css", headers=takes | {"If-None-Match": packed.headers["ETag"]})
    assert again.status_code == 304
    assert "Content-Encoding" not in browser.get("/sign-in", headers=takes).headers


@pytest.mark.parametrize(
    "path",
    ["..%2fgate.py", "%2e%2e/gate.py", "../gate.py", "..%5cgate.py", "%2fetc%2fpasswd", "%00", ".", "style.css%00"],
)
def test_no_path_leads_out_of_the_files(served: World, path: str) -> None:
    assert served.app.test_client().get(f"/static/{path}").status_code == 404


# Cookies and hosts ---------------------------------------------------------------------------------------------------

SECURE = "https://training.example.org"


def cookie_of(client: FlaskClient, **more: Any) -> tuple[str, set[str]]:
    """(name, attributes in lower case) of the cookie that the sign-in page sets."""
    (cookie,) = client.get("/sign-in", **more).headers.getlist("Set-Cookie")
    value, *attributes = cookie.split(";")
    return value.partition("=")[0], {one.strip().lower() for one in attributes}


def test_the_cookie_on_this_machine(served: World) -> None:
    assert cookie_of(served.app.test_client()) == ("mesotrain", {"httponly", "path=/", "samesite=lax"})


def test_the_cookie_over_https_is_bound_to_its_host(served: World) -> None:
    with beside(served, PUBLIC_URL=SECURE) as world:
        name, attributes = cookie_of(world.app.test_client(), base_url=SECURE)
    assert (name, attributes) == ("__Host-mesotrain", {"secure", "httponly", "path=/", "samesite=lax"})


def test_signing_in_over_https_needs_a_page_of_the_same_origin(served: World) -> None:
    with beside(served, PUBLIC_URL=SECURE) as world:
        client = world.app.test_client()
        page = client.get("/sign-in", base_url=SECURE).get_data(as_text=True)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        data = {"csrf_token": token and token[1], "email": "trainee@example.org", "password": "wrong"}
        for referrer, status in ((f"{SECURE}/sign-in", 422), ("https://evil.example/", 400), (None, 400)):
            headers = {"Referer": referrer} if referrer else {}
            assert client.post("/sign-in", data=data, base_url=SECURE, headers=headers).status_code == status


def test_a_tampered_cookie_is_nobodys(served: World) -> None:
    browser = visitor(served, "trainee")
    cookie = browser.client.get_cookie("mesotrain")
    assert cookie
    for forged in (cookie.value[:-3] + "abc", "e30.aaaaaa.bbbb", "", "\x7f", cookie.value.partition(".")[0]):
        browser.client.set_cookie("mesotrain", forged)
        assert browser.get("/").headers["Location"].startswith("/sign-in")


def test_an_old_key_still_verifies_and_a_dropped_one_no_more(served: World) -> None:
    cookie = visitor(served, "trainee").client.get_cookie("mesotrain")
    assert cookie
    for keys, status in ((f"{'n' * 40} {'k' * 48}", 200), ("n" * 40, 303)):
        with beside(served, SECRET_KEYS=keys) as world:
            client = world.app.test_client()
            client.set_cookie("mesotrain", cookie.value)
            assert client.get("/").status_code == status


def test_the_database_knows_a_sign_in_only_by_its_digest(served: World) -> None:
    browser = visitor(served, "trainee")
    with browser.client.session_transaction() as cookie:
        token = cookie["_user_id"]
    with served.session() as session:
        known = session.scalars(select(SignIn.token_digest)).all()
    assert known
    assert token not in known


FOREIGN = ["evil.example", "evil.example:80", "localhost.evil.example", "xlocalhost", "", "192.168.1.4"]


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("who", [None, "trainee"])
def test_a_foreign_host_is_refused(served: World, host: str, who: str | None) -> None:
    browser = visitor(served, who) if who else served.client()
    reply = browser.get("/sign-in", headers={"Host": host})
    assert reply.status_code == 400
    assert SENTENCE.fullmatch(said(reply))
    assert "evil.example" not in reply.get_data(as_text=True)


def test_nobody_is_told_another_host_by_a_header(served: World) -> None:
    told = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "1.2.3.4"}
    reply = served.app.test_client().get("/", headers={**told, "Forwarded": "host=evil.example"})
    assert (reply.status_code, reply.headers["Location"]) == (303, "/sign-in?next=/")


def test_a_trusted_proxy_tells_the_host(served: World) -> None:
    with beside(served, PUBLIC_URL=SECURE, TRUSTED_PROXIES="1") as world:
        told = {"X-Forwarded-Host": "training.example.org", "X-Forwarded-Proto": "https"}
        name, _ = cookie_of(world.app.test_client(), headers=told)
        assert name == "__Host-mesotrain"


# Sizes and shapes ----------------------------------------------------------------------------------------------------


TOO_LARGE: dict[str, Callable[[], dict[str, Any]]] = {
    "a form": lambda: {"data": {"csrf_token": "x" * 300_000}},
    "a file": lambda: {"data": {"a": (BytesIO(b"x" * 300_000), "a.txt")}},
    "something else": lambda: {"data": b"x" * 300_000, "content_type": "application/octet-stream"},
}


@pytest.mark.parametrize("what", TOO_LARGE)
def test_a_body_too_large_is_refused_with_a_sentence(served: World, what: str) -> None:
    reply = served.app.test_client().post("/sign-in", **TOO_LARGE[what]())
    assert reply.status_code == 413
    assert SENTENCE.fullmatch(said(reply))


@pytest.fixture(scope="module")
def sitting(served: World) -> tuple[Browser, int, str]:
    """A taker, their open attempt, and the token of its page."""
    taker = visitor(served, "trainee")
    return taker, taker.start(), taker.token("/sign-in")


@pytest.fixture
def holding(served: World, sitting: tuple[Browser, int, str]) -> tuple[Browser, int, str]:
    """The same, in the window that the bodies below are of; other tests take the attempt over in theirs."""
    served.do(lambda session: session.execute(update(Attempt).where(Attempt.id == sitting[1]).values(lease=1)))
    return sitting


def save_body(**changes: Any) -> str:
    body = {"op": uuid.uuid4().hex, "fields": {"choice": ["a"]}, "lease": 1} | changes
    return json.dumps({name: value for name, value in body.items() if value is not None})


NESTED = "[" * 20_000 + "]" * 20_000

MALFORMED: dict[str, str | bytes] = {
    "nothing": "",
    "not JSON": "{",
    "null": "null",
    "a text": '"op"',
    "a number": "1",
    "a list": "[]",
    "a list of saves": f"[{save_body()}]",
    "not a number": '{"op": NaN, "fields": {}, "lease": 1}',
    "not UTF-8": b'{"op": "12345678", "fields": {"choice": ["\xff"]}, "lease": 1}',
    "no op": save_body(op=None),
    "op a number": save_body(op=12345678),
    "op a list": save_body(op=["12345678"]),
    "op short": save_body(op="1234567"),
    "op long": save_body(op="1" * 65),
    "op huge": save_body(op="1" * 200_000),
    "op with a slash": save_body(op="../../etc"),
    "op with a line": save_body(op="12345678\n"),
    "op with NUL": save_body(op="12345678\x00"),
    "no lease": save_body(lease=None),
    "lease a text": save_body(lease="1"),
    "lease less than none": save_body(lease=-1),
    "lease larger than a column": save_body(lease=10**30),
    "seen a text": save_body(seen="1"),
    "seen huge": save_body(seen=10**30),
    "no fields": save_body(fields=None),
    "fields a list": save_body(fields=["choice"]),
    "fields a text": save_body(fields="choice"),
    "a value that is no list": save_body(fields={"choice": "a"}),
    "a value that is a number": save_body(fields={"choice": [1]}),
    "a value that is nothing": save_body(fields={"choice": [None]}),
    "a value in a value": save_body(fields={"choice": [["a"]]}),
    "a number too long to read": '{"op": "12345678", "fields": {"choice": [' + "9" * 5000 + ']}, "lease": 1}',
    "a field no question could have": save_body(fields={"a.b.c.d": ["1"]}),
    "a field named by surrogates": '{"op": "12345678", "fields": {"\\ud800": ["a"]}, "lease": 1}',
    "10,000 fields": save_body(fields={f"f{number}": ["a"] for number in range(10_000)}),
    "an answer too long": save_body(fields={"number": ["1" * 12_000]}),
    "too large": save_body(fields={"number": ["1" * 300_000]}),
    "20,000 empty values": save_body(fields={"choice": [""] * 20_000}),
    "lone surrogates": '{"op": "12345678", "fields": {"choice": ["\\ud800"]}, "lease": 1}',
    "too deep": '{"op": "12345678", "fields": ' + NESTED + ', "lease": 1}',
}
"""Bodies of a save that no page of ours sends."""


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_save_is_refused_with_a_sentence_and_keeps_nothing(
    served: World, holding: tuple[Browser, int, str], name: str
) -> None:
    taker, attempt, token = holding

    def kept() -> int:
        with served.session() as session:
            return len(session.scalars(select(AnswerLog.sequence)).all())

    before = kept()
    for kind in ("application/json", "text/plain"):
        headers = {"X-CSRFToken": token}
        url = f"/attempts/{attempt}/answers/1"
        reply = taker.client.put(url, data=MALFORMED[name], content_type=kind, headers=headers)
        assert 400 <= reply.status_code < 500, reply.get_data(as_text=True)[:200]
        assert SENTENCE.fullmatch(said(reply))
    assert kept() == before


def test_the_control_the_body_that_all_of_these_spoil_is_kept(holding: tuple[Browser, int, str]) -> None:
    taker, attempt, token = holding
    headers = {"X-CSRFToken": token}
    url = f"/attempts/{attempt}/answers/1"
    assert taker.client.put(url, data=save_body(), content_type="application/json", headers=headers).status_code == 200


def test_a_save_of_nul_does_no_harm(served: World) -> None:
    taker = visitor(served, "trainee")
    attempt = taker.start()
    assert taker.save(attempt, 1, {"number": ["\x00"], "choice": ["\x00"]}).status_code < 500
    for page in ("", "/finish"):
        assert taker.get(f"/attempts/{attempt}{page}").status_code == 200


def test_the_same_operation_twice_is_one_answer(served: World) -> None:
    """Else a retry after a lost reply would be a second answer, or an error for ever."""
    taker = visitor(served, "trainee")
    attempt, operation = taker.start(), uuid.uuid4().hex
    first, again = (taker.save(attempt, 1, {"flag": ["1"]}, operation) for _ in range(2))
    assert first.status_code == 200
    assert (again.status_code, again.data) == (200, first.data)
    assert taker.save(attempt, 1, {"flag": ["2"]}, operation).status_code == 409


ADDRESSES = [
    "/attempts/0",
    "/attempts/-1",
    "/attempts/1e3",
    "/attempts/2147483647",
    "/attempts/2147483648",
    "/attempts/9223372036854775808",
    "/attempts/9223372036854775808/finish",
    "/attempts/9223372036854775808/result",
    "/courses/%00/basics",
    "/courses/tiny/%00",
    "/team?q=%00",
    "/sign-in?next=/%00/evil.example",
    "/courses/%ff/%fe",
    "/courses/tiny/basics'--",
    "/courses/tiny/..",
    "/courses/" + "x" * 5000 + "/y",
]
"""Addresses of nothing."""


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_odd_address_is_not_found(served: World, address: str) -> None:
    assert visitor(served, "trainee").get(address).status_code == 404


@pytest.mark.parametrize("address", ["/attempts/1/answers/2147483648", "/attempts/2147483648/answers/1"])
def test_an_odd_address_of_a_save_is_not_found(served: World, address: str) -> None:
    taker = visitor(served, "trainee")
    assert (
        taker.put(address, {"op": uuid.uuid4().hex, "fields": {"flag": ["1"]}, "lease": 1}, page="/sign-in").status_code
        == 404
    )


QUERIES = [
    "page=-1",
    "page=0",
    "page=99999999999999999999",
    "page=x",
    "page=2&endpoint=x",
    "page=2&_method=POST&_anchor=x&_external=1&_scheme=x",
    "clinic=99999999999999999999",
    "clinic=-1",
    "competency=99999999999999999999",
    "expiring=31",
    "expiring=x&sort=x",
    "sort=%27",
    "sort=99999999999999999999",
    "sort=weakest&competency=-1",
    "state=nonsense",
    "state=%27",
    "q=%25%5F%5C",
    "q=" + "x" * 5000,
    "q=%F0%9F%92%A9%ff",
]


@pytest.mark.parametrize("query", QUERIES)
def test_an_odd_query_of_the_team_is_answered(served: World, query: str) -> None:
    assert visitor(served, "manager").get(f"/team?{query}").status_code == 200
