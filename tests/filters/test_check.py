"""Filters compared with the vendor's lists: what is unknown, what was meant, what cannot be checked."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from lusha_async import (
    CompanyCriteria,
    CompanyFilters,
    CompanySignalFilter,
    ContactCriteria,
    ContactFilters,
    FilterReport,
    Funding,
    InvalidRequestError,
    LushaClient,
    NotSentError,
    Place,
    ProspectingFilters,
    ServerError,
    Span,
)
from lusha_async._call.retry import NO_RETRY
from lusha_async.models.recommendations import RecommendationFilters
from tests.virtual_clock import run

from .lists import HeldBack, client_of, in_sandbox


def people(**members: Any) -> ProspectingFilters:
    """Filters for people."""
    return ProspectingFilters(contacts=ContactFilters(include=ContactCriteria(**members)))


def firms(**members: Any) -> ProspectingFilters:
    """Filters for companies."""
    return ProspectingFilters(companies=CompanyFilters(include=CompanyCriteria(**members)))


def checked(filters: Any, *, kind: str = "contacts", **how: Any) -> tuple[FilterReport, Mapping[str, int]]:
    """The report on filters by a small sandbox, and how many requests of each operation it took."""

    async def main(lusha: LushaClient, carrier: Any) -> tuple[FilterReport, Mapping[str, int]]:
        lists = lusha.contacts.filters if kind == "contacts" else lusha.companies.filters
        report = await lists.check(filters, **how)
        return report, dict(carrier.sandbox.report()["byOperation"])

    return in_sandbox(main)


def told(report: FilterReport) -> dict[str, tuple[Any, ...]]:
    """The unknown values' paths and suggestions."""
    return {one.path: one.suggestions for one in report.unknown}


GOOD = ProspectingFilters(
    contacts=ContactFilters(
        include=ContactCriteria(
            departments=["Sales", "Engineering & Technical"],
            seniority_ids=[1, 10],
            existing_data_points=["work_email"],
            countries=["US", "DE"],
            locations=[Place(city="Boston", state="Massachusetts", country="United States", country_iso2="US")],
            signals={"types": ["promotion"]},
            geographic_details=[{"country": "US", "zipcode": "02101", "distance": 5}],
        ),
        exclude=ContactCriteria(locations=[Place(country="France"), Place(state="Bavaria")]),
    ),
    companies=CompanyFilters(
        include=CompanyCriteria(
            sizes=[Span(min=51, max=200), Span(min=201, max=1000), Span(min=100_001)],
            technologies=["Golfstack"],
            industries_labels=["Finance", "Software Development"],
            main_industries_ids=[1],
            sub_industries_ids=[101],
            intent_topics=["Cloud Migration"],
            sic_codes=["7371"],
            naics_codes=["541511"],
            locations_zipcodes=[{"country_iso2": "US", "zipcode": "02101"}],
            business_model=["B2B"],
            founded_year=[Span(min=2000)],
        )
    ),
)


def test_filters_that_the_vendor_knows() -> None:
    """Right values of every kind are found known, typed and as a mapping; each list costs one request."""
    report, requests = checked(GOOD)
    assert report.ok
    assert (report.unknown, report.warnings) == ((), ())
    report.raise_for_unknown()
    assert report.checked == 25
    assert report.age is not None
    # departments, seniority, data points, countries, two places; sizes, technologies, industries, topics, codes x 2
    assert requests == {"getContactFilterValues": 6, "getCompanyFilterValues": 6, "getContactSignalTypes": 1}
    assert [one.path for one in report.unchecked] == [
        "contacts.include.geographic_details[0].zipcode",
        "companies.include.locations_zipcodes[0].zipcode",
    ]
    assert report.corrected["contacts"]["include"]["seniorityIds"] == [1, 10]
    assert evolve(checked(report.corrected)[0], age=report.age) == report


def test_the_nearest_is_proposed() -> None:
    """The README of it all: a misspelt department is found, and what was meant is suggested."""
    report, requests = checked(people(departments=["Sales", "Enginering"]))
    assert requests == {"getContactFilterValues": 1}
    assert not report.ok
    (unknown,) = report.unknown
    assert (unknown.path, unknown.value) == ("contacts.include.departments[1]", "Enginering")
    assert (unknown.suggestions[0], unknown.sure) == ("Engineering & Technical", True)
    assert report.corrected == {"contacts": {"include": {"departments": ["Sales", "Engineering & Technical"]}}}
    with pytest.raises(InvalidRequestError) as refusal:
        report.raise_for_unknown()
    assert refusal.value.path == "contacts.include.departments[1]"
    assert "did you mean Engineering & Technical?" in str(refusal.value)


@pytest.mark.parametrize(
    ("members", "path", "suggestions"),
    [
        ({"departments": ["engineering and technical"]}, "departments[0]", ("Engineering & Technical",)),
        ({"departments": ["HUMAN-RESOURCES"]}, "departments[0]", ("Human Resources",)),
        ({"seniority_ids": [3, 12]}, "seniority_ids[1]", (10,)),
        ({"seniority_ids": [0]}, "seniority_ids[0]", (1,)),
        ({"existing_data_points": ["work_emial"]}, "existing_data_points[0]", ("work_email",)),
        ({"countries": ["USA"]}, "countries[0]", ("US",)),
        ({"countries": ["germany"]}, "countries[0]", ("DE",)),
        ({"locations": [{"country": "US"}]}, "locations[0].country", ("United States",)),
        ({"locations": [{"countryIso2": "Poland"}]}, "locations[0].country_iso2", ("PL",)),
        (
            {"locations": [{"city": "Bosotn", "country": "United States"}]},
            "locations[0]",
            ({"city": "Boston", "country": "United States"},),
        ),
        ({"locations": [{"city": "são paulo"}]}, "locations[0]", ({"city": "Sao Paulo"},)),
        ({"locations": [{"state": "Massachusets"}]}, "locations[0]", ({"state": "Massachusetts"},)),
        ({"departments": ["Zzzz"]}, "departments[0]", ()),
    ],
)
def test_what_was_meant_for_people(members: Any, path: str, suggestions: Any) -> None:
    """For each kind of value: a wrong one is reported by its path, with the nearest of the vendor's first."""
    report, _ = checked(people(**members))
    (unknown,) = report.unknown
    assert unknown.path == f"contacts.include.{path}"
    assert unknown.suggestions[:1] == suggestions


@pytest.mark.parametrize(
    ("members", "path", "suggestions"),
    [
        ({"names": ["Amber Anchr Labs"]}, "names[0]", ("Amber Anchor Labs",)),
        ({"technologies": ["Golfstock"]}, "technologies[0]", ("Golfstack",)),
        ({"intent_topics": ["cloud migration"]}, "intent_topics[0]", ("Cloud Migration",)),
        ({"main_industries_ids": [1, 99]}, "main_industries_ids[1]", ()),
        ({"sub_industries_ids": [1]}, "sub_industries_ids[0]", ()),
        ({"sic_codes": ["7370"]}, "sic_codes[0]", ("7371",)),
        ({"locations": [{"city": "Munchen"}]}, "locations[0]", ({"city": "Munich"},)),
        ({"signals": {"types": ["peopleNws"]}}, "signals.types[0]", ("peopleNews",)),
        (
            {"signals": CompanySignalFilter(filter_by_department=[{"department": "Finanse"}])},
            "signals.filter_by_department[0].department",
            ("Finance",),
        ),
        (
            {"signals": {"filterByLocation": [{"country": "United States", "state": "Texsa"}]}},
            "signals.filter_by_location[0]",
            ({"state": "Texas", "country": "United States"},),
        ),
        (
            {"signals": {"types": ["allSignals"], "filterByIntentCategory": ["Technolgy"]}},
            "signals.filter_by_intent_category[0]",
            ("Technology",),
        ),
    ],
)
def test_what_was_meant_for_companies(members: Any, path: str, suggestions: Any) -> None:
    """The same for the criteria of companies, whose lists are searched, nested or of numbers."""
    report, _ = checked(firms(**members), kind="companies")
    (unknown,) = report.unknown
    assert unknown.path == f"companies.include.{path}"
    assert unknown.suggestions[:1] == suggestions


def test_only_what_is_sure_is_corrected() -> None:
    """A number, a code or a tie is suggested and does not replace the value; the rest of a location stays."""
    place = {"city": "bostn", "country": "United States", "region": "East"}
    report, _ = checked(
        ProspectingFilters(
            contacts={"include": {"seniority_ids": [12], "locations": [place]}},
            companies={"include": {"sic_codes": ["7370"], "industries_labels": ["retail", "Softwar Development"]}},
        )
    )
    assert [one.sure for one in report.unknown] == [False, True, False, True, True]
    assert report.corrected == {
        "contacts": {
            "include": {
                "seniorityIds": [12],
                "locations": [{"region": "East", "city": "Boston", "country": "United States"}],
            }
        },
        "companies": {"include": {"sicCodes": ["7370"], "industriesLabels": ["Retail", "Software Development"]}},
    }


def test_corrected_filters_find_what_was_meant() -> None:
    """What a wrong value silently does not find is found with the corrected filters."""

    async def main(lusha: LushaClient, carrier: Any) -> None:
        wrong = people(departments=["Enginering"])
        assert [person async for person in lusha.contacts.prospect(wrong)] == []
        report = await lusha.contacts.filters.check(wrong)
        assert await lusha.contacts.prospect(report.corrected, limit=1).first() is not None
        assert (await lusha.contacts.filters.check(report.corrected)).ok

    in_sandbox(main)


@pytest.mark.parametrize(
    ("filters", "kind", "path", "words"),
    [
        (firms(funding=Funding(investors=["x"])), "contacts", "companies.include.funding.investors", "not apply"),
        (firms(funding={"types": ["x"]}), "contacts", "companies.include.funding.types", "not apply"),
        (
            ProspectingFilters(
                contacts={"include": {"score": {"min_score": 1}}}, companies={"include": {"ids": ["1"]}}
            ),
            "contacts",
            "contacts.include.score",
            "only refines",
        ),
        (
            firms(technologies_condition="and"),
            "companies",
            "companies.include.technologies_condition",
            "no effect",
        ),
        (
            firms(signals={"types": ["peopleNews"], "filterByIntentCategory": ["Technology"]}),
            "companies",
            "companies.include.signals.filter_by_intent_category",
            "linkedinActivityIntent",
        ),
        (people(countries=["France"]), "contacts", "contacts.include.countries[0]", "did you mean FR?"),
        (firms(sizes=[Span(min=50, max=500)]), "companies", "companies.include.sizes[0]", "{min: 11, max: 500}"),
        (firms(revenues=[Span(min=7)]), "companies", "companies.include.revenues[0]", "{min: 1}"),
        (firms(revenues=[Span(min=10**15)]), "companies", "companies.include.revenues[0]", "ranges"),
    ],
)
def test_what_the_vendor_takes_and_may_not_apply(filters: Any, kind: str, path: str, words: str) -> None:
    """Doubtful filters are warnings, not unknown values."""
    report, _ = checked(filters, kind=kind)
    assert report.ok
    (warning,) = report.warnings
    assert warning.path == path
    assert words in str(warning)


def test_what_cannot_be_checked_is_listed() -> None:
    """Free text, names, dates and what the vendor has no list for: by path, and once for each member."""
    wanted = people(
        names=["Ada Sample", "Bob Sample"],
        job_titles=["Engineer"],
        emails=["ada@example.com"],
        job_changed_after_date="2026-01-01",
        locations=[{"continent": "Europe"}, {"country_grouping": "EMEA"}],
        education={"schools": ["x"], "start_year_gte": 2000},
        extra={"hobbies": ["chess"]},
    )
    report, requests = checked(wanted)
    assert report.ok
    assert requests == {}
    assert report.age is None
    assert [one.path.removeprefix("contacts.include.") for one in report.unchecked] == [
        "names",
        "job_titles",
        "locations[0].continent",
        "locations[1].country_grouping",
        "emails",
        "job_changed_after_date",
        "education.schools",
        "hobbies",
    ]


@pytest.mark.parametrize("filters", [{}, ProspectingFilters(), {"contacts": {"include": {}}}])
def test_an_empty_filter_sends_nothing(filters: Any) -> None:
    """There is nothing to check in it."""
    report, requests = checked(filters)
    assert (report.ok, report.checked, requests) == (True, 0, {})


def test_filters_that_prospecting_refuses_are_refused() -> None:
    """Before anything is sent, with the path that prospecting would name."""

    async def main(lusha: LushaClient, carrier: Any) -> None:
        for wrong in (firms(funding={"is_ipo": True}), people(skills=["x"])):
            with pytest.raises(InvalidRequestError, match=r"^filters"):
                await lusha.companies.filters.check(wrong)
        with pytest.raises(InvalidRequestError, match="searches"):
            await lusha.companies.filters.check(firms(names=["x"]), max_searches=-1)
        assert carrier.sandbox.report()["byOperation"] == {}

    in_sandbox(main)


def test_a_second_check_costs_nothing() -> None:
    """The lists of one check serve the next, of people and of companies alike, and searches as well."""

    async def main(lusha: LushaClient, carrier: Any) -> None:
        wanted = firms(technologies=["Golfstock"], sizes=[Span(min=51)])
        first = await lusha.companies.filters.check(wanted)
        served = carrier.sandbox.report()["byOperation"]
        assert served == {"getCompanyFilterValues": 4}
        await asyncio.sleep(60)
        again = await lusha.contacts.filters.check(wanted)
        assert carrier.sandbox.report()["byOperation"] == served
        assert again.unknown == first.unknown
        assert again.age == pytest.approx(60, abs=2)
        await lusha.contacts.filters.check(wanted, refresh=True)
        assert carrier.sandbox.report()["byOperation"] == {"getCompanyFilterValues": 8}

    in_sandbox(main)


def test_searches_are_bounded() -> None:
    """Of 30 names the first 10 are searched, the others listed as unchecked; the next check goes on from there."""
    names = ["Amber Anchor Labs", *(f"Amber Anchor {number}" for number in range(29))]

    async def main(lusha: LushaClient, carrier: Any) -> None:
        lists = lusha.companies.filters
        report = await lists.check(firms(names=names), max_searches=10)
        assert carrier.sandbox.report()["byOperation"] == {"getCompanyFilterValues": 10}
        assert report.checked == 10
        assert len(report.unchecked) == 20
        assert "searches" in report.unchecked[0].reason
        await lists.check(firms(names=names), max_searches=25)
        report = await lists.check(firms(names=names), max_searches=25)
        assert report.checked == 30

    in_sandbox(main)


def test_a_value_that_cannot_be_searched_is_listed() -> None:
    """The vendor searches by 2 to 256 characters, so a name of one is listed as unchecked."""
    report, requests = checked(firms(names=["X"]), kind="companies")
    assert (report.checked, requests) == (0, {})
    assert "2 to 256" in str(report)


def test_recommendations_and_signals() -> None:
    """Their filters are checked with their own lists."""

    async def main(lusha: LushaClient, carrier: Any) -> None:
        mine = RecommendationFilters(signals=["peopleNews", "promotoin"])
        report = await lusha.contacts.filters.check_recommendations(mine)
        assert told(report) == {"signals[0]": (), "signals[1]": ("promotion",)}
        report = await lusha.companies.filters.check_recommendations(
            {"targetIcp": ["x"], "signals": ["peopleNews"]}
        )
        assert told(report) == {"target_icp[0]": ()}
        assert told(await lusha.contacts.filters.check_signals(["allSignals", "companyChnge"])) == {
            "signal_types[1]": ("companyChange",)
        }
        report = await lusha.companies.filters.check_signals(["peopleNews"], intent_categories=["business"])
        assert told(report) == {"intent_categories[0]": ("Business",)}
        assert report.corrected == {"signalTypes": ["peopleNews"], "intentCategories": ["Business"]}
        with pytest.raises(InvalidRequestError, match="single value"):
            await lusha.contacts.filters.check_signals("promotion")
        assert (await lusha.contacts.filters.check_recommendations({})).ok

    in_sandbox(main)


def test_no_value_of_the_filters_is_in_a_text() -> None:
    """Reprs and texts of report and error hold paths and the vendor's values: a person's name stays out."""
    report, _ = checked(
        ProspectingFilters(
            contacts={
                "include": {"names": ["Ada Sample"], "departments": ["Ada Sample"], "locations": [{"city": "Ada"}]}
            },
            companies={"include": {"names": ["Ada Sample Ltd"]}},
        )
    )
    assert len(report.unknown) == 3
    with pytest.raises(InvalidRequestError) as refusal:
        report.raise_for_unknown()
    assert "Ada" not in f"{report} {report!r} {report.unknown} {refusal.value} {refusal.value!r}"
    assert "contacts.include.names: not checked" in str(report)


def test_a_long_report_makes_a_short_error() -> None:
    """The error's text names ten values and how many more there are."""
    report, _ = checked(people(seniority_ids=list(range(20, 33))))
    with pytest.raises(InvalidRequestError, match=r"and 3 more$"):
        report.raise_for_unknown()


@pytest.mark.parametrize(
    "answer",
    [
        {"values": []},
        {"values": {}},
        {"values": [None, {"min": None}]},
        {"values": [True, {"min": True}, {"main_industry_id": {}}]},
        {},
    ],
)
def test_a_list_that_makes_no_sense_checks_nothing(answer: Any) -> None:
    """If the vendor's answer is empty or not as expected, nothing is called unknown: it is listed as unchecked."""

    async def main() -> None:
        carrier = HeldBack(answer)
        carrier.free.set()
        async with client_of(carrier) as lusha:
            report = await lusha.contacts.filters.check(
                ProspectingFilters(
                    contacts={"include": {"departments": ["x"], "seniority_ids": [1], "countries": ["US"]}},
                    companies={"include": {"sizes": [{"min": 1}], "main_industries_ids": [1]}},
                )
            )
        assert report.ok
        assert (report.checked, len(report.unchecked)) == (0, 5)
        assert "has an unexpected shape" in str(report)

    run(main())


@pytest.mark.parametrize(
    "values",
    [
        ["Engineering", "Sales"],
        [{"id": 7, "value": "Engineering"}, {"id": 8, "value": "Sales"}],
        [
            {"group": "A", "departments": [{"name": "Engineering"}]},
            {"group": "B", "departments": [{"name": "Sales"}]},
        ],
        {"A": ["Engineering"], "B": ["Sales"]},
    ],
)
def test_lists_may_have_any_shape(values: Any) -> None:
    """The shape of most lists is not documented: texts are found wherever they are in it."""

    async def main() -> None:
        carrier = HeldBack({"values": values})
        carrier.free.set()
        async with client_of(carrier) as lusha:
            report = await lusha.contacts.filters.check(people(departments=["Sales", "Enginering"]))
        assert told(report) == {"contacts.include.departments[1]": ("Engineering",)}

    run(main())


def test_a_long_list_is_compared_beside_the_loop() -> None:
    """15,000 topics: the answer is the same, and the loop goes on while a thread compares."""
    topics = [f"Topic number {number:05}" for number in range(15_000)] + ["Payroll Services"]

    async def main() -> None:
        carrier = HeldBack({"values": topics})
        carrier.free.set()
        async with client_of(carrier) as lusha:
            report = await lusha.companies.filters.check(
                firms(intent_topics=["Payrol Services", "Topic number 00007"])
            )
        assert told(report) == {"companies.include.intent_topics[0]": ("Payroll Services",)}

    asyncio.run(main())


def test_a_failure_is_an_error_of_ours() -> None:
    """The first failure of the lists is raised as it is; nothing is left running."""

    async def main() -> None:
        carrier = HeldBack()
        carrier.failing = NotSentError("cannot connect", "refused")
        carrier.free.set()
        async with client_of(carrier) as whole:
            lusha = whole.with_options(retry=NO_RETRY)
            with pytest.raises(NotSentError):
                await lusha.contacts.filters.check(GOOD)
            assert len(asyncio.all_tasks()) == 1

    run(main())


def test_a_server_error_is_raised() -> None:
    """What the vendor answers instead of a list reaches the caller as its own class."""

    async def main(lusha: LushaClient, carrier: Any) -> None:
        with pytest.raises(ServerError):
            await lusha.with_options(retry=NO_RETRY).contacts.filters.check(GOOD)

    in_sandbox(main, faults=["503,share=1"])


def test_a_cancelled_check_does_not_affect_others() -> None:
    """Two checks wait for the same list: one is cancelled, the other gets its report, and no task is left."""

    async def main() -> None:
        carrier = HeldBack({"values": ["Sales"]})
        async with client_of(carrier) as lusha:
            wanted = people(departments=["Sales"], existing_data_points=["Sales"])
            lost, kept = (asyncio.create_task(lusha.contacts.filters.check(wanted)) for _ in range(2))
            await asyncio.sleep(1)
            lost.cancel()
            await asyncio.sleep(1)
            assert lost.cancelled()
            carrier.free.set()
            assert (await kept).checked == 2
            assert len(carrier.sent) == 2
            assert len(asyncio.all_tasks()) == 1

    run(main())


JSON = some.recursive(
    some.sampled_from([None, True, 0, 7, 1.5, "", "Sales", "x"]),
    lambda inner: some.one_of(
        some.lists(inner, max_size=3),
        some.dictionaries(
            some.sampled_from(
                ["name", "code", "min", "max", "city", "country", "main_industry_id", "id", "values"]
            ),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(JSON)
def test_no_list_is_too_odd(values: Any) -> None:
    """Whatever JSON the vendor answers as a list: there is a report, or an error of ours."""

    async def main() -> None:
        carrier = HeldBack({"values": values, "signalTypes": ["promotion"]})
        carrier.free.set()
        async with client_of(carrier) as lusha:
            report = await lusha.contacts.filters.check(GOOD)
            assert report.checked + len(report.unchecked) >= 25
            str(report)

    run(main())


def test_numbers_that_are_none_of_a_scale_are_passed_over() -> None:
    """A text of thousands of digits in the vendor's list is no number that a value could be near."""

    async def main() -> None:
        carrier = HeldBack({"values": ["9" * 5000, "10"]})
        carrier.free.set()
        async with client_of(carrier) as lusha:
            report = await lusha.contacts.filters.check(people(seniority_ids=[9]))
        assert told(report) == {"contacts.include.seniority_ids[0]": (10,)}

    run(main())


@pytest.mark.parametrize(
    "how", [{"max_age": -1}, {"max_age": "1"}, {"max_age": True}, {"refresh": None}, {"refresh": "no"}]
)
def test_cache_options_are_validated(how: dict[str, Any]) -> None:
    """Also where nothing would be fetched: `InvalidRequestError` with the argument's name."""
    with pytest.raises(InvalidRequestError, match=f"^{next(iter(how))}: must be"):
        checked({}, **how)


def test_a_misspelt_option_is_no_silence() -> None:
    """`max_ages` is refused as Python refuses any argument that is not there."""
    with pytest.raises(TypeError, match="max_ages"):
        checked({}, max_ages=5)


def test_lists_of_values_may_be_used_up() -> None:
    """A generator as a list of values is read once."""
    report, _ = checked({"contacts": {"include": {"departments": iter(["Sales", "Salse"])}}})
    assert told(report) == {"contacts.include.departments[1]": ("Sales",)}


def test_unknown_sides_pass_by() -> None:
    """What `extra` puts beside the criteria is not looked into."""
    filters = ProspectingFilters(contacts=ContactFilters(extra={"weird": 5}), extra={"other": [1]})
    report, requests = checked(filters)
    assert (report.checked, requests) == (0, {})
    assert report.corrected == {"contacts": {"weird": 5}, "other": [1]}
