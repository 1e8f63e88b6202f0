"""Page sizes of the vendor's own, and the faults of pages, sessions and totals, as any client sees them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from lusha_async import sandbox
from lusha_async._wire.request import Request, build
from lusha_async._wire.settings import ApiKey, BaseURL
from lusha_async.operations import BY_NAME

PEOPLE = {"contacts": {"include": {"seniorityIds": [5]}}}


async def answers(carrier: sandbox.SandboxTransport, name: str, bodies: Sequence[Any]) -> list[Any]:
    """The payloads of the answers to these bodies, or to these queries of a GET."""
    found: list[Any] = []
    for body in bodies:
        operation = BY_NAME[name]
        how: Mapping[str, Any] = {"query": body} if operation.method == "GET" else {"body": body}
        request: Request = build(
            operation,
            base_url=BaseURL.resolve(carrier.base_url),
            key=ApiKey(carrier.api_key),
            **how,
        )
        answer = await carrier.send(request, 5)
        assert answer.status == 200, answer.content
        found.append(json.loads(answer.content))
    return found


def pages(*numbers: int, size: int = 10) -> list[Any]:
    """Bodies that ask for these pages of people."""
    return [{"filters": PEOPLE, "pagination": {"page": number, "size": size}} for number in numbers]


def ids(payloads: Sequence[Any]) -> list[list[str]]:
    """The ids on each page."""
    return [[row["id"] for row in payload["results"]] for payload in payloads]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("settings", "requested", "used"),
    [
        ({}, 40, 40),
        ({}, 60, 50),
        ({"page_min": 25}, 10, 25),
        ({"page_min": 25}, 40, 40),
        ({"page_max": 25}, 40, 25),
        ({"page_min": 25, "page_max": 25}, 10, 25),
        ({"page_min": 25, "page_max": 25}, 100, 25),
        ({"page_min": 75}, 100, 75),
    ],
)
async def test_page_sizes_of_its_own(settings: dict[str, int], requested: int, used: int) -> None:
    """A page is never smaller than `page_min` nor larger than `page_max`, and says so."""
    carrier = sandbox.transport(companies=2000, **settings)
    first, second = await answers(carrier, "prospectingContacts", pages(0, 1, size=requested))
    assert [len(page["results"]) for page in (first, second)] == [used, used]
    assert first["pagination"]["size"] == used
    assert not set(ids([first])[0]) & set(ids([second])[0])


@pytest.mark.asyncio
async def test_each_paged_operation_has_the_sizes() -> None:
    """The settings hold for pages by number, by offset and in sessions."""
    carrier = sandbox.transport(page_min=7, page_max=7)
    seeds = {"seeds": {"ids": sandbox.company_ids(5)}, "limit": 25}
    (page,) = await answers(carrier, "getCompanyLookalikes", [seeds])
    assert len(page["results"]) == page["meta"]["returned"] == 7
    (page,) = await answers(carrier, "getContactRecommendations", [{"pagination": {"page": 1, "size": 25}}])
    assert len(page["results"]) == page["pagination"]["size"] == 7
    (page,) = await answers(carrier, "searchConversations", [{"page": 1, "pageSize": 20}])
    assert len(page["results"]) == page["pagination"]["pageSize"] == 7
    group = {"companies": [{"id": one} for one in sandbox.company_ids(2)], "pagination": {"page": 1, "size": 10}}
    (page,) = await answers(carrier, "getContactsBuyingGroup", [group])
    assert sum(len(company["contacts"]) for company in page["results"]) == page["pagination"]["size"] == 7
    (page,) = await answers(carrier, "listSubscriptions", [{"limit": 50, "offset": 0}])
    assert page["pagination"]["limit"] == 7


@pytest.mark.asyncio
async def test_pages_that_do_not_advance() -> None:
    """`page-ignored` answers the first page, `pages-repeat` the second one for ever, and each is charged."""
    true = ids(await answers(sandbox.transport(companies=2000), "prospectingContacts", pages(0, 1, 2, 3)))
    for kind, seen in (("page-ignored", [0, 0, 0, 0]), ("pages-repeat", [0, 1, 1, 1])):
        carrier = sandbox.transport(companies=2000, faults=[kind])
        found = await answers(carrier, "prospectingContacts", pages(0, 1, 2, 3))
        assert ids(found) == [true[number] for number in seen]
        assert [page["pagination"]["page"] for page in found] == [0, 1, 2, 3]
        assert carrier.sandbox.state.billing.spent == 4


@pytest.mark.asyncio
async def test_a_session_that_repeats() -> None:
    """A call that is hit returns the results of the call before it, and says that there are more."""
    carrier = sandbox.transport(companies=2000, faults=["session-repeats,nth=3"])
    body = {"seeds": {"ids": sandbox.contact_ids(5)}, "limit": 10}
    (first,) = await answers(carrier, "getContactLookalikes", [body])
    body["dedupeSessionId"] = first["dedupeSessionId"]
    second, third, fourth = ids(await answers(carrier, "getContactLookalikes", [body] * 3))
    assert second == third
    assert not set(fourth) & {*second, *ids([first])[0]}


@pytest.mark.asyncio
async def test_totals_that_are_wrong() -> None:
    """A total shrinks from page to page, is no number, is missing, or counts results that do not exist."""
    (true,) = await answers(sandbox.transport(companies=2000), "prospectingContacts", pages(0))
    total = true["pagination"]["total"]
    for kind, stated in (
        ("total-shrinks", [total, total // 2, total // 4]),
        ("total-text", [str(total)] * 3),
        ("total-negative", [-1] * 3),
        ("total-missing", [None] * 3),
        ("total-too-large", [2 * total + 1000] * 3),
    ):
        carrier = sandbox.transport(companies=2000, faults=[kind])
        found = await answers(carrier, "prospectingContacts", pages(0, 1, 2))
        assert [page["pagination"].get("total") for page in found] == stated
