"""The vendor's rules beyond shapes: sessions, tables, jobs, plans, keys and management."""

from typing import Any

import pytest

from lusha_async.sandbox import ACCOUNT_KEY, Sandbox, company_ids, contact_ids
from tests.sandbox.requests import body, new_sandbox, post, send

OWNER = {"email": "owner@example.com"}
PAGES = {"page": 0, "size": 10}


def refusal(sandbox: Sandbox, method: str, path: str, payload: Any = None, **more: Any) -> tuple[int, str]:
    """The status and all the words of a refusal."""
    answer = send(sandbox, method, path, payload, **more)
    data = body(answer)
    assert answer.status >= 400, data
    return answer.status, " ".join([str(data["message"]), *map(str, data.get("errors") or ())])


@pytest.mark.parametrize(
    ("path", "payload", "words"),
    [
        ("contacts/enrich", {"ids": []}, "ids must contain at least 1 elements"),
        ("contacts/enrich", {"ids": ["1"] * 101}, "ids must contain no more than 100 elements"),
        ("contacts/enrich", {"ids": ["1"], "reveal": None}, "reveal must be an array"),
        ("contacts/enrich", {"ids": [1]}, "each value in ids must be a string"),
        ("contacts/enrich", {}, "ids should not be null or undefined"),
        ("contacts/search", {"contacts": [{"firstName": "A", "lastName": "B"}]}, "contacts.0 must contain id"),
        ("companies/search", {"companies": [{"name": "x", "linkedinUrl": "y"}]}, "companies.0.property linkedinUrl"),
        ("companies/signal-score", {"companies": [{"name": "x", "id": "y"}]}, "exactly one of"),
        ("contacts/buying-group", {"companies": [{"domain": "x.example", "id": "1"}]}, "exactly one of domain or id"),
        ("contacts/prospecting", {"pagination": PAGES, "filters": {}}, "At least one filter must be provided"),
        ("contacts/prospecting", {"pagination": {"page": 0, "size": 9}, "filters": {}}, "pagination.size must not be"),
        ("contacts/prospecting", {"pagination": {"page": 1001, "size": 50}, "filters": {}}, "pagination.page must not"),
        ("contacts/prospecting", {"pagination": {"size": 50}, "filters": {}}, "pagination.page should not be null"),
        (
            "contacts/prospecting",
            {"pagination": PAGES, "filters": {"contacts": {"include": {"score": {"minScore": 5}}}}},
            "must be paired with a base filter",
        ),
        (
            "companies/prospecting",
            {
                "pagination": PAGES,
                "filters": {"companies": {"include": {"searchText": "x"}}, "contacts": {"include": {"skills": ["y"]}}},
            },
            "cannot be combined",
        ),
        ("contacts/lookalike", {"seeds": {"ids": ["1", "2"]}}, "between 5 and 100"),
        ("companies/signals", {"ids": ["1"], "signalTypes": ["promotion"]}, "each value in signalTypes must be one of"),
        ("contacts/recommendations", {"sort": [{"by": "leadScore", "order": "asc"}, {"by": "targetIcp"}]}, "same"),
        ("account/conversations/search", {"dateFrom": "01-02-2026"}, "valid date"),
        ("account/conversations/search", {"pageSize": 101}, "pageSize must not be greater than 100"),
        ("contacts/tables", {"name": "no owner"}, "owner.email is required"),
        ("contacts/icp-fit-score", {"targetProfileIds": ["x"], "contacts": [{"id": "1"}]}, "no active profile"),
    ],
)  # fmt: skip
def test_bad_requests_are_refused_in_words(path: str, payload: dict[str, Any], words: str) -> None:
    """Each answers 400 and says what is wrong; nothing is charged."""
    sandbox = new_sandbox()
    status, data = refusal(sandbox, "POST", f"/v3/{path}", payload)
    assert status == 400
    assert words in data
    assert sandbox.state.billing.spent == 0


def test_content_that_is_not_declared_as_json_is_not_read() -> None:
    """A body without its content type answers 400."""
    status, _ = refusal(
        new_sandbox(), "POST", "/v3/contacts/enrich", {"ids": ["1"]}, headers={"content-type": "text/plain"}
    )
    assert status == 400


def test_unrouted_paths_are_answered_by_the_gateway() -> None:
    """The removed endpoint and a wrong method lead nowhere: an envelope of the gateway's own."""
    for method, path in (("POST", "/v3/contacts/decision-makers"), ("GET", "/v3/contacts/enrich")):
        answer = send(new_sandbox(), method, path)
        assert (answer.status, set(body(answer))) == (404, {"message", "request_id"})


def test_lenient_lets_unknown_members_pass_and_counts_them() -> None:
    """The call succeeds, and the statistics count it."""
    sandbox = new_sandbox(lenient=True)
    post(sandbox, "/v3/contacts/search", {"contacts": [{"id": "1", "x": 1, "y": 2}], "z": 3})
    assert sandbox.report()["unknownMembers"] == 3


def test_a_lookalike_session_gives_no_one_twice() -> None:
    """Calls of one session share no person, seeds and exclusions are never returned, and the end is reported."""
    sandbox = new_sandbox(limit_rule="off", limits=False)
    seeds, never = contact_ids(5), contact_ids(50, start=5)
    requested: dict[str, Any] = {"seeds": {"ids": seeds}, "exclude": {"ids": never}, "limit": 100}
    seen: list[str] = []
    while True:
        data = post(sandbox, "/v3/contacts/lookalike", requested)
        seen += [person["id"] for person in data["results"]]
        requested = {**requested, "dedupeSessionId": data["dedupeSessionId"], "seeds": {"ids": seeds[:1]}}
        if not data["meta"]["hasMore"]:
            break
    assert len(seen) == len(set(seen)) > 1_500
    assert not set(seen) & {*seeds, *never}
    assert sandbox.state.billing.by_key["lookalikeContact"] >= len(seen) // 5
    sandbox.clock.advance(31 * 86_400)
    assert send(sandbox, "POST", "/v3/contacts/lookalike", requested).status == 410


def test_tables_have_owners_names_and_limits() -> None:
    """A private table is seen by its owner only, names are unique, the vendor's columns stay."""
    sandbox = new_sandbox(credits=100)
    table = post(sandbox, "/v3/companies/tables", {"name": "mine", "owner": OWNER})["data"]
    root = f"/v3/companies/tables/{table['tableId']}"
    assert refusal(sandbox, "POST", "/v3/companies/tables", {"name": "mine", "owner": OWNER})[0] == 409
    assert refusal(sandbox, "GET", f"{root}?email=other%40example.com") == (
        404,
        "TABLE_NOT_FOUND: Table not found",
    )
    assert refusal(sandbox, "GET", root)[0] == 400
    column = table["columns"][0]["columnId"]
    status, words = refusal(sandbox, "DELETE", f"{root}/columns/{column}?email=owner%40example.com")
    assert (status, "cannot be removed" in words) == (400, True)
    assert refusal(sandbox, "DELETE", f"{root}/columns/none?email=owner%40example.com")[0] == 404
    added = post(sandbox, f"{root}/entities", {"entityIds": company_ids(40), "owner": OWNER})
    assert (added["data"]["added"], added["billing"]["creditsCharged"]) == (40, 40)
    again = post(sandbox, f"{root}/entities", {"entityIds": company_ids(41), "owner": OWNER})
    assert (again["data"]["added"], again["data"]["alreadyPresent"], again["billing"]["creditsCharged"]) == (
        1,
        40,
        1,
    )
    assert refusal(sandbox, "POST", f"{root}/entities", {"entityIds": company_ids(200), "owner": OWNER})[0] == 402
    assert len(sandbox.state.tables[table["tableId"]].rows) == 41


def test_a_column_run_takes_its_time_and_charges_what_was_not_known() -> None:
    """Cells are processing until the run is over; what was revealed before is free, a second run too."""
    sandbox = new_sandbox()
    ids = contact_ids(20)
    table = post(sandbox, "/v3/contacts/tables", {"name": "run", "owner": OWNER, "ids": ids})["data"]
    root, column = f"/v3/contacts/tables/{table['tableId']}", table["columns"][0]["columnId"]
    known = post(sandbox, "/v3/contacts/enrich", {"ids": ids[:10], "reveal": ["emails"]})["billing"][
        "creditsCharged"
    ]
    run = post(sandbox, f"{root}/columns/{column}/run", {"runScope": "all", "owner": OWNER})
    data = body(send(sandbox, "GET", f"{root}?email=owner%40example.com"))["data"]
    assert (data["isProcessing"], data["columns"][0]["rowsProcessing"]) == (True, 20)
    sandbox.clock.advance(2)
    data = body(send(sandbox, "GET", f"{root}?email=owner%40example.com"))["data"]
    emails = data["columns"][0]["rowsSuccess"]
    assert data["isProcessing"] is False
    assert known + run["billing"]["creditsCharged"] == emails
    assert post(sandbox, f"{root}/columns/{column}/run", {"runScope": "all", "owner": OWNER})["billing"] == {
        "creditsCharged": 0,
        "resultsReturned": 20,
    }
    rows = body(send(sandbox, "GET", f"{root}/entities?email=owner%40example.com&size=5"))
    assert (len(rows["data"]), rows["billing"]["creditsCharged"], rows["pagination"]["total"]) == (5, 1, 20)


def test_a_table_write_never_changes_the_answer() -> None:
    """A known table gets the rows; an unknown one is ignored."""
    sandbox = new_sandbox()
    table = post(sandbox, "/v3/contacts/tables", {"name": "t", "owner": OWNER})["data"]["tableId"]
    ids = contact_ids(3)
    written = post(sandbox, "/v3/contacts/enrich", {"ids": ids, "tableId": table})
    assert (written["tableWrite"]["added"], len(sandbox.state.tables[table].rows)) == (3, 3)
    assert "tableWrite" not in post(sandbox, "/v3/contacts/enrich", {"ids": ids, "tableId": "0"})


def test_a_waterfall_job_goes_from_processing_to_complete_and_expires() -> None:
    """What other providers find is charged once, by the job; a repeat of the call is free then."""
    sandbox = new_sandbox(waterfall=True)
    first = post(sandbox, "/v3/contacts/enrich", {"ids": contact_ids(60)})
    assert (first["status"], first["job"]["status"]) == ("partial", "processing")
    path = f"/v3/contacts/jobs/{first['job']['id']}"
    early = body(send(sandbox, "GET", path))
    assert (early["status"], early["creditsCharged"]) == ("processing", 0)
    assert early["covers"]
    sandbox.clock.advance(60)
    done, again = body(send(sandbox, "GET", path)), body(send(sandbox, "GET", path))
    assert done == again
    assert done["creditsCharged"] > 0
    assert {contact["id"] for contact in done["contacts"]} < set(contact_ids(60))
    assert sandbox.state.billing.spent == first["billing"]["creditsCharged"] + done["creditsCharged"]
    repeat = post(sandbox, "/v3/contacts/enrich", {"ids": contact_ids(60)})
    assert (repeat["status"], repeat["billing"]["creditsCharged"]) == ("completed", 0)
    assert "job" not in post(
        sandbox, "/v3/contacts/enrich", {"ids": contact_ids(60, start=60), "waterfallEnabled": False}
    )
    sandbox.clock.advance(3_600)
    assert body(send(sandbox, "GET", path))["status"] == "expired"
    assert send(sandbox, "GET", "/v3/contacts/jobs/none").status == 404


def test_plans_and_keys_allow_and_forbid_operations() -> None:
    """Tables, the do-not-call filter and recommendations depend on plan and key."""
    requested = {"pagination": PAGES, "filters": {"contacts": {"include": {"departments": ["Sales"]}}}}
    status, words = refusal(
        new_sandbox(plan="pro"), "POST", "/v3/contacts/prospecting", {**requested, "options": {"excludeDnc": True}}
    )
    assert (status, "excludeDnc is not available on your current plan" in words) == (403, True)
    assert refusal(new_sandbox(plan="free"), "POST", "/v3/contacts/tables/list", {"owner": OWNER})[0] == 403
    assert post(new_sandbox(plan="pro"), "/v3/contacts/tables/list", {"owner": OWNER})["data"] == []
    assert refusal(new_sandbox(plan="pro"), "POST", "/v3/contacts/tables", {"name": "x", "owner": OWNER})[0] == 403
    assert refusal(new_sandbox(), "POST", "/v3/contacts/recommendations", {}, key=ACCOUNT_KEY)[0] == 403


def test_one_domain_that_is_not_tracked_fails_the_whole_call() -> None:
    """Website visits know the account's domains, three months and no further."""
    requested = {
        "domains": ["shop.example"],
        "startDate": "2026-10-01",
        "endDate": "2026-12-31",
        "pagination": {"page": 0, "size": 150},
    }
    data = post(new_sandbox(), "/v3/companies/website-visits", requested)
    assert data["billing"]["creditsCharged"] == 0
    assert data["results"] == sorted(data["results"], key=lambda visit: -visit["score"])
    assert (
        refusal(
            new_sandbox(),
            "POST",
            "/v3/companies/website-visits",
            {**requested, "domains": ["shop.example", "x.example"]},
        )[0]
        == 400
    )
    assert (
        refusal(new_sandbox(), "POST", "/v3/companies/website-visits", {**requested, "endDate": "2027-01-31"})[0]
        == 400
    )


def test_transcripts_are_paid_again_and_unfinished_talks_are_unknown() -> None:
    """The same transcript costs a credit each time; one 404 stands for unknown and unfinished."""
    sandbox = new_sandbox()
    talk = post(sandbox, "/v3/account/conversations/search", {"query": "demo", "dateFrom": "2999-01-01"})[
        "results"
    ][0]
    path = f"/v3/account/conversations/{talk['conversationId']}/transcript"
    before = sandbox.state.billing.spent
    for _ in range(2):
        assert send(sandbox, "GET", path).status == 200
    assert sandbox.state.billing.spent - before == 2
    assert send(sandbox, "GET", "/v3/account/conversations/none/transcript").status == 404
    assert (
        post(sandbox, "/v3/account/conversations/search", {"conversationIds": ["none"]})["billing"][
            "creditsCharged"
        ]
        == 0
    )


def test_subscriptions_fail_each_for_itself() -> None:
    """Duplicates, missing types and the account's limit are reported per item, in order."""
    sandbox = new_sandbox(max_subscriptions=2)
    defaults = {"url": "https://webhooks.example/x", "entityType": "contact", "signalTypes": ["promotion"]}
    items = [
        {"entityId": "1"},
        {"entityId": "1"},
        {"entityId": "2", "entityType": "company"},
        {"entityId": "3"},
        {"entityId": "4"},
    ]
    data = post(sandbox, "/api/subscriptions", {"defaults": defaults, "subscriptions": items})
    assert [result.get("error", {}).get("code") for result in data["results"]] == [
        None,
        "DUPLICATE_SUBSCRIPTION",
        "VALIDATION_ERROR",
        None,
        "FORBIDDEN",
    ]
    assert (data["total"], data["successful"], data["failed"]) == (5, 2, 3)
    status, words = refusal(
        sandbox, "POST", "/api/subscriptions", {"defaults": defaults, "subscriptions": items[:1]}
    )
    assert (status, words) == (403, "Maximum subscriptions limit reached for your account")
    page = body(send(sandbox, "GET", "/api/subscriptions?limit=1"))
    assert (page["data"][0]["entityId"], page["pagination"]["hasMore"]) == ("3", True)
    assert (
        refusal(new_sandbox(), "GET", "/api/account/secret")[1]
        == "Account secret not found. Please generate one first."
    )
    plain = {**defaults, "url": "http://webhooks.example/x"}
    assert (
        refusal(new_sandbox(), "POST", "/api/subscriptions", {"defaults": plain, "subscriptions": items[:1]})[0]
        == 400
    )


def test_reset_forgets_everything_but_the_people() -> None:
    """Money, limits, reveals and tables are as at the start."""
    sandbox = new_sandbox(credits=500)
    first = post(sandbox, "/v3/contacts/enrich", {"ids": contact_ids(9)})
    post(sandbox, "/v3/contacts/tables", {"name": "t", "owner": OWNER})
    sandbox.reset()
    assert sandbox.report()["requests"] == sandbox.report()["credits"]["used"] == len(sandbox.state.tables) == 0
    assert post(sandbox, "/v3/contacts/enrich", {"ids": contact_ids(9)}) == first


def test_an_unknown_contact_among_scores_is_named_by_its_id() -> None:
    """Signal and ICP scores answer an unknown id with an error and this id."""
    sandbox = new_sandbox()
    profiles = body(send(sandbox, "GET", "/v3/icp/profiles?status=active"))["results"]
    unknown = {"contacts": [{"id": "v1.AAAA", "clientReferenceId": "r"}]}
    icp = post(sandbox, "/v3/contacts/icp-fit-score", {**unknown, "targetProfileIds": [profiles[0]["id"]]})
    signals = post(sandbox, "/v3/contacts/signal-score", unknown)
    error = {"code": "NOT_FOUND", "message": "Contact not found"}
    assert icp["results"] == signals["results"] == [{"clientReferenceId": "r", "id": "v1.AAAA", "error": error}]
    assert sandbox.state.billing.spent == 0
