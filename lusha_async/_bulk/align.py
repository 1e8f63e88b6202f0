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

    As many results as keys, and none that echoes the key of another place: then they are in order, and those
    without an echo are taken by position. Otherwise positions tell nothing and only echoes count: a result is
    for the key that it echoes (at each place of one that was sent repeatedly). Two results that echo a key sent
    once are nobody's, nor is a result that echoes what was never sent.
    """
    places: dict[str, list[int]] = {}
    for place, key in enumerate(keys):
        places.setdefault(key, []).append(place)
    echoes = [_key(result.get(echo)) for result in results]
    if len(results) == len(keys) and all(
        echoed is None or echoed == key or echoed not in places for echoed, key in zip(echoes, keys, strict=True)
    ):
        return [
            result if echoed is None or echoed == key else None
            for result, echoed, key in zip(results, echoes, keys, strict=True)
        ]
    return _by_echo(results, echoes, places, len(keys))


def _by_echo(
    results: Sequence[Mapping[str, Any]], echoes: Sequence[str | None], places: Mapping[str, list[int]], count: int
) -> list[Mapping[str, Any] | None]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for result, echoed in zip(results, echoes, strict=True):
        if echoed is not None:
            found.setdefault(echoed, []).append(result)
    answered: list[Mapping[str, Any] | None] = [None] * count
    for key, those in places.items():
        given = found.get(key, [])
        if len(given) == 1:
            given = given * len(those)  # one answer to a question that was asked repeatedly
        if len(given) == len(those):
            for place, result in zip(those, given, strict=True):
                answered[place] = result
    return answered


def _key(echoed: Any) -> str | None:
    """What was echoed, as it was sent: references and ids may come back as numbers."""
    if type(echoed) is int:
        return str(echoed)
    return echoed if isinstance(echoed, str) or echoed is None else ""
