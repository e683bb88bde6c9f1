"""A venue added in the wiring alone is routed to, quoted, watched and shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app import create_app
from orders.config import Settings
from orders.domain.clock import Clock
from orders.market.faults import Faults
from orders.market.prices import Market
from orders.market.scenarios.conditions import Conditions
from orders.market.simulated_venue import SimulatedVenue
from orders.market.tokens import Token
from orders.market.venue import PoolState, Quote, SwapInstruction, Venue
from orders.market.venues import simulated_venues
from orders.wiring import Components, wire

ALL = ["raydium", "meteora", "orca"]


class Orca:
    """A venue that is not one of the simulated ones: it has only the protocol's methods, and pays
    double.
    """

    name = "orca"

    def __init__(self, market: Market, clock: Clock) -> None:
        self._half = SimulatedVenue(
            self.name, 0, market, clock, fee_bps=1, liquidity_usd=Decimal(1_000_000), latency_s=0
        )

    def quote(
        self,
        token_in: Token,
        token_out: Token,
        amount_in: int,
        conditions: Conditions | None = None,
    ) -> Quote:
        return self._double(self._half.quote(token_in, token_out, amount_in))

    def quote_at(self, token_in: Token, token_out: Token, amount_in: int, at: datetime) -> Quote:
        return self._double(self._half.quote_at(token_in, token_out, amount_in, at))

    def pool_at(self, token_in: Token, token_out: Token, at: datetime) -> PoolState:
        pool = self._half.pool_at(token_in, token_out, at)
        return replace(pool, spot=2 * pool.spot)

    def build(self, quote: Quote, min_amount_out: int) -> SwapInstruction:
        return self._half.build(quote, min_amount_out)

    def _double(self, quote: Quote) -> Quote:
        return replace(quote, amount_out=2 * quote.amount_out, price=2 * quote.price)


def three_venues(
    settings: Settings, market: Market, clock: Clock, faults: Faults
) -> tuple[Venue, ...]:
    return (*simulated_venues(settings, market, clock, faults), Orca(market, clock))


@pytest.fixture
def components(settings: Settings) -> Iterator[Components]:
    opened = wire(settings, make_venues=three_venues)
    yield opened
    opened.close()


@pytest.fixture
def client(components: Components) -> FlaskClient:
    return create_app(components.settings, components).test_client()


def place(client: FlaskClient, **fields: object) -> str:
    swap = {"tokenIn": "SOL", "tokenOut": "USDC", "amountIn": 1, **fields}
    answer = client.post("/api/orders/execute", json=swap)
    assert answer.status_code == 202
    return str(answer.get_json()["orderId"])


def test_api_and_page_show_three_venues(client: FlaskClient) -> None:
    listed = client.get("/api/venues").get_json()["venues"]
    quoted = client.get("/api/quotes?tokenIn=SOL&tokenOut=USDC&amountIn=1").get_json()
    assert [venue["dex"] for venue in listed] == ALL
    assert [quote["dex"] for quote in quoted["quotes"]] == ALL
    assert quoted["best"]["dex"] == "orca"
    page = client.get("/").text
    assert all(f'data-dex="{dex}"' in page for dex in ALL)


def test_order_is_filled_on_the_third_venue(client: FlaskClient, components: Components) -> None:
    order_id = place(client)
    components.engine.execute(UUID(order_id))
    order = client.get(f"/api/orders/{order_id}").get_json()
    assert (order["status"], order["dexUsed"]) == ("confirmed", "orca")


def test_resting_order_triggers_on_the_third_venue(
    client: FlaskClient, components: Components
) -> None:
    quoted = client.get("/api/quotes?tokenIn=SOL&tokenOut=USDC&amountIn=1").get_json()
    others = max(quote["amountOut"] for quote in quoted["quotes"] if quote["dex"] != "orca")
    order_id = place(client, type="limit", limitPrice=round(1.5 * others, 2))
    assert components.triggers.tick() == 1
    components.engine.execute(UUID(order_id))
    order = client.get(f"/api/orders/{order_id}").get_json()
    assert (order["status"], order["dexUsed"]) == ("confirmed", "orca")
