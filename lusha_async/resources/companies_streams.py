"""`client.companies` with its streams."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Unpack

from .._pages.paging import PagingRules
from .._pages.partition import PartitionedStream
from .._pages.stream import PageStream, Query
from ..models.companies import CompanyPreview
from ..models.lookalikes import CompanySeeds
from ..models.recommendations import RecommendationFilters, RecommendedCompany, Sort
from ..models.visits import Visit, VisitFilters
from . import _bodies, companies, companies_bodies, companies_bulk
from ._queries import StreamOptions, numbered, session, union
from .contacts_streams import PROSPECTING, RECOMMENDATIONS

__all__ = ["Companies"]

_VISITS = PagingRules(min_size=1, max_size=150)


class Companies(companies_bulk.Companies):
    """Companies: single calls, many-forms, shared ones and streams."""

    def prospect(
        self,
        filters: _bodies.Filters,
        *,
        page_size: int = 50,
        partial_profiles: bool | None = None,
        table_id: str | None = None,
        **how: Unpack[StreamOptions],
    ) -> PageStream[CompanyPreview]:
        """All companies that fit the filters, as a stream of previews; at most 50,000 can be reached.

        Costs `companySearch` for each begun 25 rows of a page of `page_size` (10-100; the vendor may answer
        with less). `how`: see `StreamOptions`. Source: the vendor's prospecting reference.
        """
        query = _prospecting(
            filters,
            page_size=page_size,
            partial_profiles=partial_profiles,
            table_id=table_id,
        )
        return PageStream(query, self._executor, **how)

    def prospect_parts(
        self,
        filters: _bodies.Filters,
        *,
        partition_by: Mapping[str, Sequence[Any]],
        page_size: int = 50,
        partial_profiles: bool | None = None,
        table_id: str | None = None,
        **how: Unpack[StreamOptions],
    ) -> PartitionedStream[CompanyPreview]:
        """`prospect` for a query with more than 50,000 results: split by filters into queries that each fit.

        `partition_by` maps a path within the filters to the values that each part has there, for instance
        `{"contacts.include.seniorityIds": [[1], [2], [3]]}`; several paths make each combination a part. The
        values should not overlap, and together be all that is wanted. `await stream.plan()` tells the rows and
        the price of each part before anything but its smallest page is paid; iterating gives their union.
        The other arguments are those of `prospect`.
        """
        query = partial(
            _prospecting,
            page_size=page_size,
            partial_profiles=partial_profiles,
            table_id=table_id,
        )
        return union(self._executor, query, filters, partition_by, **how)

    def lookalikes(
        self,
        seeds: CompanySeeds | Mapping[str, Any],
        *,
        exclude: CompanySeeds | Mapping[str, Any] | None = None,
        page_size: int = 25,
        table_id: str | None = None,
        restart: bool = False,
        **how: Unpack[StreamOptions],
    ) -> PageStream[CompanyPreview]:
        """Companies like 5-100 seeds, as a stream within one dedupe session, `page_size` (1-100) at a time.

        Each page follows from the one before, so none is asked ahead. Costs `lookalikeCompany` for each begun 5
        of a page. The cursor carries the session and the rows that were paid for and not handed out yet. A session
        that is older than 30 days raises `SessionExpiredError` with the cursor, unless `restart` allows a new one,
        which may give, and charge, earlier rows again. `how`: see `StreamOptions`. Source: the vendor's lookalikes
        reference.
        """
        asks = _bodies.lookalikes_body(CompanySeeds, seeds, exclude=exclude, table_id=table_id)
        query = session(companies.LOOKALIKES, asks, CompanyPreview, size=page_size, restart=restart)
        return PageStream(query, self._executor, **how)

    def recommendations(
        self,
        *,
        filters: RecommendationFilters | Mapping[str, Any] | None = None,
        sort: Iterable[Sort | Mapping[str, Any]] | None = None,
        page_size: int = 25,
        **how: Unpack[StreamOptions],
    ) -> PageStream[RecommendedCompany]:
        """All recommended companies, as a stream. Needs a key owned by a member of the account.

        Costs `companyRecommendationsReveal` for each row of a page of `page_size` (10-100). `how`: see `StreamOptions`.
        Source: the vendor's recommendations reference.
        """
        template = _bodies.recommendations_body(filters=filters, sort=sort, size=page_size)
        query = numbered(companies.RECOMMENDATIONS, RECOMMENDATIONS, template, RecommendedCompany, size=page_size)
        return PageStream(query, self._executor, **how)

    def website_visits(
        self,
        domains: Iterable[str],
        *,
        start_date: str | date,
        end_date: str | date,
        page_size: int = 100,
        sort: Sort | Mapping[str, Any] | None = None,
        filters: VisitFilters | Mapping[str, Any] | None = None,
        **how: Unpack[StreamOptions],
    ) -> PageStream[Visit]:
        """All companies that visited the account's `domains` within at most three months, as a stream.

        One domain that the account has not set up fails the whole call. What it costs is not documented.
        `page_size` is 1-150; `how`: see `StreamOptions`. Source: the vendor's website visits reference.
        """
        template = companies_bodies.website_visits_body(
            domains, start_date=start_date, end_date=end_date, page=0, size=page_size, sort=sort, filters=filters
        )
        query = numbered(
            companies.WEBSITE_VISITS, _VISITS, template, Visit, size=page_size, identity=_company_and_country
        )
        return PageStream(query, self._executor, **how)


def _company_and_country(row: Visit) -> Hashable | None:
    """One company may have a row for each country that its visitors came from: the vendor does not say."""
    return None if row.id is None else (row.id, row.visitor_country)


def _prospecting(
    filters: _bodies.Filters,
    *,
    page_size: int,
    partial_profiles: bool | None,
    table_id: str | None,
) -> Query[CompanyPreview]:
    """The query behind `prospect`."""
    template = companies_bodies.prospect_body(
        filters,
        page=0,
        size=page_size,
        partial_profiles=partial_profiles,
        table_id=table_id,
    )
    return numbered(companies.PROSPECT, PROSPECTING, template, CompanyPreview, size=page_size)
