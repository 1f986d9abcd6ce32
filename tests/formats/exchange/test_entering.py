"""Questions from elsewhere in a bank's text: under ids nobody had, with what the course knows, beside its pictures."""

import pytest

from mesotrain.core.errors import NotFound, Refused
from mesotrain.formats.courses import parsed, read_course
from mesotrain.formats.exchange import FORMATS, banks
from mesotrain.formats.exchange.entering import Entered, entered
from mesotrain.formats.exchange.notes import Brought
from tests.actions.drafting import BANK, tiny
from tests.bench.gift import gift
from tests.formats.exchange.test_hostile import SAMPLES
from tests.web.test_exchange import PNG, XML

GIFT = (
    b"// [tag:mesotrain: section=basics#gone, basics#not] [tag:mesotrain: cites=I01, Z99]\n::N::What?{=a ~b}\n\nSo?{T}"
)


def brought(content: bytes = GIFT, name: str = "gift") -> Brought:
    read = FORMATS[name].read
    assert read
    return read(content, "x", "emg")


def enter(
    found: Brought, taken: set[str], *changes: tuple[str, str, str], module: str = "basics", **more: bytes
) -> Entered:
    files = {**tiny(*changes), **{f"basics/media/{path}": content for path, content in more.items()}}
    return entered(files, read_course(tiny()), module, found.questions, found.media, taken)


@pytest.mark.parametrize(
    ("taken", "changes", "names"),
    [
        (set(), (), ["bas-0006", "bas-0007"]),
        ({"bas-0042", "emg-0100"}, (), ["bas-0043", "bas-0044"]),
        (set(), ((BANK, "## bas-0004", "## bas-0030"),), ["bas-0031", "bas-0032"]),
    ],
    ids=["after the last", "after one that is gone", "after one of a draft"],
)
def test_ids_go_on_from_those_there_ever_were(
    taken: set[str], changes: tuple[tuple[str, str, str], ...], names: list[str]
) -> None:
    made = enter(brought(), taken, *changes)
    questions = read_course(made.files).modules[0].questions
    assert made.names == names == [one.name for one in questions][-2:]
    assert (questions[-2].competency, questions[-2].sections, questions[-2].cites) == ("BAS", ("basics#not",), ("I01",))
    assert made.left_out == 2
    assert "<!-- N -->" in questions[-2].source


@pytest.mark.parametrize("default", ["", "level: judge\n", "section: basics#not\n"])
def test_what_is_plain_is_known_as_if_it_were_read(default: str) -> None:
    odd = "\n\n::\u200b-\u200b-> `t`::Why: [z] | so?{=<b>a</b> ~b#*c}\n"
    found = brought(gift(30) + b"\n" + GIFT + odd.encode())
    banks.look(found, "x")
    made = enter(found, set(), (BANK, "competency: BAS\n", f"competency: BAS\n{default}"))
    assert (len(made.names), len(made.plain)) == (33, 0 if default else 31)
    assert made.read() == parsed(made.files)


def test_where_nothing_can_enter_it_is_said() -> None:
    with pytest.raises(NotFound):
        enter(brought(), set(), module="other")
    with pytest.raises(Refused, match="come to their end"):
        enter(brought(), {"bas-9998"})


def test_no_picture_takes_the_place_of_another() -> None:
    found = brought(XML.encode(), "moodle-xml")
    (path,) = found.media
    name = path.removeprefix("media/")
    assert enter(found, set()).files[f"basics/{path}"] == PNG
    same, other = enter(found, set(), **{name: PNG}).files, enter(found, set(), **{name: PNG + b"other"}).files
    assert len(other) == len(same) + 1
    assert other[f"basics/{path}"] == PNG + b"other"
    (new,) = [one for one in other if one not in same]
    assert f"]({new.removeprefix('basics/')})" in str(other[BANK])


def test_a_sample_enters_whole_or_is_told_by_its_question() -> None:
    found = brought(SAMPLES["moodle-xml"], "moodle-xml")
    made = enter(found, set())
    assert made.names
    assert len(made.names) == len(found.questions)
