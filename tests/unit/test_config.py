"""Settings are read by their type, and a wrong one is named in one sentence."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from orders.config import PARSERS, ConfigurationError, Settings, load_settings


def test_every_setting_has_a_type_that_can_be_read() -> None:
    assert {str(spec.type) for spec in fields(Settings)} <= set(PARSERS)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("PORT", "8080", 8080),
        ("RETRY_BACKOFF", "1.5", 1.5),
        ("REQUIRE_AUTH", "yes", True),
        ("REQUIRE_AUTH", "0", False),
        ("PROCESS_NAME", "worker-1", "worker-1"),
        ("RATE_LIMIT", "5/second", "5/second"),
        ("RATE_LIMIT", "off", "off"),
        ("WORKER_CONCURRENCY", " ", Settings().worker_concurrency),
    ],
)
def test_setting_is_read_by_its_type(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object
) -> None:
    monkeypatch.setenv(name, text)
    assert getattr(load_settings(None), name.lower()) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("RETRY_BACKOFF", "nan"),
        ("REQUIRE_AUTH", "perhaps"),
        ("RATE_LIMIT", "many"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(ConfigurationError, match=name):
        load_settings(None)


def test_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("RETRY_DELAY_S=7\nMAX_RETRIES=5\n")
    for name in ("RETRY_DELAY_S", "MAX_RETRIES"):
        monkeypatch.setenv(name, "")  # So that it is put back to what it was.
        monkeypatch.delenv(name)
    monkeypatch.setenv("MAX_RETRIES", "2")
    settings = load_settings(file)
    assert (settings.retry_delay_s, settings.max_retries) == (7, 2)
