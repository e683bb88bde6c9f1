"""Webhooks: URLs that an account's events are posted to, and the deliveries."""

from __future__ import annotations

from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from orders.accounts.webhooks.endpoints import Endpoints, WebhookNotFound
from orders.api.authentication import current_caller
from orders.api.context import components
from orders.api.endpoints import BEARER, endpoint
from orders.api.requests import answer, read_body, read_query
from orders.api.webhooks_schemas import (
    DeliveriesAnswer,
    DeliveriesQuery,
    DeliveryAnswer,
    NewWebhookRequest,
    TestAnswer,
    WebhookAnswer,
    WebhooksAnswer,
    WebhookSecretAnswer,
)
from orders.domain.identifiers import parse_uuid

webhooks = Blueprint(
    "webhooks", __name__, url_prefix="/api/webhooks", description="Events, sent to a URL."
)

NEW_WEBHOOK = NewWebhookRequest()
DELIVERIES_QUERY = DeliveriesQuery()
WEBHOOK = WebhookAnswer()
WEBHOOK_SECRET = WebhookSecretAnswer()
DELIVERY = DeliveryAnswer()
TEST = TestAnswer()

MAX_ID = 2**63 - 1
PROBLEMS = ("unauthenticated", "webhook_not_found", "store_unavailable")


@endpoint(
    webhooks,
    "POST",
    "",
    {201: WebhookSecretAnswer},
    body=NewWebhookRequest,
    problems=("unauthenticated", "too_many_webhooks", "rate_limited", "store_unavailable"),
    security=BEARER,
    example={"url": "https://example.org/hooks/orders", "events": ["confirmed", "failed"]},
)
def create() -> Response:
    """Have the account's events sent to a URL; the answer alone holds the secret."""
    account_id = _account_id()
    fields = read_body(NEW_WEBHOOK)
    made = _endpoints().create(account_id, fields["url"], fields.get("events"), fields["amounts"])
    return answer(WEBHOOK_SECRET.dump(made), 201)


@endpoint(
    webhooks,
    "GET",
    "",
    {200: WebhooksAnswer},
    problems=("unauthenticated", "store_unavailable"),
    security=BEARER,
)
def list_all() -> Response:
    """List the account's webhooks."""
    found = _endpoints().list_all(_account_id())
    return answer({"webhooks": WEBHOOK.dump(found, many=True)})


@endpoint(
    webhooks,
    "GET",
    "/<endpoint_id>",
    {200: WebhookAnswer},
    problems=PROBLEMS,
    security=BEARER,
)
def read(endpoint_id: str) -> Response:
    """Read a webhook."""
    return answer(WEBHOOK.dump(_endpoints().find(_account_id(), _uuid(endpoint_id))))


@endpoint(
    webhooks,
    "DELETE",
    "/<endpoint_id>",
    {200: WebhookAnswer},
    problems=PROBLEMS,
    security=BEARER,
)
def delete(endpoint_id: str) -> Response:
    """Delete a webhook and its deliveries."""
    account_id, wanted = _account_id(), _uuid(endpoint_id)
    found = _endpoints().find(account_id, wanted)
    _endpoints().delete(account_id, wanted)
    return answer(WEBHOOK.dump(found))


@endpoint(
    webhooks,
    "POST",
    "/<endpoint_id>/rotate-secret",
    {200: WebhookSecretAnswer},
    problems=PROBLEMS,
    security=BEARER,
)
def rotate_secret(endpoint_id: str) -> Response:
    """Sign with a new secret; for `WEBHOOK_SECRET_OVERLAP_S`, with the old one too."""
    changed = _endpoints().rotate_secret(_account_id(), _uuid(endpoint_id))
    return answer(WEBHOOK_SECRET.dump(changed))


@endpoint(
    webhooks,
    "POST",
    "/<endpoint_id>/pause",
    {200: WebhookAnswer},
    problems=PROBLEMS,
    security=BEARER,
)
def pause(endpoint_id: str) -> Response:
    """Send nothing for now; events wait."""
    return answer(WEBHOOK.dump(_endpoints().pause(_account_id(), _uuid(endpoint_id))))


@endpoint(
    webhooks,
    "POST",
    "/<endpoint_id>/resume",
    {200: WebhookAnswer},
    problems=PROBLEMS,
    security=BEARER,
)
def resume(endpoint_id: str) -> Response:
    """Send again, beginning with what waits."""
    return answer(WEBHOOK.dump(_endpoints().resume(_account_id(), _uuid(endpoint_id))))


@endpoint(
    webhooks,
    "POST",
    "/<endpoint_id>/test",
    {200: TestAnswer},
    problems=(*PROBLEMS, "rate_limited"),
    security=BEARER,
)
def test(endpoint_id: str) -> Response:
    """Send a signed test message now, and tell what came of it."""
    return answer(TEST.dump(_endpoints().test(_account_id(), _uuid(endpoint_id))))


@endpoint(
    webhooks,
    "GET",
    "/<endpoint_id>/deliveries",
    {200: DeliveriesAnswer},
    query=DeliveriesQuery,
    problems=("validation_failed", *PROBLEMS),
    security=BEARER,
)
def deliveries(endpoint_id: str) -> Response:
    """List the deliveries, sent and waiting, newest first."""
    account_id, wanted = _account_id(), _uuid(endpoint_id)
    query = read_query(DELIVERIES_QUERY)
    limit = query["limit"]
    found = _endpoints().deliveries(
        account_id, wanted, query.get("status"), limit + 1, query.get("cursor")
    )
    page = found[:limit]
    return answer(
        {
            "deliveries": DELIVERY.dump(page, many=True),
            "nextCursor": str(page[-1].id) if len(found) > limit else None,
        }
    )


@endpoint(
    webhooks,
    "POST",
    "/<endpoint_id>/deliveries/<int:delivery_id>/redeliver",
    {200: DeliveryAnswer},
    problems=PROBLEMS,
    security=BEARER,
)
def redeliver(endpoint_id: str, delivery_id: int) -> Response:
    """Send an event once more."""
    account_id, wanted = _account_id(), _uuid(endpoint_id)
    if delivery_id > MAX_ID:
        raise WebhookNotFound
    return answer(DELIVERY.dump(_endpoints().redeliver(account_id, wanted, delivery_id)))


def _endpoints() -> Endpoints:
    return components().webhook_endpoints


def _account_id() -> UUID:
    account_id = current_caller(account=True).account_id
    assert account_id is not None
    return account_id


def _uuid(text: str) -> UUID:
    parsed = parse_uuid(text)
    if parsed is None:
        raise WebhookNotFound
    return parsed
