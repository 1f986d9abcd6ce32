"""What is said of a certificate reaches its holder by mail, through a real mail server."""

from datetime import timedelta

from flask import Flask

from mesotrain.actions import certificates
from mesotrain.cli.worker import Worker
from tests.actions.certifying import card, certifies, suspend
from tests.actions.taking import sit
from tests.cli.test_worker import Inbox, inbox, posting  # noqa: F401 (fixtures)
from tests.world import World


def test_what_is_said_of_a_certificate_is_mailed_to_its_holder(world: World, posting: Flask, inbox: Inbox) -> None:  # noqa: F811
    place = certifies(world)
    sit(world, "trainee", right=4)
    place.document()

    def arrived() -> list[tuple[str, str, str]]:
        worker = Worker(posting, world.clock)
        worker.work()
        worker.release()
        found = [(one["To"].partition("@")[0], one["Subject"], one.get_content()) for one in inbox.mails]
        inbox.mails.clear()
        return found

    arrived()
    number = suspend(place)
    ((to, subject, text),) = arrived()
    assert (to, subject) == ("trainee", "Your certificate: Certificate in injecting")
    for words in (
        "Dear Tess Trainee,",
        "has suspended your certificate",
        "A complaint.",
        "/record/certificates",
    ):
        assert words in text
    place.say(certificates.lift, number, "Unfounded.")
    ((_, _, text),) = arrived()
    assert "Mona Manager has lifted the suspension" in text
    assert "Unfounded." in text
    assert "A complaint." not in text
    place.say(certificates.revoke, card(place), "It was not they.")
    place.say(certificates.lend, card(place, "colleague"), place.today + timedelta(days=9), "To come.")
    (_, _, revoked), (to, _, lent) = arrived()
    assert "counts no more. The reason given" in " ".join(revoked.split())
    assert to == "colleague"
    assert "for a time, until before 21 Mar 2027" in " ".join(lent.split())
