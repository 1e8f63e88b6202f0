"""A call from top to bottom, over a scripted wire and a virtual clock."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from lusha_async._call.call import APIResponse, ClientState, Executor
from lusha_async._call.options import Options
from lusha_async._call.retry import NO_RETRY, RetryBudget, RetryPolicy
from lusha_async._wire.request import Request, without_key
from lusha_async._wire.response import Response
from lusha_async._wire.settings import ApiKey, BaseURL
from lusha_async.errors import (
    AnswerLostError,
    AuthenticationError,
    BadRequestError,
    ClientClosedError,
    DailyQuotaExhaustedError,
    LushaError,
    NotSentError,
    OutcomeUnknownError,
    QuotaWaitTooLongError,
    RateLimitedError,
    ServerError,
    UnreadableAnswerError,
)
from lusha_async.governor import Governor
from lusha_async.operations import BY_NAME, Operation
from lusha_async.quota import Quota, WindowReading
from tests import virtual_clock

KEY = "0a1b2c3d-0000-4000-8000-00000000beef"
REVEAL, METERED = BY_NAME["enrichContacts"], BY_NAME["searchContacts"]
USAGE = BY_NAME["getAccountUsage"]
OK = {"requestId": "r-1", "results": [], "billing": {"creditsCharged": 3, "resultsReturned": 0}}

Step = Callable[[Request], Awaitable[Response]]


def answer(payload: Any, status: int = 200, **headers: str) -> Step:
    """A step of the script: the wire answers at once."""

    async def step(request: Request) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Response(status=status, headers=named, content=json.dumps(payload).encode())

    return step


def failure(error: LushaError) -> Step:
    """A step of the script: no answer arrives."""

    async def step(request: Request) -> Response:
        raise error

    return step


def slow(seconds: float, then: Step) -> Step:
    """A step of the script that takes `seconds`."""

    async def step(request: Request) -> Response:
        await asyncio.sleep(seconds)
        return await then(request)

    return step


class ScriptedWire:
    """A transport that answers from a script; the last step repeats indefinitely."""

    def __init__(self, *steps: Step, connections: int = 256) -> None:
        self.steps = list(steps)
        self.sent: list[Request] = []
        self.under_way = 0
        self.most = 0
        self.closed = False
        self.connections = connections

    async def send(self, request: Request, timeout: float, leaving: Callable[[], None] | None = None) -> Response:
        self.sent.append(request)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        try:
            return await step(request)
        finally:
            self.under_way -= 1

    async def aclose(self) -> None:
        self.closed = True


def executor(wire: ScriptedWire, retry_budget: RetryBudget | None = None, **options: Any) -> Executor:
    """A executor over `wire` with a governor of its own."""
    state = ClientState(
        key=ApiKey(KEY),
        base_url=BaseURL.resolve("https://api.example"),
        governor=governor(),
        transport=wire,
        retry_budget=retry_budget,
    )
    return Executor(state, Options(**options))


def governor() -> Governor:
    """A governor on the running loop's (virtual) clock."""
    return Governor(clock=asyncio.get_running_loop().time)


def call(
    *steps: Step, operation: Operation = REVEAL, **options: Any
) -> tuple[APIResponse | LushaError, ScriptedWire]:
    """One call over a wire with that script: its reply or error, and the wire."""
    wire = ScriptedWire(*steps)

    async def main() -> APIResponse | LushaError:
        try:
            return await executor(wire, **options).call(operation, body={"ids": ["v1.a"]})
        except LushaError as error:
            return error

    return virtual_clock.run(main()), wire


def test_a_response_carries_what_the_headers_report() -> None:
    """Payload, request id, quota and the number of attempts are on the reply."""
    reply, wire = call(answer(OK, x_minute_requests_left="7"))
    assert isinstance(reply, APIResponse)
    assert (reply.request_id, reply.attempts, reply.payload) == ("r-1", 1, OK)
    assert reply.quota.minute is not None
    assert reply.quota.minute.left == 7
    assert wire.sent[0].body == {"ids": ["v1.a"]}


def test_not_sent_is_repeated_for_paid_calls() -> None:
    """A request that surely did not arrive goes again, whatever it costs."""
    reply, wire = call(failure(NotSentError("cannot connect", "")), answer(OK), operation=METERED)
    assert isinstance(reply, APIResponse)
    assert reply.attempts == len(wire.sent) == 2


def test_a_lost_answer_of_a_reveal_is_repeated() -> None:
    """Enriching the same ids again is free, so the lost answer is fetched again."""
    reply, wire = call(failure(AnswerLostError("timeout", "")), answer(OK))
    assert isinstance(reply, APIResponse)
    assert len(wire.sent) == 2


def test_a_lost_answer_of_a_paid_call_is_never_repeated() -> None:
    """A search whose answer was lost is sent once, and the error carries the request without showing it."""
    error, wire = call(failure(AnswerLostError("timeout", "")), answer(OK), operation=METERED)
    assert isinstance(error, OutcomeUnknownError)
    assert len(wire.sent) == 1
    assert error.request == without_key(wire.sent[0])
    assert error.charged is None
    assert KEY not in f"{error!r} {error} {error.request!r}"
    assert "v1.a" not in repr(error.request)


def test_a_server_fault_of_a_paid_call_is_raised_as_it_is() -> None:
    """A 500 was an answer: it is not repeated for a paid call and says that it may have been charged."""
    error, wire = call(answer({"message": "oops"}, 500), operation=METERED)
    assert isinstance(error, ServerError)
    assert len(wire.sent) == 1
    assert error.charged is None


def test_attempts_are_bounded() -> None:
    """A server that stays sick is left alone after the policy's attempts."""
    error, wire = call(answer({"message": "oops"}, 503), retry=RetryPolicy(attempts=3))
    assert isinstance(error, ServerError)
    assert error.attempts == len(wire.sent) == 3


def test_429_of_the_second_is_waited_out_and_costs_no_attempt() -> None:
    """A per-second 429 is repeated although the policy allows only one attempt."""
    busy = answer({"statusCode": 429, "message": "Too many requests."}, 429)
    reply, wire = call(busy, busy, answer(OK), operation=METERED, retry=RetryPolicy(attempts=1))
    assert isinstance(reply, APIResponse)
    assert reply.attempts == len(wire.sent) == 3


def test_no_retry_raises_a_429() -> None:
    """With `NO_RETRY` the caller sees the 429."""
    error, _ = call(answer({"message": "Too many requests."}, 429), retry=NO_RETRY)
    assert isinstance(error, RateLimitedError)


@pytest.mark.parametrize(
    ("payload", "status", "kind"),
    [
        ({"statusCode": 400, "message": "bad"}, 400, BadRequestError),
        ({"statusCode": 401, "message": "Invalid API key"}, 401, AuthenticationError),
        ({"statusCode": 400, "message": "Invalid API key format"}, 400, AuthenticationError),
        ("text", 200, UnreadableAnswerError),
    ],
)
def test_final_errors_are_raised_at_once(payload: Any, status: int, kind: type[LushaError]) -> None:
    """An error that a repeat would get again reaches the caller after one request, with the operation named."""
    error, wire = call(answer(payload, status), operation=METERED)
    assert isinstance(error, kind)
    assert error.operation is METERED
    assert len(wire.sent) == 1


SICK = answer({"message": "unavailable"}, 503)


@pytest.mark.parametrize("at_once", [1, 50, 1000])
def test_a_sick_server_gets_no_storm(at_once: int) -> None:
    """A thousand calls to a server that only fails send at most a tenth more requests, not four thousand."""
    wire = ScriptedWire(SICK)

    async def main() -> list[LushaError]:
        calls = executor(wire)
        failed: list[LushaError] = []
        gate = asyncio.Semaphore(at_once)

        async def one() -> None:
            async with gate:
                with pytest.raises(ServerError) as caught:
                    await calls.call(REVEAL, body={"ids": ["v1.a"]})
                failed.append(caught.value)

        await asyncio.gather(*(one() for _ in range(1000)))
        return failed

    failed = virtual_clock.run(main())
    assert len(failed) == 1000
    assert 1000 < len(wire.sent) <= 1100
    notes = ["".join(getattr(error, "__notes__", [])) for error in failed]
    assert sum("retry budget" in note for note in notes) > 900


def test_the_budget_recovers_with_the_server() -> None:
    """When calls succeed again, failures in between are repeated again; all views share the one budget."""
    wire = ScriptedWire(SICK)

    async def main() -> None:
        calls = executor(wire, RetryBudget(max_retries=5, per_second=0))
        for _ in range(10):
            with pytest.raises(ServerError):
                await calls.view(tag="sick").call(REVEAL, body={"ids": ["v1.a"]})
        assert len(wire.sent) == 15
        wire.steps = [answer(OK)]
        for _ in range(20):
            assert (await calls.call(REVEAL, body={"ids": ["v1.a"]})).attempts == 1
        wire.steps = [SICK, SICK, answer(OK)]
        assert (await calls.call(REVEAL, body={"ids": ["v1.a"]})).attempts == 3
        wire.steps = [SICK]
        with pytest.raises(ServerError):
            await calls.call(REVEAL, body={"ids": ["v1.a"]})
        assert len(wire.sent) == 15 + 20 + 3 + 1

    virtual_clock.run(main())


def test_429s_need_nothing_of_the_budget() -> None:
    """A refusal by the second is waited out although no repeat is left."""
    busy = answer({"statusCode": 429, "message": "Too many requests."}, 429)
    wire = ScriptedWire(busy, busy, answer(OK))

    async def main() -> APIResponse:
        return await executor(wire, RetryBudget(max_retries=0)).call(METERED, body={"contacts": []})

    assert virtual_clock.run(main()).attempts == 3


def test_attempts_are_the_requests_that_were_sent() -> None:
    """An error that refuses a repeat before it is sent does not count it; what was sent may have been charged."""
    full = answer({"message": "sick"}, 500, x_rate_limit_minute="10", x_minute_requests_left="0")
    error, wire = call(full, max_wait=1.0)
    assert isinstance(error, QuotaWaitTooLongError)
    assert error.attempts == len(wire.sent) == 1
    assert (error.operation, error.charged) == (REVEAL, None)

    async def main() -> tuple[int, int]:
        calls = executor(ScriptedWire(full), retry=NO_RETRY, max_wait=1.0)
        seen: list[int] = []
        for _ in range(2):
            with pytest.raises(LushaError) as caught:
                await calls.call(REVEAL, body={"ids": ["v1.a"]})
            seen.append(caught.value.attempts)
        return seen[0], seen[1]

    assert virtual_clock.run(main()) == (1, 0)


def test_a_caller_cancelled_in_the_queue_sends_nothing() -> None:
    """A waiter that leaves the queue leaves no request and no lost slot behind."""
    wire = ScriptedWire(answer(OK))

    async def main() -> None:
        calls = executor(wire)
        tasks = [asyncio.create_task(calls.call(REVEAL, body={"ids": ["v1.a"]})) for _ in range(60)]
        await asyncio.sleep(0.001)
        for task in tasks[30:]:
            task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert sum(isinstance(one, APIResponse) for one in done) == 30 == len(wire.sent)
        reply = await calls.call(REVEAL, body={"ids": ["v1.a"]})
        assert isinstance(reply, APIResponse)

    virtual_clock.run(main())


def test_a_caller_cancelled_between_attempts_sends_nothing_more() -> None:
    """Waiting for the next attempt holds neither a slot nor a connection; what may have been charged is reported."""
    wire = ScriptedWire(SICK, answer(OK), connections=1)

    async def main() -> None:
        calls = executor(wire, retry=RetryPolicy(base=1000, cap=1000, seconds=10_000))
        task = asyncio.create_task(calls.call(REVEAL, body={"ids": ["v1.a"]}))
        await asyncio.sleep(0.1)
        assert (await calls.call(REVEAL, body={"ids": ["v1.b"]})).attempts == 1
        task.cancel()
        await asyncio.wait([task])
        await asyncio.sleep(5000)
        assert [request.body["ids"] for request in wire.sent] == [["v1.a"], ["v1.b"]]
        (kept,) = calls.state.unclaimed
        assert (kept.inputs["ids"], kept.answer) == (["v1.a"], None)
        assert isinstance(kept.error, ServerError)

    virtual_clock.run(main())


def test_a_caller_cancelled_while_all_connections_are_busy_sends_nothing() -> None:
    """Waiting for a connection is a wait like any other: a caller that leaves it keeps no slot."""
    wire = ScriptedWire(slow(10, answer(OK)), connections=1)

    async def main() -> None:
        calls = executor(wire)
        tasks = [asyncio.create_task(calls.call(REVEAL, body={"ids": [str(number)]})) for number in range(3)]
        await asyncio.sleep(1)
        tasks[1].cancel()
        await asyncio.wait(tasks)
        assert [request.body["ids"] for request in wire.sent] == [["0"], ["2"]]
        assert calls.state.governor.snapshot().in_flight == 0

    virtual_clock.run(main())


def test_a_caller_cancelled_after_sending_loses_no_paid_answer() -> None:
    """The exchange runs to its end without its caller, and the answer is kept as unclaimed."""
    wire = ScriptedWire(slow(5, answer(OK)))

    async def main() -> None:
        calls = executor(wire)
        task = asyncio.create_task(calls.call(METERED, body={"contacts": []}))
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert wire.under_way == 1
        await asyncio.sleep(5)
        assert wire.under_way == 0
        (kept,) = calls.state.unclaimed
        assert kept.response.payload == OK
        assert kept.request == without_key(wire.sent[0])

    virtual_clock.run(main())


def test_an_anyio_deadline_that_the_wait_exceeds_refuses_at_once() -> None:
    """A call that could not be sent within the caller's deadline is refused with the numbers, not hung."""
    wire = ScriptedWire(answer(OK, x_rate_limit_minute="40", x_minute_requests_left="0"))

    async def main() -> None:
        calls = executor(wire)
        await calls.call(REVEAL, body={"ids": ["v1.a"]})
        began = anyio.current_time()
        with anyio.move_on_after(2), pytest.raises(QuotaWaitTooLongError):
            await calls.call(REVEAL, body={"ids": ["v1.a"]})
        assert anyio.current_time() == began
        assert len(wire.sent) == 1

    virtual_clock.run(main())


def test_never_more_requests_than_connections() -> None:
    """A server that is slow does not make the pool queue: slots are released until a connection is free."""
    wire = ScriptedWire(slow(10, answer(OK)), connections=3)

    async def main() -> None:
        calls = executor(wire)
        await asyncio.gather(*(calls.call(REVEAL, body={"ids": ["v1.a"]}) for _ in range(20)))

    virtual_clock.run(main())
    assert wire.most == 3
    assert len(wire.sent) == 20


def test_another_event_loop_is_refused_before_anything_is_sent() -> None:
    """Connections belong to the loop of the first call: a second `asyncio.run` gets an error, and closing is safe."""
    wire = ScriptedWire(answer(OK), answer(OK))

    async def first() -> Executor:
        calls = executor(wire)
        await calls.call(REVEAL, body={"ids": ["v1.a"]})
        return calls

    async def enrich(calls: Executor) -> None:
        await calls.call(REVEAL, body={"ids": ["v1.b"]})

    calls = virtual_clock.run(first())
    with pytest.raises(ClientClosedError, match="another event loop; nothing was sent"):
        virtual_clock.run(enrich(calls))
    assert len(wire.sent) == 1
    virtual_clock.run(calls.state.aclose(10))
    with pytest.raises(ClientClosedError, match="is closed"):
        virtual_clock.run(enrich(calls))


def test_closing_lets_requests_in_flight_end_and_refuses_the_rest() -> None:
    """`aclose` waits for the answers, then closes the transport; later calls are refused."""
    wire = ScriptedWire(slow(3, answer(OK)))

    async def main() -> None:
        calls = executor(wire)
        task = asyncio.create_task(calls.call(REVEAL, body={"ids": ["v1.a"]}))
        await asyncio.sleep(1)
        await calls.state.aclose(10)
        assert isinstance(await task, APIResponse)
        assert wire.closed
        with pytest.raises(ClientClosedError):
            await calls.call(REVEAL, body={"ids": ["v1.a"]})

    virtual_clock.run(main())


def test_closing_is_bounded_and_says_what_was_abandoned(caplog: pytest.LogCaptureFixture) -> None:
    """After the grace the exchange is cut; its caller hears that the outcome is unknown, and the log says so."""
    wire = ScriptedWire(slow(1000, answer(OK)))

    async def main() -> None:
        calls = executor(wire)
        task = asyncio.create_task(calls.call(METERED, body={"contacts": []}))
        await asyncio.sleep(1)
        await calls.state.aclose(10)
        with pytest.raises(OutcomeUnknownError):
            await task

    virtual_clock.run(main())
    assert "unanswered, which may have been charged: 1 of contacts.search" in caplog.text


def test_the_key_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    """At debug level, with failures and repeats, the key and the ids stay out of the log."""
    caplog.set_level("DEBUG")
    call(failure(AnswerLostError("timeout", "")), answer({"message": f"bad {KEY}"}, 500), answer(OK))
    assert "contacts.enrich" in caplog.text
    assert KEY not in caplog.text
    assert "v1.a" not in caplog.text


@pytest.mark.parametrize("named", ["86400", "9000000", "2"])
@pytest.mark.parametrize("message", ["Too many requests.", "Hourly limit reached.", "Minute limit reached."])
def test_the_seconds_of_the_policy_bound_the_wait_for_a_turn(named: str, message: str) -> None:
    """A 429 that names a day ends the call with that 429 as soon as it is known that `seconds` cannot be kept."""
    refused = answer({"statusCode": 429, "message": message}, 429, retry_after=named)

    async def main() -> None:
        calls = executor(ScriptedWire(refused, answer(OK)), retry=RetryPolicy(seconds=10, attempts=1))
        began = asyncio.get_running_loop().time()
        if named == "2":
            await calls.call(METERED, body={})
            return
        with pytest.raises(RateLimitedError) as caught:
            await calls.call(METERED, body={})
        assert caught.value.attempts == 1
        assert isinstance(caught.value.__cause__, QuotaWaitTooLongError)
        assert asyncio.get_running_loop().time() - began < 1

    virtual_clock.run(main())


def test_a_repeat_that_may_not_be_sent_leaves_the_call_charged_unknown() -> None:
    """The first attempt of a paid call is lost, and the day ends before its repeat: it may have been charged."""

    async def main() -> None:
        wire = ScriptedWire(failure(AnswerLostError("cut", "the connection was cut")))
        calls = executor(wire, retry=RetryPolicy(base=20, cap=20))
        task = asyncio.create_task(calls.call(REVEAL, body={}))
        await asyncio.sleep(0)
        async with calls.state.governor.slot(METERED) as permit:
            permit.sent()
            permit.learn(Quota(day=WindowReading(limit=1500, left=0)))
        with pytest.raises(DailyQuotaExhaustedError) as caught:
            await task
        assert len(wire.sent) == 1
        assert (caught.value.charged, caught.value.attempts) == (None, 1)
        assert "may have been charged" in caught.value.__notes__[-1]

    virtual_clock.run(main())
