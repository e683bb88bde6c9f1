"""Connects another process to the private servers that `python app.py` runs."""

from dataclasses import replace
from pathlib import Path

from orders.config import Settings
from orders.local.postgres import LocalPostgres
from orders.local.preflight import stored_secret
from orders.local.valkey import LocalValkey


def attach(settings: Settings) -> Settings:
    """Completes the settings that local mode leaves empty: the private servers' addresses, the
    secret.

    Settings that are set, or outside local mode, stay as they are. Nothing is started.
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
