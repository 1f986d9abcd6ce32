"""Bringing questions in: nothing is written by looking; what is chosen waits in a draft. And a bank taken elsewhere."""

import re
from base64 import b64encode
from html import unescape
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from mesotrain.core.canonical import digest
from mesotrain.formats.courses import read_course
from mesotrain.formats.exchange import FORMATS
from mesotrain.store.drafts import OPEN, Draft
from mesotrain.web.brought import places_of, ranges
from tests.actions.drafting import PLAIN, Files, discard, kept_by, take, tiny
from tests.bench.stage import MOST_QUERIES
from tests.web.test_rosters import dump, statements
from tests.world import TEXTS, Browser, World

GIFT = """// [tag:mesotrain: section=basics#matters] [tag:mesotrain: cites=I01, Z99] [tag:mesotrain: competency=ZZZ]
::First::What comes first here?{=Help#yes ~Harm#no ~Nothing}

::Essay::Write about it.{}

No braces }

::Same::CANARY-SHOWN-1 What is done first?{=Stop and call ~Carry on ~%50%Think about it}

::Keyless::Which is right?{~one ~two}

::A <b>note</b>::Only a text.
"""
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\6\0\0\0\6"
XML = f"""<quiz><question type="truefalse"><name><text>Face</text></name><questiontext format="html"><text><![CDATA[
<p>A face.</p><img src="@@PLUGINFILE@@/f.png" alt="A face">]]></text>
<file name="f.png" encoding="base64">{b64encode(PNG).decode()}</file></questiontext>
<answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer></question></quiz>"""
FACES = b"""---
bank: faces
title: Faces
language: en
competency: BAS
---

## fac-0001

Which view is this?

![A face](media/face.png)

- (x) From the front
- ( ) From the side
"""
PAGE = "/bring"


@pytest.fixture(scope="module")
def world(served: World) -> World:
    kept_by(served, "Harbour")
    served.app.config["COURSES"] = TEXTS
    return served


def look(browser: Browser, text: str, name: str = "some.gift") -> TestResponse:
    return browser.post(PAGE, {"file": (BytesIO(text.encode()), name)}, page=PAGE)


def carried(reply: TestResponse) -> dict[str, str]:
    """What the page would send on, its boxes as they are ticked."""
    page = reply.get_data(as_text=True)
    form = dict(re.findall(r'<input type="hidden" name="(carried|path|format|picked|on)" value="([^"]*)"', page))
    return {**form, "pick": re.findall(r'name="pick" value="([0-9]+)" checked', page)}  # type: ignore[dict-item]


def shown(reply: TestResponse) -> str:
    return unescape(reply.get_data(as_text=True))


def drafted(world: World) -> Files:
    with world.session() as session:
        return dict(session.scalars(select(Draft).filter_by(state=OPEN)).one().files)


def into(world: World, browser: Browser) -> str:
    found = re.search(r'value="([0-9]+/basics)"', look(browser, GIFT).get_data(as_text=True))
    assert found
    return found[1]


def test_looking_shows_each_question_with_its_key_and_writes_nothing(world: World) -> None:
    browser, before = world.client("educator"), dump(world)
    reply = look(browser, GIFT)
    page = shown(reply)
    assert reply.status_code == 200
    assert dump(world) == before
    for said in ("What comes first here?", "Line 6", "one of the braces", "the whole answer", "Nearly the same as"):
        assert said in page
    assert '<a href="/questions/tiny/bas-0001">bas-0001</a>' in page
    titles = re.findall(r'<h3 id="name-[0-9]+" translate="no">([^\n]*)</h3>', page)
    assert titles == ["Essay", "Keyless", "A <b>note</b>", "Same", "First"]
    assert carried(reply)["picked"] == "0-2"
    assert "no description that stands alone" in page
    kept = browser.post(PAGE, {**carried(reply), "go": "mend:1"}, page=PAGE)
    assert re.findall(r'id="name-([0-9])"', kept.get_data(as_text=True)) == ["3", "4"]
    assert carried(kept)["picked"] == "0-2"


def test_a_hostile_file_is_told_in_a_sentence_and_every_table_is_as_it_was(world: World, hostile: list[str]) -> None:
    browser, before = world.client("educator"), dump(world)
    folder = Path(__file__).parents[3] / "shared" / "corpora" / "hostile"
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".xml", ".zip", ".csv", ".txt", ".md")):
        reply = browser.post(PAGE, {"file": (BytesIO(path.read_bytes()), path.name)}, page=PAGE)
        assert reply.status_code in (200, 413, 422), path
        assert "<script>alert" not in reply.get_data(as_text=True), path
    assert dump(world) == before


def test_a_course_whose_live_text_is_not_here_takes_nothing(world: World, tmp_path: Path) -> None:
    browser, before = world.client("educator"), dump(world)
    form = {**carried(look(browser, GIFT)), "into": into(world, browser), "pick": ["0"]}
    world.app.config["COURSES"] = tmp_path
    for files in ({}, tiny(PLAIN)):
        for path, content in files.items():
            file = tmp_path / "tiny" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        reply = browser.post(f"{PAGE}/draft", form, page=PAGE)
        assert reply.status_code == 409
        assert "is not on this server" in shown(reply)
    assert dump(world) == before
    world.app.config["COURSES"] = TEXTS
    assert browser.post(f"{PAGE}/draft", form, page=PAGE).status_code == 303
    with world.session() as session:
        draft = session.scalars(select(Draft).filter_by(state=OPEN)).one().id
    discard(world, "educator", draft)


def test_what_is_chosen_waits_in_a_draft_that_stands_beside_what_waited(world: World) -> None:
    browser = world.client("educator")
    number = take(world, tiny(PLAIN), "educator")
    form = {**carried(look(browser, GIFT)), "into": into(world, browser), "pick": ["0"]}
    reply = browser.post(f"{PAGE}/draft", form, page=PAGE)
    assert reply.status_code == 303
    assert reply.headers["Location"] != f"/drafts/{number}"
    said = shown(browser.get(reply.headers["Location"]))
    assert "1 question waits in this draft" in said
    assert "References to sections or sources that this course does not have: 1 left out." in said
    files = drafted(world)
    assert PLAIN[2] in str(files[PLAIN[0]])
    questions = read_course({**tiny(), **files}).modules[0].questions
    new = questions[-1]
    assert (len(questions), new.name, new.competency, new.sections) == (6, "bas-0006", "BAS", ("basics#matters",))
    assert (new.cites, new.key["reasons"]) == (("I01",), {next(iter(new.key["credit"])): "yes", **new.key["reasons"]})
    again = browser.post(f"{PAGE}/draft", form, page=PAGE)
    assert again.status_code == 303
    names = [one.name for one in read_course({**tiny(), **drafted(world)}).modules[0].questions]
    assert names[-2:] == ["bas-0006", "bas-0007"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"pick": []}, "No question is chosen"),
        ({"into": ""}, "Choose the bank"),
        ({"into": "x/basics"}, "Choose the bank"),
        ({"carried": "AAAA"}, "Choose a file"),
    ],
)
def test_what_is_missing_is_said(world: World, changes: dict[str, str], sentence: str) -> None:
    browser, before = world.client("educator"), dump(world)
    form = {**carried(look(browser, GIFT)), "into": into(world, browser), **changes}
    reply = browser.post(f"{PAGE}/draft", form, page=PAGE)
    assert reply.status_code == 422
    assert sentence in shown(reply)
    assert dump(world) == before


def test_a_question_that_the_course_refuses_is_told_at_its_place_and_nothing_enters(world: World) -> None:
    browser = world.client("educator")
    form = {**carried(look(browser, GIFT)), "into": into(world, browser)}
    for course, status in (("1", 404), ("999999", 404)):
        place = form["into"] if course == "1" else f"{course}/basics"
        other = {**form, "into": place.replace("basics", "missing") if course == "1" else place}
        assert browser.post(f"{PAGE}/draft", other, page=PAGE).status_code == status
    before = dump(world)
    cites = look(browser, "::Cites::[markdown]What does [Z99] say?{=a ~b}\n\n::Fine::What else?{=a ~b}")
    assert carried(cites)["picked"] == "0-1"
    reply = browser.post(f"{PAGE}/draft", {**carried(cites), "into": into(world, browser)}, page=PAGE)
    assert reply.status_code == 422
    assert "there is no reference Z99" in shown(reply)
    assert carried(reply)["picked"] == "1"
    assert dump(world) == before
    assert browser.post(f"{PAGE}/draft", carried(reply) | {"into": form["into"]}, page=PAGE).status_code == 303


def test_a_picture_is_seen_before_it_is_kept_and_goes_with_the_question(world: World) -> None:
    browser = world.client("educator")
    reply = look(browser, XML, "some.xml")
    assert f"data:image/png;base64,{b64encode(PNG).decode()}" in shown(reply)
    assert "img-src 'self' data:;" in reply.headers["Content-Security-Policy"]
    assert "data:" not in look(browser, GIFT).headers["Content-Security-Policy"]
    kept = browser.post(f"{PAGE}/file", carried(reply), page=PAGE)
    with ZipFile(BytesIO(kept.data)) as folder:
        bank, picture = folder.namelist()
        assert folder.read(picture) == PNG
        assert f"]({picture})" in folder.read(bank).decode()
    made = browser.post(f"{PAGE}/draft", {**carried(reply), "into": into(world, browser)}, page=PAGE)
    assert made.status_code == 303
    with world.session() as session:
        draft = session.scalars(select(Draft).filter_by(state=OPEN)).one()
        assert f"basics/{picture}" in draft.media
        assert f"]({picture})" in draft.files["basics/bank.md"]


@pytest.mark.parametrize(
    ("text", "name", "sentence"),
    [
        ("", "a.gift", "There is nothing in a.gift"),
        ("", "", "Choose a file, or paste"),
        ("x", "a", "The name a does not tell what it is"),
        ("x" * 4_000_001, "a.gift", "4,000,000"),
        ("<quiz", "a.xml", "cannot be read as XML"),
        ("No {", "a.gift", "one of the braces"),
    ],
)
def test_a_file_that_cannot_be_taken_is_told(world: World, text: str, name: str, sentence: str) -> None:
    reply = look(world.client("educator"), text, name)
    assert reply.status_code == 422
    assert sentence in shown(reply)


def test_what_was_typed_stays_where_something_is_wrong(world: World) -> None:
    form = {"file": (BytesIO(b"x"), "a"), "text": "Which <is> right?", "format": ""}
    page = shown(world.client("educator").post(PAGE, form, page=PAGE))
    assert "Which <is> right?</textarea>" in page
    assert '<a class="onward" href="#format">The name a does not tell' in page
    pasted = shown(world.client("educator").post(PAGE, {"text": "Which?{=a ~b}"}, page=PAGE))
    assert "Pasted text" in pasted
    assert pasted.count(">QTI") == 0


def test_qti_is_offered_once_and_every_format_that_is_read_with_it(world: World) -> None:
    page = shown(world.client("educator").get(PAGE))
    names = re.findall(r'<option(?: selected)? value="([^"]*)">', page)
    assert {FORMATS[name].read for name in names if name} == {one.read for one in FORMATS.values() if one.read}
    assert len(names) - 1 == len({FORMATS[name].read for name in names if name})


def test_a_bank_is_sent_with_its_pictures_and_comes_back_in_one_file(world: World) -> None:
    browser = world.client("educator")
    files = [(BytesIO(FACES), "faces.md"), (BytesIO(PNG), "face.png")]
    reply = browser.post(PAGE, {"file": files}, page=PAGE)
    assert f"data:image/png;base64,{b64encode(PNG).decode()}" in shown(reply)
    kept = browser.post(f"{PAGE}/file", carried(reply), page=PAGE)
    with ZipFile(BytesIO(kept.data)) as folder:
        assert folder.namelist() == ["faces.md", "media/face.png"]
    alone = shown(look(browser, FACES.decode(), "faces.md"))
    assert "Lost in part" in alone
    assert "media/face.png is not beside the bank" in alone
    others = browser.post(PAGE, {"file": [(BytesIO(b"a"), "a.md"), (BytesIO(b"b"), "b.gift")]}, page=PAGE)
    assert "Several files at once" in shown(others)


def test_all_or_none_of_a_kind_are_ticked_at_once(world: World) -> None:
    browser = world.client("educator")
    reply = look(browser, GIFT)
    none = browser.post(PAGE, {**carried(reply), "go": ":1:none"}, page=PAGE)
    assert carried(none)["picked"] == ""
    assert "No question is chosen" in shown(browser.post(f"{PAGE}/file", carried(none), page=PAGE))
    some = browser.post(PAGE, {**carried(none), "go": "guessed:1:all"}, page=PAGE)
    assert carried(some)["picked"] == "1"
    assert carried(browser.post(PAGE, {**carried(some), "go": ":1:all"}, page=PAGE))["picked"] == "0-2"
    assert carried(browser.post(PAGE, {**carried(reply), "go": "guessed:1:none"}, page=PAGE))["picked"] == "0,2"


def test_a_key_that_nobody_answered_is_not_shown_as_wrong(world: World) -> None:
    text = "Match.{=a -> b =c -> d}\n\nSo.{T}\n\nWhich?{=One ~Two}"
    page = shown(look(world.client("educator"), text))
    assert 'class="right"' in page
    assert "not-right chosen" not in page


@pytest.mark.parametrize(
    ("name", "said"), [("a.csv", "Row 2"), ("a.gift", "Line 1"), ("a.docx", "this is no DOCX document")]
)
def test_a_place_in_a_file_is_called_what_it_is(world: World, name: str, said: str) -> None:
    text = "stem,option A,option B,key\nWhich?,a,b,Z" if name == "a.csv" else "No {"
    page = shown(look(world.client("educator"), text, name))
    assert said in page
    assert ("Line" in page) == (name == "a.gift")


def test_only_those_it_is_for_may_send_much(world: World) -> None:
    form = {"text": "x" * 300_000, "format": "gift"}
    refused = look(world.client("educator"), "x" * 7_000_000)
    assert (refused.status_code, 'href="/bring">Back to the form' in shown(refused)) == (413, True)
    for who in ("trainee", "administrator"):
        assert world.client(who).post(PAGE, form, page="/account").status_code == 413


def test_a_page_of_very_many_is_as_long_as_one_of_few(world: World) -> None:
    text = "".join(f"What is the number of {number}, {digest(number)}?{{=a{number} ~b}}\n\n" for number in range(1000))
    browser = world.client("educator")
    reply = look(browser, text)
    assert shown(reply).count('name="pick"') == 25
    assert carried(reply)["picked"] == "0-999"
    turned = browser.post(PAGE, {**carried(reply), "pick": ["3"], "go": ":40"}, page=PAGE)
    assert "Page 40 of 40" in shown(turned)
    assert carried(turned)["picked"] == "3,25-999"
    assert ranges(places_of(carried(turned)["picked"])) == "3,25-999"


def test_many_questions_ask_no_more_of_the_database_than_few(world: World) -> None:
    browser, asked = world.client("educator"), dict[int, tuple[int, int]]()
    token = {"csrf_token": browser.token(PAGE)}
    for count in (1, 100):
        text = "".join(f"Of {digest(n)} and {digest(count)}?{{=a{n} ~b}}\n\n" for n in range(count)).encode()
        with statements(world) as looking:
            reply = browser.client.post(PAGE, data={**token, "file": (BytesIO(text), "a.gift")})
        form = {**token, **carried(reply), "into": into(world, browser)}
        with statements(world) as bringing:
            assert browser.client.post(f"{PAGE}/draft", data=form).status_code == 303
        asked[count] = len(looking), len(bringing)
    assert asked[1][0] == asked[100][0]
    assert asked[100][1] <= asked[1][1] + 1  # the draft that stood there before is closed
    assert asked[1][0] <= MOST_QUERIES


@pytest.mark.parametrize("name", [name for name, one in FORMATS.items() if one.write])
def test_a_bank_is_taken_elsewhere_and_what_is_lost_is_shown_first(world: World, name: str) -> None:
    browser = world.client("educator")
    assert f'href="/questions/tiny/basics/out/{name}"' in shown(browser.get("/questions/tiny/basics/out"))
    first = browser.get(f"/questions/tiny/basics/out/{name}")
    if "Content-Disposition" not in first.headers:
        assert "Download it all the same" in shown(first)
        first = browser.get(f"/questions/tiny/basics/out/{name}?anyway=1")
    assert first.headers["Content-Disposition"].startswith("attachment; filename=basics.")
    assert b"CANARY-SHOWN-1" in first.data or first.data.startswith(b"PK")
    assert browser.get(f"/questions/tiny/missing/out/{name}").status_code == 404
    assert browser.get("/questions/tiny/basics/out/missing").status_code == 404
