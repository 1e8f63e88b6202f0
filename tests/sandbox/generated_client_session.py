"""A client generated from the vendor's own description drives the sandbox, so that it agrees with more than ours.

`python -m tests.sandbox.generated_client_session` generates it with openapi-python-client, creates, reads, updates
and deletes a table and subscriptions through it, and follows the money. Exit status 0 if all went well.
"""

import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from lusha_async import sandbox

__all__ = ["drive"]

SPEC = Path(__file__).parents[2].parent / "shared" / "spec" / "openapi.yml"
OWNER = {"email": "owner@example.com"}


class Generated:
    """The generated package: calls and models by name."""

    def __init__(self, package: str, server: sandbox.Server) -> None:
        self._package = package
        maker: ModuleType = import_module(f"{package}.client")
        self._client: Any = maker.Client(base_url=server.url, headers={"api_key": server.api_key})
        self._models: Any = import_module(f"{package}.models")

    def call(self, name: str, *path: str, model: str | None = None, body: Any = None, **query: Any) -> Any:
        """Call an operation (`group.operation`), insist on 2xx, and give the answer as plain values."""
        module: Any = import_module(f"{self._package}.api.{name}")
        if body is not None:
            query["body"] = getattr(self._models, str(model)).from_dict(body)
        answer = module.sync_detailed(*path, client=self._client, **query)
        assert 200 <= answer.status_code < 300, (name, answer.content)
        assert answer.parsed is not None, name
        return answer.parsed.to_dict()


def tables(client: Generated) -> None:
    """Create, read, update, fill, empty and delete."""
    ids = sandbox.contact_ids(5, start=20)
    made = client.call(
        "contacts_tables.create_contacts_table", model="TableCreateRequest", body={"name": "t", "owner": OWNER}
    )
    table = made["data"]["tableId"]
    rows = {"entityIds": ids, "owner": OWNER}
    added = client.call(
        "contacts_tables.add_contacts_table_entities", table, model="EntitiesAddRequest", body=rows
    )
    assert added["data"]["added"] == 5
    change = {"name": "renamed", "owner": OWNER}
    client.call("contacts_tables.update_contacts_table", table, model="TableUpdateRequest", body=change)
    data = client.call("contacts_tables.get_contacts_table", table, email=OWNER["email"])
    assert (data["data"]["name"], data["data"]["entityCount"]) == ("renamed", 5)
    page = client.call("contacts_tables.get_contacts_table_entities", table, email=OWNER["email"])
    assert [row["id"] for row in page["data"]] == ids
    gone = client.call(
        "contacts_tables.remove_contacts_table_entities", table, model="EntitiesRemoveRequest", body=rows
    )
    assert gone["data"]["removed"] == 5
    assert client.call("contacts_tables.delete_contacts_table", table, email=OWNER["email"])["status"] == "deleted"


def webhooks(client: Generated) -> None:
    """Create, read, update and delete."""
    defaults = {"url": "https://webhooks.example/x", "entityType": "company", "signalTypes": ["peopleNews"]}
    wanted = {"defaults": defaults, "subscriptions": [{"entityId": "1"}, {"entityId": "2"}]}
    made = client.call("webhooks.create_subscription", model="CreateSubscriptionRequest", body=wanted)
    first, second = (result["subscription"]["id"] for result in made["results"])
    data = client.call(
        "webhooks.update_subscription", first, model="UpdateSubscriptionRequest", body={"name": "n"}
    )
    assert data["name"] == client.call("webhooks.get_subscription_by_id", first)["name"] == "n"
    assert client.call("webhooks.list_subscriptions")["pagination"]["total"] == 2
    gone = client.call(
        "webhooks.delete_subscriptions", model="DeleteSubscriptionsBody", body={"ids": [first, second]}
    )
    assert gone["successful"] == 2


def money(client: Generated, server: sandbox.Server) -> None:
    """What the answers bill is what the ledger holds; a repeated reveal is free."""
    ids = sandbox.contact_ids(40)
    billed, before = 0, server.sandbox.state.billing.spent
    for _ in range(2):
        data = client.call("enrich.enrich_contacts", model="V3ContactsEnrichRequest", body={"ids": ids})
        billed += data["billing"]["creditsCharged"]
    assert billed == data["billing"]["creditsCharged"] + billed > 0
    requested = {"companies": [{"domain": "acme.com"}, {"id": sandbox.company_ids(1)[0]}]}
    data = client.call(
        "search_enrich.search_and_enrich_companies", model="V3CompaniesSearchAndEnrichRequest", body=requested
    )
    billed += data["billing"]["creditsCharged"]
    assert server.sandbox.state.billing.spent - before == billed
    usage = client.call("account.get_account_usage")
    assert usage["pricing"]["revealPhone"] == {"credits": 5, "perQuantity": 1}


def drive() -> int:
    """Generate the client and drive all of it."""
    if not SPEC.exists():
        sys.stderr.write("the vendor's OpenAPI description is not beside the project: nothing was driven\n")
        return 0
    with tempfile.TemporaryDirectory() as where:
        command = [
            sys.executable,
            "-m",
            "openapi_python_client",
            "generate",
            "--path",
            str(SPEC),
            "--meta",
            "none",
        ]
        subprocess.run([*command, "--output-path", f"{where}/generated_lusha"], check=True)
        sys.path.insert(0, where)
        with sandbox.serve_in_thread() as server:
            client = Generated("generated_lusha", server)
            tables(client)
            webhooks(client)
            money(client, server)
            data = server.stats()
    sys.stdout.write(f"{data['requests']} requests by a generated client, {data['byStatus']}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(drive())
