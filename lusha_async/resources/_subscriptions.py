"""What has to change at the vendor for an account's subscriptions to be the declared ones. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

from attrs import field, frozen

from ..errors import InvalidRequestError

__all__ = ["Change", "Existing", "SubscriptionPlan", "WantedSubscription", "reconcile"]

_OPT_OUT = "optOut"


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@frozen(kw_only=True)
class WantedSubscription:
    """A subscription that there shall be; the vendor allows one for each entity.

    `url` is https, at most 2,048 characters; `entity_id` at most 255; `name` at most 100, None for any.
    """

    entity_type: str
    entity_id: str
    signal_types: tuple[str, ...] = field(converter=_texts)
    url: str
    name: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What the vendor tells subscriptions apart by."""
        return self.entity_type, self.entity_id


class Existing(Protocol):
    """A subscription as the vendor lists it."""

    @property
    def id(self) -> str | None: ...
    @property
    def entity_type(self) -> str | None: ...
    @property
    def entity_id(self) -> str | None: ...
    @property
    def signal_types(self) -> Sequence[str] | None: ...
    @property
    def url(self) -> str | None: ...
    @property
    def name(self) -> str | None: ...
    @property
    def is_active(self) -> bool | None: ...


@frozen(kw_only=True)
class Change:
    """An update of one subscription: the arguments of `update`, and the entity, to tell people."""

    id: str
    key: tuple[str, str]
    arguments: Mapping[str, Any]


@frozen(kw_only=True)
class SubscriptionPlan:
    """What to create, update and delete, in this order; `kept` ones are as they shall be."""

    create: tuple[WantedSubscription, ...] = ()
    update: tuple[Change, ...] = ()
    delete: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.create or self.update or self.delete)

    def __str__(self) -> str:
        lines = [f"+ {' '.join(one.key)}: {', '.join(one.signal_types)}" for one in self.create]
        lines += [f"~ {' '.join(one.key)}: {', '.join(one.arguments)}" for one in self.update]
        lines += [f"- {subscription}" for subscription in self.delete]
        lines.append(
            f"{len(self.create)} to create, {len(self.update)} to update, {len(self.delete)} to delete, "
            f"{len(self.kept)} as declared"
        )
        return "\n".join(lines)


def reconcile(
    wanted: Iterable[WantedSubscription], existing: Iterable[Existing], *, delete: bool = False
) -> SubscriptionPlan:
    """The plan that makes `existing` what is `wanted`.

    One that was switched off or blocked is switched on again. Others than the wanted ones are deleted only if
    `delete` is set, and the opt-out subscription never: it is not one of the declared kind. Signal types are
    compared without regard to order. Raises `InvalidRequestError`, naming the entry, for what the vendor would
    refuse and for two declarations of one entity.
    """
    declared = _checked(wanted)
    update: list[Change] = []
    kept: list[str] = []
    surplus: list[str] = []
    met: set[tuple[str, str]] = set()
    for one in existing:
        if one.id is None or list(one.signal_types or ()) == [_OPT_OUT]:
            continue
        key = (one.entity_type or "", one.entity_id or "")
        target = declared.get(key)
        if target is None or key in met:
            surplus.append(one.id)
            continue
        met.add(key)
        members = _difference(target, one)
        if members:
            update.append(Change(id=one.id, key=key, arguments=members))
        else:
            kept.append(one.id)
    return SubscriptionPlan(
        create=tuple(target for key, target in declared.items() if key not in met),
        update=tuple(update),
        delete=tuple(surplus) if delete else (),
        kept=tuple(kept),
    )


def _difference(target: WantedSubscription, one: Existing) -> dict[str, Any]:
    """The arguments of an update that makes `one` the target."""
    members: dict[str, Any] = {}
    if set(target.signal_types) != set(one.signal_types or ()):
        members["signal_types"] = list(target.signal_types)
    if target.url != one.url:
        members["url"] = target.url
    if target.name is not None and target.name != one.name:
        members["name"] = target.name
    if not one.is_active:
        members["is_active"] = True
    return members


def _checked(wanted: Iterable[WantedSubscription]) -> dict[tuple[str, str], WantedSubscription]:
    declared: dict[tuple[str, str], WantedSubscription] = {}
    for position, one in enumerate(wanted):
        where = f"subscriptions[{position}]"
        if one.key in declared:
            raise InvalidRequestError(where, "declares an entity that an earlier one declares")
        if one.entity_type not in {"contact", "company"}:
            raise InvalidRequestError(f"{where}.entity_type", "must be contact or company")
        if not 0 < len(one.entity_id) <= 255:
            raise InvalidRequestError(f"{where}.entity_id", "must have 1 to 255 characters")
        if not one.signal_types or _OPT_OUT in one.signal_types:
            raise InvalidRequestError(
                f"{where}.signal_types", "must name signal types; opt-outs have their own call"
            )
        if not _is_https(one.url):
            raise InvalidRequestError(f"{where}.url", "must be an https address of at most 2,048 characters")
        if one.name is not None and len(one.name) > 100:
            raise InvalidRequestError(f"{where}.name", "must have at most 100 characters")
        declared[one.key] = one
    return declared


def _is_https(url: str) -> bool:
    """https; http only on this machine itself, for the sandbox."""
    if len(url) > 2048:
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    loopback = host in {"127.0.0.1", "localhost", "::1"}
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and loopback))
