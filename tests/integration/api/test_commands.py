"""The operators' commands, run as an operator runs them, against the real stores."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import click
import pytest
from click.testing import CliRunner

from orders.accounts.accounts import Accounts
from orders.api.commands import list_overdue, prune_command
from orders.config import Settings
from orders.domain import exact_json, failpoints
from orders.domain.caller import ANONYMOUS, Caller
from orders.domain.identifiers import uuid7
from orders.domain.lifecycle import Status
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.local.postgres import LocalPostgres
from orders.market.tokens import SOL
from orders.storage.database import connection, database
from orders.storage.models import Order
from orders.storage.pruning import prune
from orders.storage.wallets import open_wallet
from orders.wiring import Components
from tests.conftest import fresh_database
from tests.stack import ROOT, environment

SWAP = OrderRequest(OrderType.MARKET, "SOL", "USDC", exact_json.loads("1.5"))
PASSWORD = "correct horse battery"


def flask(settings: Settings, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Runs a command; its output and exit code."""
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *arguments],
        cwd=ROOT,
        env=environment(settings),
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def read_json(settings: Settings, *arguments: str) -> dict[str, Any]:
    answer = flask(settings, *arguments)
    assert answer.returncode == 0, answer.stderr
    return dict(exact_json.loads(answer.stdout))


def place(components: Components, caller: Caller = ANONYMOUS) -> UUID:
    return components.submission.place(SWAP, caller).order_id


def fail(components: Components, order_id: UUID) -> None:
    order = Order.get_by_id(order_id)
    error = {"code": "no_quote", "message": "No venue gave a usable quote."}
    components.order_store.advance(
        order, Status.FAILED, {"error": error, "attempts": 0}, fail_code="no_quote"
    )


def place_ended_long_ago(days: int, outcome: str = "confirmed") -> UUID:
    """An order with two events, a transaction and a group, as it would be by now."""
    at = datetime.now(UTC) - timedelta(days=days)
    order_id, group = uuid7(at), uuid4()
    database.execute_sql(
        "INSERT INTO orders (id, type, token_in, token_out, amount_in, max_slippage_bps, status,"
        " sequence, oco_group, created_at, updated_at, outcome)"
        " VALUES (%s, 'market', 'a', 'b', 1, 100, %s, 2, %s, %s, %s, %s)",
        (order_id, outcome, group, at, at, outcome),
    )
    for sequence, status in enumerate(("pending", outcome), 1):
        database.execute_sql(
            "INSERT INTO order_events VALUES (%s, %s, %s, %s, '{}')",
            (order_id, sequence, status, at),
        )
    database.execute_sql("INSERT INTO oco_groups VALUES (%s, '', %s)", (group, order_id))
    database.execute_sql(
        "INSERT INTO chain.transactions VALUES (%s, %s, 1, 'raydium', 'a', 'b', 1, 1, 1, 'h', 1,"
        " %s, %s, 1, 'filled', 1)",
        (str(order_id), order_id, at, at),
    )
    return order_id


def count(table: str) -> int:
    return int(database.execute_sql(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_migrate_says_that_nothing_is_missing(settings: Settings) -> None:
    answer = flask(settings, "migrate")
    assert (answer.returncode, answer.stdout) == (0, "The schema is up to date.\n")


def test_migrate_names_each_migration_once(settings: Settings, postgres: LocalPostgres) -> None:
    with fresh_database(postgres, "template1") as url:
        run = subprocess.run(
            [sys.executable, "tasks.py", "migrate"], cwd=ROOT, capture_output=True, text=True,
            env=environment(replace(settings, database_url=url)), timeout=60, check=True,
        )  # fmt: skip
    names = sorted(path.stem for path in (ROOT / "orders" / "storage" / "migrations").glob("0*.py"))
    assert (run.stdout.split(), run.stderr) == (names, "")


def test_created_account_can_log_in(settings: Settings, components: Components) -> None:
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    answer = flask(settings, "create-account", "Ada@Example.org", typed=typed)
    assert answer.returncode == 0, answer.stderr
    assert PASSWORD not in answer.stdout + answer.stderr
    account = Accounts(components.clock, components.funding).log_in("ada@example.org", PASSWORD)
    assert str(account.id) in answer.stdout


def test_account_with_a_short_password_is_refused_in_one_sentence(settings: Settings) -> None:
    answer = flask(settings, "create-account", "ada@example.org", "--password", "short")
    assert answer.returncode == 1
    assert answer.stderr.startswith("Error: password: ")
    assert "Traceback" not in answer.stderr


def test_shown_order_carries_its_history(settings: Settings, components: Components) -> None:
    order_id = place(components)
    components.engine.execute(order_id)
    shown = read_json(settings, "show-order", str(order_id))
    assert shown["orderId"] == str(order_id)
    assert shown["amountIn"] == SWAP.amount_in
    assert [event["sequence"] for event in shown["history"]] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("order_id", ["nonsense", "01890000-0000-7000-8000-000000000000"])
def test_unknown_order_is_one_sentence(settings: Settings, order_id: str) -> None:
    answer = flask(settings, "show-order", order_id)
    assert (answer.returncode, answer.stderr) == (1, "Error: There is no such order.\n")


def test_retry_of_a_failed_order_is_a_new_order_of_its_owner_made_once(
    settings: Settings, components: Components
) -> None:
    with connection():
        account = Accounts(components.clock, components.funding).sign_up(
            "ada@example.org", PASSWORD
        )
        failed = place(components, Caller(account.id))
        fail(components, failed)
        answers = [flask(settings, "retry-order", str(failed)) for _ in range(2)]
        assert [answer.returncode for answer in answers] == [0, 0], answers
        ids = {answer.stdout.split()[0] for answer in answers}
        assert len(ids) == 1
        again, first = Order.get_by_id(UUID(ids.pop())), Order.get_by_id(failed)
    assert again.id != failed
    assert (again.account_id, again.amount_in, again.status) == (
        account.id,
        SWAP.amount_in,
        "pending",
    )
    assert first.status == "failed"


def test_order_that_has_not_failed_is_not_retried(
    settings: Settings, components: Components
) -> None:
    answer = flask(settings, "retry-order", str(place(components)))
    assert answer.returncode == 1
    assert "The order is pending" in answer.stderr


def test_order_of_a_wallet_is_not_retried(settings: Settings, components: Components) -> None:
    """Nobody else can sign for it, and without the wallet it would be filled for nothing."""
    wallet = Caller(wallet="9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin")
    components.funding.give_to_wallet(wallet.wallet or "", SOL, 2 * 10**9)
    with connection():
        failed = place(components, wallet)
        fail(components, failed)
        answer = flask(settings, "retry-order", str(failed))
        assert Order.select().count() == 1
    assert answer.returncode == 1
    assert "A wallet signed the order" in answer.stderr


def test_only_overdue_orders_are_listed(settings: Settings, components: Components) -> None:
    overdue, fresh = place(components), place(components)
    with connection():
        Order.update(due_at=datetime.now(UTC) - timedelta(minutes=5)).where(
            Order.id == overdue
        ).execute()
    answer = flask(settings, "list-overdue", "--seconds", "60")
    assert answer.returncode == 0, answer.stderr
    assert str(overdue) in answer.stdout
    assert str(fresh) not in answer.stdout


def test_queue_status_counts_waiting_orders(settings: Settings, components: Components) -> None:
    for _ in range(3):
        place(components)
    status = read_json(settings, "queue-status")
    assert (status["waiting"], status["messages"], status["workers"]) == (3, 3, 0)


def test_prune_removes_old_ended_orders_with_all_that_belongs_to_them(
    settings: Settings, components: Components
) -> None:
    with connection():
        for outcome in ("confirmed", "failed", "cancelled", "expired"):
            place_ended_long_ago(40, outcome)
        kept = place_ended_long_ago(10)
    waiting = place(components)
    answer = flask(settings, "prune", "--days", "30")
    assert answer.stdout == "4 orders and 8 events removed\n", answer.stderr
    with connection():
        assert {row.id for row in Order.select(Order.id)} == {kept, waiting}
        assert count("order_events") == 3
        assert (count("oco_groups"), count("chain.transactions")) == (1, 1)


OF_THE_MARKET = """
INSERT INTO launches (mint, symbol, decimals, price_usd, liquidity_usd, live_at, created_at)
SELECT name, name, 6, 1, 1000, at, at FROM (VALUES
    ('old', now() - interval '40 days'), ('traded', now() - interval '40 days'),
    ('held', now() - interval '40 days'), ('recent', now() - interval '10 days'),
    ('coming', now() + interval '10 days')) AS row (name, at);
INSERT INTO message_scenarios VALUES
    ('old', 'no_route', chain.block_height(now() - interval '40 days')),
    ('recent', 'no_route', chain.block_height(now() - interval '10 days'));
INSERT INTO chain.forgotten VALUES
    ('old', now() - interval '40 days'), ('recent', now() - interval '10 days');
INSERT INTO chain.transfers (signature, signer, slot, landed_at) VALUES
    ('old', 'a', 1, now() - interval '40 days'), ('recent', 'a', 1, now() - interval '10 days');
"""


def names(table: str, column: str) -> set[str]:
    rows = database.execute_sql(f"SELECT {column} FROM {table}").fetchall()
    return {row[0] for row in rows}


def test_prune_removes_what_is_as_old_but_no_token_that_somebody_has_or_trades(
    components: Components,
) -> None:
    wallet = "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"
    with connection():
        database.execute_sql(OF_THE_MARKET)
        open_wallet(wallet, {"held": 5}, datetime.now(UTC))
        for _ in range(3):
            place_ended_long_ago(10)
        traded = place_ended_long_ago(10)
        Order.update(token_out="traded").where(Order.id == traded).execute()
        list(prune(datetime.now(UTC) - timedelta(days=30), batch=1))
        assert names("launches", "mint") == {"traded", "held", "recent", "coming"}
        assert names("chain.forgotten", "signature") == {"recent"}
        assert names("message_scenarios", "message") == {"recent"}
        assert names("chain.transfers", "signature") == {"recent"}


@pytest.mark.parametrize("moment", ["before_pruned", "after_pruned"])
def test_crash_within_a_batch_leaves_nothing_behind_for_ever(
    components: Components, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    class Died(Exception):
        pass

    def die(_: int) -> None:
        raise Died

    before = datetime.now(UTC) - timedelta(days=30)
    with connection():
        order_id = place_ended_long_ago(40)
        database.execute_sql(
            "INSERT INTO chain.limit_orders VALUES ('address', 'maker', %s)", (order_id,)
        )
        monkeypatch.setattr(failpoints, "die", die)
        failpoints.arm(moment)
        with pytest.raises(Died):
            list(prune(before, batch=10))
        list(prune(before, batch=10))
        tables = ("orders", "order_events", "chain.transactions", "chain.limit_orders")
        assert {table: count(table) for table in tables} == dict.fromkeys(tables, 0)


def test_prune_works_in_bounded_batches(components: Components) -> None:
    with connection():
        for _ in range(5):
            place_ended_long_ago(40)
    before = datetime.now(UTC) - timedelta(days=30)
    batches = [pruned.orders for pruned in prune(before, batch=2) if pruned.orders]
    assert batches == [2, 2, 1]


def test_events_stay_append_only_for_everybody_else(components: Components) -> None:
    with connection():
        order_id = place_ended_long_ago(40)
        list(prune(datetime.now(UTC) - timedelta(days=50), batch=10))
        with pytest.raises(Exception, match="append-only"), database.atomic():
            database.execute_sql("DELETE FROM order_events WHERE order_id = %s", (order_id,))


def test_wrong_setting_is_one_sentence(settings: Settings) -> None:
    answer = flask(replace(settings, redis_url="redis://127.0.0.1:port"), "queue-status")
    assert answer.returncode == 1
    assert answer.stderr.startswith("REDIS_URL is not usable")
    assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (list_overdue, ["--limit", "-5"]),
        (list_overdue, ["--seconds", "1e12"]),
        (prune_command, ["--days", "1e9"]),
    ],
)
def test_number_out_of_range_is_refused_with_its_range(
    command: click.Command, options: list[str]
) -> None:
    answer = CliRunner().invoke(command, options)
    assert answer.exit_code == 2
    assert "is not in the range" in answer.output


def test_database_that_is_away_is_one_sentence(settings: Settings) -> None:
    away = replace(settings, database_url="postgresql://postgres@127.0.0.1:1/orders")
    answer = flask(away, "queue-status")
    assert answer.returncode == 1
    assert "The database is not available" in answer.stderr
    assert "Traceback" not in answer.stderr
