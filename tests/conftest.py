"""Real PostgreSQL and Valkey for the tests, private to this run and removed after it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import hypothesis
import psycopg2
import pytest

from orders.config import Settings
from orders.local.postgres import LocalPostgres, start_postgres
from orders.local.valkey import LocalValkey, start_valkey
from orders.observability import log_format
from orders.storage.database import connect, database, migrate
from orders.wiring import Components, wire

SECRET = "a secret that only the tests know, 32+"

FAST = Settings(
    secret_key=SECRET,
    quote_latency_ms=0,
    swap_latency_ms="0",
    slippage_failure_rate=0.0,
    retry_delay_s=0,
    confirm_poll_ms=5,
    resend_s=0.05,
    rate_limit="off",
    auth_rate_limit="off",
    launch_refresh_s=0,
    move_refresh_s=0.05,
    stream_repair_s=0.3,
    write_probe_s=0.05,
)
"""No simulated delays, so that only the engine's own time remains."""


# The time of an example depends more on the machine's load than on the code.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")


LAST_FOLDERS = ("browser", "acceptance", "javascript", "unit")
"""Run in this order, after the other tests. What keeps whole systems running for many tests comes
late, so that these do not run beside everything else; the shortest files come last, so that no
process is left with a long one.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Orders the folders of tests; pytest-xdist hands files out in this order."""
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        folder = item.path.relative_to(here).parts[0]
        return LAST_FOLDERS.index(folder) if folder in LAST_FOLDERS else -1

    items.sort(key=place)


@pytest.fixture(autouse=True)
def unbound_log_context() -> None:
    """Keeps one test's log context out of another's lines."""
    log_format.carried.set(None)


MEMORY = Path("/dev/shm")
ROOM = 4 << 30
"""Bytes. Many times what the servers of all processes of a run write."""


def in_memory() -> Path | None:
    """The file system in memory, where Linux has one with room; `None` means the usual place."""
    usable = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM
    return MEMORY if usable else None


@pytest.fixture(scope="session")
def services_dir() -> Iterator[Path]:
    """A directory with a short name, so that Unix sockets fit into it.

    In memory if possible: most tests have a database of their own, of 450 files, and making one on
    a disk takes ten times as long.
    """
    with tempfile.TemporaryDirectory(prefix="orders-", dir=in_memory()) as directory:
        yield Path(directory)


@pytest.fixture(scope="session")
def postgres(services_dir: Path) -> Iterator[LocalPostgres]:
    """The PostgreSQL of this test run."""
    server = start_postgres(services_dir, durable=False)
    yield server
    if not database.deferred:
        database.close_all()
    server.stop()


@pytest.fixture(scope="session")
def valkey(services_dir: Path) -> Iterator[LocalValkey]:
    """The Valkey of this test run."""
    server = start_valkey(services_dir)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_url(postgres: LocalPostgres) -> str:
    """Where the empty database of this run is."""
    return postgres.url


@pytest.fixture(scope="session")
def redis_url(valkey: LocalValkey) -> str:
    """Where the Valkey of this run is."""
    return valkey.url


@pytest.fixture(scope="session")
def template_database(postgres: LocalPostgres) -> str:
    """Name of a database that has all migrations, to be copied for each test."""
    name = "template_orders"
    _execute(postgres.url, f"CREATE DATABASE {name}")
    connect(replace(FAST, database_url=database_url(postgres.url, name)))
    migrate()
    database.close_all()
    return name


@pytest.fixture
def settings(
    postgres: LocalPostgres, valkey: LocalValkey, template_database: str
) -> Iterator[Settings]:
    """Settings for one test: a database of its own and an empty Valkey."""
    with fresh_database(postgres, template_database) as url:
        valkey_flush(valkey.url)
        yield replace(FAST, database_url=url, redis_url=valkey.url)
        database.close_all()


@pytest.fixture(scope="session")
def session_settings(
    postgres: LocalPostgres, template_database: str, services_dir: Path
) -> Iterator[Settings]:
    """Settings for what many tests share: its own database and its own Valkey."""
    own = services_dir / "shared"
    own.mkdir()
    server = start_valkey(own)
    with fresh_database(postgres, template_database) as url:
        yield replace(FAST, database_url=url, redis_url=server.url)
    server.stop()


@pytest.fixture(scope="module")
def module_settings(
    postgres: LocalPostgres, template_database: str, services_dir: Path
) -> Iterator[Settings]:
    """Settings for what the tests of one file share: its own database and its own Valkey."""
    own = services_dir / uuid4().hex[:8]
    own.mkdir()
    server = start_valkey(own)
    with fresh_database(postgres, template_database) as url:
        yield replace(FAST, database_url=url, redis_url=server.url)
    server.stop()


@pytest.fixture
def components(settings: Settings) -> Iterator[Components]:
    """One process's components, on the test's own database."""
    opened = wire(settings)
    yield opened
    opened.close()


@contextmanager
def fresh_database(postgres: LocalPostgres, template: str) -> Iterator[str]:
    """A copy of the template for the block; its address."""
    name = f"test_{uuid4().hex}"
    # Copied as files: half the work of writing every page to the log, too.
    _execute(postgres.url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield database_url(postgres.url, name)
    _execute(postgres.url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_database(postgres: LocalPostgres) -> Iterator[str]:
    """The address of a database without a schema."""
    with fresh_database(postgres, "template1") as url:
        yield url
        database.close_all()


def database_url(url: str, name: str) -> str:
    """The address of another database on the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}")).replace(
        "postgresql:///", "postgresql://postgres@/"
    )


def valkey_flush(url: str) -> None:
    """Empties Valkey."""
    from redis import Redis

    with Redis.from_url(url) as client:
        client.flushall()


def _execute(url: str, statement: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        connection.cursor().execute(statement)
    finally:
        connection.close()
