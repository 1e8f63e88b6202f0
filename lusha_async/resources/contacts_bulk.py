"""`client.contacts` with its many-forms and streams."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Unpack

from .. import arguments
from ..batch import Outcomes, Plan
from ..chunking import Source
from ..coalesce import ask_one
from ..models.contacts import Contact, ContactPage, ContactPreview
from ..paging import Fetched, PageSpec, Shape
from ..partition import PartitionedStream, split
from ..pipeline import Pipeline
from ..quoting import price_of_rows
from ..streams import PageStream, Query
from . import contacts
from .answers import envelope
from .bulk import Bulk, Reading, one, page_of, row_call

__all__ = ["PROSPECTING", "Contacts"]

PROSPECTING = Shape(smallest=10, largest=100, last_page=1000, deepest=50_000)
"""Pages 0-1000 of 10-100 rows, and at most 50,000 rows of a query."""


class Contacts(contacts.Contacts):
    """People: single calls, many-forms (`*_many`, one `Outcome` for each input) and streams."""

    def enrich_many(
        self,
        ids: Source[str],
        *,
        reveal: Iterable[str] | None = None,
        waterfall_enabled: bool | None = False,
        table_id: str | None = None,
        **how: Unpack[Bulk],
    ) -> Outcomes[str, Contact]:
        """`enrich` for any number of ids, 100 in a request. Credits as there; `how`: see `Bulk`.

        A lost answer is asked again, which is free. Source: the vendor's enrich reference.
        """
        template = contacts.enrich_body([], reveal=reveal, waterfall_enabled=waterfall_enabled, table_id=table_id)
        call = row_call(contacts.ENRICH, template, Contact, echo="id")
        return Outcomes(
            call, self._pipeline, ids, encode=lambda one: arguments.entity_id(one, "id"), plan=Plan(**how)
        )

    def search_many(
        self, queries: Source[contacts.Query], *, partial_profiles: bool | None = None, **how: Unpack[Bulk]
    ) -> Outcomes[contacts.Query, ContactPreview]:
        """`search` for any number of people, 100 in a request. Credits as there; `how`: see `Bulk`.

        A lost answer is not asked again: its rows are ambiguous. Source: the vendor's search reference.
        """
        template = contacts.search_body([], partial_profiles=partial_profiles)
        call = row_call(contacts.SEARCH, template, ContactPreview)
        return Outcomes(
            call, self._pipeline, queries, encode=lambda one: arguments.contact(one, "query"), plan=Plan(**how)
        )

    def search_and_enrich_many(
        self,
        queries: Source[contacts.Query],
        *,
        reveal: Iterable[str] | None = None,
        partial_profiles: bool | None = None,
        **how: Unpack[Bulk],
    ) -> Outcomes[contacts.Query, Contact]:
        """`search_and_enrich` for any number of people, 100 in a request. Credits as there; `how`: see `Bulk`.

        A lost answer is not asked again: its rows are ambiguous. Source: the vendor's search-and-enrich
        reference.
        """
        template = contacts.search_and_enrich_body([], reveal=reveal, partial_profiles=partial_profiles)
        call = row_call(contacts.SEARCH_AND_ENRICH, template, Contact)
        return Outcomes(
            call, self._pipeline, queries, encode=lambda one: arguments.contact(one, "query"), plan=Plan(**how)
        )

    async def enrich_one(
        self,
        id: str,
        *,
        reveal: Iterable[str] | None = None,
        waterfall_enabled: bool | None = False,
    ) -> Contact:
        """One person by id, in a request shared with all who ask at the same time.

        Meant for web handlers: a thousand that await at once cost ten requests, and one alone is not delayed.
        Raises `ItemError` when the vendor does not serve the id, else what became of the shared request. Being
        cancelled never hurts the others. Credits as `enrich`. Source: the vendor's enrich reference.
        """
        template = contacts.enrich_body([], reveal=reveal, waterfall_enabled=waterfall_enabled)
        call = row_call(contacts.ENRICH, template, Contact, echo="id")
        return await ask_one(self._pipeline, call, arguments.entity_id(id, "id"))

    async def search_one(self, query: contacts.Query, *, partial_profiles: bool | None = None) -> ContactPreview:
        """One person by a query, in a request shared with all who ask at the same time; see `enrich_one`.

        Credits as `search`. Source: the vendor's search reference.
        """
        call = row_call(
            contacts.SEARCH, contacts.search_body([], partial_profiles=partial_profiles), ContactPreview
        )
        return await one(self._pipeline, call, arguments.contact(query, "query"))

    async def search_and_enrich_one(
        self,
        query: contacts.Query,
        *,
        reveal: Iterable[str] | None = None,
        partial_profiles: bool | None = None,
    ) -> Contact:
        """One person by a query, enriched, in a shared request; see `enrich_one`.

        Credits as `search_and_enrich`. Source: the vendor's search-and-enrich reference.
        """
        template = contacts.search_and_enrich_body([], reveal=reveal, partial_profiles=partial_profiles)
        call = row_call(contacts.SEARCH_AND_ENRICH, template, Contact)
        return await one(self._pipeline, call, arguments.contact(query, "query"))

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
            answer = envelope(await pipeline.call(contacts.PROSPECT, body=body), ContactPage)
            return page_of(answer.results, answer.pagination)

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
