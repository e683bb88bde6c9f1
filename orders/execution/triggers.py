"""When limit, stop and sniper orders trigger.

The cost of a look at the market depends on the pairs that have resting orders and on the orders
that trigger, not on all that rest: for each pair one range of the index `orders_trigger` is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import NamedTuple
from uuid import UUID

from orders.domain.clock import EPOCH
from orders.domain.lifecycle import Status
from orders.domain.order_type import CONDITIONS, Condition, OrderType, Watched
from orders.execution.one_cancels_other import Group, decided_groups, owner_of
from orders.execution.price_comparison import limit_floor
from orders.execution.run_each import run_each
from orders.market.best_prices import best_pools
from orders.market.errors import DexError
from orders.market.tokens import Token, TokenRegistry
from orders.market.venue import Quote, Venue
from orders.observability import observe
from orders.storage.database import connection, database
from orders.storage.models import Order
from orders.storage.order_changes import Transition
from orders.storage.order_store import OrderStore

CHUNK = 500
"""Resting orders that are read and moved in one transaction."""

# A loose index scan: one probe per pair, however many orders rest.
PAIRS = """
WITH RECURSIVE pairs AS (
    (SELECT token_in, token_out, type FROM orders WHERE trigger_price IS NOT NULL
     ORDER BY token_in, token_out, type LIMIT 1)
    UNION ALL
    SELECT following.* FROM pairs, LATERAL (
        SELECT token_in, token_out, type FROM orders
        WHERE trigger_price IS NOT NULL
          AND (token_in, token_out, type) > (pairs.token_in, pairs.token_out, pairs.type)
        ORDER BY token_in, token_out, type LIMIT 1) AS following
)
SELECT token_in, token_out, type FROM pairs
"""

NEAR = """
SELECT id, amount_in, trigger_price FROM orders
WHERE token_in = %s AND token_out = %s AND type = %s AND trigger_price IS NOT NULL
  AND trigger_price {comparison} %s AND (trigger_price, id) {beyond} (%s, %s) AND due_at > %s
ORDER BY trigger_price {direction}, id {direction} LIMIT %s
"""


class Resting(NamedTuple):
    """What tells whether a resting order is met."""

    id: UUID
    amount_in: Decimal
    price: Decimal
    """The field of its condition."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The market figures of a pair that resting orders are compared with; prices in tokenOut per
    tokenIn.
    """

    token_in: Token
    token_out: Token
    spot: Decimal
    """The best venue's price before fee and impact, which stops watch."""
    best_net: Decimal
    """An upper bound of every net price: the best price after the fee, for an amount near zero."""
    liquidity_usd: Decimal
    opened_at: datetime
    """When the later of the two tokens was launched; long ago for listed tokens."""

    def bound(self, watched: Watched) -> Decimal:
        """The present market figure that trigger prices are compared with; for net prices, an upper
        bound of it.
        """
        return {
            Watched.NET_PRICE: self.best_net,
            Watched.SPOT_PRICE: self.spot,
            Watched.LIQUIDITY: self.liquidity_usd,
        }[watched]


class Triggers:
    """Triggers resting orders. Runs in the watcher."""

    def __init__(
        self,
        order_store: OrderStore,
        venues: Sequence[Venue],
        registry: TokenRegistry,
    ) -> None:
        self._order_store = order_store
        self._venues = venues
        self._registry = registry

    def tick(self) -> int:
        """Looks at all pairs once, even if one of them fails; returns how many orders it triggered.

        Raises `StoreUnavailable`.
        """
        now = self._order_store.now()
        with connection():
            pairs = list(database.execute_sql(PAIRS).fetchall())
        return run_each(
            partial(self._look_at, mint_in, mint_out, order_type, now)
            for mint_in, mint_out, order_type in pairs
        )

    def is_met(self, order: Order) -> bool:
        """Whether a look at the market now would trigger this order, stored or not."""
        now = self._order_store.now()
        pool = self._pool(order.token_in, order.token_out, now)
        if pool is None:
            return False
        condition = _condition(order)
        asked, there = getattr(order, condition.column), pool.bound(condition.watched)
        near = there <= asked if condition.falling else asked <= there
        return near and self._is_met(order, pool, now)

    def _look_at(self, mint_in: str, mint_out: str, order_type: str, now: datetime) -> int:
        pool = self._pool(mint_in, mint_out, now)
        if pool is None:
            return 0
        triggered = 0
        for near in self._near(pool, OrderType(order_type), now):
            met = self._met(near, CONDITIONS[OrderType(order_type)].watched, pool, now)
            triggered += self._trigger(self._read_met(met, pool, now), pool, now)
        return triggered

    def _met(
        self, near: Sequence[Resting], watched: Watched, pool: Pool, now: datetime
    ) -> list[UUID]:
        """Those whose condition holds. Each amount is quoted once, however many orders have it."""
        if watched is not Watched.NET_PRICE:
            return [order.id for order in near]
        paid = {
            amount: self._most_paid(pool, amount, now)
            for amount in {order.amount_in for order in near}
        }
        return [
            order.id
            for order in near
            if paid[order.amount_in] >= limit_floor(pool.token_out, order.amount_in, order.price)
        ]

    def _read_met(self, met: Sequence[UUID], pool: Pool, now: datetime) -> list[Order]:
        """The orders that are still met: another watcher, a cancel or an amendment may have moved
        some of them since.
        """
        if not met:
            return []
        with connection():
            orders = list(Order.select().where(Order.id.in_(met) & (Order.status == Status.OPEN)))
        return [order for order in orders if self._is_met(order, pool, now)]

    def _pool(self, mint_in: str, mint_out: str, now: datetime) -> Pool | None:
        """The pair's market now; None while it has none."""
        token_in, token_out = self._registry.find(mint_in), self._registry.find(mint_out)
        if token_in is None or token_out is None:
            return None
        try:
            pools = best_pools(self._venues, token_in, token_out, now)
        except DexError:
            return None
        return Pool(
            token_in,
            token_out,
            spot=pools.spot,
            best_net=pools.net,
            liquidity_usd=pools.liquidity_usd,
            opened_at=self._opened_at(token_in, token_out),
        )

    def _opened_at(self, *tokens: Token) -> datetime:
        launches = (self._registry.launch_of(token.mint) for token in tokens)
        return max((launch.live_at for launch in launches if launch), default=EPOCH)

    def _near(self, pool: Pool, order_type: OrderType, now: datetime) -> Iterator[list[Resting]]:
        """The pair's orders that may have been met, those furthest past their condition first."""
        condition = CONDITIONS[order_type]
        falling = condition.falling
        statement = NEAR.format(
            comparison=">=" if falling else "<=",
            beyond="<" if falling else ">",
            direction="DESC" if falling else "ASC",
        )
        last = (
            Decimal("Infinity") if falling else Decimal(-1),
            UUID(int=2**128 - 1 if falling else 0),
        )
        while True:
            arguments = (
                pool.token_in.mint, pool.token_out.mint, order_type, pool.bound(condition.watched),
                *last, now, CHUNK,
            )  # fmt: skip
            with connection():
                rows = database.execute_sql(statement, arguments).fetchall()
            yield [Resting(*row) for row in rows]
            if len(rows) < CHUNK:
                return
            last = (rows[-1][2], rows[-1][0])

    def _is_met(self, order: Order, pool: Pool, now: datetime) -> bool:
        if _condition(order).watched is not Watched.NET_PRICE:
            return True
        floor = limit_floor(pool.token_out, order.amount_in, order.limit_price)
        return self._most_paid(pool, order.amount_in, now) >= floor

    def _most_paid(self, pool: Pool, amount_in: Decimal, now: datetime) -> int:
        """The most that a venue pays for the amount, in base units; 0 if none takes it."""
        units = pool.token_in.to_base(amount_in)
        quotes = [self._quote(venue, pool, units, now) for venue in self._venues]
        return max((quote.amount_out for quote in quotes if quote is not None), default=0)

    def _quote(self, venue: Venue, pool: Pool, units: int, now: datetime) -> Quote | None:
        try:
            return venue.quote_at(pool.token_in, pool.token_out, units, now)
        except DexError:
            return None

    def _trigger(self, orders: list[Order], pool: Pool, now: datetime) -> int:
        """Queues the orders and cancels the others of their groups."""
        if not orders:
            return 0
        winners, losers = self._decide_groups(orders)
        trigger = {"price": pool.spot, "liquidityUsd": pool.liquidity_usd}
        transitions = [
            Transition(
                order,
                Status.PENDING,
                {"attempt": order.attempts + 1, "trigger": trigger},
                due_at=now,
                changes=_group_claim(order),
            )
            for order in winners
        ]
        transitions += [
            Transition(order, Status.CANCELLED, {"reason": "oco_triggered", "by": str(winner)})
            for order, winner in losers
        ]
        met_since = {order.id: _met_since(order, pool, now) for order in winners}
        moved = self._order_store.advance_all(transitions)
        queued_at = self._order_store.now()
        triggered = [order for order in winners if order.id in moved]
        for order in triggered:
            observe.order_triggered(order, pool.spot, met_since[order.id], queued_at)
        return len(triggered)

    def _decide_groups(self, orders: list[Order]) -> tuple[list[Order], list[tuple[Order, UUID]]]:
        """The orders to trigger, and the orders to cancel because another of their group triggers,
        with that other.
        """
        groups = {order.oco_group for order in orders if order.oco_group}
        if not groups:
            return orders, []
        decided = decided_groups(groups)
        with connection():
            siblings = list(
                Order.select().where(Order.oco_group.in_(groups) & (Order.status == Status.OPEN))
            )
        winners: list[Order] = []
        for order in orders:
            group = order.oco_group
            if (
                group is None
                or decided.setdefault((group, owner_of(order.account_id)), order.id) == order.id
            ):
                winners.append(order)
        chosen = {order.id for order in winners}
        losers = [
            (order, winner)
            for order in siblings
            if order.id not in chosen and (winner := _winner_over(order, decided))
        ]
        return winners, losers


def _met_since(order: Order, pool: Pool, now: datetime) -> datetime:
    """Since when the order's condition is known to hold.

    Prices are sampled once a tick, so a condition on one counts as met from that tick. A launch has
    its time, so a sniper's delay includes the wait for the next tick.
    """
    if _condition(order).watched is not Watched.LIQUIDITY:
        return now
    rested_since: datetime = order.updated_at
    return min(max(pool.opened_at, rested_since), now)


def _winner_over(order: Order, decided: Mapping[Group, UUID]) -> UUID | None:
    if order.oco_group is None:
        return None
    return decided.get((order.oco_group, owner_of(order.account_id)))


def _condition(order: Order) -> Condition:
    return CONDITIONS[OrderType(order.type)]


def _group_claim(order: Order) -> dict[str, object]:
    if order.oco_group is None:
        return {}
    return {"oco_group": order.oco_group, "oco_owner": owner_of(order.account_id)}
