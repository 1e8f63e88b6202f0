"""Bad arguments are refused before anything is sent, with the path of the value."""

from collections.abc import AsyncIterator
from copy import deepcopy
from datetime import date, datetime
from typing import Any

import pytest

from lusha_async.errors import InvalidRequestError
from lusha_async.models.filters import ContactCriteria, ContactFilters, Place, ProspectingFilters
from lusha_async.models.visits import VisitFilters

from .recorder import recorded

DAY = "2026-05-01"
CYCLE: dict[str, Any] = {}
CYCLE["a"] = CYCLE


async def agen() -> AsyncIterator[str]:
    yield "v1.a"


def visits(client: Any, **given: Any) -> Any:
    """Valid arguments for website visits, but for those that are passed."""
    return client.companies.website_visits_page(
        ["x.example"], start_date="2026-05-01", end_date="2026-05-31", **given
    )


FIVE = ["v1.1", "v1.2", "v1.3", "v1.4", "v1.5"]


@pytest.mark.parametrize(
    ("call", "path", "words"),
    [
        (lambda c: c.contacts.enrich([]), "ids", "at least one"),
        (lambda c: c.contacts.enrich(["v1.a"] * 101), "ids", "contacts.enrich_many"),
        (lambda c: c.contacts.enrich("v1.a"), "ids", "not a single value"),
        (lambda c: c.contacts.enrich(["v1.a", " "]), "ids[1]", "non-empty"),
        (lambda c: c.contacts.enrich(["v1.a"], reveal=[]), "reveal", "at least one"),
        (lambda c: c.contacts.enrich(["v1.a"], reveal="emails"), "reveal", "not a single value"),
        (lambda c: c.contacts.enrich(["v1.a"], reveal=["email"]), "reveal[0]", "did you mean emails"),
        (lambda c: c.contacts.search([{"first_name": "Ada"}]), "contacts[0]", "must have id, linkedin_url, email"),
        (lambda c: c.contacts.search([{"id": "a"}, {"emial": "x"}]), "contacts[1].emial", "did you mean email"),
        (lambda c: c.contacts.search([{"id": 7}]), "contacts[0].id", "a non-empty string"),
        (
            lambda c: c.contacts.search([{"id": "a", "clientReferenceId": "r" * 257}]),
            "contacts[0].client_reference_id",
            "256",
        ),
        (lambda c: c.contacts.search(["v1.a"]), "contacts[0]", "ContactQuery or a mapping"),
        (
            lambda c: c.contacts.search([{"id": "a"}], signals={"types": ["x"], "start_date": "1.5.2026"}),
            "signals.start_date",
            "YYYY-MM-DD",
        ),
        (lambda c: c.companies.search([{"client_reference_id": "r"}]), "companies[0]", "id, domain or name"),
        (lambda c: c.companies.signal_scores([{"id": "a", "domain": "b"}]), "companies[0]", "exactly one"),
        (
            lambda c: c.contacts.buying_group([{"id": "a", "domain": "b"}], contacts_limit=1),
            "companies[0]",
            "exactly one",
        ),
        (lambda c: c.contacts.buying_group([{"id": "a"}] * 26, contacts_limit=1), "companies", "at most 25"),
        (lambda c: c.contacts.buying_group([{"id": "a"}], contacts_limit=0), "contacts_limit", "of at least 1"),
        (lambda c: c.contacts.lookalikes_page({"ids": FIVE[:4]}), "seeds", "5 to 100"),
        (lambda c: c.contacts.lookalikes_page({"ids": FIVE}, page_size=101), "page_size", "between 1 and 100"),
        (lambda c: c.contacts.prospect_page({}), "filters", "a criterion in contacts or companies"),
        (
            lambda c: c.contacts.prospect_page({"contacts": {"include": {"jobTitel": ["x"]}}}),
            "filters.contacts.include.jobTitel",
            "job_titles",
        ),
        (
            lambda c: c.contacts.prospect_page({"contacts": {"include": {"names": "Ada"}}}),
            "filters.contacts.include.names",
            "list",
        ),
        (
            lambda c: c.contacts.prospect_page({"contacts": {"include": {"names": ["x"]}}}, page=1001),
            "page",
            "between 0 and 1000",
        ),
        (
            lambda c: c.contacts.prospect_page({"contacts": {"include": {"names": ["x"]}}}, page_size=9),
            "page_size",
            "between 10 and 100",
        ),
        (
            lambda c: c.contacts.prospect_page({"companies": {"include": {"search_text": "x"}}}),
            "filters.companies.include.search_text",
            "contacts",
        ),
        (
            lambda c: c.companies.prospect_page(
                {"companies": {"include": {"technologies": ["x"]}}, "contacts": {"include": {"skills": ["y"]}}}
            ),
            "filters.contacts",
            "cannot be combined",
        ),
        (
            lambda c: c.companies.prospect_page({"contacts": {"include": {"skills": ["y"]}}}),
            "filters",
            "companies",
        ),
        (
            lambda c: c.contacts.recommendations_page(
                sort=[{"by": "leadScore", "order": "asc"}, {"by": "targetIcp", "order": "desc"}]
            ),
            "sort",
            "same order",
        ),
        (
            lambda c: c.contacts.recommendations_page(sort=[{"by": "leadscore"}]),
            "sort[0].by",
            "did you mean leadScore",
        ),
        (lambda c: c.contacts.icp_fit_scores([{"id": "a"}], ["1", "2", "3", "4"]), "target_profile_ids", "1 to 3"),
        (
            lambda c: c.companies.website_visits_page(
                ["x.example"], start_date="2026-01-01", end_date="2026-04-02"
            ),
            "end_date",
            "3 months",
        ),
        (
            lambda c: c.companies.website_visits_page(
                ["x.example"], start_date="2026-02-30", end_date="2026-04-02"
            ),
            "start_date",
            "YYYY-MM-DD",
        ),
        (
            lambda c: c.companies.filters.signal_filter_values("intentCategories", "crm"),
            "query",
            "must be left out",
        ),
        (lambda c: c.contacts.filters.values("locations", "x"), "query", "2 to 256"),
        (lambda c: c.conversations.list_page(query="x", contact_names=["Ada"]), "query", "ignores"),
        (lambda c: c.conversations.list_page(page_size=101), "page_size", "between 1 and 100"),
        (lambda c: c.conversations.list_page(date_from="2026-1-1"), "date_from", "YYYY-MM-DD"),
        (
            lambda c: c.conversations.list_page(date_from="2026-05-02", date_to="2026-05-01"),
            "date_to",
            "before date_from",
        ),
        (lambda c: c.contacts.filters.values("locations", "x" * 256 + " "), "query", "2 to 256"),
        (lambda c: c.contacts.search([{"id": "a"}, {"email": "n/a"}]), "contacts[1].email", "an e-mail address"),
        (lambda c: c.companies.signal_scores([{"email": "info@"}]), "companies[0].email", "an e-mail address"),
        (
            lambda c: c.contacts.lookalikes_page({"emails": ["a@b.example"] * 4 + ["n/a"]}),
            "seeds.emails[4]",
            "an e-mail address",
        ),
        (
            lambda c: c.contacts.lookalikes_page(
                {"ids": FIVE, "contacts": [{"first_name": "Ada", "last_name": "Sample"}]}
            ),
            "seeds.contacts[0]",
            "company_name or company_domain",
        ),
        (lambda c: c.contacts.lookalikes_page({"extra": {"new": 5}}), "seeds", "5 to 100"),
        (
            lambda c: c.contacts.prospect_page({"contacts": {"include": {"locations": [Place(country=None)]}}}),
            "filters.contacts.include.locations[0]",
            "at least one member",
        ),
        (lambda c: visits(c, sort={"by": "score", "order": "down"}), "sort.order", "asc, desc"),
        (lambda c: visits(c, filters={"score_bands": ["Hot"]}), "filters.score_bands[0]", "did you mean hot"),
        (
            lambda c: visits(c, filters=VisitFilters(avg_session_minutes={"min": -0.5})),
            "filters.avg_session_minutes.min",
            "of at least 0",
        ),
        (
            lambda c: visits(c, filters={"avg_session_minutes": {"max": float("nan")}}),
            "filters.avg_session_minutes.max",
            "of at least 0",
        ),
        (
            lambda c: visits(c, filters={"avg_session_minutes": {"min": 1.5, "max": 1}}),
            "filters.avg_session_minutes.max",
            "below min",
        ),
        (lambda c: c.contacts.enrich_job(" "), "job_id", "non-empty"),
        (lambda c: c.conversations.transcript(""), "conversation_id", "non-empty"),
        (lambda c: c.contacts.filters.values(""), "filter_type", "non-empty"),
        (lambda c: c.companies.filters.values(""), "filter_type", "non-empty"),
        (lambda c: c.companies.filters.signal_filter_values(" "), "filter_type", "non-empty"),
        (lambda c: c.icp.profiles(status="actve"), "status", "did you mean active"),
        (lambda c: c.contacts.enrich(["v1.a", "v1.\ud800"]), "ids[1]", "lone surrogate"),
        (lambda c: c.contacts.enrich_job("\ud800"), "job_id", "lone surrogate"),
        (lambda c: c.contacts.filters.values(" "), "filter_type", "non-empty"),
        (lambda c: c.contacts.wait_for_job(5), "job", "must be a job id"),
        (lambda c: c.contacts.search(agen()), "contacts", "only bulk methods accept an async iterable"),
        (
            lambda c: c.contacts.search([{"id": "a"}, {"companyName": "x", "company_name": "y"}]),
            "contacts[1].company_name",
            "appears twice",
        ),
        (lambda c: c.contacts.search([{"id": "a", "Ada Lovelace": 1}]), "contacts[0]", "unknown member"),
        (
            lambda c: c.contacts.search([{"id": "a", "extra": {"email": "x@example.com"}}]),
            "contacts[0].extra.email",
            "beside `extra`",
        ),
        (lambda c: c.contacts.search([{"id": "a", "extra": {5: 1}}]), "contacts[0].extra", "strings as the names"),
        (
            lambda c: c.contacts.search([{"id": "a", "extra": {"new": [{"x": float("nan")}]}}]),
            "contacts[0].extra.new[0].x",
            "must be JSON",
        ),
        (
            lambda c: c.contacts.search([{"id": "a", "extra": {"new": {1}}}]),
            "contacts[0].extra.new",
            "must be JSON",
        ),
        (
            lambda c: c.companies.website_visits_page(
                ["x.example"],
                start_date="2026-01-01",
                end_date="2026-01-02",
                filters={"avg_session_minutes": {"min": float("nan")}},
            ),
            "filters.avg_session_minutes.min",
            "a number",
        ),
        (
            lambda c: c.webhooks.create(
                [{"entity_id": "1", "extra": {"a": CYCLE}}], url="https://x.example", entity_type="contact"
            ),
            "subscriptions[0].extra." + ".".join(["a"] * 66),
            "nested more than 64 levels",
        ),
        (
            lambda c: c.webhooks.create(
                [{"entity_id": "1", "entityTyp": "x"}], url="https://x.example", entity_type="contact"
            ),
            "subscriptions[0].entityTyp",
            "did you mean entity_type",
        ),
    ],
)
def test_refused_before_sending(call: Any, path: str, words: str) -> None:
    """The error names the value by its path and says what is accepted; nothing is sent."""
    sent, outcome = recorded(call)
    assert isinstance(outcome, InvalidRequestError), outcome
    assert (outcome.path, words in outcome.problem) == (path, True), outcome
    assert not sent


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (lambda c: c.contacts.buying_group([{"id": "a"}], contacts_limit=None), "contacts_limit"),
        (lambda c: c.contacts.buying_group_many([{"id": "a"}], contacts_limit=None), "contacts_limit"),
        (lambda c: c.contacts.signals(["a"], None), "signal_types"),
        (lambda c: c.companies.signals_many(["a"], None), "signal_types"),
        (lambda c: c.contacts.icp_fit_scores([{"id": "a"}], None), "target_profile_ids"),
        (lambda c: c.companies.icp_fit_scores_many([{"id": "a"}], None), "target_profile_ids"),
        (lambda c: c.contacts.lookalikes_page({"ids": FIVE}, page_size=None), "page_size"),
        (lambda c: c.contacts.recommendations_page(page=None), "page"),
        (lambda c: c.contacts.recommendations_page(page_size=None), "page_size"),
        (lambda c: c.companies.website_visits_page(None, start_date=DAY, end_date=DAY), "domains"),
        (lambda c: c.companies.website_visits_page(["x.example"], start_date=DAY, end_date=None), "end_date"),
        (lambda c: c.contacts.tables.run_column("1", "c", owner="o@x.example", scope=None), "scope"),
    ],
)
def test_none_is_no_way_to_the_vendors_defaults(call: Any, path: str) -> None:
    """What a call needs cannot be left to the vendor by None: some of its defaults cost a fortune."""
    sent, outcome = recorded(call)
    assert isinstance(outcome, InvalidRequestError), outcome
    assert (outcome.path, sent) == (path, [])


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (lambda c: c.conversations.list(company_domains="acme.example"), "company_domains"),
        (lambda c: c.conversations.list(query="x", contact_names=["Ada"]), "query"),
        (lambda c: c.contacts.tables.entities("1", owner="nobody"), "owner"),
        (lambda c: c.contacts.tables.add_many(CYCLE, ["1"], owner="o@x.example"), "table_id"),
        (lambda c: c.contacts.tables.list(owner="o@x.example", status="actve"), "status"),
        (lambda c: c.webhooks.audit_logs(subscription_id=5), "subscription_id"),
        (lambda c: c.webhooks.create_many([], url="https://x.example", name="n" * 101), "name"),
    ],
)
def test_streams_and_many_forms_refuse_where_they_are_made(call: Any, path: str) -> None:
    """What holds for all inputs is refused by the call itself, not by the first row; a text is not split."""

    async def make(client: Any) -> None:
        call(client)

    sent, outcome = recorded(make)
    assert isinstance(outcome, InvalidRequestError), outcome
    assert (outcome.path, sent) == (path, [])


async def later(event: object) -> None:
    """No plain function."""


@pytest.mark.parametrize("bad", [5, later])
def test_on_progress_must_be_a_plain_function(bad: Any) -> None:
    """It is refused before anything is sent, not when the first answer has been paid for."""
    for call in (
        lambda c: c.contacts.enrich(["a"], wait_for_job=True, on_progress=bad),
        lambda c: c.contacts.wait_for_job("j1", on_progress=bad),
        lambda c: c.contacts.enrich_many(["a"], on_progress=bad),
    ):
        sent, outcome = recorded(call)
        assert isinstance(outcome, InvalidRequestError), outcome
        assert (outcome.path, sent) == ("on_progress", [])


def test_days_of_other_libraries_are_days() -> None:
    """A subclass of `date` is a day as any other; a time of a day is none."""

    class Day(date):
        pass

    sent, _ = recorded(lambda c: c.contacts.signals(["a"], ["promotion"], start_date=Day(2026, 5, 1)))
    assert sent[0].body["startDate"] == "2026-05-01"
    sent, outcome = recorded(lambda c: c.contacts.signals(["a"], ["promotion"], start_date=datetime(2026, 5, 1)))
    assert (sent, isinstance(outcome, InvalidRequestError)) == ([], True)


def test_changing_an_argument_later_changes_no_request() -> None:
    """Changing a mapping after the call, its `extra` included, changes no later request of a stream."""
    hobbies = ["chess"]
    filters = {"contacts": {"include": {"names": ["Ada"], "extra": {"hobbies": hobbies}}}}
    before = deepcopy(filters)

    async def read(client: Any) -> None:
        stream = client.contacts.prospect(filters, page_size=10)
        assert filters == before
        hobbies.append("go")
        filters.clear()
        await stream.first()

    sent, _ = recorded(read)
    assert sent[0].body["filters"]["contacts"]["include"] == {"names": ["Ada"], "hobbies": ["chess"]}


@pytest.mark.parametrize(
    "by",
    [
        5,
        [("contacts.include.seniorityIds", [[1]])],
        {"contacts.include.seniorityIds": 5},
        {"contacts.include.names": "xyz"},
        {5: [[1]]},
        {"contacts.include.jobTitles.x": [[1]]},
    ],
)
def test_invalid_partitions_are_refused(by: Any) -> None:
    """`partition_by` maps paths to lists; a text is not split into a partition for each letter."""

    async def make(client: Any) -> None:
        client.contacts.prospect_parts({"contacts": {"include": {"jobTitles": ["x"]}}}, partition_by=by)

    sent, outcome = recorded(make)
    assert isinstance(outcome, InvalidRequestError), outcome
    assert (outcome.path, sent) == ("partition_by", [])


def test_partitions_of_a_query_keep_its_extra() -> None:
    """Filters that are split keep members that this version does not know."""
    filters = ProspectingFilters(
        contacts=ContactFilters(include=ContactCriteria(extra={"new_hobbies": ["chess"]}))
    )

    async def read(client: Any) -> None:
        by = {"contacts.include.seniorityIds": [[1]]}
        await client.contacts.prospect_parts(filters, partition_by=by).first()

    sent, _ = recorded(read)
    assert sent[0].body["filters"]["contacts"]["include"] == {"new_hobbies": ["chess"], "seniorityIds": [1]}


def test_members_that_this_version_does_not_know_go_through_extra() -> None:
    """`extra` is sent as it is, from a query and from a mapping."""
    sent, _ = recorded(lambda c: c.contacts.search([{"id": "a", "extra": {"newMember": 1}}]))
    assert sent[0].body == {"contacts": [{"id": "a", "newMember": 1}]}
    sent, _ = recorded(lambda c: c.contacts.lookalikes_page({"ids": FIVE, "extra": {"threshold": 5}}))
    assert sent[0].body["seeds"] == {"ids": FIVE, "threshold": 5}
    sent, _ = recorded(lambda c: c.companies.signal_scores([{"id": "a", "extra": {"newMember": None}}]))
    assert sent[0].body == {"companies": [{"id": "a"}]}


def test_new_criteria_go_through_extra_into_each_partition() -> None:
    """Filters that are split into partitions keep their `extra` as it is, typed or in a mapping."""
    typed = ProspectingFilters(contacts=ContactFilters(include=ContactCriteria(names=["x"], extra={"new_one": 1})))
    plain = {"contacts": {"include": {"names": {"x"}, "extra": {"new_one": 1}}}}
    for filters in (typed, plain):

        async def ask(client: Any, filters: Any = filters) -> Any:
            by = {"contacts.include.seniorityIds": [[1]]}
            return [row async for row in client.contacts.prospect_parts(filters, partition_by=by)]

        sent, outcome = recorded(ask, answer={"results": []})
        assert outcome == []
        wanted = {"names": ["x"], "seniorityIds": [1], "new_one": 1}
        assert sent[0].body["filters"] == {"contacts": {"include": wanted}}


def test_raw_and_drift() -> None:
    """`raw=True` keeps the body; unknown members are counted by operation."""

    async def ask(client: Any) -> Any:
        kept = await client.with_options(raw=True).contacts.enrich(["v1.a"])
        plain = await client.contacts.enrich(["v1.a"])
        return kept, plain, client.drift()

    body = {"results": [{"id": "v1.a", "fax": "1"}]}
    _, (kept, plain, drift) = recorded(ask, answer=body)
    assert (kept.raw, plain.raw, kept) == (body, None, plain)
    assert drift == {"enrichContacts": {"unknown member Contact.fax": 2}}
