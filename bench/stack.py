"""The system as it runs for users: real processes on a durable PostgreSQL and a Valkey."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from os import environ
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psutil
import psycopg2
from psycopg2.extensions import connection as Connection
from redis import Redis

from bench.children import ROOT
from orders.config import Settings
from orders.local.parent_death import with_parent_death_signal
from orders.local.postgres import start_postgres
from orders.local.valkey import start_valkey
from orders.market.prices import Market
from orders.observability.observe import set_up_logging
from orders.storage.database import database
from orders.wiring import Components, MarketFactory, wire

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30
TEMPLATE = "bench_template"

DELAYS = Settings(
    secret_key="only this measurement knows it: 32+",
    # Rate limits would refuse the load client.
    rate_limit="off",
    auth_rate_limit="off",
    max_queue_depth=10_000_000,
)
"""The default settings, but for the limits on how much is accepted."""
NO_DELAYS = replace(DELAYS, quote_latency_ms=0, swap_latency_ms="0", slippage_failure_rate=0.0)
"""No simulated delays or failures, so that only the engine's own cost remains."""


class StackFailed(Exception):
    """A process of the system did not start; the message ends with its log."""


class Machine:
    """One bench's PostgreSQL and Valkey, and fresh databases on them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.postgres = start_postgres(directory, durable=True)
        self.valkey = start_valkey(directory)
        self._execute(f"CREATE DATABASE {TEMPLATE}")
        self._migrate(replace(NO_DELAYS, database_url=self._url(TEMPLATE)))

    def stop(self) -> None:
        """Ends both servers."""
        self.valkey.stop()
        self.postgres.stop()

    @contextmanager
    def database(self, settings: Settings = NO_DELAYS) -> Iterator[Settings]:
        """Settings for a new database and an empty Valkey."""
        name = f"bench_{uuid4().hex}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        with Redis.from_url(self.valkey.url) as client:
            client.flushall()
        try:
            yield replace(settings, database_url=self._url(name), redis_url=self.valkey.url)
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def stack(self, settings: Settings = DELAYS) -> Iterator[Stack]:
        """The system on such a database, not started yet."""
        with self.database(settings) as chosen:
            stack = Stack(chosen, self.directory)
            try:
                yield stack
            finally:
                stack.stop()

    def _url(self, name: str) -> str:
        return urlunsplit(urlsplit(self.postgres.url)._replace(path=f"/{name}"))

    def _execute(self, statement: str) -> None:
        with opened(self.postgres.url) as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def _migrate(self, settings: Settings) -> None:
        settings = replace(settings, redis_url=self.valkey.url)
        subprocess.run(
            [sys.executable, "tasks.py", "migrate"],
            cwd=ROOT,
            env=environment(settings),
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def opened(database_url: str) -> Iterator[Connection]:
    """Opens a connection of its own in autocommit."""
    connection = psycopg2.connect(database_url)
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def environment(settings: Settings) -> dict[str, str]:
    """The environment that makes a process load exactly these settings; `.env` has no effect."""
    values = {spec.name.upper(): str(getattr(settings, spec.name)) for spec in fields(Settings)}
    return {**environ, **values}


class Stack:
    """The system as `make run` starts it, on one database and one Valkey: `python app.py` with the
    web, watcher and worker processes, whose log lines go to a file at their default level."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        self.port = _free_port()
        self.settings = replace(settings, port=self.port, data_dir=str(directory / "supervisor"))
        self.log_path = directory / "run.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Stack:
        """Returns when the web answers and every other process is ready to work."""
        with self.log_path.open("wb") as log:
            self._process = subprocess.Popen(
                with_parent_death_signal([sys.executable, "app.py"], signal.SIGTERM),
                cwd=ROOT,
                env=environment(self.settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_ready(self._process)
        return self

    def pids(self) -> dict[str, int]:
        """The process ids, by name: `supervisor`, `web`, `watcher`, `worker` (or `worker-2`)."""
        assert self._process is not None
        pids = {"supervisor": self._process.pid}
        for child in psutil.Process(self._process.pid).children():
            pids[child.environ()["PROCESS_NAME"]] = child.pid
        return pids

    def stop(self) -> None:
        """Ends the processes that this stack started, and no others."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        # The web and the watcher come in addition.
        lines = {
            b'"event":"process_started"': 2 + self.settings.worker_processes,
            b"is ready at": 1,
        }
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and process.poll() is None:
            log = self.log_path.read_bytes()
            if all(log.count(line) >= count for line, count in lines.items()):
                return
            time.sleep(0.05)
        self.stop()
        raise StackFailed(f"the system did not start:\n{self.log_path.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def engine(settings: Settings, make_market: MarketFactory = Market) -> Iterator[Components]:
    """The engine inside the bench's process, for what is easier to time from within."""
    chosen = replace(settings, log_level="ERROR")
    set_up_logging(chosen)
    if not database.deferred:
        database.close_all()
    components = wire(chosen, make_market=make_market)
    try:
        yield components
    finally:
        components.close()
        database.close_all()
