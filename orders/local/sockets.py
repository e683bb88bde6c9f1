"""The directory of a private server's Unix socket: its path must fit sockaddr_un, see unix(7)."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from orders.local.service import LocalServiceError, User

PATH_MAX_BYTES = 100


def socket_directory(directory: Path, socket_name: str, owner: User | None) -> Path:
    """`directory`, or a short substitute if its path is too long for a socket.

    The same directory always has the same substitute. Raises LocalServiceError.
    """
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    name = f"orders-{os.getuid()}-{digest}"
    if _fits(directory / socket_name):
        return directory
    for parent in (Path(tempfile.gettempdir()), Path("/tmp")):
        if _fits(parent / name / socket_name):
            return _own_directory(parent / name, owner or (os.getuid(), os.getgid()))
    raise LocalServiceError(f"No directory for sockets: the paths of {directory} are too long.")


def _fits(socket: Path) -> bool:
    return len(os.fsencode(socket)) < PATH_MAX_BYTES


def _own_directory(path: Path, owner: User) -> Path:
    """A directory that only `owner` can enter, under one where everybody may create names."""
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.getuid(), owner[0]):
        raise LocalServiceError(f"{path} belongs to somebody else; remove it or set TMPDIR.")
    if found.st_uid != owner[0]:
        os.chown(path, *owner)
    path.chmod(0o700)
    return path
