"""What one request may cost, from the operation, its body and the account's prices. Pure.

Source: the vendor's billing pages, and charges that others recorded. Rows without a match and errors are free.
"""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from .._json import as_count, as_list, as_object
from ..operations import Operation
from .prices import PriceList

__all__ = ["Cost", "cost"]

Units = Mapping[str, int]
"""The maximum number of units that a request may be charged for, by price key."""

_BUYING_GROUP_CONTACTS = 60  # for each company, if the request sets no limit
_SIGNALS_EACH = 100  # for each type, if the request sets no limit
_CONTACT_SIGNALS = 2  # types behind `allSignals`
_COMPANY_SIGNALS = 23


@frozen(kw_only=True)
class Cost:
    """An estimate of what calls cost.

    - `minimum`, `expected`, `maximum`: credits if nothing is found, if one result is found for each row, and if
      everything is found that could be, assuming that nothing was paid for before.
    - `unknown`: the price keys that the account's price list lacks; the figures leave them out.
    - `requests`: the number of requests.
    - `seconds`: how long the rate limits make these wait, by the governor's forecast (None: no forecast).
    """

    minimum: int = 0
    expected: int = 0
    maximum: int = 0
    unknown: tuple[str, ...] = ()
    requests: int = 1
    seconds: float | None = None


def cost(operation: Operation, body: Mapping[str, Any], query: Mapping[str, Any], prices: PriceList) -> Cost:
    """The cost of one request. A paid operation without a published price key has its own name in `unknown`."""
    if not operation.paid:
        return Cost()
    rule = _RULES.get(operation.name)
    units = _by_item(operation, body) if rule is None else rule(body, query)
    unknown = tuple(key for key in units if key not in prices.prices)
    total = sum(prices.prices[key].of(count) for key, count in units.items() if key in prices.prices)
    return Cost(expected=total, maximum=total, unknown=unknown)


def _by_item(operation: Operation, body: Mapping[str, Any]) -> Units:
    """One unit of the operation's only price for each item; its name where no key is published."""
    key = operation.prices[0] if operation.prices else operation.name
    return {key: _count(body, operation.items)}


def _count(body: Mapping[str, Any], items: str | None) -> int:
    return len(body.get(items, ())) if items is not None else 1


def _fields(body: Mapping[str, Any], people: int) -> dict[str, int]:
    reveal = body.get("reveal")
    fields = ("emails", "phones") if reveal is None else reveal
    keys = {"emails": "revealEmail", "phones": "revealPhone"}
    return {keys[name]: people for name in fields if name in keys}


def _premium(body: Mapping[str, Any], companies: int) -> dict[str, int]:
    """Whatever a company can reveal is premium data, including fields that this version does not know."""
    premium = len(set(body.get("reveal") or ()))
    return {"revealCompanyPremiumData": premium * companies} if premium else {}


def _shown_signals(key: str, kinds: int) -> Callable[[Any, int], dict[str, int]]:
    def units(signals: Any, rows: int) -> dict[str, int]:
        options = as_object(signals)
        if not options:
            return {}
        each = as_count(options.get("maxResultsPerSignal")) or 1
        return {key: rows * _kinds(options.get("types"), kinds) * each}

    return units


def _kinds(types: Any, all_of_them: int) -> int:
    named = as_list(types)
    return all_of_them if not named or "allSignals" in named else len(named)


_contact_signals = _shown_signals("showSignalsContact", _CONTACT_SIGNALS)
_company_signals = _shown_signals("showSignalsCompany", _COMPANY_SIGNALS)


def _search_contacts(body: Mapping[str, Any], _: Mapping[str, Any]) -> Units:
    count = _count(body, "contacts")
    return {"contactSearch": count, **_contact_signals(body.get("signals"), count)}


def _enrich_contacts(body: Mapping[str, Any], _: Mapping[str, Any]) -> Units:
    return _fields(body, _count(body, "ids"))


def _search_and_enrich_contacts(body: Mapping[str, Any], _: Mapping[str, Any]) -> Units:
    count = _count(body, "contacts")
    return {"contactSearch": count, **_fields(body, count)}


def _search_companies(body: Mapping[str, Any], _: Mapping[str, Any]) -> Units:
    count = _count(body, "companies")
    return {"companySearch": count, **_company_signals(body.get("signals"), count)}


def _enrich_companies(body: Mapping[str, Any], _: Mapping[str, Any]) -> Units:
    count = _count(body, "ids")
    return {"revealCompany": count, **_premium(body, count)}


def _search_and_enrich_companies(body: Mapping[str, Any], _: Mapping[str, Any]) -> Units:
    count = _count(body, "companies")
    return {"companySearch": count, "revealCompany": count, **_premium(body, count)}


def _rows(body: Mapping[str, Any], member: str, default: int) -> int:
    paging = as_object(body.get(member)) if member == "pagination" else body
    return as_count(paging.get("limit" if member == "limit" else "size")) or default


def _prospect_contacts(body: Mapping[str, Any], _: Mapping[str, Any]) -> Units:
    rows = _rows(body, "pagination", 25)
    return {"contactSearch": rows, **_contact_signals(_signals_filter(body, "contacts"), rows)}


def _prospect_companies(body: Mapping[str, Any], _: Mapping[str, Any]) -> Units:
    rows = _rows(body, "pagination", 25)
    return {"companySearch": rows, **_company_signals(_signals_filter(body, "companies"), rows)}


def _signals_filter(body: Mapping[str, Any], kind: str) -> Any:
    filters = as_object(body.get("filters"))
    signals = as_object(as_object(filters.get(kind)).get("include")).get("signals")
    return {"types": signals} if as_list(signals) else as_object(signals)


def _buying_group(body: Mapping[str, Any], _: Mapping[str, Any]) -> Units:
    limit = body.get("contactsLimit") or _BUYING_GROUP_CONTACTS
    return {"buyingGroupReveal": _count(body, "companies") * int(limit)}


def _signals(key: str, kinds: int) -> Callable[[Mapping[str, Any], Mapping[str, Any]], Units]:
    def units(body: Mapping[str, Any], _: Mapping[str, Any]) -> Units:
        each = int(body.get("maxResultsPerSignal") or _SIGNALS_EACH)
        return {key: _count(body, "ids") * _kinds(body.get("signalTypes"), kinds) * each}

    return units


def _paged(key: str, member: str, default: int) -> Callable[[Mapping[str, Any], Mapping[str, Any]], Units]:
    return lambda body, query: {key: _rows({**query, **body}, member, default)}


def _column_run(key: str) -> Callable[[Mapping[str, Any], Mapping[str, Any]], Units]:
    def units(body: Mapping[str, Any], _: Mapping[str, Any]) -> Units:
        if body.get("runScope") == "specific":
            return {key: len(body.get("entityIds") or ())}
        return {f"{key} for every row of the table": 1}  # no price list has such a key: unknown

    return units


_RULES: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Units]] = {
    "searchContacts": _search_contacts,
    "enrichContacts": _enrich_contacts,
    "searchAndEnrichContacts": _search_and_enrich_contacts,
    "searchCompanies": _search_companies,
    "enrichCompanies": _enrich_companies,
    "searchAndEnrichCompanies": _search_and_enrich_companies,
    "prospectingContacts": _prospect_contacts,
    "prospectingCompanies": _prospect_companies,
    "getContactLookalikes": _paged("lookalikeContact", "limit", 25),
    "getCompanyLookalikes": _paged("lookalikeCompany", "limit", 25),
    "getContactsBuyingGroup": _buying_group,
    "getContactSignals": _signals("showSignalsContact", _CONTACT_SIGNALS),
    "getCompanySignals": _signals("showSignalsCompany", _COMPANY_SIGNALS),
    "getContactRecommendations": _paged("contactRecommendationsReveal", "pagination", 25),
    "getCompanyRecommendations": _paged("companyRecommendationsReveal", "pagination", 25),
    "getContactsTableEntities": _paged("tableRead", "size", 100),
    "getCompaniesTableEntities": _paged("tableRead", "size", 100),
    "searchConversations": lambda body, _: {"conversationsSearch": int(body.get("pageSize") or 100)},
    "runContactsTableColumn": _column_run("revealPhone"),
    "runCompaniesTableColumn": _column_run("revealCompanyPremiumData"),
}
