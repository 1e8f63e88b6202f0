"""`client.webhooks`: against the sandbox, on the wire, and refused."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from lusha_async.client import LushaClient
from lusha_async.errors import InvalidRequestError, ItemError, NotFoundError, PermissionDeniedError
from lusha_async.models.webhooks import NewSubscription, Subscription
from lusha_async.resources.webhooks import Webhooks
from lusha_async.sandbox.serve.transport import SandboxTransport
from tests._bulk.test_bulk import with_sandbox

from .recorder import recorded

URL = "https://hooks.example/token-in-the-path"
GOOD: dict[str, Any] = {"url": URL, "entity_type": "contact", "signal_types": ["promotion"]}
ANY: Any = None  # for arguments that a type checker would refuse too


def test_life_of_a_subscription() -> None:
    """All eleven operations, in the order of a subscription's life, do what they say."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        api = lusha.webhooks
        with pytest.raises(NotFoundError, match="generate one first"):
            await api.secret()
        first = await api.regenerate_secret()
        assert (await api.secret()).secret == first.secret
        assert (first.secret or "").startswith("whsec_")

        made = await api.create(
            [
                NewSubscription(entity_id="1"),
                {"entity_id": "2", "entity_type": "company", "signal_types": ["riskNews"], "name": "own"},
                {"entityId": "1"},
            ],
            url=URL,
            entity_type="contact",
            signal_types=["promotion"],
            name="all",
        )
        assert (made.total, made.successful, made.failed) == (3, 2, 1)
        one, two, three = made.results
        assert one.subscription is not None
        assert two.subscription is not None
        assert (one.subscription.name, two.subscription.name) == ("all", "own")
        assert (two.subscription.entity_type, two.subscription.signal_types) == ("company", ("riskNews",))
        assert (three.index, three.success) == (2, False)
        assert three.error is not None
        assert three.error.code == "DUPLICATE_SUBSCRIPTION"

        id = one.subscription.id or ""
        page = await api.list_page(page_size=1)
        assert [row.id for row in page.results] == [two.subscription.id]
        assert page.pagination is not None
        assert (page.pagination.total, page.pagination.has_more) == (2, True)

        changed = await api.update(id, is_active=False, name="new", url=URL + "2", signal_types=["companyChange"])
        assert (changed.is_active, changed.name, changed.signal_types) == (False, "new", ("companyChange",))
        assert await api.get(id) == changed
        renewed = await api.update(id, regenerate_secret=True)
        assert renewed.secret == (await api.secret()).secret != first.secret

        tried = await api.test(id, mode="kafka")
        assert (tried.subscription_id, tried.mode, tried.is_success) == (id, "kafka", True)
        assert (await api.audit_logs_page(subscription_id=id, status="failed")).results == ()
        assert (await api.audit_log_stats(subscription_id=id)).total == 0

        opted = await api.create_opt_out(url=URL)
        assert opted.signal_types == ("optOut",)
        with pytest.raises(PermissionDeniedError, match="already exists"):
            await api.create_opt_out(url=URL)

        assert (await api.delete(id)).id == id
        with pytest.raises(ItemError) as missing:
            await api.delete(id)
        assert missing.value.code == "NOT_FOUND"
        with pytest.raises(NotFoundError):
            await api.get(id)

    with_sandbox(main)


def test_secrets_and_urls_are_in_no_repr() -> None:
    """Neither the secret, wherever it is, nor a URL can be logged by accident."""
    answer = {"secret": "whsec_abc123", "url": URL, "id": "1"}
    calls: list[Callable[[LushaClient], Awaitable[Any]]] = [
        lambda lusha: lusha.webhooks.secret(),
        lambda lusha: lusha.webhooks.regenerate_secret(),
        lambda lusha: lusha.webhooks.update("1", regenerate_secret=True),
        lambda lusha: lusha.webhooks.test("1"),
        lambda lusha: lusha.webhooks.create_opt_out(url=URL),
    ]
    for call in calls:
        _, told = recorded(call, answer=answer)
        for text in (repr(told), str(told), f"{told!r:>5}"):
            assert "abc123" not in text
            assert "token" not in text


def test_what_is_not_passed_is_not_sent() -> None:
    """The smallest requests hold nothing that the caller did not say, but for the slice of a page."""
    (request,), _ = recorded(lambda lusha: lusha.webhooks.update("a/b", is_active=False))
    assert (request.method, request.body) == ("PATCH", {"isActive": False})
    assert request.url.endswith("/api/subscriptions/a%2Fb")
    (request,), _ = recorded(
        lambda lusha: lusha.webhooks.create(
            [{"entityId": "1", "entityType": "contact", "signalTypes": ["promotion"], "name": None}], url=URL
        )
    )
    item = {"entityId": "1", "entityType": "contact", "signalTypes": ["promotion"]}
    assert request.body == {"defaults": {"url": URL}, "subscriptions": [item]}
    (request,), _ = recorded(lambda lusha: lusha.webhooks.test("1"))
    assert request.url.endswith("/api/subscriptions/1/test")
    assert request.content is None
    (request,), _ = recorded(lambda lusha: lusha.webhooks.audit_logs_page())
    assert request.url.endswith("/api/audit-logs?limit=100&offset=0")


def test_new_members_of_an_item_go_through_extra() -> None:
    """`extra` is sent as it is: of a subscription or a mapping, in a single call or of many."""
    items = [NewSubscription(entity_id="1", extra={"newMember": 1}), {"entity_id": "2", "extra": {"newMember": 2}}]

    async def of_many(lusha: LushaClient) -> None:
        _ = [row async for row in lusha.webhooks.create_many(items, **GOOD)]

    for call in (of_many, lambda lusha: lusha.webhooks.create(items, **GOOD)):
        (request,), _ = recorded(call)
        wanted = [{"entityId": "1", "newMember": 1}, {"entityId": "2", "newMember": 2}]
        assert request.body["subscriptions"] == wanted


def test_a_deletion_returns_the_subscription_with_its_envelope_or_raises() -> None:
    """One id is sent. Its row is the answer, with what was around it; without one, or with an error, `ItemError`."""
    done = {"index": 0, "success": True, "subscription": {"id": "1"}}
    (request,), gone = recorded(
        lambda lusha: lusha.webhooks.delete("1"), answer={"requestId": "r", "results": [done]}
    )
    assert request.body == {"ids": ["1"]}
    assert isinstance(gone, Subscription)
    assert (gone.id, gone.request_id) == ("1", "r")
    _, gone = recorded(
        lambda lusha: lusha.webhooks.delete("1"), answer={"results": [{"index": 0, "success": True}]}
    )
    assert gone == Subscription()
    for rows, code in (
        ([], "NO_ANSWER"),
        ([{"index": 1, "success": True}], "NO_ANSWER"),
        ([{"index": 0, "success": False}], "FAILED"),
        ([{"index": 0, "error": {"code": "NOT_FOUND", "message": "gone"}}], "NOT_FOUND"),
    ):
        _, error = recorded(lambda lusha: lusha.webhooks.delete("1"), answer={"results": rows})
        assert isinstance(error, ItemError)
        assert error.code == code


def test_pages_are_numbered_whatever_the_vendor_counts_by() -> None:
    """The third page of 20 is the 20 rows after the first 40, for subscriptions and for audit logs."""
    calls: list[Callable[[LushaClient], Awaitable[Any]]] = [
        lambda lusha: lusha.webhooks.list_page(page=2, page_size=20),
        lambda lusha: lusha.webhooks.audit_logs_page(page=2, page_size=20),
    ]
    for call in calls:
        (request,), _ = recorded(call)
        assert request.url.endswith("?limit=20&offset=40")


def hook(api: Webhooks, item: Any = None, **given: Any) -> Awaitable[Any]:
    """Valid arguments for a creation, but for those that are passed."""
    return api.create([item or {"entity_id": "1"}], **{**GOOD, **given})


REFUSED: list[tuple[str, Callable[[Webhooks], Awaitable[Any]]]] = [
    ("url", lambda api: hook(api, url="http://hooks.example/x")),
    ("url", lambda api: hook(api, url="https:///x")),
    ("url", lambda api: hook(api, url="https://[::x/")),
    ("url", lambda api: hook(api, url="https://hooks.example/ x")),
    ("url", lambda api: hook(api, url="https://hooks.example/" + "x" * 2048)),
    ("url", lambda api: hook(api, url=None)),
    ("url", lambda api: api.create_opt_out(url="")),
    ("url", lambda api: api.update("1", url="ftp://hooks.example")),
    ("name", lambda api: hook(api, name="n" * 101)),
    ("entity_type", lambda api: hook(api, entity_type="person")),
    ("signal_types", lambda api: hook(api, signal_types=[])),
    ("signal_types", lambda api: hook(api, signal_types="promotion")),
    ("subscriptions[0]", lambda api: hook(api, entity_type=None)),
    ("subscriptions[0]", lambda api: hook(api, signal_types=None)),
    ("subscriptions[0]", lambda api: hook(api, "1")),
    ("subscriptions[0].entity_id", lambda api: hook(api, {"name": "x"})),
    ("subscriptions[0].entity_id", lambda api: hook(api, {"entity_id": "1" * 256})),
    ("subscriptions[0].entity_type", lambda api: hook(api, {"entity_id": "1", "entity_type": "x"})),
    ("subscriptions[0].signal_types", lambda api: hook(api, {"entity_id": "1", "signal_types": []})),
    ("subscriptions[0].entity_typ", lambda api: hook(api, {"entity_id": "1", "entity_typ": "contact"})),
    ("subscriptions[0].name", lambda api: hook(api, {"entity_id": "1", "name": "n" * 101})),
    ("subscriptions", lambda api: api.create([], url=URL)),
    ("subscriptions", lambda api: api.create([NewSubscription(entity_id="1")] * 26, url=URL)),
    ("subscriptions", lambda api: api.create({"entity_id": "1"}, url=URL)),  # type: ignore[arg-type]
    ("id", lambda api: api.delete("")),
    ("id", lambda api: api.delete(["a"])),  # type: ignore[arg-type]
    ("id", lambda api: api.delete(ANY)),
    ("id", lambda api: api.get("")),
    ("id", lambda api: api.test("..")),
    ("", lambda api: api.update("1")),
    ("mode", lambda api: api.test("1", mode="quick")),  # type: ignore[arg-type]
    ("page_size", lambda api: api.list_page(page_size=0)),
    ("page_size", lambda api: api.list_page(page_size=101)),
    ("page", lambda api: api.audit_logs_page(page=-1)),
    ("page", lambda api: api.audit_logs_page(page=2**53, page_size=1)),
    ("page", lambda api: api.audit_logs_page(page=2**52)),
    ("status", lambda api: api.audit_logs_page(status="lost")),  # type: ignore[arg-type]
    ("subscription_id", lambda api: api.audit_log_stats(subscription_id="")),
]


@pytest.mark.parametrize(("path", "call"), REFUSED)
def test_what_the_vendor_would_refuse_is_not_sent(path: str, call: Callable[[Webhooks], Awaitable[Any]]) -> None:
    """Each bad argument is refused by its path, its value unsaid, and nothing is sent."""
    sent, error = recorded(lambda lusha: call(lusha.webhooks))
    assert isinstance(error, InvalidRequestError), error
    assert error.path == path
    assert not sent
    assert "hooks.example" not in str(error)


def test_a_sandbox_on_this_machine_may_have_an_http_url() -> None:
    """http is taken for loopback alone, so that a local receiver can be tried."""
    sent, _ = recorded(lambda lusha: lusha.webhooks.create_opt_out(url="http://127.0.0.1:8000/"))
    assert sent[0].body["url"] == "http://127.0.0.1:8000/"


def test_absent_and_null_block_reasons_differ() -> None:
    """A subscription that the vendor says is not blocked can be distinguished from one of which it says nothing."""
    _, told = recorded(lambda lusha: lusha.webhooks.get("1"), answer={"id": 5, "blockReason": None})
    assert isinstance(told, Subscription)
    assert (told.id, told.block_reason, "blockReason" in told.extra) == ("5", None, True)
