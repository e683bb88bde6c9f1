"""The rows and messages of one order's life, as the engine hands them to its statements.

Only their size and shape matter: they are made before the clock starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from orders import exact_json
from orders.dex.tokens import SOL, USDC
from orders.events import Event
from orders.identifiers import uuid7

LEASE = timedelta(seconds=10)
SLIPPAGE_BPS = 100
AMOUNT_IN, AMOUNT_OUT, FLOOR, PRICE = "1.5", "238.512744", "236.127616", "159.008496"
HEIGHT = 520_000_000
OWNER = "bare:1:0123abcd"


@dataclass(frozen=True, slots=True)
class BareOrder:
    """One order: the rows of `place` and of its four `advance`s, and what Redis is sent."""

    id: UUID
    signature: str
    placed: dict[str, Any]
    steps: tuple[dict[str, Any], ...]
    messages: tuple[bytes, ...]
    """What is published after the placing and after each step."""
    wake_up: bytes
    ledger_entry: dict[str, Any]


def bare_order() -> BareOrder:
    """A new order that is placed now."""
    now = datetime.now(UTC)
    order_id = uuid7(now)
    signature = f"{order_id.hex}{'x' * 56}"
    data = _data(signature)
    steps = tuple(_steps(order_id, signature, now, data))
    events = [Event(order_id, 1, "pending", now, {"attempt": 1})]
    events += [
        Event(order_id, row["expected"] + 1, row["status"], now, row["data"]) for row in steps
    ]
    return BareOrder(
        id=order_id,
        signature=signature,
        placed=_placed(order_id, now),
        steps=steps,
        messages=tuple(_message(event) for event in events),
        wake_up=_wake_up(order_id),
        ledger_entry=_ledger_entry(order_id, signature),
    )


def _placed(order_id: UUID, now: datetime) -> dict[str, Any]:
    return {
        "id": order_id,
        "type": "market",
        "token_in": SOL.mint,
        "token_out": USDC.mint,
        "amount_in": AMOUNT_IN,
        "max_slippage_bps": SLIPPAGE_BPS,
        "status": "pending",
        "due_at": now,
        "at": now,
        "data": {"attempt": 1},
    }


def _steps(
    order_id: UUID, signature: str, now: datetime, data: dict[str, Any]
) -> list[dict[str, Any]]:
    leased = {"due_at": now + LEASE, "lease_owner": OWNER}
    changes: list[dict[str, Any]] = [
        {"previous": "pending", "status": "routing", "attempts": 1, **leased},
        {
            "previous": "routing",
            "status": "building",
            "dex_used": "meteora",
            "min_amount_out": FLOOR,
            **leased,
        },
        {
            "previous": "building",
            "status": "submitted",
            "tx_hash": signature,
            "last_valid_block_height": HEIGHT,
            "transaction": data["transaction"],
            **leased,
        },
        {
            "previous": "submitted",
            "status": "confirmed",
            "amount_out": AMOUNT_OUT,
            "executed_price": PRICE,
        },
    ]
    return [
        {"id": order_id, "expected": n, "at": now, "data": data[row["status"]], **row}
        for n, row in enumerate(changes, start=1)
    ]


def _data(signature: str) -> dict[str, Any]:
    """The `data` of each event by its status, and the stored transaction."""
    quote = {
        "dex": "raydium",
        "price": "159.424242",
        "feeBps": 30,
        "priceImpact": "0.00239",
        "amountOut": AMOUNT_OUT,
        "minAmountOut": FLOOR,
    }
    sent = {"txHash": signature, "chosenDex": "meteora"}
    reason = "meteora gives 1.42 % more USDC than raydium after fees and price impact."
    return {
        "routing": {"attempt": 1},
        "building": {
            "quotes": [quote, {**quote, "dex": "meteora"}],
            "chosenDex": "meteora",
            "reason": reason,
            "minAmountOut": FLOOR,
        },
        "submitted": {**sent, "lastValidBlockHeight": HEIGHT},
        "confirmed": {
            **sent,
            "executedPrice": PRICE,
            "amountOut": AMOUNT_OUT,
            "slot": HEIGHT,
            "explorerUrl": f"https://explorer.solana.com/tx/{signature}",
        },
        "transaction": {
            "signature": signature,
            "dex": "meteora",
            "blockhash": signature[:44],
            "amountIn": AMOUNT_IN,
            "quotedAmountOut": AMOUNT_OUT,
            "minAmountOut": FLOOR,
        },
    }


def _ledger_entry(order_id: UUID, signature: str) -> dict[str, Any]:
    return {
        "signature": signature,
        "order_id": str(order_id),
        "attempt": 1,
        "dex": "meteora",
        "token_in_mint": SOL.mint,
        "token_out_mint": USDC.mint,
        "amount_in": 1_500_000_000,
        "quoted_amount_out": 238_512_744,
        "min_amount_out": 236_127_616,
        "blockhash": signature[:44],
        "last_valid": 10 * HEIGHT,
        "latency": timedelta(0),
        "outcome": "filled",
        "amount_out": 238_512_744,
    }


def _message(event: Event) -> bytes:
    envelope = {"method": "emit", "event": "order_update", "room": str(event.order_id)}
    return exact_json.encode({**envelope, "data": [event.message()], "namespace": "/"})


def _wake_up(order_id: UUID) -> bytes:
    """As long as the signed message of Huey."""
    return str(order_id).encode() * 8
