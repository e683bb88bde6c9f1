"""Ends all live connections of a process that stops, so that clients connect to another one."""

from __future__ import annotations

from flask import Flask
from flask_socketio import SocketIO


def close_all_streams(app: Flask, socketio: SocketIO) -> None:
    """Closes every Socket.IO and WebSocket connection of this process, without waiting.

    It closes the transport, not the Socket.IO session: clients would take that as a request to stay
    away.
    """
    # Engine.IO's own `disconnect` and `shutdown` wait for each client in turn.
    for connection in list(socketio.server.eio.sockets.values()):
        connection.close(wait=False)
    app.extensions["plain_sockets"].close_all()
    if sockets := app.extensions.get("rpc_sockets"):
        sockets.close_all()
