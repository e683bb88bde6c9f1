"""Subscribing to an order, step by step."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from orders.accounts.valuation import Valuation
from orders.domain.caller import ANONYMOUS
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.streams.hub import Hubs
from orders.streams.rooms import LiveRooms
from orders.streams.subscriptions import Subscriptions
from orders.wiring import Components


class Server:
    """Socket.IO's server, which notes background tasks instead of running them."""

    def __init__(self) -> None:
        self.tasks: list[Any] = []

    def start_background_task(self, task: Any, *_: Any) -> None:
        self.tasks.append(task)


def test_all_that_an_acknowledgement_waits_for_is_done_before_the_watcher_joins(
    components: Components,
) -> None:
    server = Server()
    tasks_at_pricing: list[int] = []

    class Watched(Valuation):
        def worth(self, mint: str, amount: Decimal, at: datetime) -> Decimal | None:
            tasks_at_pricing.append(len(server.tasks))
            return super().worth(mint, amount, at)

    valuation = Watched(components.market, components.registry)
    rooms, hubs = LiveRooms(server), Hubs()
    hubs.rooms = rooms
    unused: Any = None
    subscriptions = Subscriptions(
        rooms, hubs, unused, unused, replace(components, valuation=valuation)
    )
    subscriptions.open("client", ANONYMOUS)
    order = OrderRequest(OrderType.MARKET, "SOL", "USDC", Decimal(1))
    order_id = components.submission.place(order, ANONYMOUS).order_id
    components.engine.execute(order_id)  # What a fill was worth may have to be read.

    answer = subscriptions.answer("client", "subscribe", ({"orderId": str(order_id)},))
    assert answer["ok"]
    assert len(server.tasks) == 1
    assert set(tasks_at_pricing) == {0}
