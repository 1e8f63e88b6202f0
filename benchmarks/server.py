"""A small server in its own process, with the vendor's rate limit and latency, and prepared responses.

It is faster than the clients that are measured. `python -m benchmarks.server` prints its URL; `GET /stats` returns its
counts and resets them. With `--at-once` it has neither limit nor latency, and every response is the same: 100 complete
contacts.
"""

import asyncio
import json
import random
import subprocess
import sys
import urllib.request
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.records import contacts

__all__ = ["Server", "spawn"]

SECOND_LIMIT = 25
LATENCY = (0.05, 0.15)
PROSPECTS = 60_000


class _Vendor:
    """The limit and the answers. Requests are counted when they arrive, by a sliding second."""

    def __init__(self) -> None:
        self.arrivals: deque[float] = deque()
        self.reset()

    def reset(self) -> dict[str, Any]:
        told = getattr(self, "stats", {})
        self.stats = {"requests": 0, "refused": 0, "most_in_a_second": 0}
        return told

    def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        now = asyncio.get_running_loop().time()
        while self.arrivals and self.arrivals[0] <= now - 1.0:
            self.arrivals.popleft()
        self.stats["requests"] += 1
        if len(self.arrivals) >= SECOND_LIMIT:
            self.stats["refused"] += 1
            return 429, b'{"statusCode":429,"message":"Too many requests."}'
        self.arrivals.append(now)
        self.stats["most_in_a_second"] = max(self.stats["most_in_a_second"], len(self.arrivals))
        return 200, _prospects(body) if path.endswith("prospecting") else _enriched(body)


def _prospects(body: bytes) -> bytes:
    page = json.loads(body)["pagination"]
    start = page["page"] * page["size"]
    rows = [_PERSON.replace(b"@", b"%d" % number) for number in range(start, min(start + page["size"], PROSPECTS))]
    told = b'"pagination":{"page":%d,"size":%d,"total":%d}' % (page["page"], page["size"], PROSPECTS)
    return b'{"requestId":"r","results":[%s],%s,"billing":{"creditsCharged":2}}' % (b",".join(rows), told)


def _enriched(body: bytes) -> bytes:
    ids = json.loads(body)["ids"]
    rows = [_PERSON.replace(b"v1.@", str(one).encode()) for one in ids]
    charged = b'"billing":{"creditsCharged":%d,"resultsReturned":%d}' % (len(ids), len(ids))
    return b'{"requestId":"r","results":[%s],%s}' % (b",".join(rows), charged)


_PERSON = json.dumps(
    {
        "id": "v1.@",
        "firstName": "Ada",
        "lastName": "Example",
        "fullName": "Ada Example",
        "jobTitle": {"title": "Engineer", "departments": ["Engineering"], "seniority": "Senior"},
        "location": {"city": "Springfield", "country": "United States", "countryIso2": "US"},
        "company": {"id": "v1.c", "name": "Example", "domain": "example.com"},
        "emails": [{"email": "ada@example.com", "type": "work", "credits": 1}],
    },
    separators=(",", ":"),
).encode()


class _AtOnce(_Vendor):
    """Neither limit nor latency, one answer for all: what is left is the client's own work."""

    def __init__(self) -> None:
        super().__init__()
        self._people = json.dumps(contacts(100), separators=(",", ":")).encode()

    def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        self.stats["requests"] += 1
        return 200, self._people


class _Connection(asyncio.Protocol):
    """One connection of HTTP/1.1: a request at a time, each answered after the latency."""

    def __init__(self, vendor: _Vendor, draw: random.Random) -> None:
        self._vendor = vendor
        self._draw = draw
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if len(body) < length:
            return
        self._received = body[length:]
        path = head.split(b" ", 2)[1].decode()
        if path == "/stats":
            self._send(200, json.dumps(self._vendor.reset()).encode())
            return
        status, content = self._vendor.answer(path, body[:length])
        if isinstance(self._vendor, _AtOnce):
            self._send(status, content)
            return
        asyncio.get_running_loop().call_later(self._draw.uniform(*LATENCY), self._send, status, content)

    def _send(self, status: int, content: bytes) -> None:
        head = b"HTTP/1.1 %d X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        if not self._transport.is_closing():
            self._transport.write(head % (status, len(content)) + content)  # type: ignore[attr-defined]


async def _serve(vendor: _Vendor) -> None:
    draw = random.Random(1)
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(vendor, draw), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # until the parent is gone


class Server:
    """The server as its parent sees it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def stats(self) -> dict[str, int]:
        """What happened since the last time."""
        with urllib.request.urlopen(f"{self.url}/stats", timeout=10) as answer:
            told: dict[str, int] = json.load(answer)
        return told


@contextmanager
def spawn(*options: str) -> Iterator[Server]:
    """The server while the block lasts."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield Server(process.stdout.readline().strip())
        finally:
            process.terminate()


if __name__ == "__main__":
    asyncio.run(_serve(_AtOnce() if "--at-once" in sys.argv else _Vendor()))
