"""Each of the 68 operations answers, and answers what the vendor's description says."""

from typing import Any

import pytest

from lusha_async.operations import OPERATIONS
from lusha_async.sandbox import Sandbox, company_ids, contact_ids
from lusha_async.sandbox.handlers import HANDLERS
from tests.sandbox.requests import body, new_sandbox, post, send
from tests.sandbox.vendor_schema import validate_answer

OWNER = {"email": "owner@example.com"}
BY_QUERY = "?email=owner%40example.com"
PAGES = {"page": 0, "size": 10}
EVERY = {"ids": contact_ids(6), "signalTypes": ["allSignals"]}


def test_every_operation_has_a_handler() -> None:
    """No route of the vendor's leads into nothing, and no handler stands for an invented one."""
    assert set(HANDLERS) == {operation.name for operation in OPERATIONS}


def _requests(sandbox: Sandbox) -> dict[str, tuple[str, Any]]:
    """A good request for each operation: the path and the body."""
    companies, contacts = company_ids(6), contact_ids(6)
    rows = {"entityIds": contacts, "owner": OWNER}
    firms = {"entityIds": companies, "owner": OWNER}
    profile = body(send(sandbox, "GET", "/v3/icp/profiles?status=active"))["results"][0]["id"]
    table = {
        kind: post(sandbox, f"/v3/{kind}/tables", {"name": f"first {kind}", "owner": OWNER})["data"]
        for kind in ("contacts", "companies")
    }
    hook = {"url": "https://webhooks.example/x", "entityType": "contact", "signalTypes": ["promotion"]}
    subscription = post(
        sandbox, "/api/subscriptions", {"defaults": hook, "subscriptions": [{"entityId": "1"}, {"entityId": "2"}]}
    )["results"]
    talk = post(sandbox, "/v3/account/conversations/search", {"pageSize": 1})["results"][0]["conversationId"]
    send(sandbox, "POST", "/api/account/secret/regenerate")
    scored = [
        {"domain": "acme.example", "clientReferenceId": "a"},
        {"id": companies[0]},
        {"name": "Amber Anchor Labs"},
    ]
    result: dict[str, tuple[str, Any]] = {
        "searchContacts": (
            "",
            {"contacts": [{"id": contacts[0], "clientReferenceId": "r"}, {"email": "x@y.invalid"}]},
        ),
        "enrichContacts": ("", {"ids": [*contacts, "v1.nobody", "4000000063"]}),
        "searchAndEnrichContacts": ("", {"contacts": [{"id": contacts[1]}, {"email": "x@y.invalid"}]}),
        "getContactsEnrichJob": (f"/v3/contacts/jobs/{_job(sandbox)}", None),
        "prospectingContacts": (
            "",
            {
                "pagination": PAGES,
                "filters": {"contacts": {"include": {"signals": {"types": ["promotion"]}}}},
                "tableId": table["contacts"]["tableId"],
            },
        ),
        "getContactLookalikes": ("", {"seeds": {"ids": contacts}, "limit": 10}),
        "getContactsBuyingGroup": ("", {"companies": [{"id": companies[3]}, {"domain": "x.invalid"}]}),
        "getContactSignals": ("", EVERY),
        "getContactSignalScores": ("", {"contacts": [{"id": one} for one in contacts]}),
        "getContactFilterValues": ("/v3/contacts/prospecting/filters/locations?query=bo", None),
        "getContactIcpFitScores": (
            "",
            {"targetProfileIds": [profile], "contacts": [{"id": one} for one in contacts]},
        ),
        "getContactRecommendations": ("", {}),
        "searchCompanies": ("", {"companies": [{"name": "Amber Anchor Labs"}, {"domain": "x.invalid"}]}),
        "enrichCompanies": (
            "",
            {
                "ids": [*companies, "v1.nobody"],
                "reveal": ["intent", "competitors", "directParent", "ultimateParent"],
            },
        ),
        "searchAndEnrichCompanies": ("", {"companies": [{"id": companies[2]}, {"domain": "x.invalid"}]}),
        "prospectingCompanies": (
            "",
            {"pagination": PAGES, "filters": {"companies": {"include": {"signals": {"types": ["allSignals"]}}}}},
        ),
        "getCompanyLookalikes": ("", {"seeds": {"ids": companies}}),
        "getCompanySignals": ("", {"ids": companies, "signalTypes": ["allSignals"]}),
        "getCompanySignalFilterValues": ("/v3/companies/signals/filters/newsEventTypes", None),
        "getCompanySignalScores": ("", {"companies": scored}),
        "getWebsiteVisits": (
            "",
            {
                "domains": ["shop.example"],
                "startDate": "2026-10-01",
                "endDate": "2026-12-01",
                "pagination": {"page": 0, "size": 5},
            },
        ),
        "getCompanyFilterValues": ("/v3/companies/prospecting/filters/sizes", None),
        "getCompanyIcpFitScores": ("", {"targetProfileIds": [profile], "companies": scored}),
        "getCompanyRecommendations": ("", {"pagination": PAGES}),
        "searchConversations": ("", {"pageSize": 5}),
        "getConversationTranscript": (f"/v3/account/conversations/{talk}/transcript", None),
        "createSubscription": ("", {"defaults": hook, "subscriptions": [{"entityId": "3"}, {"entityId": "1"}]}),
        "getSubscriptionById": (f"/api/subscriptions/{subscription[0]['subscription']['id']}", None),
        "updateSubscription": (
            f"/api/subscriptions/{subscription[0]['subscription']['id']}",
            {"isActive": False, "regenerateSecret": True},
        ),
        "testSubscription": (f"/api/subscriptions/{subscription[0]['subscription']['id']}/test?mode=kafka", None),
        "deleteSubscriptions": ("", {"ids": [subscription[1]["subscription"]["id"], "nobody"]}),
        "createOptOutSubscription": ("", {"entityType": "contact", "url": "https://webhooks.example/out"}),
    }
    for title, kind, ids in (("Contacts", "contacts", rows), ("Companies", "companies", firms)):
        root = f"/v3/{kind}/tables/{table[kind]['tableId']}"
        post(sandbox, f"{root}/entities", ids)
        column = table[kind]["columns"][0]["columnId"]
        post(sandbox, f"/v3/{kind}/signals", {**EVERY, "ids": ids["entityIds"], "tableId": table[kind]["tableId"]})
        result |= {
            f"create{title}Table": ("", {"name": "second", "owner": OWNER, "ids": ids["entityIds"]}),
            f"list{title}Tables": ("", {"owner": OWNER}),
            f"get{title}Table": (root + BY_QUERY, None),
            f"update{title}Table": (root, {"owner": OWNER, "name": "renamed"}),
            f"delete{title}Table": (root + BY_QUERY, None),
            f"get{title}TableEntities": (f"{root}/entities{BY_QUERY}&page=0&size=3", None),
            f"add{title}TableEntities": (
                f"{root}/entities",
                {**ids, "entityIds": [*ids["entityIds"], "99999999999"]},
            ),
            f"remove{title}TableEntities": (f"{root}/entities", {**ids, "entityIds": ids["entityIds"][:1]}),
            f"list{title}TableColumns": (f"{root}/columns{BY_QUERY}", None),
            f"remove{title}TableColumn": (f"{root}/columns/{table[kind]['tableId']}-signals{BY_QUERY}", None),
            f"run{title}TableColumn": (f"{root}/columns/{column}/run", {"runScope": "all", "owner": OWNER}),
        }
    return result


def _job(sandbox: Sandbox) -> str:
    """A job of the Data Waterfall."""
    answer = post(sandbox, "/v3/contacts/enrich", {"ids": contact_ids(100)})
    return str(answer["job"]["id"])


@pytest.mark.parametrize("name", [operation.name for operation in OPERATIONS])
def test_the_answer_is_what_the_vendor_describes(name: str) -> None:
    """A good request is answered with 2xx, in the shape of the vendor's description."""
    sandbox = new_sandbox(limit_rule="off", waterfall=True)
    operation = next(operation for operation in OPERATIONS if operation.name == name)
    path, payload = _requests(sandbox).get(name, ("", None))
    sandbox.clock.advance(90)
    answer = send(sandbox, operation.method, path or operation.path, payload)
    assert 200 <= answer.status < 300, answer.content
    validate_answer(name, answer.status, body(answer))
