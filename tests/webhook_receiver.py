"""A receiver of webhooks, as its users write one: verifies, notes down, answers.

`python -m tests.webhook_receiver PORT SECRET FILE` appends the id of each message to FILE, then
answers 204; what does not verify gets 401 and a line `refused`.
"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from standardwebhooks import Webhook, WebhookVerificationError


def make_server(port: int, secret: str, file: Path) -> ThreadingHTTPServer:
    """A server that is to be told to serve."""
    verifier = Webhook(secret)

    class Receiver(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                event = verifier.verify(body, dict(self.headers))
                line = self.headers["webhook-id"]
                if event["type"] != "test":
                    assert line == f"{event['orderId']}:{event['sequence']}"
            except WebhookVerificationError:
                line = "refused"
            with file.open("a") as notes:
                notes.write(f"{line}\n")
            self.send_response(401 if line == "refused" else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    return ThreadingHTTPServer(("127.0.0.1", port), Receiver)


if __name__ == "__main__":
    make_server(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])).serve_forever()
