"""A scheme whose procedure asks for a certificate: by the tiny course's quiz and a document, renewed by the quiz."""

from dataclasses import replace
from typing import Any

from mesotrain.actions import certificates as actions
from mesotrain.core.certificates import Certificate
from mesotrain.core.certification import Certification, Stage, stage_on
from mesotrain.core.schemes import Scheme
from mesotrain.store import clearance as store
from tests.actions.clearing import CARD, SCHEME, Desk, desk
from tests.world import ORGANISATIONS, World


def with_card(card: Certificate = CARD) -> Scheme:
    """The scheme whose procedure asks for this certificate."""
    (face,) = SCHEME.procedures
    return replace(SCHEME, procedures=(replace(face, certificate=card.name),), certificates=(card,))


def certifies(world: World, card: Certificate = CARD) -> Desk:
    return desk(world, with_card(card))


def of(place: Desk, who: str = "trainee") -> Certification:
    """What is recorded of somebody's certificate."""
    harbour, zone, person = place.world.ids["Harbour"], ORGANISATIONS["Harbour"][0], place.world.ids[who]
    with place.world.session() as session:
        at = store.when(session, place.world.clock(), None)
        return store.known(session, harbour, zone, [person], at)[person].certified[place.course, "card"]


def stage(place: Desk, who: str = "trainee") -> Stage:
    """Its state today."""
    return stage_on(of(place, who).stages, place.today)


def card(place: Desk, who: str = "trainee") -> Any:
    return replace(place.concerns(person=place.world.ids[who]), about="card")


def suspend(place: Desk, who: str = "trainee", reason: str = "A complaint.", **by: str) -> int:
    number: int = place.say(actions.suspend, card(place, who), reason, **by)
    return number
