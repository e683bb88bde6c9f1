"""Socket.IO: `subscribe`, `unsubscribe` and `subscribe_orders`, and the rooms of this process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import socketio
from socketio.exceptions import ConnectionRefusedError

from orders.accounts.accounts import authenticate_token
from orders.api.order_schemas import present_order
from orders.domain.caller import Caller
from orders.domain.errors import EngineError, InternalError, MalformedRequest, Unauthenticated
from orders.domain.identifiers import parse_uuid
from orders.observability import observe
from orders.storage.models import Order
from orders.streams.account import AFTER_MONEY, AFTER_ORDERS, AccountFeed
from orders.streams.hub import Hub, Hubs
from orders.streams.rooms import account_orders_room, account_room, feed_room, is_feed_room
from orders.streams.update import EVENT_NAME, Message, Update
from orders.wiring import Components

NAMESPACE = "/"
Answer = dict[str, Any]
"""What the client gets as an acknowledgement, if it asked for one."""


class SocketIoRooms:
    """The rooms of this process and who is in them."""

    def __init__(self, server: socketio.Server) -> None:
        self._server = server
        self._members: dict[str, set[str]] = {}

    def emit(self, room: str, update: Update, skip: Collection[str] = ()) -> None:
        """Sends an event to the connections in a room."""
        receivers = self.members(room)
        if receivers.issubset(skip):
            return
        self._server.emit(
            EVENT_NAME, update.message, room=room, skip_sid=list(skip), namespace=NAMESPACE
        )
        observe.events_sent("socketio", len(receivers.difference(skip)))

    def emit_to(self, sid: str, message: Message) -> None:
        """Sends an event to one connection."""
        self._server.emit(EVENT_NAME, message, to=sid, namespace=NAMESPACE)
        observe.events_sent("socketio")

    def send(self, event: str, to: str, message: Message) -> None:
        """Sends another event to a room or to one connection."""
        self._server.emit(event, message, room=to, namespace=NAMESPACE)
        observe.events_sent("socketio", max(len(self.members(to)), 1))

    def enter(self, sid: str, room: str) -> None:
        """Puts a connection of this process into a room."""
        self._server.enter_room(sid, room, namespace=NAMESPACE)
        self._members.setdefault(room, set()).add(sid)

    def leave(self, sid: str, room: str) -> None:
        """Takes a connection of this process out of a room."""
        members = self._members.get(room, set())
        if sid not in members:
            return
        self._server.leave_room(sid, room, namespace=NAMESPACE)
        members.remove(sid)
        if not members:
            del self._members[room]

    def occupied(self, room: str) -> bool:
        """Whether a connection of this process is in the room."""
        return room in self._members

    def members(self, room: str) -> frozenset[str]:
        """The connections of this process in a room."""
        return frozenset(self._members.get(room, ()))

    def announce_resync(self) -> None:
        """Sends `resync` to the list feeds of this process."""
        for room in filter(is_feed_room, list(self._members)):
            self._server.emit("resync", {}, room=room, namespace=NAMESPACE)

    def spawn(self, task: Any, *arguments: Any) -> None:
        """Runs the task in the background."""
        self._server.start_background_task(task, *arguments)


@dataclass(frozen=True, slots=True)
class AccountFollower:
    """A connection that follows an account over Socket.IO."""

    sid: str
    rooms: SocketIoRooms
    account_rooms: tuple[str, ...]
    wants_orders: bool
    connected: Callable[[], bool]

    def tell(self, name: str, update: Update) -> None:
        """Sends a message to this connection alone."""
        self.rooms.send(name, self.sid, update.message)

    def enter(self) -> None:
        """Joins the account's rooms."""
        if self.connected():
            for room in self.account_rooms:
                self.rooms.enter(self.sid, room)


class OrderNamespace(socketio.Namespace):  # type: ignore[misc]
    """What clients may ask for over Socket.IO.

    Nothing runs between a handler's return and the sending of its acknowledgement, so a watcher
    that joins in the background always receives the history first.
    """

    def __init__(
        self, hubs: Hubs, rooms: SocketIoRooms, account_feed: AccountFeed, components: Components
    ) -> None:
        super().__init__(NAMESPACE)
        self._hubs = hubs
        self._rooms = rooms
        self._account_feed = account_feed
        self._components = components
        self._callers: dict[str, Caller] = {}
        self._watched: dict[str, set[UUID]] = defaultdict(set)
        self._list_feeds: dict[str, str] = {}
        self._followers: dict[str, AccountFollower] = {}
        self._events: dict[str, Callable[[str, Any], Answer]] = {
            "subscribe": self.subscribe,
            "unsubscribe": self.unsubscribe,
            "subscribe_orders": self.subscribe_orders,
            "subscribe_account": self.subscribe_account,
        }

    def trigger_event(self, event: Any, sid: str, *data: Any) -> Any:
        """Answer what python-socketio has to tell: its own events, and those that clients send.

        Clients may name theirs as they like, `connect` too.
        """
        if event == "connect" and data and data[0] is self.server.get_environ(sid, NAMESPACE):
            return self.connect(sid, data[-1])
        if event == "disconnect" and not self.server.manager.is_connected(sid, NAMESPACE):
            return self.disconnect(sid)
        try:
            return self._answer(event, sid, data)
        except EngineError as error:
            return {"ok": False, "code": error.code, "message": str(error)}
        except Exception as error:
            observe.internal_error("socketio", error)
            return {"ok": False, "code": InternalError.code, "message": "Something went wrong."}

    def connect(self, sid: str, auth: Any) -> None:
        """Accept a connection, anonymous or with `auth: {token}`."""
        token = auth.get("token") if isinstance(auth, dict) else None
        try:
            caller = authenticate_token(self._components.settings, token)
        except EngineError as error:
            raise ConnectionRefusedError({"code": error.code, "message": str(error)}) from None
        self._callers[sid] = caller
        observe.socket_opened("socketio")

    def disconnect(self, sid: str) -> None:
        """Forget the connection; the server has taken it out of its rooms."""
        if self._callers.pop(sid, None) is not None:
            observe.socket_closed("socketio")
        self._rooms.leave(sid, self._list_feeds.pop(sid, ""))
        self._unfollow(sid)
        for order_id in self._watched.pop(sid, ()):
            self._rooms.leave(sid, str(order_id))
            self._hubs.leave(order_id)

    def subscribe(self, sid: str, request: Any) -> Answer:
        """`{orderId, afterSequence?}` -> `{ok, order, history}`; events follow in the room."""
        order_id, after = _read_subscription(request)
        order = self._components.submission.find(parse_uuid(order_id), self._caller(sid))
        return self._join(sid, order, after)

    def unsubscribe(self, sid: str, request: Any) -> Answer:
        """`{orderId}`: no further events of this order."""
        order_id = parse_uuid(_read_subscription(request)[0])
        if order_id is not None:
            self._watched[sid].discard(order_id)
            self._rooms.leave(sid, str(order_id))
            self._hubs.leave(order_id)
        return {"ok": True}

    def subscribe_orders(self, sid: str, request: Any) -> Answer:
        """Join the list feed: the account's orders, or the anonymous ones."""
        room = feed_room(self._caller(sid).account_id)
        self._rooms.enter(sid, room)
        self._list_feeds[sid] = room
        return {"ok": True}

    def subscribe_account(self, sid: str, request: Any) -> Answer:
        """Tell the account's balances; changes of them and the events of its orders follow."""
        account_id = self._caller(sid).account_id
        if account_id is None:
            raise Unauthenticated()
        request = _read_account_subscription(request)
        # A second subscription of one connection starts over.
        self._unfollow(sid)
        orders = request.get("orders", True)
        rooms = (account_room(account_id), *([account_orders_room(account_id)] if orders else []))
        follower = AccountFollower(sid, self._rooms, rooms, orders, lambda: sid in self._callers)
        joining = self._account_feed.begin(
            follower, account_id, request.get(AFTER_MONEY), request.get(AFTER_ORDERS)
        )
        self._followers[sid] = follower
        self._rooms.spawn(self._account_feed.complete, joining)
        return {"ok": True, **joining.answer}

    def _unfollow(self, sid: str) -> None:
        follower = self._followers.pop(sid, None)
        for room in follower.account_rooms if follower else ():
            self._rooms.leave(sid, room)

    def _answer(self, event: Any, sid: str, data: tuple[Any, ...]) -> Answer:
        handler = self._events.get(event) if isinstance(event, str) else None
        if handler is None:
            raise MalformedRequest(f"There is no such event; send {', '.join(self._events)}.")
        if len(data) > 1:
            raise MalformedRequest(f"{event} takes one object, not {len(data)} values.")
        return handler(sid, *(data or (None,)))

    def _caller(self, sid: str) -> Caller:
        caller = self._callers.get(sid)
        if caller is None:
            raise Unauthenticated()
        return caller

    def _join(self, sid: str, order: Order, after: int) -> Answer:
        room = str(order.id)
        # A second subscription of one connection starts over: it must not receive live events
        # before its new history.
        self._rooms.leave(sid, room)
        hub = self._hubs.open(order.id)
        try:
            with hub.lock:
                history = hub.catch_up(after)
                seen = hub.sequence or 0
            if order.sequence != seen:
                order = self._components.submission.find(order.id, self._caller(sid))
        except BaseException:
            self._hubs.joined(hub)
            raise
        self._rooms.spawn(self._complete_join, sid, hub, seen)
        return {
            "ok": True,
            "order": present_order(order, self._components.registry, self._components.valuation),
            "history": history,
        }

    def _complete_join(self, sid: str, hub: Hub, seen: int) -> None:
        """After the acknowledgement: what came meanwhile, then membership."""
        try:
            with hub.lock:
                missed = hub.catch_up(seen) if hub.sequence != seen else []
                for message in missed:
                    self._rooms.emit_to(sid, message)
                if sid in self._callers:
                    self._rooms.enter(sid, str(hub.order_id))
                    self._watched[sid].add(hub.order_id)
            hub.receive_waiting()
        finally:
            self._hubs.joined(hub)


def _read_account_subscription(request: Any) -> dict[str, Any]:
    """What a client has of the account, and whether it wants orders. Raises `MalformedRequest`."""
    if request is None:
        return {}
    if not isinstance(request, dict):
        raise MalformedRequest('Send an object, such as {"afterSequence": 7}.')
    for name in (AFTER_MONEY, AFTER_ORDERS):
        after = request.get(name)
        if after is not None and (type(after) is not int or not 0 <= after < 2**63):
            raise MalformedRequest(f"{name} must be a whole number, 0 or larger.")
    if type(request.get("orders", True)) is not bool:
        raise MalformedRequest("orders must be true or false.")
    return request


def _read_subscription(request: Any) -> tuple[str, int]:
    """The order's id, and the last sequence that the client has. Raises `MalformedRequest`."""
    if not isinstance(request, dict):
        raise MalformedRequest('Send an object, such as {"orderId": "..."}.')
    order_id, after = request.get("orderId"), request.get("afterSequence", 0)
    if not isinstance(order_id, str):
        raise MalformedRequest("orderId must be a text: the order's id.")
    if type(after) is not int or after < 0:
        raise MalformedRequest("afterSequence must be a whole number, 0 or larger.")
    return order_id, after
