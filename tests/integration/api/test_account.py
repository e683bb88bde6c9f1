"""An account's money over HTTP."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from app import create_app
from orders.config import Settings
from orders.domain import exact_json
from orders.market.tokens import SOL, is_mint_address
from orders.wiring import Components, wire
from tests.clients import wait_until

MARKET = {"tokenIn": "SOL", "tokenOut": "USDC", "amount": 10}
ROUNDING = Decimal("0.000002")
"""How far sums in USD may differ, each of which is rounded to six places."""


class Member:
    """An account and its client."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        body = {"email": f"{uuid4().hex}@example.org", "password": "correct horse battery"}
        self.token = client.post("/api/auth/signup", json=body).get_json()["token"]

    def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = self._client.open(
            path, method=method, json=body, headers={"Authorization": f"Bearer {self.token}"}
        )
        assert answer.status_code == status, answer.get_data(as_text=True)
        return exact_json.loads(answer.get_data())

    def balance(self, token: str) -> dict[str, Any]:
        found = self.ask("GET", "/api/account/balances")["balances"]
        return next(each for each in found if each["token"] == token)


@pytest.fixture
def member(client: FlaskClient) -> Member:
    """An account that has just signed up."""
    return Member(client)


def fill(components: Components, member: Member, body: dict[str, Any] = MARKET) -> str:
    order_id = str(member.ask("POST", "/api/orders", body, 202)["orderId"])
    components.engine.execute(UUID(order_id))
    return order_id


def test_account_tells_its_wallet_and_its_worth(member: Member) -> None:
    account = member.ask("GET", "/api/account")
    assert is_mint_address(account["wallet"])
    assert account["equityUsd"] > 100_000
    assert (account["epoch"], account["sequence"]) == (1, 1)
    assert abs(account["change24hUsd"]) < account["equityUsd"] / 10


def test_fill_shows_in_balances_positions_fills_ledger_and_equity(
    components: Components, member: Member
) -> None:
    order_id = fill(components, member)
    order = member.ask("GET", f"/api/orders/{order_id}")
    assert (order["status"], order["funded"]) == ("confirmed", True)

    assert member.balance("SOL")["total"] == 990
    assert member.balance("USDC")["total"] == 100_000 + order["amountOut"]
    positions = {
        each["token"]: each for each in member.ask("GET", "/api/account/positions")["positions"]
    }
    assert positions["SOL"]["quantity"] == 990
    assert positions["SOL"]["realisedProfitUsd"] != 0
    (swap,) = member.ask("GET", "/api/account/fills")["fills"]
    assert (swap["orderId"], swap["amountIn"]) == (order_id, 10)
    assert swap["amountOut"] == order["amountOut"]
    newest, opening = member.ask("GET", "/api/account/ledger")["transfers"]
    assert (newest["kind"], newest["orderId"], opening["kind"]) == ("swap", order_id, "reset")
    assert sum(e["amount"] for e in newest["entries"] if e["token"] == "SOL") == 0
    points = member.ask("GET", "/api/account/equity?interval=1s")["points"]
    assert points[-1]["equityUsd"] > 100_000


def test_order_has_the_value_of_its_fill_and_none_before(
    components: Components, member: Member
) -> None:
    order_id = str(member.ask("POST", "/api/orders", MARKET, 202)["orderId"])
    before = member.ask("GET", f"/api/orders/{order_id}")
    assert (before["amountInUsd"], before["amountOutUsd"]) == (None, None)
    components.engine.execute(UUID(order_id))
    order = member.ask("GET", f"/api/orders/{order_id}")
    (swap,) = member.ask("GET", "/api/account/fills")["fills"]
    assert order["amountOutUsd"] == swap["valueUsd"]
    # For so few tokens fee and price impact cost little.
    assert 0 < abs(order["amountInUsd"] - order["amountOutUsd"]) < order["amountInUsd"] / 10
    (listed,) = member.ask("GET", "/api/orders")["orders"]
    assert listed == order


def test_overdrawing_is_refused_with_the_figures(member: Member) -> None:
    problem = member.ask("POST", "/api/orders", MARKET | {"amount": "1000.5"}, 422)
    assert problem["code"] == "insufficient_funds"
    assert (problem["token"], problem["needed"], problem["available"]) == (
        "SOL",
        Decimal("1000.5"),
        1000,
    )
    assert member.ask("GET", "/api/orders")["orders"] == []


def test_anonymous_order_has_no_wallet(client: FlaskClient) -> None:
    placed = client.post("/api/orders/execute", json=MARKET | {"amount": 5_000})
    assert placed.status_code == 202
    order = client.get(placed.headers["Location"]).get_json()
    assert (order["wallet"], order["funded"]) == (None, False)


def test_faucet_gives_up_to_its_limit(member: Member) -> None:
    after = member.ask("POST", "/api/account/faucet", {"token": "USDC", "amount": 90_000})
    usdc = next(each for each in after["balances"] if each["token"] == "USDC")
    assert usdc["total"] == 190_000
    problem = member.ask("POST", "/api/account/faucet", {"token": "USDC", "amount": 20_000}, 429)
    assert problem["code"] == "faucet_limit"
    member.ask("POST", "/api/account/faucet", {"token": "DOGE", "amount": 1}, 400)
    member.ask("POST", "/api/account/faucet", {"token": "SOL", "amount": "0.0000000001"}, 400)


def test_service_without_a_faucet_gives_only_opening_balances(settings: Settings) -> None:
    components = wire(replace(settings, faucet_limit_usd=0))
    client = create_app(components.settings, components).test_client()
    member = Member(client)
    refused = member.ask("POST", "/api/account/faucet", {"token": "SOL", "amount": 1}, 403)
    assert refused["code"] == "faucet_off"
    refused = member.ask("POST", "/api/account/reset", {"balances": {"SOL": 10**6}}, 403)
    assert refused["code"] == "faucet_off"
    after = member.ask("POST", "/api/account/reset", {})
    assert {e["token"]: e["total"] for e in after["balances"]} == {"SOL": 1000, "USDC": 100_000}
    wallet = client.post(f"/api/wallets/{SOL.mint}/faucet", json={"token": "SOL", "amount": 1})
    assert (wallet.status_code, wallet.get_json()["code"]) == (403, "faucet_off")
    page = client.get("/portfolio").get_data(as_text=True)
    assert "Get from the faucet" not in page
    components.close()


def test_deposit_is_no_profit(member: Member) -> None:
    before = member.ask("GET", "/api/account")
    member.ask("POST", "/api/account/faucet", {"token": "USDC", "amount": 50_000})
    after = member.ask("GET", "/api/account")
    assert after["equityUsd"] > before["equityUsd"] + 40_000
    assert abs(after["change24hUsd"] - before["change24hUsd"]) < 1_000


def test_reset_cancels_what_rests_and_begins_an_epoch(
    components: Components, member: Member
) -> None:
    fill(components, member)
    resting = member.ask(
        "POST", "/api/orders", MARKET | {"type": "limit", "limitPrice": 10**9}, 202
    )["orderId"]
    after = member.ask("POST", "/api/account/reset", {"balances": {"SOL": 10, "BONK": "0.5"}})
    assert {each["token"]: each["total"] for each in after["balances"]} == {
        "SOL": 10,
        "BONK": Decimal("0.5"),
    }
    order = member.ask("GET", f"/api/orders/{resting}")
    assert (order["status"], order["cancelledBy"]["reason"]) == ("cancelled", "reset")
    account = member.ask("GET", "/api/account")
    assert account["epoch"] == 2
    positions = member.ask("GET", "/api/account/positions")
    assert positions["realisedProfitUsd"] == 0
    assert len(member.ask("GET", "/api/account/fills")["fills"]) == 1


@pytest.mark.parametrize(
    ("balances", "field"),
    [
        ({"SOL": "1", "sol": "2"}, "sol"),
        ({"SOL": "1", SOL.mint: "1"}, SOL.mint),
        ({"SOL": "1", "NOPE": "1"}, "NOPE"),
        ({"SOL": "1", "USDC": "0.0000001"}, "USDC"),
        ({"SOL": "1", "USDC": "-1"}, "USDC"),
    ],
)
def test_reset_names_the_balance_that_cannot_be(
    member: Member, balances: dict[str, str], field: str
) -> None:
    refused = member.ask("POST", "/api/account/reset", {"balances": balances}, 400)
    assert list(refused["errors"]) == [f"balances.{field}"]
    assert (member.balance("SOL")["total"], member.ask("GET", "/api/account")["epoch"]) == (1000, 1)


def test_reset_without_balances_gives_the_opening_ones(member: Member) -> None:
    member.ask("POST", "/api/account/faucet", {"token": "BONK", "amount": 5})
    after = member.ask("POST", "/api/account/reset", {})
    assert {e["token"]: e["total"] for e in after["balances"]} == {"SOL": 1000, "USDC": 100_000}


def test_next_page_begins_where_the_last_one_ended(components: Components, member: Member) -> None:
    placed = [fill(components, member, MARKET | {"amount": n}) for n in (1, 2, 3)]
    for path, key, ids in (
        ("fills", "fills", placed[::-1]),
        ("ledger", "transfers", placed[::-1]),
    ):
        seen: list[str] = []
        cursor = ""
        while len(seen) < 3:
            page = member.ask("GET", f"/api/account/{path}?limit=1{cursor}")
            (entry,) = page[key]
            seen.append(entry["orderId"])
            cursor = f"&cursor={page['nextCursor']}"
        assert seen == ids
    member.ask("GET", "/api/account/fills?cursor=nonsense", status=400)


def test_positions_continue_from_remembered_ones(components: Components, member: Member) -> None:
    first = member.ask("GET", "/api/account/positions")
    fill(components, member)
    again = member.ask("GET", "/api/account/positions")
    assert first["realisedProfitUsd"] == 0
    assert again["realisedProfitUsd"] != 0


@pytest.mark.parametrize("path", ["", "/balances", "/positions", "/fills", "/ledger", "/equity"])
def test_account_needs_a_token(client: FlaskClient, path: str) -> None:
    assert client.get(f"/api/account{path}").status_code == 401


def test_equity_and_its_curve_follow_a_market_move_and_come_back(
    client: FlaskClient, member: Member
) -> None:
    def worth() -> tuple[Decimal, Decimal]:
        """The value of SOL, and of everything."""
        equity = member.ask("GET", "/api/account")["equityUsd"]
        return member.balance("SOL")["valueUsd"], equity

    def move(token: str, **fields: Any) -> str:
        moved = client.post("/api/market/moves", json={"token": token} | fields).get_json()
        wait_until(lambda: _state(client, moved["id"]) == "holding", "the move")
        return str(moved["id"])

    move("SOL", freeze=True)
    move("USDC", freeze=True)
    sol, equity = worth()
    halving = move("SOL", changePercent=-50)
    halved, after = worth()
    assert abs(halved - sol / 2) <= ROUNDING
    assert abs(after - (equity - sol / 2)) <= ROUNDING
    points = member.ask("GET", "/api/account/equity?interval=1s")["points"]
    assert points[-1]["equityUsd"] == after
    assert client.delete(f"/api/market/moves/{halving}").status_code == 200
    wait_until(lambda: worth() == (sol, equity), "the price to come back")


def _state(client: FlaskClient, move_id: str) -> str | None:
    moves = client.get("/api/market/moves").get_json()["moves"]
    return next((move["state"] for move in moves if move["id"] == move_id), None)
