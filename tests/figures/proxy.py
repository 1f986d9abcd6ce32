"""A proxy between a browser and the service, in which a network goes wrong as it does in clinics."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread, get_ident
from urllib.parse import urlsplit

AWAY, SWALLOWED, PORTAL, SIGNED_OUT, SILENT = "away", "swallowed", "portal", "signed out", "silent"
FAULTS = (AWAY, SWALLOWED, PORTAL, SIGNED_OUT, SILENT)
"""Nobody is reached; it is done, and the reply is lost; the reply is a stranger's; it is 401; there is none."""

HOPS = {"connection", "transfer-encoding", "content-length"}


@dataclass
class Proxy:
    """What goes wrong now with what a page asks, and what of its scripts is written otherwise."""

    port: int = 0
    fault: str = ""
    changed: dict[bytes, bytes] = field(default_factory=dict)
    back: Event = field(default_factory=Event)
    passing: set[int] = field(default_factory=set)
    """Threads in which the service is asked: a page's clock waits for it, however busy the machine is."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def breaks(self, fault: str) -> None:
        self.back.clear()
        self.fault = fault

    def heals(self) -> None:
        self.fault = ""
        self.back.set()


@contextmanager
def between(service: int) -> Iterator[Proxy]:
    """A proxy before the service of this port."""
    proxy = Proxy()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            fault, body = proxy.fault, self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.close_connection = True
            if fault == PORTAL:
                self.answer(200, [("Content-Type", "text/html")], b"<p>Welcome to the clinic's network</p>")
            elif fault == SIGNED_OUT:
                self.answer(401, [("Content-Type", "application/json")], b'{"error": "signed out"}')
            elif fault == SILENT:
                proxy.back.wait()
            elif fault != AWAY:
                proxy.passing.add(get_ident())
                try:
                    reply = self.reply(body)
                finally:
                    proxy.passing.discard(get_ident())
                if fault != SWALLOWED:
                    self.answer(*reply)

        def reply(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            connection = HTTPConnection("127.0.0.1", service, timeout=60)
            kept = {name: value for name, value in self.headers.items() if name != "Accept-Encoding"}
            connection.request(self.command, self.path, body, kept)
            reply = connection.getresponse()
            read = reply.read()
            if urlsplit(self.path).path.endswith(".js"):
                for word, other in proxy.changed.items():
                    read = read.replace(word, other)
            connection.close()
            return reply.status, [pair for pair in reply.getheaders() if pair[0].lower() not in HOPS], read

        def answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in [*headers, ("Content-Length", str(len(body))), ("Connection", "close")]:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = pass_on

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy.port = server.server_port
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.heals()
        server.shutdown()
        server.server_close()
