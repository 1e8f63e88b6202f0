"""Async iterators that are left in good order."""

import abc
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Generic, Self, TypeVar

__all__ = ["ClosingIterator"]

T = TypeVar("T")


class ClosingIterator(AsyncIterator[T], Generic[T]):
    """An async iterator that is also an `async with` block, whose end closes it."""

    @abc.abstractmethod
    async def aclose(self) -> None:
        """Leave. Safe to call twice."""

    def __aiter__(self) -> Self:
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
