"""Jupiter's views are named in a table and imported late: each of them is there."""

from __future__ import annotations

import inspect

from werkzeug.utils import import_string

from orders.solana import jupiter


def test_every_route_names_a_view_with_the_parameters_of_its_path() -> None:
    for _, path, name in jupiter.ROUTES:
        view = import_string(f"{jupiter.__name__}.{name}")
        parameters = [part.strip("<>") for part in path.split("/") if part.startswith("<")]
        assert list(inspect.signature(view).parameters) == parameters
