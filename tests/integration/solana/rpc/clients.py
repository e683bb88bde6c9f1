"""A bot that speaks JSON-RPC to a service without processes: what its tests ask and sign."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from orders.market.tokens import SOL, USDC
from orders.solana import programs
from orders.solana.programs import SwapTerms
from orders.solana.transactions import swap_instructions
from orders.storage.database import connection, database
from orders.wiring import Components

LAMPORTS = 10**9
USDC_MINT = Pubkey.from_string(USDC.mint)


def post(client: FlaskClient, body: Any) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/rpc", data=data, content_type="application/json")


def call(client: FlaskClient, method: str, *params: Any) -> dict[str, Any]:
    request = {"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params)}
    response = post(client, request)
    assert response.status_code == 200
    body = dict(response.get_json())
    assert body["jsonrpc"] == "2.0"
    assert body["id"] == 7
    return body


def result(client: FlaskClient, method: str, *params: Any) -> Any:
    body = call(client, method, *params)
    assert "result" in body, body
    return body["result"]


def error(client: FlaskClient, method: str, *params: Any) -> dict[str, Any]:
    body = call(client, method, *params)
    assert "error" in body, body
    return dict(body["error"])


def funded(client: FlaskClient, sol: int = 5) -> Keypair:
    wallet = Keypair()
    result(client, "requestAirdrop", str(wallet.pubkey()), sol * LAMPORTS)
    return wallet


def signed(
    client: FlaskClient,
    wallet: Keypair,
    *instructions: Instruction,
    blockhash: str | None = None,
    signers: tuple[Keypair, ...] = (),
) -> str:
    recent = blockhash or result(client, "getLatestBlockhash")["value"]["blockhash"]
    message = MessageV0.try_compile(
        wallet.pubkey(), list(instructions), [], Hash.from_string(recent)
    )
    transaction = VersionedTransaction(message, [wallet, *signers])
    return base64.b64encode(bytes(transaction)).decode()


def send(client: FlaskClient, transaction: str, **config: Any) -> dict[str, Any]:
    return call(client, "sendTransaction", transaction, {"encoding": "base64", **config})


def sol_transfer(wallet: Keypair, to: Pubkey, lamports: int) -> Instruction:
    return transfer(TransferParams(from_pubkey=wallet.pubkey(), to_pubkey=to, lamports=lamports))


def swap(wallet: Keypair, amount: int = LAMPORTS, minimum: int = 1) -> list[Instruction]:
    mints = (Pubkey.from_string(SOL.mint), Pubkey.from_string(USDC.mint))
    terms = SwapTerms(wallet.pubkey(), *mints, "raydium", amount, minimum)
    return swap_instructions(terms).in_order()


def balance(client: FlaskClient, address: Pubkey) -> int:
    return int(result(client, "getBalance", str(address))["value"])


def count(query: str) -> int:
    with connection():
        return int(database.execute_sql(query).fetchone()[0])


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


def settle(components: Components) -> None:
    """Executes what waits, as a worker would; leases of workers before it have run out."""
    with connection():
        rows = database.execute_sql(
            "UPDATE orders SET due_at = created_at WHERE in_flight RETURNING id"
        ).fetchall()
    for (order_id,) in rows:
        while components.engine.execute(UUID(str(order_id))) is not None:
            pass
