"""The router asks all venues, drops nonsense, and picks the one that pays most."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier, Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.market.errors import (
    DexError,
    InsufficientLiquidity,
    NoQuote,
    PoolNotFound,
    RpcUnavailable,
    VenueTimeout,
)
from orders.market.router import Quotes, best, explain, get_quotes, min_amount_out
from orders.market.tokens import BONK, SOL, USDC
from orders.market.venue import Quote
from tests.clock import ManualClock
from tests.unit.market.conftest import NOON

AMOUNT = 10**9


def quote_of(dex: str, amount_out: int = 151_200_000) -> Quote:
    return Quote(dex, SOL, USDC, AMOUNT, amount_out, Decimal("152"), 30, Decimal("0.001"), NOON)


def wrong(**fields: Any) -> Quote:
    """A quote with fields that no venue should answer."""
    return replace(quote_of("bad"), **fields)


class Fake:
    """A venue that does as told."""

    def __init__(self, name: str, answer: Callable[[], Any] | None = None) -> None:
        self.name = name
        self._answer = answer or (lambda: quote_of(name))

    def quote(self, *_: object) -> Any:
        return self._answer()

    def quote_at(self, *_: object) -> Any:
        raise NotImplementedError

    def pool_at(self, *_: object) -> Any:
        raise NotImplementedError

    def build(self, *_: object) -> Any:
        raise NotImplementedError


def failing(name: str, error: Exception) -> Fake:
    def fail() -> None:
        raise error

    return Fake(name, fail)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


@pytest.fixture
def ask(pool: ThreadPoolExecutor, clock: ManualClock) -> Callable[..., Quotes]:
    def asked(*venues: Fake, timeout_s: float = 30) -> Quotes:
        return get_quotes(venues, SOL, USDC, AMOUNT, timeout_s, pool, clock=clock)

    return asked


def test_all_venues_are_asked_at_the_same_time(ask: Callable[..., Quotes]) -> None:
    together = Barrier(2, timeout=30)

    def meet(name: str) -> Quote:
        together.wait()
        return quote_of(name)

    quotes = ask(*(Fake(name, partial(meet, name)) for name in ("a", "b")))
    assert [quote.dex for quote in quotes] == ["a", "b"]
    assert quotes.errors == {}


@pytest.mark.parametrize(
    "nonsense",
    [
        None,
        "a quote",
        {"amount_out": 5},
        wrong(amount_out=0),
        wrong(amount_out=-5),
        wrong(amount_out=float("nan")),
        wrong(amount_out=5.5),
        wrong(amount_out=True),
        wrong(price=Decimal("NaN")),
        wrong(price=Decimal("Infinity")),
        wrong(price=Decimal(0)),
        wrong(price=1.5),
        wrong(price_impact=Decimal("NaN")),
        wrong(price_impact=Decimal("1.1")),
        wrong(amount_in=AMOUNT + 1),
        wrong(token_out=BONK),
        wrong(dex="good"),
        wrong(quoted_at=NOON - timedelta(seconds=6)),
        wrong(quoted_at=NOON + timedelta(seconds=6)),
    ],
    ids=repr,
)
def test_nonsense_is_dropped_and_the_other_venue_used(
    ask: Callable[..., Quotes], nonsense: object
) -> None:
    quotes = ask(Fake("bad", lambda: nonsense), Fake("good"))
    assert quotes.quotes == (quote_of("good"),)
    assert isinstance(quotes.errors["bad"], NoQuote)
    with pytest.raises(NoQuote, match="bad: The venue answered with"):
        ask(Fake("bad", lambda: nonsense))


def test_a_venue_that_fails_is_dropped_with_its_error(ask: Callable[..., Quotes]) -> None:
    error = RpcUnavailable()
    quotes = ask(failing("down", error), failing("buggy", KeyError("x")), Fake("good"))
    assert quotes.quotes == (quote_of("good"),)
    assert quotes.errors["down"] is error
    assert isinstance(quotes.errors["buggy"], NoQuote)


def test_a_timeout_inside_a_venue_is_no_timeout_of_the_question(ask: Callable[..., Quotes]) -> None:
    quotes = ask(failing("buggy", TimeoutError("of its own")), Fake("good"))
    assert isinstance(quotes.errors["buggy"], NoQuote)


def test_a_venue_that_does_not_answer_is_not_waited_for(ask: Callable[..., Quotes]) -> None:
    released = Event()
    try:
        quotes = ask(Fake("hung", lambda: released.wait(30)), Fake("good"), timeout_s=0.5)
        assert quotes.quotes == (quote_of("good"),)
        assert isinstance(quotes.errors["hung"], VenueTimeout)
    finally:
        released.set()


@pytest.mark.parametrize(
    ("errors", "raised"),
    [
        ([InsufficientLiquidity(), InsufficientLiquidity()], InsufficientLiquidity),
        ([PoolNotFound(), PoolNotFound()], PoolNotFound),
        ([VenueTimeout(), VenueTimeout()], VenueTimeout),
        ([InsufficientLiquidity(), VenueTimeout()], NoQuote),
        ([RpcUnavailable(), RpcUnavailable()], NoQuote),
        ([KeyError("x"), VenueTimeout()], NoQuote),
        ([], NoQuote),
    ],
)
def test_without_any_quote_the_reason_all_share_is_raised(
    ask: Callable[..., Quotes], errors: list[Exception], raised: type[DexError]
) -> None:
    with pytest.raises(DexError) as caught:
        ask(*(failing(f"venue{n}", error) for n, error in enumerate(errors)))
    assert type(caught.value) is raised


@given(st.lists(st.integers(1, 50), min_size=1, max_size=6))
def test_the_best_pays_most_and_ties_go_by_name(amounts: list[int]) -> None:
    quotes = [quote_of(f"venue{n}", amount) for n, amount in enumerate(amounts)]
    chosen = best(reversed(quotes))
    assert chosen.amount_out == max(amounts)
    assert chosen == next(quote for quote in quotes if quote.amount_out == max(amounts))


@given(st.integers(1, 10**20), st.integers(0, 10_000))
def test_the_minimum_never_exceeds_the_quote_nor_the_slippage(amount: int, bps: int) -> None:
    minimum = min_amount_out(quote_of("a", amount), bps)
    assert 0 <= minimum <= amount
    assert (amount - minimum) * 10_000 <= amount * bps
    assert (amount - minimum + 1) * 10_000 > amount * bps


def test_a_limit_raises_the_minimum_but_never_lowers_it() -> None:
    quote = quote_of("a", 1000)
    assert min_amount_out(quote, 100, floor=995) == 995
    assert min_amount_out(quote, 100, floor=980) == 990


@pytest.mark.parametrize(
    ("amounts", "sentence"),
    [
        ((149_940_500, 151_200_000), "Meteora pays 151.20 USDC, 0.84 % more than Raydium."),
        ((0, 151_200_000), "Meteora pays 151.20 USDC; no other venue gave a quote."),
        ((151_200_000, 151_200_000), "Meteora pays 151.20 USDC, as much as Raydium."),
        ((0, 1_234_567_891_200), "Meteora pays 1,234,567.89 USDC; no other venue gave a quote."),
        (
            (100_000_000, 100_000_001),
            "Meteora pays 100.00 USDC, less than 0.01 % more than Raydium.",
        ),
        ((1_000, 1_234), "Meteora pays 0.001234 USDC, 23.40 % more than Raydium."),
        ((1, 2), "Meteora pays 0.000002 USDC, 100.00 % more than Raydium."),
    ],
)
def test_the_choice_is_explained_in_one_sentence(amounts: tuple[int, int], sentence: str) -> None:
    raydium, meteora = (
        quote_of(n, a) for n, a in zip(("raydium", "meteora"), amounts, strict=True)
    )
    assert explain([q for q in (raydium, meteora) if q.amount_out], meteora) == sentence
