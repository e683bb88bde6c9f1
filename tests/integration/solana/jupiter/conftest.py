"""A service whose Jupiter side is asked directly, without processes."""

from tests.integration.api.conftest import app, client, shared_app, shared_client

__all__ = ["app", "client", "shared_app", "shared_client"]
