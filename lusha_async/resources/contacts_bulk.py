"""`client.contacts` with its many-forms, and single awaits that share requests."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Unpack

from .._bulk.batch import BulkConfig, Outcomes
from .._bulk.chunks import Source
from .._bulk.coalesce import Coalescers
from .._call.call import Executor
from .._params import checks, encode
from ..filters.lists import Discovery
from ..models.buying_group import BuyingGroup
from ..models.contacts import Contact, ContactPreview
from ..models.icp import ContactIcpFit
from ..models.signals import ContactSignals, ContactSignalScore, SignalOptions
from . import _bodies, contacts, contacts_bodies
from ._forms import BulkOptions, load_query, row_call
from .tables_bulk import Tables

__all__ = ["Contacts"]


class Contacts(contacts.Contacts):
    """People: single calls, many-forms (`*_many`, one `Outcome` for each input) and shared ones (`*_one`)."""

    def __init__(self, executor: Executor, coalescers: Coalescers, discovery: Discovery) -> None:
        super().__init__(executor, coalescers, discovery)
        self.tables: Tables = Tables(executor, "contacts")

    def enrich_many(
        self,
        ids: Source[str],
        *,
        reveal: Iterable[str] | None = None,
        waterfall_enabled: bool | None = None,
        table_id: str | None = None,
        **how: Unpack[BulkOptions],
    ) -> Outcomes[str, Contact]:
        """`enrich` for any number of ids, 100 in a request. Credits as there; `how`: see `BulkOptions`.

        A lost answer is asked again, which is free. With `waterfall_enabled`, third parties may deliver after the
        outcomes: `client.waterfall_jobs()` names the jobs to wait for. Source: the vendor's enrich reference.
        """
        template = contacts_bodies.enrich_body(
            [], reveal=reveal, waterfall_enabled=self._waterfall(waterfall_enabled), table_id=table_id
        )
        call = row_call(contacts.ENRICH, template, Contact, echo="id")
        return Outcomes(call, self._executor, ids, encode=_id, config=BulkConfig(**how))

    def search_many(
        self,
        queries: Source[contacts_bodies.Query],
        *,
        partial_profiles: bool | None = None,
        signals: SignalOptions | Mapping[str, Any] | None = None,
        **how: Unpack[BulkOptions],
    ) -> Outcomes[contacts_bodies.Query, ContactPreview]:
        """`search` for any number of people, 100 in a request. Credits as there; `how`: see `BulkOptions`.

        A lost answer is not asked again: its rows are ambiguous. Source: the vendor's search reference.
        """
        template = contacts_bodies.search_body([], partial_profiles=partial_profiles, signals=signals)
        call = row_call(contacts.SEARCH, template, ContactPreview)
        return Outcomes(call, self._executor, queries, encode=_query, config=BulkConfig(**how))

    def search_and_enrich_many(
        self,
        queries: Source[contacts_bodies.Query],
        *,
        reveal: Iterable[str] | None = None,
        partial_profiles: bool | None = None,
        **how: Unpack[BulkOptions],
    ) -> Outcomes[contacts_bodies.Query, Contact]:
        """`search_and_enrich` for any number of people, 100 in a request. Credits as there; `how`: see `BulkOptions`.

        A lost answer is not asked again: its rows are ambiguous. Source: the vendor's search-and-enrich
        reference.
        """
        template = contacts_bodies.search_and_enrich_body([], reveal=reveal, partial_profiles=partial_profiles)
        call = row_call(contacts.SEARCH_AND_ENRICH, template, Contact)
        return Outcomes(call, self._executor, queries, encode=_query, config=BulkConfig(**how))

    async def enrich_one(
        self,
        id: str,
        *,
        reveal: Iterable[str] | None = None,
        waterfall_enabled: bool | None = None,
    ) -> Contact:
        """One person by id, in a request shared with all who ask at the same time.

        Meant for web handlers: a thousand that await at once cost ten requests, and one alone is not delayed.
        Raises `ItemError` when the vendor does not serve the id, else what became of the shared request. Being
        cancelled never hurts the others. Credits as `enrich`. Source: the vendor's enrich reference.
        """
        template = contacts_bodies.enrich_body(
            [], reveal=reveal, waterfall_enabled=self._waterfall(waterfall_enabled)
        )
        call = row_call(contacts.ENRICH, template, Contact, echo="id")
        return await self._coalescers.load(self._executor, call, checks.entity_id(id, "id"))

    async def search_one(
        self,
        query: contacts_bodies.Query,
        *,
        partial_profiles: bool | None = None,
        signals: SignalOptions | Mapping[str, Any] | None = None,
    ) -> ContactPreview:
        """One person by a query, in a request shared with all who ask at the same time; see `enrich_one`.

        Credits as `search`. Source: the vendor's search reference.
        """
        template = contacts_bodies.search_body([], partial_profiles=partial_profiles, signals=signals)
        call = row_call(contacts.SEARCH, template, ContactPreview)
        return await load_query(self._coalescers, self._executor, call, encode.contact_query(query, "query"))

    async def search_and_enrich_one(
        self,
        query: contacts_bodies.Query,
        *,
        reveal: Iterable[str] | None = None,
        partial_profiles: bool | None = None,
    ) -> Contact:
        """One person by a query, enriched, in a shared request; see `enrich_one`.

        Credits as `search_and_enrich`. Source: the vendor's search-and-enrich reference.
        """
        template = contacts_bodies.search_and_enrich_body([], reveal=reveal, partial_profiles=partial_profiles)
        call = row_call(contacts.SEARCH_AND_ENRICH, template, Contact)
        return await load_query(self._coalescers, self._executor, call, encode.contact_query(query, "query"))

    def signals_many(
        self,
        ids: Source[str],
        signal_types: Iterable[str],
        *,
        start_date: str | date | None = None,
        max_results_per_signal: int | None = None,
        table_id: str | None = None,
        **how: Unpack[BulkOptions],
    ) -> Outcomes[str, ContactSignals]:
        """`signals` for any number of ids, 100 in a request. Credits as there; `how`: see `BulkOptions`.

        A lost answer is not asked again: its rows are ambiguous. Source: the vendor's signals reference.
        """
        template = _bodies.signals_body(
            ["any"],
            signal_types,
            start_date=start_date,
            max_results_per_signal=max_results_per_signal,
            table_id=table_id,
        )
        call = row_call(contacts.SIGNALS, template, ContactSignals, echo="id")
        return Outcomes(call, self._executor, ids, encode=_id, config=BulkConfig(**how))

    def signal_scores_many(
        self, queries: Source[contacts_bodies.Query], **how: Unpack[BulkOptions]
    ) -> Outcomes[contacts_bodies.Query, ContactSignalScore]:
        """`signal_scores` for any number of people, 100 in a request. Credits as there; `how`: see `BulkOptions`.

        A lost answer is not asked again: its rows are ambiguous. Source: the vendor's signal score reference.
        """
        call = row_call(contacts.SIGNAL_SCORES, {}, ContactSignalScore)
        return Outcomes(call, self._executor, queries, encode=_query, config=BulkConfig(**how))

    def icp_fit_scores_many(
        self, queries: Source[contacts_bodies.Query], target_profile_ids: Iterable[str], **how: Unpack[BulkOptions]
    ) -> Outcomes[contacts_bodies.Query, ContactIcpFit]:
        """`icp_fit_scores` for any number of people, 100 in a request. Credits as there; `how`: see `BulkOptions`.

        A lost answer is not asked again: its rows are ambiguous. Source: the vendor's ICP fit score reference.
        """
        template = {"targetProfileIds": _bodies.profiles(target_profile_ids)}
        call = row_call(contacts.ICP_FIT_SCORES, template, ContactIcpFit)
        return Outcomes(call, self._executor, queries, encode=_query, config=BulkConfig(**how))

    def buying_group_many(
        self,
        companies: Source[contacts_bodies.Company],
        *,
        contacts_limit: int,
        personas: Iterable[str] | None = None,
        **how: Unpack[BulkOptions],
    ) -> Outcomes[contacts_bodies.Company, BuyingGroup]:
        """`buying_group` for any number of companies; `contacts_limit` (1-100) for each. Credits as there.

        How the vendor pages such answers is not documented; so no request asks for more than one page of 100
        people can hold: 25 companies or fewer. A lost answer is not asked again: its rows are ambiguous. `how`:
        see `BulkOptions`. Source: the vendor's buying group reference.
        """
        checks.integer(contacts_limit, "contacts_limit", minimum=1, maximum=100)
        template = contacts_bodies.buying_group_body(
            [], contacts_limit=contacts_limit, personas=personas, page=0, size=100
        )
        call = row_call(contacts.BUYING_GROUP, template, BuyingGroup, most=max(1, 100 // contacts_limit))
        return Outcomes(call, self._executor, companies, encode=_company, config=BulkConfig(**how))


def _id(given: str) -> str:
    return checks.entity_id(given, "id")


def _query(given: contacts_bodies.Query) -> dict[str, Any]:
    return encode.contact_query(given, "query")


def _company(given: contacts_bodies.Company) -> dict[str, Any]:
    return encode.company_identity(given, "company", ("domain", "id"))
