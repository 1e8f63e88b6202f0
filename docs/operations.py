"""Generate operations.md from the Operation values: `python docs/operations.py`. A test compares the two."""

from pathlib import Path

from lusha_async.operations import OPERATIONS, BillingClass, Operation

FILE = Path(__file__).with_name("operations.md")

HEAD = """# The operations and their methods

Every operation of the vendor's V3 API is a method of `LushaClient`. Generated from the `Operation` values by
`python docs/operations.py`; do not edit.

The billing class says what a repeat of a call may cost, and what happens when an answer is lost:

| class | a call | when its answer is lost |
|---|---|---|
| free | costs nothing and changes nothing | the client repeats it |
| reveal | is charged once for each data point; the same ids again are free | the client repeats it |
| metered | is charged each time | `OutcomeUnknownError`: a repeat may be charged twice |
| mutation | costs nothing and changes something | `OutcomeUnknownError`: a repeat may act twice |

Prices are keys of the account's price list, `(await client.account.usage()).pricing`; a call may charge one or several
of them. "Unlisted": the vendor may charge, and the price list has no key for it.
"""


def rows(operations: list[Operation]) -> str:
    """The table of a namespace."""
    head = "| method | request | operation id | items per request | prices | class |\n|---|---|---|---|---|---|\n"
    return head + "".join(
        f"| `{operation.call}` | `{operation.method} {operation.path}` | {operation.name} "
        f"| {operation.batch or ''} | {price(operation)} | {operation.billing} |\n"
        for operation in operations
    )


def price(operation: Operation) -> str:
    """The price keys of a call."""
    if operation.prices:
        return ", ".join(f"`{key}`" for key in operation.prices)
    return "unlisted" if operation.billing is BillingClass.METERED else ""


def namespace_of(operation: Operation) -> str:
    """The namespace of a call, such as `contacts.tables`."""
    return operation.call.rpartition(".")[0]


def text() -> str:
    """The whole file."""
    parts = [HEAD]
    for namespace in dict.fromkeys(map(namespace_of, OPERATIONS)):
        calls = [operation for operation in OPERATIONS if namespace_of(operation) == namespace]
        parts.append(f"## `client.{namespace}`\n\n{rows(calls)}")
    return "\n".join(parts)


if __name__ == "__main__":
    FILE.write_text(text())
