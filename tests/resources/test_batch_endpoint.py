"""Reading the response to a batch of items by itself, and what bulk methods name and refuse."""

import asyncio
from typing import Any

import pytest

from lusha_async import InvalidRequestError, Status
from lusha_async._bulk.items import BatchResult
from lusha_async._call.call import APIResponse
from lusha_async.resources import companies, contacts

from .recorder import recorded

ADA = {"id": "v1.a", "clientReferenceId": "ada"}
BOB = {"id": "v1.b", "clientReferenceId": "bob"}
UNPAID = [{"type": "email", "status": "BILLING_FAILED"}]


def interpreted(endpoint: Any, items: list[Any], rows: list[dict[str, Any]]) -> BatchResult[Any]:
    """What a response with `rows` has for each of `items`."""
    response = APIResponse(operation=endpoint.operation, payload={"results": rows})
    return asyncio.run(endpoint.interpret(response, items))


def ids(result: BatchResult[Any]) -> list[str | None]:
    """The ids of the values."""
    return [None if answer.value is None else answer.value.id for answer in result.results]


def test_rows_are_matched_by_the_references_that_were_sent() -> None:
    """A response in another order, and one with a row less, give each item its own row or none."""
    rows = [{"id": "2", "clientReferenceId": "bob"}, {"id": "1", "clientReferenceId": "ada"}]
    assert ids(interpreted(contacts.SEARCH, [ADA, BOB], rows)) == ["1", "2"]
    result = interpreted(contacts.SEARCH, [ADA, BOB], rows[:1])
    assert ids(result) == [None, "2"]
    assert [answer.status for answer in result.results] == [Status.AMBIGUOUS, Status.OK]
    assert [answer.value.client_reference_id for answer in result.results if answer.value] == ["bob"]


def test_rows_are_matched_by_id_where_ids_were_sent() -> None:
    """The same for ids; an error in a row is the item's outcome, and its value is in no outcome."""
    rows = [{"id": "v1.b"}, {"id": "v1.a", "error": {"code": "NOT_FOUND"}}]
    result = interpreted(companies.ENRICH, ["v1.a", "v1.b"], rows)
    assert ids(result) == [None, "v1.b"]
    assert [answer.status for answer in result.results] == [Status.NOT_FOUND, Status.OK]


@pytest.mark.parametrize("items", [[{"id": "v1.a"}, {"id": "v1.b"}], [ADA, {**BOB, "clientReferenceId": "ada"}]])
def test_items_without_a_reference_of_their_own_have_rows_by_position_only(items: list[Any]) -> None:
    """A complete response is in order. One with a row less says nothing of whose row is there, and it is stray."""
    rows = [{"id": "1"}, {"id": "2"}]
    assert ids(interpreted(contacts.SEARCH, items, rows)) == ["1", "2"]
    for row in ({"id": "1"}, {"id": "1", "clientReferenceId": "ada"}):
        result = interpreted(contacts.SEARCH, items, [row])
        assert [answer.status for answer in result.results] == [Status.AMBIGUOUS] * 2
        assert result.unmatched


def test_the_error_of_an_account_without_credits_counts_the_requests() -> None:
    """`attempts` of the reason for a skipped input are the requests that were sent for its response."""
    payload = {"status": "OUT_OF_CREDITS", "results": [{"id": "v1.a", "missingDataPoints": UNPAID}]}
    response = APIResponse(operation=contacts.ENRICH.operation, payload=payload, attempts=2)
    result = asyncio.run(contacts.ENRICH.interpret(response, ["v1.a"]))
    assert result.results[0].status is Status.SKIPPED
    assert result.stop is not None
    assert result.stop.attempts == 2


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (lambda c: c.contacts.search_many(contacts=[{"email": "n/a"}]), "contact.email"),
        (lambda c: c.contacts.signal_scores_many(contacts=[{"email": "n/a"}]), "contact.email"),
        (lambda c: c.contacts.buying_group_many(companies=[{}], contacts_limit=1), "company"),
        (lambda c: c.contacts.enrich_many(ids=[" "]), "id"),
        (lambda c: c.companies.search_and_enrich_many(companies=[{"id": 7}]), "company.id"),
        (lambda c: c.companies.icp_fit_scores_many(companies=[{}], target_profile_ids=["p"]), "company"),
    ],
)
def test_bulk_methods_name_their_inputs_as_single_calls_do(call: Any, path: str) -> None:
    """`contacts`, `companies` or `ids`; a bad input is its own outcome, with a path in the singular."""

    async def read(client: Any) -> Any:
        return [outcome async for outcome in call(client)]

    sent, outcomes = recorded(read)
    ((outcome,), none) = outcomes, sent
    assert isinstance(outcome.error, InvalidRequestError)
    assert (outcome.error.path, none) == (path, [])


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (lambda c: c.contacts.search_one(contact={"email": "n/a"}), "contact.email"),
        (lambda c: c.companies.search_and_enrich_one(company={}), "company"),
        (lambda c: c.companies.enrich_one(id=""), "id"),
    ],
)
def test_coalesced_calls_name_their_input_in_the_singular(call: Any, path: str) -> None:
    """A bad one is refused before it can join others."""
    sent, outcome = recorded(call)
    assert isinstance(outcome, InvalidRequestError), outcome
    assert (outcome.path, sent) == (path, [])


@pytest.mark.parametrize("page_size", [None, 0, 151, True])
@pytest.mark.parametrize(
    "call",
    [
        lambda c, size: c.contacts.prospect({"contacts": {"include": {"names": ["x"]}}}, page_size=size),
        lambda c, size: c.contacts.prospect_parts(
            {"contacts": {"include": {"names": ["x"]}}},
            partition_by={"contacts.include.seniorityIds": [[1]]},
            page_size=size,
        ),
        lambda c, size: c.contacts.lookalikes({"ids": ["1", "2", "3", "4", "5"]}, page_size=size),
        lambda c, size: c.contacts.recommendations(page_size=size),
        lambda c, size: c.contacts.buying_group_people([{"id": "a"}], contacts_limit=1, page_size=size),
        lambda c, size: c.companies.website_visits(
            ["x.example"], start_date="2026-05-01", end_date="2026-05-02", page_size=size
        ),
    ],
)
def test_streams_refuse_a_page_size_where_they_are_made(call: Any, page_size: Any) -> None:
    """Not at the first row: nothing is sent, and the path is the argument's name."""

    async def make(client: Any) -> None:
        call(client, page_size)

    sent, outcome = recorded(make)
    assert isinstance(outcome, InvalidRequestError), outcome
    assert (outcome.path, sent) == ("page_size", [])
