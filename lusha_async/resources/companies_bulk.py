"""`client.companies` with its many-forms and streams."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Unpack

from .. import arguments
from ..batch import Outcomes, Plan
from ..chunking import Source
from ..coalesce import ask_one
from ..models.companies import Company, CompanyPage, CompanyPreview
from ..paging import Fetched, PageSpec
from ..partition import PartitionedStream, split
from ..pipeline import Pipeline
from ..quoting import price_of_rows
from ..streams import PageStream, Query
from . import companies
from .answers import envelope
from .bulk import Bulk, Reading, one, page_of, row_call
from .contacts_bulk import PROSPECTING

__all__ = ["Companies"]


class Companies(companies.Companies):
    """Companies: single calls, many-forms (`*_many`, one `Outcome` for each input) and streams."""

    def search_many(
        self, queries: Source[companies.Query], *, partial_profiles: bool | None = None, **how: Unpack[Bulk]
    ) -> Outcomes[companies.Query, CompanyPreview]:
        """`search` for any number of companies, 100 in a request. Credits as there; `how`: see `Bulk`.

        A lost answer is not asked again: its rows are ambiguous. Source: the vendor's search reference.
        """
        template = companies.search_body([], partial_profiles=partial_profiles)
        call = row_call(companies.SEARCH, template, CompanyPreview)
        return Outcomes(
            call, self._pipeline, queries, encode=lambda one: arguments.company(one, "query"), plan=Plan(**how)
        )

    def enrich_many(
        self,
        ids: Source[str],
        *,
        reveal: Iterable[str] | None = None,
        table_id: str | None = None,
        **how: Unpack[Bulk],
    ) -> Outcomes[str, Company]:
        """`enrich` for any number of ids, 100 in a request. Credits as there; `how`: see `Bulk`.

        A lost answer is not asked again, since it would be paid again: its rows are ambiguous. Source: the
        vendor's enrich reference.
        """
        template = {"reveal": arguments.choices(reveal, "reveal"), "tableId": table_id}
        call = row_call(companies.ENRICH, template, Company, echo="id")
        return Outcomes(
            call, self._pipeline, ids, encode=lambda one: arguments.entity_id(one, "id"), plan=Plan(**how)
        )

    def search_and_enrich_many(
        self,
        queries: Source[companies.Query],
        *,
        reveal: Iterable[str] | None = None,
        partial_profiles: bool | None = None,
        **how: Unpack[Bulk],
    ) -> Outcomes[companies.Query, Company]:
        """`search_and_enrich` for any number of companies, 100 in a request. Credits as there; `how`: see `Bulk`.

        A lost answer is not asked again: its rows are ambiguous. Source: the vendor's search-and-enrich
        reference.
        """
        template = companies.search_and_enrich_body([], reveal=reveal, partial_profiles=partial_profiles)
        call = row_call(companies.SEARCH_AND_ENRICH, template, Company)
        return Outcomes(
            call, self._pipeline, queries, encode=lambda one: arguments.company(one, "query"), plan=Plan(**how)
        )

    async def enrich_one(
        self,
        id: str,
        *,
        reveal: Iterable[str] | None = None,
    ) -> Company:
        """One company by id, in a request shared with all who ask at the same time.

        Meant for web handlers: a thousand that await at once cost ten requests, and one alone is not delayed.
        Raises `ItemError` when the vendor does not serve the id, else what became of the shared request. Being
        cancelled never hurts the others. Credits as `enrich`. Source: the vendor's enrich reference.
        """
        template = {"reveal": arguments.choices(reveal, "reveal")}
        call = row_call(companies.ENRICH, template, Company, echo="id")
        return await ask_one(self._pipeline, call, arguments.entity_id(id, "id"))

    async def search_one(self, query: companies.Query, *, partial_profiles: bool | None = None) -> CompanyPreview:
        """One company by a query, in a request shared with all who ask at the same time; see `enrich_one`.

        Credits as `search`. Source: the vendor's search reference.
        """
        call = row_call(
            companies.SEARCH, companies.search_body([], partial_profiles=partial_profiles), CompanyPreview
        )
        return await one(self._pipeline, call, arguments.company(query, "query"))

    async def search_and_enrich_one(
        self,
        query: companies.Query,
        *,
        reveal: Iterable[str] | None = None,
        partial_profiles: bool | None = None,
    ) -> Company:
        """One company by a query, enriched, in a shared request; see `enrich_one`.

        Credits as `search_and_enrich`. Source: the vendor's search-and-enrich reference.
        """
        template = companies.search_and_enrich_body([], reveal=reveal, partial_profiles=partial_profiles)
        call = row_call(companies.SEARCH_AND_ENRICH, template, Company)
        return await one(self._pipeline, call, arguments.company(query, "query"))

    def prospect(
        self,
        filters: companies.Filters,
        *,
        page_size: int = 50,
        partial_profiles: bool | None = None,
        table_id: str | None = None,
        **how: Unpack[Reading],
    ) -> PageStream[CompanyPreview]:
        """All companies that fit the filters, as a stream of previews; at most 50,000 can be reached.

        Costs `companySearch` for each begun 25 rows of a page of `page_size` (10-100; the vendor may answer
        with less). `how`: see `Reading`. Source: the vendor's prospecting reference.
        """
        template = companies.prospect_body(
            filters, page=0, size=page_size, partial_profiles=partial_profiles, table_id=table_id
        )
        asks = {name: value for name, value in template.items() if name != "pagination"}

        async def fetch(pipeline: Pipeline, page: PageSpec) -> Fetched[CompanyPreview]:
            body = {"pagination": {"page": page.number, "size": page.size}, **asks}
            answer = envelope(await pipeline.call(companies.PROSPECT, body=body), CompanyPage)
            return page_of(answer.results, answer.pagination)

        query = Query(
            operation=companies.PROSPECT,
            shape=PROSPECTING,
            size=page_size,
            asks=asks,
            fetch=fetch,
            identity=lambda row: row.id,
        )
        return PageStream(query, self._pipeline, **how)

    def prospect_parts(
        self,
        filters: companies.Filters,
        *,
        partition_by: Mapping[str, Sequence[Any]],
        limit: int | None = None,
        cursor: str | None = None,
        **options: Any,
    ) -> PartitionedStream[CompanyPreview]:
        """`prospect` for a query with more than 50,000 results: split by filters into queries that each fit.

        `partition_by` maps a path within the filters to the values that each part has there, for instance
        `{"contacts.include.seniorityIds": [[1], [2], [3]]}`; several paths make each combination a part. The
        values should not overlap, and together be all that is wanted. `await stream.plan()` tells the rows and
        the price of each part before anything but its smallest page is paid; iterating gives their union.
        `options` are those of `prospect`.
        """
        parts = split(arguments.body(filters), partition_by)

        def open_part(part: Mapping[str, Any], most: int | None, at: str | None) -> PageStream[CompanyPreview]:
            return self.prospect(part, limit=most, cursor=at, **options)

        return PartitionedStream(
            companies.PROSPECT,
            parts,
            open_part,
            partial(price_of_rows, self._pipeline, companies.PROSPECT, options.get("page_size", 50)),
            deepest=PROSPECTING.deepest or 0,
            identity=lambda row: row.id,
            limit=limit,
            cursor=cursor,
        )
