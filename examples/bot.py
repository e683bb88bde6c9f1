"""Swaps 0.1 SOL for USDC through /order and /execute, with requests and solders.

    pip install requests solders
    python examples/bot.py

JUPITER_URL, RPC_URL and WALLET (a file as solana-keygen writes it) choose where and with what:
https://api.jup.ag and a mainnet RPC node trade real money with the same lines.
"""

import base64
import os
from pathlib import Path

import requests
from solders.keypair import Keypair
from solders.message import to_bytes_versioned
from solders.transaction import VersionedTransaction

JUPITER_URL = os.environ.get("JUPITER_URL", "http://127.0.0.1:5000")
RPC_URL = os.environ.get("RPC_URL", "http://127.0.0.1:5000/rpc")
SOL = "So11111111111111111111111111111111111111112"
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
LAMPORTS_PER_SOL = 1_000_000_000
HEADERS = {"x-api-key": os.environ.get("JUPITER_API_KEY", "")}
TIMEOUT_S = 120


def main() -> None:
    """One order, signed, executed and told."""
    wallet = load_wallet() if "WALLET" in os.environ else paper_wallet()
    order = ask_for_order(str(wallet.pubkey()))
    print(f"0.1 SOL buys {int(order['outAmount']) / 1e6} USDC")
    if not order["transaction"]:
        raise SystemExit(f"No transaction: {order.get('errorMessage')}")
    outcome = execute(sign(order["transaction"], wallet), order["requestId"])
    if outcome["status"] != "Success":
        raise SystemExit(f"The swap failed: {outcome['error']}")
    print(f"Confirmed: {outcome['signature']}")


def ask_for_order(taker: str) -> dict:
    """A quote with the transaction to sign."""
    query = {
        "inputMint": SOL,
        "outputMint": USDC,
        "amount": LAMPORTS_PER_SOL // 10,
        "taker": taker,
    }
    answer = requests.get(
        f"{JUPITER_URL}/ultra/v1/order", params=query, headers=HEADERS, timeout=TIMEOUT_S
    )
    answer.raise_for_status()
    return answer.json()


def sign(unsigned: str, wallet: Keypair) -> str:
    """The transaction with its one signature, over the message with its version."""
    message = VersionedTransaction.from_bytes(base64.b64decode(unsigned)).message
    signature = wallet.sign_message(to_bytes_versioned(message))
    return base64.b64encode(bytes(VersionedTransaction.populate(message, [signature]))).decode()


def execute(signed: str, request_id: str) -> dict:
    """Hands the order in and waits for its end. Asking again is safe: it is one swap."""
    body = {"signedTransaction": signed, "requestId": request_id}
    return requests.post(
        f"{JUPITER_URL}/ultra/v1/execute", json=body, headers=HEADERS, timeout=TIMEOUT_S
    ).json()


def load_wallet() -> Keypair:
    """The wallet in the file that WALLET names."""
    return Keypair.from_json(Path(os.environ["WALLET"]).read_text())


def paper_wallet() -> Keypair:
    """A new wallet with paper money; mainnet has no airdrops."""
    wallet = Keypair()
    params = [str(wallet.pubkey()), LAMPORTS_PER_SOL]
    call = {"jsonrpc": "2.0", "id": 1, "method": "requestAirdrop", "params": params}
    answer = requests.post(RPC_URL, json=call, timeout=TIMEOUT_S).json()
    if "error" in answer:
        raise SystemExit(f"No paper money: {answer['error']['message']}")
    return wallet


if __name__ == "__main__":
    main()
