"""What is asked and answered about accounts."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from orders.accounts.accounts import normalise_email
from orders.api.answers import Answer, identifier, nested, text
from orders.api.requests import RequestSchema

MAX_EMAIL = 254
"""Characters of an address that SMTP can carry (RFC 5321)."""
PASSWORD_LENGTH = (10, 128)


class Credentials(RequestSchema):
    """An email address and a password."""

    email = fields.String(
        required=True,
        validate=validate.Length(max=MAX_EMAIL),
        metadata={"format": "email", "examples": ["ada@example.org"]},
    )
    password = fields.String(
        required=True,
        validate=validate.Length(max=PASSWORD_LENGTH[1]),
        metadata={"examples": ["correct horse battery"]},
    )

    @post_load
    def normalise(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """One way to write an address."""
        return data | {"email": normalise_email(data["email"])}


class NewAccount(Credentials):
    """What a new account is made of."""

    email = fields.String(
        required=True,
        validate=[
            validate.Length(max=MAX_EMAIL),
            validate.Email(error="Give an email address."),
        ],
        metadata={"format": "email", "examples": ["ada@example.org"]},
    )
    password = fields.String(
        required=True,
        validate=validate.Length(*PASSWORD_LENGTH),
        metadata={"examples": ["correct horse battery"]},
    )


class UserAnswer(Answer):
    """An account."""

    id = identifier()
    email = text()


class MeAnswer(UserAnswer):
    """The caller's account."""

    user = nested(UserAnswer)


class SessionAnswer(Answer):
    """An account and a bearer token for it."""

    token = text()
    user = nested(UserAnswer)
