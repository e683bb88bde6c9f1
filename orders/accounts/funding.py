"""Giving accounts money: the opening balances, the faucet, a reset."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from peewee import IntegrityError

from orders.accounts.portfolio import EXACT, total_usd
from orders.accounts.valuation import Valuation
from orders.config import Settings
from orders.domain.clock import Clock
from orders.domain.errors import AccountBusy, FaucetLimit, FaucetOff, NoSuchAccount
from orders.domain.lifecycle import CANCELLABLE, Status
from orders.domain.wallet_address import account_wallet
from orders.market.tokens import Token
from orders.messaging.publisher import Publisher
from orders.observability import observe
from orders.storage.database import connection, database
from orders.storage.models import Order
from orders.storage.order_changes import Transition
from orders.storage.order_store import OrderStore
from orders.storage.wallets import begin_epoch, grant, lock, open_wallet, read_balances, transfer

FAUCET_PERIOD = timedelta(hours=1)
CANCEL_AT_ONCE = 500
"""Orders that a reset cancels in one transaction."""
RESET_POLL_S = 0.1
GIVEN = """
SELECT entry.mint, entry.amount, transfers.at
FROM transfers JOIN ledger_entries AS entry ON entry.transfer_id = transfers.id
WHERE entry.wallet = %s AND entry.sequence > 0 AND transfers.kind = 'faucet' AND transfers.at > %s
"""


CANCELLED_BY_RESET = {"reason": "reset"}
"""The data of the cancelled event of an order that a reset ended."""


class Funding:
    """Gives, takes away and starts over. One per process.

    `check_clock` raises `ClockSkewed` if this machine's clock is too wrong to store anything by it.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        order_store: OrderStore,
        publisher: Publisher,
        valuation: Valuation,
        opening: Mapping[str, int],
        check_clock: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._order_store = order_store
        self._publisher = publisher
        self._valuation = valuation
        self.opening = dict(opening)
        self._check_clock = check_clock

    def open(self, account_id: UUID) -> bool:
        """Opens the account's wallet with the opening balances; False if it is open already.

        Raises `NoSuchAccount`, `StoreUnavailable`.
        """
        try:
            opened = open_wallet(
                account_wallet(account_id), self.opening, self._order_store.now(), account_id
            )
        except IntegrityError as error:
            raise NoSuchAccount() from error
        if opened:
            observe.wallet_opened(account_id)
        return opened

    def give(self, account_id: UUID, token: Token, units: int) -> None:
        """Adds base units of a token to the account's wallet.

        Raises `FaucetOff`, `FaucetLimit`, `ClockSkewed`, `PoolNotFound` for a token without a
        price, `StoreUnavailable`.
        """
        self.open(account_id)
        self.give_to_wallet(account_wallet(account_id), token, units)
        self._publisher.publish_money(account_id)
        observe.faucet_gave(account_id, token.symbol, token.from_base(units))

    def give_to_wallet(self, wallet: str, token: Token, units: int) -> None:
        """Adds base units of a token to a wallet, opened if it is new. Raises as `give`."""
        if not self.has_faucet:
            raise FaucetOff()
        self._check_clock()
        now = self._order_store.now()
        value = self._valuation.price_of(token.mint, units, now)
        open_wallet(wallet, {}, now)
        with connection(), database.atomic():
            lock([wallet])
            self._check_limit(wallet, value, now)
            transfer("faucet", grant(wallet, {token.mint: units}), now)

    def reset(self, account_id: UUID, balances: Mapping[str, int] | None = None) -> None:
        """Cancels the account's orders, waits for those in flight, and sets its balances, by
        default to the opening ones: a new epoch. Log-in and history stay.

        Raises `AccountBusy` if orders are still in flight after `reset_wait_s`, `FaucetOff` for
        balances other than the opening ones if there is no faucet, `ClockSkewed`,
        `StoreUnavailable`.
        """
        if balances is not None and not self.has_faucet:
            raise FaucetOff("Without a faucet a reset gives only the opening balances.")
        self._check_clock()
        self.open(account_id)
        target = self.opening if balances is None else balances
        give_up_at = self._clock.now() + timedelta(seconds=self._settings.reset_wait_s)
        while True:
            self._cancel_all(account_id)
            if self._start_over(account_id, target):
                break
            if self._clock.now() >= give_up_at:
                raise AccountBusy(retry_after_s=5)
            self._clock.sleep(RESET_POLL_S)
        self._publisher.publish_money(account_id)
        observe.account_reset(account_id)

    @property
    def has_faucet(self) -> bool:
        """Whether accounts can get money beyond the opening balances."""
        return self._settings.faucet_limit_usd > 0

    def _check_limit(self, wallet: str, value: Decimal, now: datetime) -> None:
        rows = database.execute_sql(GIVEN, (wallet, now - FAUCET_PERIOD)).fetchall()
        given = total_usd(
            self._valuation.value_of(mint, int(units), at) for mint, units, at in rows
        )
        limit = Decimal(str(self._settings.faucet_limit_usd))
        if EXACT.add(given, value) > limit:
            left = max(limit - given, Decimal(0))
            oldest = min((at for *_, at in rows), default=now)
            wait = (oldest + FAUCET_PERIOD - now).total_seconds()
            raise FaucetLimit(
                f"The faucet gives {_usd(limit)} USD an hour; {_usd(left)} USD are left.",
                retry_after_s=max(int(wait), 1),
            )

    def _cancel_all(self, account_id: UUID) -> None:
        with connection():
            orders = list(
                Order.select()
                .where((Order.account_id == account_id) & Order.status.in_(sorted(CANCELLABLE)))
                .limit(CANCEL_AT_ONCE)
            )
        if orders:
            self._order_store.advance_all(
                [Transition(o, Status.CANCELLED, CANCELLED_BY_RESET) for o in orders]
            )

    def _start_over(self, account_id: UUID, target: Mapping[str, int]) -> bool:
        """Sets the balances. Returns False, changing nothing, while an order holds some of them."""
        wallet, now = account_wallet(account_id), self._order_store.now()
        with connection(), database.atomic():
            lock([wallet])
            balances = read_balances(wallet)
            if any(balance.held for balance in balances):
                return False
            total = {balance.mint: balance.total for balance in balances}
            changes = {mint: target.get(mint, 0) - total.get(mint, 0) for mint in {*total, *target}}
            if entries := grant(wallet, changes):
                transfer("reset", entries, now)
            begin_epoch(wallet, now)
        return True


def _usd(value: Decimal) -> str:
    """Dollars for people: 100,000 or 12,345.60."""
    return f"{value:,.2f}".removesuffix(".00")
