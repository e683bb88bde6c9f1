"""Value, cost and profit of an account's holdings, as pure functions.

A swap is valued once, in USD: the amount received times the market's reference price of that token
at the time of the fill. This is the cost of the token received and the proceeds of the token spent.
Costs are averages: selling a part takes away the same part of the cost. So realised and unrealised
profit together are the value of the holdings less what was put in, but for the 60th digit
(docs/accounts.md has a worked example).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import reduce

from orders.storage.wallet_history import Movement

EXACT = Context(prec=60)
USD_UNIT = Decimal("0.000001")
"""USD values are shown in millionths; inside they are kept to 60 digits."""

ValueOf = Callable[[str, int, datetime], Decimal]
"""Values base units of a mint in USD at a time."""


@dataclass(slots=True)
class Position:
    """Base units of one mint, their cost, and the profit realised so far, both in USD."""

    mint: str
    quantity: int = 0
    cost_usd: Decimal = Decimal(0)
    realised_usd: Decimal = Decimal(0)

    def acquire(self, quantity: int, cost_usd: Decimal) -> None:
        """Adds base units at that cost."""
        self.quantity += quantity
        self.cost_usd = EXACT.add(self.cost_usd, cost_usd)

    def give_up(self, quantity: int) -> Decimal:
        """Takes base units away; returns their part of the cost."""
        assert 0 < quantity <= self.quantity, "a wallet never has less than nothing"
        share = EXACT.divide(EXACT.multiply(self.cost_usd, Decimal(quantity)), self.quantity)
        if quantity == self.quantity:
            share = self.cost_usd
        self.quantity -= quantity
        self.cost_usd = EXACT.subtract(self.cost_usd, share)
        return share

    def sell(self, quantity: int, proceeds_usd: Decimal) -> None:
        """Sells base units for that much USD."""
        gained = EXACT.subtract(proceeds_usd, self.give_up(quantity))
        self.realised_usd = EXACT.add(self.realised_usd, gained)


Positions = dict[str, Position]
"""Positions by mint."""


def open_positions(opening: Mapping[str, int], at: datetime, value_of: ValueOf) -> Positions:
    """The positions at the start of an epoch, each costing its value at that time."""
    found: Positions = {}
    for mint, quantity in opening.items():
        _position(found, mint).acquire(quantity, value_of(mint, quantity, at))
    return found


def apply_movement(found: Positions, movement: Movement, value_of: ValueOf) -> None:
    """Applies one movement of the wallet to the positions."""
    values = {
        mint: value_of(mint, units, movement.at)
        for mint, units in movement.changes.items()
        if units > 0
    }
    for mint, units in movement.changes.items():
        position = _position(found, mint)
        if units > 0:
            position.acquire(units, values[mint])
        elif units < 0 and movement.kind == "swap":
            position.sell(-units, total_usd(values.values()))
        elif units < 0:
            position.give_up(-units)


def _position(found: Positions, mint: str) -> Position:
    return found.setdefault(mint, Position(mint))


def equity_usd(holdings: Mapping[str, int], value_of: ValueOf, at: datetime) -> Decimal:
    """The value of all holdings together, in USD."""
    return total_usd(value_of(mint, units, at) for mint, units in holdings.items() if units)


def equity_curve(
    holdings: Mapping[str, int],
    moved: Mapping[int, Mapping[str, int]],
    times: Sequence[datetime],
    value_of: ValueOf,
) -> list[tuple[datetime, Decimal]]:
    """Equity at each of the times, which ascend.

    `holdings` are those at the last of them, and `moved[n]` is what moved between `times[n - 1]`
    and `times[n]`.
    """
    held, points = dict(holdings), []
    for number in range(len(times) - 1, -1, -1):
        points.append((times[number], equity_usd(held, value_of, times[number])))
        for mint, units in moved.get(number, {}).items():
            held[mint] = held.get(mint, 0) - units
    return points[::-1]


def put_in_usd(movements: Iterable[Movement], value_of: ValueOf) -> Decimal:
    """USD put in without a swap, less USD taken out, each valued at the time it moved."""
    return total_usd(
        value_of(mint, units, movement.at)
        for movement in movements
        if movement.kind != "swap"
        for mint, units in movement.changes.items()
    )


def curve_times(start: datetime, now: datetime, interval: timedelta, most: int) -> list[datetime]:
    """The times of the curve, oldest first: now, and the multiples of the interval before it.

    At most `most` in all, none earlier than the start. The start comes first where there is room.
    """
    seconds = interval.total_seconds()
    times, step = [now], -(-now.timestamp() // seconds) - 1
    while len(times) < most and step * seconds > start.timestamp():
        times.append(datetime.fromtimestamp(step * seconds, now.tzinfo))
        step -= 1
    if len(times) < most and start < times[-1]:
        times.append(start)
    return times[::-1]


def total_usd(values: Iterable[Decimal]) -> Decimal:
    """The sum, to 60 digits; Python's own has 28."""
    return reduce(EXACT.add, values, Decimal(0))


def usd(value: Decimal) -> Decimal:
    """A USD value for display: rounded to millionths, halves to even, without trailing zeros."""
    rounded = value.quantize(USD_UNIT, ROUND_HALF_EVEN, EXACT).normalize(EXACT)
    whole = rounded == rounded.to_integral_value()
    return rounded.quantize(Decimal(1), context=EXACT) if whole else rounded
