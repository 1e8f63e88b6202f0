"""The operations on tables, for each kind of rows."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import frozen

from ..operations import BY_NAME, Operation

__all__ = ["TABLE_OPERATIONS", "TableKind", "TableOperations"]

TableKind: TypeAlias = Literal["contacts", "companies"]


@frozen(kw_only=True)
class TableOperations:
    """The operations on tables of one kind."""

    create: Operation
    list_page: Operation
    get: Operation
    update: Operation
    delete: Operation
    entities_page: Operation
    add: Operation
    remove: Operation
    columns: Operation
    remove_column: Operation
    run_column: Operation


TABLE_OPERATIONS: Mapping[TableKind, TableOperations] = {
    "contacts": TableOperations(
        create=BY_NAME["createContactsTable"],
        list_page=BY_NAME["listContactsTables"],
        get=BY_NAME["getContactsTable"],
        update=BY_NAME["updateContactsTable"],
        delete=BY_NAME["deleteContactsTable"],
        entities_page=BY_NAME["getContactsTableEntities"],
        add=BY_NAME["addContactsTableEntities"],
        remove=BY_NAME["removeContactsTableEntities"],
        columns=BY_NAME["listContactsTableColumns"],
        remove_column=BY_NAME["removeContactsTableColumn"],
        run_column=BY_NAME["runContactsTableColumn"],
    ),
    "companies": TableOperations(
        create=BY_NAME["createCompaniesTable"],
        list_page=BY_NAME["listCompaniesTables"],
        get=BY_NAME["getCompaniesTable"],
        update=BY_NAME["updateCompaniesTable"],
        delete=BY_NAME["deleteCompaniesTable"],
        entities_page=BY_NAME["getCompaniesTableEntities"],
        add=BY_NAME["addCompaniesTableEntities"],
        remove=BY_NAME["removeCompaniesTableEntities"],
        columns=BY_NAME["listCompaniesTableColumns"],
        remove_column=BY_NAME["removeCompaniesTableColumn"],
        run_column=BY_NAME["runCompaniesTableColumn"],
    ),
}
