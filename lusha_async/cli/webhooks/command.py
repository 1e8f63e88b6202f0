"""`lusha-async webhooks`: receive events here, look into deliveries, send them once more."""

import asyncio
import errno
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..errors import Problem
from . import subscriptions

__all__ = ["register"]

SECRET_VARIABLE = "LUSHA_WEBHOOK_SECRET"  # noqa: S105

_SecretEnv = Annotated[
    list[str] | None,
    typer.Option(
        "--secret-env",
        metavar="NAME",
        help="The environment variable that holds the webhook secret. Repeat for several, while they are rotated.",
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
    """Subscribe, receive the vendor's webhooks, find out why a signature fails, send events once more."""


def _listen(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for a free one.")] = 8788,
    host: Annotated[str, typer.Option(help="Leave it to a tunnel or proxy on this machine.")] = "127.0.0.1",
    forward: Annotated[
        str | None, typer.Option(metavar="URL", help="Pass each event on, with its signature.")
    ] = None,
    secret_env: _SecretEnv = None,
    inbox: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep the events in this SQLite file.", show_default="in memory"),
    ] = None,
    json: _Json = False,
) -> None:
    """Receive deliveries: verify, store, acknowledge, show; and pass on, if asked to.

    The vendor delivers to https only: put a tunnel or a reverse proxy with a certificate before it, and
    give its address to the subscription. Without --inbox, events that were acknowledged are lost with the process.
    """
    from ...sandbox.serve.sockets import bind
    from .listen import Listening, listen

    secrets = _secrets(secret_env)
    if inbox is not None and not inbox.absolute().parent.is_dir():
        raise Problem(f'there is no folder "{inbox.parent}" for the inbox')
    try:
        sock = bind(host, port)
    except OSError as error:
        taken = f"port {port} is taken; choose another with --port, or --port 0 for a free one"
        raise Problem(taken if error.errno == errno.EADDRINUSE else f"cannot listen on {host}: {error}") from None
    asyncio.run(listen(Listening(secrets=secrets, sock=sock, inbox=inbox, forward=forward, json=json)))


def _verify(
    file: Annotated[Path, typer.Argument(help="The body of a delivery, byte for byte.", show_default=False)],
    headers: Annotated[
        Path,
        typer.Option(help='Its headers: lines of "Name: value", or a JSON object.', show_default=False),
    ],
    secret_env: _SecretEnv = None,
    tolerance: Annotated[
        float | None,
        typer.Option(min=0, metavar="SECONDS", help="Refuse an older timestamp.", show_default="any age"),
    ] = None,
) -> None:
    """Tell whether a saved delivery is the vendor's, and if not, why; never the secret or the body.

    Exit status: 0 genuine, 2 the files cannot be read, 3 not genuine.
    """
    from ...webhooks import UnreadableEventError, WebhookError, diagnose, verify
    from .headers import read_headers
    from .show import in_words

    secrets = _secrets(secret_env)
    body, told = _bytes(file), read_headers(_bytes(headers), str(headers))
    try:
        event = verify(body, told, secrets, tolerance=tolerance)
    except UnreadableEventError as error:
        typer.echo(f"genuine, but {error}")
    except WebhookError as error:
        typer.echo(f"NOT genuine: {error}")
        typer.echo(f"likely cause: {diagnose(body, told, secrets[0], tolerance=tolerance or float('inf'))}")
        raise typer.Exit(3) from None
    else:
        typer.echo(f"genuine: {in_words(event)}")


def _replay(
    inbox: Annotated[Path, typer.Argument(help="The SQLite file of an inbox.", show_default=False)],
    *,
    to: Annotated[
        str | None, typer.Option(metavar="URL", help="Send them there, signed anew, instead.", show_default=False)
    ] = None,
    state: Annotated[str, typer.Option(help="Which: dead, handled, or waiting (with --to).")] = "dead",
    key: Annotated[str | None, typer.Option(help="Only this event.", show_default="all of that state")] = None,
    secret_env: _SecretEnv = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell which.")] = False,
    json: _Json = False,
) -> None:
    """Let events that are dead or handled be handled once more, by the inbox's consumers or by another receiver.

    Exit status: 0 all done, 2 refused before anything was done, 3 the other receiver refused some.
    """
    from .replay import Replaying, replay

    if not inbox.is_file():
        raise Problem(f'there is no inbox "{inbox}"')
    if state not in {"dead", "handled", "waiting"}:
        raise Problem(f'--state must be dead, handled or waiting, not "{state}"')
    if state == "waiting" and to is None:
        raise Problem("events that wait are handled anyhow: name dead or handled ones, or send them with --to")
    secrets = _secrets(secret_env) if to is not None else []
    job = Replaying(inbox=inbox, to=to, state=state, key=key, secrets=secrets, dry_run=dry_run, json=json)
    raise typer.Exit(asyncio.run(replay(job)))


def _secrets(names: list[str] | None) -> list[str]:
    """The secrets in the named variables, without the line ends that files and shells leave. Raises `Problem`."""
    found: list[str] = []
    for name in names or [SECRET_VARIABLE]:
        value = os.environ.get(name, "").strip()
        if not value:
            raise Problem(
                f"there is no webhook secret in {name}: set it, or name another variable with --secret-env"
            )
        found.append(value)
    return found


def _bytes(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise Problem(f'cannot read "{path}": {error.strerror or error}') from None
