"""The rows of ids, the price of rows, and the rows that other calls write into a table."""

from collections.abc import Sequence
from typing import Any

from ..account.state import Call, State
from ..account.tables import MAX_ROWS, Column
from ..api.answers import ErrorAnswer, standard_error
from ..population.ids import is_well_formed

__all__ = ["canonical", "kind_of", "pay_for_rows", "resolved", "write"]


def kind_of(call: Call) -> str:
    """The entity type of a call: contacts or companies."""
    return call.operation.call.partition(".")[0]


def pay_for_rows(state: State, call: Call, count: int) -> int:
    """Charge new rows: of companies one credit each, of people none."""
    quantities = {"revealCompany": count} if kind_of(call) == "companies" else {}
    return state.charge(call, quantities)


def resolved(state: State, call: Call, ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """The distinct rows of the ids, and the unknown ids. Raises `ErrorAnswer` (400) for a malformed id."""
    found: dict[str, None] = {}
    invalid: list[str] = []
    for text in ids:
        if not is_well_formed(text):
            raise standard_error(
                400, "Validation failed", ["entityIds must be encrypted ids or legacy numeric ids"]
            )
        entity = canonical(state, call, text)
        if entity is None:
            invalid.append(text)
        else:
            found[entity] = None
    return list(found), invalid


def canonical(state: State, call: Call, text: str) -> str | None:
    """The token of an id, by which a table identifies the row; None if the id is unknown."""
    if kind_of(call) == "contacts":
        index = state.population.person(text)
        return None if index is None else state.person_token(index)
    ref = state.population.company(text)
    return None if ref is None else state.company_token(state.companies.get(ref))


def write(state: State, call: Call, ids: Sequence[str], *, signals: bool = False) -> dict[str, Any]:
    """The member `tableWrite` of a call with a `tableId`; empty if there is none or the write fails.

    Companies new to the table are charged, unless the call itself has charged them.
    """
    table = state.tables.get(call.body.get("tableId", ""))
    kind = kind_of(call)
    if table is None or table.kind != kind or table.status == "deleted":
        return {}
    found = resolved(state, call, ids)[0]
    new = [entity for entity in found if entity not in table.rows]
    paid = call.operation.name == "enrichCompanies"
    if len(table.rows) + len(new) > MAX_ROWS:
        return {}
    try:
        charged = 0 if paid else pay_for_rows(state, call, len(new))
    except ErrorAnswer:
        return {}
    for entity in new:
        table.add(entity)
    created: list[str] = []
    if signals and all(column.key != "signals" for column in table.columns):
        column = Column(
            id=f"{table.id}-signals", name="Signals", kind="signal", key="signals", default=False, added=call.now
        )
        table.columns.append(column)
        created = [column.id]
    return {
        "tableWrite": {
            "tableId": table.id,
            "added": len(new),
            "alreadyPresent": len(found) - len(new),
            "columnsCreated": created,
            "rowsProcessed": len(found),
            "rowsCharged": len(new) if charged else 0,
            "rowsAlreadyPaidInTable": len(found) - len(new),
            "creditsCharged": charged,
        }
    }
