"""`lusha-async webhooks list`, `create` and `test`: the account's subscriptions."""

import asyncio
import json as json_module
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

import typer
from attrs import asdict

from ...client import LushaClient
from ...models.webhooks import Subscription
from ...resources._subscriptions import WantedSubscription, reconcile
from ..errors import Problem

__all__ = ["register"]

_BaseURL = Annotated[str | None, typer.Option(metavar="URL", help="Instead of LUSHA_BASE_URL or the vendor's.")]
_Json = Annotated[bool, typer.Option("--json", help="Print lines of JSON.")]


def register(group: typer.Typer) -> None:
    """Add the commands to `webhooks`."""
    group.command("list")(_list)
    group.command("create")(_create)
    group.command("test")(_test)


def _list(*, json: _Json = False, base_url: _BaseURL = None) -> None:
    """List the account's subscriptions, newest first; a blocked one with the vendor's reason."""

    async def work(lusha: LushaClient) -> int:
        number = 0
        async for one in lusha.webhooks.list():
            _print(one, as_json=json)
            number += 1
        if not number:
            typer.echo("the account has no subscriptions", err=True)
        return 0

    _run(work, base_url)


def _create(
    entities: Annotated[
        list[str], typer.Argument(metavar="KIND:ID...", help="contact:ID or company:ID.", show_default=False)
    ],
    *,
    url: Annotated[str, typer.Option(help="Where to deliver to; https.", show_default=False)],
    signal: Annotated[
        list[str], typer.Option(help="A signal type, or allSignals. Repeat for more.", show_default=False)
    ],
    name: Annotated[str | None, typer.Option(help="At most 100 characters.", show_default=False)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be done; do nothing.")] = False,
    json: _Json = False,
    base_url: _BaseURL = None,
) -> None:
    """Subscribe to signals of people and companies; those that are subscribed already are updated to match.

    The vendor charges each signal that it delivers. Exit status: 0 all done, 2 refused, 3 some failed.
    """
    wanted = [_wanted(text, url, signal, name) for text in entities]
    reconcile(wanted, ())

    async def work(lusha: LushaClient) -> int:
        if dry_run:
            typer.echo(str(await lusha.webhooks.plan(wanted)))
            return 0
        done = await lusha.webhooks.ensure(wanted)
        if json:
            keys = {one.key for one in wanted}
            async for one in lusha.webhooks.list():
                if (one.entity_type, one.entity_id) in keys:
                    _print(one, as_json=True)
        else:
            typer.echo(str(done.plan))
        for entity, error in done.errors.items():
            typer.echo(f"failed: {entity}: {error}", err=True)
        if not json:
            typer.echo("done" if done.ok else f"done, but for {len(done.errors)}")
        return 0 if done.ok else 3

    _run(work, base_url)


def _test(
    subscription: Annotated[str, typer.Argument(metavar="ID", help="Of `list`.", show_default=False)],
    *,
    mode: Annotated[str, typer.Option(help="direct, kafka or full.")] = "full",
    base_url: _BaseURL = None,
) -> None:
    """Let the vendor deliver made-up data to a subscription's address, and tell how it went. Free.

    Exit status: 0 delivered, 2 refused, 3 not delivered.
    """
    if mode not in {"direct", "kafka", "full"}:
        raise Problem(f'--mode must be direct, kafka or full, not "{mode}"')

    async def work(lusha: LushaClient) -> int:
        told = await lusha.webhooks.test(subscription, mode=mode)  # type: ignore[arg-type]  # checked above
        check = told.flow_check
        answer = (
            "" if check is None or check.status_code is None else f", the receiver answered {check.status_code}"
        )
        took = "" if check is None or check.duration_ms is None else f" after {check.duration_ms} ms"
        typer.echo(f"{'delivered' if told.is_success else 'NOT delivered'}{answer}{took}")
        return 0 if told.is_success else 3

    _run(work, base_url)


def _run(work: Callable[[LushaClient], Awaitable[int]], base_url: str | None) -> None:
    async def main() -> int:
        async with LushaClient(base_url=base_url) as lusha:
            return await work(lusha)

    raise typer.Exit(asyncio.run(main()))


def _wanted(text: str, url: str, signals: Sequence[str], name: str | None) -> WantedSubscription:
    kind, colon, entity = text.partition(":")
    if kind not in {"contact", "company"} or not colon or not entity:
        raise Problem(f'"{text}" is not of the form contact:ID or company:ID')
    return WantedSubscription(entity_type=kind, entity_id=entity, signal_types=tuple(signals), url=url, name=name)


def _print(one: Subscription, *, as_json: bool) -> None:
    if as_json:
        told: dict[str, Any] = {
            name: value
            for name, value in asdict(one).items()
            if value is not None and name not in {"extra", "secret", "quota", "request_id", "billing"}
        }
        typer.echo(json_module.dumps(told, ensure_ascii=False, default=str))
        return
    state = "active" if one.is_active else f"OFF ({one.block_reason or 'switched off'})"
    types = ", ".join(one.signal_types or ())
    typer.echo(f"{one.id}  {one.entity_type} {one.entity_id}  {types}  {state}  {one.name or ''}".rstrip())
