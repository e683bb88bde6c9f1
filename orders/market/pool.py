"""The constant-product pool, which decides what a swap pays. Integers, rounded down as programs on
the chain do.
"""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal

from orders.market.errors import InsufficientLiquidity
from orders.market.tokens import Token

BPS = 10_000
"""Basis points of the whole."""
_FLOOR = Context(prec=60, rounding=ROUND_DOWN)
_IMPACT = Context(prec=6)


@dataclass(frozen=True, slots=True)
class Swap:
    """The amount that a pool pays, in base units, and how far the swap moves its price (a
    fraction).
    """

    amount_out: int
    price_impact: Decimal


@dataclass(frozen=True, slots=True)
class Pool:
    """Both reserves in base units, and the fee taken from the incoming amount."""

    reserve_in: int
    reserve_out: int
    fee_bps: int

    def swap(self, amount_in: int) -> Swap:
        """The amount that `amount_in` base units buy.

        amountOut = amountIn x price x (1 - fee) x (1 - impact) with impact = net / (reserveIn +
        net); since price = reserveOut / reserveIn, that is reserveOut x net / (reserveIn + net),
        Uniswap v2's x * y = k (whitepaper, 2020). Raises InsufficientLiquidity if it buys nothing
        or has an impact above 50 %.
        """
        net = amount_in * (BPS - self.fee_bps) // BPS
        if net > self.reserve_in:
            raise InsufficientLiquidity("The pool is too small for this amount; swap less at once.")
        amount_out = self.reserve_out * net // (self.reserve_in + net) if net > 0 else 0
        if amount_out == 0:
            raise InsufficientLiquidity("This amount is too small to buy anything; swap more.")
        return Swap(amount_out, _IMPACT.divide(Decimal(net), Decimal(self.reserve_in + net)))


def open_pool(
    token_in: Token,
    token_out: Token,
    price: Decimal,
    reserve_in: Decimal,
    fee_bps: int,
) -> Pool:
    """A pool with `reserve_in` incoming tokens and spot price `price` (out per in)."""
    units_in = _units(reserve_in, token_in.decimals)
    exact_out = _FLOOR.multiply(Decimal(units_in), price)
    return Pool(units_in, _units(exact_out, token_out.decimals - token_in.decimals), fee_bps)


def _units(amount: Decimal, decimals: int) -> int:
    return int(_FLOOR.scaleb(amount, decimals))
