"""PostgreSQL answers, but can't do now what it is asked: 503 until it can again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg2
import pytest
from flask import Flask
from flask.testing import FlaskClient

from orders.config import Settings
from orders.wiring import Components
from tests.clients import MARKET, wait_until

REFUSALS = {
    "25006": "read-only",
    "53100": "disk full",
    "53200": "out of memory",
    "53300": "too many connections",
    "57P01": "shutting down",
    "57P02": "crashed",
    "57P03": "starting up",
    "58030": "input or output failed",
    "08006": "connection failure",
}
REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '{code}'; END $$;
CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON write_probe FOR EACH ROW EXECUTE FUNCTION refuse();
"""
ACCEPT = "DROP FUNCTION refuse() CASCADE"


def execute(settings: Settings, statement: str) -> None:
    connection = psycopg2.connect(settings.database_url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")
            cursor.execute(statement)
    finally:
        connection.close()


@contextmanager
def read_only(settings: Settings) -> Iterator[None]:
    """As after a fail-over, on every connection at once."""
    execute(settings, "ALTER SYSTEM SET default_transaction_read_only = on")
    execute(settings, "SELECT pg_reload_conf()")
    try:
        yield
    finally:
        execute(settings, "ALTER SYSTEM RESET default_transaction_read_only")
        execute(settings, "SELECT pg_reload_conf()")


def assert_refused(client: FlaskClient, method: str, path: str, body: object) -> None:
    answer = client.open(path, method=method, json=body)
    problem = answer.get_json()
    assert (answer.status_code, problem["code"]) == (503, "store_unavailable"), problem
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize("code", REFUSALS, ids=REFUSALS.values())
def test_writes_that_postgresql_refuses_for_now_are_503_and_readiness_says_so(
    client: FlaskClient, components: Components, code: str
) -> None:
    placed = client.post("/api/orders/execute", json=MARKET).get_json()["orderId"]
    execute(components.settings, REFUSE.format(code=code))
    assert_refused(client, "POST", "/api/orders/execute", MARKET)
    assert_refused(client, "DELETE", f"/api/orders/{placed}", None)
    credentials = {"email": f"{uuid4()}@example.org", "password": "long enough for all"}
    assert_refused(client, "POST", "/api/auth/signup", credentials)
    wait_until(lambda: client.get("/health/ready").status_code == 503, "readiness")
    assert client.get(f"/api/orders/{placed}").status_code == 200
    assert client.get("/health").status_code == 200

    execute(components.settings, ACCEPT)

    wait_until(lambda: client.get("/health/ready").status_code == 200, "readiness")
    assert client.post("/api/orders/execute", json=MARKET).status_code == 202
    assert client.delete(f"/api/orders/{placed}").status_code == 200


def test_reads_that_postgresql_refuses_for_now_are_503(
    client: FlaskClient, components: Components
) -> None:
    execute(
        components.settings,
        """
        CREATE FUNCTION full_disk() RETURNS boolean LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$;
        ALTER TABLE orders RENAME TO stored_orders;
        CREATE VIEW orders AS SELECT * FROM stored_orders WHERE full_disk();
        """,
    )
    placed = client.post("/api/orders/execute", json=MARKET).get_json()["orderId"]
    assert_refused(client, "GET", "/api/orders", None)
    assert_refused(client, "GET", f"/api/orders/{placed}", None)


def test_other_database_errors_are_internal_errors(app: Flask, components: Components) -> None:
    execute(components.settings, REFUSE.format(code="XX000"))
    answer = app.test_client().post("/api/orders/execute", json=MARKET)
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal_error")


def test_readiness_writes_once_however_many_ask(components: Components) -> None:
    probe = type(components.write_probe)(interval_s=60)
    assert {probe.write() for _ in range(50)} == {probe.write()}
