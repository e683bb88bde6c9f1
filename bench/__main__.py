"""`python -m bench`: starts servers and processes of its own, measures, prints one table."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import psutil
from rich.console import Console

from bench import executing, growth, idle, memory, posting, resting, streaming
from bench.context import QUICK, Bench, Scale
from bench.figures import Figures
from bench.report import WIDTH, keep, print_plans, print_table, write_json
from bench.stack import Machine

SECTIONS: dict[str, Callable[[Bench], None]] = {
    "post": posting.measure,
    "execute": executing.measure,
    "idle": idle.measure,
    "stream": streaming.measure,
    "memory": memory.measure,
    "growth": growth.measure,
    "resting": resting.measure,
}
AS_SHIPPED = """\
As shipped: `python app.py` (supervisor, web, watcher, worker), with PostgreSQL, Valkey and the
load client beside it; log lines at INFO in a file; default settings but for what a row names, no
rate limits, no bound on the queue."""
BUSY_PERCENT = 5
"""Share of the processor used by other programs above which the report carries a remark."""


def main(arguments: list[str] | None = None) -> int:
    """Runs the chosen measurements; returns 1 if one of them failed."""
    chosen = _parser().parse_args(arguments)
    # SIGTERM raises SystemExit, so that the clean-up below runs.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    scale = _scale(chosen)
    progress = Console(stderr=True)
    started = time.monotonic()
    busy = psutil.cpu_percent(interval=1)
    figures = run(chosen.only or list(SECTIONS), scale, progress.print, chosen.directory)
    if busy > BUSY_PERCENT:
        figures.note(
            f"The machine was busy with other work at the start: {busy:.0f} % of its cores."
        )
    minutes = (time.monotonic() - started) / 60
    sizes = "small sizes, " if chosen.quick else ""
    title = f"{_machine_line()}; {sizes}{scale.runs} runs, {minutes:.0f} minutes\n{AS_SHIPPED}"
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    print_table(console, figures, title)
    if chosen.plans:
        print_plans(console, figures)
    if chosen.json is not None:
        write_json(chosen.json, figures, title)
    if chosen.keep:
        keep(figures, title)
    return 1 if figures.failed else 0


def run(
    names: Sequence[str], scale: Scale, say: Callable[[str], None], on: Path | None = None
) -> Figures:
    """Takes the named measurements on servers of their own, whose files lie under the directory
    `on`.
    """
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="orders-bench-", dir=on) as directory:
        machine = Machine(Path(directory))
        try:
            bench = Bench(machine, scale, figures, say)
            for name in names:
                _measure(name, bench)
        finally:
            machine.stop()
    return figures


def _measure(name: str, bench: Bench) -> None:
    """Takes one measurement. If it fails, the others' figures are kept."""
    try:
        SECTIONS[name](bench)
    except Exception as error:
        traceback.print_exc()
        bench.figures.failed.append(name)
        bench.figures.note(f"{name} broke off: {error!r}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes and two runs")
    parser.add_argument("--runs", type=int, metavar="N", help="times each figure is taken")
    parser.add_argument("--rows", type=int, metavar="N", help="most orders in the table")
    parser.add_argument("--resting", type=int, metavar="N", help="resting orders")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, metavar="NAME", help=_names())
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--plans", action="store_true", help="print the query plans too")
    parser.add_argument("--keep", action="store_true", help="as the last table in the docs")
    parser.add_argument("--directory", type=Path, help="on the disk to measure (default: TMPDIR)")
    return parser


def _names() -> str:
    return f"some of: {', '.join(SECTIONS)}"


def _scale(chosen: argparse.Namespace) -> Scale:
    scale = QUICK if chosen.quick else Scale()
    given = {name: getattr(chosen, name) for name in ("runs", "rows", "resting")}
    return replace(scale, **{name: value for name, value in given.items() if value is not None})


def _machine_line() -> str:
    memory_gib = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} cores, {memory_gib:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}"
    )


if __name__ == "__main__":
    sys.exit(main())
