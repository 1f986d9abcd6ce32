"""A projection only repeats what the log and the evidence say: made again, it is the same row by row."""

from sqlalchemy import delete, select, update

from mesotrain.store import answers, competence
from mesotrain.store.answers import Answer
from mesotrain.store.competence import StandingSpan
from tests.store.filling import fill_every_table, history, rows
from tests.world import World


def rebuild(world: World) -> None:
    world.do(answers.rebuild_answers)
    world.do(competence.rebuild)


def test_rebuilding_gives_exactly_what_was_there(world: World) -> None:
    fill_every_table(world)
    history(world, "one", 25)
    with world.session() as session:
        before = rows(session)
        states = {span.state for span in session.scalars(select(StandingSpan))}
    assert len(before["answers"]) > 20
    assert states >= {"in progress", "current", "renewal open", "expired"}
    rebuild(world)
    with world.session() as session:
        assert rows(session) == before


def test_rebuilding_mends_what_was_wrong(world: World) -> None:
    """The control: a projection that says something else is seen and put right."""
    history(world, "three", 12)
    with world.session() as session:
        before = rows(session)
    world.do(lambda session: session.execute(update(StandingSpan).values(up_to=0)))
    world.do(lambda session: session.execute(delete(StandingSpan).where(StandingSpan.state == "current")))
    world.do(lambda session: session.execute(update(Answer).values(fields={"choice": ["wrong"]})))
    with world.session() as session:
        assert rows(session) != before
    rebuild(world)
    with world.session() as session:
        assert rows(session) == before
