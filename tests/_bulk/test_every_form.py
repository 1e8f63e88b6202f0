"""Every batchable operation has a many-form, and each is asked of the sandbox."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from lusha_async._bulk.batch import Outcomes
from lusha_async._bulk.outcome import Status
from lusha_async.client import LushaClient
from lusha_async.operations import BY_NAME, OPERATIONS
from lusha_async.resources.companies import Companies
from lusha_async.resources.contacts import Contacts
from lusha_async.resources.tables import Tables
from lusha_async.resources.webhooks import Webhooks
from lusha_async.sandbox import company_ids, contact_ids
from lusha_async.sandbox.serve.transport import SandboxTransport
from tests._bulk.in_sandbox import with_sandbox

OWNER = "owner@example.com"
PEOPLE, FIRMS = contact_ids(230), company_ids(230)
BY_PERSON, BY_FIRM = [{"id": one} for one in PEOPLE], [{"id": one} for one in FIRMS]
ENTITIES = [{"entity_id": str(number)} for number in range(60)]
HOOK: dict[str, Any] = {
    "url": "https://example.com/hook",
    "entity_type": "contact",
    "signal_types": ["promotion"],
}

Form = Callable[[LushaClient, str], tuple[Outcomes[Any, Any], list[Any]]]
"""Given the client and what was prepared for it (a table, or the profile of a customer): outcomes, inputs."""

FORMS: Mapping[str, Form] = {
    "searchContacts": lambda c, _: (c.contacts.search_many(BY_PERSON), BY_PERSON),
    "enrichContacts": lambda c, _: (c.contacts.enrich_many(PEOPLE), PEOPLE),
    "searchAndEnrichContacts": lambda c, _: (c.contacts.search_and_enrich_many(BY_PERSON), BY_PERSON),
    "getContactsBuyingGroup": lambda c, _: (c.contacts.buying_group_many(BY_FIRM, contacts_limit=4), BY_FIRM),
    "getContactSignals": lambda c, _: (c.contacts.signals_many(PEOPLE, ["allSignals"]), PEOPLE),
    "getContactSignalScores": lambda c, _: (c.contacts.signal_scores_many(BY_PERSON), BY_PERSON),
    "getContactIcpFitScores": lambda c, icp: (c.contacts.icp_fit_scores_many(BY_PERSON, [icp]), BY_PERSON),
    "addContactsTableEntities": lambda c, to: (c.contacts.tables.add_many(to, PEOPLE, owner=OWNER), PEOPLE),
    "removeContactsTableEntities": lambda c, to: (c.contacts.tables.remove_many(to, PEOPLE, owner=OWNER), PEOPLE),
    "searchCompanies": lambda c, _: (c.companies.search_many(BY_FIRM), BY_FIRM),
    "enrichCompanies": lambda c, _: (c.companies.enrich_many(FIRMS, reveal=["intent"]), FIRMS),
    "searchAndEnrichCompanies": lambda c, _: (c.companies.search_and_enrich_many(BY_FIRM), BY_FIRM),
    "getCompanySignals": lambda c, _: (c.companies.signals_many(FIRMS, ["riskNews"]), FIRMS),
    "getCompanySignalScores": lambda c, _: (c.companies.signal_scores_many(BY_FIRM), BY_FIRM),
    "getCompanyIcpFitScores": lambda c, icp: (c.companies.icp_fit_scores_many(BY_FIRM, [icp]), BY_FIRM),
    "addCompaniesTableEntities": lambda c, to: (c.companies.tables.add_many(to, FIRMS, owner=OWNER), FIRMS),
    "removeCompaniesTableEntities": lambda c, to: (c.companies.tables.remove_many(to, FIRMS, owner=OWNER), FIRMS),
    "createSubscription": lambda c, _: (c.webhooks.create_many(ENTITIES, **HOOK), ENTITIES),
    "deleteSubscriptions": lambda c, _: (c.webhooks.delete_many(["11", "12"]), ["11", "12"]),
}


async def prepared(lusha: LushaClient, name: str) -> str:
    """What a form of this operation needs: the id of a table, that of a profile, or nothing."""
    if "Table" in name:
        tables = lusha.contacts.tables if "Contacts" in name else lusha.companies.tables
        made = await tables.create("all", owner=OWNER)
        assert made.table_id is not None
        if name.startswith("remove"):
            async for row in tables.add_many(made.table_id, PEOPLE if "Contacts" in name else FIRMS, owner=OWNER):
                assert row.ok
        return made.table_id
    if "Icp" in name:
        return (await lusha.icp.profiles(status="active")).results[0].id or ""
    return ""


def test_every_batchable_operation_has_a_many_form() -> None:
    """Whatever the vendor takes in batches can be given any number of inputs."""
    assert set(FORMS) == {operation.name for operation in OPERATIONS if operation.batch}


@pytest.mark.parametrize("name", FORMS)
def test_a_many_form_asks_in_batches_and_has_one_outcome_for_each_input(name: str) -> None:
    """In input order, as few requests as the largest batch allows, and the credits of the rows are the bill."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        outcomes, inputs = FORMS[name](lusha, await prepared(lusha, name))
        before = wire.sandbox.state.billing.spent
        rows = [row async for row in outcomes]
        assert [row.input for row in rows] == inputs
        assert [row.index for row in rows] == list(range(len(inputs)))
        statuses = {row.status for row in rows}
        if name == "deleteSubscriptions":
            assert statuses == {Status.NOT_FOUND}
        else:
            assert Status.OK in statuses
            assert all(row.value is not None for row in rows if row.ok)
        assert statuses <= {Status.OK, Status.NOT_FOUND, Status.RESTRICTED}
        batch = BY_NAME[name].batch
        assert batch is not None
        assert wire.sandbox.report()["byOperation"][name] >= -(-len(inputs) // batch)
        assert wire.sandbox.report()["byOperation"][name] <= -(-len(inputs) // batch) + 1
        if BY_NAME[name].paid:
            assert sum(row.credits or 0 for row in rows) == wire.sandbox.state.billing.spent - before

    with_sandbox(main)


@pytest.mark.parametrize("resource", [Contacts, Companies, Tables, Webhooks])
def test_a_form_takes_every_option_of_its_single_call(resource: type[Any]) -> None:
    """Who moves from one call to the many-form, the shared one or the stream has the same options there."""
    of_one_call = {
        "page", "size", "limit", "offset", "dedupe_session_id", "wait_for_job", "on_progress", "company_ids"
    }  # fmt: skip
    forms = 0
    for name in dir(resource):
        for ending in ("_many", "_one", ""):
            single = getattr(resource, name.removesuffix(ending) if ending else f"{name}_page", None)
            if not name.endswith(ending) or single is None:
                continue
            forms += 1
            options = _options(single) - of_one_call - (set() if not ending else {"page_size"})
            options -= {"table_id"} if ending == "_one" else set()
            assert options <= _options(getattr(resource, name)), (name, options)
    assert forms >= 2


def _options(call: Any) -> set[str]:
    told = inspect.signature(call).parameters.values()
    return {parameter.name for parameter in told if parameter.kind is parameter.KEYWORD_ONLY}
