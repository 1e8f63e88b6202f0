"""`client.contacts.filters` and `client.companies.filters`: lists of filter values, and checks against them."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, Unpack

from attrs import evolve

from .._call.call import Executor
from .._params import checks, encode
from ..errors import InvalidRequestError
from ..filters.cache import CacheConfig, CacheOptions, FilterCache
from ..filters.check import check
from ..filters.report import FilterReport
from ..filters.sources import SIGNAL_TYPES, TYPES, Source, company, contact, hiring
from ..filters.walk import split_filters
from ..models.filter_values import Discovered, FilterType
from ..models.filters import ProspectingFilters
from ..models.recommendations import RecommendationFilters
from . import _bodies
from ._prospecting import FiltersInput, criteria_of, refuse_unsupported

__all__ = ["CompanyFilterLists", "ContactFilterLists"]

_MAX_SEARCHES = 50


class _FilterLists:
    _kind: str
    _recommendations: str
    _signals: str

    def __init__(self, executor: Executor, cache: FilterCache) -> None:
        self._executor = executor
        self._cache = cache

    async def types(self, **options: Unpack[CacheOptions]) -> Discovered[FilterType]:
        """The filters of prospecting that have a list, and whether it is searched by a query."""
        return await self._get(TYPES[self._kind], None, options)

    async def signal_types(self, **options: Unpack[CacheOptions]) -> Discovered[str]:
        """The signal types."""
        return await self._get(SIGNAL_TYPES[self._kind], None, options)

    async def check(
        self, filters: FiltersInput, *, max_searches: int = _MAX_SEARCHES, **options: Unpack[CacheOptions]
    ) -> FilterReport:
        """Check prospecting filters: report the values that the vendor does not list, with suggestions.

        Requests the lists that the filters need, concurrently, and none for empty filters. A list that is searched
        (places, company names, technologies) takes a request for each value, and two more for a value that is not
        found; at most `max_searches` are sent, and the values left are reported as unchecked.

        Raises `InvalidRequestError` before anything is sent for filters that prospecting refuses.
        """
        config = CacheConfig(**options)
        checks.integer(max_searches, "max_searches", minimum=0)
        body = encode.model(ProspectingFilters, filters, "filters")
        criteria = criteria_of(body)
        if any(members for _, _, members in criteria):
            refuse_unsupported(body, kind=self._kind)
        parts = [part for name, side, members in criteria for part in split_filters(name, members, name, side)]
        return await check(self._executor, self._cache, body, parts, max_searches=max_searches, config=config)

    async def check_recommendations(
        self, filters: RecommendationFilters | Mapping[str, Any], **options: Unpack[CacheOptions]
    ) -> FilterReport:
        """Check filters of recommendations, as `check`, in one request at most.

        Raises `PermissionDeniedError` unless the API key is owned by a member of the account.
        """
        config = CacheConfig(**options)
        body = encode.model(RecommendationFilters, filters, "filters")
        return await self._check(self._recommendations, body, config)

    async def _check_signals(self, body: Mapping[str, Any], options: CacheOptions) -> FilterReport:
        return await self._check(self._signals, body, CacheConfig(**options))

    async def _check(self, kind: str, body: Mapping[str, Any], config: CacheConfig) -> FilterReport:
        parts = list(split_filters(kind, body))
        return await check(self._executor, self._cache, body, parts, max_searches=_MAX_SEARCHES, config=config)

    async def _get(self, source: Source, query: str | None, options: CacheOptions) -> Discovered[Any]:
        return await self._cache.get(self._executor, source, query, CacheConfig(**options))

    async def _values(self, source: Source, query: str | None, options: CacheOptions) -> Discovered[Any]:
        text = checks.search_text(query, "query")
        if text is None and source.searched:
            raise InvalidRequestError("query", f"must have 2 to 256 characters: {source.filter_type} is searched")
        if text is not None and not source.queries:
            raise InvalidRequestError("query", f"must be left out: {source.filter_type} is not searched")
        found = await self._get(source, text, options)
        return evolve(found, values=deepcopy(found.values))  # the caller may change its objects


class ContactFilterLists(_FilterLists):
    """The values that filters of contacts take, and checks of filters against them.

    Free. A list takes one request and is then cached for a day for all views of the client (see `CacheOptions`); tasks
    that need it at the same time share the request, and cancelling one leaves it to the others. Every method raises
    `InvalidRequestError` before anything is sent for an invalid argument, or another `LushaError`.

    `client.contacts.signal_types` returns the signal types without a cache. Source: the vendor's prospecting filters,
    signals and recommendations references.
    """

    _kind = "contacts"
    _recommendations = "contact recommendations"
    _signals = "contact signals"

    async def values(
        self, filter_type: str, query: str | None = None, **options: Unpack[CacheOptions]
    ) -> Discovered[Any]:
        """The values of `departments`, `seniority`, `existingDataPoints`, `countries`, or (by `query`) `locations`.

        `query` has 2-256 characters; each query is cached. The values are as the filter takes them: texts, objects
        with name and code, places.
        """
        return await self._values(contact(checks.string(filter_type, "filter_type")), query, options)

    async def check_signals(self, signal_types: Iterable[str], **options: Unpack[CacheOptions]) -> FilterReport:
        """Check signal types, as `check`, in one request at most."""
        return await self._check_signals(_bodies.signal_types(signal_types), options)


class CompanyFilterLists(_FilterLists):
    """The values that filters of companies take, and checks of filters against them.

    Free. A list takes one request and is then cached for a day for all views of the client (see `CacheOptions`); tasks
    that need it at the same time share the request, and cancelling one leaves it to the others. Every method raises
    `InvalidRequestError` before anything is sent for an invalid argument, or another `LushaError`.

    `client.companies.signal_types` returns the signal types without a cache. Source: the vendor's prospecting filters,
    signals and recommendations references.
    """

    _kind = "companies"
    _recommendations = "company recommendations"
    _signals = "company signals"

    async def values(
        self, filter_type: str, query: str | None = None, **options: Unpack[CacheOptions]
    ) -> Discovered[Any]:
        """The values of `sizes`, `revenues`, `sics`, `naics`, `industriesLabels` or `intentTopics`.

        Of `names`, `technologies` and `locations` by `query`, which has 2-256 characters; each query is cached. The
        values are as the filter takes them: texts, ranges, industries with ids, places.
        """
        return await self._values(company(checks.string(filter_type, "filter_type")), query, options)

    async def signal_filters(self, **options: Unpack[CacheOptions]) -> Discovered[FilterType]:
        """The filters of signals that have a list, and whether it is searched by a query."""
        return await self._get(TYPES["signals"], None, options)

    async def signal_filter_values(
        self, filter_type: str, query: str | None = None, **options: Unpack[CacheOptions]
    ) -> Discovered[Any]:
        """The values of `newsEventTypes`, `hiringByDepartments` or `intentCategories`.

        Of `hiringByLocations` by `query`, which has 2-256 characters; each query is cached.
        """
        return await self._values(hiring(checks.string(filter_type, "filter_type")), query, options)

    async def check_signals(
        self,
        signal_types: Iterable[str],
        *,
        intent_categories: Iterable[str] | None = None,
        **options: Unpack[CacheOptions],
    ) -> FilterReport:
        """Check signal types and intent categories, as `check`, in two requests at most."""
        body = {
            "signalTypes": checks.strings(signal_types, "signal_types"),
            "intentCategories": checks.optional_strings(intent_categories, "intent_categories"),
        }
        return await self._check_signals(checks.drop_none(body) or {}, options)
