"""hypothesis makes arguments of the large calls, within what their docstrings allow."""

from collections.abc import Callable, Mapping
from datetime import date
from operator import attrgetter
from types import UnionType
from typing import Any, Union, get_args, get_origin

import attrs
from hypothesis import strategies as st

from lusha_async.client import LushaClient
from lusha_async.models.companies import CompanyQuery
from lusha_async.models.contacts import ContactQuery
from lusha_async.models.filters import CompanyCriteria, ContactCriteria
from lusha_async.models.lookalikes import CompanySeeds, ContactSeeds
from lusha_async.models.model import RequestModel, wire_name
from lusha_async.models.recommendations import RecommendationFilters
from lusha_async.models.signals import SignalOptions
from lusha_async.models.visits import VisitFilters

__all__ = ["MADE"]

Made = st.SearchStrategy[Any]
Call = Callable[[LushaClient], Any]

ids = st.lists(st.sampled_from(["v1.Zm9v", "4389064704", "ö/?&#", "x" * 200]), min_size=1, max_size=100)
words = st.sampled_from(["Engineer", "R&D", "名前", 'quo"ted', "a b", "null", "x" * 80, "-"])
some_words = st.lists(words, min_size=1, max_size=3)
days = st.dates(date(2020, 1, 1), date(2026, 12, 31))
any_day = days | days.map(date.isoformat)
flags = st.booleans() | st.none()

_ADDRESSES = ("ada@example.com", "o'neil+x@people.example")
_PROFILES = ("https://www.linkedin.example/in/ada", "https://l.example/in/%C3%B6?x=1")
_WORDS: Mapping[str, tuple[str, ...]] = {
    "email": _ADDRESSES,
    "emails": _ADDRESSES,
    "previous_emails": _ADDRESSES,
    "linkedin_url": _PROFILES,
    "linkedin_urls": _PROFILES,
    "job_changed_after_date": ("2026-05-01",),
    "job_changed_last_view_date": ("2026-05-01",),
    "existing_data_points": ("phone", "work_email", "mobile_phone"),
    "existing_data_points_condition": ("and", "or"),
    "technologies_condition": ("and", "or"),
    "intent_topics_condition": ("and", "or"),
    "intent_topics_operator": ("and", "or"),
    "keywords_search_fields": ("name",),
    "score_bands": ("cold", "warm", "hot"),
    "types": ("allSignals",),
    "business_model": ("B2B", "B2C"),
    "company_type": ("Private Company",),
}
"""Members whose values have a form or come from a list of the vendor's."""


def questions(cls: type[RequestModel], *, without: frozenset[str] = frozenset()) -> Made:
    """A request model with any of its members, typed, or as a mapping in our names or the vendor's."""
    fields = attrs.fields(attrs.resolve_types(cls))
    lower = {field.metadata.get("above") for field in fields}
    members = {
        field.name: _of_field(field, lower=field.name in lower)
        for field in fields
        if field.name not in {"extra", *without}
    }
    needed = {
        field.name: members.pop(field.name)
        for field in attrs.fields(cls)
        if field.default is attrs.NOTHING and field.name in members
    }
    typed = st.builds(cls, **needed, **{name: st.none() | made for name, made in members.items()})
    mapped = st.fixed_dictionaries(needed, optional=members)
    wired = mapped.map(lambda given: {wire_name(name): value for name, value in given.items()})
    return st.one_of(typed, mapped, wired)


def _of_field(field: Any, *, lower: bool) -> Made:
    if field.metadata.get("date"):
        return any_day
    kind = _first(field.type)
    if "among" in field.metadata:
        one_of_them = st.sampled_from(field.metadata["among"])
        return one_of_them if kind is str else st.lists(one_of_them, min_size=1, max_size=2)
    upper = field.metadata.get("above") is not None
    if upper or lower or "range" in field.metadata:
        least, most = field.metadata.get("range", (1, None))
        most = 10**6 if most is None else most
        middle = (least + most) // 2  # so that no upper bound is below its lower one
        return st.integers(middle if upper else least, middle if lower else most)
    return _of_kind(field.name, kind)


def _of_kind(name: str, kind: Any) -> Made:
    if isinstance(kind, type) and issubclass(kind, RequestModel):
        return questions(kind)
    if kind is str:
        return st.sampled_from(_WORDS[name]) if name in _WORDS else words
    if kind is bool:
        return st.booleans()
    if kind is int:
        return st.integers(1, 10)
    if kind is float:
        return st.integers(1, 1000)
    return st.lists(_of_kind(name, _first(get_args(kind)[0])), min_size=1, max_size=2)


def _first(kind: Any) -> Any:
    """`X` of `X | Mapping | None`."""
    return get_args(kind)[0] if get_origin(kind) in {Union, UnionType} else kind


def call(path: str, *positional: Made, needed: Mapping[str, Made] | None = None, **named: Made) -> Made:
    """A call of the method at `path`: with its positional and `needed` arguments, and any of the others."""

    def bound(given: tuple[Any, ...], must: dict[str, Any], told: dict[str, Any]) -> Call:
        def made(client: LushaClient) -> Any:
            return attrgetter(path)(client)(*given, **must, **told)

        made.__qualname__ = f"{path}(*{given!r}, **{must!r}, **{told!r})"
        return made

    others = st.fixed_dictionaries({}, optional=named)
    return st.builds(bound, st.tuples(*positional), st.fixed_dictionaries(dict(needed or {})), others)


def up_to(most: int, items: Made) -> Made:
    """A few items, or as many as one request takes."""
    return st.lists(items, min_size=1, max_size=3) | st.builds(lambda item: [item] * most, items)


def _found(query: Any, *ways: str) -> bool:
    given = query if isinstance(query, dict) else attrs.asdict(query)
    return any(given.get(way) or given.get(wire_name(way)) for way in ways)


people = questions(ContactQuery).filter(lambda query: _found(query, "id", "email", "linkedin_url"))
firms = questions(CompanyQuery).filter(lambda query: _found(query, "id", "domain", "name"))
identities = st.sampled_from(["id", "domain", "name", "email"]).flatmap(
    lambda way: st.fixed_dictionaries({way: _of_kind(way, str)}, optional={"client_reference_id": st.just("r")})
)
places = st.sampled_from(["id", "domain"]).flatmap(lambda way: st.fixed_dictionaries({way: words}))
signals = questions(SignalOptions)
contact_reveals = st.lists(st.sampled_from(["emails", "phones"]), min_size=1, max_size=2, unique=True)
company_reveals = st.lists(
    st.sampled_from(["competitors", "intent", "directParent", "ultimateParent", "openJobsTotal"]),
    min_size=1,
    unique=True,
)
tables = st.sampled_from(["7", "t-1"])
pages: dict[str, Made] = {"page": st.integers(0, 1000), "page_size": st.integers(10, 100)}
sessions = st.just("00000000-0000-4000-8000-000000000001")
orders = st.sampled_from(["asc", "desc"]).flatmap(
    lambda order: st.lists(
        st.sampled_from(["leadScore", "signalScore", "icpFitScore", "targetIcp"]).map(
            lambda by: {"by": by, "order": order}
        ),
        min_size=1,
        max_size=4,
    )
)
most_results = st.integers(1, 100)
profiles = st.lists(words, min_size=1, max_size=3)


def seeds(cls: type[RequestModel], ways: tuple[str, ...]) -> Made:
    """5 to 100 seeds in all."""
    return st.builds(
        lambda way, count: {way: [_seed(way, place) for place in range(count)]},
        st.sampled_from(ways),
        st.integers(5, 100),
    ) | st.builds(
        lambda given: cls(**{way: [_seed(way, place) for place in range(5)] for way in given}),
        st.lists(st.sampled_from(ways), min_size=1, unique=True),
    )


def _seed(way: str, place: int) -> str:
    return f"p{place}@example.com" if way == "emails" else f"{way}{place}"


def sided(cls: type[RequestModel], *, without: frozenset[str] = frozenset()) -> Made:
    """Criteria to include, with or without some to exclude."""
    some = questions(cls, without=without).filter(_narrow)
    return st.fixed_dictionaries({"include": some}, optional={"exclude": some})


def _narrow(criteria: Any) -> bool:
    given = criteria if isinstance(criteria, dict) else attrs.asdict(criteria)
    return any(value not in (None, [], {}) and name != "extra" for name, value in given.items())


_NOT_OF_PEOPLE = frozenset({"search_text", "signals"})
_NOT_ALONE = frozenset({"funding", "industries_labels"})
_ALONE = _NOT_ALONE | {"search_text", "signals", "intent_topics", "technologies"}
_FEW = frozenset(field.name for field in attrs.fields(ContactCriteria)) - {
    "job_titles",
    "departments",
    "seniority_ids",
    "skills",
    "locations",
}
people_filters = st.fixed_dictionaries(
    {"contacts": sided(ContactCriteria)}, optional={"companies": sided(CompanyCriteria, without=_NOT_OF_PEOPLE)}
)
firm_filters = st.fixed_dictionaries({"companies": sided(CompanyCriteria, without=_NOT_ALONE)}) | (
    st.fixed_dictionaries(
        {"companies": sided(CompanyCriteria, without=_ALONE), "contacts": sided(ContactCriteria, without=_FEW)}
    )
)
hooks = up_to(
    25,
    st.fixed_dictionaries(
        {"entity_id": words}, optional={"entity_type": st.just("company"), "name": st.just("n")}
    ),
)
owner = {"owner": st.just("owner@example.com")}
url = st.sampled_from(["https://hooks.example/x", "https://h.example:8443/a?b=c"])
signal_words = st.lists(st.sampled_from(["promotion", "companyChange"]), min_size=1, max_size=2)

MADE: Mapping[str, Made] = {
    "searchContacts": call("contacts.search", up_to(100, people), partial_profiles=flags, signals=signals),
    "enrichContacts": call(
        "contacts.enrich", ids, reveal=contact_reveals, waterfall_enabled=flags, table_id=tables
    ),
    "searchAndEnrichContacts": call(
        "contacts.search_and_enrich", up_to(100, people), reveal=contact_reveals, partial_profiles=flags
    ),
    "prospectingContacts": call(
        "contacts.prospect_page",
        people_filters,
        partial_profiles=flags,
        exclude_dnc=flags,
        max_contacts_per_company=st.integers(1, 20),
        table_id=tables,
        **pages,
    ),
    "getContactLookalikes": call(
        "contacts.lookalikes_page",
        seeds(ContactSeeds, ("ids", "linkedin_urls", "emails")),
        exclude=seeds(ContactSeeds, ("ids", "emails")),
        page_size=st.integers(1, 100),
        dedupe_session_id=sessions,
        table_id=tables,
    ),
    "getContactsBuyingGroup": call(
        "contacts.buying_group",
        up_to(25, places),
        needed={"contacts_limit": st.integers(1, 60)},
        personas=st.lists(st.sampled_from(["decision_maker", "end_user"]), min_size=1, unique=True),
        page=st.integers(0, 10),
        page_size=st.integers(10, 100),
    ),
    "getContactSignals": call(
        "contacts.signals",
        ids,
        signal_words,
        start_date=any_day,
        max_results_per_signal=most_results,
        table_id=tables,
    ),
    "getContactSignalScores": call("contacts.signal_scores", up_to(100, people)),
    "getContactIcpFitScores": call("contacts.icp_fit_scores", up_to(100, people), profiles),
    "getContactRecommendations": call(
        "contacts.recommendations_page", filters=questions(RecommendationFilters), sort=orders, **pages
    ),
    "searchCompanies": call("companies.search", up_to(100, firms), partial_profiles=flags, signals=signals),
    "enrichCompanies": call("companies.enrich", ids, reveal=company_reveals, table_id=tables),
    "searchAndEnrichCompanies": call(
        "companies.search_and_enrich", up_to(100, firms), reveal=company_reveals, partial_profiles=flags
    ),
    "prospectingCompanies": call(
        "companies.prospect_page", firm_filters, partial_profiles=flags, table_id=tables, **pages
    ),
    "getCompanyLookalikes": call(
        "companies.lookalikes_page",
        seeds(CompanySeeds, ("ids", "linkedin_urls", "domains")),
        exclude=seeds(CompanySeeds, ("ids", "domains")),
        page_size=st.integers(1, 100),
        dedupe_session_id=sessions,
        table_id=tables,
    ),
    "getCompanySignals": call(
        "companies.signals",
        ids,
        st.just(["riskNews"]),
        start_date=any_day,
        max_results_per_signal=most_results,
        table_id=tables,
        intent_categories=some_words,
    ),
    "getCompanySignalScores": call("companies.signal_scores", up_to(100, identities)),
    "getCompanyIcpFitScores": call("companies.icp_fit_scores", up_to(100, identities), profiles),
    "getCompanyRecommendations": call(
        "companies.recommendations_page", filters=questions(RecommendationFilters), sort=orders, **pages
    ),
    "getWebsiteVisits": call(
        "companies.website_visits_page",
        some_words,
        needed={"start_date": st.just("2026-05-01"), "end_date": st.dates(date(2026, 5, 1), date(2026, 8, 1))},
        page=st.integers(0, 9),
        page_size=st.integers(1, 150),
        sort=st.just({"by": "score", "order": "asc"}),
        filters=questions(VisitFilters),
    ),
    "createContactsTable": call(
        "contacts.tables.create",
        words,
        needed=owner,
        visibility=st.sampled_from(["private", "shared"]),
        ids=up_to(500, words),
    ),
    "listCompaniesTables": call(
        "companies.tables.list_page",
        needed=owner,
        name=words,
        status=st.sampled_from(["active", "archived"]),
        page=st.integers(0, 100),
        page_size=st.integers(1, 100),
    ),
    "updateContactsTable": call(
        "contacts.tables.update", st.just("1"), needed={**owner, "name": words}, archived=flags
    ),
    "addCompaniesTableEntities": call("companies.tables.add", words, up_to(500, words), needed=owner),
    "removeContactsTableEntities": call("contacts.tables.remove", words, up_to(500, words), needed=owner),
    "runCompaniesTableColumn": call(
        "companies.tables.run_column",
        words,
        words,
        needed={**owner, "scope": st.just("specific"), "entity_ids": up_to(500, words)},
    ),
    "createSubscription": call(
        "webhooks.create",
        hooks,
        needed={"url": url, "entity_type": st.just("contact"), "signal_types": signal_words},
        name=st.just("n"),
    ),
    "updateSubscription": call(
        "webhooks.update",
        words,
        needed={"is_active": st.booleans()},
        signal_types=signal_words,
        url=url,
        name=st.just("n"),
        regenerate_secret=flags,
    ),
    "deleteSubscriptions": call("webhooks.delete", words),
    "searchConversations": call(
        "conversations.list_page",
        date_from=days,
        company_domains=some_words,
        contact_names=some_words,
        meeting_titles=some_words,
        conversation_ids=some_words,
        page=st.integers(0, 9),
        page_size=st.integers(1, 100),
    ),
}
"""By the vendor's operation id."""
