"""Scenarios of wallets: the failure that a transaction's order meets.

A scenario is set for a wallet's next transactions, or asked for with a message. Once a transaction
has arrived, its message keeps its scenario: sent again, it meets the same.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from solders.message import to_bytes_versioned

from orders.domain.caller import Caller
from orders.market.scenarios.admission import Scenarios
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


@dataclass(frozen=True, slots=True)
class Chosen:
    """The scenario of a wallet's next transactions, or of a number of them."""

    scenario: str
    times: int | None


@dataclass(frozen=True, slots=True)
class Met:
    """The scenario of a transaction; `first` unless it has arrived before."""

    scenario: str
    first: bool


class WalletScenarios:
    """Stores the wallets' scenarios and hands them out."""

    def __init__(self, scenarios: Scenarios, clock: LedgerClock) -> None:
        self._scenarios = scenarios
        self._clock = clock

    def set(self, wallet: str, text: str, times: int | None) -> Chosen:
        """Sets the scenario of the wallet's next transactions, in place of an earlier one.

        Raises `UnknownScenario`, `ScenarioNotAllowed`, `StoreUnavailable`.
        """
        scenario = self._scenarios.admit(text, Caller(wallet=wallet))
        with connection():
            database.execute_sql(SET, (wallet, scenario, times))
        return Chosen(scenario, times)

    def of(self, wallet: str) -> Chosen | None:
        """The wallet's present scenario. Raises `StoreUnavailable`."""
        with connection():
            row = database.execute_sql(READ, (wallet,)).fetchone()
        return None if row is None else Chosen(*row)

    def clear(self, wallet: str) -> None:
        """Removes the wallet's scenario. Raises `StoreUnavailable`."""
        with connection():
            database.execute_sql(CLEAR, (wallet,))

    def promise(self, message: bytes, scenario: str, last_valid_block_height: int) -> None:
        """Stores a scenario for the order of a message that its wallet is about to sign.

        Raises `StoreUnavailable`.
        """
        with connection():
            database.execute_sql(FORGET_OLD, (self._clock.slot(), MOST_FORGOTTEN))
            row = (_hash(message), scenario, last_valid_block_height)
            database.execute_sql(PROMISE, row)

    def take(self, transaction: SignedTransaction, last_valid_block_height: int) -> Met | None:
        """Takes the scenario of the transaction's order: its message's, or else its wallet's, which
        is used up by one.

        Raises `StoreUnavailable`.
        """
        wallet, message = str(transaction.signer), to_bytes_versioned(transaction.message)
        if not self._scenarios.open_to(Caller(wallet=wallet)):
            return None
        with connection(), database.atomic():
            # Stored first, so that the same transaction sent twice at once uses the scenario once.
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


def _hash(message: bytes) -> str:
    return hashlib.sha256(message).hexdigest()
