"""Results find their items by position and echo, and never another's."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lusha_async._bulk.align import align
from lusha_async._bulk.outcome import Status
from lusha_async.client import LushaClient
from lusha_async.errors import ItemError
from tests.resources.recorder import recorded

ECHO = "clientReferenceId"
KEYS = ["r0", "r1", "r2"]


def result(of: str, echo: Any = None) -> dict[str, Any]:
    """What the vendor knows of the item `of`, echoing whatever it likes."""
    return {"of": of} if echo is None else {"of": of, ECHO: echo}


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([result("r0", "r0"), result("r1", "r1"), result("r2", "r2")], ["r0", "r1", "r2"]),
        ([result("r0"), result("r1"), result("r2")], ["r0", "r1", "r2"]),
        ([result("r0", "r0"), result("r1"), result("r2", "r2")], ["r0", "r1", "r2"]),
        ([result("r2", "r2"), result("r0", "r0"), result("r1", "r1")], ["r0", "r1", "r2"]),
        ([result("r1", "r1")], [None, "r1", None]),
        ([result("r0"), result("r1")], [None, None, None]),
        ([result("r0", "r0"), result("r1")], ["r0", None, None]),
        ([result("r0"), result("x", "never sent"), result("r2")], ["r0", None, "r2"]),
        ([result("r1", "r1"), result("r0", "r0"), result("r2")], ["r0", "r1", None]),
        ([result("a", "r0"), result("b", "r0"), result("r2", "r2")], [None, None, "r2"]),
        ([result(key, key) for key in (*KEYS, "r3")], ["r0", "r1", "r2"]),
        ([result("r0"), result("r1"), result("r2"), result("x")], [None, None, None]),
        ([result("r0", {"r0": 1}), result("r1", ["r1"]), result("r2", True)], [None, None, None]),
        ([], [None, None, None]),
    ],
    ids=[
        "all agree",
        "no echo at all",
        "an echo is missing",
        "another order",
        "fewer, echoed",
        "fewer, without an echo",
        "fewer, one without an echo",
        "an echo of nobody's",
        "swapped echoes take the positions' word away",
        "one key echoed twice",
        "more than asked, echoed",
        "more than asked, without an echo",
        "echoes that are no texts",
        "none",
    ],
)
def test_known_mishaps(results: list[dict[str, Any]], expected: list[str | None]) -> None:
    """Each way in which echoes and positions may go wrong leaves every row with its own result or with none."""
    aligned = align(results, KEYS, echo=ECHO)
    assert [None if one is None else one["of"] for one in aligned] == expected


def test_numbers_are_the_texts_that_were_sent() -> None:
    """A legacy id that was sent as text comes back as a number."""
    assert align([{"id": 8}, {"id": 7}], ["7", "8"], echo="id") == [{"id": 7}, {"id": 8}]


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([{"id": "a", "n": 0}, {"id": "a", "n": 1}, {"id": "b"}], [0, 1]),
        ([{"id": "a", "n": 0}, {"id": "b"}], [0, 0]),
        ([{"id": "b"}, {"id": "a", "n": 0}, {"id": "a", "n": 1}], [0, 1]),
        ([{"id": "a", "n": n} for n in range(3)], [None, None]),
    ],
)
def test_an_id_that_was_sent_twice(results: list[dict[str, Any]], expected: list[int | None]) -> None:
    """The same person asked twice has an answer at both places, be it given once or twice."""
    first, second, _ = align(results, ["a", "a", "b"], echo="id")
    assert [None if one is None else one["n"] for one in (first, second)] == expected


mishaps = st.sampled_from(["truthful", "silent", "unknown", "number"])


@given(count=st.integers(1, 8), data=st.data())
def test_nobody_is_given_anothers_data(count: int, data: st.DataObject) -> None:
    """Dropped, repeated, reordered and silent results whose echoes do not lie: a row has its own or nothing.

    Where the vendor kept neither order nor number, silence must not be filled in by position.
    """
    keys = [str(number) for number in range(count)]
    order = data.draw(st.lists(st.sampled_from(keys), max_size=count + 2) | st.permutations(keys))
    told = [data.draw(mishaps) for _ in order]
    out_of_order = len(order) != count or any(key != own for key, own in zip(order, keys, strict=True))
    if out_of_order and len(order) == count:
        # A silent result that stands at another's place, in an answer in which nothing else shows the disorder,
        # cannot be told from an orderly one: the vendor has to keep one of its two promises.
        told[next(place for place in range(count) if order[place] != keys[place])] = "truthful"
    echoes = {"truthful": str, "silent": lambda key: None, "unknown": lambda key: f"x{key}", "number": int}
    results = [result(key, echoes[how](key)) for key, how in zip(order, told, strict=True)]
    aligned = align(results, keys, echo=ECHO)
    assert len(aligned) == count
    for key, one in zip(keys, aligned, strict=True):
        assert one is None or one["of"] == key


@given(count=st.integers(1, 8), data=st.data())
def test_an_orderly_answer_loses_no_row(count: int, data: st.DataObject) -> None:
    """In order, with any echoes left out: every row has its result. Echoed in any order: the same."""
    keys = [str(number) for number in range(count)]
    silent = [data.draw(st.booleans()) for _ in keys]
    orderly = [result(key, None if quiet else key) for key, quiet in zip(keys, silent, strict=True)]
    echoed = [result(key, key) for key in data.draw(st.permutations(keys))]
    for results in (orderly, echoed):
        aligned = align(results, keys, echo=ECHO)
        assert [one and one["of"] for one in aligned] == keys


@given(
    results=st.lists(
        st.dictionaries(st.just(ECHO), st.none() | st.booleans() | st.integers() | st.sampled_from(KEYS)),
        max_size=6,
    )
)
def test_a_lying_echo_is_believed_by_at_most_one_row(results: list[dict[str, Any]]) -> None:
    """Whatever is echoed, no result goes to two rows, and a row's echo is its own key or missing."""
    aligned = align(results, KEYS, echo=ECHO)
    given_out = [id(one) for one in aligned if one is not None]
    assert len(set(given_out)) == len(given_out)
    for key, one in zip(KEYS, aligned, strict=True):
        assert one is None or one.get(ECHO) in (None, key)


def test_a_paid_result_that_is_nobodys_is_kept() -> None:
    """It reaches no row, so it goes to unclaimed with the rows it may be for, and counts as drift: it was paid for."""
    rows = [
        {"id": "v1.of-7", "emails": [{"email": "x@example.com"}]},
        {"id": "8"},
        {"error": {"code": "NOT_FOUND"}},
    ]

    async def main(client: LushaClient) -> Any:
        done = [row async for row in client.contacts.enrich_many(["7", "8", "9"])]
        (kept,) = client.take_unclaimed()
        return [row.status for row in done], kept.rows, kept.answer["results"][0], client.drift()

    _, told = recorded(main, answer={"results": rows, "billing": {"creditsCharged": 2}})
    statuses, places, result, drift = told
    assert statuses == [Status.AMBIGUOUS, Status.OK, Status.NOT_FOUND]
    assert places == (0,)
    assert result == rows[0]
    assert drift == {"enrichContacts": {"a result of none of the items": 1}}


def test_one_await_keeps_its_stray_result_too() -> None:
    """The same where the request was shared."""

    async def main(client: LushaClient) -> Any:
        with pytest.raises(ItemError):
            await client.contacts.enrich_one("7")
        return client.take_unclaimed()

    _, kept = recorded(main, answer={"results": [{"id": "v1.of-7"}]})
    assert [one.rows for one in kept] == [(0,)]
