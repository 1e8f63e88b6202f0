"""The operations agree with the vendor's contract."""

import asyncio
import inspect
import runpy
from operator import attrgetter
from pathlib import Path

import pytest
import yaml

from lusha_async.client import LushaClient
from lusha_async.operations import BY_NAME, OPERATIONS, BillingClass, Operation, Scope

METHODS = {"get", "post", "put", "patch", "delete"}


def test_all_68_operations_of_the_contract_are_here(shared: Path) -> None:
    """Name, method and path of each operation are those of the vendor's OpenAPI file."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    contract = yaml.load((shared / "spec" / "openapi.yml").read_text(), Loader=loader)
    theirs = {
        (operation["operationId"], method.upper(), path)
        for path, methods in contract["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    }
    assert theirs == {(operation.name, operation.method, operation.path) for operation in OPERATIONS}


def test_names_and_calls_are_unique() -> None:
    """No two operations share the vendor's id, our method, or method and path."""
    assert len(OPERATIONS) == len(BY_NAME) == 68
    assert len({operation.call for operation in OPERATIONS}) == 68
    assert len({(operation.method, operation.path) for operation in OPERATIONS}) == 68


def test_scopes_follow_the_paths() -> None:
    """Webhook management is under /api and only account usage has the usage scope."""
    for operation in OPERATIONS:
        assert (operation.scope is Scope.WEBHOOKS) == operation.path.startswith("/api/")
        assert (operation.scope is Scope.USAGE) == (operation.path == "/v3/account/usage")


@pytest.mark.parametrize(
    ("name", "billing"),
    [
        ("enrichContacts", BillingClass.REVEAL),
        ("enrichCompanies", BillingClass.METERED),
        ("searchAndEnrichContacts", BillingClass.METERED),
        ("getAccountUsage", BillingClass.FREE),
        ("getContactsTableEntities", BillingClass.METERED),
        ("addContactsTableEntities", BillingClass.MUTATION),
        ("addCompaniesTableEntities", BillingClass.METERED),
        ("getConversationTranscript", BillingClass.METERED),
    ],
)
def test_billing_classes_of_the_operations_that_are_easy_to_get_wrong(name: str, billing: BillingClass) -> None:
    """Only enriching contacts by id is paid and free to repeat."""
    assert BY_NAME[name].billing is billing


def test_only_reveals_and_free_calls_are_repeatable() -> None:
    """An operation with a price that is not a reveal is never repeated after a lost answer."""
    for operation in OPERATIONS:
        if operation.prices and operation.name != "enrichContacts":
            assert not operation.repeatable, operation
    assert BY_NAME["enrichContacts"].repeatable


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.call)
def test_every_operation_is_a_method(operation: Operation) -> None:
    """`Operation.call` leads from the client to a coroutine method with a docstring."""

    async def made() -> LushaClient:
        async with LushaClient("00000000-0000-4000-8000-000000000000") as client:
            return client

    method = attrgetter(operation.call)(asyncio.run(made()))
    assert inspect.iscoroutinefunction(method)
    assert inspect.getdoc(method)


def test_the_table_of_operations_is_current() -> None:
    """`docs/operations.md` is what `docs/operations.py` writes from the Operation values."""
    script = Path(__file__).parents[1] / "docs" / "operations.py"
    if not script.exists():
        pytest.skip("the documentation is not part of this distribution")
    assert script.with_suffix(".md").read_text() == runpy.run_path(str(script))["text"]()
