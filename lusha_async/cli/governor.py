"""`lusha-async governor`: the limits that the processes of an account share, and who they are."""

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .text import say, say_json

if TYPE_CHECKING:
    from ..governor import Snapshot

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command("governor")(governor)


def governor(
    *,
    where: Annotated[
        str | None,
        typer.Option("--governor", help="`host`, or the URL of a Redis (else LUSHA_GOVERNOR, else `host`)."),
    ] = None,
    account: Annotated[str | None, typer.Option(help="The account's name, where clients have one.")] = None,
    watch: Annotated[
        float | None, typer.Option(min=0.1, metavar="SECONDS", help="Look again and again, until Ctrl-C.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for each look.")] = False,
) -> None:
    """Show the rate limits that processes share: who waits, what is in flight, what is left. Sends nothing.

    The account is that of LUSHA_API_KEY and LUSHA_BASE_URL. Example: `lusha-async governor --watch 1`
    """
    from .._wire.settings import ApiKey, BaseURL
    from ..governor import shared_state

    key, url = ApiKey.resolve(None), BaseURL.resolve(None)
    while True:
        snapshot = shared_state(key.value, url.value, where=where, account=account)
        shown = say_json(_values(snapshot)) if as_json else _show(snapshot)
        if watch is None or not shown:
            return
        time.sleep(watch)


def _values(snapshot: "Snapshot | None") -> Any:
    from attrs import asdict

    return None if snapshot is None else asdict(snapshot)


def _show(snapshot: "Snapshot | None") -> bool:
    if snapshot is None or snapshot.board is None:
        return say("no board: fewer than two processes of this account send here")
    board, pace = snapshot.board, snapshot.pace
    shown = say(f"{len(board.peers)} processes on {board.store}, {snapshot.in_flight} requests in flight")
    say(f"  second  {pace.capacity} of {pace.limit} requests in {pace.period + pace.margin:.3f} s")
    for window in snapshot.windows:
        if window.left is not None:
            resets = "" if window.resets_by is None else f", resets within {window.resets_by:.0f} s"
            say(f"  {window.window:6}  {window.left} of {window.limit or '?'} requests left{resets}")
    if snapshot.breaker.window is not None:
        say(f"  a 429 of the {snapshot.breaker.window} holds requests up: {snapshot.breaker.state}")
    say("  process                   in flight  interactive  bulk  heard")
    for peer in board.peers:
        waiting = f"{peer.waiting_interactive:11}  {peer.waiting_bulk:4}"
        say(f"  {peer.name:24}  {peer.in_flight:9}  {waiting}  {peer.heard:.1f} s ago")
    return shown
