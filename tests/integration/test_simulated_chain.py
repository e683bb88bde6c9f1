"""The mock chain's promises, on a real PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from psycopg2 import extensions

from orders.chain.ledger import entries, landed
from orders.chain.protocol import SignatureStatus
from orders.chain.simulated_chain import (
    BLOCKHASH_LIFE,
    SimulatedChain,
    block_height,
)
from orders.chain.transaction import Transaction, signature_for
from orders.config import Settings
from orders.domain.clock import Clock, SystemClock
from orders.market.errors import BlockhashExpired, RpcUnavailable, VenueTimeout
from orders.market.faults import Faults
from orders.market.tokens import SOL, USDC
from tests.clock import ManualClock

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
ORDER = UUID("6f1b1d2e-2b8e-4f0a-9a53-0d6c7c8f1a11")
UNKNOWN = SignatureStatus(found=False)
EXPIRED = SignatureStatus(found=False, expired=True)
PROCESSING = SignatureStatus(found=True)


@dataclass
class Ledger:
    """A database with an empty ledger, and connections to it."""

    url: str

    def open(self) -> extensions.connection:
        connection = psycopg2.connect(self.url)
        connection.autocommit = True
        return connection

    @contextmanager
    def connect(self) -> Iterator[extensions.connection]:
        connection = self.open()
        try:
            yield connection
        finally:
            connection.close()

    def chain(self, clock: Clock, faults: str = "", **changes: Any) -> SimulatedChain:
        options: dict[str, Any] = {
            "seed": "test",
            "swap_latency_ms": (2000, 3000),
            "slippage_failure_rate": 0,
        }
        return SimulatedChain(self.open, clock, faults=Faults.parse(faults), **options | changes)


@pytest.fixture
def ledger(settings: Settings) -> Ledger:
    return Ledger(settings.database_url)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


def transaction(chain: SimulatedChain, order_id: UUID = ORDER, attempt: int = 1) -> Transaction:
    blockhash = chain.latest_blockhash()
    return Transaction(
        signature=signature_for(order_id, attempt),
        dex="raydium",
        token_in_mint=SOL.mint,
        token_out_mint=USDC.mint,
        amount_in=10**21,
        quoted_amount_out=160_000_000,
        min_amount_out=159_950_000,
        last_valid_block_height=blockhash.last_valid_block_height,
        blockhash=blockhash.value,
        order_id=order_id,
        attempt=attempt,
    )


def status(chain: SimulatedChain, tx: Transaction) -> SignatureStatus:
    return chain.status(tx.signature, tx.last_valid_block_height)


def test_a_transaction_is_processed_and_then_lands(ledger: Ledger, clock: ManualClock) -> None:
    chain = ledger.chain(clock)
    tx = transaction(chain)
    assert status(chain, tx) == UNKNOWN
    chain.send(tx)
    assert status(chain, tx) == PROCESSING
    clock.advance(1.999)
    assert status(chain, tx) == PROCESSING
    clock.advance(1.001)
    over = status(chain, tx)
    assert over.found
    assert over.landed
    assert over.error is None
    assert over.amount_out is not None
    assert tx.min_amount_out <= over.amount_out <= tx.quoted_amount_out * 1.001
    assert over.slot is not None
    assert block_height(START) < over.slot <= block_height(clock.now())


def test_waiting_ends_when_the_transaction_lands(ledger: Ledger, clock: ManualClock) -> None:
    chain = ledger.chain(clock)
    tx = transaction(chain)
    sent = chain.send(tx)
    over = chain.wait(tx.signature, tx.last_valid_block_height, sent, timeout_s=10)
    assert over.landed
    assert 2 <= (clock.now() - START).total_seconds() <= 3.01


def test_waiting_ends_at_its_timeout(ledger: Ledger, clock: ManualClock) -> None:
    chain = ledger.chain(clock)
    tx = transaction(chain)
    sent = chain.send(tx)
    assert chain.wait(tx.signature, tx.last_valid_block_height, sent, timeout_s=1) == PROCESSING
    assert (clock.now() - START).total_seconds() == 1


def test_unknown_transaction_is_asked_about_repeatedly(ledger: Ledger, clock: ManualClock) -> None:
    chain = ledger.chain(clock, poll_s=0.5)
    tx = transaction(chain)
    for asked in (1, 2):
        assert chain.wait(tx.signature, tx.last_valid_block_height, UNKNOWN, 10) == UNKNOWN
        assert (clock.now() - START).total_seconds() == asked * 0.5


def test_send_returns_what_status_would(ledger: Ledger, clock: ManualClock) -> None:
    chain = ledger.chain(clock)
    tx = transaction(chain)
    assert chain.send(tx) == PROCESSING
    clock.advance(3)
    again = chain.send(tx)
    assert again.landed
    assert again == status(chain, tx)


def test_send_reports_a_transaction_that_lands_at_once(ledger: Ledger, clock: ManualClock) -> None:
    for failure_rate in (0, 1):
        chain = ledger.chain(clock, swap_latency_ms=(0, 0), slippage_failure_rate=failure_rate)
        tx = transaction(chain, attempt=failure_rate)
        sent = chain.send(tx)
        assert sent.landed == (failure_rate == 0)
        assert sent.error == ("slippage_exceeded" if failure_rate else None)
        assert sent == status(chain, tx)


def test_the_ledger_records_the_whole_transaction(ledger: Ledger, clock: ManualClock) -> None:
    chain = ledger.chain(clock)
    tx = transaction(chain)
    chain.send(tx)
    with ledger.connect() as connection:
        (entry,) = landed(connection)
    shared = (
        "signature",
        "order_id",
        "attempt",
        "dex",
        "token_in_mint",
        "token_out_mint",
        "amount_in",
        "quoted_amount_out",
        "min_amount_out",
        "last_valid_block_height",
    )
    assert [getattr(entry, name) for name in shared] == [getattr(tx, name) for name in shared]
    assert entry.accepted_at == START
    assert timedelta(seconds=2) <= entry.lands_at - START <= timedelta(seconds=3)


@pytest.mark.parametrize("make_clock", [SystemClock, lambda: ManualClock(START)])
def test_signature_sent_often_and_in_parallel_lands_once(ledger: Ledger, make_clock: Any) -> None:
    chain = ledger.chain(make_clock())
    tx = transaction(chain)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(chain.send, [tx] * 16))
    with ledger.connect() as connection:
        assert len(landed(connection)) == 1


def test_an_adverse_move_fails_the_transaction(ledger: Ledger, clock: ManualClock) -> None:
    chain = ledger.chain(clock, slippage_failure_rate=1)
    tx = transaction(chain)
    chain.send(tx)
    assert status(chain, tx) == PROCESSING
    clock.advance(3)
    over = status(chain, tx)
    assert (over.found, over.landed, over.error) == (True, False, "slippage_exceeded")
    assert over.amount_out is None
    with ledger.connect() as connection:
        assert landed(connection) == []
        assert len(entries(connection)) == 1


def test_the_fate_of_a_transaction_follows_from_the_seed(
    ledger: Ledger, clock: ManualClock
) -> None:
    chain = ledger.chain(clock, slippage_failure_rate=0.3)
    transactions = [transaction(chain, attempt=n) for n in range(100)]
    fates = []
    for _ in range(2):
        for tx in transactions:
            chain.send(tx)
        with ledger.connect() as connection:
            fates.append(
                {(e.signature, e.outcome, e.amount_out, e.lands_at) for e in entries(connection)}
            )
            connection.cursor().execute("TRUNCATE chain.transactions")
    assert fates[0] == fates[1]
    failed = sum(outcome != "filled" for _, outcome, _, _ in fates[0])
    assert 10 < failed < 50
    assert len({amount for _, _, amount, _ in fates[0]}) > 20


def test_fill_never_pays_less_than_the_minimum(ledger: Ledger, clock: ManualClock) -> None:
    chain = ledger.chain(clock, swap_latency_ms=(0, 0))
    for attempt in range(30):
        exact = replace(transaction(chain, attempt=attempt), min_amount_out=160_000_000)
        chain.send(exact)
        over = status(chain, exact)
        assert over.landed
        assert over.amount_out is not None
        assert over.amount_out >= 160_000_000


def test_the_last_valid_height_is_still_in_time(ledger: Ledger, clock: ManualClock) -> None:
    chain = ledger.chain(clock)
    tx = transaction(chain)
    assert tx.last_valid_block_height == block_height(START) + BLOCKHASH_LIFE
    clock.advance(BLOCKHASH_LIFE * 0.4)
    assert status(chain, tx) == UNKNOWN
    chain.send(tx)
    assert status(chain, tx) == PROCESSING


def test_a_late_transaction_is_refused_and_proven_dead(ledger: Ledger, clock: ManualClock) -> None:
    chain = ledger.chain(clock)
    tx = transaction(chain)
    clock.advance((BLOCKHASH_LIFE + 1) * 0.4)
    with pytest.raises(BlockhashExpired):
        chain.send(tx)
    assert status(chain, tx) == EXPIRED


def test_landed_transaction_is_never_reported_expired(ledger: Ledger, clock: ManualClock) -> None:
    chain = ledger.chain(clock)
    tx = transaction(chain)
    chain.send(tx)
    clock.advance(3600)
    chain.send(tx)
    assert status(chain, tx).landed


def test_the_database_decides_what_is_late_whatever_this_machine_thinks(ledger: Ledger) -> None:
    class FastClock(SystemClock):
        def now(self) -> datetime:
            return super().now() + timedelta(hours=1)

    chain, fast = ledger.chain(SystemClock()), ledger.chain(FastClock())
    tx = transaction(chain)
    assert status(fast, tx) == UNKNOWN
    late = replace(tx, last_valid_block_height=block_height(SystemClock().now()) - 1)
    with pytest.raises(BlockhashExpired):
        chain.send(late)
    assert status(chain, late) == EXPIRED


def test_height_is_the_same_here_and_in_the_database(ledger: Ledger) -> None:
    with ledger.connect() as connection, connection.cursor() as cursor:
        for microseconds in (0, 399_999, 400_000, 400_001, 10**15 + 7):
            moment = START + timedelta(microseconds=microseconds)
            cursor.execute("SELECT chain.block_height(%s)", [moment])
            assert cursor.fetchone() == (block_height(moment),)


def test_expiry_waits_for_an_insert_in_flight(ledger: Ledger, clock: ManualClock) -> None:
    """A send that was in time but has not committed must not be called dead."""
    chain = ledger.chain(clock)
    tx = transaction(chain)
    with ledger.connect() as frozen, ThreadPoolExecutor(1) as pool:
        frozen.autocommit = False
        opened: Any = Uncommitted(frozen)
        SimulatedChain(lambda: opened, clock, "test", (0, 0), 0).send(tx)
        clock.advance(3600)
        asked = Event()

        def ask() -> SignatureStatus:
            asked.set()
            return status(chain, tx)

        answer = pool.submit(ask)
        asked.wait()
        wait_for_lock(ledger)
        assert not answer.done()
        frozen.commit()
        assert answer.result(timeout=30).landed


class Uncommitted:
    """A connection that claims to be in autocommit, as if its commit were still on its way."""

    autocommit = True
    closed = False

    def __init__(self, connection: extensions.connection) -> None:
        self._connection = connection

    def cursor(self) -> AbstractContextManager[extensions.cursor]:
        return self._connection.cursor()


def wait_for_lock(ledger: Ledger) -> None:
    """Returns once somebody waits for the ledger's lock."""
    with ledger.connect() as connection, connection.cursor() as cursor:
        for _ in range(3000):
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted"
                " AND relation = 'chain.transactions'::regclass"
            )
            row = cursor.fetchone()
            if row is not None and row[0]:
                return
            cursor.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("nobody waits for the lock")


def test_a_connection_inside_a_transaction_is_refused(ledger: Ledger, clock: ManualClock) -> None:
    with ledger.connect() as connection:
        connection.autocommit = False
        chain = SimulatedChain(lambda: connection, clock, "test", (0, 0), 0)
        with pytest.raises(AssertionError, match="never part of another transaction"):
            chain.send(transaction(chain))


def test_absent_ledger_is_an_absent_rpc_node(clock: ManualClock) -> None:
    nowhere = Ledger("postgresql://127.0.0.1:1/none?connect_timeout=2")
    chain = nowhere.chain(clock)
    tx = transaction(chain)
    with pytest.raises(RpcUnavailable):
        chain.send(tx)
    with pytest.raises(RpcUnavailable):
        status(chain, tx)


class TestFaults:
    def test_unavailable_before_acceptance_stores_nothing(
        self, ledger: Ledger, clock: ManualClock
    ) -> None:
        chain = ledger.chain(clock, "chain:rpc_unavailable")
        tx = transaction(chain)
        with pytest.raises(RpcUnavailable):
            chain.send(tx)
        assert status(chain, tx) == UNKNOWN

    def test_transaction_lands_despite_a_timeout_after_acceptance(
        self, ledger: Ledger, clock: ManualClock
    ) -> None:
        chain = ledger.chain(clock, "chain:timeout_after_accept")
        tx = transaction(chain)
        with pytest.raises(VenueTimeout, match="may still land"):
            chain.send(tx)
        clock.advance(3)
        assert status(chain, tx).landed

    def test_forced_slippage_fails_every_transaction(
        self, ledger: Ledger, clock: ManualClock
    ) -> None:
        chain = ledger.chain(clock, "chain:slippage_exceeded")
        tx = transaction(chain)
        chain.send(tx)
        clock.advance(3)
        assert status(chain, tx).error == "slippage_exceeded"

    def test_a_forced_expiry_is_a_real_one(self, ledger: Ledger, clock: ManualClock) -> None:
        chain = ledger.chain(clock, "chain:blockhash_expired")
        tx = transaction(chain)
        with pytest.raises(BlockhashExpired):
            chain.send(tx)
        assert status(chain, tx) == EXPIRED

    def test_a_chain_that_is_down_answers_nothing(self, ledger: Ledger, clock: ManualClock) -> None:
        tx = transaction(ledger.chain(clock))
        chain = ledger.chain(clock, "chain:down")
        for call in (chain.latest_blockhash, lambda: chain.send(tx), lambda: status(chain, tx)):
            with pytest.raises(RpcUnavailable):
                call()

    def test_the_same_transaction_gets_through_a_flaky_node_later(
        self, ledger: Ledger, clock: ManualClock
    ) -> None:
        chain = ledger.chain(clock, "chain:rpc_unavailable:0.5")
        tx = transaction(chain)
        for _ in range(50):
            clock.advance(0.1)
            try:
                chain.send(tx)
            except RpcUnavailable:
                assert status(chain, tx) == UNKNOWN
            else:
                assert status(chain, tx) == PROCESSING
                return
        pytest.fail("it never got through")
