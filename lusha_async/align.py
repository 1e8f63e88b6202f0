"""Which result belongs to which item of a batch. Pure.

The vendor answers by position and echoes `clientReferenceId`; either may be missing, results may be fewer than
asked, and an echo may be wrong. One person's data must never be handed to another's row, so whatever does not
agree is nobody's. Source: the vendor's API reference.
"""

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["align"]


def align(
    results: Sequence[Mapping[str, Any]], keys: Sequence[str], *, echo: str
) -> list[Mapping[str, Any] | None]:
    """For each of `keys`, sent as the member `echo` of the items in order, its result or None.

    A result that echoes one of the keys is that key's. Two results that echo the same key are nobody's, unless
    that key was sent twice. Results without an echo are taken by position, only where all items have a result.
    """
    places: dict[str, list[int]] = {}
    for place, key in enumerate(keys):
        places.setdefault(key, []).append(place)
    answered: list[Mapping[str, Any] | None] = [None] * len(keys)
    echoed: dict[str, list[Mapping[str, Any]]] = {}
    for position, result in enumerate(results):
        value = result.get(echo)
        if value is None:
            if len(results) == len(keys):
                answered[position] = result
        elif str(value) in places:
            echoed.setdefault(str(value), []).append(result)
    for key, found in echoed.items():
        if len(found) == len(places[key]):
            for place, result in zip(places[key], found, strict=True):
                answered[place] = result
        else:
            for place in places[key]:
                answered[place] = None
    return answered
