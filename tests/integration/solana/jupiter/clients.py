"""What the tests of Jupiter's API ask, and the form of its refusals."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from solders.keypair import Keypair

from orders.market.tokens import SOL, USDC, Token

WALLET = Keypair()
QUOTE = {"inputMint": SOL.mint, "outputMint": USDC.mint, "amount": "1500000000"}


def quote(client: FlaskClient, **changes: Any) -> dict[str, Any]:
    """A quote."""
    response = client.get("/swap/v1/quote", query_string={**QUOTE, **changes})
    assert response.status_code == 200, response.text
    return dict(response.get_json())


def swap_body(client: FlaskClient, **changes: Any) -> dict[str, Any]:
    """What `/swap` is asked with."""
    return {"quoteResponse": quote(client), "userPublicKey": str(WALLET.pubkey()), **changes}


def get_order(client: FlaskClient, **changes: Any) -> dict[str, Any]:
    """An order, in Jupiter's sense."""
    response = client.get("/swap/v2/order", query_string={**QUOTE, **changes})
    assert response.status_code == 200, response.text
    return dict(response.get_json())


def fund(client: FlaskClient, token: Token, amount: int) -> str:
    """The address of a new wallet with paper money."""
    wallet = str(Keypair().pubkey())
    asked = {"token": token.symbol, "amount": str(amount)}
    assert client.post(f"/api/wallets/{wallet}/faucet", json=asked).status_code in (200, 201)
    return wallet


def assert_refused(response: Any, status: int = 400) -> dict[str, Any]:
    """The body of a refusal in Jupiter's form."""
    assert response.status_code == status, response.text
    body = dict(response.get_json())
    assert set(body) == {"error", "errorCode"}
    return body
