"""The book under /docs: the built pages, and plain ones where nobody has built them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from urllib.parse import urljoin

import pytest
from flask import Flask
from flask.testing import FlaskClient

from orders.api.book import make_book
from tests.docs_site import built_site

ANOTHER_HOST = re.compile(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="?(?:https?:)?//')
LINK = re.compile(r'(?:href|src)="([^"#?]+)')


def serve(site: Path) -> FlaskClient:
    app = Flask("orders", root_path=str(Path(__file__).parents[3]), static_folder=None)
    app.url_map.strict_slashes = False
    app.add_url_rule("/static/<filename>", "static", lambda filename: filename)
    app.register_blueprint(make_book(site))
    return app.test_client()


@pytest.fixture(scope="module")
def built() -> FlaskClient:
    return serve(built_site())


@pytest.fixture(scope="module")
def pages(built: FlaskClient) -> dict[str, str]:
    """Address -> HTML of every page that can be reached from the first one."""
    found: dict[str, str] = {}
    waiting = ["/docs/"]
    while waiting:
        address = waiting.pop()
        found[address] = built.get(address).text
        links = (urljoin(address, link) for link in LINK.findall(found[address]))
        new = {link for link in links if link.startswith("/docs/") and link.endswith(".html")}
        waiting += new.difference(found, waiting)
    return found


def test_docs_address_leads_to_the_first_page(built: FlaskClient) -> None:
    answer = built.get("/docs")
    assert (answer.status_code, answer.location) == (302, "docs/")
    assert "The book of the Order Execution Engine" in built.get("/docs/").text


def test_every_document_has_a_page(pages: dict[str, str]) -> None:
    assert len(pages) > 50
    assert "/docs/guide/first-order.html" in pages
    assert "/docs/live-messages.html" in pages


def test_pages_are_served_without_their_ending(built: FlaskClient) -> None:
    assert 'id="malformed_request"' in built.get("/docs/errors").text
    assert built.get("/docs/decisions").data == built.get("/docs/decisions/index.html").data


def test_pages_hold_no_inline_script_or_style_and_name_no_other_host(
    pages: dict[str, str],
) -> None:
    for address, page in pages.items():
        assert not re.search(r"<script>|<style|<[^>]* style=", page), address
        assert not ANOTHER_HOST.search(page), address


def test_every_file_that_a_page_names_is_served(built: FlaskClient, pages: dict[str, str]) -> None:
    named = {
        urljoin(address, link) for address, page in pages.items() for link in LINK.findall(page)
    }
    files = [name for name in named if name.startswith("/docs/") and name != "/docs/explorer"]
    assert len(files) > 60
    assert [name for name in files if built.get(name).status_code != 200] == []


def test_examples_in_two_languages_are_tabs(pages: dict[str, str]) -> None:
    page = pages["/docs/guide/first-order.html"]
    assert page.count(">JavaScript</label>") == page.count(">Python</label>") > 3


def test_unchanged_page_is_not_sent_again(built: FlaskClient) -> None:
    first = built.get("/docs/errors")
    assert first.headers["Cache-Control"] == "no-cache"
    again = built.get("/docs/errors", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_rebuilt_page_is_served_at_once(tmp_path: Path) -> None:
    site = tmp_path / "site"
    client = serve(site)
    assert "plain form" in client.get("/docs/errors").text
    site.mkdir()
    (site / "errors.html").write_text("first")
    assert client.get("/docs/errors").text == "first"
    shutil.rmtree(site)
    site.mkdir()
    (site / "errors.html").write_text("second")
    assert client.get("/docs/errors").text == "second"


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/docs/", "The book of the Order Execution Engine"),
        ("/docs/guide/follow-an-order.md", 'id="with-socketio"'),
        ("/docs/errors.html", 'id="malformed_request"'),
        ("/docs/decisions", "Why it is built this way"),
    ],
)
def test_without_built_pages_documents_are_plain_and_say_so(
    tmp_path: Path, address: str, says: str
) -> None:
    page = serve(tmp_path / "nothing").get(address).text
    assert says in page
    assert "make docs" in page


@pytest.mark.parametrize(
    "name", ["nothing", "../README", "%2e%2e/README.md", "guide/../../README.md", "asyncapi.json"]
)
def test_nothing_but_documents_is_served(tmp_path: Path, name: str) -> None:
    assert serve(tmp_path / "nothing").get(f"/docs/{name}").status_code == 404
