"""Requests and answers of contacts, companies, ICP, conversations and usage against the vendor's description."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from lusha_async.models.converter import unstructure
from lusha_async.operations import OPERATIONS
from tests.resources.recorder import recorded

from .calls import CALLS
from .description import examples, request_problems

NAMES = [operation.name for operation in OPERATIONS if operation.name in CALLS]


def test_every_operation_is_called_by_some_test() -> None:
    """The calls here and the table and webhook tests, which have their own, make all 68."""
    others = {one.name for one in OPERATIONS if ".tables." in one.call or one.call.startswith("webhooks.")}
    assert CALLS.keys() | others == {operation.name for operation in OPERATIONS}
    assert not CALLS.keys() & others


@pytest.mark.parametrize("name", NAMES)
def test_requests_reach_their_operation(name: str) -> None:
    """Each call sends one request, with the method and path of its operation and no null in its body."""
    for call in CALLS[name]:
        sent, outcome = recorded(call)
        assert not isinstance(outcome, BaseException), outcome
        (request,) = sent
        assert request.operation.name == name
        path = urlsplit(request.url).path
        assert request.method == request.operation.method
        assert path.count("/") == request.operation.path.count("/")
        assert b"null" not in (request.content or b"")


@pytest.mark.parametrize("name", NAMES)
def test_requests_are_as_described(name: str, shared: Path) -> None:
    """The least and the most that each call can send validate, unknown members refused."""
    for call in CALLS[name]:
        sent, _ = recorded(call)
        assert request_problems(shared, name, sent[0].body) == []


@pytest.mark.parametrize("name", NAMES)
def test_example_answers_are_read_without_loss(name: str, shared: Path) -> None:
    """Structure and unstructure give the same JSON for every example answer of the vendor's."""
    for example in examples(shared, name):
        _, answer = recorded(CALLS[name][0], answer=example)
        assert not isinstance(answer, BaseException), answer
        assert unstructure(answer) == example
