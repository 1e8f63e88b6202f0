"""Companies: search, enrich, and both at once. Source: the vendor's reference, and recorded charges."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..account.state import Call, State
from ..api.answers import Answer, business
from ..population import Guest
from ..population.premium import premium_fact
from . import envelope, table_rows
from .envelope import COMPANY_NOT_FOUND, echo

__all__ = ["HANDLERS", "preview"]


def search(state: State, call: Call) -> Answer:
    """Previews of the companies that were identified; charged by blocks of those found."""
    results: list[dict[str, Any]] = []
    found = matched = 0
    wanted = call.body.get("signals")
    for item in _identified(call.body["companies"]):
        ref = state.find_company(item)
        result = echo(item)
        types = _signal_types(state, ref, wanted) if ref is not None and wanted is not None else None
        if ref is None or types == []:
            results.append(result | {"error": COMPANY_NOT_FOUND})
            continue
        told = preview(state, ref)
        if types is not None:
            told["signalTypes"] = types
            matched += len(types)
        found += 1
        results.append(result | told)
    charged = state.books.charge(
        call.now, call.request_id, call.operation.name, {"companySearch": found, "showSignalsCompany": matched}
    )
    return envelope.results(call, results, charged)


def enrich(state: State, call: Call) -> Answer:
    """Facts by id: each company is charged each time, and each premium fact that is not null."""
    refs = [state.population.company(text) for text in call.body["ids"]]
    reveal = call.body.get("reveal", ())
    results: list[dict[str, Any]] = []
    found = premium = 0
    for text, ref in zip(call.body["ids"], refs, strict=True):
        if ref is None:
            results.append({"id": text, "error": COMPANY_NOT_FOUND})
            continue
        told, charged = _profile(state, ref, text, reveal)
        found, premium = found + 1, premium + charged
        results.append(told)
    charged = state.books.charge(
        call.now,
        call.request_id,
        call.operation.name,
        {"revealCompany": found, "revealCompanyPremiumData": premium},
    )
    ids = [result["id"] for result in results if "error" not in result]
    return envelope.results(call, results, charged, **table_rows.write(state, call, ids))


def search_and_enrich(state: State, call: Call) -> Answer:
    """Both at once, and both are paid each time."""
    reveal = call.body.get("reveal", ())
    results: list[dict[str, Any]] = []
    found = premium = 0
    for item in _identified(call.body["companies"]):
        ref = state.find_company(item)
        if ref is None:
            results.append(echo(item) | {"error": COMPANY_NOT_FOUND})
            continue
        told, charged = _profile(state, ref, state.company_token(state.companies.get(ref)), reveal)
        del told["has"], told["canReveal"]
        found, premium = found + 1, premium + charged
        results.append(echo(item) | told)
    charged = state.books.charge(
        call.now,
        call.request_id,
        call.operation.name,
        {"companySearch": found, "revealCompany": found, "revealCompanyPremiumData": premium},
    )
    return envelope.results(call, results, charged)


def preview(state: State, ref: int | Guest) -> dict[str, Any]:
    """What a search tells of a company."""
    company = state.companies.get(ref)
    return state.companies.preview(company, state.company_token(company))


def _profile(state: State, ref: int | Guest, token: str, reveal: Sequence[str]) -> tuple[dict[str, Any], int]:
    """The facts of a company, and how many of the premium ones are charged."""
    company = state.companies.get(ref)
    told = state.companies.profile(company, token)
    charged = 0
    for fact in dict.fromkeys(reveal):
        told[fact] = premium_fact(state.companies, company, fact, state.company_token)
        charged += told[fact] is not None
    short = state.companies.preview(company, token)
    told["has"], told["canReveal"] = short["has"], short["canReveal"]
    return told, charged


def _identified(items: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    for position, item in enumerate(items):
        if not (item.get("id") or item.get("name") or item.get("domain")):
            raise business(f"companies.{position} must contain id, name, or domain")
    return items


def _signal_types(state: State, ref: int | Guest, wanted: Mapping[str, Any]) -> list[str]:
    names = state.signals.types("company", wanted["types"])
    return state.signals.active("company", state.companies.get(ref).index, names, *state.span(wanted))


HANDLERS = {"searchCompanies": search, "enrichCompanies": enrich, "searchAndEnrichCompanies": search_and_enrich}
