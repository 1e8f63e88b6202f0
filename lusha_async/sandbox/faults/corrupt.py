"""The answers that faults inject, and how they corrupt a true one. Pure."""

from typing import Any

from ..api.answers import Answer, standard_error
from ..api.schema import as_object
from .rules import TOTALS, Injection

__all__ = ["HTML", "failure", "corrupt"]

HTML = (
    b"<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center>"
    b"<hr><center>gateway</center></body></html>"
)
"""The page of a gateway whose backend does not respond."""

_TEXTS = {
    "499": "Client Closed Request",
    "500": "Internal server error. Please try again later.",
    "502": "Identity resolution provider is temporarily unavailable. Retry with backoff.",
    "503": "Service unavailable",
}
_REFUSALS = {
    "second": "Too many requests. Please wait before making another request.",
    "minute": "Too many requests. Please wait before making another request.",
    "hour": "Hourly API rate limit exceeded. Limit: 5000 calls per hour. Reset in 1200 seconds.",
    "day": "Daily API rate limit exceeded. Limit: 50000 calls per day. Reset in 40000 seconds.",
    "trial": "You've reached your trial limit, please contact support for upgrade",
}
_LEFT = {"minute": "x-minute-requests-left", "hour": "x-hourly-requests-left", "day": "x-daily-requests-left"}


def failure(kind: str, headers: dict[str, str]) -> Answer:
    """The error of a fault of that kind; `headers` are the quota headers."""
    status, _, detail = kind.partition("-")
    if status == "429":
        window = _LEFT.get(detail)
        headers = headers | {window: "0"} if window in headers else headers
        return Answer(status=429, payload=standard_error(429, _REFUSALS[detail]).answer.payload, headers=headers)
    return Answer(
        status=int(status), payload=standard_error(int(status), _TEXTS[status]).answer.payload, headers=headers
    )


def corrupt(answer: Answer, hit: Injection) -> Answer:
    """The answer after the faults that corrupt it."""
    payload, headers = answer.payload, answer.headers
    if hit.first_of("wrong-echo"):
        _swap_references(payload)
    if hit.first_of("unknown-members"):
        _add_unknown(payload)
    if (kind := hit.first_of(*TOTALS)) is not None:
        _misstate_total(payload, kind)
    if hit.first_of("no-quota-headers"):
        headers = {name: value for name, value in headers.items() if not name.startswith("x-")}
    return Answer(status=answer.status, payload=payload, headers=headers, finish=answer.finish)


def _swap_references(payload: Any) -> None:
    """Give each result the reference of the previous one."""
    named = [item for item in _results(payload) if "clientReferenceId" in item]
    references = [item["clientReferenceId"] for item in named]
    for item, reference in zip(named, references[-1:] + references[:-1], strict=True):
        item["clientReferenceId"] = reference


def _misstate_total(payload: Any, kind: str) -> None:
    pagination = as_object((as_object(payload) or {}).get("pagination")) or {}
    total = pagination.pop("total", None)
    if total is None or kind == "total-missing":
        return
    size = pagination.get("size") or pagination.get("pageSize") or pagination.get("limit") or 1
    page = pagination.get("page", pagination.get("offset", 0) // size)
    pagination["total"] = {
        "total-shrinks": total >> page,
        "total-text": str(total),
        "total-negative": -1,
        "total-too-large": 2 * total + 1_000,
    }[kind]


def _add_unknown(payload: Any) -> None:
    if isinstance(payload, dict):
        payload["futureMember"] = {"since": "2027-01", "values": [1, "two", None]}
    for item in _results(payload):
        item["futureMember"] = "unheard of"
        for email in item.get("emails", ()):
            email["type"] = "satellite"
        if "error" in item:
            item["error"] = {"code": "UNHEARD_OF", "message": "A code of the future", "hint": None}


def _results(payload: Any) -> list[dict[str, Any]]:
    results = (as_object(payload) or {}).get("results", [])
    return [item for result in results if (item := as_object(result)) is not None]
