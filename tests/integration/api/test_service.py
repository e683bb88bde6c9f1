"""The service around the API: figures, readiness, rate limits, headers, CORS, the market."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import base58
import pytest
from flask.testing import FlaskClient

from app import create_app
from orders.domain import exact_json
from orders.local.valkey import LocalValkey
from orders.wiring import Components, wire

MARKET = {"tokenIn": "SOL", "tokenOut": "USDC", "amountIn": "1.5"}
ROCKET = {
    "symbol": "ROCKET",
    "mint": "4fYNw3dojWmQ4dXtSGE9epjRGy9pFSx62YypT7avPYvA",
    "priceUsd": "0.0125",
    "liquidityUsd": 50_000,
}


def test_health_says_ok(shared_client: FlaskClient) -> None:
    assert shared_client.get("/health").get_json() == {"status": "ok"}


def test_readiness_tells_each_dependency(shared_client: FlaskClient) -> None:
    answer = shared_client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.get_json()["status"] == "ready"
    for dependency in ("postgresql", "redis"):
        found = answer.get_json()["dependencies"][dependency]
        assert found["state"] == "up"
        assert found["latencyMs"] >= 0


def test_without_redis_orders_are_accepted_and_readiness_is_degraded(
    components: Components,
) -> None:
    settings = replace(
        components.settings, redis_url="redis://127.0.0.1:1/0", rate_limit="1/minute"
    )
    away = wire(settings)
    try:
        client = create_app(settings, away).test_client()
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.get_json()["status"]) == (200, "degraded")
        assert client.get("/api/queue/metrics").get_json()["workers"] is None
        assert client.post("/api/orders/execute", json=MARKET).status_code == 202
        refused = client.post("/api/orders/execute", json=MARKET)
        assert refused.status_code == 429, "each process counts for itself meanwhile"
    finally:
        away.close()


def test_without_postgresql_nothing_is_ready_and_clients_are_told_to_wait(
    components: Components,
) -> None:
    settings = replace(components.settings, database_url="postgresql://u@127.0.0.1:1/none")
    away = wire(settings)
    try:
        client = create_app(settings, away).test_client()
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.get_json()["status"]) == (503, "unavailable")
        for answer in (
            client.post("/api/orders/execute", json=MARKET),
            client.get("/api/orders"),
            client.get("/api/queue/metrics"),
        ):
            assert (answer.status_code, answer.get_json()["code"]) == (503, "store_unavailable")
            assert int(answer.headers["Retry-After"]) > 0
            assert "127.0.0.1" not in answer.text
        assert client.get("/health").status_code == 200
    finally:
        away.close()


def test_queue_figures_count_waiting_and_ended_orders(
    client: FlaskClient, components: Components
) -> None:
    ids = [client.post("/api/orders/execute", json=MARKET).get_json()["orderId"] for _ in range(3)]
    client.post("/api/orders/execute", json={**MARKET, "type": "limit", "limitPrice": "1e9"})
    before = client.get("/api/queue/metrics").get_json()
    assert (before["waiting"], before["active"], before["completed"]) == (3, 0, 0)
    assert before["oldestWaitingSeconds"] >= 0
    components.engine.execute(UUID(ids[0]))
    after = client.get("/api/queue/metrics").get_json()
    assert (after["waiting"], after["completed"], after["failed"]) == (2, 1, 0)
    assert after["throughputPerMinute"] == 1
    assert after["failuresByCode"] == {}
    assert after["delayed"] == 0


def test_metrics_are_in_the_prometheus_format(shared_client: FlaskClient) -> None:
    answer = shared_client.get("/metrics")
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"


@pytest.fixture
def limited(components: Components) -> FlaskClient:
    settings = replace(components.settings, rate_limit="3/minute", auth_rate_limit="2/minute")
    return create_app(settings, components).test_client()


def test_orders_are_limited_per_caller(limited: FlaskClient) -> None:
    answers = [limited.post("/api/orders/execute", json=MARKET) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert answers[0].headers["RateLimit-Limit"] == "3"
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert 0 < int(answers[3].headers["RateLimit-Reset"]) <= 61
    assert 0 < int(answers[3].headers["Retry-After"]) <= 61
    assert answers[3].get_json()["code"] == "rate_limited"
    wait_s = answers[3].headers["Retry-After"]
    assert answers[3].get_json()["detail"] == (
        f"Too many requests: 3 requests in 60 s are accepted. Try again in {wait_s} s."
    )
    assert "Retry-After" not in answers[0].headers
    elsewhere = limited.post(
        "/api/orders/execute", json=MARKET, environ_base={"REMOTE_ADDR": "10.0.0.9"}
    )
    assert elsewhere.status_code == 202


def test_a_refusal_for_another_reason_keeps_its_own_retry_after(limited: FlaskClient) -> None:
    body = {"email": "a@example.org", "password": "p" * 10}
    token = limited.post("/api/auth/signup", json=body).get_json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    most = {"token": "USDC", "amount": 90_000}
    faucet = [limited.post("/api/account/faucet", json=most, headers=headers) for _ in range(2)]
    scenario = {**MARKET, "scenario": "http_429"}
    answers = [limited.post("/api/orders", json=scenario, headers=headers) for _ in range(2)]
    assert [answer.get_json().get("code") for answer in (*faucet, *answers)] == [
        None,
        "faucet_limit",
        "rate_limited",
        "rate_limited",
    ]
    assert int(faucet[1].headers["Retry-After"]) > 3000, "the faucet counts what it gave in an hour"
    assert answers[0].headers["RateLimit-Remaining"] == "0"
    assert answers[0].headers["Retry-After"] == "1"
    assert answers[1].headers["Retry-After"] == answers[1].headers["RateLimit-Reset"]


def test_reading_is_not_limited(limited: FlaskClient) -> None:
    assert {limited.get("/api/orders").status_code for _ in range(10)} == {200}


def test_both_addresses_of_orders_share_one_limit_per_account(limited: FlaskClient) -> None:
    session = limited.post(
        "/api/auth/signup", json={"email": "a@example.org", "password": "p" * 10}
    ).get_json()
    headers = {"Authorization": f"Bearer {session['token']}"}
    paths = ["/api/orders", "/api/orders/execute"] * 2
    statuses = [limited.post(path, json=MARKET, headers=headers).status_code for path in paths]
    assert statuses == [202, 202, 202, 429]
    assert limited.post("/api/orders/execute", json=MARKET).status_code == 202


def test_log_ins_are_limited_more_tightly(limited: FlaskClient) -> None:
    body = {"email": "a@example.org", "password": "wrong password"}
    statuses = [limited.post("/api/auth/login", json=body).status_code for _ in range(3)]
    assert statuses == [401, 401, 429]


def test_a_restart_of_redis_frees_everybody(limited: FlaskClient, valkey: LocalValkey) -> None:
    for _ in range(4):
        limited.post("/api/orders/execute", json=MARKET)
    valkey.restart()
    assert limited.post("/api/orders/execute", json=MARKET).status_code == 202


@pytest.mark.parametrize(
    "path", ["/health", "/api/tokens", "/", "/docs/", "/docs/explorer", "/nothing"]
)
def test_every_answer_has_security_headers(shared_client: FlaskClient, path: str) -> None:
    headers = shared_client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "path", ["/", "/docs/", "/docs/explorer", "/docs/errors", "/operations", "/orders/x"]
)
def test_pages_hold_no_inline_script_and_no_other_host(
    shared_client: FlaskClient, path: str
) -> None:
    page = shared_client.get(path).text
    assert "<script>" not in page
    assert 'src="http' not in page
    assert 'href="//' not in page
    assert " style=" not in page


def test_other_origins_are_told_nothing_by_default(shared_client: FlaskClient) -> None:
    headers = shared_client.get("/api/tokens", headers={"Origin": "https://a.example"}).headers
    assert "Access-Control-Allow-Origin" not in headers


def test_origins_of_the_settings_may_call_the_api(components: Components) -> None:
    settings = replace(components.settings, cors_origins="https://a.example, https://b.example")
    client = create_app(settings, components).test_client()
    preflight = client.options(
        "/api/orders/execute",
        headers={"Origin": "https://b.example", "Access-Control-Request-Method": "POST"},
    )
    assert preflight.headers["Access-Control-Allow-Origin"] == "https://b.example"
    assert "Idempotency-Key" in preflight.headers["Access-Control-Allow-Headers"]
    assert "DELETE" in preflight.headers["Access-Control-Allow-Methods"]
    answer = client.get("/nothing", headers={"Origin": "https://a.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert "Origin" in answer.headers["Vary"]
    stranger = client.get("/api/tokens", headers={"Origin": "https://c.example"})
    assert "Access-Control-Allow-Origin" not in stranger.headers
    own = client.get("/api/tokens", headers={"Origin": "http://localhost"})
    assert own.headers["Access-Control-Allow-Origin"] == "http://localhost"


def test_quotes_compare_both_venues(shared_client: FlaskClient) -> None:
    answer = shared_client.get(
        "/api/quotes?tokenIn=sol&tokenOut=USDC&amountIn=1.50&maxSlippageBps=50"
    )
    assert answer.status_code == 200
    assert '"amountIn":1.50,' in answer.text
    found = exact_json.loads(answer.data)
    assert {quote["dex"] for quote in found["quotes"]} == {"raydium", "meteora"}
    best = max(found["quotes"], key=lambda quote: quote["amountOut"])
    assert found["best"] == best
    floor = best["amountOut"] * Decimal("0.995")
    assert floor <= best["minAmountOut"] < floor + Decimal("0.000001")
    assert best["dex"].capitalize() in found["message"]
    assert found["errors"] == {}


def test_quotes_for_more_than_the_pools_hold_are_refused(shared_client: FlaskClient) -> None:
    answer = shared_client.get("/api/quotes?tokenIn=SOL&tokenOut=USDC&amountIn=1000000")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "insufficient_liquidity")


def test_candles_fit_together(shared_client: FlaskClient) -> None:
    query = "from=2026-01-01T00:00:30Z&to=2026-01-01T02:00:00Z&interval=1m"
    answer = shared_client.get(f"/api/market/candles?tokenIn=SOL&tokenOut=USDC&{query}")
    candles = answer.get_json()["candles"]
    times = [candle["time"] for candle in candles]
    assert times[0] == "2026-01-01T00:00:00.000Z"
    assert times[-1] == "2026-01-01T01:59:00.000Z"
    assert len(times) == len(set(times)) == 120
    for candle in candles:
        assert candle["low"] <= min(candle["open"], candle["close"])
        assert candle["high"] >= max(candle["open"], candle["close"])


def test_without_a_range_the_latest_candles_are_drawn(shared_client: FlaskClient) -> None:
    answer = shared_client.get("/api/market/candles?tokenIn=SOL&tokenOut=BONK&interval=1d")
    assert 300 <= len(answer.get_json()["candles"]) <= 301


def test_a_scheduled_launch_is_listed_before_it_trades(
    client: FlaskClient, components: Components
) -> None:
    live_at = exact_json.iso(components.clock.now() + timedelta(hours=1))
    made = client.post("/api/market/launches", json={**ROCKET, "liveAt": live_at})
    assert made.status_code == 201
    [listed] = exact_json.loads(client.get("/api/market/launches").data)["launches"]
    assert listed == exact_json.loads(made.data)
    assert listed["priceUsd"] == Decimal("0.0125")
    token = next(
        token
        for token in client.get("/api/tokens").get_json()["tokens"]
        if token["symbol"] == "ROCKET"
    )
    assert (token["launched"], token["liveAt"], token["decimals"]) == (False, live_at, 6)
    quote = client.get("/api/quotes?tokenIn=SOL&tokenOut=ROCKET&amountIn=1")
    assert (quote.status_code, quote.get_json()["code"]) == (404, "pool_not_found")
    other_mint = "8fYNw3dojWmQ4dXtSGE9epjRGy9pFSx62YypT7avPYvA"
    for same in (
        ROCKET,
        {**ROCKET, "symbol": "other"},
        {**ROCKET, "symbol": "rocket", "mint": other_mint},
    ):
        again = client.post("/api/market/launches", json=same)
        assert (again.status_code, again.get_json()["code"]) == (409, "launch_conflict")


def schedule_in(client: FlaskClient, components: Components, **minutes: int) -> list[str]:
    """Schedules a launch of each symbol so many minutes ahead."""
    for number, (symbol, ahead) in enumerate(minutes.items()):
        mint = base58.b58encode(bytes([7] * 31 + [number])).decode()
        at = exact_json.iso(components.clock.now() + timedelta(minutes=ahead))
        body = {**ROCKET, "symbol": symbol, "mint": mint, "liveAt": at}
        assert client.post("/api/market/launches", json=body).status_code == 201
    return list(minutes)


def test_launches_are_listed_next_to_open_first_then_latest_past(
    client: FlaskClient, components: Components
) -> None:
    schedule_in(client, components, LATER=50, SOON=5, NEXT=1)
    for symbol, age_s in (("OLD", 50), ("RECENT", 10)):
        mint = base58.b58encode(bytes([9] * 31 + [age_s])).decode()
        at = exact_json.iso(components.clock.now() - timedelta(seconds=age_s))
        body = {**ROCKET, "symbol": symbol, "mint": mint, "liveAt": at}
        assert client.post("/api/market/launches", json=body).status_code == 201
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = client.get(f"/api/market/launches?limit=2{cursor}").get_json()
        seen += [launch["symbol"] for launch in page["launches"]]
        cursor = page["nextCursor"] and f"&cursor={page['nextCursor']}"
    assert seen == ["NEXT", "SOON", "LATER", "RECENT", "OLD"]


def test_a_launch_is_found_among_many_by_symbol_or_mint(
    client: FlaskClient, components: Components
) -> None:
    schedule_in(client, components, MINE=300, **{f"OTHER{n}": n + 1 for n in range(60)})
    assert len(client.get("/api/market/launches").get_json()["launches"]) == 50
    [found] = client.get("/api/market/launches?q=min").get_json()["launches"]
    assert found["symbol"] == "MINE"
    again = client.get(f"/api/market/launches?q={found['mint'][:43]}").get_json()["launches"]
    assert found in again
    assert client.get("/api/market/launches?q=%25").get_json()["launches"] == []


@pytest.mark.parametrize("cursor", ["x", "!!", "a" * 160, "MjAyNiAyMDI2IFNPTA"])
def test_cursors_of_somebody_else_are_refused(shared_client: FlaskClient, cursor: str) -> None:
    answer = shared_client.get(f"/api/market/launches?cursor={cursor}")
    assert (answer.status_code, list(answer.get_json()["errors"])) == (400, ["cursor"])


def test_a_launch_is_known_to_every_process_at_once(components: Components) -> None:
    settings = replace(components.settings, launch_refresh_s=60)
    here, there = wire(settings), wire(settings)
    try:
        client, other = (create_app(settings, each).test_client() for each in (here, there))
        for each in (client, other):
            assert each.get("/api/quotes?tokenIn=SOL&tokenOut=ROCKET&amountIn=1").status_code == 400
        assert client.post("/api/market/launches", json=ROCKET).status_code == 201
        for each in (client, other):
            body = {**MARKET, "tokenOut": "ROCKET"}
            assert each.post("/api/orders/execute", json=body).status_code == 202
            symbols = [token["symbol"] for token in each.get("/api/tokens").get_json()["tokens"]]
            assert "ROCKET" in symbols
    finally:
        here.close()
        there.close()


def test_a_launched_token_is_quoted(client: FlaskClient) -> None:
    client.post("/api/market/launches", json=ROCKET)
    quote = client.get("/api/quotes?tokenIn=USDC&tokenOut=rocket&amountIn=10")
    assert quote.status_code == 200, quote.text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"symbol": "<b>"}, "symbol"),
        ({"symbol": "R"}, "symbol"),
        ({"mint": "short"}, "mint"),
        ({"mint": "0" * 44}, "mint"),
        ({"decimals": 10}, "decimals"),
        ({"priceUsd": 0}, "priceUsd"),
        ({"priceUsd": True}, "priceUsd"),
        ({"liquidityUsd": "-1"}, "liquidityUsd"),
        ({"liveAt": "2020-01-01T00:00:00Z"}, "liveAt"),
        ({"liveAt": "2999-01-01T00:00:00Z"}, "liveAt"),
        ({"price": 1}, "price"),
    ],
)
def test_unusable_launches_are_refused_by_name(
    shared_client: FlaskClient, fields: dict[str, object], field: str
) -> None:
    answer = shared_client.post("/api/market/launches", json={**ROCKET, **fields})
    assert answer.status_code == 400
    assert field in answer.get_json()["errors"]


@pytest.mark.parametrize(
    "fields", [{"symbol": "sol"}, {"mint": "So11111111111111111111111111111111111111112"}]
)
def test_listed_tokens_are_not_launched_again(
    shared_client: FlaskClient, fields: dict[str, object]
) -> None:
    answer = shared_client.post("/api/market/launches", json={**ROCKET, **fields})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "launch_conflict")
