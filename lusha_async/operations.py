"""Every operation of the vendor's V3 API as a value.

URL, limiter scope, retry rule, log line, error text, price estimate and the sandbox's route all come
from an `Operation`, so that they can never disagree. Adding an endpoint starts with one line here.

Source: the vendor's API reference and its rate limiting and billing pages.
"""

import enum
import re
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

from attrs import field, frozen

__all__ = ["BY_NAME", "OPERATIONS", "BillingClass", "Operation", "Scope"]


class Scope(enum.StrEnum):
    """Which of the vendor's rate limits a request counts against, beside the general one."""

    GENERAL = "general"
    """All requests: 25 a second."""
    USAGE = "usage"
    """Account usage: 5 a minute."""
    WEBHOOKS = "webhooks"
    """Webhook management: 100 a minute."""


class BillingClass(enum.StrEnum):
    """What a repeat of the same request may cost; the retry rule follows from it."""

    FREE = "free"
    """Costs nothing and changes nothing: repeat at will."""
    REVEAL = "reveal"
    """Charged once for each data point of the account: a repeat of the same ids is free."""
    METERED = "metered"
    """Charged on each call: a repeat whose first answer was lost may be paid twice."""
    MUTATION = "mutation"
    """Free, but changes state: a repeat may act twice or be refused."""


_PATH = re.compile(r"(/([^\s/{}?#]|\{[^\W\d]\w*\})*)+")


def _like(example: str, form: re.Pattern[str]) -> Any:
    def check(operation: "Operation", attribute: Any, value: str) -> None:
        if not form.fullmatch(value):
            raise ValueError(f"{attribute.name} must be like {example}, not {value!r}")

    return check


@frozen(kw_only=True)
class Operation:
    """One endpoint.

    `name` is the vendor's operation id and `call` the method of `LushaClient` that reaches it.
    `items` names the member of the body that carries the batch, and `batch` is the most items a request
    may hold (None: not a batch). `prices` are the keys of account usage's price list that the operation
    may charge; empty where nothing is charged or no key is published. `path` begins with a slash, has a name in
    braces for each value that a call gives, and no query. `ValueError` for a `method` or `path` of another form.
    """

    name: str
    call: str
    method: str = field(validator=_like("GET", re.compile("[A-Z]+")))
    path: str = field(validator=_like("/v3/news/{id}", _PATH))
    scope: Scope = Scope.GENERAL
    billing: BillingClass
    items: str | None = None
    batch: int | None = None
    prices: tuple[str, ...] = ()

    @cached_property
    def repeatable(self) -> bool:
        """Whether a request whose answer was lost can be sent again without paying or acting twice."""
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
    _free("getContactFilterTypes", "contacts.filter_types", "/v3/contacts/prospecting/filters"),
    _free("getContactFilterValues", "contacts.filter_values", "/v3/contacts/prospecting/filters/{filterType}"),
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
    _free("getCompanySignalFilters", "companies.signal_filters", "/v3/companies/signals/filters"),
    _free(
        "getCompanySignalFilterValues",
        "companies.signal_filter_values",
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
    _free("getCompanyFilterTypes", "companies.filter_types", "/v3/companies/prospecting/filters"),
    _free("getCompanyFilterValues", "companies.filter_values", "/v3/companies/prospecting/filters/{filterType}"),
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
        "conversations.search_page",
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
"""All of them, contacts first."""

BY_NAME: Mapping[str, Operation] = MappingProxyType({operation.name: operation for operation in OPERATIONS})
"""The same by the vendor's operation id."""
