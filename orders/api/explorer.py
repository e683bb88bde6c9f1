"""The OpenAPI document as a page for people: what `templates/docs/explorer.html` shows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

TOKEN_WORDS = {"required": "needs a token", "optional": "takes a token", "none": ""}


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter of a request, or a field of a body or an answer."""

    name: str
    kind: str
    required: bool
    description: str
    place: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one status means."""

    status: str
    description: str
    shape: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    id: str
    method: str
    path: str
    summary: str
    token: str
    parameters: list[Field]
    body_shape: str
    body_example: str | None
    answers: list[Answer]


@dataclass(frozen=True, slots=True)
class Group:
    """The operations of one tag."""

    name: str
    description: str
    operations: list[Operation]


def describe(document: dict[str, Any]) -> dict[str, Any]:
    """The data of the page for an OpenAPI document: `groups` of operations, and `shapes`."""
    operations: dict[str, list[Operation]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        shared = methods.get("parameters", [])
        for method, operation in methods.items():
            if method != "parameters":
                found = _operation(method, path, operation, shared)
                operations[operation["tags"][0]].append(found)
    groups = [
        Group(tag["name"], tag.get("description", ""), operations[tag["name"]])
        for tag in document["tags"]
    ]
    schemas = document["components"]["schemas"]
    return {
        "groups": groups,
        "shapes": {name: _fields(schema) for name, schema in sorted(schemas.items())},
    }


def _operation(
    method: str, path: str, operation: dict[str, Any], shared: list[dict[str, Any]]
) -> Operation:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return Operation(
        operation["operationId"],
        method.upper(),
        path,
        operation.get("summary", ""),
        TOKEN_WORDS[_security(operation)],
        [_parameter(each) for each in (*shared, *operation.get("parameters", []))],
        _shape(body["schema"]) if body else "",
        json.dumps(body.get("example", {}), indent=2) if body else None,
        [_answer(status, each) for status, each in sorted(operation["responses"].items())],
    )


def _security(operation: dict[str, Any]) -> str:
    schemes = operation.get("security", [])
    if not schemes:
        return "none"
    return "optional" if {} in schemes else "required"


def _parameter(parameter: dict[str, Any]) -> Field:
    schema = parameter["schema"]
    examples = schema.get("examples", [])
    return Field(
        parameter["name"],
        _kind(schema),
        parameter.get("required", False),
        parameter.get("description") or schema.get("description", ""),
        parameter["in"],
        str(examples[0]) if examples and parameter.get("required") else "",
    )


def _answer(status: str, answer: dict[str, Any]) -> Answer:
    contents = list(answer.get("content", {}).values())
    return Answer(
        status, answer["description"], _shape(contents[0].get("schema", {})) if contents else ""
    )


def _fields(schema: dict[str, Any]) -> list[Field]:
    required = schema.get("required", [])
    return [
        Field(name, _kind(each), name in required, each.get("description", ""))
        for name, each in schema.get("properties", {}).items()
    ]


def _shape(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _kind(schema: dict[str, Any]) -> str:
    """A schema's type in a few words."""
    if "$ref" in schema:
        return _shape(schema)
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_kind(schema['items'])}"
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{words} ({schema['format']})" if "format" in schema else words
