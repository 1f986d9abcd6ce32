"""A question as it is asked, and with its key as whoever was asked sees it afterwards."""

import re

from flask import get_template_attribute
from markupsafe import Markup

from mesotrain.core.questions import Part, QuestionType
from mesotrain.web.slots import EMPTY, IN_PART, Asked, Reviewed, sent
from tests.core.test_questions import RED, cloze, ordering, text
from tests.world import World


def text_of(world: World, kind: QuestionType, fields: dict[str, list[str]]) -> str:
    """The words of the review of an answer."""
    asked = Asked(1, "seed", Markup(""), "", kind.taker, fields, 0)
    slot = Reviewed(asked, kind, {}, None, "partly", "Partly right", "1", "2", [])
    with world.app.test_request_context("/"):
        page = get_template_attribute(f"questions/{kind.name}.html", "review")(slot)
    return " ".join(re.sub("<[^>]*>", " ", str(page)).split())


def test_the_answer_to_each_gap_is_shown_as_it_was_written(world: World) -> None:
    given = {"1.choice": [RED], "2.number": ["1,500"], "3.answer": ["toxine"], "decimal": ["."]}
    told = text_of(world, cloze(), given)
    assert "[1] red" in told
    assert "[2] 1,500 mL Could not be read" in told
    assert "[3] toxine Not right" in told


def test_answers_of_a_list_are_lettered_beyond_z(world: World) -> None:
    options = [{"id": f"o{at}", "text": Markup(f"Answer {at}")} for at in range(54)]
    premises = [{"id": "p", "text": Markup("Premise")}]
    taker = {"type": "matching", "stem": "", "premises": premises, "options": options, "shuffle": False}
    asked = Asked(1, "seed", Markup(""), "", taker, {}, 0, told_all=True)
    with world.app.test_request_context("/"):
        page = str(get_template_attribute("questions/matching.html", "ask")(asked))
    told = re.findall(r"<option[^>]*>([A-Z]+\. Answer \d+)<", page)
    assert [told[at] for at in (0, 25, 26, 51, 52)] == [
        "A. Answer 0", "Z. Answer 25", "AA. Answer 26", "AZ. Answer 51", "BA. Answer 52",
    ]  # fmt: skip


def test_no_capital_letters_are_said_not_to_matter_where_they_cost_or_may(world: World) -> None:
    idle = "Capital letters and accents do not matter."
    told = {}
    for part in ({}, {"rules": []}, {"exact": ["case"]}, {"rules": ["case"]}, {"rules": ["punctuation"]}):
        asked = Asked(1, "seed", Markup(""), "", {**text().taker, **part}, {}, 0)
        with world.app.test_request_context("/"):
            page = str(get_template_attribute("questions/text.html", "ask")(asked))
            told[str(part)] = idle in page, asked.rules
    assert list(told.values()) == [
        (False, ""), (True, ""), (False, "Capital letters count."), (False, "Capital letters count."),
        (True, "Punctuation counts."),
    ]  # fmt: skip


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


def test_a_case_is_whole_only_when_each_of_its_stages_was_opened_and_answered(world: World) -> None:
    stages = [{"type": "text", "stem": "What?", "exact": []}, {"type": "text", "stem": "And then?", "exact": []}]
    case: Part = {"type": "staged", "stem": "It begins.", "stages": stages}
    lacking = {
        (): (EMPTY, EMPTY),
        ("help",): (IN_PART, ""),
        ("", "rest"): (IN_PART, ""),
        ("help", ""): (IN_PART, EMPTY),
        ("help", "rest"): ("", ""),
    }
    for given, lack in lacking.items():
        fields = {f"{at}.answer": [answer] for at, answer in enumerate(given, 1)} | {"stage": [str(len(given) or 1)]}
        with world.app.test_request_context("/"):
            one = sent(case, fields)
            assert (one.lack, one.open.lack) == lack, given
