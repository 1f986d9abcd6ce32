import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.questions import Part
from mesotrain.formats.markup import ATTRIBUTES, TAGS, render, safe, shown

SPELLING = st.text(st.sampled_from("ab <>/\"'=&;:#![](){}|`*_~-\n\t\x02\x03\\^.1") | st.characters(), max_size=80)
FRAGMENTS = st.lists(
    st.sampled_from(
        ["<script>", "</script>", "<img src=x onerror=a()>", "[a](javascript:b)", "<svg/onload=a>", "![x](y)", "> ",
         "\n", "[I01]", "{: onclick=a }", "{#id .cite}", "|a|\n|:-:|\n|b|\n", "[^1]", "[^1]: ", '!!! safety "', "    ",
         "- ", "<style>a</style>", "<!--", "-->", "<![CDATA[", "<a href=data:x>", "&#106;avascript:", "```\n", "<?"]
    )
    | SPELLING,
    max_size=12,
).map("".join)  # fmt: skip


class _Seen(HTMLParser):
    """Everything a browser might act on in a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.wrong.append(tag)
        for name, value in attrs:
            allowed = ATTRIBUTES.get(tag, frozenset()) | {"class", "rel", "scope"}
            if name not in allowed or name.startswith("on") or name == "style":
                self.wrong.append(f"{tag} {name}")
            if name == "src" and not re.fullmatch(r"/media/[0-9a-f]{64}\.svg", value or ""):
                self.wrong.append(f"{tag} {name}={value}")
            if name == "href" and not (value or "").lower().startswith(("http://", "https://", "mailto:", "#")):
                self.wrong.append(f"{tag} {name}={value}")


def inert(html: str) -> bool:
    return not _Seen(html).wrong


def test_the_check_itself_sees_what_is_wrong():
    assert not inert("<script>a</script>")
    assert not inert('<p onclick="a()">b</p>')
    assert not inert('<a href="javascript:a()">b</a>')
    assert not inert('<td style="text-align:right">b</td>')
    assert not inert('<img src="https://evil.example/a.svg" alt="">')


def test_the_allow_list_holds_nothing_that_acts():
    assert TAGS.isdisjoint({"script", "style", "svg", "iframe", "form", "input", "object", "base", "meta", "link"})
    names = frozenset().union(*ATTRIBUTES.values())
    assert not [name for name in names if name.startswith("on") or name in {"style", "srcset", "formaction"}]
    assert [tag for tag, names in ATTRIBUTES.items() if "src" in names] == ["img"]


def test_hostile_payloads_are_inert(hostile: list[str]):
    for payload in hostile:
        assert inert(render(payload, cite={"I01"}, prefix="p")), payload
        assert inert(safe(payload)), payload


@given(FRAGMENTS)
def test_anything_renders_inert(text: str):
    assert inert(render(text, abbreviations={"a": "b"}, cite={"I01"}))
    assert inert(safe(text))


@pytest.mark.parametrize(
    "text",
    [
        "> " * 500 + "x",
        "\n".join("    " * depth + "!!! note" for depth in range(400)),
        "**a " * 500,
        "[" * 500,
        "<![",
        "[^1]\n\n[^1]: [^1]",
    ],
)
def test_nesting_beyond_reason_still_renders(text: str):
    assert inert(render(text))


def test_html_in_a_text_is_shown_as_text():
    assert render("if weight<age and dose>limit <b>stop</b>") == (
        "<p>if weight&lt;age and dose&gt;limit &lt;b&gt;stop&lt;/b&gt;</p>"
    )


@pytest.mark.parametrize("target", ["javascript:alert(1)", "data:text/html,x", "/etc", "//evil.example", "relative"])
def test_other_links_lose_their_target(target: str):
    assert "href" not in render(f"[a]({target})")


@pytest.mark.parametrize(
    "target", ["https://example.org/a", "http://example.org", "mailto:a@example.org", "#recognise"]
)
def test_links_that_stay(target: str):
    assert render(f"[a]({target})") == f'<p><a href="{target}" rel="noopener">a</a></p>'


def test_citations_become_links_when_known():
    html = render("Treat it [I01, Z99] now. `[I01]` \\[I01] [Z98] [I01](https://a.b)", cite={"I01"})
    assert html.count('<a class="cite" href="#ref-I01" rel="noopener">I01</a>') == 1
    assert "</a>, Z99] now. <code>[I01]</code> [I01] [Z98]" in html
    assert render("[I01]") == "<p>[I01]</p>"


DIGEST = "ab" * 32
FIGURE = '![A hand, palm up](media/hand.svg "Rub the *thumbs* too [I01].")'


def test_a_figure_has_its_words_and_a_caption_that_cites():
    html = render(FIGURE, cite={"I01"}, media={"media/hand.svg": DIGEST})
    assert html == (
        f'<figure><img alt="A hand, palm up" src="/media/{DIGEST}.svg"><figcaption>Rub the <em>thumbs</em> too '
        '[<a class="cite" href="#ref-I01" rel="noopener">I01</a>].</figcaption>\n</figure>'
    )


def test_a_figure_may_stand_among_other_lines_and_in_a_box():
    text = f'Before.\n{FIGURE}\nAfter.\n\n!!! note "Look"\n    {FIGURE}\n'
    html = render(text, media={"media/hand.svg": DIGEST})
    assert html.count("<figure>") == 2
    assert "<p>Before.</p>" in html
    assert "<p>After.</p>" in html
    assert html.index("</p>", html.index("admonition-title")) < html.rindex("<figure>")


@pytest.mark.parametrize(
    "text",
    [
        '![x](media/other.svg "y")', "![x](https://evil.example/a.png)", "![x](javascript:a)",
        "a ![x][1]\n\n[1]: /b.png",
        '![x](media/../hand.svg "y")', "![x][]", "<img src=/media/a.svg>",
    ],
)  # fmt: skip
def test_no_other_picture_is_shown(text: str):
    assert "<img" not in render(text, media={"media/hand.svg": DIGEST})


def test_a_number_stays_on_the_line_of_its_unit():
    html = render(
        "Give 0.05 mL of the 1:10 000 strength over 5 minutes to 3 patients, 20 % of 12 34 or 500 micrograms."
    )
    assert html == (
        "<p>Give 0.05\u00a0mL of the 1:10\u00a0000 strength over 5\u00a0minutes to 3 patients, 20\u00a0% of 12 34 or "
        "500\u00a0micrograms.</p>"
    )
    assert 'href="https://a.b/1 mL"' in render("[x](https://a.b/1 mL)")


def test_tables_have_scope_and_align_without_style():
    html = render("|a|b|\n|:-|-:|\n|1|2|")
    assert '<th align="left" scope="col">a</th>' in html
    assert '<td align="right">2</td>' in html
    assert "style" not in html


def test_boxes_keep_their_class_and_lose_any_other():
    html = render('!!! safety "Stop"\n    Now.\n\nText\n{: .safety #here title="x" }')
    assert '<div class="admonition safety">\n<p class="admonition-title">Stop</p>\n<p>Now.</p>' in html
    assert "<p>Text</p>" in html


def test_footnotes_of_two_texts_do_not_meet():
    one, two = (render("a[^1]\n\n[^1]: b", prefix=prefix) for prefix in ("x", "y"))
    assert 'id="fn:x-1"' in one
    assert 'href="#fn:x-1"' in one
    assert 'id="fnref:y-1"' in two
    assert "#fn:1" not in one + two


def test_abbreviations_are_explained():
    assert render("LAST it", abbreviations={"LAST": "toxicity"}) == '<p><abbr title="toxicity">LAST</abbr> it</p>'


def test_an_underlined_line_is_no_heading():
    assert render("a\n===") == "<p>a\n===</p>"


def test_shown_turns_markdown_into_html_and_leaves_the_rest():
    part: Part = {
        "type": "single",
        "stem": "Is it *so*?",
        "options": [{"id": "a", "text": "*Yes*"}, {"id": "b", "text": "One\n\nTwo"}],
        "shuffle": True,
    }
    assert shown(part) == {
        "type": "single",
        "stem": "<p>Is it <em>so</em>?</p>",
        "options": [{"id": "a", "text": "<em>Yes</em>"}, {"id": "b", "text": "<p>One</p>\n<p>Two</p>"}],
        "shuffle": True,
    }
    assert part["stem"] == "Is it *so*?"


def test_shown_renders_reasons():
    key: Part = {"credit": {"a": "1"}, "reasons": {"a": "see [I01]"}, "reason": "because"}
    assert shown(key, cite={"I01"}) == {
        "credit": {"a": "1"},
        "reasons": {"a": 'see [<a class="cite" href="#ref-I01" rel="noopener">I01</a>]'},
        "reason": "<p>because</p>",
    }
