"""Which results a page has: the vendor's page sizes, and the faults that disturb pages and sessions."""

from collections.abc import Sequence
from typing import TypeVar

from attrs import frozen

from ..account.state import Call, State

__all__ = ["PageWindow", "page_at", "page_size", "page_window"]

T = TypeVar("T")


@frozen
class PageWindow:
    """The results of a page: `size` of them from `start` on."""

    start: int
    size: int

    def of(self, results: Sequence[T]) -> Sequence[T]:
        """Those of all results that are on the page."""
        return results[self.start : self.start + self.size]


def page_size(state: State, requested: int, cap: int | None = None) -> int:
    """The size that is used in place of the requested one; `cap` is the operation's own maximum."""
    settings = state.settings
    maximum = min(size for size in (requested, cap, settings.page_max) if size is not None)
    return max(settings.page_min, maximum)


def page_window(state: State, call: Call, number: int, requested: int, cap: int | None = None) -> PageWindow:
    """The page that is answered when the page `number`, from 0, of the `requested` size is asked for."""
    size = page_size(state, requested, cap)
    return page_at(call, number * size, size)


def page_at(call: Call, offset: int, size: int) -> PageWindow:
    """The page that is answered when the one from `offset` on is asked for."""
    if call.paging_fault == "page-ignored":
        offset = 0
    elif call.paging_fault == "pages-repeat":
        offset = min(offset, size)
    return PageWindow(max(0, offset - call.shift), size)
