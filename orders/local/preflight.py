"""Checks before anything starts, so that a mistake gives one sentence and no traceback."""

import fcntl
import os
import secrets
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from orders.config import port_trouble

CONNECT_TIMEOUT_S = 5
SECRET_BYTES = 48


class PreflightError(Exception):
    """Something must be fixed before the system can start; the message is one sentence."""


def reachable_url(host: str, port: int) -> str:
    """The address to type into a browser on this machine for a server bound to `host`."""
    if host in ("", "0.0.0.0", "::"):
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def claim_port(host: str, port: int) -> int:
    """`port` if it is free, a free one for 0. Raises PreflightError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            return int(probe.getsockname()[1])
        except OSError as error:
            raise PreflightError(port_trouble(host, port, error)) from None


@contextmanager
def only_one(data_dir: Path) -> Iterator[Callable[[str], None]]:
    """Hold `data_dir` for this process, until it ends. Raises PreflightError if another process
    holds it.

    Yields a function that stores this process's URL for the message that the next one gets.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = open(data_dir / "supervisor.lock", "a+")  # noqa: SIM115 - closed below
    except OSError as error:
        raise PreflightError(f"DATA_DIR={data_dir} can't be used: {error.strerror}.") from None
    with closing(lock):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            where = lock.read().strip() or "an address it has not told yet"
            raise PreflightError(
                f"Already running at {where}; stop it first, or set DATA_DIR and PORT for another."
            ) from None

        def leave_url(url: str) -> None:
            lock.truncate(0)
            lock.write(url)
            lock.flush()

        leave_url("")
        yield leave_url


def check_database(url: str) -> None:
    """Raises PreflightError, without the password, unless PostgreSQL answers at `url`."""
    import psycopg2

    try:
        psycopg2.connect(url, connect_timeout=CONNECT_TIMEOUT_S).close()
    except psycopg2.Error as error:
        raise PreflightError(f"DATABASE_URL can't be used: {_reason(error, url)}.") from None


def check_redis(url: str) -> None:
    """Raises PreflightError, without the password, unless Redis answers at `url`."""
    import redis

    try:
        with closing(
            redis.Redis.from_url(
                url, socket_connect_timeout=CONNECT_TIMEOUT_S, socket_timeout=CONNECT_TIMEOUT_S
            )
        ) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        raise PreflightError(f"REDIS_URL can't be used: {_reason(error, url)}.") from None


def _reason(error: Exception, url: str) -> str:
    try:
        password = urlsplit(url).password or ""
    except ValueError:
        return "it is not a valid URL"
    text = str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else "no answer"
    # Drivers quote parts of an address they cannot parse, which may hold the password.
    if url in text or any(secret and secret in text for secret in (password, unquote(password))):
        return "it is not a valid URL"
    return text


def stored_secret(data_dir: Path) -> str:
    """The random secret of this data directory, made at first use, readable by its owner only."""
    path = data_dir / "secret_key"
    if not path.exists():
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(SECRET_BYTES))
        draft.rename(path)
    return path.read_text().strip()


def main() -> None:
    """Check the servers that the environment names.

    It runs in a process of its own, because the client libraries would take half of the
    supervisor's memory for as long as it runs.
    """
    checks = (("DATABASE_URL", check_database), ("REDIS_URL", check_redis))
    try:
        for variable, check in checks:
            if url := os.environ.get(variable, ""):
                check(url)
    except PreflightError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
