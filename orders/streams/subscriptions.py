"""Subscriptions, the same over Socket.IO and `/ws`: orders, lists, the account, the market.

Nothing runs between a handler's return and the sending of its acknowledgement, so a watcher that
joins in the background always receives the history first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from orders.api.order_answers import present_order
from orders.domain.caller import Caller
from orders.domain.errors import (
    EngineError,
    InternalError,
    MalformedRequest,
    Unauthenticated,
    ValidationFailed,
)
from orders.domain.identifiers import parse_uuid
from orders.observability import observe
from orders.storage.models import Order
from orders.streams.account import AccountFeed
from orders.streams.connection import Allowance, Answer, Connection, TooManySubscriptions
from orders.streams.hub import Hub, Hubs
from orders.streams.market_feed import MarketFeed
from orders.streams.market_subscriptions import MarketSubscriptions
from orders.streams.requests import (
    AFTER,
    AFTER_ACCOUNT,
    read_account_request,
    read_no_fields,
    read_order_request,
)
from orders.streams.rooms import (
    LiveRooms,
    PlainMember,
    account_orders_room,
    account_room,
    feed_room,
)
from orders.streams.update import Update
from orders.wiring import Components

Handler = Callable[[Connection, Any], Answer]


@dataclass(frozen=True, slots=True)
class AccountFollower:
    """A connection that follows an account."""

    connection_id: str
    rooms: LiveRooms
    account_rooms: tuple[str, ...]
    wants_orders: bool
    follows: Callable[[], bool]
    """Whether it still follows the account."""

    def tell(self, name: str, update: Update) -> None:
        """Sends a message to this connection alone."""
        self.rooms.send(name, self.connection_id, update.message)

    def enter(self) -> None:
        """Joins the account's rooms, unless the connection has left meanwhile."""
        if self.follows():
            for room in self.account_rooms:
                self.rooms.enter(self.connection_id, room)


class Subscriptions:
    """The connections of this process and what each of them follows."""

    def __init__(
        self,
        rooms: LiveRooms,
        hubs: Hubs,
        account_feed: AccountFeed,
        market_feed: MarketFeed,
        components: Components,
    ) -> None:
        self._rooms = rooms
        self._hubs = hubs
        self._account_feed = account_feed
        self._components = components
        self._market = MarketSubscriptions(market_feed, components)
        self._connections: dict[str, Connection] = {}
        self._events: dict[str, Handler] = {
            "subscribe": self.subscribe,
            "unsubscribe": self.unsubscribe,
            "subscribe_orders": self.subscribe_orders,
            "unsubscribe_orders": self.unsubscribe_orders,
            "subscribe_account": self.subscribe_account,
            "unsubscribe_account": self.unsubscribe_account,
            **self._market.events(),
        }

    def open(
        self,
        connection_id: str,
        caller: Caller | None,
        *,
        strings: bool = False,
        plain: PlainMember | None = None,
    ) -> Connection:
        """Registers a connection; with `strings` it gets amounts as strings."""
        allowance = Allowance(self._components.settings.stream_messages_per_s)
        connection = Connection(connection_id, caller, allowance)
        self._connections[connection_id] = connection
        self._rooms.admit(connection_id, strings=strings, plain=plain)
        return connection

    def close(self, connection_id: str) -> bool:
        """Forgets a connection; False if it was not known."""
        connection = self._connections.pop(connection_id, None)
        if connection is None:
            return False
        connection.closed = True
        self.leave_all(connection)
        self._rooms.dismiss(connection_id)
        return True

    def leave_all(self, connection: Connection) -> None:
        """Ends all subscriptions of the connection."""
        self._market.close(connection)
        self.unsubscribe_account(connection, None)
        self.unsubscribe_orders(connection, None)
        for order_id in list(connection.orders):
            self._leave_order(connection, order_id)

    def answer(self, connection_id: str, event: Any, data: tuple[Any, ...]) -> Answer:
        """Handles a client's event; returns the acknowledgement. Raises nothing."""
        try:
            connection = self._connections.get(connection_id)
            if connection is None:
                raise Unauthenticated()
            connection.allowance.take()
            return self._handle(connection, event, data)
        except EngineError as error:
            return refusal(error)
        except Exception as error:
            observe.internal_error("streams", error)
            return refusal(InternalError("Something went wrong."))

    def _handle(self, connection: Connection, event: Any, data: tuple[Any, ...]) -> Answer:
        handler = self._events.get(event) if isinstance(event, str) else None
        if handler is None:
            raise MalformedRequest(f"There is no such event; send {', '.join(self._events)}.")
        if len(data) > 1:
            raise MalformedRequest(f"{event} takes one object, not {len(data)} values.")
        return handler(connection, *(data or (None,)))

    def subscribe(self, connection: Connection, request: Any) -> Answer:
        """`{orderId, afterSequence?}` -> `{ok, order, history}`; events follow in the room."""
        order_id, after = read_order_request(request)
        caller = connection.known_caller()
        order = self._components.submission.find(parse_uuid(order_id), caller)
        most = self._components.settings.stream_orders
        if len(connection.orders | {order.id}) > most:
            raise TooManySubscriptions(
                f"A connection may follow {most} orders; unsubscribe from some."
            )
        return self._join(connection, order, after)

    def unsubscribe(self, connection: Connection, request: Any) -> Answer:
        """`{orderId}`: no further events of this order."""
        order_id = parse_uuid(read_order_request(request)[0])
        if order_id is not None:
            self._leave_order(connection, order_id)
        return {"ok": True}

    def subscribe_orders(self, connection: Connection, request: Any) -> Answer:
        """Join the list feed: the account's orders, or the anonymous ones."""
        read_no_fields(request)
        room = feed_room(connection.known_caller().account_id)
        self._rooms.enter(connection.id, room)
        connection.list_feed = room
        return {"ok": True}

    def unsubscribe_orders(self, connection: Connection, request: Any) -> Answer:
        """Leave the list feed."""
        read_no_fields(request)
        self._rooms.leave(connection.id, connection.list_feed)
        connection.list_feed = ""
        return {"ok": True}

    def subscribe_account(self, connection: Connection, request: Any) -> Answer:
        """Tell the account's balances; changes of them and the events of its orders follow."""
        account_id = connection.known_caller().account_id
        if account_id is None:
            raise Unauthenticated()
        request = read_account_request(request)
        # A second subscription of one connection starts over.
        self.unsubscribe_account(connection, None)
        orders = request.get("orders", True)
        rooms = (account_room(account_id), *([account_orders_room(account_id)] if orders else []))
        follower = AccountFollower(
            connection.id,
            self._rooms,
            rooms,
            orders,
            lambda: not connection.closed and connection.account is rooms,
        )
        joining = self._account_feed.begin(
            follower, account_id, request.get(AFTER), request.get(AFTER_ACCOUNT)
        )
        connection.account = rooms
        self._rooms.spawn(self._account_feed.complete, joining)
        return {"ok": True, **joining.answer}

    def unsubscribe_account(self, connection: Connection, request: Any) -> Answer:
        """Ends the updates of the account's balances and orders."""
        read_no_fields(request)
        for room in connection.account:
            self._rooms.leave(connection.id, room)
        connection.account = ()
        return {"ok": True}

    def _leave_order(self, connection: Connection, order_id: UUID) -> None:
        connection.orders.discard(order_id)
        self._rooms.leave(connection.id, str(order_id))
        self._hubs.leave(order_id)

    def _join(self, connection: Connection, order: Order, after: int) -> Answer:
        room = str(order.id)
        # A second subscription of one connection starts over: it must not receive live events
        # before its new history.
        self._rooms.leave(connection.id, room)
        hub = self._hubs.open(order.id)
        try:
            with hub.lock:
                history = hub.catch_up(after)
                seen = hub.sequence or 0
            if order.sequence != seen:
                order = self._components.submission.find(order.id, connection.known_caller())
            # It may ask PostgreSQL for prices, so it comes before the watcher is under way.
            presented = present_order(order, self._components.registry, self._components.valuation)
        except BaseException:
            self._hubs.joined(hub)
            raise
        connection.orders.add(order.id)
        self._rooms.spawn(self._complete_join, connection, hub, seen)
        return {"ok": True, "order": presented, "history": history}

    def _complete_join(self, connection: Connection, hub: Hub, seen: int) -> None:
        """Sends what came since the acknowledgement, then makes the connection a member."""
        try:
            with hub.lock:
                missed = hub.catch_up(seen) if hub.sequence != seen else []
                for message in missed:
                    self._rooms.emit_to(connection.id, Update(message))
                if not connection.closed and hub.order_id in connection.orders:
                    self._rooms.enter(connection.id, str(hub.order_id))
            hub.receive_waiting()
        finally:
            self._hubs.joined(hub)


def refusal(error: EngineError) -> Answer:
    """The acknowledgement of a request that failed."""
    told: Answer = {"ok": False, "code": error.code, "message": str(error)}
    if isinstance(error, ValidationFailed):
        told["errors"] = error.errors
    return told
