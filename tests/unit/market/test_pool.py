"""The constant product, in integers, rounded down."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.market.errors import InsufficientLiquidity
from orders.market.pool import Pool

pools = st.builds(
    Pool,
    reserve_in=st.integers(10**6, 10**22),
    reserve_out=st.integers(10**9, 10**22),
    fee_bps=st.integers(0, 9_000),
)


@st.composite
def swaps(draw: st.DrawFn) -> tuple[Pool, int]:
    """A pool and an amount that it can fill."""
    pool = draw(pools)
    return pool, draw(st.integers(pool.reserve_in // 1000, pool.reserve_in))


@given(swaps())
def test_never_pays_out_more_than_half_of_the_pool(case: tuple[Pool, int]) -> None:
    pool, amount_in = case
    swap = pool.swap(amount_in)
    assert 0 < swap.amount_out <= pool.reserve_out // 2
    assert 0 < swap.price_impact <= 0.5


@given(swaps())
def test_the_product_of_the_reserves_never_falls(case: tuple[Pool, int]) -> None:
    pool, amount_in = case
    after = (pool.reserve_in + amount_in) * (pool.reserve_out - pool.swap(amount_in).amount_out)
    assert after >= pool.reserve_in * pool.reserve_out


@given(swaps())
def test_pays_the_formula_rounded_down(case: tuple[Pool, int]) -> None:
    pool, amount_in = case
    swap = pool.swap(amount_in)
    net = amount_in * (10_000 - pool.fee_bps) // 10_000
    impact = Fraction(net, pool.reserve_in + net)
    exact = net * Fraction(pool.reserve_out, pool.reserve_in) * (1 - impact)
    assert swap.amount_out == exact.numerator // exact.denominator
    assert abs(Fraction(swap.price_impact) - impact) <= impact / 10**5


@given(swaps(), st.integers(0, 10**22))
def test_more_in_is_never_less_out(case: tuple[Pool, int], more: int) -> None:
    pool, amount_in = case
    larger = min(amount_in + more, pool.reserve_in)
    assert pool.swap(larger).amount_out >= pool.swap(amount_in).amount_out


@given(pools, st.integers(1, 10**23))
def test_any_amount_is_either_filled_within_the_pool_or_refused(pool: Pool, amount: int) -> None:
    try:
        amount_out = pool.swap(amount).amount_out
    except InsufficientLiquidity:
        amount_out = 1
    assert 0 < amount_out < pool.reserve_out


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
