"""Reading inputs lazily, in chunks, from any iterable or async iterable, endless ones included."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from .._tasks import ended, start
from ..errors import InvalidRequestError

__all__ = ["Chunks", "Source"]

I = TypeVar("I")  # noqa: E741

Source = Iterable[I] | AsyncIterable[I]


_CLOSE_SECONDS = 5.0  # for the source to close in a cancelled anyio scope


class Chunks(Generic[I]):
    """Chunks of up to `size` inputs. `on_change` is called when `take` may have something new.

    An iterable is read only when a chunk is taken. An async iterable is read by a task of its own, which stays at most
    one chunk ahead and closes the iterable when it ends; a chunk that is not full is returned once its first input has
    waited `max_delay` seconds. `take` raises what the source raised, its own cancellation included, after the inputs
    read before it. Raises `InvalidRequestError` for a string or a mapping, whose characters or keys are not inputs.
    """

    def __init__(self, source: Source[I], size: int, max_delay: float, on_change: Callable[[], None]) -> None:
        iterable: Any = source
        if isinstance(iterable, str | bytes | Mapping) or not isinstance(iterable, Iterable | AsyncIterable):
            raise InvalidRequestError("inputs", "must be an iterable of inputs; put a single input into a list")
        self.size = size
        self.total = len(source) if hasattr(source, "__len__") else None  # type: ignore[arg-type]
        self.exhausted = False
        self.read = 0
        self._max_delay = max_delay
        self._on_change = on_change
        self._buffer: list[I] = []
        self._error: BaseException | None = None
        self._iterator = None if isinstance(source, AsyncIterable) else iter(source)
        self._source = source if isinstance(source, AsyncIterable) else None
        self._reader: asyncio.Task[None] | None = None
        self._has_room = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._overdue = False

    def take(self, max_inputs: int) -> list[I] | None:
        """A chunk of at most `max_inputs`, or None when there is none now (see `exhausted`)."""
        if self.exhausted:
            return None
        if self._iterator is not None:
            return self._take_from(self._iterator, max_inputs)
        if self._reader is None:
            self._reader = start(self._read())
        if len(self._buffer) >= self.size or (self._buffer and (self._overdue or self._reader.done())):
            chunk, self._buffer = self._buffer[:max_inputs], self._buffer[max_inputs:]
            self._stop_timer()
            if self._buffer:
                self._start_timer()
            self._has_room.set()
            return chunk
        if self._reader.done():
            self._end()
        return None

    def _take_from(self, iterator: Iterable[I], max_inputs: int) -> list[I] | None:
        chunk: list[I] = []
        if self._error is None:
            try:
                for item in iterator:
                    chunk.append(item)
                    if len(chunk) == max_inputs:
                        break
            except Exception as error:
                self._error = error
        self.read += len(chunk)
        if not chunk:
            self._end()
        return chunk or None

    def _end(self) -> None:
        self.exhausted = True
        if self._error is not None:
            raise self._error

    async def _read(self) -> None:
        assert self._source is not None  # noqa: S101
        try:
            iterator = aiter(self._source)
            try:
                await self._fill_buffer(iterator)
            finally:
                close = getattr(iterator, "aclose", None)
                if close is not None:
                    await close()
        except (Exception, asyncio.CancelledError) as error:
            if not self.exhausted:
                self._error = error
        finally:
            asyncio.get_running_loop().call_soon(self._on_change)  # when this task is done

    async def _fill_buffer(self, iterator: AsyncIterator[I]) -> None:
        async for item in iterator:
            self._buffer.append(item)
            self.read += 1
            if len(self._buffer) == 1:
                self._start_timer()
            if len(self._buffer) >= self.size:
                self._has_room.clear()
                self._on_change()
                await self._has_room.wait()

    def _on_timer(self) -> None:
        self._overdue = True
        self._on_change()

    def _start_timer(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._max_delay, self._on_timer)

    def _stop_timer(self) -> None:
        self._overdue = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def close(self) -> None:
        """Read no more inputs."""
        self.exhausted = True
        self._stop_timer()
        if self._reader is not None:
            self._reader.cancel()

    async def aclose(self) -> None:
        """`close`, and wait until the source is closed."""
        self.close()
        if self._reader is not None:
            await ended({self._reader}, _CLOSE_SECONDS)
