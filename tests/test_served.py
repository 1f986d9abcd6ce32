"""A server that is stopped, killed or not let in leaves nothing behind and says why."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.served import COMMAND, PATIENCE, WORKER, Served, until
from tests.world import World


@pytest.fixture
def served(world: World, tmp_path: Path) -> Iterator[Served]:
    made = Served(world, tmp_path / "serve.log")
    yield made
    made.clear()


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_ctrl_c_stops_every_process_within_seconds(served: Served) -> None:
    """A terminal sends SIGINT to the whole group; the server's processes must be told by their parent alone."""
    served.start()
    served.wait()
    until(lambda: len(served.processes()) == 4, "there are not a server, its two processes and a worker")
    inner = [one for one in served.processes() if one != served.process.pid and one not in served.processes(WORKER)]
    for process in inner:
        os.kill(process, signal.SIGINT)
    time.sleep(1)
    assert set(inner) <= set(served.processes())
    began = time.monotonic()
    assert served.signal(signal.SIGINT) == 0
    assert time.monotonic() - began < 8
    assert served.processes() == []


def test_nothing_of_a_killed_server_lives_on(served: Served) -> None:
    """Its processes end too: else they would answer beside the next server, and nobody would sweep deadlines."""
    served.start()
    served.wait()
    os.kill(served.process.pid, signal.SIGKILL)
    served.process.wait(PATIENCE)
    until(lambda: served.processes() == [], "something lives on without its server", 15)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_host_may_have_a_name_and_one_that_is_not_there_is_refused(served: Served) -> None:
    command = [COMMAND, "serve", "--port", str(served.port), "--host"]
    asked = {"env": served.environment, "capture_output": True, "text": True, "timeout": 60}
    nowhere = subprocess.run([*command, "nowhere.invalid"], check=False, **asked)  # type: ignore[call-overload]
    assert nowhere.returncode == 1
    assert f"nowhere.invalid:{served.port} cannot be served: " in nowhere.stderr
    assert "Traceback" not in nowhere.stderr
    with subprocess.Popen([*command, "localhost"], env=served.environment, stdout=subprocess.DEVNULL) as server:
        try:
            served.wait()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def test_a_port_that_is_taken_is_refused_with_a_sentence(served: Served) -> None:
    served.start()
    served.wait()
    second = subprocess.run(
        [COMMAND, "serve", "--port", str(served.port)],
        env=served.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    assert f"127.0.0.1:{served.port} cannot be served: Address already in use." in second.stderr
    assert "serves on" not in second.stdout
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_worker_whose_server_was_killed_at_the_start_ends_too(served: Served) -> None:
    """By the time it looks for its parent there is none."""
    served.start()
    until(lambda: served.processes(WORKER) != [], "the server has no worker beside it")
    served.signal(signal.SIGKILL)
    assert served.processes(WORKER) != []
    until(lambda: served.processes() == [], "a worker lives on without its server", 15)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_dies_is_started_again_as_often_as_it_dies(served: Served, number: int) -> None:
    """Else no mail leaves and no deadline ends an attempt until somebody looks; nothing of the dead one stays."""
    served.start()
    served.wait()
    for _ in range(3):
        until(lambda: served.processes(WORKER) != [], "no worker is started again")
        (worker,) = served.processes(WORKER)
        os.kill(worker, signal.SIGKILL)
        until(lambda worker=worker: not Path(f"/proc/{worker}").exists(), "a dead worker is not taken leave of", 5)  # type: ignore[misc]
    until(lambda: served.processes(WORKER) != [], "no worker is started again")
    assert served.log.read_text().count("the worker ended (status -9) and is started again") == 3
    os.kill(served.process.pid, number)
    assert served.process.wait(PATIENCE) == 0
    assert served.processes() == []
