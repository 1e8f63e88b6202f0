"""Responses of the vendor, or of a gateway before it, as our errors: bodies, texts, pickling."""

import copy
import json
import pickle
import re
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lusha_async import errors, webhooks
from lusha_async._wire import response as wire
from lusha_async._wire.request import build, without_key
from lusha_async._wire.response import Response
from lusha_async._wire.settings import ApiKey, BaseURL
from lusha_async.billing.unclaimed import Unclaimed
from lusha_async.errors import (
    AnswerLostError,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    BudgetExceededError,
    ConflictError,
    DailyQuotaExhaustedError,
    InsufficientCreditsError,
    InvalidRequestError,
    ItemError,
    JobUnfinishedError,
    LushaError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    PriceUnknownError,
    QuotaWaitTooLongError,
    RateLimitedError,
    RestrictedError,
    ServerError,
    ServerTimeoutError,
    SessionExpiredError,
    TransportError,
    TrialLimitError,
    UnreadableAnswerError,
)
from lusha_async.operations import BY_NAME, OPERATIONS, Operation
from lusha_async.quota import Window, WindowReading

ENRICH = BY_NAME["enrichContacts"]
HTML = b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1>ada@example.com</body></html>"
KEY = "00000000-0000-4000-8000-00000000beef"


def reading(status: int, body: Any, *, operation: str = "enrichContacts", **headers: str) -> wire.ParsedResponse:
    """An answer, read. `body` is bytes, or a value to be sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return wire.parse(BY_NAME[operation], Response(status=status, headers=named, content=content))


def error_of(status: int, body: Any, *, operation: str = "enrichContacts", **headers: str) -> LushaError:
    """The error of an answer, whose payload is then withheld."""
    read = reading(status, body, operation=operation, **headers)
    assert read.payload is None
    assert read.error is not None
    return read.error


STANDARD = {"statusCode": 400, "message": "Validation failed", "errors": ["entityType must be one of: contact"]}
GUARD = {
    "statusCode": 401,
    "timestamp": "2026-01-01T00:00:00Z",
    "message": "Invalid API key",
    "error": "Unauthorized",
}
KEY_FORM = {"statusCode": 400, "timestamp": "t", "message": "Invalid API key format", "error": "Bad Request"}
BUSINESS = {
    "name": "BadRequest",
    "message": "contacts.0.property nope should not exist",
    "code": 400,
    "className": "bad-request",
    "errors": {},
}
TABLE = {"statusCode": 404, "message": "TABLE_NOT_FOUND: Table not found"}
TABLE_IN_PROSE = {"message": "Column not found", "code": "COLUMN_NOT_FOUND"}
TAKEN = {"statusCode": 409, "message": "TABLE_NAME_CONFLICT: A table with this name already exists"}
DEDUPE = {"code": "DEDUPE_SESSION_EXPIRED", "message": "Session expired"}
KONG = {"message": "no Route matched with those values", "request_id": "7f3c"}
PROBE = {"statusCode": 401, "error": "invalid_request"}

SECOND = {"statusCode": 429, "message": "Too many requests. Please wait before making another request."}
HOUR = {
    "statusCode": 429,
    "message": "Hourly API rate limit exceeded. Limit: 5 per hour. Reset in 60 seconds",
}
DAY = {
    "statusCode": 429,
    "message": "Daily API rate limit exceeded. Limit: 25 per day. Reset in 81671 seconds.",
}
TRIAL = {"message": "You've reached your trial limit, please contact support for upgrade"}

ENVELOPES: list[tuple[int, Any, type[APIStatusError], str | None, str]] = [
    (400, STANDARD, BadRequestError, None, "Validation failed"),
    (401, GUARD, AuthenticationError, None, "Invalid API key"),
    (400, KEY_FORM, AuthenticationError, None, "Invalid API key format"),
    (400, BUSINESS, BadRequestError, "BadRequest", "contacts.0.property nope should not exist"),
    (404, TABLE, NotFoundError, "TABLE_NOT_FOUND", "Table not found"),
    (404, TABLE_IN_PROSE, NotFoundError, "COLUMN_NOT_FOUND", "Column not found"),
    (409, TAKEN, ConflictError, "TABLE_NAME_CONFLICT", "A table with this name already exists"),
    (410, DEDUPE, SessionExpiredError, "DEDUPE_SESSION_EXPIRED", "Session expired"),
    (404, KONG, NotFoundError, None, "no Route matched with those values"),
    (401, PROBE, AuthenticationError, None, "invalid_request"),
    (402, {"message": "Insufficient credits"}, InsufficientCreditsError, None, "Insufficient credits"),
    (403, {"message": "Not on your plan"}, PermissionDeniedError, None, "Not on your plan"),
    (405, {"message": "Method not allowed"}, BadRequestError, None, "Method not allowed"),
    (408, {"message": "Request Timeout"}, ServerTimeoutError, None, "Request Timeout"),
    (412, {"message": "Full name"}, BadRequestError, None, "Full name"),
    (422, {"message": ["a is wrong", "b is wrong"]}, BadRequestError, None, "a is wrong; b is wrong"),
    (429, SECOND, RateLimitedError, None, SECOND["message"]),
    (429, HOUR, RateLimitedError, None, HOUR["message"]),
    (429, DAY, DailyQuotaExhaustedError, None, DAY["message"]),
    (429, TRIAL, TrialLimitError, None, TRIAL["message"]),
    (451, {"message": "GDPR regulations"}, RestrictedError, None, "GDPR regulations"),
    (499, {"message": "timed out"}, ServerTimeoutError, None, "timed out"),
    (500, {"message": "Internal server error."}, ServerError, None, "Internal server error."),
    (502, {"message": "Identity provider unavailable"}, ServerError, None, "Identity provider unavailable"),
    (503, {"message": "Job store"}, ServerError, None, "Job store"),
]


@pytest.mark.parametrize(("status", "body", "kind", "code", "message"), ENVELOPES)
def test_every_family_of_envelopes(
    status: int, body: Any, kind: type[APIStatusError], code: str | None, message: str
) -> None:
    """Each envelope the vendor is known to send is its class, with status, code, message, operation and body."""
    error = error_of(status, body)
    assert type(error) is kind
    assert isinstance(error, APIStatusError)
    assert (error.status, error.code, error.message) == (status, code, message)
    assert (error.operation, error.body, error.attempts) == (ENRICH, body, 1)
    assert str(error).startswith(f"contacts.enrich (POST /v3/contacts/enrich): {status}")
    assert message in str(error)
    assert ".." not in str(error)
    assert error.charged == (None if kind in {ServerTimeoutError, ServerError} else 0)


def test_what_an_error_carries() -> None:
    """Request id, quota, the named window and the seconds to wait come from body and headers."""
    error = error_of(
        429,
        {**HOUR, "requestId": "5f0c2a"},
        **{"x_rate_limit_hourly": "5", "x_hourly_requests_left": "0", "x_minute_requests_left": "junk"},
    )
    assert isinstance(error, RateLimitedError)
    assert (error.request_id, error.window, error.retry_after) == ("5f0c2a", Window.HOUR, 60.0)
    assert error.quota.hour == WindowReading(limit=5, left=0)
    assert error.quota.minute is None
    assert "[wait 60 s] [request 5f0c2a]" in str(error)
    unavailable = error_of(503, {"message": "back soon"}, retry_after="7")
    assert isinstance(unavailable, ServerError)
    assert unavailable.retry_after == 7.0


@pytest.mark.parametrize(
    ("status", "body", "operation", "end"),
    [
        (400, STANDARD, "enrichContacts", "Check the arguments that the message names; nothing was charged"),
        (
            503,
            {"message": "maintenance"},
            "enrichContacts",
            "Try again later; it may have been charged: compare account.usage() first",
        ),
        (503, {"message": "maintenance"}, "getAccountUsage", "Try again later"),
        (
            499,
            {"message": "timed out"},
            "searchContacts",
            "Send smaller requests, or try again later; it may have been charged: compare account.usage() first",
        ),
        (
            200,
            b"{",
            "searchContacts",
            "Its bytes are in error.body; it may have been charged: compare account.usage() first",
        ),
        (302, b"", "searchContacts", "go with it. Check the base URL; nothing was charged"),
    ],
)
def test_a_text_says_what_to_do_and_what_it_may_have_cost(
    status: int, body: Any, operation: str, end: str
) -> None:
    """The call, the vendor's words, the advice, and for a paid call the money: as far as it is known by then."""
    error = error_of(status, body, operation=operation)
    assert str(error).startswith(f"{BY_NAME[operation]}: ")
    assert str(error).endswith(end)
    charged = error.with_facts(charged=3)
    assert str(charged).endswith("; charged: 3 credits" if BY_NAME[operation].paid else end)


def test_a_lost_answer_names_its_call_and_the_money() -> None:
    """What a network error is about is known only by those who catch it."""
    error = AnswerLostError("connection reset", "it broke")
    assert str(error) == "connection reset: it broke"
    assert (
        str(error.with_facts(operation=ENRICH))
        == f"{ENRICH}: connection reset: it broke; it may have been charged: compare account.usage() first"
    )


def test_details_of_every_shape() -> None:
    """`errors` may be texts, objects, an object by member, or nothing of the kind."""
    for errors_, details in (
        (["a", {"b": 1}], ("a", "{<value>: 1}")),
        ({"url": ["bad"], "name": "long"}, ("url: [<value>]", "name: long")),
        ({}, ()),
        (None, ()),
        ("text", ()),
    ):
        error = error_of(400, {"message": "Validation failed", "errors": errors_})
        assert isinstance(error, APIStatusError)
        assert error.details == details


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 502, 503])
@pytest.mark.parametrize(
    "body", [HTML, b"", b'{"message": "Internal serv', b"\xff\xfe\x00", b"Bad Gateway", {}, []]
)
def test_errors_of_gateways(status: int, body: Any) -> None:
    """Without an envelope the status decides the class, and the text says that the vendor's API gave no words."""
    error = error_of(status, body, content_type="text/html" if body == HTML else "application/json")
    assert isinstance(error, APIStatusError)
    assert error.status == status
    assert "without an error of the vendor's API" in str(error)
    assert "ada@" not in str(error)
    if body == HTML:
        assert "HTML where JSON was expected" in str(error)
        assert error.body == HTML


@pytest.mark.parametrize(
    ("body", "content_type", "problem"),
    [
        (b"", "application/json", "an empty body"),
        (HTML, "text/html; charset=utf-8", "HTML where JSON was expected"),
        (HTML, "application/json", "HTML where JSON was expected"),
        (b"  OK", "text/plain", "another type of content"),
        (b'{"results": [{"id": "v1.', "application/json", "broken JSON at character 20"),
        (b'{"results": [', "application/json", "broken JSON"),
        (b'{"a": "\xff"}', "application/json", "not UTF-8 text"),
        (b"[" * 200_000, "application/json", "nesting beyond the limits of the parser"),
        (b'{"a":' * 200_000, "application/json", "nesting beyond the limits of the parser"),
        (b"9" * 5000, "application/json", "a number"),
        (b'"text"', "application/json", "an object was expected"),
        (b"null", "application/json", "an object was expected"),
    ],
)
def test_successes_that_cannot_be_read(body: bytes, content_type: str, problem: str) -> None:
    """A 200 that is no answer may have been charged: the error says what is wrong and keeps the bytes."""
    error = error_of(200, body, content_type=content_type)
    assert isinstance(error, UnreadableAnswerError)
    assert problem in str(error)
    assert (error.status, error.body, error.charged, error.operation) == (200, body, None, ENRICH)
    assert "ada@" not in str(error)


@pytest.mark.parametrize("content_type", ["text/plain", "application/problem+json", "", "text/html"])
def test_the_content_type_does_not_matter_to_good_json(content_type: str) -> None:
    """A gateway that mislabels an answer loses no paid record."""
    read = reading(200, {"results": []}, content_type=content_type)
    assert (read.payload, read.error) == ({"results": []}, None)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"statusCode": 500, "message": "Internal server error"}, ServerError),
        ({"code": 403, "message": "Forbidden", "className": "forbidden"}, PermissionDeniedError),
        ({"statusCode": 401, "error": "invalid_request"}, AuthenticationError),
        (DAY, DailyQuotaExhaustedError),
        ({"statusCode": "500", "message": "a status as text"}, ServerError),
        ({"statusCode": 400, "errors": ["reveal is wrong"]}, BadRequestError),
        ({"statusCode": 500, "message": "failed", "results": None}, ServerError),
        ({"error": {"code": 402, "message": "Insufficient credits"}}, InsufficientCreditsError),
    ],
)
def test_errors_under_a_success(body: Any, kind: type[APIStatusError]) -> None:
    """An error envelope with status 200 is that error, and what it cost is unknown."""
    error = error_of(200, body)
    assert type(error) is kind
    assert error.charged is None
    assert error.operation == ENRICH


def test_a_refusal_under_a_success_reaches_the_governor() -> None:
    """A 429 whose status a gateway lost holds the next requests back all the same, so that repeats are no storm."""
    refusal = reading(
        200, {"statusCode": 429, "message": "Limit per minute exceeded. Reset in 7 seconds."}
    ).refusal
    assert refusal is not None
    assert (refusal.window, refusal.retry_after) == (Window.MINUTE, 7.0)


def test_another_protocol_is_no_refusal() -> None:
    """A status below 200 is not the vendor's word: it cannot be read, and what became of the call is unknown."""
    error = error_of(101, b"")
    assert isinstance(error, UnreadableAnswerError)
    assert error.charged is None


def test_words_within_an_object_are_found() -> None:
    """An error that wraps its code and message in a member shows them as any other does."""
    error = error_of(400, {"error": {"code": "NO_DOMAIN", "message": "no domain is set up"}})
    assert isinstance(error, APIStatusError)
    assert (error.code, error.message) == ("NO_DOMAIN", "no domain is set up")


@pytest.mark.parametrize("kind", [ServerError, ServerTimeoutError, NotFoundError, ConflictError, RestrictedError])
def test_every_status_says_what_to_do(kind: type[APIStatusError]) -> None:
    """Advice for each, and for a paid call the money where it is not known."""
    error = kind(status=400, operation=ENRICH)
    assert kind.advice
    assert kind.advice in str(error)
    assert ("may have been charged" in str(error)) == (kind.charged is None)


@pytest.mark.parametrize(
    "body",
    [
        {"results": [], "message": "No contacts", "code": 404},
        {"data": {}, "message": "fine", "statusCode": 404},
        {"message": "Welcome", "statusCode": 200},
        {"message": "Welcome", "code": "E500"},
        {"statusCode": 500},
    ],
)
def test_successes_that_only_look_like_errors(body: Any) -> None:
    """An answer with results stays an answer, whatever else it says."""
    assert reading(200, body).error is None


def test_nothing_is_an_answer_where_nothing_is_to_be_told() -> None:
    """204 without a body is a success of a call that costs nothing, and unreadable where records were paid for."""
    assert reading(204, b"", operation="deleteContactsTable").payload == {}
    error = error_of(204, b"", operation="enrichContacts")
    assert isinstance(error, UnreadableAnswerError)


def test_redirects_are_not_followed() -> None:
    """The key would go with it; nothing was charged."""
    error = error_of(302, b"", location="https://elsewhere.example/?token=1")
    assert isinstance(error, UnreadableAnswerError)
    assert error.charged == 0
    assert "elsewhere" not in str(error)


def test_deep_nesting_in_an_error_is_survived() -> None:
    """A body as deep as the decoder takes it makes an error with a text, for any depth."""
    for depth in (10, 200, 800, 950, 5000, 100_000):
        nested = b"[" * depth + b"]" * depth
        body = b'{"statusCode":400,"message":[' + nested + b'],"errors":{"a":' + nested + b"}}"
        error = error_of(400, body)
        assert isinstance(error, BadRequestError)
        assert len(str(error)) < 2000


LEAKS = ("ada@example.com", "+1 415 555 0199", "https://www.linkedin.com/in/ada-l", "whsec_0123456789abcdef")


@pytest.mark.parametrize("leak", LEAKS)
def test_personal_data_is_in_no_text(leak: str) -> None:
    """What the vendor quotes of people is masked in texts, reprs and attributes, and kept only in the body."""
    body = {
        "statusCode": 400,
        "message": f"contacts.0.email {leak} is wrong",
        "errors": [f"{leak} is not valid", {"value": leak}],
        "code": leak,
        "requestId": f"req {leak}",
    }
    for status in (400, 403, 429, 500):
        error = error_of(status, body)
        assert isinstance(error, APIStatusError)
        for text in (str(error), repr(error), error.message, *error.details, *error.args):
            assert leak not in text
        assert error.body == body
    for text in (str(ItemError(leak, leak)), repr(error_of(200, leak.encode()))):
        assert leak not in text


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = ("statusCode", "code", "message", "errors", "error", "name", "requestId", "results", "data")
envelopes = st.dictionaries(st.sampled_from(MEMBERS), json_values, max_size=6) | json_values
bodies = st.binary(max_size=60) | envelopes.map(lambda value: json.dumps(value).encode())
HEADERS = ("retry-after", "content-type", "x-rate-limit-daily", "x-minute-requests-left", "x-hourly-usage")


@given(
    status=st.integers(100, 699),
    content=bodies,
    headers=st.dictionaries(st.sampled_from(HEADERS), st.text(max_size=12), max_size=3),
)
def test_reading_never_raises(status: int, content: bytes, headers: dict[str, str]) -> None:
    """Any answer is a payload or one of our errors, whose text is printable, bounded and survives pickling."""
    read = wire.parse(ENRICH, Response(status=status, headers=headers, content=content))
    if read.error is None:
        assert isinstance(read.payload, dict | list)
        return
    assert read.error.operation is ENRICH
    assert str(read.error).isprintable()
    assert len(str(read.error)) < 5000
    assert str(pickle.loads(pickle.dumps(read.error))) == str(read.error)


def everything(kind: type[LushaError]) -> Iterator[type[LushaError]]:
    """The class and all that derive from it."""
    yield kind
    for sub in kind.__subclasses__():
        yield from everything(sub)


SPECIAL: dict[type[LushaError], LushaError] = {
    InvalidRequestError: InvalidRequestError("contacts[3]", "give an id"),
    BudgetExceededError: BudgetExceededError(requested=5, spent=1, reserved=1, limit=6),
    PriceUnknownError: PriceUnknownError(ENRICH, ("revealEmail",)),
    QuotaWaitTooLongError: QuotaWaitTooLongError(
        window=Window.HOUR, limit=5, left=0, resets_in=9.0, wait=9.0, max_wait=1.0, position=2
    ),
    JobUnfinishedError: JobUnfinishedError("the job is gone", job_id="j1", answer={"results": []}),
    ItemError: ItemError("NOT_FOUND", "Contact not found"),
    OutcomeUnknownError: OutcomeUnknownError(ENRICH, "connection reset"),
    UnreadableAnswerError: UnreadableAnswerError("an empty body", status=200, body=b"x"),
    webhooks.MissingHeaderError: webhooks.MissingHeaderError("x-lusha-signature"),
    webhooks.MalformedHeaderError: webhooks.MalformedHeaderError("x-lusha-signature", "not hex"),
    webhooks.StaleTimestampError: webhooks.StaleTimestampError(900.0, 300.0),
    webhooks.UnreadableEventError: webhooks.UnreadableEventError(b"{"),
}


def made(kind: type[LushaError]) -> LushaError:
    """An error of the class with something in every attribute that it has."""
    if kind in SPECIAL:
        error = SPECIAL[kind]
    elif issubclass(kind, APIStatusError):
        error = kind(
            status=429, message="m", code="c", details=("d",), request_id="r", retry_after=1.0, body={"a": [1]}
        )
    elif issubclass(kind, TransportError):
        error = kind("connect timeout", "try again")
    elif kind in {webhooks.WrongSecretError, webhooks.BodyAlteredError}:
        error = kind()
    else:
        error = kind("text")
    return error.with_facts(operation=ENRICH, attempts=3, cursor="cursor")


@pytest.mark.parametrize("kind", list(everything(LushaError)), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("through", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])
def test_every_error_crosses_processes_whole(kind: type[LushaError], through: Any) -> None:
    """Pickled or copied, an error keeps its class, its text and all that it carries."""
    error = made(kind)
    error.add_note("seen in the night run")
    again = through(error)
    assert type(again) is kind
    assert (str(again), again.args) == (str(error), error.args)
    assert vars(again) == vars(error)
    assert again.attempts == 3
    assert again.operation == ENRICH


def test_a_copy_tells_where_it_came_from_and_goes_its_own_way() -> None:
    """The cause and the frames so far are the same; what is added to one is not in the other."""
    with pytest.raises(TransportError) as caught:
        raise TransportError("reset", "try again") from ZeroDivisionError()
    error = caught.value
    error.add_note("of both")
    again = copy.copy(error)
    again.add_note("of one")
    assert (error.__notes__, again.__notes__) == (["of both"], ["of both", "of one"])
    assert isinstance(again.__cause__, ZeroDivisionError)
    frames = len(traceback.extract_tb(error.__traceback__))
    with pytest.raises(TransportError):
        raise again
    assert len(traceback.extract_tb(again.__traceback__)) == frames + 1
    assert len(traceback.extract_tb(error.__traceback__)) == frames


def test_facts_are_added_to_a_copy() -> None:
    """The copy keeps the cause, the context, the frames and the notes; the error itself stays as it was."""
    with pytest.raises(AnswerLostError) as caught:
        try:
            raise KeyError
        except KeyError:
            raise AnswerLostError("reset", "try again") from ZeroDivisionError()
    error = caught.value
    error.add_note("of both")
    again = error.with_facts(charged=0, cursor="here")
    assert (type(again), again.kind, again.charged, again.cursor) == (AnswerLostError, "reset", 0, "here")
    assert (error.charged, error.cursor) == (None, None)
    assert again.__notes__ == ["of both"]
    assert isinstance(again.__cause__, ZeroDivisionError)
    assert isinstance(again.__context__, KeyError)
    assert again.__suppress_context__
    assert again.__traceback__ is error.__traceback__


@pytest.mark.parametrize("kind", list(everything(LushaError)), ids=lambda kind: kind.__name__)
def test_an_error_is_complete_when_it_is_made(kind: type[LushaError]) -> None:
    """None of its attributes can be assigned to; what Python itself and users add (notes, frames) can be added."""
    error = made(kind)
    facts = {name for name in dir(error) if not name.startswith("_") and not callable(getattr(error, name))}
    assert {*vars(error), "operation", "attempts", "charged", "cursor"} <= facts
    for name in facts:
        with pytest.raises(AttributeError, match=name):
            setattr(error, name, None)
    error.add_note("a note")
    with pytest.raises(kind):
        raise error.with_traceback(None) from ZeroDivisionError()


def test_the_tree_is_drawn_as_it_is() -> None:
    """Every class of `errors` is in its `__all__` and in the drawing of the module's docstring."""
    here = [kind for kind in everything(LushaError) if kind.__module__ == errors.__name__]
    assert sorted(kind.__name__ for kind in here) == sorted(errors.__all__)
    for kind in here:
        assert kind.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize("length", [33_000, 70_000])
def test_a_url_beyond_what_can_be_sent_is_refused(length: int) -> None:
    """Before anything is sent, by the part that is too long."""
    base, key = BaseURL.resolve(None), ApiKey.resolve(KEY)
    with pytest.raises(InvalidRequestError, match=r"^path: longer than"):
        build(BY_NAME["deleteContactsTable"], base_url=base, key=key, path={"table_id": "x" * length})
    with pytest.raises(InvalidRequestError, match=r"^query: longer than"):
        build(ENRICH, base_url=base, key=key, query={"a": "x" * length})


def test_what_is_kept_of_a_request_holds_no_key() -> None:
    """The request of a lost answer can be stored: its body is there, the API key is not."""
    request = build(
        ENRICH, base_url=BaseURL.resolve("https://api.lusha.com"), key=ApiKey.resolve(KEY), body={"ids": ["v1.a"]}
    )
    assert request.headers["api_key"] == KEY
    kept = Unclaimed(request=request, response=reading(200, {"results": []}))
    unknown = OutcomeUnknownError(ENRICH, "connection reset", request=without_key(request))
    for value in (kept, unknown):
        assert KEY.encode() not in pickle.dumps(value)
        assert KEY not in repr(value)
    assert kept.inputs == {"ids": ["v1.a"]}


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_each_post_says_that_it_is_json(operation: Operation) -> None:
    """The vendor wants the type of the content with each POST, those without a body included."""
    path = dict.fromkeys(re.findall(r"{(\w+)}", operation.path), "x")
    request = build(
        operation, base_url=BaseURL.resolve("https://api.lusha.com"), key=ApiKey.resolve(KEY), path=path
    )
    assert (request.headers.get("content-type") == "application/json") == (operation.method == "POST")
    assert request.content is None


def test_a_lost_answer_says_whether_it_was_sent() -> None:
    """Only an answer that was lost after sending leaves open what it cost."""
    assert errors.NotSentError("connect timeout", "").charged == 0
    assert AnswerLostError("read timeout", "").charged is None
    assert OutcomeUnknownError(OPERATIONS[0], "reset").charged is None


def test_advice_follows_a_whole_sentence_with_one_full_stop() -> None:
    """What the vendor says and what we advise read as two sentences, whether or not the vendor's ends in a stop."""
    for message in ("Please try again later.", "Please try again later"):
        assert "later. Try again later" in str(ServerError(status=500, message=message))


PERSON = "Adalovelace"


@pytest.mark.parametrize("where", ["message", "code", "errors"])
def test_what_the_request_named_is_in_no_text_of_its_error(where: str) -> None:
    """A person that was sent and that the vendor quotes is masked in the message, the code and the details."""
    body = {"message": "bad", "code": "BAD", "errors": ["bad"]}
    body[where] = [f"{PERSON} is bad"] if where == "errors" else f"{PERSON} is bad"
    sent = json.dumps({"contacts": [{"firstName": PERSON}]}).encode()
    content = json.dumps(body).encode()
    error = wire.parse(ENRICH, Response(status=400, headers={}, content=content), sent).error
    assert isinstance(error, APIStatusError)
    assert PERSON not in f"{error} {error.message} {error.code} {error.details}"


@pytest.mark.parametrize(
    ("status", "content", "content_type", "problem"),
    [
        (200, b"", None, "an empty body"),
        (200, b"\xff\xfe\xff", "application/json", "not UTF-8 text"),
        (
            200,
            b"[" * 100_000,
            "application/json",
            "JSON with a number or a nesting beyond the limits of the parser",
        ),
        (200, b'"text"', "application/json", "an object was expected"),
        (200, b"  <x>", "application/json", "HTML where JSON was expected"),
        (200, b"x", "text/HTML; charset=utf-8", "HTML where JSON was expected"),
        (200, b"x", "text/plain", "another type of content where JSON was expected"),
        (200, b"x", "application/problem+JSON ; charset=utf-8", "broken JSON at character 0"),
        (200, b"x <", None, "broken JSON at character 0"),
        (101, b"", None, "the server answered in another protocol. Check the base URL and the proxy"),
    ],
)
def test_the_problem_of_a_body(status: int, content: bytes, content_type: str | None, problem: str) -> None:
    """Each kind of body that cannot be read is said in its own words."""
    headers = {} if content_type is None else {"content-type": content_type}
    read = wire.parse(ENRICH, Response(status=status, headers=headers, content=content))
    assert isinstance(read.error, UnreadableAnswerError)
    assert (read.error.problem, read.status, read.payload) == (problem, status, None)


@pytest.mark.parametrize("status", [300, 301, 399])
def test_every_redirect_is_free(status: int) -> None:
    """From the first to the last status of its kind."""
    assert error_of(status, b"").charged == 0


@pytest.mark.parametrize(("code", "error"), [(399, False), (400, True), (599, True), (600, False), ("499", True)])
def test_the_codes_of_an_error_under_a_success(code: Any, error: bool) -> None:
    """A number that is no status of an error makes no error of a success."""
    read = reading(200, {"message": "x", "statusCode": code})
    assert (read.error is not None) is error


def test_an_answer_carries_its_facts() -> None:
    """The status, the vendor's id by both of its names, the quota, and what differed from its declaration."""
    for name in ("requestId", "request_id"):
        read = reading(200, {name: "r-1", "results": []}, x_rate_limit_daily="10", x_daily_requests_left="3")
        assert (read.status, read.request_id, read.drift) == (200, "r-1", None)
        assert read.quota.day == WindowReading(limit=10, left=3)
    response = Response(status=200, headers={}, content=b'{"results": []}', drift="odd")
    assert wire.parse(ENRICH, response).drift == "odd"
    headers = {"x-rate-limit-daily": "10", "x-daily-requests-left": "3"}
    nothing = Response(status=204, headers=headers, content=b"")
    deleted = wire.parse(BY_NAME["deleteContactsTable"], nothing)
    assert (deleted.status, deleted.payload, deleted.quota.day) == (204, {}, WindowReading(limit=10, left=3))


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({}, None, "without an error of the vendor's API (JSON without a message), perhaps from a gateway"),
        ({"error": {"message": "m", "code": "C"}}, "C", "m"),
        ({"error": {"message": "m", "error": {"message": "deeper"}}}, None, "m"),
        ({"message": "outer", "error": {"message": "inner"}}, None, "outer"),
        ({"message": ["a", "b"], "name": "N"}, "N", "a; b"),
        ({"message": "CODE_1: some: text"}, "CODE_1", "some: text"),
        ({"message": "Not a code: text"}, None, "Not a code: text"),
    ],
)
def test_the_words_of_an_envelope(body: Any, code: str | None, message: str) -> None:
    """Wherever the vendor puts them, the code and the message are found."""
    error = error_of(400, body)
    assert isinstance(error, APIStatusError)
    assert (error.code, error.message) == (code, message)
