"""Jupiter's HTTP API, in Jupiter's own forms, over this service's market and orders."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask
from werkzeug.utils import import_string

from orders.solana.jupiter.errors import register_errors

ROUTES = (
    ("GET", "/swap/v2/order", "order_api.order"),
    ("GET", "/ultra/v1/order", "order_api.ultra_order"),
    ("POST", "/swap/v2/execute", "order_api.execute"),
    ("POST", "/ultra/v1/execute", "order_api.ultra_execute"),
    ("GET", "/ultra/v1/holdings/<address>", "order_api.holdings"),
    ("GET", "/ultra/v1/balances/<address>", "order_api.balances"),
    ("GET", "/swap/v1/quote", "swap_api.quote"),
    ("POST", "/swap/v1/swap", "swap_api.swap"),
    ("POST", "/swap/v1/swap-instructions", "swap_api.instructions"),
    ("GET", "/swap/v1/program-id-to-label", "swap_api.labels"),
    ("GET", "/price/v3", "token_api.prices"),
    ("GET", "/tokens/v2/search", "token_api.search"),
    ("POST", "/trigger/v1/createOrder", "trigger_api.create_order"),
    ("POST", "/trigger/v1/cancelOrder", "trigger_api.cancel_order"),
    ("POST", "/trigger/v1/cancelOrders", "trigger_api.cancel_orders"),
    ("POST", "/trigger/v1/execute", "trigger_api.execute"),
    ("GET", "/trigger/v1/getTriggerOrders", "trigger_api.list_orders"),
)
"""Method, path, and the view as its module here and its name."""


class View:
    """A view that is imported when it is first asked for, as Flask's documentation has it.

    What it needs for Solana's transactions is a tenth of the process's memory, and many
    installations serve no bots.
    """

    def __init__(self, module: str, name: str) -> None:
        # Flask-Limiter knows a view by these.
        self.__module__ = f"{__name__}.{module}"
        self.__name__ = self.__qualname__ = name

    def __call__(self, **arguments: str) -> Any:
        return import_string(f"{self.__module__}.{self.__name__}")(**arguments)


def register_jupiter(app: Flask) -> None:
    """Registers the routes of Jupiter's API."""
    jupiter = Blueprint("jupiter", __name__)
    register_errors(jupiter)
    for method, path, name in ROUTES:
        jupiter.add_url_rule(path, name.replace(".", "_"), View(*name.split(".")), methods=[method])
    app.register_blueprint(jupiter)
