"""A small bot: signs with solders, speaks HTTP and JSON-RPC with requests."""

from __future__ import annotations

import base64
from typing import Any

import requests
from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.message import MessageV0, to_bytes_versioned
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from orders.market.tokens import SOL, USDC

LAMPORTS = 10**9


class BotWallet:
    """A wallet with its own key, against one service."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keypair = Keypair()
        self.address = str(self.keypair.pubkey())

    def call(self, method: str, *params: Any) -> dict[str, Any]:
        """The answer to a JSON-RPC call."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        answer = requests.post(f"{self.url}/rpc", json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def result(self, method: str, *params: Any) -> Any:
        """The result of a JSON-RPC call that must succeed."""
        answer = self.call(method, *params)
        assert "result" in answer, answer
        return answer["result"]

    def airdrop(self, sol: int = 10) -> str:
        """Takes SOL from the faucet."""
        return str(self.result("requestAirdrop", self.address, sol * LAMPORTS))

    def sign(self, unsigned: str) -> str:
        """Signs a transaction in base64."""
        message = VersionedTransaction.from_bytes(base64.b64decode(unsigned)).message
        signature = self.keypair.sign_message(to_bytes_versioned(message))
        signed = VersionedTransaction.populate(message, [signature])
        return base64.b64encode(bytes(signed)).decode()

    def order(self, amount: int = LAMPORTS, **changes: Any) -> dict[str, Any]:
        """Asks Jupiter for an order."""
        query = {
            "inputMint": SOL.mint,
            "outputMint": USDC.mint,
            "amount": amount,
            "taker": self.address,
            **changes,
        }
        answer = requests.get(f"{self.url}/swap/v2/order", params=query, timeout=30)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def execute(
        self, signed: str, request_id: str, patience_s: float = 60, path: str = "swap/v2"
    ) -> requests.Response:
        """Hands a signed order in."""
        body = {"signedTransaction": signed, "requestId": request_id}
        return requests.post(f"{self.url}/{path}/execute", json=body, timeout=patience_s)

    def send_sol(self, to: BotWallet, lamports: int) -> str:
        """Sends SOL to another wallet; returns the signature."""
        return str(self.try_to_send_sol(to, lamports)["result"])

    def try_to_send_sol(self, to: BotWallet, lamports: int) -> dict[str, Any]:
        """The answer to sending SOL to another wallet."""
        return self.send_instructions(self.payment(to, lamports))

    def payment(self, to: BotWallet, lamports: int) -> Instruction:
        """The instruction that sends SOL to another wallet."""
        return transfer(
            TransferParams(
                from_pubkey=self.keypair.pubkey(), to_pubkey=to.keypair.pubkey(), lamports=lamports
            )
        )

    def send_instructions(self, *instructions: Instruction) -> dict[str, Any]:
        """The answer to sending a transaction."""
        latest = self.result("getLatestBlockhash")["value"]["blockhash"]
        message = MessageV0.try_compile(
            self.keypair.pubkey(), list(instructions), [], Hash.from_string(latest)
        )
        wire = bytes(VersionedTransaction(message, [self.keypair]))
        encoded = base64.b64encode(wire).decode()
        return self.call("sendTransaction", encoded, {"encoding": "base64"})

    def limit_order(self, making: int, taking: int) -> dict[str, Any]:
        """Places a limit order to sell SOL; returns the result."""
        made = self.unsigned_limit_order(making, taking)
        signed = self.sign(made["transaction"])
        return dict(self.execute(signed, made["requestId"], path="trigger/v1").json())

    def unsigned_limit_order(self, making: int, taking: int) -> dict[str, Any]:
        """Asks for a limit order to sell SOL."""
        body = {
            "maker": self.address,
            "payer": self.address,
            "inputMint": SOL.mint,
            "outputMint": USDC.mint,
            "params": {"makingAmount": str(making), "takingAmount": str(taking)},
        }
        answer = requests.post(f"{self.url}/trigger/v1/createOrder", json=body, timeout=30)
        return dict(answer.json())

    def balances(self) -> dict[str, int]:
        """The wallet's balances in base units by mint; SOL under `SOL`."""
        answer = requests.get(f"{self.url}/ultra/v1/balances/{self.address}", timeout=30)
        return {name: int(each["amount"]) for name, each in answer.json().items()}
