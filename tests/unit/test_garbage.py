"""What the start made is not collected again; pauses are counted without taking part in them."""

from __future__ import annotations

import json
import subprocess
import sys

from orders.observability.garbage import THRESHOLDS, CollectionTimer
from orders.observability.metrics import REGISTRY

SCRIPT = """
import gc, json
from orders.observability.garbage import collections, settle_garbage_collection
from orders.observability.metrics import REGISTRY

made = [[number] for number in range(200_000)]
settle_garbage_collection()
looked_at = len(gc.get_objects())
gc.collect()
collections.count()
full = REGISTRY.get_sample_value("orders_gc_pause_seconds_count", {"generation": "2"})
print(json.dumps([gc.get_freeze_count(), looked_at, gc.get_threshold(), full]))
"""


def test_full_collection_leaves_out_what_the_start_made() -> None:
    command = [sys.executable, "-c", SCRIPT]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    frozen, looked_at, thresholds, full = json.loads(run.stdout)
    assert frozen > 200_000
    assert looked_at < 1_000
    assert thresholds == list(THRESHOLDS)
    assert full == 1


def test_collection_is_counted_only_when_somebody_asks() -> None:
    def counted() -> float:
        labels = {"generation": "1"}
        return REGISTRY.get_sample_value("orders_gc_pause_seconds_count", labels) or 0.0

    timer = CollectionTimer()
    before = counted()
    timer("start", {"generation": 1})
    timer("stop", {"generation": 1})
    # A collection may begin while this very thread holds the metric's lock.
    assert counted() == before
    timer.count()
    assert counted() == before + 1
    timer.count()
    assert counted() == before + 1
