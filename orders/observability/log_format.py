"""How log lines look: JSON in production, readable on a terminal; one line per event, on stderr."""

from __future__ import annotations

import contextlib
import json
import logging
import sys
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any
from uuid import UUID

import orjson
import structlog

from orders.config import Settings
from orders.observability.process_label import in_colour, process_label

carried: ContextVar[dict[str, Any] | None] = ContextVar("carried", default=None)
"""What every line of this thread carries: the request, or the order and its attempt."""


Step = Callable[[Any, str, Any], Any]
"""One step on a line's way, in structlog's form: logger, level, what there is so far."""


class LogStream:
    """Stderr for log lines: a line that can't be written is lost, and harms nobody who logs it.

    A terminal may be closed, or the reader of a pipe gone, while an order is being executed.
    """

    def __init__(self) -> None:
        self._stream = sys.stderr.buffer

    def write(self, line: bytes) -> None:
        """Takes a whole line."""
        with contextlib.suppress(OSError):
            self._stream.write(line)

    def flush(self) -> None:
        """Writes it, in one piece: other processes write there too."""
        with contextlib.suppress(OSError):
            self._stream.flush()


def set_up_logging(settings: Settings) -> None:
    """Sets the form and the level of all log lines of this process, libraries' included."""
    as_json = settings.log_format == "json" or (
        settings.log_format == "auto" and not sys.stderr.isatty()
    )
    steps: list[Step] = [
        _add_process(settings.process_name) if as_json else _plain_ids,
        _add_carried,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if as_json:
        steps.append(structlog.processors.format_exc_info)
    render = _json_line if as_json else _readable(settings.process_name)
    processors: list[Any] = [*steps, render, _encoded]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelName(settings.log_level)
        ),
        logger_factory=structlog.BytesLoggerFactory(LogStream()),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )
    _set_up_libraries(steps, render)


def _add_carried(_logger: Any, _method: str, line: dict[str, Any]) -> dict[str, Any]:
    return {**(carried.get() or {}), **line}


def _plain_ids(_logger: Any, _method: str, line: dict[str, Any]) -> dict[str, Any]:
    return {name: str(v) if isinstance(v, UUID) else v for name, v in line.items()}


def _add_process(name: str) -> Step:
    def add(_logger: Any, _method: str, line: dict[str, Any]) -> dict[str, Any]:
        return {"process": name, **line} if name else line

    return add


def _json_line(_logger: Any, _method: str, line: dict[str, Any]) -> str:
    try:
        return orjson.dumps(line, default=repr).decode()
    except (
        TypeError
    ):  # It knows no lone surrogates and no very large numbers; logging must not fail.
        return json.dumps(line, default=repr)


def _encoded(_logger: Any, _method: str, line: str) -> bytes:
    return line.encode(errors="backslashreplace")


def _readable(process: str) -> Step:
    colour = in_colour(sys.stderr)
    label = process_label(process, colour) if process else ""
    # Its own tracebacks show local variables, and a password may be one.
    render = structlog.dev.ConsoleRenderer(
        colors=colour, exception_formatter=structlog.dev.plain_traceback
    )

    def labelled(logger: Any, method: str, line: dict[str, Any]) -> str:
        return "\n".join(label + part for part in render(logger, method, line).splitlines())

    return labelled


def _set_up_libraries(steps: list[Step], render: Step) -> None:
    """What libraries say through `logging`, from warnings on, in the same form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *steps],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
