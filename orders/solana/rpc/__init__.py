"""Solana's JSON-RPC over HTTP and WebSocket, answered as by a node."""

from __future__ import annotations

from flask import Flask

from orders.config import Settings
from orders.solana.rpc.accounts import Accounts
from orders.solana.rpc.airdrop import Airdrop
from orders.solana.rpc.dispatch import Dispatcher
from orders.solana.rpc.endpoint import rpc
from orders.solana.rpc.network import Network
from orders.solana.rpc.topics import topics
from orders.solana.rpc.transactions import Transactions
from orders.solana.rpc.websocket import RpcSockets, register_socket
from orders.solana.wiring import Solana


def register_rpc(app: Flask, settings: Settings) -> None:
    """Registers `/rpc` as an HTTP and as a WebSocket address."""
    parts: Solana = app.extensions["solana"]
    methods = (
        Network(parts.clock, settings.market_seed).methods()
        | Accounts(parts.reader, parts.clock).methods()
        | Transactions(parts.node, parts.simulator, parts.reader, parts.clock, parts.now).methods()
        | Airdrop(parts.faucet).methods()
    )
    sockets = RpcSockets(
        methods,
        topics(parts.clock, parts.reader, parts.now),
        most_at_once=settings.rpc_max_batch,
        most_subscriptions=settings.rpc_max_subscriptions,
        poll_s=settings.rpc_poll_ms / 1000,
        ping_s=settings.stream_ping_s,
        max_bytes=settings.max_body_bytes,
    )
    app.extensions["rpc"] = Dispatcher(methods, settings.rpc_max_batch)
    app.extensions["rpc_sockets"] = sockets
    app.register_blueprint(rpc)
    register_socket(app, sockets.serve)
