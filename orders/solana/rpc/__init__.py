"""Solana's JSON-RPC over HTTP and WebSocket, answered as by a node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response

from orders.config import Settings
from orders.domain.once import once
from orders.solana.rpc.endpoint import PATH, rpc

if TYPE_CHECKING:
    from orders.solana.rpc.wiring import Rpc


def register_rpc(app: Flask, settings: Settings) -> None:
    """Registers `/rpc` as an HTTP and as a WebSocket address."""

    @once
    def parts() -> Rpc:
        # Imported when first asked for, as Jupiter's views are.
        from orders.solana.rpc.wiring import wire_rpc

        made = wire_rpc(app.extensions["solana"](), settings)
        app.extensions["rpc_sockets"] = made.sockets
        return made

    def serve_socket() -> Response:
        return parts().sockets.serve()

    app.extensions["rpc"] = parts
    app.register_blueprint(rpc)
    app.add_url_rule(PATH, "rpc_socket", serve_socket, websocket=True)
