"""The client of an account, its namespaces, and views of it with other options."""

from collections.abc import AsyncIterable, Awaitable, Callable, Mapping, Sequence
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ._call.call import APIResponse, ClientState, Executor
from ._call.hooks import AnswerEvent, Hooks, RequestEvent, check_hook
from ._call.options import NOT_GIVEN, NotGiven, Options
from ._call.retry import RetryBudget, RetryPolicy
from ._call.transport import HttpxTransport, Transport
from ._repr import half_made
from ._tasks import finish
from ._wire.settings import ApiKey, BaseURL
from .billing import Cost, CreditBudget, Ledger
from .billing.unclaimed import Unclaimed
from .errors import ConfigurationError
from .governor import Governor, Lane, governor_for
from .operations import Operation

if TYPE_CHECKING:
    from ._bulk.coalesce import Coalescers
    from ._bulk.outcome import Outcome
    from .filters.cache import FilterCache
    from .resources.account import Account
    from .resources.companies import Companies
    from .resources.contacts import Contacts
    from .resources.conversations import Conversations
    from .resources.icp import Icp
    from .resources.webhooks import Webhooks

__all__ = ["LushaClient"]

_CLOSE_SECONDS = 10.0


class _Shared:
    """What the namespaces of a client and its views share, created at first use."""

    @cached_property
    def coalescers(self) -> "Coalescers":
        from ._bulk.coalesce import Coalescers

        return Coalescers()

    @cached_property
    def filter_cache(self) -> "FilterCache":
        from .filters.cache import FilterCache

        return FilterCache()


class LushaClient:
    """A client of one account of the Lusha V3 API.

    Create one for the life of the program (or of the web application), share it between the tasks of one event loop,
    and close it with `async with` or `aclose()`.

    - `api_key`: by default the environment variable `LUSHA_API_KEY`. No repr, log or error of this library shows it.
    - `base_url`: by default `LUSHA_BASE_URL`, or else the vendor's. It must be https, or http on loopback.
    - `governor`: enforces the rate limits. By default, all clients of this user on this machine with the same key and
      base URL share them, in any number of processes; the URL of a Redis shares them between machines, `"process"`
      with no other process; see `governor_for`. A client with a transport of its own shares with no other process.
    - `account`: a name of the account, under which the limits are shared although keys differ.
    - `retry`: which failed attempts are repeated; see `RetryPolicy`. A call that a repeat could charge twice is not
      repeated.
    - `retry_budget`: how many repeats all calls together may send; see `RetryBudget`. Shared by all views.
    - `timeout`: seconds for one request, from sending to the whole answer, without the wait for the rate limits.
    - `max_wait`: seconds that a request may wait for the rate limits and a connection; None: no limit. A request that
      the rate limits would keep longer, or beyond the anyio deadline around the call, raises `QuotaWaitTooLongError`
      at once; one that finds no free connection raises it after `max_wait`.
    - `lane`: `Lane.INTERACTIVE` requests are sent before `Lane.BULK` ones. None: single calls are interactive, bulk
      methods and streams are bulk.
    - `budget`: a limit on the credits that paid calls may cost together; see `CreditBudget`. Prices come from account
      usage.
    - `tag`: a name under which the ledger counts the calls.
    - `waterfall_enabled`: whether enriching contacts may buy data that the vendor lacks from third parties, at their
      price. Off by default, here and for each call; the vendor's own default is on.
    - `on_request`, `on_answer`: called with a `RequestEvent` for each request that is sent and an `AnswerEvent` for
      each that ends, for logs, metrics and traces; they hold no personal data.
    - `on_unclaimed`: called with each `Unclaimed` paid answer, for instance to store it.
    - `transport`: sends the requests; see `Transport`. The client closes it.

    Raises `ConfigurationError` for a missing or malformed key, a bad base URL, or an invalid option.
    Source: the vendor's authentication and rate limiting pages.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        governor: Governor | str | None = None,
        account: str | None = None,
        retry: RetryPolicy | None = None,
        retry_budget: RetryBudget | None = None,
        timeout: float = 60.0,
        max_wait: float | None = None,
        lane: Lane | None = None,
        budget: CreditBudget | None = None,
        tag: str | None = None,
        waterfall_enabled: bool = False,
        on_request: Callable[[RequestEvent], object] | None = None,
        on_answer: Callable[[AnswerEvent], object] | None = None,
        on_unclaimed: Callable[[Unclaimed], object] | None = None,
        transport: Transport | None = None,
    ) -> None:
        try:
            key = ApiKey.resolve(api_key)
        finally:
            del api_key  # no frame of an error below holds it
        url = BaseURL.resolve(base_url)
        options = Options(
            timeout=timeout,
            max_wait=max_wait,
            lane=lane,
            retry=RetryPolicy() if retry is None else retry,
            budget=budget,
            tag=tag,
            waterfall_enabled=waterfall_enabled,
        )
        check_hook("on_unclaimed", on_unclaimed)
        if not isinstance(governor, str):
            _check_type("governor", governor, Governor)
        _check_type("account", account, str)
        if account is not None and isinstance(governor, Governor):
            raise ConfigurationError("account names a governor: pass either, not both")
        _check_type("retry_budget", retry_budget, RetryBudget)
        if not isinstance(governor, Governor):
            own = transport is not None and not isinstance(transport, HttpxTransport)
            where = "process" if own and governor is None else governor
            governor = governor_for(key.value, url.value, where=where, account=account)
        hooks = None if on_request is None and on_answer is None else Hooks(on_request, on_answer)
        state = ClientState(
            key=key,
            base_url=url,
            governor=governor,
            transport=transport if transport is not None else HttpxTransport(url),
            retry_budget=retry_budget,
            hooks=hooks,
        )
        state.unclaimed.hook = on_unclaimed
        self._set(Executor(state, options), _Shared())

    def _set(self, executor: Executor, shared: _Shared) -> None:
        self._state = executor.state
        self._executor = executor
        self._shared = shared

    # Each namespace is loaded at its first use: creating the models of all 68 operations takes longer than httpx.

    @cached_property
    def contacts(self) -> "Contacts":
        """Contacts: search, enrich, prospect, lookalikes, signals, scores, tables, filters."""
        from .resources.contacts import Contacts

        return Contacts(self._executor, self._shared.coalescers, self._shared.filter_cache)

    @cached_property
    def companies(self) -> "Companies":
        """Companies: search, enrich, prospect, lookalikes, signals, scores, visits, tables, filters."""
        from .resources.companies import Companies

        return Companies(self._executor, self._shared.coalescers, self._shared.filter_cache)

    @cached_property
    def account(self) -> "Account":
        """Account usage: credits, plan, limits and prices."""
        from .resources.account import Account

        return Account(self._executor)

    @cached_property
    def icp(self) -> "Icp":
        """Profiles of the ideal customer."""
        from .resources.icp import Icp

        return Icp(self._executor)

    @cached_property
    def conversations(self) -> "Conversations":
        """Recorded conversations and their transcripts."""
        from .resources.conversations import Conversations

        return Conversations(self._executor)

    @cached_property
    def webhooks(self) -> "Webhooks":
        """Webhook subscriptions, audit logs and the account secret."""
        from .resources.webhooks import Webhooks

        return Webhooks(self._executor)

    def with_options(
        self,
        *,
        timeout: float | NotGiven = NOT_GIVEN,
        max_wait: float | NotGiven | None = NOT_GIVEN,
        lane: Lane | NotGiven | None = NOT_GIVEN,
        retry: RetryPolicy | NotGiven = NOT_GIVEN,
        budget: CreditBudget | NotGiven | None = NOT_GIVEN,
        tag: str | NotGiven | None = NOT_GIVEN,
        waterfall_enabled: bool | NotGiven = NOT_GIVEN,
        raw: bool | NotGiven = NOT_GIVEN,
    ) -> Self:
        """A view of this client with other options, on the same connections and governor.

        An option that is not passed keeps its value; None unsets `max_wait`, `lane`, `budget` and `tag`. `raw=True`
        keeps the decoded body of each response in its `raw`. Closing any view closes them all. Raises
        `ConfigurationError` for an invalid option.
        """
        options = {
            "timeout": timeout,
            "max_wait": max_wait,
            "lane": lane,
            "retry": retry,
            "budget": budget,
            "tag": tag,
            "waterfall_enabled": waterfall_enabled,
            "raw": raw,
        }
        changes = {name: value for name, value in options.items() if value is not NOT_GIVEN}
        return self._view(self._executor.view(**changes), self._shared)

    def _view(self, executor: Executor, shared: _Shared) -> Self:
        view = object.__new__(type(self))
        view._set(executor, shared)
        return view

    @property
    def governor(self) -> Governor:
        """The governor, which enforces the rate limits: `snapshot()` and `explain()` describe its state."""
        return self._state.governor

    @property
    def ledger(self) -> Ledger:
        """What this client and all its views have spent, by operation, kind of data and tag."""
        return self._state.meter.ledger

    def drift(self) -> Mapping[str, Mapping[str, int]]:
        """How often answers differed from what this version knows, by the vendor's operation id and the difference.

        Differences are unknown members, unknown enumeration values, and tolerated kinds of values. No personal data.
        """
        return self._state.drift.counts()

    async def request(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str | int | bool | Sequence[str] | None] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> APIResponse:
        """Call any operation, also one that this version does not know, under the same limits, budgets and retries.

            news = Operation(name="news", call="news", method="GET", path="/v3/news/{id}", billing=BillingClass.FREE)
            response = await lusha.request(news, path={"id": "1"}, query={"fresh": True})

        `Operation` and `BillingClass` are in `lusha_async.operations`; `billing` decides whether the call is repeated
        after a lost answer. `response.payload` is the decoded body. Members of `query` and `body` that are None are
        left out.

        Raises any `LushaError`; `InvalidRequestError`, before anything is sent, if a value of the path is missing or
        the body is not JSON. When it is cancelled after the request was sent, a paid answer is kept in `unclaimed()`.
        """
        return await self._executor.call(operation, path=path, query=query, body=body)

    def unclaimed(self) -> tuple[Unclaimed, ...]:
        """Paid answers that no caller received: it was cancelled, or left a stream. The oldest first.

        The newest 1,000 are kept until `take_unclaimed`. None is added after `aclose`.
        """
        return tuple(self._state.unclaimed)

    def take_unclaimed(self) -> tuple[Unclaimed, ...]:
        """Return `unclaimed()` and keep them no longer: each is returned once."""
        return self._state.unclaimed.take()

    async def outcomes(self, unclaimed: Unclaimed) -> "tuple[Outcome[Any, Any], ...]":
        """The outcomes of the inputs of an unclaimed answer that no caller received, in the request's order.

            for unclaimed in lusha.take_unclaimed():
                for outcome in await lusha.outcomes(unclaimed):
                    ...

        Like those of a bulk method, with the JSON that was sent as `input`, and its position in the request as
        `index`; all of them are ambiguous if the answer was lost. Sends nothing. Raises `InvalidRequestError` for an
        operation that has no row for each input, such as a page.
        """
        from .resources._unclaimed import outcomes_of

        return await outcomes_of(unclaimed)

    def waterfall_jobs(self) -> tuple[str, ...]:
        """The ids of the waterfall jobs that enrichments of this client started and that are not known to be over.

        Third parties may have delivered, and charged, since: `contacts.wait_for_job(id)` returns what they found, free
        of charge. The newest 10,000 are kept. Without `waterfall_enabled` there are none.
        """
        return self._state.meter.running_jobs

    async def quote(self, call: Callable[[Self], AsyncIterable[Any] | Awaitable[Any]]) -> Cost:
        """What a call, a bulk method or a stream would cost: runs it without sending its requests.

            cost = await lusha.quote(lambda dry: dry.contacts.enrich_many(ids, reveal=["emails"]))

        Only account usage is requested, free of charge, if the known prices are older than an hour. An input that can
        be read only once is refused. A stream without a limit is counted to the 50,000 rows that a query can reach.

        Raises what `call` raises, and any `LushaError` of account usage.
        """
        from ._quote import quote  # here, as it imports the modules of bulk methods and streams

        def run(executor: Executor) -> AsyncIterable[Any] | Awaitable[Any]:
            return call(self._view(executor, _Shared()))

        return await quote(Executor(self._state, self._executor.options), run)

    async def aclose(self) -> None:
        """Refuse new requests, wait up to 10 s for those in flight, and close the connections.

        Requests that wait for the rate limits or a connection raise `ClientClosedError`. Safe to call twice. It runs
        to its end: a caller whose anyio scope is cancelled waits for it, one that asyncio cancels does not. Unclaimed
        answers stay in `unclaimed()`.
        """
        await finish(self._state.aclose(_CLOSE_SECONDS), 2 * _CLOSE_SECONDS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    @half_made
    def __repr__(self) -> str:
        return f"<LushaClient {self._state.base_url} {self._state.key}>"


def _check_type(name: str, value: object, kind: type[object]) -> None:
    if value is not None and not isinstance(value, kind):
        raise ConfigurationError(f"{name} must be a {kind.__name__}")
