"""Private PostgreSQL and Valkey for a machine that has neither, from PyPI wheels.

Both listen on unix sockets only, keep their files under one data directory and end with the process
that started them, however it ends. PostgreSQL is durable; Valkey keeps nothing, because nothing
depends on it.
"""

from pathlib import Path

from orders.local.postgres import LocalPostgres
from orders.local.service import LocalService, LocalServiceError
from orders.local.valkey import LocalValkey

__all__ = [
    "LocalPostgres",
    "LocalService",
    "LocalServiceError",
    "LocalValkey",
    "start_postgres",
    "start_valkey",
]


def start_postgres(data_dir: Path, *, durable: bool = True) -> LocalPostgres:
    """Start a private PostgreSQL under `data_dir`, made if missing. Raises LocalServiceError."""
    server = LocalPostgres(data_dir, durable=durable)
    server.start()
    return server


def start_valkey(data_dir: Path) -> LocalValkey:
    """Start a private, empty Valkey under `data_dir`. Raises LocalServiceError."""
    server = LocalValkey(data_dir)
    server.start()
    return server
