"""The router: asks every venue at once and picks the quote that pays most."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from orders.domain.clock import Clock, Deadline, SystemClock
from orders.market.errors import (
    DexError,
    InsufficientLiquidity,
    NoQuote,
    PoolNotFound,
    VenueTimeout,
)
from orders.market.pool import BPS
from orders.market.scenarios.conditions import Conditions
from orders.market.tokens import Token
from orders.market.venue import Quote, Venue

MAX_QUOTE_AGE_S = 5.0
_SYSTEM_CLOCK = SystemClock()
_UNANIMOUS = (InsufficientLiquidity, PoolNotFound, VenueTimeout)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Quotes:
    """The usable quotes, in the order of the venues, and the errors of the other venues."""

    quotes: tuple[Quote, ...]
    errors: dict[str, DexError]

    def __iter__(self) -> Iterator[Quote]:
        return iter(self.quotes)


def get_quotes(
    venues: Sequence[Venue],
    token_in: Token,
    token_out: Token,
    amount_in: int,
    timeout_s: float,
    pool: Executor,
    *,
    clock: Clock = _SYSTEM_CLOCK,
    max_age_s: float = MAX_QUOTE_AGE_S,
    conditions: Conditions | None = None,
) -> Quotes:
    """Quotes of all venues for `amount_in` base units, asked in parallel on `pool`.

    A venue that fails, takes longer than `timeout_s` or answers nonsense (such as a quote that is
    `max_age_s` from `clock`) is left out. If none is left, raises the error common to all of them
    if it is InsufficientLiquidity, PoolNotFound or VenueTimeout, and NoQuote otherwise.
    """
    swap = (token_in, token_out, amount_in, conditions)
    asked = [(venue, pool.submit(venue.quote, *swap)) for venue in venues]
    deadline = Deadline(timeout_s)
    quotes: list[Quote] = []
    errors: dict[str, DexError] = {}
    for venue, answer in asked:
        try:
            quote = _take(answer, deadline)
            _check(quote, venue.name, token_in, token_out, amount_in)
            _check_age(quote, clock, max_age_s)
            quotes.append(quote)
        except DexError as error:
            errors[venue.name] = error
    if not quotes:
        raise _reason(errors)
    return Quotes(tuple(quotes), errors)


def best(quotes: Iterable[Quote]) -> Quote:
    """The quote that pays most; of equal quotes, the first by name. Raises ValueError without
    quotes.
    """
    return min(quotes, key=lambda quote: (-quote.amount_out, quote.dex))


def min_amount_out(quote: Quote, max_slippage_bps: int, floor: int = 0) -> int:
    """The least base units that the swap must pay: the quote less the slippage, but at least
    `floor`.

    Rounded up, so that the loss never exceeds the slippage, not even by a fraction of a unit.
    """
    bound = -(-quote.amount_out * (BPS - max_slippage_bps) // BPS)
    return max(bound, floor)


def explain(quotes: Iterable[Quote], chosen: Quote) -> str:
    """A sentence that says why `chosen` was chosen."""
    others = [quote for quote in quotes if quote.dex != chosen.dex]
    pays = f"{chosen.dex.capitalize()} pays {_shown(chosen)} {chosen.token_out.symbol}"
    if not others:
        return f"{pays}; no other venue gave a quote."
    second = best(others)
    gain = Decimal(chosen.amount_out - second.amount_out) * 100 / second.amount_out
    if gain == 0:
        return f"{pays}, as much as {second.dex.capitalize()}."
    amount = "less than 0.01" if gain < Decimal("0.01") else f"{gain:.2f}"
    return f"{pays}, {amount} % more than {second.dex.capitalize()}."


def _shown(quote: Quote) -> str:
    amount = quote.amount_out_decimal
    places = 2 if amount >= 1 else min(quote.token_out.decimals, 3 - amount.adjusted())
    return f"{amount:,.{places}f}"


def _take(answer: "Future[Quote]", deadline: Deadline) -> Quote:
    try:
        return answer.result(deadline.left_s)
    except DexError:
        raise
    except Exception as error:
        if not answer.done():
            answer.cancel()
            raise VenueTimeout() from None
        _log.warning("A venue failed in a way it should not.", exc_info=error)
        raise NoQuote("The venue failed unexpectedly; try again in a moment.") from error


def _check(answer: object, name: str, token_in: Token, token_out: Token, amount_in: int) -> None:
    if not isinstance(answer, Quote):
        raise _nonsense("something that is no quote")
    asked = (name, token_in, token_out, amount_in)
    if (answer.dex, answer.token_in, answer.token_out, answer.amount_in) != asked:
        raise _nonsense("a quote for another swap")
    if type(answer.amount_out) is not int or answer.amount_out <= 0:
        raise _nonsense(f"an amount of {answer.amount_out}")
    if not _is_finite(answer.price) or answer.price <= 0:
        raise _nonsense(f"a price of {answer.price}")
    if not _is_finite(answer.price_impact) or not 0 <= answer.price_impact <= 1:
        raise _nonsense(f"a price impact of {answer.price_impact}")


def _is_finite(number: object) -> bool:
    return isinstance(number, Decimal) and number.is_finite()


def _check_age(quote: Quote, clock: Clock, max_age_s: float) -> None:
    age = clock.now() - quote.quoted_at
    if abs(age) > timedelta(seconds=max_age_s):
        raise _nonsense(f"a quote that is {age.total_seconds():.1f} s old")


def _nonsense(what: str) -> NoQuote:
    return NoQuote(f"The venue answered with {what}; try again in a moment.")


def _reason(errors: dict[str, DexError]) -> DexError:
    kinds = {type(error) for error in errors.values()}
    if len(kinds) == 1 and kinds.issubset(_UNANIMOUS):
        return next(iter(errors.values()))
    details = "; ".join(f"{name}: {error}" for name, error in errors.items())
    return NoQuote(f"No venue gave a usable quote ({details})" if details else None)
