"""Settings are read by their type, and a wrong one is named in one sentence."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from orders.config import PARSERS, ConfigurationError, Settings, load_settings
from orders.local.demo import own_url


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
        ("PUBLIC_URL", "orders.example.com"),
        ("CORS_ORIGINS", "example.com"),
        ("CORS_ORIGINS", "https://example.com, https://example.org/"),
        ("ALLOWED_HOSTS", "https://example.com"),
        ("ALLOWED_HOSTS", "example.com:443"),
        ("ALLOWED_HOSTS", "*.example.com"),
    ],
)
def test_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(ConfigurationError, match=name) as refused:
        load_settings(None)
    assert str(refused.value).endswith(".")
    assert ".." not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PUBLIC_URL", "https://example.com/orders"),
        ("CORS_ORIGINS", "https://example.com, http://localhost:3000, chrome-extension://abc"),
        ("CORS_ORIGINS", "*"),
        ("ALLOWED_HOSTS", "Example.com, .example.org, 10.0.0.1, ::1, [fe80::1], my_host"),
        ("ALLOWED_HOSTS", "*"),
    ],
)
def test_addresses_of_every_form_are_taken(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.setenv(name, text)
    assert getattr(load_settings(None), name.lower()) == text


@pytest.mark.parametrize(("given", "limit"), [("", 0), ("500", 500)])
def test_production_has_no_faucet_unless_it_is_set(
    monkeypatch: pytest.MonkeyPatch, given: str, limit: float
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("SECRET_KEY", "0123456789abcdef0123456789abcdef")
    monkeypatch.setenv("DATABASE_URL", "postgresql:///x")
    monkeypatch.setenv("REDIS_URL", "redis://x")
    monkeypatch.setenv("FAUCET_LIMIT_USD", given)
    assert load_settings(None).faucet_limit_usd == limit


def test_secret_of_equal_letters_is_refused_in_production(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("SECRET_KEY", "a" * 48)
    with pytest.raises(ConfigurationError, match="too few different characters"):
        load_settings(None)
    monkeypatch.setenv("SECRET_KEY", "0123456789abcdef" * 3)
    assert load_settings(None).secret_key == "0123456789abcdef" * 3


def test_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("RETRY_DELAY_S=7\nMAX_RETRIES=5\n")
    for name in ("RETRY_DELAY_S", "MAX_RETRIES"):
        monkeypatch.setenv(name, "")  # So that it is put back to what it was.
        monkeypatch.delenv(name)
    monkeypatch.setenv("MAX_RETRIES", "2")
    settings = load_settings(file)
    assert (settings.retry_delay_s, settings.max_retries) == (7, 2)


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("PORT", "abc", "a whole number"),
        ("LEASE_S", "soon", "a number"),
        ("REQUIRE_AUTH", "maybe", "1 or 0"),
    ],
)
def test_a_value_of_the_wrong_kind_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, kind: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as refused:
        load_settings(dotenv=None)
    assert str(refused.value) == f"{name}='{value}' is not usable: give {kind}."


@pytest.mark.parametrize("status", ["199", "203"])
def test_accepted_orders_are_answered_200_to_202(
    monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    monkeypatch.setenv("ACCEPTED_STATUS", status)
    with pytest.raises(ConfigurationError):
        load_settings(dotenv=None)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8123"),
        ("0.0.0.0", "http://127.0.0.1:8123"),
        ("::", "http://[::1]:8123"),
    ],
)
def test_the_demo_looks_where_the_settings_say(host: str, url: str) -> None:
    assert own_url(replace(Settings(), host=host, port=8123)) == url
