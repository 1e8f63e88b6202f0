"""`lusha-async webhooks list`, `create` and `test`: the subscriptions of the account."""

import asyncio
import json as json_module
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

import typer
from attrs import asdict

from ...client import LushaClient
from ...models.webhooks import Subscription
from ...resources._subscriptions import WantedSubscription, reconcile
from ..errors import UsageError
from ..text import say, say_json

__all__ = ["register"]

_BaseURL = Annotated[str | None, typer.Option(metavar="URL", help="Instead of LUSHA_BASE_URL or the vendor's.")]
_Json = Annotated[bool, typer.Option("--json", help="Print lines of JSON.")]


def register(group: typer.Typer) -> None:
    """Add the commands to `webhooks`."""
    group.command("list")(_list)
    group.command("create")(_create)
    group.command("test")(_test)


def _list(*, json: _Json = False, base_url: _BaseURL = None) -> None:
    """List the subscriptions of the account, newest first; blocked ones with the vendor's reason."""

    async def work(lusha: LushaClient) -> int:
        count = 0
        async for subscription in lusha.webhooks.list():
            _print(subscription, as_json=json)
            count += 1
        if not count:
            say("the account has no subscriptions", err=True)
        return 0

    _run(work, base_url)


def _create(
    entities: Annotated[
        list[str], typer.Argument(metavar="KIND:ID...", help="contact:ID or company:ID.", show_default=False)
    ],
    *,
    url: Annotated[str, typer.Option(help="The https URL to deliver to.", show_default=False)],
    signal: Annotated[
        list[str], typer.Option(help="A signal type, or allSignals. Repeat for more.", show_default=False)
    ],
    name: Annotated[str | None, typer.Option(help="At most 100 characters.", show_default=False)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan; change nothing.")] = False,
    json: _Json = False,
    base_url: _BaseURL = None,
) -> None:
    """Subscribe to signals of contacts and companies; existing subscriptions of them are updated to match.

    The vendor charges each delivered signal. Exit status: 0 all done, 2 refused, 3 some failed.
    """
    wanted = [_parse_entity(text, url, signal, name) for text in entities]
    reconcile(wanted, ())

    async def work(lusha: LushaClient) -> int:
        if dry_run:
            _say_all(str(await lusha.webhooks.plan(wanted)))
            return 0
        result = await lusha.webhooks.ensure(wanted)
        if json:
            keys = {subscription.key for subscription in wanted}
            async for subscription in lusha.webhooks.list():
                if (subscription.entity_type, subscription.entity_id) in keys:
                    _print(subscription, as_json=True)
        else:
            _say_all(str(result.plan))
        for entity, error in result.errors.items():
            say(f"failed: {entity}: {error}", err=True)
        if not json:
            say("done" if result.ok else f"done, {len(result.errors)} failed")
        return 0 if result.ok else 3

    _run(work, base_url)


def _test(
    subscription: Annotated[str, typer.Argument(metavar="ID", help="An id from `list`.", show_default=False)],
    *,
    mode: Annotated[str, typer.Option(help="direct, kafka or full.")] = "full",
    base_url: _BaseURL = None,
) -> None:
    """Let the vendor send a test delivery to a subscription, and print the result. Free.

    Exit status: 0 delivered, 2 refused, 3 not delivered.
    """
    if mode not in {"direct", "kafka", "full"}:
        raise UsageError(f'--mode must be direct, kafka or full, not "{mode}"')

    async def work(lusha: LushaClient) -> int:
        result = await lusha.webhooks.test(subscription, mode=mode)  # type: ignore[arg-type]  # checked above
        check = result.flow_check
        status = (
            ""
            if check is None or check.status_code is None
            else f", the receiver responded with {check.status_code}"
        )
        duration = "" if check is None or check.duration_ms is None else f" after {check.duration_ms} ms"
        say(f"{'delivered' if result.is_success else 'NOT delivered'}{status}{duration}")
        return 0 if result.is_success else 3

    _run(work, base_url)


def _run(work: Callable[[LushaClient], Awaitable[int]], base_url: str | None) -> None:
    async def main() -> int:
        async with LushaClient(base_url=base_url) as lusha:
            return await work(lusha)

    raise typer.Exit(asyncio.run(main()))


def _parse_entity(text: str, url: str, signals: Sequence[str], name: str | None) -> WantedSubscription:
    kind, colon, entity = text.partition(":")
    if kind not in {"contact", "company"} or not colon or not entity:
        raise UsageError(f'"{text}" is not of the form contact:ID or company:ID')
    return WantedSubscription(entity_type=kind, entity_id=entity, signal_types=tuple(signals), url=url, name=name)


def _print(subscription: Subscription, *, as_json: bool) -> None:
    if as_json:
        members: dict[str, Any] = {
            name: value
            for name, value in asdict(subscription).items()
            if value is not None and name not in {"extra", "secret", "quota", "request_id", "billing"}
        }
        say_json(json_module.loads(json_module.dumps(members, default=str)))
        return
    state = "active" if subscription.is_active else f"OFF ({subscription.block_reason or 'switched off'})"
    types = ", ".join(subscription.signal_types or ())
    entity = f"{subscription.entity_type} {subscription.entity_id}"
    say(f"{subscription.id}  {entity}  {types}  {state}  {subscription.name or ''}".rstrip())


def _say_all(text: str) -> None:
    for line in text.splitlines():
        say(line)
