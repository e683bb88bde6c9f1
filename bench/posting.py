"""POST: how many orders a second the web process stores durably, and how long a client waits for
its 202.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.bare import bare_latency, bare_rate
from bench.children import run_together
from bench.context import Bench
from bench.figures import Limit, percentile
from bench.load import MARKET_ORDER
from bench.stack import Stack

SECTION = "POST"
WARM_UP = 200


class Refused(Exception):
    """The service refused an order, which makes the figure worthless."""


def measure(bench: Bench) -> None:
    """Measures throughput and latency by number of connections, with the default delays.

    Meanwhile the worker executes as many orders as it may have in flight.
    """
    for _ in range(bench.scale.runs):
        with bench.machine.stack() as stack:
            stack.start()
            post(stack, 16, min(WARM_UP, bench.scale.posts))
            for connections in bench.scale.connections:
                _one_run(bench, stack, connections)


def post(
    stack: Stack, connections: int, requests: int, order: Mapping[str, Any] = MARKET_ORDER
) -> dict[str, Any]:
    """Places orders over that many connections at once. Raises Refused."""
    plan = {
        "port": stack.port,
        "connections": connections,
        "requests": requests,
        "body": dict(order),
    }
    (result,) = run_together("bench.load", [plan])
    if result["refused"]:
        raise Refused(f"{result['refused']} of {requests} orders were not accepted")
    return result


def _one_run(bench: Bench, stack: Stack, connections: int) -> None:
    requests = bench.scale.posts_alone if connections == 1 else bench.scale.posts
    result = post(stack, connections, requests)
    label = f"{connections} connection{'s' * (connections > 1)}"
    rate = requests / (result["ended"] - result["started"])
    with bench.machine.database() as bare:
        limit = bare_rate(bare, "place", requests, processes=1, in_flight=connections)
        alone = bare_latency(bare, "place", requests) if connections == 1 else Limit()
    latencies_ms = result["latencies_ms"]
    bench.add(SECTION, label, "/s", rate, limit)
    bench.add(SECTION, f"{label}, median", "ms", percentile(latencies_ms, 0.5), alone)
    bench.add(SECTION, f"{label}, p99", "ms", percentile(latencies_ms, 0.99))
