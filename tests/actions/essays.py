"""Essays and whoever marks them, straight through the actions."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from mesotrain.actions import attempts, courses, marking, people
from mesotrain.core.access import EDUCATOR, Actor
from mesotrain.core.courses import Course
from mesotrain.formats.courses import read_course
from mesotrain.store import marking as store
from mesotrain.store import papers
from mesotrain.store.attempts import Attempt
from tests.world import World

COURSE = """
course: essays
title: Written answers
language: en
status: demonstration
competencies:
  WRI: {title: Writing, can: write, valid: 24 months, renewal: 60 days, grace: 0 days}
modules: [written]
"""
LESSON = """---
title: Written
competency: WRI
minutes: 3
summary: Words.
outcomes:
  - write
quiz:
  questions: 3
  pass: 70%
  time: 20 minutes
  feedback: after submit
sign-off: none
---

## Words {#words}

Words are written.
"""
ONE_OF_THEM = "SHOWN-ONE Weigh the evidence for it."
TWO_OF_THEM = "SHOWN-TWO What do you tell her?"
BANK = f"""---
bank: written
title: Written
language: en
competency: WRI
section: written#words
---

## wri-0001

{ONE_OF_THEM}

### rubric

- (2) RUBRIC-A Says that it is weak
  Why: RUBRIC-WHY-A
- (2) RUBRIC-B Says why

Why: RUBRIC-WHY

## wri-0002
markers: 2
words: 3-50

{TWO_OF_THEM}

### rubric

- (3) RUBRIC-C Names a harm
- (1) RUBRIC-D Leaves it to her

## wri-0003

SHOWN-THREE Which?

- (x) This
- ( ) That
"""
ESSAYS = (ONE_OF_THEM, TWO_OF_THEM)


def written_course(lesson: str = LESSON) -> Course:
    """A course whose quiz asks an essay that one person marks, one that two mark, and a question with options."""
    texts = {"course.yaml": COURSE, "references.yaml": "facts: {}\nsources: {}\n"}
    return read_course({**texts, "written/lesson.md": lesson, "written/bank.md": BANK})


def publish(world: World, lesson: str = LESSON) -> None:
    """Publishes that course."""
    world.do(lambda session: courses.publish(session, world.clock(), written_course(lesson)))


def educator(world: World, name: str, organisation: str = "Harbour", email: str = "") -> Actor:
    """Another educator."""
    like, where = world.actor("educator"), world.ids[organisation]

    def work(session: Session) -> Any:
        address = email or f"{uuid.uuid4().hex}@example.org"
        row = people.create_person(session, name, address, "", address.encode(), like.locale, like.zone)
        people.join(session, world.clock(), where, row, [(EDUCATOR, None)])
        return row.id, row.commitment

    person, known = world.do(work)
    return replace(like, person=person, organisation=where, name=name, commitment=known)


@dataclass(frozen=True)
class Written:
    """Somebody's attempt at the written quiz; `places` has the position of each essay by the words it begins with."""

    world: World
    who: str
    attempt: int
    places: dict[str, int]

    def row(self) -> Attempt:
        with self.world.session() as session:
            return session.get_one(Attempt, self.attempt)

    def mark(self, marker: Actor, stem: str, *points: float, comment: str = "") -> None:
        given, place = [Fraction(one) for one in points], self.places[stem]
        self.world.do(
            lambda session: marking.mark(session, marker, self.world.clock(), self.attempt, place, given, comment)
        )

    def waits(self, marker: Actor) -> list[str]:
        """Which of its essays the marker is offered."""
        with self.world.session() as session:
            offered = {(one.attempt, one.position) for one in store.waiting(session, marker, 0, 99)}
        return [stem for stem, place in self.places.items() if (self.attempt, place) in offered]


def write(
    world: World,
    who: str = "trainee",
    stems: Sequence[str] = ESSAYS,
    *,
    finish: bool = True,
    right: bool = True,
    seed: str = "",
) -> Written:
    """An attempt, a minute long, in which these essays are written and the question with options is answered."""
    actor, now, seed = world.actor(who), world.clock(), seed or uuid.uuid4().hex
    attempt = world.do(lambda session: attempts.start(session, actor, now, seed, "essays", "written"))
    with world.session() as session:
        shown = {slot.position: slot.shown["stem"] for slot in papers.slots(session, attempt)}
    places = {stem: at for stem in ESSAYS for at, text in shown.items() if stem in text}
    last = next(at for at in shown if at not in places.values())
    answers = {places[stem]: {"answer": ["1, 2, 3, 4."]} for stem in stems}
    if right:
        answers[last] = world.right_answers(attempt)[last]

    def work(session: Session) -> None:
        for position, fields in answers.items():
            attempts.save(session, actor, now, attempt, 0, position, uuid.uuid4().hex, fields)

    world.do(work)
    world.clock.now += timedelta(minutes=1)
    if finish:
        world.do(lambda session: attempts.finish(session, actor, world.clock(), attempt))
    return Written(world, who, attempt, places)
