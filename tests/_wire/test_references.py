"""References of a batch recognize an answer to another request."""

import json

from hypothesis import given
from hypothesis import strategies as st

from lusha_async._wire.references import is_foreign, is_reference, references


def body(of: list[str], *, spaces: bool = False) -> bytes:
    """Rows that echo references, as JSON with or without spaces."""
    separators = (", ", " : ") if spaces else (",", ":")
    rows = [{"id": "v1.a", "clientReferenceId": reference, "name": "x"} for reference in of]
    return json.dumps({"results": rows}, separators=separators).encode()


@given(count=st.integers(1, 100), other=st.integers(1, 100), spaces=st.booleans(), data=st.data())
def test_an_answer_to_another_request_is_seen(count: int, other: int, spaces: bool, data: st.DataObject) -> None:
    """By any of its rows, in any order, before or behind rows of our own; own rows, some or none, are our answer."""
    own, others = references(count), references(other)
    some = data.draw(st.lists(st.sampled_from(own)))
    foreign = data.draw(st.lists(st.sampled_from(others), min_size=1))
    sent = body(own)
    assert not is_foreign(sent, body(some, spaces=spaces))
    for rows in (foreign, [*some, *foreign], [*foreign, *some]):
        assert is_foreign(sent, body(rows, spaces=spaces))


def test_references_are_unique_and_short() -> None:
    """Within a request and between requests, and within what the vendor takes."""
    made = [*references(100), *references(100)]
    assert len({*made}) == 200
    assert max(map(len, made)) <= 256
    assert all(map(is_reference, made))


@given(st.none() | st.integers() | st.text() | st.lists(st.text()))
def test_what_a_caller_gives_is_no_reference_of_ours(value: object) -> None:
    """Positions, names and other values."""
    assert not is_reference(value)
    assert not is_foreign(body(references(1)), json.dumps({"clientReferenceId": value}).encode())
