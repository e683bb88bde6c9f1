"""Socket.IO: `subscribe`, `unsubscribe` and `subscribe_orders`, and the rooms of this process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

import socketio
from socketio.exceptions import ConnectionRefusedError

from orders.accounts.accounts import authenticate_token
from orders.api.order_schemas import present_order
from orders.domain.caller import Caller
from orders.domain.errors import EngineError, Unauthenticated
from orders.domain.identifiers import parse_uuid
from orders.observability import observe
from orders.storage.models import Order
from orders.streams.hub import Hub, Hubs
from orders.streams.rooms import feed_room, is_feed_room
from orders.streams.update import EVENT_NAME, Message, Update
from orders.wiring import Components

NAMESPACE = "/"


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


class SocketIoHandlers:
    """What clients may ask for over Socket.IO.

    Handlers are registered with python-socketio itself: nothing runs between a handler's return
    and the sending of its acknowledgement, so a watcher that joins in the background always
    receives the history first.
    """

    def __init__(
        self, server: socketio.Server, hubs: Hubs, rooms: SocketIoRooms, components: Components
    ) -> None:
        self._server = server
        self._hubs = hubs
        self._rooms = rooms
        self._components = components
        self._callers: dict[str, Caller] = {}
        self._watched: dict[str, set[UUID]] = defaultdict(set)
        self._list_feeds: dict[str, str] = {}

    def register(self) -> None:
        """Attaches the handlers to the server."""
        self._server.on("connect", self.connect)
        self._server.on("disconnect", self.disconnect)
        self._server.on("subscribe", self.subscribe)
        self._server.on("unsubscribe", self.unsubscribe)
        self._server.on("subscribe_orders", self.subscribe_orders)

    def connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        """Accepts a connection, anonymous or with `auth: {token}`."""
        token = auth.get("token") if isinstance(auth, dict) else None
        try:
            caller = authenticate_token(self._components.settings, token)
        except EngineError as error:
            raise ConnectionRefusedError({"code": error.code, "message": str(error)}) from None
        self._callers[sid] = caller
        observe.socket_opened("socketio")

    def disconnect(self, sid: str, reason: str = "") -> None:
        """Forgets the connection; the server has taken it out of its rooms."""
        if self._callers.pop(sid, None) is not None:
            observe.socket_closed("socketio")
        self._rooms.leave(sid, self._list_feeds.pop(sid, ""))
        for order_id in self._watched.pop(sid, ()):
            self._rooms.leave(sid, str(order_id))
            self._hubs.leave(order_id)

    def subscribe(self, sid: str, request: Any = None) -> dict[str, Any]:
        """`{orderId, afterSequence?}` -> `{ok, order, history}`; events follow in the room."""
        try:
            order_id, after = _read_subscription(request)
            order = self._components.submission.find(order_id, self._caller(sid))
            return self._join(sid, order, after)
        except EngineError as error:
            return {"ok": False, "code": error.code, "message": str(error)}

    def unsubscribe(self, sid: str, request: Any = None) -> dict[str, Any]:
        """`{orderId}`: no further events of this order."""
        order_id, _ = _read_subscription(request)
        if order_id is not None:
            self._watched[sid].discard(order_id)
            self._rooms.leave(sid, str(order_id))
            self._hubs.leave(order_id)
        return {"ok": True}

    def subscribe_orders(self, sid: str, request: Any = None) -> dict[str, Any]:
        """Joins the list feed: the account's orders, or the anonymous ones."""
        try:
            room = feed_room(self._caller(sid).account_id)
            self._rooms.enter(sid, room)
            self._list_feeds[sid] = room
        except EngineError as error:
            return {"ok": False, "code": error.code, "message": str(error)}
        return {"ok": True}

    def _caller(self, sid: str) -> Caller:
        caller = self._callers.get(sid)
        if caller is None:
            raise Unauthenticated()
        return caller

    def _join(self, sid: str, order: Order, after: int) -> dict[str, Any]:
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
            "order": present_order(order, self._components.registry),
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


def _read_subscription(request: Any) -> tuple[UUID | None, int]:
    """The order's id, None if it is not a UUID, and the last sequence the client has."""
    fields = request if isinstance(request, dict) else {}
    order_id = fields.get("orderId")
    after = fields.get("afterSequence", 0)
    valid = isinstance(after, int) and not isinstance(after, bool) and after >= 0
    return parse_uuid(order_id) if isinstance(order_id, str) else None, after if valid else 0
