"""The topics to subscribe to: a transaction's landing, an account, slots."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from orders.solana import history
from orders.solana.accounts import Account, AccountReader
from orders.solana.history import Landed
from orders.solana.ledger_clock import LedgerClock
from orders.solana.rpc.accounts import present
from orders.solana.rpc.lookout import Lookout
from orders.solana.rpc.network import in_context
from orders.solana.rpc.params import COMMITMENTS, Params, commitment, flag, signature
from orders.solana.rpc.subscriptions import MakeTopic

MAX_SLOTS_AT_ONCE = 10
ROOT_LAG = 32
FRESH_SHARE = 0.5
"""How old what subscriptions look at may be, as a share of the time between two looks."""


class SignatureTopic:
    """Reports once that a transaction has landed and reached the commitment."""

    name = "signature"

    def __init__(self, params: Params, clock: LedgerClock, landed: Lookout[Landed]) -> None:
        self._signature = signature(params.text(0))
        self._wanted = COMMITMENTS.index(commitment(params.config(1)))
        self._tell_received = flag(params.config(1), "enableReceivedNotification")
        self._clock = clock
        self._landed = landed
        self.over = False

    def news(self) -> list[Any]:
        """The landing, once."""
        told: list[Any] = []
        if self._tell_received and history.is_known(self._signature):
            told.append(in_context(self._clock.slot(), "receivedSignature"))
            self._tell_received = False
        found = self._landed.get(self._signature)
        settled = None if found is None else self._clock.settled(found.slot)
        if found is not None and settled and COMMITMENTS.index(settled) >= self._wanted:
            self.over = True
            told.append(in_context(found.slot, {"err": found.error}))
        return told


class AccountTopic:
    """Reports an account whenever it has changed."""

    name = "account"
    over = False

    def __init__(self, params: Params, clock: LedgerClock, accounts: Lookout[Account]) -> None:
        self._address = str(params.address(0))
        self._config = params.config(1)
        present(None, self._config)
        self._commitment = commitment(self._config)
        self._clock = clock
        self._accounts = accounts
        self._known = accounts.get(self._address)

    def news(self) -> list[Any]:
        """The account, if it has changed."""
        found = self._accounts.get(self._address)
        if found == self._known:
            return []
        self._known = found
        shown = present(found or EMPTY, self._config)
        return [in_context(self._clock.slot(self._commitment), shown)]


class SlotTopic:
    """Reports every slot."""

    name = "slot"
    over = False

    def __init__(self, params: Params, clock: LedgerClock) -> None:
        self._clock = clock
        self._told = clock.slot()

    def news(self) -> list[Any]:
        """The slots since the last call; after a pause only the last few."""
        slot = self._clock.slot()
        first = max(self._told + 1, slot - MAX_SLOTS_AT_ONCE + 1)
        self._told = slot
        return [
            {"parent": each - 1, "root": each - ROOT_LAG, "slot": each}
            for each in range(first, slot + 1)
        ]


EMPTY = Account(0, "11111111111111111111111111111111", b"")
"""What is shown for an account that no longer exists."""


def topics(
    clock: LedgerClock, reader: AccountReader, now: Callable[[], datetime], poll_s: float
) -> dict[str, MakeTopic]:
    """The topics by name. Subscriptions of all connections are looked after together."""
    landed = Lookout(lambda names: history.landed(names, now()), poll_s * FRESH_SHARE)
    accounts = Lookout(reader.existing, poll_s * FRESH_SHARE)
    return {
        "signature": lambda params: SignatureTopic(params, clock, landed),
        "account": lambda params: AccountTopic(params, clock, accounts),
        "slot": lambda params: SlotTopic(params, clock),
    }
