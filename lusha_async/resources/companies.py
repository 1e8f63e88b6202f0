"""`client.companies`."""

from collections.abc import Iterable, Mapping
from typing import Any

from .. import arguments
from ..models.companies import CompanyPage, CompanyQuery, EnrichedCompanies, FoundCompanies
from ..models.filters import ProspectingFilters
from ..operations import BY_NAME
from ..pipeline import Pipeline
from .answers import envelope
from .tables import Tables

__all__ = ["Companies", "prospect_body", "search_and_enrich_body", "search_body"]

SEARCH = BY_NAME["searchCompanies"]
ENRICH = BY_NAME["enrichCompanies"]
SEARCH_AND_ENRICH = BY_NAME["searchAndEnrichCompanies"]
PROSPECT = BY_NAME["prospectingCompanies"]

Query = CompanyQuery | Mapping[str, Any]
Filters = ProspectingFilters | Mapping[str, Any]


def search_body(companies: list[dict[str, Any]], *, partial_profiles: bool | None = None) -> dict[str, Any]:
    """The body of a search for companies."""
    return {"companies": companies, "options": _options(partial_profiles)}


def search_and_enrich_body(
    companies: list[dict[str, Any]], *, reveal: Iterable[str] | None = None, partial_profiles: bool | None = None
) -> dict[str, Any]:
    """The body of a search with enrichment."""
    return {
        "companies": companies,
        "options": _options(partial_profiles),
        "reveal": arguments.choices(reveal, "reveal"),
    }


def prospect_body(
    filters: Filters,
    *,
    page: int,
    size: int,
    partial_profiles: bool | None = None,
    table_id: str | None = None,
) -> dict[str, Any]:
    """The body of one page of prospecting."""
    return {
        "pagination": arguments.page(page, size),
        "filters": arguments.filters(filters, needs=("companies",)),
        "options": _options(partial_profiles),
        "tableId": table_id,
    }


def _options(partial_profiles: bool | None) -> dict[str, Any] | None:
    return None if partial_profiles is None else {"includePartialProfiles": partial_profiles}


class Companies:
    """Companies."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self.tables = Tables(pipeline, "companies")

    async def search(self, companies: Iterable[Query], *, partial_profiles: bool | None = None) -> FoundCompanies:
        """Find 1-100 companies. One result for each query, in order; `error` on those not found.

        Costs `companySearch` for each begun 25 found. Raises `InvalidRequestError` before anything is sent,
        else any `LushaError`. Source: the vendor's search reference.
        """
        listed = arguments.batch(SEARCH, companies)
        queries = [arguments.company(query, f"companies[{place}]") for place, query in enumerate(listed)]
        reply = await self._pipeline.call(SEARCH, body=search_body(queries, partial_profiles=partial_profiles))
        return envelope(reply, FoundCompanies)

    async def enrich(
        self, ids: Iterable[str], *, reveal: Iterable[str] | None = None, table_id: str | None = None
    ) -> EnrichedCompanies:
        """Enrich 1-100 companies by id; `reveal` names premium members to add.

        Costs `revealCompany` for each, and `revealCompanyPremiumData` for each premium member found. A repeat
        is charged again, unlike with contacts. Source: the vendor's enrich reference.
        """
        listed = [
            arguments.entity_id(one, f"ids[{place}]") for place, one in enumerate(arguments.batch(ENRICH, ids))
        ]
        body = {"ids": listed, "reveal": arguments.choices(reveal, "reveal"), "tableId": table_id}
        return envelope(await self._pipeline.call(ENRICH, body=body), EnrichedCompanies)

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
        listed = arguments.batch(SEARCH_AND_ENRICH, companies)
        queries = [arguments.company(query, f"companies[{place}]") for place, query in enumerate(listed)]
        body = search_and_enrich_body(queries, reveal=reveal, partial_profiles=partial_profiles)
        return envelope(await self._pipeline.call(SEARCH_AND_ENRICH, body=body), EnrichedCompanies)

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
        return envelope(await self._pipeline.call(PROSPECT, body=body), CompanyPage)
