"""Dedupe sessions of lookalikes."""

from attrs import define, field

__all__ = ["Session"]


@define(kw_only=True)
class Session:
    """A walk through the population that begins where the first call's seeds say, and how far it has come."""

    kind: str
    born: float
    start: int
    never: set[int] = field(factory=set[int])
    """Seeds and exclusions of all its calls: they are never results."""
    position: int = 0
