"""Schemas of requests and answers about accounts."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from orders.accounts.accounts import normalise_email
from orders.api.answers import Answer, identifier, moment, nested, text, whole
from orders.api.requests import RequestSchema

MAX_EMAIL = 254
"""Characters of the longest address that SMTP carries (RFC 5321)."""
PASSWORD_LENGTH = (10, 128)


class EmailText(fields.String):
    """An email address, in the form in which it is unique."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        try:
            return normalise_email(super()._deserialize(value, attr, data, **kwargs))
        except ValueError:  # ValidationError, raised for any other text, is a ValueError, too.
            raise ValidationError("Give an email address.") from None


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


class NewAccount(Credentials):
    """What signing up needs."""

    email = EmailText(
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


class NewPassword(RequestSchema):
    """The password that an account has, and the one it shall have."""

    current_password = fields.String(
        required=True, validate=validate.Length(max=PASSWORD_LENGTH[1])
    )
    new_password = fields.String(required=True, validate=validate.Length(*PASSWORD_LENGTH))


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


class OpenSessionAnswer(Answer):
    """An open session of the account."""

    id = identifier()
    user_agent = text("The browser or program that logged in, in short.", nullable=True)
    created_at = moment()
    last_used_at = moment()
    expires_at = moment()


class ListedSessionAnswer(OpenSessionAnswer):
    """A session in the list."""

    current = fields.Boolean(
        required=True, metadata={"description": "Whether the token of this request is its token."}
    )


class SessionsAnswer(Answer):
    """The account's sessions, the last used first."""

    sessions = nested(ListedSessionAnswer, many=True)


class EndedAnswer(Answer):
    """How many sessions ended."""

    ended = whole()
