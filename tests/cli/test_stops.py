"""A stop and its end reach those they concern by mail, through a real mail server."""

from flask import Flask

from mesotrain.actions import assertions
from mesotrain.cli.worker import Worker
from tests.actions.clearing import desk
from tests.actions.taking import sit
from tests.cli.test_worker import Inbox, inbox, posting  # noqa: F401 (fixtures)
from tests.world import World


def test_a_stop_and_its_end_are_mailed_to_whom_they_concern(world: World, posting: Flask, inbox: Inbox) -> None:  # noqa: F811
    place = desk(world)

    def arrived() -> list[tuple[str, str, str]]:
        worker = Worker(posting, world.clock)
        worker.work()
        worker.release()
        found = [(one["To"].partition("@")[0], one["Subject"], one.get_content()) for one in inbox.mails]
        inbox.mails.clear()
        return sorted(found)

    arrived()
    number = place.stop(person=world.ids["trainee"])
    ((to, subject, text),) = arrived()
    assert (to, subject) == ("trainee", "Stopped at Quay from now on")
    for words in (
        "Dear Tess Trainee,",
        "Mona Manager has stopped you at Quay",
        "A complaint.",
        f"/stops/{place.number(number)}",
    ):
        assert words in text
    place.say(assertions.retract, number, "Unfounded.")
    ((to, subject, text),) = arrived()
    assert (to, subject) == ("trainee", "A stop at Quay has ended")
    assert "Mona Manager has ended your stop at Quay" in text
    assert "Unfounded." in text
    assert "A complaint." not in text
    place.document()
    sit(world, "trainee", right=4)
    arrived()
    place.stop("A recall.", course=place.course, about="face")
    ((to, _, text),) = arrived()
    assert to == "trainee", "the one who may do it"
    assert "has stopped “Papules of the face” at Quay" in text
    number = place.stop("A recall.", about="Lipo-X", lot="12B")
    ((_, _, text),) = arrived()
    assert "has stopped “Lipo-X”, lot 12B at Quay: nobody uses it there" in text
    place.document("colleague")
    assert arrived() == [], "a document that was seen stops nobody"
