"""Wires one process together: makes each of its parts once, from the settings."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

from psycopg2.extensions import connection as Connection

from orders.accounts.funding import Funding
from orders.accounts.paper_balances import parse_balances
from orders.accounts.sessions import Sessions
from orders.accounts.valuation import Valuation
from orders.accounts.webhooks.delivery import Deliveries
from orders.accounts.webhooks.endpoints import Endpoints
from orders.chain.simulated_chain import SimulatedChain
from orders.config import ConfigurationError, Settings
from orders.domain import failpoints
from orders.domain.clock import Clock, ServerClock
from orders.domain.errors import StoreUnavailable, ValidationFailed
from orders.execution.amendment import Amendment
from orders.execution.cancel_all import CancelAll
from orders.execution.engine import Engine
from orders.execution.linked_orders import LinkedOrders
from orders.execution.price_comparison import PriceComparer
from orders.execution.recovery import Recovery
from orders.execution.submission import Submission
from orders.execution.triggers import Triggers
from orders.market.best_prices import PairPrices
from orders.market.errors import RpcUnavailable
from orders.market.faults import Faults, read_faults
from orders.market.prices import Market, MovesOf
from orders.market.scenarios.admission import Scenarios
from orders.market.tokens import TokenRegistry
from orders.market.venue import Venue
from orders.market.venues import simulated_venues
from orders.messaging.heartbeats import count_alive
from orders.messaging.publisher import Publisher
from orders.messaging.queue import OrderQueue
from orders.observability.collectors import Sources
from orders.storage.database import connect, dedicated_connection, pool_use
from orders.storage.journal import Journal
from orders.storage.launches import LaunchBook
from orders.storage.market_moves import MoveBook
from orders.storage.order_store import OrderStore
from orders.storage.queue_statistics import measure_queue
from orders.storage.server_time import ServerTime
from orders.storage.write_probe import WriteProbe

MarketFactory = Callable[[str, Clock, TokenRegistry, MovesOf], Market]
VenuesFactory = Callable[[Settings, Market, Clock, Faults], Sequence[Venue]]
"""Makes the venues that orders are routed to; only this place adds one."""
PublisherFactory = Callable[[Settings, OrderQueue], Publisher]


@dataclass(frozen=True, slots=True)
class Components:
    """The parts of one process, wired together."""

    settings: Settings
    clock: Clock
    queue: OrderQueue
    publisher: Publisher
    journal: Journal
    order_store: OrderStore
    launches: LaunchBook
    moves: MoveBook
    registry: TokenRegistry
    market: Market
    venues: tuple[Venue, ...]
    pair_prices: PairPrices
    price_comparer: PriceComparer
    chain: SimulatedChain
    valuation: Valuation
    funding: Funding
    sessions: Sessions
    scenarios: Scenarios
    submission: Submission
    cancel_all: CancelAll
    linked_orders: LinkedOrders
    amendment: Amendment
    engine: Engine
    recovery: Recovery
    triggers: Triggers
    write_probe: WriteProbe
    server_time: ServerTime
    webhook_endpoints: Endpoints
    webhook_deliveries: Deliveries

    @property
    def sources(self) -> Sources:
        """The sources of this process's measured metrics."""
        return Sources(
            pool=partial(pool_use, self.settings),
            queue=partial(measure_queue, self.clock),
            workers=partial(
                count_alive, self.queue.for_requests, self.clock, self.settings.heartbeat_s
            ),
        )

    def close(self) -> None:
        """Closes connections and ends threads."""
        self.price_comparer.close()
        self.journal.close()
        self.publisher.close()
        self.chain.close()


def wire(
    settings: Settings,
    clock: Clock | None = None,
    make_market: MarketFactory = Market,
    make_publisher: PublisherFactory = Publisher,
    make_venues: VenuesFactory = simulated_venues,
    parallel_quotes: int | None = None,
) -> Components:
    """Wires up a process. Nothing is connected yet, so servers may still be away.

    A process that answers requests passes its own publisher, a worker how many swaps it quotes at
    once (by default `quote_parallel`); tests pass their own clock, market and venues. Nothing else
    can be replaced.

    Raises `ConfigurationError` if a setting names what the market does not have.
    """
    server_clock = ServerClock(settings.clock_shift_s)
    clock = clock or server_clock
    faults = read_faults(settings)
    failpoints.arm(settings.crash_points)
    connect(settings)
    queue = OrderQueue(settings)
    publisher = make_publisher(settings, queue)
    connect_journal = partial(dedicated_connection, settings)
    journal = Journal(connect_journal, publisher, clock, settings.journal_batch)
    order_store = OrderStore(settings, clock, journal, process_name())
    launches = LaunchBook(settings, clock)
    registry = TokenRegistry(launches, launches.newest)
    moves = MoveBook(settings, clock)
    market = make_market(settings.market_seed, clock, registry, moves)
    venues = tuple(make_venues(settings, market, clock, faults))
    price_comparer = PriceComparer(
        settings, clock, venues, parallel_quotes or settings.quote_parallel
    )
    chain = SimulatedChain(
        partial(ledger_connection, settings),
        clock,
        settings.market_seed,
        settings.swap_latency_range_ms,
        settings.slippage_failure_rate,
        faults,
        settings.confirm_poll_ms / 1000,
        settings.scenario_blockhash_slots,
    )
    valuation = Valuation(market, registry)
    opening = opening_balances(settings, registry)
    server_time = ServerTime(settings, server_clock)
    funding = Funding(
        settings, clock, order_store, publisher, valuation, opening, server_time.check
    )
    submission = Submission(settings, order_store, queue, registry, funding.open, server_time.check)
    return Components(
        settings=settings,
        clock=clock,
        queue=queue,
        publisher=publisher,
        journal=journal,
        order_store=order_store,
        launches=launches,
        moves=moves,
        registry=registry,
        market=market,
        venues=venues,
        pair_prices=PairPrices(market, venues),
        price_comparer=price_comparer,
        chain=chain,
        scenarios=Scenarios(settings, [venue.name for venue in venues]),
        valuation=valuation,
        funding=funding,
        sessions=Sessions(settings, clock),
        submission=submission,
        cancel_all=CancelAll(settings, order_store),
        linked_orders=LinkedOrders(order_store, submission),
        amendment=Amendment(settings, order_store, submission, registry),
        engine=Engine(settings, clock, order_store, price_comparer, chain, registry),
        recovery=Recovery(settings, order_store, queue),
        triggers=Triggers(order_store, venues, registry),
        write_probe=WriteProbe(settings.write_probe_s),
        server_time=server_time,
        webhook_endpoints=Endpoints(settings, clock),
        webhook_deliveries=Deliveries(settings, clock),
    )


def opening_balances(settings: Settings, registry: TokenRegistry) -> dict[str, int]:
    """The balances of a new account, in base units by mint. Raises `ConfigurationError`."""
    try:
        return parse_balances(settings.paper_balances, registry)
    except ValidationFailed as error:
        [reason] = next(iter(error.errors.values()))
        raise ConfigurationError(f"PAPER_BALANCES is not usable: {reason}") from None


def process_name() -> str:
    """A name for this process among all that work on orders."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"


def ledger_connection(settings: Settings) -> Connection:
    """A connection for the chain's ledger alone, never part of the orders' transactions.

    Raises `RpcUnavailable` where a node would not answer.
    """
    try:
        return dedicated_connection(settings)
    except StoreUnavailable as error:
        raise RpcUnavailable() from error
