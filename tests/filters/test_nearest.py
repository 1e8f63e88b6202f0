"""Proposals: a known value is never called unknown, and after one typo what was meant is first."""

import asyncio
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as some

from lusha_async import LushaClient, sandbox
from lusha_async.filters.nearest import Similarity, nearest
from lusha_async.sandbox.population.vocabulary import (
    DEPARTMENTS,
    INDUSTRIES,
    INTENT_TOPICS,
    PLACES,
    SENIORITIES,
    SIZES,
    TECHNOLOGIES,
)
from tests.virtual_clock import VirtualClockLoop

from .lists import client_of

LISTS = {
    "departments": DEPARTMENTS,
    "intent_topics": INTENT_TOPICS,
    "technologies": TECHNOLOGIES,
    "industries_labels": tuple({name for industry in INDUSTRIES for name in (industry.main, industry.sub)}),
    "cities": tuple({place.city for place in PLACES}),
}
VALUES = [(name, value) for name, values in LISTS.items() for value in sorted(values) if len(value) > 4]


class Session:
    """A client of a sandbox on a virtual clock, for many short runs."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner(loop_factory=VirtualClockLoop)
        self._runner.get_loop()
        carrier = sandbox.transport(companies=211, staff=2, limits=False)
        self.lusha: LushaClient = self.run(self._opened(carrier))

    async def _opened(self, carrier: Any) -> LushaClient:
        return client_of(carrier)

    def run(self, call: Any) -> Any:
        """What a coroutine returns."""
        return self._runner.run(call)

    def close(self) -> None:
        """Close the client, then the loop."""
        self.run(self.lusha.aclose())
        self._runner.close()


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """One sandbox for all examples."""
    opened = Session()
    yield opened
    opened.close()


def filters(name: str, value: str) -> dict[str, Any]:
    """Filters with this one value."""
    if name == "cities":
        return {"companies": {"include": {"locations": [{"city": value}]}}}
    return {"contacts" if name == "departments" else "companies": {"include": {name: [value]}}}


@some.composite
def slip(draw: Any, text: str) -> str:
    """The text with one letter left out, put in, changed, or swapped with the next."""
    place = draw(some.integers(0, len(text) - 2))
    letter = draw(some.sampled_from("aeimnrstx"))
    return draw(
        some.sampled_from(
            [
                text[:place] + text[place + 1 :],
                text[:place] + letter + text[place:],
                text[:place] + letter + text[place + 1 :],
                text[:place] + text[place + 1] + text[place] + text[place + 2 :],
            ]
        )
    )


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    some.lists(some.sampled_from(VALUES), min_size=1, max_size=6),
    some.lists(some.sampled_from(sorted(SENIORITIES)), min_size=1, max_size=3),
    some.tuples(some.integers(0, len(SIZES) - 1), some.integers(0, len(SIZES) - 1)),
)
def test_a_known_value_is_never_unknown(
    session: Session, values: Sequence[tuple[str, str]], ranks: list[int], sizes: tuple[int, int]
) -> None:
    """Filters made of what the vendor lists have nothing unknown, nothing doubtful and nothing corrected."""
    first, last = SIZES[min(sizes)][0], SIZES[max(sizes)][0]
    span = {"min": first.low} if last.high is None else {"min": first.low, "max": last.high}
    told: dict[str, Any] = {"contacts": {"include": {"seniorityIds": ranks}}, "companies": {"include": {}}}
    told["companies"]["include"]["sizes"] = [span]
    for name, value in values:
        side = told["contacts" if name == "departments" else "companies"]["include"]
        if name == "cities":
            side.setdefault("locations", []).append({"city": value})
        else:
            side.setdefault("industriesLabels" if name == "industries_labels" else name, []).append(value)
    if "intent_topics" in told["companies"]["include"]:
        told["companies"]["include"]["intentTopics"] = told["companies"]["include"].pop("intent_topics")
    report = session.run(session.lusha.contacts.filters.check(told))
    assert report.ok
    assert not report.warnings
    assert report.corrected == told


@settings(max_examples=120, suppress_health_check=list(HealthCheck))
@given(some.data())
def test_after_one_typo_the_original_is_first(session: Session, data: Any) -> None:
    """Whatever letter is wrong in whichever list, searched ones as well, what was meant is the first proposal."""
    name, value = data.draw(some.sampled_from(VALUES))
    misspelt = data.draw(slip(value))
    assume(misspelt.strip() == misspelt and misspelt not in LISTS[name])
    report = session.run(session.lusha.contacts.filters.check(filters(name, misspelt)))
    (unknown,) = report.unknown
    assert unknown.suggestions[0] == ({"city": value} if name == "cities" else value)


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("engineering and technical", "Engineering & Technical"),
        ("SÃO PAULO", "Sao Paulo"),
        ("n.a.t.o", "NATO"),
        ("health care", "Healthcare"),
        ("Zürich", "Zurich"),
        ("ﬁnance", "Finance"),
    ],
)
def test_what_differs_in_form_only_is_the_same(given: str, known: str) -> None:
    """Case, accents, punctuation and spaces do not count."""
    assert Similarity(given).to(known) == 1


@given(some.text(max_size=30), some.text(max_size=30))
def test_likeness_is_a_share(one: str, other: str) -> None:
    """It is from 0 to 1 for any two texts, and 1 for a text that has letters and itself in other forms."""
    assert 0 <= Similarity(one).to(other) <= 1
    assert Similarity(one).to(one) == 1
    assert Similarity(one).to(unicodedata.normalize("NFD", one)) == 1


@pytest.mark.parametrize(
    ("given", "known", "first", "sure"),
    [
        ("Enginering", ["Engineering", "Engineering & Technical"], "Engineering", True),
        ("c", ["C++", "C#"], "C++", False),
        ("UKR", ["KR", "UA"], "KR", False),
        ("541510", ["541511", "111998"], "541511", False),
        ("sales", ["Sales", "Salex"], "Sales", True),
        ("Productt", ["Products", "Producty"], "Products", False),
        ("Teh Marketing", ["Marketing", "The Marketing"], "The Marketing", True),
    ],
)
def test_only_what_stands_out_is_sure(given: str, known: list[str], first: str, sure: bool) -> None:
    """A short text, a number or a tie is proposed, but never taken for what was meant."""
    found = nearest(given, {text: text for text in known})
    assert (found.values[0], found.sure) == (first, sure)


def test_at_most_three_are_proposed() -> None:
    """The nearest three, each once, and none that is not alike."""
    found = nearest(
        "Account", {f"Account{letter}": f"Account{letter}" for letter in "abcdef"} | {"Zebra": "Zebra"}
    )
    assert len(found.values) == len(set(found.values)) == 3
    assert nearest("Account", {"Zebra": "Zebra"}).values == ()
    assert nearest("", {}).values == ()
