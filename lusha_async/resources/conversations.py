"""`client.conversations`."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypedDict, Unpack

from .._call.call import Executor
from .._call.decode import envelope
from .._json import as_count, as_object
from .._pages.paging import FetchedPage, PageSpec, PagingRules
from .._pages.stream import PageStream, Query
from .._params import checks
from ..billing.unclaimed import CallTracker
from ..errors import InvalidRequestError
from ..models.conversations import Conversation, ConversationPage, Transcript
from ..operations import BY_NAME

__all__ = ["ConversationFilters", "Conversations"]

SEARCH = BY_NAME["searchConversations"]
TRANSCRIPT = BY_NAME["getConversationTranscript"]

_PAGES = PagingRules(min_size=1, max_size=100)


class ConversationFilters(TypedDict, total=False):
    """Which conversations are listed: all by default.

    - `query`: words that occur in them. The vendor ignores all other filters beside it, so it cannot be combined.
    - `date_from`, `date_to`: the first and the last day, a `date` or YYYY-MM-DD.
    - `company_domains`, `contact_names`, `meeting_titles`, `conversation_ids`: those with one of these.
    """

    query: str | None
    date_from: str | date | None
    date_to: str | date | None
    company_domains: Iterable[str] | None
    contact_names: Iterable[str] | None
    meeting_titles: Iterable[str] | None
    conversation_ids: Iterable[str] | None


class Conversations:
    """Recorded conversations of the account, and their transcripts.

    Every method raises `InvalidRequestError` before anything is sent for an argument that the vendor would refuse, or
    another `LushaError`. Source: the vendor's conversations reference.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def list_page(
        self, *, page: int | None = None, page_size: int | None = None, **filters: Unpack[ConversationFilters]
    ) -> ConversationPage:
        """One page of conversations; see `ConversationFilters`. `page_size` is 1-100.

        Costs `conversationsSearch` for every 25 conversations or part of 25, on each call. With `page` or `page_size`
        None the vendor's defaults apply; from which number it counts pages is not documented.
        """
        body = {
            **_body(**filters),
            "page": checks.optional_integer(page, "page", 0, None),
            "pageSize": checks.optional_integer(page_size, "page_size", 1, 100),
        }
        return await _fetch_page(self._executor, body)

    def list(
        self,
        *,
        page_size: int = 100,
        limit: int | None = None,
        cursor: str | None = None,
        dedupe: bool = True,
        **filters: Unpack[ConversationFilters],
    ) -> PageStream[Conversation]:
        """The conversations that `ConversationFilters` select, as a stream.

        `limit`, `cursor` and `dedupe`: see `StreamOptions`. Costs `conversationsSearch` for every 25 conversations or
        part of 25 of a page. Pages are counted from 0, and a page that is not full is taken to be the last one; the
        vendor documents neither.
        """
        body = _body(**filters)

        async def fetch(executor: Executor, page: PageSpec, tracker: CallTracker) -> FetchedPage[Conversation]:
            fetched = await _fetch_page(executor, {**body, "page": page.number, "pageSize": page.size}, tracker)
            pagination = as_object(fetched.pagination)
            more, total = pagination.get("hasMore"), as_count(pagination.get("total"))
            if total is None and "total" in pagination:
                executor.state.drift.count(SEARCH.name, "total of another kind")
            return FetchedPage(
                rows=fetched.results,
                size=as_count(pagination.get("pageSize") or pagination.get("size")),
                total=total,
                has_more=more if isinstance(more, bool) else None,
            )

        query = Query(
            operation=SEARCH,
            rules=_PAGES,
            size=page_size,
            params=body,
            fetch=fetch,
            identity=lambda conversation: conversation.conversation_id,
        )
        return PageStream(query, self._executor, limit=limit, cursor=cursor, dedupe=dedupe)

    async def transcript(self, conversation_id: str) -> Transcript:
        """The transcript of a conversation. Costs `conversationsTranscript`, on each call.

        Raises `NotFoundError` if the conversation is unknown, not finished, or of another account.
        """
        path = {"conversationId": checks.entity_id(conversation_id, "conversation_id")}
        return envelope(await self._executor.call(TRANSCRIPT, path=path), Transcript)


async def _fetch_page(
    executor: Executor, body: Mapping[str, Any], tracker: CallTracker | None = None
) -> ConversationPage:
    return envelope(await executor.call(SEARCH, body=body, tracker=tracker), ConversationPage)


def _body(
    *,
    query: str | None = None,
    date_from: str | date | None = None,
    date_to: str | date | None = None,
    company_domains: Iterable[str] | None = None,
    contact_names: Iterable[str] | None = None,
    meeting_titles: Iterable[str] | None = None,
    conversation_ids: Iterable[str] | None = None,
) -> dict[str, Any]:
    first, last = checks.optional_date(date_from, "date_from"), checks.optional_date(date_to, "date_to")
    if first and last and last < first:
        raise InvalidRequestError("date_to", "must not be before date_from")
    others = {
        "dateFrom": first,
        "dateTo": last,
        "companyDomains": checks.optional_strings(company_domains, "company_domains"),
        "contactNames": checks.optional_strings(contact_names, "contact_names"),
        "meetingTitles": checks.optional_strings(meeting_titles, "meeting_titles"),
        "conversationIds": checks.optional_strings(conversation_ids, "conversation_ids"),
    }
    if query is not None and any(value is not None for value in others.values()):
        raise InvalidRequestError("query", "cannot be combined: the vendor ignores all other filters beside it")
    return {"query": None if query is None else checks.string(query, "query"), **others}
