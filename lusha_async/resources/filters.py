"""`client.contacts.filters` and `client.companies.filters`: the vendor's lists of values, and checks against them."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, Unpack

from attrs import evolve

from .._call.call import Executor
from .._params import checks, encode
from ..errors import InvalidRequestError
from ..filters.check import compare
from ..filters.lists import Demand, Discovery, Freshness
from ..filters.report import FilterReport
from ..filters.sources import SIGNAL_TYPES, TYPES, Source, company, contact, hiring
from ..filters.walk import walked
from ..models.filter_values import Discovered, FilterType
from ..models.filters import ProspectingFilters
from ..models.recommendations import RecommendationFilters
from . import _bodies
from ._prospecting import FiltersInput, criteria_of, refuse_unfit

__all__ = ["CompanyFilterLists", "ContactFilterLists"]

_SEARCHES = 50


class _FilterLists:
    """What the lists for people and those for companies have in common."""

    _kind: str
    _singular: str

    def __init__(self, executor: Executor, discovery: Discovery) -> None:
        self._executor = executor
        self._discovery = discovery

    async def types(self, **how: Unpack[Freshness]) -> Discovered[FilterType]:
        """The filters of prospecting that have a list, and which of them are searched by a query.

        Free; a request if it is not in memory, where all views of the client keep it for a day (see `Freshness`).
        Source: the vendor's prospecting filters reference.
        """
        return await self._discovery.get(self._executor, TYPES[self._kind], None, Demand(**how))

    async def signal_types(self, **how: Unpack[Freshness]) -> Discovered[str]:
        """The signal types. Free and kept as `types`. Source: the vendor's signals reference."""
        return await self._discovery.get(self._executor, SIGNAL_TYPES[self._kind], None, Demand(**how))

    async def check(
        self, filters: FiltersInput, *, searches: int = _SEARCHES, **how: Unpack[Freshness]
    ) -> FilterReport:
        """Which values of prospecting filters the vendor does not know, and which it has that are like them.

        Only the lists that the filters need are asked for, each in one free request, or in none if it is in memory
        (see `Freshness`). Lists that are searched (places, names of companies, technologies) take a request for
        each value and two more for one that is not found: at most `searches` are sent, and what is left is reported as
        unchecked. Empty filters send nothing.

        Raises `InvalidRequestError` for filters that prospecting would refuse, before anything is sent, else any
        `LushaError`. Cancelling it leaves others that wait for the same list in peace. Source: the vendor's
        prospecting and prospecting filters references.
        """
        demand = Demand(**how)
        checks.integer(searches, "searches", minimum=0)
        body = encode.model(ProspectingFilters, filters, "filters")
        criteria = criteria_of(body)
        if any(members for _, _, members in criteria):
            refuse_unfit(body, kind=self._kind)
        parts = [part for name, side, members in criteria for part in walked(name, members, name, side)]
        return await compare(self._executor, self._discovery, body, parts, searches=searches, how=demand)

    async def check_recommendations(
        self, filters: RecommendationFilters | Mapping[str, Any], **how: Unpack[Freshness]
    ) -> FilterReport:
        """Filters of recommendations, compared with what occurs in them: as `check`, in one request at most.

        Needs a key owned by a member of the account, else `PermissionDeniedError`. Source: the vendor's
        recommendations reference.
        """
        demand = Demand(**how)
        body = encode.model(RecommendationFilters, filters, "filters")
        parts = list(walked(f"{self._singular} recommendations", body))
        return await compare(self._executor, self._discovery, body, parts, searches=_SEARCHES, how=demand)

    async def _check_signals(self, body: dict[str, Any], how: Freshness) -> FilterReport:
        demand = Demand(**how)
        parts = list(walked(f"{self._singular} signals", body))
        return await compare(self._executor, self._discovery, body, parts, searches=_SEARCHES, how=demand)

    async def _values(self, source: Source, query: str | None, how: Freshness) -> Discovered[Any]:
        demand = Demand(**how)
        text = checks.search_text(query, "query")
        if text is None and source.searched:
            raise InvalidRequestError("query", f"{source.filter_type} is searched: give 2 to 256 characters")
        if text is not None and not source.queries:
            raise InvalidRequestError("query", f"{source.filter_type} takes none")
        found = await self._discovery.get(self._executor, source, text, demand)
        return evolve(found, values=deepcopy(found.values))  # what the caller does to objects in it stays there


class ContactFilterLists(_FilterLists):
    """The values that filters for people take, kept in memory, and checks of filters against them.

    `client.contacts.signal_types` returns the same without the cache.
    """

    _kind = "contacts"
    _singular = "contact"

    async def values(
        self, filter_type: str, query: str | None = None, **how: Unpack[Freshness]
    ) -> Discovered[Any]:
        """The values of `departments`, `seniority`, `existingDataPoints`, `countries`, or `locations` by a `query`.

        Free and kept as `types`, for each query of 2-256 characters. Their shape is the filter's own: texts,
        objects with names and codes, places. Source: the vendor's prospecting filters reference.
        """
        return await self._values(contact(checks.string(filter_type, "filter_type")), query, how)

    async def check_signals(self, signal_types: Iterable[str], **how: Unpack[Freshness]) -> FilterReport:
        """Signal types, compared with the vendor's: as `check`, in one request at most."""
        return await self._check_signals(_bodies.signal_types(signal_types), how)


class CompanyFilterLists(_FilterLists):
    """The values that filters for companies take, kept in memory, and checks of filters against them.

    `client.companies.signal_types` returns the same without the cache.
    """

    _kind = "companies"
    _singular = "company"

    async def values(
        self, filter_type: str, query: str | None = None, **how: Unpack[Freshness]
    ) -> Discovered[Any]:
        """The values of `sizes`, `revenues`, `sics`, `naics`, `industriesLabels` or `intentTopics`.

        `names`, `technologies` and `locations` need a `query` of 2-256 characters. Free and kept as `types`, for
        each query. Their shape is the filter's own: texts, ranges, industries with ids, places. Source: the
        vendor's prospecting filters reference.
        """
        return await self._values(company(checks.string(filter_type, "filter_type")), query, how)

    async def signal_filters(self, **how: Unpack[Freshness]) -> Discovered[FilterType]:
        """The filters of signals that have a list. Free and kept as `types`. Source: the signals reference."""
        return await self._discovery.get(self._executor, TYPES["signals"], None, Demand(**how))

    async def signal_values(
        self, filter_type: str, query: str | None = None, **how: Unpack[Freshness]
    ) -> Discovered[Any]:
        """The values of `newsEventTypes`, `hiringByDepartments`, `intentCategories`, or `hiringByLocations`.

        The last needs a `query` of 2-256 characters. Free and kept as `types`. Source: the signals reference.
        """
        return await self._values(hiring(checks.string(filter_type, "filter_type")), query, how)

    async def check_signals(
        self,
        signal_types: Iterable[str],
        *,
        intent_categories: Iterable[str] | None = None,
        **how: Unpack[Freshness],
    ) -> FilterReport:
        """Signal types and intent categories, compared with the vendor's: as `check`, in two requests at most."""
        body = {
            "signalTypes": checks.strings(signal_types, "signal_types"),
            "intentCategories": checks.optional_strings(intent_categories, "intent_categories"),
        }
        return await self._check_signals(checks.drop_none(body) or {}, how)
