"""`mesotrain preview`: what an author sees beside the text they are writing."""

import re
import shutil
import time
from pathlib import Path
from socket import create_server

import pytest

from mesotrain.cli.preview import MAIN, preview_app, serve_preview
from mesotrain.core.errors import Refused
from tests.world import TEXTS, Browser


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return shutil.copytree(TEXTS / "tiny", tmp_path / "tiny")


def open_at(file: Path) -> Browser:
    (instance := file.parents[2] / "instance").mkdir()
    return Browser(preview_app(file, instance, 8010).test_client())


def seen(browser: Browser, url: str = "/preview") -> str:
    return browser.get(url, base_url="http://127.0.0.1:8010", follow_redirects=True).get_data(as_text=True)


def change(file: Path, old: str, new: str, *, first: bool = False) -> None:
    assert first or file.read_text().count(old) == 1, f"{old!r} stands once in the file"
    file.write_text(file.read_text().replace(old, new, 1))


def test_a_lesson_is_shown_and_followed(course: Path) -> None:
    file = course / "basics" / "lesson.md"
    browser = open_at(file)
    page = seen(browser)
    assert "Everything else waits." in page
    assert "&lt;/head" not in page
    assert page.count('id="preview"') == page.count("</head>") == page.count(MAIN) == 1
    before = seen(browser, "/preview/version")
    assert seen(browser, "/preview/version") == before
    change(file, "Everything else waits.", "Everything else *can* wait.")
    assert seen(browser, "/preview/version") != before
    assert "Everything else <em>can</em> wait." in seen(browser, "/courses/tiny/basics")


def test_it_signs_nobody_out_of_the_service_on_another_port(course: Path) -> None:
    cookies = open_at(course / "basics" / "lesson.md").get("/preview", base_url="http://127.0.0.1:8010").headers
    assert cookies["Set-Cookie"].startswith("mesotrain-preview-8010=")


def test_a_lesson_that_is_a_link_is_shown(course: Path, tmp_path: Path) -> None:
    file = course / "basics" / "lesson.md"
    file.rename(tmp_path / "elsewhere.md")
    file.symlink_to(tmp_path / "elsewhere.md")
    assert "Everything else waits." in seen(open_at(file))


def test_a_fault_of_a_lesson_is_said_above_and_where_it_is_and_hides_nothing(course: Path) -> None:
    file = course / "basics" / "lesson.md"
    browser = open_at(file)
    assert "notice stop" not in seen(browser)
    change(file, "## What does not {#not}", "## What does not")
    change(file, "Everything else waits.", "Everything new waits [Z99], ![A](media/none.png).")
    line = 1 + file.read_text().split("\n").index("## What does not")
    page = seen(browser, "/courses/tiny/basics")
    said = f"basics/lesson.md:{line}: give “What does not” a permanent id"
    assert page.count(said) == 2
    assert f'{MAIN}<div class="notice stop" role="status"' in page
    assert f'<a href="#line-{line}">{said}' in page
    assert f'<h2 id="line-{line}">What does not</h2><div class="notice stop"><div><ul class="plain"><li>{said}' in page
    assert page.count('class="notice stop"') == 2, "the section without a fault has no notice"
    assert "Everything new waits [Z99]" in page
    change(file, "## What does not", "## What does not {#not}")
    change(file, " [Z99], ![A](media/none.png).", ".")
    page = seen(browser, "/courses/tiny/basics")
    assert "notice stop" not in page
    assert 'id="line-' not in page


def test_what_a_lesson_lacks_is_filled_in_and_a_tangled_section_shown_as_it_is_written(course: Path) -> None:
    file = course / "basics" / "lesson.md"
    text = file.read_text().replace("Everything else waits.", "((((((((((((((((((((((( **waits**")
    kept = [one for one in text.split("\n") if not one.startswith(("title:", "competency:", "  pass:", "  time:"))]
    file.write_text("\n".join(kept))
    page = seen(open_at(file))
    assert "title is missing" in page
    assert "<h1>basics</h1>" in page
    assert "((((((((((((((((((((((( **waits**" in page


def test_a_fault_elsewhere_in_a_course_is_said_and_hides_nothing(course: Path) -> None:
    change(course / "references.yaml", "kind: ", "kind: NO", first=True)
    change(course / "basics" / "bank.md", "## bas-0001\n", "## bas-0001\nfoo: bar\n")
    page = seen(open_at(course / "basics" / "lesson.md"))
    assert "references.yaml:" in page
    assert "foo is no key of a question" in page
    assert "Everything else waits." in page


def test_an_exam_with_faults_is_shown_as_far_as_it_can_be_read(course: Path) -> None:
    (course / "basics" / "exam.md").write_text(
        "---\ntitle: The end\nsummary: All of it.\nexam:\n  plan:\n    XXX:\n      apply: 1\n  pass: 80%\n"
        "  feedback: sometime\n  closes: 2027-03-12 09:00\nsign-off: none\n---\n\nBring [I99] a pen.\n"
    )
    (course / "basics" / "lesson.md").unlink()
    browser = open_at(course / "basics" / "exam.md")
    page = seen(browser)
    for said in ("feedback is “sometime”", "there is no competency XXX", "time is missing", "closes needs closing"):
        assert said in page
    assert "<h1>The end</h1>" in page
    assert "Bring [I99] a pen." in page
    change(course / "basics" / "exam.md", "Bring [I99] a pen.", "")
    page = seen(browser)
    assert "write under the front matter what somebody should know" in page
    assert "<h1>The end</h1>" in page


def test_a_course_that_cannot_be_read_says_its_faults(course: Path) -> None:
    change(course / "course.yaml", "course: ", "curse: ")
    page = seen(open_at(course / "basics" / "lesson.md"))
    assert "Correct these faults first." in page
    assert "course.yaml:" in page


def test_a_bank_is_one_long_quiz_begun_anew_after_each_change(course: Path) -> None:
    file = course / "basics" / "bank.md"
    count = file.read_text().count("\n## ")
    browser = open_at(file)
    assert seen(browser).count("<fieldset") == count
    stem = next(line for line in file.read_text().split("## ")[2].split("\n\n")[1].splitlines() if line)
    change(file, stem, "Is this the new stem?")
    time.sleep(0.01)
    page = seen(browser)
    assert "Is this the new stem?" in page
    assert page.count("<fieldset") == count


def test_a_question_with_a_fault_hides_no_other(course: Path) -> None:
    file = course / "basics" / "bank.md"
    text = file.read_text()
    names = re.findall(r"^## (\S+)", text, re.MULTILINE)
    file.write_text(text.replace(f"## {names[0]}\n", f"## {names[0]}\nfoo: bar\n"))
    browser = open_at(file)
    page = seen(browser)
    assert f"question ({names[0]}): foo is no key of a question" in page
    assert re.findall(r"<legend>Question \d+ of \d+ \(([a-z0-9-]+)\)</legend>", page) == names[1:]
    file.write_text(text.replace(f"## {names[1]}\n", f"## {names[1]}\ncites: Z99\n").replace("How much", "So how much"))
    page = seen(browser)
    assert f"question ({names[1]}): there is no reference Z99" in page
    assert "So how much" in page
    assert re.findall(r"<legend>Question \d+ of \d+ \(([a-z0-9-]+)\)</legend>", page) == [names[0], *names[2:]]
    file.write_text(text)
    page = seen(browser)
    assert "notice stop" not in page
    assert page.count("<legend>Question") == len(names)


def test_a_bank_without_a_sound_question_says_its_faults(course: Path) -> None:
    file = course / "basics" / "bank.md"
    file.write_text(re.sub("(?m)^(## .*)", r"\1\nfoo: bar", file.read_text()))
    page = seen(open_at(file))
    assert "Correct these faults first." in page
    assert "foo is no key of a question" in page


def test_a_bank_is_shown_in_its_order_each_question_with_its_id(course: Path) -> None:
    file = course / "basics" / "bank.md"
    blocks = file.read_text().split("\n## ")
    file.write_text("\n## ".join([blocks[0], *reversed(blocks[1:])]) + "\n")
    names = [one.split()[0] for one in reversed(blocks[1:])]
    browser = open_at(file)
    for begun in (1, 2):
        page = seen(browser)
        asked = re.findall(r"<legend>Question (\d+) of \d+ \(([a-z0-9-]+)\)</legend>", page)
        assert asked == [(str(number), name) for number, name in enumerate(names, 1)]
        assert [f"bas-000{one}" for one in re.findall(r"CANARY-SHOWN-(\d)", page)] == names
        fields = dict(re.findall(r'<input type="hidden" name="(csrf_token|lease)" value="([^"]+)"', page))
        at = f"/attempts/{begun}/finish"
        ended = browser.client.post(at, data=fields, base_url="http://127.0.0.1:8010", follow_redirects=True).text
        assert re.findall(r'-title">Question \d+ of \d+ \(([a-z0-9-]+)\)</h', ended) == names
        change(file, "How much of a", f"How {'very ' * begun}much of a")
        time.sleep(0.01)
        file.write_text(file.read_text().replace("very ", ""))


def test_a_bank_with_an_essay_is_begun_anew_though_nobody_marks_it(course: Path) -> None:
    file = course / "basics" / "bank.md"
    rubric = "words: 1-30\n\nWhy is it so?\n\n### rubric\n\n- (2) Says why\n"
    file.write_text(f"{file.read_text()}\n## bas-0099\nsection: basics#matters\ncites: I01\nlevel: judge\n{rubric}")
    browser = open_at(file)
    page = seen(browser)
    (name,) = [one for one in re.findall(r'<textarea[^>]*name="([^"]+)"', page) if not one.startswith("report")]
    (attempt,) = set(re.findall(r"/attempts/(\d+)", page))
    fields = dict(re.findall(r'<input type="hidden" name="(csrf_token|lease)" value="([^"]+)"', page))
    written = {name: "It is so because it is.", f"{name.partition('.')[0]}.seen": "0"}
    for act, more in (("answers", written), ("finish", {})):
        browser.client.post(f"/attempts/{attempt}/{act}", data={**fields, **more}, base_url="http://127.0.0.1:8010")
    assert "People mark what you wrote" in seen(browser, f"/attempts/{attempt}/result"), "it waits for somebody"
    again = seen(browser)
    assert "People are marking" not in again
    assert "Why is it so?" in again
    assert re.findall(r"/attempts/(\d+)", again)[0] != attempt


def test_a_port_that_is_taken_is_said(course: Path) -> None:
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Refused, match=f"127.0.0.1:{port} cannot be served: Address already in use"):
            serve_preview(course / "basics" / "bank.md", port)


def test_a_file_outside_a_course_is_said(tmp_path: Path) -> None:
    (alone := tmp_path / "bank.md").touch()
    with pytest.raises(Refused, match=r"bank\.md stands in no course"):
        serve_preview(alone, 8010)
