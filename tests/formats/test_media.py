"""What may be in the file of a figure."""

import pytest

from mesotrain.core.errors import BadContent
from mesotrain.formats.courses import read_course
from mesotrain.formats.lines import Report
from mesotrain.formats.media import MOST_BYTES, read_medium

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'
ACTS = "a figure only stands there: no script, no animation, no picture or link from elsewhere."
PLAIN = "<style>text { fill: #111 } @media (prefers-color-scheme: dark) { text { fill: #eee } }</style>"


def faults(path: str, content: bytes) -> list[tuple[int, str]]:
    report = Report(path)
    read_medium(path, content, report)
    return [(one.line, one.message) for one in report.faults]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("a.svg", SVG.format(PLAIN + '<defs><path id="p" d="M0 0"/></defs><use href="#p" fill="url(#g)"/>').encode()),
        ("a.png", b"\x89PNG\r\n\x1a\n rest"),
        ("a.jpg", b"\xff\xd8\xff rest"),
        ("a.webp", b"RIFF\n\x00\x00\x00WEBP rest"),
    ],
)
def test_a_figure_that_only_stands_there_is_taken(path: str, content: bytes) -> None:
    assert faults(path, content) == []


@pytest.mark.parametrize(
    "inside",
    [
        "<script>a()</script>",
        '<a href="https://example.org">b</a>',
        '<a xmlns:x="http://www.w3.org/1999/xlink" x:href="javascript:a()">b</a>',
        '<circle onclick="a()"/>',
        '<image href="data:image/png;base64,x"/>',
        "<foreignObject><b/></foreignObject>",
        '<rect fill="url(https://evil.example/x)"/>',
        "<style>@import 'https://evil.example/x.css';</style>",
        "<style>rect { fill: url(//evil.example/x) }</style>",
        '<animate attributeName="href"/>',
        '<set attributeName="onload"/>',
    ],
)
def test_a_figure_that_acts_is_refused_at_its_line(inside: str) -> None:
    assert faults("a.svg", SVG.format(f"\n\n{inside}").encode()) == [(3, ACTS)]


@pytest.mark.parametrize(
    ("path", "content", "line", "words"),
    [
        ("a.svg", b"", 1, "cannot be read as XML"),
        ("a.svg", b"<svg>\n<g>\n</svg>", 3, "cannot be read as XML"),
        ("a.svg", b"<html/>", 1, "an SVG begins with"),
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', 1, "an SVG begins with"),
        ("a.svg", b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.format("&a;").encode(), 1, "no document type"),
        ("a.png", b"GIF89a", 1, "no PNG picture"),
        ("a.jpg", b"<svg/>", 1, "no JPG picture"),
        ("a.png", b"x" * (MOST_BYTES + 1), 1, "at most 300,000"),
    ],
)
def test_a_file_that_is_no_figure_is_explained(path: str, content: bytes, line: int, words: str) -> None:
    ((found, message),) = faults(path, content)
    assert found == line
    assert words in message


def test_a_figure_belongs_to_its_module_and_names_its_version(files: dict[str, str]) -> None:
    shown = {**files, "first-minutes/lesson.md": files["first-minutes/lesson.md"] + '\n![b](media/a.svg "c")\n'}
    with pytest.raises(BadContent, match=r"lesson\.md:33: there is no file first-minutes/media/a\.svg\."):
        read_course({**shown, "other/media/a.svg": SVG.format("").encode()})
    one, other = (
        read_course({**shown, "first-minutes/media/a.svg": SVG.format(inside).encode()}).modules[0].sections
        for inside in ("", "<g/>")
    )
    assert one[0].version == other[0].version
    assert one[1].version != other[1].version, "a figure that was replaced is another section version"
    assert list(one[1].media) == ["media/a.svg"]
