"""`client.contacts`."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, cast

from .._bulk.coalesce import Coalescers
from .._call.call import Executor
from .._call.decode import envelope
from .._params import checks, encode
from ..billing.unclaimed import CallTracker, Unclaimed
from ..errors import InvalidRequestError, JobUnfinishedError
from ..filters.lists import Discovery
from ..models._codec.structure import structure, unstructure
from ..models.buying_group import BuyingGroups
from ..models.contacts import ContactPage, EnrichedContacts, EnrichJob, FoundContacts, JobAnswer
from ..models.filter_values import FilterTypes, FilterValues
from ..models.icp import ContactIcpFits
from ..models.lookalikes import ContactLookalikes, ContactSeeds
from ..models.recommendations import (
    ContactRecommendations,
    RecommendationFilters,
    RecommendationFilterValues,
    Sort,
)
from ..models.signals import ContactSignalsAnswer, ContactSignalScores, SignalOptions, SignalTypes
from ..operations import BY_NAME, Operation
from . import _bodies
from ._bodies import Filters
from ._waterfall import follow
from .contacts_bodies import (
    Company,
    Query,
    buying_group_body,
    enrich_body,
    named_companies,
    prospect_body,
    search_and_enrich_body,
    search_body,
)
from .filters import ContactFilterLists
from .tables import Tables

__all__ = ["Contacts"]

SEARCH = BY_NAME["searchContacts"]
ENRICH = BY_NAME["enrichContacts"]
ENRICH_JOB = BY_NAME["getContactsEnrichJob"]
SEARCH_AND_ENRICH = BY_NAME["searchAndEnrichContacts"]
PROSPECT = BY_NAME["prospectingContacts"]
LOOKALIKES = BY_NAME["getContactLookalikes"]
BUYING_GROUP = BY_NAME["getContactsBuyingGroup"]
SIGNALS = BY_NAME["getContactSignals"]
SIGNAL_TYPES = BY_NAME["getContactSignalTypes"]
SIGNAL_SCORES = BY_NAME["getContactSignalScores"]
FILTER_TYPES = BY_NAME["getContactFilterTypes"]
FILTER_VALUES = BY_NAME["getContactFilterValues"]
ICP_FIT_SCORES = BY_NAME["getContactIcpFitScores"]
RECOMMENDATIONS = BY_NAME["getContactRecommendations"]
RECOMMENDATION_FILTERS = BY_NAME["getContactRecommendationFilters"]


def _people(operation: Operation, contacts: Iterable[Query]) -> list[dict[str, Any]]:
    listed = checks.batch(operation, contacts)
    return [encode.contact_query(query, f"contacts[{place}]") for place, query in enumerate(listed)]


class Contacts:
    """People."""

    def __init__(self, executor: Executor, coalescers: Coalescers, discovery: Discovery) -> None:
        self._executor = executor
        self._coalescers = coalescers
        self.tables = Tables(executor, "contacts")
        self.filters = ContactFilterLists(executor, discovery)

    async def search(
        self,
        contacts: Iterable[Query],
        *,
        partial_profiles: bool | None = None,
        signals: SignalOptions | Mapping[str, Any] | None = None,
    ) -> FoundContacts:
        """Find 1-100 people. One result for each query, in order; `error` on those not found.

        Costs `contactSearch` for each begun 25 found, and `showSignalsContact` for each signal shown if `signals`
        asks for them. Raises `InvalidRequestError` before anything is sent, else any `LushaError`. Source: the
        vendor's search reference.
        """
        body = search_body(_people(SEARCH, contacts), partial_profiles=partial_profiles, signals=signals)
        return envelope(await self._executor.call(SEARCH, body=body), FoundContacts)

    async def enrich(
        self,
        ids: Iterable[str],
        *,
        reveal: Iterable[str] | None = None,
        waterfall_enabled: bool | None = None,
        table_id: str | None = None,
        wait_for_job: bool = False,
        on_progress: Callable[[EnrichedContacts], object] | None = None,
    ) -> EnrichedContacts:
        """Reveal `emails`, `phones` or (None) both of 1-100 people by id.

        Costs `revealEmail` and `revealPhone` for each data point that the account has not revealed before; a
        repeat is free. `waterfall_enabled` lets the vendor buy what it lacks from third parties at their price, if
        the account has that; None: as the client's options say, where it is off unless asked for.

        Third parties may go on after the answer: its `job` says so. `wait_for_job` follows the job to its end,
        merges what it brings by id, and adds its credits to `billing`; `on_progress` is called with what there is
        at first and after each look. If the job cannot be followed to its end, `JobUnfinishedError` carries what
        there is; if the wait is cancelled, that goes to `client.unclaimed()`. `wait_for_job(...)` resumes either.
        Source: the vendor's enrich and enrich job references.
        """
        checks.callback(on_progress, "on_progress")
        listed = checks.ids(checks.batch(ENRICH, ids), "ids")
        body = enrich_body(
            listed, reveal=reveal, waterfall_enabled=self._waterfall(waterfall_enabled), table_id=table_id
        )
        if not wait_for_job:
            return envelope(await self._executor.call(ENRICH, body=body), EnrichedContacts)
        tracker = CallTracker(patient=False)
        answer = envelope(await self._executor.call(ENRICH, body=body, tracker=tracker), EnrichedContacts)

        def keep(now: EnrichedContacts) -> None:
            tracker.complete(unstructure(now))
            tracker.abandon(self._executor.core.unclaimed)

        return await follow(answer, self.enrich_job, on_progress, keep)

    def _waterfall(self, asked: bool | None) -> bool:
        return self._executor.options.waterfall_enabled if asked is None else asked

    async def enrich_job(self, job_id: str) -> JobAnswer:
        """How a waterfall job stands. Free. `NotFoundError`: unknown, expired, or another account's.

        Source: the vendor's enrich job reference.
        """
        path = {"jobId": checks.entity_id(job_id, "job_id")}
        return envelope(await self._executor.call(ENRICH_JOB, path=path), JobAnswer)

    async def wait_for_job(
        self,
        job: str | EnrichedContacts | JobUnfinishedError | Unclaimed,
        *,
        on_progress: Callable[[EnrichedContacts], object] | None = None,
    ) -> EnrichedContacts:
        """Follow a waterfall job to its end: by its id, or with the answer that it belongs to. Free.

        The answer may be one of `enrich`, that of a `JobUnfinishedError`, or an entry of `client.unclaimed()`: what
        the job brings is merged into it by id, its credits added once. By an id alone, the results are those that
        the job was working on. Raises as `enrich(wait_for_job=True)`; being cancelled loses nothing, the job can be
        followed again until it expires. Source: the vendor's enrich job reference.
        """
        checks.callback(on_progress, "on_progress")
        if isinstance(job, JobUnfinishedError):
            job = cast(EnrichedContacts, job.answer)
        elif isinstance(job, str):
            job = EnrichedContacts(job=EnrichJob(id=checks.entity_id(job, "job")))
        elif isinstance(job, Unclaimed):
            if job.job_id is None:
                raise InvalidRequestError("job", "third parties are not at work on this answer")
            job = structure(job.answer, EnrichedContacts)
        elif not isinstance(cast(Any, job), EnrichedContacts):
            raise InvalidRequestError("job", "give the id of a job, or the answer that it belongs to")
        return await follow(job, self.enrich_job, on_progress, keep=lambda _: None)

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
        queries = _people(SEARCH_AND_ENRICH, contacts)
        body = search_and_enrich_body(queries, reveal=reveal, partial_profiles=partial_profiles)
        return envelope(await self._executor.call(SEARCH_AND_ENRICH, body=body), EnrichedContacts)

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
        return envelope(await self._executor.call(PROSPECT, body=body), ContactPage)

    async def lookalikes_page(
        self,
        seeds: ContactSeeds | Mapping[str, Any],
        *,
        exclude: ContactSeeds | Mapping[str, Any] | None = None,
        limit: int = 25,
        dedupe_session_id: str | None = None,
        table_id: str | None = None,
    ) -> ContactLookalikes:
        """At most `limit` (1-100) people like 5-100 seeds.

        The answer's `dedupe_session_id`, given with the same seeds, brings further ones without repeats for 30
        days; then `SessionExpiredError`. Costs `lookalikeContact` for each begun 5. Source: the vendor's
        lookalikes reference.
        """
        body = _bodies.lookalikes_body(
            ContactSeeds,
            seeds,
            exclude=exclude,
            limit=limit,
            dedupe_session_id=dedupe_session_id,
            table_id=table_id,
        )
        return envelope(await self._executor.call(LOOKALIKES, body=body), ContactLookalikes)

    async def buying_group(
        self,
        companies: Iterable[Company],
        *,
        contacts_limit: int,
        personas: Iterable[str] | None = None,
        page: int | None = None,
        size: int | None = None,
    ) -> BuyingGroups:
        """Who decides at 1-25 companies, each named by exactly one of `domain` and `id`.

        Costs `buyingGroupReveal` for each person: at most `contacts_limit` for each company. That must be given,
        because the vendor's own default of 60 makes one call cost up to 1,500 credits. `personas`: decision_maker,
        potential_champion, end_user. Source: the vendor's buying group reference.
        """
        named = named_companies(companies)
        body = buying_group_body(named, contacts_limit=contacts_limit, personas=personas, page=page, size=size)
        return envelope(await self._executor.call(BUYING_GROUP, body=body), BuyingGroups)

    async def signals(
        self,
        ids: Iterable[str],
        signal_types: Iterable[str],
        *,
        start_date: str | date | None = None,
        max_results_per_signal: int | None = None,
        table_id: str | None = None,
    ) -> ContactSignalsAnswer:
        """The signals of 1-100 people since `start_date`: `promotion`, `companyChange`, or `allSignals`.

        Costs `showSignalsContact` for each signal shown. Source: the vendor's signals reference.
        """
        body = _bodies.signals_body(
            checks.batch(SIGNALS, ids),
            signal_types,
            start_date=start_date,
            max_results_per_signal=max_results_per_signal,
            table_id=table_id,
        )
        return envelope(await self._executor.call(SIGNALS, body=body), ContactSignalsAnswer)

    async def signal_types(self) -> SignalTypes:
        """The signal types of people. Free. Source: the vendor's signals reference."""
        return envelope(await self._executor.call(SIGNAL_TYPES), SignalTypes)

    async def signal_scores(self, contacts: Iterable[Query]) -> ContactSignalScores:
        """How much moves around 1-100 people, each scored from 0 to 1.

        Costs `signalScoreContact` for each scored. Source: the vendor's signal score reference.
        """
        body = {"contacts": _people(SIGNAL_SCORES, contacts)}
        return envelope(await self._executor.call(SIGNAL_SCORES, body=body), ContactSignalScores)

    async def filter_types(self) -> FilterTypes:
        """The filters of prospecting for people. Free; `filters.types` keeps them in memory.

        Source: the vendor's prospecting filters reference.
        """
        return envelope(await self._executor.call(FILTER_TYPES), FilterTypes)

    async def filter_values(self, filter_type: str, query: str | None = None) -> FilterValues:
        """The values of a filter; `locations` needs a `query` of 2-256 characters. Free.

        `filters.values` keeps them in memory, `filters.check` compares filters with them. Source: the vendor's
        prospecting filters reference.
        """
        asked = {"query": checks.search_text(query, "query")}
        path = {"filterType": checks.string(filter_type, "filter_type")}
        reply = await self._executor.call(FILTER_VALUES, path=path, query=asked)
        return envelope(reply, FilterValues)

    async def icp_fit_scores(self, contacts: Iterable[Query], target_profile_ids: Iterable[str]) -> ContactIcpFits:
        """How well 1-100 people fit 1-3 profiles, from 0 to 1.

        Costs a credit for each scored, a score of 0 included. Source: the vendor's ICP fit score reference.
        """
        people = _people(ICP_FIT_SCORES, contacts)
        profiles = _bodies.profiles(target_profile_ids)
        reply = await self._executor.call(ICP_FIT_SCORES, body={"targetProfileIds": profiles, "contacts": people})
        return envelope(reply, ContactIcpFits)

    async def recommendations_page(
        self,
        *,
        filters: RecommendationFilters | Mapping[str, Any] | None = None,
        sort: Iterable[Sort | Mapping[str, Any]] | None = None,
        page: int = 0,
        size: int = 25,
    ) -> ContactRecommendations:
        """One page (0-1000) of 10-100 recommended people; at most four sorts, all of one order.

        Needs a key owned by a member of the account, else `PermissionDeniedError`. Costs
        `contactRecommendationsReveal` for each. Source: the vendor's recommendations reference.
        """
        body = _bodies.recommendations_body(filters=filters, sort=sort, page=page, size=size)
        return envelope(await self._executor.call(RECOMMENDATIONS, body=body), ContactRecommendations)

    async def recommendation_filters(self) -> RecommendationFilterValues:
        """What recommendations can be narrowed by. Free. Source: the vendor's recommendations reference."""
        return envelope(await self._executor.call(RECOMMENDATION_FILTERS), RecommendationFilterValues)
