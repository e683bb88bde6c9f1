"""Everything that can fail between asking for a quote and landing a swap.

A class's docstring is its default message: a sentence that a person can act on.
"""

from orders.domain.errors import CodedError


class DexError(CodedError):
    """The market could not complete the swap."""

    code = "dex_error"


class SlippageExceeded(DexError):
    """The price moved beyond the order's slippage limit; allow more slippage or try again."""

    code = "slippage_exceeded"
    retryable = True


class VenueTimeout(DexError):
    """The venue did not answer in time; try again in a moment."""

    code = "venue_timeout"
    retryable = True


class RpcUnavailable(DexError):
    """The Solana RPC node could not be reached; try again in a moment."""

    code = "rpc_unavailable"
    retryable = True


class BlockhashExpired(DexError):
    """The transaction's blockhash ran out before it was accepted; try again with a fresh one."""

    code = "blockhash_expired"
    retryable = True


class TransactionFailed(DexError):
    """The chain refused the swap, and no funds moved; try again with a fresh quote."""

    code = "transaction_failed"
    retryable = True


class InsufficientLiquidity(DexError):
    """The pool cannot fill this amount; change the amount or choose another pair."""

    code = "insufficient_liquidity"


class NoQuote(DexError):
    """No venue gave a usable quote; try again in a moment."""

    code = "no_quote"
    retryable = True


class PoolNotFound(DexError):
    """There is no pool for this token yet; wait for its launch or place a sniper order."""

    code = "pool_not_found"
