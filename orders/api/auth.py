"""Accounts: sign-up, log-in, and the caller's own account."""

from __future__ import annotations

from flask import Response
from flask_smorest import Blueprint

from orders.accounts.accounts import issue_token
from orders.api.auth_schemas import Credentials, MeAnswer, NewAccount, SessionAnswer, UserAnswer
from orders.api.authentication import current_caller
from orders.api.context import accounts, components
from orders.api.endpoints import BEARER, endpoint
from orders.api.requests import answer, read_body
from orders.storage.models import Account

auth = Blueprint("auth", __name__, url_prefix="/api/auth", description="Accounts and tokens.")

CREDENTIALS = Credentials()
NEW_ACCOUNT = NewAccount()
USER = UserAnswer()
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
    user = USER.dump(account)
    return answer({**user, "user": user})


def _session(account: Account, status: int) -> Response:
    token = issue_token(components().settings, account.id)
    return answer({"token": token, "user": USER.dump(account)}, status)
