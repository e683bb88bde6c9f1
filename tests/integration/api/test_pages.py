"""The pages name only files that exist."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

FILE = re.compile(r'(?:href|src)="(/static/[^"]+)"')


@pytest.mark.parametrize("path", ["/", "/orders/x", "/operations", "/docs", "/docs/errors"])
def test_every_file_that_a_page_names_is_served(shared_client: FlaskClient, path: str) -> None:
    files = FILE.findall(shared_client.get(path).text)
    assert files
    missing = [file for file in files if shared_client.get(file).status_code != 200]
    assert missing == []
