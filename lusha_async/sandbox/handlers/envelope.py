"""What most answers have in common."""

from collections.abc import Mapping
from typing import Any

from ..account.state import Call
from ..api.answers import Answer

__all__ = ["COMPANY_NOT_FOUND", "CONTACT_NOT_FOUND", "RESTRICTED", "count_found", "echo", "results"]

CONTACT_NOT_FOUND = {"code": "NOT_FOUND", "message": "Contact not found"}
COMPANY_NOT_FOUND = {"code": "NOT_FOUND", "message": "Company not found"}
RESTRICTED = {
    "code": "COMPLIANCE_RESTRICTED",
    "message": "We are unable to process this contact request due to our GDPR regulations",
}


def echo(item: Mapping[str, Any]) -> dict[str, Any]:
    """The caller's own reference, if one was given."""
    return {"clientReferenceId": item["clientReferenceId"]} if "clientReferenceId" in item else {}


def count_found(items: list[dict[str, Any]]) -> int:
    """The items that are no errors."""
    return sum("error" not in item for item in items)


def results(call: Call, items: list[dict[str, Any]], charged: int, **more: Any) -> Answer:
    """The envelope of a batch, with what was charged."""
    billing = {"creditsCharged": charged, "resultsReturned": count_found(items)}
    return Answer(payload={"requestId": call.request_id, "results": items, **more, "billing": billing})
