"""`client.conversations`."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from .._call.call import Executor
from .._call.decode import envelope
from .._params import checks
from ..errors import InvalidRequestError
from ..models.conversations import ConversationPage, Transcript
from ..operations import BY_NAME

__all__ = ["SEARCH", "Conversations", "search_body"]

SEARCH = BY_NAME["searchConversations"]
TRANSCRIPT = BY_NAME["getConversationTranscript"]


def search_body(
    *,
    query: str | None,
    date_from: str | date | None,
    date_to: str | date | None,
    company_domains: Iterable[str] | None,
    contact_names: Iterable[str] | None,
    meeting_titles: Iterable[str] | None,
    conversation_ids: Iterable[str] | None,
) -> dict[str, Any]:
    """The body of a search for conversations, but for its page."""
    first, last = checks.optional_date(date_from, "date_from"), checks.optional_date(date_to, "date_to")
    if first and last and last < first:
        raise InvalidRequestError("date_to", "it is before date_from")
    narrowed = {
        "dateFrom": first,
        "dateTo": last,
        "companyDomains": checks.optional_strings(company_domains, "company_domains"),
        "contactNames": checks.optional_strings(contact_names, "contact_names"),
        "meetingTitles": checks.optional_strings(meeting_titles, "meeting_titles"),
        "conversationIds": checks.optional_strings(conversation_ids, "conversation_ids"),
    }
    if query is not None and any(value is not None for value in narrowed.values()):
        raise InvalidRequestError(
            "query", "the vendor ignores all other filters beside it: give one or the others"
        )
    return {"query": None if query is None else checks.string(query, "query"), **narrowed}


class Conversations:
    """Recorded conversations of the account."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def search_page(
        self,
        *,
        query: str | None = None,
        date_from: str | date | None = None,
        date_to: str | date | None = None,
        company_domains: Iterable[str] | None = None,
        contact_names: Iterable[str] | None = None,
        meeting_titles: Iterable[str] | None = None,
        conversation_ids: Iterable[str] | None = None,
        page: int | None = None,
        page_size: int | None = None,
    ) -> ConversationPage:
        """One page of conversations: by the words of a `query`, or else by what narrows them.

        The vendor ignores all else beside a `query`, so the two together are refused. `page_size` is at most 100.
        Costs `conversationsSearch` for each begun 25. Source: the vendor's conversations reference.
        """
        asks = search_body(
            query=query,
            date_from=date_from,
            date_to=date_to,
            company_domains=company_domains,
            contact_names=contact_names,
            meeting_titles=meeting_titles,
            conversation_ids=conversation_ids,
        )
        body = {
            **asks,
            "page": checks.optional_integer(page, "page", 0, None),
            "pageSize": checks.optional_integer(page_size, "page_size", 1, 100),
        }
        return envelope(await self._executor.call(SEARCH, body=body), ConversationPage)

    async def transcript(self, conversation_id: str) -> Transcript:
        """What was said. Costs `conversationsTranscript`, again on each repeat.

        `NotFoundError`: unknown, not finished, or another account's. Source: the vendor's conversations reference.
        """
        path = {"conversationId": checks.entity_id(conversation_id, "conversation_id")}
        return envelope(await self._executor.call(TRANSCRIPT, path=path), Transcript)
