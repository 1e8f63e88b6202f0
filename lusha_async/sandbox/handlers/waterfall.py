"""Enrich jobs: slow data providers look for data points that the vendor does not have.

Source: the vendor's page on the enrich job; the shape of `covers` is a guess.
"""

from typing import Any

from ..account.records import Job, PendingPoint
from ..account.reveals import FIELDS, provider_points
from ..account.state import Call, State, remember
from ..api.answers import Answer, standard_error
from ..clock import iso
from .common import employer_token

__all__ = ["HANDLERS", "start"]

_EXPIRES_SECONDS = 3_600.0
_SECONDS_PER_POINT = 0.5
_MIN_SECONDS = 2.0


def start(state: State, call: Call, points: list[PendingPoint]) -> dict[str, Any]:
    """Start a job; returns the member `job` of the enrichment's answer."""
    job_id = state.new_id("job")
    done = call.now + max(_MIN_SECONDS, _SECONDS_PER_POINT * len(points))
    remember(
        state.jobs, job_id, Job(id=job_id, request_id=call.request_id, created=call.now, done=done, points=points)
    )
    return {
        "id": job_id,
        "status": "processing",
        "expiresAt": iso(call.now + _EXPIRES_SECONDS),
        "retryAfter": _retry_after(done - call.now),
    }


def poll(state: State, call: Call) -> Answer:
    """The status of a job. Free; the data points found are charged once, when it has ended."""
    job = state.jobs.get(call.params["jobId"])
    if job is None:
        raise standard_error(404, "Resource not found")
    if job.charged is None and call.now >= job.done:
        job.charged = _charge(state, job)
    report: dict[str, Any] = {"jobId": job.id, "creditsCharged": job.charged or 0}
    if call.now >= job.created + _EXPIRES_SECONDS:
        return Answer(payload=report | {"status": "expired", "contacts": []})
    if job.charged is not None:
        return Answer(payload=report | {"status": "complete", "contacts": _contacts(state, job)})
    covers = [{"id": point.token, "field": point.name} for point in job.points]
    report |= {"status": "processing", "retryAfter": _retry_after(job.done - call.now), "covers": covers}
    return Answer(payload=report)


def _charge(state: State, job: Job) -> int:
    quantities: dict[str, int] = {}
    left = state.billing.left
    for point in job.points:
        field = FIELDS[point.name]
        cost = state.billing.price(field.provider_key, 1)
        if state.revealed[point.index] & field.provider_bit or cost > left:
            continue
        left -= cost
        state.revealed[point.index] |= field.provider_bit
        quantities[field.provider_key] = quantities.get(field.provider_key, 0) + 1
    return state.billing.charge(job.done, job.request_id, "getContactsEnrichJob", quantities)


def _contacts(state: State, job: Job) -> list[dict[str, Any]]:
    """The final state of the job's contacts."""
    found: dict[str, dict[str, Any]] = {}
    for point in job.points:
        field = FIELDS[point.name]
        if point.token not in found:
            employer = employer_token(state, point.index)
            found[point.token] = state.population.people.profile(point.index, point.token, employer)
        contact = found[point.token]
        if state.revealed[point.index] & field.provider_bit:
            contact[point.name] = provider_points(state, point.index, field)
        else:
            contact[point.name] = []
            missing = {"type": field.point, "status": "BILLING_FAILED"}
            contact["missingDataPoints"] = [*contact.get("missingDataPoints", ()), missing]
    return list(found.values())


def _retry_after(seconds: float) -> int:
    return max(1, min(5, round(seconds)))


HANDLERS = {"getContactsEnrichJob": poll}
