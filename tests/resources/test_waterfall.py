"""Following the job of an enrichment to its end."""

import json
from typing import Any

import pytest

from lusha_async.client import LushaClient
from lusha_async.errors import JobUnfinishedError, NotFoundError
from lusha_async.wire import Request, Response

from .recorder import Recorder, recorded

FIRST = {
    "results": [{"id": "v1.a"}, {"id": "v1.b", "emails": []}],
    "billing": {"creditsCharged": 2, "resultsReturned": 2},
    "job": {"id": "j1", "status": "processing", "retryAfter": 3},
}
WORKING = {"jobId": "j1", "status": "processing", "retryAfter": 2, "contacts": []}
DONE = {
    "jobId": "j1",
    "status": "complete",
    "contacts": [{"id": "v1.a", "emails": [{"email": "a@example.com"}]}],
    "creditsCharged": 5,
}


def followed(monkeypatch: pytest.MonkeyPatch, *looks: tuple[int, Any]) -> tuple[Any, list[Any]]:
    """What `enrich(wait_for_job=True)` gives when the looks at the job are answered so, and the progress told."""
    told: list[Any] = []
    answers = iter([(200, FIRST), *looks])

    async def send(self: Recorder, request: Request, timeout: float, leaving: object = None) -> Response:
        status, body = next(answers)
        return Response(status=status, headers={}, content=json.dumps(body).encode())

    monkeypatch.setattr(Recorder, "send", send)  # the wire, and nothing else

    async def ask(client: LushaClient) -> Any:
        return await client.contacts.enrich(["v1.a", "v1.b"], wait_for_job=True, on_progress=told.append)

    _, outcome = recorded(ask)
    return outcome, told


def test_a_job_is_merged_by_id_and_its_credits_added(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job's contacts replace those of their id, in place; others stay; each look is told."""
    answer, told = followed(monkeypatch, (200, WORKING), (200, DONE))
    assert [contact.id for contact in answer.results] == ["v1.a", "v1.b"]
    assert answer.results[0].emails[0].email == "a@example.com"
    assert answer.results[1].emails == ()
    assert (answer.billing.credits_charged, answer.job.status, len(told)) == (7, "complete", 3)


def test_a_sick_job_store_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A 503 says nothing about the job: the look is free and repeated."""
    answer, _ = followed(monkeypatch, (503, {"message": "unavailable"}), (200, DONE))
    assert answer.billing.credits_charged == 7


def test_a_lost_job_leaves_what_was_paid_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A 404 ends it; the error carries the paid results and the job's id."""
    error, told = followed(monkeypatch, (404, {"message": "no such job"}))
    assert isinstance(error, JobUnfinishedError)
    assert isinstance(error.__cause__, NotFoundError)
    assert (error.job_id, error.answer) == ("j1", told[-1])


def test_a_job_that_ends_badly_brings_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """`failed` and `expired` are no success, and what came with them is in the error."""
    error, _ = followed(monkeypatch, (200, {**DONE, "status": "failed"}))
    assert isinstance(error, JobUnfinishedError)
    assert getattr(error.answer, "results")[0].emails[0].email == "a@example.com"  # noqa: B009
