"""Ports of the servers that tests start."""

import random
import socket
from contextlib import suppress

_UNTRIED = iter(random.sample(range(15_000, 32_000), 17_000))
"""Below those that connections leave from (Linux: 32768 on), one of which may be taken before a server binds it."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody serves; never the same one twice in a run."""
    for port in _UNTRIED:
        with socket.socket() as tried, suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return port
    raise OSError("every port from 15000 to 32000 was tried")
