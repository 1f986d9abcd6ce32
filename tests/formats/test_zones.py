"""How the zones of a picture are written."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesotrain.core.courses import Question
from mesotrain.formats.bank import read_bank
from mesotrain.formats.courses import read_course
from mesotrain.formats.lines import Report, cleaned
from mesotrain.formats.markup import shown
from mesotrain.formats.media import boxes
from mesotrain.formats.printed import write_bank

HEAD = "---\nbank: b\ntitle: B\nlanguage: en\ncompetency: ANA\n---\n## ana-0001\n"
FIGURE = "![A face](media/face.svg)"
PICTURES = {"media/face.svg": ["0", "0", "600", "520"]}
RIGHT = "glabella polygon 280,200 330,200 330,250 280,250 right"
NEAR, SEVERAL = "chin circle 305,470 r 40 50%", "```zones grid=8x10 marks=2"


def read(body: str) -> tuple[tuple[Question, ...], list[str]]:
    report = Report("bank.md")
    bank = read_bank(cleaned(HEAD + body, report), report, PICTURES)
    return bank.questions, [str(fault) for fault in report.faults]


def zoned(*zones: str, fence: str = "```zones grid=8x10", above: str = f"Mark it.\n\n{FIGURE}", after: str = "") -> str:
    return "\n".join(["", above, "", fence, *zones, "```", after])


def test_zones_are_read() -> None:
    body = zoned(RIGHT, "", 'chin  circle 305,470.50 r 40   unsafe "A *reason*."', after="\nWhy: all.\n\nOf it.\n")
    questions, faults = read(body)
    assert faults == []
    assert questions[0].taker == {
        "type": "hotspot",
        "stem": "Mark it.",
        "picture": {"stem": FIGURE},
        "box": ["0", "0", "600", "520"],
        "grid": [8, 10],
    }
    corners = [["280", "200"], ["330", "200"], ["330", "250"], ["280", "250"]]
    assert questions[0].key == {
        "zones": [
            {"name": "glabella", "points": corners, "counts": "right"},
            {"name": "chin", "points": [["305", "470.5"]], "counts": "unsafe", "radius": "40"},
        ],
        "reasons": {"chin": "A *reason*."},
        "reason": "all.\n\nOf it.",
    }


def test_nothing_of_the_zones_travels() -> None:
    question = read(zoned(RIGHT, 'chin circle 305,470 r 40 wrong "Because."'))[0][0]
    travels = str(question.marked().ask("seed").taker) + str(shown(question.taker, media={"media/face.svg": "d" * 64}))
    assert [one for one in ("glabella", "chin", "280", "305", "Because", "right", "face.svg") if one in travels] == [
        "face.svg"
    ], "the author's name of the file stays in the model"
    page = str(shown(question.taker, media={"media/face.svg": "d" * 64})["picture"])
    assert "media/face.svg" not in page
    assert "figcaption" not in page


BROKEN = [
    (zoned(RIGHT, fence="```zones"), 13, "begin the zones with zones grid=8x10"),
    (zoned(RIGHT, fence="```zones grid=1x10"), 13, "2 to 26 columns, and 2 to 20 rows"),
    (zoned(RIGHT, fence="```zones grid=8x21"), 13, "2 to 26 columns, and 2 to 20 rows"),
    ("\nQ\n\n~~~\n```zones grid=8x10\n~~~\n\n- (x) a\n- ( ) b\n", 12, "these zones have no end of their own"),
    (zoned(RIGHT, "chin 305,470"), 15, "“chin 305,470” is no zone; write it as dorsum polygon"),
    (zoned(RIGHT, "chin polygon 1,1 2,2 right"), 15, "is no zone"),
    (zoned(RIGHT, "chin circle 305,470 r 40 good"), 15, "is no zone"),
    (zoned(RIGHT, "chin circle 4.5,470 r 4,5 wrong"), 15, "is no zone"),
    (zoned(RIGHT, "chin circle 305,521 r 40 wrong"), 15, "beyond the picture, which is 600 wide and 520 high"),
    (zoned(RIGHT, "chin circle 601,1 r 40 wrong"), 15, "beyond the picture"),
    (zoned(RIGHT, RIGHT), 15, "two zones are called glabella"),
    (zoned(RIGHT, above="Mark it."), 11, "the picture stands right above its zones"),
    (zoned(RIGHT, above=f"{FIGURE}\n\nMark it."), 13, "the picture stands right above its zones"),
    (zoned(RIGHT, above='Mark it.\n\n![A face](media/face.svg "It.")'), 11, "a picture with zones has no caption"),
    (zoned(RIGHT, above="Mark it.\n\n![A face](media/other.svg)"), 11, "nobody can tell how large this picture is"),
    (zoned(RIGHT, above="Mark it.\n\n![](media/face.svg)"), 11, "say between the square brackets what is drawn"),
    (zoned(RIGHT, above=FIGURE), 7, "the question has no stem"),
    (zoned(RIGHT, after="Text."), 16, "only Why: may stand after the zones"),
    (zoned(RIGHT, after="- (x) One"), 16, "only Why: may stand after the zones"),
    (zoned(RIGHT, after="Why:"), 16, "Why: is empty"),
    (zoned(), 7, "no zone is right"),
    (zoned("chin circle 305,470 r 1 right"), 7, "no cell of the grid counts as a right zone"),
    ("shuffle: no\n" + zoned(RIGHT), 8, "shuffle is for questions with options"),
    ("credit: partial\n" + zoned(RIGHT), 14, "credit is for several places; say how many"),
    ("credit: each\n" + zoned(RIGHT, fence=SEVERAL), 8, "has no rule each; credit may be partial"),
    (zoned(RIGHT, fence="```zones grid=8x10 marks=1"), 13, "2 to 12"),
    (zoned(RIGHT, fence="```zones grid=8x10 marks=13"), 13, "2 to 12"),
    (zoned(RIGHT, fence="```zones grid=8x10 marks=x"), 13, "begin the zones with zones grid=8x10"),
    (zoned(f"{RIGHT} 1"), 13, "a number behind right says which zones stand for one place of several"),
    (zoned(f"{RIGHT} 1", NEAR, fence=SEVERAL), 13, "a number behind right says which zones stand for one place"),
    (zoned(RIGHT, "chin circle 305,470 r 40 wrong 2", fence=SEVERAL), 15, "only right has a number behind it"),
    (zoned(RIGHT, "chin circle 305,470 r 40 1.2.3%"), 15, "1.2.3% is no credit; write it as 50%"),
    ("credit: partial\n" + zoned(RIGHT, NEAR, fence=SEVERAL), 14, "credits of zones and credit: partial exclude"),
    (zoned(RIGHT, "chin circle 305,470 r 40 150%"), 7, "a zone's credit lies between -100% and 100%"),
    (zoned(NEAR), 7, "no zone is right"),
    (zoned(RIGHT, NEAR, fence=SEVERAL), 7, "the credits above 0 make 3/2 of a full answer"),
    (zoned(RIGHT, *(f"z{at} circle 90,{at}00 r 40 right" for at in (1, 2)), fence=SEVERAL), 7,
     "3 places are right, and 2 can be marked"),
    (zoned("chin circle 305,470 r 40 wrong", fence=SEVERAL), 7, "no zone is right"),
    (zoned(RIGHT, "chin circle 305,470 r 1 right 3", fence=SEVERAL), 7, "no cell of the grid counts as place 3"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "line", "words"), BROKEN)
def test_faults_stand_at_their_lines(body: str, line: int, words: str) -> None:
    _, faults = read(body)
    assert any(fault.startswith(f"bank.md:{line}: ") and words in fault for fault in faults), faults
    assert len(faults) == 1


NUMBER = st.decimals(0, 500, places=2).map(str)
POINT = st.tuples(NUMBER, NUMBER).map(",".join)
SHAPE = st.lists(POINT, min_size=3, max_size=6).map(lambda one: "polygon " + " ".join(one)) | st.tuples(
    POINT, NUMBER
).map(lambda one: f"circle {one[0]} r {one[1]}")
WHYS = st.sampled_from(["", ' "So."', ' "a|b *c*"'])
COUNTS = {
    "```zones grid=8x10": ["right", "wrong", "unsafe", "50%", "-1/3", "0%", "100%"],
    "```zones grid=8x10 marks=3": ["right", "right 1", "right 2", "wrong", "unsafe"],
    "```zones grid=8x10 marks=12": ["-25%", "wrong", "-1/3"],
}


@settings(max_examples=60)
@given(st.sampled_from(sorted(COUNTS)), st.lists(st.tuples(SHAPE, WHYS), max_size=4), st.booleans(), st.data())
def test_what_is_read_is_printed_so_that_it_reads_the_same(fence: str, zones: list[Any], why: bool, data: Any) -> None:
    counts = st.sampled_from(COUNTS[fence])
    rows = [f"zone-{at} {shape} {data.draw(counts)}{text}" for at, (shape, text) in enumerate(zones)]
    questions, faults = read(zoned(RIGHT, *rows, fence=fence, after="\nWhy: because.\n" * why))
    if faults:  # another zone takes every cell of a right one, or there are too many places
        return
    report = Report("bank.md")
    text = write_bank("b", "B", "en", questions)
    again = read_bank(text, report, PICTURES).questions
    assert report.faults == []
    assert [one.version for one in again] == [one.version for one in questions]
    assert write_bank("b", "B", "en", again) == text


SVG = '<svg xmlns="http://www.w3.org/2000/svg" {}/>'
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02\x58\x00\x00\x02\x08\x08\x06"


@pytest.mark.parametrize(
    ("path", "content", "box"),
    [
        ("a.png", PNG, ["0", "0", "600", "520"]),
        ("a.png", b"\x89PNG", None),
        ("a.jpg", b"\xff\xd8\xff", None),
        ("a.svg", SVG.format('viewBox="0 0 600 520"'), ["0", "0", "600", "520"]),
        ("a.svg", SVG.format('viewBox="-1.5,2, 60 52.0"'), ["-1.5", "2", "60", "52"]),
        ("a.svg", SVG.format('viewBox="0 0 600 520" width="60mm" height="52mm"'), ["0", "0", "600", "520"]),
        ("a.svg", SVG.format('viewBox="0 0 600 520" width="60"'), ["0", "0", "600", "520"]),
        ("a.svg", SVG.format('viewBox="0 0 600 520" width="100%" height="100%"'), ["0", "0", "600", "520"]),
        ("a.svg", SVG.format('viewBox="0 0 600 520" width="60" height="60"'), None),
        ("a.svg", SVG.format('viewBox="0 0 600 520" width="60mm" height="52px"'), None),
        ("a.svg", SVG.format('viewBox="0 0 600 520" width="calc(1)" height="52"'), None),
        ("a.svg", SVG.format('viewBox="0 0 0 520"'), None),
        ("a.svg", SVG.format('viewBox="0 0 6e2 520"'), None),
        ("a.svg", SVG.format(""), None),
        ("a.svg", "<svg", None),
    ],
)
def test_the_size_of_a_picture_is_its_own(path: str, content: str | bytes, box: list[str] | None) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    found = boxes({f"one/media/{path}": data, f"two/media/{path}": b"", "one/bank.md": ""}, "one/")
    assert found == ({f"media/{path}": box} if box else {})


def test_a_course_gives_its_bank_the_pictures_of_the_module(files: dict[str, str | bytes]) -> None:
    face = SVG.format('viewBox="0 0 600 520"').encode()
    bank = f"{files['first-minutes/bank.md']}\n## emg-0009\n{zoned(RIGHT)}"
    course = read_course({**files, "first-minutes/bank.md": bank, "first-minutes/media/face.svg": face})
    question = course.modules[0].questions[-1]
    assert (question.taker["type"], list(question.media)) == ("hotspot", ["media/face.svg"])
