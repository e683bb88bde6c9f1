"""The subscriptions of one WebSocket, and their notifications."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from orders.solana.rpc.dispatch import Method
from orders.solana.rpc.errors import invalid_params
from orders.solana.rpc.params import Params

Notification = tuple[str, int, Any]
"""Method, number of the subscription, result."""

_numbers = itertools.count(1)


class Topic(Protocol):
    """Something to subscribe to."""

    name: str

    def news(self) -> list[Any]:
        """Returns what has happened since the last call, oldest first."""

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""


MakeTopic = Callable[[Params], Topic]


@dataclass
class Subscriptions:
    """The subscriptions of one connection, bounded in number."""

    topics: dict[str, MakeTopic]
    most: int
    _active: dict[int, Topic] = field(default_factory=dict)

    def methods(self) -> dict[str, Method]:
        """`xSubscribe` and `xUnsubscribe` of each topic, by name."""
        found: dict[str, Method] = {}
        for name, make in self.topics.items():
            found[f"{name}Subscribe"] = self._subscriber(make)
            found[f"{name}Unsubscribe"] = self._unsubscribe
        return found

    def __len__(self) -> int:
        return len(self._active)

    def notifications(self) -> Iterator[Notification]:
        """Returns all new notifications. Subscriptions that have sent their last are dropped."""
        for number, topic in list(self._active.items()):
            for result in topic.news():
                yield f"{topic.name}Notification", number, result
            if topic.over:
                self._active.pop(number, None)

    def _subscriber(self, make: MakeTopic) -> Method:
        def subscribe(params: Params) -> int:
            if len(self._active) >= self.most:
                raise invalid_params(f"At most {self.most} subscriptions on one connection.")
            topic = make(params)
            number = next(_numbers)
            self._active[number] = topic
            return number

        return subscribe

    def _unsubscribe(self, params: Params) -> bool:
        if self._active.pop(params.whole(0), None) is None:
            raise invalid_params("Invalid subscription id.")
        return True
