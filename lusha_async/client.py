"""The client: one object to hold, its namespaces, and views of it with other options."""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping, Sequence
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ._call.call import APIResponse, ClientState, Executor
from ._call.hooks import AnswerEvent, Hooks, RequestEvent, refuse_unfit
from ._call.options import NOT_GIVEN, NotGiven, Options
from ._call.retry import RetryBudget, RetryPolicy
from ._call.transport import HttpxTransport, Transport
from ._wire.settings import ApiKey, BaseURL
from .billing import Cost, CreditBudget, Ledger
from .billing.unclaimed import Unclaimed
from .errors import ConfigurationError
from .governor import Governor, Lane, governor_for
from .operations import Operation

if TYPE_CHECKING:
    from ._bulk.coalesce import Coalescers
    from .filters.lists import Discovery
    from .resources.account import Account
    from .resources.companies import Companies
    from .resources.contacts import Contacts
    from .resources.conversations_streams import Conversations
    from .resources.icp import Icp
    from .resources.webhooks_bulk import Webhooks

__all__ = ["LushaClient"]

_CLOSING_SECONDS = 10.0


class _Shared:
    """What the namespaces of a client and its views share, made at first use."""

    @cached_property
    def coalescers(self) -> "Coalescers":
        from ._bulk.coalesce import Coalescers

        return Coalescers()

    @cached_property
    def discovery(self) -> "Discovery":
        from .filters.lists import Discovery

        return Discovery()


class LushaClient:
    """An account of the Lusha V3 API.

    Make one for the life of the program (or of the web application) and share it between tasks of one
    event loop; close it with `async with` or `aclose()`.

    - `api_key`: else the environment's `LUSHA_API_KEY`. It is in no repr, log or error of this library.
    - `base_url`: else `LUSHA_BASE_URL`, else the vendor's. https, or http on this machine itself.
    - `governor`: keeps the rate limits. By default the one of this process for this key and base URL, which
      every client of the same account shares. Several processes are each given a part of the rate:
      `Governor(GovernorConfig(rate=12))` for two of them.
    - `retry`: which failed attempts are repeated; see `RetryPolicy`. What could be charged twice never is.
    - `retry_budget`: how many repeats all calls together may send, so that a sick server gets no storm; see
      `RetryBudget`. Shared by all views.
    - `timeout`: seconds for one exchange, from sending to the whole answer. Time spent waiting for a turn
      does not count, so that a paid request is never sent with too little time left for its answer.
    - `max_wait`: seconds that a call may wait for its turn, None for as long as it takes. A call that would
      wait longer, or longer than the anyio deadline around it, is refused at once with
      `QuotaWaitTooLongError`.
    - `lane`: `interactive` calls go before `bulk` ones. None: calls are interactive, many-forms and streams bulk.
    - `budget`: what paid calls may cost together; see `CreditBudget`. Prices come from account usage.
    - `tag`: a name under which the ledger counts what is called.
    - `waterfall_enabled`: whether enriching people may buy what the vendor lacks from third parties, at their
      price. Off unless asked for, here or for a call; the vendor's own default is on.
    - `on_request`, `on_answer`: called with a `RequestEvent` for each request that leaves and an `AnswerEvent` for
      each that ends, for logs, metrics and traces; nothing personal is in them.
    - `on_unclaimed`: called with each paid answer that nobody waits for any more, for instance to store it.
    - `transport`: what carries the requests; the sandbox has one without sockets. The client closes it.

    Raises `ConfigurationError` for a missing or malformed key or base URL, and for options that are no such thing;
    so does `with_options`. Source: the vendor's authentication and rate limiting pages.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        governor: Governor | None = None,
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
        key = ApiKey.resolve(api_key)
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
        refuse_unfit("on_unclaimed", on_unclaimed)
        _refuse_other("governor", governor, Governor)
        _refuse_other("retry_budget", retry_budget, RetryBudget)
        hooks = None if on_request is None and on_answer is None else Hooks(on_request, on_answer)
        core = ClientState(
            key=key,
            base_url=url,
            governor=governor if governor is not None else governor_for(key.value, url.value),
            transport=transport if transport is not None else HttpxTransport(url),
            retry_budget=retry_budget,
            hooks=hooks,
        )
        core.unclaimed.hook = on_unclaimed
        self._enter(Executor(core, options), _Shared())

    def _enter(self, executor: Executor, shared: _Shared) -> None:
        self._core = executor.core
        self._executor = executor
        self._shared = shared

    # Each namespace is loaded at its first use: the models of all 68 operations take longer to make than httpx.

    @cached_property
    def contacts(self) -> "Contacts":
        """People."""
        from .resources.contacts import Contacts

        return Contacts(self._executor, self._shared.coalescers, self._shared.discovery)

    @cached_property
    def companies(self) -> "Companies":
        """Companies."""
        from .resources.companies import Companies

        return Companies(self._executor, self._shared.coalescers, self._shared.discovery)

    @cached_property
    def account(self) -> "Account":
        """Credits, plan, limits and prices."""
        from .resources.account import Account

        return Account(self._executor)

    @cached_property
    def icp(self) -> "Icp":
        """Profiles of ideal customers."""
        from .resources.icp import Icp

        return Icp(self._executor)

    @cached_property
    def conversations(self) -> "Conversations":
        """Recorded conversations and their transcripts."""
        from .resources.conversations_streams import Conversations

        return Conversations(self._executor)

    @cached_property
    def webhooks(self) -> "Webhooks":
        """Subscriptions, audit logs and the secret."""
        from .resources.webhooks_bulk import Webhooks

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

        An option that is not given keeps its value; None unsets `max_wait`, `lane`, `budget` and `tag`. `raw=True`
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
        given = {name: value for name, value in options.items() if value is not NOT_GIVEN}
        return self._view(self._executor.view(**given), self._shared)

    def _view(self, executor: Executor, shared: _Shared) -> Self:
        view = object.__new__(type(self))
        view._enter(executor, shared)
        return view

    @property
    def governor(self) -> Governor:
        """What keeps the rate limits: `snapshot()` and `explain()` tell how it stands."""
        return self._core.governor

    @property
    def ledger(self) -> Ledger:
        """What this client and all its views have spent, by operation, kind and tag."""
        return self._core.meter.ledger

    def drift(self) -> Mapping[str, Mapping[str, int]]:
        """How often answers were not as this version knows them, by the vendor's operation id and what it was.

        Unknown members and enumeration values, and kinds of values that were tolerated: never values of people.
        """
        return self._core.drift.told()

    async def request(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str | int | bool | Sequence[str] | None] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> APIResponse:
        """Any operation, also one that this version does not know, with the same limits, budgets, repeats and errors.

            news = Operation(name="news", call="news", method="GET", path="/v3/news/{id}", billing=Billing.FREE)
            reply = await lusha.request(news, path={"id": "1"}, query={"fresh": True})

        `billing` decides what is repeated after a lost answer (`lusha_async.operations` has both names);
        `reply.payload` is the decoded body. Raises any `LushaError`: `InvalidRequestError` before anything is sent
        for a value of the path that is missing, or a body that is no JSON.
        """
        return await self._executor.call(operation, path=path, query=query, body=body)

    def unclaimed(self) -> tuple[Unclaimed, ...]:
        """Paid answers that no caller received: it was cancelled, or left a stream. The oldest first.

        The newest 1,000 are kept until `take_unclaimed`. After `aclose` none is in flight any more.
        """
        return tuple(self._core.unclaimed)

    def take_unclaimed(self) -> tuple[Unclaimed, ...]:
        """`unclaimed`, and keep them no longer: each is returned once."""
        return self._core.unclaimed.take()

    def waterfall_jobs(self) -> tuple[str, ...]:
        """The ids of jobs that enrichments of this client began and that were not seen to end, the many-forms' too.

        Third parties may have delivered, and charged, since: `contacts.wait_for_job(id)` brings what they did, and is
        free. The newest 10,000 are known; there are none unless `waterfall_enabled` was asked for.
        """
        return self._core.meter.jobs_at_work

    async def quote(self, call: Callable[[Self], AsyncIterable[Any] | Awaitable[Any]]) -> Cost:
        """What a call, a many-form or a stream would cost: the call, run dry.

            cost = await lusha.quote(lambda dry: dry.contacts.enrich_many(ids, reveal=["emails"]))

        Credits at least, as expected and at most, the requests, and the prices that the account's list lacks.
        Nothing is sent but one account usage, which is free, when the prices are older than an hour. An iterator
        given as input is used up; a stream without a limit is counted to the 50,000 rows that a query can reach.
        """

        from ._quote import quote  # with all that many-forms and streams are made of

        def run(executor: Executor) -> AsyncIterable[Any] | Awaitable[Any]:
            return call(self._view(executor, _Shared()))

        return await quote(Executor(self._core, self._executor.options), run)

    async def aclose(self) -> None:
        """Refuse new calls, let those under way end (at most 10 s), close the connections.

        Safe to call twice. Answers whose callers had left stay in `unclaimed()`.
        """
        await asyncio.shield(self._core.aclose(_CLOSING_SECONDS))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<LushaClient {self._core.base_url} {self._core.key}>"


def _refuse_other(name: str, value: object, kind: type[object]) -> None:
    if value is not None and not isinstance(value, kind):
        raise ConfigurationError(f"{name}: give a {kind.__name__}")
