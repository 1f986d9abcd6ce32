"""A procedure that the tiny course's scheme asks things for, and everything said that clears the trainee for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from mesotrain.actions import (
    assertions,
    certificates,
    courses,
    logbook,
    observations,
    outsiders,
    programs,
    proposals,
    stops,
)
from mesotrain.actions.logbook import Told
from mesotrain.core.access import MANAGER
from mesotrain.core.accounts import PASSWORD
from mesotrain.core.assertions import REVOKED, SUSPENDED
from mesotrain.core.certificates import Certificate, Exam, Path
from mesotrain.core.clearance import CONDITIONAL, NOT_CLEARED, Clearance, Facts, Meaning, Procedure, clearance
from mesotrain.core.competence import EXPIRED, IN_GRACE, IN_PROGRESS, NOT_STARTED, SUPERVISED, Observations
from mesotrain.core.courses import Competency, Course
from mesotrain.core.dates import day_of
from mesotrain.core.logbook import CONFIRMED
from mesotrain.core.observations import DONE, STATION, Form, Step
from mesotrain.core.schemes import Document, Scheme
from mesotrain.store import clearance as store
from mesotrain.store import courses as published
from mesotrain.store import logbook as logged
from mesotrain.store import observations as observed
from mesotrain.store.assertions import Assertion, Concerns
from tests.world import ORGANISATIONS, World, tiny_course

CONDITION = "only with a named supervisor on site"
SCHEME = Scheme(
    (Document("register", "Professional registration", 12, "Policy."),),
    (Procedure("face", "Papules of the face", ("BAS",), ("register",), "Policy."),),
    {IN_GRACE: Meaning(CONDITIONAL, CONDITION, "Policy.")},
)

TRAY = Form(
    "tray",
    "Setting up a tray",
    STATION,
    (Step("hands", "Cleans the hands.", critical=True), Step("vial", "Reads the label aloud.")),
    ("Needs help", "Safe alone"),
    2,
    "Policy.",
)
FACE = replace(
    SCHEME.procedures[0], observations=(Observations("tray"),), unobserved=Meaning(NOT_CLEARED, "", "Policy.")
)
WATCHED = replace(SCHEME, procedures=(FACE,), forms=(TRAY,))
"""The same, and somebody has to be seen setting up a tray."""

NOT = Meaning(NOT_CLEARED, reason="Policy.")
BY_QUIZ = Path("quiz", "By the quiz", ("BAS",), ("register",), (Exam("basics", 6),))
CARD = Certificate(
    "card",
    "Certificate in injecting",
    24,
    3,
    1,
    (BY_QUIZ,),
    Path("", "", (), (), (Exam("basics", 3),), reason="Policy."),
    {IN_GRACE: Meaning(CONDITIONAL, "only with a named supervisor on site", "Policy.")}
    | dict.fromkeys((NOT_STARTED, IN_PROGRESS, EXPIRED, "suspended", "revoked"), NOT),
    "Policy.",
)


def with_scheme(scheme: Scheme = SCHEME, **rule: int) -> Course:
    """The tiny course with a scheme, and another rule of its competency."""
    course = tiny_course()
    competencies: tuple[Competency, ...] = tuple(replace(one, **rule) for one in course.competencies)  # type: ignore[arg-type]
    return replace(course, scheme=scheme, competencies=competencies)


@dataclass
class Desk:
    """Where the manager of the quay says what is so, and anybody asks."""

    world: World
    course: int

    def concerns(self, **what: Any) -> Concerns:
        return Concerns(course=self.course, about="face", **what)

    def document(self, who: str = "trainee", seen: date | None = None, until: date | None = None, **by: str) -> int:
        concerns = Concerns(self.world.ids[who], course=self.course, about="register")
        return self.say(assertions.see_document, concerns, seen or self.today, until, "Looked up.", **by)

    def stop(self, reason: str = "A complaint.", **concerns: Any) -> int:
        """Somebody or something is stopped, at the quay unless said."""
        clinics = concerns.pop("clinics", [concerns.pop("clinic", self.world.ids["Quay"])])
        return self.say(assertions.stop, Concerns(**concerns), clinics, reason)

    def number(self, assertion: int) -> int:
        """By which a stop is called that this is a part of."""
        with self.world.session() as session:
            return session.get_one(Assertion, assertion).sequence

    def appoint(self, who: str = "colleague", **where: Any) -> int:
        """Somebody may supervise the face; at the quay unless said."""
        concerns = self.concerns(person=self.world.ids[who], **({"clinic": self.world.ids["Quay"]} | where))
        return self.say(assertions.appoint, concerns, self.today + timedelta(days=700), "Signed by the first of them.")

    def told(self, **told: Any) -> Told:
        """A case of the face, supervised today at the quay, unless said."""
        case = Told(self.world.ids["Quay"], self.course, "face", SUPERVISED, self.today, "Cheeks", "Less is more.")
        return replace(case, **told)

    def log(self, who: str = "trainee", by: str = "colleague", **told: Any) -> int:
        """Somebody logs a case and asks somebody to sign it."""
        return self.say(logbook.log, self.told(**told), self.world.ids[by], f"nonce of {who}", by=who)

    def sign(self, request: int, answer: str = CONFIRMED, level: int = 3, words: str = "") -> None:
        """Who was asked answers."""
        given, now = logbook.Answer(answer, level, words), self.world.clock()

        def work(session: Any) -> None:
            entry = logged.by_number(session, request)
            logbook.sign(session, now, entry, ORGANISATIONS["Harbour"][0], given, PASSWORD)

        self.world.do(work)

    def begin(self, who: str = "trainee", by: str = "colleague", key: str = "a draft", **where: Any) -> str:
        """Somebody begins to observe another at the face; at the quay unless said."""
        chosen = observations.Chosen(self.world.ids[who], self.world.ids["Quay"], self.course, "face", TRAY.name)
        self.say(observations.begin, chosen._replace(**where), key, by=by)
        return key

    def mark(self, key: str, *said: str, by: str = "colleague") -> None:
        """Says something of the parts of a form in their order."""
        for part, value in enumerate(said, 1):
            self.say(observations.save, key, part, f"{key} {part} {value}", value, by=by)

    def sign_form(self, key: str, by: str = "colleague", **how: Any) -> int:
        """Signs what stands there."""
        with self.world.session() as session:
            shown = observations.shown(observed.draft(session, self.world.actor(by), key).row)
        return int(self.say(observations.sign, key, shown, PASSWORD, how.get("nameless", False), by=by))

    def observe(self, *said: str, by: str = "colleague", **what: Any) -> int:
        """Somebody is observed and that is signed; each step done and the whole rated, unless said."""
        key = self.begin(by=by, **what)
        self.mark(key, *(said or (DONE, DONE, "2")), by=by)
        return self.sign_form(key, by)

    def say(self, action: Any, *what: Any, by: str = "manager", **how: Any) -> Any:
        actor, now = self.world.actor(by), self.world.clock()
        return self.world.do(lambda session: action(session, actor, now, *what, **how))

    @property
    def today(self) -> date:
        return day_of(self.world.clock(), ORGANISATIONS["Harbour"][0])

    def ask(
        self, on: date | None = None, who: str = "trainee", clinic: str = "Quay", known_at: datetime | None = None
    ) -> Clearance:
        """The answer about the face, today unless said."""
        harbour, zone = self.world.ids["Harbour"], ORGANISATIONS["Harbour"][0]
        with self.world.session() as session:
            person = self.world.ids[who]
            at = store.when(session, self.world.clock(), known_at, on or self.today, zone)
            asked = [one for one in store.procedures(session, harbour, at) if one.procedure.name == "face"]
            known = store.known(session, harbour, zone, [person], at)[person]
            facts = known.facts(asked[0], self.world.ids[clinic]) if asked else Facts(None)
        return clearance(facts, on or self.today)


def desk(world: World, scheme: Scheme = SCHEME, **rule: int) -> Desk:
    """A published scheme, and a clinic that offers the face and relies on the answers from today on."""
    world.do(lambda session: courses.publish(session, world.clock(), with_scheme(scheme, **rule), change="editorial"))
    with world.session() as session:
        course = session.scalars(select(published.Course.id).filter_by(name="tiny")).one()
    found = Desk(world, course)
    found.say(assertions.use, world.ids["Quay"], found.today)
    found.say(assertions.offer, found.concerns(clinic=world.ids["Quay"]))
    return found


def cleared(world: World) -> Mapping[str, int]:
    """Something of every kind was said, and some taken back."""
    found = desk(world, replace(WATCHED, certificates=(CARD,)))
    said = {
        "document": found.document(),
        "stop": found.stop(person=world.ids["trainee"]),
        "transition": found.say(
            assertions.let_go_on,
            found.concerns(person=world.ids["trainee"], clinic=world.ids["Quay"]),
            found.today + timedelta(days=30),
            "Ten years of it elsewhere.",
        ),
    }
    found.say(assertions.retract, said["stop"], "It was looked into.")
    found.appoint()
    first, second = found.log(), found.log(site="Forehead", number="digest")
    for request in (first, second):
        found.sign(request)
    found.log(site="Chin")
    found.say(logbook.withdraw, first, "It was somebody else's.", by="colleague")
    found.say(observations.withdraw, found.observe(), "It was somebody else.", by="colleague", nameless=False)
    found.observe(key="another draft")
    found.mark(found.begin(key="a third draft"), DONE)
    everywhere = replace(world.actor("manager"), roles={MANAGER: frozenset()})
    _recalled(found)
    lent = Concerns(world.ids["colleague"], course=found.course, about=CARD.name)
    _proposed(found)
    number = found.say(certificates.lend, lent, found.today + timedelta(days=9), "Certified elsewhere.")
    found.say(certificates.lift, number, "Its papers did not come.")
    concerns = found.concerns(person=world.ids["colleague"], clinic=world.ids["Mill"])
    ends, now = found.today + timedelta(days=9), world.clock()
    world.do(lambda session: assertions.appoint(session, everywhere, now, concerns, ends, "For a week."))
    found.sign(found.log("elsewhere", clinic=world.ids["Mill"]))
    found.observe(who="elsewhere", key="at the mill", clinic=world.ids["Mill"])
    key = found.say(programs.make, "Booking", "nonce", by="administrator")
    found.say(programs.end, key, by="administrator")
    return said


def _proposed(found: Desk) -> None:
    """What was proposed about one who was certified for a time: taken back, confirmed, and waiting."""
    world, now = found.world, found.world.clock()
    held = Concerns(world.ids["trainee"], course=found.course, about=CARD.name)
    lent = found.say(certificates.lend, held, found.today + timedelta(days=9), "Certified elsewhere.")
    first = found.say(proposals.propose, SUSPENDED, held, "A complaint.")
    found.say(outsiders.ask, first, "judge@example.net", "nonce")
    found.say(proposals.withdraw, first)
    found.say(proposals.propose, REVOKED, held, "It was not they.")
    number = found.say(proposals.propose, SUSPENDED, held, "A complaint.")
    other = replace(world.actor("administrator"), roles={MANAGER: frozenset[int]()})
    world.do(lambda session: proposals.confirm(session, other, now, number, PASSWORD))
    for one in (number_of(found, held), lent):
        found.say(certificates.lift, one, "It was looked into.")


def number_of(found: Desk, held: Concerns) -> int:
    """The last that was said of a certificate."""
    with found.world.session() as session:
        return (
            session.scalars(select(Assertion.id).filter_by(about=held.about).order_by(Assertion.id.desc())).first() or 0
        )


def _recalled(found: Desk) -> None:
    """A product was stopped, of which the trainee has read and the manager has not, and is used again."""
    world, now, quay = found.world, found.world.clock(), found.world.ids["Quay"]
    other = replace(world.actor("administrator"), roles={MANAGER: frozenset[int]()})
    what = Concerns(about="Lipo-X", lot="12B")
    number = world.do(lambda session: assertions.stop(session, other, now, what, [quay], "A recall."))
    found.say(stops.acknowledge, found.number(number), by="trainee")
    found.say(assertions.lift, found.number(number), [quay], "It was tested.")
