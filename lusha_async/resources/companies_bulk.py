"""`client.companies` with its many-forms, and single awaits that share requests."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Unpack

from .._bulk.batch import BulkConfig, Outcomes
from .._bulk.chunks import Source
from .._bulk.coalesce import Coalescers
from .._call.call import Executor
from .._params import checks, encode
from ..filters.lists import Discovery
from ..models.companies import Company, CompanyPreview
from ..models.icp import CompanyIcpFit
from ..models.signals import CompanySignals, CompanySignalScore, SignalOptions
from . import _bodies, companies, companies_bodies
from ._forms import BulkOptions, load_query, row_call
from .tables_bulk import Tables

__all__ = ["Companies"]


class Companies(companies.Companies):
    """Companies: single calls, many-forms (`*_many`, one `Outcome` for each input) and shared ones (`*_one`)."""

    def __init__(self, executor: Executor, coalescers: Coalescers, discovery: Discovery) -> None:
        super().__init__(executor, coalescers, discovery)
        self.tables: Tables = Tables(executor, "companies")

    def search_many(
        self,
        queries: Source[companies_bodies.Query],
        *,
        partial_profiles: bool | None = None,
        signals: SignalOptions | Mapping[str, Any] | None = None,
        **how: Unpack[BulkOptions],
    ) -> Outcomes[companies_bodies.Query, CompanyPreview]:
        """`search` for any number of companies, 100 in a request. Credits as there; `how`: see `BulkOptions`.

        A lost answer is not asked again: its rows are ambiguous. Source: the vendor's search reference.
        """
        template = companies_bodies.search_body([], partial_profiles=partial_profiles, signals=signals)
        call = row_call(companies.SEARCH, template, CompanyPreview)
        return Outcomes(call, self._executor, queries, encode=_query, config=BulkConfig(**how))

    def enrich_many(
        self,
        ids: Source[str],
        *,
        reveal: Iterable[str] | None = None,
        table_id: str | None = None,
        **how: Unpack[BulkOptions],
    ) -> Outcomes[str, Company]:
        """`enrich` for any number of ids, 100 in a request. Credits as there; `how`: see `BulkOptions`.

        A lost answer is not asked again, since it would be paid again: its rows are ambiguous. Source: the
        vendor's enrich reference.
        """
        template = companies_bodies.enrich_body([], reveal=reveal, table_id=table_id)
        call = row_call(companies.ENRICH, template, Company, echo="id")
        return Outcomes(call, self._executor, ids, encode=_id, config=BulkConfig(**how))

    def search_and_enrich_many(
        self,
        queries: Source[companies_bodies.Query],
        *,
        reveal: Iterable[str] | None = None,
        partial_profiles: bool | None = None,
        **how: Unpack[BulkOptions],
    ) -> Outcomes[companies_bodies.Query, Company]:
        """`search_and_enrich` for any number of companies, 100 in each. Credits as there; `how`: see `BulkOptions`.

        A lost answer is not asked again: its rows are ambiguous. Source: the vendor's search-and-enrich
        reference.
        """
        template = companies_bodies.search_and_enrich_body([], reveal=reveal, partial_profiles=partial_profiles)
        call = row_call(companies.SEARCH_AND_ENRICH, template, Company)
        return Outcomes(call, self._executor, queries, encode=_query, config=BulkConfig(**how))

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
        template = companies_bodies.enrich_body([], reveal=reveal)
        call = row_call(companies.ENRICH, template, Company, echo="id")
        return await self._coalescers.load(self._executor, call, checks.entity_id(id, "id"))

    async def search_one(
        self,
        query: companies_bodies.Query,
        *,
        partial_profiles: bool | None = None,
        signals: SignalOptions | Mapping[str, Any] | None = None,
    ) -> CompanyPreview:
        """One company by a query, in a request shared with all who ask at the same time; see `enrich_one`.

        Credits as `search`. Source: the vendor's search reference.
        """
        template = companies_bodies.search_body([], partial_profiles=partial_profiles, signals=signals)
        call = row_call(companies.SEARCH, template, CompanyPreview)
        return await load_query(self._coalescers, self._executor, call, encode.company_query(query, "query"))

    async def search_and_enrich_one(
        self,
        query: companies_bodies.Query,
        *,
        reveal: Iterable[str] | None = None,
        partial_profiles: bool | None = None,
    ) -> Company:
        """One company by a query, enriched, in a shared request; see `enrich_one`.

        Credits as `search_and_enrich`. Source: the vendor's search-and-enrich reference.
        """
        template = companies_bodies.search_and_enrich_body([], reveal=reveal, partial_profiles=partial_profiles)
        call = row_call(companies.SEARCH_AND_ENRICH, template, Company)
        return await load_query(self._coalescers, self._executor, call, encode.company_query(query, "query"))

    def signals_many(
        self,
        ids: Source[str],
        signal_types: Iterable[str],
        *,
        start_date: str | date | None = None,
        max_results_per_signal: int | None = None,
        table_id: str | None = None,
        intent_categories: Iterable[str] | None = None,
        **how: Unpack[BulkOptions],
    ) -> Outcomes[str, CompanySignals]:
        """`signals` for any number of ids, 100 in a request. Credits as there; `how`: see `BulkOptions`.

        A lost answer is not asked again: its rows are ambiguous. Source: the vendor's signals reference.
        """
        template = companies_bodies.signals_body(
            ["any"],
            signal_types,
            start_date=start_date,
            max_results_per_signal=max_results_per_signal,
            table_id=table_id,
            intent_categories=intent_categories,
        )
        call = row_call(companies.SIGNALS, template, CompanySignals, echo="id")
        return Outcomes(call, self._executor, ids, encode=_id, config=BulkConfig(**how))

    def signal_scores_many(
        self, queries: Source[companies_bodies.Identity], **how: Unpack[BulkOptions]
    ) -> Outcomes[companies_bodies.Identity, CompanySignalScore]:
        """`signal_scores` for any number of companies, 100 in a request. Credits as there; `how`: see `BulkOptions`.

        A lost answer is not asked again: its rows are ambiguous. Source: the vendor's signal score reference.
        """
        call = row_call(companies.SIGNAL_SCORES, {}, CompanySignalScore)
        return Outcomes(call, self._executor, queries, encode=_identity, config=BulkConfig(**how))

    def icp_fit_scores_many(
        self,
        queries: Source[companies_bodies.Identity],
        target_profile_ids: Iterable[str],
        **how: Unpack[BulkOptions],
    ) -> Outcomes[companies_bodies.Identity, CompanyIcpFit]:
        """`icp_fit_scores` for any number of companies, 100 in a request. Credits as there; `how`: see `BulkOptions`.

        A lost answer is not asked again: its rows are ambiguous. Source: the vendor's ICP fit score reference.
        """
        template = {"targetProfileIds": _bodies.profiles(target_profile_ids)}
        call = row_call(companies.ICP_FIT_SCORES, template, CompanyIcpFit)
        return Outcomes(call, self._executor, queries, encode=_identity, config=BulkConfig(**how))


def _id(given: str) -> str:
    return checks.entity_id(given, "id")


def _query(given: companies_bodies.Query) -> dict[str, Any]:
    return encode.company_query(given, "query")


def _identity(given: companies_bodies.Identity) -> dict[str, Any]:
    return encode.company_identity(given, "company", companies_bodies.IDENTITY)
