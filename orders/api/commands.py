"""Operators' commands: `flask --app app COMMAND`, over the schemas of the HTTP API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from functools import wraps
from typing import Any

import click
from flask import Flask, current_app
from redis import RedisError

from orders.accounts.accounts import Accounts
from orders.api.auth_schemas import NewAccount
from orders.api.order_answers import present_order
from orders.api.requests import load
from orders.domain import exact_json
from orders.domain.errors import EngineError, OrderNotFound, ValidationFailed
from orders.domain.events import messages
from orders.domain.identifiers import parse_uuid
from orders.execution.resubmission import resubmit
from orders.messaging.heartbeats import count_alive
from orders.observability import observe
from orders.storage.database import connection, migrate
from orders.storage.history import read_history
from orders.storage.models import Order
from orders.storage.overdue_orders import find_overdue_orders
from orders.storage.pruning import prune
from orders.storage.queue_statistics import measure_queue
from orders.wiring import Components

LONGEST_DAYS = 36_500
"""Most days that a command looks back; dates end not far beyond."""


def register_commands(app: Flask) -> None:
    """Adds the commands to the app's command line."""
    for command in (
        migrate_command, create_account, show_order, retry_order, list_overdue, prune_command,
        queue_status,
    ):  # fmt: skip
        app.cli.add_command(command)


def explained(command: Callable[..., None]) -> Callable[..., None]:
    """Reports a known failure in one sentence and exits with code 1."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        observe.set_up_logging(_components().settings)
        try:
            command(*arguments, **options)
        except ValidationFailed as error:
            problems = [f"{name}: {' '.join(texts)}" for name, texts in error.errors.items()]
            raise click.ClickException("; ".join(problems)) from None
        except (EngineError, RedisError) as error:
            raise click.ClickException(str(error)) from None

    return run


@click.command("migrate")
@explained
def migrate_command() -> None:
    """Bring the schema up to date."""
    click.echo("\n".join(migrate()) or "The schema is up to date.")


@click.command("create-account")
@click.argument("email")
@click.password_option(help="Asked for when it is not given.")
@explained
def create_account(email: str, password: str) -> None:
    """Create an account that can log in."""
    components = _components()
    values = load(NewAccount(), {"email": email, "password": password})
    account = Accounts(components.clock, components.funding).sign_up(**values)
    click.echo(f"{account.id} {account.email}")


@click.command("show-order")
@click.argument("order_id")
@explained
def show_order(order_id: str) -> None:
    """Show any order with its history, as JSON."""
    order = _find(order_id)
    with connection():
        history = messages(read_history(order.id))
    _print_json(
        {
            **present_order(order, _components().registry, _components().valuation),
            "dueAt": order.due_at,
            "leaseOwner": order.lease_owner,
            "recoveries": order.recoveries,
            "history": history,
        }
    )


@click.command("retry-order")
@click.argument("order_id")
@explained
def retry_order(order_id: str) -> None:
    """Place a failed order again, as a new order of the same owner.

    Within the life of an idempotency key, a second retry gives the same new order.
    """
    placed = resubmit(_components().submission, _find(order_id))
    click.echo(f"{placed.order_id} {placed.status}" + (" (already)" if placed.replayed else ""))


@click.command("list-overdue")
@click.option(
    "--seconds",
    default=60.0,
    show_default=True,
    type=click.FloatRange(0, LONGEST_DAYS * 86_400),
    help="Overdue by more than this.",
)
@click.option(
    "--limit",
    default=100,
    show_default=True,
    type=click.IntRange(1, 1_000_000),
    help="Show at most this many.",
)
@explained
def list_overdue(seconds: float, limit: int) -> None:
    """List orders that should have moved on by now, most overdue first."""
    now = _components().clock.now()
    for order in find_overdue_orders(now - timedelta(seconds=seconds), limit):
        overdue_s = (now - order.due_at).total_seconds()
        click.echo(
            f"{order.id} {order.type} {order.status} attempts={order.attempts} "
            f"overdue={overdue_s:.0f}s lease={order.lease_owner or '-'}"
        )


@click.command("prune")
@click.option(
    "--days", required=True, type=click.FloatRange(1, LONGEST_DAYS), help="Older than this."
)
@click.option("--batch", default=1000, show_default=True, type=click.IntRange(1, 10_000))
@explained
def prune_command(days: float, batch: int) -> None:
    """Remove orders that ended before a given age, with their events."""
    orders = events = 0
    for pruned in prune(_components().clock.now() - timedelta(days=days), batch):
        orders += pruned.orders
        events += pruned.events
    click.echo(f"{orders} orders and {events} events removed")


@click.command("queue-status")
@explained
def queue_status() -> None:
    """Show how many orders wait, run and have ended, as JSON."""
    components = _components()
    backlog = measure_queue(components.clock)
    _print_json(
        {
            **asdict(backlog),
            "workers": count_alive(
                components.queue.for_requests, components.clock, components.settings.heartbeat_s
            ),
            "messages": components.queue.depth(),
        }
    )


def _components() -> Components:
    components: Components = current_app.extensions["orders"]
    return components


def _find(text: str) -> Order:
    order_id = parse_uuid(text)
    with connection():
        order = Order.get_or_none(Order.id == order_id) if order_id else None
    if order is None:
        raise OrderNotFound()
    return order


def _print_json(value: dict[str, Any]) -> None:
    click.echo(exact_json.dumps_readable(value))
