"""`lusha-async webhooks`: its options."""

import asyncio
import errno
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError
from ..text import say
from . import subscriptions

__all__ = ["register"]

SECRET_VARIABLE = "LUSHA_WEBHOOK_SECRET"  # noqa: S105

_SecretEnv = Annotated[
    list[str] | None,
    typer.Option(
        "--secret-env",
        metavar="NAME",
        help="The environment variable that holds the webhook secret. Repeat it during a rotation.",
        show_default=SECRET_VARIABLE,
    ),
]
_Json = Annotated[bool, typer.Option("--json", help="Print each event as a line of JSON.")]


def register(app: typer.Typer) -> None:
    """Add `webhooks` to the command."""
    group = typer.Typer()
    group.callback()(_group)
    group.command("listen")(_listen)
    group.command("verify")(_verify)
    group.command("replay")(_replay)
    subscriptions.register(group)
    app.add_typer(group, name="webhooks")


def _group() -> None:
    """Subscribe to webhooks, receive and verify deliveries, and replay events."""


def _listen(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any free port.")] = 8788,
    host: Annotated[
        str, typer.Option(help="The address to listen on; keep the default behind a tunnel or proxy.")
    ] = "127.0.0.1",
    forward: Annotated[
        str | None, typer.Option(metavar="URL", help="Forward each event to this URL, with its signature.")
    ] = None,
    secret_env: _SecretEnv = None,
    inbox: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep the events in this SQLite file.", show_default="in memory"),
    ] = None,
    json: _Json = False,
) -> None:
    """Receive deliveries: verify, store, acknowledge and print them, and forward them with --forward.

    The vendor delivers to https URLs only: put a tunnel or a reverse proxy with a certificate in front, and use its
    URL in the subscription. Without --inbox, acknowledged events are lost when the process ends.
    """
    from ...sandbox.serve.sockets import bind
    from .listen import ListenOptions, listen

    secrets = _secrets(secret_env)
    if inbox is not None and not inbox.absolute().parent.is_dir():
        raise UsageError(f'there is no folder "{inbox.parent}" for the inbox')
    try:
        sock = bind(host, port)
    except OSError as error:
        taken = f"port {port} is taken: choose another with --port, or --port 0 for any free one"
        raise UsageError(
            taken if error.errno == errno.EADDRINUSE else f"cannot listen on {host}: {error}"
        ) from None
    asyncio.run(listen(ListenOptions(secrets=secrets, sock=sock, inbox=inbox, forward=forward, json=json)))


def _verify(
    file: Annotated[
        Path, typer.Argument(help="The raw body of a delivery; - reads standard input.", show_default=False)
    ],
    headers: Annotated[
        Path,
        typer.Option(
            help='A file with its headers: lines of "Name: value", or a JSON object.', show_default=False
        ),
    ],
    secret_env: _SecretEnv = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            min=0, metavar="SECONDS", help="The largest allowed age of the timestamp.", show_default="any age"
        ),
    ] = None,
) -> None:
    """Verify the signature of a saved delivery, and print the likely cause if it fails.

    Neither the secret nor the body is printed. Exit status: 0 genuine, 2 the files cannot be read, 3 not genuine.
    """
    from ...webhooks import UnreadableEventError, WebhookError, diagnose, verify
    from .headers import read_headers
    from .show import describe

    secrets = _secrets(secret_env)
    body, pairs = _bytes(file), read_headers(_bytes(headers), str(headers))
    try:
        event = verify(body, pairs, secrets, tolerance=tolerance)
    except UnreadableEventError as error:
        say(f"genuine, but {error}")
    except WebhookError as error:
        say(f"NOT genuine: {error}")
        say(f"likely cause: {diagnose(body, pairs, secrets, tolerance=tolerance or float('inf'))}")
        raise typer.Exit(3) from None
    else:
        say(f"genuine: {describe(event)}")


def _replay(
    inbox: Annotated[Path, typer.Argument(help="The SQLite file of an inbox.", show_default=False)],
    *,
    to: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Send the events to this URL, with a new signature.", show_default=False),
    ] = None,
    state: Annotated[
        str, typer.Option(help="The events to replay: dead, handled, or waiting (only with --to).")
    ] = "dead",
    key: Annotated[
        str | None, typer.Option(help="The key of a single event.", show_default="all of that state")
    ] = None,
    secret_env: _SecretEnv = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the events; change nothing.")] = False,
    json: _Json = False,
) -> None:
    """Requeue dead or handled events in their inbox, or send them to another receiver.

    Exit status: 0 all done, 2 refused before anything was done, 3 the other receiver refused some.
    """
    from .replay import ReplayOptions, replay

    if not inbox.is_file():
        raise UsageError(f'there is no inbox "{inbox}"')
    if state not in {"dead", "handled", "waiting"}:
        raise UsageError(f'--state must be dead, handled or waiting, not "{state}"')
    if state == "waiting" and to is None:
        raise UsageError(
            "waiting events are handled anyway: choose --state dead or handled, or send them with --to"
        )
    secrets = _secrets(secret_env) if to is not None else []
    options = ReplayOptions(inbox=inbox, to=to, state=state, key=key, secrets=secrets, dry_run=dry_run, json=json)
    raise typer.Exit(asyncio.run(replay(options)))


def _secrets(names: list[str] | None) -> list[str]:
    """The secrets in the named variables, without surrounding white space. Raises `UsageError` if one is missing."""
    found: list[str] = []
    for name in names or [SECRET_VARIABLE]:
        value = os.environ.get(name, "").strip()
        if not value:
            raise UsageError(
                f"there is no webhook secret in {name}: set it, or name another variable with --secret-env"
            )
        found.append(value)
    return found


def _bytes(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise UsageError(f'cannot read "{path}": {error.strerror or error}') from None
