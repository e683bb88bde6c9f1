"""POST: how many orders the web processes accept durably, and how long one waits for its 202."""

from __future__ import annotations

from typing import Any

from bench.children import run_together
from bench.context import Bench
from bench.figures import Limit, percentile
from bench.limits import bare_latency, bare_rate
from bench.load import MARKET_ORDER
from bench.stack import Stack

SECTION = "POST"
WARM_UP = 200


class Refused(Exception):
    """The service did not accept an order; the figure would be worthless."""


def measure(bench: Bench) -> None:
    """Throughput and latency by number of connections, with one and two web processes.

    No worker runs: it is the accepting alone that is looked at here.
    """
    for web in bench.scale.web:
        with bench.machine.stack() as stack:
            stack.start(web=web)
            post(stack, 16, min(WARM_UP, bench.scale.posts))
            for _ in range(bench.scale.runs):
                for connections in bench.scale.connections:
                    _one_run(bench, stack, web, connections)


def post(stack: Stack, connections: int, requests: int) -> dict[str, Any]:
    """Places market orders over that many connections at once. Raises Refused."""
    plan = {
        "ports": stack.ports,
        "connections": connections,
        "requests": requests,
        "body": MARKET_ORDER,
    }
    (result,) = run_together("bench.load", [plan])
    if result["refused"]:
        raise Refused(f"{result['refused']} of {requests} orders were not accepted")
    return result


def _one_run(bench: Bench, stack: Stack, web: int, connections: int) -> None:
    requests = bench.scale.posts_alone if connections == 1 else bench.scale.posts
    result = post(stack, connections, requests)
    label = f"{web} web, {connections} connection{'s' * (connections > 1)}"
    rate = requests / (result["ended"] - result["started"])
    processes = min(web, connections)
    with bench.machine.database() as bare:
        limit = bare_rate(bare, "place", requests, processes=processes, in_flight=connections)
        alone = bare_latency(bare, "place", requests) if connections == 1 else Limit()
    latencies_ms = result["latencies_ms"]
    bench.add(SECTION, label, "/s", rate, limit)
    bench.add(SECTION, f"{label}, median", "ms", percentile(latencies_ms, 0.5), alone)
    bench.add(SECTION, f"{label}, p99", "ms", percentile(latencies_ms, 0.99))
