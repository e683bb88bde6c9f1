"""Wires up JSON-RPC over a node, once a process."""

from __future__ import annotations

from dataclasses import dataclass

from orders.config import Settings
from orders.solana.rpc.accounts import Accounts
from orders.solana.rpc.airdrop import Airdrop
from orders.solana.rpc.dispatch import Dispatcher
from orders.solana.rpc.network import Network
from orders.solana.rpc.topics import topics
from orders.solana.rpc.transactions import Transactions
from orders.solana.rpc.websocket import RpcSockets
from orders.solana.wiring import Solana


@dataclass(frozen=True, slots=True)
class Rpc:
    """What answers over HTTP, and over WebSocket."""

    dispatcher: Dispatcher
    sockets: RpcSockets


def wire_rpc(parts: Solana, settings: Settings) -> Rpc:
    """JSON-RPC over a node."""
    methods = (
        Network(parts.clock, settings.market_seed).methods()
        | Accounts(parts.reader, parts.clock).methods()
        | Transactions(parts.node, parts.simulator, parts.reader, parts.clock, parts.now).methods()
        | Airdrop(parts.faucet).methods()
    )
    poll_s = settings.rpc_poll_ms / 1000
    sockets = RpcSockets(
        methods,
        topics(parts.clock, parts.reader, parts.now, poll_s),
        most_at_once=settings.rpc_max_batch,
        most_subscriptions=settings.rpc_max_subscriptions,
        poll_s=poll_s,
        ping_s=settings.stream_ping_s,
        max_bytes=settings.max_body_bytes,
    )
    return Rpc(Dispatcher(methods, settings.rpc_max_batch), sockets)
