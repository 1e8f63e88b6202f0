"""What the account remembers between requests: dedupe sessions of lookalikes, and enrich jobs."""

from attrs import define, field, frozen

__all__ = ["Job", "PendingPoint", "Session"]


@define(kw_only=True)
class Session:
    """A dedupe session: the walk through the population that follows from the first call's seeds."""

    kind: str
    created: float
    start: int
    exclude: set[int] = field(factory=set[int])
    """Seeds and exclusions of all its calls: they are never results."""
    position: int = 0
    previous: int = 0
    """The position before the last call."""


@frozen(kw_only=True)
class PendingPoint:
    """A data point that a job works on."""

    index: int
    token: str
    name: str


@define(kw_only=True)
class Job:
    """The work of asynchronous data providers for one enrichment."""

    id: str
    request_id: str
    created: float
    done: float
    points: list[PendingPoint]
    charged: int | None = None
    """Credits; None until the job has ended and is charged."""
