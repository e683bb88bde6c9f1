"""Faults are written in a setting, off by default, and the same for the same seed."""

from decimal import Decimal

import pytest

from orders.market.faults import Faults


def test_nothing_fails_by_default() -> None:
    assert not Faults().strikes("raydium", "timeout", 1)
    assert Faults.parse("") == Faults.parse(" , ") == Faults()


def test_a_fault_without_a_rate_always_strikes() -> None:
    faults = Faults.parse("raydium:timeout, chain:rpc_unavailable:0.2")
    assert all(faults.strikes("raydium", "timeout", key) for key in range(50))
    assert not faults.strikes("meteora", "timeout", 1)
    assert faults.rate("chain", "rpc_unavailable") == Decimal("0.2")


def test_a_rate_is_the_share_of_calls_that_fail() -> None:
    faults = Faults.parse("chain:rpc_unavailable:0.2")
    strikes = [faults.strikes("chain", "rpc_unavailable", "seed", key) for key in range(2000)]
    assert 300 < sum(strikes) < 500
    assert strikes == [faults.strikes("chain", "rpc_unavailable", "seed", k) for k in range(2000)]


@pytest.mark.parametrize(
    "text",
    ["raydium", "raydium:sleepy", ":timeout", "chain:nan", "raydium:nan:2", "raydium:nan:x",
     "raydium:nan:NaN", "raydium:nan:-1"],
)  # fmt: skip
def test_a_mistake_in_the_setting_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Faults.parse(text)
