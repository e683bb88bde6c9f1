"""The parameters of every measurement: the machine, the sizes, and the figures to add to."""

from __future__ import annotations

import resource
from collections.abc import Callable
from dataclasses import dataclass

from bench.figures import Figures, Limit
from bench.stack import Machine

SPARE_FILES = 300
"""File descriptors that a process of 10,000 sockets needs besides the sockets."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes of all measurements. Every figure is taken `runs` times."""

    runs: int = 5
    connections: tuple[int, ...] = (1, 16, 64)
    posts_alone: int = 500
    """POSTs of one run over a single connection."""
    posts: int = 4_000
    """POSTs of one run over several connections."""
    orders: int = 2_000
    """Orders of one end-to-end run without simulated delays."""
    in_flight: tuple[int, ...] = (10, 100)
    """WORKER_CONCURRENCY without simulated delays."""
    delayed_in_flight: tuple[int, ...] = (10, 1_000, 3_000)
    """WORKER_CONCURRENCY with the default delays; a run has ten times as many orders."""
    idle_orders: int = 200
    watchers: tuple[int, ...] = (200, 1_000, 10_000)
    updated_orders: int = 40
    """Orders of one run whose updates are timed; each has a watcher of its own."""
    memory_orders: int = 2_000
    rows: int = 1_000_000
    """Orders in the table at the end of the growth measurement."""
    calls: int = 100
    """Times one run asks for the same thing while the table grows."""
    resting: int = 1_000_000
    resting_jump: int = 10_000
    """Resting orders that one jump of the price triggers."""


QUICK = Scale(
    runs=2,
    posts_alone=200,
    posts=1_000,
    orders=400,
    delayed_in_flight=(10,),
    idle_orders=50,
    watchers=(200, 1_000),
    updated_orders=20,
    memory_orders=200,
    rows=20_000,
    calls=20,
    resting=20_000,
    resting_jump=1_000,
)

SMOKE = Scale(
    runs=1,
    connections=(2,),
    posts_alone=5,
    posts=10,
    orders=10,
    in_flight=(10,),
    delayed_in_flight=(),
    idle_orders=3,
    watchers=(10,),
    updated_orders=3,
    memory_orders=3,
    rows=500,
    calls=2,
    resting=500,
    resting_jump=20,
)


def most_watchers() -> int:
    """Sockets that one process may open here, once its limit is raised as far as allowed."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        hard = 1_048_576
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard - SPARE_FILES


@dataclass(frozen=True, slots=True)
class Bench:
    """One run of the bench. `say` prints progress."""

    machine: Machine
    scale: Scale
    figures: Figures
    say: Callable[[str], None]

    def add(
        self, section: str, name: str, unit: str, value: float, limit: Limit | None = None
    ) -> None:
        """Records one sample of a figure."""
        self.figures.add(section, name, unit, value, limit)
        self.say(f"{section}: {name} {value:.4g} {unit}")
