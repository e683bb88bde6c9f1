"""Bots are limited as everybody is, and told so in the form that they know."""

from __future__ import annotations

from dataclasses import replace

from flask.testing import FlaskClient

from app import create_app
from orders.market.tokens import SOL, USDC
from orders.wiring import Components, wire


def limited(components: Components, calls: str = "3/minute") -> FlaskClient:
    settings = replace(components.settings, rate_limit="2/minute", rpc_rate_limit=calls)
    return create_app(settings, components).test_client()


def test_json_rpc_is_limited_by_address(components: Components) -> None:
    client = limited(components)
    call = {"jsonrpc": "2.0", "id": 1, "method": "getHealth"}
    answers = [client.post("/rpc", json=call) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].get_json()["error"]["code"] == 429
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_quotes_share_the_limit_and_orders_have_their_own(components: Components) -> None:
    client = limited(components)
    query = {"inputMint": SOL.mint, "outputMint": USDC.mint, "amount": 10**9}
    quotes = [client.get("/swap/v1/quote", query_string=query) for _ in range(4)]
    assert [answer.status_code for answer in quotes] == [200, 200, 200, 429]
    assert quotes[-1].get_json()["errorCode"] == "RATE_LIMITED"
    executed = [client.post("/swap/v2/execute", json={}).status_code for _ in range(3)]
    assert executed == [400, 400, 429]


def test_sent_transactions_count_as_orders_one_by_one(components: Components) -> None:
    client = limited(components, "off")
    call = {"jsonrpc": "2.0", "id": 1, "method": "sendTransaction", "params": ["x"]}
    batch = client.post("/rpc", json=[call] * 3)
    assert batch.status_code == 200
    assert [each["error"]["code"] for each in batch.get_json()] == [-32602, -32602, 429]
    single = client.post("/rpc", json=call)
    assert (single.status_code, single.get_json()["error"]["code"]) == (429, 429)
    assert int(single.headers["Retry-After"]) > 0
    assert client.post("/swap/v2/execute", json={}).status_code == 429
    assert client.post("/rpc", json={**call, "method": "getHealth"}).status_code == 200


def test_without_redis_each_process_counts_sent_transactions_by_itself(
    components: Components,
) -> None:
    settings = replace(
        components.settings,
        redis_url="redis://127.0.0.1:1/0",
        rate_limit="2/minute",
        rpc_rate_limit="off",
    )
    away = wire(settings)
    try:
        call = {"jsonrpc": "2.0", "id": 1, "method": "sendTransaction", "params": ["x"]}
        answers = create_app(settings, away).test_client().post("/rpc", json=[call] * 3).get_json()
    finally:
        away.close()
    assert [each["error"]["code"] for each in answers] == [-32602, -32602, 429]
