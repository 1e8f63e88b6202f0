"""The synthetic companies; each fact is a function of the seed and the index."""

import hashlib
import re
from typing import Any

from attrs import frozen

from ...operations import COMPANY_REVEALS
from .columns import Column, shuffled
from .vocabulary import (
    AREA_CODES,
    COMPANY_KINDS,
    COMPANY_NOUNS,
    COMPANY_QUALITIES,
    COMPANY_TYPES,
    FUNDING_ROUNDS,
    INDUSTRIES,
    INTENT_TOPICS,
    PLACES,
    SIZES,
    TECHNOLOGIES,
    Place,
    Size,
)

__all__ = ["BASIC_FACTS", "Companies", "Company", "StandIn", "normal_domain", "normal_name"]

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
_MIN_SIZE = 211  # above every period, so that no column repeats within one company's staff
_DOMAIN_PERCENT = 80  # of the domains outside the population have a stand-in
_NAME_PERCENT = 55
_NEVER_FOUND = (".invalid", ".test", ".localhost")


@frozen
class StandIn:
    """A company for a name or domain outside the population, with the facts of another company.

    Its name is the requested one; its domain is a reserved one derived from it.
    """

    key: str


@frozen(kw_only=True)
class Company:
    """The identity of a company; its facts are those of `index`."""

    index: int
    name: str
    domain: str
    token_key: int | str
    """The source of its id: an index, or the key of a stand-in."""


class Companies:
    """The companies of a seed."""

    def __init__(self, *, seed: int, size: int) -> None:
        self.seed = seed
        self._size = _prime_from(max(size, _MIN_SIZE))
        self.places: Column[Place] = shuffled(
            seed, "company place", 59, [(p, 2 if p.iso2 == "US" else 1) for p in PLACES]
        )
        self.industries = shuffled(seed, "industry", 43, [(industry, 1) for industry in INDUSTRIES])
        self.sizes: Column[Size] = shuffled(seed, "size", 31, SIZES)
        self.types = shuffled(seed, "company type", 37, COMPANY_TYPES)
        self.founded = shuffled(seed, "founded", 47, [(year, 1) for year in range(1978, 2025)])
        self.models = shuffled(seed, "business model", 7, [(("B2B",), 4), (("B2C",), 2), (("B2B", "B2G"), 1)])
        self.technologies = Column(_bundles(seed, "technology", TECHNOLOGIES, 53, 4))
        self.intents = Column(_bundles(seed, "intent", INTENT_TOPICS, 71, 2))
        self.intent_scores = shuffled(seed, "intent score", 73, [(score, 1) for score in range(20, 93)])
        self.funding = shuffled(seed, "funding", 41, [(count, 1) for count in range(len(FUNDING_ROUNDS) + 1)])
        self.parents = shuffled(seed, "parent", 13, [(0, 9), (1, 3), (2, 1)])
        self.growth = shuffled(seed, "growth", 29, [(percent, 1) for percent in range(-14, 15)])

    def __len__(self) -> int:
        return self._size

    def get(self, ref: int | StandIn) -> Company:
        """The company of an index or stand-in."""
        if isinstance(ref, StandIn):
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
        repeat = ref // _NAMES
        tail = f" {repeat + 1}" if repeat else ""
        name = f"{quality} {noun} {kind}{tail}"
        return Company(index=ref, name=name, domain=_slug(name) + ".example", token_key=ref)

    def by_domain(self, text: str) -> "int | StandIn | None":
        """The company of a domain: one of the population, or a stand-in for 80 % of the others."""
        domain = normal_domain(text)
        if domain.endswith(".example"):
            own = self._by_words(domain.removesuffix(".example").split("-"))
            if own is not None:
                return own
        if not domain or domain.endswith(_NEVER_FOUND):
            return None
        key = f"domain:{domain}"
        return StandIn(key) if _hash(self.seed, f"found {key}") % 100 < _DOMAIN_PERCENT else None

    def by_name(self, text: str) -> "int | StandIn | None":
        """The company of a name: one of the population, or a stand-in for 55 % of the others."""
        name = normal_name(text)
        own = self._by_words(name.split())
        if own is not None:
            return own
        key = f"name:{' '.join(text.split())[:120]}"
        found = _hash(self.seed, f"found name:{name}") % 100 < _NAME_PERCENT
        return StandIn(key) if name and found else None

    def _by_words(self, words: list[str]) -> int | None:
        repeat = 0
        if len(words) == 4 and words[3].isascii() and words[3].isdigit() and 1 < int(words[3]) < 10**9:
            repeat = int(words.pop()) - 1
        if len(words) != 3:
            return None
        try:
            residues = [
                _POSITIONS[kind][word.lower()]
                for kind, word in zip(("quality", "noun", "kind"), words, strict=True)
            ]
        except KeyError:
            return None
        index = _chinese_remainder(residues) + repeat * _NAMES
        return index if index < self._size else None

    def preview(self, company: Company, token: str) -> dict[str, Any]:
        """The search result."""
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
            "has": [*BASIC_FACTS, *self.premium_facts(index)],
            "canReveal": [{"field": fact, "credits": 1} for fact in self.premium_facts(index)],
        }

    def premium_facts(self, index: int) -> tuple[str, ...]:
        """The names of the premium facts that are not null."""
        generations = self.parents.at(index)
        missing = {"directParent", "ultimateParent"} if not generations else set[str]()
        if not self.intents.at(index):
            missing.add("intent")
        return tuple(fact for fact in COMPANY_REVEALS if fact not in missing)

    def profile(self, company: Company, token: str) -> dict[str, Any]:
        """The enrichment, without premium facts."""
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

    def _employee_count(self, index: int, size: Size) -> dict[str, int]:
        high = size.high if size.high is not None else 10_000_000
        exact = size.low + index * 7919 % (min(high, 4 * size.low + 9) - size.low + 1)
        return {"exact": exact, "min": size.low, "max": high}

    def employees(self, index: int) -> int:
        """The exact number of employees."""
        return self._employee_count(index, self.sizes.at(index))["exact"]

    def funding_rounds(self, index: int) -> tuple[str, ...]:
        """The funding rounds of the company, oldest first."""
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


def _location(place: Place) -> dict[str, str]:
    location = {
        "city": place.city,
        "state": place.state,
        "stateCode": place.state_code,
        "country": place.country,
        "countryIso2": place.iso2,
        "continent": place.continent,
    }
    return {name: value for name, value in location.items() if value is not None}


def normal_domain(text: str) -> str:
    """The lower-case host of a domain or URL, without `www.`."""
    host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", text.strip().lower())
    host = re.split(r"[/?#]", host, maxsplit=1)[0].rsplit("@", 1)[-1].split(":")[0].strip(".")
    return host.removeprefix("www.")


def normal_name(text: str) -> str:
    """A company's name in lower case, with single spaces."""
    return " ".join(text.lower().split())


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "unnamed"


def _hash(seed: int, text: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"{seed}:{text}".encode(), digest_size=8).digest(), "big")


def _bundles(
    seed: int, name: str, choices: tuple[str, ...], period: int, max_size: int
) -> tuple[tuple[str, ...], ...]:
    """`period` bundles of up to `max_size` choices each."""
    counts = shuffled(seed, f"{name} count", period, [(count, 1) for count in range(max_size + 1)])
    starts = shuffled(seed, f"{name} start", period, [(start, 1) for start in range(len(choices))])
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
