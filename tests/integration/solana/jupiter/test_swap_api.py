"""Quotes and transactions in Jupiter's shapes, and Jupiter's errors for what is no request."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from solders.keypair import Keypair

from orders.market.tokens import BONK, BTC, SOL, TOKENS, USDC, Token
from orders.solana.signed_transaction import SignedTransaction
from tests.integration.solana.jupiter.clients import (
    QUOTE,
    WALLET,
    assert_refused,
    quote,
    swap_body,
)


def test_quote_has_jupiters_fields_and_strings_of_base_units(shared_client: FlaskClient) -> None:
    body = quote(shared_client, slippageBps=100)
    assert body["inAmount"] == "1500000000"
    assert body["swapMode"] == "ExactIn"
    assert body["slippageBps"] == 100
    assert int(body["outAmount"]) > int(body["otherAmountThreshold"]) > 0
    assert -(-int(body["outAmount"]) * 9900 // 10000) == int(body["otherAmountThreshold"])
    (step,) = body["routePlan"]
    assert step["swapInfo"]["label"] in ("Raydium", "Meteora")
    assert step["swapInfo"]["outAmount"] == body["outAmount"]
    assert step["percent"] == 100
    assert body["contextSlot"] > 0


def test_default_slippage_is_fifty_basis_points(shared_client: FlaskClient) -> None:
    assert quote(shared_client)["slippageBps"] == 50


@pytest.mark.parametrize("venue", ["Raydium", "Meteora"])
def test_dexes_and_exclude_dexes_choose_the_venue(shared_client: FlaskClient, venue: str) -> None:
    chosen = quote(shared_client, dexes=venue)
    assert chosen["routePlan"][0]["swapInfo"]["label"] == venue
    other = quote(shared_client, excludeDexes=venue)
    assert other["routePlan"][0]["swapInfo"]["label"] != venue


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"outputMint": SOL.mint}, "CIRCULAR_ARBITRAGE_IS_DISABLED"),
        ({"outputMint": str(Keypair().pubkey())}, "TOKEN_NOT_TRADABLE"),
        ({"outputMint": "usdc"}, "TOKEN_NOT_TRADABLE"),
        ({"outputMint": ""}, "INVALID_REQUEST"),
        ({"amount": "0"}, "INVALID_REQUEST"),
        ({"amount": "-1"}, "INVALID_REQUEST"),
        ({"amount": "1.5"}, "INVALID_REQUEST"),
        ({"amount": str(2**64)}, "INVALID_REQUEST"),
        ({"amount": "١٢"}, "INVALID_REQUEST"),
        ({"amount": "1"}, "COULD_NOT_FIND_ANY_ROUTE"),
        ({"amount": str(2**64 - 1)}, "COULD_NOT_FIND_ANY_ROUTE"),
        ({"slippageBps": "10001"}, "INVALID_REQUEST"),
        ({"swapMode": "ExactOut"}, "NOT_SUPPORTED"),
        ({"platformFeeBps": "20"}, "NOT_SUPPORTED"),
        ({"dexes": "Orca"}, "COULD_NOT_FIND_ANY_ROUTE"),
    ],
)
def test_bad_quotes_are_refused_in_jupiters_words(
    shared_client: FlaskClient, changes: dict[str, str], code: str
) -> None:
    response = shared_client.get("/swap/v1/quote", query_string={**QUOTE, **changes})
    assert assert_refused(response)["errorCode"] == code


def test_swap_is_the_quote_as_an_unsigned_transaction(shared_client: FlaskClient) -> None:
    body = swap_body(shared_client)
    answer = shared_client.post("/swap/v1/swap", json=body).get_json()
    read = SignedTransaction.decode(answer["swapTransaction"])
    read.check_form()
    assert not read.is_signed
    assert read.signer == WALLET.pubkey()
    assert read.swap is not None
    terms = read.swap[1]
    assert str(terms.amount_in) == body["quoteResponse"]["inAmount"]
    assert str(terms.min_amount_out) == body["quoteResponse"]["otherAmountThreshold"]
    assert (str(terms.mint_in), str(terms.mint_out)) == (SOL.mint, USDC.mint)
    assert answer["lastValidBlockHeight"] > body["quoteResponse"]["contextSlot"]
    assert answer["simulationError"] is None


def test_every_pair_of_tokens_fits_into_a_packet(shared_client: FlaskClient) -> None:
    for token, amount in ((SOL, 10**9), (USDC, 10**8), (BONK, 10**12)):
        for other in TOKENS:
            if token.mint == other.mint:
                continue
            pair = {"inputMint": token.mint, "outputMint": other.mint}
            asked = quote(shared_client, **pair, amount=amount)
            answer = shared_client.post(
                "/swap/v1/swap", json=swap_body(shared_client, quoteResponse=asked)
            ).get_json()
            _ = SignedTransaction.decode(answer["swapTransaction"]).actions


def test_swap_instructions_are_those_of_the_transaction(shared_client: FlaskClient) -> None:
    answer = shared_client.post("/swap/v1/swap-instructions", json=swap_body(shared_client))
    body = answer.get_json()
    assert body["swapInstruction"]["programId"] == "JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4"
    assert base64.b64decode(body["swapInstruction"]["data"])
    assert [each["isSigner"] for each in body["swapInstruction"]["accounts"]].count(True) == 1
    assert body["cleanupInstruction"] is not None
    assert len(body["blockhashWithMetadata"]["blockhash"]) == 32
    assert body["addressLookupTableAddresses"] == []


def test_tracking_account_is_named_by_the_swap(shared_client: FlaskClient) -> None:
    tracking = str(Keypair().pubkey())
    body = swap_body(shared_client, trackingAccount=tracking)
    answer = shared_client.post("/swap/v1/swap", json=body).get_json()
    read = SignedTransaction.decode(answer["swapTransaction"])
    assert read.swap is not None
    assert tracking in [str(key) for key in read.message.account_keys]


def test_labels_name_both_venues(shared_client: FlaskClient) -> None:
    labels = shared_client.get("/swap/v1/program-id-to-label").get_json()
    assert sorted(labels.values()) == ["Meteora", "Raydium"]


@pytest.mark.parametrize(
    "changes",
    [
        {"userPublicKey": "not an address"},
        {"userPublicKey": None},
        {"quoteResponse": None},
        {"quoteResponse": {}},
        {"quoteResponse": {**QUOTE, "swapMode": "ExactIn", "inAmount": "5", "routePlan": "x"}},
        {"asLegacyTransaction": True},
        {"useTokenLedger": True},
        {"trackingAccount": "mine"},
        {"destinationTokenAccount": str(Keypair().pubkey())},
        {"prioritizationFeeLamports": -5},
        {"prioritizationFeeLamports": 10**10},
        {"wrapAndUnwrapSol": "maybe"},
    ],
)
def test_bad_swaps_are_refused(shared_client: FlaskClient, changes: dict[str, Any]) -> None:
    assert_refused(shared_client.post("/swap/v1/swap", json=swap_body(shared_client, **changes)))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"a": NaN}', b"[" * 5000])
@pytest.mark.parametrize("path", ["/swap/v1/swap", "/swap/v1/swap-instructions"])
def test_bodies_that_are_no_objects_are_refused(
    shared_client: FlaskClient, path: str, body: bytes
) -> None:
    assert_refused(shared_client.post(path, data=body, content_type="application/json"))


def test_body_that_is_too_large_is_refused_in_jupiters_shape(shared_client: FlaskClient) -> None:
    body = b'{"quoteResponse": "' + b"x" * 70_000 + b'"}'
    response = shared_client.post("/swap/v1/swap", data=body, content_type="application/json")
    assert_refused(response, 413)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["inputMint", "outputMint", "inAmount", "otherAmountThreshold", "swapMode", "routePlan"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.dictionaries(NAMES, JSON))
def test_service_survives_any_quote_response(
    shared_client: FlaskClient, changes: dict[str, Any]
) -> None:
    body = swap_body(shared_client)
    body["quoteResponse"] = {**body["quoteResponse"], **changes}
    assert shared_client.post("/swap/v1/swap", json=body).status_code in (200, 400)


def test_api_key_changes_nothing(shared_client: FlaskClient) -> None:
    response = shared_client.get("/swap/v1/quote", query_string=QUOTE, headers={"x-api-key": "k"})
    assert response.status_code == 200


def test_prices_leave_out_what_nobody_knows(shared_client: FlaskClient) -> None:
    ids = f"{SOL.mint},{Keypair().pubkey()},{USDC.mint}"
    body = shared_client.get("/price/v3", query_string={"ids": ids}).get_json()
    assert set(body) == {SOL.mint, USDC.mint}
    assert 0.9 < body[USDC.mint]["usdPrice"] < 1.1
    assert body[SOL.mint]["decimals"] == 9
    assert set(body[SOL.mint]) == {
        "usdPrice", "liquidity", "decimals", "blockId", "priceChange24h", "createdAt",
    }  # fmt: skip


@pytest.mark.parametrize(("token", "other"), [(BTC, USDC), (BONK, USDC), (USDC, SOL)])
def test_liquidity_is_the_same_wherever_it_is_told(
    shared_client: FlaskClient, token: Token, other: Token
) -> None:
    prices = shared_client.get("/price/v3", query_string={"ids": token.mint}).get_json()
    pair = f"tokenIn={token.symbol}&tokenOut={other.symbol}"
    pools = shared_client.get(f"/api/market/prices?{pair}").get_json()
    assert prices[token.mint]["liquidity"] == pools["liquidityUsd"]


@pytest.mark.parametrize("ids", [None, "", ",".join(["x"] * 51)])
def test_bad_price_requests_are_refused(shared_client: FlaskClient, ids: str | None) -> None:
    assert_refused(shared_client.get("/price/v3", query_string={"ids": ids} if ids else {}))


@pytest.mark.parametrize("query", ["sol", "Solana", SOL.mint, f"{USDC.mint},{SOL.mint}"])
def test_search_finds_tokens_by_symbol_name_and_mint(
    shared_client: FlaskClient, query: str
) -> None:
    found = shared_client.get("/tokens/v2/search", query_string={"query": query}).get_json()
    assert SOL.mint in [token["id"] for token in found]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/ultra/v1/search", 404, "NOT_FOUND"),
        ("GET", "/tokens/v2/tag", 404, "NOT_FOUND"),
        ("GET", "/price/v9", 404, "NOT_FOUND"),
        ("POST", "/swap/v1/nothing", 404, "NOT_FOUND"),
        ("POST", "/swap/v1/quote", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/swap/v1/swap", 405, "METHOD_NOT_ALLOWED"),
    ],
)
def test_addresses_and_methods_that_are_not_there_are_refused_in_jupiters_form(
    shared_client: FlaskClient, method: str, path: str, status: int, code: str
) -> None:
    response = shared_client.open(path, method=method)
    assert assert_refused(response, status)["errorCode"] == code
    assert ("Allow" in response.headers) == (status == 405)


def test_other_addresses_keep_this_services_own_errors(shared_client: FlaskClient) -> None:
    for path in ("/nothing", "/api/swap/", "/ultra"):
        answer = shared_client.get(path, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_jupiter_can_be_switched_off(shared_app: Any) -> None:
    from dataclasses import replace

    from app import create_app

    components = shared_app.extensions["orders"]
    app = create_app(replace(components.settings, jupiter=False), components)
    answer = app.test_client().get("/swap/v1/quote", query_string=QUOTE)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
