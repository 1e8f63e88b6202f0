"""The job in which slow data providers work on what the vendor does not have.

Source: the vendor's page on the enrich job; the shape of `covers` is a guess.
"""

from typing import Any

from ..account.jobs import Job, Pending
from ..account.reveals import FIELDS, provider_points
from ..account.state import Call, State, keep
from ..api.answers import Answer, standard
from ..clock import iso

__all__ = ["HANDLERS", "start"]

_KEPT = 3_600.0
_EACH = 0.5  # seconds of work for each data point
_SHORTEST = 2.0


def start(state: State, call: Call, points: list[Pending]) -> dict[str, Any]:
    """Begin a job; the member that the enrichment's answer carries."""
    job_id = state.new_id("job")
    done = call.now + max(_SHORTEST, _EACH * len(points))
    keep(state.jobs, job_id, Job(id=job_id, request_id=call.request_id, begun=call.now, done=done, points=points))
    return {
        "id": job_id,
        "status": "processing",
        "expiresAt": iso(call.now + _KEPT),
        "retryAfter": _retry_after(done - call.now),
    }


def poll(state: State, call: Call) -> Answer:
    """How a job stands. Free; what it found is charged once, when it is over."""
    job = state.jobs.get(call.params["jobId"])
    if job is None:
        raise standard(404, "Resource not found")
    if job.charged is None and call.now >= job.done:
        job.charged = _settle(state, job)
    told: dict[str, Any] = {"jobId": job.id, "creditsCharged": job.charged or 0}
    if call.now >= job.begun + _KEPT:
        return Answer(payload=told | {"status": "expired", "contacts": []})
    if job.charged is not None:
        return Answer(payload=told | {"status": "complete", "contacts": _contacts(state, job)})
    covers = [{"id": point.token, "field": point.name} for point in job.points]
    told |= {"status": "processing", "retryAfter": _retry_after(job.done - call.now), "covers": covers}
    return Answer(payload=told)


def _settle(state: State, job: Job) -> int:
    quantities: dict[str, int] = {}
    left = state.books.left
    for point in job.points:
        what = FIELDS[point.name]
        cost = state.books.price(what.provider_key, 1)
        if state.revealed[point.index] & what.provider_bit or cost > left:
            continue
        left -= cost
        state.revealed[point.index] |= what.provider_bit
        quantities[what.provider_key] = quantities.get(what.provider_key, 0) + 1
    return state.books.charge(job.done, job.request_id, "getContactsEnrichJob", quantities)


def _contacts(state: State, job: Job) -> list[dict[str, Any]]:
    """The final state of those that the job was working on, and only of those."""
    found: dict[str, dict[str, Any]] = {}
    for point in job.points:
        what = FIELDS[point.name]
        if point.token not in found:
            employer = state.population.ids.token("company", point.index % len(state.companies))
            found[point.token] = state.population.people.profile(point.index, point.token, employer)
        contact = found[point.token]
        if state.revealed[point.index] & what.provider_bit:
            contact[point.name] = provider_points(state, point.index, what)
        else:
            contact[point.name] = []
            missing = {"type": what.point, "status": "BILLING_FAILED"}
            contact["missingDataPoints"] = [*contact.get("missingDataPoints", ()), missing]
    return list(found.values())


def _retry_after(seconds: float) -> int:
    return max(1, min(5, round(seconds)))


HANDLERS = {"getContactsEnrichJob": poll}
