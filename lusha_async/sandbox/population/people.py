"""The synthetic people: every fact a function of the seed and the index."""

import hashlib
from itertools import pairwise
from typing import Any

from .columns import Column, dealt
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

__all__ = ["DATA_POINTS", "People"]

DATA_POINTS = ("work_email", "private_email", "mobile", "direct", "work_phone")
"""The kinds of addresses and numbers that a person may have."""

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
_FOUND_BY_OTHERS = {"email": 70, "linkedin": 80, "name": 60}  # per cent of what is not the sandbox's own


class People:
    """All people of a seed; person `i` works at company `i mod len(companies)`."""

    def __init__(self, *, seed: int, companies: Companies, staff: int) -> None:
        self.seed = seed
        self._companies = companies
        self.staff = staff
        self._size = len(companies) * staff
        self.first_names = dealt(seed, "first name", 127, [(name, 1) for name in FIRST_NAMES])
        self.last_names = dealt(seed, "last name", 131, [(name, 1) for name in LAST_NAMES])
        self.roles = dealt(seed, "role", 151, ROLES)
        self.places = dealt(seed, "person place", 89, [(p, 2 if p.iso2 == "US" else 1) for p in PLACES])
        self.reaches = dealt(seed, "reach", 97, _REACHES)
        self.scores = dealt(seed, "score", 83, [(score, 1) for score in range(17, 100)])
        self.skills = dealt(seed, "skill", 79, [((a, b), 1) for a, b in pairwise(SKILLS)])
        self.schools: Column[str] = dealt(seed, "school", 11, [(school, 1) for school in SCHOOLS])
        self.do_not_call = dealt(seed, "do not call", 19, [(True, 2), (False, 17)])
        self.partial = dealt(seed, "partial", 103, [(True, 9), (False, 94)])

    def __len__(self) -> int:
        return self._size

    def employer(self, index: int) -> Company:
        """Where person `index` works."""
        return self._companies.get(index % len(self._companies))

    def previous_role(self, index: int) -> Role:
        """What person `index` was before."""
        return self.roles.at(index + 5)

    def restricted(self, index: int) -> bool:
        """Whether privacy regulations keep the vendor from telling about the person."""
        return (index * 7919 + 500) % 1000 < _RESTRICTED_PER_1000

    def name(self, index: int) -> tuple[str, str]:
        """First and last name."""
        return self.first_names.at(index), self.last_names.at(index)

    def email(self, index: int) -> str:
        """The work address, from which the person can be found again."""
        first, last = self.name(index)
        return f"{first}.{last}.{index}@{self.employer(index).domain}".lower()

    def linkedin(self, index: int) -> str:
        """The address of the profile, from which the person can be found again."""
        first, last = self.name(index)
        return f"https://www.linkedin.example/in/{first}-{last}-{index}".lower()

    def by_email(self, text: str) -> int | None:
        """Who has the address: one of the population, or somebody for most addresses of the real world."""
        local, _, domain = text.strip().lower().partition("@")
        own = self._own(local.rsplit(".", 1)[-1])
        if own is not None and self.email(own) == text.strip().lower():
            return own
        if domain.endswith((".invalid", ".test", ".localhost")):
            return None
        return self._stand_in("email", f"{local}@{domain}")

    def by_linkedin(self, text: str) -> int | None:
        """Whose profile it is."""
        address = text.strip().lower().rstrip("/")
        own = self._own(address.rsplit("-", 1)[-1])
        if own is not None and self.linkedin(own) == address:
            return own
        return self._stand_in("linkedin", address.rsplit("/", 1)[-1])

    def by_name(self, first: str, last: str, company: int | None) -> int | None:
        """Who has the name, at the company (an index of the population, or None for any other)."""
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
        """A person of the population in place of somebody who is not in it; deterministic."""
        digest = hashlib.blake2b(f"{self.seed}:{kind}:{text}".encode(), digest_size=10).digest()
        if int.from_bytes(digest[:2], "big") % 100 >= _FOUND_BY_OTHERS[kind]:
            return None
        return int.from_bytes(digest[2:], "big") % self._size

    def preview(self, index: int, token: str, company_token: str) -> dict[str, Any]:
        """What a search tells: no address, no number. `canReveal` is the account's matter."""
        first, last = self.name(index)
        role, place, company = self.roles.at(index), self.places.at(index), self.employer(index)
        location = {"country": place.country, "city": place.city}
        if place.state:
            location["state"] = place.state
        reach = self.reaches.at(index)
        has = ["firstName", "lastName", "jobTitle", "location", "socialLinks"]
        has += ["emails"] if reach & _EMAILS else []
        has += ["phones"] if reach & _PHONES else []
        return {
            "id": token,
            "firstName": first,
            "lastName": last,
            "jobTitle": _title(role),
            "company": {
                "id": company_token,
                "name": company.name,
                "domain": company.domain,
                "industry": self._companies.industries.at(company.index).main,
            },
            "location": location,
            "socialLinks": {"linkedin": self.linkedin(index)},
            "has": has,
        }

    def profile(self, index: int, token: str, company_token: str) -> dict[str, Any]:
        """What an enrichment tells, without addresses and numbers."""
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
            "company": {
                "id": company_token,
                "name": company.name,
                "domain": company.domain,
                "industry": self._companies.industries.at(company.index).main,
            },
            "socialLinks": {"linkedin": self.linkedin(index)},
            "previousEmployment": [
                {"company": {"name": previous.name, "domain": previous.domain}, "jobTitle": _title(before)}
            ],
            "updateDate": f"2026-{1 + index % 9:02d}-{1 + index % 28:02d}",
            "partialProfile": self.partial.at(index),
            "linkedinConnections": 20 + index * 31 % 480,
            "linkedinFollowers": 20 + index * 37 % 4_000,
        }

    def emails(self, index: int) -> list[dict[str, Any]]:
        """The addresses, work first."""
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
        """The numbers: all within the ranges kept for fiction."""
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


_EMAILS = frozenset({"work_email", "private_email"})
_PHONES = frozenset({"mobile", "direct", "work_phone"})


def _title(role: Role) -> dict[str, Any]:
    return {"title": role.title, "departments": [role.department], "seniority": SENIORITIES[role.seniority]}
