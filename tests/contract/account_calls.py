"""Calls of tables and webhooks: the minimum that each takes, and all that it takes."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from lusha_async.client import LushaClient
from lusha_async.models.webhooks import NewSubscription

__all__ = ["ACCOUNT_CALLS"]

Call = Callable[[LushaClient], Awaitable[Any]]

OWNER = "owner@example.com"
URL = "https://hooks.example/x"
IDS = ["v1.a", "7"]
HOOK: dict[str, Any] = {"url": URL, "entity_type": "contact", "signal_types": ["promotion"]}
EVERYTHING = NewSubscription(entity_id="1", entity_type="company", signal_types=("riskNews",), name="n")


def of_tables(kind: str, of: Callable[[LushaClient], Any]) -> dict[str, tuple[Call, ...]]:
    """The calls of the tables of `Contacts` or `Companies`."""
    return {
        f"create{kind}Table": (
            lambda lusha: of(lusha).create("n", owner=OWNER),
            lambda lusha: of(lusha).create("n", owner=OWNER, visibility="shared", ids=IDS),
        ),
        f"list{kind}Tables": (
            lambda lusha: of(lusha).list_page(owner=OWNER),
            lambda lusha: of(lusha).list_page(owner=OWNER, name="n", status="archived", page=100, page_size=1),
        ),
        f"get{kind}Table": (lambda lusha: of(lusha).get("1", owner=OWNER),),
        f"update{kind}Table": (
            lambda lusha: of(lusha).update("1", owner=OWNER, archived=False),
            lambda lusha: of(lusha).update("1", owner=OWNER, archived=True, name="n", visibility="private"),
        ),
        f"delete{kind}Table": (lambda lusha: of(lusha).delete("1", owner=OWNER),),
        f"get{kind}TableEntities": (
            lambda lusha: of(lusha).entities_page("1", owner=OWNER),
            lambda lusha: of(lusha).entities_page("1", owner=OWNER, page=100, page_size=1),
        ),
        f"add{kind}TableEntities": (
            lambda lusha: of(lusha).add("1", ["v1.a"], owner=OWNER),
            lambda lusha: of(lusha).add("1", IDS * 250, owner=OWNER),
        ),
        f"remove{kind}TableEntities": (lambda lusha: of(lusha).remove("1", IDS, owner=OWNER),),
        f"list{kind}TableColumns": (lambda lusha: of(lusha).columns("1", owner=OWNER),),
        f"remove{kind}TableColumn": (lambda lusha: of(lusha).remove_column("1", "c", owner=OWNER),),
        f"run{kind}TableColumn": (
            lambda lusha: of(lusha).run_column("1", "c", owner=OWNER, scope="all"),
            lambda lusha: of(lusha).run_column("1", "c", owner=OWNER, scope="specific", entity_ids=IDS),
        ),
    }


_TABLES = {
    **of_tables("Contacts", lambda lusha: lusha.contacts.tables),
    **of_tables("Companies", lambda lusha: lusha.companies.tables),
}
_TABLES["addContactsTableEntities"] += (
    lambda lusha: lusha.contacts.tables.add("1", IDS, owner=OWNER, company_ids=IDS),
)

_WEBHOOKS: dict[str, tuple[Call, ...]] = {
    "createSubscription": (
        lambda lusha: lusha.webhooks.create([NewSubscription(entity_id="1")], **HOOK),
        lambda lusha: lusha.webhooks.create([EVERYTHING] * 25, name="all", **HOOK),
    ),
    "listSubscriptions": (
        lambda lusha: lusha.webhooks.list_page(),
        lambda lusha: lusha.webhooks.list_page(page=1, page_size=100),
    ),
    "getSubscriptionById": (lambda lusha: lusha.webhooks.get("1"),),
    "updateSubscription": (
        lambda lusha: lusha.webhooks.update("1", is_active=True),
        lambda lusha: lusha.webhooks.update(
            "1", signal_types=["promotion"], url=URL, name="n", is_active=False, regenerate_secret=True
        ),
    ),
    "testSubscription": (
        lambda lusha: lusha.webhooks.test("1"),
        lambda lusha: lusha.webhooks.test("1", mode="direct"),
    ),
    "deleteSubscriptions": (lambda lusha: lusha.webhooks.delete("1"),),
    "getAuditLogs": (
        lambda lusha: lusha.webhooks.audit_logs_page(),
        lambda lusha: lusha.webhooks.audit_logs_page(subscription_id="1", status="failed", page=9, page_size=1),
    ),
    "getAuditLogStats": (
        lambda lusha: lusha.webhooks.audit_log_stats(),
        lambda lusha: lusha.webhooks.audit_log_stats(subscription_id="1"),
    ),
    "getAccountSecret": (lambda lusha: lusha.webhooks.secret(),),
    "regenerateAccountSecret": (lambda lusha: lusha.webhooks.regenerate_secret(),),
    "createOptOutSubscription": (
        lambda lusha: lusha.webhooks.create_opt_out(url=URL),
        lambda lusha: lusha.webhooks.create_opt_out(url=URL, name="n"),
    ),
}

ACCOUNT_CALLS: Mapping[str, tuple[Call, ...]] = {**_TABLES, **_WEBHOOKS}
