"""Orders in Jupiter's sense: their fields, and what is refused rather than ignored."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from solders.keypair import Keypair

from orders.market.tokens import SOL
from tests.integration.solana.jupiter.clients import (
    QUOTE,
    WALLET,
    assert_refused,
    fund,
    get_order,
)

OTHER = str(Keypair().pubkey())
TAKER = str(WALLET.pubkey())


@pytest.mark.parametrize("path", ["/swap/v2/order", "/ultra/v1/order"])
@pytest.mark.parametrize(
    ("option", "code"),
    [
        ({"receiver": OTHER}, "NOT_SUPPORTED"),
        ({"payer": OTHER}, "NOT_SUPPORTED"),
        ({"referralAccount": OTHER}, "NOT_SUPPORTED"),
        ({"referralFee": "50"}, "NOT_SUPPORTED"),
        ({"platformFeeBps": "20"}, "NOT_SUPPORTED"),
        ({"swapMode": "ExactOut"}, "NOT_SUPPORTED"),
        ({"excludeRouters": "jupiterz, metis"}, "COULD_NOT_FIND_ANY_ROUTE"),
        ({"broadcastFeeType": "most"}, "INVALID_REQUEST"),
        ({"priorityFeeLamports": "1.5"}, "INVALID_REQUEST"),
    ],
)
def test_options_that_cannot_be_followed_are_refused(
    shared_client: FlaskClient, path: str, option: dict[str, str], code: str
) -> None:
    for taker in ({"taker": TAKER}, {}):
        response = shared_client.get(path, query_string={**QUOTE, **taker, **option})
        assert assert_refused(response)["errorCode"] == code


def test_taker_may_be_named_as_the_one_who_pays_and_receives(shared_client: FlaskClient) -> None:
    taker = fund(shared_client, SOL, 2)
    order = get_order(
        shared_client,
        taker=taker,
        receiver=taker,
        payer=taker,
        referralAccount="",
        excludeRouters="jupiterz,dflow,okx",
        broadcastFeeType="maxCap",
    )
    assert order["transaction"]


def test_order_has_the_types_of_jupiters_specification(shared_client: FlaskClient) -> None:
    order = get_order(shared_client, taker=fund(shared_client, SOL, 2))
    assert order["lastValidBlockHeight"].isdigit()
    assert order["platformFee"]["feeBps"] == order["feeBps"] == 0
    unsigned = get_order(shared_client)
    assert unsigned["transaction"] is None
    assert "lastValidBlockHeight" not in unsigned
