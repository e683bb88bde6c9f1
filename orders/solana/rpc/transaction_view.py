"""Presents a landed transaction as a node does."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import base58
from solders.message import MessageV0
from solders.pubkey import Pubkey

from orders.solana import balance_changes
from orders.solana.execution import SOL
from orders.solana.history import Landed
from orders.solana.programs import TOKEN, token_account
from orders.solana.rpc.errors import UNSUPPORTED_VERSION, RpcError, invalid_params
from orders.solana.signed_transaction import SignedTransaction
from orders.solana.simulation import logs

PresentAmount = Callable[[str, int], dict[str, Any]]
"""Writes an amount of a mint in a node's form."""
ENCODINGS = ("json", "jsonParsed", "base58", "base64")


def present_transaction(
    found: Landed,
    transaction: SignedTransaction,
    encoding: str,
    newest_version: Any,
    present_amount: PresentAmount,
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
        "transaction": _encode(transaction, encoding),
        "meta": _meta(found, transaction, present_amount),
    }
    return body | {"version": 0 if is_v0 else "legacy"} if newest_version is not None else body


def _encode(transaction: SignedTransaction, encoding: str) -> Any:
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
        "instructions": _instructions(transaction, parsed),
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


def _instructions(transaction: SignedTransaction, parsed: bool) -> list[dict[str, Any]]:
    keys = _keys(transaction)
    listed: list[dict[str, Any]] = []
    for each in transaction.message.instructions:
        shown: dict[str, Any] = {
            "data": base58.b58encode(bytes(each.data)).decode(),
            "stackHeight": 1,
        }
        if parsed:
            shown["programId"] = keys[each.program_id_index]
            shown["accounts"] = [keys[number] for number in each.accounts]
        else:
            shown["programIdIndex"] = each.program_id_index
            shown["accounts"] = list(each.accounts)
        listed.append(shown)
    return listed


def _meta(
    found: Landed, transaction: SignedTransaction, present_amount: PresentAmount
) -> dict[str, Any]:
    changes = balance_changes.of(found, str(transaction.signer))
    before = {mint: change.before for mint, change in changes.items()}
    after = {mint: change.after for mint, change in changes.items()}
    others = [0] * (len(transaction.message.account_keys) - 1)
    return {
        "err": found.error,
        "status": {"Ok": None} if found.error is None else {"Err": found.error},
        "fee": 0,
        "preBalances": [before.get(SOL, 0), *others],
        "postBalances": [after.get(SOL, 0), *others],
        "preTokenBalances": _token_balances(transaction, before, present_amount),
        "postTokenBalances": _token_balances(transaction, after, present_amount),
        "innerInstructions": [],
        "logMessages": logs(transaction, found.error),
        "loadedAddresses": {"readonly": [], "writable": []},
        "rewards": [],
        "computeUnitsConsumed": 0,
    }


def _token_balances(
    transaction: SignedTransaction, amounts: dict[str, int], present_amount: PresentAmount
) -> list[dict[str, Any]]:
    """The signer's token accounts among those that the transaction names."""
    keys, owner = transaction.message.account_keys, transaction.signer
    mints = {
        token_account(owner, Pubkey.from_string(mint)): mint for mint in amounts if mint != SOL
    }
    listed = []
    for index, key in enumerate(keys):
        mint = mints.get(key)
        if mint is None:
            continue
        listed.append(
            {
                "accountIndex": index,
                "mint": mint,
                "owner": str(owner),
                "programId": str(TOKEN),
                "uiTokenAmount": present_amount(mint, amounts[mint]),
            }
        )
    return listed
