"""Fixtures for tests against real processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from orders.config import Settings
from orders.local.postgres import LocalPostgres, start_postgres
from orders.local.valkey import LocalValkey, start_valkey
from orders.storage.database import connect, database, migrate
from tests.conftest import FAST, _execute, database_url, fresh_database, valkey_flush
from tests.stack import Stack, free_port

MakeStack = Callable[..., Stack]


@contextmanager
def stacks_on(settings: Settings, log_dir: Path) -> Iterator[MakeStack]:
    """Makes stacks on these settings and stops them after the block."""
    made: list[Stack] = []

    def make(workers: int = 1, watchers: int = 1, web: bool = True, **overrides: Any) -> Stack:
        chosen: dict[str, Any] = {"port": free_port(), "log_format": "json"} | overrides
        stack = Stack(replace(settings, **chosen), log_dir)
        made.append(stack)
        return stack.start(workers, watchers, web)

    try:
        yield make
    finally:
        for stack in made:
            stack.stop()


@pytest.fixture
def make_stack(settings: Settings, tmp_path: Path) -> Iterator[MakeStack]:
    """Makes stacks on the test's own database; `make_stack(workers=2, swap_latency_ms="50")`."""
    with stacks_on(settings, tmp_path) as make:
        yield make


@pytest.fixture(scope="module")
def make_lasting(
    module_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MakeStack]:
    """As `make_stack`, for what the tests of one file share."""
    with stacks_on(module_settings, tmp_path_factory.mktemp("lasting")) as make:
        yield make


@pytest.fixture(scope="session")
def stack(session_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One web, one worker, one watcher, shared by all tests that change no setting."""
    chosen = replace(session_settings, port=free_port(), log_format="json")
    shared = Stack(chosen, tmp_path_factory.mktemp("stack"))
    yield shared.start()
    shared.stop()


FRAIL = replace(
    FAST,
    lease_s=1,
    wake_grace_s=0.3,
    recovery_interval_s=0.2,
    watch_interval_s=0.1,
    heartbeat_s=0.5,
    redis_timeout_s=0.5,
    redis_reconnect_max_s=0.5,
    database_timeout_s=2,
    worker_concurrency=4,
    stop_grace_s=5,
    quote_latency_ms=5,
    swap_latency_ms="20-80",
    retry_delay_s=0.05,
    resend_s=0.2,
    max_recoveries=1000,
    log_format="json",
)
"""Short leases and waits, so that a test sees within a second what takes ten in production."""


@dataclass(frozen=True, slots=True)
class Servers:
    """A PostgreSQL and a Valkey that a test may kill."""

    postgres: LocalPostgres
    valkey: LocalValkey

    def start(self) -> None:
        """Starts the servers that are not running."""
        self.postgres.start()
        self.valkey.start()


@pytest.fixture(scope="session")
def frail_servers(services_dir: Path) -> Iterator[Servers]:
    """Servers that no other test depends on, with a database to copy."""
    own = services_dir / "frail"
    own.mkdir()
    servers = Servers(start_postgres(own, durable=False), start_valkey(own))
    _execute(servers.postgres.url, "CREATE DATABASE template_orders")
    url = database_url(servers.postgres.url, "template_orders")
    connect(replace(FAST, database_url=url))
    migrate()
    database.close_all()
    yield servers
    servers.valkey.stop()
    servers.postgres.stop()


@pytest.fixture
def servers(frail_servers: Servers) -> Iterator[Servers]:
    """The servers, running at the beginning and at the end of the test."""
    frail_servers.start()
    yield frail_servers
    frail_servers.start()


@pytest.fixture
def frail_settings(servers: Servers) -> Iterator[Settings]:
    """Settings with short waits, an own database and an empty Valkey, on the servers that may be
    killed.
    """
    with fresh_database(servers.postgres, "template_orders") as url:
        valkey_flush(servers.valkey.url)
        yield replace(FRAIL, database_url=url, redis_url=servers.valkey.url)
        servers.start()


@pytest.fixture
def make_frail(frail_settings: Settings, tmp_path: Path) -> Iterator[MakeStack]:
    """As `make_stack`, on the servers that may be killed."""
    with stacks_on(frail_settings, tmp_path) as make:
        yield make
