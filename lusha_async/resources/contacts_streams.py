"""`client.contacts` with its streams."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Unpack

from .. import arguments
from ..errors import SessionExpiredError
from ..models.contacts import ContactPreview
from ..models.converter import structure, unstructure
from ..models.lookalikes import ContactSeeds
from ..models.recommendations import RecommendationFilters, RecommendedContact, Sort
from ..paging import Fetched, PageSpec, Shape
from ..partition import PartitionedStream, split
from ..pipeline import Pipeline
from ..quoting import price_of_rows
from ..streams import PageStream, Query
from . import bodies, contacts, contacts_bulk
from .bulk import Reading, page_of

__all__ = ["LOOKALIKES", "PROSPECTING", "RECOMMENDATIONS", "Contacts"]

PROSPECTING = Shape(smallest=10, largest=100, last_page=1000, deepest=50_000)
"""Pages 0-1000 of 10-100 rows, and at most 50,000 rows of a query."""
RECOMMENDATIONS = Shape(smallest=10, largest=100, last_page=1000)
LOOKALIKES = Shape(smallest=1, largest=100, numbered=False)


class Contacts(contacts_bulk.Contacts):
    """People: single calls, many-forms, shared ones and streams."""

    def prospect(
        self,
        filters: contacts.Filters,
        *,
        page_size: int = 50,
        partial_profiles: bool | None = None,
        exclude_dnc: bool | None = None,
        max_contacts_per_company: int | None = None,
        table_id: str | None = None,
        **how: Unpack[Reading],
    ) -> PageStream[ContactPreview]:
        """All people that fit the filters, as a stream of previews; at most 50,000 can be reached.

        Costs `contactSearch` for each begun 25 rows of a page of `page_size` (10-100; the vendor may answer
        with less). `how`: see `Reading`. Source: the vendor's prospecting reference.
        """
        template = contacts.prospect_body(
            filters,
            page=0,
            size=page_size,
            partial_profiles=partial_profiles,
            exclude_dnc=exclude_dnc,
            max_contacts_per_company=max_contacts_per_company,
            table_id=table_id,
        )
        asks = {name: value for name, value in template.items() if name != "pagination"}

        async def fetch(pipeline: Pipeline, page: PageSpec) -> Fetched[ContactPreview]:
            body = {"pagination": {"page": page.number, "size": page.size}, **asks}
            return await page_of(await pipeline.call(contacts.PROSPECT, body=body), ContactPreview)

        query = Query(
            operation=contacts.PROSPECT,
            shape=PROSPECTING,
            size=page_size,
            asks=asks,
            fetch=fetch,
            identity=lambda row: row.id,
        )
        return PageStream(query, self._pipeline, **how)

    def prospect_parts(
        self,
        filters: contacts.Filters,
        *,
        partition_by: Mapping[str, Sequence[Any]],
        limit: int | None = None,
        cursor: str | None = None,
        **options: Any,
    ) -> PartitionedStream[ContactPreview]:
        """`prospect` for a query with more than 50,000 results: split by filters into queries that each fit.

        `partition_by` maps a path within the filters to the values that each part has there, for instance
        `{"contacts.include.seniorityIds": [[1], [2], [3]]}`; several paths make each combination a part. The
        values should not overlap, and together be all that is wanted. `await stream.plan()` tells the rows and
        the price of each part before anything but its smallest page is paid; iterating gives their union.
        `options` are those of `prospect`.
        """
        parts = split(arguments.body(filters), partition_by)

        def open_part(part: Mapping[str, Any], most: int | None, at: str | None) -> PageStream[ContactPreview]:
            return self.prospect(part, limit=most, cursor=at, **options)

        return PartitionedStream(
            contacts.PROSPECT,
            parts,
            open_part,
            partial(price_of_rows, self._pipeline, contacts.PROSPECT, options.get("page_size", 50)),
            deepest=PROSPECTING.deepest or 0,
            identity=lambda row: row.id,
            limit=limit,
            cursor=cursor,
        )

    def lookalikes(
        self,
        seeds: ContactSeeds | Mapping[str, Any],
        *,
        exclude: ContactSeeds | Mapping[str, Any] | None = None,
        page_size: int = 25,
        table_id: str | None = None,
        restart: bool = False,
        **how: Unpack[Reading],
    ) -> PageStream[ContactPreview]:
        """People like 5-100 seeds, as a stream within one dedupe session, `page_size` (1-100) at a time.

        Each page follows from the one before, so none is asked ahead. Costs `lookalikeContact` for each begun 5
        of a page. The cursor carries the session and the rows that were paid for and not handed out yet. A session
        that is older than 30 days raises `SessionExpiredError` with the cursor, unless `restart` allows a new one,
        which may give, and charge, earlier rows again. `how`: see `Reading`. Source: the vendor's lookalikes
        reference.
        """
        asks = bodies.lookalikes_body(ContactSeeds, seeds, exclude=exclude, table_id=table_id)

        async def fetch(pipeline: Pipeline, page: PageSpec) -> Fetched[ContactPreview]:
            view = contacts.Contacts(pipeline)
            ask = partial(view.lookalikes_page, seeds, exclude=exclude, limit=page.size, table_id=table_id)
            try:
                answer = await ask(dedupe_session_id=page.session)
            except SessionExpiredError:
                if not restart:
                    raise
                answer = await ask()
            more = None if answer.meta is None else answer.meta.has_more
            return Fetched(rows=answer.results, more=more, session=answer.dedupe_session_id)

        query = Query(
            operation=contacts.LOOKALIKES,
            shape=LOOKALIKES,
            size=page_size,
            asks=asks,
            fetch=fetch,
            identity=lambda row: row.id,
            stored=(unstructure, lambda stored: structure(stored, ContactPreview)),
        )
        return PageStream(query, self._pipeline, **how)

    def recommendations(
        self,
        *,
        filters: RecommendationFilters | Mapping[str, Any] | None = None,
        sort: Iterable[Sort | Mapping[str, Any]] | None = None,
        page_size: int = 25,
        **how: Unpack[Reading],
    ) -> PageStream[RecommendedContact]:
        """All recommended people, as a stream. Needs a key owned by a member of the account.

        Costs `contactRecommendationsReveal` for each row of a page of `page_size` (10-100). `how`: see `Reading`.
        Source: the vendor's recommendations reference.
        """
        template = bodies.recommendations_body(filters=filters, sort=sort, size=page_size)
        asks = {name: value for name, value in template.items() if name != "pagination"}

        async def fetch(pipeline: Pipeline, page: PageSpec) -> Fetched[RecommendedContact]:
            body = {"pagination": {"page": page.number, "size": page.size}, **asks}
            return await page_of(await pipeline.call(contacts.RECOMMENDATIONS, body=body), RecommendedContact)

        query = Query(
            operation=contacts.RECOMMENDATIONS,
            shape=RECOMMENDATIONS,
            size=page_size,
            asks=asks,
            fetch=fetch,
            identity=lambda row: row.id,
        )
        return PageStream(query, self._pipeline, **how)
