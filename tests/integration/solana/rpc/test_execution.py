"""What instructions do, and which of them fail as on a chain."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.token.state import TokenAccount

from orders.market.tokens import SOL
from orders.solana import limit_orders, programs
from orders.solana.limit_orders import CancelTerms, LimitTerms
from orders.wiring import Components
from tests.integration.solana.rpc.clients import (
    LAMPORTS,
    USDC_MINT,
    balance,
    count,
    error,
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

LEFT_AT = "SELECT coalesce(sum(total), 0) FROM balances WHERE wallet = '{}'"
OPEN = "SELECT count(*) FROM orders WHERE outcome IS NULL"


def reason(answer: dict[str, Any]) -> Any:
    """Why an instruction failed."""
    return answer["error"]["data"]["err"]["InstructionError"]


def place_limit_order(client: FlaskClient, wallet: Keypair, making: int = LAMPORTS) -> Pubkey:
    """Places an order to sell SOL far above its price; returns its address."""
    address = limit_orders.new_address()
    terms = LimitTerms(
        wallet.pubkey(), address, Pubkey.from_string(SOL.mint), USDC_MINT, making, 10**12, 0, 0
    )
    answer = send(client, signed(client, wallet, limit_orders.place(terms)))
    assert "result" in answer, answer
    return address


def cancel(wallet: Keypair, order: Pubkey) -> Instruction:
    return limit_orders.cancel(CancelTerms(wallet.pubkey(), order))


def test_transfer_with_wrong_decimals_fails(client: FlaskClient) -> None:
    wallet, friend = funded(client), Keypair().pubkey()
    give(client, wallet, "USDC", 100)
    wrong = send(client, signed(client, wallet, *transfer_checked(wallet, friend, 5, 9)))
    assert reason(wrong) == [1, {"Custom": 18}]
    assert "result" in send(client, signed(client, wallet, *transfer_checked(wallet, friend, 5, 6)))


def test_order_that_has_ended_cannot_be_cancelled_and_neither_is_the_one_beside_it(
    client: FlaskClient,
) -> None:
    wallet = funded(client)
    first, second = place_limit_order(client, wallet), place_limit_order(client, wallet)
    assert "result" in send(client, signed(client, wallet, cancel(wallet, first)))
    assert count(OPEN) == 1
    both = signed(client, wallet, cancel(wallet, second), cancel(wallet, first))
    for skip in (False, True):
        assert reason(send(client, both, skipPreflight=skip)) == [1, {"Custom": 3012}]
    assert count(OPEN) == 1


def test_address_of_a_limit_order_is_taken_once(client: FlaskClient) -> None:
    wallet, other = funded(client), funded(client)
    address = place_limit_order(client, wallet)
    mints = Pubkey.from_string(SOL.mint), USDC_MINT
    terms = LimitTerms(other.pubkey(), address, *mints, LAMPORTS, 10**12, 0, 0)
    again = send(client, signed(client, other, limit_orders.place(terms)), skipPreflight=True)
    assert reason(again) == [0, {"Custom": 0}]
    fresh = limit_orders.place(replace(terms, order=limit_orders.new_address()))
    twice = send(client, signed(client, other, fresh, fresh), skipPreflight=True)
    assert reason(twice) == [1, {"Custom": 0}]
    assert count(OPEN) == 1


def test_order_is_cancelled_once_in_a_transaction(client: FlaskClient) -> None:
    wallet = funded(client)
    order = place_limit_order(client, wallet)
    twice = send(client, signed(client, wallet, cancel(wallet, order), cancel(wallet, order)))
    assert reason(twice) == [1, {"Custom": 3012}]
    assert count(OPEN) == 1


def create_wrapped(payer: Keypair, owner: Pubkey) -> Instruction:
    return programs.create_token_account(payer.pubkey(), owner, programs.WRAPPED_SOL)


def wrapped(owner: Pubkey) -> Pubkey:
    return programs.token_account(owner, programs.WRAPPED_SOL)


def unwrap(wallet: Keypair) -> Instruction:
    return programs.close_token_account(wallet.pubkey(), wrapped(wallet.pubkey()))


def test_wrapped_sol_is_read_while_its_account_exists(client: FlaskClient) -> None:
    wallet = funded(client)
    account = wrapped(wallet.pubkey())
    assert result(client, "getAccountInfo", str(account))["value"] is None
    wrapping = [
        create_wrapped(wallet, wallet.pubkey()),
        sol_transfer(wallet, account, LAMPORTS),
        programs.sync_native(account),
    ]
    assert "result" in send(client, signed(client, wallet, *wrapping))
    shown = result(client, "getAccountInfo", str(account), {"encoding": "base64"})["value"]
    assert shown["owner"] == str(programs.TOKEN)
    data = TokenAccount.from_bytes(base64.b64decode(shown["data"][0]))
    assert (data.amount, data.is_native) == (5 * LAMPORTS, 2_039_280)
    amount = result(client, "getTokenAccountBalance", str(account))["value"]
    assert amount["uiAmountString"] == "5"
    by_mint = [str(wallet.pubkey()), {"mint": SOL.mint}, {"encoding": "jsonParsed"}]
    (listed,) = result(client, "getTokenAccountsByOwner", *by_mint)["value"]
    assert listed["pubkey"] == str(account)
    assert listed["account"]["data"]["parsed"]["info"]["isNative"] is True
    holdings = client.get(f"/ultra/v1/holdings/{wallet.pubkey()}").get_json()
    assert (holdings["amount"], holdings["tokens"]) == (str(5 * LAMPORTS), {})
    assert "result" in send(client, signed(client, wallet, unwrap(wallet)))
    assert result(client, "getAccountInfo", str(account))["value"] is None
    assert balance(client, wallet.pubkey()) == 5 * LAMPORTS


def test_swap_that_unwraps_leaves_no_account_for_wrapped_sol(client: FlaskClient) -> None:
    wallet = funded(client)
    assert "result" in send(client, signed(client, wallet, *swap(wallet)))
    assert result(client, "getAccountInfo", str(wrapped(wallet.pubkey())))["value"] is None


@pytest.mark.parametrize("mint", [programs.WRAPPED_SOL, USDC_MINT])
@pytest.mark.parametrize("is_known", [True, False])
def test_lamports_sent_to_somebodys_token_account_are_theirs(
    client: FlaskClient, mint: Pubkey, is_known: bool
) -> None:
    wallet, friend = funded(client), funded(client)
    account = programs.token_account(friend.pubkey(), mint)
    create = programs.create_token_account(wallet.pubkey(), friend.pubkey(), mint)
    sent = sol_transfer(wallet, account, LAMPORTS)
    first = [create, sent] if is_known else [sent]
    assert "result" in send(client, signed(client, wallet, *first))
    if not is_known:
        assert balance(client, friend.pubkey()) == 5 * LAMPORTS
        assert balance(client, account) == LAMPORTS
        assert "result" in send(client, signed(client, wallet, create))
    assert balance(client, friend.pubkey()) == 6 * LAMPORTS
    assert balance(client, wallet.pubkey()) == 4 * LAMPORTS


def test_owner_gets_lamports_that_came_before_the_account_by_closing_it(
    client: FlaskClient,
) -> None:
    wallet, friend = funded(client), funded(client)
    account = wrapped(friend.pubkey())
    assert "result" in send(client, signed(client, wallet, sol_transfer(wallet, account, 7)))
    assert "result" in send(client, signed(client, friend, unwrap(friend)))
    assert (balance(client, friend.pubkey()), balance(client, account)) == (5 * LAMPORTS + 7, 0)


@pytest.mark.parametrize("beside_a_swap", [False, True])
def test_one_transaction_may_send_before_it_creates(
    client: FlaskClient, components: Components, beside_a_swap: bool
) -> None:
    wallet, friend = funded(client), Keypair().pubkey()
    account = wrapped(friend)
    sent = [sol_transfer(wallet, account, 7), create_wrapped(wallet, friend)]
    swapped = swap(wallet) if beside_a_swap else []
    assert "result" in send(client, signed(client, wallet, *sent, *swapped))
    settle(components)
    assert (balance(client, friend), count(LEFT_AT.format(account))) == (7, 0)


def test_wrapped_sol_goes_to_nobody_else_by_closing(client: FlaskClient) -> None:
    wallet, friend = funded(client), Keypair().pubkey()
    metas = [
        AccountMeta(wrapped(wallet.pubkey()), is_signer=False, is_writable=True),
        AccountMeta(friend, is_signer=False, is_writable=True),
        AccountMeta(wallet.pubkey(), is_signer=True, is_writable=False),
    ]
    close = Instruction(programs.TOKEN, b"\x09", metas)
    made = create_wrapped(wallet, wallet.pubkey())
    assert reason(send(client, signed(client, wallet, made, close))) == [1, "InvalidArgument"]


def test_what_limit_orders_hold_has_left_the_wallet(client: FlaskClient) -> None:
    wallet = funded(client)
    place_limit_order(client, wallet, making=LAMPORTS)
    address = str(wallet.pubkey())
    assert balance(client, wallet.pubkey()) == 4 * LAMPORTS
    assert result(client, "getAccountInfo", address)["value"]["lamports"] == 4 * LAMPORTS
    holdings = client.get(f"/ultra/v1/holdings/{address}").get_json()
    balances = client.get(f"/ultra/v1/balances/{address}").get_json()
    assert holdings["amount"] == balances["SOL"]["amount"] == str(4 * LAMPORTS)
    tipped = [*swap(wallet), sol_transfer(wallet, Keypair().pubkey(), 500)]
    assert "result" in send(client, signed(client, wallet, *tipped))
    assert balance(client, wallet.pubkey()) == 4 * LAMPORTS, "until the swap lands"


def test_swaps_that_find_the_same_lost_lamports_move_them_once(client: FlaskClient) -> None:
    wallet, friend = funded(client), funded(client)
    account = wrapped(friend.pubkey())
    assert "result" in send(client, signed(client, wallet, sol_transfer(wallet, account, 7)))
    for _ in range(2):
        both = [create_wrapped(wallet, friend.pubkey()), *swap(wallet)]
        assert "result" in send(client, signed(client, wallet, *both))
    left = count(LEFT_AT.format(account))
    assert (balance(client, friend.pubkey()), left) == (5 * LAMPORTS + 7, 0)


def test_simulation_shows_accounts_as_they_would_be(client: FlaskClient) -> None:
    wallet, friend = funded(client), Keypair().pubkey()
    order = place_limit_order(client, wallet, making=LAMPORTS)
    give(client, wallet, "USDC", 100)
    instructions = [
        sol_transfer(wallet, friend, 7),
        cancel(wallet, order),
        *transfer_checked(wallet, friend, 5, 6),
        *swap(wallet)[2:],
    ]
    mine, theirs = (programs.token_account(each, USDC_MINT) for each in (wallet.pubkey(), friend))
    addresses = [str(each) for each in (wallet.pubkey(), friend, mine, theirs)]
    config = {"encoding": "base64", "accounts": {"encoding": "base64", "addresses": addresses}}
    transaction = signed(client, wallet, *instructions)
    value = result(client, "simulateTransaction", transaction, config)["value"]
    assert value["err"] is None, value
    payer, paid, *tokens = value["accounts"]
    assert (payer["lamports"], paid["lamports"]) == (4 * LAMPORTS - 7, 7)
    left, got = (TokenAccount.from_bytes(base64.b64decode(each["data"][0])) for each in tokens)
    assert left.amount > 100 * 10**6
    assert got.amount == 5
    assert balance(client, friend) == 0, "nothing has happened"
    failing = signed(client, wallet, sol_transfer(wallet, friend, 6 * LAMPORTS))
    config["accounts"] = {"addresses": addresses[:2]}
    value = result(client, "simulateTransaction", failing, config)["value"]
    assert (value["err"]["InstructionError"][1], value["accounts"]) == ({"Custom": 1}, [None] * 2)
    config["accounts"] = {"addresses": [*addresses, *addresses]}
    assert error(client, "simulateTransaction", failing, config)["code"] == -32602
