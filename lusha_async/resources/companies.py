"""`client.companies`."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Unpack

from .._bulk.batch import Outcomes
from .._bulk.chunks import Source
from .._bulk.coalesce import Coalescers
from .._call.call import Executor
from .._call.decode import envelope
from .._pages.paging import PagingRules
from .._pages.partition import PartitionedStream
from .._pages.stream import PageStream
from .._params import checks, encode
from ..filters.cache import FilterCache
from ..models.common import Enriched, Page, Results
from ..models.companies import Company, CompanyPreview
from ..models.icp import CompanyIcpFit
from ..models.lookalikes import CompanySeeds, LookalikeResults
from ..models.recommendations import RecommendationFilters, RecommendationFiltersResponse, RecommendedCompany, Sort
from ..models.signals import CompanySignals, CompanySignalScore, SignalOptions, SignalResults, SignalTypesResponse
from ..models.visits import Visit, VisitFilters
from ..operations import BY_NAME, COMPANY_REVEALS
from . import _bodies, _prospecting
from ._bodies import CompanyIdentityInput, CompanyInput
from ._forms import BatchEndpoint, BulkOptions
from ._prospecting import FiltersInput
from ._queries import PagedEndpoint, SessionEndpoint, StreamOptions
from .filters import CompanyFilterLists
from .tables import Tables

__all__ = ["Companies"]


def _company_and_country(row: Visit) -> Hashable | None:
    """A company may have a row for each country of its visitors: the vendor does not say."""
    return None if row.id is None else (row.id, row.visitor_country)


_identity = partial(encode.company_identity, members=("id", "domain", "name", "email"))

SEARCH = BatchEndpoint(
    operation=BY_NAME["searchCompanies"],
    row=CompanyPreview,
    response=Results[CompanyPreview],
    item="company",
    encode=encode.company_query,
)
ENRICH: BatchEndpoint[str, Company, Enriched[Company]] = BatchEndpoint(
    operation=BY_NAME["enrichCompanies"],
    row=Company,
    response=Enriched[Company],
    item="id",
    encode=checks.entity_id,
)
SEARCH_AND_ENRICH = BatchEndpoint(
    operation=BY_NAME["searchAndEnrichCompanies"],
    row=Company,
    response=Enriched[Company],
    item="company",
    encode=encode.company_query,
)
SIGNALS: BatchEndpoint[str, CompanySignals, SignalResults[CompanySignals]] = BatchEndpoint(
    operation=BY_NAME["getCompanySignals"],
    row=CompanySignals,
    response=SignalResults[CompanySignals],
    item="id",
    encode=checks.entity_id,
)
SIGNAL_SCORES = BatchEndpoint(
    operation=BY_NAME["getCompanySignalScores"],
    row=CompanySignalScore,
    response=Results[CompanySignalScore],
    item="company",
    encode=_identity,
)
ICP_FIT_SCORES = BatchEndpoint(
    operation=BY_NAME["getCompanyIcpFitScores"],
    row=CompanyIcpFit,
    response=Results[CompanyIcpFit],
    item="company",
    encode=_identity,
)
PROSPECT = PagedEndpoint(
    operation=BY_NAME["prospectingCompanies"],
    row=CompanyPreview,
    response=Page[CompanyPreview],
    rules=PagingRules(min_size=10, max_size=100, last_page=1000, max_rows=50_000),
)
RECOMMENDATIONS = PagedEndpoint(
    operation=BY_NAME["getCompanyRecommendations"],
    row=RecommendedCompany,
    response=Page[RecommendedCompany],
    rules=PagingRules(min_size=10, max_size=100, last_page=1000),
)
WEBSITE_VISITS = PagedEndpoint(
    operation=BY_NAME["getWebsiteVisits"],
    row=Visit,
    response=Page[Visit],
    rules=PagingRules(min_size=1, max_size=150),
    identity=_company_and_country,
)
LOOKALIKES = SessionEndpoint(
    operation=BY_NAME["getCompanyLookalikes"], row=CompanyPreview, response=LookalikeResults[CompanyPreview]
)
_SIGNAL_TYPES = BY_NAME["getCompanySignalTypes"]
_RECOMMENDATION_FILTERS = BY_NAME["getCompanyRecommendationFilters"]


class Companies:
    """Companies: search, enrichment, prospecting, lookalikes, signals, visits, ICP fit and recommendations.

    - Single calls (`search`, `prospect_page`) await one request.
    - Bulk methods (`*_many`) take any number of inputs and are async iterators of one `Outcome` for each. A response
      that is lost is not requested again, since that would be charged again: its outcomes are `ambiguous`.
    - Coalesced calls (`*_one`) await one row each; concurrent ones share requests.
    - Streams (`prospect`, `lookalikes`) are async iterators of all rows of a query.

    Prices are keys of the account's price list (`account.usage`). Every method raises `InvalidRequestError`, before
    anything is sent, for an argument that the vendor would refuse, else any `LushaError`; bulk methods return the
    errors of inputs in their outcomes. A paid response whose caller is cancelled is in `client.unclaimed()`.

    Source: the vendor's companies reference.
    """

    def __init__(self, executor: Executor, coalescers: Coalescers, filter_cache: FilterCache) -> None:
        self._executor = executor
        self._coalescers = coalescers
        self.tables: Tables = Tables(executor, "companies")
        self.filters = CompanyFilterLists(executor, filter_cache)

    # search

    async def search(
        self,
        companies: Iterable[CompanyInput],
        *,
        partial_profiles: bool | None = None,
        signals: SignalOptions | Mapping[str, Any] | None = None,
    ) -> Results[CompanyPreview]:
        """Find 1-100 companies. Returns one result for each, in order, with an `error` if it was not found.

        Costs `companySearch` for each 25 found or part of 25, and `showSignalsCompany` for each signal that
        `signals` adds.
        """
        body = _bodies.search(partial_profiles=partial_profiles, signals=signals)
        return await SEARCH.call(self._executor, companies, body)

    def search_many(
        self,
        companies: Source[CompanyInput],
        *,
        partial_profiles: bool | None = None,
        signals: SignalOptions | Mapping[str, Any] | None = None,
        **options: Unpack[BulkOptions],
    ) -> Outcomes[CompanyInput, CompanyPreview]:
        """`search` for any number of companies, 100 in a request, at the same prices. `options`: see `BulkOptions`."""
        body = _bodies.search(partial_profiles=partial_profiles, signals=signals)
        return SEARCH.bulk(self._executor, companies, body, **options)

    async def search_one(
        self,
        company: CompanyInput,
        *,
        partial_profiles: bool | None = None,
        signals: SignalOptions | Mapping[str, Any] | None = None,
    ) -> CompanyPreview:
        """`search` for one company, in a request shared with concurrent calls: see `enrich_one`."""
        body = _bodies.search(partial_profiles=partial_profiles, signals=signals)
        return await SEARCH.coalesced(self._executor, self._coalescers, company, body)

    # enrichment

    async def enrich(
        self, ids: Iterable[str], *, reveal: Iterable[str] | None = None, table_id: str | None = None
    ) -> Enriched[Company]:
        """Enrich 1-100 companies by id. `reveal` names premium members to add, such as `competitors`.

        Costs `revealCompany` for each company and `revealCompanyPremiumData` for each premium member found. Unlike
        contacts, the same company is charged again by every call.
        """
        body = _bodies.enrich_companies(reveal=reveal, table_id=table_id)
        return await ENRICH.call(self._executor, ids, body)

    def enrich_many(
        self,
        ids: Source[str],
        *,
        reveal: Iterable[str] | None = None,
        table_id: str | None = None,
        **options: Unpack[BulkOptions],
    ) -> Outcomes[str, Company]:
        """`enrich` for any number of ids, 100 in a request, at the same prices. `options`: see `BulkOptions`."""
        body = _bodies.enrich_companies(reveal=reveal, table_id=table_id)
        return ENRICH.bulk(self._executor, ids, body, **options)

    async def enrich_one(self, id: str, *, reveal: Iterable[str] | None = None) -> Company:
        """`enrich` for one id, in a request shared with concurrent calls that have the same options.

        For web handlers: 1,000 concurrent calls send 10 requests, and a single call is not delayed. Costs the same
        as `enrich`. Raises `ItemError` if the vendor refuses the id, else the error of the shared request.
        Cancelling one call does not affect the others.
        """
        return await ENRICH.coalesced(
            self._executor, self._coalescers, id, _bodies.enrich_companies(reveal=reveal)
        )

    async def search_and_enrich(
        self,
        companies: Iterable[CompanyInput],
        *,
        reveal: Iterable[str] | None = None,
        partial_profiles: bool | None = None,
    ) -> Enriched[Company]:
        """Find and enrich 1-100 companies in one request.

        Costs a `search` and an `enrich` for each company found, again on every call.
        """
        body = _bodies.search_and_enrich(COMPANY_REVEALS, reveal=reveal, partial_profiles=partial_profiles)
        return await SEARCH_AND_ENRICH.call(self._executor, companies, body)

    def search_and_enrich_many(
        self,
        companies: Source[CompanyInput],
        *,
        reveal: Iterable[str] | None = None,
        partial_profiles: bool | None = None,
        **options: Unpack[BulkOptions],
    ) -> Outcomes[CompanyInput, Company]:
        """`search_and_enrich` for any number of companies, 100 in a request, at the same prices.

        `options`: see `BulkOptions`.
        """
        body = _bodies.search_and_enrich(COMPANY_REVEALS, reveal=reveal, partial_profiles=partial_profiles)
        return SEARCH_AND_ENRICH.bulk(self._executor, companies, body, **options)

    async def search_and_enrich_one(
        self,
        company: CompanyInput,
        *,
        reveal: Iterable[str] | None = None,
        partial_profiles: bool | None = None,
    ) -> Company:
        """`search_and_enrich` for one company, in a request shared with concurrent calls: see `enrich_one`."""
        body = _bodies.search_and_enrich(COMPANY_REVEALS, reveal=reveal, partial_profiles=partial_profiles)
        return await SEARCH_AND_ENRICH.coalesced(self._executor, self._coalescers, company, body)

    # prospecting

    async def prospect_page(
        self,
        filters: FiltersInput,
        *,
        page: int = 0,
        page_size: int = 50,
        partial_profiles: bool | None = None,
        table_id: str | None = None,
    ) -> Page[CompanyPreview]:
        """One page (0-1000) of 10-100 companies that match the filters; `filters.companies` must have a criterion.

        Costs `companySearch` for each 25 results or part of 25. The vendor may return a smaller page than
        `page_size`: the next page then follows from the `pagination.size` of the response, as in `prospect`.
        """
        body = _prospecting.prospect_companies(filters, partial_profiles=partial_profiles, table_id=table_id)
        return await PROSPECT.page(self._executor, body, page, page_size)

    def prospect(
        self,
        filters: FiltersInput,
        *,
        page_size: int = 50,
        partial_profiles: bool | None = None,
        table_id: str | None = None,
        **options: Unpack[StreamOptions],
    ) -> PageStream[CompanyPreview]:
        """All companies that match the filters, as a stream. The vendor returns at most the first 50,000.

        Costs `companySearch` for each 25 rows or part of 25 of a page of `page_size` (10-100; the vendor may return a
        smaller one). `options`: see `StreamOptions`.
        """
        body = _prospecting.prospect_companies(filters, partial_profiles=partial_profiles, table_id=table_id)
        return PROSPECT.stream(self._executor, body, page_size, **options)

    def prospect_parts(
        self,
        filters: FiltersInput,
        *,
        partition_by: Mapping[str, Sequence[Any]],
        page_size: int = 50,
        partial_profiles: bool | None = None,
        table_id: str | None = None,
        **options: Unpack[StreamOptions],
    ) -> PartitionedStream[CompanyPreview]:
        """`prospect` for a query with more than 50,000 rows, split by filters into partitions that each fit.

        `partition_by` maps a path within the filters to its value in each partition, for instance
        `{"companies.include.mainIndustriesIds": [[1], [2], [3]]}`; several paths make a partition of each
        combination. The values should not overlap, and together cover all that is wanted. `await stream.plan()`
        returns the rows and the price of each partition, for the price of its smallest page. The other arguments are
        those of `prospect`.
        """
        body = partial(_prospecting.prospect_companies, partial_profiles=partial_profiles, table_id=table_id)
        return PROSPECT.partitioned(
            self._executor, body, page_size, filters=filters, partition_by=partition_by, **options
        )

    # lookalikes

    async def lookalikes_page(
        self,
        seeds: CompanySeeds | Mapping[str, Any],
        *,
        exclude: CompanySeeds | Mapping[str, Any] | None = None,
        page_size: int = 25,
        dedupe_session_id: str | None = None,
        table_id: str | None = None,
    ) -> LookalikeResults[CompanyPreview]:
        """1-100 companies that are like 5-100 seeds.

        Costs `lookalikeCompany` for each 5 results or part of 5. The `dedupe_session_id` of the response, passed with
        the same seeds, continues without repeats for 30 days, then raises `SessionExpiredError`.
        """
        body = _bodies.lookalikes(
            CompanySeeds, seeds, exclude=exclude, dedupe_session_id=dedupe_session_id, table_id=table_id
        )
        return await LOOKALIKES.page(self._executor, body, page_size)

    def lookalikes(
        self,
        seeds: CompanySeeds | Mapping[str, Any],
        *,
        exclude: CompanySeeds | Mapping[str, Any] | None = None,
        page_size: int = 25,
        table_id: str | None = None,
        restart: bool = False,
        **options: Unpack[StreamOptions],
    ) -> PageStream[CompanyPreview]:
        """Companies that are like 5-100 seeds, as a stream of one dedupe session.

        Costs `lookalikeCompany` for each 5 rows or part of 5 of a page of `page_size` (1-100). Each page depends on
        the one before, so none is fetched in advance, and the cursor carries the rows that were paid for and not
        read. A session older than 30 days raises `SessionExpiredError` with the cursor, unless `restart` allows a new
        one, which may return, and charge, earlier rows again. `options`: see `StreamOptions`.
        """
        body = _bodies.lookalikes(CompanySeeds, seeds, exclude=exclude, table_id=table_id)
        return LOOKALIKES.stream(self._executor, body, page_size, restart=restart, **options)

    # signals

    async def signals(
        self,
        ids: Iterable[str],
        signal_types: Iterable[str],
        *,
        start_date: str | date | None = None,
        max_results_per_signal: int | None = None,
        table_id: str | None = None,
        intent_categories: Iterable[str] | None = None,
    ) -> SignalResults[CompanySignals]:
        """The signals of 1-100 companies since `start_date`, of the types that `signal_types()` lists.

        Costs `showSignalsCompany` for each signal, which `allSignals` makes many. `max_results_per_signal` is 1-100.
        `filters.signal_filter_values` lists `intent_categories`.
        """
        body = _bodies.signals(
            signal_types,
            start_date=start_date,
            max_results_per_signal=max_results_per_signal,
            table_id=table_id,
            intent_categories=intent_categories,
        )
        return await SIGNALS.call(self._executor, ids, body)

    def signals_many(
        self,
        ids: Source[str],
        signal_types: Iterable[str],
        *,
        start_date: str | date | None = None,
        max_results_per_signal: int | None = None,
        table_id: str | None = None,
        intent_categories: Iterable[str] | None = None,
        **options: Unpack[BulkOptions],
    ) -> Outcomes[str, CompanySignals]:
        """`signals` for any number of ids, 100 in a request, at the same price. `options`: see `BulkOptions`."""
        body = _bodies.signals(
            signal_types,
            start_date=start_date,
            max_results_per_signal=max_results_per_signal,
            table_id=table_id,
            intent_categories=intent_categories,
        )
        return SIGNALS.bulk(self._executor, ids, body, **options)

    async def signal_types(self) -> SignalTypesResponse:
        """The signal types of companies. Free. `filters.signal_types` caches them."""
        return envelope(await self._executor.call(_SIGNAL_TYPES), SignalTypesResponse)

    async def signal_scores(self, companies: Iterable[CompanyIdentityInput]) -> Results[CompanySignalScore]:
        """How much is changing around 1-100 companies, from 0 to 1. Costs `signalScoreCompany` for each score.

        Each company is identified by exactly one of `id`, `domain`, `name` and `email`.
        """
        return await SIGNAL_SCORES.call(self._executor, companies, {})

    def signal_scores_many(
        self, companies: Source[CompanyIdentityInput], **options: Unpack[BulkOptions]
    ) -> Outcomes[CompanyIdentityInput, CompanySignalScore]:
        """`signal_scores` for any number of companies, 100 in a request, at the same price.

        `options`: see `BulkOptions`.
        """
        return SIGNAL_SCORES.bulk(self._executor, companies, {}, **options)

    # website visits

    async def website_visits_page(
        self,
        domains: Iterable[str],
        *,
        start_date: str | date,
        end_date: str | date,
        page: int = 0,
        page_size: int = 100,
        sort: Sort | Mapping[str, Any] | None = None,
        filters: VisitFilters | Mapping[str, Any] | None = None,
    ) -> Page[Visit]:
        """One page of 1-150 companies that visited the account's `domains`, within at most three months.

        The vendor refuses the call if the account has not set up one of the domains. The price is not documented.
        """
        body = _bodies.website_visits(
            domains, start_date=start_date, end_date=end_date, sort=sort, filters=filters
        )
        return await WEBSITE_VISITS.page(self._executor, body, page, page_size)

    def website_visits(
        self,
        domains: Iterable[str],
        *,
        start_date: str | date,
        end_date: str | date,
        page_size: int = 100,
        sort: Sort | Mapping[str, Any] | None = None,
        filters: VisitFilters | Mapping[str, Any] | None = None,
        **options: Unpack[StreamOptions],
    ) -> PageStream[Visit]:
        """All companies that visited the account's `domains`, as a stream: see `website_visits_page`.

        `page_size` is 1-150. `options`: see `StreamOptions`.
        """
        body = _bodies.website_visits(
            domains, start_date=start_date, end_date=end_date, sort=sort, filters=filters
        )
        return WEBSITE_VISITS.stream(self._executor, body, page_size, **options)

    # ideal customer profiles and recommendations

    async def icp_fit_scores(
        self, companies: Iterable[CompanyIdentityInput], target_profile_ids: Iterable[str]
    ) -> Results[CompanyIcpFit]:
        """How well 1-100 companies fit 1-3 profiles of `icp.profiles`, from 0 to 1.

        Each company is identified by exactly one of `id`, `domain`, `name` and `email`. Costs one credit for each
        score, a score of 0 included.
        """
        return await ICP_FIT_SCORES.call(self._executor, companies, _bodies.icp_fit_scores(target_profile_ids))

    def icp_fit_scores_many(
        self,
        companies: Source[CompanyIdentityInput],
        target_profile_ids: Iterable[str],
        **options: Unpack[BulkOptions],
    ) -> Outcomes[CompanyIdentityInput, CompanyIcpFit]:
        """`icp_fit_scores` for any number of companies, 100 in a request, at the same price.

        `options`: see `BulkOptions`.
        """
        body = _bodies.icp_fit_scores(target_profile_ids)
        return ICP_FIT_SCORES.bulk(self._executor, companies, body, **options)

    async def recommendations_page(
        self,
        *,
        filters: RecommendationFilters | Mapping[str, Any] | None = None,
        sort: Iterable[Sort | Mapping[str, Any]] | None = None,
        page: int = 0,
        page_size: int = 25,
    ) -> Page[RecommendedCompany]:
        """One page (0-1000) of 10-100 recommended companies; at most four sorts, all in the same order.

        Costs `companyRecommendationsReveal` for each company. Raises `PermissionDeniedError` unless the API key
        belongs to a member of the account.
        """
        body = _bodies.recommendations(filters=filters, sort=sort)
        return await RECOMMENDATIONS.page(self._executor, body, page, page_size)

    def recommendations(
        self,
        *,
        filters: RecommendationFilters | Mapping[str, Any] | None = None,
        sort: Iterable[Sort | Mapping[str, Any]] | None = None,
        page_size: int = 25,
        **options: Unpack[StreamOptions],
    ) -> PageStream[RecommendedCompany]:
        """All recommended companies, as a stream: see `recommendations_page`.

        Costs `companyRecommendationsReveal` for each row of a page of `page_size` (10-100). `options`: see
        `StreamOptions`.
        """
        body = _bodies.recommendations(filters=filters, sort=sort)
        return RECOMMENDATIONS.stream(self._executor, body, page_size, **options)

    async def recommendation_filters(self) -> RecommendationFiltersResponse:
        """The values that the filters of recommendations take. Free."""
        response = await self._executor.call(_RECOMMENDATION_FILTERS)
        return envelope(response, RecommendationFiltersResponse)
