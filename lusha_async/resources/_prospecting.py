"""The bodies of prospecting without their page, and what the vendor refuses in their filters. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, cast

import attrs

from .._params import checks, encode
from ..errors import InvalidRequestError
from ..filters.members import REFINEMENTS
from ..models.filters import CompanyCriteria, ContactCriteria, ProspectingFilters
from ..models.model import wire_name
from ._bodies import search_options

__all__ = [
    "FiltersInput",
    "criteria_of",
    "prospect_companies",
    "prospect_contacts",
    "prospecting_filters",
    "refuse_unsupported",
]

FiltersInput: TypeAlias = ProspectingFilters | Mapping[str, Any]
"""Filters of prospecting: `ProspectingFilters`, or a mapping of its members under either spelling."""

_NOT_FOR_CONTACTS = ("searchText", "signals")
_NOT_FOR_COMPANIES = ("industriesLabels", "funding")
_CONTACTS_OF_COMPANIES = {
    "jobTitles",
    "departments",
    "seniorityIds",
    "skills",
    "locations",
    "existingDataPoints",
}
_NOT_WITH_CONTACTS = ("searchText", "signals", "intent", "technologies")


def prospect_contacts(
    filters: FiltersInput,
    *,
    partial_profiles: bool | None = None,
    exclude_dnc: bool | None = None,
    max_contacts_per_company: int | None = None,
    table_id: str | None = None,
) -> dict[str, Any]:
    """The body of `contacts.prospect`."""
    options = {
        "includePartialProfiles": checks.optional_boolean(partial_profiles, "partial_profiles"),
        "excludeDnc": checks.optional_boolean(exclude_dnc, "exclude_dnc"),
        "maxContactsPerCompany": checks.optional_integer(
            max_contacts_per_company, "max_contacts_per_company", 1, 20
        ),
    }
    return {
        "filters": prospecting_filters(filters, kind="contacts"),
        "options": checks.drop_none(options),
        "tableId": checks.optional_id(table_id, "table_id"),
    }


def prospect_companies(
    filters: FiltersInput, *, partial_profiles: bool | None = None, table_id: str | None = None
) -> dict[str, Any]:
    """The body of `companies.prospect`."""
    return {
        "filters": prospecting_filters(filters, kind="companies"),
        "options": search_options(partial_profiles),
        "tableId": checks.optional_id(table_id, "table_id"),
    }


def prospecting_filters(value: FiltersInput, *, kind: str) -> dict[str, Any]:
    """Encoded filters for prospecting `contacts` or `companies`."""
    encoded = encode.model(ProspectingFilters, value, "filters")
    refuse_unsupported(encoded, kind=kind)
    return encoded


def criteria_of(filters: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, Any]]]:
    """The criteria that encoded filters have: `contacts` or `companies`, `include` or `exclude`, the members."""
    return [
        (name, side, filters[name][side])
        for name in ("contacts", "companies")
        for side in ("include", "exclude")
        if side in filters.get(name, {})
    ]


def refuse_unsupported(filters: Mapping[str, Any], *, kind: str) -> None:
    """Raise `InvalidRequestError` for encoded filters that the vendor refuses when prospecting `kind`."""
    needed = ("contacts", "companies") if kind == "contacts" else ("companies",)
    if not any(_narrows(filters.get(name)) for name in needed):
        raise InvalidRequestError("filters", f"must have a criterion in {' or '.join(needed)}")
    criteria = criteria_of(filters)
    for name, side, members in criteria:
        unavailable = _unavailable(kind, name)
        refused = [unavailable[member] for member in members if member in unavailable]
        if refused:
            path = f"filters.{name}.{side}.{refused[0]}"
            raise InvalidRequestError(path, f"is not available for prospecting {kind}")
    if kind == "companies":
        _refuse_combinations(filters)
    elif {member for _, _, members in criteria for member in members} <= REFINEMENTS:
        raise InvalidRequestError(
            "filters.contacts", "only refine other criteria: add another one, such as job_titles"
        )


def _unavailable(kind: str, name: str) -> dict[str, str]:
    """The criteria of `name` that prospecting `kind` does not take: from the vendor's spelling to ours."""
    cls = ContactCriteria if name == "contacts" else CompanyCriteria
    fields = {wire_name(field): field for field in attrs.fields_dict(cls) if field != "extra"}
    names: Iterable[str] = ()
    if name == "companies":
        names = _NOT_FOR_CONTACTS if kind == "contacts" else _NOT_FOR_COMPANIES
    elif kind == "companies":
        names = fields.keys() - _CONTACTS_OF_COMPANIES
    return {member: fields[member] for member in names}


def _refuse_combinations(filters: Mapping[str, Any]) -> None:
    companies = filters["companies"]
    if not _narrows(companies.get("include")):
        raise InvalidRequestError("filters.companies.include", "must have a criterion")
    exclusive = [
        member
        for name, _, members in criteria_of(filters)
        for member in members
        if name == "companies" and member.startswith(_NOT_WITH_CONTACTS)
    ]
    if _narrows(filters.get("contacts")) and exclusive:
        raise InvalidRequestError("filters.contacts", f"cannot be combined with the companies' {exclusive[0]}")


def _narrows(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_narrows(member) for member in cast(Mapping[str, Any], value).values())
    return value is not None and value != []
