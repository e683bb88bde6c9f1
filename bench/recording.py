"""One order's life as the engine writes it, recorded so that it can be replayed without the engine.

It is recorded anew in each run, so that the bare machine gets the same rows, the same messages and
as many commits as today's engine needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from bench.stack import NO_DELAYS
from orders.domain import exact_json
from orders.domain.caller import ANONYMOUS
from orders.domain.identifiers import uuid7
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.observability.observe import set_up_logging
from orders.storage.database import connection
from orders.storage.history import read_history
from orders.storage.journal import Write
from orders.storage.models import Order
from orders.wiring import Components, wire


@dataclass(frozen=True, slots=True)
class Commit:
    """One row given to the journal, as JSON, and the messages published after its commit."""

    kind: str
    row: str
    at: datetime
    messages: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Life:
    """Everything sent to the servers for one order: placing it, then executing it."""

    order_id: UUID
    placed: Commit
    executed: tuple[Commit, ...]
    wake_up: bytes
    ledger_entry: dict[str, Any]

    def again(self) -> Life:
        """Returns the same life for another order."""
        order_id = uuid7(datetime.now(UTC))
        old, new = str(self.order_id), str(order_id)
        signature = self.ledger_entry["signature"]
        other_signature = new + signature[len(new) :]

        def renamed(text: str) -> str:
            return text.replace(old, new).replace(signature, other_signature)

        def repeated(commit: Commit) -> Commit:
            messages = tuple(renamed(m.decode()).encode() for m in commit.messages)
            return replace(commit, row=renamed(commit.row), messages=messages)

        return Life(
            order_id,
            repeated(self.placed),
            tuple(repeated(commit) for commit in self.executed),
            self.wake_up,
            {**self.ledger_entry, "signature": other_signature, "order_id": new},
        )


class Recorder:
    """Wraps a journal and records what is written to it."""

    def __init__(self, components: Components) -> None:
        self._write = components.journal.write
        self._seen = 0
        self.commits: list[Commit] = []
        components.journal.write = self.write  # type: ignore[method-assign]

    def write(self, write: Write) -> Any:
        """Passes the write on and records it, with the events that it led to."""
        written = self._write(write)
        (row,) = write.rows
        with connection():
            events = read_history(row["id"], after=self._seen)
        self._seen += len(events)
        messages = tuple(exact_json.encode(event.message()) for event in events)
        self.commits.append(Commit(write.kind, exact_json.dumps(row), row["at"], messages))
        return written


def record(database_url: str, redis_url: str) -> Life:
    """Places and executes one order; returns all that was written."""
    settings = replace(NO_DELAYS, database_url=database_url, redis_url=redis_url, log_level="ERROR")
    set_up_logging(settings)
    components = wire(settings)
    recorder = Recorder(components)
    try:
        new = OrderRequest(OrderType.MARKET, "SOL", "USDC", Decimal("1.5"))
        order_id = components.submission.place(new, ANONYMOUS).order_id
        components.engine.execute(order_id)
        with connection():
            order = Order.get_by_id(order_id)
    finally:
        components.close()
    assert order.status == "confirmed"
    placed, *executed = recorder.commits
    wake_up = components.queue.message(order_id)
    return Life(order_id, placed, tuple(executed), wake_up, _ledger_entry(order))


def grouped_rows(commits: Sequence[Commit]) -> str:
    """The rows of many orders, as the one argument of a prepared statement."""
    return f"[{','.join(commit.row for commit in commits)}]"


def _ledger_entry(order: Order) -> dict[str, Any]:
    """The arguments of the chain's statements; amounts in base units."""
    assert order.tx_hash is not None
    assert order.last_valid_block_height is not None
    return {
        "signature": order.tx_hash,
        "order_id": str(order.id),
        "attempt": 1,
        "dex": order.dex_used,
        "token_in_mint": order.token_in,
        "token_out_mint": order.token_out,
        "amount_in": 1_500_000_000,
        "quoted_amount_out": 238_512_744,
        "min_amount_out": 236_127_616,
        "blockhash": order.tx_hash[:44],
        "last_valid": 10 * order.last_valid_block_height,
        "latency": "0",
        "outcome": "filled",
        "amount_out": 238_512_744,
    }
