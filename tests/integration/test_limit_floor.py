"""A limit is a hard floor on the fill, whatever the market and the limit: a thousand of them."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import psycopg2
import pytest

from orders.config import Settings
from orders.domain.caller import ANONYMOUS
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.execution.price_comparison import limit_floor
from orders.market.tokens import LISTED, TOKENS
from orders.storage.database import connection
from orders.storage.models import Order
from orders.wiring import Components, wire
from tests.check_history import ClientLog, check_history

ORDERS_PER_SEED = 100


@pytest.mark.parametrize("seed", range(10))
def test_no_limit_order_fills_below_its_limit(settings: Settings, seed: int) -> None:
    chance = random.Random(seed)
    components = wire(replace(settings, market_seed=f"seed {seed}"))
    placed = [_place_near_market(components, chance) for _ in range(ORDERS_PER_SEED)]

    components.triggers.tick()
    for order_id in placed:
        components.engine.execute(order_id)

    with connection():
        orders = list(Order.select())
    filled = [order for order in orders if order.status == "confirmed"]
    assert {order.status for order in orders} == {"confirmed", "open"}
    for order in filled:
        token = LISTED[order.token_out]
        floor = limit_floor(token, order.amount_in, order.limit_price)
        assert token.to_base(order.amount_out) >= floor
        assert order.amount_out >= order.amount_in * order.limit_price
    database = psycopg2.connect(components.settings.database_url)
    assert check_history(database, ClientLog(), max_retries=3) == []
    database.close()
    components.close()


def _place_near_market(components: Components, chance: random.Random) -> UUID:
    """A limit a few per cent around the market's price, for an amount worth 10 to 2,000 USD."""
    token_in, token_out = chance.sample(TOKENS, 2)
    now = datetime.now(UTC)
    price = components.market.reference_price(token_in, token_out, now)
    worth = Decimal(chance.randint(10, 2_000))
    amount = (worth / components.market.price_usd(token_in, now)).quantize(
        Decimal(1).scaleb(-token_in.decimals)
    )
    limit = price * Decimal(chance.uniform(0.95, 1.05)).quantize(Decimal("0.000001"))
    new = OrderRequest(
        OrderType.LIMIT, token_in.symbol, token_out.symbol, amount, limit_price=limit
    )
    return components.submission.place(new, ANONYMOUS).order_id
