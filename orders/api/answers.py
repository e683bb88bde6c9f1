"""Answers: schemas that both document and write them, and the fields that they use."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from marshmallow import Schema, fields

from orders.api.naming import CamelCase
from orders.domain.lifecycle import Status


class Answer(CamelCase):
    """Schema of an answer: the one list of its fields.

    A field shows the attribute of its name (or its `attribute`), or what the class's method
    `show_<field>` returns. Values are written by `orders.domain.exact_json`, so no field converts
    them.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._readers: list[tuple[str, Callable[[Any], Any]]] = [
            (
                field.data_key or name,
                getattr(self, f"show_{name}", attrgetter(field.attribute or name)),
            )
            for name, field in self.dump_fields.items()
        ]

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """The answer about an object, or with `many` a list of answers."""
        readers = self._readers
        if many:
            return [{key: read(each) for key, read in readers} for each in obj]
        return {key: read(obj) for key, read in readers}


def number(description: str = "", *, nullable: bool = False) -> fields.Field[Any]:
    """An exact decimal, written digit for digit."""
    metadata: dict[str, Any] = {"type": ["number", "null"] if nullable else "number"}
    if description:
        metadata["description"] = description
    return fields.Raw(required=True, metadata=metadata)


def text(
    description: str = "", *, nullable: bool = False, attribute: str | None = None, **metadata: Any
) -> fields.String:
    """A text."""
    if description:
        metadata["description"] = description
    return fields.String(required=True, allow_none=nullable, attribute=attribute, metadata=metadata)


def whole(
    description: str = "", *, nullable: bool = False, attribute: str | None = None
) -> fields.Integer:
    """An integer."""
    metadata = {"description": description} if description else {}
    return fields.Integer(
        required=True, allow_none=nullable, attribute=attribute, metadata=metadata
    )


def moment(description: str = "", *, nullable: bool = False) -> fields.String:
    """A time: ISO 8601, UTC, milliseconds."""
    return text(description, nullable=nullable, format="date-time")


def identifier(*, nullable: bool = False, attribute: str | None = None) -> fields.String:
    """A UUID."""
    return text(nullable=nullable, attribute=attribute, format="uuid")


def status() -> fields.String:
    """An order's status."""
    return text(enum=[str(each) for each in Status])


def nested(schema: type[Schema], *, many: bool = False, nullable: bool = False) -> fields.Nested:
    """An object, or a list of them."""
    return fields.Nested(schema, many=many, required=True, allow_none=nullable)


class ProblemAnswer(Answer):
    """What went wrong (RFC 9457)."""

    type = text("Links to the code's explanation.", format="uri-reference")
    title = text()
    status = whole("The HTTP status.")
    detail = text("A sentence a person can act on.")
    code = text("Stable; for programs.")
    request_id = text(nullable=True)
    error = text("The detail again, where older clients look for it.")
    success = fields.Boolean(required=True, metadata={"enum": [False]})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={
            "description": "What is wrong with each field, by its path: `orders.1.limitPrice`."
        },
    )
    token = fields.String(metadata={"description": "`insufficient_funds`: what is missing."})
    needed = fields.Raw(metadata={"type": "number", "description": "Of that token."})
    available = fields.Raw(metadata={"type": "number", "description": "Of that token."})
