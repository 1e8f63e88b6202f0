"""Every operation against the vendor's description: its requests, and the answers in its examples."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
import pytest

from lusha_async.errors import LushaError
from lusha_async.models._codec.structure import unstructure
from lusha_async.models.filters import (
    CompanyCriteria,
    CompanyFilters,
    ContactCriteria,
    ContactFilters,
    ProspectingFilters,
)
from lusha_async.models.model import wire_name
from lusha_async.operations import BY_NAME, OPERATIONS
from tests.resources.recorder import recorded

from .calls import CALLS, SMALLEST, whole
from .description import body_schema, document, examples, request_problems, sample
from .wrapping import response_of, rewrapped

NAMES = list(BY_NAME)


def test_every_operation_is_called_by_some_test() -> None:
    """The calls here make all 68."""
    assert CALLS.keys() == BY_NAME.keys()
    assert len(OPERATIONS) == 68


def test_the_operations_are_the_vendors(shared: Path) -> None:
    """Our operations are those of the description, under the same names."""
    del shared
    described = {
        one["operationId"]
        for item in document()["paths"].values()
        for one in item.values()
        if isinstance(one, dict) and "operationId" in one
    }
    assert described == BY_NAME.keys()


@pytest.mark.parametrize("name", NAMES)
def test_requests_reach_their_operation(name: str) -> None:
    """Each call sends one request, with the method and path of its operation and no null in its body."""
    for call in CALLS[name]:
        sent, outcome = recorded(call, answer=SMALLEST[name])
        assert not isinstance(outcome, BaseException), outcome
        (request,) = sent
        assert request.operation.name == name
        path = urlsplit(request.url).path
        assert request.method == request.operation.method
        assert path.count("/") == request.operation.path.count("/")
        assert b"null" not in (request.content or b"")


@pytest.mark.parametrize("name", NAMES)
def test_requests_are_as_described(name: str, shared: Path) -> None:
    """The minimum and the maximum that each call can send validate, unknown members refused."""
    del shared
    for call in CALLS[name]:
        (request,), outcome = recorded(call, answer=SMALLEST[name])
        assert not isinstance(outcome, BaseException), outcome
        assert request_problems(request) == []


@pytest.mark.parametrize("name", NAMES)
def test_example_answers_are_read_without_loss(name: str, shared: Path) -> None:
    """Structure and unstructure give the same JSON for every example answer of the vendor's."""
    del shared
    for example in examples(name):
        _, answer = recorded(whole(name), answer=example)
        assert not isinstance(answer, BaseException), answer
        assert rewrapped(unstructure(response_of(name, answer, example)), example) == example


@pytest.mark.parametrize(
    ("operation", "kind", "criteria"),
    [
        ("prospectingContacts", "contacts", ContactCriteria),
        ("prospectingContacts", "companies", CompanyCriteria),
        ("prospectingCompanies", "contacts", ContactCriteria),
        ("prospectingCompanies", "companies", CompanyCriteria),
    ],
)
@pytest.mark.parametrize("side", ["include", "exclude"])
def test_typed_filters_are_the_vendors(
    operation: str, kind: str, criteria: type[Any], side: str, shared: Path
) -> None:
    """Every criterion that the vendor knows has a field, and what the fields say is what the vendor takes."""
    del shared
    members = body_schema(operation, "filters", kind, side)["properties"]
    fields = {wire_name(name): name for name in attrs.fields_dict(criteria) if name != "extra"}
    assert set(members) <= set(fields)
    given = criteria(**{fields[name]: sample(schema) for name, schema in members.items()})
    firms = {"include": CompanyCriteria(names=["x"])}
    if kind == "contacts":
        filters = ProspectingFilters(contacts=ContactFilters(**{side: given}), companies=CompanyFilters(**firms))
    else:
        filters = ProspectingFilters(companies=CompanyFilters(**{**firms, side: given}))
    pages: dict[str, Any] = {
        "prospectingContacts": lambda lusha: lusha.contacts.prospect_page(filters),
        "prospectingCompanies": lambda lusha: lusha.companies.prospect_page(filters),
    }
    (request,), told = recorded(pages[operation])
    assert not isinstance(told, LushaError), told
    assert len(request.body["filters"][kind][side]) == len(members)
    assert request_problems(request) == []
