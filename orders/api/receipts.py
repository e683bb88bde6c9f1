"""The answer to placing orders, and the key that makes it safe to repeat."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from flask import Response, current_app, request

from orders.api.requests import answer
from orders.domain.errors import ValidationFailed
from orders.execution.submission import Receipt

IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    "description": "Within `IDEMPOTENCY_TTL_S`, the same key and body give the same order.",
}
REPLAYED_HEADER = {
    "Idempotency-Replayed": "`true` if an earlier request with this key placed the order.",
}
_KEY = re.compile(r"[\x20-\x7e]{1,255}")


def idempotency_key() -> str | None:
    """The request's Idempotency-Key. Raises `ValidationFailed`."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise ValidationFailed(
            {"Idempotency-Key": ["Must have 1 to 255 printable ASCII characters."]}
        )
    return key


def present_receipt(placed: Receipt) -> dict[str, Any]:
    """The fields of `PlacedAnswer`."""
    order_id = str(placed.order_id)
    return {
        "success": True,
        "orderId": order_id,
        "status": placed.status,
        "type": placed.type,
        "websocketUrl": f"/ws/orders/{order_id}",
    }


def accepted(body: dict[str, Any], headers: dict[str, str], was_replayed: bool) -> Response:
    """The answer about placed orders: 202, or 200 if an earlier request stored them."""
    if was_replayed:
        headers["Idempotency-Replayed"] = "true"
    status = current_app.config["SETTINGS"].accepted_status
    return answer(body, HTTPStatus.OK if was_replayed else status, headers)
