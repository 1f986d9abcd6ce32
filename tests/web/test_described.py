"""What the interface for programs says of itself holds, whatever is asked that it says may be asked, or may not."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode

from tests.actions.clearing import desk
from tests.actions.taking import sit
from tests.web.test_api import key
from tests.world import World

REAL = {
    "person": ["trainee@example.org", "nobody@example.org"],
    "procedure": ["face", "tiny/face", "neck"],
    "clinic": ["Quay", "Nowhere"],
}
CASES = 150


@pytest.mark.parametrize(
    ("mode", "answers"), [(GenerationMode.POSITIVE, {200, 404}), (GenerationMode.NEGATIVE, {404, 422})]
)
def test_every_answer_is_as_it_is_described(world: World, mode: GenerationMode, answers: set[int]) -> None:
    place = desk(world)
    sit(world, "trainee", right=4)
    place.document()
    described = world.app.test_client().get("/api/v1/openapi.json").get_json()
    (question,) = (path["get"] for path in described["paths"].values())
    for one in question["parameters"]:
        one["schema"] |= {"enum": REAL[one["name"]]} if one["name"] in REAL else {}
    schema = schemathesis.openapi.from_dict(described)
    schema.app = world.app
    good, seen = {"Authorization": f"Bearer {key(place)}"}, set()

    @settings(max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=schema["/api/v1/clearance"]["GET"].as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        seen.add(case.call_and_validate(headers=good).status_code)

    ask()
    assert answers <= seen
