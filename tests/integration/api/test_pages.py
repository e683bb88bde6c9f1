"""The pages name only files that exist."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

FILE = re.compile(r'(?:href|src)="(/static/[^"]+)"')


@pytest.mark.parametrize(
    "path", ["/", "/orders/x", "/operations", "/portfolio", "/webhooks", "/docs/explorer"]
)
def test_every_file_that_a_page_names_is_served(shared_client: FlaskClient, path: str) -> None:
    files = FILE.findall(shared_client.get(path).text)
    assert files
    for file in files:
        with shared_client.get(file) as answer:
            assert answer.status_code == 200, file
