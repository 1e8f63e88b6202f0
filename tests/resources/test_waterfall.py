"""The waterfall: what enables it, and following its job to the end, or returning what there is."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from lusha_async import (
    BudgetExceededError,
    CreditBudget,
    InvalidRequestError,
    JobUnfinishedError,
    LushaClient,
    NotFoundError,
    RetryPolicy,
    ServerError,
)
from lusha_async._wire.request import Request
from lusha_async._wire.response import Response
from lusha_async.governor import Governor
from lusha_async.models.common import Enriched
from lusha_async.models.contacts import Contact
from tests import virtual_clock
from tests.vendor import PRICES

KEY = "00000000-0000-4000-8000-000000000000"
FIRST = {
    "results": [{"id": "v1.a"}, {"id": "v1.b", "emails": []}],
    "billing": {"creditsCharged": 2, "resultsReturned": 2},
    "job": {"id": "j1", "status": "processing", "retryAfter": 3},
}
WORKING = {"jobId": "j1", "status": "processing", "retryAfter": 2, "contacts": []}
PARTLY = {
    **WORKING,
    "contacts": [{"id": "v1.b", "phones": [{"number": "+15550100"}]}],
    "creditsCharged": 4,
}
DONE = {
    "jobId": "j1",
    "status": "complete",
    "contacts": [{"id": "v1.a", "emails": [{"email": "a@example.com"}]}],
    "creditsCharged": 5,
}
SICK = (503, {"message": "unavailable"})
GONE = (404, {"message": "no such job"})

Step = tuple[int, Any]


class Provider:
    """Answers each look at the job from a script, whose last step repeats; counts enrichments and looks."""

    connections = 256

    def __init__(self, *looks: Step, first: dict[str, Any] = FIRST, latency: float = 0.0) -> None:
        self.looks = list(looks)
        self.first = first
        self.latency = latency
        self.bodies: list[Any] = []
        self.looked: list[float] = []

    async def send(self, request: Request, timeout: float, leaving: Callable[[], None] | None = None) -> Response:
        """See `Transport.send`."""
        status, payload = self._answer(request)
        await asyncio.sleep(self.latency)
        return Response(status=status, headers={}, content=json.dumps(payload).encode())

    def _answer(self, request: Request) -> Step:
        if request.operation.name == "getAccountUsage":
            return 200, {"credits": {"total": 100, "used": 0}, "pricing": PRICES}
        if request.operation.name != "getContactsEnrichJob":
            self.bodies.append(request.body)
            return 200, self.first
        self.looked.append(asyncio.get_running_loop().time())
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]

    async def aclose(self) -> None:
        """See `Transport.aclose`."""


@asynccontextmanager
async def client(wire: Provider, **options: Any) -> AsyncIterator[LushaClient]:
    """A client over `wire` on the running loop's clock."""
    governor = Governor(clock=asyncio.get_running_loop().time)
    async with LushaClient(
        KEY, base_url="http://127.0.0.1:9", transport=wire, governor=governor, **options
    ) as lusha:
        yield lusha


def told(wire: Provider, ask: Callable[[LushaClient], Awaitable[Any]], **options: Any) -> Any:
    """What `ask` gives, or the error that it raises."""

    async def main() -> Any:
        async with client(wire, **options) as lusha:
            try:
                return await ask(lusha)
            except Exception as error:
                return error

    return virtual_clock.run(main())


def followed(*looks: Step, first: dict[str, Any] = FIRST) -> tuple[Any, list[Enriched[Contact]], Provider]:
    """What `enrich(wait_for_job=True)` gives when the polls of the job are answered so, and the progress reported."""
    progress: list[Enriched[Contact]] = []
    wire = Provider(*looks, first=first)
    outcome = told(
        wire, lambda lusha: lusha.contacts.enrich(["v1.a", "v1.b"], wait_for_job=True, on_progress=progress.append)
    )
    return outcome, progress, wire


# --- following a job ----------------------------------------------------------------------------------------


def test_a_job_is_merged_by_id_and_its_credits_added() -> None:
    """The job's contacts replace those of their id at their index; others stay; each poll is reported."""
    answer, progress, _ = followed((200, WORKING), (200, DONE))
    assert [contact.id for contact in answer.results] == ["v1.a", "v1.b"]
    assert answer.results[0].emails[0].email == "a@example.com"
    assert answer.results[1].emails == ()
    assert (answer.billing.credits_charged, answer.job.status, len(progress)) == (7, "complete", 3)


def test_what_a_job_brings_early_is_kept_and_its_credits_counted_once() -> None:
    """The job reports all that it has cost so far at each poll: the last one counts, not their sum."""
    answer, progress, _ = followed((200, PARTLY), (200, DONE))
    assert [one.billing.credits_charged if one.billing else 0 for one in progress] == [2, 6, 7]
    assert answer.results[0].emails[0].email == "a@example.com"
    assert answer.results[1].phones[0].number == "+15550100"


def test_a_contact_that_was_not_requested_is_not_dropped() -> None:
    """What the job was paid for is last if its id is not among the results."""
    answer, _, _ = followed((200, {**DONE, "contacts": [{"id": "v1.z"}, {"firstName": "Ada"}]}))
    assert [contact.id for contact in answer.results] == ["v1.a", "v1.b", "v1.z", None]


def test_the_vendor_says_when_to_look_again() -> None:
    """`retryAfter` of the answer, then of each look, is waited; never less than a second nor more than a minute."""
    _, _, wire = followed(
        (200, {**WORKING, "retryAfter": 0}), (200, {**WORKING, "retryAfter": 4000}), (200, WORKING), (200, DONE)
    )
    waits = [later - sooner for sooner, later in zip([1000.0, *wire.looked], wire.looked, strict=False)]
    assert waits == [pytest.approx(seconds, abs=0.2) for seconds in (3, 1, 60, 2)]


@pytest.mark.parametrize("told", [float("nan"), float("inf"), -1.0])
def test_numbers_beyond_measure_do_not_stop_the_wait(told: float) -> None:
    """A job whose seconds or credits are no numbers is followed all the same, and costs what its answer reports."""

    async def main() -> tuple[int | None, float]:
        wire = Provider(
            (200, {**WORKING, "retryAfter": told, "creditsCharged": told}), (200, {**DONE, "creditsCharged": told})
        )
        async with client(wire) as lusha:
            answer = await lusha.contacts.enrich(["v1.a", "v1.b"], reveal=["emails"], wait_for_job=True)
            assert answer.billing is not None
            return answer.billing.credits_charged, wire.looked[-1] - wire.looked[0]

    credits, seconds = virtual_clock.run(main())
    assert credits == 2
    assert 1.0 <= seconds <= 60.0


def test_an_answer_without_a_job_is_not_waited_for() -> None:
    """No job, or one that is over: the answer is returned at once and nothing is polled."""
    for job in (None, {"id": "j1", "status": "complete"}, {"status": "processing"}):
        answer, _, wire = followed(GONE, first={**FIRST, "job": job})
        assert isinstance(answer, Enriched)
        assert wire.looked == []


def test_a_failing_job_endpoint_is_polled_again() -> None:
    """A 503 says nothing about the job: after more of them than one call repeats, the job is still followed."""
    answer, _, wire = followed(*[SICK] * 6, (200, DONE))
    assert answer.billing.credits_charged == 7
    assert len(wire.looked) == 7


def test_a_job_endpoint_that_keeps_failing_ends_the_wait() -> None:
    """Five looks in a row that failed, each repeated as the policy says, are enough."""
    error, progress, wire = followed(SICK)
    assert isinstance(error, JobUnfinishedError)
    assert isinstance(error.__cause__, ServerError)
    assert error.answer == progress[-1]
    assert len(wire.looked) <= 5 * RetryPolicy().attempts


def test_a_lost_job_leaves_what_was_paid_for() -> None:
    """A 404 ends it at once; the error carries the paid results and the job's id."""
    error, progress, wire = followed(GONE)
    assert isinstance(error, JobUnfinishedError)
    assert isinstance(error.__cause__, NotFoundError)
    assert (error.job_id, error.answer, len(wire.looked)) == ("j1", progress[-1], 1)


@pytest.mark.parametrize("stated", ["2020-01-01T00:00:00Z", "2020-01-01", "soon", "9999-12-31T23:59:59Z"])
def test_only_the_vendor_ends_a_job_whatever_expires_at_says(stated: str) -> None:
    """A job whose `expiresAt` is past by our clock is looked at until the vendor says that it is over or gone."""
    first = {**FIRST, "job": {**FIRST["job"], "expiresAt": stated}}
    answer, _, wire = followed((200, WORKING), (200, DONE), first=first)
    assert isinstance(answer, Enriched)
    assert len(wire.looked) == 2
    error, _, wire = followed(GONE, first=first)
    assert isinstance(error, JobUnfinishedError)
    assert len(wire.looked) == 1


def test_a_job_that_ends_badly_brings_what_it_has() -> None:
    """`failed` and `expired` are no success, and their results are in the error."""
    for end in ("failed", "expired"):
        error, _, _ = followed((200, {**DONE, "status": end}))
        assert isinstance(error, JobUnfinishedError)
        assert error.answer.results[0].emails
        assert error.answer.results[0].emails[0].email == "a@example.com"


# --- what is handed back ------------------------------------------------------------------------------------


def test_a_cancelled_wait_hands_back_what_there_is_and_the_job_can_be_resumed() -> None:
    """Cancelled between looks: the paid results, merged so far, are unclaimed; resuming counts credits once."""
    wire = Provider((200, PARTLY), (200, DONE))

    async def main() -> None:
        async with client(wire) as lusha:
            with anyio.move_on_after(4):  # the first look comes after three seconds, the second after five
                await lusha.contacts.enrich(["v1.a", "v1.b"], wait_for_job=True)
            (left,) = lusha.take_unclaimed()
            assert (left.job_id, left.credits, left.inputs["ids"]) == ("j1", 6, ["v1.a", "v1.b"])
            assert left.answer["results"][1]["phones"] == [{"number": "+15550100"}]
            answer = await lusha.contacts.wait_for_job(left)
            assert answer.billing is not None
            assert answer.billing.credits_charged == 7
            assert answer.results[0].emails
            assert lusha.ledger.credits == 7
            assert lusha.take_unclaimed() == ()

    virtual_clock.run(main())


@pytest.mark.parametrize("seconds", [0.5, 1.5, 4.5, 5.5])
def test_whenever_the_wait_is_cancelled_the_paid_answer_is_kept_once(seconds: float) -> None:
    """During the enrichment itself, before the first look, and during a look."""
    wire = Provider((200, WORKING), latency=1.0)

    async def main() -> None:
        async with client(wire) as lusha:
            task = asyncio.create_task(lusha.contacts.enrich(["v1.a"], wait_for_job=True))
            await asyncio.sleep(seconds)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.sleep(2)
            (left,) = lusha.take_unclaimed()
            assert (left.job_id, left.credits) == ("j1", 2)

    virtual_clock.run(main())


def test_a_callback_that_raises_loses_nothing() -> None:
    """What `on_progress` raises ends the wait; the paid answer is unclaimed."""
    wire = Provider((200, DONE))

    async def main() -> None:
        async with client(wire) as lusha:
            with pytest.raises(ZeroDivisionError):
                await lusha.contacts.enrich(["v1.a"], wait_for_job=True, on_progress=lambda _: 1 / 0)
            (left,) = lusha.take_unclaimed()
            assert left.job_id == "j1"

    virtual_clock.run(main())


@pytest.mark.parametrize("given", [lambda error: error, lambda error: error.answer], ids=["error", "answer"])
def test_an_unfinished_job_is_resumed_from_its_error(given: Callable[[JobUnfinishedError], Any]) -> None:
    """`wait_for_job` continues where the error ended, from the error or its answer, and is free."""
    wire = Provider((200, PARTLY), GONE, (200, DONE))

    async def ask(lusha: LushaClient) -> Enriched[Contact]:
        with pytest.raises(JobUnfinishedError, match="wait_for_job") as caught:
            await lusha.contacts.enrich(["v1.a", "v1.b"], wait_for_job=True)
        return await lusha.contacts.wait_for_job(given(caught.value))

    answer = told(wire, ask)
    assert answer.billing.credits_charged == 7
    assert len(wire.bodies) == 1


def test_a_job_is_followed_by_its_id_alone() -> None:
    """Another process has only the id: the results are those that the job was working on."""
    answer = told(Provider((200, WORKING), (200, DONE)), lambda lusha: lusha.contacts.wait_for_job("j1"))
    assert [contact.id for contact in answer.results] == ["v1.a"]
    assert (answer.billing.credits_charged, answer.job.id, answer.job.status) == (5, "j1", "complete")


def test_an_answer_without_a_job_is_refused_as_one_to_wait_for() -> None:
    """An unclaimed answer that no third party works on is no job; nothing is sent."""
    wire = Provider(first={**FIRST, "job": None}, latency=1.0)

    async def ask(lusha: LushaClient) -> Any:
        task = asyncio.create_task(lusha.contacts.enrich(["v1.a"]))
        await asyncio.sleep(0.5)
        task.cancel()
        await asyncio.sleep(1)
        (left,) = lusha.take_unclaimed()
        return await lusha.contacts.wait_for_job(left)

    error = told(wire, ask)
    assert isinstance(error, InvalidRequestError)
    assert wire.looked == []


def test_a_wait_with_a_budget_settles_it() -> None:
    """What the job cost is spent, and its reserve is free when it is over."""
    budget = CreditBudget(100)
    told(Provider((200, DONE)), lambda lusha: lusha.contacts.enrich(["v1.a"], wait_for_job=True), budget=budget)
    assert (budget.spent, budget.reserved, budget.uncertain) == (7, 0, 0)


def test_a_single_call_does_not_wait_for_a_budget() -> None:
    """Waiting for a job is no bulk work: a budget that another call holds refuses it at once, as any single call."""
    wire = Provider((200, DONE), latency=5.0)

    async def ask(lusha: LushaClient) -> float:
        await lusha.quote(lambda dry: dry.contacts.enrich(["v1.a"]))  # the prices are known from here on
        clock = asyncio.get_running_loop().time
        other = asyncio.create_task(lusha.contacts.enrich(["v1.a"]))
        await asyncio.sleep(1)
        began = clock()
        with pytest.raises(BudgetExceededError):
            await lusha.contacts.enrich(["v1.b"], wait_for_job=True)
        waited = clock() - began
        await other
        return waited

    assert told(wire, ask, budget=CreditBudget(6)) == 0.0
    assert len(wire.bodies) == 1


def test_jobs_of_the_many_forms_are_not_forgotten() -> None:
    """Outcomes have no job: the client names those that go on, until one is seen to end."""
    wire = Provider((200, WORKING), (200, DONE))

    async def ask(lusha: LushaClient) -> None:
        asked = lusha.with_options(waterfall_enabled=True)
        assert [row.ok async for row in asked.contacts.enrich_many(["v1.a", "v1.b"])] == [True, True]
        assert lusha.waterfall_jobs() == asked.waterfall_jobs() == ("j1",)
        await lusha.contacts.enrich_job("j1")
        assert lusha.waterfall_jobs() == ("j1",)
        answer = await lusha.contacts.wait_for_job("j1")
        assert [contact.id for contact in answer.results] == ["v1.a"]
        assert lusha.waterfall_jobs() == ()
        assert lusha.ledger.credits == 7

    assert told(wire, ask) is None


# --- who asks for it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"waterfall_enabled": False}, {"waterfall_enabled": True}])
def test_the_client_decides_whether_third_parties_are_used(options: dict[str, bool]) -> None:
    """Off unless enabled; the client's option reaches each method, and the argument of a call overrides it."""
    wire = Provider(first={**FIRST, "job": None})

    async def ask(lusha: LushaClient) -> None:
        await lusha.contacts.enrich(["v1.a"])
        [_ async for _ in lusha.contacts.enrich_many(["v1.a"])]
        await lusha.contacts.enrich_one("v1.a")
        await lusha.contacts.enrich(["v1.a"], waterfall_enabled=True)
        await lusha.contacts.enrich(["v1.a"], waterfall_enabled=False)
        await lusha.with_options(waterfall_enabled=True).contacts.enrich(["v1.a"])

    told(wire, ask, **options)
    default = options.get("waterfall_enabled", False)
    assert [body["waterfallEnabled"] for body in wire.bodies] == [default, default, default, True, False, True]


def test_a_quote_sees_the_waterfall() -> None:
    """The dry run has the same options: it prices what the call would send."""
    wire = Provider()
    seen: list[bool] = []

    async def ask(lusha: LushaClient) -> None:
        def call(dry: LushaClient) -> Any:
            seen.append(dry.contacts._waterfall(None))
            return dry.contacts.enrich(["v1.a"])

        await lusha.quote(call)
        await lusha.with_options(waterfall_enabled=True).quote(call)

    told(wire, ask)
    assert seen == [False, True]
    assert wire.bodies == []


def test_shared_requests_never_mix_those_who_want_third_parties_with_those_who_do_not() -> None:
    """Awaits at the same time are put together only with their like."""
    wire = Provider(first={**FIRST, "job": None}, latency=0.1)

    async def ask(lusha: LushaClient) -> None:
        asked = lusha.with_options(waterfall_enabled=True)
        await asyncio.gather(
            *(lusha.contacts.enrich_one(one) for one in ("v1.a", "v1.b")),
            *(asked.contacts.enrich_one(one) for one in ("v1.a", "v1.b")),
            *(lusha.contacts.enrich_one(one, waterfall_enabled=True) for one in ("v1.a", "v1.b")),
        )

    told(wire, ask)
    assert all(isinstance(body["waterfallEnabled"], bool) for body in wire.bodies)
    assert sum(len(body["ids"]) for body in wire.bodies if not body["waterfallEnabled"]) == 2
    assert sum(len(body["ids"]) for body in wire.bodies if body["waterfallEnabled"]) == 4
