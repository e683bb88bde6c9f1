"""Which transactions a node tells of, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from orders.domain import failpoints
from orders.solana import history, programs
from orders.storage.database import connection, database
from orders.storage.pruning import prune
from orders.wiring import Components
from tests.integration.solana.rpc.clients import (
    USDC_MINT,
    count,
    funded,
    give,
    result,
    send,
    settle,
    signed,
    sol_transfer,
    swap,
    transfer_checked,
)


def status(client: FlaskClient, signature: str) -> Any:
    return result(client, "getSignatureStatuses", [signature])["value"][0]


class Killed(BaseException):
    """The worker has ended at a crash point."""


def send_and_die(components: Components, monkeypatch: pytest.MonkeyPatch) -> None:
    """Executes what waits, by a worker that is killed after it has sent the transaction."""

    def die(_: int) -> None:
        raise Killed

    monkeypatch.setattr(failpoints, "die", die)
    failpoints.arm("after_send")
    with pytest.raises(Killed):
        settle(components)
    failpoints.arm("")


def test_swap_with_a_tip_has_landed_once_its_order_has_ended(
    client: FlaskClient, components: Components
) -> None:
    wallet, tipped = funded(client), Keypair().pubkey()
    instructions = [*swap(wallet), sol_transfer(wallet, tipped, 5000)]
    signature = send(client, signed(client, wallet, *instructions))["result"]
    assert status(client, signature) is None
    assert result(client, "getTransaction", signature) is None
    settle(components)
    assert status(client, signature)["err"] is None


def listed(client: FlaskClient, account: Pubkey, **config: Any) -> list[dict[str, Any]]:
    return list(result(client, "getSignaturesForAddress", str(account), config))


def signatures(client: FlaskClient, account: Pubkey, **config: Any) -> list[str]:
    return [each["signature"] for each in listed(client, account, **config)]


def test_transactions_are_listed_in_the_order_of_their_landing(client: FlaskClient) -> None:
    wallet, friend = funded(client), Keypair().pubkey()
    sent: list[str] = signatures(client, wallet.pubkey())
    assert len(sent) == 1, "the airdrop"
    polled: list[str] = []
    for lamports in range(1, 31):
        transfer = sol_transfer(wallet, friend, lamports)
        sent.insert(0, send(client, signed(client, wallet, transfer))["result"])
        news = signatures(client, friend, **({"until": polled[0]} if polled else {}))
        polled = news + polled
    assert signatures(client, wallet.pubkey()) == sent
    assert polled == sent[:-1]
    page = signatures(client, wallet.pubkey(), before=sent[3], until=sent[20], limit=10)
    assert page == sent[4:14]


def test_incoming_tokens_are_listed_for_the_account_that_gets_them(client: FlaskClient) -> None:
    wallet, friend = funded(client), Keypair().pubkey()
    give(client, wallet, "USDC", 100)
    sent = signed(client, wallet, *transfer_checked(wallet, friend, 5, 6))
    signature = send(client, sent)["result"]
    assert signatures(client, programs.token_account(friend, USDC_MINT)) == [signature]
    assert signatures(client, friend) == [signature], "named by the creation of its account"
    assert signatures(client, Keypair().pubkey()) == []


def test_nothing_is_listed_before_an_earlier_swap(
    client: FlaskClient, components: Components, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallet, friend = funded(client), Keypair().pubkey()
    swapped = send(client, signed(client, wallet, *swap(wallet)))["result"]
    send_and_die(components, monkeypatch)
    later = send(client, signed(client, wallet, sol_transfer(wallet, friend, 5)))["result"]
    assert signatures(client, friend) == [later]
    assert later not in signatures(client, wallet.pubkey())
    settle(components)
    assert signatures(client, wallet.pubkey())[:2] == [later, swapped]


def test_pruned_transactions_leave_the_list(client: FlaskClient, components: Components) -> None:
    wallet = funded(client)
    send(client, signed(client, wallet, *swap(wallet)))
    settle(components)
    assert len(signatures(client, wallet.pubkey())) == 2
    for _ in prune(components.order_store.now() + timedelta(hours=1), 100):
        pass
    assert signatures(client, wallet.pubkey()) == []
    assert count("SELECT count(*) FROM chain.account_transactions") == 0


def test_memos_are_listed_with_their_lengths(client: FlaskClient) -> None:
    wallet = funded(client)
    memos = [Instruction(programs.MEMO, text.encode(), []) for text in ("hi", "grün")]
    send(client, signed(client, wallet, *memos))
    assert [each["memo"] for each in listed(client, wallet.pubkey())] == ["[2] hi; [5] grün", None]


MANY = """
INSERT INTO chain.transfers (signature, signer, wire, slot, landed_at)
SELECT 'many' || number, signer, wire, number, landed_at - number * interval '1 second'
FROM chain.transfers, generate_series(1, 5000) AS number WHERE wire IS NOT NULL;
ANALYZE
"""


def test_page_from_the_middle_reads_no_more_than_the_page(client: FlaskClient) -> None:
    wallet = funded(client)
    send(client, signed(client, wallet, sol_transfer(wallet, Keypair().pubkey(), 5)))
    with connection():
        database.execute_sql(MANY)
    before = history.landed(["many2500"], datetime.now(UTC))["many2500"]
    arguments = {
        "account": bytes(wallet.pubkey()),
        "now": datetime.now(UTC),
        "limit": 10,
        "before_at": before.at,
        "before": before.signature,
        "until_at": "-infinity",
        "until": "",
    }
    with connection():
        rows = database.execute_sql(f"EXPLAIN {history.OF_ACCOUNT}", arguments).fetchall()
    plan = "\n".join(row[0] for row in rows)
    assert "Index Only Scan Backward using account_transactions_pkey" in plan, plan
    page = history.landed_of(wallet.pubkey(), datetime.now(UTC), 2, before)
    assert [each.signature for each in page] == ["many2501", "many2502"]
