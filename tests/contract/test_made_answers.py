"""Answers made by hypothesis, from the vendor's schemas and from our own classes, through the whole client."""

import json
import pickle
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings

from lusha_async.client import LushaClient
from lusha_async.errors import LushaError, UnreadableAnswerError
from lusha_async.models._codec.fields import is_model
from lusha_async.models._codec.structure import structure, unstructure
from lusha_async.operations import BY_NAME

from .calls import WHOLE, whole
from .description import answer_schema
from .made import JSON, fitting, of_model, spoiled
from .standing import Standing, standing
from .wrapping import CACHED, response_of, rewrapped, same

NAMES = list(BY_NAME)
FEW = settings(max_examples=8)


@pytest.fixture(scope="module")
def wire() -> Iterator[Standing]:
    """One client for all examples."""
    with standing() as wire:
        yield wire


def answer_class(name: str) -> Any:
    """The class or alias that the method of an operation, or the call in `WHOLE`, returns, by its annotation."""
    if name in CACHED:
        return CACHED[name]
    client = LushaClient("00000000-0000-4000-8000-000000000000", base_url="http://127.0.0.1:9")
    told = get_type_hints(WHOLE.get(name, attrgetter(BY_NAME[name].call)(client)))["return"]
    assert is_model(told)
    return told


def read_without_loss(wire: Standing, name: str, answers: JSON) -> None:
    """What fits is an answer, not an error, and gives its JSON back whole."""

    @FEW
    @given(answers)
    def check(given: Any) -> None:
        answer = wire.answers(whole(name), given)
        assert not isinstance(answer, LushaError), answer
        assert same(rewrapped(unstructure(response_of(name, answer, given)), given), given)

    check()


def read_or_refused(wire: Standing, name: str, answers: JSON) -> None:
    """What does not fit is an answer that can be handled, or one of our errors which keeps what came."""

    @FEW
    @given(spoiled(answers))
    def check(given: Any) -> None:
        answer = wire.answers(whole(name), given)
        if isinstance(answer, LushaError):
            assert answer.operation == BY_NAME[name]
            assert str(answer).isprintable()
            if isinstance(answer, UnreadableAnswerError):
                assert json.dumps(json.loads(answer.body)) == json.dumps(given)
            pickle.loads(pickle.dumps(answer))
            return
        answer = response_of(name, answer, given)
        json.dumps(unstructure(answer))
        assert repr(structure(unstructure(answer), answer_class(name))) == repr(answer)
        pickle.loads(pickle.dumps(answer))

    check()


@pytest.mark.parametrize("name", NAMES)
def test_what_the_vendor_describes_is_read_whole(name: str, wire: Standing, shared: Path) -> None:
    """No answer that fits the vendor's schema is refused, and none loses a member, known or new."""
    del shared
    read_without_loss(wire, name, fitting(answer_schema(name)))


@pytest.mark.parametrize("name", NAMES)
def test_what_nearly_fits_the_description_raises_only_our_errors(name: str, wire: Standing, shared: Path) -> None:
    """Members dropped, null, of another kind, wrapped, huge or deep: an answer, or an error that keeps it."""
    del shared
    read_or_refused(wire, name, fitting(answer_schema(name)))


@pytest.mark.parametrize("name", NAMES)
def test_what_our_classes_describe_is_read_whole(name: str, wire: Standing) -> None:
    """The same without the vendor's description: whatever the answer's class can hold can be read."""
    read_without_loss(wire, name, of_model(answer_class(name)))


@pytest.mark.parametrize("name", NAMES)
def test_what_nearly_fits_our_classes_raises_only_our_errors(name: str, wire: Standing) -> None:
    """The same without the vendor's description."""
    read_or_refused(wire, name, of_model(answer_class(name)))
