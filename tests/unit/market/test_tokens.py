"""Tokens are found by symbol or mint, and amounts convert exactly."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.domain.errors import SameToken, UnknownToken
from orders.market.tokens import (
    BONK,
    SOL,
    TOKENS,
    USDC,
    Launch,
    Token,
    TokenRegistry,
    is_mint_address,
)

NEW_MINT = "9n4nbM75f5Ui33ZbPYXn59EwSgE8CGsHtAeTH5YFeJ9E"
LIVE_AT = datetime(2030, 1, 1, tzinfo=UTC)


def launch(symbol: str, mint: str = NEW_MINT) -> Launch:
    return Launch(Token(symbol, mint, 6, symbol), Decimal("0.1"), Decimal(50_000), LIVE_AT)


def test_thirty_tokens_are_listed_each_with_a_real_mint() -> None:
    assert len({token.mint for token in TOKENS}) == 30
    assert len({token.symbol.upper() for token in TOKENS}) == 30
    assert all(is_mint_address(token.mint) for token in TOKENS)


@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token.symbol)
def test_a_listed_token_is_found_by_symbol_in_any_case_and_by_mint(token: Token) -> None:
    registry = TokenRegistry()
    for text in (token.symbol, token.symbol.lower(), token.symbol.upper(), token.mint):
        assert registry.find(text) == token


@pytest.mark.parametrize(
    "text", ["", "SOLX", " SOL", "\u017fol", SOL.mint.lower(), SOL.mint[:-1], NEW_MINT]
)
def test_unknown_tokens_are_not_found(text: str) -> None:
    assert TokenRegistry().find(text) is None


def test_a_scheduled_token_is_found_before_its_launch() -> None:
    coming = launch("NEW")
    registry = TokenRegistry(lambda: [coming])
    assert registry.find("new") == registry.find(NEW_MINT) == coming.token
    assert registry.launch_of(NEW_MINT) == coming
    assert registry.all() == [*TOKENS, coming.token]


def test_a_listed_token_wins_over_a_launch_that_takes_its_name() -> None:
    registry = TokenRegistry(lambda: [launch("usdc"), launch("X", SOL.mint)])
    assert registry.find("USDC") == USDC
    assert registry.find(NEW_MINT) == launch("usdc").token
    assert registry.launch_of(SOL.mint) is None


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        (NEW_MINT, True),
        ("1" * 32, True),
        ("1" * 31, False),
        ("1" * 33, False),
        (NEW_MINT[:-1] + "0", False),
        (NEW_MINT + " ", False),
        ("z" * 44, False),
        ("\u00e9" * 40, False),
        ("1" * 100_000, False),
    ],
)
def test_a_mint_address_is_32_bytes_in_base58(text: str, valid: bool) -> None:
    assert is_mint_address(text) is valid


@given(st.sampled_from(TOKENS), st.integers(0, 10**24))
def test_base_units_survive_the_round_trip(token: Token, units: int) -> None:
    amount = token.from_base(units)
    assert token.to_base(amount) == units
    assert amount * 10**token.decimals == units


@given(st.sampled_from(TOKENS), st.integers(0, 10**24))
def test_amounts_carry_no_exponent_and_no_trailing_zeros(token: Token, units: int) -> None:
    text = f"{token.from_base(units):f}"
    assert "E" not in text
    assert "." not in text or not text.endswith("0")
    assert str(token.from_base(units * 10**token.decimals)) == str(units)


@pytest.mark.parametrize(
    "amount",
    [
        "0.000001000000000000000000000000000000000001",
        "0.0000001",
        "1E-999999",
        "1E+999999",
        "NaN",
        "Infinity",
    ],
)
def test_an_amount_the_token_cannot_hold_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="at most 6 decimals"):
        USDC.to_base(Decimal(amount))


def test_zeros_beyond_the_decimals_are_no_loss() -> None:
    assert BONK.to_base(Decimal("1.500000000")) == 150_000


UNLAUNCHED = "4fYNw3dojWmQ4dXtSGE9epjRGy9pFSx62YypT7avPYvA"


def test_resolving_names_the_field_that_is_wrong() -> None:
    with pytest.raises(UnknownToken) as unknown:
        TokenRegistry().resolve("NOPE", "tokenIn")
    assert list(unknown.value.errors) == ["tokenIn"]
    with pytest.raises(SameToken):
        TokenRegistry().resolve_pair("SOL", SOL.mint)


def test_only_the_token_bought_may_wait_for_its_launch() -> None:
    registry = TokenRegistry()
    assert registry.resolve_pair("SOL", UNLAUNCHED, before_launch=True)[1].mint == UNLAUNCHED
    with pytest.raises(UnknownToken):
        registry.resolve_pair(UNLAUNCHED, "SOL", before_launch=True)
    with pytest.raises(UnknownToken):
        registry.resolve_pair("SOL", UNLAUNCHED)


def test_looking_tokens_up_does_not_go_through_all_launches() -> None:
    """The launches are gone through once, however many tokens are looked up."""

    class Counted(tuple[Launch, ...]):
        passes = 0

        def __iter__(self) -> Iterator[Launch]:
            Counted.passes += 1
            return super().__iter__()

    launches = Counted([launch("NEW")])
    registry = TokenRegistry(lambda: launches)
    for token in registry.all():
        registry.launch_of(token.mint)
        registry.find("new")
    assert Counted.passes == 1
