"""The files of the pages: compressed, cached for ever under an address that changes with them."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from flask import Flask, url_for
from flask.testing import FlaskClient

from orders.api.static_files import StaticFiles, register_static_files

PACKED = {"Accept-Encoding": "gzip, deflate, br"}


def addresses(client: FlaskClient) -> list[str]:
    return re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/").text)


def test_every_file_of_a_page_is_cached_for_ever(shared_client: FlaskClient) -> None:
    found = addresses(shared_client)
    assert len(found) > 5
    for address in found:
        answer = shared_client.get(address, headers=PACKED)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_files_are_compressed_for_clients_that_accept_it(shared_client: FlaskClient) -> None:
    [address] = [a for a in addresses(shared_client) if a.endswith("theme.css")]
    packed, plain = shared_client.get(address, headers=PACKED), shared_client.get(address)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert packed.headers["ETag"] != plain.headers["ETag"]


def test_files_without_a_current_version_are_revalidated(
    shared_client: FlaskClient,
) -> None:
    for address in ("/static/css/theme.css", "/static/v-0123456789abcdef/css/theme.css"):
        answer = shared_client.get(address)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
        again = shared_client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


def test_nothing_outside_the_folder_is_served(shared_client: FlaskClient) -> None:
    for name in ("../app.py", "%2e%2e/app.py", "..%2fapp.py", "css", "css/../../app.py", "nothing"):
        assert shared_client.get(f"/static/{name}").status_code == 404


def test_the_version_changes_with_any_file(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    files = StaticFiles(tmp_path)
    first = files.version()
    assert files.version() == first
    (tmp_path / "b.js").write_text("2")
    assert files.version() != first


def test_modules_have_the_media_type_that_browsers_insist_on(tmp_path: Path) -> None:
    (tmp_path / "chart.mjs").write_text("export {};")
    app = Flask(__name__, static_folder=None)
    register_static_files(app, tmp_path)
    answer = app.test_client().get("/static/chart.mjs")
    assert answer.mimetype == "text/javascript"


def test_files_of_the_known_version_are_served_without_a_look_at_the_folder(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    app = Flask(__name__, static_folder=None)
    register_static_files(app, tmp_path)
    with app.test_request_context():
        address = url_for("static", filename="a.js")
        (tmp_path / "a.js").unlink()
        assert url_for("static", filename="a.js") == address  # One page, one version.
    client = app.test_client()
    assert client.get(address).text == "1"
    assert client.get("/static/a.js").status_code == 404
    assert client.get(address).status_code == 404
