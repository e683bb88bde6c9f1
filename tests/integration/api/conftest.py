"""Clients of the HTTP API, without a server in between and without workers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from orders.local.postgres import LocalPostgres
from orders.local.valkey import LocalValkey
from orders.storage.database import connect, database
from orders.wiring import Components, wire
from tests.conftest import FAST, fresh_database


@pytest.fixture
def app(components: Components) -> Flask:
    """The web application of one process."""
    return create_app(components.settings, components)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of a new service."""
    return app.test_client()


@pytest.fixture(scope="module")
def shared_app(
    postgres: LocalPostgres, valkey: LocalValkey, template_database: str
) -> Iterator[Flask]:
    """A service for all tests of a module that accept traces of one another."""
    with fresh_database(postgres, template_database) as url:
        settings = replace(FAST, database_url=url, redis_url=valkey.url)
        components = wire(settings)
        yield create_app(settings, components)
        components.close()
        database.close_all()


@pytest.fixture
def shared_client(shared_app: Flask) -> Iterator[FlaskClient]:
    """A client of the service that the tests of a module share."""
    # Each process has one pool; the test before may have bound it to its own database.
    database.close_all()
    connect(shared_app.config["SETTINGS"])
    yield shared_app.test_client()
    database.close_all()
