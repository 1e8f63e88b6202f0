"""An answer for each operation with every member that we know of, written by us: for machines without the
vendor's description, and so that a class which lacks a member, or spells it differently, is found out.

All people, companies and numbers are made up.
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["ANSWERS"]

Answer = Mapping[str, Any]

REQUEST = {"requestId": "00000000-0000-4000-8000-000000000001"}
BILLING = {"billing": {"creditsCharged": 3, "resultsReturned": 2}}
AROUND = {**REQUEST, **BILLING}
FAULT = {"error": {"code": "NOT_FOUND", "message": "nobody of that name"}}
WRITTEN = {
    "tableWrite": {
        "tableId": "t1",
        "added": 1,
        "alreadyPresent": 0,
        "columnsCreated": 2,
        "rowsProcessed": 1,
        "rowsCharged": 1,
        "rowsAlreadyPaidInTable": 0,
        "creditsCharged": 1,
    }
}
PAGES = {"page": 0, "size": 50, "total": 120}
ESTIMATE = {**PAGES, "totalGuaranteed": False, "totalDescription": "about"}

JOB_TITLE = {
    "title": "Head of Samples",
    "departments": ["Engineering & Technical"],
    "seniority": "director",
    "startDate": "2024-02-01",
}
PLACE = {
    "city": "Haifa",
    "state": "Haifa District",
    "stateCode": "HA",
    "country": "Israel",
    "countryIso2": "IL",
    "continent": "Asia",
    "zipCode": "31000",
    "coordinates": [34.99, 32.79],
    "isEuContact": False,
}
LINKS = {"linkedin": "https://l.example/in/ada", "xUrl": "https://x.example/ada", "x": "ada", "facebook": "ada.f"}
EMPLOYER = {"id": "v1.f", "name": "Sample Ltd", "domain": "sample.example", "industry": "Software"}
CAN_REVEAL = {"has": ["emails"], "canReveal": [{"field": "emails", "credits": 1}]}
WHO = {
    "id": "v1.a",
    "firstName": "Ada",
    "lastName": "Sample",
    "jobTitle": JOB_TITLE,
    "company": EMPLOYER,
    "location": PLACE,
    "socialLinks": LINKS,
}
PREVIEW = {"clientReferenceId": "r1", **WHO, **CAN_REVEAL, "signalTypes": ["promotion"]}
PAID = {"dataSource": "lusha", "credits": 1, "updateDate": "2026-08-30"}
CONTACT = {
    "clientReferenceId": "r1",
    **WHO,
    "fullName": "Ada Sample",
    "tags": [{"id": "g1", "name": "warm", "color": "#f00"}],
    "emails": [{"email": "ada@sample.example", "type": "work", "confidence": "A+", **PAID}],
    "phones": [{"number": "+1 202 555 0143", "type": "mobile", "doNotCall": True, **PAID}],
    "previousEmployment": [{"company": EMPLOYER, "jobTitle": JOB_TITLE}],
    "updateDate": "2026-08-30",
    **CAN_REVEAL,
    "missingDataPoints": [{"type": "phone", "status": "BILLING_FAILED"}],
    "partialProfile": False,
    "linkedinConnections": 500,
    "linkedinFollowers": 1200,
}
FIRM = {
    "clientReferenceId": "r1",
    "id": "v1.f",
    "name": "Sample Ltd",
    "domain": "sample.example",
    "employeeCount": {"exact": 42, "min": 11, "max": 50},
    "industry": "Software",
    "location": PLACE,
    "socialLinks": LINKS,
    **CAN_REVEAL,
}
FIRM_PREVIEW = {**FIRM, "signalTypes": ["riskNews"]}
CODE = {"code": 7372, "description": "Software"}
PARENT = {"lushaCompanyId": "v1.p", "name": "Parent Inc", "domain": "parent.example", "hqCountry": "US"}
COMPANY = {
    **FIRM,
    "alternativeName": "Sample",
    "alternativeDomains": ["sample2.example"],
    "description": "Makes samples.",
    "companyType": "Private Company",
    "yearFounded": 1999,
    "subIndustry": "Testing",
    "specialities": ["samples"],
    "industryTags": ["SaaS"],
    "sicCodes": [CODE],
    "naicsCodes": [CODE],
    "companyOffering": "samples",
    "emailDomain": "sample.example",
    "additionalIndustries": [{"industry": "Media", "subIndustry": "Film"}],
    "estimatedAnnualItSpend": {"value": 1.5, "currency": "USD", "valueUsd": 1.5},
    "monthlyWebsiteTraffic": {"visits": 1000, "momChangePercent": -2.5, "month": "2026-08"},
    "additionalLocations": [PLACE],
    "linkedinFollowers": 10,
    "revenueRange": {"min": 1, "max": 2.5},
    "funding": {"rounds": [{"roundDate": "Nov 10, 2021"}]},
    "intent": {"topics": []},
    "technologies": ["Python"],
    "popularityTier": 3,
    "logoUrl": "https://sample.example/logo.png",
    "homepageUrl": "https://sample.example",
    "employeesByDepartment": [{"department": "Engineering", "count": 20}],
    "employeesByLocation": [{"country": "US", "state": "MA", "count": 20}],
    "employeesBySeniority": [{"seniority": "director", "count": 2}],
    "competitors": [{"id": "v1.c", "name": "Rival", "domain": "rival.example"}],
    "businessModel": ["B2B"],
    "phone": "+1 202 555 0100",
    "email": "info@sample.example",
    "phones": [{"number": "+1 202 555 0100"}],
    "emails": [{"email": "info@sample.example"}],
    "keywords": ["sample"],
    "specialitiesRefactored": ["samples"],
    "directParent": PARENT,
    "ultimateParent": PARENT,
    "openJobsTotal": 4,
}
SCORED = {"signalScore": 0.5, "signalTypes": ["promotion"], "noActiveSignals": False}
PROFILE = {"id": "p1", "name": "Profile", "score": 0.75}
FITTED = {"icpFitScore": 0.75, "topProfile": PROFILE, "profileScores": [PROFILE]}
ADVICE = {
    "leadScore": 0.9,
    "icpFitScore": 0.5,
    "signalScore": 0,
    "targetIcp": [{"id": "p1"}],
    "intentTopics": ["CRM"],
}
PEOPLE_FOUND = {"results": [PREVIEW, {**FAULT, "clientReferenceId": "r2"}]}
FIRMS_FOUND = {"results": [FIRM_PREVIEW, FAULT]}
ENDED = {"status": "partial", "statusDescription": "some", "statusReason": "CREDITS"}
JOB = {"job": {"id": "j1", "status": "processing", "expiresAt": "2026-10-09T08:00:00Z", "retryAfter": 5}}
SESSION = {"dedupeSessionId": "s1", "meta": {"returned": 1, "hasMore": True}}
DATES = {"startDate": "2026-05-01", "endDate": "2026-10-01"}
FILTERS = {"availableFilters": [{"filterType": "departments", "requiresQuery": False}]}
VALUES = {"values": [{"name": "Israel", "code": "IL"}, {"min": 1}, "text"]}
FILTERS_OF_ADVICE = {"targetIcp": [{"id": "p1"}], "signals": ["promotion"]}
VISIT = {
    **FIRM_PREVIEW,
    "score": 80,
    "scoreBand": "hot",
    "totalSessions": 4,
    "uniqueVisitors": 2,
    "avgSessionMinutes": 1.5,
    "daysVisited": 2,
    "highIntentPageviews": 1,
    "daysSinceLastVisit": 3,
    "lastVisit": "2026-10-01",
    "visitorCountry": "US",
}
WINDOW = {"limit": 1500, "used": 10, "remaining": 1490, "resetsAt": "2026-10-10T00:00:00.000Z"}
USAGE = {
    "credits": {"total": 1000, "used": 10.5, "remaining": 989.5},
    "rateLimits": {"daily": WINDOW, "hourly": None, "minute": WINDOW},
    "plan": {
        "category": "pro",
        "renewalType": "monthly",
        "startDate": "2026-01-01T00:00:00.000Z",
        "endDate": None,
    },
    "pricing": {"revealEmail": {"credits": 1, "perQuantity": 1}, "newKey": {"credits": 0.5, "perQuantity": 25}},
}
TALK = {
    "conversationId": "c1",
    "summary": {"text": "They talked."},
    "actionItems": ["call"],
    "risks": [],
    "objections": [],
    "competitorMentions": ["Rival"],
    "coaching": None,
    "chapters": [{"title": "Start"}],
}

BY_US = {"surface": "api", "createdByUserId": 7}
COLUMN = {
    "columnId": "c1",
    "name": "Email",
    "type": "lusha",
    "key": "email",
    "isDefault": True,
    "addedAt": "2026-10-01T00:00:00Z",
    "updatedAt": "2026-10-02T00:00:00Z",
    "rowsNotRun": 0,
    "rowsProcessing": 0,
    "rowsSuccess": 5,
    "rowsNoData": 1,
    "rowsFailed": 0,
}
LISTED = {
    "tableId": "t1",
    "name": "Q3",
    "entityType": "contacts",
    "visibility": "private",
    "status": "active",
    "owner": {"id": 7, "email": "owner@sample.example", "name": "Olga Owner"},
    "createdBy": BY_US,
    "workspaceUrl": "https://w.example/t1",
}
TABLE = {"data": {**LISTED, "entityCount": 6, "isProcessing": False, "columns": [COLUMN]}, **AROUND}
CELL = {"id": "c1", "name": "Email", "type": "text", "sourceType": "lusha", "value": None, "status": "no_data"}
IDS = {"invalidIds": ["v1.x"]}


def _tables(kind: str) -> dict[str, Answer]:
    return {
        **dict.fromkeys((f"create{kind}Table", f"get{kind}Table", f"update{kind}Table"), TABLE),
        f"list{kind}Tables": {"data": [LISTED], "pagination": PAGES, **AROUND},
        f"delete{kind}Table": {"tableId": "t1", "status": "deleted", **AROUND},
        f"get{kind}TableEntities": {"data": [{"id": "v1.a", "columns": [CELL]}], "pagination": PAGES, **AROUND},
        f"add{kind}TableEntities": {"data": {"added": 1, "alreadyPresent": 1, **IDS, "addedBy": BY_US}, **AROUND},
        f"remove{kind}TableEntities": {"data": {"removed": 1, **IDS}, **AROUND},
        f"list{kind}TableColumns": {"data": [COLUMN], **AROUND},
        f"remove{kind}TableColumn": {"tableId": "t1", "columnId": "c1", "removed": True, **AROUND},
        f"run{kind}TableColumn": {"data": {"columnId": "c1", "runScope": "all", "status": "processing"}, **AROUND},
    }


SUBSCRIPTION = {
    "id": "s1",
    "entityType": "contact",
    "entityId": "123",
    "signalTypes": ["promotion"],
    "url": "https://hooks.example/x",
    "name": "mine",
    "isActive": False,
    "blockReason": "Max retries exceeded",
    "blockedAt": "2026-10-01T00:00:00Z",
    "createdAt": "2026-09-01T00:00:00Z",
    "updatedAt": "2026-10-01T00:00:00Z",
}
SOME = {
    "total": 2,
    "successful": 1,
    "failed": 1,
    "results": [
        {"index": 0, "success": True, "subscription": SUBSCRIPTION},
        {"index": 1, "success": False, "error": {"code": "FORBIDDEN", "message": "not yours"}},
    ],
}
OFFSETS = {"pagination": {"total": 1, "limit": 10, "offset": 0, "hasMore": False}}
TRY = {
    "id": "l1",
    "subscriptionId": "s1",
    "payloadId": "e1",
    "status": "failed",
    "statusCode": 500,
    "url": "https://hooks.example/x",
    "deliveredAt": "2026-10-01T00:00:00Z",
    "durationMs": 12,
    "error": "timeout",
}
TEST = {
    "subscriptionId": "s1",
    "subscriptionName": "mine",
    "url": "https://hooks.example/x",
    "mode": "full",
    "flowCheck": {"success": True, "statusCode": 201, "durationMs": 30},
    "testPayload": {"entityType": "contact", "signalType": "promotion", "data": {"any": 1}},
    "isSuccess": True,
    "timestamp": "2026-10-01T00:00:00Z",
}

ANSWERS: Mapping[str, Answer] = {
    "searchContacts": {**PEOPLE_FOUND, **AROUND},
    "enrichContacts": {"results": [CONTACT, FAULT], **AROUND, **ENDED, **JOB, **WRITTEN},
    "getContactsEnrichJob": {
        "jobId": "j1",
        "status": "complete",
        "retryAfter": 5,
        "covers": {"phones": ["v1.a"]},
        "contacts": [CONTACT],
        "creditsCharged": 2,
    },
    "searchAndEnrichContacts": {"results": [CONTACT], **AROUND, **ENDED},
    "prospectingContacts": {**PEOPLE_FOUND, "pagination": ESTIMATE, **AROUND, **WRITTEN},
    "getContactLookalikes": {"results": [PREVIEW], **SESSION, **BILLING, **WRITTEN},
    "getContactsBuyingGroup": {
        "results": [
            {
                "clientReferenceId": "r1",
                "companyId": "v1.f",
                "contacts": [{**PREVIEW, "roles": ["decision_maker"], "score": 0.5}],
            },
            FAULT,
        ],
        "pagination": PAGES,
        **AROUND,
    },
    "getContactSignals": {
        "results": [{"id": "v1.a", "companyChange": [{"any": 1}], "promotion": []}, FAULT],
        **DATES,
        **BILLING,
        **WRITTEN,
    },
    "getContactSignalTypes": {"signalTypes": ["promotion", "newOne"]},
    "getContactSignalScores": {
        "results": [
            {"clientReferenceId": "r1", "id": "v1.a", "fullName": "Ada Sample", "company": EMPLOYER, **SCORED},
            FAULT,
        ],
        **AROUND,
    },
    "getContactFilterTypes": FILTERS,
    "getContactFilterValues": VALUES,
    "getContactIcpFitScores": {
        "results": [
            {"clientReferenceId": "r1", "id": "v1.a", "fullName": "Ada Sample", "company": EMPLOYER, **FITTED},
            FAULT,
        ],
        **AROUND,
    },
    "getContactRecommendations": {
        "results": [{**PREVIEW, "recommendation": ADVICE}],
        "pagination": PAGES,
        **AROUND,
    },
    "getContactRecommendationFilters": FILTERS_OF_ADVICE,
    "searchCompanies": {**FIRMS_FOUND, **AROUND},
    "enrichCompanies": {"results": [COMPANY, FAULT], **AROUND, **WRITTEN},
    "searchAndEnrichCompanies": {"results": [COMPANY], **AROUND},
    "prospectingCompanies": {**FIRMS_FOUND, "pagination": ESTIMATE, **AROUND, **WRITTEN},
    "getCompanyLookalikes": {"results": [FIRM_PREVIEW], **SESSION, **BILLING, **WRITTEN},
    "getCompanySignals": {
        "results": [
            {"id": "v1.f", "companyName": "Sample", "domain": "s.example", "riskNews": [{"any": 1}]},
        ],
        **DATES,
        **BILLING,
        **WRITTEN,
    },
    "getCompanySignalTypes": {"signalTypes": ["riskNews"]},
    "getCompanySignalFilters": FILTERS,
    "getCompanySignalFilterValues": VALUES,
    "getCompanySignalScores": {
        "results": [
            {"clientReferenceId": "r1", "id": "v1.f", "name": "S", "domain": "s.example", **SCORED},
            FAULT,
        ],
        **AROUND,
    },
    "getWebsiteVisits": {"results": [VISIT], "pagination": PAGES, **AROUND},
    "getCompanyFilterTypes": FILTERS,
    "getCompanyFilterValues": VALUES,
    "getCompanyIcpFitScores": {
        "results": [
            {"clientReferenceId": "r1", "id": "v1.f", "name": "S", "domain": "s.example", **FITTED},
            FAULT,
        ],
        **AROUND,
    },
    "getCompanyRecommendations": {
        "results": [{**FIRM_PREVIEW, "recommendation": ADVICE}],
        "pagination": PAGES,
        **AROUND,
    },
    "getCompanyRecommendationFilters": FILTERS_OF_ADVICE,
    "getAccountUsage": USAGE,
    "listIcpProfiles": {
        "results": [{"id": "p1", "name": "Profile", "status": "active", "access": "shared"}],
        **AROUND,
    },
    "searchConversations": {"results": [TALK], "pagination": {"page": 0, "any": 1}, **AROUND},
    "getConversationTranscript": {"conversationId": "c1", "segments": [{"text": "Hello"}], **AROUND},
    "createSubscription": SOME,
    "listSubscriptions": {"data": [SUBSCRIPTION], **OFFSETS},
    "getSubscriptionById": SUBSCRIPTION,
    "updateSubscription": {**SUBSCRIPTION, "secret": "whsec_made_up"},
    "testSubscription": TEST,
    "deleteSubscriptions": SOME,
    "getAuditLogs": {"data": [TRY], **OFFSETS},
    "getAuditLogStats": {"total": 20, "success": 19, "failed": 1, "successRate": "95.00%"},
    "getAccountSecret": {"secret": "whsec_made_up"},
    "regenerateAccountSecret": {"secret": "whsec_made_up"},
    "createOptOutSubscription": SUBSCRIPTION,
    **_tables("Contacts"),
    **_tables("Companies"),
}
"""By the vendor's operation id."""
