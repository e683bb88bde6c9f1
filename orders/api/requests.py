"""Reading requests (strict JSON, known fields only) and writing answers."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import RAISE, Schema, ValidationError
from marshmallow.fields import Field
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from orders.api.amounts import wants_strings
from orders.api.field_errors import MAX_ERRORS, MAX_NAME, field_errors
from orders.api.naming import CamelCase
from orders.domain import exact_json
from orders.domain.amounts import PARAMETER, with_strings
from orders.domain.errors import MalformedRequest, ValidationFailed

JSON = "application/json"


class RequestSchema(CamelCase):
    """Schema of a request: unknown fields are refused."""

    class Meta:
        unknown = RAISE

    error_messages = {"type": "Must be a JSON object."}  # noqa: RUF012

    def on_bind_field(self, field_name: str, field_obj: Field[Any]) -> None:
        """Gives the field its camelCase name and this service's words for a missing value."""
        super().on_bind_field(field_name, field_obj)
        field_obj.error_messages["required"] = "This field is required."


def read_body(schema: Schema) -> dict[str, Any]:
    """Reads the fields of the request's JSON object.

    Raises `MalformedRequest`, `ValidationFailed`, and the framework's errors for bodies that are
    too large or not JSON.
    """
    if request.mimetype != JSON:
        raise UnsupportedMediaType()
    try:
        value = exact_json.loads_strict(_read_bytes())
    except exact_json.MalformedJson as error:
        raise MalformedRequest(str(error)) from None
    if not isinstance(value, dict):
        raise MalformedRequest("The body must be one JSON object.")
    return load(schema, value)


def read_no_body(hint: str) -> None:
    """Refuses what stands in the body of a request that takes none; an empty object is nothing.

    `hint` says where it belongs. Raises `MalformedRequest`, `ValidationFailed`, and the
    framework's error for bodies that are too large.
    """
    body = _read_bytes()
    if not body:
        return
    try:
        value = exact_json.loads_strict(body)
    except exact_json.MalformedJson:
        value = None
    if not isinstance(value, dict):
        raise MalformedRequest(f"This request takes no body. {hint}")
    if value:
        raise ValidationFailed({name[:MAX_NAME]: [hint] for name in list(value)[:MAX_ERRORS]})


def _read_bytes() -> bytes:
    most = request.max_content_length or 0
    if (request.content_length or 0) > most:
        raise RequestEntityTooLarge()
    body = request.get_data(cache=False)
    if request.content_length is None and len(body) >= most:  # The framework cuts there.
        raise RequestEntityTooLarge()
    return body


def read_query(schema: Schema) -> dict[str, Any]:
    """Reads the fields of the query string. Raises `ValidationFailed`."""
    values: dict[str, str] = {}
    for name, given in request.args.lists():
        if name == PARAMETER:
            continue
        if len(given) > 1:
            raise ValidationFailed({name[:MAX_NAME]: ["Given more than once."]})
        values[name] = given[0]
    return load(schema, values)


def load(schema: Schema, values: dict[str, Any]) -> dict[str, Any]:
    """Loads the values with the schema. Raises `ValidationFailed`."""
    try:
        loaded: dict[str, Any] = schema.load(values)
    except ValidationError as error:
        raise ValidationFailed(field_errors(error.messages_dict, schema)) from None
    return loaded


def answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer, its decimals digit for digit: as numbers, or as strings if the client asked
    so.
    """
    body = exact_json.encode(with_strings(value) if wants_strings() else value)
    return Response(body, status, headers, content_type=JSON)
