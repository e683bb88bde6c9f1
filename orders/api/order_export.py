"""Orders as CSV (RFC 4180).

They are read from the database while they are sent, so no export is held in memory, and other
requests are served in between.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from orders.api.order_answers import OrderAnswer
from orders.domain import exact_json
from orders.domain.caller import Caller
from orders.storage.listing import Filter, list_orders
from orders.storage.models import Order

PAGE = 100
"""Orders that are read and sent at a time."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Spreadsheets run a cell that begins like this, and some cells hold strangers' text."""


def export_csv(caller: Caller, wanted: Filter, most: int, schema: OrderAnswer) -> Iterator[str]:
    """The caller's newest `most` orders as lines of CSV, a heading first.

    The first page is read at once, so that a failure is raised here and not in the middle of an
    answer. Raises `StoreUnavailable`.
    """
    names = [field.data_key or name for name, field in schema.dump_fields.items()]
    first = list_orders(caller, wanted, min(PAGE, most), None)
    pages = _pages(caller, wanted, most, first)
    return chain([_lines([names])], (_written(page, schema) for page in pages))


def _pages(caller: Caller, wanted: Filter, most: int, first: list[Order]) -> Iterator[list[Order]]:
    page, left = first, most
    while page:
        yield page
        time.sleep(0)  # Lets other requests run.
        left -= len(page)
        if left <= 0 or len(page) < PAGE:
            return
        page = list_orders(caller, wanted, min(PAGE, left), page[-1].id)


def _written(page: list[Order], schema: OrderAnswer) -> str:
    return _lines([_cell(value) for value in row.values()] for row in schema.dump(page, many=True))


def _lines(rows: Iterable[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return exact_json.plain(value)
    if isinstance(value, datetime):
        return exact_json.iso(value)
    text = exact_json.dumps(value) if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
