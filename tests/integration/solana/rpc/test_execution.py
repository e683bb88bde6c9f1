"""What instructions do, and which of them fail as on a chain."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from orders.market.tokens import SOL, USDC
from orders.solana import limit_orders, programs
from orders.solana.limit_orders import CancelTerms, LimitTerms
from tests.integration.solana.rpc.test_calls import LAMPORTS, count, funded, send, signed

USDC_MINT = Pubkey.from_string(USDC.mint)
OPEN = "SELECT count(*) FROM orders WHERE outcome IS NULL"


def give(client: FlaskClient, wallet: Keypair, token: str, amount: int) -> None:
    """Paper money of the faucet."""
    body = {"token": token, "amount": amount}
    assert client.post(f"/api/wallets/{wallet.pubkey()}/faucet", json=body).status_code == 200


def transfer_checked(wallet: Keypair, to: Pubkey, amount: int, decimals: int) -> list[Instruction]:
    """Sends USDC to the token account of another wallet, which is made if needed."""
    source = programs.token_account(wallet.pubkey(), USDC_MINT)
    destination = programs.token_account(to, USDC_MINT)
    accounts = [
        AccountMeta(source, is_signer=False, is_writable=True),
        AccountMeta(USDC_MINT, is_signer=False, is_writable=False),
        AccountMeta(destination, is_signer=False, is_writable=True),
        AccountMeta(wallet.pubkey(), is_signer=True, is_writable=False),
    ]
    data = bytes([12]) + amount.to_bytes(8, "little") + bytes([decimals])
    return [
        programs.create_token_account(wallet.pubkey(), to, USDC_MINT),
        Instruction(programs.TOKEN, data, accounts),
    ]


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


def test_order_is_cancelled_once_in_a_transaction(client: FlaskClient) -> None:
    wallet = funded(client)
    order = place_limit_order(client, wallet)
    twice = send(client, signed(client, wallet, cancel(wallet, order), cancel(wallet, order)))
    assert reason(twice) == [1, {"Custom": 3012}]
    assert count(OPEN) == 1
