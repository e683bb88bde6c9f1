"""Faults that tests switch on in the simulated market.

Written `target:kind` or `target:kind:rate`, separated by commas, such as
`raydium:timeout,chain:rpc_unavailable:0.2`. The rate is the share of calls that fail so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from orders.config import ConfigurationError, Settings
from orders.market.noise import chance

CHAIN = "chain"
VENUE_FAULTS = frozenset(
    {"timeout", "down", "nan", "zero", "negative", "stale", "insufficient_liquidity"}
)
CHAIN_FAULTS = frozenset(
    {"rpc_unavailable", "timeout_after_accept", "slippage_exceeded", "blockhash_expired", "down"}
)
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Faults:
    """The rate of each (target, kind); faults that are not listed never happen."""

    rates: Mapping[tuple[str, str], Decimal] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def parse(cls, text: str) -> "Faults":
        """Reads a setting's faults. Raises ValueError with a sentence that says what is wrong."""
        entries = (entry.strip() for entry in text.split(","))
        return cls(MappingProxyType(dict(_parse_entry(entry) for entry in entries if entry)))

    def rate(self, target: str, kind: str) -> Decimal:
        """The share of calls that meet this fault, 0 to 1."""
        return self.rates.get((target, kind), _ZERO)

    def strikes(self, target: str, kind: str, *key: object) -> bool:
        """Whether the call that `key` identifies meets this fault; the same for equal keys."""
        rate = self.rate(target, kind)
        return rate > 0 and chance(rate, "fault", target, kind, *key)


def _parse_entry(entry: str) -> tuple[tuple[str, str], Decimal]:
    target, _, rest = entry.partition(":")
    kind, _, rate = rest.partition(":")
    known = CHAIN_FAULTS if target == CHAIN else VENUE_FAULTS
    if not target or kind not in known:
        raise ValueError(f"{entry!r} is no fault: {target or 'a target'} knows {sorted(known)}.")
    return (target, kind), _parse_rate(entry, rate)


def _parse_rate(entry: str, text: str) -> Decimal:
    try:
        rate = Decimal(text or "1")
        if 0 <= rate <= 1:
            return rate
    except InvalidOperation:
        pass
    raise ValueError(f"{entry!r} has no usable rate: give a number from 0 to 1.")


def read_faults(settings: Settings) -> Faults:
    """Reads the faults from the settings. Raises `ConfigurationError`."""
    try:
        return Faults.parse(settings.market_faults)
    except ValueError as error:
        raise ConfigurationError(f"MARKET_FAULTS is not usable: {error}") from None
