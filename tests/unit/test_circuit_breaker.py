"""The circuit breaker closes once the server answers, whatever the probe met before."""

from __future__ import annotations

import pytest
from redis import ConnectionError

from orders.messaging.circuit_breaker import CircuitBreaker, RedisUnanswering
from tests.clients import wait_until


@pytest.mark.parametrize("failure", [ConnectionError(), ZeroDivisionError()])
def test_an_open_breaker_asks_until_it_is_answered(failure: Exception) -> None:
    failures = [failure]

    def ping() -> None:
        if failures:
            raise failures.pop()

    breaker = CircuitBreaker(ping)
    breaker.trip()
    with pytest.raises(RedisUnanswering):
        breaker.check()
    wait_until(lambda: not breaker.is_open, "the end of the breaker")
    assert failures == []
