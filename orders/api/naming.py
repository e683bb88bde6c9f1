"""Converts field names: snake_case in Python, camelCase on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema
from marshmallow.fields import Field


class CamelCase(Schema):
    """A schema whose fields are camelCase for clients."""

    def on_bind_field(self, field_name: str, field_obj: Field[Any]) -> None:
        """Gives the field its camelCase name."""
        field_obj.data_key = field_obj.data_key or camel_case(field_name)


def camel_case(name: str) -> str:
    """Converts a name: amount_in becomes amountIn."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
