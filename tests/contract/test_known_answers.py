"""Answers that hold all that is known: each member has its field, nothing is lost, nothing counts as drift."""

import re
from pathlib import Path
from typing import Any

import pytest

from lusha_async.errors import LushaError
from lusha_async.models._codec.structure import unstructure
from lusha_async.operations import BY_NAME

from .answers import ANSWERS
from .calls import whole
from .description import answer_schema, sample, validate_answer
from .standing import standing
from .wrapping import response_of, rewrapped, same


def read(name: str, answer: Any) -> tuple[Any, dict[str, int]]:
    """What a client makes of it, and the drift that it counts."""
    with standing() as wire:
        told = wire.answers(whole(name), answer)
        assert wire.client is not None
        return told, dict(wire.client.drift().get(name, {}))


def test_there_is_an_answer_for_every_operation() -> None:
    """All 68."""
    assert ANSWERS.keys() == BY_NAME.keys()


@pytest.mark.parametrize("name", BY_NAME)
def test_every_known_member_has_its_field(name: str) -> None:
    """Our own answers are read whole, into fields: nothing of them is left over as unknown."""
    answer, drift = read(name, ANSWERS[name])
    assert not isinstance(answer, LushaError), answer
    response = response_of(name, answer, ANSWERS[name])
    assert same(rewrapped(unstructure(response), ANSWERS[name]), ANSWERS[name])
    assert drift == {}
    for secret in ("ada@", "Ada", "202 555", "made_up", "owner@", "Olga", "l.example"):
        assert not re.search(rf"\b{re.escape(secret)}", repr(answer)), secret


@pytest.mark.parametrize("name", BY_NAME)
def test_our_answers_are_the_vendors(name: str, shared: Path) -> None:
    """They fit the description, so that what is tested without it is tested against it."""
    del shared
    assert validate_answer(name, ANSWERS[name]) == []


@pytest.mark.parametrize("name", BY_NAME)
def test_every_described_member_has_its_field(name: str, shared: Path) -> None:
    """Nothing of the description is unknown to our classes."""
    del shared
    answer, drift = read(name, sample(answer_schema(name)))
    assert not isinstance(answer, LushaError), answer
    assert drift == {}
