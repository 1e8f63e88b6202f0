"""Every request that the client builds has what the vendor needs and nothing that it does not know."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from lusha_async._wire.request import Request
from lusha_async.errors import InvalidRequestError
from lusha_async.operations import BY_NAME
from tests.conftest import SHARED

from .arguments_made import MADE
from .calls import CALLS, SMALLEST
from .description import body_schema, request_problems, resolved
from .members import MEMBERS, member_problems
from .standing import Standing, standing


@pytest.fixture(scope="module")
def wire() -> Iterator[Standing]:
    """One client for all examples."""
    with standing() as wire:
        yield wire


def problems(request: Request) -> list[str]:
    """By what we know ourselves, and by the vendor's description where it is at hand."""
    return member_problems(request) + (request_problems(request) if SHARED.is_dir() else [])


@pytest.mark.parametrize("name", BY_NAME)
def test_the_smallest_and_the_largest_are_exact(name: str, wire: Standing) -> None:
    """All 68: no member is unknown, null, empty, or missing; what takes no body has none."""
    for call in CALLS[name]:
        wire.answers(call, {})
        (request,) = wire.sent
        assert member_problems(request) == []


@pytest.mark.parametrize("name", MADE)
def test_whatever_the_docstrings_allow_is_exact(name: str, wire: Standing) -> None:
    """Made arguments, typed or plain, in our names or the vendor's: each request is sent and is exact.

    Only filters may be refused: which of them go together has rules, and tests, of its own.
    """

    @settings(max_examples=25)
    @given(MADE[name])
    def check(call: Callable[[Any], Any]) -> None:
        outcome = wire.answers(call, SMALLEST[name])
        if name.startswith("prospecting") and isinstance(outcome, InvalidRequestError):
            assert outcome.path.startswith("filters")
            return
        assert not isinstance(outcome, Exception), outcome
        (request,) = wire.sent
        assert request.operation.name == name
        assert problems(request) == []

    check()


def test_what_we_know_of_requests_is_what_the_vendor_describes(shared: Path) -> None:
    """Our own table of members is the description's, member by member."""
    del shared
    described = {name: _members(body_schema(name)) for name in BY_NAME if body_schema(name) is not None}
    assert described.keys() == MEMBERS.keys()
    for name, members in described.items():
        assert members == MEMBERS[name], name


def _members(described: Any) -> dict[str, Any] | None:
    schema = resolved(described)
    if "items" in schema:
        return _members(schema["items"])
    told: dict[str, Any] = {}
    for part in schema.get("allOf", []):
        told |= _members(part) or {}
    needed = schema.get("required", [])
    for name, member in schema.get("properties", {}).items():
        told[f"{name}!" if name in needed else name] = _members(member)
    return told or None
