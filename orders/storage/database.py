"""The PostgreSQL pool, how requests and tasks borrow a connection, and the migrations.

Each process has one database: `database` is unbound until `connect()` names the server.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import psycopg2
import psycopg2.extensions
import psycopg2.extras
from playhouse.migrations import Runner
from playhouse.pool import PooledPostgresqlDatabase

from orders.config import ConfigurationError, Settings
from orders.domain import exact_json
from orders.domain.errors import StoreUnavailable
from orders.observability import observe
from orders.observability.metrics import PoolUse
from orders.storage.availability import DATABASE_ERRORS, is_unavailable
from orders.storage.client_timeout import patience

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 0x6F7264657273
"""Key of the advisory lock under which migrations run: the bytes of "orders"."""

MIGRATION_POLL_S = 0.05
"""A look takes a millisecond, and nobody is served before the migration is done."""

STATEMENT_SHARE = 0.9
"""The server's share of the client's timeout for a statement: it should report a timeout before the
client gives up, so that the connection survives.
"""

psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call]
psycopg2.extras.register_default_jsonb(globally=True, loads=exact_json.loads)


database = PooledPostgresqlDatabase(None, autoconnect=False)


class Lent:
    """Counts the connections that are borrowed from the pool now."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.count = 0

    def __enter__(self) -> None:
        with self._lock:
            self.count += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.count -= 1


lent = Lent()


def pool_use(settings: Settings) -> PoolUse:
    """How many connections of this process's pool are in use, and how many it may open."""
    return PoolUse(lent.count, settings.database_connections)


def connection_options(settings: Settings) -> dict[str, Any]:
    """libpq options of every connection: bounded waits, and UTC."""
    statement_ms = int(settings.database_timeout_s * STATEMENT_SHARE * 1000)
    return {
        "connect_timeout": max(2, round(settings.database_timeout_s)),
        "options": f"-c statement_timeout={statement_ms} -c timezone=UTC",
        "keepalives_idle": 10,
        "tcp_user_timeout": statement_ms * 2,
    }


def connect(settings: Settings) -> None:
    """Binds the pool to the server that the settings name, and bounds every wait for it.

    Opens no connection yet. Raises `ConfigurationError` if the address is missing or malformed.
    """
    _check_address(settings.database_url)
    patience.begin(settings.database_timeout_s, partial(_ping, settings))
    database.init(
        settings.database_url.replace("postgres://", "postgresql://", 1),
        max_connections=settings.database_connections,
        timeout=settings.database_timeout_s,
        **connection_options(settings),
    )


def _check_address(url: str) -> None:
    if not url:
        raise ConfigurationError(
            "DATABASE_URL is not set; `python app.py` starts a private server by itself."
        )
    try:
        psycopg2.extensions.parse_dsn(url)
    except psycopg2.ProgrammingError:
        # The library's message would repeat the password.
        raise ConfigurationError(
            "DATABASE_URL is not usable: give postgresql://user:password@host:port/database with "
            "no unknown parameter, and write @, :, / and % of a password as %40, %3A, %2F and %25."
        ) from None


@contextmanager
def connection() -> Iterator[None]:
    """Borrows a connection for the block, unless the caller has one already.

    Raises `StoreUnavailable` when PostgreSQL is away or cannot do it now; such a connection is not
    used again.
    """
    patience.check()
    try:
        opened = database.connect(reuse_if_open=True)
    except DATABASE_ERRORS as error:
        if not is_unavailable(error):
            raise
        raise StoreUnavailable() from error
    try:
        with lent if opened else nullcontext():
            yield
    except DATABASE_ERRORS as error:
        if not is_unavailable(error):
            raise
        database.manual_close()
        raise StoreUnavailable() from error
    finally:
        if opened and not database.is_closed():
            database.close()


def dedicated_connection(settings: Settings) -> psycopg2.extensions.connection:
    """Opens a connection in autocommit outside the pool.

    Raises `StoreUnavailable`.
    """
    patience.check()
    try:
        return _open(settings)
    except psycopg2.Error as error:
        if not is_unavailable(error):
            raise
        raise StoreUnavailable() from error


def _open(settings: Settings) -> psycopg2.extensions.connection:
    opened: psycopg2.extensions.connection = psycopg2.connect(
        settings.database_url, **connection_options(settings)
    )
    opened.autocommit = True
    return opened


def _ping(settings: Settings) -> None:
    opened = _open(settings)
    try:
        opened.cursor().execute("SELECT 1")
    finally:
        opened.close()


def await_migrations(settings: Settings) -> None:
    """Waits at most `migration_wait_s` until the schema is as new as the code.

    So processes may start before the migration that runs beside them. Returns at once while
    PostgreSQL is away, which every process copes with by itself.
    """
    give_up_at = time.monotonic() + settings.migration_wait_s
    told = False
    while time.monotonic() < give_up_at:
        try:
            missing = missing_migrations()
        except StoreUnavailable as error:
            observe.store_unavailable("start", error)
            return
        if not missing:
            return
        if not told:
            observe.waiting_for_migrations(missing)
            told = True
        time.sleep(MIGRATION_POLL_S)


def missing_migrations() -> list[str]:
    """The names of the migrations that are not applied. Raises `StoreUnavailable`."""
    with connection():
        found = Runner(database, str(MIGRATIONS)).status()
    return [migration.name for migration in found if migration.applied is None]


def migrate() -> list[str]:
    """Applies the missing migrations and returns their names.

    Processes that start together take turns: the second finds nothing to do.
    """
    with connection():
        database.execute_sql("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))
        try:
            return list(Runner(database, str(MIGRATIONS)).up())
        finally:
            database.execute_sql("SELECT pg_advisory_unlock(%s)", (MIGRATION_LOCK,))
