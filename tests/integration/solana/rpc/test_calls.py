"""JSON-RPC as a node answers it: hostile requests get a node's own error, and store nothing."""

from __future__ import annotations

import base64
import json
from typing import Any

import base58
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import to_bytes_versioned
from solders.token.state import Mint
from solders.transaction import VersionedTransaction

from orders.market.tokens import USDC
from orders.solana import programs
from tests.integration.solana.rpc.clients import (
    LAMPORTS,
    balance,
    count,
    error,
    funded,
    post,
    result,
    send,
    signed,
    sol_transfer,
    swap,
)

METHODS = [
    "getLatestBlockhash", "isBlockhashValid", "getBlockHeight", "getSlot", "getEpochInfo",
    "getVersion", "getHealth", "getGenesisHash", "getBalance", "getAccountInfo",
    "getMultipleAccounts", "getTokenAccountBalance", "getTokenAccountsByOwner",
    "getMinimumBalanceForRentExemption", "getFeeForMessage", "getRecentPrioritizationFees",
    "requestAirdrop", "simulateTransaction", "sendTransaction", "getSignatureStatuses",
    "getSignaturesForAddress", "getTransaction",
]  # fmt: skip


@pytest.fixture
def rpc(client: FlaskClient) -> FlaskClient:
    return client


def test_network_tells_where_the_chain_stands(shared_client: FlaskClient) -> None:
    rpc = shared_client
    latest = result(rpc, "getLatestBlockhash")["value"]
    assert result(rpc, "isBlockhashValid", latest["blockhash"])["value"] is True
    assert result(rpc, "isBlockhashValid", str(Hash.new_unique()))["value"] is False
    slot = result(rpc, "getSlot", {"commitment": "processed"})
    assert 140 < latest["lastValidBlockHeight"] - slot <= 151
    assert slot - result(rpc, "getSlot") in (31, 32)
    assert result(rpc, "getEpochInfo")["slotsInEpoch"] == 432_000
    assert result(rpc, "getHealth") == "ok"
    assert len(result(rpc, "getGenesisHash")) >= 32
    assert result(rpc, "getMinimumBalanceForRentExemption", 165) == 2_039_280
    assert result(rpc, "getRecentPrioritizationFees")[0]["prioritizationFee"] == 0


def test_answer_that_would_be_older_than_the_caller_knows_is_refused(
    shared_client: FlaskClient,
) -> None:
    rpc, wallet = shared_client, str(Keypair().pubkey())
    slot = result(rpc, "getSlot", {"commitment": "processed"})
    reached = {"commitment": "processed", "minContextSlot": slot}
    assert result(rpc, "getBalance", wallet, reached)["context"]["slot"] >= slot
    for method in ("getBalance", "getAccountInfo", "getSignaturesForAddress"):
        refused = error(rpc, method, wallet, {"minContextSlot": slot + 1})
        assert refused["code"] == -32016
        assert refused["data"]["contextSlot"] <= slot
    assert error(rpc, "getSlot", {"minContextSlot": slot + 10**6})["code"] == -32016
    assert error(rpc, "getSlot", {"minContextSlot": "5"})["code"] == -32602


def test_airdrop_is_a_balance_and_a_landed_transaction(rpc: FlaskClient) -> None:
    wallet = Keypair().pubkey()
    signature = result(rpc, "requestAirdrop", str(wallet), 3 * LAMPORTS)
    assert balance(rpc, wallet) == 3 * LAMPORTS
    (status,) = result(rpc, "getSignatureStatuses", [signature])["value"]
    assert status["err"] is None
    account = result(rpc, "getAccountInfo", str(wallet), {"encoding": "base64"})["value"]
    assert account["owner"] == str(programs.SYSTEM)
    assert account["lamports"] == 3 * LAMPORTS


def test_accounts_come_in_each_encoding_but_zstd(rpc: FlaskClient) -> None:
    for encoding, decode in (("base64", base64.b64decode), ("base58", base58.b58decode)):
        account = result(rpc, "getAccountInfo", USDC.mint, {"encoding": encoding})["value"]
        text, written = account["data"]
        assert written == encoding
        assert Mint.from_bytes(decode(text)).decimals == 6
    parsed = result(rpc, "getAccountInfo", USDC.mint, {"encoding": "jsonParsed"})["value"]
    assert parsed["data"]["parsed"]["info"]["decimals"] == 6
    refused = error(rpc, "getAccountInfo", USDC.mint, {"encoding": "base64+zstd"})
    assert refused["code"] == -32602
    assert "use base64" in refused["message"]


def test_airdrops_are_limited(rpc: FlaskClient) -> None:
    wallet = str(Keypair().pubkey())
    refused = error(rpc, "requestAirdrop", wallet, 10**15)
    assert "faucet" in refused["message"]
    assert result(rpc, "getAccountInfo", wallet)["value"] is None


def test_transfer_moves_lamports_once(rpc: FlaskClient) -> None:
    wallet, friend = funded(rpc), Keypair().pubkey()
    transaction = signed(rpc, wallet, sol_transfer(wallet, friend, 1234))
    first = send(rpc, transaction)["result"]
    refused = send(rpc, transaction)["error"]
    assert (refused["code"], refused["data"]["err"]) == (-32002, "AlreadyProcessed")
    assert send(rpc, transaction, skipPreflight=True)["result"] == first
    assert balance(rpc, friend) == 1234
    assert balance(rpc, wallet.pubkey()) == 5 * LAMPORTS - 1234
    told = result(rpc, "getTransaction", first, {"maxSupportedTransactionVersion": 0})
    assert told["meta"]["preBalances"][0] - told["meta"]["postBalances"][0] == 1234
    version_needed = error(rpc, "getTransaction", first)
    assert version_needed["code"] == -32015


def test_swap_becomes_a_pending_order_that_holds_its_funds(rpc: FlaskClient) -> None:
    wallet = funded(rpc)
    transaction = signed(rpc, wallet, *swap(wallet, 4 * LAMPORTS))
    signature = send(rpc, transaction)["result"]
    assert send(rpc, transaction)["result"] == signature, "in flight, it may be sent again"
    assert count("SELECT count(*) FROM orders") == 1
    assert result(rpc, "getSignatureStatuses", [signature])["value"] == [None]
    overdrawn = send(rpc, signed(rpc, wallet, *swap(wallet, 2 * LAMPORTS)))["error"]
    assert overdrawn["data"]["err"]["InstructionError"][1] == {"Custom": 1}
    assert count("SELECT count(*) FROM orders") == 1


def test_missed_minimum_fails_the_preflight_with_6001(rpc: FlaskClient) -> None:
    wallet = funded(rpc)
    instructions = swap(wallet, minimum=10**12)
    refused = send(rpc, signed(rpc, wallet, *instructions))["error"]
    assert refused["code"] == -32002
    index, reason = refused["data"]["err"]["InstructionError"]
    assert reason == {"Custom": 6001}
    assert instructions[index].program_id == programs.JUPITER
    assert refused["data"]["logs"][-1].endswith("custom program error: 0x1771")
    assert "0x1771" in refused["message"]
    assert count("SELECT count(*) FROM orders") == 0


def test_tip_beside_a_swap_waits_for_the_swap(rpc: FlaskClient) -> None:
    wallet, tipped = funded(rpc), Keypair().pubkey()
    transaction = signed(rpc, wallet, *swap(wallet), sol_transfer(wallet, tipped, 5000))
    signature = send(rpc, transaction)["result"]
    assert "result" in send(rpc, transaction, skipPreflight=True)
    assert balance(rpc, tipped) == 0
    spendable = 4 * LAMPORTS - 5000
    too_much = signed(rpc, wallet, sol_transfer(wallet, tipped, spendable + 1))
    assert "error" in send(rpc, too_much), "the tip is held"
    assert balance(rpc, wallet.pubkey()) == 5 * LAMPORTS, "and has not left the wallet"
    status = result(rpc, "getSignatureStatuses", [signature])["value"]
    assert status == [None], "landed once its swap has"


def test_simulation_changes_nothing(rpc: FlaskClient) -> None:
    wallet = funded(rpc)
    transaction = signed(rpc, wallet, *swap(wallet), blockhash=str(Hash.new_unique()))
    config = {"encoding": "base64"}
    stale = result(rpc, "simulateTransaction", transaction, config)["value"]
    assert stale["err"] == "BlockhashNotFound"
    replaced = {**config, "replaceRecentBlockhash": True}
    tried = result(rpc, "simulateTransaction", transaction, replaced)["value"]
    assert tried["err"] is None
    assert tried["unitsConsumed"] > 0
    assert tried["replacementBlockhash"]["blockhash"]
    assert count("SELECT count(*) FROM orders") == 0
    assert balance(rpc, wallet.pubkey()) == 5 * LAMPORTS


def hostile(client: FlaskClient, wallet: Keypair) -> dict[str, tuple[str, int, Any]]:
    """Transactions that must not pass, with the code and the TransactionError they get."""
    good = swap(wallet)
    tampered = bytearray(base64.b64decode(signed(client, wallet, *good)))
    tampered[-30] ^= 1
    stranger = Keypair()
    foreign = Instruction(Keypair().pubkey(), b"x", [])
    from_other = sol_transfer(stranger, wallet.pubkey(), 5)
    stale = signed(client, wallet, *good, blockhash=str(Hash.new_unique()))
    two = signed(client, wallet, from_other, signers=(stranger,))
    unasked = Instruction(
        from_other.program_id,
        bytes(from_other.data),
        [
            AccountMeta(meta.pubkey, is_signer=False, is_writable=True)
            for meta in from_other.accounts
        ],
    )
    message = VersionedTransaction.from_bytes(
        base64.b64decode(signed(client, wallet, *good))
    ).message
    by_stranger = VersionedTransaction.populate(
        message, [stranger.sign_message(to_bytes_versioned(message))]
    )
    poor = Keypair()
    return {
        "no base64": ("%%%%", -32602, None),
        "no transaction": (base64.b64encode(b"hello").decode(), -32602, None),
        "truncated": (signed(client, wallet, *good)[:120], -32602, None),
        "too large": (base64.b64encode(bytes(1300)).decode(), -32602, None),
        "tampered": (base64.b64encode(bytes(tampered)).decode(), -32003, None),
        "wrong signer": (base64.b64encode(bytes(by_stranger)).decode(), -32003, None),
        "two signers": (two, -32602, None),
        "somebody else's money": (
            signed(client, wallet, unasked), -32002,
            {"InstructionError": [0, "MissingRequiredSignature"]},
        ),
        "foreign program": (
            signed(client, wallet, foreign), -32002, "ProgramAccountNotFound",
        ),
        "stale blockhash": (stale, -32002, "BlockhashNotFound"),
        "unfunded": (signed(client, poor, *swap(poor)), -32002, "AccountNotFound"),
    }  # fmt: skip


@pytest.mark.parametrize("skip_preflight", [False, True])
def test_hostile_transactions_get_a_nodes_error(rpc: FlaskClient, skip_preflight: bool) -> None:
    wallet = funded(rpc)
    for name, (transaction, code, reason) in hostile(rpc, wallet).items():
        refused = send(rpc, transaction, skipPreflight=skip_preflight)["error"]
        assert refused["code"] == code, name
        assert refused.get("data", {}).get("err") == reason, name
    assert count("SELECT count(*) FROM orders") == 0
    assert count("SELECT count(*) FROM chain.transfers WHERE wire IS NOT NULL") == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b"\xff\xfe", -32700),
        (b'{"jsonrpc": "2.0", "id": NaN}', -32700),
        (b"[" * 10_000, -32700),
        (b"1", -32600),
        (b"null", -32600),
        (b"[]", -32600),
        (json.dumps([{"jsonrpc": "2.0", "id": 1, "method": "getSlot"}] * 51).encode(), -32600),
        (b'{"id": 1, "method": "getSlot"}', -32600),
        (b'{"jsonrpc": "2.0", "id": {}, "method": "getSlot"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": 5}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "getBlocks"}', -32601),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "getSlot", "params": {"a": 1}}', -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "getBalance"}', -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "getBalance", "params": ["x"]}', -32602),
    ],
)
def test_bad_requests_get_the_codes_of_json_rpc(
    shared_client: FlaskClient, body: bytes, code: int
) -> None:
    response = post(shared_client, body)
    assert response.status_code == 200
    assert response.get_json()["error"]["code"] == code


def test_call_without_id_is_run_and_not_answered(rpc: FlaskClient) -> None:
    wallet = Keypair().pubkey()
    request = {"jsonrpc": "2.0", "method": "requestAirdrop", "params": [str(wallet), 5]}
    response = post(rpc, request)
    assert (response.status_code, response.data) == (200, b"")
    assert balance(rpc, wallet) == 5


def test_batch_is_answered_call_by_call(shared_client: FlaskClient) -> None:
    calls = [
        {"jsonrpc": "2.0", "id": "a", "method": "getHealth"},
        {"jsonrpc": "2.0", "method": "getHealth"},
        {"jsonrpc": "2.0", "id": None, "method": "nothing"},
        5,
    ]
    answers = post(shared_client, calls).get_json()
    assert [answer["id"] for answer in answers] == ["a", None, None]
    assert [answer.get("error", {}).get("code") for answer in answers] == [None, -32601, -32600]


def test_other_content_types_are_refused(shared_client: FlaskClient) -> None:
    assert shared_client.post("/rpc", data=b"{}", content_type="text/plain").status_code == 415


def test_huge_body_is_refused(shared_client: FlaskClient) -> None:
    response = post(shared_client, b'"' + b"x" * 70_000 + b'"')
    assert response.status_code == 413
    assert response.get_json()["error"]["code"] == -32600


PARAMS = st.lists(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=50)
    | st.sampled_from([str(Keypair().pubkey()), str(Keypair().sign_message(b"x"))])
    | st.lists(st.text(max_size=5), max_size=3)
    | st.dictionaries(
        st.sampled_from(["encoding", "commitment", "limit", "mint", "before", "dataSlice"]),
        st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2),
    ),
    max_size=4,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.sampled_from(METHODS), PARAMS)
def test_methods_survive_any_parameters(
    shared_client: FlaskClient, method: str, params: list[Any]
) -> None:
    request = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
    response = post(shared_client, request)
    assert response.status_code == 200
    refused = response.get_json().get("error", {"code": 0, "message": ""})
    # The faucet's own limit is a node's internal error.
    assert refused["code"] not in (-32603, -32005) or "faucet" in refused["message"]
