"""What an answer's credits were for, by price key."""

from typing import Any

import pytest

from lusha_async.billing.ledger import kinds, results
from lusha_async.operations import BY_NAME


def row(emails: Any = (), phones: Any = ()) -> dict[str, Any]:
    return {
        "emails": [{"credits": one} for one in emails],
        "phones": [{"credits": one} for one in phones],
    }


@pytest.mark.parametrize(
    ("operation", "rows", "credits", "expected"),
    [
        ("enrichContacts", [row([1], [5]), row([1, 2])], 9, {"revealEmail": 4, "revealPhone": 5}),
        ("enrichContacts", [row([1])], 1, {"revealEmail": 1}),
        ("enrichContacts", [row([1])], 6, {"revealEmail": 1, "other": 5}),
        ("enrichContacts", [row([1], [6])], 6, {"other": 6}),
        ("enrichContacts", [row([1], [6])], 0, {}),
        ("enrichContacts", [row([0.5, None, "x", -3], [True])], 1, {"revealEmail": 1}),
        ("enrichContacts", [row([None])], 3, {"other": 3}),
        ("enrichContacts", ["row", {"emails": "x", "phones": ["point"]}], 2, {"other": 2}),
        ("searchAndEnrichContacts", [row([1], [5])], 8, {"contactSearch": 2, "revealEmail": 1, "revealPhone": 5}),
        ("searchAndEnrichContacts", [row([1], [5])], 6, {"revealEmail": 1, "revealPhone": 5}),
        ("searchContacts", [row([1])], 2, {"other": 2}),
        ("enrichCompanies", [row([1])], 2, {"other": 2}),
        ("getContactLookalikes", [row([1])], 2, None),
    ],
)
def test_credits_by_price_key(
    operation: str, rows: list[Any], credits: int, expected: dict[str, int] | None
) -> None:
    """Data points that state theirs come under their key, the rest under the only other key or `other`."""
    one = BY_NAME[operation]
    found = kinds(one, {"results": rows}, credits)
    assert found == ({one.prices[0]: credits} if expected is None else expected)
    assert found.total() == credits


@pytest.mark.parametrize(
    ("payload", "rows"), [({"results": [1, 2]}, 2), ({"results": None}, 0), ([], 0), (None, 0)]
)
def test_the_rows_of_an_answer_of_any_shape(payload: Any, rows: int) -> None:
    """An answer without a list of results has no rows, and states no credits."""
    assert results(payload) == rows
    assert kinds(BY_NAME["enrichContacts"], payload, 3) == {"other": 3}
