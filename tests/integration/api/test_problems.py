"""Every failure is a problem with a code that the catalogue explains."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from orders.api.book import DOCS
from orders.api.problems import PROBLEMS
from orders.domain.errors import catalogue

CATALOGUE = (DOCS / "errors.md").read_text()


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_code_is_explained_where_type_points(code: str, shared_client: FlaskClient) -> None:
    assert f'id="{code}"' in shared_client.get("/docs/errors").text


def test_every_failure_of_domain_and_market_is_explained() -> None:
    inner = {"fenced", "dex_error"}
    codes = {code for code, kind in catalogue().items() if kind.__module__.startswith("orders.")}
    explained = set(re.findall(r"^### (\w+)$", CATALOGUE, re.MULTILINE))
    assert codes - inner <= explained


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing/here", 404, "not_found"),
        ("GET", "/api/orders/not-a-uuid", 404, "order_not_found"),
        ("GET", "/api/orders/%00", 404, "order_not_found"),
        ("GET", "/api/orders/00000000-0000-7000-8000-000000000000", 404, "order_not_found"),
        ("GET", "/api/orders/status/' OR 1=1 --", 404, "order_not_found"),
        ("PUT", "/api/orders", 405, "method_not_allowed"),
        ("POST", "/api/orders", 401, "unauthenticated"),
        ("GET", "/api/auth/me", 401, "unauthenticated"),
    ],
)
def test_failures_of_the_framework_are_problems(
    shared_client: FlaskClient, method: str, path: str, status: int, code: str
) -> None:
    answer = shared_client.open(path, method=method)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    problem = answer.get_json()
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["type"].endswith(f"/docs/errors#{code}")
    assert problem["requestId"] == answer.headers["X-Request-ID"]
    assert problem["detail"]
    assert (problem["error"], problem["success"]) == (problem["detail"], False)


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_a_mistyped_address_gives_a_person_a_page(shared_client: FlaskClient) -> None:
    answer = shared_client.get("/operation", headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert 'href="/"' in answer.text


@pytest.mark.parametrize("path", ["/api/order", "/api/orders/nothing"])
def test_api_answers_problems_to_browsers_too(shared_client: FlaskClient, path: str) -> None:
    answer = shared_client.get(path, headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_method_not_allowed_names_those_that_are(shared_client: FlaskClient) -> None:
    assert "POST" in shared_client.put("/api/orders").headers["Allow"]


def test_a_defect_is_answered_without_detail(app: Flask, client: FlaskClient) -> None:
    def broken() -> str:
        raise RuntimeError("password=hunter2")

    app.view_functions["operations.health"] = broken
    answer = client.get("/health")
    assert answer.status_code == 500
    assert answer.get_json()["code"] == "internal_error"
    assert "hunter2" not in answer.text


@pytest.mark.parametrize("given", ["trace-17.a_B", "A" * 64])
def test_a_sane_request_id_is_echoed(shared_client: FlaskClient, given: str) -> None:
    answer = shared_client.get("/health", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "a b", "A" * 65, "<script>"])
def test_any_other_request_id_is_replaced(shared_client: FlaskClient, given: str) -> None:
    answer = shared_client.get("/health", headers={"X-Request-ID": given})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])
