"""Reading which orders a query string selects."""

from __future__ import annotations

from typing import Any

from orders.api.context import components
from orders.domain.errors import ValidationFailed
from orders.domain.lifecycle import Status
from orders.storage.listing import Filter


def order_filter(query: dict[str, Any]) -> Filter:
    """The filter that a loaded `OrderFilterQuery` asks for. Raises `ValidationFailed`."""
    return Filter(
        _statuses(query.get("status")),
        query.get("type"),
        _mint(query, "token_in", "tokenIn"),
        _mint(query, "token_out", "tokenOut"),
        query.get("oco_group"),
        query.get("client_order_id"),
        query.get("user_id"),
        query.get("placed_from"),
        query.get("placed_to"),
    )


def _statuses(text: str | None) -> frozenset[Status] | None:
    if text is None:
        return None
    try:
        return frozenset(Status(word) for word in text.split(","))
    except ValueError:
        known = ", ".join(Status)
        raise ValidationFailed({"status": [f"Use {known}, separated by commas."]}) from None


def _mint(query: dict[str, Any], field: str, name: str) -> str | None:
    if field not in query:
        return None
    return components().registry.resolve(query[field], name, before_launch=True).mint
