"""A rule that is to come, on pages, over the wire and in the terminal: what changes, for whom, and from which day."""

import json
import re
import shutil
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mesotrain.actions import courses
from tests.actions.clearing import SCHEME, Desk, desk, with_scheme
from tests.actions.drafting import kept_by
from tests.actions.taking import sit
from tests.actions.test_coming import MORE
from tests.cli.test_commands import invoke
from tests.web.test_api import ask, key
from tests.world import TEXTS, World

FILE = """\
documents:
  register:
    title: Professional registration
    counts: 12 months
    reason: Policy.
procedures:
  face:
    title: Papules of the face
    competencies: [BAS]
    documents: [register]
    reason: Policy.
statuses:
  in grace:
    answer: conditional
    condition: only with a named supervisor on site
    reason: Policy.
"""
DAY = re.compile(r"<time[^>]*>21\sMar\s2027</time>")


@pytest.fixture
def place(world: World) -> Desk:
    """A trainee who is cleared, and a rule that asks for more from 21 March on."""
    found = desk(world)
    for who in ("trainee", "colleague"):
        sit(world, who, right=4)
        found.document(who)
    now, later = world.clock(), found.today + timedelta(days=9)
    world.do(lambda s: courses.publish(s, now, with_scheme(replace(MORE, begins=later)), change="editorial"))
    return found


def changes(place: Desk, query: str = "") -> str:
    return place.world.client("manager").get(f"/clearance/{place.world.ids['Quay']}/changes{query}").text


def test_a_manager_sees_who_changes_from_what_to_what_and_when(place: Desk) -> None:
    page = changes(place)
    assert "The answers of 2 people change." in page
    rows = re.findall(r'<tr role="row">(.*?)</tr>', page, re.DOTALL)[1:]
    for row, who in zip(rows, ("colleague", "trainee"), strict=True):
        assert f"/team/{place.world.ids[who]}/clearance?on=2027-03-21" in row
        assert re.findall(r'<span class="state \w+">([^<]*)', row) == ["Cleared", "Not cleared"]
        assert DAY.search(row)
        assert "Life support: The document was not seen." in row
    clinic = place.world.client("manager").get(f"/clearance/{place.world.ids['Quay']}").text
    assert f"/clearance/{place.world.ids['Quay']}/changes" in clinic
    assert re.search(rf"From {DAY.pattern} something else is asked for here", clinic)
    assert "And for these documents: Professional registration." in clinic, "until then what holds today"


def test_where_nothing_is_to_come_it_is_said_and_not_linked(place: Desk) -> None:
    for who in ("trainee", "colleague"):
        form = {"document": f"{place.course}/life-support", "seen": place.today, "note": "Looked up."}
        url = f"/team/{place.world.ids[who]}/clearance/document"
        assert place.world.client("manager").post(url, data=form).status_code == 303
    assert "The answer of nobody changes." in changes(place)
    assert "<table" not in changes(place)
    place.world.clock.forward(days=9)
    assert "No rule is to come" in changes(place)
    page = place.world.client("manager").get(f"/clearance/{place.world.ids['Quay']}").text
    assert "/changes" not in page
    assert "something else is asked for" not in page


def test_what_goes_is_said_to_go(place: Desk) -> None:
    other = replace(SCHEME, procedures=(replace(SCHEME.procedures[0], name="neck"),), begins=place.today)
    now, later = place.world.clock(), place.today + timedelta(days=9)
    scheme = with_scheme(replace(other, begins=later))
    place.world.do(lambda s: courses.publish(s, now, scheme, change="editorial"))
    assert re.search(rf"From {DAY.pattern} no rule speaks of it", changes(place))


def test_a_long_list_has_its_pages(place: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["mesotrain.web.coming"], "PEOPLE_A_PAGE", 1)
    first = changes(place)
    (following,) = re.findall(r'href="([^"]*page=2[^"]*)"', first)
    second = place.world.client("manager").get(following).text
    assert ("Colin Colleague" in first, "Tess Trainee" in second, "Colin Colleague" in second) == (True, True, False)


def test_until_looks_ahead_to_the_rule_that_comes_wherever_it_is_asked(place: Desk) -> None:
    words = "Life support: The document was not seen."
    page = place.world.client("manager").get(f"/team/{place.world.ids['trainee']}/clearance").text
    assert re.search(rf"{DAY.pattern} <span class=\"aside\">then another rule begins, which asks for: {words}", page)
    table = place.world.client("manager").get(f"/clearance/{place.world.ids['Quay']}/people").text
    assert re.search(rf"until before {DAY.pattern}, when another rule begins", table)
    said = ask(place, key(place)).get_json()
    assert (said["until"], [one["says"] for one in said["then"]]) == ("2027-03-21", [words])
    text = invoke(place.world, "clearance", "trainee@example.org", "face", f"--at={place.today}").output
    assert text.startswith(
        f"Quay, Harbour, on {place.today}: cleared, until before 2027-03-21\n"
        f"  then the rule of 2027-03-21 asks for: {words}\n"
    )
    after = invoke(place.world, "clearance", "trainee@example.org", "face", "--at=2027-03-21", "--format=json").output
    assert [(one["rule"], one["answer"], one["then"]) for one in json.loads(after)] == [
        ("2027-03-21", "not cleared", [])
    ]


def written(world: World, folder: Path, *changes: tuple[str, str]) -> str:
    """The tiny course with a scheme as a file, changed, taken in; gives what the terminal says."""
    shutil.copytree(TEXTS / "tiny", folder, dirs_exist_ok=True)
    text = FILE
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    (folder / "scheme.yaml").write_text(text)
    done = invoke(world, "sync", str(folder), "--yes")
    return done.output


MORE_OF_IT = ("competencies: [BAS]\n    documents: [register]\n", "competencies: [BAS]\n")
WORDS = ("title: Professional registration", "title: On the register")


def test_the_terminal_names_the_day_and_what_changes_or_refuses_with_path_and_line(
    world: World, tmp_path: Path
) -> None:
    desk(world)
    folder = tmp_path / "tiny"
    less = FILE[: FILE.index("documents:\n  register")] + FILE[FILE.index("procedures:") :]
    assert "asks for something else" not in written(world, folder, WORDS), "words need no day"
    (folder / "scheme.yaml").write_text(f"# Policy.\n{less.replace(MORE_OF_IT[0], MORE_OF_IT[1])}")
    said = invoke(world, "sync", str(folder), "--yes")
    assert said.exit_code == 1
    assert (
        f"{folder}/scheme.yaml:2: Papules of the face would ask for something else, and clinics offer it."
        in said.output
    )
    (folder / "scheme.yaml").write_text(f"from: 2020-03-12\n{less.replace(MORE_OF_IT[0], MORE_OF_IT[1])}")
    refused = invoke(world, "sync", str(folder), "--yes").output
    assert f"{folder}/scheme.yaml:1: Papules of the face would ask for something else" in refused
    assert "2020-03-12, is not to come" in refused
    (folder / "scheme.yaml").write_text(f"from: 2027-03-21\n{less.replace(MORE_OF_IT[0], MORE_OF_IT[1])}")
    line = "Papules of the face asks for something else from 2027-03-21; 1 clinic offers it"
    assert line in invoke(world, "sync", str(folder), "--yes", "--overwrite").output
    plans = json.loads(invoke(world, "sync", str(folder), "--format=json").stdout)["plans"]
    assert plans[0]["rules"] == {"from": "2027-03-21", "offered": {"Papules of the face": 1}}
    done = invoke(world, "publish", "tiny", "--yes").output
    assert line in done
    assert "published as number 3" in done


def test_the_page_before_publishing_says_the_same(world: World, tmp_path: Path) -> None:
    desk(world)
    kept_by(world, "Harbour")
    educator, folder = world.client("educator"), tmp_path / "tiny"
    written(
        world,
        folder,
        ("counts: 12 months", "counts: 6 months"),
        ("documents:\n  reg", "from: 2027-03-21\ndocuments:\n  reg"),
    )
    (address,) = re.findall(r'href="(/drafts/\d+)"', educator.get("/drafts").text)
    page = educator.get(address).text
    assert re.search(rf"From {DAY.pattern} these procedures ask for something else", page)
    assert "Papules of the face: 1 clinic offers it" in page
    world.clock.forward(days=9)
    educator = world.client("educator")
    late = educator.get(address).text
    assert "scheme.yaml:1: Papules of the face would ask for something else" in late
    refused = educator.post(address, data={"seen": "2"})
    assert refused.status_code == 422
    world.clock.forward(days=-9)
    educator = world.client("educator")
    assert educator.post(address, data={"seen": "2"}).status_code == 303
    assert "The answer of nobody changes." in changes(Desk(world, 1))
