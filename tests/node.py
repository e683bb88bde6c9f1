"""Node.js, as `make test` provides it: the machine's own, or the one from PyPI beside Python."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

BESIDE_PYTHON = str(Path(sys.executable).parent)


def node_path() -> str:
    """A PATH on which commands from npm find Node.js."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), BESIDE_PYTHON])


def node() -> str:
    """The path of the `node` command."""
    found = shutil.which("node", path=node_path())
    if found is None:
        raise FileNotFoundError("Node.js is missing; run `make test` once.")
    return found
