"""`getTransaction`: balances before and after, and instructions by their meaning."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from orders.market.tokens import SOL, USDC
from orders.solana import programs
from orders.wiring import Components
from tests.integration.solana.rpc.clients import (
    LAMPORTS,
    USDC_MINT,
    call,
    funded,
    give,
    result,
    send,
    settle,
    signed,
    sol_transfer,
    swap,
    transfer_checked,
)

TOKENS_EACH = 10**6


def told(client: FlaskClient, signature: str, encoding: str = "json") -> dict[str, Any]:
    config = {"encoding": encoding, "maxSupportedTransactionVersion": 0}
    return dict(result(client, "getTransaction", signature, config))


def lamports(found: dict[str, Any], account: Pubkey) -> tuple[int, int]:
    """Before and after."""
    index = found["transaction"]["message"]["accountKeys"].index(str(account))
    return found["meta"]["preBalances"][index], found["meta"]["postBalances"][index]


def tokens(found: dict[str, Any], account: Pubkey) -> list[int]:
    """Before and after."""
    index = found["transaction"]["message"]["accountKeys"].index(str(account))
    return [
        int(each["uiTokenAmount"]["amount"])
        for part in ("preTokenBalances", "postTokenBalances")
        for each in found["meta"][part]
        if each["accountIndex"] == index
    ]


def test_both_ends_of_a_transfer_have_their_balances(client: FlaskClient) -> None:
    wallet, friend = funded(client), Keypair().pubkey()
    first, second = (
        send(client, signed(client, wallet, sol_transfer(wallet, friend, amount)))["result"]
        for amount in (1000, 200)
    )
    assert lamports(told(client, first), friend) == (0, 1000)
    found = told(client, second)
    assert lamports(found, friend) == (1000, 1200)
    assert lamports(found, wallet.pubkey()) == (5 * LAMPORTS - 1000, 5 * LAMPORTS - 1200)
    assert lamports(found, programs.SYSTEM) == (1, 1)
    assert found["meta"]["computeUnitsConsumed"] > 0


def test_both_ends_of_a_token_transfer_have_their_balances(client: FlaskClient) -> None:
    wallet, friend = funded(client), Keypair().pubkey()
    give(client, wallet, "USDC", 100)
    for amount in (5, 3):
        sent = transfer_checked(wallet, friend, amount * TOKENS_EACH, 6)
        signature = send(client, signed(client, wallet, *sent))["result"]
    found = told(client, signature)
    source, destination = (
        programs.token_account(each, USDC_MINT) for each in (wallet.pubkey(), friend)
    )
    assert tokens(found, source) == [95 * TOKENS_EACH, 92 * TOKENS_EACH]
    assert tokens(found, destination) == [5 * TOKENS_EACH, 8 * TOKENS_EACH]
    assert lamports(found, source) == (2_039_280, 2_039_280)
    owners = {each["owner"] for each in found["meta"]["postTokenBalances"]}
    assert owners == {str(wallet.pubkey()), str(friend)}


def test_swap_shows_what_it_paid_and_got(client: FlaskClient, components: Components) -> None:
    wallet = funded(client)
    give(client, wallet, "USDC", 7)
    signature = send(client, signed(client, wallet, *swap(wallet)))["result"]
    settle(components)
    send(client, signed(client, wallet, sol_transfer(wallet, Keypair().pubkey(), 5)))
    found = told(client, signature)
    assert lamports(found, wallet.pubkey()) == (5 * LAMPORTS, 4 * LAMPORTS)
    before, after = tokens(found, programs.token_account(wallet.pubkey(), USDC_MINT))
    assert before == 7 * TOKENS_EACH
    assert after > before


def test_failed_swap_shows_balances_that_stayed(
    client: FlaskClient, components: Components
) -> None:
    wallet, friend = funded(client), Keypair().pubkey()
    give(client, wallet, "USDC", 7)
    sent = signed(client, wallet, *swap(wallet, minimum=10**12))
    signature = send(client, sent, skipPreflight=True)["result"]
    settle(components)
    send(client, signed(client, wallet, sol_transfer(wallet, friend, 5)))
    found = told(client, signature)
    assert found["meta"]["err"]["InstructionError"][1] == {"Custom": 6001}
    assert lamports(found, wallet.pubkey()) == (5 * LAMPORTS, 5 * LAMPORTS)
    usdc = programs.token_account(wallet.pubkey(), USDC_MINT)
    assert tokens(found, usdc) == [7 * TOKENS_EACH, 7 * TOKENS_EACH]


@pytest.mark.parametrize("minimum", [1, 10**12])
def test_tip_beside_a_swap_is_in_the_difference(
    client: FlaskClient, components: Components, minimum: int
) -> None:
    wallet, tipped = funded(client), Keypair().pubkey()
    sent = signed(client, wallet, *swap(wallet, minimum=minimum), sol_transfer(wallet, tipped, 500))
    signature = send(client, sent, skipPreflight=True)["result"]
    settle(components)
    found = told(client, signature)
    tip, paid = (500, LAMPORTS) if minimum == 1 else (0, 0)
    assert lamports(found, wallet.pubkey()) == (5 * LAMPORTS, 5 * LAMPORTS - paid - tip)
    assert lamports(found, tipped) == (0, tip)


def test_instructions_are_parsed_as_by_a_node(client: FlaskClient) -> None:
    wallet, friend = funded(client), Keypair().pubkey()
    give(client, wallet, "USDC", 100)
    source, destination = (
        programs.token_account(each, USDC_MINT) for each in (wallet.pubkey(), friend)
    )
    ends = [
        AccountMeta(source, is_signer=False, is_writable=True),
        AccountMeta(destination, is_signer=False, is_writable=True),
        AccountMeta(wallet.pubkey(), is_signer=True, is_writable=False),
    ]
    plain = Instruction(programs.TOKEN, bytes([3]) + (5).to_bytes(8, "little"), ends)
    memo = Instruction(programs.MEMO, b"for lunch", [])
    instructions = [
        sol_transfer(wallet, friend, 1234),
        *transfer_checked(wallet, friend, 5, 6),
        plain,
        memo,
    ]
    signature = send(client, signed(client, wallet, *instructions))["result"]
    found = told(client, signature, "jsonParsed")
    shown = found["transaction"]["message"]["instructions"]
    assert [each["program"] for each in shown] == [
        "system", "spl-associated-token-account", "spl-token", "spl-token", "spl-memo",
    ]  # fmt: skip
    transfer, created, checked, moved, text = (each["parsed"] for each in shown)
    payer = str(wallet.pubkey())
    assert transfer == {
        "type": "transfer",
        "info": {"source": payer, "destination": str(friend), "lamports": 1234},
    }
    assert (created["type"], created["info"]["account"]) == ("createIdempotent", str(destination))
    assert (created["info"]["source"], created["info"]["wallet"]) == (payer, str(friend))
    assert checked["type"] == "transferChecked"
    assert checked["info"]["tokenAmount"]["uiAmountString"] == "0.000005"
    assert checked["info"]["mint"] == USDC.mint
    assert moved == {
        "type": "transfer",
        "info": {
            "source": str(source),
            "destination": str(destination),
            "authority": payer,
            "amount": "5",
        },
    }
    assert text == "for lunch"


def test_swap_is_not_parsed_but_shown_by_its_bytes(
    client: FlaskClient, components: Components
) -> None:
    wallet = funded(client)
    signature = send(client, signed(client, wallet, *swap(wallet)))["result"]
    assert "result" in call(client, "getTransaction", signature)
    settle(components)
    shown = told(client, signature, "jsonParsed")["transaction"]["message"]["instructions"]
    (swapped,) = (each for each in shown if each["programId"] == str(programs.JUPITER))
    assert "parsed" not in swapped
    assert swapped["data"]
    assert SOL.mint in swapped["accounts"]
