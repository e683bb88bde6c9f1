"""Many who wait for something are answered by one read."""

from __future__ import annotations

from orders.solana.rpc.lookout import READ_AT_ONCE, ROUNDS, Lookout


class Source:
    """Remembers which keys each read asked for, and what time it is."""

    def __init__(self) -> None:
        self.reads: list[set[str]] = []
        self.there: dict[str, int] = {}
        self.now_s = 0.0

    def read(self, keys: list[str]) -> dict[str, int]:
        self.reads.append(set(keys))
        return {key: self.there[key] for key in keys if key in self.there}


def test_all_that_is_waited_for_is_read_together_and_forgotten_afterwards() -> None:
    source = Source()
    lookout = Lookout(source.read, fresh_s=1, now_s=lambda: source.now_s)
    keys = {f"key {number}" for number in range(READ_AT_ONCE)}
    assert {lookout.get(key) for key in keys} == {None}
    source.there = dict.fromkeys(keys, 5)
    assert {lookout.get(key) for key in keys} == {None}, "not a second old"
    source.reads.clear()
    for waited_for in (keys, {"key 1"}):
        source.now_s += 1
        assert {lookout.get(key) for key in waited_for} == {5}
    assert source.reads == [keys, keys]
    source.now_s += ROUNDS
    lookout.get("key 1")
    assert source.reads[2:] == [{"key 1"}]


def test_more_keys_than_one_statement_reads_are_read_in_parts() -> None:
    source = Source()
    lookout = Lookout(source.read, fresh_s=1, now_s=lambda: source.now_s)
    keys = {f"key {number}" for number in range(READ_AT_ONCE + 1)}
    for _ in range(2):
        source.now_s += 1
        source.reads.clear()
        assert {lookout.get(key) for key in keys} == {None}
    assert sorted(map(len, source.reads)) == [1, READ_AT_ONCE]
