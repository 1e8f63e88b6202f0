"""Columns of facts that repeat with a period, and sets of entities. Pure.

A column gives entity `i` the value `values[i mod period]`. The periods are distinct primes, so that any two
columns are independent, and the set of all entities with a value is one small pattern, repeated: a filter over
millions of entities is a few operations on big integers (bit `i` stands for entity `i`).
"""

import random
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

__all__ = ["Column", "Selection", "shuffled", "tile"]

T = TypeVar("T")
_BLOCK = 512  # bytes of a set that are counted together


class Column(Generic[T]):
    """One fact of all entities."""

    def __init__(self, values: Sequence[T]) -> None:
        self.values = tuple(values)
        self.period = len(self.values)

    def at(self, index: int) -> T:
        """The value of entity `index`."""
        return self.values[index % self.period]

    def where(self, holds: Callable[[T], bool], size: int) -> int:
        """The entities below `size` whose value `holds`."""
        pattern = sum(1 << position for position, value in enumerate(self.values) if holds(value))
        return tile(pattern, self.period, size)


def tile(pattern: int, period: int, size: int) -> int:
    """`pattern` (of `period` bits), repeated over `size` bits."""
    width = period
    while width < size:
        pattern |= pattern << width
        width *= 2
    return pattern & ((1 << size) - 1)


def shuffled(seed: int, name: str, period: int, choices: Iterable[tuple[T, int]]) -> Column[T]:
    """A column of `period` values in proportion to (value, weight) pairs, in an order that the seed determines."""
    pairs = list(choices)
    total = sum(weight for _, weight in pairs)
    shares = accumulate(weight for _, weight in pairs)
    edges = [round(share * period / total) for share in shares]
    values = [pairs[bisect_right(edges, position)][0] for position in range(period)]
    random.Random(f"{seed}:{name}").shuffle(values)  # noqa: S311
    return Column(values)


class Selection:
    """A set of entities that can be counted, and read in pages in order of their index."""

    def __init__(self, members: int, size: int) -> None:
        self._bytes = members.to_bytes((size + 7) // 8, "little")
        counts = (
            int.from_bytes(self._bytes[start : start + _BLOCK], "little").bit_count()
            for start in range(0, len(self._bytes), _BLOCK)
        )
        self._before = [0, *accumulate(counts)]

    def __len__(self) -> int:
        return self._before[-1]

    def page(self, offset: int, count: int) -> list[int]:
        """At most `count` members from number `offset` on."""
        found: list[int] = []
        block = bisect_right(self._before, offset) - 1
        skip = offset - self._before[min(block, len(self._before) - 1)]
        start = block * _BLOCK
        while len(found) < count + skip and start < len(self._bytes):
            bits = int.from_bytes(self._bytes[start : start + _BLOCK], "little")
            found.extend(_members(bits, start * 8))
            start += _BLOCK
        return found[skip : skip + count]


def _members(bits: int, first: int) -> Iterable[int]:
    text = bin(bits)[:1:-1]  # lowest bit first
    position = text.find("1")
    while position >= 0:
        yield first + position
        position = text.find("1", position + 1)
