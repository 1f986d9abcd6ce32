"""The production server with the worker beside it."""

import gc
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import TypeVar

import click
from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from mesotrain import config
from mesotrain.core.errors import Refused
from mesotrain.store import schema
from mesotrain.store.db import db, for_reading, transact
from mesotrain.web import create_app

AGAIN_SECONDS = 1.0
STOP_SECONDS = 15
log = logging.getLogger("mesotrain.serve")
T = TypeVar("T")


def within(app: Flask, work: Callable[[], T]) -> T:
    """`work` as one unit of work of this application."""
    ready(app)
    with app.app_context():
        return transact(db.session(), work)


def reading(app: Flask, work: Callable[[], T]) -> T:
    """`work`, which only reads; nobody who writes waits for it."""
    ready(app)
    with app.app_context():
        session = db.session()
        session.rollback()
        for_reading(session)
        try:
            return work()
        finally:
            session.rollback()


def serve_until_stopped(app: Flask, host: str, port: int) -> None:
    """Serves until SIGINT or SIGTERM, then stops both. Raises Refused when the database is not up to date.

    SQLite is served by one process with one request thread, which is also what keeps its single writer from waiting
    on itself; PostgreSQL by as many processes as MESOTRAIN_WORKERS says.
    """
    ready(app)
    with app.app_context():
        sqlite = db.engine.dialect.name == "sqlite"
    address = nobody_else(host, port)
    server = Server(
        "mesotrain.cli.serve:application",
        factory=True,
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=1 if sqlite else app.config["WORKERS"],
        blocking_threads=1,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        websockets=False,
        log_level=LogLevels.warning,
        working_dir=config.ROOT,
    )
    beside = Beside()
    server.on_startup(_hear_ctrl_c_alone)
    server.on_startup(beside.start)  # after it, so that whoever looks after the worker does not hear it either
    server.on_shutdown(beside.stop)
    click.echo(f"Mesotrain serves on http://{host}:{port}  (Ctrl-C stops it)")
    server.serve()


class Beside:
    """The worker beside the server. One that ends is started again, at most once a second, until it is stopped."""

    def __init__(self) -> None:
        self._stopping, self._starting = Event(), Lock()
        self._keeper = Thread(target=self._keep, daemon=True)
        free = self._starting.release
        # a server's process forked meanwhile would hold the pipe on which the start of the worker is waited for
        os.register_at_fork(before=self._starting.acquire, after_in_parent=free, after_in_child=free)

    def start(self) -> None:
        self._keeper.start()

    def stop(self) -> None:
        """Stops the worker and waits for its end."""
        self._stopping.set()
        self._keeper.join()

    def _keep(self) -> None:
        command = [sys.argv[0], "worker", "--parent", str(os.getpid())]
        while not self._stopping.is_set():
            try:
                with self._starting:
                    process = subprocess.Popen(command, start_new_session=True)  # noqa: S603
            except OSError as error:
                log.warning("the worker cannot be started, and is tried again: %s", error)
                self._stopping.wait(AGAIN_SECONDS)
                continue
            while not self._stopping.wait(AGAIN_SECONDS) and process.poll() is None:
                pass
            if self._stopping.is_set():
                _end(process)
            else:
                log.warning("the worker ended (status %s) and is started again", process.returncode)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def ready(app: Flask) -> None:
    """Raises Refused unless the database is up to date."""
    with app.app_context():
        with db.engine.connect().execution_options(writes=False) as connection:
            if schema.behind(connection, app.extensions["schema_head"]):
                raise Refused("The database is not up to date. Run: flask --app app db upgrade")
        db.engine.dispose()


def nobody_else(host: str, port: int) -> str:
    """The number of this host. Raises Refused where somebody listens already: the server would share the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        (*_, (address, *_)), *_ = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
        socket.create_server((address, port), family=family).close()
    except OSError as error:
        raise Refused(
            "%(host)s:%(port)s cannot be served: %(why)s. Stop what listens there, or choose another --port.",
            host=host,
            port=port,
            why=error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0),
        ) from error
    return str(address)


def application() -> Flask:
    """The application in a process of the server, which ends when the server is gone, however it went."""
    server = os.getppid()

    def watch() -> None:
        while os.getppid() == server:
            time.sleep(1)
        os._exit(1)

    Thread(target=watch, daemon=True).start()
    return settled(create_app())


def settled(app: Flask) -> Flask:
    """The application where it alone is served: what was loaded stays, and no collection looks at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)
    return app


def _hear_ctrl_c_alone() -> None:
    """A terminal sends SIGINT to the server's processes too, which then hang on being stopped twice."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    def pass_on() -> None:
        signal.sigwait({signal.SIGINT})
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=pass_on, daemon=True).start()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def serve(host: str, port: int) -> None:
    """Serves the application and its worker, which is started again if it dies, until Ctrl-C."""
    serve_until_stopped(create_app(), host, port)
