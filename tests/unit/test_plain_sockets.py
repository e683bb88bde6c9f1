"""How plain WebSockets end: with a close code, and with nobody left who reads them."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from orders.streams.plain_sockets import PlainSockets
from orders.streams.websocket import INTERNAL_ERROR, PlainWebSocket

HANDSHAKE = {
    "HTTP_HOST": "localhost",
    "HTTP_UPGRADE": "websocket",
    "HTTP_CONNECTION": "Upgrade",
    "HTTP_SEC_WEBSOCKET_KEY": "dGhlIHNhbXBsZSBub25jZQ==",
    "HTTP_SEC_WEBSOCKET_VERSION": "13",
}


class Connected:
    """The server's input for one connection."""

    def __init__(self, server_side: socket.socket) -> None:
        self._server_side = server_side

    def get_socket(self) -> socket.socket:
        return self._server_side


def test_defect_closes_with_1011_and_a_silent_client_keeps_no_reader() -> None:
    client, server_side = socket.socketpair()
    with closing(client), closing(server_side):
        environ = {**HANDSHAKE, "eventlet.input": Connected(server_side)}
        connection = PlainWebSocket(environ, 10, 60, strings=False)
        with pytest.raises(ZeroDivisionError), PlainSockets().serving(connection):
            raise ZeroDivisionError
        assert not connection.thread.is_alive()
        handshake, _, frame = client.recv(4096).partition(b"\r\n\r\n")
        assert handshake.startswith(b"HTTP/1.1 101")
        frame += client.recv(4096)
        assert int.from_bytes(frame[2:4], "big") == INTERNAL_ERROR
