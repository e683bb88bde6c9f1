"""Ending all live connections of a process that stops, so that clients connect elsewhere."""

from __future__ import annotations

from flask import Flask
from flask_socketio import SocketIO

from orders.streams.websocket import PlainWebSocket

GOING_AWAY = 1001
"""The close code of a server that goes down (RFC 6455)."""


def close_all_streams(app: Flask, socketio: SocketIO) -> None:
    """Closes every Socket.IO and WebSocket connection of this process, without waiting.

    The transport is closed, not the Socket.IO session: clients take the latter for a request to
    stay away and would not come back by themselves.
    """
    for connection in list(socketio.server.eio.sockets.values()):
        connection.close(wait=False)
    watchers = [watcher for hub in app.extensions["hubs"].live() for watcher in hub.watchers]
    for watcher in [*watchers, *app.extensions["live_rooms"].plain_members()]:
        if isinstance(watcher, PlainWebSocket):
            watcher.finish(GOING_AWAY, "the server is stopping")
    if sockets := app.extensions.get("rpc_sockets"):
        sockets.close_all()
