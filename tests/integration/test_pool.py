"""Connections of the pool: one that the server has closed is never lent."""

from __future__ import annotations

import psycopg2
import pytest

from orders.storage.database import connection, database
from orders.wiring import Components


def backend() -> int:
    """The server process of the connection that this block borrowed."""
    with connection():
        return int(database.execute_sql("SELECT pg_backend_pid()").fetchone()[0])


@pytest.mark.usefixtures("components")
def test_working_connection_is_lent_again() -> None:
    assert backend() == backend()


def test_connection_that_the_server_ended_is_replaced_without_a_failure(
    components: Components,
) -> None:
    first = backend()
    with psycopg2.connect(components.settings.database_url) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", (first,))
        assert cursor.fetchone() == (True,)
    other.close()
    assert backend() != first
