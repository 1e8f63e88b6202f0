"""Typed filters are exactly the vendor's: what is accepted fits its closed description, the rest never leaves."""

from collections.abc import Callable, Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from lusha_async.errors import InvalidRequestError
from lusha_async.models.filters import (
    CompanyCriteria,
    CompanyFilters,
    ContactCriteria,
    ContactFilters,
    Place,
    ProspectingFilters,
    Span,
)
from lusha_async.models.model import RequestModel, wire_name
from lusha_async.resources import _prospecting
from tests.contract.description import body_schema, validator

WORDS = ("x", "2026-05-01", "a@example.com", "x" * 200, "x" * 201, "2026-5-1", "a b@c.d", "b2b", "", " ")
WRONG = some.sampled_from([*WORDS, -1, 101, 1.5, True, [], {}, [None], {"min": 1}, [{"max": -1}], {"other": 1}])


def kinds(kind: Any) -> Sequence[Any]:
    """What a field may hold, but for None."""
    if get_origin(kind) in {Union, UnionType}:
        return [option for option in get_args(kind) if option is not NoneType]
    return [kind]


def nearly(field: Any, kind: Any) -> some.SearchStrategy[Any]:
    """Values of a field: mostly of the right kind and within its bounds."""
    return some.integers(0, 15).flatmap(lambda dice: rightly(field, kind) if dice else WRONG)


def rightly(field: Any, kind: Any) -> some.SearchStrategy[Any]:
    """Values of the right kind."""
    first = kinds(kind)[0]
    if isinstance(first, type) and issubclass(first, RequestModel):
        return mapping(first)
    if get_origin(first) is not None:
        return some.lists(nearly(field, get_args(first)[0]), min_size=1, max_size=2)
    if "among" in field.metadata:
        return some.sampled_from(field.metadata["among"])
    words = WORDS[1:2] if field.metadata.get("date") else WORDS[2:3] if field.metadata.get("email") else WORDS[:5]
    return {str: some.sampled_from(words), bool: some.booleans()}.get(
        first, some.sampled_from([0, 1, 50, 100, 2020])
    )


def mapping(cls: Any) -> some.SearchStrategy[Mapping[str, Any]]:
    """Some members of a request model, under our names or the vendor's."""
    fields = [field for field in attrs.fields(attrs.resolve_types(cls)) if field.name != "extra"]
    pairs = some.sampled_from(fields).flatmap(
        lambda field: some.tuples(
            some.sampled_from([field.name, wire_name(field.name)]), nearly(field, field.type)
        )
    )
    return some.lists(pairs, min_size=1, max_size=3).map(dict)


def filters() -> some.SearchStrategy[Mapping[str, Any]]:
    """Filters of either kind with what may be right and what may not."""
    sides = {"contacts": ContactCriteria, "companies": CompanyCriteria}
    return some.fixed_dictionaries(
        {},
        optional={
            name: some.fixed_dictionaries({}, optional={side: mapping(cls) for side in ("include", "exclude")})
            for name, cls in sides.items()
        },
    )


@pytest.mark.parametrize(
    ("operation", "build"),
    [
        ("prospectingContacts", _prospecting.prospect_contacts),
        ("prospectingCompanies", _prospecting.prospect_companies),
    ],
)
@pytest.mark.usefixtures("shared")
def test_what_is_accepted_fits_the_contract(operation: str, build: Callable[..., dict[str, Any]]) -> None:
    """Whatever the filters are: they are refused with a path into them, or the vendor's description takes them."""
    judge = validator(operation)
    accepted: list[bool] = []

    @settings(max_examples=600, suppress_health_check=list(HealthCheck))
    @given(filters())
    def check(told: Mapping[str, Any]) -> None:
        body, refused = tried(build, told)
        accepted.append(refused is None)
        if refused is not None:
            assert refused.startswith("filters")
            return
        sent = {name: value for name, value in body.items() if value is not None}
        sent["pagination"] = {"page": 0, "size": 50}
        problems = [(list(problem.instance_path), problem.message) for problem in judge.iter_errors(sent)]
        assert not problems

    check()
    assert 30 < accepted.count(True) < len(accepted) - 30


def tried(build: Callable[..., dict[str, Any]], *told: Any, **how: Any) -> tuple[dict[str, Any], str | None]:
    """What was built, or the path of what was refused."""
    try:
        return build(*told, **how), None
    except InvalidRequestError as refusal:
        return {}, refusal.path


@pytest.mark.parametrize("kind", ["contacts", "companies"])
@pytest.mark.parametrize("name", ["contacts", "companies"])
@pytest.mark.usefixtures("shared")
def test_each_member_is_for_whom_the_contract_says(kind: str, name: str) -> None:
    """A criterion is accepted exactly if the vendor's description of that request has it."""
    operation = {"contacts": "prospectingContacts", "companies": "prospectingCompanies"}[kind]
    known = set(body_schema(operation, "filters", name, "include")["properties"])
    criteria: Any = {"contacts": ContactCriteria, "companies": CompanyCriteria}[name]
    taken = set()
    for field in attrs.fields(attrs.resolve_types(criteria)):
        if field.name == "extra":
            continue
        base = {"companies": {"exclude": {"domains": ["x.example"]}, "include": {"domains": ["y.example"]}}}
        told = {**base, name: {**base.get(name, {}), "exclude": {field.name: _right(field)}}}
        _, refused = tried(_prospecting.prospecting_filters, told, kind=kind)
        assert refused in {None, f"filters.{name}.exclude.{field.name}"}
        if refused is None:
            taken.add(wire_name(field.name))
    assert taken == known


def _right(field: Any) -> Any:
    """A value that the field takes."""
    kind = kinds(field.type)[0]
    many = get_origin(kind) is not None
    item = kinds(get_args(kind)[0])[0] if many else kind
    value: Any = {"among": None, "range": 1, "date": "2026-01-01", "email": "a@example.com"}
    told = next((value[name] for name in value if field.metadata.get(name)), None)
    if "among" in field.metadata:
        told = field.metadata["among"][0]
    if told is None:
        told = _some_member(item) if issubclass(item, RequestModel) else {str: "x", int: 1, bool: True}[item]
    return [told] if many else told


def _some_member(cls: type[RequestModel]) -> dict[str, Any]:
    field = next(field for field in attrs.fields(attrs.resolve_types(cls)) if field.name != "extra")
    return {field.name: _right(field)}


@pytest.mark.parametrize(
    ("kind", "told", "path"),
    [
        ("contacts", {"contacts": {"include": {"score": {"minScore": 9, "max_score": 8}}}}, "score.max_score"),
        ("contacts", {"contacts": {"include": {"signals": {"types": ["promotoin"]}}}}, "signals.types[0]"),
        ("contacts", {"contacts": {"include": {"emails": ["a@example.com", "nobody"]}}}, "emails[1]"),
        ("contacts", {"contacts": {"include": {"education": {"school": ["x"]}}}}, "education.school"),
        ("companies", {"companies": {"include": {"sizes": [{"min": 10, "max": 9}]}}}, "sizes[0].max"),
        ("companies", {"companies": {"include": {"sizes": [{"min": 1.5}]}}}, "sizes[0].min"),
        ("companies", {"companies": {"include": {"business_model": ["b2b"]}}}, "business_model[0]"),
        (
            "companies",
            {"companies": {"include": {"signals": {"filter_by_department": [{}]}}}},
            "signals.filter_by_department[0].department",
        ),
    ],
)
def test_a_refusal_names_the_value(kind: str, told: Mapping[str, Any], path: str) -> None:
    """What is wrong deep inside filters is refused with its whole path, in our names."""
    with pytest.raises(InvalidRequestError) as refusal:
        _prospecting.prospecting_filters(told, kind=kind)
    assert refusal.value.path == f"filters.{kind}.include.{path}"


def test_refinements_need_a_base() -> None:
    """Criteria that only refine others are refused alone, and taken beside another."""
    lone = {"contacts": {"include": {"score": {"min_score": 50}, "job_changed_after_date": "2026-01-01"}}}
    with pytest.raises(InvalidRequestError, match=r"filters\.contacts: .*job_titles"):
        _prospecting.prospecting_filters(lone, kind="contacts")
    lone["contacts"]["include"]["job_titles"] = ["Engineer"]  # type: ignore[assignment]
    assert _prospecting.prospecting_filters(lone, kind="contacts")


def test_contact_filters_do_not_mix_with_intent() -> None:
    """The vendor refuses people beside any of the companies' intent criteria, so we do before sending."""
    told = {"companies": {"include": {"intentMinScore": 5}}, "contacts": {"include": {"skills": ["Python"]}}}
    with pytest.raises(InvalidRequestError, match="cannot be combined with the companies' intentMinScore"):
        _prospecting.prospecting_filters(told, kind="companies")


def test_new_members_pass_through_extra() -> None:
    """A criterion that this version does not know goes through `extra`, also where most are refused."""
    people = ContactFilters(include=ContactCriteria(extra={"hobbies": ["chess"]}))
    firms = CompanyFilters(include=CompanyCriteria(locations=[{"city": "Boston"}], sizes=[Span(min=1)]))
    told = _prospecting.prospecting_filters(ProspectingFilters(contacts=people, companies=firms), kind="companies")
    assert told["contacts"] == {"include": {"hobbies": ["chess"]}}
    assert told["companies"]["include"]["locations"] == [{"city": "Boston"}]


def test_reprs_show_no_person() -> None:
    """Names, addresses and free search for people stay out of the repr of filters."""
    told = ContactCriteria(names=["Ada Sample"], emails=["ada@example.com"], search_text="Ada", skills=["Python"])
    assert "Ada" not in repr(told)
    assert "ada@" not in repr(told)
    assert "Python" in repr(told)
    assert "Boston" in repr(Place(city="Boston"))
