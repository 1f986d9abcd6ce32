"""One server to measure, and clients that keep their connection."""

import os
import re
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mesotrain.config import ROOT

OPTIONS = ["--interface=wsgi", "--workers=1", "--blocking-threads=1", "--no-ws", "--log-level=warning", "--factory"]
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


class Server:
    """granian with the options of `mesotrain serve` and one worker."""

    def __init__(self, target: str, environment: dict[str, str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "granian", *OPTIONS, f"--port={self.port}", target],
            env={**os.environ, **environment},
            cwd=ROOT,
        )

    def __enter__(self) -> "Server":
        for _ in range(200):
            time.sleep(0.1)
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
            except ConnectionRefusedError:
                continue
            break
        self.workers = [int(one.name) for one in Path("/proc").glob("[0-9]*") if self._is_child(one)]
        return self

    def _is_child(self, process: Path) -> bool:
        try:
            return int((process / "stat").read_text().rpartition(")")[2].split()[1]) == self.process.pid
        except OSError:
            return False

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(15)

    def cpu(self) -> float:
        """Seconds its worker has computed, user and system, by Linux's clock of another process."""
        return sum(time.clock_gettime((~worker << 3) | 2) for worker in self.workers)


class Client:
    """One connection; `request` makes what it sends next."""

    def __init__(self, server: Server, request: Callable[[], bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request = request

    def fileno(self) -> int:
        return self.socket.fileno()

    def send(self) -> None:
        self.socket.sendall(self.request())

    def receive(self) -> bytes:
        """The reply, whole. Raises RuntimeError unless all is well with it."""
        reply = self.socket.recv(1 << 16)
        while (head := reply.find(b"\r\n\r\n")) < 0:
            reply += self.socket.recv(1 << 16)
        length = LENGTH.search(reply)
        whole = head + 4 + int(length[1] if length else 0)
        while len(reply) < whole:
            reply += self.socket.recv(1 << 16)
        if reply[9:12] not in {b"200", b"303"}:
            raise RuntimeError(reply.decode())
        return reply


@dataclass(frozen=True)
class Sample:
    """CPU seconds of one reply, and replies a second."""

    cpu: float
    rate: float


def sample(server: Server, clients: list[Client], seconds: float) -> Sample:
    """What the server does while each client asks again as soon as it is answered; it asks at least once."""
    before, begun, replies = server.cpu(), time.perf_counter(), 0
    for client in clients:
        client.send()
    waiting = set(clients)
    while waiting:
        for client in select.select(waiting, [], [])[0]:
            client.receive()
            replies += 1
            if time.perf_counter() - begun < seconds:
                client.send()
            else:
                waiting.remove(client)
    return Sample((server.cpu() - before) / replies, replies / (time.perf_counter() - begun))


def http(method: str, url: str, cookie: str, body: bytes = b"", **headers: Any) -> bytes:
    """A request as bytes; underscores in the names of headers are hyphens."""
    lines = [f"{method} {url} HTTP/1.1", "Host: localhost", f"Cookie: {cookie}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
