"""Enrich jobs: what asynchronous data providers are working on."""

from attrs import define

__all__ = ["Job", "Pending"]


@define(kw_only=True)
class Pending:
    """A data point that a job is working on."""

    index: int
    token: str
    name: str


@define(kw_only=True)
class Job:
    """What the asynchronous providers do."""

    id: str
    request_id: str
    begun: float
    done: float
    points: list[Pending]
    charged: int | None = None
    """None until the job is over and settled."""
