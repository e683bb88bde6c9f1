"""Checks every promise of the engine against the stored data: docs/reliability.md lists them.

`check_history` returns the violations that it finds; an empty list means that all holds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extras import RealDictCursor

from orders.domain.lifecycle import AMENDABLE, LEASED, TERMINAL, TRANSITIONS, Status
from orders.market.tokens import LISTED
from tests.check_money import check_money

Row = dict[str, Any]


@dataclass
class ClientLog:
    """What the clients saw, as evidence independent of the server."""

    accepted: set[str] = field(default_factory=set)
    """Ids of orders answered with 202."""
    keys: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Idempotency-Key -> ids of the orders it was answered with."""
    streams: dict[str, list[int]] = field(default_factory=dict)
    """Order id -> sequences seen over connections that were cut and resumed."""


def check_history(
    database: Connection,
    client_log: ClientLog,
    *,
    max_retries: int,
    quiet_at: datetime | None = None,
) -> list[str]:
    """Finds all violations.

    `quiet_at`: since then there are no faults and the system has had time, so every order must have
    ended; without it, only safety is checked.
    """
    orders = {str(row["id"]): row for row in _read(database, "SELECT * FROM orders")}
    events: dict[str, list[Row]] = defaultdict(list)
    for row in _read(database, "SELECT * FROM order_events ORDER BY order_id, sequence"):
        events[str(row["order_id"])].append(row)
    fills = _read(database, "SELECT * FROM chain.transactions WHERE outcome = 'filled'")
    filled = Counter(str(row["order_id"]) for row in fills)
    found = [
        *_accepted_orders_exist(orders, client_log),
        *_one_order_per_key(client_log),
        *_streams_equal_history(events, client_log),
        *check_money(partial(_read, database), orders),
    ]
    for order_id, order in orders.items():
        history = events[order_id]
        found += [f"{order_id}: {text}" for text in _check_order(order, history, filled[order_id])]
        if quiet_at is not None:
            found += [f"{order_id}: {text}" for text in _check_liveness(order, quiet_at)]
        if order["attempts"] > 1 + max_retries:
            found.append(f"{order_id}: 9. {order['attempts']} attempts")
    return found


def _check_order(order: Row, history: list[Row], fills: int) -> Iterable[str]:
    yield from _legal_transitions(history)
    yield from _complete_sequence(order, history)
    yield from _ledger_agrees(order, fills)
    yield from _bounds_hold(order, history)
    if order["signed_transaction"] is None:
        # Else its wallet has chosen.
        yield from _best_venue_chosen(history)
    yield from _row_is_sound(order)


def _accepted_orders_exist(orders: Mapping[str, Row], log: ClientLog) -> Iterable[str]:
    for order_id in log.accepted - orders.keys():
        yield f"{order_id}: 1. answered with 202 but not stored"


def _legal_transitions(history: list[Row]) -> Iterable[str]:
    previous: Status | None = None
    for event in history:
        status = Status(event["status"])
        if "amended" in event["data"] and status == previous and status in AMENDABLE:
            continue
        if status not in TRANSITIONS[previous]:
            yield f"2. {previous} -> {status} at {event['sequence']}"
        previous = status


def _complete_sequence(order: Row, history: list[Row]) -> Iterable[str]:
    sequences = [event["sequence"] for event in history]
    if sequences != list(range(1, len(history) + 1)) or order["sequence"] != len(history):
        yield f"3. sequences {sequences}, the order says {order['sequence']}"
    if history and history[-1]["status"] != order["status"]:
        yield f"3. last event {history[-1]['status']}, the order says {order['status']}"


def _ledger_agrees(order: Row, fills: int) -> Iterable[str]:
    if order["status"] == "confirmed" and fills != 1:
        yield f"4. confirmed with {fills} fills on the chain"
    if order["status"] in {"failed", "cancelled", "expired"} and fills != 0:
        yield f"4. {order['status']} with {fills} fills on the chain"
    if fills > 1:
        yield f"4. {fills} fills on the chain"


def _bounds_hold(order: Row, history: list[Row]) -> Iterable[str]:
    if order["status"] == "confirmed" and order["amount_out"] < order["min_amount_out"]:
        yield f"5. received {order['amount_out']}, less than {order['min_amount_out']}"
    if order["status"] == "confirmed" and order["type"] == "limit":
        unit = Decimal(1).scaleb(-LISTED[order["token_out"]].decimals)
        if order["amount_out"] < order["limit_price"] * order["amount_in"] - unit:
            yield "5. a limit filled below its limit"
    if order["type"] == "stop":
        for event in history:
            price = (event["data"].get("trigger") or {}).get("price")
            if price is not None and price > order["stop_price"]:
                yield f"5. a stop triggered at {price}, above {order['stop_price']}"


def _best_venue_chosen(history: list[Row]) -> Iterable[str]:
    for event in history:
        if event["status"] == "building":
            data = event["data"]
            best = max(quote["amountOut"] for quote in data["quotes"])
            chosen = [q["amountOut"] for q in data["quotes"] if q["dex"] == data["chosenDex"]]
            if chosen != [best]:
                yield f"6. chose {data['chosenDex']}, which was not the best"


def _row_is_sound(order: Row) -> Iterable[str]:
    """The checks that constraints would make if they did not cost a third of every statement."""
    status, kind = Status(order["status"]), order["type"]
    rests = status is Status.OPEN
    waits_for = {"limit": "limit_price", "stop": "stop_price", "sniper": "min_liquidity"}
    given = [order[name] for name in waits_for.values() if order[name] is not None]
    expected = {
        "outcome": status if status in TERMINAL else None,
        "in_flight": not rests and status not in TERMINAL,
        "rests_until": order["due_at"] if rests else None,
        "trigger_price": given[0] if rests else None,
    }
    for name, value in expected.items():
        if order[name] != value:
            yield f"11. {name} is {order[name]} while {status}"
    if (order["transaction"] is not None) != (status is Status.SUBMITTED):
        yield f"11. transaction {order['transaction']} while {status}"
    if (order["lease_owner"] is not None) != (status in LEASED):
        yield f"11. lease of {order['lease_owner']} while {status}"
    if (order["due_at"] is None) != (status in TERMINAL):
        yield f"11. due at {order['due_at']} while {status}"
    if len(given) != (kind in waits_for) or (kind in waits_for and order[waits_for[kind]] is None):
        yield f"11. a {kind} with {given}"
    if order["amount_in"] <= 0 or order["token_in"] == order["token_out"]:
        yield "11. a swap of nothing"


def _one_order_per_key(log: ClientLog) -> Iterable[str]:
    for key, ids in log.keys.items():
        if len(ids) > 1:
            yield f"7. key {key} stands for {sorted(ids)}"


def _check_liveness(order: Row, quiet_at: datetime) -> Iterable[str]:
    status = Status(order["status"])
    if status in TERMINAL:
        if order["due_at"] is not None or order["lease_owner"] is not None:
            yield f"8. {status} but still leased"
    elif status is not Status.OPEN:
        yield f"8. still {status}"
    elif order["expires_at"] <= quiet_at:
        yield f"8. open past its time {order['expires_at']}"
    if status not in LEASED and order["lease_owner"] is not None:
        yield f"8. {status} with a lease"


def _streams_equal_history(events: Mapping[str, list[Row]], log: ClientLog) -> Iterable[str]:
    for order_id, seen in log.streams.items():
        stored = [event["sequence"] for event in events[order_id]]
        if seen != stored:
            yield f"{order_id}: 10. a client saw {seen}, stored is {stored}"


def _read(database: Connection, query: str) -> list[Row]:
    with database.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(query)
        return [dict(row) for row in cursor.fetchall()]
