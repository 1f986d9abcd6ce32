"""The shipped courses: what they say rests on the facts there are, and every module teaches and can be examined.

The facts are those of the pack beside the project; where it is not there, what needs it is skipped.
"""

import re
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from mesotrain.config import ROOT
from mesotrain.core.courses import Course, Module, pool
from mesotrain.formats.courses import read_course
from mesotrain.formats.lines import CHECK
from mesotrain.store.folders import read_folder

COURSES = ROOT / "courses"
PACK = ROOT.parent / "shared" / "domain"
FACT = re.compile(r"^- \*\*(?P<code>[A-Z][0-9]{2})\*\* \((?P<kind>[A-Z]+)\) (?P<says>.*)$", re.MULTILINE)
SHORTEST, LONGEST, ONE_PAGE = 1500, 3600, 260
UNCHECKED = 3
"""How many sections in a row may have no question of their own, before somebody checks themselves."""
SUMMARIES = ("On one page", "Summary to keep", "One page to keep")
MISTAKEN = ("wrong", "misconceptions", "people believe")
"""What a module calls its last section, and words in the heading above its mistaken beliefs."""
POINTS, PARALLEL, QUESTIONS, COMPETENCIES = 10, 3, 300, 12


@cache
def course(name: str) -> Course:
    return read_course(read_folder(COURSES / name))


NAMES = sorted(path.parent.name for path in COURSES.glob("*/course.yaml"))
MESOTHERAPY = course("mesotherapy")
LESSONS = [(name, module) for name in NAMES for module in course(name).modules if module.sections]
lessons = pytest.mark.parametrize(("of", "module"), LESSONS, ids=[f"{name}/{one.name}" for name, one in LESSONS])


def cited(module: Module) -> set[str]:
    texts = [section.text for section in module.sections]
    groups = [group for text in texts for group in re.findall(r"\[([A-Z][0-9]{2}(?:, [A-Z][0-9]{2})*)\]", text)]
    return {code for group in groups for code in group.split(", ")} | {
        code for question in module.questions for code in question.cites
    }


@pytest.fixture(scope="module")
def pack() -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """The level of each fact there is, and each source."""
    if not PACK.is_dir():
        pytest.skip("the facts are not beside the project")
    kinds = {one["code"]: one["kind"] for one in FACT.finditer((PACK / "references.md").read_text())}
    return kinds, yaml.safe_load((PACK / "sources.yaml").read_text())


def test_every_fact_and_source_is_one_of_the_pack(pack: tuple[dict[str, str], dict[str, dict[str, str]]]) -> None:
    """None is invented, and none is called stronger than it is."""
    kinds, sources = pack
    assert len(kinds) > 250
    known = {reference.code: reference.kind for reference in MESOTHERAPY.references}
    assert {code: kind for code, kind in known.items() if kinds.get(code) != kind} == {}
    cited_sources = {source for reference in MESOTHERAPY.references for source in reference.sources}
    assert {one.key for one in cited_sources} - set(sources) == set()
    elsewhere = {one.key for one in cited_sources if not same(one.url, sources[one.key])}
    assert elsewhere == set(), "it was seen at another address"


def same(url: str, source: dict[str, str]) -> bool:
    return any(url in str(source.get(name, "")) for name in ("url", "alt_url"))


def test_every_fact_is_cited_and_every_cited_fact_is_listed() -> None:
    listed = {reference.code for reference in MESOTHERAPY.references}
    used = {code for module in MESOTHERAPY.modules for code in cited(module)}
    assert used == listed


@lessons
def test_a_lesson_is_as_long_as_one_reads_at_once(of: str, module: Module) -> None:
    words = sum(len(section.text.split()) for section in module.sections)
    assert (SHORTEST if of == "mesotherapy" else 900) <= words <= LONGEST


@lessons
def test_a_lesson_asks_its_reader_every_few_sections(of: str, module: Module) -> None:
    asking = [place for place, section in enumerate(module.sections) if CHECK.search(section.text)]
    gaps = [later - sooner - 1 for sooner, later in pairwise([-1, *asking, len(module.sections)])]
    assert max(gaps) <= UNCHECKED, "so many sections in a row ask nothing"


@lessons
def test_a_lesson_shows_something_and_says_what(of: str, module: Module) -> None:
    figures = [one for section in module.sections for one in re.findall(r"!\[([^\]]*)\]\(media/", section.text)]
    assert figures
    assert min(map(len, figures)) > 60, "somebody who does not see it knows what it shows"


@lessons
def test_a_lesson_ends_on_one_page(of: str, module: Module) -> None:
    last = module.sections[-1]
    assert last.title in SUMMARIES
    assert len(last.text.split()) <= ONE_PAGE
    titles = [section.title for section in module.sections]
    assert any(word in title for title in titles for word in MISTAKEN), "what people get wrong is answered"


DRAWN = sorted(COURSES.glob("*/*/media/*.svg"))


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_a_figure_is_read_in_the_dark_and_out_loud(path: Path) -> None:
    root = ElementTree.parse(path).getroot()
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    assert (root.findtext(f"{space}title") or "").strip()
    style = root.findtext(f"{space}style") or ""
    assert re.search(r"prefers-color-scheme:\s*dark", style)
    assert "<script" not in path.read_text()


def test_the_whole_course_is_examined() -> None:
    live = [one for module in MESOTHERAPY.modules for one in module.questions if not one.practice]
    assert len(live) >= QUESTIONS
    assert len(MESOTHERAPY.competencies) == COMPETENCIES
    points = Counter(one.safety for one in live if one.safety)
    assert len(points) >= POINTS
    assert min(points.values()) >= PARALLEL, points
    (exam,) = (module for module in MESOTHERAPY.modules if module.quiz.exam)
    drawn = Counter((sort.competency, sort.level) for sort in pool(MESOTHERAPY.modules, exam).values())
    assert set(exam.quiz.proves) == {one.code for one in MESOTHERAPY.competencies}
    for cell in exam.quiz.plan:
        there = points[cell.safety] - 1 if cell.safety else drawn[cell.competency, cell.level] // 2
        assert there >= cell.draws, f"of {cell.name} there is too little"


def test_what_is_watched_is_cited_and_said_to_be_policy() -> None:
    """And each form is asked for, and shows a safety point in practice that questions ask."""
    scheme, points = MESOTHERAPY.scheme, {one.safety for module in MESOTHERAPY.modules for one in module.questions}
    assert {need.form for one in scheme.procedures for need in one.observations} == {one.name for one in scheme.forms}
    for form in scheme.forms:
        assert form.reason.startswith("Our policy."), form.name
        assert "No source" in form.reason, form.name
        assert [one.id for one in form.steps if not one.cites] == []
        shown = {one.safety for one in form.steps if one.safety}
        assert shown
        assert shown <= points
