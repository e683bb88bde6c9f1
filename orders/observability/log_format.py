"""The form of log lines: JSON in production, readable on a terminal; one line per event, on stderr.

All lines go through the standard library's logging, libraries' lines included. A line that cannot
be written, because the terminal or the pipe is closed, is dropped without harm.
"""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import orjson

from orders.config import Settings
from orders.observability.process_label import in_colour, process_label

LOGGER = "orders"
"""The logger of this service's events; other loggers belong to libraries."""
LEVEL_COLOURS = {"debug": 32, "info": 32, "warning": 33, "error": 31}

carried: ContextVar[dict[str, Any] | None] = ContextVar("carried", default=None)
"""The fields that every line of this thread carries: the request, or the order and its attempt."""


class EventLog:
    """Writes events: a name and fields."""

    def __init__(self) -> None:
        self._logger = logging.getLogger(LOGGER)

    def debug(self, event: str, **fields: Any) -> None:
        """Logs what happens many times per order."""
        self._write(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: Any) -> None:
        """Logs what happens at most once per order."""
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        """Logs what heals by itself but should not happen often."""
        self._write(logging.WARNING, event, fields)

    def error(self, event: str, error: BaseException, **fields: Any) -> None:
        """Logs a bug, with the traceback."""
        self._write(logging.ERROR, event, {**fields, "error": repr(error)}, error)

    def _write(
        self, level: int, event: str, fields: dict[str, Any], error: BaseException | None = None
    ) -> None:
        if self._logger.isEnabledFor(level):
            self._logger.log(level, event, extra={"fields": fields}, exc_info=error)


def set_up_logging(settings: Settings) -> None:
    """Sets the form and level of this process's log lines; libraries log from warnings on."""
    as_json = settings.log_format == "json" or (
        settings.log_format == "auto" and not sys.stderr.isatty()
    )
    # No line shows them, and among a thousand green threads the name of the current one is dear.
    logging.logThreads = False
    logging.logProcesses = False
    logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr)
    form = JsonLines if as_json else ReadableLines
    handler.setFormatter(form(settings.process_name))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(LOGGER).setLevel(settings.log_level)


class JsonLines(logging.Formatter):
    """Formats each line as a JSON object."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = {"process": process} if process else {}

    def format(self, record: logging.LogRecord) -> str:
        """Formats one line."""
        line = {**self._process, **_fields(record), "event": record.getMessage()}
        line |= {"level": record.levelname.lower(), "timestamp": _timestamp(record)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        try:
            return orjson.dumps(line, default=repr).decode()
        except TypeError:  # orjson refuses lone surrogates and very large numbers.
            return json.dumps(line, default=repr)


class ReadableLines(logging.Formatter):
    """Formats lines for people, under the label of the process, coloured on a terminal."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._colour = in_colour(sys.stderr)
        self._label = process_label(process, self._colour) if process else ""

    def format(self, record: logging.LogRecord) -> str:
        """Formats one line, and its traceback."""
        level = record.levelname.lower()
        fields = " ".join(f"{self._painted(36, k)}={v}" for k, v in _fields(record).items())
        event = self._painted(1, f"{record.getMessage():<24}")
        painted = self._painted(LEVEL_COLOURS.get(level, 31), f"{level:<8}")
        text = f"{_timestamp(record)} {painted} {event} {fields}".rstrip()
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return "\n".join(self._label + line for line in text.splitlines())

    def _painted(self, colour: int, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colour else text


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    own: dict[str, Any] = getattr(record, "fields", {})
    library = {} if record.name == LOGGER else {"logger": record.name}
    return {**library, **(carried.get() or {}), **own}


def _timestamp(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC)
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
