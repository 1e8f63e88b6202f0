"""Dedupe sessions of lookalikes."""

from attrs import define

__all__ = ["Session"]


@define
class Session:
    """How far a dedupe session has come."""

    kind: str
    born: float
    position: int = 0
