"""`client.contacts` with its streams."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Unpack

from .._call.call import Executor
from .._call.decode import read, results
from .._json import as_list, as_object
from .._pages.paging import FetchedPage, PageSpec, PagingRules
from .._pages.partition import PartitionedStream
from .._pages.stream import PageStream, Query
from ..billing.unclaimed import CallTracker
from ..models.buying_group import BuyingGroupContact
from ..models.contacts import ContactPreview
from ..models.lookalikes import ContactSeeds
from ..models.recommendations import RecommendationFilters, RecommendedContact, Sort
from . import _bodies, contacts, contacts_bodies, contacts_bulk
from ._queries import StreamOptions, by_id, numbered, pagination, session, union

__all__ = ["PROSPECTING", "RECOMMENDATIONS", "Contacts"]

PROSPECTING = PagingRules(min_size=10, max_size=100, last_page=1000, max_rows=50_000)
"""Pages 0-1000 of 10-100 rows, and at most 50,000 rows of a query."""
RECOMMENDATIONS = PagingRules(min_size=10, max_size=100, last_page=1000)
_PEOPLE = PagingRules(min_size=10, max_size=100)


class Contacts(contacts_bulk.Contacts):
    """People: single calls, many-forms, shared ones and streams."""

    def prospect(
        self,
        filters: _bodies.Filters,
        *,
        page_size: int = 50,
        partial_profiles: bool | None = None,
        exclude_dnc: bool | None = None,
        max_contacts_per_company: int | None = None,
        table_id: str | None = None,
        **how: Unpack[StreamOptions],
    ) -> PageStream[ContactPreview]:
        """All people that fit the filters, as a stream of previews; at most 50,000 can be reached.

        Costs `contactSearch` for each begun 25 rows of a page of `page_size` (10-100; the vendor may answer
        with less). `how`: see `StreamOptions`. Source: the vendor's prospecting reference.
        """
        query = _prospecting(
            filters,
            page_size=page_size,
            partial_profiles=partial_profiles,
            exclude_dnc=exclude_dnc,
            max_contacts_per_company=max_contacts_per_company,
            table_id=table_id,
        )
        return PageStream(query, self._executor, **how)

    def prospect_parts(
        self,
        filters: _bodies.Filters,
        *,
        partition_by: Mapping[str, Sequence[Any]],
        page_size: int = 50,
        partial_profiles: bool | None = None,
        exclude_dnc: bool | None = None,
        max_contacts_per_company: int | None = None,
        table_id: str | None = None,
        **how: Unpack[StreamOptions],
    ) -> PartitionedStream[ContactPreview]:
        """`prospect` for a query with more than 50,000 results: split by filters into queries that each fit.

        `partition_by` maps a path within the filters to the values that each part has there, for instance
        `{"contacts.include.seniorityIds": [[1], [2], [3]]}`; several paths make each combination a part. The
        values should not overlap, and together be all that is wanted. `await stream.plan()` tells the rows and
        the price of each part before anything but its smallest page is paid; iterating gives their union.
        The other arguments are those of `prospect`.
        """
        query = partial(
            _prospecting,
            page_size=page_size,
            partial_profiles=partial_profiles,
            exclude_dnc=exclude_dnc,
            max_contacts_per_company=max_contacts_per_company,
            table_id=table_id,
        )
        return union(self._executor, query, filters, partition_by, **how)

    def lookalikes(
        self,
        seeds: ContactSeeds | Mapping[str, Any],
        *,
        exclude: ContactSeeds | Mapping[str, Any] | None = None,
        page_size: int = 25,
        table_id: str | None = None,
        restart: bool = False,
        **how: Unpack[StreamOptions],
    ) -> PageStream[ContactPreview]:
        """People like 5-100 seeds, as a stream within one dedupe session, `page_size` (1-100) at a time.

        Each page follows from the one before, so none is asked ahead. Costs `lookalikeContact` for each begun 5
        of a page. The cursor carries the session and the rows that were paid for and not handed out yet. A session
        that is older than 30 days raises `SessionExpiredError` with the cursor, unless `restart` allows a new one,
        which may give, and charge, earlier rows again. `how`: see `StreamOptions`. Source: the vendor's lookalikes
        reference.
        """
        asks = _bodies.lookalikes_body(ContactSeeds, seeds, exclude=exclude, table_id=table_id)
        query = session(contacts.LOOKALIKES, asks, ContactPreview, size=page_size, restart=restart)
        return PageStream(query, self._executor, **how)

    def recommendations(
        self,
        *,
        filters: RecommendationFilters | Mapping[str, Any] | None = None,
        sort: Iterable[Sort | Mapping[str, Any]] | None = None,
        page_size: int = 25,
        **how: Unpack[StreamOptions],
    ) -> PageStream[RecommendedContact]:
        """All recommended people, as a stream. Needs a key owned by a member of the account.

        Costs `contactRecommendationsReveal` for each row of a page of `page_size` (10-100). `how`: see `StreamOptions`.
        Source: the vendor's recommendations reference.
        """
        template = _bodies.recommendations_body(filters=filters, sort=sort, size=page_size)
        query = numbered(contacts.RECOMMENDATIONS, RECOMMENDATIONS, template, RecommendedContact, size=page_size)
        return PageStream(query, self._executor, **how)

    def buying_group_people(
        self,
        companies: Iterable[contacts_bodies.Company],
        *,
        contacts_limit: int,
        personas: Iterable[str] | None = None,
        page_size: int = 100,
        **how: Unpack[StreamOptions],
    ) -> PageStream[BuyingGroupContact]:
        """Who decides at 1-25 companies, as a stream of people; a company that the vendor does not know has none.

        Costs `buyingGroupReveal` for each person, at most `contacts_limit` for each company. What the vendor's
        pages of 10-100 and their total count is not documented: they are taken to count people, a page that is
        not full is the last one, and none is asked ahead that the total does not promise. For one outcome for each
        company take `buying_group_many`. `how`: see `StreamOptions`. Source: the vendor's buying group reference.
        """
        template = contacts_bodies.buying_group_body(
            contacts_bodies.named_companies(companies),
            contacts_limit=contacts_limit,
            personas=personas,
            page=0,
            size=page_size,
        )
        asks = {name: value for name, value in template.items() if name != "pagination"}

        async def fetch(
            executor: Executor, page: PageSpec, tracker: CallTracker
        ) -> FetchedPage[BuyingGroupContact]:
            body = {"pagination": {"page": page.number, "size": page.size}, **asks}
            reply = await executor.call(contacts.BUYING_GROUP, body=body, tracker=tracker)
            people = [as_object(one) for group in results(reply) for one in as_list(group.get("contacts"))]
            told = pagination(reply)
            size, seen = told.size or page.size, page.offset + len(people)
            counts_people = told.total is not None and told.total >= seen
            return FetchedPage(
                rows=await read(people, BuyingGroupContact, reply),
                size=size,
                total=told.total if counts_people else seen,
                exact=counts_people,
                has_more=len(people) == size and seen != told.total,
            )

        query = Query(
            operation=contacts.BUYING_GROUP,
            rules=_PEOPLE,
            size=page_size,
            params=asks,
            fetch=fetch,
            identity=by_id,
        )
        return PageStream(query, self._executor, **how)


def _prospecting(
    filters: _bodies.Filters,
    *,
    page_size: int,
    partial_profiles: bool | None,
    exclude_dnc: bool | None,
    max_contacts_per_company: int | None,
    table_id: str | None,
) -> Query[ContactPreview]:
    """The query behind `prospect`."""
    template = contacts_bodies.prospect_body(
        filters,
        page=0,
        size=page_size,
        partial_profiles=partial_profiles,
        exclude_dnc=exclude_dnc,
        max_contacts_per_company=max_contacts_per_company,
        table_id=table_id,
    )
    return numbered(contacts.PROSPECT, PROSPECTING, template, ContactPreview, size=page_size)
