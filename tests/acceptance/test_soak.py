"""The long run: everything fails at random for minutes, then every order must be in order.

`make soak`; SOAK_SECONDS sets how long the faults last, SOAK_SEED replays their choice.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable

import pytest
from redis import Redis

from tests.acceptance.conftest import MakeStack, Servers
from tests.acceptance.test_faults_postgres import cut_all_connections
from tests.load import Load, fail_codes, outcomes, query, violations
from tests.stack import Stack

SECONDS = float(os.environ.get("SOAK_SECONDS", "300"))
SEED = int(os.environ.get("SOAK_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
ORDERS_PER_SECOND = 7
"""The least that a run must place: over 2,000 orders in five minutes."""


class Havoc:
    """Plays one fault after another, chosen by the seed."""

    def __init__(self, stack: Stack, servers: Servers, chance: random.Random) -> None:
        self.played: Counter[str] = Counter()
        self._stack = stack
        self._servers = servers
        self._chance = chance
        self._faults: list[tuple[int, Callable[[], None]]] = [
            (8, self.kill_worker),
            (3, self.stop_worker),
            (3, self.kill_watcher),
            (2, self.kill_web),
            (3, self.flush_redis),
            (1, self.restart_redis),
            (1, self.redis_away),
            (3, self.cut_postgres),
            (1, self.restart_postgres),
        ]

    def play_for(self, seconds: float) -> None:
        """Plays a fault every 0.3 to 1 s."""
        end = time.monotonic() + seconds
        weights = [weight for weight, _ in self._faults]
        while time.monotonic() < end:
            time.sleep(self._chance.uniform(0.3, 1))
            _, fault = self._chance.choices(self._faults, weights)[0]
            self.played[fault.__name__] += 1
            fault()

    def kill_worker(self) -> None:
        name = f"worker{self._chance.randrange(2)}"
        self._stack.kill(name)
        self._stack.start_worker(name)

    def stop_worker(self) -> None:
        name = f"worker{self._chance.randrange(2)}"
        # A process that has just started may not have reached the program's first line yet.
        assert self._stack.kill(name, signal.SIGTERM) in (0, -signal.SIGTERM)
        self._stack.start_worker(name)

    def kill_watcher(self) -> None:
        name = f"watcher{self._chance.randrange(2)}"
        self._stack.kill(name)
        self._stack.start_watcher(name)

    def kill_web(self) -> None:
        self._stack.kill("web")
        self._stack.start_web()

    def flush_redis(self) -> None:
        with Redis.from_url(self._servers.valkey.url) as redis:
            redis.flushall()

    def restart_redis(self) -> None:
        self._servers.valkey.restart()

    def redis_away(self) -> None:
        self._servers.valkey.kill()
        time.sleep(self._chance.uniform(1, 4))
        self._servers.valkey.start()

    def cut_postgres(self) -> None:
        cut_all_connections(self._stack.settings)

    def restart_postgres(self) -> None:
        self._servers.postgres.kill()
        time.sleep(self._chance.uniform(0, 2))
        self._servers.postgres.start()


@pytest.mark.soak
@pytest.mark.timeout(SECONDS + 300)
def test_everything_fails_at_random_and_no_order_is_out_of_place(
    make_frail: MakeStack, servers: Servers
) -> None:
    print(f"\nSOAK_SEED={SEED} SOAK_SECONDS={SECONDS:g}")
    stack = make_frail(
        workers=2, watchers=2, slippage_failure_rate=0.05, paper_balances="SOL:20,USDC:1000"
    )
    havoc = Havoc(stack, servers, random.Random(SEED))
    with Load(stack.url, SEED, clients=6, pause_s=0.05, accounts=2).running() as load:
        havoc.play_for(SECONDS)
    found = violations(stack.settings, load.log)
    sends = query(
        stack.settings,
        "SELECT max(fills) FROM (SELECT count(*) AS fills FROM chain.transactions "
        "WHERE outcome = 'filled' GROUP BY order_id) per_order",
    )
    print(f"orders accepted: {len(load.log.accepted)}, asked again: {dict(load.asked_again)}")
    print(f"faults: {dict(havoc.played)}, overdrawn: {load.overdrawn}")
    print(f"outcomes: {dict(outcomes(stack.settings))}, failed: {dict(fail_codes(stack.settings))}")
    print(f"most fills of one order: {sends[0][0]}, violations: {len(found)}")
    assert found == []
    assert load.refused == {}
    assert load.overdrawn > 0
    assert sends == [(1,)]
    assert set(fail_codes(stack.settings)) <= {"slippage_exceeded"}
    assert len(load.log.accepted) > ORDERS_PER_SECOND * SECONDS
