"""The gate: nothing opens by itself, nothing half done is kept, every "no" has a status."""

import importlib
import json
import pkgutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Blueprint
from sqlalchemy import select, text

import mesotrain
from mesotrain.core import errors as core
from mesotrain.core.errors import BadContent, Ended, Expected, Fault, NotAllowed, NotFound, Refused, TooMany
from mesotrain.formats.archives import Unpackable
from mesotrain.store.db import open_engine
from mesotrain.store.outbox import LEASE, lead
from mesotrain.store.people import Clinic
from mesotrain.web import errors, gate
from tests.web.leaks import beside, leaking, visitor
from tests.world import World, tiny_course

STATUS = {
    NotFound: 404,
    NotAllowed: 403,
    Refused: 409,
    Ended: 410,
    BadContent: 422,
    Unpackable: 422,
    TooMany: 429,
}
"""What each expected "no" must be over HTTP."""


def every_no(kind: type[Expected] = Expected) -> Iterator[type[Expected]]:
    for one in kind.__subclasses__():
        yield one
        yield from every_no(one)


def test_every_expected_no_has_a_status_and_every_status_a_title() -> None:
    for module in pkgutil.walk_packages(mesotrain.__path__, "mesotrain."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    assert {one for one in every_no() if one.__module__.startswith("mesotrain")} == set(STATUS)
    assert STATUS == errors.STATUS
    assert {*STATUS.values(), 400, 405, 413, 500, 503} <= set(errors.TITLES)
    assert core.Expected not in errors.STATUS


RAISED: list[tuple[Callable[[], Exception], int, str]] = [
    (NotFound, 404, "There is no such page, or it is not yours to see."),
    (lambda: NotAllowed("Not yours."), 403, "Not yours."),
    (lambda: Refused("Only %(most)s are possible.", most=7), 409, "Only 7 are possible."),
    (lambda: Refused("100% of <b>it</b>."), 409, "100% of &lt;b&gt;it&lt;/b&gt;."),
    (lambda: BadContent([Fault("bank.md", 3, "it has 5% too much.", "much")]), 422, "bank.md:3: it has 5% too much."),
    (lambda: ZeroDivisionError("secret"), 500, "This is our fault, not yours."),
    (lambda: KeyError("secret"), 500, "This is our fault, not yours."),
]


@pytest.mark.parametrize(("make", "status", "words"), RAISED)
@pytest.mark.parametrize("kind", ["page", "act"])
def test_what_a_view_raises_is_said_and_nothing_of_it_is_kept(
    served: World, monkeypatch: pytest.MonkeyPatch, make: Callable[[], Exception], status: int, words: str, kind: str
) -> None:
    def fill(leak: Blueprint) -> None:
        def view(session: Any, actor: Any, now: Any) -> str:
            if kind == "act":
                session.add(Clinic(organisation_id=actor.organisation, name="Half done"))
                session.flush()
            raise make()

        if kind == "page":
            gate.page(leak, "/raises", may="learn")(view)
        else:
            gate.act(leak, "/raises", may="learn")(view)

    with leaking(served, monkeypatch, fill) as world:
        browser = visitor(world, "trainee")
        reply = browser.get("/raises") if kind == "page" else browser.post("/raises", page="/sign-in")
        assert reply.status_code == status
        assert words in reply.get_data(as_text=True)
        assert "secret" not in reply.get_data(as_text=True)
        assert "Half done" not in clinics(world)


def clinics(world: World) -> list[str]:
    with world.session() as session:
        return list(session.scalars(select(Clinic.name)))


def test_what_an_act_did_is_kept(served: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(leak: Blueprint) -> None:
        @gate.act(leak, "/does", may="learn")
        def view(session: Any, actor: Any, now: Any) -> str:
            session.add(Clinic(organisation_id=actor.organisation, name="Done"))
            return ""

    with leaking(served, monkeypatch, fill) as world:
        assert visitor(world, "trainee").post("/does", page="/sign-in").status_code == 200
        assert "Done" in clinics(world)


def test_a_page_keeps_nothing_whatever_it_does(served: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(leak: Blueprint) -> None:
        @gate.page(leak, "/writes", may="learn")
        def view(session: Any, actor: Any, now: Any) -> str:
            session.add(Clinic(organisation_id=actor.organisation, name="Never"))
            session.flush()
            return ""

    with leaking(served, monkeypatch, fill) as world:
        visitor(world, "trainee").get("/writes")
        assert "Never" not in clinics(world)


def test_one_request_has_one_moment(served: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(leak: Blueprint) -> None:
        @gate.page(leak, "/moment", may="public")
        def view(session: Any, actor: Any, now: Any) -> dict[str, bool]:
            served.clock.forward(hours=1)
            return {"same": now == gate.now()}

    before = served.clock.now
    with leaking(served, monkeypatch, fill) as world:
        assert world.app.test_client().get("/moment").get_json() == {"same": True}
    served.clock.now = before


def test_every_endpoint_declares_a_permission_and_how_its_answer_is_kept(served: World) -> None:
    for rule in served.app.url_map.iter_rules():
        declared = gate.declared_by(served.app, rule.endpoint)
        assert declared, rule.rule
        kept = {"static": gate.FOREVER, "learning.media": gate.KEPT}
        assert declared.cache == kept.get(rule.endpoint, "no-store"), rule.rule


@pytest.mark.parametrize(
    ("fill", "named"),
    [
        (
            lambda leak: leak.add_url_rule("/silent", "silent", lambda: ""),
            "do not declare who may call them: leak.silent",
        ),
        (lambda leak: gate.page(leak, "/x", may="conjure")(lambda *_: ""), "not in the table: conjure"),
    ],
)
def test_what_declares_nothing_known_does_not_start(
    served: World, monkeypatch: pytest.MonkeyPatch, fill: Callable[[Blueprint], object], named: str
) -> None:
    with pytest.raises(RuntimeError, match=named), leaking(served, monkeypatch, fill):
        pass


def test_every_page_waits_for_the_migrations(served: World) -> None:
    with beside(served) as world:
        world.app.extensions["schema_head"] = "something newer"
        browser = world.app.test_client()
        for url in ("/", "/sign-in", "/team"):
            assert browser.get(url).status_code == 503
        assert "flask --app app db upgrade" in browser.get("/").get_data(as_text=True)
        assert (browser.get("/healthz").status_code, browser.get("/healthz").get_json()["status"]) == (503, "degraded")
        assert browser.get("/static/style.css").status_code == 200


def test_an_embedded_database_without_room_is_no_health(served: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a database server has left is not ours to see."""
    monkeypatch.setattr(importlib.import_module("mesotrain.web.site"), "LEAST_MEGABYTES", 2**40)
    reply = served.app.test_client().get("/healthz")
    sqlite = served.environment["MESOTRAIN_DATABASE_URL"].startswith("sqlite")
    assert (reply.status_code, reply.get_json().get("why")) == ((503, "disk") if sqlite else (200, None))


def test_health_says_whether_a_worker_is_at_work(served: World) -> None:
    with beside(served) as world:
        browser = world.app.test_client()
        for seconds, said in ((-1, "away"), (30, "at work")):
            until = world.clock() + timedelta(seconds=seconds)
            world.do(lambda session, until=until: lead(session, LEASE, "somebody", until - timedelta(hours=1), until))
            reply = browser.get("/healthz")
            assert (reply.status_code, reply.get_json()) == (200, {"status": "ok", "worker": said})


def test_a_request_that_is_refused_on_its_way_in_is_logged(served: World, caplog: pytest.LogCaptureFixture) -> None:
    with beside(served, LOG_LEVEL="INFO") as world:
        world.app.testing = False
        reply = world.client("trainee").client.put("/attempts/1/answers/1", json={})
    assert reply.status_code == 400, "there is no token"
    lines = [json.loads(one.message) for one in caplog.records if one.name == "mesotrain.requests"]
    assert (lines[-1]["endpoint"], lines[-1]["status"]) == ("attempts.save", 400)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_an_answer_that_is_made_is_sent_though_the_database_goes_then(
    served: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = open_engine(served.environment["MESOTRAIN_OWNER_DATABASE_URL"])

    def fill(leak: Blueprint) -> None:
        @gate.page(leak, "/gone", may="public")
        def gone(session: Any, actor: Any, now: Any) -> str:
            number = session.scalar(text("SELECT pg_backend_pid()"))
            with owner.connect() as connection:
                connection.execute(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})
            return "made"

    with leaking(served, monkeypatch, fill) as world:
        browser = world.app.test_client()
        assert [browser.get("/gone").get_data(as_text=True) for _ in range(2)] == ["made", "made"]
        assert browser.get("/healthz").status_code == 200
    owner.dispose()


def test_a_figure_is_kept_by_its_readers_browser_alone(served: World) -> None:
    (one,) = tiny_course().media
    reply = served.client("trainee").get(f"/media/{one.digest}.svg")
    assert (reply.status_code, reply.mimetype, reply.get_data()) == (200, "image/svg+xml", one.content)
    assert reply.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert served.client().get(f"/media/{one.digest}.svg").headers["Cache-Control"] == "no-store"
    assert served.client("trainee").get(f"/media/{one.digest[::-1]}.svg").headers["Cache-Control"] == "no-store"
