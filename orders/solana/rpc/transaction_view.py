"""Presents a landed transaction as a node does."""

from __future__ import annotations

import base64
from typing import Any

import base58
from solders.message import MessageV0

from orders.solana import balance_changes
from orders.solana.accounts import TOKEN_ACCOUNT_RENT, AccountReader
from orders.solana.balance_changes import Change, Changes
from orders.solana.execution import SOL
from orders.solana.history import Landed
from orders.solana.programs import TOKEN
from orders.solana.rpc.errors import UNSUPPORTED_VERSION, RpcError, invalid_params
from orders.solana.rpc.parsed_instructions import PresentAmount, present_instruction
from orders.solana.signed_transaction import SignedTransaction
from orders.solana.simulation import logs, units

ENCODINGS = ("json", "jsonParsed", "base58", "base64")


def present_transaction(
    found: Landed,
    transaction: SignedTransaction,
    encoding: str,
    newest_version: Any,
    reader: AccountReader,
) -> dict[str, Any]:
    """The answer of `getTransaction`. Raises `RpcError` for versions the client cannot read."""
    is_v0 = isinstance(transaction.message, MessageV0)
    if is_v0 and newest_version is None:
        raise RpcError(
            UNSUPPORTED_VERSION,
            "Transaction version (0) is not supported by the requesting client. Please try the "
            'request again with the following configuration parameter: "maxSupportedTransaction'
            'Version": 0',
        )
    if newest_version is not None and not isinstance(newest_version, int):
        raise invalid_params("Invalid params: `maxSupportedTransactionVersion` is a number.")
    body = {
        "slot": found.slot,
        "blockTime": int(found.at.timestamp()),
        "transaction": _encode(transaction, encoding, reader.present_amount),
        "meta": _meta(found, transaction, reader),
    }
    return body | {"version": 0 if is_v0 else "legacy"} if newest_version is not None else body


def _encode(transaction: SignedTransaction, encoding: str, present_amount: PresentAmount) -> Any:
    match encoding:
        case "base64":
            return [base64.b64encode(transaction.wire).decode(), encoding]
        case "base58":
            return [base58.b58encode(transaction.wire).decode(), encoding]
    parsed = encoding == "jsonParsed"
    message = transaction.message
    body: dict[str, Any] = {
        "accountKeys": _parsed_keys(transaction) if parsed else _keys(transaction),
        "recentBlockhash": transaction.blockhash,
        "instructions": _parsed_instructions(transaction, present_amount)
        if parsed
        else _instructions(transaction),
    }
    if not parsed:
        header = message.header
        body["header"] = {
            "numRequiredSignatures": header.num_required_signatures,
            "numReadonlySignedAccounts": header.num_readonly_signed_accounts,
            "numReadonlyUnsignedAccounts": header.num_readonly_unsigned_accounts,
        }
    if isinstance(message, MessageV0):
        body["addressTableLookups"] = []
    return {"signatures": [transaction.signature], "message": body}


def _keys(transaction: SignedTransaction) -> list[str]:
    return [str(key) for key in transaction.message.account_keys]


def _parsed_keys(transaction: SignedTransaction) -> list[dict[str, Any]]:
    header, keys = transaction.message.header, _keys(transaction)
    readonly_from = len(keys) - header.num_readonly_unsigned_accounts
    return [
        {
            "pubkey": key,
            "signer": index == 0,
            "writable": index < readonly_from,
            "source": "transaction",
        }
        for index, key in enumerate(keys)
    ]


def _instructions(transaction: SignedTransaction) -> list[dict[str, Any]]:
    return [
        {
            "programIdIndex": each.program_id_index,
            "accounts": list(each.accounts),
            "data": base58.b58encode(bytes(each.data)).decode(),
            "stackHeight": 1,
        }
        for each in transaction.message.instructions
    ]


def _parsed_instructions(
    transaction: SignedTransaction, present_amount: PresentAmount
) -> list[dict[str, Any]]:
    pairs = zip(transaction.message.instructions, transaction.actions, strict=True)
    return [
        present_instruction(transaction, compiled, action, present_amount)
        for compiled, action in pairs
    ]


def _meta(found: Landed, transaction: SignedTransaction, reader: AccountReader) -> dict[str, Any]:
    keys, changes = _keys(transaction), balance_changes.read(found, transaction)
    lamports = [_lamports(key, changes, reader) for key in keys]
    before, after = _token_balances(keys, changes, reader.present_amount)
    return {
        "err": found.error,
        "status": {"Ok": None} if found.error is None else {"Err": found.error},
        "fee": 0,
        "preBalances": [change.before for change in lamports],
        "postBalances": [change.after for change in lamports],
        "preTokenBalances": before,
        "postTokenBalances": after,
        "innerInstructions": [],
        "logMessages": logs(transaction, found.error),
        "loadedAddresses": {"readonly": [], "writable": []},
        "rewards": [],
        "computeUnitsConsumed": units(transaction),
    }


def _lamports(key: str, changes: Changes, reader: AccountReader) -> Change:
    """A wallet's SOL; the rent of any other account."""
    rent = TOKEN_ACCOUNT_RENT if key in changes.owners else reader.fixed_lamports(key)
    return changes.of(key, SOL) if rent is None else Change(rent, rent)


def _token_balances(
    keys: list[str], changes: Changes, present_amount: PresentAmount
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The balances before and after of the token accounts named. Wrapped SOL counts as lamports."""
    before, after = [], []
    for index, key in enumerate(keys):
        owner, mint = changes.owners.get(key, ("", SOL))
        if mint == SOL:
            continue
        account = {"accountIndex": index, "mint": mint, "owner": owner, "programId": str(TOKEN)}
        change = changes.of(owner, mint)
        before.append({**account, "uiTokenAmount": present_amount(mint, change.before)})
        after.append({**account, "uiTokenAmount": present_amount(mint, change.after)})
    return before, after
