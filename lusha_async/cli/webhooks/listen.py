"""`lusha-async webhooks listen`: the receiver."""

import asyncio
import signal
import socket
import sys
from collections.abc import Generator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path

import typer
import uvicorn
from attrs import field, frozen

from ...sandbox.serve.sockets import address
from ...webhooks import App, Inbox, MemoryInbox, SQLiteInbox, UnreadableEventError
from ...webhooks._forwarding import Forwarder, ForwardError
from ...webhooks.delivery import Delivery
from .show import print_event

__all__ = ["ListenOptions", "listen"]

_CONNECTIONS = 1200
_SHUTDOWN_SECONDS = 9


@frozen(kw_only=True)
class ListenOptions:
    """The options of the command. `inbox` None keeps events in memory; `forward` is a URL or None."""

    secrets: Sequence[str] = field(repr=False)
    sock: socket.socket
    inbox: Path | None
    forward: str | None
    json: bool


class _Server(uvicorn.Server):
    """Leaves the signals of the process to `listen`."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def listen(options: ListenOptions) -> None:
    """Receive and print deliveries until SIGINT or SIGTERM, then finish the requests in progress."""
    async with AsyncExitStack() as stack:
        stack.callback(options.sock.close)
        forwarder = (
            await stack.enter_async_context(Forwarder(options.forward)) if options.forward is not None else None
        )
        inbox: Inbox = MemoryInbox() if options.inbox is None else SQLiteInbox(options.inbox)
        await stack.enter_async_context(inbox)
        app = App(list(options.secrets), inbox)
        await inbox.counts()  # fails now if the file cannot be used
        server = _Server(
            uvicorn.Config(
                app,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                limit_concurrency=_CONNECTIONS,
                timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            )
        )
        printing = asyncio.create_task(_print_and_forward(inbox, forwarder, as_json=options.json))
        serving = asyncio.create_task(server.serve(sockets=[options.sock]))
        stop = _stop_signal()
        _announce(options)
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait((serving, stopped, printing), return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
        printing.cancel()
        with suppress(asyncio.CancelledError):
            await printing
        if not options.json:
            typer.echo("stopped")


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl-C cancels the task instead
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _announce(options: ListenOptions) -> None:
    where = "memory only, lost when this process ends" if options.inbox is None else str(options.inbox)
    sys.stderr.write(f"listening on {address(options.sock)} (events in {where})\n")
    sys.stderr.write("the vendor delivers to https only: point a tunnel or a reverse proxy here\n")
    sys.stderr.flush()


async def _print_and_forward(inbox: Inbox, forwarder: Forwarder | None, *, as_json: bool) -> None:
    """Print each event and forward it; an event that the other receiver does not accept is retried."""
    async for delivery in inbox:
        try:
            async with delivery:
                _print_once(delivery, as_json=as_json)
                if forwarder is not None:
                    await forwarder.send(delivery.message)
        except ForwardError as error:
            sys.stderr.write(f"not forwarded ({error}); it will be retried: {delivery.key}\n")


def _print_once(delivery: Delivery, *, as_json: bool) -> None:
    if delivery.attempt > 1:
        return
    try:
        print_event(delivery.event, as_json=as_json)
    except UnreadableEventError as error:
        sys.stderr.write(f"{error}: {delivery.key}\n")
