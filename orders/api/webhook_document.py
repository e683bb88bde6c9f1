"""The `webhooks` part of the OpenAPI document: the messages that a receiver gets."""

from __future__ import annotations

from typing import Any

HEADERS = {
    "webhook-id": (
        "`orderId:sequence`; the same event has the same one whenever it is sent again.",
        {"type": "string"},
    ),
    "webhook-timestamp": (
        "When it was sent, in seconds since 1970; part of what is signed.",
        {"type": "string", "pattern": "^[0-9]+$"},
    ),
    "webhook-signature": (
        "One signature, or after a change of the secret two, apart by a blank, as Standard "
        "Webhooks says.",
        {"type": "string"},
    ),
}
TEST_MESSAGE = {
    "type": "object",
    "description": "What `/api/webhooks/{endpointId}/test` sends; its `webhook-id` begins `test:`.",
    "properties": {
        "type": {"const": "test"},
        "endpointId": {"type": "string", "format": "uuid"},
        "timestamp": {"type": "string", "format": "date-time"},
    },
    "required": ["type", "endpointId", "timestamp"],
    "additionalProperties": False,
}


def describe_webhooks(event_schema: str) -> dict[str, Any]:
    """The messages by name; events have the component of that name as their body."""
    event = {"$ref": f"#/components/schemas/{event_schema}"}
    return {
        "orderEvent": _message(
            "One step of an order. With the endpoint's `amounts` at `string`, its amounts are "
            "strings.",
            event,
        ),
        "test": _message("A message that is no event.", TEST_MESSAGE),
    }


def _message(summary: str, schema: dict[str, Any]) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "header", "required": True, "description": text, "schema": kind}
        for name, (text, kind) in HEADERS.items()
    ]
    return {
        "post": {
            "summary": summary,
            "parameters": parameters,
            "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
            "responses": {
                "2XX": {"description": "The receiver has it: it is not sent again."},
                "default": {"description": "It is sent again later, redirects included."},
            },
        }
    }
