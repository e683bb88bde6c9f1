"""Wires up the parts of a node, once a process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from orders.solana.accounts import AccountReader
from orders.solana.faucet import WalletFaucet
from orders.solana.ledger_clock import LedgerClock
from orders.solana.node import Node
from orders.solana.scenarios import WalletScenarios
from orders.solana.simulation import Simulator
from orders.wiring import Components


@dataclass(frozen=True, slots=True)
class Solana:
    """The parts of a node."""

    clock: LedgerClock
    reader: AccountReader
    simulator: Simulator
    node: Node
    faucet: WalletFaucet
    scenarios: WalletScenarios
    now: Callable[[], datetime]


def wire_solana(components: Components) -> Solana:
    """A node over this process's market, orders and wallets."""
    clock, registry = LedgerClock(components.chain), components.registry
    now = components.order_store.now
    simulator = Simulator(clock, components.price_comparer, registry)
    scenarios = WalletScenarios(components.scenarios, clock)
    return Solana(
        clock=clock,
        reader=AccountReader(registry),
        simulator=simulator,
        node=Node(
            components.submission,
            simulator,
            registry,
            clock,
            scenarios,
            now,
            components.server_time.check,
        ),
        faucet=WalletFaucet(components.funding, clock, now),
        scenarios=scenarios,
        now=now,
    )
