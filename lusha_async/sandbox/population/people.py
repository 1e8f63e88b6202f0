"""The synthetic people; each fact is a function of the seed and the index."""

import hashlib
from itertools import pairwise
from typing import Any

from .columns import Column, shuffled
from .companies import Companies, Company
from .vocabulary import (
    AREA_CODES,
    FIRST_NAMES,
    LAST_NAMES,
    PLACES,
    ROLES,
    SCHOOLS,
    SENIORITIES,
    SKILLS,
    Role,
)

__all__ = ["DATA_POINTS", "EMAIL_POINTS", "PHONE_POINTS", "People"]

DATA_POINTS = ("work_email", "private_email", "mobile", "direct", "work_phone")
"""The kinds of e-mails and phones that a person may have."""

EMAIL_POINTS = frozenset({"work_email", "private_email"})
PHONE_POINTS = frozenset({"mobile", "direct", "work_phone"})

_REACHES: tuple[tuple[frozenset[str], int], ...] = (
    (frozenset({"work_email", "mobile"}), 22),
    (frozenset({"work_email"}), 20),
    (frozenset({"work_email", "private_email", "mobile"}), 12),
    (frozenset({"work_email", "direct"}), 12),
    (frozenset({"work_email", "mobile", "direct", "work_phone"}), 10),
    (frozenset({"private_email"}), 6),
    (frozenset({"mobile"}), 6),
    (frozenset({"private_email", "work_phone"}), 4),
    (frozenset(), 5),
)
_RESTRICTED_PER_1000 = 5
_STAND_IN_PERCENT = {"email": 70, "linkedin": 80, "name": 60}  # of queries for people outside the population


class People:
    """The people of a seed; person `i` works at company `i mod len(companies)`."""

    def __init__(self, *, seed: int, companies: Companies, staff: int) -> None:
        self.seed = seed
        self._companies = companies
        self.staff = staff
        self._size = len(companies) * staff
        self.first_names = shuffled(seed, "first name", 127, [(name, 1) for name in FIRST_NAMES])
        self.last_names = shuffled(seed, "last name", 131, [(name, 1) for name in LAST_NAMES])
        self.roles = shuffled(seed, "role", 151, ROLES)
        self.places = shuffled(seed, "person place", 89, [(p, 2 if p.iso2 == "US" else 1) for p in PLACES])
        self.reaches = shuffled(seed, "reach", 97, _REACHES)
        self.scores = shuffled(seed, "score", 83, [(score, 1) for score in range(17, 100)])
        self.skills = shuffled(seed, "skill", 79, [((a, b), 1) for a, b in pairwise(SKILLS)])
        self.schools: Column[str] = shuffled(seed, "school", 11, [(school, 1) for school in SCHOOLS])
        self.do_not_call = shuffled(seed, "do not call", 19, [(True, 2), (False, 17)])
        self.partial = shuffled(seed, "partial", 103, [(True, 9), (False, 94)])

    def __len__(self) -> int:
        return self._size

    def employer(self, index: int) -> Company:
        """The company at which person `index` works."""
        return self._companies.get(index % len(self._companies))

    def previous_role(self, index: int) -> Role:
        """The previous role of person `index`."""
        return self.roles.at(index + 5)

    def restricted(self, index: int) -> bool:
        """Whether privacy regulations restrict the person's data."""
        return (index * 7919 + 500) % 1000 < _RESTRICTED_PER_1000

    def name(self, index: int) -> tuple[str, str]:
        """First and last name."""
        return self.first_names.at(index), self.last_names.at(index)

    def email(self, index: int) -> str:
        """The work e-mail, by which `by_email` finds the person."""
        first, last = self.name(index)
        return f"{first}.{last}.{index}@{self.employer(index).domain}".lower()

    def linkedin(self, index: int) -> str:
        """The URL of the profile, by which `by_linkedin` finds the person."""
        first, last = self.name(index)
        return f"https://www.linkedin.example/in/{first}-{last}-{index}".lower()

    def by_email(self, text: str) -> int | None:
        """The person with the e-mail: one of the population, or a stand-in for most other e-mails."""
        local, _, domain = text.strip().lower().partition("@")
        own = self._own(local.rsplit(".", 1)[-1])
        if own is not None and self.email(own) == text.strip().lower():
            return own
        if domain.endswith((".invalid", ".test", ".localhost")):
            return None
        return self._stand_in("email", f"{local}@{domain}")

    def by_linkedin(self, text: str) -> int | None:
        """The person of the profile, or a stand-in for most other profiles."""
        address = text.strip().lower().rstrip("/")
        own = self._own(address.rsplit("-", 1)[-1])
        if own is not None and self.linkedin(own) == address:
            return own
        return self._stand_in("linkedin", address.rsplit("/", 1)[-1])

    def by_name(self, first: str, last: str, company: int | None) -> int | None:
        """The person with the name at a company of the population; else (None) a stand-in for most names."""
        if company is not None:
            wanted = (first.strip().lower(), last.strip().lower())
            for row in range(self.staff):
                index = company + row * len(self._companies)
                if tuple(part.lower() for part in self.name(index)) == wanted:
                    return index
            return None
        return self._stand_in("name", f"{first} {last}".lower())

    def _own(self, digits: str) -> int | None:
        if digits.isascii() and digits.isdigit() and len(digits) < 15 and int(digits) < self._size:
            return int(digits)
        return None

    def _stand_in(self, kind: str, text: str) -> int | None:
        """A person of the population in place of one outside it; the same text gives the same person."""
        digest = hashlib.blake2b(f"{self.seed}:{kind}:{text}".encode(), digest_size=10).digest()
        if int.from_bytes(digest[:2], "big") % 100 >= _STAND_IN_PERCENT[kind]:
            return None
        return int.from_bytes(digest[2:], "big") % self._size

    def preview(self, index: int, token: str, company_token: str) -> dict[str, Any]:
        """The search result, without e-mails, phones and `canReveal`."""
        first, last = self.name(index)
        role, place, company = self.roles.at(index), self.places.at(index), self.employer(index)
        location = {"country": place.country, "city": place.city}
        if place.state:
            location["state"] = place.state
        reach = self.reaches.at(index)
        has = ["firstName", "lastName", "jobTitle", "location", "socialLinks"]
        has += ["emails"] if reach & EMAIL_POINTS else []
        has += ["phones"] if reach & PHONE_POINTS else []
        return {
            "id": token,
            "firstName": first,
            "lastName": last,
            "jobTitle": _title(role),
            "company": self._company(company, company_token),
            "location": location,
            "socialLinks": {"linkedin": self.linkedin(index)},
            "has": has,
        }

    def profile(self, index: int, token: str, company_token: str) -> dict[str, Any]:
        """The enrichment, without e-mails and phones."""
        first, last = self.name(index)
        role, place, company = self.roles.at(index), self.places.at(index), self.employer(index)
        before, start = self.previous_role(index), 1 + index % 12
        location: dict[str, Any] = {
            "country": place.country,
            "countryIso2": place.iso2,
            "city": place.city,
            "continent": place.continent,
            "coordinates": list(place.coordinates),
            "isEuContact": place.eu,
        }
        if place.state:
            location["state"] = place.state
        previous = self._companies.get((index + 11) % len(self._companies))
        return {
            "id": token,
            "firstName": first,
            "lastName": last,
            "fullName": f"{first} {last}",
            "jobTitle": {**_title(role), "startDate": f"{2016 + index % 9}-{start:02d}-01"},
            "location": location,
            "tags": [],
            "company": self._company(company, company_token),
            "socialLinks": {"linkedin": self.linkedin(index)},
            "previousEmployment": [
                {"company": {"name": previous.name, "domain": previous.domain}, "jobTitle": _title(before)}
            ],
            "updateDate": f"2026-{1 + index % 9:02d}-{1 + index % 28:02d}",
            "partialProfile": self.partial.at(index),
            "linkedinConnections": 20 + index * 31 % 480,
            "linkedinFollowers": 20 + index * 37 % 4_000,
        }

    def _company(self, company: Company, token: str) -> dict[str, Any]:
        industry = self._companies.industries.at(company.index).main
        return {"id": token, "name": company.name, "domain": company.domain, "industry": industry}

    def emails(self, index: int) -> list[dict[str, Any]]:
        """The e-mails, work first."""
        reach, date = self.reaches.at(index), f"2026-{1 + index % 9:02d}-23"
        found: list[dict[str, Any]] = []
        if "work_email" in reach:
            confidence = "A+" if self.scores.at(index) > 75 else "A"
            found.append(
                {"email": self.email(index), "type": "work", "confidence": confidence, "updateDate": date}
            )
        if "private_email" in reach:
            first, last = self.name(index)
            address = f"{first}.{last}.{index}@mail.example".lower()
            found.append({"email": address, "type": "private", "confidence": None, "updateDate": date})
        return found

    def phones(self, index: int) -> list[dict[str, Any]]:
        """The phones, all in ranges reserved for fiction."""
        date, blocked = f"2026-{1 + index % 9:02d}-11", self.do_not_call.at(index)
        area = AREA_CODES[index % len(AREA_CODES)]
        kinds = (("mobile", "mobile"), ("direct", "direct"), ("work_phone", "work"))
        return [
            {
                "number": f"+1{area}55501{(index + 7 * step) % 100:02d}",
                "type": kind,
                "doNotCall": blocked,
                "updateDate": date,
            }
            for step, (point, kind) in enumerate(kinds)
            if point in self.reaches.at(index)
        ]


def _title(role: Role) -> dict[str, Any]:
    return {"title": role.title, "departments": [role.department], "seniority": SENIORITIES[role.seniority]}
