"""What a user writes, for mypy --strict and pyright strict: never run, only checked.

Each `assert_type` is a promise of the public API: the main calls are precise without a cast or an `Any`.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Unpack, assert_type

from lusha_async import (
    NOT_GIVEN,
    AnswerEvent,
    BillingClass,
    BulkOptions,
    CacheOptions,
    CompanyCriteria,
    CompanyFilters,
    CompanyQuery,
    ContactCriteria,
    ContactFilters,
    ContactInput,
    ContactQuery,
    ConversationFilters,
    Discovered,
    FilterReport,
    FiltersInput,
    FilterWarning,
    JobUnfinishedError,
    Lane,
    LushaClient,
    LushaError,
    NotGiven,
    Operation,
    Outcome,
    Outcomes,
    PageStream,
    Partition,
    PartitionedStream,
    Place,
    ProspectingFilters,
    RateLimitedError,
    RequestEvent,
    RetryBudget,
    Span,
    Status,
    StreamOptions,
    StreamPage,
    UncheckedFilter,
    UnknownValue,
)
from lusha_async.billing import Cost, CreditBudget
from lusha_async.models import (
    AccountSecret,
    AddedRows,
    AuditLog,
    Billing,
    BuyingGroupContact,
    ColumnRun,
    Company,
    CompanyPreview,
    Contact,
    ContactPreview,
    EmailAddress,
    Enriched,
    NewSubscription,
    Page,
    Results,
    Subscription,
    SubscriptionResults,
    SubscriptionTest,
    Table,
    TableColumn,
    TableRow,
    Usage,
)
from lusha_async.quota import Quota
from lusha_async.resources.tables import Tables

OWNER = "owner@example.com"


async def single_calls(lusha: LushaClient) -> None:
    """Searches and enrichment, one request each."""
    found = await lusha.contacts.search([ContactQuery(email="a@example.com"), {"linkedin_url": "https://x"}])
    assert_type(found, Results[ContactPreview])
    for preview in found.results:
        assert_type(preview, ContactPreview)
        assert_type(preview.id, str | None)
        if preview.can_reveal is not None:
            assert_type(preview.can_reveal[0].credits, int | None)
    enriched = await lusha.contacts.enrich(["v1.a"], reveal=["emails"])
    assert_type(enriched, Enriched[Contact])
    assert_type(enriched.billing, Billing | None)
    assert_type(enriched.quota, Quota)
    assert_type(enriched.results, tuple[Contact, ...])
    for address in enriched.results[0].emails or ():
        assert_type(address, EmailAddress)
        assert_type(address.email, str | None)
    companies = await lusha.companies.search([CompanyQuery(domain="acme.example")])
    assert_type(companies.results, tuple[CompanyPreview, ...])
    assert_type((await lusha.companies.enrich(iter(["v1.b"]))).results[0], Company)
    usage = await lusha.account.usage()
    assert_type(usage, Usage)
    if usage.credits is not None:
        assert_type(usage.credits.remaining, float | None)


async def watched() -> None:
    """Hooks, the retry budget, and a job that is resumed."""
    told: list[AnswerEvent] = []

    def asked(event: RequestEvent) -> None:
        assert_type(event.attempt, int)
        assert_type(event.operation, Operation)
        assert_type(event.facts(), dict[str, Any])

    budget = RetryBudget(max_retries=10)
    async with LushaClient(on_request=asked, on_answer=told.append, retry_budget=budget) as lusha:
        reply = await lusha.with_options(waterfall_enabled=True, raw=True).request(told[0].request.operation)
        assert_type(reply.request_id, str | None)
        try:
            answer = await lusha.contacts.enrich(["v1.a"], wait_for_job=True)
        except JobUnfinishedError as unfinished:
            answer = await lusha.contacts.wait_for_job(unfinished)
        for left in lusha.take_unclaimed():
            assert_type(left.job_id, str | None)
            answer = await lusha.contacts.wait_for_job(left)
        assert_type(answer, Enriched[Contact])
        assert_type(lusha.waterfall_jobs(), tuple[str, ...])


async def bulk(lusha: LushaClient, ids: AsyncIterator[str]) -> None:
    """Many-forms: one outcome for each input, of the input's own type."""
    run = lusha.contacts.enrich_many(ids, reveal=["emails", "phones"], ordered=False)
    assert_type(run, Outcomes[str, Contact])
    async for outcome in run:
        assert_type(outcome, Outcome[str, Contact])
        assert_type(outcome.input, str)
        assert_type(outcome.status, Status)
        assert_type(outcome.value, Contact | None)
        assert_type(outcome.unwrap(), Contact)
    assert_type(await lusha.contacts.enrich_one("v1.a"), Contact)
    query = ContactQuery(email="a@example.com")
    assert_type(await lusha.contacts.search_one(contact=query), ContactPreview)
    searched = lusha.contacts.search_many(contacts=[query], dedupe=False)
    assert_type(searched, Outcomes[ContactQuery | Mapping[str, Any], ContactPreview])
    assert_type((await anext(searched)).value, ContactPreview | None)
    assert_type(lusha.companies.enrich_many(ids=ids, reveal=["intent"]), Outcomes[str, Company])
    lusha.contacts.search_many([query], dedup=False)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    cost = await lusha.quote(lambda dry: dry.contacts.enrich_many(["v1.a"]))
    assert_type(cost, Cost)


async def streams(lusha: LushaClient) -> None:
    """Prospecting, typed filters and plain ones."""
    filters = ProspectingFilters(
        contacts=ContactFilters(include=ContactCriteria(departments=["Engineering"])),
        companies=CompanyFilters(include=CompanyCriteria(domains=["acme.example"])),
    )
    stream = lusha.contacts.prospect(filters, limit=1000)
    assert_type(stream, PageStream[ContactPreview])
    async for person in stream:
        assert_type(person, ContactPreview)
    assert_type(stream.cursor, str)
    assert_type(await lusha.contacts.prospect(filters).first(), ContactPreview | None)
    async for rows in stream.pages():
        assert_type(rows, StreamPage[ContactPreview])
    parts = lusha.companies.prospect_parts(filters, partition_by={"companies.include.sizes": [[{"max": 10}]]})
    assert_type(parts, PartitionedStream[CompanyPreview])
    assert_type(await parts.plan(), tuple[Partition, ...])
    group = lusha.contacts.buying_group_people([{"domain": "acme.example"}], contacts_limit=5)
    assert_type(group, PageStream[BuyingGroupContact])
    lusha.companies.prospect_parts(filters, partition_by={}, pagesize=50)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    page = await lusha.contacts.prospect_page({"contacts": {"include": {"departments": ["Sales"]}}}, page=1)
    assert_type(page, Page[ContactPreview])
    alike = await lusha.companies.lookalikes_page({"domains": ["acme.example"] * 5}, page_size=10)
    assert_type(alike.results, tuple[CompanyPreview, ...])


async def filters(lusha: LushaClient) -> None:
    """Checks of filters, and the vendor's lists."""
    leaders = ContactCriteria(
        seniority_ids=[9, 10],
        locations=[Place(city="Boston"), {"country": "France"}],
        education={"schools": ["MIT"]},
    )
    report = await lusha.contacts.filters.check(
        ProspectingFilters(contacts=ContactFilters(include=leaders)), max_searches=10, max_age=3600, refresh=False
    )
    assert_type(report, FilterReport)
    assert_type(report.ok, bool)
    assert_type(report.unknown, tuple[UnknownValue, ...])
    assert_type(report.warnings, tuple[FilterWarning, ...])
    assert_type(report.unchecked, tuple[UncheckedFilter, ...])
    assert_type(report.age, float | None)
    assert_type(lusha.companies.prospect(report.corrected), PageStream[CompanyPreview])
    assert_type(await lusha.companies.filters.check({"companies": {"include": {"names": ["Acme"]}}}), FilterReport)
    assert_type(await lusha.companies.filters.check_signals(["peopleNews"], intent_categories=["x"]), FilterReport)
    assert_type(await lusha.contacts.filters.check_recommendations({"signals": ["promotion"]}), FilterReport)
    for one in await lusha.companies.filters.types():
        assert_type(one.requires_query, bool | None)
    assert_type(await lusha.contacts.filters.signal_types(), Discovered[str])
    listed = await lusha.companies.filters.values("technologies", "crm")
    assert_type(listed.fetched_at, datetime)
    assert_type(listed.age, float)
    await lusha.contacts.filters.values("departments", max_ages=1)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    ContactCriteria(seniority_ids=["9"])  # type: ignore[list-item] # pyright: ignore[reportArgumentType]
    CompanyCriteria(size=[Span(min=1)])  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]


async def tables(lusha: LushaClient) -> None:
    """Tables of either kind."""
    assert_type(lusha.contacts.tables, Tables)
    assert_type(lusha.companies.tables, Tables)
    api = lusha.contacts.tables
    table = await api.create("Q3", owner=OWNER, visibility="shared")
    assert_type(table, Table)
    assert_type(table.is_processing, bool | None)
    added = await api.add("480000", ["v1.a"], owner=OWNER)
    assert_type(added, AddedRows)
    assert_type(added.invalid_ids, tuple[str, ...] | None)
    assert_type((await api.entities_page("480000", owner=OWNER)).results, tuple[TableRow, ...])
    assert_type((await api.columns("480000", owner=OWNER)).results, tuple[TableColumn, ...])
    assert_type(await api.run_column("480000", "c", owner=OWNER, scope="missing"), ColumnRun)
    await api.create("Q3", owner=OWNER, visibility="public")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    await api.get("480000")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]


async def webhooks(lusha: LushaClient) -> None:
    """Subscriptions and the secret."""
    made = await lusha.webhooks.create(
        [NewSubscription(entity_id="1"), {"entity_id": "2"}],
        url="https://hooks.example/x",
        entity_type="contact",
        signal_types=["promotion"],
    )
    assert_type(made, SubscriptionResults)
    for result in made.results:
        assert_type(result.subscription, Subscription | None)
        assert_type(result.success, bool | None)
    assert_type((await lusha.webhooks.list_page()).results, tuple[Subscription, ...])
    assert_type(await lusha.webhooks.test("1", mode="direct"), SubscriptionTest)
    assert_type((await lusha.webhooks.audit_logs_page(status="failed")).results, tuple[AuditLog, ...])
    secret = await lusha.webhooks.secret()
    assert_type(secret, AccountSecret)
    assert_type(secret.secret, str | None)
    await lusha.webhooks.test("1", mode="quick")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


async def client() -> None:
    """The client, its views and its errors."""
    async with LushaClient("key", budget=CreditBudget(100), lane=Lane.BULK) as lusha:
        assert_type(lusha, LushaClient)
        assert_type(lusha.with_options(timeout=5.0), LushaClient)
        try:
            await single_calls(lusha)
        except RateLimitedError as error:
            assert_type(error.retry_after, float | None)
            assert_type(error.quota, Quota)
        except LushaError as error:
            assert_type(error.charged, int | None)
            assert_type(error.attempts, int)


def wrapped_bulk(
    lusha: LushaClient, queries: list[ContactInput], **options: Unpack[BulkOptions]
) -> Outcomes[ContactInput, ContactPreview]:
    """A wrapper of a bulk method passes its options on, typed."""
    return lusha.contacts.search_many(queries, **options)


def wrapped_stream(
    lusha: LushaClient, filters: FiltersInput, **options: Unpack[StreamOptions]
) -> PageStream[ContactPreview]:
    """A wrapper of a stream."""
    return lusha.contacts.prospect(filters, **options)


async def wrapped_cache(lusha: LushaClient, **options: Unpack[CacheOptions]) -> Discovered[Any]:
    """A wrapper of a cached list."""
    return await lusha.contacts.filters.values("departments", **options)


async def wrapped_conversations(lusha: LushaClient, **filters: Unpack[ConversationFilters]) -> int:
    """A wrapper of what narrows a list."""
    return len([conversation async for conversation in lusha.conversations.list(**filters)])


def wrapped_view(lusha: LushaClient, tag: str | NotGiven | None = NOT_GIVEN) -> LushaClient:
    """A wrapper of an option that can be unset."""
    return lusha.with_options(tag=tag)


NEWS = Operation(name="news", call="news", method="GET", path="/v3/news", billing=BillingClass.FREE)
"""An operation that this version does not know."""
