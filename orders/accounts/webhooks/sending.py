"""One signed POST to one endpoint, bounded in time and size, by the Standard Webhooks convention.

https://github.com/standard-webhooks/standard-webhooks: the headers `webhook-id`,
`webhook-timestamp` and `webhook-signature`, and an HMAC over id, time and body.
"""

from __future__ import annotations

import http.client
import secrets
import socket
import ssl
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from orders.accounts.webhooks.addresses import AddressRefused, resolve
from orders.accounts.webhooks.time_limit import TimeLimit
from orders.config import Settings

READ_BYTES = 16_384
"""Bytes of an answer's body that are read at most; nothing in it matters."""
SECRET_BYTES = 32
MAX_ADDRESSES = 3
"""Addresses of a host that are tried, one after another."""
USER_AGENT = "order-execution-engine-webhooks/1"


@dataclass(frozen=True, slots=True)
class Message:
    """A message to send; the same event always has the same id, however often it is sent."""

    id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of sending: delivered if the receiver answered 2xx."""

    status: int | None = None
    error: str | None = None

    @property
    def delivered(self) -> bool:
        """Whether the receiver accepted it."""
        return self.error is None


def new_secret() -> str:
    """Makes a secret for signing, in the convention's form."""
    return "whsec_" + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(message: Message, signing: list[str], at: datetime) -> dict[str, str]:
    """The headers with which a receiver verifies the message by any one of the secrets."""
    body = message.body.decode()
    return {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "webhook-id": message.id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(
            Webhook(secret).sign(message.id, at, body) for secret in signing
        ),
    }


class Sender:
    """Sends to one URL over a connection that it keeps. For one thread."""

    def __init__(self, settings: Settings, url: str) -> None:
        self._timeout_s = settings.webhook_timeout_s
        self._private = settings.webhooks_reach_private
        self._parts = urlsplit(url)
        self._connection: http.client.HTTPConnection | None = None
        self._plain: socket.socket | None = None
        """The same connection without TLS."""

    def send(self, message: Message, signing: list[str], at: datetime) -> Outcome:
        """Posts the message without following redirects. Raises nothing."""
        headers = signed_headers(message, signing, at)
        try:
            with TimeLimit(self._timeout_s) as limit:
                status = self._post(message.body, headers, limit)
        except AddressRefused as error:
            return Outcome(error=str(error))
        except (OSError, ValueError, http.client.HTTPException) as error:
            self.close()
            return Outcome(error=_describe(error))
        if not 200 <= status < 300:
            return Outcome(status, f"The receiver answered {status}.")
        return Outcome(status)

    def close(self) -> None:
        """Closes the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._plain is not None:
            self._plain.close()
            self._plain = None

    def _post(self, body: bytes, headers: dict[str, str], limit: TimeLimit) -> int:
        reused = self._connection is not None
        try:
            return self._attempt(body, headers, limit)
        except (http.client.RemoteDisconnected, ConnectionError, BrokenPipeError):
            if not reused:
                raise
        self.close()  # The receiver had closed the connection meanwhile: once more, on a new one.
        return self._attempt(body, headers, limit)

    def _attempt(self, body: bytes, headers: dict[str, str], limit: TimeLimit) -> int:
        connection = self._connection = self._connection or self._connect(limit)
        if self._plain is not None:
            limit.covers(self._plain)
        connection.request("POST", self._target(), body, headers)
        response = connection.getresponse()
        rest = response.read(READ_BYTES)
        if len(rest) == READ_BYTES or response.will_close:
            self.close()
        return response.status

    def _connect(self, limit: TimeLimit) -> http.client.HTTPConnection:
        host, secure = self._parts.hostname or "", self._parts.scheme == "https"
        port = self._parts.port or (443 if secure else 80)
        connection = http.client.HTTPConnection(host, port, timeout=self._timeout_s)
        if secure:
            connection.default_port = 443  # The Host header leaves a default port out.
        sock = self._open(host, port, limit)
        self._plain = sock.dup()
        limit.covers(self._plain)
        if secure:
            sock = _tls().wrap_socket(sock, server_hostname=host)
        connection.sock = sock
        return connection

    def _open(self, host: str, port: int, limit: TimeLimit) -> socket.socket:
        """Connects to the first of the host's checked addresses that answers."""
        failure: OSError = OSError("The host has no address.")
        found = resolve(host, port, private=self._private, timeout_s=limit.left_s)[:MAX_ADDRESSES]
        for number, address in enumerate(found):
            share_s = limit.left_s / (len(found) - number)
            try:
                opened = socket.create_connection((address, port), timeout=share_s)
            except OSError as error:
                failure = error
                continue
            opened.settimeout(self._timeout_s)
            # Headers and body are two packets; the second must not wait for the first one's
            # acknowledgement.
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return opened
        raise failure

    def _target(self) -> str:
        query = f"?{self._parts.query}" if self._parts.query else ""
        return (self._parts.path or "/") + query


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _describe(error: Exception) -> str:
    """A short sentence about a failure, without anything that the receiver sent."""
    if isinstance(error, TimeoutError):
        return "The receiver did not answer in time."
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or 'certificate not accepted'}."
    if isinstance(error, socket.gaierror):
        return "The host's name has no address."
    if isinstance(error, ConnectionRefusedError):
        return "The receiver refused the connection."
    return "The connection broke before there was an answer."
