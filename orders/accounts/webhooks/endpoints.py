"""Webhook endpoints for their owners: making, listing and changing them, and their deliveries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from orders.accounts.webhooks.addresses import AddressRefused, check_url
from orders.accounts.webhooks.models import (
    DeliveryStatus,
    EndpointStatus,
    WebhookDelivery,
    WebhookEndpoint,
)
from orders.accounts.webhooks.sending import Message, Outcome, Sender, new_secret
from orders.config import Settings
from orders.domain import exact_json
from orders.domain.clock import Clock
from orders.domain.errors import EngineError, ValidationFailed
from orders.domain.identifiers import uuid7
from orders.storage.database import connection, database

ACCOUNT_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 21))"
"""Makes requests that create endpoints of one account count them one after the other."""


class WebhookNotFound(EngineError):
    """There is no such webhook endpoint, or no such delivery."""

    code = "webhook_not_found"


class TooManyWebhooks(EngineError):
    """The account has as many webhook endpoints as it may; delete one first."""

    code = "too_many_webhooks"


class Endpoints:
    """The webhook endpoints of all accounts; each method acts on one account's.

    Every method raises `StoreUnavailable`, and `WebhookNotFound` for another account's.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def create(
        self, account_id: UUID, url: str, events: list[str] | None, amounts: str = "number"
    ) -> WebhookEndpoint:
        """Makes an endpoint that gets all events from now on, or those of some statuses;
        `amounts` is the form that amounts in them have, `string` or `number`.

        Raises `ValidationFailed` for a URL that must not be sent to, `TooManyWebhooks`.
        """
        try:
            check_url(url, private=self._settings.webhooks_reach_private)
        except AddressRefused as error:
            raise ValidationFailed({"url": [str(error)]}) from None
        now = self._clock.now()
        with connection(), database.atomic():
            database.execute_sql(ACCOUNT_LOCK, (str(account_id),))
            if self._of(account_id).count() >= self._settings.webhook_endpoints:
                raise TooManyWebhooks
            made: WebhookEndpoint = WebhookEndpoint.create(
                id=uuid7(now),
                account_id=account_id,
                url=url,
                events=events,
                amounts=amounts,
                secret=new_secret(),
                status=EndpointStatus.ACTIVE,
                due_at=now,
                created_at=now,
            )
        return made

    def list_all(self, account_id: UUID) -> list[WebhookEndpoint]:
        """The account's endpoints, oldest first."""
        with connection():
            return list(self._of(account_id).order_by(WebhookEndpoint.id))

    def find(self, account_id: UUID, endpoint_id: UUID) -> WebhookEndpoint:
        """One of the account's endpoints."""
        with connection():
            found = self._of(account_id).where(WebhookEndpoint.id == endpoint_id).get_or_none()
        if found is None:
            raise WebhookNotFound
        endpoint: WebhookEndpoint = found
        return endpoint

    def rotate_secret(self, account_id: UUID, endpoint_id: UUID) -> WebhookEndpoint:
        """Signs with a new secret; for `webhook_secret_overlap_s` also with the old one."""
        until = self._clock.now() + timedelta(seconds=self._settings.webhook_secret_overlap_s)
        return self._change(
            account_id,
            endpoint_id,
            secret=new_secret(),
            old_secret=WebhookEndpoint.secret,
            old_secret_until=until,
        )

    def pause(self, account_id: UUID, endpoint_id: UUID) -> WebhookEndpoint:
        """Stops sending; events wait."""
        return self._change(account_id, endpoint_id, status=EndpointStatus.PAUSED)

    def resume(self, account_id: UUID, endpoint_id: UUID) -> WebhookEndpoint:
        """Sends again at once, beginning with what waits."""
        now = self._clock.now()
        waiting = (WebhookDelivery.endpoint_id == endpoint_id) & (
            WebhookDelivery.status == DeliveryStatus.PENDING
        )
        with connection(), database.atomic():
            changed = self._change(
                account_id,
                endpoint_id,
                status=EndpointStatus.ACTIVE,
                failures=0,
                failing_since=None,
                last_error=None,
                due_at=now,
            )
            started = waiting & (WebhookDelivery.attempts > 0)
            WebhookDelivery.update(attempts=0, due_at=now, failing_since=None).where(
                started
            ).execute()
        return changed

    def delete(self, account_id: UUID, endpoint_id: UUID) -> None:
        """Removes the endpoint and all its deliveries."""
        mine = (WebhookEndpoint.account_id == account_id) & (WebhookEndpoint.id == endpoint_id)
        with connection():
            if not WebhookEndpoint.delete().where(mine).execute():
                raise WebhookNotFound

    def deliveries(
        self,
        account_id: UUID,
        endpoint_id: UUID,
        status: str | None,
        limit: int,
        before: int | None,
    ) -> list[WebhookDelivery]:
        """The newest deliveries of an endpoint that are older than the delivery `before`."""
        self.find(account_id, endpoint_id)
        query = WebhookDelivery.select().where(WebhookDelivery.endpoint_id == endpoint_id)
        if status is not None:
            query = query.where(WebhookDelivery.status == status)
        if before is not None:
            query = query.where(WebhookDelivery.id < before)
        with connection():
            return list(query.order_by(WebhookDelivery.id.desc()).limit(limit))

    def redeliver(self, account_id: UUID, endpoint_id: UUID, delivery_id: int) -> WebhookDelivery:
        """Sends one event again, as soon as the endpoint is active."""
        self.find(account_id, endpoint_id)
        now = self._clock.now()
        query = WebhookDelivery.update(
            status=DeliveryStatus.PENDING,
            attempts=0,
            due_at=now,
            failing_since=None,
            delivered_at=None,
        ).where((WebhookDelivery.endpoint_id == endpoint_id) & (WebhookDelivery.id == delivery_id))
        with connection():
            rows = list(query.returning(WebhookDelivery).execute())
        if not rows:
            raise WebhookNotFound
        delivery: WebhookDelivery = rows[0]
        return delivery

    def test(self, account_id: UUID, endpoint_id: UUID) -> Outcome:
        """Sends a signed test message now and returns the result."""
        endpoint = self.find(account_id, endpoint_id)
        now = self._clock.now()
        body = {"type": "test", "endpointId": str(endpoint.id), "timestamp": exact_json.iso(now)}
        sender = Sender(self._settings, endpoint.url)
        try:
            message = Message(f"test:{uuid7(now)}", exact_json.encode(body))
            return sender.send(message, endpoint.secrets(now), now)
        finally:
            sender.close()

    def _of(self, account_id: UUID) -> Any:
        return WebhookEndpoint.select().where(WebhookEndpoint.account_id == account_id)

    def _change(self, account_id: UUID, endpoint_id: UUID, **changes: Any) -> WebhookEndpoint:
        mine = (WebhookEndpoint.account_id == account_id) & (WebhookEndpoint.id == endpoint_id)
        query = WebhookEndpoint.update(**changes).where(mine).returning(WebhookEndpoint)
        with connection():
            rows = list(query.execute())
        if not rows:
            raise WebhookNotFound
        endpoint: WebhookEndpoint = rows[0]
        return endpoint
