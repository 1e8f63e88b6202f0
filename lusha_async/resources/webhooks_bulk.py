"""`client.webhooks` with its many-forms and streams, and the declared set of subscriptions."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Literal, Unpack

from attrs import field, frozen

from .._bulk.batch import BulkConfig, Outcomes
from .._bulk.chunks import Source
from .._bulk.items import BatchCall, BatchResult
from .._bulk.outcome import ItemResult
from .._call.call import Executor
from .._call.decode import envelope, unwrapped
from .._pages.paging import FetchedPage, PageSpec, PagingRules
from .._pages.stream import PageStream, Query
from .._params import checks
from ..billing.unclaimed import CallTracker
from ..errors import AccountError, LushaError
from ..models.common import OffsetPage, OffsetPagination
from ..models.webhooks import AuditLog, NewSubscription, Subscription, SubscriptionResult, SubscriptionResults
from . import webhooks
from ._forms import BulkOptions
from ._queries import StreamOptions
from ._subscriptions import SubscriptionPlan, WantedSubscription, reconcile
from .webhooks import EntityType

__all__ = ["Ensured", "Webhooks"]

_BY_OFFSET = PagingRules(min_size=1, max_size=100, numbered=False)
_Entity = NewSubscription | Mapping[str, Any]


@frozen(kw_only=True)
class Ensured:
    """What `ensure` did: the plan, and the errors by what they befell ("contact 123", or a subscription's id)."""

    plan: SubscriptionPlan
    errors: Mapping[str, LushaError] = field(factory=dict[str, LushaError])

    @property
    def ok(self) -> bool:
        """Whether the account is as declared."""
        return not self.errors


class Webhooks(webhooks.Webhooks):
    """Subscriptions: single calls, many-forms (`*_many`, one `Outcome` for each input), streams, and `ensure`."""

    def create_many(
        self,
        subscriptions: Source[_Entity],
        *,
        url: str,
        entity_type: EntityType | None = None,
        signal_types: Iterable[str] | None = None,
        name: str | None = None,
        **how: Unpack[BulkOptions],
    ) -> Outcomes[_Entity, Subscription]:
        """`create` for any number of people or companies, 25 in a request; `how`: see `BulkOptions`. Free.

        An entity that is subscribed already has the error DUPLICATE_SUBSCRIPTION. A lost answer is not asked
        again: its rows are ambiguous. Source: the vendor's webhooks reference.
        """
        common = webhooks.template(url=url, entity_type=entity_type, signal_types=signal_types, name=name)

        async def ask(executor: Executor, given: list[Any], tracker: CallTracker) -> BatchResult[Subscription]:
            reply = await executor.call(webhooks.CREATE, body={**common, "subscriptions": given}, tracker=tracker)
            return BatchResult(results=_answers(envelope(reply, SubscriptionResults).results, len(given)))

        def encode(one: _Entity) -> dict[str, Any]:
            return webhooks.entity(one, "subscription", common["defaults"])

        call = BatchCall(operation=webhooks.CREATE, send=ask, options=common)
        return Outcomes(call, self._executor, subscriptions, encode=encode, config=BulkConfig(**how))

    def delete_many(self, ids: Source[str], **how: Unpack[BulkOptions]) -> Outcomes[str, Subscription]:
        """`delete` for any number of subscriptions, 25 in a request; `how`: see `BulkOptions`. Free, and for good.

        Source: the vendor's webhooks reference.
        """

        async def ask(executor: Executor, given: list[Any], tracker: CallTracker) -> BatchResult[Subscription]:
            reply = await executor.call(webhooks.DELETE, body={"ids": given}, tracker=tracker)
            return BatchResult(results=_answers(envelope(reply, SubscriptionResults).results, len(given)))

        call = BatchCall(operation=webhooks.DELETE, send=ask)
        encode = partial(checks.entity_id, path="id")
        return Outcomes(call, self._executor, ids, encode=encode, config=BulkConfig(**how))

    def list(self, **how: Unpack[StreamOptions]) -> PageStream[Subscription]:
        """All subscriptions, newest first, 100 in a request; `how`: see `StreamOptions`."""

        async def fetch(executor: Executor, page: PageSpec, tracker: CallTracker) -> FetchedPage[Subscription]:
            query = {"limit": page.size, "offset": page.offset}
            answer = unwrapped(
                await executor.call(webhooks.LIST, query=query, tracker=tracker), OffsetPage[Subscription]
            )
            return _fetched(answer.results, answer.pagination)

        query = Query(
            operation=webhooks.LIST,
            rules=_BY_OFFSET,
            size=100,
            params={},
            fetch=fetch,
            identity=lambda row: row.id,
        )
        return PageStream(query, self._executor, **how)

    def audit_logs(
        self,
        *,
        subscription_id: str | None = None,
        status: Literal["success", "failed", "permanent_failure"] | None = None,
        **how: Unpack[StreamOptions],
    ) -> PageStream[AuditLog]:
        """All tries to deliver that the vendor still has, 100 in a request; `how`: see `StreamOptions`."""
        asks = {
            "subscriptionId": checks.optional_id(subscription_id, "subscription_id"),
            "status": checks.optional_enum(status, "status", ("success", "failed", "permanent_failure")),
        }

        async def fetch(executor: Executor, page: PageSpec, tracker: CallTracker) -> FetchedPage[AuditLog]:
            query = {**asks, "limit": page.size, "offset": page.offset}
            answer = unwrapped(
                await executor.call(webhooks.AUDIT_LOGS, query=query, tracker=tracker), OffsetPage[AuditLog]
            )
            return _fetched(answer.results, answer.pagination)

        query = Query(
            operation=webhooks.AUDIT_LOGS,
            rules=_BY_OFFSET,
            size=100,
            params=asks,
            fetch=fetch,
            identity=lambda row: row.id,
        )
        return PageStream(query, self._executor, **how)

    async def plan(self, wanted: Iterable[WantedSubscription], *, delete: bool = False) -> SubscriptionPlan:
        """What `ensure` would do. Reads the account's subscriptions and changes nothing.

        Raises `InvalidRequestError` for what the vendor would refuse; see `reconcile`.
        """
        declared = [*wanted]
        reconcile(declared, ())
        return reconcile(declared, [one async for one in self.list()], delete=delete)

    async def ensure(self, wanted: Iterable[WantedSubscription], *, delete: bool = False) -> Ensured:
        """Bring the account to the declared subscriptions: create, update, then (with `delete`) delete the others.

        `print(await client.webhooks.plan(wanted))` shows first what will be done. Missing ones are created, 25 in
        a request; different ones updated, one by one; those switched off or blocked switched on again. The opt-out
        subscription is left alone. What the vendor refuses of one entity is in `errors`, and the others go on; an
        `AccountError` is raised. Run again, it does what is left. Cancelling leaves the rest undone.
        """
        plan = await self.plan(wanted, delete=delete)
        errors: dict[str, LushaError] = {}
        for url in dict.fromkeys(one.url for one in plan.create):
            missing = [one for one in plan.create if one.url == url]
            async for made in self.create_many([_new(one) for one in missing], url=url):
                if made.error is not None:
                    errors[" ".join(missing[made.index].key)] = made.error
        for change in plan.update:
            try:
                await self.update(change.id, **change.arguments)
            except AccountError:
                raise
            except LushaError as error:
                errors[change.id] = error
        async for gone in self.delete_many(plan.delete):
            if gone.error is not None:
                errors[gone.input] = gone.error
        return Ensured(plan=plan, errors=errors)


def _new(one: WantedSubscription) -> NewSubscription:
    return NewSubscription(
        entity_id=one.entity_id, entity_type=one.entity_type, signal_types=one.signal_types, name=one.name
    )


def _answers(results: Iterable[SubscriptionResult], count: int) -> "list[ItemResult[Subscription]]":
    """What the vendor said of each item, by its index."""
    by_index = {result.index: result for result in results}
    return [_answer(by_index.get(index)) for index in range(count)]


def _answer(result: SubscriptionResult | None) -> ItemResult[Subscription]:
    if result is None:
        return ItemResult[Subscription].of(None, code=None)
    if result.error is not None or result.success is False:
        fault = result.error
        code, message = (fault.code, fault.message) if fault is not None else (None, None)
        return ItemResult[Subscription].of(None, code=code or "FAILED", message=message or "")
    return ItemResult[Subscription].of(result.subscription or Subscription(), code=None)


def _fetched(rows: Any, pagination: OffsetPagination | None) -> FetchedPage[Any]:
    told = pagination if pagination is not None else OffsetPagination()
    return FetchedPage(rows=rows, size=told.limit, total=told.total, has_more=told.has_more)
