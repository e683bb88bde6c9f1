"""Opening balances as settings write them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orders.accounts.paper_balances import parse_balances
from orders.config import ConfigurationError, Settings
from orders.market.tokens import SOL, USDC, TokenRegistry
from orders.wiring import opening_balances


def test_balances_are_base_units_by_mint() -> None:
    found = parse_balances(" sol: 1.5 , USDC:2,", TokenRegistry())
    assert found == {SOL.mint: 1_500_000_000, USDC.mint: 2_000_000}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SOL:1,sol:2", "SOL has an amount already"),
        ("SOL:1,SOL:1", "SOL has an amount already"),
        ("NOPE:1", "NOPE is not listed"),
        ("SOL:-1", "SOL: give an amount"),
        ("SOL", "is not SYMBOL:amount"),
    ],
)
def test_unusable_balances_are_named_at_the_start(text: str, reason: str) -> None:
    settings = replace(Settings(), paper_balances=text)
    with pytest.raises(ConfigurationError, match=f"PAPER_BALANCES.*{reason}"):
        opening_balances(settings, TokenRegistry())
