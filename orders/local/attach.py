"""Reaching the private servers that `python app.py` runs, from another process beside it."""

from dataclasses import replace
from pathlib import Path

from orders.config import Settings
from orders.local.postgres import LocalPostgres
from orders.local.preflight import stored_secret
from orders.local.valkey import LocalValkey


def attach(settings: Settings) -> Settings:
    """The settings with what local mode leaves empty: where the private servers are, the secret.

    Outside local mode, and for what is set, they stay as they are. Nothing is started.
    """
    if not settings.local:
        return settings
    data_dir = Path(settings.data_dir)
    secret = stored_secret(data_dir) if data_dir.is_dir() else ""
    return replace(
        settings,
        database_url=settings.database_url or LocalPostgres(data_dir).url,
        redis_url=settings.redis_url or LocalValkey(data_dir).url,
        secret_key=settings.secret_key or secret,
    )
