"""The synthetic companies: every fact a function of the seed and the index."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

from attrs import frozen

from .columns import Column, dealt
from .vocabulary import (
    AREA_CODES,
    COMPANY_KINDS,
    COMPANY_NOUNS,
    COMPANY_QUALITIES,
    COMPANY_TYPES,
    DEPARTMENTS,
    FUNDING_ROUNDS,
    INDUSTRIES,
    INTENT_TOPICS,
    PLACES,
    SENIORITIES,
    SIZES,
    TECHNOLOGIES,
    Place,
    Size,
)

__all__ = ["BASIC_FACTS", "PREMIUM_FACTS", "Companies", "Company", "Guest", "normal_domain", "normal_name"]

PREMIUM_FACTS = (
    "employeesByDepartment",
    "employeesByLocation",
    "employeesBySeniority",
    "competitors",
    "intent",
    "estimatedAnnualItSpend",
    "monthlyWebsiteTraffic",
    "openJobsTotal",
    "directParent",
    "ultimateParent",
)
"""What is revealed only when asked for, and charged where it is not null."""

BASIC_FACTS = (
    "alternativeName",
    "alternativeDomains",
    "description",
    "companyType",
    "yearFounded",
    "subIndustry",
    "specialities",
    "sicCodes",
    "naicsCodes",
    "additionalLocations",
    "linkedinFollowers",
    "popularityTier",
    "logoUrl",
    "businessModel",
    "emails",
    "phones",
    "keywords",
    "socialLinks",
)

_NAMES = len(COMPANY_QUALITIES) * len(COMPANY_NOUNS) * len(COMPANY_KINDS)
_SMALLEST = 211  # above every period, so that no column repeats within one company's staff
_FOUND_BY_DOMAIN = 80  # per cent of the domains that are not the sandbox's own
_FOUND_BY_NAME = 55
_NEVER = (".invalid", ".test", ".localhost")


@frozen
class Guest:
    """A company that was asked for by a name or domain of the real world: it borrows the facts of another.

    Its name is the one asked for; its domain is a reserved one that recalls it.
    """

    key: str


@frozen(kw_only=True)
class Company:
    """The identity of a company; `index` is where its facts come from."""

    index: int
    name: str
    domain: str
    token_key: int | str
    """What its id is made from: an index, or a guest's key."""


class Companies:
    """All companies of a seed."""

    def __init__(self, *, seed: int, size: int) -> None:
        self.seed = seed
        self._size = _prime_from(max(size, _SMALLEST))
        self.places: Column[Place] = dealt(
            seed, "company place", 59, [(p, 2 if p.iso2 == "US" else 1) for p in PLACES]
        )
        self.industries = dealt(seed, "industry", 43, [(industry, 1) for industry in INDUSTRIES])
        self.sizes: Column[Size] = dealt(seed, "size", 31, SIZES)
        self.types = dealt(seed, "company type", 37, COMPANY_TYPES)
        self.founded = dealt(seed, "founded", 47, [(year, 1) for year in range(1978, 2025)])
        self.models = dealt(seed, "business model", 7, [(("B2B",), 4), (("B2C",), 2), (("B2B", "B2G"), 1)])
        self.technologies = Column(_bundles(seed, "technology", TECHNOLOGIES, 53, 4))
        self.intents = Column(_bundles(seed, "intent", INTENT_TOPICS, 71, 2))
        self.intent_scores = dealt(seed, "intent score", 73, [(score, 1) for score in range(20, 93)])
        self.funding = dealt(seed, "funding", 41, [(count, 1) for count in range(len(FUNDING_ROUNDS) + 1)])
        self.parents = dealt(seed, "parent", 13, [(0, 9), (1, 3), (2, 1)])
        self.growth = dealt(seed, "growth", 29, [(percent, 1) for percent in range(-14, 15)])

    def __len__(self) -> int:
        return self._size

    def get(self, ref: int | Guest) -> Company:
        """The company at an index, or a guest."""
        if isinstance(ref, Guest):
            kind, _, text = ref.key.partition(":")
            return Company(
                index=_hash(self.seed, ref.key) % self._size,
                name=text if kind == "name" else text.split(".")[0].replace("-", " ").title(),
                domain=_slug(text) + ".example",
                token_key=ref.key,
            )
        quality = COMPANY_QUALITIES[ref % len(COMPANY_QUALITIES)]
        noun = COMPANY_NOUNS[ref % len(COMPANY_NOUNS)]
        kind = COMPANY_KINDS[ref % len(COMPANY_KINDS)]
        again = ref // _NAMES
        tail = f" {again + 1}" if again else ""
        name = f"{quality} {noun} {kind}{tail}"
        return Company(index=ref, name=name, domain=_slug(name) + ".example", token_key=ref)

    def by_domain(self, text: str) -> "int | Guest | None":
        """The company of a domain: one of the population, or a guest for four in five of all others."""
        domain = normal_domain(text)
        if domain.endswith(".example"):
            own = self._by_words(domain.removesuffix(".example").split("-"))
            if own is not None:
                return own
        if not domain or domain.endswith(_NEVER):
            return None
        key = f"domain:{domain}"
        return Guest(key) if _hash(self.seed, f"found {key}") % 100 < _FOUND_BY_DOMAIN else None

    def by_name(self, text: str) -> "int | Guest | None":
        """The company of a name: one of the population, or a guest for rather more than half of all others."""
        name = normal_name(text)
        own = self._by_words(name.split())
        if own is not None:
            return own
        key = f"name:{' '.join(text.split())[:120]}"
        found = _hash(self.seed, f"found name:{name}") % 100 < _FOUND_BY_NAME
        return Guest(key) if name and found else None

    def _by_words(self, words: list[str]) -> int | None:
        again = 0
        if len(words) == 4 and words[3].isascii() and words[3].isdigit() and 1 < int(words[3]) < 10**9:
            again = int(words.pop()) - 1
        if len(words) != 3:
            return None
        try:
            residues = [
                _POSITIONS[kind][word.lower()]
                for kind, word in zip(("quality", "noun", "kind"), words, strict=True)
            ]
        except KeyError:
            return None
        index = _chinese_remainder(residues) + again * _NAMES
        return index if index < self._size else None

    def preview(self, company: Company, token: str) -> dict[str, Any]:
        """What a search tells of it."""
        index = company.index
        place, size = self.places.at(index), self.sizes.at(index)
        return {
            "id": token,
            "name": company.name,
            "domain": company.domain,
            "employeeCount": self._employee_count(index, size),
            "industry": self.industries.at(index).main,
            "location": _location(place),
            "socialLinks": {"linkedin": f"https://www.linkedin.example/company/{_slug(company.name)}"},
            "has": [*BASIC_FACTS, *self.premium_held(index)],
            "canReveal": [{"field": fact, "credits": 1} for fact in self.premium_held(index)],
        }

    def premium_held(self, index: int) -> tuple[str, ...]:
        """The premium facts that are not null."""
        generations = self.parents.at(index)
        missing = {"directParent", "ultimateParent"} if not generations else set[str]()
        if not self.intents.at(index):
            missing.add("intent")
        return tuple(fact for fact in PREMIUM_FACTS if fact not in missing)

    def profile(self, company: Company, token: str) -> dict[str, Any]:
        """What an enrichment tells of it, without the premium facts."""
        index = company.index
        place, size, industry = self.places.at(index), self.sizes.at(index), self.industries.at(index)
        slug = _slug(company.name)
        area = AREA_CODES[index % len(AREA_CODES)]
        return {
            "id": token,
            "name": company.name,
            "alternativeName": company.name.lower(),
            "domain": company.domain,
            "homepageUrl": f"https://{company.domain}",
            "alternativeDomains": [f"www.{company.domain}"],
            "description": f"{company.name} is an invented company in {place.city}: {industry.sub.lower()}.",
            "companyType": self.types.at(index),
            "yearFounded": self.founded.at(index),
            "employeeCount": self._employee_count(index, size),
            "industry": industry.main,
            "subIndustry": industry.sub,
            "specialities": [industry.sub.lower(), *(topic.lower() for topic in self.intents.at(index))],
            "sicCodes": [{"code": industry.sic[0], "description": industry.sic[1]}],
            "naicsCodes": [{"code": industry.naics[0], "description": industry.naics[1]}],
            "emailDomain": company.domain,
            "location": {**_location(place), "zipCode": place.zip_code},
            "additionalLocations": [_location(self.places.at(index + 1))],
            "socialLinks": {"linkedin": f"https://www.linkedin.example/company/{slug}"},
            "linkedinFollowers": 50 + index * 37 % 90_000,
            "revenueRange": {"min": size.revenue_low, "max": size.revenue_high},
            **self._funding_facts(index),
            "technologies": list(self.technologies.at(index)),
            "popularityTier": 1 + index % 5,
            "logoUrl": f"https://logo.example/{slug}.png",
            "businessModel": list(self.models.at(index)),
            "emails": [{"email": f"info@{company.domain}"}],
            "phones": [{"number": f"+1{area}55501{index % 100:02d}"}],
            "keywords": [
                industry.sub.lower(),
                *(technology.lower() for technology in self.technologies.at(index)),
            ],
        }

    def premium(self, company: Company, fact: str, token_of: Any) -> Any:
        """The value of a premium fact; None where the company has none."""
        return _PREMIUM[fact](self, company.index, token_of)

    def _employee_count(self, index: int, size: Size) -> dict[str, int]:
        high = size.high if size.high is not None else 10_000_000
        exact = size.low + index * 7919 % (min(high, 4 * size.low + 9) - size.low + 1)
        return {"exact": exact, "min": size.low, "max": high}

    def employees(self, index: int) -> int:
        """The exact number of employees."""
        return self._employee_count(index, self.sizes.at(index))["exact"]

    def funding_rounds(self, index: int) -> tuple[str, ...]:
        """The rounds that the company went through, first first."""
        return FUNDING_ROUNDS[: self.funding.at(index)]

    def _funding_facts(self, index: int) -> dict[str, Any]:
        rounds = [
            {
                "currency": "USD",
                "roundAmount": 500_000 * 4**position,
                "roundType": name.replace("_", " ").title(),
                "roundDate": f"Mar {10 + position}, {min(self.founded.at(index) + 1 + position, 2025)}",
            }
            for position, name in enumerate(self.funding_rounds(index))
        ]
        if not rounds:
            return {}
        total = sum(500_000 * 4**position for position in range(len(rounds)))
        last = rounds[-1]
        return {
            "funding": {
                "rounds": rounds[::-1],
                "totalRounds": len(rounds),
                "totalRoundsAmount": total,
                "currency": "USD",
                "isIpo": self.types.at(index) == "Public Company",
                "lastRoundType": last["roundType"],
                "lastRoundAmount": last["roundAmount"],
                "lastRoundDate": last["roundDate"],
            }
        }


def _parent(companies: Companies, index: int, generation: int, token_of: Any) -> dict[str, Any] | None:
    if companies.parents.at(index) == 0:
        return None
    top = (index * 31 + 7) % len(companies)
    ref = top if generation == 2 or companies.parents.at(index) == 1 else (index * 17 + 3) % len(companies)
    parent = companies.get(ref)
    country = companies.places.at(ref).country
    return {"lushaCompanyId": token_of(parent), "name": parent.name, "domain": parent.domain, "hqCountry": country}


def _departments(companies: Companies, index: int, token_of: Any) -> list[dict[str, Any]]:
    total = companies.employees(index)
    return [
        {"department": name, "count": max(1, total // (position + 2))}
        for position, name in enumerate(DEPARTMENTS[:8])
    ]


def _locations(companies: Companies, index: int, token_of: Any) -> list[dict[str, Any]]:
    total = companies.employees(index)
    places = (companies.places.at(index + step) for step in range(3))
    return [
        {"country": place.country, "state": place.state, "count": max(1, total // (step + 2))}
        for step, place in enumerate(places)
    ]


def _seniorities(companies: Companies, index: int, token_of: Any) -> list[dict[str, Any]]:
    total = companies.employees(index)
    return [{"seniority": label, "count": max(1, total // (rank + 1))} for rank, label in SENIORITIES.items()]


def _competitors(companies: Companies, index: int, token_of: Any) -> list[dict[str, Any]]:
    rivals = (companies.get((index + step * companies.industries.period) % len(companies)) for step in (1, 2, 3))
    return [{"id": token_of(rival), "name": rival.name, "domain": rival.domain} for rival in rivals]


def _intent(companies: Companies, index: int, token_of: Any) -> dict[str, Any] | None:
    topics = companies.intents.at(index)
    if not topics:
        return None
    score = companies.intent_scores.at(index)
    return {"topics": [{"topicName": topic, "metadata": {"topicScore": score}} for topic in topics]}


def _it_spend(companies: Companies, index: int, token_of: Any) -> dict[str, Any]:
    value = 900 * companies.employees(index)
    return {"value": value, "currency": "USD", "valueUsd": value}


def _traffic(companies: Companies, index: int, token_of: Any) -> dict[str, Any]:
    visits = 120 * companies.employees(index)
    return {"visits": visits, "momChangePercent": companies.growth.at(index), "month": "2026-08"}


_PREMIUM: dict[str, Callable[[Companies, int, Any], Any]] = {
    "employeesByDepartment": _departments,
    "employeesByLocation": _locations,
    "employeesBySeniority": _seniorities,
    "competitors": _competitors,
    "intent": _intent,
    "estimatedAnnualItSpend": _it_spend,
    "monthlyWebsiteTraffic": _traffic,
    "openJobsTotal": lambda companies, index, _: companies.employees(index) // 20,
    "directParent": lambda companies, index, token_of: _parent(companies, index, 1, token_of),
    "ultimateParent": lambda companies, index, token_of: _parent(companies, index, 2, token_of),
}


def _location(place: Place) -> dict[str, str]:
    told = {
        "city": place.city,
        "state": place.state,
        "stateCode": place.state_code,
        "country": place.country,
        "countryIso2": place.iso2,
        "continent": place.continent,
    }
    return {name: value for name, value in told.items() if value is not None}


def normal_domain(text: str) -> str:
    """The bare lower-case host of what people write for a domain."""
    host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", text.strip().lower())
    host = re.split(r"[/?#]", host, maxsplit=1)[0].rsplit("@", 1)[-1].split(":")[0].strip(".")
    return host.removeprefix("www.")


def normal_name(text: str) -> str:
    """A company's name without case and needless space."""
    return " ".join(text.lower().split())


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "unnamed"


def _hash(seed: int, text: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"{seed}:{text}".encode(), digest_size=8).digest(), "big")


def _bundles(
    seed: int, name: str, choices: tuple[str, ...], period: int, most: int
) -> tuple[tuple[str, ...], ...]:
    """`period` different bundles of up to `most` choices each."""
    counts = dealt(seed, f"{name} count", period, [(count, 1) for count in range(most + 1)])
    starts = dealt(seed, f"{name} start", period, [(start, 1) for start in range(len(choices))])
    return tuple(
        tuple(choices[(starts.at(position) + 3 * step) % len(choices)] for step in range(counts.at(position)))
        for position in range(period)
    )


def _prime_from(number: int) -> int:
    while any(number % divisor == 0 for divisor in range(2, int(number**0.5) + 1)):
        number += 1
    return number


_POSITIONS = {
    kind: {word.lower(): position for position, word in enumerate(words)}
    for kind, words in (("quality", COMPANY_QUALITIES), ("noun", COMPANY_NOUNS), ("kind", COMPANY_KINDS))
}
_PERIODS = (len(COMPANY_QUALITIES), len(COMPANY_NOUNS), len(COMPANY_KINDS))
_WEIGHTS = tuple((_NAMES // period) * pow(_NAMES // period, -1, period) for period in _PERIODS)


def _chinese_remainder(residues: list[int]) -> int:
    return sum(residue * weight for residue, weight in zip(residues, _WEIGHTS, strict=True)) % _NAMES
