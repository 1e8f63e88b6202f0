"""Companies: enrich, and search and enrich at once. Source: the vendor's reference, and recorded charges."""

from collections.abc import Sequence
from typing import Any

from ..account.state import Call, State
from ..api.answers import Answer
from ..population import StandIn
from ..population.premium import premium_fact
from . import table_rows
from .common import COMPANIES, COMPANY_NOT_FOUND, echo, results

__all__ = ["HANDLERS"]


def enrich(state: State, call: Call) -> Answer:
    """Facts by id: each company is charged each time, and so is each premium fact that is not null."""
    items: list[dict[str, Any]] = []
    found = premium = 0
    for text in call.body["ids"]:
        ref = COMPANIES.by_id(state, text)
        if ref is None:
            items.append({"id": text, "error": COMPANY_NOT_FOUND})
            continue
        company, count = _profile(state, ref, text, call.body.get("reveal", ()))
        preview = COMPANIES.preview(state, ref)
        items.append(company | {"has": preview["has"], "canReveal": preview["canReveal"]})
        found, premium = found + 1, premium + count
    charged = state.charge(call, {"revealCompany": found, "revealCompanyPremiumData": premium})
    ids = [item["id"] for item in items if "error" not in item]
    return results(call, items, charged, **table_rows.write(state, call, ids))


def search_and_enrich(state: State, call: Call) -> Answer:
    """Both at once, and both are charged each time."""
    items: list[dict[str, Any]] = []
    found = premium = 0
    for item in COMPANIES.identified(call.body["companies"]):
        ref = COMPANIES.find(state, call, item)
        if ref is None:
            items.append(echo(item) | {"error": COMPANY_NOT_FOUND})
            continue
        token = state.company_token(state.companies.get(ref))
        company, count = _profile(state, ref, token, call.body.get("reveal", ()))
        items.append(echo(item) | company)
        found, premium = found + 1, premium + count
    quantities = {"companySearch": found, "revealCompany": found, "revealCompanyPremiumData": premium}
    return results(call, items, state.charge(call, quantities))


def _profile(state: State, ref: int | StandIn, token: str, facts: Sequence[str]) -> tuple[dict[str, Any], int]:
    """The facts of a company, and the number of premium facts to charge."""
    company = state.companies.get(ref)
    profile = state.companies.profile(company, token)
    premium = {name: premium_fact(state.companies, company, name, state.company_token) for name in facts}
    return profile | premium, sum(value is not None for value in premium.values())


HANDLERS = {"enrichCompanies": enrich, "searchAndEnrichCompanies": search_and_enrich}
