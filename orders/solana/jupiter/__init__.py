"""Jupiter's HTTP API, in Jupiter's own forms, over this service's market and orders."""

from __future__ import annotations

from flask import Flask

from orders.solana.jupiter.order_api import order_api
from orders.solana.jupiter.swap_api import swap_api
from orders.solana.jupiter.token_api import token_api
from orders.solana.jupiter.trigger_api import trigger_api


def register_jupiter(app: Flask) -> None:
    """Registers the routes of Jupiter's API."""
    app.register_blueprint(order_api)
    app.register_blueprint(swap_api)
    app.register_blueprint(token_api)
    app.register_blueprint(trigger_api)
