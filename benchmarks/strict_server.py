"""A server that enforces rate limits strictly, in its own process: `python -m benchmarks.strict_server`.

Each line on standard input is the JSON of a `Course`; the server prints the port on which it serves it. Requests are
counted when they arrive, after a delay on the way, and answered when they were worked on and came back; a 429 takes no
work. `GET /report` returns the counts of that port. It speaks a minimal HTTP/1.1 to use little CPU time.
"""

import asyncio
import json
import math
import random
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from attrs import asdict, define, field, frozen

from benchmarks.ways import WORKS, Way

__all__ = ["Course", "serving"]


@frozen(kw_only=True)
class Course:
    """What one port does. `way`, `back` and `work` are names of `benchmarks.ways`.

    `windows` are (name, limit, seconds); `foreign` a second count there only, `others` in the second as well: evenly,
    always or in the first seconds of each period of `burst`.
    """

    rule: str = "sliding"
    way: str = "none"
    back: str = "none"
    work: str = "none"
    rate: int = 25
    others: float = 0.0
    burst: tuple[float, float] | None = None
    windows: tuple[tuple[str, int, float], ...] = ()
    aligned: bool = False
    foreign: float = 0.0
    seed: int = 1


@define
class _Second:
    rule: str
    rate: int
    _times: deque[float] = field(factory=deque)
    _level: float = 0.0
    _seen: float = 0.0

    def admits(self, now: float) -> bool:
        if self.rule == "bucket":
            self._level = max(0.0, self._level - (now - self._seen) * self.rate)
            self._seen = now
            if self._level + 1 > self.rate + 1e-9:
                return False
            self._level += 1
            return True
        begin = now - 1 if self.rule == "sliding" else math.floor(now)
        while self._times and (self._times[0] <= begin if self.rule == "sliding" else self._times[0] < begin):
            self._times.popleft()
        if len(self._times) >= self.rate:
            return False
        self._times.append(now)
        return True


@define
class _Window:
    name: str
    limit: int
    length: float
    aligned: bool
    used: int = 0
    end: float = 0.0
    past: list[int] = field(factory=list)

    def settle(self, now: float) -> None:
        if self.end and now >= self.end:
            self.past.append(self.used)
            self.used = 0
            self.end = 0.0
        if not self.end and self.aligned:
            self.end = (math.floor(now / self.length) + 1) * self.length

    def count(self, now: float) -> None:
        self.used += 1
        self.end = self.end or now + self.length


class _Account:
    def __init__(self, course: Course) -> None:
        self.course = course
        self.second = _Second(course.rule, course.rate)
        self.windows = [_Window(name, limit, length, course.aligned) for name, limit, length in course.windows]
        self.let_in: list[float] = []
        self.refused: dict[str, list[float]] = {}
        self.foreign = 0
        self.others = [0, 0]
        dice = random.Random(course.seed)
        self.dice = dice
        self.way, self.back = Way(course.way, random.Random(dice.random())), Way(course.back, dice)
        self.busy = 0

    def judge(self, now: float) -> tuple[bool, str]:
        for window in self.windows:
            window.settle(now)
        for window in reversed(self.windows):
            if window.used >= window.limit:
                return False, window.name
        if not self.second.admits(now):
            return False, "second"
        for window in self.windows:
            window.count(now)
        return True, ""

    def arrived(self, answer: Callable[[bytes], None]) -> None:
        """A request arrived: `answer` is called with the response when it is back."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        fine, why = self.judge(now)
        if fine:
            self.let_in.append(now)
            self.busy += 1
            done = now + WORKS[self.course.work](self.dice, self.busy)
        else:
            self.refused.setdefault(why, []).append(now)
            done = now

        def finish() -> None:
            self.busy -= fine
            if fine:
                response = _http("200 OK", {}, self._headers())
            else:
                response = _http("429 Too Many Requests", {"message": "Too many requests."}, self._headers())
            at(self.back.arrives(loop.time()), answer, response)

        at(done, finish)

    def _headers(self) -> str:
        return "".join(
            f"x-rate-limit-{window.name}: {window.limit}\r\n"
            f"x-{window.name}-requests-left: {window.limit - window.used}\r\n"
            for window in self.windows
        )

    def report(self) -> bytes:
        return _http(
            "200 OK",
            {
                "let_in": self.let_in,
                "refused": self.refused,
                "foreign": self.foreign,
                "others": self.others,
                "windows": {window.name: [*window.past, window.used] for window in self.windows},
            },
            "",
        )

    async def be_others(self) -> None:
        began = time.monotonic()
        while True:
            await asyncio.sleep(self.dice.uniform(0.9, 1.1) / self.course.others)
            now = time.monotonic()
            if self.course.burst is None or (now - began) % self.course.burst[1] < self.course.burst[0]:
                self.others[self.second.admits(now)] += 1

    async def be_foreign(self) -> None:
        dice = random.Random(self.course.seed)
        while True:
            await asyncio.sleep(dice.expovariate(self.course.foreign))
            now = time.monotonic()
            for window in self.windows:
                window.settle(now)
            if all(window.used < window.limit for window in self.windows):
                for window in self.windows:
                    window.count(now)
                self.foreign += 1


def _http(status: str, payload: dict[str, Any], headers: str) -> bytes:
    body = json.dumps(payload).encode()
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n{headers}\r\n".encode() + body


def at(time: float, callback: Callable[..., None], *arguments: Any) -> None:
    """Call at once if it is due: a timer would take a turn of the loop."""
    loop = asyncio.get_running_loop()
    if time <= loop.time():
        callback(*arguments)
    else:
        loop.call_at(time, callback, *arguments)


class _Connection(asyncio.Protocol):
    def __init__(self, account: _Account) -> None:
        self.account, self.buffer = account, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            request, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
            if request.startswith(b"GET /report"):
                self.transport.write(self.account.report())
                continue
            arrives = self.account.way.arrives(asyncio.get_running_loop().time())
            at(arrives, self.account.arrived, self.answer)

    def answer(self, response: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(response)


async def _main() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    tasks = []
    while line := await reader.readline():
        course = Course(**json.loads(line))
        account = _Account(course)
        server = await loop.create_server(lambda a=account: _Connection(a), "127.0.0.1", 0)
        if course.others:
            tasks.append(asyncio.create_task(account.be_others()))
        if course.foreign:
            tasks.append(asyncio.create_task(account.be_foreign()))
        print(server.sockets[0].getsockname()[1], flush=True)


@contextmanager
def serving(courses: list[Course]) -> Iterator[list[str]]:
    """A server process with one port for each course; gives their base URLs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.strict_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        urls = []
        for course in courses:
            process.stdin.write(json.dumps(asdict(course)) + "\n")
            process.stdin.flush()
            urls.append(f"http://127.0.0.1:{int(process.stdout.readline())}")
        yield urls
    finally:
        process.stdin.close()
        process.terminate()
        process.wait()
        process.stdout.close()


if __name__ == "__main__":
    asyncio.run(_main())
