"""Tables of people and companies: management is free; reads, company rows and column runs are charged.

Each call names an owner by e-mail, since a key has no user; only its owner sees a private table. The vendor does
not say which addresses are users of the account; here all are. Source: the vendor's reference.
"""

from collections.abc import Callable, Sequence
from typing import Any

from ..account.reveals import FIELDS, is_revealed, own_points
from ..account.state import Call, State
from ..account.tables import MAX_ROWS, MAX_TABLES, Column, Table, default_columns
from ..api.answers import Answer, standard_error, table_error
from ..population.premium import premium_fact
from .paging import page_window
from .table_rows import canonical, kind_of, pay_for_rows, resolved

__all__ = ["HANDLERS"]


def _owner(call: Call) -> str:
    owner = call.query.get("email") or call.body.get("owner", {}).get("email")
    if not owner:
        raise standard_error(
            400, "Validation failed", ["owner.email is required when authenticating with an API key"]
        )
    return str(owner)


def _require_plan(state: State, *, change: bool) -> None:
    tables = state.limiter.plan.tables
    if tables == "none" or (change and tables == "read"):
        raise standard_error(403, "Forbidden", ["Tables are not available on your current plan"])


def _table(state: State, call: Call) -> Table:
    table = state.tables.get(call.params["table_id"])
    visible = table is not None and (table.visibility == "shared" or table.owner == _owner(call))
    if table is None or table.kind != kind_of(call) or table.status == "deleted" or not visible:
        _owner(call)
        raise table_error(404, "TABLE_NOT_FOUND", "Table not found")
    return table


def _column(table: Table, call: Call) -> Column:
    wanted = call.params["column_id"]
    column = next((column for column in table.columns if column.id == wanted), None)
    if column is None:
        raise table_error(404, "COLUMN_NOT_FOUND", "Column not found")
    return column


def _free(data: Any, *, status: int = 200) -> Answer:
    return Answer(status=status, payload={"data": data, "billing": {"creditsCharged": 0, "resultsReturned": 0}})


def _check_name(state: State, call: Call, name: str, *, except_id: str = "") -> None:
    for table in state.tables.values():
        if (
            table.kind == kind_of(call)
            and table.status != "deleted"
            and table.name == name
            and table.id != except_id
        ):
            raise table_error(409, "TABLE_NAME_CONFLICT", "A table with this name already exists")


def create(state: State, call: Call) -> Answer:
    """Create a table, with rows for the ids of the body."""
    owner = _owner(call)
    _require_plan(state, change=True)
    _check_name(state, call, call.body["name"])
    if sum(table.status != "deleted" for table in state.tables.values()) >= MAX_TABLES:
        raise standard_error(400, "Validation failed", [f"an account may have no more than {MAX_TABLES} tables"])
    ids = resolved(state, call, call.body.get("ids", []))[0]
    charged = pay_for_rows(state, call, len(ids))
    table_id = str(480_000 + len(state.tables))
    table = Table(
        id=table_id,
        kind=kind_of(call),
        name=call.body["name"],
        owner=owner,
        visibility=call.body.get("visibility", "private"),
        columns=default_columns(table_id, kind_of(call), call.now),
    )
    for entity in ids:
        table.add(entity)
    state.tables[table_id] = table
    answer = _free(table.report(call.now), status=201)
    answer.payload["billing"]["creditsCharged"] = charged
    return answer


def list_tables(state: State, call: Call) -> Answer:
    """A page of tables, newest first."""
    owner = _owner(call)
    _require_plan(state, change=False)
    wanted = call.body.get("status", "active")
    found = [
        table
        for table in reversed(state.tables.values())
        if table.kind == kind_of(call)
        and table.status == wanted
        and (table.visibility == "shared" or table.owner == owner)
        and call.body.get("name", "").lower() in table.name.lower()
    ]
    number = int(call.body.get("page", 0))
    page = page_window(state, call, number, int(call.body.get("size", 100)))
    answer = _free([table.report(call.now, details=False) for table in page.of(found)])
    answer.payload["pagination"] = {"page": number, "size": page.size, "total": len(found)}
    return answer


def get(state: State, call: Call) -> Answer:
    """One table with its counts and columns."""
    _require_plan(state, change=False)
    return _free(_table(state, call).report(call.now))


def update(state: State, call: Call) -> Answer:
    """Change name, visibility or archive state; absent members stay unchanged."""
    _require_plan(state, change=True)
    table = _table(state, call)
    if "name" in call.body:
        _check_name(state, call, call.body["name"], except_id=table.id)
        table.name = call.body["name"]
    table.visibility = call.body.get("visibility", table.visibility)
    if "archived" in call.body:
        table.status = "archived" if call.body["archived"] else "active"
    return _free(table.report(call.now))


def delete(state: State, call: Call) -> Answer:
    """Delete a table."""
    _require_plan(state, change=True)
    table = _table(state, call)
    table.status = "deleted"
    table.rows.clear()
    return Answer(payload={"tableId": table.id, "status": "deleted"})


def entities(state: State, call: Call) -> Answer:
    """A page of rows in the order in which they were added. Charged by blocks of rows."""
    _require_plan(state, change=False)
    table = _table(state, call)
    number = int(call.query.get("page", 0))
    page = page_window(state, call, number, int(call.query.get("size", 100)))
    rows = page.of(list(table.rows.items()))
    charged = state.charge(call, {"tableRead": len(rows)})
    data: list[dict[str, Any]] = []
    for entity, cells in rows:
        columns: list[dict[str, Any]] = []
        for column in table.columns:
            cell = cells.get(column.id)
            status, value = cell.read(call.now) if cell is not None else ("not_run", None)
            header = {"id": column.id, "name": column.name, "type": column.kind, "sourceType": column.kind}
            columns.append(header | {"value": value, "status": status})
        data.append({"id": entity, "columns": columns})
    return Answer(
        payload={
            "data": data,
            "pagination": {"page": number, "size": page.size, "total": len(table.rows)},
            "billing": {"creditsCharged": charged, "resultsReturned": len(rows)},
        }
    )


def add(state: State, call: Call) -> Answer:
    """Add rows. Companies new to the table are charged; with too few credits none is added."""
    _require_plan(state, change=True)
    table = _table(state, call)
    found, invalid = resolved(state, call, call.body["entityIds"])
    new = [entity for entity in found if entity not in table.rows]
    if len(table.rows) + len(new) > MAX_ROWS:
        raise standard_error(400, "Validation failed", [f"a table may hold no more than {MAX_ROWS} entities"])
    charged = pay_for_rows(state, call, len(new))
    for entity in new:
        table.add(entity)
    data = {
        "added": len(new),
        "alreadyPresent": len(found) - len(new),
        "invalidIds": invalid,
        "addedBy": {"surface": "api"},
    }
    return Answer(payload={"data": data, "billing": {"creditsCharged": charged, "resultsReturned": len(new)}})


def remove(state: State, call: Call) -> Answer:
    """Remove rows; ids that are not in the table are `invalidIds`."""
    _require_plan(state, change=True)
    table = _table(state, call)
    invalid: list[str] = []
    removed = 0
    for text in call.body["entityIds"]:
        entity = canonical(state, call, text)
        if entity is not None and table.rows.pop(entity, None) is not None:
            removed += 1
        else:
            invalid.append(text)
    return _free({"removed": removed, "invalidIds": invalid})


def columns(state: State, call: Call) -> Answer:
    """The columns with the counts of their cells."""
    _require_plan(state, change=False)
    table = _table(state, call)
    return _free([table.column_report(column, call.now) for column in table.columns])


def remove_column(state: State, call: Call) -> Answer:
    """Remove a column; default columns cannot be removed."""
    _require_plan(state, change=True)
    table = _table(state, call)
    column = _column(table, call)
    if column.default:
        raise standard_error(400, "Validation failed", ["default Lusha columns cannot be removed"])
    table.columns.remove(column)
    for cells in table.rows.values():
        cells.pop(column.id, None)
    return Answer(payload={"tableId": table.id, "columnId": column.id, "removed": True})


def run(state: State, call: Call) -> Answer:
    """Start to fill a column. With too few credits for all cells, nothing runs."""
    _require_plan(state, change=True)
    table = _table(state, call)
    column = _column(table, call)
    scope = call.body["runScope"]
    if scope == "specific" and not call.body.get("entityIds"):
        raise standard_error(400, "Validation failed", ["entityIds is required when runScope is specific"])
    wanted = set(call.body.get("entityIds", ()))
    chosen = [
        entity
        for entity, cells in table.rows.items()
        if scope == "all" or (column.id not in cells if scope == "missing" else entity in wanted)
    ]
    charged = _run(state, call, table, column, chosen)
    data = {"columnId": column.id, "runScope": scope, "status": "processing"}
    return Answer(payload={"data": data, "billing": {"creditsCharged": charged, "resultsReturned": len(chosen)}})


def _run(state: State, call: Call, table: Table, column: Column, chosen: Sequence[str]) -> int:
    found: dict[str, tuple[str, Any]] = {}
    quantities: dict[str, int] = {}
    revealed: list[tuple[int, int]] = []
    for entity in chosen:
        value, key = _cell(state, column, entity, revealed)
        found[entity] = ("no_data", None) if value is None else ("success", value)
        if key is not None:
            quantities[key] = quantities.get(key, 0) + 1
    charged = state.charge(call, quantities)
    for index, bit in revealed:
        state.revealed[index] |= bit
    table.run(column, list(chosen), call.now, found)
    return charged


def _cell(state: State, column: Column, entity: str, revealed: list[tuple[int, int]]) -> tuple[Any, str | None]:
    """The value of a cell, and its price key; None if it is free or empty."""
    if column.kind != "lusha":
        return None, None
    if column.key in FIELDS:
        index, field = state.population.person(entity), FIELDS[column.key]
        value = own_points(state, index, field) if index is not None else []
        if index is None or not value:
            return None, None
        if is_revealed(state, index, field):
            return value, None
        revealed.append((index, field.bit))
        return value, field.key
    ref = state.population.company(entity)
    if ref is None:
        return None, None
    value = premium_fact(state.companies, state.companies.get(ref), column.key, state.company_token)
    return value, None if value is None else "revealCompanyPremiumData"


_OPERATIONS: dict[str, Callable[[State, Call], Answer]] = {
    "create{}Table": create,
    "list{}Tables": list_tables,
    "get{}Table": get,
    "update{}Table": update,
    "delete{}Table": delete,
    "get{}TableEntities": entities,
    "add{}TableEntities": add,
    "remove{}TableEntities": remove,
    "list{}TableColumns": columns,
    "remove{}TableColumn": remove_column,
    "run{}TableColumn": run,
}

HANDLERS = {
    name.format(title): handler for name, handler in _OPERATIONS.items() for title in ("Contacts", "Companies")
}
