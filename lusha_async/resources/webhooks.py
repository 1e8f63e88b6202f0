"""`client.webhooks`: subscriptions and their secret. Receiving deliveries is `lusha_async.webhooks`."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from .._call.call import Executor
from .._call.decode import envelope, unwrapped
from .._params import checks, encode
from ..errors import InvalidRequestError
from ..models.common import OffsetPage
from ..models.webhooks import (
    AccountSecret,
    AuditLog,
    AuditLogStats,
    NewSubscription,
    Subscription,
    SubscriptionResults,
    SubscriptionTest,
)
from ..operations import BY_NAME

__all__ = ["Webhooks", "address", "entity", "template"]

CREATE = BY_NAME["createSubscription"]
LIST = BY_NAME["listSubscriptions"]
GET = BY_NAME["getSubscriptionById"]
UPDATE = BY_NAME["updateSubscription"]
TEST = BY_NAME["testSubscription"]
DELETE = BY_NAME["deleteSubscriptions"]
AUDIT_LOGS = BY_NAME["getAuditLogs"]
AUDIT_LOG_STATS = BY_NAME["getAuditLogStats"]
SECRET = BY_NAME["getAccountSecret"]
REGENERATE_SECRET = BY_NAME["regenerateAccountSecret"]
CREATE_OPT_OUT = BY_NAME["createOptOutSubscription"]

MOST_ITEMS = 25
LONGEST_URL = 2048
LONGEST_NAME = 100
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})

EntityType = Literal["contact", "company"]


class Webhooks:
    """Subscriptions to signals, the account's secret, and the log of deliveries. At most 100 calls a minute.

    Calls are free; the vendor charges each signal that it delivers, whose payload says how much. Every method
    raises `InvalidRequestError` before anything is sent, `NotFoundError` for what does not exist, else any
    `LushaError`. A call that changes something is not repeated when its answer is lost
    (`OutcomeUnknownError`). Source: the vendor's webhooks reference.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def create(
        self,
        subscriptions: Iterable[NewSubscription | Mapping[str, Any]],
        *,
        url: str,
        entity_type: EntityType | None = None,
        signal_types: Iterable[str] | None = None,
        name: str | None = None,
    ) -> SubscriptionResults:
        """Subscribe `url` (https, at most 2,048 characters) to signals of 1-25 people or companies.

        `entity_type`, `signal_types` and `name` (at most 100 characters) are for the items that give none of
        their own. One result for each, by `index`; each may fail for itself. The vendor may probe the URL. A
        secret must exist before anything is delivered: `regenerate_secret` makes the first one.
        """
        common = template(url=url, entity_type=entity_type, signal_types=signal_types, name=name)
        items = [
            entity(item, f"subscriptions[{place}]", common["defaults"])
            for place, item in enumerate(checks.bounded_list(subscriptions, "subscriptions", maximum=MOST_ITEMS))
        ]
        reply = await self._executor.call(CREATE, body={**common, "subscriptions": items})
        return envelope(reply, SubscriptionResults)

    async def list_page(self, *, limit: int = 100, offset: int = 0) -> OffsetPage[Subscription]:
        """One page of 1-100 subscriptions after the first `offset`, newest first, without secrets.

        `pagination.has_more` tells whether there are others.
        """
        return unwrapped(await self._executor.call(LIST, query=_slice(limit, offset)), OffsetPage[Subscription])

    async def get(self, id: str) -> Subscription:
        """One subscription."""
        return envelope(await self._executor.call(GET, path={"id": id}), Subscription)

    async def update(
        self,
        id: str,
        *,
        signal_types: Iterable[str] | None = None,
        url: str | None = None,
        name: str | None = None,
        is_active: bool | None = None,
        regenerate_secret: bool | None = None,
    ) -> Subscription:
        """Change a subscription; what is None stays.

        `is_active=True` also clears what had blocked it and the count of failed tries. `regenerate_secret=True`
        makes a new secret for the whole account, which is in this answer only: see the method of that name.
        """
        body = {
            "signalTypes": checks.optional_enums(signal_types, "signal_types"),
            "url": None if url is None else address(url),
            "name": _label(name, "name"),
            "isActive": checks.optional_boolean(is_active, "is_active"),
            "regenerateSecret": checks.optional_boolean(regenerate_secret, "regenerate_secret"),
        }
        if all(value is None for value in body.values()):
            raise InvalidRequestError("", "give what to change")
        return envelope(await self._executor.call(UPDATE, path={"id": id}, body=body), Subscription)

    async def test(self, id: str, *, mode: Literal["direct", "kafka", "full"] | None = None) -> SubscriptionTest:
        """Deliver made-up data, signed like any other, and tell how it went.

        `direct` checks the URL alone, `kafka` the vendor's side alone, `full` (the vendor's default) both.
        """
        query = {"mode": checks.optional_enum(mode, "mode", ("direct", "kafka", "full"))}
        return envelope(await self._executor.call(TEST, path={"id": id}, query=query), SubscriptionTest)

    async def delete(self, ids: Iterable[str]) -> SubscriptionResults:
        """Delete 1-25 subscriptions for good, each for itself; a repeated id counts once."""
        body = {"ids": checks.ids(ids, "ids", maximum=MOST_ITEMS)}
        return envelope(await self._executor.call(DELETE, body=body), SubscriptionResults)

    async def audit_logs_page(
        self,
        *,
        subscription_id: str | None = None,
        status: Literal["success", "failed", "permanent_failure"] | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> OffsetPage[AuditLog]:
        """One page of 1-100 tries to deliver, after the first `offset`, of one subscription or of all.

        The vendor keeps the successful ones for 90 days and the failed ones for 180.
        """
        query = {
            **_subscription(subscription_id),
            "status": checks.optional_enum(status, "status", ("success", "failed", "permanent_failure")),
            **_slice(limit, offset),
        }
        return unwrapped(await self._executor.call(AUDIT_LOGS, query=query), OffsetPage[AuditLog])

    async def audit_log_stats(self, *, subscription_id: str | None = None) -> AuditLogStats:
        """How many tries went well, of one subscription or of all."""
        reply = await self._executor.call(AUDIT_LOG_STATS, query=_subscription(subscription_id))
        return envelope(reply, AuditLogStats)

    async def secret(self) -> AccountSecret:
        """The account's secret. `NotFoundError` when there is none yet."""
        return envelope(await self._executor.call(SECRET), AccountSecret)

    async def regenerate_secret(self) -> AccountSecret:
        """Make a secret, or a new one: the old one is dead at once, for all subscriptions of the account.

        A receiver that still has the old one refuses what comes from now on. When the answer was lost
        (`OutcomeUnknownError`), `secret` tells which one holds.
        """
        return envelope(await self._executor.call(REGENERATE_SECRET), AccountSecret)

    async def create_opt_out(self, *, url: str, name: str | None = None) -> Subscription:
        """Subscribe `url` to the people who opt out of processing; one such subscription for an account.

        Its deliveries are free and come bare, without the envelope of others. `PermissionDeniedError` when
        there is one already.
        """
        body = {"entityType": "contact", "url": address(url), "name": _label(name, "name")}
        return envelope(await self._executor.call(CREATE_OPT_OUT, body=body), Subscription)


def template(
    *, url: str, entity_type: EntityType | None, signal_types: Iterable[str] | None, name: str | None
) -> dict[str, Any]:
    """The body of a creation but for its items."""
    defaults = {
        "url": address(url),
        "entityType": checks.optional_enum(entity_type, "entity_type", ("contact", "company")),
        "signalTypes": checks.optional_enums(signal_types, "signal_types"),
    }
    return {"defaults": defaults, "name": _label(name, "name")}


def entity(value: Any, path: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """A person or company to subscribe to, as the JSON to send; `defaults` hold for all of them."""
    item = encode.model(NewSubscription, value, path)
    if defaults["entityType"] is None and "entityType" not in item:
        raise InvalidRequestError(path, "give entity_type, here or for all")
    if defaults["signalTypes"] is None and "signalTypes" not in item:
        raise InvalidRequestError(path, "give signal_types, here or for all: each delivery costs credits")
    return item


def address(url: Any) -> str:
    """A URL that the vendor can deliver to."""
    text: str = checks.string(url, "url", maximum=LONGEST_URL)
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _THIS_MACHINE)
    if not (host and safe) or any(sign.isspace() for sign in text):
        raise InvalidRequestError("url", "give an https URL (http only for a sandbox on this machine)")
    return text


def _label(name: str | None, path: str) -> str | None:
    return None if name is None else checks.string(name, path, maximum=LONGEST_NAME)


def _subscription(id: str | None) -> dict[str, str | int | None]:
    return {"subscriptionId": None if id is None else checks.entity_id(id, "subscription_id")}


def _slice(limit: int, offset: int) -> dict[str, str | int | None]:
    return {
        "limit": checks.integer(limit, "limit", minimum=1, maximum=100),
        "offset": checks.integer(offset, "offset", minimum=0),
    }
