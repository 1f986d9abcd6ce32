"""A scheme whose procedure asks for a certificate: by the tiny course's quiz and a document, renewed by the quiz."""

from dataclasses import replace
from typing import Any

from mesotrain.actions import proposals
from mesotrain.actions.people import change_roles
from mesotrain.core.access import MANAGER, Actor
from mesotrain.core.accounts import PASSWORD
from mesotrain.core.assertions import REVOKED, SUSPENDED
from mesotrain.core.certificates import Certificate
from mesotrain.core.certification import Certification, Stage, stage_on
from mesotrain.core.schemes import Scheme
from mesotrain.store import assertions as said
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


def suspend(place: Desk, who: str = "trainee", reason: str = "A complaint.") -> int:
    """Their certificate is suspended, by the word of the only one who manages the clinic; gives what was said."""
    return taken(place, SUSPENDED, who, reason)


def revoke(place: Desk, who: str = "trainee", reason: str = "It was not they who sat it.") -> int:
    return taken(place, REVOKED, who, reason)


def taken(place: Desk, kind: str, who: str, reason: str) -> int:
    place.say(proposals.let_stand, propose(place, kind, who, reason), PASSWORD)
    with place.world.session() as session:
        return said.said(session, place.world.ids["Harbour"], place.world.ids[who])[0].row.id


def propose(place: Desk, kind: str = SUSPENDED, who: str = "trainee", reason: str = "A complaint.", **by: str) -> int:
    number: int = place.say(proposals.propose, kind, card(place, who), reason, **by)
    return number


def second(place: Desk, who: str = "educator") -> Actor:
    """Somebody else becomes a manager of the quay, too."""
    quay, known = place.world.ids["Quay"], place.world.actor(who)
    held = [(role, clinic) for role, places in known.roles.items() for clinic in places or [None]]
    place.say(change_roles, place.world.ids[who], [*held, (MANAGER, quay)], by="administrator")
    return replace(known, roles={**known.roles, MANAGER: frozenset({quay})})


def as_(place: Desk, actor: Actor, action: Any, *what: Any) -> Any:
    """Somebody who is not of the cast as it was says so."""
    now = place.world.clock()
    return place.world.do(lambda session: action(session, actor, now, *what))
