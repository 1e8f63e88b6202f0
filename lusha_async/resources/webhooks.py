"""`client.webhooks`: subscriptions and their secret. `lusha_async.webhooks` receives their deliveries."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Any, Literal, TypeAlias, Unpack

from attrs import evolve

from .._bulk.batch import BulkConfig, Outcomes
from .._bulk.chunks import Source
from .._bulk.items import BatchCall, BatchResult
from .._call.call import Executor
from .._call.decode import envelope, unwrapped
from .._pages.paging import FetchedPage, PageSpec, PagingRules
from .._pages.stream import PageStream, Query
from .._params import checks
from .._validators import LARGEST
from ..billing.unclaimed import CallTracker
from ..errors import AccountError, InvalidRequestError, LushaError
from ..models.common import OffsetPage, OffsetPagination
from ..models.webhooks import (
    AccountSecret,
    AuditLog,
    AuditLogStats,
    Subscription,
    SubscriptionResults,
    SubscriptionTest,
)
from ..operations import BY_NAME, Operation
from ._forms import BulkOptions
from ._queries import StreamOptions, by_id
from ._subscription_items import (
    EntityType,
    SubscriptionInput,
    create_body,
    delivery_url,
    item_results,
    new_subscription,
    optional_name,
)
from ._subscriptions import Ensured, SubscriptionPlan, WantedSubscription, reconcile

__all__ = ["Webhooks"]

CREATE = BY_NAME["createSubscription"]
LIST = BY_NAME["listSubscriptions"]
GET = BY_NAME["getSubscriptionById"]
UPDATE = BY_NAME["updateSubscription"]
TEST = BY_NAME["testSubscription"]
DELETE = BY_NAME["deleteSubscriptions"]
AUDIT_LOGS = BY_NAME["getAuditLogs"]
AUDIT_LOG_STATS = BY_NAME["getAuditLogStats"]
SECRET = BY_NAME["getAccountSecret"]
REGENERATE_SECRET = BY_NAME["regenerateAccountSecret"]
CREATE_OPT_OUT = BY_NAME["createOptOutSubscription"]

_MAX_SUBSCRIPTIONS = 25
_PAGES = PagingRules(min_size=1, max_size=100, numbered=False)

DeliveryStatus: TypeAlias = Literal["success", "failed", "permanent_failure"]
_Query: TypeAlias = Mapping[str, str | int | None]


class Webhooks:
    """Subscriptions to signals, the log of their deliveries, and the account's secret. At most 100 calls a minute.

    Calls are free; the vendor charges each signal that it delivers. A `url` is https and has at most 2,048
    characters, a `name` has at most 100. Pages are numbered from 0 and have 1-100 rows.

    Every method raises `InvalidRequestError` before anything is sent for an argument that the vendor would refuse,
    `NotFoundError` for a subscription that does not exist, or another `LushaError`. A call that changes something
    is not repeated if its response is lost: it raises `OutcomeUnknownError`. For bulk methods and streams see
    `Outcomes` and `PageStream`: their errors, order and cancellation.

    Source: the vendor's webhooks reference.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def create(
        self,
        subscriptions: Iterable[SubscriptionInput],
        *,
        url: str,
        entity_type: EntityType | None = None,
        signal_types: Iterable[str] | None = None,
        name: str | None = None,
    ) -> SubscriptionResults:
        """Subscribe `url` to the signals of 1-25 contacts or companies.

        `entity_type`, `signal_types` and `name` apply to the subscriptions that have none of their own. The response
        has a result for each subscription, by `index`; each may fail on its own. The vendor may send a request to
        `url`. It delivers nothing until the account has a secret: see `regenerate_secret`.
        """
        common = create_body(url=url, entity_type=entity_type, signal_types=signal_types, name=name)
        items = [
            new_subscription(item, f"subscriptions[{index}]", common["defaults"])
            for index, item in enumerate(
                checks.bounded_list(subscriptions, "subscriptions", maximum=_MAX_SUBSCRIPTIONS)
            )
        ]
        reply = await self._executor.call(CREATE, body={**common, "subscriptions": items})
        return envelope(reply, SubscriptionResults)

    def create_many(
        self,
        subscriptions: Source[SubscriptionInput],
        *,
        url: str,
        entity_type: EntityType | None = None,
        signal_types: Iterable[str] | None = None,
        name: str | None = None,
        **options: Unpack[BulkOptions],
    ) -> Outcomes[SubscriptionInput, Subscription]:
        """`create` for any number of contacts or companies, 25 in a request.

        The outcome of an entity that is subscribed already is an `ItemError` with the code DUPLICATE_SUBSCRIPTION.
        Subscriptions whose response was lost are `ambiguous` and not sent again.
        """
        common = create_body(url=url, entity_type=entity_type, signal_types=signal_types, name=name)

        async def send(executor: Executor, items: list[Any], tracker: CallTracker) -> BatchResult[Subscription]:
            reply = await executor.call(CREATE, body={**common, "subscriptions": items}, tracker=tracker)
            return BatchResult(results=item_results(envelope(reply, SubscriptionResults), len(items)))

        call = BatchCall(operation=CREATE, send=send, options=common)
        encode = partial(new_subscription, path="subscription", defaults=common["defaults"])
        return Outcomes(call, self._executor, subscriptions, encode=encode, config=BulkConfig(**options))

    async def list_page(self, *, page: int = 0, page_size: int = 100) -> OffsetPage[Subscription]:
        """One page of subscriptions, newest first, without secrets. `pagination.has_more`: others follow."""
        return await _fetch_subscriptions(self._executor, _offset(page, page_size))

    def list(self, *, page_size: int = 100, **options: Unpack[StreamOptions]) -> PageStream[Subscription]:
        """All subscriptions, newest first, as a stream; see `StreamOptions`."""
        return PageStream(_query(LIST, {}, page_size, _fetch_subscriptions), self._executor, **options)

    async def get(self, id: str) -> Subscription:
        """A subscription, without its secret."""
        return envelope(await self._executor.call(GET, path={"id": id}), Subscription)

    async def update(
        self,
        id: str,
        *,
        signal_types: Iterable[str] | None = None,
        url: str | None = None,
        name: str | None = None,
        is_active: bool | None = None,
        regenerate_secret: bool | None = None,
    ) -> Subscription:
        """Change a subscription. Arguments that are None leave their value unchanged.

        `is_active=True` also clears its block and its count of failed deliveries. `regenerate_secret=True` replaces
        the secret of the whole account, as the method of that name does; only this response holds the new one.
        """
        body = {
            "signalTypes": checks.optional_enums(signal_types, "signal_types"),
            "url": None if url is None else delivery_url(url),
            "name": optional_name(name),
            "isActive": checks.optional_boolean(is_active, "is_active"),
            "regenerateSecret": checks.optional_boolean(regenerate_secret, "regenerate_secret"),
        }
        if all(value is None for value in body.values()):
            raise InvalidRequestError("", "pass at least one argument to change")
        return envelope(await self._executor.call(UPDATE, path={"id": id}, body=body), Subscription)

    async def test(self, id: str, *, mode: Literal["direct", "kafka", "full"] | None = None) -> SubscriptionTest:
        """Deliver a signed event with made-up data, and return how the delivery went.

        `direct` tests the URL only, `kafka` the vendor's delivery queue only, `full` (the vendor's default) both.
        """
        query = {"mode": checks.optional_enum(mode, "mode", ("direct", "kafka", "full"))}
        return envelope(await self._executor.call(TEST, path={"id": id}, query=query), SubscriptionTest)

    async def delete(self, id: str) -> Subscription:
        """Delete a subscription permanently; returns what the vendor still says of it, which may be nothing.

        Raises `ItemError` with the vendor's code if it was not deleted: NOT_FOUND if it does not exist.
        """
        reply = await self._executor.call(DELETE, body={"ids": [checks.entity_id(id, "id")]})
        batch = envelope(reply, SubscriptionResults)
        (result,) = item_results(batch, 1)
        if result.error is not None:
            raise result.error
        return evolve(
            result.value or Subscription(),
            request_id=batch.request_id,
            billing=batch.billing,
            quota=batch.quota,
            raw=batch.raw,
        )

    def delete_many(self, ids: Source[str], **options: Unpack[BulkOptions]) -> Outcomes[str, Subscription]:
        """`delete` for any number of subscriptions, 25 in a request.

        A subscription that does not exist is `not_found`. Ids whose response was lost are `ambiguous` and not sent
        again.
        """

        async def send(executor: Executor, items: list[Any], tracker: CallTracker) -> BatchResult[Subscription]:
            reply = await executor.call(DELETE, body={"ids": items}, tracker=tracker)
            return BatchResult(results=item_results(envelope(reply, SubscriptionResults), len(items)))

        call = BatchCall(operation=DELETE, send=send)
        encode = partial(checks.entity_id, path="id")
        return Outcomes(call, self._executor, ids, encode=encode, config=BulkConfig(**options))

    async def audit_logs_page(
        self,
        *,
        subscription_id: str | None = None,
        status: DeliveryStatus | None = None,
        page: int = 0,
        page_size: int = 100,
    ) -> OffsetPage[AuditLog]:
        """One page of delivery attempts, of one subscription or of all.

        The vendor keeps successful attempts for 90 days and failed ones for 180.
        """
        query = {**_audit_log_query(subscription_id, status), **_offset(page, page_size)}
        return await _fetch_audit_logs(self._executor, query)

    def audit_logs(
        self,
        *,
        subscription_id: str | None = None,
        status: DeliveryStatus | None = None,
        page_size: int = 100,
        **options: Unpack[StreamOptions],
    ) -> PageStream[AuditLog]:
        """All delivery attempts that the vendor keeps, as `audit_logs_page`, as a stream; see `StreamOptions`."""
        query = _query(AUDIT_LOGS, _audit_log_query(subscription_id, status), page_size, _fetch_audit_logs)
        return PageStream(query, self._executor, **options)

    async def audit_log_stats(self, *, subscription_id: str | None = None) -> AuditLogStats:
        """The number of successful and failed delivery attempts, of one subscription or of all."""
        query = {"subscriptionId": checks.optional_id(subscription_id, "subscription_id")}
        return envelope(await self._executor.call(AUDIT_LOG_STATS, query=query), AuditLogStats)

    async def secret(self) -> AccountSecret:
        """The account's secret. Raises `NotFoundError` if the account has none yet."""
        return envelope(await self._executor.call(SECRET), AccountSecret)

    async def regenerate_secret(self) -> AccountSecret:
        """Create the account's secret, or replace it: the old one is invalid at once, for all subscriptions.

        A receiver that has the old secret refuses deliveries from then on. After `OutcomeUnknownError`, `secret`
        returns the one that is valid.
        """
        return envelope(await self._executor.call(REGENERATE_SECRET), AccountSecret)

    async def create_opt_out(self, *, url: str, name: str | None = None) -> Subscription:
        """Subscribe `url` to the contacts who opt out of processing. An account can have one such subscription.

        Its deliveries are free and have no envelope. Raises `PermissionDeniedError` if there is one already.
        """
        body = {"entityType": "contact", "url": delivery_url(url), "name": optional_name(name)}
        return envelope(await self._executor.call(CREATE_OPT_OUT, body=body), Subscription)

    async def plan(self, wanted: Iterable[WantedSubscription], *, delete: bool = False) -> SubscriptionPlan:
        """The changes that `ensure` would make. Lists the account's subscriptions and changes nothing.

        Raises `InvalidRequestError`, before anything is sent, with the index of a subscription that the vendor would
        refuse or that declares the same entity as an earlier one.
        """
        declared = [*wanted]
        reconcile(declared, ())
        return reconcile(declared, [one async for one in self.list()], delete=delete)

    async def ensure(self, wanted: Iterable[WantedSubscription], *, delete: bool = False) -> Ensured:
        """Bring the account to the wanted subscriptions: create, then update, then (with `delete`) delete the others.

        `plan` returns the same changes without making them. Missing subscriptions are created, 25 in a request;
        different ones are updated, one in a request; inactive or blocked ones are activated. The opt-out subscription
        is never changed. The error of one subscription is in `errors` and the others go on; an `AccountError` of an
        update is raised. A second call makes the changes that are left, also after cancellation, which leaves the
        remaining changes undone.
        """
        plan = await self.plan(wanted, delete=delete)
        errors: dict[str, LushaError] = {}
        for url in dict.fromkeys(one.url for one in plan.create):
            missing = [one for one in plan.create if one.url == url]
            async for created in self.create_many([one.new for one in missing], url=url):
                if created.error is not None:
                    errors[" ".join(missing[created.index].key)] = created.error
        for change in plan.update:
            try:
                await self.update(change.id, **change.arguments)
            except AccountError:
                raise
            except LushaError as error:
                errors[change.id] = error
        async for deleted in self.delete_many(plan.delete):
            if deleted.error is not None:
                errors[deleted.input] = deleted.error
        return Ensured(plan=plan, errors=errors)


async def _fetch_subscriptions(
    executor: Executor, query: _Query, tracker: CallTracker | None = None
) -> OffsetPage[Subscription]:
    return unwrapped(await executor.call(LIST, query=query, tracker=tracker), OffsetPage[Subscription])


async def _fetch_audit_logs(
    executor: Executor, query: _Query, tracker: CallTracker | None = None
) -> OffsetPage[AuditLog]:
    return unwrapped(await executor.call(AUDIT_LOGS, query=query, tracker=tracker), OffsetPage[AuditLog])


def _query(
    operation: Operation,
    filters: _Query,
    page_size: int,
    fetch_page: Callable[
        [Executor, _Query, CallTracker], Awaitable[OffsetPage[Subscription] | OffsetPage[AuditLog]]
    ],
) -> Query[Any]:
    async def fetch(executor: Executor, page: PageSpec, tracker: CallTracker) -> FetchedPage[Any]:
        fetched = await fetch_page(executor, {**filters, "limit": page.size, "offset": page.offset}, tracker)
        pagination = fetched.pagination or OffsetPagination()
        return FetchedPage(
            rows=fetched.results, size=pagination.limit, total=pagination.total, has_more=pagination.has_more
        )

    return Query(operation=operation, rules=_PAGES, size=page_size, params=filters, fetch=fetch, identity=by_id)


def _offset(page: int, page_size: int) -> dict[str, int]:
    size = checks.integer(page_size, "page_size", minimum=1, maximum=100)
    return {"limit": size, "offset": size * checks.integer(page, "page", minimum=0, maximum=LARGEST // size)}


def _audit_log_query(subscription_id: str | None, status: DeliveryStatus | None) -> dict[str, str | None]:
    return {
        "subscriptionId": checks.optional_id(subscription_id, "subscription_id"),
        "status": checks.optional_enum(status, "status", ("success", "failed", "permanent_failure")),
    }
