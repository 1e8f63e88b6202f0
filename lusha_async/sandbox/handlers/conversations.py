"""Conversations: recorded meetings and their transcripts.

With `query` all other filters are ignored. A transcript is charged each time, repeats included. Source: the
vendor's pages on conversations; many names of members are inferred from their prose.
"""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ..account.state import Call, State
from ..api.answers import Answer, standard_error
from ..population.signals import day_text
from .common import paid_results
from .paging import page_window

__all__ = ["HANDLERS"]

_COUNT = 60
_NEWEST_DAY = 20_650  # counted from 1970
_TITLES = ("Discovery call", "Product demo", "Pricing", "Kick-off", "Quarterly review", "Security questions")


def search(state: State, call: Call) -> Answer:
    """A page of conversations, without unfinished ones."""
    found = [number for number in range(_COUNT) if not _unfinished(number) and _matches(state, number, call.body)]
    number = int(call.body.get("page", 0))
    page = page_window(state, call, number, int(call.body.get("pageSize", 25)))
    shown = [_conversation(state, number) for number in page.of(found)]
    pagination = {"page": number, "pageSize": page.size, "total": len(found)}
    return paid_results(state, call, shown, "conversationsSearch", pagination=pagination)


def transcript(state: State, call: Call) -> Answer:
    """The transcript. Unknown and unfinished conversations answer 404."""
    wanted = call.params["conversationId"]
    number = next((number for number in range(_COUNT) if _id(state, number) == wanted), None)
    if number is None or _unfinished(number):
        raise standard_error(404, "Resource not found")
    charged = state.charge(call, {"conversationsTranscript": 1})
    first, last = state.population.people.name(number)
    lines = ("Good morning.", f"We look at {_TITLES[number % len(_TITLES)].lower()} today.", "Thank you, goodbye.")
    segments = [
        {"speaker": speaker, "startTime": 12 * step, "endTime": 12 * step + 9, "text": text}
        for step, (speaker, text) in enumerate(zip((f"{first} {last}", "You", "You"), lines, strict=True))
    ]
    return Answer(
        payload={
            "requestId": call.request_id,
            "conversationId": wanted,
            "segments": segments,
            "billing": {"creditsCharged": charged, "resultsReturned": 1},
        }
    )


def _id(state: State, number: int) -> str:
    raw = hashlib.blake2b(f"{state.settings.seed}:conversation:{number}".encode(), digest_size=16).digest()
    return str(UUID(bytes=raw, version=4))


def _unfinished(number: int) -> bool:
    return number % 10 == 9


def _date(number: int) -> str:
    return day_text(_NEWEST_DAY - 3 * number)


def _matches(state: State, number: int, filters: Mapping[str, Any]) -> bool:
    title, company = _TITLES[number % len(_TITLES)], state.companies.get(number)
    name = " ".join(state.population.people.name(number)).lower()
    if filters.get("query"):
        return str(filters["query"]).lower() in f"{title} {company.name} {name}".lower()
    return (
        filters.get("dateFrom", "") <= _date(number) <= filters.get("dateTo", "9999-12-31")
        and (not filters.get("companyDomains") or company.domain in filters["companyDomains"])
        and (not filters.get("contactNames") or any(part.lower() in name for part in filters["contactNames"]))
        and (
            not filters.get("meetingTitles")
            or any(part.lower() in title.lower() for part in filters["meetingTitles"])
        )
        and (not filters.get("conversationIds") or _id(state, number) in filters["conversationIds"])
    )


def _conversation(state: State, number: int) -> dict[str, Any]:
    analysed = number % 7 != 3
    company = state.companies.get(number)
    return {
        "conversationId": _id(state, number),
        "title": _TITLES[number % len(_TITLES)],
        "date": _date(number),
        "company": {"id": state.company_token(company), "name": company.name, "domain": company.domain},
        "summary": f"A talk with {company.name}" if analysed else None,
        "actionItems": ["Send the offer"] if analysed else [],
        "risks": [],
        "objections": ["Price"] if analysed and number % 2 else [],
        "competitorMentions": [],
        "coaching": {"talkRatio": 0.4} if analysed else None,
        "chapters": [{"title": "Opening", "startTime": 0}] if analysed else None,
    }


HANDLERS = {"searchConversations": search, "getConversationTranscript": transcript}
