"""Budgets, the price list and the ledger, over a vendor on the wire and a virtual clock."""

import asyncio
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lusha_async._bulk.batch import BulkConfig, Outcomes
from lusha_async._bulk.items import BatchCall
from lusha_async._bulk.outcome import Outcome, Status
from lusha_async._call.call import Executor
from lusha_async._call.retry import RetryPolicy
from lusha_async.billing import CreditBudget, Ledger, Price, PriceList
from lusha_async.billing.costs import cost
from lusha_async.errors import (
    BudgetExceededError,
    LushaError,
    NotSentError,
    OutcomeUnknownError,
    PriceUnknownError,
)
from lusha_async.operations import BY_NAME, OPERATIONS, Operation
from tests import virtual_clock
from tests.vendor import PRICES, Vendor, executor, send_batch

ENRICH, SEARCH = BY_NAME["enrichContacts"], BY_NAME["searchContacts"]
LIST = PriceList.read({"pricing": PRICES})


def body(*ids: str) -> dict[str, Any]:
    """The body of an enrich call for e-mail addresses."""
    return {"ids": list(ids), "reveal": ["emails"]}


def paid(vendor: Vendor) -> int:
    """Requests that were not for the prices."""
    return sum(request.operation.paid for request in vendor.sent)


def test_a_budget_reserves_settles_and_refuses() -> None:
    """What a call may cost is set aside, what it did cost is spent, and what would not fit is not sent."""
    vendor = Vendor()
    budget = CreditBudget(3)

    async def main() -> None:
        calls = executor(vendor, budget=budget)
        first = asyncio.create_task(calls.call(ENRICH, body=body("v1.a", "missing")))
        await asyncio.sleep(0.15)
        assert (budget.reserved, budget.spent, budget.remaining) == (2, 0, 1)
        with pytest.raises(BudgetExceededError) as caught:
            await calls.call(ENRICH, body=body("v1.b", "v1.c"))
        error = caught.value
        assert (error.requested, error.reserved, error.spent, error.limit, error.remaining) == (2, 2, 0, 3, 1)
        await first
        assert (budget.reserved, budget.spent, budget.remaining) == (0, 1, 2)
        await calls.call(ENRICH, body=body("v1.b", "v1.c"))
        assert budget.remaining == 0

    virtual_clock.run(main())
    assert paid(vendor) == 2


def test_errors_that_are_free_give_the_reserve_back() -> None:
    """A 400 costs nothing."""
    budget = CreditBudget(10)

    async def main() -> None:
        with pytest.raises(LushaError):
            await executor(Vendor(), budget=budget).call(ENRICH, body=body("bad"))

    virtual_clock.run(main())
    assert (budget.remaining, budget.reserved) == (10, 0)


def test_a_lost_answer_keeps_its_reserve() -> None:
    """What may have been charged is never spent again, and the ledger reports how much that is."""
    vendor = Vendor()
    vendor.lose = lambda request: request.operation.paid
    budget = CreditBudget(10)

    async def main() -> Ledger:
        calls = executor(vendor, budget=budget, tag="job")
        with pytest.raises(OutcomeUnknownError):
            await calls.call(SEARCH, body={"contacts": [{"email": f"{n}@a.example"} for n in range(60)]})
        return calls.state.meter.ledger

    ledger = virtual_clock.run(main())
    assert (budget.uncertain, budget.remaining) == (3, 7)
    spent = ledger.spent(tag="job", operation="contacts.search")
    assert (spent.lost, spent.uncertain, spent.credits) == (1, 3, 0)
    assert vendor.charged == 3


def test_a_repeat_after_a_lost_answer_counts_the_doubt() -> None:
    """The first answer of a reveal may have been charged although the second one says that it was free."""
    vendor = Vendor()
    lost: list[int] = []

    def lose(request: Any) -> bool:
        if request.operation.paid and not lost:
            lost.append(1)
            return True
        return False

    vendor.lose = lose
    budget = CreditBudget(10)

    async def main() -> None:
        await executor(vendor, budget=budget).call(ENRICH, body=body("v1.a", "v1.b"))

    virtual_clock.run(main())
    assert (budget.spent, budget.uncertain, budget.reserved) == (0, 2, 0)
    assert vendor.charged == 2


def _lost_then(vendor: Vendor, *, operation: Operation = ENRICH) -> None:
    """The first paid answer is lost after it was charged; the vendor cannot be reached from then on."""
    vendor.lose = lambda request: request.operation is operation and not vendor.unreachable(request)
    vendor.unreachable = lambda request: request.operation is operation and paid(vendor) > 1


def test_a_lost_answer_is_not_forgotten_when_the_repeats_cannot_be_sent() -> None:
    """The last error alone would be free: the call, and each input of a bulk method, says it may have been paid."""

    async def main() -> None:
        vendor = Vendor()
        _lost_then(vendor)
        with pytest.raises(NotSentError) as caught:
            await executor(vendor).call(ENRICH, body=body("v1.a"))
        assert caught.value.charged is None
        assert "an earlier attempt" in "".join(caught.value.__notes__)
        vendor = Vendor()
        _lost_then(vendor)
        rows = [row async for row in many(executor(vendor, budget=CreditBudget(99)), ["v1.a", "v1.b"])]
        assert [(row.status, row.credits) for row in rows] == [(Status.AMBIGUOUS, None)] * 2
        assert vendor.charged == 2

    virtual_clock.run(main())


def test_a_lost_answer_is_not_forgotten_when_the_client_is_closed() -> None:
    """What ends the run and was in doubt itself is ambiguous; the inputs that were never sent are skipped."""

    async def main() -> None:
        vendor = Vendor(latency=1.0)
        vendor.lose = lambda request: request.body["ids"][0] == "v1.0"
        calls = executor(vendor, retry=RetryPolicy(base=1000, cap=1000, seconds=10_000))
        rows = many(calls, [f"v1.{number}" for number in range(1000)], concurrency=1)
        first = asyncio.create_task(anext(rows))  # type: ignore[arg-type]
        await asyncio.sleep(2)
        await calls.state.aclose(10)
        found = [await first, *[row async for row in rows]]
        assert [row.status for row in found] == [Status.AMBIGUOUS] * 100 + [Status.SKIPPED] * 900
        assert vendor.charged == 100

    virtual_clock.run(main())


def test_the_owner_settles_when_the_caller_has_left() -> None:
    """A cancelled caller does not leave its reserve behind: the answer settles it all the same."""
    vendor = Vendor(latency=3)
    budget = CreditBudget(10)

    async def main() -> None:
        calls = executor(vendor, budget=budget)
        await calls.call(ENRICH, body=body("v1.0"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await calls.call(ENRICH, body=body("v1.a", "v1.b"))
        assert budget.reserved == 2
        await asyncio.sleep(3)
        assert (budget.reserved, budget.spent) == (0, 3)
        assert calls.state.meter.ledger.credits == 3

    virtual_clock.run(main())


def test_a_caller_that_leaves_the_queue_frees_the_reserve() -> None:
    """Nothing was sent, nothing stays reserved."""
    budget = CreditBudget(1000)

    async def main() -> None:
        calls = executor(Vendor(), budget=budget)
        tasks = [asyncio.create_task(calls.call(ENRICH, body=body(f"v1.{n}"))) for n in range(100)]
        await asyncio.sleep(0.5)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(1)
        assert budget.reserved == 0
        assert 0 < budget.spent < 30

    virtual_clock.run(main())


def test_nested_budgets_both_have_to_allow() -> None:
    """A job within a month: what the job spends the month has spent, and either can refuse."""
    month = CreditBudget(5)
    job, other = CreditBudget(4, within=month), CreditBudget(100, within=month)

    async def main() -> None:
        calls = executor(Vendor(), budget=job)
        await calls.call(ENRICH, body=body("v1.a", "v1.b", "v1.c"))
        assert (job.remaining, month.remaining, other.remaining) == (1, 2, 2)
        with pytest.raises(BudgetExceededError) as caught:
            await calls.call(ENRICH, body=body("v1.d", "v1.e"))
        assert caught.value.limit == 4
        with pytest.raises(BudgetExceededError) as caught:
            await calls.view(budget=other).call(ENRICH, body=body("v1.d", "v1.e", "v1.f"))
        assert caught.value.limit == 5

    virtual_clock.run(main())


def test_a_price_that_is_not_known_is_said() -> None:
    """A budget refuses what it cannot cover, names the missing key, and takes the caller's own price for it."""
    scores = BY_NAME["getContactIcpFitScores"]

    async def main() -> None:
        vendor = Vendor()
        calls = executor(vendor, budget=CreditBudget(10))
        with pytest.raises(PriceUnknownError) as caught:
            await calls.call(scores, body={"contacts": [{"email": "a@a.example"}]})
        (key,) = caught.value.keys
        assert paid(vendor) == 0
        own = CreditBudget(10, prices={key: 1})
        await calls.view(budget=own).call(scores, body={"contacts": [{"email": "a@a.example"}]})
        assert own.remaining == 9

    virtual_clock.run(main())


def test_prices_are_read_once() -> None:
    """A thousand calls that start together request account usage once."""
    vendor = Vendor()

    async def main() -> None:
        calls = executor(vendor, budget=CreditBudget(1000))
        await asyncio.gather(*(calls.call(ENRICH, body=body(f"v1.{n}")) for n in range(50)))

    virtual_clock.run(main())
    assert len(vendor.sent) == 51


def test_who_reads_the_prices_may_be_cancelled() -> None:
    """The caller that requests account usage for all leaves: another one requests it, and the others are served."""
    vendor = Vendor(latency=1.0)

    async def main() -> None:
        calls = executor(vendor, budget=CreditBudget(1000))
        tasks = [asyncio.create_task(calls.call(ENRICH, body=body(f"v1.{n}"))) for n in range(5)]
        await asyncio.sleep(0.5)
        tasks[0].cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(done[0], asyncio.CancelledError)
        assert not any(isinstance(one, BaseException) for one in done[1:])

    virtual_clock.run(main())
    assert (len(vendor.sent), paid(vendor)) == (6, 4)


def many(calls: Executor, ids: list[str], operation: Operation = ENRICH, **plan: Any) -> Outcomes[str, str]:
    """The bulk method of enrich or search over `calls`."""
    call = BatchCall(operation=operation, send=partial(send_batch, operation))
    encode = (lambda given: given) if operation is ENRICH else (lambda given: {"email": given})
    return Outcomes(call, calls, ids, encode=encode, config=BulkConfig(**plan))


def test_a_many_form_spends_the_budget_to_its_end_and_says_why_it_stopped() -> None:
    """Rows beyond the budget are skipped with the numbers; the budget is used up, and never overspent."""
    vendor = Vendor()
    budget = CreditBudget(2345)

    async def main() -> list[Outcome[str, str]]:
        calls = executor(vendor, budget=budget)
        given = [f"missing{n}" if n % 3 == 0 else f"v1.{n}" for n in range(10_000)]
        return [outcome async for outcome in many(calls, given)]

    outcomes = virtual_clock.run(main())
    assert len(outcomes) == 10_000
    assert budget.spent == vendor.charged <= 2345
    assert budget.spent >= 2340  # with phones worth 6 the last rows cannot be covered
    skipped = [outcome for outcome in outcomes if outcome.status is Status.SKIPPED]
    assert skipped
    assert all(isinstance(outcome.error, BudgetExceededError) for outcome in skipped)
    assert budget.reserved == 0


@settings(max_examples=60, deadline=None)
@given(
    limit=st.integers(0, 1500),
    sizes=st.lists(st.integers(1, 400), min_size=1, max_size=5),
    faults=st.randoms(use_true_random=False),
    rate=st.sampled_from([0.0, 0.1, 0.5]),
    leave=st.lists(st.floats(0, 3), max_size=3),
    operation=st.sampled_from([ENRICH, SEARCH]),
)
def test_never_overspent_under_any_interleaving(
    limit: int, sizes: list[int], faults: Any, rate: float, leave: list[float], operation: Operation
) -> None:
    """Random failures, lost answers, cancellations and shared budgets: charged never exceeds what is accounted."""
    vendor = Vendor()
    vendor.latency = lambda: faults.uniform(0, 1)
    vendor.unreachable = lambda request: request.operation.paid and faults.random() < rate / 2
    vendor.lose = lambda request: request.operation.paid and faults.random() < rate
    vendor.refuse = lambda request: (
        (500, "oops") if request.operation.paid and faults.random() < rate / 2 else None
    )
    budget = CreditBudget(limit)

    async def consume(calls: Executor, start: int, size: int) -> None:
        given = [f"bad{n}" if n % 97 == 5 else f"v1.{n}" for n in range(start, start + size)]
        outcomes = [outcome async for outcome in many(calls, given, operation)]
        assert [outcome.input for outcome in outcomes] == given
        assert [outcome.index for outcome in outcomes] == list(range(size))

    async def main() -> Ledger:
        calls = executor(vendor, budget=budget)
        tasks = [asyncio.create_task(consume(calls, at * 200, size)) for at, size in enumerate(sizes)]
        for task, after in zip(tasks, leave, strict=False):
            asyncio.get_running_loop().call_later(after, task.cancel)
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(one is None or isinstance(one, asyncio.CancelledError) for one in done)
        await asyncio.sleep(200)
        assert len(asyncio.all_tasks()) == 1
        return calls.state.meter.ledger

    ledger = virtual_clock.run(main())
    assert budget.reserved == 0
    assert ledger.credits == budget.spent
    assert budget.spent <= vendor.charged <= budget.spent + budget.uncertain <= limit


def test_the_ledger_by_operation_kind_and_tag() -> None:
    """Sums by what was called, what was paid for and what it was for; together they are the whole."""
    vendor = Vendor()

    async def main() -> Ledger:
        calls = executor(vendor)
        await calls.call(ENRICH, body=body("v1.a", "v1.b"))
        await calls.view(tag="x").call(SEARCH, body={"contacts": [{"email": "a@a.example"}]})
        await calls.view(tag="y").call(SEARCH, body={"contacts": [{"email": "b@a.example"}]})
        return calls.state.meter.ledger

    ledger = virtual_clock.run(main())
    assert ledger.credits == vendor.charged == 4
    by_operation = ledger.by_operation()
    assert {name: sums.credits for name, sums in by_operation.items()} == {
        "contacts.enrich": 2,
        "contacts.search": 2,
    }
    assert {name: sums.results for name, sums in ledger.by_tag().items()} == {"x": 1, "y": 1}
    assert sum(ledger.spent().kinds.values()) == 4
    every = ledger.spent()
    assert (every.requests, every.answers, every.results) == (3, 3, 4)


def test_a_waterfall_job_is_counted_when_it_is_reported() -> None:
    """What a job cost is added once, to the tag that began it, and its reserve is held until it is final."""
    vendor = Vendor()
    told = {"jobId": "j1", "status": "processing", "creditsCharged": 1}
    budget = CreditBudget(10)
    job = BY_NAME["getContactsEnrichJob"]
    plain = vendor.answer

    def answer(request: Any) -> tuple[int, Any]:
        if request.operation is job:
            return 200, dict(told)
        status, payload = plain(request)
        if request.operation is ENRICH:
            payload["job"] = {"id": "j1", "status": "processing"}
        return status, payload

    vendor.answer = answer  # type: ignore[method-assign]

    async def main() -> None:
        calls = executor(vendor, budget=budget, tag="x")
        await calls.call(ENRICH, body=body("v1.a", "v1.b", "missing", "missing2"))
        assert (budget.spent, budget.uncertain, budget.reserved) == (2, 2, 0)
        plain_view = calls.view(budget=None, tag=None)
        await plain_view.call(job, path={"jobId": "j1"})
        await plain_view.call(job, path={"jobId": "j1"})
        assert (budget.spent, budget.uncertain) == (3, 1)
        told.update(status="complete", creditsCharged=2)
        await plain_view.call(job, path={"jobId": "j1"})
        await plain_view.call(job, path={"jobId": "j1"})
        assert (budget.spent, budget.uncertain) == (4, 0)
        assert calls.state.meter.ledger.spent(tag="x").credits == 4

    virtual_clock.run(main())


@pytest.mark.parametrize("status", [["complete"], {"is": "complete"}, 5, None, True])
def test_a_job_of_an_odd_status_loses_no_answer(status: Any) -> None:
    """A paid answer is delivered and counted whatever the vendor says of its job, which counts as not over."""

    async def main() -> None:
        vendor = Vendor()
        answer = vendor.answer
        vendor.answer = lambda request: (200, {**answer(request)[1], "job": {"id": "j1", "status": status}})  # type: ignore[method-assign]
        calls = executor(vendor)
        response = await calls.call(ENRICH, body=body("v1.a"))
        assert response.payload["results"][0]["id"] == "v1.a"
        assert calls.state.meter.ledger.credits == 1
        assert calls.state.meter.running_jobs == ("j1",)

    virtual_clock.run(main())


def test_the_end_of_a_job_does_not_end_the_doubt_about_its_enrichment() -> None:
    """The first answer was lost, the second has a job: when that is over, the first may still have been paid."""
    vendor = Vendor()
    job = BY_NAME["getContactsEnrichJob"]
    plain = vendor.answer

    def answer(request: Any) -> tuple[int, Any]:
        if request.operation is job:
            return 200, {"jobId": "j1", "status": "complete", "creditsCharged": 1}
        status, payload = plain(request)
        return status, {**payload, "job": {"id": "j1", "status": "processing"}}

    vendor.answer = answer  # type: ignore[method-assign]
    vendor.lose = lambda request: request.operation is ENRICH and paid(vendor) == 1
    budget = CreditBudget(10)

    async def main() -> None:
        calls = executor(vendor, budget=budget)
        await calls.call(ENRICH, body=body("v1.a", "v1.b", "missing"))
        assert (budget.spent, budget.uncertain) == (0, 3)
        await calls.call(job, path={"jobId": "j1"})
        assert (budget.spent, budget.uncertain, budget.reserved) == (1, 2, 0)
        assert calls.state.meter.running_jobs == ()

    virtual_clock.run(main())
    assert vendor.charged == 2


@pytest.mark.parametrize("sick", ["lost", "503"])
def test_prices_that_cannot_be_had_charge_nothing(sick: str) -> None:
    """Account usage is free, and without it nothing paid is sent: the inputs are skipped, not ambiguous."""
    vendor = Vendor()
    vendor.lose = lambda request: sick == "lost"
    vendor.refuse = lambda request: None if sick == "lost" else (503, "sick")

    async def main() -> None:
        rows = [row async for row in many(executor(vendor, budget=CreditBudget(9)), ["v1.a", "v1.b"])]
        assert [(row.status, row.credits) for row in rows] == [(Status.SKIPPED, 0)] * 2
        assert rows[0].error is not None
        assert rows[0].error.charged == 0

    virtual_clock.run(main())
    assert paid(vendor) == 0


def test_every_paid_operation_has_a_cost_or_says_that_it_is_unknown() -> None:
    """No paid operation is ever taken for free; no free one costs anything."""
    for operation in OPERATIONS:
        items = {operation.items: [{"id": "a"}] * 2} if operation.items else {}
        told = cost(operation, items, {}, LIST)
        if operation.paid:
            assert told.maximum > 0 or told.unknown, operation
        else:
            assert (told.maximum, told.unknown) == (0, ()), operation


@pytest.mark.parametrize(
    ("name", "sent", "most"),
    [
        ("searchContacts", {"contacts": [{}] * 26}, 2),
        ("enrichContacts", {"ids": ["a"] * 10}, 60),
        ("enrichContacts", {"ids": ["a"] * 10, "reveal": ["emails"]}, 10),
        ("searchAndEnrichContacts", {"contacts": [{}] * 10, "reveal": ["phones"]}, 51),
        ("searchAndEnrichCompanies", {"companies": [{}] * 10}, 11),
        ("enrichCompanies", {"ids": ["a"] * 10, "reveal": ["competitors", "intent"]}, 30),
        ("prospectingContacts", {"pagination": {"page": 3, "size": 60}}, 3),
    ],
)
def test_the_maximum_that_a_request_may_cost(name: str, sent: dict[str, Any], most: int) -> None:
    """The vendor's price list applied to a request, blocks counted whole."""
    assert cost(BY_NAME[name], sent, {}, LIST).maximum == most


def test_a_price_list_is_read_tolerantly() -> None:
    """What is malformed is unknown, what is there is used, own prices only fill gaps."""
    read = PriceList.read(
        {"pricing": {"a": {"credits": 2}, "b": {"credits": "x"}, "c": None, "d": {"credits": -1}}}
    )
    assert read.prices == {"a": Price(2, 1)}
    assert PriceList.read(None).prices == PriceList.read({"pricing": []}).prices == {}
    assert read.with_own({"a": 9, "b": 3}).prices == {"a": Price(2, 1), "b": Price(3)}
