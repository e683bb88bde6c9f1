"""The folder `orders` stays small enough to take in, and one page says what each entry is for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENTRIES = sorted(
    entry.name
    for entry in (ROOT / "orders").iterdir()
    if entry.name != "__pycache__" and not entry.name.startswith(".")
)


def test_orders_has_few_entries() -> None:
    assert len(ENTRIES) <= 15, ENTRIES


@pytest.mark.parametrize("entry", [name for name in ENTRIES if name != "__init__.py"])
def test_architecture_says_what_each_entry_is_for(entry: str) -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    folders = page.partition("\n## Folders and imports\n")[2].partition("\n## ")[0]
    assert re.search(rf"`{re.escape(entry)}/?`", folders)
