"""The interface for other programs: the same clearance as people are shown, as JSON, signed where that is asked for."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.assertions import OF_CERTIFICATES
from mesotrain.core.clearance import LIFTED, NEEDED, REASONS, STOPPED, TRANSITIONAL, WITHOUT
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.ways import ACTS, WHOSE
from mesotrain.store import people, privacy, programs
from mesotrain.store.people import Organisation
from mesotrain.web import keys
from mesotrain.web.answers import Answer, Question, answers, day, moment
from mesotrain.web.gate import page, program

api = Blueprint("api", __name__, url_prefix="/api/v1")

GOOD_FOR = timedelta(minutes=5)
"""How old a signed answer may be: a stop counts at once, so an answer that is kept is not."""
JOSE = "application/jose"
PURPOSE = "program"
"""What a key is signed for."""


def key_of(number: int, nonce: str) -> str:
    """The key as a program sends it."""
    return keys.signed(PURPOSE, number, nonce)


def problem(status: int, words: str) -> Response:
    """A refusal as RFC 9457 has it."""
    reply = Response(json.dumps({"status": status, "detail": words}, ensure_ascii=False), status)
    reply.mimetype = "application/problem+json"
    if status == 401:
        reply.headers["WWW-Authenticate"] = "Bearer"
    return reply


def _asks(session: Session) -> Organisation | None:
    """About whose people the key that was sent may ask."""
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    number, nonce = keys.read(PURPOSE, key) if kind.lower() == "bearer" else (0, "")
    return programs.asking(session, number, nonce) if nonce else None


@program(api, "/clearance")
def clearance(session: Session, actor: Actor | None, now: datetime) -> ResponseReturnValue:
    organisation = _asks(session)
    if organisation is None:
        return problem(401, "Send a key that is good: Authorization: Bearer KEY.")
    try:
        question = _question()
    except Refused as unreadable:
        return problem(422, str(unreadable))
    try:
        found = list(answers(session, [organisation], _person(session, organisation), question, now))
    except (Refused, NotFound) as error:
        return problem(404 if isinstance(error, NotFound) else 409, str(error))
    if len(found) != 1:
        return problem(404, "No such clinic.") if not found else problem(409, "Say of which course: COURSE/PROCEDURE.")
    answer = _for_programs(found[0])
    if request.accept_mimetypes.best_match(["application/json", JOSE]) == JOSE:
        return Response(_signed(answer, now), mimetype=JOSE)
    return answer


def _question() -> Question:
    """What is asked. Raises Refused for what is not said, or cannot be read."""
    if missing := [name for name in ("person", "procedure", "clinic") if not request.args.get(name)]:
        raise Refused("Say also: %(names)s.", names=", ".join(missing))
    if empty := [name for name in ("at", "known_at") if request.args.get(name) == ""]:
        raise Refused("Leave out what you do not say: %(names)s.", names=", ".join(empty))
    said = {name: request.args.get(name, "") for name in ("procedure", "clinic", "at", "known_at")}
    return Question(said["procedure"], said["clinic"], day(said["at"]), moment(said["known_at"]))


def _for_programs(answer: Answer) -> Answer:
    """The answer without the words that a manager wrote for people: a program learns that there is a stop, or that a
    certificate is suspended, and not why."""
    wordless = (STOPPED, LIFTED, WITHOUT, NEEDED, TRANSITIONAL, *OF_CERTIFICATES)
    told = [
        one | {"about": "", "says": REASONS[one["code"]]} if one["code"] in wordless else one
        for one in answer["reasons"]
    ]
    return answer | {"reasons": told}


def _person(session: Session, organisation: Organisation) -> people.Person:
    """Who is asked about. Raises NotFound for whoever has no record there."""
    who = privacy.recorded(session, organisation.id, request.args["person"])
    if who is None:
        raise NotFound("Nobody here has this address.")
    return who


def _signed(answer: Answer, now: datetime) -> str:
    """The answer as a JWS of RFC 7515 with EdDSA (RFC 8037), good for `GOOD_FOR`."""
    times = {"iat": int(now.timestamp()), "exp": int((now + GOOD_FOR).timestamp())}
    head = {"alg": "EdDSA", "typ": "JWT", "kid": keys.signs_with().rstrip("=")}
    body = {"iss": current_app.config["PUBLIC_URL"], **times, "clearance": answer}
    signed = f"{_packed(json.dumps(head).encode())}.{_packed(json.dumps(body, ensure_ascii=False).encode())}"
    return f"{signed}.{keys.sign(signed.encode()).rstrip('=')}"


def _packed(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


@page(api, "/keys", may="public")
def signs_with(session: Session, actor: Actor | None, now: datetime) -> ResponseReturnValue:
    """The public key of signed answers, as a set of RFC 7517."""
    key = keys.signs_with().rstrip("=")
    return {"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key, "x": key}]}


@page(api, "/openapi.json", may="public")
def described(session: Session, actor: Actor | None, now: datetime) -> ResponseReturnValue:
    """This interface in the words of OpenAPI 3.1."""
    return OPENAPI


_TEXT = {"type": "string"}
_SAID = {"type": "string", "minLength": 1}
_DAY = {"type": "string", "format": "date", "pattern": "^(19|[2-8][0-9])"}
_MOMENT = {"type": "string", "format": "date-time", "pattern": "^(19|[2-8][0-9])"}
_PROBLEM = {
    "application/problem+json": {
        "schema": {
            "type": "object",
            "required": ["status", "detail"],
            "properties": {"status": {"type": "integer"}, "detail": _TEXT},
        }
    }
}
_PAIR = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}
_UNTIL = {"type": ["string", "null"], "format": "date", "description": "The first day on which it is worse."}
_PROGRESS = {
    "type": "object",
    "description": "[there, asked for] of cases or observations; of cases also of signers, and the last at the level.",
    "required": ["cases", "supervisors", "last", "level"],
    "properties": {**dict.fromkeys(("cases", "supervisors", "last"), _PAIR), "level": {"type": "integer"}},
}
_EVIDENCE = {
    "type": "object",
    "description": "What the reason rests on.",
    "required": ["id", "kind", "day", "by", "version", "says"],
    "properties": {
        "id": {"type": "integer", "description": "Its place in the log of what happened."},
        "kind": _TEXT,
        "day": {"type": "string", "format": "date"},
        "by": {"type": ["string", "null"], "description": "Who said so; null for the service itself."},
        "version": {"type": ["string", "null"], "description": "Of the content it rests on."},
        "says": _TEXT,
    },
}
_ACT = {
    "type": "object",
    "required": ["kind", "about", "count", "whose", "questions", "minutes", "after", "says"],
    "properties": {
        **dict.fromkeys(("about", "says"), _TEXT),
        "kind": {"enum": list(ACTS), "description": " ".join(f"{kind}: {said}." for kind, said in ACTS.items())},
        "count": {"type": "integer"},
        "whose": {"enum": sorted(set(WHOSE.values()))},
        "questions": {"type": ["integer", "null"]},
        "minutes": {"type": ["integer", "null"], "description": "About how long the questions take."},
        "after": {"type": ["string", "null"], "format": "date-time", "description": "It can be begun from then on."},
    },
}
_WAY = {
    "type": ["object", "null"],
    "description": "The fewest acts that make it “cleared”, and those that take less time; none where something bars "
    "it. Null of a day that has passed, and of what was recorded by a moment.",
    "required": ["says", "acts", "quicker", "bars"],
    "properties": {
        "says": _TEXT,
        "acts": {"type": "array", "items": _ACT},
        "quicker": {"type": "array", "items": _ACT},
        "bars": {"type": "array", "items": _TEXT, "description": "The codes of the reasons that no act mends."},
    },
}
_REASON = {
    "type": "object",
    "required": ["code", "answer", "about", "condition", "until", "evidence", "says"],
    "properties": {
        **dict.fromkeys(("code", "answer", "about", "condition", "says"), _TEXT),
        "until": _UNTIL,
        "evidence": {"type": "array", "items": _EVIDENCE},
        "progress": _PROGRESS,
    },
}
_ANSWER = {
    "type": "object",
    "required": [
        "person", "procedure", "organisation", "clinic", "on", "known_at", "rule", "answer", "until", "then",
        "conditions", "reasons", "way",
    ],
    "properties": {
        "person": _TEXT,
        "procedure": _TEXT,
        "organisation": _TEXT,
        "clinic": _TEXT,
        "on": {"type": "string", "format": "date"},
        "known_at": {"type": ["string", "null"], "format": "date-time"},
        "rule": {"type": "string", "format": "date", "description": "The first day of the rule in force."},
        "answer": {"enum": ["cleared", "conditional", "not cleared", "unknown"]},
        "until": _UNTIL,
        "then": {
            "type": "array",
            "description": "What the rule that begins on that day asks for, where it is worse by that alone.",
            "items": _REASON,
        },
        "conditions": {"type": "array", "items": _TEXT},
        "reasons": {"type": "array", "items": _REASON},
        "way": _WAY,
    },
}  # fmt: skip


def _asked_for(name: str, says: str, schema: Mapping[str, object], *, needed: bool = False) -> dict[str, object]:
    return {"name": name, "in": "query", "required": needed, "description": says, "schema": schema}


OPENAPI = {
    "openapi": "3.1.0",
    "info": {
        "title": "Mesotrain",
        "version": "1",
        "description": "Whether somebody may perform a procedure at a clinic on a day, and why. Unknown is never yes.",
    },
    "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/api/v1/clearance": {
            "get": {
                "operationId": "clearance",
                "summary": "May this person perform this procedure there on that day?",
                "security": [{"key": []}],
                "parameters": [
                    _asked_for("person", "Their e-mail address", _SAID, needed=True),
                    _asked_for("procedure", "Its name in a scheme, or COURSE/NAME", _SAID, needed=True),
                    _asked_for("clinic", "Its name", _SAID, needed=True),
                    _asked_for("at", "The day; today unless said", _DAY),
                    _asked_for("known_at", "As recorded by this moment", _MOMENT),
                ],
                "responses": {
                    "200": {
                        "description": "The answer; as application/jose it is signed and good for five minutes",
                        "content": {"application/json": {"schema": _ANSWER}, JOSE: {"schema": _TEXT}},
                    },
                    "401": {"description": "No key that is good", "content": _PROBLEM},
                    "404": {"description": "No such person, procedure or clinic", "content": _PROBLEM},
                    "409": {
                        "description": "The moment is not settled yet, or several courses have this procedure",
                        "content": _PROBLEM,
                    },
                    "422": {"description": "Something was not said, or cannot be read", "content": _PROBLEM},
                },
            }
        }
    },
}
