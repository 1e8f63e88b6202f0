"""Following the job of an enrichment to its end: third parties answer after the vendor has."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import anyio
from attrs import evolve

from ..errors import JobUnfinishedError, LushaError
from ..models.common import Billing
from ..models.contacts import EnrichedContacts, JobAnswer

__all__ = ["follow", "merged"]

_PATIENCE = 5.0
_LONGEST = 60.0
_OVER = frozenset({"complete", "expired", "failed"})


def merged(answer: EnrichedContacts, job: JobAnswer) -> EnrichedContacts:
    """`answer` with the job's contacts in the place of those of the same id, and its credits added.

    `credits_charged` of a job is all that it has cost so far, so `answer` must be the one before the job.
    """
    later = {contact.id: contact for contact in job.contacts if contact.id}
    billing = answer.billing or Billing()
    credits = (billing.credits_charged or 0) + int(job.credits_charged or 0)
    state = None if answer.job is None else evolve(answer.job, status=job.status, retry_after=job.retry_after)
    return evolve(
        answer,
        results=tuple(later.get(contact.id or "", contact) for contact in answer.results),
        billing=evolve(billing, credits_charged=credits),
        job=state,
    )


async def follow(
    answer: EnrichedContacts,
    look: Callable[[str], Awaitable[JobAnswer]],
    on_progress: Callable[[EnrichedContacts], object] | None,
) -> EnrichedContacts:
    """Look at the job whenever the vendor says to, until it is over. `JobUnfinishedError` where it cannot be."""
    job = answer.job
    if job is None or job.id is None or job.status in _OVER:
        return answer
    now, wait = answer, job.retry_after
    if on_progress is not None:
        on_progress(now)  # so that a caller who is cancelled has the paid results and the job's id
    while True:
        if _expired(job.expires_at):
            raise JobUnfinishedError("the job expired before it was over", job_id=job.id, answer=now)
        await anyio.sleep(min(_PATIENCE if wait is None else max(wait, 1.0), _LONGEST))
        try:
            seen = await look(job.id)
        except LushaError as error:
            raise JobUnfinishedError("the job could not be looked at", job_id=job.id, answer=now) from error
        now, wait = merged(answer, seen), seen.retry_after
        if on_progress is not None:
            on_progress(now)
        if seen.status == "complete":
            return now
        if seen.status in _OVER:
            raise JobUnfinishedError(f"the job ended as {seen.status}", job_id=job.id, answer=now)


def _expired(told: str | None) -> bool:
    try:
        at = datetime.fromisoformat(told) if told else None
    except ValueError:
        return False
    if at is None:
        return False
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) <= datetime.now(UTC)
