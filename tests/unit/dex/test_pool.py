"""The constant product, in integers, rounded down."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from orders.dex.errors import InsufficientLiquidity
from orders.dex.pool import Pool, Swap

reserves = st.integers(1, 10**22)
amounts = st.integers(1, 10**22)
fees = st.integers(0, 9_999)


def swap_or_assume(pool: Pool, amount_in: int) -> Swap:
    try:
        return pool.swap(amount_in)
    except InsufficientLiquidity:
        assume(False)
        raise


@given(reserves, reserves, fees, amounts)
def test_never_pays_out_more_than_half_of_the_pool(
    reserve_in: int, reserve_out: int, fee_bps: int, amount_in: int
) -> None:
    swap = swap_or_assume(Pool(reserve_in, reserve_out, fee_bps), amount_in)
    assert 0 < swap.amount_out <= reserve_out // 2
    assert 0 <= swap.price_impact <= 0.5


@given(reserves, reserves, fees, amounts)
def test_the_product_of_the_reserves_never_falls(
    reserve_in: int, reserve_out: int, fee_bps: int, amount_in: int
) -> None:
    swap = swap_or_assume(Pool(reserve_in, reserve_out, fee_bps), amount_in)
    product = (reserve_in + amount_in) * (reserve_out - swap.amount_out)
    assert product >= reserve_in * reserve_out


@given(reserves, reserves, fees, amounts)
def test_pays_the_formula_rounded_down(
    reserve_in: int, reserve_out: int, fee_bps: int, amount_in: int
) -> None:
    swap = swap_or_assume(Pool(reserve_in, reserve_out, fee_bps), amount_in)
    net = amount_in * (10_000 - fee_bps) // 10_000
    impact = Fraction(net, reserve_in + net)
    exact = net * Fraction(reserve_out, reserve_in) * (1 - impact)
    assert swap.amount_out == exact.numerator // exact.denominator
    assert abs(Fraction(swap.price_impact) - impact) <= impact / 10**5


@given(reserves, reserves, fees, amounts, amounts)
def test_more_in_is_never_less_out(
    reserve_in: int, reserve_out: int, fee_bps: int, amount_in: int, more: int
) -> None:
    pool = Pool(reserve_in, reserve_out, fee_bps)
    less = swap_or_assume(pool, amount_in)
    assert swap_or_assume(pool, amount_in + more).amount_out >= less.amount_out


def test_the_fee_is_taken_from_what_comes_in() -> None:
    assert Pool(10**12, 10**12, 0).swap(10**6).amount_out == 999_999
    assert Pool(10**12, 10**12, 30).swap(10**6).amount_out == 996_999


@pytest.mark.parametrize("amount_in", [101, 10**18])
def test_more_than_the_pool_holds_is_refused(amount_in: int) -> None:
    with pytest.raises(InsufficientLiquidity, match="too small for this amount"):
        Pool(100, 10**9, 0).swap(amount_in)


def test_an_amount_that_buys_nothing_is_refused() -> None:
    with pytest.raises(InsufficientLiquidity, match="too small to buy"):
        Pool(10**12, 10**6, 0).swap(1)
    with pytest.raises(InsufficientLiquidity, match="too small to buy"):
        Pool(0, 0, 0).swap(0)
