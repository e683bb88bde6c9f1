"""The API, described: OpenAPI, AsyncAPI, a page to explore it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint as PlainBlueprint
from flask import Flask, Response, render_template
from flask_smorest import Api, Blueprint

from orders.api.answers import ProblemAnswer
from orders.api.book import DOCS
from orders.api.endpoints import OrderPath
from orders.api.explorer import describe
from orders.api.naming import camel_case
from orders.api.webhook_document import describe_webhooks
from orders.config import Settings
from orders.domain import exact_json
from orders.domain.once import once

TITLE = "Order Execution Engine"
VERSION = "1.0.0"
UUIDS = {"order_id", "move_id", "endpoint_id"}
"""Path parameters that are UUIDs."""
DESCRIPTION = """\
Places swap orders on two simulated Solana venues and follows them to their end.

Amounts and prices are exact decimals: JSON numbers written digit for digit; send them as numbers
or as decimal strings. With `Accept: application/json; amounts=string` or `?amounts=string` all
answers have them as strings, for parsers that read numbers as floats. A price is tokenOut per
1 tokenIn. Times are ISO 8601 in UTC. Errors are `application/problem+json` with a stable `code`.
Live events come over Socket.IO and WebSocket, see /asyncapi.json.
"""


def register_documented(app: Flask, blueprints: tuple[Blueprint, ...]) -> None:
    """Registers the blueprints and serves their documents."""
    app.url_map.converters["order"] = OrderPath
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    # Made when first asked for: it takes an eighth of a second, and megabytes.
    document = once(partial(_document, app.config["SETTINGS"], blueprints))
    app.register_blueprint(_documents(document))


def _document(settings: Settings, blueprints: tuple[Blueprint, ...]) -> dict[str, Any]:
    # In an app of its own, because nothing can be registered in one that serves already, and
    # because flask-smorest adds handlers of errors, which this service answers itself.
    described = Flask(__name__)
    described.url_map.converters["order"] = OrderPath
    api = Api(
        described,
        spec_kwargs={
            "title": TITLE,
            "version": VERSION,
            "openapi_version": "3.1.0",
            "info": {"description": DESCRIPTION, "license": {"name": "MIT", "identifier": "MIT"}},
            "servers": [{"url": settings.public_url or "/"}],
        },
    )
    api.spec.components.schema("Problem", schema=ProblemAnswer)
    api.spec.components.security_scheme(
        "bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    )
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    document = _finished(api)
    _tell_accepted_status(document, settings.accepted_status)
    return document


def _tell_accepted_status(document: dict[str, Any], status: int) -> None:
    """Documents the status that this installation answers for an accepted order."""
    for operations in document["paths"].values():
        responses = operations.get("post", {}).get("responses", {})
        if "202" in responses:
            responses[str(status)] = responses.pop("202")


def _finished(api: Api) -> dict[str, Any]:
    document: dict[str, Any] = api.spec.to_dict()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            operation["operationId"] = _operation_id(method, path)
            operation["responses"].pop("default", None)
        for parameter in operations.get("parameters", ()):
            if parameter["name"] in UUIDS:
                parameter["schema"] = {"type": "string", "format": "uuid"}
            if parameter["name"] == "client_order_id":
                parameter["schema"] |= {"minLength": 1, "maxLength": 64}
            parameter["name"] = camel_case(parameter["name"])
    document["paths"] = {
        path.replace("_order_id}", "OrderId}").replace("_id}", "Id}"): operations
        for path, operations in document["paths"].items()
        if path != "/metrics"
    }
    document["webhooks"] = describe_webhooks("EventAnswer")
    # Schemas that flask-smorest adds for its own errors and pages.
    del document["components"]["responses"]
    for unused in ("Error", "PaginationMetadata"):
        document["components"]["schemas"].pop(unused, None)
    return document


def _operation_id(method: str, path: str) -> str:
    words = [word.strip("{}") for word in path.replace("_", "/").split("/") if word != "api"]
    return method + "".join(word.capitalize() for word in words)


def _documents(document: Callable[[], dict[str, Any]]) -> PlainBlueprint:
    documents = PlainBlueprint("documents", __name__)
    openapi = once(lambda: exact_json.encode(document()))
    explained = once(lambda: describe(document()))
    asyncapi = (DOCS / "asyncapi.json").read_bytes()

    @documents.get("/openapi.json")
    def openapi_json() -> Response:
        return Response(openapi(), mimetype="application/json")

    @documents.get("/asyncapi.json")
    def asyncapi_json() -> Response:
        return Response(asyncapi, mimetype="application/json")

    @documents.get("/docs/explorer")
    def explorer() -> str:
        return render_template(
            "docs/explorer.html", title=TITLE, description=DESCRIPTION, **explained()
        )

    return documents
