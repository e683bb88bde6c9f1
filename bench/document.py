"""Keeps the last table and the query plans in docs/performance.md, between its markers."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

from rich.box import ASCII2
from rich.console import Console

from bench.children import ROOT
from bench.figures import Figures
from bench.report import WIDTH, print_table

DOCUMENT = ROOT / "docs" / "performance.md"
NOISE = re.compile(r"  \(cost=[^)]*\)|^ *(?:Storage|Index Searches|Heap Fetches):[^\n]*\n", re.M)
"""What changes from run to run, or says nothing about the shape of a plan."""


def keep(figures: Figures, title: str, document: Path = DOCUMENT) -> None:
    """Replaces what the document kept of an earlier run."""
    text = document.read_text()
    text = _between(text, "table", f"```\n{_table(figures, title)}```")
    document.write_text(_between(text, "plans", _plans(figures)))


def _between(text: str, name: str, content: str) -> str:
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{content}\n{end}{after}"


def _table(figures: Figures, title: str) -> str:
    page = StringIO()
    print_table(Console(file=page, width=WIDTH), figures, title, box=ASCII2)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n"


def _plans(figures: Figures) -> str:
    return "\n\n".join(
        f"### {name}\n```\n{NOISE.sub('', plan + chr(10)).rstrip()}\n```"
        for name, plan in figures.plans.items()
    )
