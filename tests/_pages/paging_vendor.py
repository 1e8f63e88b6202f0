"""A vendor with page sizes, page numbers, totals and sessions of its own, for the tests of progress."""

from collections.abc import Callable
from typing import Any

from attrs import define, field

from lusha_async._call.call import Executor
from lusha_async._pages.paging import FetchedPage, PageSpec, PagingRules
from lusha_async._pages.stream import PageStream, Query
from lusha_async._wire.request import Request
from lusha_async.billing.unclaimed import CallTracker
from lusha_async.operations import BY_NAME
from tests.vendor import Vendor

__all__ = ["PagingVendor", "open_stream"]

OPERATIONS = {
    "numbered": BY_NAME["prospectingContacts"],
    "offset": BY_NAME["prospectingContacts"],
    "session": BY_NAME["getContactLookalikes"],
}
RULES = {
    "numbered": PagingRules(min_size=10, max_size=100, last_page=1000, max_rows=50_000),
    "offset": PagingRules(min_size=1, max_size=100, numbered=False),
    "session": PagingRules(min_size=1, max_size=100, numbered=False),
}


@define(kw_only=True, eq=False)
class PagingVendor(Vendor):
    """Answers pages of `count` rows, 0, 1, 2, ... `useful` pages brought a row not sent before, `different` ones were
    not sent before as a whole.

    `sizes` is the page size that it uses for the one asked for, `echo` the one that it states (None: none), `turn` the
    page that it answers for the one asked for, `overlap` the rows by which a page starts too early, `total` what it
    states for the number of the request, `more` whether there are more rows, given what is true.
    """

    mode: str = "numbered"
    count: int = 100
    sizes: Callable[[int], int] = lambda asked: asked
    echo: Callable[[int, int], int | None] = lambda asked, used: used
    turn: Callable[[int], int] = lambda page: page
    overlap: int = 0
    stated: Callable[[int], Any] = lambda request: None
    more: Callable[[bool], bool | None] = lambda true: None
    delay: Callable[[], float] = lambda: 0.1
    useful: int = 0
    different: int = 0
    pages: set[tuple[int, ...]] = field(factory=set)
    asked: list[Any] = field(factory=list)
    known: set[int] = field(factory=set)

    def __attrs_post_init__(self) -> None:
        super().__init__(rows=0)
        self.latency = self.delay

    def answer(self, request: Request) -> tuple[int, Any]:
        body = request.body
        asked, used = body["size"], max(1, self.sizes(body["size"]))
        self.asked.append((body["at"], asked))
        at = {
            "numbered": body["at"] * used,
            "offset": body["at"],
            "session": int((body.get("session") or "s0")[1:]),
        }[self.mode]
        page = self.turn(at // used)
        start = at if page == at // used else page * used
        rows = list(range(max(0, start - self.overlap), min(self.count, start + used)))
        self.useful += not self.known.issuperset(rows)
        self.known.update(rows)
        self.different += tuple(rows) not in self.pages
        self.pages.add(tuple(rows))
        self.charged += 1
        return 200, {
            "results": [{"id": row} for row in rows],
            "size": self.echo(asked, used),
            "total": self.stated(len(self.asked)),
            "more": self.more(at + used < self.count),
            "session": f"s{at + used}" if self.mode == "session" else None,
            "billing": {"creditsCharged": 1},
        }


async def _fetch(mode: str, calls: Executor, page: PageSpec, tracker: CallTracker) -> FetchedPage[int]:
    at = page.offset if mode == "offset" else page.number
    body = {"at": at, "size": page.size, "session": page.session}
    payload = (await calls.call(OPERATIONS[mode], body=body, tracker=tracker)).payload
    total = payload["total"]
    return FetchedPage(
        rows=[row["id"] for row in payload["results"]],
        size=payload["size"],
        total=total if type(total) is int and total >= 0 else None,
        has_more=payload["more"],
        session=payload["session"],
    )


def open_stream(
    mode: str, calls: Executor, *, size: int, identity: Any = lambda row: row, **options: Any
) -> PageStream[int]:
    """A stream of a query that is paged in that way."""

    async def fetch(executor: Executor, page: PageSpec, tracker: CallTracker) -> FetchedPage[int]:
        return await _fetch(mode, executor, page, tracker)

    query: Query[int] = Query(
        operation=OPERATIONS[mode],
        rules=RULES[mode],
        size=size,
        params={},
        fetch=fetch,
        identity=identity,
        row_codec=((lambda row: row), (lambda row: row)) if mode == "session" else None,
    )
    return PageStream(query, calls, **options)
