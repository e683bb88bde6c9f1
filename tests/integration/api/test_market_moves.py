"""Moving the market over HTTP: who may do so, what is refused, how quotes and candles follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from orders.config import Settings
from orders.domain import exact_json
from orders.storage.market_moves import MOST_PER_TOKEN
from orders.wiring import Components, wire
from tests.clients import wait_until
from tests.conftest import SECRET

MOVE = {"token": "SOL", "changePercent": -50}
OPERATOR = {"Authorization": f"Bearer {SECRET}"}


@pytest.fixture
def clients(settings: Settings) -> Iterator[tuple[FlaskClient, FlaskClient]]:
    """Clients of two processes on one database; moves begin at once."""
    at_once = replace(settings, move_refresh_s=0)
    one, other = wire(at_once), wire(at_once)
    yield create_app(at_once, one).test_client(), create_app(at_once, other).test_client()
    one.close()
    other.close()


def sol_price(client: FlaskClient) -> Decimal:
    answer = client.get("/api/quotes?tokenIn=SOL&tokenOut=USDC&amountIn=0.001")
    return Decimal(exact_json.loads(answer.data)["best"]["price"])


def test_quotes_of_every_process_follow_a_move_and_come_back(
    clients: tuple[FlaskClient, FlaskClient],
) -> None:
    one, other = clients
    before = sol_price(other)
    made = one.post("/api/market/moves", json=MOVE)
    assert made.status_code == 201
    # One venue may be quoted from the moves of a moment ago while the other reads the new ones.
    wait_until(lambda: sol_price(one) < before * Decimal("0.6"), "the move here")
    wait_until(lambda: sol_price(other) < before * Decimal("0.6"), "the move there")
    candles = "/api/market/candles?tokenIn=SOL&tokenOut=USDC&interval=1s"
    latest = exact_json.loads(other.get(candles).data)["candles"][-1]
    assert latest["close"] < before * Decimal("0.6")
    ended = other.delete(f"/api/market/moves/{made.get_json()['id']}")
    assert (ended.status_code, ended.get_json()["state"]) == (200, "over")
    wait_until(lambda: sol_price(one) > before * Decimal("0.9"), "the end of the move")


def test_moves_are_listed_and_all_ended(clients: tuple[FlaskClient, FlaskClient]) -> None:
    client, _ = clients
    client.post("/api/market/moves", json=MOVE | {"overSeconds": 60, "holdSeconds": 5})
    client.post("/api/market/moves", json={"token": "jup", "freeze": True})
    listed = client.get("/api/market/moves").get_json()["moves"]
    assert [(each["token"], each["state"]) for each in listed] == [
        ("JUP", "holding"),
        ("SOL", "moving"),
    ]
    assert listed[1] | {"id": "", "startsAt": "", "endsAt": ""} == {
        "id": "", "token": "SOL", "mint": "So11111111111111111111111111111111111111112",
        "changePercent": -50, "overSeconds": 60, "holdSeconds": 5, "freeze": False,
        "state": "moving", "startsAt": "", "endsAt": "",
    }  # fmt: skip
    ended = client.delete("/api/market/moves").get_json()["moves"]
    assert [each["state"] for each in ended] == ["over", "gliding"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"token": "SOL"}, "changePercent"),
        ({"token": "SOL", "changePercent": -100}, "changePercent"),
        ({"token": "SOL", "changePercent": 1001}, "changePercent"),
        ({"token": "NOPE", "changePercent": 1}, "token"),
        ({"token": "SOL", "changePercent": 1, "overSeconds": -1}, "overSeconds"),
        ({"token": "SOL", "changePercent": 1, "holdSeconds": 86_401}, "holdSeconds"),
        ({"token": "SOL", "freeze": "yes"}, "freeze"),
    ],
)
def test_moves_that_cannot_be_are_refused(
    shared_client: FlaskClient, body: dict[str, Any], field: str
) -> None:
    answer = shared_client.post("/api/market/moves", json=body)
    assert answer.status_code == 400
    assert field in answer.get_json()["errors"]


def test_unknown_move_cannot_be_ended(shared_client: FlaskClient) -> None:
    for name in ("nonsense", "0197d6c1-0000-7000-8000-000000000000"):
        answer = shared_client.delete(f"/api/market/moves/{name}")
        assert (answer.status_code, answer.get_json()["code"]) == (404, "move_not_found")


def test_a_token_has_a_bounded_number_of_moves(client: FlaskClient) -> None:
    for _ in range(MOST_PER_TOKEN):
        assert client.post("/api/market/moves", json=MOVE).status_code == 201
    answer = client.post("/api/market/moves", json=MOVE)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "too_many_moves")
    assert client.post("/api/market/moves", json=MOVE | {"token": "JUP"}).status_code == 201


def test_outside_local_mode_only_operators_move_the_market(components: Components) -> None:
    settings = replace(components.settings, environment="production", operator_token=SECRET)
    for chosen, headers, status in (
        (settings, None, 403),
        (settings, {"Authorization": "Bearer of something"}, 403),
        (replace(settings, operator_token=""), {"Authorization": "Bearer x"}, 403),
        (settings, OPERATOR, 201),
    ):
        client = create_app(chosen, replace(components, settings=chosen)).test_client()
        assert client.post("/api/market/moves", json=MOVE, headers=headers).status_code == status
        assert client.delete("/api/market/moves", headers=headers).status_code == (
            200 if status == 201 else status
        )
