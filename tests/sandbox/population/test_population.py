"""The synthetic people and companies: deterministic, reserved, found again, and truly filtered."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lusha_async.sandbox.population import Population, StandIn
from lusha_async.sandbox.population.columns import Column, Selection, tile
from lusha_async.sandbox.population.filters import Filters
from lusha_async.sandbox.population.signals import Signals, day_number, day_text

SMALL = Population(seed=3, companies=300)
SIZE = len(SMALL.people)
FILTERS = Filters(SMALL, Signals(SMALL.companies, SMALL.people))
TODAY = 20_780


def members(bits: int, size: int) -> list[int]:
    """The set as a list."""
    selection = Selection(bits, size)
    return selection.page(0, len(selection))


@given(st.integers(0, SIZE - 1))
def test_a_person_is_found_by_each_of_its_identities(index: int) -> None:
    """Token, legacy number, address and profile lead back to the same person, in any case."""
    people = SMALL.people
    assert SMALL.person(SMALL.ids.token("contact", index)) == index
    assert SMALL.person(str(4_000_000_000 + index)) == index
    assert people.by_email(people.email(index).upper()) == index
    assert people.by_linkedin(people.linkedin(index) + "/") == index


@given(st.integers(0, len(Population(companies=200_000).companies) - 1))
def test_a_company_is_found_by_each_of_its_identities(index: int) -> None:
    """Name and domain are made of words, yet each of 200,000 companies has its own."""
    companies = Population(companies=200_000).companies
    company = companies.get(index)
    assert companies.by_name(company.name.lower()) == index
    assert companies.by_domain(f"https://www.{company.domain}:443/about") == index


@given(st.text(max_size=60))
def test_an_unknown_id_is_no_person(text: str) -> None:
    """No text that somebody makes up is taken for an id, or breaks the reading of one."""
    assert SMALL.person("v1." + text) is None
    assert SMALL.company("v1." + text) is None


def test_everything_is_reserved_or_fictional() -> None:
    """Each domain ends in .example, each number lies in the ranges kept for fiction."""
    for index in range(0, SIZE, 7):
        result: dict[str, Any] = SMALL.people.profile(index, "t", "c")
        points = SMALL.people.emails(index) + SMALL.people.phones(index)
        text = repr((result, points, SMALL.companies.profile(SMALL.companies.get(index % 300), "t")))
        hosts = re.findall(r"(?:@|https?://)([a-z0-9.-]+)", text)
        assert hosts
        assert all(host.endswith(".example") for host in hosts)
        assert all(re.fullmatch(r"\+1\d{3}55501\d\d", number) for number in re.findall(r"\+\d+", text))


def test_most_of_the_real_world_is_found_and_always_the_same() -> None:
    """Four domains in five and rather more than half of the names; what is reserved for tests is never found."""
    companies = SMALL.companies
    domains = [companies.by_domain(f"company{number}.com") for number in range(2_000)]
    names = [companies.by_name(f"Company {number} Ltd") for number in range(2_000)]
    assert 0.77 < sum(found is not None for found in domains) / 2_000 < 0.83
    assert 0.51 < sum(found is not None for found in names) / 2_000 < 0.59
    assert domains == [companies.by_domain(f"WWW.company{number}.com/") for number in range(2_000)]
    assert companies.by_domain("anything.invalid") is None
    guest = next(found for found in domains if isinstance(found, StandIn))
    token = SMALL.ids.stand_in_token(guest.key)
    assert SMALL.company(token) == guest
    assert companies.get(guest).domain.endswith(".example")


def test_the_seed_is_everything() -> None:
    """The same seed gives the same world, another seed another one."""
    worlds = [Population(seed=seed, companies=300) for seed in (3, 4)]
    assert [world.people.profile(5, "t", "c") == SMALL.people.profile(5, "t", "c") for world in worlds] == [
        True,
        False,
    ]
    assert worlds[1].person(SMALL.ids.token("contact", 5)) is None


@given(st.lists(st.booleans(), min_size=1, max_size=13), st.integers(1, 400))
def test_a_pattern_is_repeated_over_the_whole_set(values: list[bool], size: int) -> None:
    """The set of a column is that of the entities whose value matches."""
    column = Column(values)
    expected = sum(1 << index for index in range(size) if column.at(index))
    assert column.where(bool, size) == expected
    assert tile(column.where(bool, column.period), column.period, size) == expected


@given(st.sets(st.integers(0, 20_000)), st.integers(0, 300), st.integers(0, 120))
def test_pages_are_slices_of_the_sorted_members(chosen: set[int], offset: int, count: int) -> None:
    """A page is what slicing the whole list would give, wherever it begins."""
    selection = Selection(sum(1 << index for index in chosen), 20_001)
    assert len(selection) == len(chosen)
    assert selection.page(offset, count) == sorted(chosen)[offset : offset + count]


def _role(index: int) -> Any:
    return SMALL.people.roles.at(index)


@pytest.mark.parametrize(
    ("criteria", "holds"),
    [
        ({"seniorityIds": [9, 10]}, lambda i: _role(i).seniority >= 9),
        ({"jobTitles": ["sales manager"]}, lambda i: {"sales", "manager"} <= set(_role(i).title.lower().split())),
        ({"jobTitlesExactMatch": ["Founder"]}, lambda i: _role(i).title == "Founder"),
        ({"countries": ["IL", "Germany"]}, lambda i: SMALL.people.places.at(i).iso2 in {"IL", "DE"}),
        ({"locations": [{"city": "Boston"}]}, lambda i: SMALL.people.places.at(i).city == "Boston"),
        (
            {"existingDataPoints": ["work_email", "mobile"], "existingDataPointsCondition": "and"},
            lambda i: {"work_email", "mobile"} <= SMALL.people.reaches.at(i),
        ),
        ({"departments": ["Legal"], "score": {"minScore": 80}},
         lambda i: _role(i).department == "Legal" and SMALL.people.scores.at(i) >= 80),
        ({"emails": [SMALL.people.email(77)]}, lambda i: i == 77),
        ({"ids": [SMALL.ids.token("contact", 5), "4000000009", "x"]}, lambda i: i in {5, 9}),
        ({"certifications": ["any"]}, lambda i: False),
        ({"skills": []}, lambda i: True),
    ],
)  # fmt: skip
def test_criteria_for_people(criteria: dict[str, Any], holds: Any) -> None:
    """Each criterion selects exactly those whose facts meet it, and excludes them on the other side."""
    expected = [index for index in range(SIZE) if holds(index)]
    assert members(FILTERS.people(criteria, {}, TODAY), SIZE) == expected
    if len(criteria) == 1 and criteria != {"skills": []}:
        assert members(FILTERS.people({}, criteria, TODAY), SIZE) == sorted(set(range(SIZE)) - set(expected))


@pytest.mark.parametrize(
    ("criteria", "holds"),
    [
        ({"sizes": [{"min": 51, "max": 200}]}, lambda c, i: c.sizes.at(i).low == 51),
        ({"foundedYear": [{"min": 2015}]}, lambda c, i: c.founded.at(i) >= 2015),
        ({"mainIndustriesIds": [1, 3]}, lambda c, i: c.industries.at(i).main_id in {1, 3}),
        ({"sicCodes": ["0191"]}, lambda c, i: c.industries.at(i).sub == "Crop Production"),
        ({"companyType": ["Non Profit"]}, lambda c, i: c.types.at(i) == "Non Profit"),
        ({"names": ["amber"]}, lambda c, i: c.get(i).name.startswith("Amber")),
        ({"domains": [SMALL.companies.get(11).domain]}, lambda c, i: i == 11),
        ({"technologies": ["kiloform"]}, lambda c, i: "Kiloform" in c.technologies.at(i)),
        ({"funding": {"rounds": [{"round": "series_b"}]}}, lambda c, i: "series_b" in c.funding_rounds(i)),
        ({"funding": {"investors": ["ignored"]}}, lambda c, i: True),
        ({"funding": {"isIpo": True}}, lambda c, i: c.types.at(i) == "Public Company"),
    ],
)
def test_criteria_for_companies(criteria: dict[str, Any], holds: Any) -> None:
    """Each criterion selects exactly the companies whose facts meet it."""
    size = len(SMALL.companies)
    expected = [index for index in range(size) if holds(SMALL.companies, index)]
    assert members(FILTERS.companies(criteria, {}, TODAY), size) == expected


def test_at_most_so_many_of_each_company() -> None:
    """The first of each company are kept, the others left out."""
    people = FILTERS.people({"existingDataPoints": ["work_email"]}, {}, TODAY)
    kept = members(FILTERS.limit_per_company(people, 3), SIZE)
    size, seen = len(SMALL.companies), dict.fromkeys(range(len(SMALL.companies)), 0)
    expected: list[int] = []
    for index in members(people, SIZE):
        seen[index % size] += 1
        if seen[index % size] <= 3:
            expected.append(index)
    assert kept == expected


def test_signals_happen_on_the_same_days_for_every_call() -> None:
    """A filter by signals selects exactly those whose events lie in the days; intent looks 90 days back."""
    signals = Signals(SMALL.companies, SMALL.people)
    start = day_text(TODAY - 60)
    wanted = {"types": ["promotion"], "startDate": start}
    expected = [i for i in range(SIZE) if signals.days("contact", i, "promotion", TODAY - 60, TODAY)]
    assert members(signals.people(wanted, TODAY), SIZE) == expected
    assert 0 < len(expected) < SIZE
    assert day_number(start) == TODAY - 60
    far = signals.days("company", 5, "linkedinActivityIntent", TODAY - 5_000, TODAY)
    assert far
    assert all(TODAY - 90 < day <= TODAY for day in far)
