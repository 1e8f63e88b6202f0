"""The events of each request: everything but what is personal, and never at a caller's cost."""

import asyncio
import contextlib
import contextvars
import json
import re
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lusha_async import (
    AnswerEvent,
    ConfigurationError,
    ContactQuery,
    LushaClient,
    LushaError,
    RequestEvent,
    RetryPolicy,
)
from lusha_async._redact import masked, masked_headers
from lusha_async.errors import AnswerLostError
from lusha_async.governor import Governor, Lane
from tests import virtual_clock
from tests._call.test_call import KEY, OK, ScriptedWire, Step, answer, failure, slow
from tests.examples import Page, named_by_the_environment

PAGE = Page("docs/hooks.md")
PERSON = ContactQuery(first_name="Ada", last_name="Lovelace", email="ada@example.com", company_name="Engines")
FOUND = {
    "requestId": "r-1",
    "results": [{"id": "v1.secret", "firstName": "Ada", "emails": [{"email": "ada@example.com", "type": "work"}]}],
    "billing": {"creditsCharged": 3},
}
SECRETS = (KEY, "Ada", "Lovelace", "ada@example.com", "Engines", "v1.secret")


class Watcher:
    """Keeps the events in order."""

    def __init__(self) -> None:
        self.requests: list[RequestEvent] = []
        self.answers: list[AnswerEvent] = []

    def client(self, wire: ScriptedWire, **options: Any) -> LushaClient:
        """A client over `wire` that this one watches, on the running loop's clock."""
        return LushaClient(
            KEY,
            base_url="https://api.example",
            governor=Governor(clock=asyncio.get_running_loop().time),
            transport=wire,
            on_request=self.requests.append,
            on_answer=self.answers.append,
            **options,
        )


def watched(*steps: Step, **options: Any) -> Watcher:
    """The events of one search for a person over a wire with that script."""
    watcher = Watcher()

    async def main() -> None:
        async with watcher.client(ScriptedWire(*steps), **options) as lusha:
            with contextlib.suppress(LushaError):
                await lusha.contacts.search([PERSON])

    virtual_clock.run(main())
    return watcher


def test_an_event_describes_the_request_and_the_answer() -> None:
    """Operation, tag, lane, status, seconds, request id, quota and credits, as flat plain values."""
    watcher = watched(slow(2.5, answer(FOUND, x_minute_requests_left="7")), tag="spring", lane=Lane.BULK)
    (request,), (told,) = watcher.requests, watcher.answers
    assert told.request is request
    assert told.facts() == {
        "operation": "contacts.search",
        "method": "POST",
        "path": "/v3/contacts/search",
        "call": 1,
        "attempt": 1,
        "tag": "spring",
        "lane": "bulk",
        "waited": 0.0,
        "status": 200,
        "seconds": pytest.approx(2.5),
        "request_id": "r-1",
        "credits": 3,
        "minute_left": 7,
    }
    json.dumps(told.facts())


def test_nothing_personal_is_in_an_event() -> None:
    """Neither facts, bodies, headers nor reprs hold the key, a name, an address or an id; nor does `attrs.asdict`."""
    watcher = watched(answer(FOUND))
    (request,), (told,) = watcher.requests, watcher.answers
    shown = [request, told, request.facts(), told.facts(), request.body, told.body, request.headers]
    shown += [attrs.asdict(request), attrs.asdict(told)]
    for one in shown:
        assert not [secret for secret in SECRETS if secret in f"{one!r} {one}"]
    (contact,) = request.body["contacts"]
    assert contact == dict.fromkeys(("firstName", "lastName", "email", "companyName"), "<text>")
    assert told.body["results"][0]["emails"][0]["type"] == "work"
    assert request.headers["api_key"] == "<masked>"
    assert request.headers["content-type"] == "application/json"


def test_an_error_is_reported_by_its_class_and_its_redacted_text() -> None:
    """What the vendor quotes of a person is masked; its status, code and plain words are there."""
    quoted = {"statusCode": 400, "code": "BAD", "message": "contacts.0.email ada@example.com is bad"}
    (told,) = watched(answer(quoted, 400)).answers
    assert (told.status, told.error, told.credits) == (400, "BadRequestError", None)
    assert "is bad" in str(told.message)
    assert told.body == {"statusCode": 400, "code": "BAD", "message": "<text>"}
    assert "ada@" not in f"{told.message} {told.body}"


def test_each_repeat_has_events_of_its_own() -> None:
    """The call's number stays, the attempt counts up; a 429 is an answer like any other."""
    busy = answer({"message": "Too many requests."}, 429)
    watcher = Watcher()

    async def main() -> None:
        async with watcher.client(ScriptedWire(busy, answer({}, 503), answer(OK)), retry=RetryPolicy()) as lusha:
            await lusha.contacts.enrich(["v1.a"])
            await lusha.contacts.enrich(["v1.a"])

    virtual_clock.run(main())
    assert [(one.call, one.attempt) for one in watcher.requests] == [(1, 1), (1, 2), (1, 3), (2, 1)]
    assert [one.status for one in watcher.answers] == [429, 503, 200, 200]
    assert [one.error for one in watcher.answers] == ["RateLimitedError", "ServerError", None, None]


def test_the_wait_at_the_governor_is_reported() -> None:
    """`waited` is the time at the governor; it is not counted in `seconds`."""
    watcher = Watcher()

    async def main() -> None:
        async with watcher.client(ScriptedWire(slow(0.1, answer(OK)))) as lusha:
            await asyncio.gather(*(lusha.contacts.enrich(["v1.a"]) for _ in range(60)))

    virtual_clock.run(main())
    assert max(one.waited for one in watcher.requests) > 1.0
    assert {round(one.seconds, 3) for one in watcher.answers} == {0.1}


@pytest.mark.parametrize(
    "end",
    [failure(AnswerLostError("timeout", "")), failure(NotImplementedError()), slow(1000, answer(OK))],  # type: ignore[arg-type]
)
def test_every_request_has_one_answer_event(end: Step) -> None:
    """A lost answer, a bug below, and a client that is closed too early: the end is reported once, without a status."""
    watcher = Watcher()

    async def main() -> None:
        lusha = watcher.client(ScriptedWire(end))
        call = asyncio.create_task(lusha.contacts.search([PERSON]))
        await asyncio.sleep(1)
        await lusha.aclose()
        await asyncio.wait([call])
        assert call.exception() is not None

    virtual_clock.run(main())
    (told,) = watcher.answers
    assert told.request is watcher.requests[0]
    assert (told.status, told.error) == (None, "AnswerLostError")


def test_an_answer_whose_caller_left_is_reported_too() -> None:
    """The exchange ends without its caller, and the watcher hears of its credits."""
    watcher = Watcher()

    async def main() -> None:
        async with watcher.client(ScriptedWire(slow(5, answer(FOUND)))) as lusha:
            call = asyncio.create_task(lusha.contacts.search([PERSON]))
            await asyncio.sleep(1)
            call.cancel()
            await asyncio.wait([call])
            assert watcher.answers == []

    virtual_clock.run(main())
    assert [one.credits for one in watcher.answers] == [3]


def test_a_call_that_sends_nothing_has_no_event() -> None:
    """A refused argument never reaches the wire, and there is no event."""
    watcher = Watcher()

    async def main() -> None:
        async with watcher.client(ScriptedWire(answer(OK))) as lusha:
            with pytest.raises(LushaError):
                await lusha.contacts.search([])

    virtual_clock.run(main())
    assert watcher.requests == watcher.answers == []


def test_what_a_hook_raises_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """The call goes on, and the log says that a hook failed."""

    def fail(event: object) -> None:
        raise ZeroDivisionError

    async def main() -> None:
        governor = Governor(clock=asyncio.get_running_loop().time)
        wire = ScriptedWire(answer(OK))
        async with LushaClient(
            KEY, base_url="https://api.example", governor=governor, transport=wire, on_request=fail, on_answer=fail
        ) as lusha:
            assert (await lusha.contacts.enrich(["v1.a"])).request_id == "r-1"

    virtual_clock.run(main())
    assert caplog.text.count("a hook failed") == 2


def test_a_hook_that_only_looks_plain_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A lambda around an async function is recognised only when called: the log names what is not awaited."""

    async def late(event: object) -> None:
        """Never run."""

    async def main() -> None:
        governor = Governor(clock=asyncio.get_running_loop().time)
        async with LushaClient(
            KEY,
            base_url="https://api.example",
            governor=governor,
            transport=ScriptedWire(answer(OK)),
            on_answer=lambda event: late((event,)),
        ) as lusha:
            await lusha.contacts.enrich(["v1.a"])

    virtual_clock.run(main())
    assert caplog.text.count("a hook returned a coroutine") == 1


def test_an_async_hook_is_refused_when_the_client_is_made() -> None:
    """It would not be awaited, so it is refused."""

    async def hook(event: object) -> None: ...

    class Callable:
        async def __call__(self, event: object) -> None: ...

    for wrong in (hook, Callable()):
        with pytest.raises(ConfigurationError, match="on_answer is an async function"):
            LushaClient(KEY, on_answer=wrong)


def test_a_hook_sees_the_context_of_its_caller() -> None:
    """A context variable of the caller (a span, a request id) is readable in the hook, also for a repeat."""
    here: contextvars.ContextVar[str] = contextvars.ContextVar("here", default="nowhere")
    seen: list[str] = []

    async def main() -> None:
        governor = Governor(clock=asyncio.get_running_loop().time)
        wire = ScriptedWire(answer({}, 503), answer(OK))
        async with LushaClient(
            KEY,
            base_url="https://api.example",
            governor=governor,
            transport=wire,
            on_request=lambda _: seen.append(here.get()),
            on_answer=lambda _: seen.append(here.get()),
        ) as lusha:
            here.set("handler")
            await lusha.contacts.enrich(["v1.a"])

    virtual_clock.run(main())
    assert seen == ["handler"] * 4


# --- masking ------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=30,
)


@given(JSON)
def test_any_json_can_be_masked(value: Any) -> None:
    """Whatever it is, the result is JSON, and no text of digits, signs or spaces survives in it."""
    shown = json.dumps(masked(value))
    assert not re.search(r"[@+]|\d{8}", re.sub(r"\d\.\d+|\de[+-]\d+", "", shown))


def test_masked_json_is_bounded() -> None:
    """Long lists are cut and show their length, and deep ones end."""
    deep: Any = "x"
    for _ in range(1000):
        deep = [deep]
    assert masked(list(range(100))) == [0, 1, 2, "<97 more>"]
    assert "<deep>" in json.dumps(masked(deep))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"status": "completed", "code": "OUT_OF_CREDITS", "type": "work"}, None),
        ({"status": "Ada Lovelace", "type": "ada@example.com"}, {"status": "<text>", "type": "<text>"}),
        ({"pagination": {"page": 0, "size": 25}, "doNotCall": True, "score": 0.5, "none": None}, None),
        ({"number": 15550100123, "fax": 1e12}, {"number": "<number>", "fax": "<number>"}),
        ({"ada@example.com": 1}, {"<member>": 1}),
        ({"transcript": [{"message": "Hello Ada"}]}, {"transcript": [{"message": "<text>"}]}),
        ("Ada", "<text>"),
    ],
)
def test_the_vendors_words_stay_and_peoples_go(value: Any, shown: Any) -> None:
    """Counts, flags and documented words are shown; texts, long numbers and odd names of members are not."""
    assert masked(value) == (value if shown is None else shown)


def test_headers_are_masked_unless_they_are_plain() -> None:
    """An unexpected header is masked as well as the key."""
    shown = masked_headers({"api_key": KEY, "Accept": "application/json", "X-Own": "Ada"})
    assert shown == {"api_key": "<masked>", "Accept": "application/json", "X-Own": "<masked>"}


# --- the document -------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_the_logging_example_logs_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """structlog takes the facts as they are."""
    structlog = pytest.importorskip("structlog")
    async with named_by_the_environment(monkeypatch):
        names = PAGE.example("log")
        with structlog.testing.capture_logs() as lines:
            await names["usage"]()
    (line,) = lines
    assert (line["event"], line["operation"], line["status"], line["tag"]) == (
        "lusha",
        "account.usage",
        200,
        "nightly",
    )


@pytest.mark.asyncio
async def test_the_tracing_example_makes_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenTelemetry's SDK gets a client span with the conventional attributes, below the caller's."""
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    export = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    processor = pytest.importorskip("opentelemetry.sdk.trace.export").SimpleSpanProcessor
    kept, provider = export.InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(processor(kept))
    monkeypatch.setattr("opentelemetry.trace.get_tracer", provider.get_tracer)
    async with named_by_the_environment(monkeypatch):
        with provider.get_tracer("test").start_as_current_span("handler") as handler:
            await PAGE.example("trace")["usage"]()
    span = kept.get_finished_spans()[0]
    assert (span.name, span.parent.span_id) == ("GET /v3/account/usage", handler.get_span_context().span_id)
    assert span.attributes["http.response.status_code"] == 200
    assert span.attributes["http.request.resend_count"] == 0


@pytest.mark.asyncio
async def test_the_counting_example_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests by status and credits by operation, as the ledger has them."""
    async with named_by_the_environment(monkeypatch):
        names = PAGE.example("count")
        rows = await names["enrich"](["v1.unknown"])
    assert [row.ok for row in rows] == [False]
    assert sum(names["requests"].values()) >= 1
    assert all(operation == "contacts.enrich" for operation, _ in names["requests"])
