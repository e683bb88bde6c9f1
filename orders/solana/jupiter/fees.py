"""Fees that a client asks for: they stand in the transaction that is built for it."""

from __future__ import annotations

from solders.pubkey import Pubkey

from orders.solana.jupiter import reading
from orders.solana.jupiter.errors import JupiterError
from orders.solana.jupiter.reading import Fields
from orders.solana.transactions import COMPUTE_UNITS, MICROLAMPORTS, NO_FEES, Fees

MAX_LAMPORTS = 10**9
"""Lamports of priority fee or tip that one transaction may carry: one SOL."""
MAX_UNIT_PRICE = MAX_LAMPORTS * MICROLAMPORTS // COMPUTE_UNITS
LEVELS = {"medium": 1_200, "high": 12_000, "veryHigh": 120_000}
"""Priority level -> its lamports. On mainnet they follow what others pay; here nobody else does."""
AUTO = (None, "auto")
"""The fee is left to the service. Blocks are never full here, so that it is none."""
BROADCAST_FEE_TYPES = (None, "", "maxCap", "exactFee")


def of_order(fields: Fields) -> Fees:
    """The fees that `/order` asks for. Raises `JupiterError`."""
    if fields.get("broadcastFeeType") not in BROADCAST_FEE_TYPES:
        raise JupiterError("`broadcastFeeType` must be maxCap or exactFee")
    return Fees.of(
        _lamports(fields, "priorityFeeLamports", default=0),
        _lamports(fields, "jitoTipLamports", default=0),
    )


def of_swap(body: Fields, user: Pubkey) -> Fees:
    """The fees that `/swap` asks for. Raises `JupiterError`."""
    asked, price = body.get("prioritizationFeeLamports"), "computeUnitPriceMicroLamports"
    if body.get(price) in AUTO:
        return _prioritization(asked, user)
    if asked not in AUTO:
        raise JupiterError(f"Set `{price}` or `prioritizationFeeLamports`, not both")
    return unit_price(body, price)


def unit_price(body: Fields, name: str) -> Fees:
    """The price of a compute unit, in micro-lamports. Raises `JupiterError`."""
    if body.get(name) in AUTO:
        return NO_FEES
    return Fees(reading.whole(body, name, least=0, most=MAX_UNIT_PRICE))


def _prioritization(asked: object, user: Pubkey) -> Fees:
    """A number of lamports, or an object that names one way to say them."""
    if asked in AUTO:
        return NO_FEES
    if not isinstance(asked, dict):
        return Fees.of(_lamports({"prioritizationFeeLamports": asked}, "prioritizationFeeLamports"))
    match list(asked):
        case ["priorityLevelWithMaxLamports"]:
            return Fees.of(_level(_object(asked, "priorityLevelWithMaxLamports")))
        case ["jitoTipLamports"]:
            return Fees(tip_lamports=_lamports(asked, "jitoTipLamports"))
        case ["jitoTipLamportsWithPayer"]:
            return _tip_with_payer(_object(asked, "jitoTipLamportsWithPayer"), user)
    raise JupiterError(
        "`prioritizationFeeLamports` must be a number, auto, or an object with one of "
        "priorityLevelWithMaxLamports, jitoTipLamports and jitoTipLamportsWithPayer"
    )


def _level(asked: Fields) -> int:
    """The level's lamports, at most `maxLamports`."""
    _ = reading.flag(asked, "global", default=False)
    level = reading.text(asked, "priorityLevel")
    if level not in LEVELS:
        raise JupiterError(f"`priorityLevel` must be one of {', '.join(LEVELS)}")
    return min(LEVELS[level], reading.amount(asked, "maxLamports", least=0))


def _tip_with_payer(asked: Fields, user: Pubkey) -> Fees:
    reading.refuse_others(asked, ("payer",), user)
    return Fees(tip_lamports=_lamports(asked, "lamports"))


def _object(fields: Fields, name: str) -> Fields:
    value = fields[name]
    if not isinstance(value, dict):
        raise JupiterError(f"`{name}` must be an object")
    return value


def _lamports(fields: Fields, name: str, default: int | None = None) -> int:
    return reading.whole(fields, name, least=0, most=MAX_LAMPORTS, default=default)
