"""Which pages to request of a query with a dedupe session: one after the other. Pure."""

from typing import TypeVar

from attrs import mutable

from .paging import FetchedPage, PageSpec, PagingRules, PlacedPage

__all__ = ["SessionPaging"]

T = TypeVar("T")


@mutable(kw_only=True)
class SessionPaging:
    """The state of a query with a dedupe session: each page depends on the one before, so none is prefetched.

    Within a session the vendor returns each row once.
    """

    rules: PagingRules
    size: int
    session: str | None = None
    position: int = 0
    total: int | None = None
    exact: bool = False
    ended: bool = False

    def next_page(self, wanted: int | None, *, in_flight: bool) -> PageSpec | None:
        """The next page, or None while another one is `in_flight` or not read to its end."""
        if self.ended or in_flight or (wanted is not None and wanted <= 0):
            return None
        size = self.size if wanted is None else max(self.rules.min_size, min(self.size, wanted))
        return PageSpec(offset=self.position, size=size, step=size, rows=size, session=self.session)

    def observe(self, page: PageSpec, fetched: FetchedPage[T]) -> None:
        """Nothing to learn: there is no page in front of it."""

    def place(self, page: PageSpec, fetched: FetchedPage[T]) -> PlacedPage:
        """The offsets of the page's rows."""
        self.session = fetched.session or page.session
        self.position = page.offset + len(fetched.rows)
        return PlacedPage(skip=0, start=page.offset, end=self.position)

    def conclude(
        self, fetched: FetchedPage[T], placed: PlacedPage, *, received: int, barren: bool
    ) -> tuple[str, ...]:
        """Decide whether the page that was placed is the last."""
        self.ended = not (fetched.rows if fetched.has_more is None else fetched.has_more)
        return ()

    def promises_more(self, fetched: FetchedPage[T], placed: PlacedPage) -> bool:
        """Whether the vendor says that there are rows after this page."""
        return fetched.has_more is True

    def is_short(self, received: int) -> bool:
        """Whether the vendor has counted more rows than were received; it does not count them."""
        return False

    def is_complete(self, received: int) -> bool:
        """Whether all rows that the vendor has counted were received; it does not count them."""
        return False

    @property
    def lost(self) -> bool:
        """Whether there are more rows and no session to ask for them."""
        return self.session is None and not self.ended
