"""`client.contacts`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Unpack, cast

from .._bulk.batch import Outcomes
from .._bulk.chunks import Source
from .._bulk.coalesce import Coalescers
from .._call.call import Executor
from .._call.decode import envelope, read, results
from .._json import as_list, as_object
from .._pages.paging import FetchedPage, PageSpec, PagingRules
from .._pages.partition import PartitionedStream
from .._pages.stream import PageStream, Query
from .._params import checks, encode
from ..billing.unclaimed import CallTracker, Unclaimed
from ..errors import InvalidRequestError, JobUnfinishedError
from ..filters.cache import FilterCache
from ..models._codec.structure import structure, unstructure
from ..models.buying_group import BuyingGroup, BuyingGroupContact
from ..models.common import Enriched, EnrichJob, Page, Results
from ..models.contacts import Contact, ContactPreview, EnrichJobStatus
from ..models.icp import ContactIcpFit
from ..models.lookalikes import ContactSeeds, LookalikeResults
from ..models.recommendations import RecommendationFilters, RecommendationFiltersResponse, RecommendedContact, Sort
from ..models.signals import ContactSignals, ContactSignalScore, SignalOptions, SignalResults, SignalTypesResponse
from ..operations import BY_NAME, CONTACT_REVEALS
from . import _bodies, _prospecting
from ._bodies import CompanyIdentityInput, ContactInput
from ._forms import BatchEndpoint, BulkOptions
from ._prospecting import FiltersInput
from ._queries import PagedEndpoint, SessionEndpoint, StreamOptions, by_id, pagination
from ._waterfall import follow
from .filters import ContactFilterLists
from .tables import Tables

__all__ = ["Contacts"]

SEARCH = BatchEndpoint(
    operation=BY_NAME["searchContacts"],
    row=ContactPreview,
    response=Results[ContactPreview],
    item="contact",
    encode=encode.contact_query,
)
ENRICH: BatchEndpoint[str, Contact, Enriched[Contact]] = BatchEndpoint(
    operation=BY_NAME["enrichContacts"],
    row=Contact,
    response=Enriched[Contact],
    item="id",
    encode=checks.entity_id,
)
SEARCH_AND_ENRICH = BatchEndpoint(
    operation=BY_NAME["searchAndEnrichContacts"],
    row=Contact,
    response=Enriched[Contact],
    item="contact",
    encode=encode.contact_query,
)
BUYING_GROUP = BatchEndpoint(
    operation=BY_NAME["getContactsBuyingGroup"],
    row=BuyingGroup,
    response=Page[BuyingGroup],
    item="company",
    encode=partial(encode.company_identity, members=("domain", "id")),
)
SIGNALS: BatchEndpoint[str, ContactSignals, SignalResults[ContactSignals]] = BatchEndpoint(
    operation=BY_NAME["getContactSignals"],
    row=ContactSignals,
    response=SignalResults[ContactSignals],
    item="id",
    encode=checks.entity_id,
)
SIGNAL_SCORES = BatchEndpoint(
    operation=BY_NAME["getContactSignalScores"],
    row=ContactSignalScore,
    response=Results[ContactSignalScore],
    item="contact",
    encode=encode.contact_query,
)
ICP_FIT_SCORES = BatchEndpoint(
    operation=BY_NAME["getContactIcpFitScores"],
    row=ContactIcpFit,
    response=Results[ContactIcpFit],
    item="contact",
    encode=encode.contact_query,
)
PROSPECT = PagedEndpoint(
    operation=BY_NAME["prospectingContacts"],
    row=ContactPreview,
    response=Page[ContactPreview],
    rules=PagingRules(min_size=10, max_size=100, last_page=1000, max_rows=50_000),
)
RECOMMENDATIONS = PagedEndpoint(
    operation=BY_NAME["getContactRecommendations"],
    row=RecommendedContact,
    response=Page[RecommendedContact],
    rules=PagingRules(min_size=10, max_size=100, last_page=1000),
)
LOOKALIKES = SessionEndpoint(
    operation=BY_NAME["getContactLookalikes"], row=ContactPreview, response=LookalikeResults[ContactPreview]
)
_ENRICH_JOB = BY_NAME["getContactsEnrichJob"]
_SIGNAL_TYPES = BY_NAME["getContactSignalTypes"]
_RECOMMENDATION_FILTERS = BY_NAME["getContactRecommendationFilters"]
_BUYING_GROUP_PAGES = PagingRules(min_size=10, max_size=100)


class Contacts:
    """Contacts: search, enrichment, prospecting, lookalikes, buying groups, signals, ICP fit and recommendations.

    - Single calls (`search`, `prospect_page`) await one request.
    - Bulk methods (`*_many`) take any number of inputs and are async iterators of one `Outcome` for each. A response
      that is lost is not requested again, since that would be charged again: its outcomes are `ambiguous`.
    - Coalesced calls (`*_one`) await one row each; concurrent ones share requests.
    - Streams (`prospect`, `lookalikes`) are async iterators of all rows of a query.

    Prices are keys of the account's price list (`account.usage`). Every method raises `InvalidRequestError`, before
    anything is sent, for an argument that the vendor would refuse, else any `LushaError`; bulk methods return the
    errors of inputs in their outcomes. A paid response whose caller is cancelled is in `client.unclaimed()`.

    Source: the vendor's contacts reference.
    """

    def __init__(self, executor: Executor, coalescers: Coalescers, filter_cache: FilterCache) -> None:
        self._executor = executor
        self._coalescers = coalescers
        self.tables: Tables = Tables(executor, "contacts")
        self.filters = ContactFilterLists(executor, filter_cache)

    # search

    async def search(
        self,
        contacts: Iterable[ContactInput],
        *,
        partial_profiles: bool | None = None,
        signals: SignalOptions | Mapping[str, Any] | None = None,
    ) -> Results[ContactPreview]:
        """Find 1-100 contacts. Returns one result for each, in order, with an `error` if it was not found.

        Costs `contactSearch` for each 25 found or part of 25, and `showSignalsContact` for each signal that
        `signals` adds.
        """
        body = _bodies.search(partial_profiles=partial_profiles, signals=signals)
        return await SEARCH.call(self._executor, contacts, body)

    def search_many(
        self,
        contacts: Source[ContactInput],
        *,
        partial_profiles: bool | None = None,
        signals: SignalOptions | Mapping[str, Any] | None = None,
        **options: Unpack[BulkOptions],
    ) -> Outcomes[ContactInput, ContactPreview]:
        """`search` for any number of contacts, 100 in a request, at the same prices. `options`: see `BulkOptions`."""
        body = _bodies.search(partial_profiles=partial_profiles, signals=signals)
        return SEARCH.bulk(self._executor, contacts, body, **options)

    async def search_one(
        self,
        contact: ContactInput,
        *,
        partial_profiles: bool | None = None,
        signals: SignalOptions | Mapping[str, Any] | None = None,
    ) -> ContactPreview:
        """`search` for one contact, in a request shared with concurrent calls: see `enrich_one`."""
        body = _bodies.search(partial_profiles=partial_profiles, signals=signals)
        return await SEARCH.coalesced(self._executor, self._coalescers, contact, body)

    # enrichment

    async def enrich(
        self,
        ids: Iterable[str],
        *,
        reveal: Iterable[str] | None = None,
        waterfall_enabled: bool | None = None,
        table_id: str | None = None,
        wait_for_job: bool = False,
        on_progress: Callable[[Enriched[Contact]], object] | None = None,
    ) -> Enriched[Contact]:
        """Reveal `emails`, `phones` or (None) both of 1-100 contacts by id.

        Costs `revealEmail` and `revealPhone` for each data point that the account has not revealed before; revealed
        ones are free. `waterfall_enabled` lets the vendor buy missing data points from third parties, at their price,
        if the account's plan has that. None: the client's option, which is False by default.

        If third parties continue after the response, its `job` says so. `wait_for_job` follows the job until it is
        over, merges its contacts by id, and adds its credits to `billing`; `on_progress`, a plain function, is called
        with the response so far, at first and after each poll. Raises `JobUnfinishedError`, with the response so far,
        if the job cannot be followed; a cancelled wait leaves that in `client.unclaimed()`. `wait_for_job(...)`
        continues from either.
        """
        checks.callback(on_progress, "on_progress")
        body = _bodies.enrich_contacts(
            reveal=reveal, waterfall_enabled=self._waterfall(waterfall_enabled), table_id=table_id
        )
        if not wait_for_job:
            return await ENRICH.call(self._executor, ids, body)
        tracker = CallTracker(wait_for_budget=False)
        response = await ENRICH.call(self._executor, ids, body, tracker=tracker)

        def keep(response: Enriched[Contact]) -> None:
            tracker.update(unstructure(response))
            tracker.abandon(self._executor.state.unclaimed)

        return await follow(response, self.enrich_job, on_progress, keep)

    def enrich_many(
        self,
        ids: Source[str],
        *,
        reveal: Iterable[str] | None = None,
        waterfall_enabled: bool | None = None,
        table_id: str | None = None,
        **options: Unpack[BulkOptions],
    ) -> Outcomes[str, Contact]:
        """`enrich` for any number of ids, 100 in a request, at the same prices. `options`: see `BulkOptions`.

        A response that is lost is requested again, which is free. With `waterfall_enabled`, third parties may deliver
        after the outcomes: `client.waterfall_jobs()` has the jobs that `wait_for_job` can follow.
        """
        body = _bodies.enrich_contacts(
            reveal=reveal, waterfall_enabled=self._waterfall(waterfall_enabled), table_id=table_id
        )
        return ENRICH.bulk(self._executor, ids, body, **options)

    async def enrich_one(
        self, id: str, *, reveal: Iterable[str] | None = None, waterfall_enabled: bool | None = None
    ) -> Contact:
        """`enrich` for one id, in a request shared with concurrent calls that have the same options.

        For web handlers: 1,000 concurrent calls send 10 requests, and a single call is not delayed. Costs the same
        as `enrich`. Raises `ItemError` if the vendor refuses the id, else the error of the shared request.
        Cancelling one call does not affect the others.
        """
        body = _bodies.enrich_contacts(reveal=reveal, waterfall_enabled=self._waterfall(waterfall_enabled))
        return await ENRICH.coalesced(self._executor, self._coalescers, id, body)

    def _waterfall(self, enabled: bool | None) -> bool:
        return self._executor.options.waterfall_enabled if enabled is None else enabled

    async def enrich_job(self, job_id: str) -> EnrichJobStatus:
        """Poll a waterfall job once. Free. Raises `NotFoundError` if it is unknown, expired, or another account's."""
        path = {"jobId": checks.entity_id(job_id, "job_id")}
        return envelope(await self._executor.call(_ENRICH_JOB, path=path), EnrichJobStatus)

    async def wait_for_job(
        self,
        job: str | Enriched[Contact] | JobUnfinishedError | Unclaimed,
        *,
        on_progress: Callable[[Enriched[Contact]], object] | None = None,
    ) -> Enriched[Contact]:
        """Follow a waterfall job until it is over. Free.

        `job` is its id, a response of `enrich`, a `JobUnfinishedError`, or an entry of `client.unclaimed()`. The job's
        contacts are merged by id into the response that started it, and its credits added once; from an id alone, the
        results are the job's contacts. `on_progress` and `JobUnfinishedError` as in `enrich`. A cancelled wait loses
        nothing: the job can be followed again until it expires.
        """
        checks.callback(on_progress, "on_progress")
        if isinstance(job, JobUnfinishedError):
            job = cast(Enriched[Contact], job.answer)
        elif isinstance(job, str):
            job = Enriched[Contact](job=EnrichJob(id=checks.entity_id(job, "job")))
        elif isinstance(job, Unclaimed):
            if job.job_id is None:
                raise InvalidRequestError("job", "has no waterfall job")
            job = structure(job.answer, Enriched[Contact])
        elif not isinstance(cast(Any, job), Enriched):
            raise InvalidRequestError(
                "job", "must be a job id, or a response, error or unclaimed answer with a job"
            )
        return await follow(job, self.enrich_job, on_progress, keep=lambda _: None)

    async def search_and_enrich(
        self,
        contacts: Iterable[ContactInput],
        *,
        reveal: Iterable[str] | None = None,
        partial_profiles: bool | None = None,
    ) -> Enriched[Contact]:
        """Find and enrich 1-100 contacts in one request.

        Costs a `search` and the data points of an `enrich`; every call pays for the search again. The account's
        waterfall, if it has one, cannot be switched off for this call.
        """
        body = _bodies.search_and_enrich(CONTACT_REVEALS, reveal=reveal, partial_profiles=partial_profiles)
        return await SEARCH_AND_ENRICH.call(self._executor, contacts, body)

    def search_and_enrich_many(
        self,
        contacts: Source[ContactInput],
        *,
        reveal: Iterable[str] | None = None,
        partial_profiles: bool | None = None,
        **options: Unpack[BulkOptions],
    ) -> Outcomes[ContactInput, Contact]:
        """`search_and_enrich` for any number of contacts, 100 in a request, at the same prices.

        `options`: see `BulkOptions`.
        """
        body = _bodies.search_and_enrich(CONTACT_REVEALS, reveal=reveal, partial_profiles=partial_profiles)
        return SEARCH_AND_ENRICH.bulk(self._executor, contacts, body, **options)

    async def search_and_enrich_one(
        self,
        contact: ContactInput,
        *,
        reveal: Iterable[str] | None = None,
        partial_profiles: bool | None = None,
    ) -> Contact:
        """`search_and_enrich` for one contact, in a request shared with concurrent calls: see `enrich_one`."""
        body = _bodies.search_and_enrich(CONTACT_REVEALS, reveal=reveal, partial_profiles=partial_profiles)
        return await SEARCH_AND_ENRICH.coalesced(self._executor, self._coalescers, contact, body)

    # prospecting

    async def prospect_page(
        self,
        filters: FiltersInput,
        *,
        page: int = 0,
        page_size: int = 50,
        partial_profiles: bool | None = None,
        exclude_dnc: bool | None = None,
        max_contacts_per_company: int | None = None,
        table_id: str | None = None,
    ) -> Page[ContactPreview]:
        """One page (0-1000) of 10-100 contacts that match the filters.

        Costs `contactSearch` for each 25 results or part of 25. The vendor may return a smaller page than
        `page_size`: the next page then follows from the `pagination.size` of the response, as in `prospect`.
        """
        body = _prospecting.prospect_contacts(
            filters,
            partial_profiles=partial_profiles,
            exclude_dnc=exclude_dnc,
            max_contacts_per_company=max_contacts_per_company,
            table_id=table_id,
        )
        return await PROSPECT.page(self._executor, body, page, page_size)

    def prospect(
        self,
        filters: FiltersInput,
        *,
        page_size: int = 50,
        partial_profiles: bool | None = None,
        exclude_dnc: bool | None = None,
        max_contacts_per_company: int | None = None,
        table_id: str | None = None,
        **options: Unpack[StreamOptions],
    ) -> PageStream[ContactPreview]:
        """All contacts that match the filters, as a stream. The vendor returns at most the first 50,000.

        Costs `contactSearch` for each 25 rows or part of 25 of a page of `page_size` (10-100; the vendor may return a
        smaller one). `options`: see `StreamOptions`.
        """
        body = _prospecting.prospect_contacts(
            filters,
            partial_profiles=partial_profiles,
            exclude_dnc=exclude_dnc,
            max_contacts_per_company=max_contacts_per_company,
            table_id=table_id,
        )
        return PROSPECT.stream(self._executor, body, page_size, **options)

    def prospect_parts(
        self,
        filters: FiltersInput,
        *,
        partition_by: Mapping[str, Sequence[Any]],
        page_size: int = 50,
        partial_profiles: bool | None = None,
        exclude_dnc: bool | None = None,
        max_contacts_per_company: int | None = None,
        table_id: str | None = None,
        **options: Unpack[StreamOptions],
    ) -> PartitionedStream[ContactPreview]:
        """`prospect` for a query with more than 50,000 rows, split by filters into partitions that each fit.

        `partition_by` maps a path within the filters to its value in each partition, for instance
        `{"contacts.include.seniorityIds": [[1], [2], [3]]}`; several paths make a partition of each combination. The
        values should not overlap, and together cover all that is wanted. `await stream.plan()` returns the rows and
        the price of each partition, for the price of its smallest page. The other arguments are those of `prospect`.
        """
        body = partial(
            _prospecting.prospect_contacts,
            partial_profiles=partial_profiles,
            exclude_dnc=exclude_dnc,
            max_contacts_per_company=max_contacts_per_company,
            table_id=table_id,
        )
        return PROSPECT.partitioned(
            self._executor, body, page_size, filters=filters, partition_by=partition_by, **options
        )

    # lookalikes

    async def lookalikes_page(
        self,
        seeds: ContactSeeds | Mapping[str, Any],
        *,
        exclude: ContactSeeds | Mapping[str, Any] | None = None,
        page_size: int = 25,
        dedupe_session_id: str | None = None,
        table_id: str | None = None,
    ) -> LookalikeResults[ContactPreview]:
        """1-100 contacts that are like 5-100 seeds.

        Costs `lookalikeContact` for each 5 results or part of 5. The `dedupe_session_id` of the response, passed with
        the same seeds, continues without repeats for 30 days, then raises `SessionExpiredError`.
        """
        body = _bodies.lookalikes(
            ContactSeeds, seeds, exclude=exclude, dedupe_session_id=dedupe_session_id, table_id=table_id
        )
        return await LOOKALIKES.page(self._executor, body, page_size)

    def lookalikes(
        self,
        seeds: ContactSeeds | Mapping[str, Any],
        *,
        exclude: ContactSeeds | Mapping[str, Any] | None = None,
        page_size: int = 25,
        table_id: str | None = None,
        restart: bool = False,
        **options: Unpack[StreamOptions],
    ) -> PageStream[ContactPreview]:
        """Contacts that are like 5-100 seeds, as a stream of one dedupe session.

        Costs `lookalikeContact` for each 5 rows or part of 5 of a page of `page_size` (1-100). Each page depends on
        the one before, so none is fetched in advance, and the cursor carries the rows that were paid for and not
        read. A session older than 30 days raises `SessionExpiredError` with the cursor, unless `restart` allows a new
        one, which may return, and charge, earlier rows again. `options`: see `StreamOptions`.
        """
        body = _bodies.lookalikes(ContactSeeds, seeds, exclude=exclude, table_id=table_id)
        return LOOKALIKES.stream(self._executor, body, page_size, restart=restart, **options)

    # buying groups

    async def buying_group(
        self,
        companies: Iterable[CompanyIdentityInput],
        *,
        contacts_limit: int,
        personas: Iterable[str] | None = None,
        page: int | None = None,
        page_size: int | None = None,
    ) -> Page[BuyingGroup]:
        """The contacts who decide on a purchase at 1-25 companies, each identified by its `domain` or its `id`.

        Costs `buyingGroupReveal` for each contact, of which a company has `contacts_limit` at most. The argument is
        required because the vendor's default of 60 lets one call cost 1,500 credits. `personas` are
        decision_maker, potential_champion and end_user (None: all). `page_size` is 10-100.
        """
        pagination = {
            "page": checks.optional_integer(page, "page", 0, None),
            "size": checks.optional_integer(page_size, "page_size", 10, 100),
        }
        body = _bodies.buying_group(contacts_limit=contacts_limit, personas=personas)
        paged = {**body, "pagination": checks.drop_none(pagination)}
        return await BUYING_GROUP.call(self._executor, companies, paged)

    def buying_group_many(
        self,
        companies: Source[CompanyIdentityInput],
        *,
        contacts_limit: int,
        personas: Iterable[str] | None = None,
        **options: Unpack[BulkOptions],
    ) -> Outcomes[CompanyIdentityInput, BuyingGroup]:
        """`buying_group` for any number of companies, with 1-100 contacts for each, at the same price.

        How the vendor pages these responses is not documented, so a request has at most 25 companies and as few as
        fit one page of 100 contacts. `options`: see `BulkOptions`.
        """
        body = _bodies.buying_group(contacts_limit=contacts_limit, personas=personas, max_contacts=100)
        paged = {**body, "pagination": {"page": 0, "size": 100}}
        return BUYING_GROUP.bulk(
            self._executor, companies, paged, max_items=max(1, 100 // contacts_limit), **options
        )

    def buying_group_people(
        self,
        companies: Iterable[CompanyIdentityInput],
        *,
        contacts_limit: int,
        personas: Iterable[str] | None = None,
        page_size: int = 100,
        **options: Unpack[StreamOptions],
    ) -> PageStream[BuyingGroupContact]:
        """`buying_group` as a stream of contacts, at the same price. A company that the vendor lacks has none.

        What the vendor's pages (10-100) and their total count is not documented: this takes them to count contacts
        and a page that is not full to be the last one, and fetches no page that the total does not promise.
        `buying_group_many` has an outcome for each company. `options`: see `StreamOptions`.
        """
        body = {
            BUYING_GROUP.item_list: BUYING_GROUP.encode_all(companies),
            **_bodies.buying_group(contacts_limit=contacts_limit, personas=personas),
        }
        query = Query(
            operation=BUYING_GROUP.operation,
            rules=_BUYING_GROUP_PAGES,
            size=page_size,
            params=body,
            fetch=partial(_buying_group_page, body),
            identity=by_id,
        )
        return PageStream(query, self._executor, **options)

    # signals

    async def signals(
        self,
        ids: Iterable[str],
        signal_types: Iterable[str],
        *,
        start_date: str | date | None = None,
        max_results_per_signal: int | None = None,
        table_id: str | None = None,
    ) -> SignalResults[ContactSignals]:
        """The signals of 1-100 contacts since `start_date`: `promotion`, `companyChange`, or `allSignals`.

        Costs `showSignalsContact` for each signal. `max_results_per_signal` is 1-100.
        """
        body = _bodies.signals(
            signal_types,
            start_date=start_date,
            max_results_per_signal=max_results_per_signal,
            table_id=table_id,
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
        **options: Unpack[BulkOptions],
    ) -> Outcomes[str, ContactSignals]:
        """`signals` for any number of ids, 100 in a request, at the same price. `options`: see `BulkOptions`."""
        body = _bodies.signals(
            signal_types,
            start_date=start_date,
            max_results_per_signal=max_results_per_signal,
            table_id=table_id,
        )
        return SIGNALS.bulk(self._executor, ids, body, **options)

    async def signal_types(self) -> SignalTypesResponse:
        """The signal types of contacts. Free. `filters.signal_types` caches them."""
        return envelope(await self._executor.call(_SIGNAL_TYPES), SignalTypesResponse)

    async def signal_scores(self, contacts: Iterable[ContactInput]) -> Results[ContactSignalScore]:
        """How much is changing around 1-100 contacts, from 0 to 1. Costs `signalScoreContact` for each score."""
        return await SIGNAL_SCORES.call(self._executor, contacts, {})

    def signal_scores_many(
        self, contacts: Source[ContactInput], **options: Unpack[BulkOptions]
    ) -> Outcomes[ContactInput, ContactSignalScore]:
        """`signal_scores` for any number of contacts, 100 in a request, at the same price.

        `options`: see `BulkOptions`.
        """
        return SIGNAL_SCORES.bulk(self._executor, contacts, {}, **options)

    # ideal customer profiles and recommendations

    async def icp_fit_scores(
        self, contacts: Iterable[ContactInput], target_profile_ids: Iterable[str]
    ) -> Results[ContactIcpFit]:
        """How well 1-100 contacts fit 1-3 profiles of `icp.profiles`, from 0 to 1.

        Costs one credit for each score, a score of 0 included.
        """
        return await ICP_FIT_SCORES.call(self._executor, contacts, _bodies.icp_fit_scores(target_profile_ids))

    def icp_fit_scores_many(
        self,
        contacts: Source[ContactInput],
        target_profile_ids: Iterable[str],
        **options: Unpack[BulkOptions],
    ) -> Outcomes[ContactInput, ContactIcpFit]:
        """`icp_fit_scores` for any number of contacts, 100 in a request, at the same price.

        `options`: see `BulkOptions`.
        """
        body = _bodies.icp_fit_scores(target_profile_ids)
        return ICP_FIT_SCORES.bulk(self._executor, contacts, body, **options)

    async def recommendations_page(
        self,
        *,
        filters: RecommendationFilters | Mapping[str, Any] | None = None,
        sort: Iterable[Sort | Mapping[str, Any]] | None = None,
        page: int = 0,
        page_size: int = 25,
    ) -> Page[RecommendedContact]:
        """One page (0-1000) of 10-100 recommended contacts; at most four sorts, all in the same order.

        Costs `contactRecommendationsReveal` for each contact. Raises `PermissionDeniedError` unless the API key
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
    ) -> PageStream[RecommendedContact]:
        """All recommended contacts, as a stream: see `recommendations_page`.

        Costs `contactRecommendationsReveal` for each row of a page of `page_size` (10-100). `options`: see
        `StreamOptions`.
        """
        body = _bodies.recommendations(filters=filters, sort=sort)
        return RECOMMENDATIONS.stream(self._executor, body, page_size, **options)

    async def recommendation_filters(self) -> RecommendationFiltersResponse:
        """The values that the filters of recommendations take. Free."""
        response = await self._executor.call(_RECOMMENDATION_FILTERS)
        return envelope(response, RecommendationFiltersResponse)


async def _buying_group_page(
    body: Mapping[str, Any], executor: Executor, page: PageSpec, tracker: CallTracker
) -> FetchedPage[BuyingGroupContact]:
    paged = {"pagination": {"page": page.number, "size": page.size}, **body}
    response = await executor.call(BUYING_GROUP.operation, body=paged, tracker=tracker)
    rows = [as_object(row) for group in results(response) for row in as_list(group.get("contacts"))]
    stated = pagination(response)
    size, end = stated.size or page.size, page.offset + len(rows)
    counts_contacts = stated.total is not None and stated.total >= end
    return FetchedPage(
        rows=await read(rows, BuyingGroupContact, response),
        size=size,
        total=stated.total if counts_contacts else end,
        exact=counts_contacts,
        has_more=len(rows) == size and end != stated.total,
    )
