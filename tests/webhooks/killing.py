"""A receiver that is killed at random moments under load: what it acknowledged, and what is left of it."""

import asyncio
import multiprocessing
import random
import socket
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import uvicorn
from attrs import define, field

from lusha_async.webhooks import App, Event, SQLiteInbox

from .sending import SECRET, payload, signed

__all__ = ["KillReport", "Life", "kill_receivers"]

_FORKS = multiprocessing.get_context("forkserver")
_SENDERS = 8


@define
class KillReport:
    """What the senders know, by payload id, and what the consumers wrote."""

    kills: int = 0
    sent: int = 0
    acknowledged: set[str] = field(factory=set)
    handled: list[str] = field(factory=list)
    seconds: float = 0.0


def _receive(sock: socket.socket, inbox: Path, ledger: Path, secret: str) -> None:
    """A receiver with a consumer, in a process of its own, until it is killed."""

    async def handle(event: Event) -> None:
        with ledger.open("a") as file:
            file.write(f"{event.key}\n")

    async def main() -> None:
        app = App(secret, inbox)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        async with asyncio.TaskGroup() as group:
            group.create_task(app.inbox.consume(handle, concurrency=2, lease=5))
            group.create_task(server.serve(sockets=[sock]))

    asyncio.run(main())


async def _send(port: int, numbers: Iterator[int], report: KillReport) -> None:
    """Deliver until the receiver is killed; record what it acknowledges."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            while True:
                content = payload(next(numbers))
                body, headers = signed(content, at=time.time())
                lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                head = f"POST / HTTP/1.1\r\nHost: x\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
                report.sent += 1
                writer.write(head.encode() + body)
                response = await reader.readuntil(b"}")
                assert b" 201 " in response.splitlines()[0], response
                report.acknowledged.add(content["id"])
        finally:
            writer.close()
    except (ConnectionError, asyncio.IncompleteReadError):
        return


@define
class Life:
    """A receiver's process, from its start to its kill. `port` is that of the socket it listens on."""

    port: int
    _process: Any

    @classmethod
    async def start(cls, inbox: Path, ledger: Path, *, secret: str = SECRET, port: int = 0) -> "Life":
        """Start it; connections are accepted from now on, and refused after its end."""
        _FORKS.set_forkserver_preload(["uvicorn", "lusha_async.webhooks", __name__])
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(("127.0.0.1", port))
            sock.listen(64)
            process = _FORKS.Process(target=_receive, args=(sock, inbox, ledger, secret))
            await asyncio.to_thread(process.start)
            return cls(sock.getsockname()[1], process)

    async def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        await asyncio.to_thread(self._process.join)


async def _one_life(inbox: Path, ledger: Path, numbers: Iterator[int], report: KillReport, moment: float) -> None:
    """Start a receiver, load it, kill it after `moment` seconds."""
    life = await Life.start(inbox, ledger)
    try:
        senders = [asyncio.create_task(_send(life.port, numbers, report)) for _ in range(_SENDERS)]
        await asyncio.sleep(moment)
    finally:
        await life.kill()
    report.kills += 1
    async with asyncio.timeout(20):
        await asyncio.gather(*senders)


async def kill_receivers(folder: Path, *, times: int, seed: int) -> KillReport:
    """Kill `times` receivers of one inbox at random moments; then handle what is left, and report."""
    inbox, ledger = folder / "inbox.db", folder / "handled.txt"
    report, numbers, chance = KillReport(), count(1), random.Random(seed)
    started = time.monotonic()
    for _ in range(times):
        await _one_life(inbox, ledger, numbers, report, chance.uniform(0.0, 0.25))
    report.handled = ledger.read_text().split() if ledger.exists() else []

    later = time.time() + 3600  # when the leases of the killed consumers have ended
    async with SQLiteInbox(inbox, clock=lambda: later) as left:
        while True:
            leases, _ = await left.claim(max_events=100, lease=60)
            if not leases:
                break
            for lease in leases:
                report.handled.append(lease.message.key)
                await left.ack(lease)
        assert (await left.counts()).dead == 0
    report.seconds = time.monotonic() - started
    return report
