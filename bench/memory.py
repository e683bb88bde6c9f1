"""The memory that each process of the system uses."""

from __future__ import annotations

import psutil

from bench.context import Bench
from bench.executing import execute
from bench.figures import MIB
from bench.stack import NO_DELAYS, Stack

SECTION = "memory"


def measure(bench: Bench) -> None:
    """RSS and PSS of every process after some work.

    PSS divides shared pages among the processes that map them, so the sum is what the machine uses.
    """
    for _ in range(bench.scale.runs):
        with bench.machine.stack(NO_DELAYS) as stack:
            stack.start()
            execute(stack, bench.scale.memory_orders)
            for name, pids in _processes(bench, stack).items():
                rss, pss = held_mib(pids)
                bench.add(SECTION, f"{name}, RSS", "MiB", rss)
                bench.add(SECTION, f"{name}, PSS", "MiB", pss)


def held_mib(pids: list[int]) -> tuple[float, float]:
    """RSS and PSS of these processes together, MiB."""
    rss = pss = 0
    for pid in pids:
        try:
            held = psutil.Process(pid).memory_full_info()
        except psutil.NoSuchProcess:
            continue
        rss, pss = rss + held.rss, pss + held.pss
    return rss / MIB, pss / MIB


def _processes(bench: Bench, stack: Stack) -> dict[str, list[int]]:
    return {
        **{name: [pid] for name, pid in stack.pids().items()},
        "own processes together": list(stack.pids().values()),
        "PostgreSQL": _family(bench.machine.postgres.pid),
        "Valkey": _family(bench.machine.valkey.pid),
    }


def _family(pid: int) -> list[int]:
    """A process and all its descendants."""
    parent = psutil.Process(pid)
    return [pid, *(child.pid for child in parent.children(recursive=True))]
