"""`lusha-async webhooks listen`: the receiver.

Receiving comes first: an event is stored and acknowledged whatever becomes of the terminal, and shown and forwarded
afterwards.
"""

import asyncio
import signal
import socket
from collections.abc import Generator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path

import uvicorn
from attrs import field, frozen

from ...sandbox.serve.sockets import address
from ...webhooks import App, Inbox, InboxError, MemoryInbox, SQLiteInbox, UnreadableEventError
from ...webhooks._forwarding import Forwarder, ForwardError
from ...webhooks.delivery import Delivery
from ..text import say
from .connections import at_most, protocol
from .show import print_event

__all__ = ["ListenOptions", "listen"]

_REQUESTS = 1200
_SPARE_DESCRIPTORS = 64  # for the inbox, the terminal and the other receiver
_SHUTDOWN_SECONDS = 9
_RETRY_SECONDS = 1.0


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
    """Receive, print and forward deliveries until SIGINT or SIGTERM, then finish the requests in progress."""
    async with AsyncExitStack() as stack:
        stack.callback(options.sock.close)
        forwarder = (
            await stack.enter_async_context(Forwarder(options.forward)) if options.forward is not None else None
        )
        inbox: Inbox = MemoryInbox() if options.inbox is None else SQLiteInbox(options.inbox)
        await stack.enter_async_context(inbox)
        app = App(list(options.secrets), inbox)
        await inbox.counts()  # fails now if the file cannot be used
        backlog, most_headless = _room()
        server = _Server(
            uvicorn.Config(
                at_most(_REQUESTS, app),
                http=protocol(most_headless),
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                backlog=backlog,
                timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            )
        )
        serving = asyncio.create_task(server.serve(sockets=[options.sock]))
        stop = _stop_signal()
        _announce(options)
        showing = asyncio.create_task(_show_all(inbox, forwarder, as_json=options.json))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait((serving, stopped), return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
        showing.cancel()
        with suppress(asyncio.CancelledError):
            await showing
        if not options.json:
            say("stopped")


def _room() -> tuple[int, int]:
    """How many connections may be accepted at once, and how many may be without a head: the descriptors must last.

    asyncio accepts a whole backlog before it closes anything, and when descriptors run out, it neither stops there nor
    comes back within a second.
    """
    try:
        import resource
    except ImportError:
        return 100, _REQUESTS
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(8, min(100, soft // 8)), max(8, min(4 * _REQUESTS, (soft - _SPARE_DESCRIPTORS) // 2))


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl-C cancels the task instead
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _announce(options: ListenOptions) -> None:
    where = "memory only, lost when this process ends" if options.inbox is None else str(options.inbox)
    say(f"listening on {address(options.sock)} (events in {where})", err=True)
    say("the vendor delivers to https only: point a tunnel or a reverse proxy here", err=True)


async def _show_all(inbox: Inbox, forwarder: Forwarder | None, *, as_json: bool) -> None:
    """Show and forward each event, for as long as the receiver runs: a file that is locked or full is tried again."""
    while True:
        try:
            async for delivery in inbox:
                await _show(delivery, forwarder, as_json=as_json)
            return
        except InboxError as error:
            say(f"the inbox failed ({error}); trying again", err=True)
            await asyncio.sleep(_RETRY_SECONDS)


async def _show(delivery: Delivery, forwarder: Forwarder | None, *, as_json: bool) -> None:
    """Print an event once, and forward it; one that the other receiver does not accept is retried."""
    try:
        async with delivery:
            if delivery.attempt == 1:
                _print(delivery, as_json=as_json)
            if forwarder is not None:
                await forwarder.send(delivery.message)
    except ForwardError as error:
        say(f"not forwarded ({error}); it will be retried: {delivery.key}", err=True)


def _print(delivery: Delivery, *, as_json: bool) -> None:
    try:
        shown = print_event(delivery.event, as_json=as_json)
    except UnreadableEventError as error:
        say(f"{error}: {delivery.key}", err=True)
    else:
        if not shown and not as_json:
            say(f"received {delivery.key}", err=True)  # while standard error can still be read
