"""The schema of each operation's query. Data only. Source: the vendor's reference."""

from collections.abc import Mapping

from .schema import Enum, Number, Schema, String

__all__ = ["QUERIES"]

_PAGE: Mapping[str, Schema] = {"limit": Number(1, 100), "offset": Number(minimum=0)}
_SEARCH = {"query": String(min_length=2, max_length=256)}
_OWNER: Mapping[str, Schema] = {"email": String(format="email")}
_ROWS: Mapping[str, Schema] = {
    **_OWNER,
    "page": Number(0, 100),
    "size": Number(1, 100),
}

QUERIES: Mapping[str, Mapping[str, Schema]] = {
    "listSubscriptions": _PAGE,
    "getAuditLogs": {
        **_PAGE,
        "subscriptionId": String(),
        "status": Enum(("success", "failed", "permanent_failure")),
    },
    "getAuditLogStats": {"subscriptionId": String()},
    "testSubscription": {"mode": Enum(("direct", "kafka", "full"))},
    "listIcpProfiles": {"status": Enum(("active", "disabled")), "access": Enum(("private", "shared"))},
    "getContactFilterValues": _SEARCH,
    "getCompanyFilterValues": _SEARCH,
    "getCompanySignalFilterValues": _SEARCH,
    **{
        name.format(title): members
        for title in ("Contacts", "Companies")
        for name, members in (
            ("get{}Table", _OWNER),
            ("delete{}Table", _OWNER),
            ("get{}TableEntities", _ROWS),
            ("list{}TableColumns", _OWNER),
            ("remove{}TableColumn", _OWNER),
        )
    },
}
"""The schema of each parameter by operation id; operations not listed take no query."""
