"""Following the waterfall job of an enrichment, which goes on after the response, until it is over.

Source: the vendor's enrich and enrich job references.
"""

import math
from collections.abc import Awaitable, Callable

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

__all__ = ["follow", "merged", "unfinished_job"]

_INTERVAL = 5.0  # seconds between polls if the vendor states none
_MAX_INTERVAL = 60.0
_MAX_FAILED_POLLS = 5  # in a row, each after the attempts of the retry policy
_DONE = frozenset({"complete", "completed"})
_OVER = _DONE | {"expired", "failed"}
_TRANSIENT = (RateLimitedError, ServerError, ServerTimeoutError, TransportError, UnreadableAnswerError)
"""Errors of a poll that say nothing about the job."""


def unfinished_job(response: Enriched[Contact]) -> EnrichJob | None:
    """The job of a response, if it is not over."""
    job = response.job
    return None if job is None or job.id is None or job.status in _OVER else job


def merged(response: Enriched[Contact], job: EnrichJobStatus) -> Enriched[Contact]:
    """`response` with the job's contacts in place of those of the same id, and its credits added.

    Contacts that `response` does not have come last. A job reports all credits that it has cost so far: those that
    `response` includes are not added again.
    """
    later = {contact.id: contact for contact in job.contacts if contact.id}
    results = [later.pop(contact.id, contact) if contact.id else contact for contact in response.results]
    further = [contact for contact in job.contacts if not contact.id or contact.id in later]
    billing, before = response.billing or Billing(), response.job or EnrichJob(id=job.job_id)
    counted, reported = as_count(before.credits_charged) or 0, as_count(job.credits_charged) or 0
    return evolve(
        response,
        results=(*results, *further),
        billing=evolve(billing, credits_charged=(billing.credits_charged or 0) + max(0, reported - counted)),
        job=evolve(
            before, status=job.status, retry_after=job.retry_after, credits_charged=float(max(reported, counted))
        ),
    )


async def follow(
    response: Enriched[Contact],
    poll: Callable[[str], Awaitable[EnrichJobStatus]],
    on_progress: Callable[[Enriched[Contact]], object] | None,
    keep: Callable[[Enriched[Contact]], object],
) -> Enriched[Contact]:
    """Poll the job of `response`, at the vendor's intervals, until it is over. Returns the merged response.

    Raises `JobUnfinishedError` with the response so far if the job cannot be followed. Anything else that ends it,
    such as a cancellation, calls `keep` with that response first.
    """
    if unfinished_job(response) is None:
        return response
    follower = _JobFollower(response, on_progress)
    try:
        await follower.run(poll)
    except JobUnfinishedError:
        raise
    except BaseException:
        keep(follower.response)
        raise
    return follower.response


class _JobFollower:
    """The response so far, while its job goes on."""

    def __init__(
        self, response: Enriched[Contact], on_progress: Callable[[Enriched[Contact]], object] | None
    ) -> None:
        self.response = response
        self._on_progress = on_progress

    @property
    def _job(self) -> EnrichJob:
        return self.response.job or EnrichJob()

    async def run(self, poll: Callable[[str], Awaitable[EnrichJobStatus]]) -> None:
        failed = 0
        self._report()
        while self._job.status not in _OVER:  # `expires_at` is by the vendor's clock: only its answer ends the job
            await anyio.sleep(_seconds(self._job.retry_after))
            try:
                status = await poll(self._job.id or "")
            except LushaError as error:
                failed += 1
                if failed == _MAX_FAILED_POLLS or not isinstance(error, _TRANSIENT):
                    raise self._unfinished("the job could not be polled") from error
                continue
            failed = 0
            self.response = merged(self.response, status)
            self._report()
        if self._job.status not in _DONE:
            raise self._unfinished(f"the job ended as {self._job.status}")

    def _report(self) -> None:
        if self._on_progress is not None:
            self._on_progress(self.response)

    def _unfinished(self, reason: str) -> JobUnfinishedError:
        return JobUnfinishedError(reason, job_id=self._job.id or "", answer=self.response)


def _seconds(stated: float | None) -> float:
    """Seconds until the next poll."""
    return _INTERVAL if stated is None or math.isnan(stated) else min(max(stated, 1.0), _MAX_INTERVAL)
