"""`client.conversations` with its stream."""

from collections.abc import Iterable
from datetime import date
from typing import Unpack

from .._call.call import Executor
from .._call.decode import envelope
from .._json import as_count, as_object
from .._pages.paging import FetchedPage, PageSpec, PagingRules
from .._pages.stream import PageStream, Query
from ..billing.unclaimed import CallTracker
from ..models.conversations import Conversation, ConversationPage
from . import conversations
from ._queries import StreamOptions

__all__ = ["Conversations"]

_PAGES = PagingRules(min_size=1, max_size=100)


class Conversations(conversations.Conversations):
    """Recorded conversations: single calls and a stream."""

    def search(
        self,
        *,
        query: str | None = None,
        date_from: str | date | None = None,
        date_to: str | date | None = None,
        company_domains: Iterable[str] | None = None,
        contact_names: Iterable[str] | None = None,
        meeting_titles: Iterable[str] | None = None,
        conversation_ids: Iterable[str] | None = None,
        page_size: int = 100,
        **how: Unpack[StreamOptions],
    ) -> PageStream[Conversation]:
        """All conversations, by the words of a `query` or else by what narrows them, as a stream.

        How the vendor counts these pages is not documented: the first one is taken to be page 0, and a page that
        is not full to be the last. Costs `conversationsSearch` for each begun 25 of a page of `page_size`
        (1-100). `how`: see `StreamOptions`. Source: the vendor's conversations reference.
        """
        asks = conversations.search_body(
            query=query,
            date_from=date_from,
            date_to=date_to,
            company_domains=company_domains,
            contact_names=contact_names,
            meeting_titles=meeting_titles,
            conversation_ids=conversation_ids,
        )

        async def fetch(executor: Executor, page: PageSpec, tracker: CallTracker) -> FetchedPage[Conversation]:
            body = {**asks, "page": page.number, "pageSize": page.size}
            answer = envelope(
                await executor.call(conversations.SEARCH, body=body, tracker=tracker), ConversationPage
            )
            told = as_object(answer.pagination)
            more = told.get("hasMore")
            return FetchedPage(
                rows=answer.results,
                size=as_count(told.get("pageSize") or told.get("size")),
                total=as_count(told.get("total")),
                has_more=more if isinstance(more, bool) else None,
            )

        source = Query(
            operation=conversations.SEARCH,
            rules=_PAGES,
            size=page_size,
            params=asks,
            fetch=fetch,
            identity=lambda row: row.conversation_id,
        )
        return PageStream(source, self._executor, **how)
