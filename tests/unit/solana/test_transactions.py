"""Swap transactions survive the trip to a wallet and back; nothing else passes for one."""

from __future__ import annotations

import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from orders.market.tokens import TOKENS
from orders.solana import programs
from orders.solana.instructions import ComputeUnitLimit, ComputeUnitPrice, SolTransfer
from orders.solana.programs import SwapTerms
from orders.solana.signed_transaction import (
    Refused,
    SignedTransaction,
    Undecodable,
)
from orders.solana.transactions import Fees, build, swap_instructions

WALLET = Keypair()
BLOCKHASH = str(Hash(bytes(range(32))))
MINTS = [Pubkey.from_string(token.mint) for token in TOKENS]
PAIRS = st.tuples(st.sampled_from(MINTS), st.sampled_from(MINTS)).filter(lambda p: p[0] != p[1])
AMOUNTS = st.integers(1, programs.MAX_U64)


def terms(mint_in: Pubkey = MINTS[0], mint_out: Pubkey = MINTS[1], amount: int = 5) -> SwapTerms:
    return SwapTerms(WALLET.pubkey(), mint_in, mint_out, "raydium", amount, 3)


def signed(transaction: VersionedTransaction, wallet: Keypair = WALLET) -> SignedTransaction:
    message = transaction.message
    signature = wallet.sign_message(to_bytes_versioned(message))
    return SignedTransaction.from_wire(bytes(VersionedTransaction.populate(message, [signature])))


def swap_transaction(swap: SwapTerms, fee: int = 0) -> VersionedTransaction:
    instructions = swap_instructions(swap, fees=Fees.of(fee)).in_order()
    return build(swap.user, instructions, BLOCKHASH)


def test_memos_are_read_without_the_other_instructions() -> None:
    unknown = Instruction(Pubkey.new_unique(), b"?", [])
    memos = [Instruction(programs.MEMO, text, []) for text in (b"one", b"two")]
    found = signed(build(WALLET.pubkey(), [unknown, *memos], BLOCKHASH))
    assert found.memos == [b"one", b"two"]


@given(
    PAIRS,
    AMOUNTS,
    st.integers(0, programs.MAX_U64),
    st.sampled_from(["raydium", "meteora"]),
    st.integers(0, 10_000),
)
def test_swap_round_trips_through_the_wire(
    pair: tuple[Pubkey, Pubkey], amount: int, minimum: int, venue: str, slippage_bps: int
) -> None:
    asked = SwapTerms(WALLET.pubkey(), *pair, venue, amount, minimum, slippage_bps)
    read = signed(swap_transaction(asked))
    read.check_form()
    assert read.verify()
    assert read.swap is not None
    assert read.swap[1] == asked
    assert read.signer == WALLET.pubkey()
    assert read.blockhash == BLOCKHASH
    assert len(read.wire) <= 1232


def test_built_transaction_has_one_signer_and_no_signature() -> None:
    built = SignedTransaction.from_wire(bytes(swap_transaction(terms())))
    assert built.message.header.num_required_signatures == 1
    assert not built.is_signed
    assert not built.verify()


@given(st.data())
def test_changed_message_breaks_the_signature(data: st.DataObject) -> None:
    wire = bytearray(signed(swap_transaction(terms())).wire)
    position = data.draw(st.integers(65, len(wire) - 1))
    wire[position] ^= data.draw(st.integers(1, 255))
    try:
        read = SignedTransaction.from_wire(bytes(wire))
        read.check_form()
    except Undecodable:
        return
    assert not read.verify()


@given(st.binary(max_size=1300))
def test_garbage_is_undecodable_or_unsigned(wire: bytes) -> None:
    try:
        read = SignedTransaction.decode(base64.b64encode(wire).decode())
        read.check_form()
    except Undecodable:
        return
    assert not read.verify()


@given(st.integers(0, 400))
def test_truncated_transaction_is_undecodable(length: int) -> None:
    wire = signed(swap_transaction(terms())).wire
    if length < len(wire):
        with pytest.raises(Undecodable):
            SignedTransaction.from_wire(wire[:length])


@pytest.mark.parametrize("text", ["%%%", "AAA", "é" * 8, "A" * 1700])
def test_malformed_base64_is_undecodable(text: str) -> None:
    with pytest.raises(Undecodable):
        SignedTransaction.decode(text)


def test_priority_fee_is_asked_for_as_a_price_of_compute_units() -> None:
    actions = signed(swap_transaction(terms(), fee=12_000)).actions
    (limit,) = [each.units for each in actions if isinstance(each, ComputeUnitLimit)]
    (price,) = [each.micro_lamports for each in actions if isinstance(each, ComputeUnitPrice)]
    assert limit * price == 12_000 * 1_000_000


def test_sol_transfer_is_understood() -> None:
    other = Keypair().pubkey()
    sent = transfer(TransferParams(from_pubkey=WALLET.pubkey(), to_pubkey=other, lamports=7))
    read = signed(build(WALLET.pubkey(), [sent], BLOCKHASH))
    assert list(read.actions) == [SolTransfer(WALLET.pubkey(), other, 7)]
    assert read.swap is None


def test_foreign_program_is_refused() -> None:
    foreign = Instruction(Keypair().pubkey(), b"hello", [])
    with pytest.raises(Refused) as refusal:
        _ = signed(build(WALLET.pubkey(), [foreign], BLOCKHASH)).actions
    assert refusal.value.error == "ProgramAccountNotFound"


@given(st.binary(max_size=40))
def test_unknown_data_for_a_known_program_is_refused(data: bytes) -> None:
    accounts = [AccountMeta(WALLET.pubkey(), is_signer=True, is_writable=True)]
    odd = Instruction(programs.JUPITER, data, accounts)
    with pytest.raises(Refused) as refusal:
        _ = signed(build(WALLET.pubkey(), [odd], BLOCKHASH)).actions
    assert refusal.value.error == {"InstructionError": [0, "InvalidInstructionData"]}


def test_swap_of_somebody_elses_accounts_is_refused() -> None:
    instruction = programs.swap(terms())
    accounts = list(instruction.accounts)
    accounts[2] = AccountMeta(Keypair().pubkey(), is_signer=False, is_writable=True)
    stolen = Instruction(programs.JUPITER, bytes(instruction.data), accounts)
    with pytest.raises(Refused):
        _ = signed(build(WALLET.pubkey(), [stolen], BLOCKHASH)).actions


def test_second_signer_is_refused() -> None:
    other = Keypair()
    both = transfer(
        TransferParams(from_pubkey=other.pubkey(), to_pubkey=WALLET.pubkey(), lamports=1)
    )
    message = MessageV0.try_compile(WALLET.pubkey(), [both], [], Hash.from_string(BLOCKHASH))
    read = SignedTransaction.from_wire(bytes(VersionedTransaction(message, [WALLET, other])))
    assert read.verify()
    with pytest.raises(Undecodable, match="one signer"):
        read.check_form()


def test_two_swaps_in_one_transaction_are_refused() -> None:
    twice = [programs.swap(terms()), programs.swap(terms(amount=6))]
    with pytest.raises(Refused):
        _ = signed(build(WALLET.pubkey(), twice, BLOCKHASH)).swap


def test_random_bytes_never_crash_the_reader() -> None:
    for _ in range(300):
        wire = bytearray(signed(swap_transaction(terms())).wire)
        for byte in os.urandom(4):
            wire[byte % len(wire)] = byte
        try:
            read = SignedTransaction.from_wire(bytes(wire))
            read.check_form()
            _ = read.swap
        except (Undecodable, Refused):
            continue
