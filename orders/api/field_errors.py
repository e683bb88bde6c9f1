"""What is wrong with a request, by the path of each field: `amountIn`, `orders.0.limitPrice`."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any, NamedTuple

from marshmallow import Schema, fields

MAX_ERRORS = 20
"""Fields that one answer reports errors about at most."""
MAX_NAME = 50
"""Characters of a field's name that are repeated to its sender."""
ALIKE = 0.7
"""How similar a known name must be to be suggested; `sort` and `cursor` have 0.6."""

UNKNOWN = "Unknown field."
WHOLE = "_schema"
"""Marshmallow's key for errors that concern an object as a whole."""

Place = Schema | fields.Field[Any] | None
"""What reads a value; None where nothing does."""


class Fault(NamedTuple):
    """Messages about one place of a request, and the object that it belongs to."""

    path: tuple[str, ...]
    messages: list[str]
    owner: Place


def field_errors(messages: dict[str, Any], schema: Schema) -> dict[str, list[str]]:
    """The messages by path: positions in lists and keys of objects follow after a dot."""
    found: dict[str, list[str]] = {}
    for path, texts, owner in _faults(messages, schema):
        name = ".".join(part[:MAX_NAME] for part in path)
        if len(found) == MAX_ERRORS and name not in found:
            break
        about = found.setdefault(name, [])
        worded = [_hint(path[-1], text, owner) for text in texts]
        about += [text for text in worded if text not in about]
    return found


def _faults(messages: Any, place: Place, path: tuple[str, ...] = ()) -> Iterator[Fault]:
    for name, inner in messages.items():
        if name == WHOLE and path:
            yield from _at(inner, place, path, place)
        elif isinstance(place, fields.Dict):  # What is wrong with the key, and with its value.
            for each in inner.values():
                yield from _at(each, place.value_field, (*path, str(name)), None)
        else:
            yield from _at(inner, _inside(place, name), (*path, str(name)), place)


def _at(messages: Any, place: Place, path: tuple[str, ...], owner: Place) -> Iterator[Fault]:
    if isinstance(messages, dict):
        yield from _faults(messages, place, path)
    else:
        yield Fault(path, list(messages), owner)


def _inside(place: Place, name: Any) -> Place:
    """What reads the part of that name, or at that position."""
    if isinstance(name, int):  # Items of lists; a schema may stand for a list of its objects.
        place = place.inner if isinstance(place, fields.List) else place
    elif isinstance(place, Schema):
        place = next(
            (each for key, each in place.fields.items() if name in (key, each.data_key)), None
        )
    return place.schema if isinstance(place, fields.Nested) else place


def _hint(name: str, message: str, owner: Place) -> str:
    if message != UNKNOWN or not isinstance(owner, Schema):
        return message
    known = [field.data_key or key for key, field in owner.fields.items()]
    close = difflib.get_close_matches(name[:MAX_NAME], known, 1, ALIKE)
    return f"Unknown field; did you mean {close[0]}?" if close else UNKNOWN
