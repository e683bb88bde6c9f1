"""JSON whose decimals keep every digit: `Decimal` in, `Decimal` out, never through a float.

Flask, Socket.IO and psycopg2 use it in place of the `json` module (`dumps` and `loads`).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

MAX_QUOTED = 50
"""Characters of a stranger's key that are repeated to its sender."""


class MalformedJson(ValueError):
    """The text is not JSON, or can be read in more than one way."""


def encode(value: Any) -> bytes:
    """UTF-8 JSON; decimals digit for digit in plain notation, times as ISO 8601 UTC with ms."""
    return orjson.dumps(value, default=_encode_other, option=orjson.OPT_PASSTHROUGH_DATETIME)


def embedded(value: Any) -> orjson.Fragment:
    """A value encoded in advance, to be inserted as it is into JSON encoded later."""
    return orjson.Fragment(encode(value))


def dumps(value: Any, **_: Any) -> str:
    """`encode` as text; other keyword arguments of `json.dumps` are ignored."""
    return encode(value).decode()


def dumps_readable(value: Any) -> str:
    """`encode` as text, indented for people."""
    options = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_INDENT_2
    return orjson.dumps(value, default=_encode_other, option=options).decode()


_OURS = json.JSONDecoder(parse_float=Decimal)


def loads(text: str | bytes, **_: Any) -> Any:
    """Reads JSON that this program wrote; numbers with a point become `Decimal`."""
    return _OURS.decode(text if isinstance(text, str) else text.decode())


_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def loads_strict(text: bytes) -> Any:
    """Reads JSON from a stranger.

    Raises `MalformedJson` for bad UTF-8, NaN and infinities, duplicate keys, lone surrogates, NUL
    characters and too deep nesting.
    """
    try:
        decoded = text.decode("utf-8")
        value = _STRICT.decode(decoded)
    except UnicodeDecodeError:
        raise MalformedJson("The body is not valid UTF-8.") from None
    except RecursionError:
        raise MalformedJson("The body is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise MalformedJson(
            f"The body is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        ) from None
    if "\\u" in decoded or "\0" in decoded:
        _refuse_unstorable(value)
    return value


def iso(moment: datetime) -> str:
    """A time as ISO 8601 in UTC with milliseconds and Z, such as 2026-01-31T09:30:00.125Z."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"


def plain(value: Decimal) -> str:
    """A decimal in plain notation, digit for digit: 1.50 stays 1.50, 1E+2 is 100, -0.0 is 0.0."""
    return format(value if value else abs(value), "f")


def _encode_other(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(plain(value))
    if isinstance(value, datetime):
        return iso(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _bounded_int(text: str) -> int | Decimal:
    return int(text) if len(text) < 20 else Decimal(text)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise MalformedJson("A number is too large or too small to be told apart.") from None


def _refuse_constant(name: str) -> Any:
    raise MalformedJson(f"{name} is not a JSON number.")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        count = Counter(key for key, _ in pairs)
        twice = next(key for key in count if count[key] > 1)
        raise MalformedJson(f"The key {twice[:MAX_QUOTED]!r} stands twice in one object.")
    return result


_STRICT = json.JSONDecoder(
    parse_float=_decimal,
    parse_int=_bounded_int,
    parse_constant=_refuse_constant,
    object_pairs_hook=_unique_keys,
)


def _refuse_unstorable(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value or _LONE_SURROGATE.search(value):
            raise MalformedJson("A text holds a NUL character or half of a surrogate pair.")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _refuse_unstorable(key)
            _refuse_unstorable(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_unstorable(inner)
