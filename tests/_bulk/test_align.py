"""Results are matched to items by position and echo, and never to another item."""

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
    """The result of the item `of`, with any echo."""
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
        "an echo of no item",
        "swapped echoes: positions do not count",
        "one key echoed twice",
        "more than sent, echoed",
        "more than sent, without an echo",
        "echoes that are not strings",
        "none",
    ],
)
def test_known_faults(results: list[dict[str, Any]], expected: list[str | None]) -> None:
    """Whatever is wrong with echoes and positions, every item has its own result or none."""
    aligned = align(results, KEYS, echo=ECHO)
    assert [None if row is None else row["of"] for row in aligned] == expected


def test_an_id_may_come_back_as_a_number() -> None:
    """A legacy id that was sent as a string comes back as a number."""
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
    """An id that was sent twice has its result at both indexes, whether the vendor returns it once or twice."""
    first, second, _ = align(results, ["a", "a", "b"], echo="id")
    assert [None if row is None else row["n"] for row in (first, second)] == expected


faults = st.sampled_from(["truthful", "silent", "unknown", "number"])


@given(count=st.integers(1, 8), data=st.data())
def test_no_item_gets_the_result_of_another(count: int, data: st.DataObject) -> None:
    """Results are dropped, repeated, reordered or without an echo, and no echo is wrong: an item has its own or none.

    If neither the order nor the number is kept, a result without an echo must not be matched by position.
    """
    keys = [str(number) for number in range(count)]
    order = data.draw(st.lists(st.sampled_from(keys), max_size=count + 2) | st.permutations(keys))
    kinds = [data.draw(faults) for _ in order]
    out_of_order = len(order) != count or any(key != own for key, own in zip(order, keys, strict=True))
    if out_of_order and len(order) == count:
        # A result without an echo at a wrong position, in an answer that is otherwise in order, cannot be
        # recognized: the vendor has to keep one of its two promises.
        kinds[next(index for index in range(count) if order[index] != keys[index])] = "truthful"
    echoes = {"truthful": str, "silent": lambda key: None, "unknown": lambda key: f"x{key}", "number": int}
    results = [result(key, echoes[kind](key)) for key, kind in zip(order, kinds, strict=True)]
    aligned = align(results, keys, echo=ECHO)
    assert len(aligned) == count
    for key, row in zip(keys, aligned, strict=True):
        assert row is None or row["of"] == key


@given(count=st.integers(1, 8), data=st.data())
def test_an_orderly_answer_loses_no_row(count: int, data: st.DataObject) -> None:
    """Results in order, with any echoes left out, and echoed results in any order: every item has its result."""
    keys = [str(number) for number in range(count)]
    silent = [data.draw(st.booleans()) for _ in keys]
    orderly = [result(key, None if quiet else key) for key, quiet in zip(keys, silent, strict=True)]
    echoed = [result(key, key) for key in data.draw(st.permutations(keys))]
    for results in (orderly, echoed):
        aligned = align(results, keys, echo=ECHO)
        assert [row and row["of"] for row in aligned] == keys


@given(
    results=st.lists(
        st.dictionaries(st.just(ECHO), st.none() | st.booleans() | st.integers() | st.sampled_from(KEYS)),
        max_size=6,
    )
)
def test_a_wrong_echo_reaches_at_most_one_item(results: list[dict[str, Any]]) -> None:
    """Whatever is echoed, no result goes to two items, and the echo of an item's result is its own key or missing."""
    aligned = align(results, KEYS, echo=ECHO)
    matched = [id(row) for row in aligned if row is not None]
    assert len(set(matched)) == len(matched)
    for key, row in zip(KEYS, aligned, strict=True):
        assert row is None or row.get(ECHO) in (None, key)


def test_a_paid_result_that_matches_no_item_is_unclaimed() -> None:
    """It was paid for, so it is in unclaimed with the rows that it may be for, and it counts as drift."""
    rows = [
        {"id": "v1.of-7", "emails": [{"email": "x@example.com"}]},
        {"id": "8"},
        {"error": {"code": "NOT_FOUND"}},
    ]

    async def main(client: LushaClient) -> Any:
        outcomes = [row async for row in client.contacts.enrich_many(["7", "8", "9"])]
        (kept,) = client.take_unclaimed()
        return [row.status for row in outcomes], kept.rows, kept.answer["results"][0], client.drift()

    _, seen = recorded(main, answer={"results": rows, "billing": {"creditsCharged": 2}})
    statuses, indexes, result, drift = seen
    assert statuses == [Status.AMBIGUOUS, Status.OK, Status.NOT_FOUND]
    assert indexes == (0,)
    assert result == rows[0]
    assert drift == {"enrichContacts": {"a result of none of the items": 1}}


def test_a_coalesced_call_keeps_an_unmatched_result() -> None:
    """The same for a coalesced call."""

    async def main(client: LushaClient) -> Any:
        with pytest.raises(ItemError):
            await client.contacts.enrich_one("7")
        return client.take_unclaimed()

    _, kept = recorded(main, answer={"results": [{"id": "v1.of-7"}]})
    assert [answer.rows for answer in kept] == [(0,)]
