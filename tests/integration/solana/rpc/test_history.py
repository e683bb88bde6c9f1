"""Which transactions a node tells of, and in which order."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from solders.keypair import Keypair

from orders.storage.database import connection, database
from orders.wiring import Components
from tests.integration.solana.rpc.test_calls import (
    funded,
    result,
    send,
    signed,
    sol_transfer,
    swap,
)


def status(client: FlaskClient, signature: str) -> Any:
    return result(client, "getSignatureStatuses", [signature])["value"][0]


def settle(components: Components) -> None:
    """Executes what waits, as a worker would."""
    with connection():
        rows = database.execute_sql("SELECT id FROM orders WHERE in_flight").fetchall()
    for (order_id,) in rows:
        while components.engine.execute(UUID(str(order_id))) is not None:
            pass


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
