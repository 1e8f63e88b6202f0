"""References of a batch recognize an answer to another request."""

import json

from hypothesis import given
from hypothesis import strategies as st

from lusha_async._wire.references import MARK, is_foreign, is_reference, references


def body(of: list[str], *, spaces: bool = False) -> bytes:
    """Rows that echo references, as JSON with or without spaces."""
    separators = (", ", " : ") if spaces else (",", ":")
    rows = [{"id": "v1.a", "clientReferenceId": reference, "name": "x"} for reference in of]
    return json.dumps({"results": rows}, separators=separators).encode()


@given(count=st.integers(1, 100), other=st.integers(1, 100), spaces=st.booleans(), data=st.data())
def test_one_row_of_another_request_is_seen(count: int, other: int, spaces: bool, data: st.DataObject) -> None:
    """In any number of own rows, in any order; own rows alone, some of them or none, are no other request's."""
    own, others = references(count), references(other)
    some = data.draw(st.lists(st.sampled_from(own)))
    foreign = data.draw(st.lists(st.sampled_from(others), min_size=1))
    sent = body(own)
    assert not is_foreign(sent, body(some, spaces=spaces))
    mixed = data.draw(st.permutations([*some, *foreign]))
    assert is_foreign(sent, body(mixed, spaces=spaces))
    assert is_foreign(None, body(foreign))
    assert MARK in body(mixed, spaces=spaces)


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
    assert not is_foreign(None, json.dumps({"clientReferenceId": value}).encode())
