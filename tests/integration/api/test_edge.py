"""What other sites, other hosts and strangers get: cancels, redirects, queue figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from orders.accounts.sessions import Sessions
from orders.wiring import Components
from tests.clients import MARKET

TOKEN = "a token for Prometheus"
CREDENTIALS = {"email": "edge@example.org", "password": "a long password"}


def client_with(components: Components, **changes: Any) -> FlaskClient:
    """A client of a service with other settings."""
    settings = replace(components.settings, **changes)
    sessions = Sessions(settings, components.clock)
    return create_app(
        settings, replace(components, settings=settings, sessions=sessions)
    ).test_client()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


ALLOWED: tuple[dict[str, str], ...] = (
    {},
    {"Origin": "http://localhost"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://friend.example"},
)
REFUSED = (
    {"Origin": "http://evil.example"},
    {"Origin": "http://localhost:8000"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:8000"},
)


@pytest.mark.parametrize("by_post", [True, False])
def test_page_of_another_site_can_not_cancel_an_anonymous_order(
    components: Components, by_post: bool
) -> None:
    client = client_with(components, cors_origins="https://friend.example")

    def cancel(headers: dict[str, str]) -> tuple[int, str | None, str]:
        order_id = client.post("/api/orders/execute", json=MARKET).get_json()["orderId"]
        address = f"/api/orders/{order_id}"
        if by_post:
            answer = client.post(f"{address}/cancel", headers=headers)
        else:
            answer = client.delete(address, headers=headers)
        status = client.get(address).get_json()["status"]
        return answer.status_code, answer.get_json().get("code"), status

    for headers in ALLOWED:
        assert cancel(headers) == (200, None, "cancelled"), headers
    for headers in REFUSED:
        assert cancel(headers) == (403, "cross_site_request", "pending"), headers


def test_token_cancels_its_accounts_order_from_any_site(
    components: Components,
) -> None:
    client = client_with(components)
    token = client.post("/api/auth/signup", json=CREDENTIALS).get_json()["token"]
    placed = client.post("/api/orders/execute", json=MARKET, headers=bearer(token)).get_json()
    answer = client.delete(
        f"/api/orders/{placed['orderId']}", headers={**bearer(token), "Origin": "http://a.example"}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("proxies", [0, 1])
def test_redirect_names_no_host(components: Components, proxies: int) -> None:
    client = client_with(components, trusted_proxies=proxies)
    headers = {"X-Forwarded-Host": "evil.example", "Host": "evil.example"}
    answer = client.get("/api//tokens?a=b", headers=headers)
    assert (answer.status_code, answer.headers["Location"]) == (308, "/api/tokens?a=b")
    assert "evil" not in answer.get_data(as_text=True)


LOCAL: dict[str, Any] = {}
AUTH = {"require_auth": True}
PRODUCTION = {"environment": "production"}
WITH_TOKEN = {"metrics_token": TOKEN}


@pytest.mark.parametrize(
    ("changes", "token", "status"),
    [
        (LOCAL, None, 200),
        (AUTH, None, 404),
        (PRODUCTION, None, 404),
        (WITH_TOKEN, None, 401),
        (WITH_TOKEN, "another token", 401),
        (WITH_TOKEN, TOKEN, 200),
        ({**PRODUCTION, **AUTH, **WITH_TOKEN}, TOKEN, 200),
        ({**PRODUCTION, **AUTH, **WITH_TOKEN}, None, 401),
    ],
)
def test_metrics_need_their_token(
    components: Components, changes: dict[str, Any], token: str | None, status: int
) -> None:
    client = client_with(components, **changes)
    for address in ("/metrics", "/metrics/"):
        answer = client.get(address, headers=bearer(token) if token else {})
        assert answer.status_code == status, address
        assert (answer.headers.get("WWW-Authenticate") == "Bearer") == (status == 401)
        assert ("orders_" in answer.get_data(as_text=True)) == (status == 200)


def test_metrics_are_not_for_accounts(components: Components) -> None:
    client = client_with(components, **WITH_TOKEN)
    token = client.post("/api/auth/signup", json=CREDENTIALS).get_json()["token"]
    assert client.get("/metrics", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize(
    ("changes", "anonymous", "with_token"),
    [
        (LOCAL, 200, 401),
        (AUTH, 401, 401),
        (WITH_TOKEN, 200, 200),
        ({**AUTH, **WITH_TOKEN}, 401, 200),
    ],
)
def test_queue_figures_are_for_callers_who_may_place_orders_and_for_the_token(
    components: Components, changes: dict[str, Any], anonymous: int, with_token: int
) -> None:
    client = client_with(components, **changes)
    address = "/api/queue/metrics"
    assert client.get(address).status_code == anonymous
    assert client.get(address, headers=bearer(TOKEN)).status_code == with_token
    account = client.post("/api/auth/signup", json=CREDENTIALS).get_json()["token"]
    assert client.get(address, headers=bearer(account)).status_code == 200
