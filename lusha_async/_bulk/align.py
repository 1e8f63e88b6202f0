"""Matching the results of a batch to its items. Pure.

The vendor answers by position and echoes `clientReferenceId`. Either may be missing, there may be fewer results than
items, and an echo may be wrong. One person's data must never reach another person's row, so a result whose position
and echo disagree is matched to no item. Source: the vendor's API reference.
"""

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["align"]


def align(
    results: Sequence[Mapping[str, Any]], keys: Sequence[str], *, echo: str
) -> list[Mapping[str, Any] | None]:
    """The result for each of `keys`, in order; None for a key without one.

    `keys` are what the items carried in the member `echo`. If there are as many results as keys, and no result
    echoes a key of another index, the results are in order, and those without an echo are matched by index.
    Otherwise only echoes count. A result is then for the key that it echoes, at each index of a key that was sent
    repeatedly. If several results echo a key that was sent once, none of them is matched; neither is a result that
    echoes a key that was not sent.
    """
    indexes: dict[str, list[int]] = {}
    for index, key in enumerate(keys):
        indexes.setdefault(key, []).append(index)
    echoes = [_key(result.get(echo)) for result in results]
    if len(results) == len(keys) and all(
        echoed is None or echoed == key or echoed not in indexes for echoed, key in zip(echoes, keys, strict=True)
    ):
        return [
            result if echoed is None or echoed == key else None
            for result, echoed, key in zip(results, echoes, keys, strict=True)
        ]
    return _by_echo(results, echoes, indexes, len(keys))


def _by_echo(
    results: Sequence[Mapping[str, Any]],
    echoes: Sequence[str | None],
    indexes: Mapping[str, list[int]],
    count: int,
) -> list[Mapping[str, Any] | None]:
    echoing: dict[str, list[Mapping[str, Any]]] = {}
    for result, echoed in zip(results, echoes, strict=True):
        if echoed is not None:
            echoing.setdefault(echoed, []).append(result)
    matched: list[Mapping[str, Any] | None] = [None] * count
    for key, key_indexes in indexes.items():
        candidates = echoing.get(key, [])
        if len(candidates) == 1:
            candidates = candidates * len(key_indexes)  # one result for an item that was sent repeatedly
        if len(candidates) == len(key_indexes):
            for index, result in zip(key_indexes, candidates, strict=True):
                matched[index] = result
    return matched


def _key(echoed: Any) -> str | None:
    """The echo as it was sent: references and ids may come back as numbers. No string at all matches no key."""
    if type(echoed) is int:
        return str(echoed)
    return echoed if isinstance(echoed, str) or echoed is None else ""
