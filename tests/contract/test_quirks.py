"""What this client does about each known contradiction of the vendor's documents, by its number in our notes.

The notes number 34 of them; a test's name begins with the number. Requests go through the client that users have,
answers through the same client, from a vendor that answers as the contradiction has it.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from lusha_async._bulk.coalesce import Coalescers
from lusha_async._call.call import Executor
from lusha_async._call.options import Options
from lusha_async.billing import CreditBudget
from lusha_async.client import LushaClient
from lusha_async.errors import (
    AuthenticationError,
    BadRequestError,
    BudgetExceededError,
    InvalidRequestError,
    LushaError,
    NotFoundError,
    OutcomeUnknownError,
)
from lusha_async.filters.cache import FilterCache
from lusha_async.models._codec.structure import unstructure
from lusha_async.models.contacts import ContactQuery
from lusha_async.operations import BY_NAME, OPERATIONS, BillingClass, Scope
from lusha_async.resources.contacts import Contacts
from tests import virtual_clock
from tests.resources.recorder import recorded
from tests.vendor import Vendor, executor

from .standing import KEY, standing

FIVE = ["v1.1", "v1.2", "v1.3", "v1.4", "v1.5"]
OWNER = "owner@example.com"
WHOM = {"contacts": {"include": {"jobTitles": ["Engineer"]}}}
WHICH = {"companies": {"include": {"domains": ["example.com"]}}}


def answered(call: Callable[[LushaClient], Awaitable[Any]], answer: Any, *, status: int = 200) -> Any:
    """What `call` gives for `answer`; errors of ours are returned."""
    with standing() as wire:
        return wire.answers(call, answer, status=status)


def body_of(call: Callable[[LushaClient], Awaitable[Any]]) -> Any:
    """The body that `call` sends."""
    (request,), outcome = recorded(call)
    assert not isinstance(outcome, BaseException), outcome
    return request.body


def refusal_of(call: Callable[[LushaClient], Awaitable[Any]]) -> InvalidRequestError:
    """The refusal of `call`, which sends nothing."""
    sent, outcome = recorded(call)
    assert not sent
    assert isinstance(outcome, InvalidRequestError), outcome
    return outcome


def contacts_of(calls: Executor) -> Contacts:
    """The namespace over `calls`."""
    return Contacts(calls, Coalescers(), FilterCache())


def test_01_prospecting_is_stepped_by_the_size_that_is_echoed() -> None:
    """Sizes of 10-100 are accepted; where the vendor returns at most 50, no row is skipped or returned twice."""
    vendor = Vendor(rows=230, largest=50)

    async def main() -> list[str | None]:
        stream = contacts_of(executor(vendor)).prospect(WHOM, page_size=100, limit=230)
        return [row.id async for row in stream]

    assert virtual_clock.run(main()) == vendor.rows
    assert body_of(lambda c: c.contacts.prospect_page(WHOM, page_size=100))["pagination"]["size"] == 100
    assert refusal_of(lambda c: c.contacts.prospect_page(WHOM, page_size=101)).path == "page_size"


def test_02_a_search_is_priced_by_begun_blocks_of_25() -> None:
    """26 people reserve 2 credits of a budget, not 26 and not 1: 2 suffice and 1 does not."""

    def asking(budget: int) -> Any:
        vendor = Vendor()

        async def main() -> Any:
            calls = Executor(executor(vendor).state, Options(budget=CreditBudget(budget)))
            try:
                return await contacts_of(calls).search([{"email": f"p{place}@example.com"} for place in range(26)])
            except LushaError as error:
                return error

        return virtual_clock.run(main()), vendor.charged

    found, charged = asking(2)
    assert (len(found.results), charged) == (26, 2)
    refused, charged = asking(1)
    assert isinstance(refused, LushaError)
    assert (refused.charged, charged) == (0, 0)


def test_03_nothing_found_costs_nothing() -> None:
    """A search without a match is believed when it says that it cost 0: no minimum of ours is added."""
    vendor = Vendor()

    async def main() -> Any:
        calls = executor(vendor)
        answer = await contacts_of(calls).search([ContactQuery(email="missing@example.com")])
        return answer, calls.state.meter.ledger

    answer, ledger = virtual_clock.run(main())
    assert answer.billing.credits_charged == 0 == vendor.charged
    assert answer.results[0].error.code == "NOT_FOUND"
    assert ledger.credits == 0


def test_04_search_and_enrich_of_companies_is_two_prices() -> None:
    """The worst case that a budget reserves is a search and a reveal, as the vendor was seen to charge."""
    prices = dict.fromkeys(BY_NAME["searchAndEnrichCompanies"].prices, 1.0)

    def asking(budget: int) -> Callable[[LushaClient], Awaitable[Any]]:
        limited = CreditBudget(budget, prices=prices)
        return lambda c: c.with_options(budget=limited).companies.search_and_enrich([{"domain": "a.example"}])

    sent, answer = recorded(asking(2))
    assert not isinstance(answer, BaseException)
    assert sent[-1].operation.name == "searchAndEnrichCompanies"
    sent, refused = recorded(asking(1))
    assert isinstance(refused, BudgetExceededError)
    assert refused.requested == 2
    assert [one.operation.name for one in sent] == ["getAccountUsage"]  # for the prices


def test_05_the_limits_are_the_accounts() -> None:
    """Two clients of one account, with one governor, share its window: headers that one receives bind the other."""

    async def main() -> Any:
        vendor = Vendor()
        vendor.headers = {"x-rate-limit-minute": "40", "x-minute-requests-left": "7"}
        first, second = executor(vendor), executor(vendor)
        second.state.governor = first.state.governor
        await contacts_of(first).enrich(["v1.a"])
        return second.state.governor.snapshot()

    (minute,) = [one for one in virtual_clock.run(main()).windows if one.window.value == "minute"]
    assert minute.left == 7


def test_06_the_pace_is_25_a_second() -> None:
    """100 calls leave within some seconds (25 a second), not within four minutes (25 a minute)."""
    vendor = Vendor(latency=0.01)

    async def main() -> float:
        calls, began = contacts_of(executor(vendor)), asyncio.get_running_loop().time()
        await asyncio.gather(*(calls.enrich(["v1.a"]) for _ in range(100)))
        return asyncio.get_running_loop().time() - began

    assert 3 <= virtual_clock.run(main()) <= 8


def test_07_the_key_travels_in_its_own_header() -> None:
    """`api_key`, and no Authorization."""
    (request,), _ = recorded(lambda c: c.account.usage())
    assert request.headers["api_key"] == KEY
    assert "authorization" not in {name.lower() for name in request.headers}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"statusCode": 400, "message": "Validation failed", "errors": ["x must be y"]}, BadRequestError),
        (401, {"statusCode": 401, "timestamp": "t", "message": "Invalid API key"}, AuthenticationError),
        (400, {"statusCode": 400, "timestamp": "t", "message": "Invalid API key format"}, AuthenticationError),
        (
            400,
            {"name": "BadRequest", "message": "contacts.0.property x", "code": 400, "errors": {}},
            BadRequestError,
        ),
    ],
)
def test_08_each_error_envelope_is_understood(status: int, body: Any, kind: type[LushaError]) -> None:
    """The documented one, the auth guard's and the validation's: the class by status and words, the text ours."""
    error = answered(lambda c: c.contacts.enrich(["v1.a"]), body, status=status)
    assert type(error) is kind
    assert body["message"] in str(error)


@pytest.mark.parametrize(
    "body",
    [
        {"message": "Table not found", "code": "TABLE_NOT_FOUND"},
        {"statusCode": 404, "message": "TABLE_NOT_FOUND: Table not found"},
    ],
)
def test_09_a_tables_code_is_found_in_both_places(body: Any) -> None:
    """As a member, or as the beginning of the message."""
    error = answered(lambda c: c.contacts.tables.get("1", owner=OWNER), body, status=404)
    assert isinstance(error, NotFoundError)
    assert (error.code, error.message) == ("TABLE_NOT_FOUND", "Table not found")


def test_10_tables_are_created_at_their_root() -> None:
    """POST /v3/contacts/tables, without a further step."""
    (request,), _ = recorded(lambda c: c.contacts.tables.create("n", owner=OWNER))
    assert (request.method, request.url.partition(":9")[2]) == ("POST", "/v3/contacts/tables")


def test_11_subscriptions_are_paged_by_limit_and_offset() -> None:
    """They are requested by `limit` and `offset`, and read without a page or a size."""
    told = {"total": 3, "limit": 2, "offset": 0, "hasMore": True}
    page = answered(lambda c: c.webhooks.list_page(page_size=2), {"data": [{"id": "1"}], "pagination": told})
    assert page.pagination is not None
    assert (page.pagination.limit, page.pagination.offset, page.pagination.has_more) == (2, 0, True)
    (request,), _ = recorded(lambda c: c.webhooks.list_page(page=2, page_size=2))
    assert request.url.endswith("?limit=2&offset=4")


def test_12_what_can_be_revealed_is_an_open_word() -> None:
    """A company's fields, a person's, and ones that are new."""
    fields = ["emails", "directParent", "somethingNew"]
    row = {"id": "v1.f", "canReveal": [{"field": field, "credits": 1} for field in fields]}
    (company,) = answered(lambda c: c.companies.search([{"id": "v1.f"}]), {"results": [row]}).results
    assert [one.field for one in company.can_reveal] == fields


def test_13_a_companys_phone_is_one_or_several() -> None:
    """A text, a list of texts, and lists of objects, under either name."""
    rows = [
        {"phone": "+1 555 0100", "email": "info@example.com"},
        {"phone": ["+1 555 0100"], "email": ["info@example.com"]},
        {"phones": [{"number": "+1 555 0100"}], "emails": [{"email": "info@example.com"}]},
        {"phones": ["+1 555 0100"], "emails": "info@example.com"},
    ]
    one, many, objects, texts = answered(lambda c: c.companies.enrich(["a"]), {"results": rows}).results
    assert (one.phone, many.phone) == ("+1 555 0100", ("+1 555 0100",))
    assert [company.phones[0].number for company in (objects, texts)] == ["+1 555 0100"] * 2
    assert [company.emails[0].email for company in (objects, texts)] == ["info@example.com"] * 2


@pytest.mark.parametrize(("told", "read"), [(2, 2), ([], ()), ([{"columnId": "c"}], ({"columnId": "c"},))])
def test_14_columns_created_is_a_count_or_a_list(told: Any, read: Any) -> None:
    """Both are kept as they come."""
    answer = answered(lambda c: c.contacts.enrich(["a"]), {"tableWrite": {"columnsCreated": told}})
    assert answer.table_write.columns_created == read


def test_15_lookalikes_need_five_seeds() -> None:
    """Four are refused before they are sent, five go out; one is enough to go on within a session."""
    assert refusal_of(lambda c: c.contacts.lookalikes_page({"ids": FIVE[:4]})).path == "seeds"
    assert body_of(lambda c: c.contacts.lookalikes_page({"ids": FIVE}))["seeds"] == {"ids": FIVE}
    again = body_of(lambda c: c.contacts.lookalikes_page({"ids": FIVE[:1]}, dedupe_session_id="s1"))
    assert again["dedupeSessionId"] == "s1"


def test_16_search_and_enrich_of_companies_reveals() -> None:
    """`reveal` is sent when it is passed, and left out when it is not."""
    asked = body_of(lambda c: c.companies.search_and_enrich([{"id": "v1.f"}], reveal=["directParent"]))
    assert asked["reveal"] == ["directParent"]
    assert "reveal" not in body_of(lambda c: c.companies.search_and_enrich([{"id": "v1.f"}]))


def test_17_website_visits_are_paged_by_size() -> None:
    """The size is `pagination.size`; there is no `limit`."""
    body = body_of(
        lambda c: c.companies.website_visits_page(
            ["example.com"], start_date="2026-05-01", end_date="2026-05-02", page_size=150
        )
    )
    assert body["pagination"] == {"size": 150, "page": 0}
    assert "limit" not in body


def test_18_the_vendors_default_for_partial_profiles_is_kept() -> None:
    """It differs between people and companies, so nothing is sent unless the caller says so."""
    for call in (lambda c: c.contacts.prospect_page(WHOM), lambda c: c.companies.prospect_page(WHICH)):
        assert "options" not in body_of(call)
    told = body_of(lambda c: c.companies.prospect_page(WHICH, partial_profiles=False))
    assert told["options"] == {"includePartialProfiles": False}


def test_19_the_most_results_of_a_signal_are_sent_on_request_only() -> None:
    """The vendor's reference takes it, its node leaves it out: it is sent when passed."""
    signals = {"types": ["riskNews"]}
    assert body_of(lambda c: c.companies.search([{"id": "a"}], signals=signals))["signals"] == signals
    most = {**signals, "max_results_per_signal": 3}
    sent = body_of(lambda c: c.companies.search([{"id": "a"}], signals=most))["signals"]
    assert sent == {**signals, "maxResultsPerSignal": 3}


def test_20_the_webhook_secret_can_be_read_again() -> None:
    """It is a free GET that may be repeated, and it is in no repr."""
    secret = answered(lambda c: c.webhooks.secret(), {"secret": "whsec_abc123"})
    assert secret.secret == "whsec_abc123"
    assert "abc123" not in repr(secret)
    operation = BY_NAME["getAccountSecret"]
    assert (operation.method, operation.billing, operation.repeatable) == ("GET", BillingClass.FREE, True)


def test_21_what_can_be_revealed_may_be_told_anywhere_or_nowhere() -> None:
    """`has` and `can_reveal` are read from an enrichment, and None where they did not come."""
    rows = [{"id": "a", "has": ["directParent"], "canReveal": [{"field": "intent", "credits": 1}]}, {"id": "b"}]
    told, silent = answered(lambda c: c.companies.enrich(["a", "b"]), {"results": rows}).results
    assert (told.has, told.can_reveal[0].credits) == (("directParent",), 1)
    assert (silent.has, silent.can_reveal) == (None, None)


def test_22_not_revealed_is_not_the_same_as_none_found() -> None:
    """Absent phones are None, an empty list is (), and both give their JSON back."""
    rows = [{"id": "a", "emails": []}, {"id": "a", "emails": [], "phones": []}]
    absent, empty = answered(lambda c: c.contacts.enrich(["a", "b"], reveal=["emails"]), {"results": rows}).results
    assert (absent.phones, empty.phones) == (None, ())
    assert [unstructure(one) for one in (absent, empty)] == rows


def test_23_a_seniority_is_a_word_in_answers_and_a_number_in_filters() -> None:
    """Any word is read as it is; filters take numbers, and a word is refused with its path."""
    rows = [{"jobTitle": {"seniority": word}} for word in ("Vice President", "director")]
    people = answered(lambda c: c.contacts.enrich(["a", "b"]), {"results": rows}).results
    assert [one.job_title.seniority for one in people] == ["Vice President", "director"]
    numbers = {"contacts": {"include": {"seniority_ids": [9]}}}
    sent = body_of(lambda c: c.contacts.prospect_page(numbers))
    assert sent["filters"]["contacts"]["include"] == {"seniorityIds": [9]}
    words = {"contacts": {"include": {"seniority_ids": ["director"]}}}
    refused = refusal_of(lambda c: c.contacts.prospect_page(words))
    assert refused.path == "filters.contacts.include.seniority_ids[0]"


def test_24_the_bill_need_not_match_the_rows() -> None:
    """Two results billed and one returned is an answer like any other; both numbers are reported."""
    body = {"results": [{"id": "a"}], "billing": {"creditsCharged": 2, "resultsReturned": 2}}
    answer = answered(lambda c: c.contacts.enrich(["a", "b"]), body)
    assert (len(answer.results), answer.billing.results_returned) == (1, 2)


def test_25_dates_stay_texts() -> None:
    """However they are written, they come as they are."""
    funding = {"rounds": [{"roundDate": "Nov 10, 2021"}]}
    row = {"id": "f", "funding": funding, "monthlyWebsiteTraffic": {"month": "2026-08"}}
    (company,) = answered(lambda c: c.companies.enrich(["f"]), {"results": [row]}).results
    assert company.funding == funding
    assert company.monthly_website_traffic.month == "2026-08"
    row = {"id": "a", "updateDate": "2026-07-30", "emails": [{"email": "a@example.com", "updateDate": "soon"}]}
    (person,) = answered(lambda c: c.contacts.enrich(["a"]), {"results": [row]}).results
    assert (person.update_date, person.emails[0].update_date) == ("2026-07-30", "soon")


def test_26_coordinates_are_longitude_then_latitude() -> None:
    """They are handed on in the vendor's order, as our docstring says."""
    body = {"results": [{"id": "a", "location": {"city": "Tel Aviv", "coordinates": [34.78, 32.08]}}]}
    (person,) = answered(lambda c: c.contacts.enrich(["a"]), body).results
    assert person.location.coordinates == (34.78, 32.08)
    assert "longitude, then latitude" in type(person.location).__doc__


def test_27_competitors_are_objects() -> None:
    """With id, name and domain."""
    rival = {"id": "v1.r", "name": "Rival", "domain": "rival.example"}
    body = {"results": [{"id": "f", "competitors": [rival]}]}
    (company,) = answered(lambda c: c.companies.enrich(["f"], reveal=["competitors"]), body).results
    (found,) = company.competitors
    assert (found.id, found.name, found.domain) == ("v1.r", "Rival", "rival.example")


@pytest.mark.parametrize(
    "values",
    [
        [{"label": "software_development", "id": 4}],
        [{"min": 1, "max": 10}, {"min": 100_001}],
        [{"name": "Israel", "code": "IL"}],
        ["Engineering & Technical"],
        [],
    ],
)
def test_28_the_values_of_a_filter_have_its_own_shape(values: Any) -> None:
    """They are not forced into one: what was sent is there, an unknown place's empty list included."""
    body = {"filterType": "x", "values": values}
    answer = answered(lambda c: c.companies.filters.values("locations", "nowhere"), body)
    assert list(answer) == values


def test_29_filters_without_effect_are_sent_all_the_same() -> None:
    """Investors and types of funding are the vendor's to apply or not: they are sent unchanged."""
    funding = {"investors": ["Sample Capital"], "types": ["seed"]}
    filters = {"companies": {"include": {"domains": ["example.com"], "funding": funding}}}
    sent = body_of(lambda c: c.contacts.prospect_page(filters))
    assert sent["filters"]["companies"]["include"]["funding"] == funding


def test_30_a_filter_that_only_refines_needs_another_beside_it() -> None:
    """Alone it is refused before anything is sent; beside a criterion of its own kind or a company's it is sent."""
    refining = {"contacts": {"include": {"job_changed_after_date": "2026-01-01"}}}
    assert refusal_of(lambda c: c.contacts.prospect_page(refining)).path == "filters.contacts"
    paired = {**refining, "companies": {"include": {"domains": ["x.example"]}}}
    assert body_of(lambda c: c.contacts.prospect_page(paired))["filters"]["contacts"]["include"] == {
        "jobChangedAfterDate": "2026-01-01"
    }


def test_31_leftovers_of_v2_are_neither_sent_nor_lost() -> None:
    """`revealEmails` is refused before it is sent; an old member of an answer is kept aside."""
    old = {"email": "a@example.com", "revealEmails": True}
    assert refusal_of(lambda c: c.contacts.search([old])).path == "contacts[0].revealEmails"
    body = {"results": [{"id": "a", "isCreditCharged": True}]}
    (person,) = answered(lambda c: c.contacts.enrich(["a"]), body).results
    assert person.extra == {"isCreditCharged": True}


def test_32_decision_makers_is_not_among_the_operations() -> None:
    """The removed path still answers and bills: no operation has it, and no method is called so."""
    assert not [one for one in OPERATIONS if "decision" in f"{one.name} {one.call} {one.path}".lower()]
    assert not [name for name in dir(Contacts) if "decision" in name.lower()]


def test_33_a_hundred_are_scored_at_once() -> None:
    """The limit is that of the REST API."""
    people = [{"id": f"v1.{place}"} for place in range(100)]
    assert len(body_of(lambda c: c.contacts.signal_scores(people))["contacts"]) == 100
    firms = [{"domain": f"f{place}.example"} for place in range(101)]
    refused = refusal_of(lambda c: c.companies.signal_scores(firms))
    assert (refused.path, "at most 100" in refused.problem) == ("companies", True)


@pytest.mark.parametrize(
    "limits", [{}, {"hourly": None}, {"hourly": None, "daily": {"limit": 100, "resetsAt": None}}]
)
def test_34_a_plan_may_have_no_hourly_window(limits: Any) -> None:
    """Absent and null are None; the other windows are read."""
    usage = answered(lambda c: c.account.usage(), {"rateLimits": limits, "plan": {"endDate": None}})
    assert usage.rate_limits.hourly is None
    assert (usage.rate_limits.daily is None) == ("daily" not in limits)


class TestTheHardWay:
    """What others found out the hard way, below the table."""

    def test_no_key_that_the_vendor_does_not_know_is_sent(self) -> None:
        """No indexes of ours, and `domain` for companies, which other APIs name differently."""
        people = body_of(lambda c: c.contacts.search([{"email": "a@example.com"}] * 2))
        assert people == {"contacts": [{"email": "a@example.com"}] * 2}
        firms = body_of(lambda c: c.companies.search([{"domain": "example.com"}]))
        assert firms == {"companies": [{"domain": "example.com"}]}
        for wrong in ({"contactId": "1", "id": "a"}, {"companyId": "1", "id": "a"}):
            assert refusal_of(lambda c, wrong=wrong: c.contacts.search([wrong])).path.startswith("contacts[0].")

    def test_account_usage_in_a_loop_is_held_to_five_a_minute(self) -> None:
        """Six in a row take about a minute, whatever else is sent meanwhile."""
        vendor = Vendor(latency=0.01)

        async def main() -> float:
            calls, began = executor(vendor), asyncio.get_running_loop().time()
            for _ in range(6):
                await calls.usage()
            return asyncio.get_running_loop().time() - began

        assert 55 <= virtual_clock.run(main()) <= 70
        assert BY_NAME["getAccountUsage"].scope is Scope.USAGE

    def test_a_buying_group_cannot_be_asked_without_a_limit(self) -> None:
        """The vendor's own default of 60 for each company is never left to it."""
        with pytest.raises(TypeError, match="contacts_limit"):
            contacts_of(None).buying_group([{"id": "a"}])  # type: ignore[call-arg, arg-type]
        sent = body_of(lambda c: c.contacts.buying_group([{"id": "a"}], contacts_limit=2))
        assert sent["contactsLimit"] == 2

    def test_enriching_by_a_stored_id_is_what_may_be_repeated(self) -> None:
        """Of all that is paid, only contacts by id are requested again after a lost answer."""
        assert [one.name for one in OPERATIONS if one.paid and one.repeatable] == ["enrichContacts"]

    def test_a_lost_answer_of_a_paid_call_has_an_unknown_outcome(self) -> None:
        """It is not repeated, it says so, and the error has the request."""
        vendor = Vendor()
        vendor.lose = lambda request: True

        async def main() -> None:
            await contacts_of(executor(vendor)).search([{"email": "a@example.com"}])

        with pytest.raises(OutcomeUnknownError) as caught:
            virtual_clock.run(main())
        assert len(vendor.sent) == 1
        assert caught.value.request is not None
        assert caught.value.charged is None

    def test_the_waterfall_is_off_unless_asked_for(self) -> None:
        """Third parties' prices are never paid by default."""
        assert body_of(lambda c: c.contacts.enrich(["a"]))["waterfallEnabled"] is False
        assert body_of(lambda c: c.contacts.enrich(["a"], waterfall_enabled=True))["waterfallEnabled"] is True
        assert body_of(lambda c: c.contacts.enrich(["a"], waterfall_enabled=None))["waterfallEnabled"] is False

    def test_what_compliance_needs_is_plain(self) -> None:
        """Do not call, EU residence, prices of reveals and dates of data are attributes."""
        row = {
            "id": "a",
            "updateDate": "2026-07-30",
            "location": {"isEuContact": True},
            "phones": [{"number": "+15550100", "doNotCall": True, "updateDate": "2026-07-01"}],
            "emails": [{"email": "a@example.com", "updateDate": "2026-07-02"}],
            "canReveal": [{"field": "phones", "credits": 0}],
        }
        (person,) = answered(lambda c: c.contacts.enrich(["a"]), {"results": [row]}).results
        assert person.location.is_eu_contact is True
        assert person.phones[0].do_not_call is True
        assert person.can_reveal[0].credits == 0
        assert (person.update_date, person.phones[0].update_date, person.emails[0].update_date) == (
            "2026-07-30",
            "2026-07-01",
            "2026-07-02",
        )
        assert person.extra == {}


def test_every_row_of_the_notes_has_a_test(shared: Path) -> None:
    """The numbers in the table of contradictions are those of the tests here."""
    notes = (shared / "spec" / "contract.md").read_text().partition("\n## 8.")[2].partition("\n## 9.")[0]
    numbered = {int(number) for number in re.findall(r"^\| (\d+) \|", notes, re.MULTILINE)}
    tested = {int(name[5:7]) for name in globals() if re.match(r"test_\d\d_", name)}
    assert numbered == tested
    assert len(numbered) == 34
    assert "Found the hard way" in notes
