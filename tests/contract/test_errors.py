"""Errors as the user of the client meets them: what they carry, and what they never tell."""

import gzip
import json
import logging
import pickle
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lusha_async import errors
from lusha_async.client import LushaClient
from lusha_async.errors import (
    APIStatusError,
    BadRequestError,
    InvalidRequestError,
    LushaError,
    OutcomeUnknownError,
    ServerError,
    UnreadableAnswerError,
)
from lusha_async.governor import Governor
from lusha_async.operations import BY_NAME
from lusha_async.quota import WindowReading
from tests._call.test_transport import read_request, served
from tests._wire.test_response import ENVELOPES, HTML

from .made import anything
from .standing import Standing, standing

SEARCH = BY_NAME["searchContacts"]
ADA = {
    "first_name": "Adalovelace",
    "last_name": "Zyx-O'Sample",
    "company_name": "Sample Ltd",
    "email": "adalovelace@people.example",
    "linkedin_url": "https://www.linkedin.example/in/adalovelace",
}
PERSONAL = ("Adalovelace", "Zyx-O'Sample", "adalovelace@people.example", "/in/adalovelace")


@pytest.fixture
def wire() -> Iterator[Standing]:
    """A client of its own for each test: a 429 of the day closes the account for all that follow."""
    with standing() as wire:
        yield wire


async def search(client: LushaClient) -> Any:
    """A paid call that names a person."""
    return await client.contacts.search([ADA])


def told_by(error: BaseException) -> str:
    """All that a log, a terminal or an error tracker shows of an error."""
    again = pickle.loads(pickle.dumps(error))
    parts = [str(error), repr(error), repr(error.args), str(again), repr(again)]
    parts += [*getattr(error, "__notes__", [])]
    parts += traceback.format_exception(error)
    return "\n".join(parts)


@pytest.mark.parametrize(("status", "body", "kind", "code", "message"), ENVELOPES)
def test_each_class_carries_what_is_known(
    status: int, body: Any, kind: type[APIStatusError], code: str | None, message: str, wire: Standing
) -> None:
    """Through the client: class, operation, status, code, message, request id, quota and the number of tries."""
    answer = {**body, "requestId": "req-7"}
    error = wire.answers(search, answer, status=status, x_rate_limit_minute="300", x_minute_requests_left="299")
    assert type(error) is kind
    assert (error.operation, error.status, error.code, error.message) == (SEARCH, status, code, message)
    assert error.request_id == "req-7"
    assert error.quota.minute == WindowReading(limit=300, left=299)
    assert error.attempts == len(wire.sent) >= 1
    assert error.body == answer


def test_every_class_of_the_tree_is_met_by_the_vendors_bodies_or_has_its_own_cause() -> None:
    """No class is left that nothing can raise: those of answers are all among the envelopes here."""
    answered = {kind for _, _, kind, _, _ in ENVELOPES}
    leaves = {
        kind
        for kind in (getattr(errors, name) for name in errors.__all__)
        if issubclass(kind, APIStatusError) and not kind.__subclasses__()
    }
    assert leaves == answered - {APIStatusError}


def test_an_answer_that_does_not_fit_keeps_what_was_paid_for(wire: Standing) -> None:
    """One member of the wrong kind: the error has the whole answer, its id, its quota, and the value's path."""
    answer = {
        "requestId": "r-9",
        "results": [{"id": "a", "firstName": "Adalovelace"}, {"id": "b", "firstName": 7}],
    }
    error = wire.answers(search, answer, x_daily_requests_left="5")
    assert isinstance(error, UnreadableAnswerError)
    assert "results[1].firstName: expected text, got a number" in str(error)
    assert (error.operation, error.request_id, error.attempts, error.charged) == (SEARCH, "r-9", 1, None)
    assert error.quota.day is not None
    assert json.loads(error.body) == answer
    assert "Adalovelace" not in told_by(error)


async def over_a_socket(answer: bytes) -> Any:
    """What a client makes of the bytes that a server answers with; errors of ours are returned."""

    async def handler(reader: Any, writer: Any) -> None:
        await read_request(reader)
        writer.write(answer)
        await writer.drain()

    async with served(handler) as (url, _):
        key = "00000000-0000-4000-8000-000000000000"
        async with LushaClient(key, base_url=url, governor=Governor(), timeout=10) as client:
            try:
                return await search(client)
            except LushaError as error:
                return error


def http(status: str, body: bytes, *headers: str) -> bytes:
    """An HTTP answer whose head tells the body's length."""
    lines = [f"HTTP/1.1 {status}", *headers, f"content-length: {len(body)}", "connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


ANSWER = json.dumps({"results": [{"id": f"v1.{place}"} for place in range(100)]}).encode()
JSON = "content-type: application/json"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (http("502 Bad Gateway", HTML, "content-type: text/html"), ServerError, "HTML where JSON was expected"),
        (http("200 OK", HTML, "content-type: text/html"), UnreadableAnswerError, "HTML where JSON was expected"),
        (http("200 OK", b"", JSON), UnreadableAnswerError, "an empty body"),
        (http("500 Oops", b"", JSON), ServerError, "an empty body"),
        (http("200 OK", ANSWER[:-9], JSON), UnreadableAnswerError, "broken JSON"),
        (http("200 OK", b"hello", "content-type: text/plain"), UnreadableAnswerError, "another type of content"),
        (
            http("200 OK", gzip.compress(ANSWER, mtime=0)[:-30], JSON, "content-encoding: gzip"),
            UnreadableAnswerError,
            "cannot be read",
        ),
        (http("200 OK", ANSWER[1:], JSON, "content-encoding: gzip"), UnreadableAnswerError, "compressed wrongly"),
        (
            http("200 OK", b'{"statusCode":500,"message":"Internal server error"}', JSON),
            ServerError,
            "500 Internal server error",
        ),
        (http("200 OK", b"[" * 100_000, JSON), UnreadableAnswerError, "beyond the limits of the parser"),
        (
            http("200 OK", gzip.compress(b" " * (65 * 2**20)), JSON, "content-encoding: gzip"),
            UnreadableAnswerError,
            "larger than 67108864 bytes",
        ),
        (
            http("200 OK", ANSWER, JSON).replace(b"content-length", b"x-length")[:200],
            UnreadableAnswerError,
            "JSON",
        ),
        (http("200 OK", ANSWER, JSON)[:200], OutcomeUnknownError, "not repeated"),
    ],
    ids=[
        "HTML of a gateway",
        "HTML as a success",
        "nothing",
        "nothing with a 500",
        "cut JSON",
        "another content type",
        "gzip cut short",
        "no gzip at all",
        "an error as a success",
        "beyond all depth",
        "beyond 64 MiB",
        "cut without a length",
        "cut within its length",
    ],
)
async def test_bodies_that_are_no_answer(answer: bytes, kind: type[LushaError], words: str) -> None:
    """Over a real socket: each is its own error that says what came and that it may have been charged."""
    error = await over_a_socket(answer)
    assert type(error) is kind, error
    assert words in str(error)
    assert (error.operation, error.charged, error.attempts) == (SEARCH, None, 1)
    assert "ada@example.com" not in told_by(error)


@pytest.mark.asyncio
async def test_a_missing_checksum_loses_no_paid_record() -> None:
    """A gzip body that lacks only its last bytes has decompressed whole: it is an answer."""
    found = await over_a_socket(
        http("200 OK", gzip.compress(ANSWER, mtime=0)[:-8], JSON, "content-encoding: gzip")
    )
    assert not isinstance(found, LushaError), found
    assert len(found.results) == 100


leaks = st.sampled_from(
    ["ada@example.com", "+1 415 555 0199", "https://www.linkedin.com/in/ada-l", "whsec_12345678"]
)


@st.composite
def bodies_with(draw: st.DrawFn, leak: str) -> Any:
    """An error envelope that holds `leak` wherever the vendor might put it."""
    quoted = draw(st.sampled_from([leak, f"{leak} is not valid", f'value "{leak}" of contacts.0', f"at:{leak}"]))
    places = {
        "message": st.sampled_from([quoted, [quoted, "other"], "plain"]),
        "errors": st.sampled_from(
            [[quoted], {leak: [quoted]}, [{"value": leak, leak: 1}], {"email": leak}, quoted]
        ),
        "code": st.sampled_from([leak, 400, "CODE"]),
        "error": st.just(quoted),
        "name": st.just(leak),
        "requestId": st.sampled_from([leak, "r-1"]),
        "new": anything() | st.just(leak),
        "results": st.sampled_from(
            [[{"id": leak, "error": {"code": leak, "message": quoted}, "firstName": 7}], leak]
        ),
    }
    return draw(st.fixed_dictionaries({}, optional=places))


@settings(max_examples=150)
@given(data=st.data(), status=st.sampled_from([200, 400, 401, 403, 404, 410, 429, 451, 499, 500, 503]))
def test_nothing_personal_of_an_answer_is_told(data: st.DataObject, status: int) -> None:
    """Addresses, numbers, profiles and secrets that an answer repeats are in no text of an error and in no log."""
    leak = data.draw(leaks)
    body = data.draw(bodies_with(leak))
    with standing() as wire, logged() as lines:
        error = wire.answers(search, body, status=status)
    if isinstance(error, LushaError):
        assert leak not in told_by(error)
    assert leak not in "\n".join(lines)


@settings(max_examples=100)
@given(data=st.data(), status=st.sampled_from([200, 400, 403, 429, 451, 500]))
def test_nobody_who_was_asked_for_is_told(data: st.DataObject, status: int) -> None:
    """The vendor may repeat a name without quotes or marks: who was in the request is in no text and no log."""
    who = data.draw(st.sampled_from(PERSONAL))
    words = data.draw(
        st.sampled_from(["{} is not known", "contacts.0: {}", "{}", "no ({}), and no {}", "X: {} y"])
    )
    case = data.draw(st.sampled_from([str, str.upper, str.lower]))
    text = words.replace("{}", case(who))
    body = {"statusCode": status, "message": text, "errors": data.draw(st.sampled_from([[text], {text: text}]))}
    with standing() as wire, logged() as lines:
        error = wire.answers(search, body, status=status)
    assert isinstance(error, LushaError) == (status >= 400)
    told = "\n".join([*lines, told_by(error) if isinstance(error, LushaError) else repr(error)])
    for one in PERSONAL:
        assert one.lower() not in told.lower()


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.contacts.search([{"adalovelace@people.example": 1}]),
        lambda c: c.contacts.search([{**ADA, "adalovelace@people.example": "x"}]),
        lambda c: c.contacts.search([{"email": 7, "first_name": "Adalovelace"}]),
        lambda c: c.contacts.search(["Adalovelace"]),
        lambda c: c.contacts.prospect_page({"contacts": {"include": {"names": "Adalovelace"}}}),
        lambda c: c.contacts.tables.get("1", owner="Adalovelace"),
        lambda c: c.contacts.enrich("adalovelace@people.example"),
        lambda c: c.contacts.filters.values("locations", "Adalovelace" * 30),
        lambda c: c.webhooks.create_opt_out(url="http://adalovelace.example/in/adalovelace"),
    ],
)
def test_a_refusal_of_ours_names_the_place_and_not_the_person(call: Any, wire: Standing) -> None:
    """What was wrong with an argument is told by its path, never by its value."""
    error = wire.answers(call, {})
    assert isinstance(error, InvalidRequestError), error
    assert not wire.sent
    told = "\n".join([str(error), repr(error), error.path, error.problem])
    assert "adalovelace" not in told.lower()


def test_the_vendors_own_words_survive(wire: Standing) -> None:
    """What names nobody is told as it came, so that the user can mend the call."""
    body = {
        "name": "BadRequest",
        "message": "contacts.0.property emails should not exist",
        "code": 400,
        "errors": {},
    }
    error = wire.answers(search, body, status=400)
    assert isinstance(error, BadRequestError)
    assert error.message == "contacts.0.property emails should not exist"


class logged:
    """All that the library logs meanwhile, at every level."""

    def __enter__(self) -> list[str]:
        self.lines: list[str] = []
        self.handler = logging.Handler()
        self.handler.emit = lambda record: self.lines.append(record.getMessage())  # type: ignore[method-assign]
        self.logger = logging.getLogger("lusha_async")
        self.level = self.logger.level
        self.logger.setLevel(logging.DEBUG)
        self.logger.addHandler(self.handler)
        return self.lines

    def __exit__(self, *_: object) -> None:
        self.logger.removeHandler(self.handler)
        self.logger.setLevel(self.level)
