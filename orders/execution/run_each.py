"""Several tasks in a row of which a failing one does not keep the others from their turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def run_each(tasks: Iterable[Callable[[], int]]) -> int:
    """Runs all tasks and returns the sum of their results.

    Raises the first failure, after the last task.
    """
    total, failures = 0, []
    for task in tasks:
        try:
            total += task()
        except Exception as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return total
