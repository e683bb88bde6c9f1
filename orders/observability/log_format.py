"""How log lines look: JSON in production, readable on a terminal; one line per event, on stderr."""

from __future__ import annotations

import logging
import sys
from contextvars import ContextVar
from typing import Any
from uuid import UUID

import orjson
import structlog

from orders.config import Settings

carried: ContextVar[dict[str, Any] | None] = ContextVar("carried", default=None)
"""What every line of this thread carries: the request, or the order and its attempt."""


def set_up_logging(settings: Settings) -> None:
    """Sets the form and the level of all log lines of this process, libraries' included."""
    as_json = settings.log_format == "json" or (
        settings.log_format == "auto" and not sys.stderr.isatty()
    )
    steps: list[Any] = [
        _add_carried,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    steps.append(structlog.processors.format_exc_info if as_json else _plain_ids)
    structlog.configure(
        processors=[*steps, _json_bytes() if as_json else _readable()],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelName(settings.log_level)
        ),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer)
        if as_json
        else structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    _set_up_libraries(steps, as_json)


def _add_carried(_logger: Any, _method: str, line: dict[str, Any]) -> dict[str, Any]:
    return {**(carried.get() or {}), **line}


def _plain_ids(_logger: Any, _method: str, line: dict[str, Any]) -> dict[str, Any]:
    return {name: str(v) if isinstance(v, UUID) else v for name, v in line.items()}


def _json_bytes() -> Any:
    return structlog.processors.JSONRenderer(serializer=orjson.dumps)


def _readable() -> Any:
    # Its own tracebacks show local variables, and a password may be one.
    return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)


def _set_up_libraries(steps: list[Any], as_json: bool) -> None:
    """What libraries say through `logging`, from warnings on, in the same form."""
    renderer = structlog.processors.JSONRenderer() if as_json else _readable()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *steps],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
