"""Access to the objects that the running app was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app

from orders.accounts.accounts import Accounts
from orders.accounts.portfolios import Portfolios
from orders.wiring import Components

if TYPE_CHECKING:
    from orders.solana.wiring import Solana


def components() -> Components:
    """This process's components."""
    wired: Components = current_app.extensions["orders"]
    return wired


def accounts() -> Accounts:
    """The accounts service."""
    found: Accounts = current_app.extensions["accounts"]
    return found


def portfolios() -> Portfolios:
    """The portfolios service."""
    found: Portfolios = current_app.extensions["portfolios"]
    return found


def solana() -> Solana:
    """The Solana node of this process, if it serves bots; made when first asked for."""
    node: Solana = current_app.extensions["solana"]()
    return node
