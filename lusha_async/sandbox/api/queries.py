"""The query of each operation, from the vendor's API reference. Data only."""

from collections.abc import Mapping

from .schema import Choice, Number, Shape, Text

__all__ = ["QUERIES"]

_PAGE: Mapping[str, Shape] = {"limit": Number(least=1, most=100), "offset": Number(least=0)}
_SEARCHED = {"query": Text(least=2, most=256)}
_OWNER: Mapping[str, Shape] = {"email": Text(form="email")}
_ROWS: Mapping[str, Shape] = {**_OWNER, "page": Number(least=0, most=100), "size": Number(least=1, most=100)}

QUERIES: Mapping[str, Mapping[str, Shape]] = {
    "listSubscriptions": _PAGE,
    "getAuditLogs": {
        **_PAGE,
        "subscriptionId": Text(),
        "status": Choice(("success", "failed", "permanent_failure")),
    },
    "getAuditLogStats": {"subscriptionId": Text()},
    "testSubscription": {"mode": Choice(("direct", "kafka", "full"))},
    "listIcpProfiles": {"status": Choice(("active", "disabled")), "access": Choice(("private", "shared"))},
    "getContactFilterValues": _SEARCHED,
    "getCompanyFilterValues": _SEARCHED,
    "getCompanySignalFilterValues": _SEARCHED,
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
"""The shape of each parameter by operation; an operation that is not named here has none."""
