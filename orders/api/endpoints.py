"""Routes together with their OpenAPI documentation.

The documentation costs nothing when a request is served.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from flask_smorest import Blueprint
from marshmallow import Schema
from werkzeug.routing import BaseConverter

from orders.api.problems import MIMETYPE, PROBLEMS

View = TypeVar("View", bound=Callable[..., Any])

BODY_PROBLEMS = (
    "malformed_request",
    "validation_failed",
    "request_timeout",
    "payload_too_large",
    "unsupported_media_type",
)
BEARER: list[dict[str, list[str]]] = [{"bearer": []}]
BEARER_OR_NONE: list[dict[str, list[str]]] = [{"bearer": []}, {}]
REQUEST_ID = {
    "description": "Names this request in logs and problems.",
    "schema": {"type": "string"},
}

RATE_LIMIT = {
    "RateLimit-Limit": "Requests that the caller may make in one period; absent without a limit.",
    "RateLimit-Remaining": "What is left of them.",
    "RateLimit-Reset": "Seconds until the next period begins.",
}
RETRY_AFTER = {"Retry-After": "Seconds to wait before the next try."}
WHOLE_NUMBERS = {*RATE_LIMIT, *RETRY_AFTER}
"""Headers that hold an integer."""


@dataclass(frozen=True, slots=True)
class TextAnswer:
    """An answer that is not JSON."""

    media_type: str
    description: str


Documented = type[Schema] | tuple[type[Schema], ...] | TextAnswer
"""The documentation of a status: a schema, one of several schemas, or text."""


class OrderPath(BaseConverter):
    """An order id in a path. Words that name other resources do not match."""

    regex = "(?!(?:execute|cancel-all|linked)$)[^/]+"


def endpoint(
    blueprint: Blueprint,
    method: str,
    rule: str,
    answers: dict[int, Documented],
    *,
    body: type[Schema] | None = None,
    query: type[Schema] | None = None,
    problems: tuple[str, ...] = (),
    parameters: tuple[dict[str, Any], ...] = (),
    headers: dict[str, str] | None = None,
    security: list[dict[str, list[str]]] | None = None,
    example: dict[str, Any] | None = None,
) -> Callable[[View], View]:
    """Serves a view under `rule` and documents its answers by status, its input, and the codes it
    fails with.
    """
    operation: dict[str, Any] = {
        "responses": _answers(answers, (headers or {}) | _limit_headers("rate_limited" in problems))
        | _problems((*problems, *(BODY_PROBLEMS if body else ()), "internal_error"))
    }
    listed: list[Any] = list(parameters)
    if query is not None:
        listed.append({"in": "query", "schema": query})
    if listed:
        operation["parameters"] = listed
    if body is not None:
        content: dict[str, Any] = {"schema": body}
        if example is not None:
            content["example"] = example
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": content},
        }
    if security is not None:
        operation["security"] = security

    def decorate(view: View) -> View:
        blueprint.route(rule, methods=[method])(blueprint.doc(**operation)(view))
        return view

    return decorate


def _limit_headers(limited: bool) -> dict[str, str]:
    return RATE_LIMIT if limited else {}


def _described(headers: dict[str, str]) -> dict[str, Any]:
    return {
        name: {
            "description": text,
            "schema": {"type": "integer" if name in WHOLE_NUMBERS else "string"},
        }
        for name, text in headers.items()
    }


def _problem_headers(status: int) -> dict[str, str]:
    """The headers that a problem with this status has beside its body."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RETRY_AFTER | RATE_LIMIT
    return RETRY_AFTER if status == HTTPStatus.SERVICE_UNAVAILABLE else {}


def _answers(answers: dict[int, Documented], headers: dict[str, str]) -> dict[str, Any]:
    return {
        str(status): {
            "headers": {"X-Request-ID": REQUEST_ID, **_described(headers)},
            **_content(documented),
        }
        for status, documented in answers.items()
    }


def _content(answer: Documented) -> dict[str, Any]:
    if isinstance(answer, TextAnswer):
        content: dict[str, Any] = {answer.media_type: {"schema": {"type": "string"}}}
        return {"description": answer.description, "content": content}
    schemas = answer if isinstance(answer, tuple) else (answer,)
    lines = [(schema.__doc__ or "").strip().splitlines()[0] for schema in schemas]
    schema: Any = schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}
    content = {"application/json": {"schema": schema}}
    return {"description": " Or: ".join(lines), "content": content}


def _problems(codes: tuple[str, ...]) -> dict[str, Any]:
    by_status: dict[str, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(str(PROBLEMS[code][0]), []).append(code)
    return {
        status: {
            "description": " or ".join(f"`{code}`: {PROBLEMS[code][1]}." for code in of_status),
            "headers": {"X-Request-ID": REQUEST_ID, **_described(_problem_headers(int(status)))},
            "content": {
                MIMETYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": {code: {"value": _example(code)} for code in of_status},
                }
            },
        }
        for status, of_status in by_status.items()
    }


def _example(code: str) -> dict[str, Any]:
    status, title = PROBLEMS[code]
    return {
        "type": f"/docs/errors#{code}",
        "title": title,
        "status": status,
        "detail": f"{title}.",
        "code": code,
        "requestId": "0f8fad5bd9cb469fa16570867728950e",
        "error": f"{title}.",
        "success": False,
    }
