"""`mesotrain preview` beside an editor: the page follows the text without a hand."""

import re
import shutil
import subprocess
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import COMMAND, Visitor, _wait_for
from tests.ports import free_port
from tests.world import TEXTS


def test_the_page_follows_the_text(visitors: Visitor, tmp_path: Path) -> None:
    file = shutil.copytree(TEXTS / "tiny", tmp_path / "tiny") / "basics" / "lesson.md"
    text = file.read_text()
    port = free_port()
    log = tmp_path / "preview.log"
    with log.open("wb") as said:
        server = subprocess.Popen([COMMAND, "preview", str(file), "--port", str(port)], stdout=said, stderr=said)
    try:
        _wait_for(f"http://127.0.0.1:{port}", server, log)
        page = visitors(f"http://127.0.0.1:{port}").go("/preview")
        expect(page.get_by_role("heading", name="What matters")).to_be_visible()
        file.write_text(text.replace("Everything else waits.", "Everything else can wait."))
        expect(page.get_by_text("Everything else can wait.")).to_be_visible()
        file.write_text(text.replace(" {#not}", ""))
        expect(page.get_by_role("link", name=re.compile("a permanent id"))).to_be_visible()
        file.write_text(text)
        expect(page.get_by_text("Everything else waits.")).to_be_visible()
        expect(page.get_by_text("a permanent id")).to_have_count(0)
    finally:
        server.terminate()
        server.wait(10)
