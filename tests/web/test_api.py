"""What other programs may ask, with a key and without one; a hostile question is a 4xx and never an answer."""

import json
import re
from base64 import urlsafe_b64decode
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from mesotrain.actions import clinics, people, privacy
from tests.actions.certifying import certifies, suspend
from tests.actions.clearing import Desk, desk
from tests.actions.taking import sit
from tests.world import World

ASKED = {"person": "trainee@example.org", "procedure": "face", "clinic": "Quay"}


@pytest.fixture
def place(world: World) -> Desk:
    found = desk(world)
    sit(world, "trainee", right=4)
    found.document()
    return found


def key(place: Desk, by: str = "administrator") -> str:
    """A key as an administrator is shown it, once."""
    page = place.world.client(by).post("/people/programs", data={"name": "Booking"}).get_data(as_text=True)
    (found,) = re.findall(r"<code>([^<]+)</code>", page)
    assert found not in place.world.client(by).get("/people/programs").get_data(as_text=True)
    return found


def ask(place: Desk, bearer: str = "", accept: str = "application/json", **query: object) -> TestResponse:
    client = place.world.app.test_client()
    headers = {"Accept": accept} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
    return client.get(f"/api/v1/clearance?{urlencode(ASKED | query)}", headers=headers)


def test_the_answer_is_the_one_people_are_shown(place: Desk) -> None:
    good = key(place)
    said = ask(place, good).get_json()
    found = place.ask()
    assert (said["answer"], said["until"]) == (found.answer, str(found.until))
    assert [one["code"] for one in said["reasons"]] == [one.code for one in found.reasons]
    assert [one["until"] for one in said["reasons"]] == ["2028-03-12", "2029-03-12"]
    ((seen,), (passed,)) = (one["evidence"] for one in said["reasons"])
    assert (seen["kind"], seen["by"], seen["version"]) == ("document", "Mona Manager", None)
    assert (passed["kind"], passed["by"], passed["day"]) == ("quiz passed", None, "2027-03-12")
    assert [seen["id"], passed["id"]] == [one.evidence[0].sequence for one in found.reasons]
    assert ask(place, good, procedure="tiny/face").get_json() == said
    moment = place.world.clock()
    place.world.clock.forward(days=1)
    place.stop(person=place.world.ids["trainee"])
    assert ask(place, good).get_json()["answer"] == "not cleared", "a stop counts at once"
    assert ask(place, good, at=place.today - timedelta(days=2)).get_json()["answer"] == "unknown"
    then = ask(place, good, known_at=moment.isoformat()).get_json()
    assert (then["answer"], then["known_at"], then["on"]) == ("cleared", moment.isoformat(), str(place.today))


def test_a_program_learns_neither_why_somebody_is_stopped_nor_of_who_is_erased(place: Desk) -> None:
    good, actor = key(place), place.world.actor("administrator")
    place.stop("Found asleep.", person=place.world.ids["trainee"])
    told = ask(place, good).get_data(as_text=True)
    assert "It was stopped." in told
    assert "asleep" not in told
    place.say(people.end, place.world.ids["trainee"], by="administrator")
    assert ask(place, good).status_code == 200
    whom, now = (actor.organisation, place.world.ids["trainee"]), place.world.clock()
    place.world.do(lambda session: privacy.erase(session, now, *whom, 0, by=""))
    place.world.clock.forward(days=400)
    place.world.do(lambda session: privacy.finish_due(session, place.world.clock()))
    for person in (ASKED["person"], f"erased-{place.world.ids['trainee']}"):
        assert ask(place, good, person=person).status_code == 404


def test_a_program_learns_that_a_certificate_is_suspended_and_not_why(world: World) -> None:
    place = certifies(world)
    sit(world, "trainee", right=4)
    place.document()
    good = key(place)
    assert "Certificate in injecting: Certified" in ask(place, good).get_data(as_text=True)
    suspend(place, reason="Found asleep.")
    told = ask(place, good)
    assert "The certificate was suspended." in told.get_data(as_text=True)
    assert "asleep" not in told.get_data(as_text=True)
    assert {one["code"] for one in told.get_json()["reasons"]} >= {"suspended"}


def test_a_signed_answer_is_whose_it_says_and_ends(place: Desk) -> None:
    reply = ask(place, key(place), "application/jose")
    assert reply.mimetype == "application/jose"
    head, body, signature = reply.get_data(as_text=True).split(".")
    (published,) = place.world.app.test_client().get("/api/v1/keys").get_json()["keys"]
    public = Ed25519PublicKey.from_public_bytes(unpacked(published["x"]))
    public.verify(unpacked(signature), f"{head}.{body}".encode())
    with pytest.raises(InvalidSignature):
        public.verify(unpacked(signature), f"{head}.{body}x".encode())
    said = json.loads(unpacked(body))
    assert said["exp"] - said["iat"] == 300
    assert said["clearance"]["answer"] == "cleared"
    assert json.loads(unpacked(head))["kid"] == published["kid"]


def test_a_past_answer_stays_when_its_clinic_has_another_name(place: Desk) -> None:
    good, moment, day = key(place), place.world.clock().isoformat(), place.today
    place.world.clock.forward(days=1)
    then = ask(place, good, at=day, known_at=moment).get_json()
    place.say(clinics.rename, place.world.ids["Quay"], "The Pier", by="administrator")
    assert ask(place, good, at=day, known_at=moment).get_json() == then
    assert then["clinic"] == "Quay"
    assert ask(place, good, at=day, known_at=moment, clinic="The Pier").get_json() == then, "and by its new name"
    assert ask(place, good, at=day, clinic="The Pier").get_json()["clinic"] == "The Pier"


def unpacked(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_the_shortest_way_is_told_of_today_and_what_bars_it_without_its_words(place: Desk) -> None:
    good, moment, world = key(place), place.world.clock(), place.world
    assert ask(place, good).get_json()["way"] == {"says": "", "acts": [], "quicker": [], "bars": []}
    way = ask(place, good, at=place.today + timedelta(days=800)).get_json()["way"]
    assert way["says"] == "1 document seen and 4 questions (about 6 minutes)"
    assert [(one["kind"], one["about"], one["whose"]) for one in way["acts"]] == [
        ("pass", "basics", "trainee"),
        ("see", "register", "manager"),
    ]
    assert (way["acts"][0]["questions"], way["acts"][0]["minutes"]) == (4, 6)
    schema = world.app.test_client().get("/api/v1/openapi.json").get_json()["paths"]["/api/v1/clearance"]
    told = schema["get"]["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["way"]
    assert set(way) == set(told["required"]) == set(told["properties"])
    assert set(way["acts"][0]) == set(told["properties"]["acts"]["items"]["required"])
    place.world.clock.forward(days=1)
    place.stop("Found asleep.", person=world.ids["trainee"])
    barred = ask(place, good).get_json()["way"]
    assert (barred["acts"], barred["bars"]) == ([], ["stopped"])
    assert ask(place, good, known_at=moment.isoformat()).get_json()["way"] is None
    assert ask(place, good, at=place.today - timedelta(days=1)).get_json()["way"] is None


def test_without_a_key_that_is_good_nothing_is_said(place: Desk) -> None:
    good = key(place)
    said, _, signature = good.rpartition(".")
    altered = f"{said}.{'b' if signature[0] == 'a' else 'a'}{signature[1:]}"
    for bad in ("", "x", altered, good + "x"):
        refused = ask(place, bad)
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert refused.mimetype == "application/problem+json"
    signed_in = place.world.client("manager").get(f"/api/v1/clearance?{urlencode(ASKED)}")
    assert signed_in.status_code == 401, "who is signed in asks on the pages"
    place.world.client("administrator").post("/people/programs/1/end")
    assert ask(place, good).status_code == 401, "it was ended"


def test_a_key_asks_about_its_own_organisation_and_opens_no_page(place: Desk) -> None:
    good = key(place)
    for query in ({"person": "other_trainee@example.org"}, {"clinic": "Cork"}, {"procedure": "scalp"}):
        assert ask(place, good, **query).status_code == 404
    headers = {"Authorization": f"Bearer {good}"}
    for path in ("/team", "/account", "/people", "/record"):
        assert place.world.app.test_client().get(path, headers=headers).status_code == 303, "asked to sign in"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"person": ""}, "Say also: person."),
        ({"at": "", "known_at": ""}, "Leave out what you do not say: at, known_at."),
        ({"at": "soon"}, "is no day"),
        ({"known_at": "2027-03-12"}, "in which zone"),
        ({"known_at": "now"}, "is no moment"),
        ({"known_at": "0001-01-01T00:00:00Z"}, "is no moment"),
        ({"at": "9999-12-31"}, "is no day"),
    ],
)
def test_a_question_that_cannot_be_read_is_said(place: Desk, query: dict[str, str], words: str) -> None:
    refused = ask(place, key(place), **query)
    assert (refused.status_code, refused.mimetype) == (422, "application/problem+json")
    assert words in refused.get_json()["detail"]


def test_of_a_moment_that_is_not_settled_there_is_no_answer_yet(place: Desk) -> None:
    refused = ask(place, key(place), known_at="2999-01-01T00:00:00Z")
    assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    assert "still being written" in refused.get_json()["detail"]


WORDS = st.text(max_size=40) | st.sampled_from(
    [*ASKED.values(), "tiny/face", "2027-03-12", "2027-03-12T09:30:00Z", "9999-12-31"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.dictionaries(st.sampled_from([*ASKED, "at", "known_at"]), WORDS))
def test_whatever_is_asked_has_an_answer_or_a_problem(place: Desk, query: dict[str, str]) -> None:
    place.world.cookies.setdefault("key", "") or place.world.cookies.update(key=key(place))
    reply = ask(place, place.world.cookies["key"], **query)
    assert reply.status_code in {200, 404, 409, 422}
    assert ("detail" in reply.get_json()) == (reply.status_code != 200)


def test_what_is_described_is_what_is_there(place: Desk) -> None:
    told = place.world.app.test_client().get("/api/v1/openapi.json").get_json()
    (path,) = told["paths"]
    assert path in {rule.rule for rule in place.world.app.url_map.iter_rules()}
    answers = told["paths"][path]["get"]["responses"]
    schema = answers["200"]["content"]["application/json"]["schema"]
    said = ask(place, key(place)).get_json()
    assert set(said) == set(schema["required"]) == set(schema["properties"])
    reason = schema["properties"]["reasons"]["items"]
    assert set(said["reasons"][0]) == set(reason["required"])
    assert set(said["reasons"][0]["evidence"][0]) == set(reason["properties"]["evidence"]["items"]["required"])
    assert {one["name"] for one in told["paths"][path]["get"]["parameters"]} == {*ASKED, "at", "known_at"}
