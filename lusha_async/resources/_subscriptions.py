"""The changes that bring an account's subscriptions to a declared set. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

from .._params import encode
from ..errors import InvalidRequestError, LushaError
from ..models.webhooks import NewSubscription, Subscription
from ._subscription_items import delivery_url

__all__ = ["Ensured", "SubscriptionPlan", "SubscriptionUpdate", "WantedSubscription", "reconcile"]

_OPT_OUT = "optOut"


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@frozen(kw_only=True)
class WantedSubscription:
    """A declared subscription; the vendor allows one for each entity.

    `entity_type` is contact or company. `url` is https and has at most 2,048 characters, `entity_id` at most 255,
    `name` at most 100. With `name` None, any name will do.
    """

    entity_type: str
    entity_id: str
    signal_types: tuple[str, ...] = field(converter=_texts)
    url: str
    name: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """The entity, which identifies the subscription."""
        return self.entity_type, self.entity_id

    @property
    def new(self) -> NewSubscription:
        """The subscription to create."""
        return NewSubscription(
            entity_id=self.entity_id, entity_type=self.entity_type, signal_types=self.signal_types, name=self.name
        )


@frozen(kw_only=True)
class SubscriptionUpdate:
    """One update: the subscription's `id`, its entity (`key`), and the arguments of `webhooks.update`."""

    id: str
    key: tuple[str, str]
    arguments: Mapping[str, Any]


@frozen(kw_only=True)
class SubscriptionPlan:
    """The subscriptions to create, update and delete, in this order, and the ids of those `unchanged`.

    `str(plan)` lists the changes, one a line.
    """

    create: tuple[WantedSubscription, ...] = ()
    update: tuple[SubscriptionUpdate, ...] = ()
    delete: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be changed."""
        return not (self.create or self.update or self.delete)

    def __str__(self) -> str:
        lines = [f"+ {' '.join(one.key)}: {', '.join(one.signal_types)}" for one in self.create]
        lines += [f"~ {' '.join(one.key)}: {', '.join(one.arguments)}" for one in self.update]
        lines += [f"- {id}" for id in self.delete]
        lines.append(
            f"{len(self.create)} to create, {len(self.update)} to update, {len(self.delete)} to delete, "
            f"{len(self.unchanged)} unchanged"
        )
        return "\n".join(lines)


@frozen(kw_only=True)
class Ensured:
    """What `webhooks.ensure` did: its plan, and the errors by entity ("contact 123") or subscription id."""

    plan: SubscriptionPlan
    errors: Mapping[str, LushaError] = field(factory=dict[str, LushaError])

    @property
    def ok(self) -> bool:
        """Whether the whole plan was carried out."""
        return not self.errors


def reconcile(
    wanted: Iterable[WantedSubscription], existing: Iterable[Subscription], *, delete: bool = False
) -> SubscriptionPlan:
    """The plan that turns the `existing` subscriptions into the `wanted` ones.

    An inactive subscription is activated. Subscriptions that are not wanted are deleted only if `delete` is set; the
    opt-out subscription never is. The order of signal types does not matter. Raises `InvalidRequestError` with the
    index of a subscription that the vendor would refuse, or that declares the same entity as an earlier one.
    """
    declared = _checked(wanted)
    update: list[SubscriptionUpdate] = []
    unchanged: list[str] = []
    surplus: list[str] = []
    seen: set[tuple[str, str]] = set()
    for one in existing:
        if one.id is None or one.signal_types == (_OPT_OUT,):
            continue
        key = (one.entity_type or "", one.entity_id or "")
        target = declared.get(key)
        if target is None or key in seen:
            surplus.append(one.id)
            continue
        seen.add(key)
        arguments = _difference(target, one)
        if arguments:
            update.append(SubscriptionUpdate(id=one.id, key=key, arguments=arguments))
        else:
            unchanged.append(one.id)
    return SubscriptionPlan(
        create=tuple(target for key, target in declared.items() if key not in seen),
        update=tuple(update),
        delete=tuple(surplus) if delete else (),
        unchanged=tuple(unchanged),
    )


def _difference(target: WantedSubscription, one: Subscription) -> dict[str, Any]:
    """The arguments of the update that makes `one` the target."""
    arguments: dict[str, Any] = {}
    if set(target.signal_types) != set(one.signal_types or ()):
        arguments["signal_types"] = list(target.signal_types)
    if target.url != one.url:
        arguments["url"] = target.url
    if target.name is not None and target.name != one.name:
        arguments["name"] = target.name
    if not one.is_active:
        arguments["is_active"] = True
    return arguments


def _checked(wanted: Iterable[WantedSubscription]) -> dict[tuple[str, str], WantedSubscription]:
    declared: dict[tuple[str, str], WantedSubscription] = {}
    for index, one in enumerate(wanted):
        path = f"subscriptions[{index}]"
        if one.key in declared:
            raise InvalidRequestError(path, "declares the same entity as an earlier subscription")
        encode.encode(NewSubscription, one.new, path)
        if _OPT_OUT in one.signal_types:
            raise InvalidRequestError(f"{path}.signal_types", "optOut is created by create_opt_out")
        delivery_url(one.url, f"{path}.url")
        declared[one.key] = one
    return declared
