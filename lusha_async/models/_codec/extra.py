"""Picks the members of a body that go into `extra`."""

from collections.abc import Callable, Set
from typing import Any

from .drift import OBSERVER, loggable

__all__ = ["Leftover", "leftover_of"]

Leftover = Callable[[dict[str, Any], int], dict[str, Any]]
_MAX_USUAL = 8  # names remembered for each class


def leftover_of(title: str, members: Set[str], *, open_members: bool) -> Leftover:
    """A function that picks, of a body, its `count` members that are null or not in `members`.

    Records of one response mostly have the same ones, so the names of the record before are tried first: if they
    give `count` members, there can be no others. Unknown members are reported as drift unless `open_members`.
    """
    usual: tuple[str, ...] = ()
    reports: dict[str, str] = {}

    def leftover(body: dict[str, Any], count: int) -> dict[str, Any]:
        nonlocal usual, reports
        rest = {k: body[k] for k in usual if k in body and (k not in members or body[k] is None)}
        if len(rest) != count:
            rest = {k: v for k, v in body.items() if v is None or k not in members}
            usual = tuple(rest) if count <= _MAX_USUAL else ()
            unknown: Set[str] = set() if open_members else rest.keys() - members
            reports = {name: f"unknown member {title}.{loggable(name)}" for name in unknown}
        if reports and OBSERVER.callback is not None:
            for name, what in reports.items():
                if name in rest:
                    OBSERVER.callback(what)
        return rest

    return leftover
