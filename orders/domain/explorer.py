"""Where a block explorer shows a transaction."""

EXPLORER_URL = "https://explorer.solana.com/tx/"
"""Where a real transaction would be shown; the simulated ones are not found there."""


def explorer_url(signature: str) -> str:
    """The address under which a block explorer would show the transaction."""
    return f"{EXPLORER_URL}{signature}"
