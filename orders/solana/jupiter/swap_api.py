"""`/swap/v1`: quote, then a transaction or its instructions, which the client signs and sends."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import base58
from flask import Response, request
from solders.instruction import Instruction
from solders.message import to_bytes_versioned

from orders.api.context import components, solana
from orders.api.requests import answer
from orders.api.scenarios import hold_back
from orders.chain.protocol import Blockhash
from orders.chain.simulated_chain import BLOCKHASH_LIFE
from orders.market.venues import VENUE_PROGRAMS
from orders.solana.jupiter import fees, reading
from orders.solana.jupiter.errors import INVALID, NO_ROUTE, JupiterError
from orders.solana.jupiter.quotes import EXACT_IN, QuoteRequest, label, price
from orders.solana.jupiter.reading import Fields
from orders.solana.jupiter.scenarios import promise, requested_scenario
from orders.solana.programs import MAX_SLIPPAGE_BPS, VENUES, SwapTerms
from orders.solana.transactions import (
    COMPUTE_UNITS,
    Fees,
    SwapInstructions,
    build,
    swap_instructions,
)

UNSUPPORTED = (
    "asLegacyTransaction",
    "destinationTokenAccount",
    "nativeDestinationAccount",
    "feeAccount",
    "useTokenLedger",
)
"""Options that would change who pays or who receives, or the transaction's form."""
TRACKING = "trackingAccount"


@dataclass(frozen=True, slots=True)
class _Built:
    instructions: SwapInstructions
    terms: SwapTerms
    blockhash: Blockhash
    fees: Fees

    def present(self) -> dict[str, Any]:
        return {
            "prioritizationFeeLamports": self.fees.lamports,
            "computeUnitLimit": COMPUTE_UNITS,
            "dynamicSlippageReport": None,
            "simulationError": None,
        }


def quote() -> Response:
    """The best quote for an amount."""
    parts = components()
    asked = QuoteRequest.read(request.args, parts.registry)
    return answer(price(asked, parts.price_comparer).present())


def swap() -> Response:
    """A transaction that swaps as quoted, for its user to sign."""
    scenario = requested_scenario()
    built = _build(reading.read_body())
    user = built.terms.user
    transaction = build(user, built.instructions.in_order(), built.blockhash.value)
    promise(scenario, to_bytes_versioned(transaction.message), built.blockhash)
    hold_back(scenario)
    return answer(
        {
            "swapTransaction": base64.b64encode(bytes(transaction)).decode(),
            "lastValidBlockHeight": built.blockhash.last_valid_block_height,
            **built.present(),
        }
    )


def instructions() -> Response:
    """The same swap as instructions, for clients that assemble the transaction themselves."""
    built = _build(reading.read_body())
    parts = built.instructions
    return answer(
        {
            "tokenLedgerInstruction": None,
            "computeBudgetInstructions": [_present(each) for each in parts.compute_budget],
            "setupInstructions": [_present(each) for each in parts.setup],
            "swapInstruction": _present(parts.swap),
            "cleanupInstruction": None if parts.cleanup is None else _present(parts.cleanup),
            "otherInstructions": [_present(each) for each in parts.others],
            "addressLookupTableAddresses": [],
            "blockhashWithMetadata": {
                "blockhash": list(base58.b58decode(built.blockhash.value)),
                "lastValidBlockHeight": built.blockhash.last_valid_block_height,
            },
            **built.present(),
        }
    )


def labels() -> Response:
    """The venues' programs and their labels."""
    return answer({program: label(venue) for venue, program in VENUE_PROGRAMS.items()})


def _build(body: Fields) -> _Built:
    reading.refuse_unsupported(body, UNSUPPORTED)
    terms = _terms(body)
    reading.refuse_others(body, ("payer",), terms.user)
    asked = fees.of_swap(body, terms.user)
    wrap = reading.flag(body, "wrapAndUnwrapSol", default=True)
    tracking = reading.address(body, TRACKING) if body.get(TRACKING) else None
    made = swap_instructions(terms, wrap_and_unwrap=wrap, fees=asked, tracking=tracking)
    return _Built(made, terms, _blockhash(body), asked)


def _blockhash(body: Fields) -> Blockhash:
    """A blockhash with as many slots left as the client wants."""
    name, clock = "blockhashSlotsToExpiry", solana().clock
    if body.get(name) is None:
        return clock.latest_blockhash()
    slots = reading.whole(body, name, least=1, most=BLOCKHASH_LIFE)
    return clock.blockhash_with_slots_left(slots)


def _terms(body: Fields) -> SwapTerms:
    """The swap that a quote stands for. The user signs it, so the quote need not be trusted."""
    quoted = body.get("quoteResponse")
    if not isinstance(quoted, dict):
        raise JupiterError("missing field `quoteResponse`")
    if quoted.get("swapMode") != EXACT_IN:
        raise JupiterError("Only swapMode ExactIn is supported here", INVALID)
    registry = components().registry
    mints = [reading.address(quoted, name) for name in ("inputMint", "outputMint")]
    for mint in mints:
        reading.token(registry, str(mint))
    if mints[0] == mints[1]:
        raise JupiterError("Input and output mints are not allowed to be equal")
    return SwapTerms(
        user=reading.address(body, "userPublicKey"),
        mint_in=mints[0],
        mint_out=mints[1],
        venue=_venue(quoted),
        amount_in=reading.amount(quoted, "inAmount"),
        min_amount_out=reading.amount(quoted, "otherAmountThreshold", least=0),
        slippage_bps=reading.whole(quoted, "slippageBps", least=0, most=MAX_SLIPPAGE_BPS),
    )


def _venue(quoted: Fields) -> str:
    try:
        step = quoted["routePlan"][0]["swapInfo"]
        venue = str(step["label"]).lower()
    except (KeyError, IndexError, TypeError):
        raise JupiterError("`quoteResponse.routePlan` is not one of ours") from None
    if venue not in VENUES or len(quoted["routePlan"]) != 1:
        raise JupiterError("`quoteResponse.routePlan` is not one of ours", NO_ROUTE)
    return venue


def _present(instruction: Instruction) -> dict[str, Any]:
    return {
        "programId": str(instruction.program_id),
        "accounts": [
            {
                "pubkey": str(meta.pubkey),
                "isSigner": meta.is_signer,
                "isWritable": meta.is_writable,
            }
            for meta in instruction.accounts
        ],
        "data": base64.b64encode(bytes(instruction.data)).decode(),
    }
