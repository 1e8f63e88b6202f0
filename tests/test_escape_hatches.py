"""What this version does not know is within reach: any operation, and every answer unchanged."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any

import attrs
import pytest

from lusha_async import (
    BudgetExceededError,
    CreditBudget,
    InvalidRequestError,
    LushaClient,
    OutcomeUnknownError,
    PermissionDeniedError,
    PriceUnknownError,
    QuotaWaitTooLongError,
    ServerError,
)
from lusha_async.errors import AnswerLostError
from lusha_async.governor import Governor
from lusha_async.operations import BillingClass, Operation
from tests import virtual_clock
from tests._call.test_call import KEY, ScriptedWire, Step, answer, failure
from tests.contract.calls import CALLS, SMALLEST
from tests.contract.wrapping import CACHED
from tests.resources.recorder import recorded
from tests.vendor import PRICES


def novelty(billing: BillingClass, method: str = "POST", path: str = "/v3/contacts/{kind}/news") -> Operation:
    """An operation of which no release knows anything."""
    return Operation(name="newContacts", call="contacts.news", method=method, path=path, billing=billing)


FREE, METERED, MUTATION = (
    novelty(billing) for billing in (BillingClass.FREE, BillingClass.METERED, BillingClass.MUTATION)
)
NEWS = {"requestId": "r-9", "headlines": ["new"], "billing": {"creditsCharged": 4}}


def asked(ask: Callable[[LushaClient], Awaitable[Any]], *steps: Step, **options: Any) -> tuple[Any, ScriptedWire]:
    """What `ask` gives or raises over a wire with that script, and the wire."""
    wire = ScriptedWire(*steps)

    async def main() -> Any:
        governor = Governor(clock=asyncio.get_running_loop().time)
        async with LushaClient(
            KEY, base_url="https://api.example", governor=governor, transport=wire, **options
        ) as lusha:
            try:
                return await ask(lusha)
            except Exception as error:
                return error

    return virtual_clock.run(main()), wire


def test_an_unknown_operation_is_sent_unchanged_and_its_answer_kept_whole() -> None:
    """Path values are quoted, nulls left out, flags spelt as the vendor does; the payload is the decoded body."""
    reply, wire = asked(
        lambda lusha: lusha.request(
            METERED, path={"kind": "a/b"}, query={"fresh": True, "page": None, "tag": ["x", "y"]}, body={"a": None}
        ),
        answer(NEWS, x_minute_requests_left="7"),
    )
    (request,) = wire.sent
    assert request.url == "https://api.example/v3/contacts/a%2Fb/news?fresh=true&tag=x&tag=y"
    assert (request.method, request.body, request.headers["api_key"]) == ("POST", {}, KEY)
    assert (reply.payload, reply.request_id, reply.attempts) == (NEWS, "r-9", 1)
    assert reply.quota.minute.left == 7


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"path": 5}, "path"),
        ({"path": {"kind": " "}}, "kind"),
        ({"query": [("a", 1)]}, "query"),
        ({"query": {"a": 1.5}}, "a"),
        ({"query": {"a": b"x"}}, "a"),
        ({"query": {"a": [None]}}, "a"),
        ({"query": {"a": {"b": 1}}}, "a"),
        ({"query": {"a": 10**5000}}, "a"),
        ({"body": [1]}, "body"),
    ],
)
def test_what_no_request_can_hold_is_refused(given: Any, path: str) -> None:
    """`InvalidRequestError` with the name of the value, whatever was passed; nothing is sent."""
    error, wire = asked(lambda lusha: lusha.request(FREE, **{"path": {"kind": "x"}, **given}))
    assert isinstance(error, InvalidRequestError), error
    assert (error.path, wire.sent) == (path, [])


def test_an_operation_is_needed() -> None:
    """A name is no operation."""
    named: Any = "getNews"
    error, _ = asked(lambda lusha: lusha.request(named))
    assert isinstance(error, InvalidRequestError)


def test_members_of_enumerations_are_sent_as_their_values() -> None:
    """A text that is a member of an enumeration is sent as its value, in the path and in the query."""

    class Word(str, Enum):  # noqa: UP042 (not a StrEnum: its text is its name)
        NEW = "new"

    _, wire = asked(
        lambda lusha: lusha.request(FREE, path={"kind": Word.NEW}, query={"a": Word.NEW, "b": [Word.NEW]}),
        answer({}),
    )
    assert wire.sent[0].url == "https://api.example/v3/contacts/new/news?a=new&b=new"


def test_a_deletion_with_a_body_is_possible() -> None:
    """The vendor wants JSON with some of its deletions."""
    operation = novelty(BillingClass.MUTATION, method="DELETE", path="/v3/news")
    _, wire = asked(lambda lusha: lusha.request(operation, body={"ids": ["1"]}), answer({}))
    assert (wire.sent[0].method, wire.sent[0].body) == ("DELETE", {"ids": ["1"]})


@pytest.mark.parametrize(
    "path", ["v3/news", "@news.example/x", "", "/v3/n?x=1", "/v3/n#x", "/v3/{0}", "/v3/{", "/a b"]
)
def test_its_path_is_appended_to_the_base_url_as_a_path_and_nothing_else(path: str) -> None:
    """Without its slash a path would run into the name of the host, and the key be sent to another one."""
    with pytest.raises(ValueError, match=r"path must be like /v3/news/\{id\}"):
        novelty(BillingClass.FREE, path=path)
    with pytest.raises(ValueError, match="method must be like GET"):
        novelty(BillingClass.FREE, method="G ET")


def test_its_arguments_are_checked_before_anything_is_sent() -> None:
    """A path value that is missing or empty, and a body that is no JSON, are refused."""
    for path, body in (({}, None), ({"kind": ""}, None), ({"kind": ".."}, None), ({"kind": "a"}, {"x": object()})):
        error, wire = asked(lambda lusha, p=path, b=body: lusha.request(METERED, path=p, body=b), answer({}))
        assert isinstance(error, InvalidRequestError)
        assert wire.sent == []


def test_it_is_repeated_and_refused_as_its_billing_says() -> None:
    """Free: the lost answer is requested again. Metered or changing: the outcome is unknown, and said so."""
    for operation, repeats in ((FREE, True), (METERED, False), (MUTATION, False)):
        outcome, wire = asked(
            lambda lusha, o=operation: lusha.request(o, path={"kind": "a"}),
            failure(AnswerLostError("timeout", "")),
            answer(NEWS),
        )
        assert len(wire.sent) == (2 if repeats else 1)
        assert repeats or isinstance(outcome, OutcomeUnknownError)


def test_its_errors_are_those_of_every_call() -> None:
    """Status, code and the operation are on the error; a 429 is waited out."""
    error, _ = asked(lambda lusha: lusha.request(METERED, path={"kind": "a"}), answer({"message": "no"}, 403))
    assert isinstance(error, PermissionDeniedError)
    assert error.operation is METERED
    assert "contacts.news (POST /v3/contacts/{kind}/news)" in str(error)
    busy = answer({"message": "Too many requests."}, 429)
    reply, wire = asked(lambda lusha: lusha.request(METERED, path={"kind": "a"}), busy, answer(NEWS))
    assert reply.attempts == len(wire.sent) == 2


def test_it_waits_for_a_slot_like_every_call() -> None:
    """The governor paces it, and refuses at once what `max_wait` does not allow."""

    async def many(lusha: LushaClient) -> float:
        clock = asyncio.get_running_loop().time
        began = clock()
        await asyncio.gather(*(lusha.request(FREE, path={"kind": "a"}) for _ in range(75)))
        with pytest.raises(QuotaWaitTooLongError):
            await lusha.with_options(max_wait=0).request(FREE, path={"kind": "a"})
        return clock() - began

    seconds, wire = asked(many, answer(NEWS))
    assert len(wire.sent) == 75
    assert seconds >= 2.0


def test_its_repeats_are_paid_from_the_same_budget() -> None:
    """A sick server gets no storm from calls of unknown operations either."""

    async def many(lusha: LushaClient) -> int:
        for _ in range(100):
            with pytest.raises(ServerError):
                await lusha.request(FREE, path={"kind": "a"})
        return 100

    _, wire = asked(many, answer({"message": "unavailable"}, 503))
    assert len(wire.sent) < 200


def test_a_credit_budget_wants_a_price_for_it() -> None:
    """Without one the call is refused unsent; with one it is reserved and settled, and the ledger has it by tag."""
    usage = answer({"credits": {"total": 100, "used": 0}, "pricing": PRICES})

    def call(lusha: LushaClient) -> Awaitable[Any]:
        return lusha.request(METERED, path={"kind": "a"})

    error, wire = asked(call, usage, answer(NEWS), budget=CreditBudget(10))
    assert isinstance(error, PriceUnknownError)
    assert [request.operation.name for request in wire.sent] == ["getAccountUsage"]
    budget = CreditBudget(10, prices={"newContacts": 8})
    reply, _ = asked(call, usage, answer(NEWS), budget=budget)
    assert reply.payload == NEWS
    assert (budget.spent, budget.reserved) == (4, 0)
    error, _ = asked(call, usage, answer(NEWS), budget=budget)
    assert isinstance(error, BudgetExceededError)


def test_the_ledger_counts_it_under_its_tag() -> None:
    """Credits of an unknown operation are in the ledger by its name."""

    async def ask(lusha: LushaClient) -> Any:
        await lusha.with_options(tag="news").request(METERED, path={"kind": "a"})
        return lusha.ledger.by_tag()["news"].credits, lusha.ledger.by_operation()["contacts.news"].requests

    assert asked(ask, answer(NEWS))[0] == (4, 1)


@pytest.mark.parametrize("name", [name for name in CALLS if name not in CACHED])
def test_raw_keeps_every_answer_unchanged(name: str) -> None:
    """`with_options(raw=True)`: each response has the decoded body, unknown members included."""
    body = {"requestId": "r", "results": [], "data": {"results": []}, "newMember": {"deep": [1, None]}}
    body |= SMALLEST[name]
    _, plain = recorded(CALLS[name][0], answer=body)
    _, kept = recorded(lambda lusha: CALLS[name][0](lusha.with_options(raw=True)), answer=body)
    assert not isinstance(kept, BaseException), kept
    assert (plain.raw, json.dumps(kept.raw)) == (None, json.dumps(body))
    assert kept == plain, "raw makes no difference to equality"
    assert "deep" not in repr(attrs.evolve(kept, extra={}))
