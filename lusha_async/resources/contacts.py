"""`client.contacts`."""

from collections.abc import Iterable, Mapping
from typing import Any

from .. import arguments
from ..models.contacts import ContactPage, ContactQuery, EnrichedContacts, FoundContacts
from ..models.filters import ProspectingFilters
from ..operations import BY_NAME
from ..pipeline import Pipeline
from .answers import envelope
from .tables import Tables

__all__ = ["Contacts", "enrich_body", "prospect_body", "search_and_enrich_body", "search_body"]

SEARCH = BY_NAME["searchContacts"]
ENRICH = BY_NAME["enrichContacts"]
SEARCH_AND_ENRICH = BY_NAME["searchAndEnrichContacts"]
PROSPECT = BY_NAME["prospectingContacts"]

Query = ContactQuery | Mapping[str, Any]
Filters = ProspectingFilters | Mapping[str, Any]


def search_body(contacts: list[dict[str, Any]], *, partial_profiles: bool | None = None) -> dict[str, Any]:
    """The body of a search for people."""
    return {"contacts": contacts, "options": _options(partial_profiles)}


def enrich_body(
    ids: list[str],
    *,
    reveal: Iterable[str] | None = None,
    waterfall_enabled: bool | None = False,
    table_id: str | None = None,
) -> dict[str, Any]:
    """The body of an enrichment by id."""
    return {
        "ids": ids,
        "reveal": arguments.choices(reveal, "reveal"),
        "waterfallEnabled": waterfall_enabled,
        "tableId": table_id,
    }


def search_and_enrich_body(
    contacts: list[dict[str, Any]], *, reveal: Iterable[str] | None = None, partial_profiles: bool | None = None
) -> dict[str, Any]:
    """The body of a search with enrichment."""
    return {
        "contacts": contacts,
        "reveal": arguments.choices(reveal, "reveal"),
        "options": _options(partial_profiles),
    }


def prospect_body(
    filters: Filters,
    *,
    page: int,
    size: int,
    partial_profiles: bool | None = None,
    exclude_dnc: bool | None = None,
    max_contacts_per_company: int | None = None,
    table_id: str | None = None,
) -> dict[str, Any]:
    """The body of one page of prospecting."""
    options = {
        "includePartialProfiles": partial_profiles,
        "excludeDnc": exclude_dnc,
        "maxContactsPerCompany": max_contacts_per_company,
    }
    return {
        "pagination": arguments.page(page, size),
        "filters": arguments.filters(filters, needs=("contacts", "companies")),
        "options": _given(options),
        "tableId": table_id,
    }


def _options(partial_profiles: bool | None) -> dict[str, Any] | None:
    return _given({"includePartialProfiles": partial_profiles})


def _given(members: Mapping[str, Any]) -> dict[str, Any] | None:
    return {name: value for name, value in members.items() if value is not None} or None


class Contacts:
    """People."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self.tables = Tables(pipeline, "contacts")

    async def search(self, contacts: Iterable[Query], *, partial_profiles: bool | None = None) -> FoundContacts:
        """Find 1-100 people. One result for each query, in order; `error` on those not found.

        Costs `contactSearch` for each begun 25 found. Raises `InvalidRequestError` before anything is sent,
        else any `LushaError`. Source: the vendor's search reference.
        """
        listed = arguments.batch(SEARCH, contacts)
        queries = [arguments.contact(query, f"contacts[{place}]") for place, query in enumerate(listed)]
        reply = await self._pipeline.call(SEARCH, body=search_body(queries, partial_profiles=partial_profiles))
        return envelope(reply, FoundContacts)

    async def enrich(
        self,
        ids: Iterable[str],
        *,
        reveal: Iterable[str] | None = None,
        waterfall_enabled: bool | None = False,
        table_id: str | None = None,
    ) -> EnrichedContacts:
        """Reveal `emails`, `phones` or (None) both of 1-100 people by id.

        Costs `revealEmail` and `revealPhone` for each data point that the account has not revealed before; a
        repeat is free. `waterfall_enabled` lets the vendor buy what it lacks from third parties at their
        price: off here unless asked for (None: the account's own setting). Source: the vendor's enrich
        reference.
        """
        listed = [
            arguments.entity_id(one, f"ids[{place}]") for place, one in enumerate(arguments.batch(ENRICH, ids))
        ]
        body = enrich_body(listed, reveal=reveal, waterfall_enabled=waterfall_enabled, table_id=table_id)
        return envelope(await self._pipeline.call(ENRICH, body=body), EnrichedContacts)

    async def search_and_enrich(
        self,
        contacts: Iterable[Query],
        *,
        reveal: Iterable[str] | None = None,
        partial_profiles: bool | None = None,
    ) -> EnrichedContacts:
        """Find 1-100 people and reveal them in one request.

        Costs a search and the data points; a repeat pays the search again. The account's waterfall, if it has
        one, cannot be switched off for this call. Source: the vendor's search-and-enrich reference.
        """
        listed = arguments.batch(SEARCH_AND_ENRICH, contacts)
        queries = [arguments.contact(query, f"contacts[{place}]") for place, query in enumerate(listed)]
        body = search_and_enrich_body(queries, reveal=reveal, partial_profiles=partial_profiles)
        return envelope(await self._pipeline.call(SEARCH_AND_ENRICH, body=body), EnrichedContacts)

    async def prospect_page(
        self,
        filters: Filters,
        *,
        page: int = 0,
        size: int = 50,
        partial_profiles: bool | None = None,
        exclude_dnc: bool | None = None,
        max_contacts_per_company: int | None = None,
        table_id: str | None = None,
    ) -> ContactPage:
        """One page (0-1000) of the people that fit the filters.

        The vendor may answer with fewer than `size` (10-100): go on by the echoed `pagination.size`. Costs
        `contactSearch` for each begun 25 results. Source: the vendor's prospecting reference.
        """
        body = prospect_body(
            filters,
            page=page,
            size=size,
            partial_profiles=partial_profiles,
            exclude_dnc=exclude_dnc,
            max_contacts_per_company=max_contacts_per_company,
            table_id=table_id,
        )
        return envelope(await self._pipeline.call(PROSPECT, body=body), ContactPage)
