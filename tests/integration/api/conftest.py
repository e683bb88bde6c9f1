"""A client of the HTTP API, on the test's own database and without workers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from orders.system import System


@pytest.fixture
def app(system: System) -> Flask:
    """The web application of one process."""
    return create_app(system.settings, system)


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    """Sends requests to the application, without a server in between."""
    with app.test_client() as opened:
        yield opened
