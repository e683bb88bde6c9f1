"""Wallets that clients bring along get paper money and can be looked at."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from solders.keypair import Keypair


def test_faucet_gives_a_new_wallet_tokens(client: FlaskClient) -> None:
    wallet = str(Keypair().pubkey())
    empty = client.get(f"/api/wallets/{wallet}/balances")
    assert empty.get_json() == {"wallet": wallet, "balances": []}
    given = client.post(f"/api/wallets/{wallet}/faucet", json={"token": "usdc", "amount": "12.5"})
    assert given.status_code == 200
    (balance,) = given.get_json()["balances"]
    assert (balance["token"], balance["available"]) == ("USDC", 12.5)
    seen = client.get(f"/api/wallets/{wallet}/balances").get_json()
    assert seen["balances"] == [balance]
    status = {"jsonrpc": "2.0", "id": 1, "method": "getSignatureStatuses"}
    call = client.post("/rpc", json={**status, "params": [[given.get_json()["signature"]]]})
    assert call.get_json()["result"]["value"][0]["err"] is None


@pytest.mark.parametrize(
    ("address", "fields", "code"),
    [
        ("nobody", {"token": "SOL", "amount": 1}, "validation_failed"),
        (None, {"token": "NONE", "amount": 1}, "unknown_token"),
        (None, {"token": "SOL", "amount": "0.0000000001"}, "validation_failed"),
        (None, {"token": "SOL", "amount": 1_000_000}, "faucet_limit"),
    ],
)
def test_faucet_refuses_what_it_cannot_give(
    client: FlaskClient, address: str | None, fields: dict[str, Any], code: str
) -> None:
    wallet = address or str(Keypair().pubkey())
    refused = client.post(f"/api/wallets/{wallet}/faucet", json=fields)
    assert refused.get_json()["code"] == code
