"""An account's money: read from its wallet, valued by the market."""

from __future__ import annotations

import copy
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Lock
from uuid import UUID

from orders.accounts.funding import Funding
from orders.accounts.portfolio import (
    EXACT,
    Positions,
    apply_movement,
    curve_times,
    equity_curve,
    equity_usd,
    open_positions,
    put_in_usd,
)
from orders.accounts.valuation import Valuation
from orders.domain.clock import Clock
from orders.domain.wallet_address import account_wallet
from orders.storage.wallet_history import (
    last_change_before,
    read_changes,
    read_deposits,
    read_movements,
    read_sums,
)
from orders.storage.wallets import WalletState, read_wallet

DAY = timedelta(days=1)
CHANGES_AT_ONCE = 100
"""Changes of a wallet that are read before other requests get their turn."""
REMEMBERED = 1_000
"""Accounts whose positions a process remembers, so that it need not start over for them."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What an account is worth now, and its profit of the last day."""

    equity_usd: Decimal
    change_24h_usd: Decimal
    base_usd: Decimal
    """Equity a day ago, and what was put in since."""


class Portfolios:
    """Reads the accounts' money. One per web process."""

    def __init__(self, clock: Clock, valuation: Valuation, funding: Funding) -> None:
        self._clock = clock
        self._valuation = valuation
        self._funding = funding
        self._lock = Lock()
        self._remembered: OrderedDict[str, tuple[int, int, Positions]] = OrderedDict()

    def wallet(self, account_id: UUID) -> WalletState:
        """The account's wallet, opened if it is not yet.

        Raises `Unauthenticated` if there is no such account, `StoreUnavailable`.
        """
        address = account_wallet(account_id)
        wallet = read_wallet(address)
        if wallet is None:
            self._funding.open(account_id)
            wallet = read_wallet(address)
        assert wallet is not None
        return wallet

    def equity(self, wallet: WalletState, at: datetime) -> Decimal:
        """The value of the wallet's balances at that time, in USD."""
        return equity_usd(wallet.totals, self._valuation.value_of, at)

    def worth(self, wallet: WalletState) -> Worth:
        """Equity now against a day ago, or the start of the epoch if that was later."""
        now = self._clock.now()
        since = max(now - DAY, wallet.epoch_at)
        start = max(last_change_before(wallet.address, since), wallet.epoch_sequence)
        before = dict(wallet.totals)
        for mint, units in read_changes(wallet.address, start, wallet.sequence).items():
            before[mint] = before.get(mint, 0) - units
        deposits = read_deposits(wallet.address, start, wallet.sequence)
        base = EXACT.add(
            equity_usd(before, self._valuation.value_of, since),
            put_in_usd(deposits, self._valuation.value_of),
        )
        equity = self.equity(wallet, now)
        return Worth(equity, EXACT.subtract(equity, base), base)

    def positions(self, wallet: WalletState) -> Positions:
        """The positions of the wallet's epoch. Raises `StoreUnavailable`."""
        epoch, reached, found = self._recall(wallet)
        while reached < wallet.sequence:
            up_to = min(reached + CHANGES_AT_ONCE, wallet.sequence)
            for movement in read_movements(wallet.address, reached, up_to):
                apply_movement(found, movement, self._valuation.value_of)
            reached = up_to
            time.sleep(0)
        with self._lock:
            self._remembered[wallet.address] = (epoch, reached, copy.deepcopy(found))
            self._remembered.move_to_end(wallet.address)
            if len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        return found

    def _recall(self, wallet: WalletState) -> tuple[int, int, Positions]:
        """The positions as last computed, or those at the start of the epoch."""
        with self._lock:
            kept = self._remembered.get(wallet.address)
            if kept is not None and kept[0] == wallet.epoch and kept[1] <= wallet.sequence:
                return copy.deepcopy(kept)
        opening = read_changes(wallet.address, 0, wallet.epoch_sequence)
        found = open_positions(opening, wallet.epoch_at, self._valuation.value_of)
        return wallet.epoch, wallet.epoch_sequence, found

    def curve(
        self, wallet: WalletState, interval: timedelta, most: int
    ) -> list[tuple[datetime, Decimal]]:
        """Equity over time in this epoch, oldest first, now last. Raises `StoreUnavailable`."""
        now = self._clock.now()
        times = curve_times(wallet.epoch_at, now, interval, most)
        start = max(last_change_before(wallet.address, times[0]), wallet.epoch_sequence)
        moved = read_sums(wallet.address, start, wallet.sequence, times)
        return equity_curve(wallet.totals, moved, times, self._value_gently)

    def _value_gently(self, mint: str, units: int, at: datetime) -> Decimal:
        time.sleep(0)
        return self._valuation.value_of(mint, units, at)
