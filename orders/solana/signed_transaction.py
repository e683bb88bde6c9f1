"""Reading a wallet's transaction: its form, its signature, its instructions."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import base58
from solders.message import Message, MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from orders.solana import instructions, programs
from orders.solana.instructions import Action
from orders.solana.programs import SwapTerms

MEMO_PROGRAMS = {programs.MEMO, programs.MEMO_V1}
MAX_WIRE_BYTES = 1232
"""The largest transaction that a node accepts: what fits into one packet."""
MAX_ENCODED = {"base58": 1683, "base64": 1644}
"""Characters of the largest transaction in each encoding."""


class Undecodable(ValueError):
    """The text is no transaction; the message is the one that a node gives."""


class Refused(Exception):
    """The chain does not run the transaction: `error` is a node's TransactionError."""

    def __init__(self, error: Any) -> None:
        super().__init__(str(error))
        self.error = error


def instruction_error(index: int, error: Any) -> dict[str, Any]:
    """A TransactionError that says which instruction failed, and how."""
    return {"InstructionError": [index, error]}


@dataclass(frozen=True)
class SignedTransaction:
    """A transaction as received; not to be trusted before `check` has passed."""

    transaction: VersionedTransaction
    message: Message | MessageV0
    """The signed message."""

    @classmethod
    def decode(cls, text: str, encoding: str = "base64") -> SignedTransaction:
        """Reads base64 or base58. Raises `Undecodable`."""
        if len(text) > MAX_ENCODED[encoding]:
            raise Undecodable(
                f"{encoding} encoded solana_transaction::versioned::VersionedTransaction too "
                f"large: {len(text)} bytes (max: encoded/raw "
                f"{MAX_ENCODED[encoding]}/{MAX_WIRE_BYTES})"
            )
        return cls.from_wire(_decode(text, encoding))

    @classmethod
    def from_wire(cls, wire: bytes) -> SignedTransaction:
        """Reads the bytes of a transaction. Raises `Undecodable`."""
        if len(wire) > MAX_WIRE_BYTES:
            raise Undecodable(
                "decoded solana_transaction::versioned::VersionedTransaction too large: "
                f"{len(wire)} bytes (max: {MAX_WIRE_BYTES} bytes)"
            )
        try:
            transaction = VersionedTransaction.from_bytes(wire)
        except ValueError as error:
            raise Undecodable(
                "failed to deserialize solana_transaction::versioned::VersionedTransaction: "
                f"{error}"
            ) from None
        message = transaction.message
        if not isinstance(message, Message | MessageV0):
            raise Undecodable("invalid transaction: only legacy and version 0 are supported")
        return cls(transaction, message)

    @property
    def wire(self) -> bytes:
        """The transaction's bytes."""
        return bytes(self.transaction)

    @property
    def signature(self) -> str:
        """The first signature, which identifies the transaction on the chain."""
        return str(self.transaction.signatures[0])

    @property
    def signer(self) -> Pubkey:
        """The wallet that signs it and pays its fee."""
        return self.message.account_keys[0]

    @property
    def blockhash(self) -> str:
        """The recent blockhash that it is built on."""
        return str(self.message.recent_blockhash)

    @property
    def is_signed(self) -> bool:
        """Whether there is any signature."""
        return self.transaction.signatures != [Signature.default()]

    def check_form(self) -> None:
        """Raises `Undecodable` unless it is well-formed and has exactly one signer."""
        try:
            self.transaction.sanitize()
        except Exception:
            raise Undecodable(
                "invalid transaction: Transaction failed to sanitize accounts offsets correctly"
            ) from None
        if self.message.header.num_required_signatures != 1:
            raise Undecodable(
                "invalid transaction: this chain takes transactions with exactly one signer"
            )

    def verify(self) -> bool:
        """Whether the signature is the signer's, over exactly this message (ed25519)."""
        return all(self.transaction.verify_with_results())

    @cached_property
    def actions(self) -> Sequence[Action]:
        """The effect of each instruction. Raises `Refused`."""
        message = self.message
        if isinstance(message, MessageV0) and message.address_table_lookups:
            raise Refused("AddressLookupTableNotFound")
        keys = message.account_keys
        found: list[Action] = []
        for index, compiled in enumerate(message.instructions):
            try:
                accounts = [keys[number] for number in compiled.accounts]
                program = keys[compiled.program_id_index]
                found.append(instructions.read(program, bytes(compiled.data), accounts))
            except instructions.UnknownProgram:
                raise Refused("ProgramAccountNotFound") from None
            except instructions.UnknownInstruction:
                raise Refused(instruction_error(index, "InvalidInstructionData")) from None
        return tuple(found)

    @property
    def memos(self) -> list[bytes]:
        """The texts of its memos, read without its other instructions, which takes far longer."""
        keys, compiled = self.message.account_keys, self.message.instructions
        if MEMO_PROGRAMS.isdisjoint(keys):
            return []
        return [
            bytes(each.data) for each in compiled if keys[each.program_id_index] in MEMO_PROGRAMS
        ]

    @property
    def swap(self) -> tuple[int, SwapTerms] | None:
        """The swap and the number of its instruction. Raises `Refused` for more than one."""
        swaps = [
            (number, action)
            for number, action in enumerate(self.actions)
            if isinstance(action, SwapTerms)
        ]
        if len(swaps) > 1:
            raise Refused(instruction_error(swaps[1][0], "UnsupportedProgramId"))
        if swaps and swaps[0][1].user != self.signer:
            raise Refused(instruction_error(swaps[0][0], "MissingRequiredSignature"))
        return swaps[0] if swaps else None


def _decode(text: str, encoding: str) -> bytes:
    try:
        if encoding == "base58":
            return base58.b58decode(text)
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Undecodable(f"invalid {encoding} encoding: {error}") from None
