"""Links to a block explorer."""

EXPLORER_URL = "https://explorer.solana.com/tx/"
"""The explorer's address of a transaction; simulated transactions are not found there."""


def explorer_url(signature: str) -> str:
    """The link to this transaction in a block explorer."""
    return f"{EXPLORER_URL}{signature}"
