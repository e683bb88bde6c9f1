"""Instructions in the form that a node gives them as `jsonParsed`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import base58
from solders.instruction import CompiledInstruction

from orders.solana import programs
from orders.solana.instructions import (
    Action,
    CloseTokenAccount,
    CreateTokenAccount,
    Memo,
    SolTransfer,
    SyncNative,
    TokenTransfer,
)
from orders.solana.signed_transaction import SignedTransaction

PresentAmount = Callable[[str, int], dict[str, Any]]
"""Writes an amount of a mint in a node's form."""
SYSTEM, TOKEN = "system", "spl-token"


def present_instruction(
    transaction: SignedTransaction,
    compiled: CompiledInstruction,
    action: Action,
    present_amount: PresentAmount,
) -> dict[str, Any]:
    """An instruction by its meaning; by its bytes if a node does not know its program."""
    keys = [str(key) for key in transaction.message.account_keys]
    accounts = [keys[number] for number in compiled.accounts]
    program = {"programId": keys[compiled.program_id_index], "stackHeight": 1}
    meaning = _meaning(action, accounts, present_amount)
    if meaning is None:
        return {
            **program,
            "accounts": accounts,
            "data": base58.b58encode(bytes(compiled.data)).decode(),
        }
    name, parsed = meaning
    return {**program, "program": name, "parsed": parsed}


def _meaning(
    action: Action, accounts: list[str], present_amount: PresentAmount
) -> tuple[str, Any] | None:
    """The name that nodes have for the program, and what the instruction does."""
    match action:
        case SolTransfer():
            return SYSTEM, _parsed(
                "transfer",
                source=str(action.source),
                destination=str(action.destination),
                lamports=action.lamports,
            )
        case TokenTransfer():
            return TOKEN, _token_transfer(action, present_amount)
        case CreateTokenAccount():
            return "spl-associated-token-account", _created(action, accounts[0])
        case CloseTokenAccount():
            return TOKEN, _parsed(
                "closeAccount",
                account=str(action.account),
                destination=str(action.destination),
                owner=str(action.owner),
            )
        case SyncNative():
            return TOKEN, _parsed("syncNative", account=str(action.account))
        case Memo():
            return "spl-memo", action.text.decode()
    return None


def _token_transfer(sent: TokenTransfer, present_amount: PresentAmount) -> dict[str, Any]:
    ends = {"source": str(sent.source), "destination": str(sent.destination)}
    authority = str(sent.owner)
    if sent.mint is None:
        return _parsed("transfer", **ends, authority=authority, amount=str(sent.amount))
    mint = str(sent.mint)
    amount = present_amount(mint, sent.amount)
    return _parsed("transferChecked", **ends, authority=authority, mint=mint, tokenAmount=amount)


def _created(created: CreateTokenAccount, payer: str) -> dict[str, Any]:
    return _parsed(
        "createIdempotent" if created.idempotent else "create",
        source=payer,
        account=str(created.account),
        wallet=str(created.owner),
        mint=str(created.mint),
        systemProgram=str(programs.SYSTEM),
        tokenProgram=str(programs.TOKEN),
    )


def _parsed(kind: str, **info: Any) -> dict[str, Any]:
    return {"type": kind, "info": info}
