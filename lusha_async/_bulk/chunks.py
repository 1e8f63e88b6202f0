"""Inputs, lazily, in chunks: from any iterable or async iterable, also endless ones."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from ..errors import InvalidRequestError

__all__ = ["Chunks", "Source"]

I = TypeVar("I")  # noqa: E741

Source = Iterable[I] | AsyncIterable[I]


class Chunks(Generic[I]):
    """Chunks of up to `size` inputs. `changed` is called when `take` may have something new.

    An iterable is read only when a chunk is taken. An async one is read by a task of its own, which stays at
    most one chunk ahead and closes what it read when it leaves; a chunk that is not full is given once its first
    input has waited `max_delay` seconds. What the source raises, a cancellation of its own included, comes out of
    `take`, after the inputs read before it. A text or a mapping is refused: its characters or keys are no inputs.
    """

    def __init__(self, source: Source[I], size: int, max_delay: float, changed: Callable[[], None]) -> None:
        given: Any = source
        if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable | AsyncIterable):
            raise InvalidRequestError("inputs", "give an iterable of inputs; a single one in a list")
        self.size = size
        self.total = len(source) if hasattr(source, "__len__") else None  # type: ignore[arg-type]
        self.ended = False
        self.read = 0
        self._max_delay = max_delay
        self._changed = changed
        self._held: list[I] = []
        self._error: BaseException | None = None
        self._plain = None if isinstance(source, AsyncIterable) else iter(source)
        self._source = source if isinstance(source, AsyncIterable) else None
        self._reader: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._due = False

    def take(self, most: int) -> list[I] | None:
        """A chunk of at most `most` inputs, or None when there is none (yet: see `ended`)."""
        if self.ended:
            return None
        if self._plain is not None:
            return self._take_plain(most)
        if self._reader is None:
            self._reader = asyncio.get_running_loop().create_task(self._read())
        if len(self._held) >= self.size or (self._held and (self._due or self._reader.done())):
            chunk, self._held = self._held[:most], self._held[most:]
            self._stop_timer()
            if self._held:
                self._start_timer()
            self._room.set()
            return chunk
        if self._reader.done():
            self._end()
        return None

    def _take_plain(self, most: int) -> list[I] | None:
        assert self._plain is not None  # noqa: S101
        chunk: list[I] = []
        if self._error is None:
            try:
                for item in self._plain:
                    chunk.append(item)
                    if len(chunk) == most:
                        break
            except Exception as error:
                self._error = error
        self.read += len(chunk)
        if not chunk:
            self._end()
        return chunk or None

    def _end(self) -> None:
        self.ended = True
        if self._error is not None:
            raise self._error

    async def _read(self) -> None:
        assert self._source is not None  # noqa: S101
        try:
            source = aiter(self._source)
            try:
                await self._hold_all(source)
            finally:
                close = getattr(source, "aclose", None)
                if close is not None:
                    await close()
        except (Exception, asyncio.CancelledError) as error:
            if not self.ended:
                self._error = error
        finally:
            asyncio.get_running_loop().call_soon(self._changed)  # when this task is done

    async def _hold_all(self, source: AsyncIterator[I]) -> None:
        async for item in source:
            self._held.append(item)
            self.read += 1
            if len(self._held) == 1:
                self._start_timer()
            if len(self._held) >= self.size:
                self._room.clear()
                self._changed()
                await self._room.wait()

    def _overdue(self) -> None:
        self._due = True
        self._changed()

    def _start_timer(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._max_delay, self._overdue)

    def _stop_timer(self) -> None:
        self._due = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def close(self) -> None:
        """Read no more."""
        self.ended = True
        self._stop_timer()
        if self._reader is not None:
            self._reader.cancel()

    async def aclose(self) -> None:
        """`close`, and wait until the source is closed."""
        self.close()
        if self._reader is not None:
            await asyncio.wait({self._reader})
