"""The account stream: every change of a wallet's money and every event of the account's orders.

Both are numbered without gaps, each kind for itself, and PostgreSQL keeps the numbers: a wallet
numbers the changes of its money, `orders.storage.account_events` the events of its orders. Whoever
joins is told the balances and where the numbers stand, and is then sent what follows once and in
order. An order's live event, or news of a faucet or a reset, says that there may be something; a
look every few seconds finds what nothing told of.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from orders.accounts.balances import present_balance
from orders.accounts.portfolios import Portfolios
from orders.domain import exact_json
from orders.domain.clock import Clock
from orders.domain.errors import StoreUnavailable
from orders.domain.lifecycle import TERMINAL, Status
from orders.market.tokens import TokenRegistry
from orders.observability import observe
from orders.storage.account_events import (
    number_events,
    open_feed,
    read_account_events,
    read_account_sequences,
)
from orders.storage.wallets import WalletEvent, WalletState, read_events, read_sequences
from orders.streams.account_hub import AccountHub, Follower, Joining, Place, PlainFollower
from orders.streams.rooms import LiveRooms, account_orders_room, account_room
from orders.streams.turns import take_turn
from orders.streams.update import EVENT_NAME as ORDER_UPDATE
from orders.streams.update import Message, Update

BALANCE_UPDATE = "balance_update"
MOST_MISSED = 1_000
"""Messages of a kind that a client which comes back is sent; after more it starts afresh."""

Numbered = tuple[int, Message]
ReadMissed = Callable[[int, int], list[Numbered]]
"""Reads at most so many messages after a number."""


class AccountFeed:
    """Tells the accounts that somebody of this process follows."""

    def __init__(
        self,
        rooms: LiveRooms,
        portfolios: Portfolios,
        registry: TokenRegistry,
        clock: Clock,
        interval_s: float,
    ) -> None:
        self._rooms = rooms
        self._portfolios = portfolios
        self._registry = registry
        self._clock = clock
        self._interval_s = interval_s
        self._hubs: dict[UUID, AccountHub] = {}

    def begin(
        self,
        follower: Follower,
        account_id: UUID,
        money_after: int | None,
        orders_after: int | None,
    ) -> Joining:
        """The answer to a subscription; `complete` is to be called once it is on its way.

        Raises `Unauthenticated` if there is no such account, `StoreUnavailable`.
        """
        wallet = self._portfolios.wallet(account_id)
        orders = self._number(account_id) if follower.wants_orders else 0
        history, whole = _missed(self._read_money(wallet.address), money_after, wallet.sequence)
        answer = {**self._present_wallet(wallet), "history": history, "complete": whole}
        if follower.wants_orders:
            history, whole = _missed(_read_orders(account_id), orders_after, orders)
            answer["orders"] = {"accountSequence": orders, "history": history, "complete": whole}
        return Joining(follower, account_id, answer, Place(wallet.sequence, orders))

    def complete(self, joining: Joining) -> None:
        """Sends what came since the answer, then lets the connection in."""
        hub = self._hubs.setdefault(
            joining.account_id, AccountHub(joining.account_id, joining.seen)
        )
        hub.joining += 1
        try:
            with hub.lock:
                self._enter(hub, joining)
        finally:
            hub.joining -= 1

    def add_plain(self, account_id: UUID, follower: PlainFollower) -> None:
        """Makes a connection a member that is in no room."""
        self._hubs[account_id].plain.add(follower)

    def remove_plain(self, account_id: UUID, follower: PlainFollower) -> None:
        """Undoes `add_plain`."""
        if hub := self._hubs.get(account_id):
            hub.plain.discard(follower)

    def receive(self, message: Message, account_id: UUID | None) -> None:
        """Takes an order's event; its first and its last one, and amendments, change money."""
        hub = self._hubs.get(account_id) if account_id else None
        if hub is None:
            return
        moves_money = message["sequence"] == 1 or message["status"] in {*TERMINAL, Status.OPEN}
        if self._orders_followed(hub) or (moves_money and self._followed(hub)):
            self._read_soon(hub)

    def changed(self, account_id: UUID) -> None:
        """Takes the news that an account's money moved without an order."""
        hub = self._hubs.get(account_id)
        if hub is not None and self._followed(hub):
            self._read_soon(hub)

    def shown(self, account_id: UUID | None) -> bool:
        """Whether anybody of this process follows the account."""
        hub = self._hubs.get(account_id) if account_id else None
        return hub is not None and self._followed(hub)

    def run(self) -> None:
        """Finds what no event announced, for as long as the process lives."""
        while True:
            time.sleep(self._interval_s)
            take_turn(self.compare)

    def compare(self) -> None:
        """Reads on for every followed account that is behind. Raises `StoreUnavailable`."""
        for hub in list(self._hubs.values()):
            if not hub.joining and not self._followed(hub):
                del self._hubs[hub.account_id]
        watched = {hub.wallet: hub for hub in self._hubs.values()}
        if not watched:
            return
        behind = {
            watched[address].account_id
            for address, sequence in read_sequences(watched).items()
            if sequence > watched[address].seen.money
        }
        behind |= self._behind_in_orders()
        for hub in list(self._hubs.values()):
            if hub.account_id in behind:
                self._catch_up(hub)

    def _behind_in_orders(self) -> set[UUID]:
        followed = {
            hub.account_id: hub for hub in self._hubs.values() if self._orders_followed(hub)
        }
        if not followed:
            return set()
        number_events()
        numbers = read_account_sequences(followed)
        return {key for key, number in numbers.items() if number > followed[key].seen.orders}

    def _followed(self, hub: AccountHub) -> bool:
        return bool(hub.plain) or self._rooms.occupied(account_room(hub.account_id))

    def _orders_followed(self, hub: AccountHub) -> bool:
        return bool(hub.plain) or self._rooms.occupied(account_orders_room(hub.account_id))

    def _number(self, account_id: UUID) -> int:
        """Numbers what there is; returns the account's last number."""
        open_feed(account_id, self._clock.now())
        number_events()
        return read_account_sequences([account_id])[account_id]

    def _enter(self, hub: AccountHub, joining: Joining) -> None:
        """Sends what the connection has not seen, then lets it in. The caller has the lock."""
        follower, seen = joining.follower, joining.seen
        if not self._followed(hub):
            hub.seen = seen
        elif follower.wants_orders and not self._orders_followed(hub):
            hub.seen = Place(hub.seen.money, seen.orders)
        self._send_missing_money(hub)
        self._tell(
            follower, BALANCE_UPDATE, self._read_money(hub.wallet), seen.money, hub.seen.money
        )
        if follower.wants_orders:
            self._send_missing_orders(hub)
            read = _read_orders(hub.account_id)
            self._tell(follower, ORDER_UPDATE, read, seen.orders, hub.seen.orders)
        follower.enter()

    def _tell(
        self, follower: Follower, name: str, read: ReadMissed, after: int, up_to: int
    ) -> None:
        for number, message in _read_on(read, after):
            if number > up_to:
                return
            follower.tell(name, Update(message))

    def _read_soon(self, hub: AccountHub) -> None:
        hub.wanted = True
        if not hub.reading:
            hub.reading = True
            self._rooms.spawn(self._read_while_wanted, hub)

    def _read_while_wanted(self, hub: AccountHub) -> None:
        try:
            while hub.wanted:
                hub.wanted = False
                self._catch_up(hub)
        except StoreUnavailable as error:
            observe.store_unavailable("streams", error)
        finally:
            hub.reading = False

    def _catch_up(self, hub: AccountHub) -> None:
        """Sends the members what they have not seen."""
        with hub.lock:
            self._send_missing_money(hub)
            if self._orders_followed(hub):
                self._send_missing_orders(hub)

    def _send_missing_money(self, hub: AccountHub) -> None:
        """The caller has the lock."""
        for number, message in _read_on(self._read_money(hub.wallet), hub.seen.money):
            self._send(hub, BALANCE_UPDATE, account_room(hub.account_id), message)
            hub.seen = Place(number, hub.seen.orders)

    def _send_missing_orders(self, hub: AccountHub) -> None:
        """The caller has the lock."""
        number_events()
        for number, message in _read_on(_read_orders(hub.account_id), hub.seen.orders):
            self._send(hub, ORDER_UPDATE, account_orders_room(hub.account_id), message)
            hub.seen = Place(hub.seen.money, number)

    def _send(self, hub: AccountHub, name: str, room: str, message: Message) -> None:
        if self._rooms.occupied(room):
            self._rooms.send(name, room, message)
        update = Update(message)
        for follower in tuple(hub.plain):
            follower.tell(name, update)

    def _read_money(self, address: str) -> ReadMissed:
        def read(after: int, most: int) -> list[Numbered]:
            events = read_events(address, after, most)
            return [(event.sequence, self._message(address, event)) for event in events]

        return read

    def _message(self, address: str, event: WalletEvent) -> Message:
        return {
            "type": BALANCE_UPDATE,
            "wallet": address,
            "sequence": event.sequence,
            "timestamp": exact_json.iso(event.at),
            "causes": event.causes,
            "balances": [present_balance(each, self._registry) for each in event.balances],
        }

    def _present_wallet(self, wallet: WalletState) -> dict[str, Any]:
        return {
            "wallet": wallet.address,
            "sequence": wallet.sequence,
            "balances": [
                present_balance(balance, self._registry)
                for balance in wallet.balances
                if balance.total
            ],
        }


def _read_orders(account_id: UUID) -> ReadMissed:
    def read(after: int, most: int) -> list[Numbered]:
        events = read_account_events(account_id, after, most)
        return [(event.sequence, event.message()) for event in events]

    return read


def _read_on(read: ReadMissed, after: int) -> Iterator[Numbered]:
    """All messages after that number, read in batches."""
    while batch := read(after, MOST_MISSED):
        yield from batch
        after = batch[-1][0]


def _missed(read: ReadMissed, after: int | None, up_to: int) -> tuple[list[Message], bool]:
    """What a client that has seen `after` missed up to a number, and whether that is all of it."""
    if after is None:
        return [], True
    found = [message for number, message in read(after, MOST_MISSED + 1) if number <= up_to]
    complete = len(found) == up_to - after <= MOST_MISSED
    return (found if complete else []), complete
