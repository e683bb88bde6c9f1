"""Runs PostgreSQL as another user where the rest runs as root: PostgreSQL refuses to be root."""

import os
import pwd
import stat
import subprocess
import time
from pathlib import Path

from orders.local.service import LocalServiceError, User

USER_NAME = "embedded_postgres"


def unprivileged_user(directory: Path) -> User | None:
    """The user that runs PostgreSQL if this process is root; otherwise None."""
    if os.geteuid() != 0:
        return None
    if directory.exists() and directory.stat().st_uid != 0:
        return directory.stat().st_uid, directory.stat().st_gid
    for name in (_ensure_user(USER_NAME), "postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise LocalServiceError(
        "PostgreSQL can't run as root, and there is no other user to run it as."
    )


def _ensure_user(name: str) -> str:
    try:
        pwd.getpwnam(name)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            # There is no useradd, or another process is adding the same user right now.
            time.sleep(1)
    return name


def open_the_way(path: Path) -> None:
    """Let other users pass through (not list) the directories above `path`.

    Raises LocalServiceError.
    """
    for parent in path.parents:
        mode = parent.stat().st_mode
        if mode & stat.S_IXOTH:
            continue
        try:
            parent.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
        except OSError as error:
            raise LocalServiceError(
                f"PostgreSQL, which can't run as root, can't reach {path}: {error}."
            ) from None
