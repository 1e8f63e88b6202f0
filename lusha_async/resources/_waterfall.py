"""Following the job of an enrichment to its end: third parties answer after the vendor has.

Source: the vendor's enrich and enrich job references.
"""

import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import anyio
from attrs import evolve

from .._json import as_count
from ..errors import (
    JobUnfinishedError,
    LushaError,
    RateLimitedError,
    ServerError,
    ServerTimeoutError,
    TransportError,
    UnreadableAnswerError,
)
from ..models.common import Billing, Enriched, EnrichJob
from ..models.contacts import Contact, EnrichJobStatus

__all__ = ["follow", "merged", "under_way"]

_PATIENCE = 5.0  # seconds between looks when the vendor does not say
_LONGEST = 60.0
_FAILED_LOOKS = 5  # in a row, each repeated already as the retry policy says
_DONE = frozenset({"complete", "completed"})
_OVER = _DONE | {"expired", "failed"}
_PASSING = (RateLimitedError, ServerError, ServerTimeoutError, TransportError, UnreadableAnswerError)
"""A look that ends so says nothing about the job."""


def under_way(answer: Enriched[Contact]) -> EnrichJob | None:
    """The answer's job if third parties are still at work."""
    job = answer.job
    return None if job is None or job.id is None or job.status in _OVER else job


def merged(answer: Enriched[Contact], job: EnrichJobStatus) -> Enriched[Contact]:
    """`answer` with the job's contacts in the place of those of the same id, and its credits added.

    Contacts that `answer` does not have come last. The job tells all that it has cost so far: what is in `answer`
    of that already is not added again.
    """
    later = {contact.id: contact for contact in job.contacts if contact.id}
    results = [later.pop(contact.id, contact) if contact.id else contact for contact in answer.results]
    further = [contact for contact in job.contacts if not contact.id or contact.id in later]
    billing, before = answer.billing or Billing(), answer.job or EnrichJob(id=job.job_id)
    counted, told = as_count(before.credits_charged) or 0, as_count(job.credits_charged) or 0
    return evolve(
        answer,
        results=(*results, *further),
        billing=evolve(billing, credits_charged=(billing.credits_charged or 0) + max(0, told - counted)),
        job=evolve(
            before, status=job.status, retry_after=job.retry_after, credits_charged=float(max(told, counted))
        ),
    )


async def follow(
    answer: Enriched[Contact],
    look: Callable[[str], Awaitable[EnrichJobStatus]],
    on_progress: Callable[[Enriched[Contact]], object] | None,
    keep: Callable[[Enriched[Contact]], object],
) -> Enriched[Contact]:
    """Look at the answer's job whenever the vendor says to, until it is over; the whole answer then.

    `JobUnfinishedError`, with what there is, where the job cannot be followed to its end. Whatever else ends it, a
    cancellation above all, leaves what there is with `keep`.
    """
    if under_way(answer) is None:
        return answer
    following = _Following(answer, on_progress)
    try:
        await following.to_the_end(look)
    except JobUnfinishedError:
        raise
    except BaseException:
        keep(following.now)
        raise
    return following.now


class _Following:
    """What there is `now` of an answer whose job goes on."""

    def __init__(
        self, answer: Enriched[Contact], on_progress: Callable[[Enriched[Contact]], object] | None
    ) -> None:
        self.now = answer
        self._on_progress = on_progress

    @property
    def _job(self) -> EnrichJob:
        return self.now.job or EnrichJob()

    async def to_the_end(self, look: Callable[[str], Awaitable[EnrichJobStatus]]) -> None:
        failed = 0
        self._tell()
        while self._job.status not in _OVER:
            if _expired(self._job.expires_at):
                raise self._unfinished("the job expired before it was over")
            await anyio.sleep(_seconds(self._job.retry_after))
            try:
                seen = await look(self._job.id or "")
            except LushaError as error:
                failed += 1
                if failed == _FAILED_LOOKS or not isinstance(error, _PASSING):
                    raise self._unfinished("the job could not be looked at") from error
                continue
            failed = 0
            self.now = merged(self.now, seen)
            self._tell()
        if self._job.status not in _DONE:
            raise self._unfinished(f"the job ended as {self._job.status}")

    def _tell(self) -> None:
        if self._on_progress is not None:
            self._on_progress(self.now)

    def _unfinished(self, reason: str) -> JobUnfinishedError:
        return JobUnfinishedError(reason, job_id=self._job.id or "", answer=self.now)


def _seconds(told: float | None) -> float:
    """Seconds until the next look; what is no number of seconds tells nothing."""
    return _PATIENCE if told is None or math.isnan(told) else min(max(told, 1.0), _LONGEST)


def _expired(told: str | None) -> bool:
    try:
        at = datetime.fromisoformat(told) if told else None
    except ValueError:
        return False
    if at is None:
        return False
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) <= datetime.now(UTC)
