"""The outcome of one input of a bulk method."""

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
    """The result of one input of a bulk method."""

    OK = "ok"
    """Served: the outcome has a `value`."""
    NOT_FOUND = "not_found"
    """The vendor has no data for it. Free."""
    RESTRICTED = "restricted"
    """Privacy regulations forbid an answer. Free."""
    FAILED = "failed"
    """The input was refused before it was sent, or by the vendor: sending it again unchanged fails again. Free."""
    AMBIGUOUS = "ambiguous"
    """It was sent, and the answer was lost or cannot be read. It may have been charged; it was not sent again."""
    SKIPPED = "skipped"
    """Not served and not charged, for a reason outside the input: account, budget, quota, or a network or vendor that
    did not recover in time. Send it again later."""


@frozen(kw_only=True)
class ItemResult(Generic[V]):
    """The result of one item of a batch: a value, an error, or (not paid for by the account) both.

    `credits` is None where the answer does not report them for the item.
    """

    status: Status
    value: V | None = field(default=None, repr=False)
    error: LushaError | None = None
    credits: int | None = None

    @classmethod
    def of(cls, value: V | None, *, code: str | None, message: str = "") -> "ItemResult[V]":
        """The result of an item of an answered batch. `code` is that of its error, None if it has none.

        An item that the answer does not mention (`value` and `code` None) is ambiguous.
        """
        if code is not None:
            status = _STATUS_BY_CODE.get(code.upper(), Status.FAILED)
            return cls(status=status, value=value, error=ItemError(code, message), credits=0)
        if value is None:
            return cls(
                status=Status.AMBIGUOUS, error=ItemError("NO_ANSWER", "the answer has no row for this input")
            )
        return cls(status=Status.OK, value=value)

    @classmethod
    def failed(cls, error: LushaError) -> "ItemResult[V]":
        """The result of an item whose request failed: ambiguous if it may have been charged."""
        if error.charged is None:
            return cls(status=Status.AMBIGUOUS, error=error)
        return cls(
            status=Status.SKIPPED if isinstance(error, _TRANSIENT) else Status.FAILED, error=error, credits=0
        )

    @classmethod
    def skipped(cls, reason: LushaError) -> "ItemResult[V]":
        """Not sent, because of `reason`."""
        return cls(status=Status.SKIPPED, error=reason, credits=0)


_TRANSIENT = (
    AnswerLostError,  # a free one: of account usage, before anything paid was sent
    NotSentError,
    RateLimitedError,
    ServerError,
    ServerTimeoutError,
    UnreadableAnswerError,
)
_STATUS_BY_CODE = {
    "NOT_FOUND": Status.NOT_FOUND,
    "NO_SCORE": Status.NOT_FOUND,
    "COMPLIANCE_RESTRICTED": Status.RESTRICTED,
}


@frozen(kw_only=True)
class Outcome(Generic[I, V]):
    """The outcome of one input of a bulk method."""

    input: I = field(repr=False)
    """The input as it was read from the source."""
    index: int
    """Its position among the inputs, from 0."""
    status: Status
    """The kind of result."""
    value: V | None = field(default=None, repr=False)
    """The vendor's answer; always there if `ok`. A `skipped` outcome has one if the account could not pay for it."""
    error: LushaError | None = None
    """Why there is no answer; None if `ok`."""
    credits: int | None = None
    """The credits charged for this input; None if unknown. If the answer reports only the credits of the whole request,
    they are split evenly among the inputs served, so that the sum over all outcomes is what was charged. A duplicate of
    an earlier input has 0."""

    @property
    def ok(self) -> bool:
        """Whether `status` is `Status.OK`."""
        return self.status is Status.OK

    def unwrap(self) -> V:
        """The value. Raises `error` unless `ok`."""
        if self.value is None or not self.ok:
            raise self.error if self.error is not None else ItemError("NO_VALUE")
        return self.value


@frozen(kw_only=True)
class Progress:
    """The progress of a bulk method, passed to `on_progress` after each request."""

    total: int | None
    """The number of inputs; None if the source has no `len()`."""
    read: int
    """Inputs read from the source so far."""
    done: int
    """Inputs that have an outcome, read or not."""
    counts: dict[Status, int]
    """`done` by status."""
    requests: int
    """Requests answered."""
    credits: int
    """Credits that their answers report."""
