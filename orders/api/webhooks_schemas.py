"""Schemas of requests and answers about webhooks."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from orders.accounts.webhooks.addresses import MAX_URL
from orders.accounts.webhooks.models import (
    DeliveryStatus,
    EndpointStatus,
    WebhookDelivery,
    WebhookEndpoint,
)
from orders.api.answers import Answer, identifier, moment, nested, text, whole
from orders.api.fields import OneOf, Text, WholeNumber
from orders.api.requests import RequestSchema
from orders.domain.amounts import FORMS
from orders.domain.lifecycle import Status

STATUSES = [str(each) for each in Status]


def _check_unique(values: list[str]) -> None:
    if len(set(values)) != len(values):
        raise ValidationError("Each status at most once.")


class NewWebhookRequest(RequestSchema):
    """Where events are to be sent, and which."""

    url = Text(
        most=MAX_URL,
        required=True,
        metadata={
            "description": "https, on a public address; in local mode http and any address.",
            "examples": ["https://example.org/hooks/orders"],
        },
    )
    events = fields.List(
        OneOf(STATUSES),
        validate=[validate.Length(1, len(STATUSES)), _check_unique],
        metadata={
            "description": "Only events of these statuses; absent: all.",
            "examples": [["confirmed", "failed"]],
        },
    )
    amounts = OneOf(
        FORMS,
        load_default="number",
        metadata={"description": "`string`: amounts in the bodies are strings, digit for digit."},
    )


class DeliveriesQuery(RequestSchema):
    """Which deliveries to list."""

    status = OneOf([str(each) for each in DeliveryStatus])
    limit = WholeNumber(least=1, most=100, text=True, load_default=50)
    cursor = WholeNumber(
        least=1,
        most=2**63 - 1,
        text=True,
        metadata={"description": "nextCursor of the page before."},
    )


class WebhookAnswer(Answer):
    """A webhook endpoint."""

    id = identifier()
    url = text()
    events = fields.List(
        fields.String(metadata={"enum": STATUSES}),
        required=True,
        allow_none=True,
        metadata={"description": "The statuses that are sent; null: all."},
    )
    amounts = text("The form of amounts in the bodies.", enum=list(FORMS))
    status = text(
        "`failed`: one event was not taken for days; resuming goes on with it.",
        enum=[str(each) for each in EndpointStatus],
    )
    failures = whole("Deliveries that failed one after the other.")
    last_error = text("Why the last one failed.", nullable=True)
    next_attempt_at = moment("Nothing is sent before.", nullable=True)
    created_at = moment()

    def show_next_attempt_at(self, endpoint: WebhookEndpoint) -> Any:
        """When the next attempt is made, if a failure delays it."""
        waits = endpoint.failures > 0 and endpoint.status == EndpointStatus.ACTIVE
        return endpoint.due_at if waits else None


class WebhookSecretAnswer(WebhookAnswer):
    """A webhook endpoint and its secret, which is not shown again."""

    secret = text("Verify messages with it, by any Standard Webhooks library.")


class WebhooksAnswer(Answer):
    """The account's webhook endpoints, oldest first."""

    webhooks = nested(WebhookAnswer, many=True)


class DeliveryAnswer(Answer):
    """One event on its way to one endpoint."""

    id = whole()
    message_id = text("The `webhook-id` it is sent with: `orderId:sequence`.")
    order_id = identifier()
    sequence = whole()
    status = text(
        "`dropped`: the order was removed before.", enum=[str(each) for each in DeliveryStatus]
    )
    attempts = whole()
    response_status = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "What the receiver answered last."},
    )
    error = text("Why the last attempt failed.", nullable=True)
    next_attempt_at = moment(nullable=True)
    created_at = moment()
    delivered_at = moment(nullable=True)

    def show_message_id(self, delivery: WebhookDelivery) -> str:
        """The id by which a receiver recognises a repeated message."""
        return f"{delivery.order_id}:{delivery.sequence}"

    def show_next_attempt_at(self, delivery: WebhookDelivery) -> Any:
        """When the next attempt is made; null once none will be."""
        return delivery.due_at if delivery.status == DeliveryStatus.PENDING else None


class DeliveriesAnswer(Answer):
    """One page of deliveries, newest first."""

    deliveries = nested(DeliveryAnswer, many=True)
    next_cursor = text("For the next page; null on the last one.", nullable=True)


class TestAnswer(Answer):
    """The result of sending a test message."""

    delivered = fields.Boolean(required=True)
    response_status = fields.Integer(required=True, allow_none=True, attribute="status")
    error = text(nullable=True)
