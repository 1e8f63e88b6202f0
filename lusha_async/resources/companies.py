"""`client.companies`."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from .._bulk.coalesce import Coalescers
from .._call.call import Executor
from .._call.decode import envelope
from .._params import checks, encode
from ..errors import InvalidRequestError
from ..filters.lists import Discovery
from ..models.companies import CompanyPage, EnrichedCompanies, FoundCompanies
from ..models.filter_values import FilterTypes, FilterValues
from ..models.icp import CompanyIcpFits
from ..models.lookalikes import CompanyLookalikes, CompanySeeds
from ..models.recommendations import (
    CompanyRecommendations,
    RecommendationFilters,
    RecommendationFilterValues,
    Sort,
)
from ..models.signals import CompanySignalsAnswer, CompanySignalScores, SignalOptions, SignalTypes
from ..models.visits import VisitFilters, Visits
from ..operations import BY_NAME, Operation
from . import _bodies
from ._bodies import Filters
from .companies_bodies import (
    IDENTITY,
    Identity,
    Query,
    enrich_body,
    prospect_body,
    search_and_enrich_body,
    search_body,
    signals_body,
    website_visits_body,
)
from .filters import CompanyFilterLists
from .tables import Tables

__all__ = ["Companies"]

SEARCH = BY_NAME["searchCompanies"]
ENRICH = BY_NAME["enrichCompanies"]
SEARCH_AND_ENRICH = BY_NAME["searchAndEnrichCompanies"]
PROSPECT = BY_NAME["prospectingCompanies"]
LOOKALIKES = BY_NAME["getCompanyLookalikes"]
SIGNALS = BY_NAME["getCompanySignals"]
SIGNAL_TYPES = BY_NAME["getCompanySignalTypes"]
SIGNAL_FILTERS = BY_NAME["getCompanySignalFilters"]
SIGNAL_FILTER_VALUES = BY_NAME["getCompanySignalFilterValues"]
SIGNAL_SCORES = BY_NAME["getCompanySignalScores"]
WEBSITE_VISITS = BY_NAME["getWebsiteVisits"]
FILTER_TYPES = BY_NAME["getCompanyFilterTypes"]
FILTER_VALUES = BY_NAME["getCompanyFilterValues"]
ICP_FIT_SCORES = BY_NAME["getCompanyIcpFitScores"]
RECOMMENDATIONS = BY_NAME["getCompanyRecommendations"]
RECOMMENDATION_FILTERS = BY_NAME["getCompanyRecommendationFilters"]


def _queries(operation: Operation, companies: Iterable[Query]) -> list[dict[str, Any]]:
    listed = checks.batch(operation, companies)
    return [encode.company_query(query, f"companies[{place}]") for place, query in enumerate(listed)]


def _identities(operation: Operation, companies: Iterable[Identity]) -> list[dict[str, Any]]:
    listed = checks.batch(operation, companies)
    return [encode.company_identity(one, f"companies[{place}]", IDENTITY) for place, one in enumerate(listed)]


class Companies:
    """Companies."""

    def __init__(self, executor: Executor, coalescers: Coalescers, discovery: Discovery) -> None:
        self._executor = executor
        self._coalescers = coalescers
        self.tables = Tables(executor, "companies")
        self.filters = CompanyFilterLists(executor, discovery)

    async def search(
        self,
        companies: Iterable[Query],
        *,
        partial_profiles: bool | None = None,
        signals: SignalOptions | Mapping[str, Any] | None = None,
    ) -> FoundCompanies:
        """Find 1-100 companies. One result for each query, in order; `error` on those not found.

        Costs `companySearch` for each begun 25 found, and `showSignalsCompany` for each signal shown if `signals`
        asks for them. Raises `InvalidRequestError` before anything is sent, else any `LushaError`. Source: the
        vendor's search reference.
        """
        body = search_body(_queries(SEARCH, companies), partial_profiles=partial_profiles, signals=signals)
        return envelope(await self._executor.call(SEARCH, body=body), FoundCompanies)

    async def enrich(
        self, ids: Iterable[str], *, reveal: Iterable[str] | None = None, table_id: str | None = None
    ) -> EnrichedCompanies:
        """Enrich 1-100 companies by id; `reveal` names premium members to add.

        Costs `revealCompany` for each, and `revealCompanyPremiumData` for each premium member found. A repeat
        is charged again, unlike with contacts. Source: the vendor's enrich reference.
        """
        listed = checks.ids(checks.batch(ENRICH, ids), "ids")
        body = enrich_body(listed, reveal=reveal, table_id=table_id)
        return envelope(await self._executor.call(ENRICH, body=body), EnrichedCompanies)

    async def search_and_enrich(
        self,
        companies: Iterable[Query],
        *,
        reveal: Iterable[str] | None = None,
        partial_profiles: bool | None = None,
    ) -> EnrichedCompanies:
        """Find 1-100 companies and enrich them in one request.

        Costs a search and an enrichment for each found, again on each repeat. Source: the vendor's
        search-and-enrich reference.
        """
        queries = _queries(SEARCH_AND_ENRICH, companies)
        body = search_and_enrich_body(queries, reveal=reveal, partial_profiles=partial_profiles)
        return envelope(await self._executor.call(SEARCH_AND_ENRICH, body=body), EnrichedCompanies)

    async def prospect_page(
        self,
        filters: Filters,
        *,
        page: int = 0,
        size: int = 50,
        partial_profiles: bool | None = None,
        table_id: str | None = None,
    ) -> CompanyPage:
        """One page (0-1000) of the companies that fit the filters; `filters.companies` must narrow something.

        The vendor may answer with fewer than `size` (10-100): go on by the echoed `pagination.size`. Costs
        `companySearch` for each begun 25 results. Source: the vendor's prospecting reference.
        """
        body = prospect_body(filters, page=page, size=size, partial_profiles=partial_profiles, table_id=table_id)
        return envelope(await self._executor.call(PROSPECT, body=body), CompanyPage)

    async def lookalikes_page(
        self,
        seeds: CompanySeeds | Mapping[str, Any],
        *,
        exclude: CompanySeeds | Mapping[str, Any] | None = None,
        limit: int = 25,
        dedupe_session_id: str | None = None,
        table_id: str | None = None,
    ) -> CompanyLookalikes:
        """At most `limit` (1-100) companies like 5-100 seeds.

        The answer's `dedupe_session_id`, given with the same seeds, brings further ones without repeats for 30
        days; then `SessionExpiredError`. Costs `lookalikeCompany` for each begun 5. Source: the vendor's
        lookalikes reference.
        """
        body = _bodies.lookalikes_body(
            CompanySeeds,
            seeds,
            exclude=exclude,
            limit=limit,
            dedupe_session_id=dedupe_session_id,
            table_id=table_id,
        )
        return envelope(await self._executor.call(LOOKALIKES, body=body), CompanyLookalikes)

    async def signals(
        self,
        ids: Iterable[str],
        signal_types: Iterable[str],
        *,
        start_date: str | date | None = None,
        max_results_per_signal: int | None = None,
        table_id: str | None = None,
        intent_categories: Iterable[str] | None = None,
    ) -> CompanySignalsAnswer:
        """The signals of 1-100 companies since `start_date`, of the types that `signal_types` lists.

        Costs `showSignalsCompany` for each signal shown: `allSignals` for many companies is the expensive way.
        Source: the vendor's signals reference.
        """
        body = signals_body(
            checks.batch(SIGNALS, ids),
            signal_types,
            start_date=start_date,
            max_results_per_signal=max_results_per_signal,
            table_id=table_id,
            intent_categories=intent_categories,
        )
        return envelope(await self._executor.call(SIGNALS, body=body), CompanySignalsAnswer)

    async def signal_types(self) -> SignalTypes:
        """The signal types of companies. Free. Source: the vendor's signals reference."""
        return envelope(await self._executor.call(SIGNAL_TYPES), SignalTypes)

    async def signal_filters(self) -> FilterTypes:
        """What signals can be narrowed by. Free. Source: the vendor's signals reference."""
        return envelope(await self._executor.call(SIGNAL_FILTERS), FilterTypes)

    async def signal_filter_values(self, filter_type: str, query: str | None = None) -> FilterValues:
        """The values of a filter of signals; `hiringByLocations` takes a `query` of 2-256 characters. Free.

        `intentCategories` takes none: the vendor refuses it. Source: the vendor's signals reference.
        """
        if filter_type == "intentCategories" and query is not None:
            raise InvalidRequestError("query", "intentCategories takes none")
        asked = {"query": checks.search_text(query, "query")}
        path = {"filterType": checks.string(filter_type, "filter_type")}
        reply = await self._executor.call(SIGNAL_FILTER_VALUES, path=path, query=asked)
        return envelope(reply, FilterValues)

    async def signal_scores(self, companies: Iterable[Identity]) -> CompanySignalScores:
        """How much moves around 1-100 companies, each named in exactly one way and scored from 0 to 1.

        Costs `signalScoreCompany` for each scored. Source: the vendor's signal score reference.
        """
        body = {"companies": _identities(SIGNAL_SCORES, companies)}
        return envelope(await self._executor.call(SIGNAL_SCORES, body=body), CompanySignalScores)

    async def website_visits_page(
        self,
        domains: Iterable[str],
        *,
        start_date: str | date,
        end_date: str | date,
        page: int = 0,
        size: int = 100,
        sort: Sort | Mapping[str, Any] | None = None,
        filters: VisitFilters | Mapping[str, Any] | None = None,
    ) -> Visits:
        """One page of 1-150 companies that visited the account's `domains` within at most three months.

        One domain that the account has not set up fails the whole call. What it costs is not documented. Source:
        the vendor's website visits reference.
        """
        body = website_visits_body(
            domains, start_date=start_date, end_date=end_date, page=page, size=size, sort=sort, filters=filters
        )
        return envelope(await self._executor.call(WEBSITE_VISITS, body=body), Visits)

    async def filter_types(self) -> FilterTypes:
        """The filters of prospecting for companies. Free; `filters.types` keeps them in memory.

        Source: the vendor's prospecting filters reference.
        """
        return envelope(await self._executor.call(FILTER_TYPES), FilterTypes)

    async def filter_values(self, filter_type: str, query: str | None = None) -> FilterValues:
        """The values of a filter; `names`, `technologies` and `locations` need a `query` of 2-256 characters. Free.

        `filters.values` keeps them in memory, `filters.check` compares filters with them. Source: the vendor's
        prospecting filters reference.
        """
        asked = {"query": checks.search_text(query, "query")}
        path = {"filterType": checks.string(filter_type, "filter_type")}
        reply = await self._executor.call(FILTER_VALUES, path=path, query=asked)
        return envelope(reply, FilterValues)

    async def icp_fit_scores(
        self, companies: Iterable[Identity], target_profile_ids: Iterable[str]
    ) -> CompanyIcpFits:
        """How well 1-100 companies, each named in exactly one way, fit 1-3 profiles, from 0 to 1.

        Costs a credit for each scored, a score of 0 included. Source: the vendor's ICP fit score reference.
        """
        named = _identities(ICP_FIT_SCORES, companies)
        profiles = _bodies.profiles(target_profile_ids)
        reply = await self._executor.call(ICP_FIT_SCORES, body={"targetProfileIds": profiles, "companies": named})
        return envelope(reply, CompanyIcpFits)

    async def recommendations_page(
        self,
        *,
        filters: RecommendationFilters | Mapping[str, Any] | None = None,
        sort: Iterable[Sort | Mapping[str, Any]] | None = None,
        page: int = 0,
        size: int = 25,
    ) -> CompanyRecommendations:
        """One page (0-1000) of 10-100 recommended companies; at most four sorts, all of one order.

        Needs a key owned by a member of the account, else `PermissionDeniedError`. Costs
        `companyRecommendationsReveal` for each. Source: the vendor's recommendations reference.
        """
        body = _bodies.recommendations_body(filters=filters, sort=sort, page=page, size=size)
        return envelope(await self._executor.call(RECOMMENDATIONS, body=body), CompanyRecommendations)

    async def recommendation_filters(self) -> RecommendationFilterValues:
        """What recommendations can be narrowed by. Free. Source: the vendor's recommendations reference."""
        return envelope(await self._executor.call(RECOMMENDATION_FILTERS), RecommendationFilterValues)
