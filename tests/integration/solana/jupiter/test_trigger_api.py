"""Limit orders in the form of Jupiter's Trigger API, as far as they need no processes."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from solders.keypair import Keypair
from solders.message import to_bytes_versioned
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from orders.market.tokens import SOL, USDC
from orders.solana.instructions import ComputeUnitPrice
from orders.solana.limit_orders import LIMIT_ORDERS
from orders.solana.signed_transaction import SignedTransaction
from orders.solana.transactions import build
from orders.storage.database import connection, database

DAY_S = 86_400
ORDER_FIELDS = {
    "userPubkey", "orderKey", "inputMint", "outputMint", "makingAmount", "takingAmount",
    "remainingMakingAmount", "remainingTakingAmount", "rawMakingAmount", "rawTakingAmount",
    "rawRemainingMakingAmount", "rawRemainingTakingAmount", "slippageBps", "expiredAt",
    "createdAt", "updatedAt", "status", "openTx", "closeTx", "programVersion", "trades",
}  # fmt: skip
"""What Jupiter's specification requires of an order."""


class Maker:
    """A wallet that places limit orders."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.keypair = Keypair()
        self.address = str(self.keypair.pubkey())
        for token in ("SOL", "USDC"):
            asked = {"token": token, "amount": "10"}
            client.post(f"/api/wallets/{self.address}/faucet", json=asked)

    def create(self, params: dict[str, Any] | None = None, **changes: Any) -> Any:
        body = {
            "maker": self.address,
            "payer": self.address,
            "inputMint": SOL.mint,
            "outputMint": USDC.mint,
            "params": {"makingAmount": "1000000", "takingAmount": "900000000000", **(params or {})},
            **changes,
        }
        return self.client.post("/trigger/v1/createOrder", json=body)

    def sign(self, unsigned: VersionedTransaction) -> str:
        signature = self.keypair.sign_message(to_bytes_versioned(unsigned.message))
        signed = VersionedTransaction.populate(unsigned.message, [signature])
        return base64.b64encode(bytes(signed)).decode()

    def pay(self, address: str) -> None:
        """Sends a lamport to an address."""
        clock = self.client.application.extensions["solana"]().clock
        sent = TransferParams(
            from_pubkey=self.keypair.pubkey(),
            to_pubkey=Pubkey.from_string(address),
            lamports=1,
        )
        blockhash = clock.latest_blockhash().value
        signed = self.sign(build(self.keypair.pubkey(), [transfer(sent)], blockhash))
        params = [signed, {"encoding": "base64"}]
        call = {"jsonrpc": "2.0", "id": 1, "method": "sendTransaction", "params": params}
        answer = self.client.post("/rpc", json=call).get_json()
        assert "result" in answer, answer

    def place(self, **changes: Any) -> str:
        """Places an order that rests; returns its address."""
        made = self.create(**changes).get_json()
        self.execute(made)
        return str(made["order"])

    def execute(self, made: dict[str, Any]) -> str:
        """Executes what was built; returns the signature."""
        unsigned = VersionedTransaction.from_bytes(base64.b64decode(made["transaction"]))
        body = {"signedTransaction": self.sign(unsigned), "requestId": made["requestId"]}
        done = self.client.post("/trigger/v1/execute", json=body).get_json()
        assert done["status"] == "Success", done
        return str(done["signature"])

    def orders(self, **wanted: str) -> list[dict[str, Any]]:
        query = {"user": self.address, "orderStatus": "active", **wanted}
        answer = self.client.get("/trigger/v1/getTriggerOrders", query_string=query)
        assert answer.status_code == 200, answer.text
        return list(answer.get_json()["orders"])


@pytest.fixture
def maker(shared_client: FlaskClient) -> Maker:
    """A wallet with SOL and USDC."""
    return Maker(shared_client)


def test_order_has_every_field_that_jupiter_requires(maker: Maker) -> None:
    address = maker.place()
    (order,) = maker.orders()
    assert set(order) >= ORDER_FIELDS
    assert order["orderKey"] == address
    assert (order["rawRemainingMakingAmount"], order["remainingMakingAmount"]) == (
        "1000000", "0.001",
    )  # fmt: skip
    assert order["rawRemainingTakingAmount"] == order["rawTakingAmount"] == "900000000000"
    assert order["programVersion"] == str(LIMIT_ORDERS)
    assert len(order["openTx"]) > 80


def test_strangers_transaction_to_its_address_does_not_close_an_order(maker: Maker) -> None:
    address = maker.place()
    stranger = Maker(maker.client)
    body = {"maker": maker.address, "order": address}
    cancel = maker.client.post("/trigger/v1/cancelOrder", json=body).get_json()
    signature = maker.execute(cancel)
    stranger.pay(address)
    (over,) = maker.orders(orderStatus="history")
    assert over["closeTx"] == signature


def test_orders_are_filtered_by_their_mints(maker: Maker) -> None:
    sells = maker.place()
    buys = maker.place(inputMint=USDC.mint, outputMint=SOL.mint)

    def found(**wanted: str) -> list[str]:
        return [order["orderKey"] for order in maker.orders(**wanted)]

    assert found() == [buys, sells]
    assert found(inputMint=SOL.mint) == found(outputMint=USDC.mint) == [sells]
    assert found(inputMint=USDC.mint) == [buys]
    assert found(inputMint=USDC.mint, outputMint=USDC.mint) == []


def test_failed_orders_are_left_out_on_request(maker: Maker) -> None:
    maker.place()
    with connection():
        database.execute_sql(
            "UPDATE orders SET status = 'failed', outcome = 'failed' WHERE wallet = %s",
            (maker.address,),
        )
    (failed,) = maker.orders(orderStatus="history")
    assert failed["status"] == "Failed"
    assert len(maker.orders(orderStatus="history", includeFailedTx="true")) == 1
    assert maker.orders(orderStatus="history", includeFailedTx="false") == []


def test_order_without_an_expiry_rests_as_long_as_an_order_may(maker: Maker) -> None:
    maker.place()
    (order,) = maker.orders()
    begun, ends = (datetime.fromisoformat(order[name]) for name in ("createdAt", "expiredAt"))
    assert 29 * DAY_S < (ends - begun).total_seconds() <= 30 * DAY_S


def test_price_of_compute_units_stands_in_the_transaction(maker: Maker) -> None:
    for asked, price in ((None, 0), ("auto", 0), ("2500", 2_500), (7, 7)):
        made = maker.create(computeUnitPrice=asked).get_json()
        actions = SignedTransaction.decode(made["transaction"]).actions
        (found,) = [each for each in actions if isinstance(each, ComputeUnitPrice)]
        assert found.micro_lamports == price


@pytest.mark.parametrize(
    ("params", "changes"),
    [
        ({}, {"maker": "nobody"}),
        ({}, {"payer": str(Keypair().pubkey())}),
        ({}, {"feeAccount": str(Keypair().pubkey())}),
        ({"feeBps": "20"}, {}),
        ({"expiredAt": "99999999999"}, {}),
        ({"makingAmount": "0"}, {}),
        ({}, {"computeUnitPrice": "much"}),
        ({"takingAmount": None}, {}),
    ],
)
def test_refusals_have_jupiters_error_and_numeric_code(
    maker: Maker, params: dict[str, Any], changes: dict[str, Any]
) -> None:
    response = maker.create(params, **changes)
    body = response.get_json()
    assert response.status_code == body["code"] == 400
    assert body["error"]


@pytest.mark.parametrize(
    "query",
    [{"orderStatus": "open"}, {"page": "0"}, {"inputMint": "usdc"}, {"includeFailedTx": "some"}],
)
def test_lists_that_cannot_be_are_refused(maker: Maker, query: dict[str, str]) -> None:
    asked = {"user": maker.address, **query}
    response = maker.client.get("/trigger/v1/getTriggerOrders", query_string=asked)
    assert (response.status_code, response.get_json()["code"]) == (400, 400)


def test_strangers_order_is_not_found_with_a_numeric_code(maker: Maker) -> None:
    body = {"maker": maker.address, "order": str(Keypair().pubkey())}
    response = maker.client.post("/trigger/v1/cancelOrder", json=body)
    assert (response.status_code, response.get_json()["code"]) == (404, 404)


def test_missing_addresses_have_a_numeric_code_too(maker: Maker) -> None:
    response = maker.client.get("/trigger/v1/openOrders")
    assert (response.status_code, response.get_json()["code"]) == (404, 404)


def test_outcome_leaves_out_what_there_is_not(maker: Maker) -> None:
    body = {"signedTransaction": "%%%", "requestId": "x"}
    for path in ("/trigger/v1/execute", "/swap/v2/execute"):
        answer = maker.client.post(path, json=body).get_json()
        assert set(answer) == {"status", "code", "error"}
