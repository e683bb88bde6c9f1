"""Scenarios of wallets: which failure a transaction's order meets.

One is set for a wallet and its next transactions, or asked for together with a message. Once a
transaction has come, its message keeps the scenario it got: sent again, it meets the same.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from solders.message import to_bytes_versioned

from orders.domain.caller import Caller
from orders.domain.errors import QueueFull, RateLimited
from orders.scenarios.admission import Scenarios
from orders.scenarios.reading import scenario_name
from orders.solana.ledger_clock import LedgerClock
from orders.solana.signed_transaction import SignedTransaction
from orders.storage.database import connection, database

SET = """
INSERT INTO wallet_scenarios (wallet, scenario, times) VALUES (%s, %s, %s)
ON CONFLICT (wallet) DO UPDATE SET scenario = excluded.scenario, times = excluded.times
"""
READ = "SELECT scenario, times FROM wallet_scenarios WHERE wallet = %s"
LOCK = READ + " FOR UPDATE"
CLEAR = "DELETE FROM wallet_scenarios WHERE wallet = %s"
USE_LAST = CLEAR + " AND times = 1"
USE = "UPDATE wallet_scenarios SET times = times - 1 WHERE wallet = %s"
PROMISE = """
INSERT INTO message_scenarios (message, scenario, last_valid_block_height) VALUES (%s, %s, %s)
ON CONFLICT (message) DO NOTHING
"""
PROMISED = "SELECT scenario FROM message_scenarios WHERE message = %s"
# Others may be removing the same rows: none waits for another.
FORGET_OLD = """
DELETE FROM message_scenarios WHERE message IN (
    SELECT message FROM message_scenarios WHERE last_valid_block_height < %s
    ORDER BY last_valid_block_height LIMIT %s FOR UPDATE SKIP LOCKED)
"""
MOST_FORGOTTEN = 100
"""At a time. One row is added at a time, so that old ones do not pile up."""

HTTP_ONLY = ("http_503", "http_429", "http_timeout", "http_lost_answer")
"""What a call meets, and no order."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a wallet's next transactions meet; so many of them, or all."""

    scenario: str
    times: int | None


@dataclass(frozen=True, slots=True)
class Met:
    """What a transaction meets; `first` unless it has come before."""

    scenario: str
    first: bool


class WalletScenarios:
    """Sets them, and hands them out."""

    def __init__(self, scenarios: Scenarios, clock: LedgerClock) -> None:
        self._scenarios = scenarios
        self._clock = clock

    def set(self, wallet: str, text: str, times: int | None) -> Chosen:
        """Lets the wallet's next transactions meet a scenario, instead of any it has.

        Raises `UnknownScenario`, `ScenarioNotAllowed`, `StoreUnavailable`.
        """
        scenario = self._scenarios.admit(text, Caller(wallet=wallet))
        with connection():
            database.execute_sql(SET, (wallet, scenario, times))
        return Chosen(scenario, times)

    def of(self, wallet: str) -> Chosen | None:
        """What the wallet is set to. Raises `StoreUnavailable`."""
        with connection():
            row = database.execute_sql(READ, (wallet,)).fetchone()
        return None if row is None else Chosen(*row)

    def clear(self, wallet: str) -> None:
        """The wallet's next transactions meet what everybody meets. Raises `StoreUnavailable`."""
        with connection():
            database.execute_sql(CLEAR, (wallet,))

    def promise(self, message: bytes, scenario: str, last_valid_block_height: int) -> None:
        """Lets the order of a message, as its wallet signs it, meet the scenario.

        Raises `StoreUnavailable`.
        """
        with connection():
            database.execute_sql(FORGET_OLD, (self._clock.slot(), MOST_FORGOTTEN))
            row = (_hash(message), scenario, last_valid_block_height)
            database.execute_sql(PROMISE, row)

    def take(self, transaction: SignedTransaction, last_valid_block_height: int) -> Met | None:
        """What the transaction's order meets: what came with its message, or else what its wallet
        is set to, which is then used once more. Raises `StoreUnavailable`."""
        wallet, message = str(transaction.signer), to_bytes_versioned(transaction.message)
        if not self._scenarios.open_to(Caller(wallet=wallet)):
            return None
        with connection(), database.atomic():
            # First of all, so that the same transaction sent twice at once uses it once.
            chosen = database.execute_sql(LOCK, (wallet,)).fetchone()
            promised = database.execute_sql(PROMISED, (_hash(message),)).fetchone()
            if promised is not None:
                return Met(promised[0], first=False)
            if chosen is None:
                return None
            self.promise(message, chosen[0], last_valid_block_height)
            if database.execute_sql(USE_LAST, (wallet,)).rowcount == 0:
                database.execute_sql(USE, (wallet,))
            return Met(chosen[0], first=True)


def refuse(scenario: str | None) -> None:
    """Refuses the call if the scenario wants that. Raises `QueueFull`, `RateLimited`."""
    match scenario_name(scenario):
        case "http_503":
            raise QueueFull("Too many orders are waiting (scenario http_503).")
        case "http_429":
            raise RateLimited("Too many requests (scenario http_429).")


def _hash(message: bytes) -> str:
    return hashlib.sha256(message).hexdigest()
