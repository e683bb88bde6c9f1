"""Every failure of the market has a code, and a sentence a person can act on."""

import pytest

from orders.market.errors import DexError, NoQuote

RETRYABLE = {
    "slippage_exceeded": True,
    "venue_timeout": True,
    "rpc_unavailable": True,
    "transaction_failed": True,
    "blockhash_expired": True,
    "insufficient_liquidity": False,
    "no_quote": True,
    "pool_not_found": False,
}


def test_each_code_says_whether_trying_again_can_help() -> None:
    assert {kind.code: kind.retryable for kind in DexError.__subclasses__()} == RETRYABLE


@pytest.mark.parametrize("kind", DexError.__subclasses__(), ids=lambda kind: kind.code)
def test_the_default_message_is_one_sentence(kind: type[DexError]) -> None:
    message = str(kind())
    assert message.endswith(".")
    assert "\n" not in message
    assert ";" in message, "what happened; what to do"


def test_a_message_of_its_own_replaces_the_default() -> None:
    assert str(NoQuote("Both venues are closed.")) == "Both venues are closed."
