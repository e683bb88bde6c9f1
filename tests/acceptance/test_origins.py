"""The origins that may open Socket.IO from a browser: the service's own and listed ones."""

from __future__ import annotations

import pytest
import requests

from tests.acceptance.conftest import MakeStack
from tests.stack import Stack

LISTED = "https://desk.example"


@pytest.fixture
def listing(make_stack: MakeStack) -> Stack:
    """A service that allows another origin."""
    return make_stack(workers=0, watchers=0, cors_origins=LISTED)


def status_for(stack: Stack, origin: str, **headers: str) -> int:
    return requests.get(
        f"{stack.url}/socket.io/?EIO=4&transport=polling",
        headers={"Origin": origin, **headers},
        timeout=10,
    ).status_code


def test_own_origin_is_accepted_beside_listed_ones(listing: Stack) -> None:
    assert status_for(listing, listing.url) == 200
    assert status_for(listing, LISTED) == 200
    assert status_for(listing, "https://evil.example") == 400


def test_own_origin_behind_a_proxy_is_what_the_proxy_says(listing: Stack) -> None:
    proxied = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "trade.example"}
    assert status_for(listing, "https://trade.example", **proxied) == 200
    assert status_for(listing, "https://trade.example") == 400


def test_without_listed_origins_only_the_own_one_is_accepted(stack: Stack) -> None:
    assert status_for(stack, stack.url) == 200
    assert status_for(stack, "https://evil.example") == 400
