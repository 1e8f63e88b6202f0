"""Signals: what happened to people and companies, by type and date, and the scores made of it.

Charged for each event that is returned. `linkedinActivityIntent` goes back 90 days and gives 50 events at
most, whatever was asked for. Source: the vendor's reference.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from ..account.state import Call, State
from ..api.answers import Answer, business
from ..api.signal_types import COMPANY_SIGNALS, CONTACT_SIGNALS
from ..population import Guest
from ..population.signals import day_text
from . import envelope, table_rows
from .contacts import identified
from .envelope import COMPANY_NOT_FOUND, CONTACT_NOT_FOUND, RESTRICTED, echo

__all__ = ["HANDLERS", "INTENT_CATEGORIES", "NEWS_EVENTS", "event"]

NEWS_EVENTS: Mapping[str, tuple[str, ...]] = {
    "riskNews": ("lawsuit", "layoffs", "recall"),
    "commercialActivityNews": ("contract won", "partnership"),
    "corporateStrategyNews": ("acquisition", "expansion", "new office"),
    "financialEventsNews": ("funding round", "results"),
    "peopleNews": ("hire", "departure"),
    "marketIntelligenceNews": ("award", "report"),
    "productActivityNews": ("launch", "update"),
}
INTENT_CATEGORIES = ("Business", "Consumer Technology", "Finance", "Human Resources", "Marketing", "Technology")
_UNSCORED_PER_100 = 3


def contact_signals(state: State, call: Call) -> Answer:
    """Job changes and promotions of people."""
    names = state.signals.types("contact", call.body["signalTypes"])
    start, end = state.span(call.body)
    found: list[dict[str, Any]] = []
    events = 0
    for text in call.body["ids"]:
        index = state.population.person(text)
        if index is None or state.population.people.restricted(index):
            found.append({"id": text, "error": CONTACT_NOT_FOUND if index is None else RESTRICTED})
            continue
        item: dict[str, Any] = {"id": text}
        for name in names:
            days = state.signals.days("contact", index, name, start, end, most=_most(call))
            item[name] = [event(state, "contact", index, name, day) for day in days]
            events += len(days)
        found.append(item)
    return _told(state, call, found, {"showSignalsContact": events})


def company_signals(state: State, call: Call) -> Answer:
    """Events at companies, by type."""
    names = state.signals.types("company", call.body["signalTypes"])
    start, end = state.span(call.body)
    wanted = set(call.body.get("filters", {}).get("include", {}).get("intentCategories", ()))
    found: list[dict[str, Any]] = []
    events = 0
    for text in call.body["ids"]:
        ref = state.population.company(text)
        if ref is None:
            found.append({"id": text})  # its description leaves no room for an error
            continue
        company = state.companies.get(ref)
        item: dict[str, Any] = {"id": text, "companyName": company.name, "domain": company.domain}
        for name in names:
            days = state.signals.days("company", company.index, name, start, end, most=_most(call))
            told = [event(state, "company", company.index, name, day) for day in days]
            if wanted and name == "linkedinActivityIntent":
                told = [post for post in told if wanted & {topic["category"] for topic in post["intentTopics"]}]
            item[name] = told
            events += len(told)
        found.append(item)
    return _told(state, call, found, {"showSignalsCompany": events})


def _most(call: Call) -> int:
    return int(call.body.get("maxResultsPerSignal", 100))


def _told(state: State, call: Call, found: list[dict[str, Any]], quantities: Mapping[str, int]) -> Answer:
    """The envelope of signals, which has no `requestId`."""
    charged = state.books.charge(call.now, call.request_id, call.operation.name, quantities)
    start, end = state.span(call.body)
    known = [item["id"] for item in found if len(item) > 1 and "error" not in item]
    return Answer(
        payload={
            "results": found,
            "startDate": day_text(start),
            "endDate": day_text(end),
            **table_rows.write(state, call, known, signals=True),
            "billing": {"creditsCharged": charged, "resultsReturned": len(known)},
        }
    )


def event(state: State, kind: str, index: int, name: str, day: int) -> dict[str, Any]:
    """One event as signals and webhooks tell it."""
    if kind == "contact":
        return _job_event(state, index, name, day)
    if name == "linkedinActivityIntent":
        return _post(state, index, day)
    told = {"signalDate": day_text(day)}
    if name in NEWS_EVENTS:
        company = state.companies.get(index)
        kinds = NEWS_EVENTS[name]
        topic = kinds[(index + day) % len(kinds)]
        return told | {
            "signalId": hashlib.blake2b(f"{name}{index}{day}".encode(), digest_size=8).hexdigest(),
            "eventType": topic,
            "eventSummary": f"{company.name}: {topic}",
            "articleTitle": f"{topic.capitalize()} at {company.name}",
            "articlePublishedDate": day_text(day),
            "articleUrl": f"https://news.example/{name}/{index}/{day}",
        }
    return told | {"changePercent": 5 + (index + day) % 40}


def _job_event(state: State, index: int, name: str, day: int) -> dict[str, Any]:
    people = state.population.people
    company, role, before = people.employer(index), people.roles.at(index), people.previous_role(index)
    told = {
        "signalDate": day_text(day),
        "currentTitle": role.title,
        "currentCompanyName": company.name,
        "currentDomain": company.domain,
        "currentDepartments": [{"id": 1, "value": role.department}],
        "previousTitle": before.title,
    }
    if name == "companyChange":
        previous = state.companies.get((company.index + 11) % len(state.companies))
        told |= {"previousCompanyName": previous.name, "previousDomain": previous.domain}
    return told


def _post(state: State, index: int, day: int) -> dict[str, Any]:
    topics = state.companies.intents.at(index) or ("Lead Generation",)
    author = (index + day) % len(state.population.people)
    first, last = state.population.people.name(author)
    return {
        "companyId": index,
        "activityPublicationDate": day_text(day),
        "signalCategory": "buying intent",
        "intentTopics": [
            {"topic": topic, "category": INTENT_CATEGORIES[(index + place) % len(INTENT_CATEGORIES)]}
            for place, topic in enumerate(topics)
        ],
        "author": {
            "id": state.person_token(author),
            "fullName": f"{first} {last}",
            "linkedinUrl": state.population.people.linkedin(author),
        },
        "contactsMentioned": [],
        "companiesMentioned": [],
        "activityUrl": f"https://www.linkedin.example/posts/{index}-{day}",
        "activitySummary": None,
        "activityLikes": (index + day) % 90,
        "activityComments": day % 9,
        "activityShares": day % 4,
        "activityType": "post",
    }


def contact_scores(state: State, call: Call) -> Answer:
    """The share of signal types that are active, for people."""
    found: list[dict[str, Any]] = []
    for item in identified(call.body["contacts"]):
        index = state.find_person(item)
        if index is None:
            asked = {"id": item["id"]} if "id" in item else {}
            found.append(echo(item) | asked | {"error": CONTACT_NOT_FOUND})
            continue
        first, last = state.population.people.name(index)
        company = state.population.people.employer(index)
        told = {
            "id": state.person_token(index),
            "fullName": f"{first} {last}",
            "company": {"id": state.company_token(company), "name": company.name, "domain": company.domain},
        }
        found.append(echo(item) | told | _score(state, "contact", index, CONTACT_SIGNALS))
    return _scored(state, call, found, "signalScoreContact")


def company_scores(state: State, call: Call) -> Answer:
    """The share of signal types that are active, for companies."""
    found: list[dict[str, Any]] = []
    for item in one_identity_each(call.body["companies"]):
        ref, asked = find_scored(state, item)
        if ref is None:
            found.append(echo(item) | {"id": asked, "error": COMPANY_NOT_FOUND})
            continue
        company = state.companies.get(ref)
        told = {"id": state.company_token(company), "name": company.name, "domain": company.domain}
        found.append(echo(item) | told | _score(state, "company", company.index, COMPANY_SIGNALS))
    return _scored(state, call, found, "signalScoreCompany")


def one_identity_each(items: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The items, each of which has to name its company in exactly one way; 400 otherwise."""
    for position, item in enumerate(items):
        if sum(bool(item.get(name)) for name in ("id", "domain", "name", "email")) != 1:
            raise business(f"companies.{position} must contain exactly one of id, domain, name, or email")
    return items


def find_scored(state: State, item: Mapping[str, Any]) -> tuple[int | Guest | None, str]:
    """The company, and what was asked for: of an address only the domain counts."""
    if "email" in item:
        item = {"domain": item["email"].rpartition("@")[2]}
    asked = next(str(item[name]) for name in ("id", "domain", "name") if name in item)
    return state.find_company(item), asked


def _score(state: State, kind: str, index: int, names: tuple[str, ...]) -> dict[str, Any]:
    digest = hashlib.blake2b(f"{state.settings.seed}:score:{kind}:{index}".encode(), digest_size=2).digest()
    if int.from_bytes(digest, "big") % 100 < _UNSCORED_PER_100:
        return {"error": {"code": "NO_SCORE", "message": "No score is available"}}
    active = state.signals.active(kind, index, names, *state.span({}))
    return {
        "signalScore": round(len(active) / len(names), 4),
        "signalTypes": active,
        "noActiveSignals": not active,
    }


def _scored(state: State, call: Call, found: list[dict[str, Any]], key: str) -> Answer:
    quantities = {key: envelope.count_found(found)}
    charged = state.books.charge(call.now, call.request_id, call.operation.name, quantities)
    return envelope.results(call, found, charged)


HANDLERS = {
    "getContactSignals": contact_signals,
    "getCompanySignals": company_signals,
    "getContactSignalScores": contact_scores,
    "getCompanySignalScores": company_scores,
}
