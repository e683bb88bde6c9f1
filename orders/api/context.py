"""What the views find in the app that serves them."""

from __future__ import annotations

from flask import current_app

from orders.accounts.accounts import Accounts
from orders.accounts.portfolios import Portfolios
from orders.solana.wiring import Solana
from orders.wiring import Components


def components() -> Components:
    """The domain, wired for this process."""
    wired: Components = current_app.extensions["orders"]
    return wired


def accounts() -> Accounts:
    """The accounts of this service."""
    found: Accounts = current_app.extensions["accounts"]
    return found


def portfolios() -> Portfolios:
    """The portfolios of this service's accounts."""
    found: Portfolios = current_app.extensions["portfolios"]
    return found


def solana() -> Solana:
    """The node of this process; there is one where bots are served."""
    node: Solana = current_app.extensions["solana"]
    return node
