"""Checks the promises about money against the stored data: docs/accounts.md lists them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from orders.accounts.portfolio import equity_usd
from orders.domain.lifecycle import TERMINAL, Status
from orders.market.prices import Market
from orders.market.tokens import LISTED, TokenRegistry
from tests.clock import ManualClock

Row = dict[str, Any]
Holding = tuple[str, str]
"""A wallet and a mint."""
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def check_money(read: Callable[[str], list[Row]], orders: Mapping[str, Row]) -> Iterable[str]:
    """Finds all violations; `read` returns the rows of a query."""
    wallets = {row["address"]: row for row in read("SELECT * FROM wallets")}
    balances = {(row["wallet"], row["mint"]): row for row in read("SELECT * FROM balances")}
    entries = read("SELECT * FROM ledger_entries")
    sums = _sums(entries)
    yield from _mints_sum_to_zero(entries)
    yield from _balances_are_sums(balances, sums, wallets)
    yield from _holds_belong_to_living_orders(balances, orders)
    yield from _swaps_are_the_fills(read, entries, orders)
    yield from _payments_follow_their_swap(entries, orders)
    yield from _changes_are_numbered(read, wallets, balances)
    yield from _equity_is_equal_both_ways(wallets, balances, sums)


def _sums(entries: list[Row]) -> dict[Holding, Decimal]:
    sums: dict[Holding, Decimal] = defaultdict(Decimal)
    for entry in entries:
        sums[entry["wallet"], entry["mint"]] += entry["amount"]
    return sums


def _mints_sum_to_zero(entries: list[Row]) -> Iterable[str]:
    sums: dict[Any, Decimal] = defaultdict(Decimal)
    for entry in entries:
        sums[entry["transfer_id"], entry["mint"]] += entry["amount"]
    for (transfer, mint), total in sums.items():
        if total:
            yield f"{transfer}: 12. {total} of {mint} out of nothing"


def _balances_are_sums(
    balances: Mapping[Holding, Row], sums: Mapping[Holding, Decimal], wallets: Mapping[str, Row]
) -> Iterable[str]:
    for (wallet, mint), row in balances.items():
        if row["total"] != sums.get((wallet, mint), 0):
            yield f"{wallet}: 13. {row['total']} of {mint}, entries say {sums.get((wallet, mint))}"
        if not 0 <= row["held"] <= row["total"]:
            yield f"{wallet}: 15. {row['held']} held of {row['total']} {mint}"
    for wallet, mint in sums:
        if wallet in wallets and (wallet, mint) not in balances:
            yield f"{wallet}: 13. entries of {mint} without a balance"


def _holds_belong_to_living_orders(
    balances: Mapping[Holding, Row], orders: Mapping[str, Row]
) -> Iterable[str]:
    groups: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for order_id, order in orders.items():
        if order["hold"] is not None and order["status"] not in TERMINAL:
            group = order["wallet"], order["token_in"], str(order["oco_group"] or order_id)
            groups[group] = max(groups[group], order["hold"])
    expected: dict[Holding, Decimal] = defaultdict(Decimal)
    for (wallet, mint, _), hold in groups.items():
        expected[wallet, mint] += hold
    for order in orders.values():
        if order["hold"] is not None and order["status"] not in TERMINAL:
            for payment in _payments(order):
                if payment["wallet"] == order["wallet"]:
                    expected[order["wallet"], payment["mint"]] -= payment["amount"]
    for holding in expected.keys() | balances.keys():
        held = balances[holding]["held"] if holding in balances else None
        if held != expected.get(holding, 0):
            yield f"{holding}: 14. {held} held, living orders hold {expected.get(holding, 0)}"


def _swaps_are_the_fills(
    read: Callable[[str], list[Row]], entries: list[Row], orders: Mapping[str, Row]
) -> Iterable[str]:
    swaps = {str(row["id"]) for row in read("SELECT id FROM transfers WHERE kind = 'swap'")}
    fills = {
        str(row["order_id"]): row
        for row in read("SELECT * FROM chain.transactions WHERE outcome = 'filled'")
    }
    moved: dict[str, dict[Holding, Decimal]] = defaultdict(dict)
    for entry in entries:
        moved[str(entry["transfer_id"])][entry["wallet"], entry["mint"]] = entry["amount"]
    for order_id, order in orders.items():
        funded = order["status"] == Status.CONFIRMED and order["hold"] is not None
        if funded != (order_id in swaps):
            yield f"{order_id}: 16. {order['status']}, hold {order['hold']}, swap {not funded}"
        elif funded and order_id in fills:
            fill, wallet, pool = fills[order_id], order["wallet"], f"pool:{order['dex_used']}"
            spent, received = order["token_in"], order["token_out"]
            expected = {
                (wallet, spent): -fill["amount_in"],
                (pool, spent): fill["amount_in"],
                (pool, received): -fill["amount_out"],
                (wallet, received): fill["amount_out"],
            }
            if moved[order_id] != expected:
                yield f"{order_id}: 16. moved {moved[order_id]}, filled {expected}"


def _payments_follow_their_swap(entries: list[Row], orders: Mapping[str, Row]) -> Iterable[str]:
    moved: dict[str, dict[Holding, Decimal]] = defaultdict(dict)
    for entry in entries:
        moved[str(entry["transfer_id"])][entry["wallet"], entry["mint"]] = entry["amount"]
    for order_id, order in orders.items():
        payments = _payments(order)
        if payments:
            told = {(each["wallet"], each["mint"]): each["amount"] for each in payments}
            paid = moved.get(order["signed_transaction"]["payments_id"], {})
            if paid != (told if order["status"] == Status.CONFIRMED else {}):
                yield f"{order_id}: 16. {order['status']}, paid {paid} of {told}"


def _payments(order: Row) -> list[Row]:
    """What a signed transaction pays beside its swap."""
    payments: list[Row] = (order["signed_transaction"] or {}).get("payments", [])
    return payments


def _changes_are_numbered(
    read: Callable[[str], list[Row]],
    wallets: Mapping[str, Row],
    balances: Mapping[Holding, Row],
) -> Iterable[str]:
    events: dict[str, list[Row]] = defaultdict(list)
    for row in read("SELECT * FROM wallet_events ORDER BY wallet, sequence"):
        events[row["wallet"]].append(row)
    for address, wallet in wallets.items():
        numbers = [event["sequence"] for event in events[address]]
        first = numbers[0] if numbers else 1
        if numbers != list(range(first, wallet["sequence"] + 1)):
            yield f"{address}: 17. changes {numbers}, the wallet says {wallet['sequence']}"
        told: dict[str, tuple[Decimal, Decimal]] = {}
        for event in events[address]:
            for each in event["balances"] or []:
                told[each["mint"]] = (Decimal(each["total"]), Decimal(each["held"]))
        stored = {
            mint: (row["total"], row["held"])
            for (holder, mint), row in balances.items()
            if holder == address
        }
        if told != stored and first == 1:
            yield f"{address}: 17. told {told}, stored {stored}"


def _equity_is_equal_both_ways(
    wallets: Mapping[str, Row],
    balances: Mapping[Holding, Row],
    sums: Mapping[Holding, Decimal],
) -> Iterable[str]:
    market = Market("solana", ManualClock(NOON), TokenRegistry())

    def value_of(mint: str, units: int, at: datetime) -> Decimal:
        if mint not in LISTED:
            return Decimal(units)
        return LISTED[mint].from_base(units) * market.price_usd(LISTED[mint], at)

    for address in wallets:
        have = {mint: int(row["total"]) for (w, mint), row in balances.items() if w == address}
        ledger = {mint: int(total) for (w, mint), total in sums.items() if w == address}
        if equity_usd(have, value_of, NOON) != equity_usd(ledger, value_of, NOON):
            yield f"{address}: 18. equity by balances is not equity by the ledger"
