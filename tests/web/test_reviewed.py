"""A question with its key, as whoever was asked sees it afterwards."""

import re

from flask import get_template_attribute
from markupsafe import Markup

from mesotrain.web.slots import Asked, Reviewed
from tests.core.test_questions import ordering
from tests.world import World


def test_what_stands_right_in_an_order_is_shown_so_whatever_its_number(world: World) -> None:
    case = ordering()
    names = {one["text"]: one["id"] for one in case.taker["items"]}
    places = {"first": "2", "beside": "3", "second": "5", "third": "4", "stranger": "-"}
    fields = {names[text]: [place] for text, place in places.items()}
    asked = Asked(1, "seed", Markup(""), "", case.taker, fields, 0)
    slot = Reviewed(asked, case, {}, None, "partly", "Partly right", "4/6", "1", [])
    with world.app.test_request_context("/"):
        page = str(get_template_attribute("questions/ordering.html", "review")(slot))
    told = {}
    for item in re.findall(r"<li .*?</li>", page, re.DOTALL):
        text = re.search(r'class="text"[^>]*>(\w+)<', item)
        assert text
        words = " ".join(re.sub("<[^>]*>", " ", item).split()).removeprefix(text[1]).strip()
        told[text[1]] = 'class="right"' in item, words
    assert told == {
        "first": (True, "place 2"),
        "beside": (True, "place 3"),
        "second": (False, "Your answer: place 5 Right: place 2"),
        "third": (False, "Your answer: place 4 Right: place 3"),
        "stranger": (True, "does not belong"),
    }
