"""Seeded randomness: equal keys give equal numbers, in every process and on every machine.

It uses integers throughout, because floating-point results may differ between machines.
"""

from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b

UNIT = 1 << 30
_FRACTION_BITS = 24
_FRACTION = 1 << _FRACTION_BITS
_DRAW = 1 << 64


def draw(*key: object) -> int:
    """An integer in [0, 2**64), evenly distributed over keys."""
    return int.from_bytes(blake2b(repr(key).encode(), digest_size=8).digest())


def chance(rate: Decimal, *key: object) -> bool:
    """True for the given share of keys (`rate` 0: never, 1: always)."""
    return draw(*key) < rate * _DRAW


def between(low: int, high: int, *key: object) -> int:
    """An integer in [low, high], evenly distributed over keys."""
    return low + draw(*key) % (high - low + 1)


def wave(key: str, period_us: int, at_us: int) -> int:
    """A smooth curve through a random level every `period_us`, in [-UNIT, UNIT].

    One octave of value noise with the usual cubic easing, 3x^2 - 2x^3.
    """
    index, rest = divmod(at_us, period_us)
    x = rest * _FRACTION // period_us
    ease = (x * x * (3 * _FRACTION - 2 * x)) >> (2 * _FRACTION_BITS)
    low, high = _level(key, index), _level(key, index + 1)
    return low + ((high - low) * ease >> _FRACTION_BITS)


@lru_cache(maxsize=1 << 16)
def _level(key: str, index: int) -> int:
    return between(-UNIT, UNIT, key, index)
