"""HTTP/1.1 as eventlet serves it, read strictly.

A request that can be understood in more than one way is refused, and its connection closed:
guessing where the next one begins would let requests be smuggled.
"""

from __future__ import annotations

import contextlib
import socket
from io import BufferedReader
from typing import Any
from urllib.parse import unquote

import eventlet
from eventlet.wsgi import STATE_IDLE, STATE_REQUEST, HttpProtocol
from werkzeug.datastructures import EnvironHeaders

from orders.api.problems import early_problem
from orders.api.request_body import RequestBody
from orders.api.request_deadline import BoundedReads
from orders.api.request_head import Refused, RequestHead, read_head
from orders.domain.errors import RequestTimeout
from orders.observability import observe

LINGER_S = 1.0
"""Seconds for which the rest of a refused request is read, so that the client gets the answer."""
LINGER_BYTES = 1024 * 1024
"""Bytes of it that are read at most."""


class StrictHttpProtocol(HttpProtocol):  # type: ignore[misc]
    """One connection: its requests one after another, and their answers."""

    def __init__(
        self, conn_state: Any, server: Any, public_url: str = "", limit_s: float = 30.0
    ) -> None:
        self._public_url = public_url
        self._limit_s = limit_s
        self._leaves_unread = False
        # The base class serves the whole connection in its constructor.
        super().__init__(conn_state, server)

    def setup(self) -> None:
        """Bound the time in which a request is read."""
        super().setup()
        # The base class is untyped.
        plain: Any = self.rfile
        self._reads = BoundedReads(plain.detach(), self.connection, self._limit_s)
        self.rfile: BufferedReader = BufferedReader(self._reads)

    def handle(self) -> None:
        """Serve the connection until one side ends it or it is silent for too long."""
        try:
            super().handle()
        except OSError:
            pass  # The client has left.
        except Exception as error:
            observe.internal_error("http", error)

    def handle_one_request(self) -> None:
        """Read a request and answer it."""
        self.close_connection = True
        try:
            head = read_head(self.rfile) if self._something_comes() else None
        except Refused as refusal:
            self._refuse(refusal)
            return
        except TimeoutError:
            if self._reads.is_late:
                self._refuse(Refused(RequestTimeout().args[0], RequestTimeout.code))
            return
        if head is not None:
            self._answer(head)

    def get_environ(self) -> dict[str, Any]:
        """Build the environment that WSGI (PEP 3333) and eventlet's server expect."""
        head = self._head
        environ: dict[str, Any] = self.server.get_environ()
        path, _, query = head.target.partition("?")
        environ |= {
            "REQUEST_METHOD": head.method,
            "SCRIPT_NAME": "",
            "RAW_PATH_INFO": path,
            "PATH_INFO": unquote(path, "latin-1"),
            "QUERY_STRING": query,
            "SERVER_PROTOCOL": head.version,
            **self._addresses(),
            **_header_variables(head.headers),
            "eventlet.posthooks": [],
            "eventlet.set_idle": self._set_idle,
        }
        environ["wsgi.input"] = environ["eventlet.input"] = self._body(head)
        return environ

    def finish(self) -> None:
        """Close the connection."""
        if self._leaves_unread:
            self._hear_out()
        super().finish()

    def log_message(self, *_: Any) -> None:
        """Print nothing: the lines would hold what clients sent."""

    def _break_off(self) -> None:
        """Serve no further request on this connection, even if the client is sending one."""
        self.close_connection = self._leaves_unread = True

    def _something_comes(self) -> bool:
        self.connection.settimeout(self.server.keepalive)
        self._reads.rest()
        arrived = self.rfile.peek(1)
        self._reads.begin()
        self.connection.settimeout(self.server.socket_timeout)
        self.conn_state[2] = STATE_REQUEST
        return bool(arrived)

    def _answer(self, head: RequestHead) -> None:
        """Let the application answer; the base class reads all attributes that are set here."""
        self._head = head
        self.command, self.request_version = head.method, head.version
        self.requestline = head.method  # The base class may log this: leave the query out.
        self.close_connection = not head.keep_alive
        self.environ = self.get_environ()
        self.headers = EnvironHeaders(self.environ)
        self.application = self.server.app
        self.handle_one_response()

    def _body(self, head: RequestHead) -> RequestBody:
        expects = head.headers.get("expect", "").lower() == "100-continue"
        return RequestBody(
            self.rfile,
            head.headers.get("content-length", 0),
            self.connection,
            wfile=self.wfile if expects and head.version == "HTTP/1.1" else None,
            wfile_line=b"HTTP/1.1 100 Continue\r\n",
            chunked_input="transfer-encoding" in head.headers,
            give_up=self._break_off,
        )

    def _addresses(self) -> dict[str, str]:
        server, client = self.connection.getsockname(), self.client_address
        return {
            "SERVER_NAME": server[0],
            "SERVER_PORT": str(server[1]),
            "REMOTE_ADDR": client[0],
            "REMOTE_PORT": str(client[1]),
        }

    def _set_idle(self) -> None:
        """Count the connection as idle: the end of the process does not wait for WebSockets."""
        self.conn_state[2] = STATE_IDLE

    def _refuse(self, refusal: Refused) -> None:
        self._break_off()
        answer = early_problem(
            refusal.code, str(refusal), self._public_url, {"Connection": "close"}
        )
        self.wfile.write(f"HTTP/1.1 {answer.status}\r\n{answer.headers}".encode())
        self.wfile.write(answer.get_data())
        self.wfile.flush()
        observe.request_refused(answer.status_code, str(refusal), answer.headers["X-Request-ID"])

    def _hear_out(self) -> None:
        """Read what the client still sends. Left unread, it would make TCP discard the answer."""
        with contextlib.suppress(OSError), eventlet.Timeout(LINGER_S, False):
            self.connection.shutdown(socket.SHUT_WR)
            left = LINGER_BYTES
            while left > 0 and (received := self.connection.recv(65_536)):
                left -= len(received)


def _header_variables(headers: dict[str, str]) -> dict[str, str]:
    """Headers under their WSGI names. Names with an underscore are left out: they could pass as
    others.
    """
    variables = {
        f"HTTP_{name.replace('-', '_').upper()}": value
        for name, value in headers.items()
        if "_" not in name
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if f"HTTP_{name}" in variables:
            variables[name] = variables.pop(f"HTTP_{name}")
    return variables
