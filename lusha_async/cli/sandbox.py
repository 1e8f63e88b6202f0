"""`lusha-async sandbox`: the vendor's API simulated on this machine."""

import asyncio
import errno
import ipaddress
import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..sandbox import Sandbox

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command("sandbox")(sandbox)


def sandbox(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for a free one.")] = 8787,
    host: Annotated[
        str, typer.Option(help="Any other address than loopback opens it to the network.")
    ] = "127.0.0.1",
    plan: Annotated[str, typer.Option(help="free, starter, pro, premium, scale, legacy or trial.")] = "scale",
    seed: Annotated[int, typer.Option(help="The same seed gives the same people and answers.")] = 1,
    companies: Annotated[int, typer.Option(min=1, help="Companies of the population, 20 people each.")] = 50_000,
    credits: Annotated[int, typer.Option(min=0, help="Credits of the account.")] = 1_000_000,
    limits: Annotated[str, typer.Option(help="on, or off: every request is let in.")] = "on",
    limit_rule: Annotated[
        str, typer.Option(help="How the 25 requests of a second are counted: sliding, fixed, bucket or off.")
    ] = "sliding",
    foreign: Annotated[float, typer.Option(min=0, help="Requests/s of another program on the account.")] = 0.0,
    lenient: Annotated[bool, typer.Option("--lenient", help="Let unknown members of a body pass.")] = False,
) -> None:
    """Run the vendor's API on this machine: its limits, its bill, synthetic people only. No key, no cost."""
    from ..sandbox import Sandbox, Settings
    from ..sandbox import uvicorn_server as _  # noqa: F401  # told at once if the extra is missing
    from ..sandbox.listening import address, bind
    from .problem import Problem

    if limits not in {"on", "off"}:
        raise Problem(f"--limits must be on or off, not {limits!r}")
    try:
        settings = Settings(
            plan=plan,
            seed=seed,
            companies=companies,
            credits=credits,
            limits=limits == "on",
            limit_rule=limit_rule,
            foreign=foreign,
            lenient=lenient,
        )
    except ValueError as error:
        raise Problem(str(error)) from None
    try:
        sock = bind(host, port)
    except OSError as error:
        taken = f"port {port} is taken; choose another with --port, or --port 0 for a free one"
        raise Problem(taken if error.errno == errno.EADDRINUSE else f"cannot listen on {host}: {error}") from None
    asyncio.run(_serve(Sandbox(settings), sock, address(sock), open_to_all=not _is_loopback(host)))


async def _serve(sandbox: "Sandbox", sock: object, url: str, *, open_to_all: bool) -> None:
    import socket

    from ..sandbox.server import run

    assert isinstance(sock, socket.socket)  # noqa: S101
    up, stop = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(run(sandbox, sock, up))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows: Ctrl-C cancels the task instead
            break
    await up.wait()
    _announce(url, open_to_all=open_to_all)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    serving.cancel()
    await asyncio.wait((serving,))
    typer.echo("stopped")


def _announce(url: str, *, open_to_all: bool) -> None:
    from ..sandbox import DEMO_KEY

    if open_to_all:
        sys.stderr.write(
            "WARNING: the sandbox listens on the network: everybody who can reach this machine can use it, read "
            "its statistics and change its faults; it checks no real key\n"
        )
    typer.echo(f"sandbox listening on {url} (synthetic people only; statistics at {url}/_sandbox/stats)")
    typer.echo(f"export LUSHA_BASE_URL={url} LUSHA_API_KEY={DEMO_KEY}")
    sys.stdout.flush()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
