"""The vendor's lists in memory: their age, who shares a request, and what cancelling one caller does."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lusha_async import (
    InvalidRequestError,
    LushaClient,
    NotSentError,
    PermissionDeniedError,
    UnreadableAnswerError,
)
from lusha_async._call.retry import NO_RETRY
from lusha_async.filters.cache import DEFAULT_MAX_AGE
from lusha_async.models.filter_values import Discovered, FilterType
from tests.virtual_clock import run

from .lists import HeldBack, client_of, in_sandbox

DEPARTMENTS = {"values": ["Engineering", "Sales"]}


def requests(carrier: Any) -> int:
    """How many requests the sandbox has served."""
    return sum(carrier.sandbox.report()["byOperation"].values())


def test_a_list_is_fetched_once_a_day() -> None:
    """For a day, and for all views, one request; then another. The answer has its age."""

    async def main(lusha: LushaClient, carrier: Any) -> None:
        first = await lusha.contacts.filters.values("departments")
        assert isinstance(first, Discovered)
        assert "Sales" in first.values
        assert list(first) == list(first.values)
        assert len(first) == len(first.values)
        assert first.age == 0
        assert abs(datetime.now(UTC) - first.fetched_at) < timedelta(seconds=30)
        await asyncio.sleep(DEFAULT_MAX_AGE - 1)
        again = await lusha.with_options(timeout=5).contacts.filters.values("departments")
        assert (again.values, again.fetched_at) == (first.values, first.fetched_at)
        assert again.age == pytest.approx(DEFAULT_MAX_AGE - 1, abs=0.5)
        assert requests(carrier) == 1
        await asyncio.sleep(2)
        assert (await lusha.contacts.filters.values("departments")).age == 0
        assert requests(carrier) == 2

    in_sandbox(main)


def test_the_caller_says_how_old_a_list_may_be() -> None:
    """`max_age` in seconds and `refresh` decide for one call; another call still has the newest list."""

    async def main(lusha: LushaClient, carrier: Any) -> None:
        lists = lusha.companies.filters
        await lists.values("sizes")
        await asyncio.sleep(10)
        assert (await lists.values("sizes", max_age=10.5)).age >= 10
        assert (await lists.values("sizes", max_age=9)).age == 0
        await asyncio.sleep(5)
        assert (await lists.values("sizes", refresh=True)).age == 0
        assert (await lists.values("sizes")).age == 0
        assert requests(carrier) == 3
        with pytest.raises(InvalidRequestError, match="max_age: must be a number of seconds"):
            await lists.values("sizes", max_age=-1)
        with pytest.raises(InvalidRequestError, match="max_age: must be a number of seconds"):
            await lists.values("sizes", max_age=float("nan"))

    in_sandbox(main)


def test_every_list_of_the_vendor_can_be_had() -> None:
    """Each filter type that the vendor names has its list, by a query where it says so; types and signals too."""

    async def main(lusha: LushaClient, carrier: Any) -> None:
        for lists in (lusha.contacts.filters, lusha.companies.filters):
            for one in await lists.types():
                assert isinstance(one, FilterType)
                assert one.filter_type is not None
                query = {"names": "am", "technologies": "al"}.get(one.filter_type, "bo")
                assert await lists.values(one.filter_type, query if one.requires_query else None)
            assert "allSignals" in (await lists.signal_types()).values
        signals = lusha.companies.filters
        for one in await signals.signal_filters():
            assert await signals.signal_filter_values(str(one.filter_type), "bo" if one.requires_query else None)
        served = requests(carrier)
        await signals.signal_filter_values("hiringByLocations", "bo")
        await signals.signal_filter_values("hiringByLocations", "pa")
        assert requests(carrier) == served + 1

    in_sandbox(main)


@pytest.mark.parametrize(
    ("name", "query", "words"),
    [("locations", None, "is searched"), ("locations", "x", "2 to 256"), ("names", " ", "2 to 256")],
)
def test_a_query_is_required_before_sending(name: str, query: str | None, words: str) -> None:
    """A searched list without a query, or with one too short, sends nothing."""

    async def main(lusha: LushaClient, carrier: Any) -> None:
        with pytest.raises(InvalidRequestError, match=words):
            await lusha.companies.filters.values(name, query)
        assert requests(carrier) == 0

    in_sandbox(main)


def test_a_list_that_takes_no_query_refuses_one() -> None:
    """The vendor answers 400 to a query for intent categories, so it is not sent."""

    async def main(lusha: LushaClient, carrier: Any) -> None:
        with pytest.raises(InvalidRequestError, match="must be left out: intentCategories is not searched"):
            await lusha.companies.filters.signal_filter_values("intentCategories", "tech")
        assert requests(carrier) == 0

    in_sandbox(main)


def test_what_a_caller_does_to_a_list_stays_with_the_caller() -> None:
    """Changing a returned entry changes nothing for the next."""

    async def main(lusha: LushaClient, carrier: Any) -> None:
        mine = await lusha.contacts.filters.values("seniority")
        mine.values[0]["value"] = "spoilt"
        assert (await lusha.contacts.filters.values("seniority")).values[0]["value"] != "spoilt"

    in_sandbox(main)


def test_many_askers_share_one_request() -> None:
    """100 tasks that need it at the same time cost one request; a view with other options sends its own."""

    async def main() -> None:
        carrier = HeldBack(DEPARTMENTS)
        async with client_of(carrier) as lusha:
            asking = [asyncio.create_task(lusha.contacts.filters.values("departments")) for _ in range(100)]
            other = asyncio.create_task(lusha.with_options(tag="x").contacts.filters.values("departments"))
            await asyncio.sleep(1)
            carrier.free.set()
            answers = await asyncio.gather(*asking, other)
        assert len(carrier.sent) == 2
        assert {answer.values for answer in answers} == {("Engineering", "Sales")}

    run(main())


def test_a_cancelled_caller_leaves_the_others_their_answer() -> None:
    """The first asker, whose request it is, is cancelled at once; the others are answered by that request."""

    async def main() -> None:
        carrier = HeldBack(DEPARTMENTS)
        async with client_of(carrier) as lusha:
            first, second, third = (
                asyncio.create_task(lusha.contacts.filters.values("departments")) for _ in range(3)
            )
            await asyncio.sleep(1)
            first.cancel()
            third.cancel()
            await asyncio.sleep(1)
            assert first.cancelled()
            assert third.cancelled()
            assert not second.done()
            carrier.free.set()
            assert (await second).values == ("Engineering", "Sales")
            assert len(carrier.sent) == 1
            assert (await lusha.contacts.filters.values("departments")).values == ("Engineering", "Sales")
            assert len(carrier.sent) == 1

    run(main())


def test_when_all_have_left_the_next_sends_a_new_request() -> None:
    """A request whose only caller is cancelled is forgotten: the next caller has one of its own, and its answer."""

    async def main() -> None:
        carrier = HeldBack(DEPARTMENTS)
        async with client_of(carrier) as lusha:
            lost = asyncio.create_task(lusha.contacts.filters.values("departments"))
            await asyncio.sleep(1)
            lost.cancel()
            await asyncio.sleep(1)
            carrier.free.set()
            assert (await lusha.contacts.filters.values("departments")).values == ("Engineering", "Sales")
            assert len(carrier.sent) == 2
            assert lost.cancelled()
            assert not lusha.take_unclaimed()

    run(main())


def test_a_request_without_callers_is_not_sent() -> None:
    """Of 100 lists that wait in the queue the cancelled one is never requested."""

    async def main() -> None:
        carrier = HeldBack(DEPARTMENTS)
        carrier.free.set()
        async with client_of(carrier) as lusha:
            asking = [
                asyncio.create_task(lusha.companies.filters.values("names", f"name {n}")) for n in range(100)
            ]
            await asyncio.sleep(0.1)
            asking[-1].cancel()
            await asyncio.gather(*asking, return_exceptions=True)
            await asyncio.sleep(60)
        assert len(carrier.sent) == 99
        assert not any("99" in request.url for request in carrier.sent)

    run(main())


def test_a_failure_reaches_all_and_is_not_kept() -> None:
    """Every waiting caller gets the error, and the next one sends a new request."""

    async def main() -> None:
        carrier = HeldBack(DEPARTMENTS)
        carrier.failing = NotSentError("cannot connect", "refused")
        carrier.free.set()
        async with client_of(carrier) as whole:
            lusha = whole.with_options(retry=NO_RETRY)
            asking = (lusha.contacts.filters.values("departments") for _ in range(3))
            failures = await asyncio.gather(*asking, return_exceptions=True)
            assert [type(failure) for failure in failures] == [NotSentError] * 3
            assert len({id(failure) for failure in failures}) == 3  # to each its own frames and notes
            carrier.failing = None
            assert (await lusha.contacts.filters.values("departments")).values == ("Engineering", "Sales")
        assert len(carrier.sent) == 2

    run(main())


@pytest.mark.parametrize("levels", [60, 900])
def test_a_list_beyond_all_depth_is_unreadable(levels: int) -> None:
    """Neither a copy nor a comparison of it fails with a `RecursionError`; it is not kept."""

    async def main() -> None:
        nested: Any = "Sales"
        for _ in range(levels):
            nested = {"a": nested}
        carrier = HeldBack({"values": [nested]})
        carrier.free.set()
        async with client_of(carrier) as lusha:
            with pytest.raises(UnreadableAnswerError, match="nested more than 50 levels") as caught:
                await lusha.contacts.filters.values("departments")
            assert caught.value.operation is not None
            with pytest.raises(UnreadableAnswerError):
                await lusha.contacts.filters.check({"contacts": {"include": {"departments": ["Sales"]}}})
        assert len(carrier.sent) == 2

    run(main())


@pytest.mark.parametrize("filter_type", [["departments"], " ", 5])
def test_a_filter_type_is_a_text(filter_type: Any) -> None:
    """Anything else is refused by name before anything is sent."""

    async def main(lusha: LushaClient, carrier: Any) -> None:
        for lists in (lusha.contacts.filters, lusha.companies.filters):
            with pytest.raises(InvalidRequestError, match=r"^filter_type: must be a non-empty string"):
                await lists.values(filter_type)
        with pytest.raises(InvalidRequestError, match=r"^filter_type: must be a non-empty string"):
            await lusha.companies.filters.signal_filter_values(filter_type)
        assert requests(carrier) == 0

    in_sandbox(main)


def test_the_memory_is_bounded() -> None:
    """Of 600 queries the newest 512 are kept; one that is used again is as new."""

    async def main() -> None:
        carrier = HeldBack({"values": []})
        carrier.free.set()
        async with client_of(carrier) as lusha:
            for number in range(512):
                await lusha.companies.filters.values("names", f"name {number}")
            await lusha.companies.filters.values("names", "name 0")
            for number in range(512, 600):
                await lusha.companies.filters.values("names", f"name {number}")
            assert len(carrier.sent) == 600
            await lusha.companies.filters.values("names", "name 0")
            await lusha.companies.filters.values("names", "name 599")
            assert len(carrier.sent) == 600
            await lusha.companies.filters.values("names", "name 1")
            assert len(carrier.sent) == 601
            assert repr(lusha._shared.filter_cache) == "<FilterCache of 512 lists, 0 in flight>"

    run(main())


@pytest.mark.parametrize("answer", [{}, {"values": None}, {"values": []}])
def test_an_empty_answer_is_an_empty_list(answer: Any) -> None:
    """No values, null values and absent ones are all an empty list."""

    async def main() -> None:
        carrier = HeldBack(answer)
        carrier.free.set()
        async with client_of(carrier) as lusha:
            assert (await lusha.contacts.filters.values("departments")).values == ()

    run(main())


def test_recommendations_need_a_member_of_the_account() -> None:
    """What the vendor refuses is raised as its own error, not wrapped in a group."""

    async def main(lusha: LushaClient, carrier: Any) -> None:
        from lusha_async.sandbox import ACCOUNT_KEY

        async with LushaClient(ACCOUNT_KEY, base_url=carrier.base_url, transport=carrier) as other:
            with pytest.raises(PermissionDeniedError):
                await other.contacts.filters.check_recommendations({"target_icp": ["x"]})

    in_sandbox(main)


def test_a_quote_leaves_the_memory_alone() -> None:
    """A dry run sends nothing and fills nothing that real calls would take for the vendor's."""

    async def main(lusha: LushaClient, carrier: Any) -> None:
        cost = await lusha.quote(lambda dry: dry.contacts.filters.values("departments"))
        assert (cost.maximum, cost.requests) == (0, 1)
        assert "Sales" in (await lusha.contacts.filters.values("departments")).values

    in_sandbox(main)
