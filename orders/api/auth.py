"""Accounts: signing up, logging in, and asking who one is."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields, post_load, validate

from orders.accounts.accounts import issue_token, normalise_email
from orders.api.answer_schemas import MeAnswer, SessionAnswer
from orders.api.authentication import current_caller
from orders.api.context import accounts, components
from orders.api.endpoints import BEARER, endpoint
from orders.api.requests import RequestSchema, answer, read_body
from orders.storage.models import Account

auth = Blueprint("auth", __name__, url_prefix="/api/auth", description="Accounts and tokens.")

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


CREDENTIALS = Credentials()
NEW_ACCOUNT = NewAccount()
EXAMPLE = {"email": "ada@example.org", "password": "correct horse battery"}


@endpoint(
    auth,
    "POST",
    "/signup",
    {201: SessionAnswer},
    body=NewAccount,
    problems=("email_taken", "rate_limited", "store_unavailable"),
    example=EXAMPLE,
)
def signup() -> Response:
    """Sign up."""
    return _session(accounts().sign_up(**read_body(NEW_ACCOUNT)), 201)


@endpoint(
    auth,
    "POST",
    "/login",
    {200: SessionAnswer},
    body=Credentials,
    problems=("invalid_credentials", "rate_limited", "store_unavailable"),
    example=EXAMPLE,
)
def login() -> Response:
    """Log in."""
    return _session(accounts().log_in(**read_body(CREDENTIALS)), 200)


@endpoint(
    auth,
    "GET",
    "/me",
    {200: MeAnswer},
    problems=("unauthenticated", "store_unavailable"),
    security=BEARER,
)
def me() -> Response:
    """Read the caller's account."""
    account = accounts().find(current_caller(account=True))
    return answer({**_present(account), "user": _present(account)})


def _session(account: Account, status: int) -> Response:
    token = issue_token(components().settings, account.id)
    return answer({"token": token, "user": _present(account)}, status)


def _present(account: Account) -> dict[str, Any]:
    return {"id": str(account.id), "email": account.email}
