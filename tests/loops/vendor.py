"""A vendor in a process of its own that keeps books: what it was asked for, what it charged, what it lost.

`python -m tests.loops.vendor 0.02` prints its port. It answers enrichments and searches of contacts, one credit a row,
after a short random time. It breaks off some answers (here one of fifty) after charging for them. `GET /books` returns
its books.
"""

import asyncio
import json
import random
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attrs import define, field

from tests.examples import ROOT

__all__ = ["Books", "books", "vendor"]

LOST = 0.02


@define
class Books:
    """Requests, credits of the answers that were sent whole, those of the others, and the ids charged for."""

    requests: int = 0
    credits: int = 0
    lost: int = 0
    charged: list[str] = field(factory=list)


class _Vendor:
    def __init__(self, lost: float) -> None:
        self.lost = lost
        self.books = Books()
        self.draw = random.Random(7)

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self.exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if head.startswith(b"get /books"):
            books = self.books
            self.write(writer, {name: getattr(books, name) for name in ("requests", "credits", "lost", "charged")})
            return True
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length"))
        body = json.loads(await reader.readexactly(length))
        ids = body["ids"] if "ids" in body else self.page(body["pagination"])
        self.books.requests += 1
        self.books.charged += ids
        await asyncio.sleep(self.draw.expovariate(1 / 0.02))
        if self.draw.random() < self.lost:
            self.books.lost += 1
            return False
        self.books.credits += len(ids)
        rows = [{"id": one, "firstName": "A"} for one in ids]
        answer: dict[str, Any] = {
            "results": rows,
            "billing": {"creditsCharged": len(ids), "resultsReturned": len(ids)},
        }
        if "pagination" in body:
            answer["pagination"] = {**body["pagination"], "total": 400}
        self.write(writer, answer)
        return True

    def page(self, pagination: dict[str, int]) -> list[str]:
        first = pagination["page"] * pagination["size"]
        return [f"page{number}" for number in range(first, min(first + pagination["size"], 400))]

    def write(self, writer: asyncio.StreamWriter, answer: dict[str, Any]) -> None:
        raw = json.dumps(answer).encode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(raw), raw))


async def _serve(lost: float) -> None:
    server = await asyncio.start_server(_Vendor(lost).connection, "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
    await asyncio.to_thread(sys.stdin.read)  # until whoever started it is gone


@contextmanager
def vendor(lost: float = LOST) -> Iterator[str]:
    """The URL of a new vendor, which ends with the block and loses that share of its answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.loops.vendor", str(lost)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()


def books(url: str) -> Books:
    """The vendor's books."""
    with urllib.request.urlopen(f"{url}/books", timeout=10) as answer:
        return Books(**json.load(answer))


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
