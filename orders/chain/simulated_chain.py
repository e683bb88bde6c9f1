"""A simulated Solana: slots of 0.4 s, blockhashes that expire, signatures that land at most once.

What `status` promises must hold against processes that freeze, clocks that differ and inserts in
flight. So the database's clock alone decides whether a transaction is too late, in the statement
that stores it or looks it up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any

import base58
import orjson
import psycopg2
from psycopg2 import extensions

from orders.chain.ledger import (
    FILLED,
    LOCK,
    PREPARE,
)
from orders.chain.protocol import Blockhash, SignatureStatus
from orders.chain.transaction import Transaction
from orders.domain.clock import Clock, SystemClock, to_microseconds
from orders.domain.errors import StoreUnavailable
from orders.market.errors import BlockhashExpired, RpcUnavailable, VenueTimeout
from orders.market.faults import CHAIN, Faults
from orders.market.noise import between, chance
from orders.market.pool import BPS
from orders.market.scenarios.conditions import BlockhashFault, Conditions, SendFault
from orders.storage.availability import is_unavailable
from orders.storage.batching import Entry, GroupCommit
from orders.storage.prepared_session import PreparedConnection

# The same genesis and slots as chain.block_height() in the ledger.
GENESIS = datetime(2020, 3, 16, 14, 29, tzinfo=UTC)
SLOT_US = 400_000
BLOCKHASH_LIFE = 150
"""Block heights a blockhash is valid for (Solana: MAX_PROCESSING_AGE)."""
SEND = "EXECUTE send (%s, %s)"
LOOK = "EXECUTE look (%s, %s)"
LOOK_ALONE = LOCK + LOOK
FORGET = "EXECUTE forget (%s, %s)"
MOST_AT_ONCE = 100
"""Transactions or questions in one statement at most."""
WAKE_MARGIN_S = 0.001
"""Seconds that a wait ends after the landing, because the clock is read in between."""
_DRIFT_PPM = 1_000


@dataclass(frozen=True, slots=True)
class _Fate:
    outcome: str
    amount_out: int | None
    latency_ms: int


@dataclass(slots=True)
class _Request(Entry):
    """One row for a statement on the ledger; `answer` is what the statement returns for it."""

    statement: str
    row: dict[str, Any]
    answer: tuple[Any, ...] = field(default=(), init=False)


class SimulatedChain:
    """A `Chain` whose ledger is a table, shared by all processes on the same database.

    `connect` opens a connection in autocommit; each process has one for the ledger, and threads
    that ask at the same time share a statement. If `connect` fails, the RPC node counts as away.
    `swap_latency_ms` is the range of the time to land, `slippage_failure_rate` the share of
    transactions that fail with slippage_exceeded, `short_life` the block heights for which a
    blockhash is valid where a scenario lets it expire soon. With `conditions` a transaction meets
    exactly what they say, and nothing by chance.
    """

    def __init__(
        self,
        connect: Callable[[], extensions.connection],
        clock: Clock,
        seed: str,
        swap_latency_ms: tuple[int, int],
        slippage_failure_rate: float,
        faults: Faults | None = None,
        poll_s: float = 0.25,
        short_life: int = 10,
    ) -> None:
        self._poll_s = poll_s
        self._clock = clock
        self._seed = seed
        self._latency_ms = swap_latency_ms
        self._short_life = short_life
        self._faults = faults or Faults()
        forced = self._faults.rate(CHAIN, "slippage_exceeded")
        self._failure_rate = max(Decimal(str(slippage_failure_rate)), forced)
        now = "clock_timestamp()" if isinstance(clock, SystemClock) else "$2"
        self._connection = PreparedConnection(connect, PREPARE.replace("{now}", now), clock)
        self._requests: GroupCommit[_Request] = GroupCommit(self._perform, MOST_AT_ONCE)

    def latest_blockhash(self, conditions: Conditions | None = None) -> Blockhash:
        """A blockhash of the current slot, valid for 150 more. Raises RpcUnavailable."""
        if conditions is not None:
            return self._rehearsed_blockhash(conditions)
        self._fail_if("down", "blockhash")
        height = block_height(self._clock.now())
        value = _blockhash_at(self._seed, height)
        if self._strikes("blockhash_expired", height):
            return Blockhash(value, height - 1)
        return Blockhash(value, height + BLOCKHASH_LIFE)

    def blockhash_with_slots_left(self, slots: int) -> Blockhash:
        """A recent blockhash, valid for `slots` more, at most 150. Raises RpcUnavailable."""
        self._fail_if("down", "blockhash")
        last_valid = block_height(self._clock.now()) + slots
        return Blockhash(_blockhash_at(self._seed, last_valid - BLOCKHASH_LIFE), last_valid)

    def height(self) -> int:
        """The height of the newest block, which is also its slot."""
        return block_height(self._clock.now())

    def last_valid_block_height(self, blockhash: str) -> int | None:
        """The last block height at which a transaction may use the blockhash; None if it is not one
        of the last 150.
        """
        height = self.height()
        for known in range(height, height - BLOCKHASH_LIFE - 1, -1):
            if _blockhash_at(self._seed, known) == blockhash:
                return known + BLOCKHASH_LIFE
        return None

    def _rehearsed_blockhash(self, conditions: Conditions) -> Blockhash:
        height = block_height(self._clock.now())
        if conditions.blockhash is BlockhashFault.UNREACHABLE:
            raise RpcUnavailable()
        lives = {None: BLOCKHASH_LIFE, BlockhashFault.EXPIRED: -1}
        life = lives.get(conditions.blockhash, self._short_life)
        return Blockhash(_blockhash_at(self._seed, height), height + life)

    def send(self, tx: Transaction, conditions: Conditions | None = None) -> SignatureStatus:
        """Stores `tx` unless its signature is known or its blockhash has expired; returns its
        status.

        Raises BlockhashExpired, RpcUnavailable, or VenueTimeout; as on Solana, only `status` can
        tell afterwards whether it will land.
        """
        if conditions is not None:
            return self._rehearse(tx, conditions)
        self._fail_if("down", tx.signature)
        self._fail_if("rpc_unavailable", tx.signature)
        status = self._store(tx, self._fate(tx))
        if self._strikes("timeout_after_accept", tx.signature):
            raise _answer_lost()
        return status

    def _rehearse(self, tx: Transaction, conditions: Conditions) -> SignatureStatus:
        match conditions.send:
            case SendFault.FORGOTTEN:
                return SignatureStatus(found=False)
            case SendFault.FORGOTTEN_ONCE if self._forgets(tx):
                return SignatureStatus(found=False)
            case SendFault.UNREACHABLE_ONCE if self._forgets(tx):
                raise RpcUnavailable()
        status = self._store(tx, self._rehearsed_fate(tx, conditions))
        if conditions.send is SendFault.ANSWER_LOST:
            raise _answer_lost()
        return status

    def _forgets(self, tx: Transaction) -> bool:
        """Whether this send is the transaction's first, counted over all processes."""
        (first,) = self._ask(FORGET, {"signature": tx.signature})
        return bool(first)

    def _store(self, tx: Transaction, fate: _Fate) -> SignatureStatus:
        valid, lands_in_s, *known = self._ask(SEND, self._row(tx, fate))
        if not valid:
            raise BlockhashExpired()
        return _read_status(lands_in_s is not None, lands_in_s, *known)

    def status(
        self,
        signature: str,
        last_valid_block_height: int,
        conditions: Conditions | None = None,
    ) -> SignatureStatus:
        """Returns what became of a transaction. Raises RpcUnavailable.

        It is `expired` only if it provably never lands: its height has passed, and it is still not
        there after every insert in flight has been waited for.
        """
        if conditions is None:
            self._fail_if("down", signature)
        row = {"signature": signature, "last_valid": last_valid_block_height}
        found, *fate, too_late = self._ask(LOOK, row)
        if not found and too_late:
            found, *fate, _ = self._ask(LOOK_ALONE, row)
            if not found:
                return SignatureStatus(found=False, expired=True)
        return _read_status(found, *fate)

    def wait(
        self,
        signature: str,
        last_valid_block_height: int,
        known: SignatureStatus | None,
        timeout_s: float,
        conditions: Conditions | None = None,
    ) -> SignatureStatus:
        """Sleeps until the transaction lands, if the time is known, then returns its status.

        Stands for a node's notification. Raises RpcUnavailable.
        """
        lands_in_s = known.lands_in_s if known is not None else None
        pause_s = self._poll_s if lands_in_s is None else lands_in_s + WAKE_MARGIN_S
        self._clock.sleep(min(pause_s, timeout_s))
        return self.status(signature, last_valid_block_height, conditions)

    def close(self) -> None:
        """Closes the connection; the next call opens another."""
        self._connection.close()

    def _row(self, tx: Transaction, fate: _Fate) -> dict[str, Any]:
        return {
            "signature": tx.signature,
            "order_id": str(tx.order_id),
            "attempt": tx.attempt,
            "dex": tx.dex,
            "token_in_mint": tx.token_in_mint,
            "token_out_mint": tx.token_out_mint,
            "amount_in": str(tx.amount_in),
            "quoted_amount_out": str(tx.quoted_amount_out),
            "min_amount_out": str(tx.min_amount_out),
            "blockhash": tx.blockhash,
            "last_valid": tx.last_valid_block_height,
            "latency": f"{fate.latency_ms} milliseconds",
            "outcome": fate.outcome,
            "amount_out": None if fate.amount_out is None else str(fate.amount_out),
            "signer": tx.signer,
            "wire": tx.wire,
        }

    def _fate(self, tx: Transaction) -> _Fate:
        latency_ms = between(*self._latency_ms, self._seed, "latency", tx.signature)
        if chance(self._failure_rate, self._seed, "outcome", tx.signature):
            return _Fate("slippage_exceeded", None, latency_ms)
        drift_ppm = between(-_DRIFT_PPM, _DRIFT_PPM, self._seed, "drift", tx.signature)
        if tx.quoted_amount_out < tx.min_amount_out:
            return _Fate("slippage_exceeded", None, latency_ms)
        drifted = tx.quoted_amount_out * (1_000_000 + drift_ppm) // 1_000_000
        return _Fate(FILLED, max(tx.min_amount_out, drifted), latency_ms)

    def _rehearsed_fate(self, tx: Transaction, conditions: Conditions) -> _Fate:
        latency_ms = between(*self._latency_ms, self._seed, "latency", tx.signature)
        if conditions.lands_after_s is not None:
            latency_ms = conditions.lands_after_s * 1000
        moved = tx.quoted_amount_out * (BPS + conditions.moves_bps) // BPS
        if conditions.misses_minimum or moved < tx.min_amount_out:
            return _Fate("slippage_exceeded", None, latency_ms)
        return _Fate(FILLED, moved, latency_ms)

    def _ask(self, statement: str, row: dict[str, Any]) -> tuple[Any, ...]:
        request = _Request(statement, row)
        self._requests.submit(request)
        return request.answer

    def _perform(self, requests: Sequence[_Request]) -> None:
        try:
            connection = self._connection.get()
            for statement in dict.fromkeys(request.statement for request in requests):
                alike = [request for request in requests if request.statement == statement]
                rows = orjson.dumps([request.row for request in alike]).decode()
                with connection.cursor() as cursor:
                    cursor.execute(statement, (rows, self._clock.now()))
                    answers = {row[0]: row[1:] for row in cursor.fetchall()}
                for request in alike:
                    request.answer = answers[request.row["signature"]]
        except StoreUnavailable as error:
            raise RpcUnavailable() from error
        except psycopg2.Error as error:
            if not is_unavailable(error):
                raise
            self.close()
            raise RpcUnavailable() from error

    def _fail_if(self, kind: str, key: str) -> None:
        if self._strikes(kind, key):
            raise RpcUnavailable()

    def _strikes(self, kind: str, key: object) -> bool:
        if not self._faults.rates:
            return False
        rate = self._faults.rate(CHAIN, kind)
        return rate > 0 and self._faults.strikes(CHAIN, kind, self._seed, key, self._clock.now())


@lru_cache(maxsize=2 * BLOCKHASH_LIFE)
def _blockhash_at(seed: str, height: int) -> str:
    return base58.b58encode(sha256(f"{seed}/{height}".encode()).digest()).decode()


def block_height(moment: datetime) -> int:
    """The block height at `moment`, which here is also the slot: one every 0.4 s since genesis."""
    return (to_microseconds(moment) - to_microseconds(GENESIS)) // SLOT_US


def _answer_lost() -> VenueTimeout:
    return VenueTimeout("The chain did not answer in time; the swap may still land.")


def _read_status(
    found: bool, lands_in_s: float | None, outcome: str, slot: int, amount_out: Decimal | None
) -> SignatureStatus:
    if lands_in_s is None or lands_in_s > 0:
        return SignatureStatus(found=found, lands_in_s=lands_in_s)
    if outcome != FILLED:
        return SignatureStatus(found=True, error=outcome, slot=slot)
    assert amount_out is not None
    return SignatureStatus(found=True, landed=True, slot=slot, amount_out=int(amount_out))
