"""The doctor finds nothing where all is well, and each thing that is wrong where it was made so."""

import json
import re
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Timer
from typing import Any

import pysqlite3
import pytest
from aiosmtpd.controller import Controller
from flask_migrate import upgrade
from sqlalchemy import select

from mesotrain import config
from mesotrain.cli.doctor import patiently
from mesotrain.cli.findings import AREAS, FINDINGS, Finding, finding
from mesotrain.core.invigilation import PAUSE
from mesotrain.store import outbox
from mesotrain.store.accounts import TOTP, Authenticator
from mesotrain.store.db import db
from mesotrain.store.events import Said, record
from mesotrain.web import clock, create_app, keys
from tests.actions import examining
from tests.actions.clearing import WATCHED, desk
from tests.actions.essays import publish, write
from tests.actions.taking import start
from tests.actions.test_invigilation import do as invigilate
from tests.cli.patients import GOOD_KEY, Patient, settings
from tests.cli.test_commands import invoke
from tests.cli.test_worker import Inbox
from tests.databases import APPLICATION_ROLE, Copies
from tests.ports import free_port
from tests.world import KEY, Clock, Engine, World, fill


@pytest.fixture(scope="module")
def template(engine: Engine) -> Iterator[tuple[Copies, dict[str, int]]]:
    """Copies of a database of two hours ago."""
    then, owner = Clock(), engine.databases.make()
    then.now = clock() - timedelta(hours=2)
    ids = fill(create_app(settings(owner, engine.folder, 1), then), then)
    copies = Copies(engine.databases, owner)
    yield copies, ids
    copies.drop()


@pytest.fixture
def patient(engine: Engine, template: tuple[Copies, dict[str, int]], tmp_path: Path) -> Iterator[Patient]:
    copies, ids = template
    inbox = Inbox(free_port())
    server = Controller(inbox, hostname="127.0.0.1", port=inbox.port)
    server.start()
    address, now = copies.fresh(), Clock()
    made = settings(address, tmp_path, inbox.port)
    patient = Patient(World(create_app(made, now), now, made, ids, lambda: copies.back(address)), address, inbox)
    patient.work()
    yield patient
    patient.world.close()
    server.stop()


def setting(name: str, value: str) -> Callable[[Patient], None]:
    def cause(patient: Patient) -> None:
        patient.settings[f"MESOTRAIN_{name}"] = value

    return cause


def away(patient: Patient) -> None:
    patient.settings["MESOTRAIN_DATABASE_URL"] = f"postgresql://nobody@127.0.0.1:{free_port()}/x"


def gone(patient: Patient) -> None:
    patient.settings["MESOTRAIN_DATABASE_URL"] = f"sqlite:///{patient.instance}/gone.db"


def unsafe(patient: Patient) -> None:
    patient.run(f"ALTER DATABASE {patient.owner.rsplit('/', 1)[1]} SET synchronous_commit = off")


def damaged(patient: Patient) -> None:
    connection = pysqlite3.connect(patient.file)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'answer_log'").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with patient.file.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


def empty(patient: Patient) -> None:
    with patient.world.app.app_context():
        db.engine.dispose()
    if patient.owner.startswith("sqlite"):
        patient.file.unlink()
        patient.file.touch(mode=0o600)
    else:
        patient.run("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")


def behind(patient: Patient) -> None:
    empty(patient)
    with patient.world.app.app_context():
        upgrade(revision="0001")


def newer(patient: Patient) -> None:
    patient.run("UPDATE alembic_version SET version_num = '9999'")


def guard_dropped(patient: Patient) -> None:
    on = "" if patient.owner.startswith("sqlite") else " ON evidence"
    patient.run(f"DROP TRIGGER evidence_keeps{'' if on else '_UPDATE'}{on}")


def guard_off(patient: Patient) -> None:
    patient.run("ALTER TABLE evidence DISABLE TRIGGER evidence_keeps")


def guard_changed(patient: Patient) -> None:
    nothing = "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
    patient.run(nothing)


def signature_altered(patient: Patient) -> None:
    patient.world.clock.now = clock() - timedelta(hours=1)
    place = desk(patient.world)
    place.appoint()
    place.sign(place.log())
    assert "signatures-altered" not in patient.codes()
    alter(patient, "cases", "role = 'independent'")


def observation_altered(patient: Patient) -> None:
    patient.world.clock.now = clock() - timedelta(hours=1)
    place = desk(patient.world, WATCHED)
    place.appoint()
    place.observe("done", "not done", "1")
    assert "observations-altered" not in patient.codes()
    alter(patient, "observations", "outcome = 'passed'")


def alter(patient: Patient, table: str, change: str) -> None:
    """As the owner, past the guards."""
    if patient.owner.startswith("postgresql"):
        patient.run("SET LOCAL session_replication_role = replica", f"UPDATE {table} SET {change}")
        return
    with pysqlite3.connect(patient.file) as database:
        guards = database.execute(
            f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'"
        )
        kept = guards.fetchall()
        for name, _ in kept:
            database.execute(f"DROP TRIGGER {name}")
        database.execute(f"UPDATE {table} SET {change}")
        for _, again in kept:
            database.execute(again)
    database.close()


def right_taken(patient: Patient) -> None:
    patient.run(f"REVOKE INSERT ON people FROM {APPLICATION_ROLE}")


def right_given(patient: Patient) -> None:
    patient.run(f"GRANT UPDATE ON evidence TO {APPLICATION_ROLE}")


def references_off(patient: Patient) -> None:
    patient.run("ALTER TABLE clinics DISABLE TRIGGER ALL")


def reference_broken(patient: Patient) -> None:
    off, on = (
        ([], [])
        if patient.owner.startswith("sqlite")
        else ([f"ALTER TABLE clinics {one} TRIGGER ALL"] for one in ("DISABLE", "ENABLE"))
    )
    patient.run(*off, "INSERT INTO clinics (id, organisation_id, name) VALUES (99, 99, 'Nowhere')", *on)


def uncounted(patient: Patient) -> None:
    """As after a restore, or with autovacuum off: many rows, and nothing known of them."""
    patient.run(
        "ALTER TABLE clinics SET (autovacuum_enabled = false)",
        "INSERT INTO clinics (id, organisation_id, name) "
        "SELECT number, 1, 'Clinic ' || number FROM generate_series(1000, 21000) number",
        "SELECT pg_stat_force_next_flush()",
    )


def held(patient: Patient) -> None:
    patient.world.do(lambda session: session.add(outbox.MailHold(held_at=clock())))


def waits(patient: Patient) -> None:
    patient.sit(30)
    patient.work(20)


def refused(patient: Patient) -> None:
    patient.inbox.refuses = {"trainee@example.org"}
    patient.sit(30)
    patient.work(20, mailing=True)


def put_off(patient: Patient) -> None:
    patient.inbox.says = {"RCPT": "451 later"}
    patient.sit(30)
    patient.work(mailing=True)


def in_doubt(patient: Patient) -> None:
    waits(patient)
    long_ago = clock() - timedelta(minutes=6)
    patient.world.do(lambda session: outbox.leaves(session, session.scalars(select(outbox.Mail.id)).one(), long_ago))


def full(patient: Patient) -> None:
    patient.enough = 2**40


def database_open(patient: Patient) -> None:
    folder = patient.instance / "open"
    folder.mkdir()
    with patient.world.app.app_context():
        db.engine.dispose()
    patient.file.rename(folder / "mesotrain.db")
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL"):
        patient.settings[f"MESOTRAIN_{name}"] = f"sqlite:///{folder}/mesotrain.db"
    folder.chmod(0o711)
    (folder / "mesotrain.db").chmod(0o644)


def apart(patient: Patient) -> None:
    patient.ahead = timedelta(seconds=10)


def event_ahead(patient: Patient) -> None:
    said = Said("evidence.recorded", None, "", "", {"attempt": 0, "competency": 0, "kind": ""})
    patient.world.do(lambda session: record(session, clock() + timedelta(hours=1), said))


def key_open(patient: Patient) -> None:
    patient.settings["MESOTRAIN_SECRET_KEYS"] = ""
    (patient.instance / config.KEY_FILE).write_text(GOOD_KEY)
    (patient.instance / config.KEY_FILE).chmod(0o640)
    patient.instance.chmod(0o755)


def sealed(patient: Patient) -> None:
    """A second factor, sealed with the key there is."""
    person, now = patient.world.ids["trainee"], clock()
    with patient.world.app.app_context():
        secret = keys.sealed("a secret")
    app = Authenticator(person_id=person, kind=TOTP, name="App", secret=secret, counter=1, added_at=now)
    patient.world.do(lambda session: session.add(app))
    assert patient.codes() == set()


def key_wrong(patient: Patient) -> None:
    sealed(patient)
    patient.settings["MESOTRAIN_SECRET_KEYS"] = secrets.token_urlsafe(48)


def no_worker(patient: Patient) -> None:
    patient.work().release()


def leads_on(patient: Patient) -> None:
    no_worker(patient)
    patient.work(minutes_ago=-60)


def overdue(patient: Patient) -> None:
    patient.world.clock.now = clock() - timedelta(hours=1)
    start(patient.world, "trainee")


def unmarked(patient: Patient) -> None:
    patient.world.clock.now = clock() - timedelta(days=15)
    publish(patient.world)
    write(patient.world)


def paused(patient: Patient) -> None:
    world = patient.world
    world.clock.now = clock() - timedelta(days=2)
    examining.publish(world)
    invigilate(examining.begin(world), PAUSE)


BOTH, LITE, POST = ("sqlite", "postgresql"), ("sqlite",), ("postgresql",)
CAUSES: list[tuple[str, Callable[[Patient], None], tuple[str, ...]]] = [
    ("settings-refused", setting("WORKERS", "many"), LITE),
    ("settings-refused", setting("SECRET_KEYS", "short"), LITE),
    ("address-local", setting("PUBLIC_URL", "http://localhost:8000"), LITE),
    ("proxy-unknown", setting("TRUSTED_PROXIES", "0"), LITE),
    ("database-away", away, POST),
    ("database-away", gone, LITE),
    ("database-unsafe", unsafe, POST),
    ("database-damaged", damaged, LITE),
    ("schema-missing", empty, BOTH),
    ("schema-behind", behind, BOTH),
    ("schema-newer", newer, BOTH),
    ("guards-missing", guard_dropped, BOTH),
    ("guards-missing", guard_off, POST),
    ("guards-missing", guard_changed, POST),
    ("rights-missing", right_taken, POST),
    ("rights-too-many", right_given, POST),
    ("statistics-missing", uncounted, POST),
    ("references-off", references_off, POST),
    ("references-broken", reference_broken, BOTH),
    ("signatures-altered", signature_altered, BOTH),
    ("observations-altered", observation_altered, BOTH),
    ("mail-unset", setting("SMTP_URL", ""), LITE),
    ("mail-away", setting("SMTP_URL", f"smtp://127.0.0.1:{free_port()}"), LITE),
    ("sender-local", setting("MAIL_FROM", "Mesotrain <no-reply@localhost>"), LITE),
    ("mail-held", held, BOTH),
    ("mail-waits", waits, BOTH),
    ("mail-refused", refused, BOTH),
    ("mail-put-off", put_off, BOTH),
    ("mail-in-doubt", in_doubt, BOTH),
    ("disk-full", full, LITE),
    ("instance-unwritable", setting("INSTANCE", "/proc"), LITE),
    ("database-open", database_open, LITE),
    ("clock-apart", apart, POST),
    ("event-ahead", event_ahead, BOTH),
    ("key-missing", setting("SECRET_KEYS", ""), LITE),
    ("key-weak", setting("SECRET_KEYS", KEY), LITE),
    ("key-wrong", key_wrong, BOTH),
    ("key-open", key_open, LITE),
    ("worker-away", no_worker, BOTH),
    ("lease-ahead", leads_on, BOTH),
    ("attempts-overdue", overdue, BOTH),
    ("attempts-paused", paused, BOTH),
    ("attempts-unmarked", unmarked, BOTH),
]
"""(what is found, what is done to make it so, on which engines)."""


@pytest.mark.parametrize(
    ("code", "cause", "engines"), CAUSES, ids=[f"{code}-{at}" for at, (code, *_) in enumerate(CAUSES)]
)
def test_each_thing_that_is_wrong_is_found_alone(
    engine: Engine, request: pytest.FixtureRequest, code: str, cause: Any, engines: tuple[str, ...]
) -> None:
    if engine.name not in engines:
        return
    patient: Patient = request.getfixturevalue("patient")
    assert patient.codes() == set()
    cause(patient)
    assert patient.codes() == {code}


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_what_was_counted_once_is_not_missing_after_its_counters_were_lost(patient: Patient) -> None:
    uncounted(patient)
    patient.run("ANALYZE clinics")
    assert patient.codes() == set()
    patient.run("SELECT pg_stat_reset()")
    assert patient.codes() == set()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_an_older_key_in_the_ring_sealed_opens_and_without_any_key_that_alone_is_said(patient: Patient) -> None:
    sealed(patient)
    setting("SECRET_KEYS", f"{secrets.token_urlsafe(48)} {GOOD_KEY}")(patient)
    assert patient.codes() == set()
    setting("SECRET_KEYS", "")(patient)
    assert patient.codes() == {"key-missing"}


def test_every_finding_is_caused_and_says_what_why_and_what_to_do() -> None:
    assert {code for code, *_ in CAUSES} == set(FINDINGS)
    for about, what, why, do in FINDINGS.values():
        assert about in AREAS
        assert all((what, why, do))


@pytest.mark.parametrize("code", [code for code, (_, what, *_) in FINDINGS.items() if "%(count)s" in what])
def test_one_is_told_as_one_and_two_as_many(code: str) -> None:
    facts = {"since": "", "days": 7, "all": 9, "file": ""}
    one, two = (finding(code, count=count, **facts) for count in (1, 2))
    assert one.what.replace("1", "2", 1) != two.what
    assert not re.search(
        r"[][|]|\b1 \w+s (were|are|have)\b", " ".join((one.what, one.why, one.do, two.what, two.why, two.do))
    )


def test_what_can_be_done_about_a_mail_in_doubt_is_said() -> None:
    assert finding("mail-in-doubt", count=1, days=7).what == (
        "1 mail of the last 7 days may have left or not: the worker ended while it sent it."
    )
    assert "page “Jobs and mail” settles each mail or sends it again" in finding("mail-in-doubt", count=2, days=7).do


def test_the_command_says_so_in_words_and_in_json(patient: Patient) -> None:
    well = invoke(patient.world, "doctor")
    assert (well.exit_code, well.output.split("\n")[:2]) == (0, ["settings: well", "database: well"])
    assert json.loads(invoke(patient.world, "doctor", "--format", "json").output) == {"findings": []}
    overdue(patient)
    wrong = invoke(patient.world, "doctor", "--format", "json")
    assert wrong.exit_code == 1
    (found,) = json.loads(wrong.output)["findings"]
    assert found["code"] == "attempts-overdue"
    assert found["what"] == "1 attempt is past its deadline and still open."
    said = invoke(patient.world, "doctor")
    assert (said.exit_code, "jobs: wrong" in said.output, found["do"] in said.output) == (1, True, True)


def test_a_worker_that_has_just_been_started_is_waited_for_and_none_is_not_for_long(patient: Patient) -> None:
    away, well, looks = [finding("worker-away", since="")], list[Finding](), 0
    assert patiently(lambda: away, 0) == away

    def look() -> list[Finding]:
        nonlocal looks
        looks += 1
        return well if looks > 1 else away

    assert patiently(look, 20) == well
    assert patiently(lambda: [*away], 0.5) == away
    no_worker(patient)
    later = Timer(1, patient.work)
    later.start()
    said = invoke(patient.world, "doctor")
    later.join()
    assert (said.exit_code, "jobs: well" in said.output) == (0, True)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_it_changes_nothing_and_does_not_call_well_what_it_cannot_see(engine: Engine, tmp_path: Path) -> None:
    settings_ = {"MESOTRAIN_INSTANCE": str(tmp_path / "none")}
    said = invoke(World(None, Clock(), settings_, {}), "doctor")  # type: ignore[arg-type]
    assert said.exit_code == 1
    assert "jobs: not seen, for the database" in said.output
    assert "keys: wrong" in said.output
    settings_["MESOTRAIN_SECRET_KEYS"] = GOOD_KEY
    assert "keys: not seen, for the database" in invoke(World(None, Clock(), settings_, {}), "doctor").output  # type: ignore[arg-type]
    settings_["MESOTRAIN_RECORD_YEARS"] = "many"
    refused = invoke(World(None, Clock(), settings_, {}), "doctor").output  # type: ignore[arg-type]
    assert "settings: wrong" in refused
    assert "well" not in refused
    assert refused.count("not seen, for the settings") == 6
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_key_that_is_too_short_is_named_by_where_it_stands(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / config.KEY_FILE).write_text("short")
    settings_ = {"MESOTRAIN_INSTANCE": str(tmp_path)}
    said = invoke(World(None, Clock(), settings_, {}), "doctor").output  # type: ignore[arg-type]
    assert f"{tmp_path / config.KEY_FILE}: each key needs at least 32 characters." in said
    assert "MESOTRAIN_SECRET_KEYS:" not in said
