"""solana-py and jupiter-swap-python, from the package index, against running processes."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Coroutine
from typing import Any

import pytest
import requests
from jupiter_swap import JupiterClient
from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Confirmed
from solana.rpc.core import RPCException
from solana.rpc.models import TokenAccountOpts, TxOpts
from solana.rpc.websocket_api import SolanaWsClient
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from orders.market.tokens import SOL, USDC
from tests.stack import Stack

LAMPORTS = 10**9


def run(steps: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(steps, 60))


def test_solana_py_sends_and_confirms(stack: Stack) -> None:
    run(_send_and_confirm(stack.url))


async def _send_and_confirm(url: str) -> None:
    async with AsyncClient(f"{url}/rpc", Confirmed) as client:
        wallet = await _funded(client)
        threshold, transaction = await _swap(url, wallet, LAMPORTS)
        assert (await client.simulate_transaction(transaction, sig_verify=True)).value.err is None
        height = (await client.get_latest_blockhash()).value.last_valid_block_height
        signature = (await client.send_raw_transaction(bytes(transaction))).value
        confirmed = await client.confirm_transaction(
            signature, Confirmed, last_valid_block_height=height
        )
        assert confirmed.value[0] is not None
        assert confirmed.value[0].err is None
        assert await _received(client, wallet) >= int(threshold)
        landed = (
            await client.get_transaction(signature, max_supported_transaction_version=0)
        ).value
        assert landed is not None
        assert landed.transaction.meta is not None
        assert landed.transaction.meta.err is None
        with pytest.raises(RPCException, match="already been processed"):
            await client.send_raw_transaction(bytes(transaction))


async def _received(client: AsyncClient, wallet: Keypair) -> int:
    """The USDC that the wallet received, by three different answers."""
    mint = TokenAccountOpts(mint=Pubkey.from_string(USDC.mint))
    (owned,) = (await client.get_token_accounts_by_owner_json_parsed(wallet.pubkey(), mint)).value
    (raw,) = (await client.get_token_accounts_by_owner(wallet.pubkey(), mint)).value
    parsed: Any = owned.account.data.parsed
    amount = str(parsed["info"]["tokenAmount"]["amount"])
    assert (await client.get_token_account_balance(owned.pubkey)).value.amount == amount
    assert int.from_bytes(bytes(raw.account.data)[64:72], "little") == int(amount)
    return int(amount)


def test_solana_py_hears_of_a_landing_by_subscription(stack: Stack) -> None:
    run(_subscribe(stack.url))


async def _subscribe(url: str) -> None:
    async with AsyncClient(f"{url}/rpc", Confirmed) as client:
        wallet = await _funded(client)
        _, transaction = await _swap(url, wallet, LAMPORTS)
        signature = transaction.signatures[0]
        async with SolanaWsClient(f"{url.replace('http', 'ws')}/rpc") as socket:
            await socket.signature_subscribe(signature=signature, commitment=Confirmed)
            sent = await client.send_raw_transaction(
                bytes(transaction), TxOpts(skip_preflight=True)
            )
            assert sent.value == signature
            told: Any = await asyncio.wait_for(socket.recv(), 20)
            assert told.result.value.err is None


def test_jupiter_swap_python_executes_an_ultra_order(stack: Stack) -> None:
    run(_ultra(stack.url))


async def _ultra(url: str) -> None:
    async with AsyncClient(f"{url}/rpc", Confirmed) as client, _jupiter(url) as jupiter:
        wallet = await _funded(client)
        order = await asyncio.to_thread(_order, url, str(wallet.pubkey()))
        signed = _signed(order["transaction"], wallet)
        encoded = base64.b64encode(bytes(signed)).decode()
        executed = await jupiter.ultra_execute(encoded, order["requestId"])
        signature = Signature.from_string(executed)
        assert (await client.get_signature_statuses([signature])).value[0] is not None
        assert (await client.get_balance(wallet.pubkey())).value == 2 * LAMPORTS


def _order(url: str, taker: str) -> dict[str, Any]:
    """The client asks for it by POST, which Jupiter itself does not take."""
    query = {
        "inputMint": SOL.mint,
        "outputMint": USDC.mint,
        "amount": str(LAMPORTS),
        "taker": taker,
    }
    return dict(requests.get(f"{url}/ultra/v1/order", params=query, timeout=30).json())


async def _funded(client: AsyncClient) -> Keypair:
    wallet = Keypair()
    dropped = (await client.request_airdrop(wallet.pubkey(), 3 * LAMPORTS)).value
    await client.confirm_transaction(dropped, Confirmed)
    assert (await client.get_balance(wallet.pubkey())).value == 3 * LAMPORTS
    return wallet


async def _swap(url: str, wallet: Keypair, amount: int) -> tuple[str, VersionedTransaction]:
    """Signs a swap of SOL; returns its minimum and the signed swap."""
    async with _jupiter(url) as jupiter:
        quote = await jupiter.get_quote(SOL.mint, USDC.mint, amount)
        swap = await jupiter.get_swap_transaction(quote, str(wallet.pubkey()))
    return quote.other_amount_threshold, _signed(swap.swap_transaction, wallet)


def _signed(unsigned: str, wallet: Keypair) -> VersionedTransaction:
    message = VersionedTransaction.from_bytes(base64.b64decode(unsigned)).message
    return VersionedTransaction(message, [wallet])


def _jupiter(url: str) -> JupiterClient:
    return JupiterClient(
        v6_url=f"{url}/swap/v1", ultra_url=f"{url}/ultra/v1", api_key="any", requests_per_second=0
    )
