"""The service answers under its own names only."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client

from orders.api.hosts import CheckedHosts
from orders.config import Settings


def serve(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [b"served"]


def ask(name: str, changes: dict[str, Any]) -> int:
    client = Client(CheckedHosts(serve, Settings(**changes)))
    return client.get("/", headers={"Host": name}).status_code


PRODUCTION = {"environment": "production"}


@pytest.mark.parametrize(
    ("name", "changes", "status"),
    [
        ("localhost:5000", {}, 200),
        ("LOCALHOST", {}, 200),
        ("127.0.0.1:5000", {}, 200),
        ("[::1]:5000", {}, 200),
        ("evil.example", {}, 421),
        ("evil.example:5000", {}, 421),
        ("localhost.evil.example", {}, 421),
        ("192.0.2.1:5000", {}, 421),
        ("192.0.2.1:5000", {"host": "192.0.2.1"}, 200),
        ("192.0.2.1:5000", {"host": "0.0.0.0"}, 200),
        ("[2001:db8::1]:5000", {"host": "::"}, 200),
        ("evil.example:5000", {"host": "0.0.0.0"}, 421),
        ("orders.example", {"public_url": "https://orders.example/"}, 200),
        ("anything.example", PRODUCTION, 200),
        ("orders.example", {"allowed_hosts": "a.example, Orders.Example"}, 200),
        ("orders.example.:80", {"allowed_hosts": "orders.example"}, 200),
        ("localhost", {"allowed_hosts": "orders.example"}, 421),
        ("anything.example", {**PRODUCTION, "allowed_hosts": "orders.example"}, 421),
        ("a.orders.example", {"allowed_hosts": ".orders.example"}, 200),
        ("orders.example", {"allowed_hosts": ".orders.example"}, 421),
        ("fakeorders.example", {"allowed_hosts": ".orders.example"}, 421),
        ("[::1]", {"allowed_hosts": "[::1]"}, 200),
        ("anything.example", {"allowed_hosts": "*"}, 200),
    ],
)
def test_name_is_answered_to_if_it_is_allowed(
    name: str, changes: dict[str, Any], status: int
) -> None:
    assert ask(name, changes) == status


def test_refusal_is_a_problem() -> None:
    answer = Client(CheckedHosts(serve, Settings())).get("/", headers={"Host": "evil.example"})
    problem = answer.get_json()
    assert answer.mimetype == "application/problem+json"
    assert (problem["status"], problem["code"]) == (421, "misdirected_request")
    assert "evil" not in answer.get_data(as_text=True)
