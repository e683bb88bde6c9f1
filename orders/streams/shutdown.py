"""Ends all live connections of a process that stops, so that clients connect to another one."""

from __future__ import annotations

from flask import Flask
from flask_socketio import SocketIO

from orders.streams.websocket import PlainWebSocket

GOING_AWAY = 1001
"""The close code of a server that shuts down (RFC 6455)."""


def close_all_streams(app: Flask, socketio: SocketIO) -> None:
    """Closes every Socket.IO and WebSocket connection of this process, without waiting.

    It closes the transport, not the Socket.IO session: clients would take that as a request to stay
    away.
    """
    for connection in list(socketio.server.eio.sockets.values()):
        connection.close(wait=False)
    watchers = [watcher for hub in app.extensions["hubs"].live() for watcher in hub.watchers]
    for watcher in [*watchers, *app.extensions["live_rooms"].plain_members()]:
        if isinstance(watcher, PlainWebSocket):
            watcher.finish(GOING_AWAY, "the server is stopping")
    if sockets := app.extensions.get("rpc_sockets"):
        sockets.close_all()
