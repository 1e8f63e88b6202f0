"""Every operation of the vendor's V3 API as a value.

The URL, rate limit, retry rule, log line, error text, cost estimate and the sandbox's route are all derived from an
`Operation`, so that they cannot disagree. Adding an endpoint starts with one line here.

Source: the vendor's API reference and its rate limiting and billing pages.
"""

import enum
import re
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

from attrs import field, frozen

__all__ = ["BY_NAME", "COMPANY_REVEALS", "CONTACT_REVEALS", "OPERATIONS", "BillingClass", "Operation", "Scope"]


class Scope(enum.StrEnum):
    """The rate limits that a request counts against. Every request counts against the general one."""

    GENERAL = "general"
    """25 requests per second."""
    USAGE = "usage"
    """Account usage: also 5 requests per minute."""
    WEBHOOKS = "webhooks"
    """Webhook management: also 100 requests per minute."""


class BillingClass(enum.StrEnum):
    """How an operation is charged. The retry rule follows from what a repeated request may cost."""

    FREE = "free"
    """Free, and changes nothing: safe to repeat."""
    REVEAL = "reveal"
    """Charged once per data point and account: a repeat with the same ids is free."""
    METERED = "metered"
    """Charged on each call: a repeat after a lost answer may be charged twice."""
    MUTATION = "mutation"
    """Free, but changes state: a repeat may act twice or be refused."""


_PATH = re.compile(r"(/([^\s/{}?#]|\{[^\W\d]\w*\})*)+")


def _matches(pattern: re.Pattern[str], example: str) -> Any:
    def check(operation: "Operation", attribute: Any, value: str) -> None:
        if not pattern.fullmatch(value):
            raise ValueError(f"{attribute.name} must be like {example}, not {value!r}")

    return check


@frozen(kw_only=True)
class Operation:
    """One endpoint of the API.

    - `name`: the vendor's operation id. `call`: the method of `LushaClient` that calls it, as a dotted path.
    - `method`, `path`: in the path, a name in braces stands for each argument; no query.
    - `scope`, `billing`: see `Scope` and `BillingClass`.
    - `items`: the member of the body that holds the batch, None if the operation takes none. `batch`: the maximum
      number of items in a request.
    - `prices`: the keys of the price list (in account usage) that the operation may charge; empty if it charges
      nothing or its key is not published.

    Raises `ValueError` for a malformed `method` or `path`.
    """

    name: str
    call: str
    method: str = field(validator=_matches(re.compile("[A-Z]+"), "GET"))
    path: str = field(validator=_matches(_PATH, "/v3/news/{id}"))
    scope: Scope = Scope.GENERAL
    billing: BillingClass
    items: str | None = None
    batch: int | None = None
    prices: tuple[str, ...] = ()

    @cached_property
    def repeatable(self) -> bool:
        """Whether a request can be repeated after a lost answer without a second charge or effect."""
        return self.billing in {BillingClass.FREE, BillingClass.REVEAL}

    @cached_property
    def paid(self) -> bool:
        """Whether a call may cost credits."""
        return self.billing in {BillingClass.REVEAL, BillingClass.METERED}

    def __str__(self) -> str:
        return f"{self.call} ({self.method} {self.path})"


def _free(name: str, call: str, path: str, *, method: str = "GET", scope: Scope = Scope.GENERAL) -> Operation:
    return Operation(name=name, call=call, method=method, path=path, scope=scope, billing=BillingClass.FREE)


def _metered(
    name: str,
    call: str,
    path: str,
    *prices: str,
    method: str = "POST",
    items: str | None = None,
    batch: int | None = None,
) -> Operation:
    return Operation(
        name=name,
        call=call,
        method=method,
        path=path,
        billing=BillingClass.METERED,
        items=items,
        batch=batch,
        prices=prices,
    )


def _mutation(
    name: str,
    call: str,
    method: str,
    path: str,
    *,
    scope: Scope = Scope.GENERAL,
    items: str | None = None,
    batch: int | None = None,
) -> Operation:
    return Operation(
        name=name,
        call=call,
        method=method,
        path=path,
        scope=scope,
        billing=BillingClass.MUTATION,
        items=items,
        batch=batch,
    )


def _tables(kind: str) -> tuple[Operation, ...]:
    """The eleven table operations of `contacts` or `companies`."""
    title = kind.capitalize()
    call = f"{kind}.tables"
    root = f"/v3/{kind}/tables"
    table = root + "/{table_id}"
    add = (
        _mutation(
            f"add{title}TableEntities",
            f"{call}.add",
            "POST",
            f"{table}/entities",
            items="entityIds",
            batch=500,
        )
        if kind == "contacts"
        else _metered(
            f"add{title}TableEntities",
            f"{call}.add",
            f"{table}/entities",
            "revealCompany",
            items="entityIds",
            batch=500,
        )
    )
    run_prices = ("revealEmail", "revealPhone") if kind == "contacts" else ("revealCompanyPremiumData",)
    return (
        _mutation(f"create{title}Table", f"{call}.create", "POST", root),
        _free(f"list{title}Tables", f"{call}.list_page", f"{root}/list", method="POST"),
        _free(f"get{title}Table", f"{call}.get", table),
        _mutation(f"update{title}Table", f"{call}.update", "PATCH", table),
        _mutation(f"delete{title}Table", f"{call}.delete", "DELETE", table),
        _metered(
            f"get{title}TableEntities", f"{call}.entities_page", f"{table}/entities", "tableRead", method="GET"
        ),
        add,
        _mutation(
            f"remove{title}TableEntities",
            f"{call}.remove",
            "DELETE",
            f"{table}/entities",
            items="entityIds",
            batch=500,
        ),
        _free(f"list{title}TableColumns", f"{call}.columns", f"{table}/columns"),
        _mutation(f"remove{title}TableColumn", f"{call}.remove_column", "DELETE", table + "/columns/{column_id}"),
        _metered(f"run{title}TableColumn", f"{call}.run_column", table + "/columns/{column_id}/run", *run_prices),
    )


_WEBHOOKS = (
    _mutation(
        "createSubscription",
        "webhooks.create",
        "POST",
        "/api/subscriptions",
        scope=Scope.WEBHOOKS,
        items="subscriptions",
        batch=25,
    ),
    _free("listSubscriptions", "webhooks.list_page", "/api/subscriptions", scope=Scope.WEBHOOKS),
    _free("getSubscriptionById", "webhooks.get", "/api/subscriptions/{id}", scope=Scope.WEBHOOKS),
    _mutation("updateSubscription", "webhooks.update", "PATCH", "/api/subscriptions/{id}", scope=Scope.WEBHOOKS),
    _free(
        "testSubscription",
        "webhooks.test",
        "/api/subscriptions/{id}/test",
        method="POST",
        scope=Scope.WEBHOOKS,
    ),
    _mutation(
        "deleteSubscriptions",
        "webhooks.delete",
        "POST",
        "/api/subscriptions/delete",
        scope=Scope.WEBHOOKS,
        items="ids",
        batch=25,
    ),
    _free("getAuditLogs", "webhooks.audit_logs_page", "/api/audit-logs", scope=Scope.WEBHOOKS),
    _free("getAuditLogStats", "webhooks.audit_log_stats", "/api/audit-logs/stats", scope=Scope.WEBHOOKS),
    _free("getAccountSecret", "webhooks.secret", "/api/account/secret", scope=Scope.WEBHOOKS),
    _mutation(
        "regenerateAccountSecret",
        "webhooks.regenerate_secret",
        "POST",
        "/api/account/secret/regenerate",
        scope=Scope.WEBHOOKS,
    ),
    _mutation(
        "createOptOutSubscription",
        "webhooks.create_opt_out",
        "POST",
        "/api/subscriptions/opt-out",
        scope=Scope.WEBHOOKS,
    ),
)

_CONTACTS = (
    _metered(
        "searchContacts",
        "contacts.search",
        "/v3/contacts/search",
        "contactSearch",
        "showSignalsContact",
        items="contacts",
        batch=100,
    ),
    Operation(
        name="enrichContacts",
        call="contacts.enrich",
        method="POST",
        path="/v3/contacts/enrich",
        billing=BillingClass.REVEAL,
        items="ids",
        batch=100,
        prices=("revealEmail", "revealPhone"),
    ),
    _free("getContactsEnrichJob", "contacts.enrich_job", "/v3/contacts/jobs/{jobId}"),
    _metered(
        "searchAndEnrichContacts",
        "contacts.search_and_enrich",
        "/v3/contacts/search-and-enrich",
        "contactSearch",
        "revealEmail",
        "revealPhone",
        items="contacts",
        batch=100,
    ),
    _metered(
        "prospectingContacts",
        "contacts.prospect_page",
        "/v3/contacts/prospecting",
        "contactSearch",
        "showSignalsContact",
    ),
    _metered("getContactLookalikes", "contacts.lookalikes_page", "/v3/contacts/lookalike", "lookalikeContact"),
    _metered(
        "getContactsBuyingGroup",
        "contacts.buying_group",
        "/v3/contacts/buying-group",
        "buyingGroupReveal",
        items="companies",
        batch=25,
    ),
    _metered(
        "getContactSignals",
        "contacts.signals",
        "/v3/contacts/signals",
        "showSignalsContact",
        items="ids",
        batch=100,
    ),
    _free("getContactSignalTypes", "contacts.signal_types", "/v3/contacts/signals/types"),
    _metered(
        "getContactSignalScores",
        "contacts.signal_scores",
        "/v3/contacts/signal-score",
        "signalScoreContact",
        items="contacts",
        batch=100,
    ),
    _free("getContactFilterTypes", "contacts.filters.types", "/v3/contacts/prospecting/filters"),
    _free("getContactFilterValues", "contacts.filters.values", "/v3/contacts/prospecting/filters/{filterType}"),
    _metered(
        "getContactIcpFitScores",
        "contacts.icp_fit_scores",
        "/v3/contacts/icp-fit-score",
        items="contacts",
        batch=100,
    ),
    _metered(
        "getContactRecommendations",
        "contacts.recommendations_page",
        "/v3/contacts/recommendations",
        "contactRecommendationsReveal",
    ),
    _free(
        "getContactRecommendationFilters",
        "contacts.recommendation_filters",
        "/v3/contacts/recommendations/filters",
    ),
    *_tables("contacts"),
)

_COMPANIES = (
    _metered(
        "searchCompanies",
        "companies.search",
        "/v3/companies/search",
        "companySearch",
        "showSignalsCompany",
        items="companies",
        batch=100,
    ),
    _metered(
        "enrichCompanies",
        "companies.enrich",
        "/v3/companies/enrich",
        "revealCompany",
        "revealCompanyPremiumData",
        items="ids",
        batch=100,
    ),
    _metered(
        "searchAndEnrichCompanies",
        "companies.search_and_enrich",
        "/v3/companies/search-and-enrich",
        "companySearch",
        "revealCompany",
        "revealCompanyPremiumData",
        items="companies",
        batch=100,
    ),
    _metered(
        "prospectingCompanies",
        "companies.prospect_page",
        "/v3/companies/prospecting",
        "companySearch",
        "showSignalsCompany",
    ),
    _metered("getCompanyLookalikes", "companies.lookalikes_page", "/v3/companies/lookalike", "lookalikeCompany"),
    _metered(
        "getCompanySignals",
        "companies.signals",
        "/v3/companies/signals",
        "showSignalsCompany",
        items="ids",
        batch=100,
    ),
    _free("getCompanySignalTypes", "companies.signal_types", "/v3/companies/signals/types"),
    _free("getCompanySignalFilters", "companies.filters.signal_filters", "/v3/companies/signals/filters"),
    _free(
        "getCompanySignalFilterValues",
        "companies.filters.signal_filter_values",
        "/v3/companies/signals/filters/{filterType}",
    ),
    _metered(
        "getCompanySignalScores",
        "companies.signal_scores",
        "/v3/companies/signal-score",
        "signalScoreCompany",
        items="companies",
        batch=100,
    ),
    _metered("getWebsiteVisits", "companies.website_visits_page", "/v3/companies/website-visits"),
    _free("getCompanyFilterTypes", "companies.filters.types", "/v3/companies/prospecting/filters"),
    _free("getCompanyFilterValues", "companies.filters.values", "/v3/companies/prospecting/filters/{filterType}"),
    _metered(
        "getCompanyIcpFitScores",
        "companies.icp_fit_scores",
        "/v3/companies/icp-fit-score",
        items="companies",
        batch=100,
    ),
    _metered(
        "getCompanyRecommendations",
        "companies.recommendations_page",
        "/v3/companies/recommendations",
        "companyRecommendationsReveal",
    ),
    _free(
        "getCompanyRecommendationFilters",
        "companies.recommendation_filters",
        "/v3/companies/recommendations/filters",
    ),
    *_tables("companies"),
)

_ACCOUNT = (
    _free("getAccountUsage", "account.usage", "/v3/account/usage", scope=Scope.USAGE),
    _free("listIcpProfiles", "icp.profiles", "/v3/icp/profiles"),
    _metered(
        "searchConversations",
        "conversations.list_page",
        "/v3/account/conversations/search",
        "conversationsSearch",
    ),
    _metered(
        "getConversationTranscript",
        "conversations.transcript",
        "/v3/account/conversations/{conversationId}/transcript",
        "conversationsTranscript",
        method="GET",
    ),
)

OPERATIONS: tuple[Operation, ...] = (*_CONTACTS, *_COMPANIES, *_ACCOUNT, *_WEBHOOKS)
"""All operations, contacts first."""

BY_NAME: Mapping[str, Operation] = MappingProxyType({operation.name: operation for operation in OPERATIONS})
"""The operations by the vendor's operation id."""

CONTACT_REVEALS = ("emails", "phones")
"""What enriching contacts reveals, each at its own price."""
COMPANY_REVEALS = (
    "employeesByDepartment",
    "employeesByLocation",
    "employeesBySeniority",
    "competitors",
    "intent",
    "estimatedAnnualItSpend",
    "monthlyWebsiteTraffic",
    "openJobsTotal",
    "directParent",
    "ultimateParent",
)
"""Premium members of a company: revealed only when requested, and charged unless null."""
