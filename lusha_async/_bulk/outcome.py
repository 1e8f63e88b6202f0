"""What became of one input of a bulk call."""

import enum
from typing import Generic, TypeVar

from attrs import field, frozen

from ..errors import (
    AnswerLostError,
    ItemError,
    LushaError,
    NotSentError,
    RateLimitedError,
    ServerError,
    ServerTimeoutError,
    UnreadableAnswerError,
)

__all__ = ["ItemResult", "Outcome", "Progress", "Status"]

I = TypeVar("I")  # noqa: E741
V = TypeVar("V")


class Status(enum.StrEnum):
    """How one input fared."""

    OK = "ok"
    """Served: `value` is there."""
    NOT_FOUND = "not_found"
    """The vendor knows nothing of it. Free."""
    RESTRICTED = "restricted"
    """Privacy regulations forbid it. Free."""
    FAILED = "failed"
    """The input or its answer is at fault: sending the same again will not help. Free."""
    AMBIGUOUS = "ambiguous"
    """It was sent and what became of it is unknown; it may have been charged, and was not paid a second time."""
    SKIPPED = "skipped"
    """Not served and not charged, for a reason that does not lie in it: account, budget, quota, or a network or vendor
    that did not recover in time. Try it later."""


@frozen(kw_only=True)
class ItemResult(Generic[V]):
    """What the vendor said of one item of a request: a value, an error, or (served without a match) both."""

    status: Status
    value: V | None = field(default=None, repr=False)
    error: LushaError | None = None
    credits: int | None = None

    @classmethod
    def of(cls, value: V | None, *, code: str | None, message: str = "") -> "ItemResult[V]":
        """An item of an answered batch; `code` is that of its error, None when it has none.

        An item of which the answer says nothing at all (`value` and `code` None) is ambiguous.
        """
        if code is not None:
            status = _BY_CODE.get(code.upper(), Status.FAILED)
            return cls(status=status, value=value, error=ItemError(code, message), credits=0)
        if value is None:
            return cls(status=Status.AMBIGUOUS, error=ItemError("NO_ANSWER", "no row of the answer is for it"))
        return cls(status=Status.OK, value=value)

    @classmethod
    def failed(cls, error: LushaError) -> "ItemResult[V]":
        """The same error for every item of a request that failed, or was refused for its own fault."""
        if error.charged is None:
            return cls(status=Status.AMBIGUOUS, error=error)
        return cls(status=Status.SKIPPED if isinstance(error, _PASSING) else Status.FAILED, error=error, credits=0)

    @classmethod
    def skipped(cls, reason: LushaError) -> "ItemResult[V]":
        """Not sent, because of `reason`."""
        return cls(status=Status.SKIPPED, error=reason, credits=0)


_PASSING = (
    AnswerLostError,  # free: that of account usage, before anything paid was sent
    NotSentError,
    RateLimitedError,
    ServerError,
    ServerTimeoutError,
    UnreadableAnswerError,
)
_BY_CODE = {
    "NOT_FOUND": Status.NOT_FOUND,
    "NO_SCORE": Status.NOT_FOUND,
    "COMPLIANCE_RESTRICTED": Status.RESTRICTED,
}


@frozen(kw_only=True)
class Outcome(Generic[I, V]):
    """One input of a bulk call and what became of it.

    `index` counts the inputs from 0. `value` is there when `ok`; `error` says why otherwise. `credits` is what
    this input cost, None when that is unknown. Where the answer tells only what its request cost, that is shared
    out evenly among the inputs served, so that the sum over all outcomes is what was charged. An input that
    repeats another has 0: it was paid once.
    """

    input: I = field(repr=False)
    index: int
    status: Status
    value: V | None = field(default=None, repr=False)
    error: LushaError | None = None
    credits: int | None = None

    @property
    def ok(self) -> bool:
        """Whether there is a value."""
        return self.status is Status.OK

    def unwrap(self) -> V:
        """The value; raises `error` when there is none."""
        if self.value is None or not self.ok:
            raise self.error if self.error is not None else ItemError("NO_VALUE")
        return self.value


@frozen(kw_only=True)
class Progress:
    """How far a bulk call is. `total` is the number of inputs, None when the input cannot tell its length.

    `read` counts the inputs taken from the source, `done` those with an outcome, `counts` these by status,
    `requests` the batches answered, and `credits` what their answers said they cost.
    """

    total: int | None
    read: int
    done: int
    counts: dict[Status, int]
    requests: int
    credits: int
