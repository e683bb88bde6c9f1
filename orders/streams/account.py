"""The account stream: every change of a wallet's money, numbered, to whoever watches the account.

A wallet numbers the changes of its money; PostgreSQL keeps them. Whoever joins is told the
balances and the number they stand at, and is then sent each later change once and in order. An
order's event, or news of a faucet or a reset, says that there may be one; a look every few seconds
finds what nothing told of.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import UUID

from orders.accounts.balances import present_balance
from orders.accounts.portfolios import Portfolios
from orders.domain import exact_json
from orders.domain.errors import StoreUnavailable
from orders.domain.lifecycle import TERMINAL
from orders.domain.wallet_address import account_wallet
from orders.market.tokens import TokenRegistry
from orders.observability import observe
from orders.storage.wallets import WalletEvent, WalletState, read_events, read_sequences
from orders.streams.rooms import account_room
from orders.streams.update import Message

if TYPE_CHECKING:
    from orders.streams.socketio import SocketIoRooms

EVENT_NAME = "balance_update"
MOST_MISSED = 1_000
"""Changes that a client which comes back is sent; after more it has the balances alone."""


@dataclass(slots=True)
class AccountHub:
    """How far the watchers of one account have seen."""

    account_id: UUID
    sequence: int
    lock: Lock = field(default_factory=Lock)
    joining: int = 0
    """Subscriptions that are not complete yet: they are no members of the room, but will be."""
    reading: bool = False
    wanted: bool = False


class AccountFeed:
    """Sends balance updates to the accounts that somebody of this process watches."""

    def __init__(
        self,
        rooms: SocketIoRooms,
        portfolios: Portfolios,
        registry: TokenRegistry,
        interval_s: float,
    ) -> None:
        self._rooms = rooms
        self._portfolios = portfolios
        self._registry = registry
        self._interval_s = interval_s
        self._hubs: dict[UUID, AccountHub] = {}

    def join(
        self, sid: str, account_id: UUID, after: int | None, connected: Callable[[], bool]
    ) -> dict[str, Any]:
        """The acknowledgement of a subscription; updates follow while it is `connected`.

        Raises `Unauthenticated` if there is no such account, `StoreUnavailable`.
        """
        room = account_room(account_id)
        # A second subscription of one connection starts over.
        self._rooms.leave(sid, room)
        wallet = self._portfolios.wallet(account_id)
        missed = [] if after is None else read_events(wallet.address, after, MOST_MISSED + 1)
        missed = [event for event in missed if event.sequence <= wallet.sequence]
        complete = after is None or len(missed) == wallet.sequence - after <= MOST_MISSED
        self._rooms.spawn(self._complete_join, sid, account_id, wallet.sequence, connected)
        return {
            "ok": True,
            **self._present_wallet(wallet),
            "history": [self._message(wallet.address, event) for event in missed]
            if complete
            else [],
            "complete": complete,
        }

    def receive(self, message: Message, account_id: UUID | None) -> None:
        """Takes an order's event: its first and its last one change money."""
        if account_id is None or not self.shown(account_id):
            return
        if message["sequence"] == 1 or message["status"] in TERMINAL:
            self._read_soon(account_id)

    def changed(self, account_id: UUID) -> None:
        """Takes the news that an account's money moved without an order."""
        if self.shown(account_id):
            self._read_soon(account_id)

    def shown(self, account_id: UUID | None) -> bool:
        """Whether anybody of this process watches the account."""
        return account_id is not None and self._rooms.occupied(account_room(account_id))

    def run(self) -> None:
        """Finds what no event told of, for as long as the process lives."""
        while True:
            time.sleep(self._interval_s)
            try:
                self.compare()
            except StoreUnavailable as error:
                observe.store_unavailable("streams", error)
            except Exception as error:
                observe.internal_error("streams", error)

    def compare(self) -> None:
        """Reads on for every watched account that is behind. Raises `StoreUnavailable`."""
        for hub in list(self._hubs.values()):
            if not hub.joining and not self.shown(hub.account_id):
                del self._hubs[hub.account_id]
        watched = {account_wallet(hub.account_id): hub for hub in self._hubs.values()}
        if not watched:
            return
        for address, sequence in read_sequences(watched).items():
            if sequence > watched[address].sequence:
                self._catch_up(watched[address])

    def _complete_join(
        self, sid: str, account_id: UUID, seen: int, connected: Callable[[], bool]
    ) -> None:
        """After the acknowledgement: what came meanwhile, then membership."""
        hub = self._hubs.setdefault(account_id, AccountHub(account_id, seen))
        hub.joining += 1
        try:
            with hub.lock:
                self._enter(hub, sid, seen, connected)
        finally:
            hub.joining -= 1

    def _enter(self, hub: AccountHub, sid: str, seen: int, connected: Callable[[], bool]) -> None:
        """Sends what the connection has not seen, then lets it in. The caller has the lock."""
        address, room = account_wallet(hub.account_id), account_room(hub.account_id)
        if not self.shown(hub.account_id):
            hub.sequence = seen
        self._send_missing(hub)
        for event in read_events(address, seen, MOST_MISSED):
            if event.sequence <= hub.sequence:
                self._rooms.send(EVENT_NAME, sid, self._message(address, event))
        if connected():
            self._rooms.enter(sid, room)

    def _read_soon(self, account_id: UUID) -> None:
        hub = self._hubs.get(account_id)
        if hub is None:
            return
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
        with hub.lock:
            self._send_missing(hub)

    def _send_missing(self, hub: AccountHub) -> None:
        """Sends the room what it has not seen. The caller has the lock."""
        address, room = account_wallet(hub.account_id), account_room(hub.account_id)
        while events := read_events(address, hub.sequence, MOST_MISSED):
            for event in events:
                self._rooms.send(EVENT_NAME, room, self._message(address, event))
            hub.sequence = events[-1].sequence

    def _message(self, address: str, event: WalletEvent) -> Message:
        return {
            "type": EVENT_NAME,
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
