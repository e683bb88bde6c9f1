"""The bench: what it computes, and that each measurement runs."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bench.__main__ import SECTIONS
from bench.context import SMOKE, Bench
from bench.figures import Figure, Figures, Limit, percentile
from bench.plans import full_scans
from bench.report import cells, keep, print_plans
from bench.stack import Machine
from bench.watchers import TEXT, FrameReader, frame


def figure(unit: str, *pairs: tuple[float, float]) -> Figure:
    samples, limits = zip(*pairs, strict=True)
    return Figure("section", "name", unit, list(samples), [Limit(grouped=v) for v in limits])


def test_ratio_of_a_rate_is_what_of_the_machine_is_used_in_the_median_run() -> None:
    assert figure("/s", (100, 400), (150, 300), (50, 500)).ratio("grouped") == 0.25


def test_ratio_of_a_time_falls_as_the_time_grows() -> None:
    assert figure("ms", (4, 1)).ratio("grouped") == 0.25


def test_figure_without_a_limit_has_no_ratio() -> None:
    alone = figure("ms", (4, 1))
    assert alone.ratio("single") is None
    assert cells(alone)[-2:] == ("", "")


def test_percentile_is_the_smallest_value_that_so_many_do_not_exceed() -> None:
    values = list(range(1, 201))
    assert (percentile(values, 0.5), percentile(values, 0.99)) == (100, 198)
    assert percentile([7], 0.99) == 7


def written_length(size: int) -> bytes:
    if size < 126:
        return bytes([size])
    return b"\x7e" + size.to_bytes(2, "big") if size < 65_536 else b"\x7f" + size.to_bytes(8, "big")


def test_frames_are_found_however_the_bytes_arrive() -> None:
    sent = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"
    payloads = [b"short", b"x" * 300, b"y" * 70_000]
    for payload in payloads:
        sent += bytes([0x80 | TEXT]) + written_length(len(payload)) + payload
    reader = FrameReader()
    cut = [sent[start : start + 7] for start in range(0, len(sent), 7)]
    found = [each for piece in cut for each in reader.feed(piece)]
    assert found == [(TEXT, payload) for payload in payloads]


def test_refused_handshake_is_an_error() -> None:
    with pytest.raises(ConnectionError, match="404"):
        list(FrameReader().feed(b"HTTP/1.1 404 Not Found\r\n\r\n"))


def test_client_frames_are_masked_as_the_protocol_demands() -> None:
    assert frame(TEXT, b"hi") == b"\x81\x82\0\0\0\0hi"


@pytest.mark.parametrize(
    ("plan", "found"),
    [
        ("Seq Scan on orders  (cost=0..1 rows=9) (actual rows=900.00 loops=1)", 1),
        ("Seq Scan on order_counters  (cost=0..1 rows=9)", 0),
        ("->  Index Scan using orders_due on orders  (cost=0..1)\n      Filter: (x)", 1),
        ("->  Index Scan using orders_pkey on orders  (cost=0..1)\n   Index Cond: (id = 1)", 0),
        ("Limit  (cost=0..1)\n  ->  Index Scan using orders_pkey on orders\n   Filter: (x)", 0),
    ],
)
def test_plans_that_read_everything_are_noticed(plan: str, found: int) -> None:
    assert len(full_scans(plan)) == found


def test_document_keeps_the_last_table_only(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text("before <!-- table -->\nold\n<!-- end of table --> after")
    figures = Figures()
    figures.add("section", "a new figure", "ms", 1.0)
    keep(figures, "a title", document)
    text = document.read_text()
    assert "old" not in text
    assert text.startswith("before")
    assert text.endswith("after")
    assert "a new figure" in text


def test_printed_plans_have_no_costs() -> None:
    figures = Figures()
    figures.plans["a statement"] = "Limit  (cost=1.00..2.00 rows=1 width=1) (actual rows=1)"
    page = StringIO()
    print_plans(Console(file=page), figures)
    assert page.getvalue().strip() == "a statement\nLimit (actual rows=1)"


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    started = Machine(tmp_path_factory.mktemp("bench"))
    yield started
    started.stop()


LONGEST = {"idle", "memory", "stream", "resting"}
"""Left to the long tests."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.soak if n in LONGEST else ()) for n in SECTIONS],
)
def test_measurement_runs_at_the_smallest_size(name: str, machine: Machine) -> None:
    figures = Figures()
    SECTIONS[name](Bench(machine, SMOKE, figures, lambda _: None))
    assert figures.all()
    for each in figures.all():
        assert len(each.samples) == SMOKE.runs
        assert each.median >= 0
