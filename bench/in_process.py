"""The engine inside the bench's own process, for what is easier to time from within."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from orders.config import Settings
from orders.market.prices import Market
from orders.observability.observe import set_up_logging
from orders.storage.database import database
from orders.wiring import Components, MarketFactory, wire


@contextmanager
def engine(settings: Settings, make_market: MarketFactory = Market) -> Iterator[Components]:
    """One process's worth of the engine; nothing of it stays behind."""
    chosen = replace(settings, log_level="ERROR")
    set_up_logging(chosen)
    if not database.deferred:
        database.close_all()
    components = wire(chosen, make_market=make_market)
    try:
        yield components
    finally:
        components.close()
        database.close_all()
