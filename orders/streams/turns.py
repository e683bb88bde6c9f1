"""Turns of loops that live as long as the process: a turn that fails is reported, and the loop goes
on.
"""

from __future__ import annotations

from collections.abc import Callable

from orders.domain.errors import StoreUnavailable
from orders.observability import observe


def take_turn(turn: Callable[[], object]) -> None:
    """Takes one turn. Raises nothing."""
    try:
        turn()
    except StoreUnavailable as error:
        observe.store_unavailable("streams", error)
    except Exception as error:
        observe.internal_error("streams", error)
