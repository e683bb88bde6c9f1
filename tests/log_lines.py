"""The log lines that a piece of code writes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from orders.observability.log_format import LOGGER


@contextmanager
def captured_lines() -> Iterator[list[dict[str, Any]]]:
    """The events of the block, each with its name under `event`, its fields and its level."""
    lines: list[dict[str, Any]] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            fields: dict[str, Any] = getattr(record, "fields", {})
            level = record.levelname.lower()
            lines.append({**fields, "event": record.getMessage(), "log_level": level})

    logger, collector = logging.getLogger(LOGGER), Collector()
    level = logger.level
    logger.addHandler(collector)
    logger.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        logger.removeHandler(collector)
        logger.setLevel(level)
