"""The receiver that `lusha-async webhooks listen` runs."""

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
from .show import show

__all__ = ["Listening", "listen"]

_CONNECTIONS = 1200
_CLOSING_SECONDS = 9


@frozen(kw_only=True)
class Listening:
    """What was asked for."""

    secrets: Sequence[str] = field(repr=False)
    sock: socket.socket
    inbox: Path | None
    forward: str | None
    json: bool


class _Server(uvicorn.Server):
    """Leaves the process's signals to us."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def listen(job: Listening) -> None:
    """Receive and show until a signal; then finish what was begun."""
    async with AsyncExitStack() as stack:
        stack.callback(job.sock.close)
        forwarder = await stack.enter_async_context(Forwarder(job.forward)) if job.forward is not None else None
        inbox: Inbox = MemoryInbox() if job.inbox is None else SQLiteInbox(job.inbox)
        await stack.enter_async_context(inbox)
        app = App(list(job.secrets), inbox)
        await inbox.counts()  # a file that cannot be used is told now
        server = _Server(
            uvicorn.Config(
                app,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                limit_concurrency=_CONNECTIONS,
                timeout_graceful_shutdown=_CLOSING_SECONDS,
            )
        )
        showing = asyncio.create_task(_show(inbox, forwarder, as_json=job.json))
        serving = asyncio.create_task(server.serve(sockets=[job.sock]))
        stop = _stop_signal()
        _announce(job)
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait((serving, stopped, showing), return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
        showing.cancel()
        with suppress(asyncio.CancelledError):
            await showing
        if not job.json:
            typer.echo("stopped")


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl-C cancels the task instead
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _announce(job: Listening) -> None:
    where = "memory only: they are lost with this process" if job.inbox is None else str(job.inbox)
    sys.stderr.write(f"listening on {address(job.sock)} (events in {where})\n")
    sys.stderr.write("the vendor delivers to https only: point a tunnel or a reverse proxy here\n")
    sys.stderr.flush()


async def _show(inbox: Inbox, forwarder: Forwarder | None, *, as_json: bool) -> None:
    """Show each event, and pass it on; one that is not taken there comes again."""
    async for delivery in inbox:
        try:
            async with delivery:
                _tell(delivery, as_json=as_json)
                if forwarder is not None:
                    await forwarder.send(delivery.message)
        except ForwardError as error:
            sys.stderr.write(f"not passed on ({error}); it will be tried again: {delivery.key}\n")


def _tell(delivery: Delivery, *, as_json: bool) -> None:
    if delivery.attempt > 1:
        return
    try:
        show(delivery.event, as_json=as_json)
    except UnreadableEventError as error:
        sys.stderr.write(f"{error}: {delivery.key}\n")
