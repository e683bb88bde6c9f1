"""Submission: placing, finding and cancelling orders, as the API does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from redis import RedisError

from orders.config import Settings
from orders.domain.caller import Caller
from orders.domain.errors import (
    ClientOrderIdConflict,
    Fenced,
    IdempotencyConflict,
    InsufficientFunds,
    NotCancellable,
    OrderNotFound,
    QueueFull,
    StoreUnavailable,
    ValidationFailed,
)
from orders.domain.identifiers import uuid7
from orders.domain.lifecycle import CANCELLABLE, Status
from orders.domain.order_request import OrderRequest, first_event
from orders.domain.order_type import RULES, OrderType
from orders.domain.wallet_address import account_wallet
from orders.execution.one_cancels_other import decided_groups, owner_of
from orders.market.tokens import Token, TokenRegistry
from orders.messaging.queue import OrderQueue
from orders.observability import observe
from orders.storage.database import connection
from orders.storage.models import ClientOrderId, IdempotencyKey, Order
from orders.storage.order_changes import ClientOrderIdTaken, IdempotencyClaim, NewOrder, NotEnough
from orders.storage.order_store import OrderStore
from orders.storage.wallets import spendable

MAX_AMOUNT = Decimal(10) ** 12
"""The largest amount of a token that one order may spend."""
DEPTH_FRESH_S = 0.25
"""Seconds for which the queue's depth is not asked for again."""
CANCELLED_BY_USER = {"reason": "user"}
"""The data of a cancelled event that whoever owns the order asked for."""
KEY_IN_USE = "The Idempotency-Key or clientOrderId is in use by other requests right now."
KEY_OUTLIVED = "The order of this Idempotency-Key was removed long ago."
CANCEL_TRIES = 5
"""Times that a cancel is tried when it loses against a worker."""


OpenWallet = Callable[[UUID], bool]
"""Opens an account's wallet; False if it is already open."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The stored order, and whether an earlier request with the same key stored it."""

    order_id: UUID
    status: str
    type: OrderType
    replayed: bool = False
    oco_group: UUID | None = None


class Wanted(NamedTuple):
    """An order to place: its tokens are mint addresses."""

    request: OrderRequest
    token_in: Token
    units: int
    """What it spends, in base units."""

    def of_group(self, group: UUID) -> Wanted:
        """The same order in a one-cancels-other group."""
        return self._replace(request=self.request._replace(oco_group=group))


class Submission:
    """Places, finds and cancels orders. One per web process.

    `check_clock` raises `ClockSkewed` where the process may not take new orders.
    """

    def __init__(
        self,
        settings: Settings,
        order_store: OrderStore,
        queue: OrderQueue,
        registry: TokenRegistry,
        open_wallet: OpenWallet,
        check_clock: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._order_store = order_store
        self._queue = queue
        self._registry = registry
        self._open_wallet = open_wallet
        self._check_clock = check_clock
        self._depth = 0
        self._depth_at = float("-inf")

    @contextmanager
    def together(self) -> Iterator[Submission]:
        """Places and cancels in one transaction, with all else that the block stores.

        An exception undoes them all. Raises `StoreUnavailable`.
        """
        with self._order_store.together() as order_store:
            within = copy(self)
            within._order_store = order_store
            yield within

    def place(self, new: OrderRequest, caller: Caller, key: str | None = None) -> Receipt:
        """Stores the order durably and wakes a worker.

        From then on an account's order holds the amount that it spends.

        Raises `UnknownToken`, `SameToken`, `ValidationFailed`, `IdempotencyConflict`,
        `ClientOrderIdConflict`, `InsufficientFunds`, `ClockSkewed`, `QueueFull`,
        `StoreUnavailable`.
        """
        now = self._order_store.now()
        wanted = self.read(new)
        claim = self.claim(caller, key, wanted.request.fingerprint, now)
        if claim and (held := self.held_by(claim, now)):
            return replayed(held)
        if repeat := self._repeat(wanted.request, caller):
            return repeat
        order = self.new_order(uuid7(now), wanted, caller, now)
        for _ in range(2):
            try:
                if self.store([order], claim, caller.account_id, wanted.token_in):
                    return receipt_of(order)
            except ClientOrderIdTaken:
                if repeat := self._repeat(wanted.request, caller):
                    return repeat
            if claim and (held := self.held_by(claim, now)):
                return replayed(held)
        raise StoreUnavailable(KEY_IN_USE)

    def preview(self, new: OrderRequest, caller: Caller) -> Order:
        """Returns the order that `place` would store. Raises what `place` raises."""
        now = self._order_store.now()
        wanted = self.read(new)
        self._repeat(wanted.request, caller)
        admitted = self._admit(wanted.request, caller, now)
        if wallet := _wallet_of(caller):
            token_in = wanted.token_in
            needed, available = spendable(wallet, token_in.mint, wanted.units, admitted.oco_group)
            if needed > available:
                raise InsufficientFunds(
                    token_in.symbol, token_in.from_base(needed), token_in.from_base(available)
                )
        return Order(**admitted._asdict(), status=first_event(admitted)[0])

    def read(self, new: OrderRequest) -> Wanted:
        """What the order asks for, its tokens found."""
        token_in, token_out = self._registry.resolve_pair(
            new.token_in, new.token_out, before_launch=RULES[new.type].before_launch
        )
        named = new._replace(token_in=token_in.mint, token_out=token_out.mint)
        return Wanted(named, token_in, self._units(new, token_in))

    def new_order(self, order_id: UUID, wanted: Wanted, caller: Caller, now: datetime) -> NewOrder:
        """What is stored of an order, if it may be placed now."""
        new = self._admit(wanted.request, caller, now)
        columns: dict[str, Any] = new._asdict()
        columns |= {"id": order_id, "account_id": caller.account_id}
        if wallet := _wallet_of(caller):
            # A decimal: so many base units do not fit into 64 bits.
            columns |= {"wallet": wallet, "hold": Decimal(wanted.units)}
        if new.client_order_id is not None:
            fingerprint = wanted.request.fingerprint()
            columns |= {"client_scope": caller.scope, "client_hash": fingerprint}
        status, data = first_event(new)
        return NewOrder(columns, status, data, new.expires_at or now)

    def claim(
        self, caller: Caller, key: str | None, fingerprint: Callable[[], str], now: datetime
    ) -> IdempotencyClaim | None:
        """The key under which new orders are to be stored, if the caller gave one."""
        if key is None:
            return None
        expiry = now + timedelta(seconds=self._settings.idempotency_ttl_s)
        return IdempotencyClaim(caller.scope, key, fingerprint(), expiry)

    def _admit(self, new: OrderRequest, caller: Caller, now: datetime) -> OrderRequest:
        """Returns the order with its expiry, if it may be placed now."""
        self._check_clock()
        self._check_depth()
        new = self._with_expiry(new, now)
        self._check_group(new, caller)
        return new

    def store(
        self,
        orders: Sequence[NewOrder],
        claim: IdempotencyClaim | None,
        account_id: UUID | None,
        token_in: Token,
    ) -> bool:
        """Stores the orders if their wallet has enough; False if their key is held by another."""
        try:
            return self._order_store.place(orders, claim)
        except NotEnough as refused:
            # An account older than wallets gets its wallet now.
            if account_id is not None and self._open_wallet(account_id):
                return self.store(orders, claim, account_id, token_in)
            observe.order_refused(account_id, token_in.symbol)
            raise InsufficientFunds(
                token_in.symbol,
                token_in.from_base(refused.needed),
                token_in.from_base(refused.available),
            ) from None

    def find(self, order_id: UUID | None, caller: Caller) -> Order:
        """Returns the order, if the caller may see it.

        Raises `OrderNotFound`, `StoreUnavailable`.
        """
        with connection():
            order = Order.get_or_none(Order.id == order_id) if order_id else None
        if order is None or not caller.may_see(order):
            raise OrderNotFound()
        return order

    def find_by_client_id(self, client_order_id: str, caller: Caller) -> Order:
        """Returns the caller's order with that clientOrderId. Raises `OrderNotFound`,
        `StoreUnavailable`.
        """
        with connection():
            held = read_client_order_id(caller, client_order_id)
        return self.find(held.order_id if held else None, caller)

    def cancel(self, order_id: UUID | None, caller: Caller) -> Order:
        """Cancels a pending or open order and returns it.

        If a cancel and a worker race for an order, exactly one wins. Raises `OrderNotFound`,
        `NotCancellable`, `StoreUnavailable`.
        """
        for _ in range(CANCEL_TRIES):
            order = self.find(order_id, caller)
            if order.status not in CANCELLABLE:
                break
            try:
                self._order_store.advance(order, Status.CANCELLED, CANCELLED_BY_USER)
                return order
            except Fenced:
                continue
        raise NotCancellable(order.status)

    def _units(self, new: OrderRequest, token_in: Token) -> int:
        try:
            return token_in.to_base(new.amount_in)
        except ValueError:
            message = f"{token_in.symbol} has at most {token_in.decimals} decimals."
            raise ValidationFailed({"amountIn": [message]}) from None

    def _check_group(self, new: OrderRequest, caller: Caller) -> None:
        """Refuses a further order of a group of which one order has triggered."""
        if new.oco_group is None:
            return
        decided = decided_groups([new.oco_group])
        if (new.oco_group, owner_of(caller.account_id)) in decided:
            raise ValidationFailed({"ocoGroup": ["An order of this group has triggered already."]})

    def _with_expiry(self, new: OrderRequest, now: datetime) -> OrderRequest:
        if not RULES[new.type].rests:
            return new
        expiry = new.expires_at or now + timedelta(seconds=self._settings.resting_ttl_s)
        check_expiry(expiry, now, self._settings.resting_max_ttl_s)
        return new._replace(expires_at=expiry)

    def held_by(self, claim: IdempotencyClaim, now: datetime) -> Order | None:
        """The order that was placed under the key, if any. Raises `IdempotencyConflict`."""
        with connection():
            held = IdempotencyKey.get_or_none(
                (IdempotencyKey.scope == claim.scope)
                & (IdempotencyKey.key == claim.key)
                & (IdempotencyKey.expires_at > now)
            )
            if held is None:
                return None
            if held.payload_hash != claim.payload_hash:
                raise IdempotencyConflict()
            order: Order | None = Order.get_or_none(Order.id == held.order_id)
        if order is None:
            raise IdempotencyConflict(KEY_OUTLIVED)
        return order

    def _repeat(self, named: OrderRequest, caller: Caller) -> Receipt | None:
        """Returns the order that has this clientOrderId. Raises `ClientOrderIdConflict`."""
        if named.client_order_id is None:
            return None
        with connection():
            held = read_client_order_id(caller, named.client_order_id)
            if held is None:
                return None
            if held.payload_hash != named.fingerprint():
                raise ClientOrderIdConflict()
            order = Order.get_or_none(Order.id == held.order_id)
        if order is None:
            raise ClientOrderIdConflict("The order of this clientOrderId was removed long ago.")
        return replayed(order)

    def _check_depth(self) -> None:
        now = time.monotonic()
        if now - self._depth_at > DEPTH_FRESH_S:
            self._depth_at = now  # One request asks; the others go on with what is known.
            try:
                self._depth = self._queue.depth()
            except RedisError:
                self._depth = 0
        if self._depth >= self._settings.max_queue_depth:
            raise QueueFull(retry_after_s=2)


def receipt_of(order: NewOrder) -> Receipt:
    """What is answered about an order that was stored now."""
    columns = order.columns
    return Receipt(columns["id"], order.status, columns["type"], oco_group=columns["oco_group"])


def replayed(order: Order) -> Receipt:
    """What is answered about an order that an earlier request stored."""
    kind = OrderType(order.type)
    return Receipt(order.id, order.status, kind, replayed=True, oco_group=order.oco_group)


def check_expiry(expiry: datetime, now: datetime, longest_s: int) -> None:
    """Raises `ValidationFailed` if an order may not rest that long."""
    if expiry <= now:
        raise ValidationFailed({"expiresAt": ["Must be in the future."]})
    if expiry > now + timedelta(seconds=longest_s):
        raise ValidationFailed({"expiresAt": [f"Must be within {longest_s / 86_400:g} days."]})


def _wallet_of(caller: Caller) -> str | None:
    """The wallet whose money an order spends; None if it spends nobody's."""
    if caller.account_id is not None:
        return account_wallet(caller.account_id)
    return caller.wallet


def read_client_order_id(caller: Caller, client_order_id: str) -> ClientOrderId | None:
    """Reads what is stored under the caller's own id of an order."""
    found: ClientOrderId | None = ClientOrderId.get_or_none(
        (ClientOrderId.scope == caller.scope) & (ClientOrderId.client_order_id == client_order_id)
    )
    return found
