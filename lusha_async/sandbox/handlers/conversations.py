"""Conversations: recorded meetings and their transcripts.

With `query` every other filter is ignored. A transcript is paid each time, also the same one again. Source:
the vendor's pages on conversations; many names of members are inferred from their prose.
"""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ..account.state import Call, State
from ..api.answers import Answer, standard
from ..population.signals import day_text
from . import envelope

__all__ = ["HANDLERS"]

_HELD = 60
_FIRST_DAY = 20_650  # counted from 1970
_TITLES = ("Discovery call", "Product demo", "Pricing", "Kick-off", "Quarterly review", "Security questions")


def search(state: State, call: Call) -> Answer:
    """A page of conversations; those that are not finished are left out."""
    found = [place for place in range(_HELD) if not _unfinished(place) and _meets(state, place, call.body)]
    page, size = int(call.body.get("page", 0)), int(call.body.get("pageSize", 25))
    shown = [_conversation(state, place) for place in found[page * size : (page + 1) * size]]
    quantities = {"conversationsSearch": len(shown)}
    charged = state.books.charge(call.now, call.request_id, call.operation.name, quantities)
    told = {"page": page, "pageSize": size, "total": len(found)}
    return envelope.results(call, shown, charged, pagination=told)


def transcript(state: State, call: Call) -> Answer:
    """What was said; one answer of 404 for unknown, foreign and unfinished conversations."""
    wanted = call.params["conversationId"]
    place = next((place for place in range(_HELD) if _id(state, place) == wanted), None)
    if place is None or _unfinished(place):
        raise standard(404, "Resource not found")
    charged = state.books.charge(call.now, call.request_id, call.operation.name, {"conversationsTranscript": 1})
    first, last = state.population.people.name(place)
    lines = ("Good morning.", f"We look at {_TITLES[place % len(_TITLES)].lower()} today.", "Thank you, goodbye.")
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


def _id(state: State, place: int) -> str:
    raw = hashlib.blake2b(f"{state.settings.seed}:conversation:{place}".encode(), digest_size=16).digest()
    return str(UUID(bytes=raw, version=4))


def _unfinished(place: int) -> bool:
    return place % 10 == 9


def _date(place: int) -> str:
    return day_text(_FIRST_DAY - 3 * place)


def _meets(state: State, place: int, asked: Mapping[str, Any]) -> bool:
    title, company = _TITLES[place % len(_TITLES)], state.companies.get(place)
    name = " ".join(state.population.people.name(place)).lower()
    if asked.get("query"):
        return str(asked["query"]).lower() in f"{title} {company.name} {name}".lower()
    return (
        asked.get("dateFrom", "") <= _date(place) <= asked.get("dateTo", "9999-12-31")
        and (not asked.get("companyDomains") or company.domain in asked["companyDomains"])
        and (not asked.get("contactNames") or any(part.lower() in name for part in asked["contactNames"]))
        and (
            not asked.get("meetingTitles") or any(part.lower() in title.lower() for part in asked["meetingTitles"])
        )
        and (not asked.get("conversationIds") or _id(state, place) in asked["conversationIds"])
    )


def _conversation(state: State, place: int) -> dict[str, Any]:
    analysed = place % 7 != 3
    company = state.companies.get(place)
    return {
        "conversationId": _id(state, place),
        "title": _TITLES[place % len(_TITLES)],
        "date": _date(place),
        "company": {"id": state.company_token(company), "name": company.name, "domain": company.domain},
        "summary": f"A talk with {company.name}" if analysed else None,
        "actionItems": ["Send the offer"] if analysed else [],
        "risks": [],
        "objections": ["Price"] if analysed and place % 2 else [],
        "competitorMentions": [],
        "coaching": {"talkRatio": 0.4} if analysed else None,
        "chapters": [{"title": "Opening", "startTime": 0}] if analysed else None,
    }


HANDLERS = {"searchConversations": search, "getConversationTranscript": transcript}
