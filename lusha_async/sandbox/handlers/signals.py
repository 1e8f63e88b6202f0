"""Signals: events at people and companies, by type and date.

Charged for each event returned. `linkedinActivityIntent` covers the last 90 days and at most 50 events. Source:
the vendor's reference.
"""

import hashlib
from collections.abc import Mapping
from functools import partial
from typing import Any

from ..account.state import Call, State
from ..api.answers import Answer
from ..population.signals import day_text
from . import table_rows
from .common import COMPANIES, CONTACTS, Entities, Ref

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


def signals(state: State, call: Call, *, entities: Entities[Ref]) -> Answer:
    """The events of each entity in the requested days, by type. The envelope has no `requestId`."""
    names = state.signals.types(entities.kind, call.body["signalTypes"])
    start, end = state.date_range(call.body)
    limit = int(call.body.get("maxResultsPerSignal", 100))
    categories = set(call.body.get("filters", {}).get("include", {}).get("intentCategories", ()))
    items: list[dict[str, Any]] = []
    count = 0
    for text in call.body["ids"]:
        ref = entities.by_id(state, text)
        error = entities.error(state, ref)
        if ref is None or error is not None:
            # the reference describes no error of a company
            items.append({"id": text, "error": error} if entities.kind == "contact" else {"id": text})
            continue
        index = entities.index(state, ref)
        item: dict[str, Any] = {"id": text}
        if entities.kind == "company":
            summary = entities.summary(state, ref)
            item |= {"companyName": summary["name"], "domain": summary["domain"]}
        for name in names:
            days = state.signals.days(entities.kind, index, name, start, end, limit=limit)
            events = [event(state, entities.kind, index, name, day) for day in days]
            if categories and name == "linkedinActivityIntent":
                events = [
                    post for post in events if categories & {topic["category"] for topic in post["intentTopics"]}
                ]
            item[name] = events
            count += len(events)
        items.append(item)
    charged = state.charge(call, {entities.price_key("showSignals"): count})
    known = [item["id"] for item in items if len(item) > 1 and "error" not in item]
    return Answer(
        payload={
            "results": items,
            "startDate": day_text(start),
            "endDate": day_text(end),
            **table_rows.write(state, call, known, signals=True),
            "billing": {"creditsCharged": charged, "resultsReturned": len(known)},
        }
    )


def event(state: State, kind: str, index: int, name: str, day: int) -> dict[str, Any]:
    """An event as signals and webhooks show it."""
    if kind == "contact":
        return _job_event(state, index, name, day)
    if name == "linkedinActivityIntent":
        return _post(state, index, day)
    date = {"signalDate": day_text(day)}
    if name in NEWS_EVENTS:
        company = state.companies.get(index)
        kinds = NEWS_EVENTS[name]
        topic = kinds[(index + day) % len(kinds)]
        return date | {
            "signalId": hashlib.blake2b(f"{name}{index}{day}".encode(), digest_size=8).hexdigest(),
            "eventType": topic,
            "eventSummary": f"{company.name}: {topic}",
            "articleTitle": f"{topic.capitalize()} at {company.name}",
            "articlePublishedDate": day_text(day),
            "articleUrl": f"https://news.example/{name}/{index}/{day}",
        }
    return date | {"changePercent": 5 + (index + day) % 40}


def _job_event(state: State, index: int, name: str, day: int) -> dict[str, Any]:
    people = state.population.people
    company, role, before = people.employer(index), people.roles.at(index), people.previous_role(index)
    change = {
        "signalDate": day_text(day),
        "currentTitle": role.title,
        "currentCompanyName": company.name,
        "currentDomain": company.domain,
        "currentDepartments": [{"id": 1, "value": role.department}],
        "previousTitle": before.title,
    }
    if name == "companyChange":
        previous = state.companies.get((company.index + 11) % len(state.companies))
        change |= {"previousCompanyName": previous.name, "previousDomain": previous.domain}
    return change


def _post(state: State, index: int, day: int) -> dict[str, Any]:
    topics = state.companies.intents.at(index) or ("Lead Generation",)
    author = (index + day) % len(state.population.people)
    first, last = state.population.people.name(author)
    return {
        "companyId": index,
        "activityPublicationDate": day_text(day),
        "signalCategory": "buying intent",
        "intentTopics": [
            {"topic": topic, "category": INTENT_CATEGORIES[(index + position) % len(INTENT_CATEGORIES)]}
            for position, topic in enumerate(topics)
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


HANDLERS = {
    "getContactSignals": partial(signals, entities=CONTACTS),
    "getCompanySignals": partial(signals, entities=COMPANIES),
}
