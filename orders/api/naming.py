"""Names are snake_case in Python and camelCase on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema
from marshmallow.fields import Field


class CamelCase(Schema):
    """A schema whose fields clients know in camelCase."""

    def on_bind_field(self, field_name: str, field_obj: Field[Any]) -> None:
        """Names the field as clients do."""
        field_obj.data_key = field_obj.data_key or camel_case(field_name)


def camel_case(name: str) -> str:
    """amount_in -> amountIn."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
