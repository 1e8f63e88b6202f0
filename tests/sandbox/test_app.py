"""Authentication, validation, rate limits, billing and population, without a server."""

import pytest

from lusha_async.sandbox import INACTIVE_KEY, WRONG_KEY, contact_ids
from tests.sandbox.requests import body, new_sandbox, post, send

ENRICH = "/v3/contacts/enrich"


@pytest.mark.parametrize(
    ("key", "status", "message"),
    [
        ("not a key", 400, "Invalid API key format"),
        (WRONG_KEY, 401, "Invalid API key"),
        (None, 401, "Invalid API key"),
        (INACTIVE_KEY, 403, "Your account is not active. Please reach out to support at support@lusha.com"),
    ],
)
def test_keys_are_refused_as_the_vendor_refuses_them(key: str | None, status: int, message: str) -> None:
    """Malformed, wrong, missing and inactive keys each have their status and message."""
    answer = send(new_sandbox(), "GET", "/v3/account/usage", key=key)
    assert (answer.status, body(answer)["message"]) == (status, message)


def test_unknown_members_are_refused_by_their_path() -> None:
    """An unknown member of an item answers 400 in the business layer's envelope."""
    answer = send(new_sandbox(), "POST", "/v3/contacts/search", {"contacts": [{"email": "a@b.example", "x": 1}]})
    assert answer.status == 400
    assert body(answer) == {
        "name": "BadRequest",
        "message": "contacts.0.property x should not exist",
        "code": 400,
        "className": "bad-request",
        "errors": {},
    }


def test_the_26th_request_within_any_second_is_refused() -> None:
    """The window slides: after 25 requests the next is admitted only when the first is a second old."""
    sandbox = new_sandbox()
    for _ in range(25):
        sandbox.clock.advance(0.02)
        assert send(sandbox, "GET", "/v3/contacts/prospecting/filters").status != 429
    sandbox.clock.advance(0.51)
    refused = send(sandbox, "GET", "/v3/contacts/prospecting/filters")
    assert (refused.status, body(refused)["message"]) == (
        429,
        "Too many requests. Please wait before making another request.",
    )
    sandbox.clock.advance(0.02)
    assert send(sandbox, "GET", "/v3/contacts/prospecting/filters").status != 429


def test_a_reveal_is_paid_once() -> None:
    """The second enrichment of the same people costs nothing."""
    sandbox = new_sandbox()
    ids = contact_ids(20)
    first = post(sandbox, ENRICH, {"ids": ids})
    again = post(sandbox, ENRICH, {"ids": ids})
    assert first["billing"]["creditsCharged"] == sandbox.state.billing.spent > 20
    assert again["billing"]["creditsCharged"] == 0
    assert [item["id"] for item in again["results"]] == ids


def test_filters_really_filter() -> None:
    """Every person of a page meets the criteria, and the pages together hold the total, each once."""
    sandbox = new_sandbox()
    filters = {"contacts": {"include": {"departments": ["Sales"], "seniorityIds": [5]}}}
    seen: list[str] = []
    page = 0
    while True:
        answer = post(
            sandbox, "/v3/contacts/prospecting", {"pagination": {"page": page, "size": 100}, "filters": filters}
        )
        assert answer["pagination"]["size"] == 50
        if not answer["results"]:
            break
        assert {person["jobTitle"]["title"] for person in answer["results"]} == {"Sales Manager"}
        seen += [person["id"] for person in answer["results"]]
        page += 1
        sandbox.clock.advance(1)
    assert len(seen) == len(set(seen)) == answer["pagination"]["total"] > 100
