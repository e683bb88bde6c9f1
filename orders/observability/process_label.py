"""The label of a process, in front of its lines where several processes write.

The supervisor uses it, too, so this imports almost nothing.
"""

from __future__ import annotations

import os
from typing import TextIO

COLOURS = {"system": 35, "web": 36, "worker": 33, "watcher": 32, "migrate": 34}
OTHER_COLOUR = 37


def in_colour(stream: TextIO) -> bool:
    """Whether output may be coloured: on a terminal, unless NO_COLOR is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def process_label(name: str, colour: bool) -> str:
    """The label of the process with that name, such as `worker-2`."""
    label = f"{name:>8} | "
    if not colour:
        return label
    return f"\x1b[{COLOURS.get(name.partition('-')[0], OTHER_COLOUR)}m{label}\x1b[0m"
