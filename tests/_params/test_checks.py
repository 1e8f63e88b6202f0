"""What each check accepts and returns, and what its error says."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from lusha_async._params import checks
from lusha_async.errors import InvalidRequestError
from lusha_async.operations import BY_NAME

KNOWN = ("emails", "phones")


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (lambda: checks.integer(10, "size", minimum=10, maximum=100), 10),
        (lambda: checks.integer(100, "size", minimum=10, maximum=100), 100),
        (lambda: checks.optional_integer(None, "limit", 0, None), None),
        (lambda: checks.string("Übung", "name", maximum=5), "Übung"),
        (lambda: checks.strings(("a", "b"), "names", maximum=2), ["a", "b"]),
        (lambda: checks.optional_strings(None, "names"), None),
        (lambda: checks.ids(iter(["a"]), "ids"), ["a"]),
        (lambda: checks.optional_enums(["phones"], "reveal", KNOWN), ["phones"]),
        (lambda: checks.optional_enum(None, "status", KNOWN), None),
        (lambda: checks.optional_boolean(False, "archived"), False),
        (lambda: checks.email("a@b.example", "owner"), "a@b.example"),
        (lambda: checks.search_text("ab", "query"), "ab"),
        (lambda: checks.optional_date(date(2026, 5, 1), "start_date"), "2026-05-01"),
        (lambda: checks.date_range("2026-05-31", date(2026, 8, 31), months=3), ("2026-05-31", "2026-08-31")),
        (lambda: checks.drop_none({"a": None, "b": 0}), {"b": 0}),
        (lambda: checks.drop_none({"a": None}), None),
        (lambda: checks.did_you_mean("email", KNOWN), ": did you mean emails?"),
        (lambda: checks.did_you_mean("fax", KNOWN), ""),
    ],
)
def test_accepted(check: Callable[[], Any], expected: Any) -> None:
    """A value within its bounds is returned as it is sent."""
    assert check() == expected


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (lambda: checks.integer(9, "page_size", minimum=10, maximum=100), "must be an integer between 10 and 100"),
        (lambda: checks.integer(True, "limit", minimum=0), "must be an integer of at least 0"),
        (lambda: checks.integer(2**53, "limit", minimum=0), "must be an integer of at least 0"),
        (lambda: checks.string(" ", "name"), "must be a non-empty string"),
        (lambda: checks.string("abc", "name", maximum=2), "must be a non-empty string of at most 2 characters"),
        (lambda: checks.strings([], "names"), "must have at least 1 item, not 0"),
        (lambda: checks.strings(["a"] * 3, "names", maximum=2), "must have 1 to 2 items, not 3"),
        (lambda: checks.as_list("abc", "ids"), "must be a list, not a single value"),
        (
            lambda: checks.batch(BY_NAME["enrichContacts"], ["a"] * 101),
            "must have at most 100 items, not 101; contacts.enrich_many accepts any number",
        ),
        (lambda: checks.ids([], "ids"), "must have 1 to 100 items, not 0"),
        (lambda: checks.ids("a" * 2, "ids"), "must be a list, not a single value"),
        (
            lambda: checks.ids(["a"] * 3, "ids", maximum=2),
            "must have 1 to 2 items, not 3; split them into several calls",
        ),
        (lambda: checks.optional_enum("email", "reveal", KNOWN), "must be one of emails, phones: did you mean emails?"),
        (
            lambda: checks.optional_enums([], "reveal"),
            "must have at least one item; leave it out for the vendor's default",
        ),
        (lambda: checks.optional_boolean(1, "archived"), "must be True or False"),  # type: ignore[arg-type]
        (lambda: checks.email("a.example", "owner"), "must be an e-mail address"),
        (lambda: checks.search_text("a", "query"), "must be a string of 2 to 256 characters"),
        (lambda: checks.utf8("\ud800", "name"), "contains a lone surrogate, which cannot be sent as UTF-8"),
        (lambda: checks.optional_date("2026-13-01", "start_date"), "must be a date: YYYY-MM-DD"),
        (lambda: checks.optional_date(datetime(2026, 5, 1), "start_date"), "must be a date: YYYY-MM-DD"),
        (lambda: checks.date_range("2026-05-02", "2026-05-01", months=3), "must not be before start_date"),
        (lambda: checks.date_range("2026-05-01", "2026-08-02", months=3), "must be at most 3 months after start_date"),
    ],
)  # fmt: skip
def test_refused(check: Callable[[], Any], text: str) -> None:
    """The error says what the value must be, and does not contain the value."""
    with pytest.raises(InvalidRequestError) as caught:
        check()
    assert caught.value.problem == text
