"""The table of figures: printed, kept in docs/performance.md between its markers, and as JSON."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path

from rich.box import ASCII2, HEAVY_HEAD, Box
from rich.console import Console
from rich.table import Table

from bench.children import ROOT
from bench.figures import Figure, Figures

DOCUMENT = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- table -->", "<!-- end of table -->"

WIDTH = 150
"""Characters of a table row where the output is no terminal."""
NOISE = re.compile(r"  \(cost=[^)]*\)|^ *(?:Storage|Index Searches|Heap Fetches):[^\n]*\n", re.M)
"""Matches what differs from run to run or does not concern a plan's shape."""
HEADINGS = ("", "unit", "median", "lowest … highest", "grouped", "ratio", "one by one", "ratio")


def print_table(console: Console, figures: Figures, title: str, box: Box = HEAVY_HEAD) -> None:
    """Prints every figure, section by section, then the remarks."""
    table = Table(title=title, title_justify="left", box=box)
    for number, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="left" if number < 2 else "right", no_wrap=True)
    section = ""
    for figure in figures.all():
        if figure.section != section:
            section = figure.section
            table.add_section()
            table.add_row(f"[bold]{section}[/bold]")
        table.add_row(*cells(figure))
    console.print(table)
    for note in figures.notes:
        console.print(f"· {note}")


def print_plans(console: Console, figures: Figures) -> None:
    """Print the query plan of each statement."""
    for name, plan in figures.plans.items():
        shape = NOISE.sub("", f"{plan}\n").rstrip()
        console.print(f"\n{name}\n{shape}", markup=False, highlight=False, soft_wrap=True)


def cells(figure: Figure) -> tuple[str, ...]:
    """The cells of one row."""
    low, high = figure.spread
    limits = [
        cell
        for kind in ("grouped", "single")
        for cell in (_number(figure.limit(kind)), _ratio(figure.ratio(kind)))
    ]
    spread = f"{_number(low)} … {_number(high)}"
    return ("  " + figure.name, figure.unit, _number(figure.median), spread, *limits)


def write_json(path: Path, figures: Figures, title: str) -> None:
    """Writes figures, samples, limits, remarks and query plans."""
    content = {
        "title": title,
        "figures": [
            {
                "section": figure.section,
                "name": figure.name,
                "unit": figure.unit,
                "median": figure.median,
                "samples": figure.samples,
                "grouped": figure.limit("grouped"),
                "ratioToGrouped": figure.ratio("grouped"),
                "single": figure.limit("single"),
                "ratioToSingle": figure.ratio("single"),
            }
            for figure in figures.all()
        ],
        "notes": figures.notes,
        "plans": figures.plans,
    }
    path.write_text(json.dumps(content, indent=2) + "\n")


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def keep(figures: Figures, title: str, document: Path = DOCUMENT) -> None:
    """Replaces the table of an earlier run in the document."""
    before, _, rest = document.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    document.write_text(f"{before}{BEGIN}\n```\n{_table(figures, title)}```\n{END}{after}")


def _table(figures: Figures, title: str) -> str:
    page = StringIO()
    print_table(Console(file=page, width=WIDTH), figures, title, box=ASCII2)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n"
