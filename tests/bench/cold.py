"""What a first visit fetches: the page and every file it needs, as sent."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin

from tests.world import Browser

HOME = "http://localhost"
IN_FILE = re.compile(r"""url\(\s*["']?([^"')]+)|(?:import|from)\s*\(?\s*["']([^"']+)""")


class _Needed(HTMLParser):
    """Addresses a browser fetches by itself: every src, srcset and href but those of links to follow."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if value and (name in {"src", "poster", "data"} or (name == "href" and tag not in {"a", "area"})):
                self.found.append(value)
            elif value and name == "srcset":
                self.found += [one.split()[0] for one in value.split(",")]


def visit(browser: Browser, url: str) -> tuple[int, int, list[str]]:
    """(bytes of the page, bytes of the page and all it needs, addresses elsewhere that it needs)."""
    first = urljoin(HOME, url)
    waiting, size, elsewhere = [first], {}, []
    while waiting:
        address = waiting.pop().partition("#")[0]
        if address in size:
            continue
        if not address.startswith(f"{HOME}/"):
            elsewhere.append(address)
            continue
        with browser.get(address, headers={"Accept-Encoding": "gzip, br"}) as sent, browser.get(address) as plain:
            assert sent.status_code == 200, address
            size[address] = len(sent.data)
            waiting += [urljoin(address, one) for one in _needed(plain.mimetype, plain.data)]
    return size[first], sum(size.values()), elsewhere


def _needed(kind: str, body: bytes) -> list[str]:
    """The addresses a text of this kind makes a browser fetch."""
    if kind == "text/html":
        parser = _Needed()
        parser.feed(body.decode())
        return parser.found
    if kind in {"text/css", "text/javascript", "image/svg+xml"}:
        found = [one or other for one, other in IN_FILE.findall(body.decode())]
        return [one for one in found if not one.startswith(("#", "data:"))]
    return []
