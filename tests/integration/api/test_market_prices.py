"""What pairs and tokens cost: what resting orders look at, candles of it, the token search."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import base58
from flask.testing import FlaskClient

from orders.domain import exact_json
from orders.wiring import Components

PAIR = "tokenIn=USDC&tokenOut=SOL"
BONK_MINT = "DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263"


def read(client: FlaskClient, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.data
    value: dict[str, Any] = exact_json.loads(answer.data)
    return value


def test_a_pair_tells_what_its_resting_orders_look_at(shared_client: FlaskClient) -> None:
    prices = read(shared_client, f"/api/market/prices?{PAIR}")
    assert prices["net"] < prices["spot"]
    assert abs(prices["spot"] / prices["reference"] - 1) < Decimal("0.05")
    worth = prices["tokenInUsd"] / prices["tokenOutUsd"]
    assert abs(worth / prices["reference"] - 1) < Decimal("1e-9")
    assert prices["liquidityUsd"] > 0


def test_no_quote_beats_the_net_price_of_its_pair(shared_client: FlaskClient) -> None:
    net = read(shared_client, f"/api/market/prices?{PAIR}")["net"]
    best = read(shared_client, f"/api/quotes?{PAIR}&amountIn=1")["best"]
    # The market has moved a little between the two.
    assert abs(best["amountOut"] / net - 1) < Decimal("0.005")


def test_candles_are_drawn_of_each_kind_of_price(shared_client: FlaskClient) -> None:
    span = "from=2026-01-01T00:00:00Z&to=2026-01-01T00:10:00Z"
    drawn = {
        kind: read(shared_client, f"/api/market/candles?{PAIR}&{span}&priceKind={kind}")
        for kind in ("reference", "spot", "net")
    }
    assert [answer["priceKind"] for answer in drawn.values()] == list(drawn)
    closes = [[candle["close"] for candle in answer["candles"]] for answer in drawn.values()]
    for reference, spot, net in zip(*closes, strict=True):
        assert reference < spot * Decimal("1.05")
        assert net < spot
    default = read(shared_client, f"/api/market/candles?{PAIR}&{span}")
    assert default["candles"] == drawn["reference"]["candles"]
    refused = shared_client.get(f"/api/market/candles?{PAIR}&priceKind=best")
    assert list(refused.get_json()["errors"]) == ["priceKind"]


def test_tokens_are_found_by_symbol_name_and_mint(shared_client: FlaskClient) -> None:
    for wanted in ("bonk", "bon", BONK_MINT[:6]):
        tokens = read(shared_client, f"/api/market/tokens?q={wanted}")["tokens"]
        assert "BONK" in [token["symbol"] for token in tokens]
    assert [t["symbol"] for t in read(shared_client, "/api/market/tokens?q=dogwif")["tokens"]] == [
        "WIF"
    ]
    assert read(shared_client, "/api/market/tokens?q=none-such")["tokens"] == []
    assert len(read(shared_client, "/api/market/tokens?limit=3")["tokens"]) == 3
    assert shared_client.get("/api/market/tokens?limit=51").status_code == 400


def test_token_has_its_price_and_its_change(shared_client: FlaskClient) -> None:
    [token] = read(shared_client, f"/api/market/tokens?q={BONK_MINT}")["tokens"]
    first, last = token["sparkline"][0], token["sparkline"][-1]
    assert len(token["sparkline"]) == 25
    assert token["priceUsd"] == last
    assert abs(token["change24hPercent"] - (last / first - 1) * 100) < Decimal("0.0001")
    [as_text] = read(shared_client, f"/api/market/tokens?q={BONK_MINT}&amounts=string")["tokens"]
    assert all(isinstance(price, str) for price in [as_text["priceUsd"], *as_text["sparkline"]])


def test_a_launch_has_no_price_before_it_opens_and_no_change_on_its_first_day(
    client: FlaskClient, components: Components
) -> None:
    now = components.clock.now()
    for symbol, live_at in (("EARLY", now + timedelta(hours=1)), ("YOUNG", now)):
        launch = {
            "symbol": symbol,
            "mint": base58.b58encode(symbol.encode().rjust(32, b"1")).decode(),
            "priceUsd": "0.02",
            "liquidityUsd": "200000",
            "liveAt": live_at.isoformat(timespec="milliseconds"),
        }
        assert client.post("/api/market/launches", json=launch).status_code == 201
    [early] = read(client, "/api/market/tokens?q=EARLY")["tokens"]
    assert (early["priceUsd"], early["change24hPercent"], early["sparkline"]) == (None, None, [])
    [young] = read(client, "/api/market/tokens?q=YOUNG")["tokens"]
    assert young["priceUsd"] > 0
    assert young["change24hPercent"] is None
    assert code_of(client, "tokenIn=EARLY&tokenOut=SOL") == "pool_not_found"


def code_of(client: FlaskClient, pair: str) -> str:
    """The code of the refusal to tell a pair's prices."""
    return str(client.get(f"/api/market/prices?{pair}").get_json()["code"])
