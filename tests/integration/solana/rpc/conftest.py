"""A service whose JSON-RPC is asked directly, without processes."""

from tests.integration.api.conftest import app, client, shared_app, shared_client

__all__ = ["app", "client", "shared_app", "shared_client"]
