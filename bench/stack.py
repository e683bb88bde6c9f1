"""The system as it runs for users: real processes on a durable PostgreSQL and a Valkey."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from os import environ
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen
from uuid import uuid4

import psycopg2
from psycopg2.extensions import connection as Connection
from redis import Redis

from bench.children import ROOT
from orders.config import Settings
from orders.local.parent_death import with_parent_death_signal
from orders.local.postgres import start_postgres
from orders.local.valkey import start_valkey

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30
TEMPLATE = "bench_template"

NO_DELAYS = Settings(
    secret_key="only this measurement knows it: 32+",
    quote_latency_ms=0,
    swap_latency_ms="0",
    slippage_failure_rate=0.0,
    retry_delay_s=0,
    rate_limit="off",
    auth_rate_limit="off",
    max_queue_depth=10_000_000,
    log_level="WARNING",
    log_format="json",
)
"""No simulated waiting and no limits: what is left is the engine's own cost."""
DELAYS = replace(
    NO_DELAYS, quote_latency_ms=200, swap_latency_ms="2000-3000", slippage_failure_rate=0.05
)
"""The simulated waiting that users meet."""


class StackFailed(Exception):
    """A process of the system did not start; with the end of its log."""


class Machine:
    """PostgreSQL and Valkey of one bench, and fresh databases on them."""

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
        """The settings on an empty database of its own and an empty Valkey."""
        name = f"bench_{uuid4().hex}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        with Redis.from_url(self.valkey.url) as client:
            client.flushall()
        try:
            yield replace(settings, database_url=self._url(name), redis_url=self.valkey.url)
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def stack(self, settings: Settings = NO_DELAYS) -> Iterator[Stack]:
        """Processes on such a database; start what the measurement needs."""
        with self.database(settings) as chosen:
            stack = Stack(chosen, self.directory / "logs")
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
    """A connection of its own in autocommit."""
    connection = psycopg2.connect(database_url)
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def environment(settings: Settings) -> dict[str, str]:
    """The environment that makes a process load exactly these settings, whatever `.env` says."""
    values = {spec.name.upper(): str(getattr(settings, spec.name)) for spec in fields(Settings)}
    return {**environ, **values}


@dataclass
class Stack:
    """Processes of the system on one database and one Valkey."""

    settings: Settings
    log_dir: Path
    ports: list[int] = field(default_factory=list)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, web: int = 1, workers: int = 0, watchers: int = 0) -> Stack:
        """Starts that many processes of each kind; waits until the web answers."""
        for number in range(workers):
            self._spawn(f"worker {number + 1}", ["tasks.py", "work"])
        for number in range(watchers):
            self._spawn(f"watcher {number + 1}", ["tasks.py", "watch"])
        for number in range(web):
            port = _free_port()
            self._spawn(f"web {number + 1}", ["wsgi.py"], PORT=str(port))
            self.ports.append(port)
        for port in self.ports:
            self._wait_until_ready(port)
        return self

    def pid(self, name: str) -> int:
        """Process id of `web 1`, `worker 1`, `watcher 1` and so on."""
        return self.processes[name].pid

    def stop(self) -> None:
        """Ends what this stack started, and nothing else."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def _spawn(self, name: str, arguments: list[str], **extra: Any) -> None:
        self.log_dir.mkdir(exist_ok=True)
        with (self.log_dir / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                with_parent_death_signal([sys.executable, *arguments], signal.SIGTERM),
                cwd=ROOT,
                env=environment(self.settings) | extra,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _wait_until_ready(self, port: int) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                with urlopen(f"http://127.0.0.1:{port}/health", timeout=2):
                    return
            except (URLError, OSError):
                time.sleep(0.05)
        logs = "\n".join(path.read_text()[-2000:] for path in self.log_dir.glob("*.log"))
        raise StackFailed(f"the web process did not answer:\n{logs}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
