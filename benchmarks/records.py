"""Synthetic responses for the benchmarks: as complete as the vendor's examples, with undocumented members."""

from typing import Any

__all__ = ["companies", "contacts"]


def contacts(count: int) -> dict[str, Any]:
    """The answer to an enrichment of `count` people."""
    return {
        "requestId": "00000000-0000-4000-8000-000000000001",
        "results": [_contact(number) for number in range(count)],
        "billing": {"creditsCharged": 6 * count, "resultsReturned": count},
        "status": "completed",
    }


def companies(count: int) -> dict[str, Any]:
    """The answer to an enrichment of `count` companies."""
    return {
        "requestId": "00000000-0000-4000-8000-000000000002",
        "results": [_company(number) for number in range(count)],
        "billing": {"creditsCharged": count, "resultsReturned": count},
    }


def _job(number: int) -> dict[str, Any]:
    return {"title": f"Engineer {number}", "departments": ["Engineering & Technical"], "seniority": "Senior"}


def _contact(number: int) -> dict[str, Any]:
    return {
        "id": f"v1.c{number:030d}",
        "firstName": f"Ada{number}",
        "lastName": f"Sample{number}",
        "fullName": f"Ada{number} Sample{number}",
        "jobTitle": {**_job(number), "startDate": "2024-03-01"},
        "location": {
            "country": "Israel",
            "countryIso2": "IL",
            "state": "Tel Aviv",
            "city": "Tel Aviv",
            "continent": "Asia",
            "coordinates": [34.78, 32.08],
            "isEuContact": False,
        },
        "tags": [],
        "emails": [
            {
                "email": f"ada{number}@example.com",
                "type": "work",
                "confidence": "A+",
                "updateDate": "2026-05-01",
                "dataSource": "lusha",
                "credits": 1,
            }
        ],
        "phones": [
            {
                "number": f"+1555010{number:04d}",
                "type": kind,
                "doNotCall": False,
                "updateDate": "2026-05-01",
                "dataSource": "lusha",
                "credits": 5,
            }
            for kind in ("mobile", "direct")
        ],
        "company": {
            "id": f"v1.f{number:030d}",
            "name": "Sample Ltd",
            "domain": "example.com",
            "industry": "Software",
        },
        "socialLinks": {"linkedin": f"https://www.linkedin.example/in/ada{number}", "xUrl": None},
        "previousEmployment": [
            {"company": {"name": "Before Inc", "domain": "before.example"}, "jobTitle": _job(number)}
        ],
        "updateDate": "2026-05-01",
        "partialProfile": False,
        "linkedinConnections": 500,
        "linkedinFollowers": 812,
        "newMember": {"nested": [1, 2, 3]},
    }


def _place(number: int) -> dict[str, Any]:
    return {
        "city": "Boston",
        "state": "Massachusetts",
        "stateCode": "MA",
        "country": "United States",
        "countryIso2": "US",
        "continent": "North America",
        "zipCode": f"{number:05d}",
    }


def _company(number: int) -> dict[str, Any]:
    return {
        "id": f"v1.f{number:030d}",
        "name": f"Sample {number} Ltd",
        "alternativeName": f"Sample {number}",
        "domain": f"sample{number}.example",
        "alternativeDomains": [f"sample{number}.test", f"sample-{number}.example"],
        "description": "Makes samples of all that can be sampled, for those who sample. " * 6,
        "companyType": "Private Company",
        "yearFounded": 1999,
        "employeeCount": {"exact": 1200, "min": 1001, "max": 5000},
        "industry": "Technology",
        "subIndustry": "Software",
        "specialities": [f"speciality {place}" for place in range(12)],
        "industryTags": ["Software", "Data"],
        "sicCodes": [{"code": 7372, "description": "Prepackaged Software"}],
        "naicsCodes": [{"code": 511210, "description": "Software Publishers"}],
        "companyOffering": "B2B",
        "emailDomain": f"sample{number}.example",
        "additionalIndustries": [{"industry": "Media", "subIndustry": "Publishing"}],
        "estimatedAnnualItSpend": {"value": 1000000, "currency": "USD", "valueUsd": 1000000},
        "monthlyWebsiteTraffic": {"visits": 120000, "momChangePercent": -1.5, "month": "2026-04"},
        "location": _place(number),
        "additionalLocations": [_place(number + place) for place in range(3)],
        "socialLinks": {
            "linkedin": f"https://www.linkedin.example/company/s{number}",
            "facebook": None,
            "x": None,
        },
        "linkedinFollowers": 40000,
        "revenueRange": {"min": 1000000, "max": 10000000},
        "funding": {"rounds": [{"type": "seed", "amount": 1, "date": "Nov 10, 2021"}], "total": 1},
        "intent": {"topics": [{"name": "CRM", "score": 61}]},
        "technologies": [f"Technology {place}" for place in range(60)],
        "popularityTier": 3,
        "logoUrl": f"https://logo.example/{number}.png",
        "employeesByDepartment": [{"department": f"Department {place}", "count": place} for place in range(12)],
        "employeesByLocation": [
            {"country": f"Country {place}", "state": None, "count": place} for place in range(10)
        ],
        "employeesBySeniority": [{"seniority": f"Level {place}", "count": place} for place in range(8)],
        "competitors": [
            {"id": f"v1.k{place}", "name": f"Rival {place}", "domain": f"rival{place}.example"}
            for place in range(5)
        ],
        "businessModel": ["B2B"],
        "keywords": [f"keyword {place}" for place in range(15)],
        "homepageUrl": f"https://sample{number}.example",
        "emails": [{"email": f"info@sample{number}.example"}],
        "phones": [{"number": "+15550100"}],
        "directParent": None,
        "newMember": "not known yet",
    }
