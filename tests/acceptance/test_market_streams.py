"""Prices and candles over Socket.IO: what is told, how often, and to whom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests
import socketio

from orders.domain import exact_json
from tests.acceptance.conftest import MakeStack
from tests.clients import PATIENCE_S, wait_until
from tests.stack import Stack

PAIR = {"tokenIn": "SOL", "tokenOut": "USDC"}


class MarketClient:
    """A Socket.IO client that keeps what it is told about the market."""

    def __init__(self, url: str, query: str = "") -> None:
        self.prices: list[dict[str, Any]] = []
        self.candles: list[dict[str, Any]] = []
        self._client = socketio.Client(json=exact_json, reconnection=False)
        self._client.on("price_update", self.prices.append)
        self._client.on("candle_update", self.candles.append)
        self._client.connect(url + query)

    def ask(self, event: str, request: Any = None) -> dict[str, Any]:
        return dict(self._client.call(event, request, timeout=PATIENCE_S))

    def close(self) -> None:
        self._client.disconnect()


@pytest.fixture(scope="module")
def quick(make_lasting: MakeStack) -> Stack:
    """A web process alone, whose market streams are quick and narrow."""
    return make_lasting(
        workers=0, watchers=0, stream_market_ms=50, stream_markets=3, stream_messages_per_s=3
    )


@pytest.fixture
def client(quick: Stack) -> Iterator[MarketClient]:
    connected = MarketClient(quick.url)
    yield connected
    connected.close()


def get(stack: Stack, path: str, **query: str) -> Any:
    answer = requests.get(f"{stack.url}{path}", params=query, timeout=10)
    return exact_json.loads(answer.text)


@contextmanager
def frozen(stack: Stack, *tokens: str) -> Iterator[None]:
    """Stops the tokens' prices, so that what several ask for is one and the same."""
    moves = f"{stack.url}/api/market/moves"
    for token in tokens:
        body = {"token": token, "changePercent": 0, "freeze": True}
        requests.post(moves, json=body, timeout=10).raise_for_status()
    try:
        yield
    finally:
        requests.delete(moves, timeout=10).raise_for_status()


def test_price_updates_name_each_venue_the_best_one_and_the_reference(client: MarketClient) -> None:
    answer = client.ask("subscribe_prices", {"pairs": [PAIR]})
    assert answer["ok"]
    told = answer["prices"][0]
    assert (told["tokenIn"], told["tokenOut"], told["amountIn"]) == ("SOL", "USDC", None)
    assert {venue["dex"] for venue in told["venues"]} == {"raydium", "meteora"}
    for venue in told["venues"]:
        assert venue["net"] == venue["spot"] * (10_000 - venue["feeBps"]) / 10_000
        assert abs(venue["spot"] / told["reference"] - 1) < Decimal("0.1")
    assert told["best"] == max(told["venues"], key=lambda venue: venue["net"])
    wait_until(lambda: len(client.prices) > 2, "price updates")
    times = [update["timestamp"] for update in client.prices]
    assert times == sorted(set(times))
    assert len({str(update["reference"]) for update in client.prices}) > 1


def test_price_for_an_amount_equals_its_quote(quick: Stack, client: MarketClient) -> None:
    asked = {"pairs": [{**PAIR, "amountIn": "20.0"}, PAIR]}

    def agrees() -> bool:
        quotes = get(quick, "/api/quotes", **PAIR, amountIn="20")
        told = next(each for each in reversed(client.prices) if each["amountIn"] == 20)
        paid = {quote["dex"]: quote["amountOut"] for quote in quotes["quotes"]}
        nets = {venue["dex"]: venue["net"] for venue in told["venues"]}
        close = all(abs(nets[dex] * 20 - paid[dex]) < Decimal("0.00001") for dex in paid)
        return close and told["best"]["dex"] == quotes["best"]["dex"]

    with frozen(quick, "SOL", "USDC"):
        client.ask("subscribe_prices", asked)
        wait_until(lambda: any(each["amountIn"] == 20 for each in client.prices), "an update")
        wait_until(agrees, "the stream's price to be that of a quote")


def test_unsubscribed_pair_sends_nothing_more(client: MarketClient) -> None:
    other = {"tokenIn": "BONK", "tokenOut": "USDC"}
    client.ask("subscribe_prices", {"pairs": [PAIR, other]})
    wait_until(lambda: {each["tokenIn"] for each in client.prices} == {"SOL", "BONK"}, "both")
    assert client.ask("unsubscribe_prices", {"pairs": [PAIR]}) == {"ok": True}
    client.prices.clear()
    wait_until(lambda: len(client.prices) > 2, "updates of the other pair")
    assert {each["tokenIn"] for each in client.prices} == {"BONK"}
    assert client.ask("unsubscribe_prices") == {"ok": True}


def test_candles_start_with_the_history_and_continue_as_over_http(
    quick: Stack, client: MarketClient
) -> None:
    answer = client.ask("subscribe_candles", {"pair": PAIR, "interval": "1s", "limit": 5})
    assert answer["ok"]
    known = {candle["time"]: candle for candle in answer["candles"]}
    assert len(known) == 5
    first = answer["candles"][0]["time"]
    # Three whole candles after the running one of the beginning.
    wait_until(
        lambda: (
            len({c["time"] for update in client.candles for c in update["candles"]} - {*known}) > 3
        ),
        "new candles",
    )
    for update in client.candles:
        assert (update["tokenIn"], update["interval"]) == ("SOL", "1s")
        known.update({candle["time"]: candle for candle in update["candles"]})
    stored = get(quick, "/api/market/candles", **PAIR, interval="1s", **{"from": first})["candles"]
    complete = stored[: len(known) - 1]
    assert [known[candle["time"]] for candle in complete] == complete
    client.ask("unsubscribe_candles", {"pair": PAIR, "interval": "1s"})


def test_token_without_a_pool_has_no_price_until_it_opens(
    quick: Stack, client: MarketClient
) -> None:
    launch = {
        "symbol": "ROCKET",
        "mint": "4fYNw3dojWmQ4dXtSGE9epjRGy9pFSx62YypT7avPYvA",
        "priceUsd": 0.01,
        "liquidityUsd": 50_000,
        "liveAt": (datetime.now(UTC) + timedelta(seconds=3)).isoformat(timespec="seconds"),
    }
    answer = requests.post(f"{quick.url}/api/market/launches", json=launch, timeout=10)
    assert answer.status_code == 201
    pair = {"tokenIn": "USDC", "tokenOut": "ROCKET"}
    told = client.ask("subscribe_prices", {"pairs": [pair]})["prices"][0]
    assert (told["reference"], told["venues"], told["best"]) == (None, [], None)
    assert client.ask("subscribe_candles", {"pair": pair, "interval": "1s"})["candles"] == []
    wait_until(lambda: any(each["best"] for each in client.prices), "the opening")
    wait_until(lambda: any(each["candles"] for each in client.candles), "the first candle")


PATHS = ("pairs", "pairs.0.tokenOut", "pairs.0.amountIn")


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (None, "malformed_request"),
        ({}, "validation_failed"),
        ({"pairs": []}, "validation_failed"),
        ({"pairs": [{"tokenIn": "SOL"}]}, "validation_failed"),
        ({"pairs": [{**PAIR, "amountIn": 0}]}, "validation_failed"),
        ({"pairs": [{**PAIR, "amountIn": "0.0000000001"}]}, "validation_failed"),
        ({"pairs": [{**PAIR, "tokenOut": "NOTHING"}]}, "unknown_token"),
        ({"pairs": [{**PAIR, "tokenOut": "SOL"}]}, "same_token"),
    ],
)
def test_pairs_that_make_no_sense_are_refused(
    client: MarketClient, request_: Any, code: str
) -> None:
    answer = client.ask("subscribe_prices", request_)
    assert (answer["ok"], answer["code"]) == (False, code)
    assert all(path in PATHS for path in answer.get("errors", {"pairs": []}))


def test_connection_follows_no_more_than_it_may(client: MarketClient) -> None:
    pairs = [PAIR | {"amountIn": amount} for amount in ("1", "2", "3", "4")]
    assert client.ask("subscribe_prices", {"pairs": pairs})["code"] == "too_many_subscriptions"
    assert client.ask("subscribe_prices", {"pairs": pairs[:3]})["ok"]
    assert client.ask("subscribe_prices", {"pairs": pairs[:3]})["ok"]
    chart = {"pair": PAIR, "interval": "1m"}
    assert client.ask("subscribe_candles", chart)["code"] == "too_many_subscriptions"
    client.ask("unsubscribe_prices", {"pairs": [PAIR | {"amountIn": 1}]})
    assert client.ask("subscribe_candles", chart)["ok"]


def test_connection_with_too_many_requests_is_told_to_wait(client: MarketClient) -> None:
    codes = [client.ask("unsubscribe_prices").get("code") for _ in range(200)]
    assert "rate_limited" in codes
    assert set(codes[:30]) == {None}


def test_amounts_are_strings_on_request_and_numbers_otherwise(
    quick: Stack, client: MarketClient
) -> None:
    exact = MarketClient(quick.url, "?amounts=string")
    answer = exact.ask("subscribe_prices", {"pairs": [PAIR]})
    assert isinstance(answer["prices"][0]["reference"], str)
    client.ask("subscribe_prices", {"pairs": [PAIR]})
    wait_until(lambda: exact.prices and client.prices, "updates for both")
    venue = exact.prices[0]["venues"][0]
    assert isinstance(venue["net"], str)
    assert isinstance(venue["feeBps"], int)
    assert isinstance(client.prices[0]["venues"][0]["net"], Decimal)
    exact.close()
    with pytest.raises(socketio.exceptions.ConnectionError):
        MarketClient(quick.url, "?amounts=roman")
