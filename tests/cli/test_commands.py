"""The `mesotrain` command, as somebody at a terminal meets it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask_migrate import upgrade
from sqlalchemy import select, update

from mesotrain import config
from mesotrain.cli import commands, main
from mesotrain.cli.demo import PASSWORD, PEOPLE
from mesotrain.core.errors import Refused
from mesotrain.core.questions import option_id
from mesotrain.store.answers import Answer
from mesotrain.store.attempts import Attempt
from mesotrain.store.competence import Evidence, StandingSpan
from mesotrain.store.courses import Question, QuestionVersion
from mesotrain.store.db import db
from mesotrain.store.people import Person
from mesotrain.web import create_app
from tests.actions.taking import sit
from tests.store.filling import empty_database, rows
from tests.world import KEY, TEXTS, Clock, Engine, World, environment


def invoke(world: World, *words: str) -> Result:
    return CliRunner().invoke(commands, list(words), env=dict(world.environment), catch_exceptions=False)


@contextmanager
def empty_world(engine: Engine, upgraded: bool = True) -> Iterator[World]:
    """An application on a database that has its tables and nobody in it."""
    with empty_database(engine) as address:
        settings = {**environment(address, engine.folder), "MESOTRAIN_COURSES": str(TEXTS)}
        clock = Clock()
        app = create_app(settings, clock)
        with app.app_context():
            if upgraded:
                upgrade()
        yield World(app, clock, settings, {})
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def test_demo_gives_a_history_once(engine: Engine) -> None:
    with empty_world(engine) as world:
        said = invoke(world, "demo")
        assert said.exit_code == 0
        assert PASSWORD in said.output
        for one in PEOPLE[:4]:
            assert one.email in said.output
        with world.session() as session:
            before = rows(session)
            assert set(session.scalars(select(Person.email))) == {one.email for one in PEOPLE}
            assert len(session.scalars(select(Evidence)).all()) == sum(len(one.sat) for one in PEOPLE)
            assert {span.state for span in session.scalars(select(StandingSpan))} >= {"current", "expired"}
            assert {attempt.state for attempt in session.scalars(select(Attempt))} == {"finished"}
            assert {attempt.passed for attempt in session.scalars(select(Attempt))} == {True, False}
        again = invoke(world, "demo")
        assert (again.exit_code, again.output) == (0, said.output)
        with world.session() as session:
            assert rows(session) == before


def test_demo_leaves_a_database_with_people_alone(world: World) -> None:
    with world.session() as session:
        before = rows(session)
    with pytest.raises(Refused, match="real organisation"):
        invoke(world, "demo")
    with world.session() as session:
        assert rows(session) == before


def test_a_changed_text_waits_as_a_draft_until_it_is_published(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(TEXTS / "tiny", folder)
    assert "tiny: says what is live, publication 1." in invoke(world, "sync", str(folder)).output
    assert "No draft waits." in invoke(world, "publish").output
    lesson = folder / "basics" / "lesson.md"
    lesson.write_text(lesson.read_text().replace("One thing matters most", "Two things matter most"))
    with world.session() as session:
        before = rows(session)
    asked = invoke(world, "sync", str(folder))
    assert "changed  section    basics#matters  substantive, touches a number" in asked.output
    assert asked.exit_code == 1, "nobody was there to answer"
    with world.session() as session:
        assert rows(session) == before
    assert "Draft 1 of tiny waits." in invoke(world, "sync", str(folder), "--yes").output
    assert "One thing matters most" in page(world)
    said = invoke(world, "publish", "tiny", "--class", "basics#matters=editorial", "--yes")
    assert said.exit_code == 1
    assert "a second person must agree to call them less: basics#matters" in said.stderr
    assert "tiny is not published." in said.stderr
    assert invoke(world, "publish", "tiny", "--change", "cosmetic").exit_code == 2
    assert invoke(world, "publish", "tiny", "--class", "basics#matters=cosmetic").exit_code == 2
    said = invoke(world, "publish", "--by", "educator@example.org", "--yes")
    assert "A tiny course published as number 2." in said.output
    assert "Two things matter most" in page(world)


def test_one_that_cannot_be_published_keeps_no_other_back(world: World, tmp_path: Path) -> None:
    for name in ("tiny", "ours", "other"):
        shutil.copytree(TEXTS / "tiny", tmp_path / name)
        (tmp_path / name / "course.yaml").write_text(
            (TEXTS / "tiny" / "course.yaml").read_text().replace("course: tiny", f"course: {name}")
        )
    assert invoke(world, "sync", str(tmp_path), "--yes").exit_code == 0
    for name in ("tiny", "ours", "other"):
        lesson = tmp_path / name / "basics" / "lesson.md"
        new = "Everything else stays." if name == "tiny" else "Two things matter most"
        old = "Everything else waits." if name == "tiny" else "One thing matters most"
        lesson.write_text(lesson.read_text().replace(old, new))
    assert "draft" not in invoke(world, "sync", str(tmp_path), "--yes").output.partition("Draft")[0]
    said = invoke(world, "publish", "--change", "editorial", "--yes")
    assert said.exit_code == 1
    assert "A tiny course published as number 2." in said.stdout, "the last of three"
    assert [name in said.stderr for name in ("other is not", "ours is not", "tiny is not")] == [True, True, False]
    said = invoke(world, "publish", "nosuch", str(tmp_path / "ours"), "--yes")
    assert (said.exit_code, "There is no course nosuch here yet" in said.stderr) == (1, True)
    assert "published as number 2" in said.stdout


def test_a_plan_says_that_a_draft_gives_way_before_it_does(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(TEXTS / "tiny", folder)
    lesson = folder / "basics" / "lesson.md"
    text = lesson.read_text()
    lesson.write_text(text.replace("Everything else waits.", "Everything else stays."))
    assert invoke(world, "sync", str(folder), "--yes").exit_code == 0
    lesson.write_text(text.replace("Everything else waits.", "Everything else goes."))
    said = invoke(world, "sync", str(folder), "--yes")
    assert said.exit_code == 1
    assert "draft 1 waits; taking this in puts it away" in said.stdout
    assert "in conflict: a draft that may be somebody else's says something else here" in said.stdout
    said = invoke(world, "sync", str(folder), "--yes", "--overwrite")
    assert "Draft 2 of tiny waits in place of draft 1." in said.stdout


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True, scope="session")
def test_looking_at_a_plan_waits_for_nobody_who_writes(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(TEXTS / "tiny", folder)
    lesson = folder / "basics" / "lesson.md"
    lesson.write_text(lesson.read_text().replace("Everything else waits.", "Everything else stays."))
    assert invoke(world, "sync", str(folder), "--yes").exit_code == 0
    with world.app.app_context(), db.engine.begin():
        for words in (("sync", str(folder)), ("publish", "tiny")):
            said = invoke(world, *words)
            assert "changed  section    basics#not" in said.output
            assert said.exit_code == 1, "nobody was there to answer"


def page(world: World) -> str:
    return world.client("trainee").get("/courses/tiny/basics").get_data(as_text=True)


def test_what_is_on_disk_enters_the_first_time(engine: Engine) -> None:
    with empty_world(engine) as world:
        said = invoke(world, "sync", "--yes")
        assert "tiny: new here, with 1 module and 5 questions. It will be live at once." in said.output
        assert "tiny entered and is live, as publication 1." in said.output
        assert "tiny is live as it stands." in invoke(world, "sync", "--yes").output


BROKEN = {
    "basics/bank.md": [
        ("- (x) Stop and call", "- ( ) Stop and call"),
        ("cites: I01\nlevel: judge", "cites: I99\nlevel: x"),
    ],
    "basics/lesson.md": [("minutes: 3", "minutes: soon")],
    "course.yaml": [("valid: 24 months", "valid: a while")],
}


def test_a_broken_course_is_refused_with_every_fault_and_changes_nothing(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(TEXTS / "tiny", folder)
    for name, changes in BROKEN.items():
        text = (folder / name).read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (folder / name).write_text(text)
    with world.session() as session:
        before = rows(session)
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["mesotrain", "sync", "--yes", str(folder)])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert said.out == ""
    *lines, last = said.err.strip().splitlines()
    assert last == "tiny is refused; what is live of it stays as it is."
    assert [line for line in lines if not re.match(r"\S+:\d+: .+\.$", line)] == []
    for name, changes in BROKEN.items():
        assert sum(name in line.split(":")[0] for line in lines) >= len(changes), said.err
    with world.session() as session:
        assert rows(session) == before


def test_rebuild_makes_the_projections_again(world: World) -> None:
    for who in ("trainee", "colleague"):
        sit(world, who)
    with world.session() as session:
        before = rows(session)
    world.do(lambda session: session.execute(update(StandingSpan).values(up_to=0)))
    world.do(lambda session: session.execute(update(Answer).values(fields={})))
    said = invoke(world, "rebuild")
    assert (said.exit_code, "2 histories" in said.output) == (0, True)
    with world.session() as session:
        assert rows(session) == before


def test_settings_are_all_told_and_no_secret_is(world: World) -> None:
    said = invoke(world, "settings").output
    for one in config.SETTINGS:
        assert f"MESOTRAIN_{one.name}=" in said
        assert one.help in said
    assert KEY not in said
    assert world.environment["MESOTRAIN_DATABASE_URL"] not in said
    assert "MESOTRAIN_PUBLIC_URL=http://localhost" in said


def test_serve_refuses_a_database_that_is_not_up_to_date(engine: Engine) -> None:
    with empty_world(engine, upgraded=False) as world, pytest.raises(Refused, match="flask --app app db upgrade"):
        invoke(world, "serve", "--port", "1")


def test_a_wrong_setting_is_a_sentence_and_status_1(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {**world.environment, "MESOTRAIN_WORKERS": "many", "MESOTRAIN_COLOUR": "red"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["mesotrain", "settings"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert "MESOTRAIN_COLOUR is not a setting." in said
    assert "MESOTRAIN_WORKERS: it must be a whole number." in said


def test_flask_says_a_wrong_setting_as_a_sentence(world: World) -> None:
    settings = {**os.environ, **world.environment, "MESOTRAIN_WORKERS": "many"}
    command = [sys.executable, "-m", "flask", "--app", "app", "db", "upgrade"]
    ended = subprocess.run(command, cwd=config.ROOT, env=settings, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "Settings: MESOTRAIN_WORKERS: it must be a whole number.\n"


def test_sync_keeps_the_id_of_an_option_that_is_live_in_other_words(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(TEXTS / "tiny", folder)
    bank = folder / "basics" / "bank.md"
    option = re.search(r"(?m)^- \(x\) (\w+.*\w)$", bank.read_text())
    assert option
    bank.write_text(bank.read_text().replace(option[0], f"{option[0]}, now"))
    line = bank.read_text().split("\n").index(f"{option[0]}, now") + 1
    said = invoke(world, "sync", str(folder), "--yes").output
    name = option_id(option[1])
    assert f"{bank}:{line}: question (" in said
    assert f"write {{#{name}}} behind it" in said
    invoke(world, "publish", "tiny", "--yes")
    with world.session() as session:
        takers = session.scalars(select(QuestionVersion.taker)).all()
    texts = {one["text"] for taker in takers for one in taker.get("options", []) if one["id"] == name}
    assert texts == {option[1], f"{option[1]}, now"}
    again = invoke(world, "sync", str(folder), "--yes").output
    assert "tiny: says what is live, publication 2." in again
    assert f"write {{#{name}}} behind it" in again


def test_sync_leaves_the_live_id_with_the_original_of_a_copy_that_was_pasted_above_it(
    world: World, tmp_path: Path
) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(TEXTS / "tiny", folder)
    bank = folder / "basics" / "bank.md"
    option = re.search(r"(?m)^- \(x\) (\w+.*\w)$", bank.read_text())
    assert option
    at = bank.read_text().rindex("\n## ", 0, option.start())
    block = bank.read_text()[at : bank.read_text().index("\n## ", at + 1)]
    bank.write_text(bank.read_text().replace(block, f"{block.replace(option[0], '- (x) Sing')}{block}", 1))
    name = block.split()[1]
    invoke(world, "fmt", str(bank))
    line = bank.read_text().split("\n").index(f"## {name}") + 1
    said = invoke(world, "sync", str(folder), "--yes").output
    assert f"{bank}:{line}: question ({name}): what is live under this id stands in line" in said
    invoke(world, "publish", "tiny", "--yes")
    with world.session() as session:
        rows = select(Question.name, QuestionVersion.taker).join(Question, Question.id == QuestionVersion.question_id)
        asked = [(one, {row["text"] for row in taker.get("options", [])}) for one, taker in session.execute(rows)]
    assert [texts for one, texts in asked if one == name and "Sing" in texts] == []
    assert [one != name for one, texts in asked if "Sing" in texts] == [True]
