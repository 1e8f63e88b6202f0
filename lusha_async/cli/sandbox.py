"""`lusha-async sandbox`: the vendor's API simulated on this machine."""

import asyncio
import errno
import ipaddress
import logging
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .errors import UsageError
from .text import say

if TYPE_CHECKING:
    from ..sandbox import Sandbox, Settings

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command("sandbox")(sandbox)


def sandbox(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for a free one.")] = 8787,
    host: Annotated[
        str, typer.Option(help="An address other than loopback opens it to the network.")
    ] = "127.0.0.1",
    plan: Annotated[
        str | None, typer.Option(help="free, starter, pro, premium, scale (default), legacy, trial.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same people and answers.")] = None,
    companies: Annotated[
        int | None, typer.Option(help="The number of companies, with 20 people each (50,000).")
    ] = None,
    credits: Annotated[int | None, typer.Option(help="Credits of the account (1,000,000).")] = None,
    limits: Annotated[str | None, typer.Option(help="on (default), or off: no rate limits.")] = None,
    limit_rule: Annotated[
        str | None,
        typer.Option(help="How the 25 requests a second are counted: sliding (default), fixed, bucket, off."),
    ] = None,
    external_traffic: Annotated[
        float | None, typer.Option(help="Requests/s of another program on the account.")
    ] = None,
    page_min: Annotated[int | None, typer.Option(help="The least number of results on a page (1).")] = None,
    page_max: Annotated[int | None, typer.Option(help="The largest number of results on a page.")] = None,
    lenient: Annotated[bool | None, typer.Option("--lenient", help="Ignore unknown members of a body.")] = None,
    waterfall: Annotated[
        bool | None, typer.Option("--waterfall", help="Enable third-party data providers.")
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="A fault, such as `reset-after,operation=*enrich*,share=0.1`; repeatable."),
    ] = None,
    faults: Annotated[
        Path | None, typer.Option(help="A TOML file of faults: an array of tables `faults`.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML file of settings; options override it.")] = None,
    virtual_clock: Annotated[
        bool, typer.Option("--virtual-clock", help="Time stands still until /_sandbox/clock advances it.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log injected faults on stderr.")] = False,
) -> None:
    """Simulate the vendor's API on this machine: rate limits, billing, synthetic people. No key, no cost."""
    from ..sandbox import Clock, Sandbox
    from ..sandbox.serve import uvicorn_server as _  # noqa: F401  # fails at once without the extra
    from ..sandbox.serve.sockets import address

    options: dict[str, Any] = {
        "plan": plan,
        "seed": seed,
        "companies": companies,
        "credits": credits,
        "limits": None if limits is None else _on_or_off(limits),
        "limit_rule": limit_rule,
        "external_traffic": external_traffic,
        "page_min": page_min,
        "page_max": page_max,
        "lenient": lenient,
        "waterfall": waterfall,
    }
    arguments = {name: value for name, value in options.items() if value is not None}
    settings = _settings(arguments, fault or [], faults, config)
    if verbose:
        logging.basicConfig(level=logging.INFO, format="%(message)s")
    sock = _bind(host, port)
    app = Sandbox(settings, clock=Clock(virtual=virtual_clock))
    asyncio.run(_serve(app, sock, address(sock), open_to_all=not _is_loopback(host)))


def _on_or_off(text: str) -> bool:
    if text not in {"on", "off"}:
        raise UsageError(f"--limits must be on or off, not {text!r}")
    return text == "on"


def _settings(options: dict[str, Any], rules: list[str], faults: Path | None, config: Path | None) -> "Settings":
    from ..sandbox.settings import Settings, read_faults, read_settings

    try:
        values: dict[str, Any] = {**(read_settings(config) if config is not None else {}), **options}
        from_file = read_faults(faults) if faults is not None else ()
        values["faults"] = (*values.get("faults", ()), *from_file, *rules)
        return Settings(**values)
    except ValueError as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(f"cannot read {error.filename}: {error.strerror}") from None


def _bind(host: str, port: int) -> socket.socket:
    from ..sandbox.serve.sockets import bind

    try:
        return bind(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"port {port} is taken: choose another with --port, or --port 0 for a free one"
            ) from None
        raise UsageError(f"cannot listen on {host} port {port}: {error.strerror or error}") from None


async def _serve(sandbox: "Sandbox", sock: socket.socket, url: str, *, open_to_all: bool) -> None:
    """Serve until a signal arrives."""
    from ..sandbox.serve.server import run

    up, stop = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows: Ctrl-C cancels this task instead
            break
    serving = asyncio.create_task(run(sandbox, sock, up))
    await up.wait()
    _announce(url, open_to_all=open_to_all)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    serving.cancel()
    await asyncio.wait((serving,))
    say("stopped")


def _announce(url: str, *, open_to_all: bool) -> None:
    from ..sandbox import DEMO_KEY

    if open_to_all:
        say(
            "WARNING: the sandbox listens on the network. Anyone who reaches this machine can use it, read its "
            "statistics, change its faults and make it send webhooks; it checks no real key.",
            err=True,
        )
    say(f"sandbox on {url} (synthetic people only; open it in a browser to watch)")
    say(f"export LUSHA_BASE_URL={url} LUSHA_API_KEY={DEMO_KEY}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
