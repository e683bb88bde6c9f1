"""Keep the last table in docs/performance.md, between its markers."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

from rich.box import ASCII2
from rich.console import Console

from bench.children import ROOT
from bench.figures import Figures
from bench.report import WIDTH, print_table

DOCUMENT = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- table -->", "<!-- end of table -->"


def keep(figures: Figures, title: str, document: Path = DOCUMENT) -> None:
    """Replace the table that the document kept of an earlier run."""
    before, _, rest = document.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    document.write_text(f"{before}{BEGIN}\n```\n{_table(figures, title)}```\n{END}{after}")


def _table(figures: Figures, title: str) -> str:
    page = StringIO()
    print_table(Console(file=page, width=WIDTH), figures, title, box=ASCII2)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n"
