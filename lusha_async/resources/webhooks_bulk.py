"""`client.webhooks` with its many-forms and streams."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Literal, Unpack

from .. import arguments
from ..batch import Outcomes, Plan
from ..chunking import Source
from ..itemwise import Asked, Call
from ..models.webhooks import AuditLog, NewSubscription, Subscription, SubscriptionResult
from ..outcome import Answer, Status
from ..paging import Fetched, PageSpec, Shape
from ..pipeline import Pipeline
from ..streams import PageStream, Query
from . import webhooks
from .bulk import Bulk, Reading

__all__ = ["Webhooks"]

_PAGES = Shape(smallest=1, largest=100, numbered=False)

New = NewSubscription | Mapping[str, Any]


class Webhooks(webhooks.Webhooks):
    """Subscriptions: single calls, many-forms and streams."""

    def create_many(
        self,
        subscriptions: Source[New],
        *,
        url: str,
        entity_type: webhooks.EntityType | None = None,
        signal_types: Iterable[str] | None = None,
        name: str | None = None,
        **how: Unpack[Bulk],
    ) -> Outcomes[New, SubscriptionResult]:
        """`create` for any number of subscriptions, 25 in a request. Free.

        An item that the vendor refuses fails with the code (`DUPLICATE_SUBSCRIPTION`, ...) as an `ItemError`.
        A lost answer is not sent again: its items are ambiguous. Source: the vendor's webhooks reference.
        """
        types = None if signal_types is None else list(signal_types)

        async def ask(pipeline: Pipeline, some: list[Any]) -> Asked[SubscriptionResult]:
            view = webhooks.Webhooks(pipeline)
            answer = await view.create(some, url=url, entity_type=entity_type, signal_types=types, name=name)
            return Asked(answers=_by_index(answer.results, len(some)))

        options = {"url": url, "entity_type": entity_type, "signal_types": types, "name": name}
        call = Call(operation=webhooks.CREATE, ask=ask, options=options)
        return Outcomes(call, self._pipeline, subscriptions, encode=arguments.body, plan=Plan(**how))

    def delete_many(self, ids: Source[str], **how: Unpack[Bulk]) -> Outcomes[str, SubscriptionResult]:
        """`delete` for any number of subscriptions by id, 25 in a request. Free; for good.

        A lost answer is not sent again: its ids are ambiguous. Source: the vendor's webhooks reference.
        """

        async def ask(pipeline: Pipeline, some: list[Any]) -> Asked[SubscriptionResult]:
            answer = await webhooks.Webhooks(pipeline).delete(some)
            return Asked(answers=_by_index(answer.results, len(some)))

        call = Call(operation=webhooks.DELETE, ask=ask)
        return Outcomes(
            call, self._pipeline, ids, encode=partial(arguments.entity_id, path="id"), plan=Plan(**how)
        )

    def list(self, **how: Unpack[Reading]) -> PageStream[Subscription]:
        """All subscriptions, newest first, without secrets. Free. `how`: see `Reading`.

        Source: the vendor's webhooks reference.
        """

        async def fetch(pipeline: Pipeline, page: PageSpec) -> Fetched[Subscription]:
            answer = await webhooks.Webhooks(pipeline).list_page(limit=page.size, offset=page.offset)
            told = answer.pagination
            return Fetched(
                rows=answer.results,
                size=told.limit if told else None,
                total=told.total if told else None,
                more=told.has_more if told else None,
            )

        query = Query(
            operation=webhooks.LIST, shape=_PAGES, size=100, asks={}, fetch=fetch, identity=lambda row: row.id
        )
        return PageStream(query, self._pipeline, **how)

    def audit_logs(
        self,
        *,
        subscription_id: str | None = None,
        status: Literal["success", "failed", "permanent_failure"] | None = None,
        **how: Unpack[Reading],
    ) -> PageStream[AuditLog]:
        """All tries to deliver that the vendor keeps, of one subscription or of all. Free. `how`: see `Reading`.

        Source: the vendor's webhooks reference.
        """

        async def fetch(pipeline: Pipeline, page: PageSpec) -> Fetched[AuditLog]:
            answer = await webhooks.Webhooks(pipeline).audit_logs_page(
                subscription_id=subscription_id, status=status, limit=page.size, offset=page.offset
            )
            told = answer.pagination
            return Fetched(
                rows=answer.results,
                size=told.limit if told else None,
                total=told.total if told else None,
                more=told.has_more if told else None,
            )

        asks = {"subscription_id": subscription_id, "status": status}
        query = Query(
            operation=webhooks.AUDIT_LOGS,
            shape=_PAGES,
            size=100,
            asks=asks,
            fetch=fetch,
            identity=lambda row: row.id,
        )
        return PageStream(query, self._pipeline, **how)


def _by_index(results: Iterable[SubscriptionResult], count: int) -> list[Answer[SubscriptionResult]]:
    """The answers in the order of the items; the vendor tells each item's place."""
    by_place = {result.index: result for result in results}
    return [_answer(by_place.get(place)) for place in range(count)]


def _answer(result: SubscriptionResult | None) -> Answer[SubscriptionResult]:
    if result is not None and result.success:
        return Answer(status=Status.OK, value=result)
    fault = None if result is None else result.error
    code = None if result is None else (fault.code if fault is not None else None) or "UNKNOWN_ERROR"
    return Answer[SubscriptionResult].of(None, code=code, message=(fault.message if fault else None) or "")
