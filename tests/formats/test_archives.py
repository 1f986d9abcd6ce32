"""One guard for every zip file that is read: what each of its readers says of a file that no honest program makes."""

from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest
from docx import Document

from mesotrain.formats import sheets
from mesotrain.formats.archives import Archive, Most, Unpackable
from mesotrain.formats.exchange import convert


def packed(files: list[tuple[str, bytes]], how: int = ZIP_DEFLATED) -> bytes:
    with ZipFile(made := BytesIO(), "w", how) as folder:
        for name, content in files:
            folder.writestr(name, content)
    return made.getvalue()


WHOLE = packed([("a", b"a")])
LOCKED = bytearray(WHOLE)
LOCKED[LOCKED.index(b"PK\x01\x02") + 8] |= 1
MOST = Most(members=3, total=1000, one=400, small=100)
HOSTILE = {
    "cut": (WHOLE[:-3], "broken"),
    "locked": (bytes(LOCKED), "locked"),
    "many": (packed([(name, b"") for name in "abcd"]), "huge"),
    "total": (packed([(name, bytes(400)) for name in "abc"]), "huge"),
    "far": (packed([("a", bytes(150_000))]), "huge"),
    "out": (packed([("../a", b"")]), "hostile"),
    "pressed": (packed([("a", b"")], ZIP_BZIP2), "hostile"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_why_an_archive_is_not_opened(kind: str) -> None:
    content, why = HOSTILE[kind]
    most = MOST if kind != "far" else MOST._replace(total=200_000)
    with pytest.raises(Unpackable) as refused:
        Archive(content, "a.zip", most)
    assert refused.value.why == why


def test_a_file_is_read_as_far_as_it_may_be_and_one_that_is_not_there_is_told_apart() -> None:
    archive = Archive(packed([("a", b"here"), ("b", b"x" * 401), ("c/", b"")]), "a.zip", MOST)
    assert (archive["a"], archive.read("c"), archive.names) == (b"here", None, ["a", "b"])
    assert archive.sizes == {"a": 4, "b": 401}
    with pytest.raises(KeyError):
        archive["c"]
    with pytest.raises(Unpackable) as refused:
        archive["b"]
    assert refused.value.why == "huge"


@pytest.mark.parametrize("kind", ["docx", "xlsx", "qti"])
@pytest.mark.parametrize("name", ["../a.xml", "word/document.xml/../../a.xml", "C:/a.xml"])
def test_every_reader_of_zip_files_asks_the_same_guard(kind: str, name: str) -> None:
    Document().save(made := BytesIO())
    honest = {"docx": made.getvalue(), "xlsx": sheets.xlsx([["stem"]]), "qti": packed([("imsmanifest.xml", b"<a/>")])}
    with ZipFile(made := BytesIO(honest[kind]), "a") as folder:
        folder.writestr(name, b"")
    said = [convert(one, f"a.{kind}", kind, "bank").refused[0].sentence for one in (honest[kind], made.getvalue())]
    assert said[0] != said[1]
