"""Accounts: sign-up, log-in and log-out, sessions, a new password, and the caller's own account."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint

from orders.api.auth_schemas import (
    Credentials,
    EndedAnswer,
    MeAnswer,
    NewAccount,
    NewPassword,
    OpenSessionAnswer,
    SessionAnswer,
    SessionsAnswer,
    UserAnswer,
)
from orders.api.authentication import current_caller
from orders.api.context import accounts, components
from orders.api.endpoints import BEARER, endpoint
from orders.api.requests import answer, read_body
from orders.domain.caller import Caller
from orders.domain.errors import SessionNotFound
from orders.domain.identifiers import parse_uuid
from orders.storage.models import Account

auth = Blueprint("auth", __name__, url_prefix="/api/auth", description="Accounts and tokens.")

CREDENTIALS = Credentials()
NEW_ACCOUNT = NewAccount()
NEW_PASSWORD = NewPassword()
OPEN_SESSION = OpenSessionAnswer()
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


@endpoint(
    auth,
    "POST",
    "/password",
    {200: SessionAnswer},
    body=NewPassword,
    problems=("unauthenticated", "invalid_credentials", "rate_limited", "store_unavailable"),
    security=BEARER,
    example={"currentPassword": EXAMPLE["password"], "newPassword": "a horse of another colour"},
)
def change_password() -> Response:
    """Change the password; every session ends, and the answer begins a new one."""
    fields = read_body(NEW_PASSWORD)
    caller = current_caller(account=True)
    sessions = components().sessions
    with sessions.ending():
        account = accounts().change_password(
            caller, fields["current_password"], fields["new_password"], sessions.end_all
        )
    return _session(account, 200)


@endpoint(
    auth,
    "GET",
    "/sessions",
    {200: SessionsAnswer},
    problems=("unauthenticated", "store_unavailable"),
    security=BEARER,
)
def sessions() -> Response:
    """List the account's sessions, the last used first."""
    caller = current_caller(account=True)
    assert caller.account_id is not None
    own = _session_id(caller)
    found = components().sessions.list_open(caller.account_id)
    listed = [{**OPEN_SESSION.dump(each), "current": each.id == own} for each in found]
    return answer({"sessions": listed})


@endpoint(
    auth,
    "DELETE",
    "/sessions/<session_id>",
    {200: EndedAnswer},
    problems=("unauthenticated", "session_not_found", "store_unavailable"),
    security=BEARER,
)
def end_session(session_id: str) -> Response:
    """End one session: its token is refused from then on."""
    caller = current_caller(account=True)
    assert caller.account_id is not None
    components().sessions.end(caller.account_id, parse_uuid(session_id))
    return answer({"ended": 1})


@endpoint(
    auth,
    "POST",
    "/logout",
    {200: EndedAnswer},
    problems=("unauthenticated", "session_not_found", "store_unavailable"),
    security=BEARER,
)
def logout() -> Response:
    """Log out: end the session of this token."""
    caller = current_caller(account=True)
    assert caller.account_id is not None
    session_id = _session_id(caller)
    if session_id is None:
        raise SessionNotFound("This token has no session; log out everywhere ends it.")
    components().sessions.end(caller.account_id, session_id)
    return answer({"ended": 1})


@endpoint(
    auth,
    "POST",
    "/logout-everywhere",
    {200: EndedAnswer},
    problems=("unauthenticated", "store_unavailable"),
    security=BEARER,
)
def logout_everywhere() -> Response:
    """Log out everywhere: end all sessions of the account, this one too."""
    caller = current_caller(account=True)
    assert caller.account_id is not None
    return answer({"ended": components().sessions.end_all(caller.account_id)})


def _session_id(caller: Caller) -> UUID | None:
    return caller.credential.session_id if caller.credential else None


def _session(account: Account, status: int) -> Response:
    token = components().sessions.open(account.id, request.user_agent.string)
    return answer({"token": token, "user": USER.dump(account)}, status)
