"""The record of what happened: canonical bytes, with people only as commitments that can be forgotten."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from mesotrain.core.canonical import Json, canonical

SCHEMA = 1


@dataclass(frozen=True)
class Kind:
    """What an event of this kind says, and the names of its facts. Facts never hold personal data."""

    says: str
    facts: frozenset[str]


def _facts(*names: str) -> frozenset[str]:
    return frozenset(names)


KINDS = {
    "person.joined": Kind("A person became a member of the organisation", _facts()),
    "member.suspended": Kind("A member may do nothing in the organisation for now", _facts()),
    "member.resumed": Kind("A suspended member may work again", _facts()),
    "member.ended": Kind("A person left the organisation", _facts()),
    "record.copied": Kind("Somebody took a copy of all that is kept of a person", _facts()),
    "record.held": Kind("A record may not be erased for now", _facts()),
    "record.hold-lifted": Kind("A record may be erased again", _facts()),
    "erasure.begun": Kind("A person is erased; what must be kept stays until a day", _facts("due")),
    "erasure.stopped": Kind("A person who was to be erased came back", _facts()),
    "erasure.done": Kind("The record of a person was erased", _facts()),
    "member.merged": Kind("What is kept of a person goes on under another account of theirs", _facts("into")),
    "role.given": Kind("A person was given a role", _facts("role", "clinic")),
    "role.taken": Kind("A role was taken from a person", _facts("role", "clinic")),
    "person.invited": Kind("A person was asked to join, or asked again", _facts("invitation")),
    "invitation.accepted": Kind("An invited person joined", _facts("invitation")),
    "invitation.withdrawn": Kind("An invitation was taken back", _facts("invitation")),
    "clinic.added": Kind("A clinic was added", _facts("clinic")),
    "clinic.renamed": Kind("A clinic was given another name", _facts("clinic", "was")),
    "sign-in.opened": Kind("A person signed in", _facts()),
    "sign-in.closed": Kind("A person signed out", _facts()),
    "sign-in.closed-elsewhere": Kind("A person signed out everywhere else", _facts()),
    "sign-in.ended": Kind("An administrator signed a person out", _facts()),
    "course.assigned": Kind("A course was assigned to a person, to be held by a day", _facts("course", "due")),
    "assignment.withdrawn": Kind("An assigned course is not asked of a person any more", _facts("course")),
    "time.adjusted": Kind("The extra time of a person was set", _facts()),
    "reminder.called": Kind("A person is told what is due, ends or has ended", _facts()),
    "mail.refused": Kind("The mail server refused a mail, with its code", _facts("mail", "code")),
    "mail.put-off": Kind(
        "The mail server said for the first time to try a mail later, with its code", _facts("mail", "code")
    ),
    "mail.sent-again": Kind("An administrator has a mail sent again", _facts("mail")),
    "mail.settled": Kind("An administrator says that a mail in doubt has arrived", _facts("mail")),
    "mail.dropped": Kind("An administrator keeps a mail that waited from leaving", _facts("mail")),
    "link.asked": Kind("A link to choose a password or an address was asked for", _facts("link", "kind")),
    "password.changed": Kind("A person chose a password", _facts()),
    "email.changed": Kind("A person took another address", _facts("link")),
    "second-factor.added": Kind("A person added a second factor", _facts("kind")),
    "second-factor.removed": Kind("A person removed a second factor", _facts("kind")),
    "recovery-codes.made": Kind("A person made new recovery codes", _facts()),
    "recovery-code.used": Kind("A person used a recovery code", _facts()),
    "course.published": Kind("A course was published", _facts("course", "publication", "changes")),
    "draft.made": Kind("A text was taken in as a course's draft", _facts("course", "draft")),
    "draft.proposed": Kind(
        "A person asked another to agree that changes are less than they seem", _facts("course", "draft", "classes")
    ),
    "draft.discarded": Kind("A draft was put away", _facts("course", "draft")),
    "attempt.started": Kind("A person began an assessment", _facts("attempt", "module")),
    "attempt.taken-over": Kind("A person went on with an attempt in another window", _facts("attempt", "lease")),
    "attempt.paused": Kind("The clock of an attempt was stopped by whoever invigilates", _facts("attempt")),
    "attempt.resumed": Kind("The clock of an attempt goes on", _facts("attempt")),
    "attempt.extended": Kind("An attempt was given more time", _facts("attempt", "minutes")),
    "attempt.voided": Kind("An attempt was made void: it gives no result", _facts("attempt")),
    "attempt.asked-again": Kind(
        "A paper was handed in, and safety questions missed on it are asked in another way",
        _facts("attempt", "by", "questions"),
    ),
    "attempt.handed-in": Kind("An attempt was handed in, and waits for people", _facts("attempt", "by")),
    "question.held": Kind("A person holds a question that may be wrong", _facts("hold", "question")),
    "question.lifted": Kind("A person said how the hold of a question ends", _facts("hold", "ending")),
    "question.reported": Kind("A taker said that a question may be wrong", _facts("attempt", "report")),
    "result.appealed": Kind("A taker said that a result may be wrong", _facts("attempt", "report")),
    "report.answered": Kind("A person answered what a taker had said", _facts("attempt", "report")),
    "essay.marked": Kind("A person marked an answer without knowing whose it is", _facts("attempt", "position")),
    "attempt.finished": Kind(
        "An attempt ended and was scored", _facts("attempt", "by", "earned", "possible", "passed")
    ),
    "program-key.made": Kind("An administrator gave another program a key", _facts("key")),
    "program-key.ended": Kind("An administrator ended the key of another program", _facts("key")),
    "assertion.made": Kind(
        "A person said that something is so from a day on", _facts("kind", "clinic", "course", "about")
    ),
    "assertion.retracted": Kind("A person said that it is so no more", _facts("assertion", "kind")),
    "stop.made": Kind(
        "A person stopped somebody, a procedure or a product at these clinics", _facts("clinics", "course", "about")
    ),
    "stop.acknowledged": Kind("A person acknowledged a stop that concerns them", _facts("assertion")),
    "stop.told": Kind("A person is told of a stop that concerns them, or of its end", _facts("assertion", "over")),
    "certificate.told": Kind(
        "A person is told that their certificate was suspended, revoked or given for a time, or that this is over",
        _facts("assertion", "over"),
    ),
    "proposal.made": Kind(
        "A person proposed to suspend or revoke a certificate of another", _facts("kind", "course", "about")
    ),
    "proposal.told": Kind("A person is told of a proposal to confirm, or how theirs ended", _facts("proposal")),
    "outsider.asked": Kind("Somebody from outside is asked to decide a proposal", _facts("outsider")),
    "proposal.decided": Kind(
        "A second person confirmed or refused a proposal, or whoever made it took it back or let it stand alone",
        _facts("proposal", "decision"),
    ),
    "case.logged": Kind("A person logged a case", _facts("clinic", "course", "procedure", "role")),
    "case.moved": Kind("A signed case goes on under another account of the same person", _facts("case")),
    "signature.asked": Kind("A person is asked to sign a case of another", _facts("case")),
    "signature.given": Kind(
        "A person answered for a case of another, and signed", _facts("request", "answer", "record")
    ),
    "signature.withdrawn": Kind("A signature, or the request for one, was taken back", _facts("request")),
    "observation.signed": Kind(
        "A person signed what they saw another do, by a form",
        _facts("clinic", "course", "procedure", "form", "outcome", "record"),
    ),
    "observation.withdrawn": Kind(
        "A person took back what they had signed of another by a form", _facts("observation")
    ),
    "observation.moved": Kind(
        "What was signed by a form goes on under another account of the same person", _facts("observation")
    ),
    "evidence.moved": Kind(
        "Evidence was withdrawn of one account and recorded of another of the same person",
        _facts("attempt", "competency", "kind"),
    ),
    "evidence.recorded": Kind("Evidence for a competency was recorded", _facts("attempt", "competency", "kind")),
}


def commitment(salt: bytes, person: int) -> str:
    """How an event names a person: SHA-256 of their own salt and id. Erasing the salt unlinks every event for good."""
    return sha256(salt + b"\x00" + str(person).encode()).hexdigest()


def body(kind: str, at: datetime, organisation: int | None, actor: str, subject: str, facts: dict[str, Json]) -> bytes:
    """The bytes of an event. Raises ValueError when the facts are not those its kind declares."""
    if set(facts) != KINDS[kind].facts:
        raise ValueError(f"{kind} says {sorted(KINDS[kind].facts)}, not {sorted(facts)}")
    return canonical(
        {
            "schema": SCHEMA,
            "kind": kind,
            "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
            "organisation": organisation,
            "actor": actor,
            "subject": subject,
            "facts": facts,
        }
    )
