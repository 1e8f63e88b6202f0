"""Writes operations.md from the Operation values: `python docs/operations.py`. A test compares the two."""

from pathlib import Path

from lusha_async.operations import OPERATIONS, BillingClass, Operation

FILE = Path(__file__).with_name("operations.md")

HEAD = """# The operations and their methods

Every operation of the vendor's V3 API is a method of `LushaClient`. Written from the `Operation` values by
`python docs/operations.py`; do not edit.

The billing class says what a repeat of a call may cost, and so what happens when an answer is lost:

| class | a call | when its answer is lost |
|---|---|---|
| free | costs nothing and changes nothing | it is repeated |
| reveal | pays each data point once; the same ids again are free | it is repeated |
| metered | pays on each call | `OutcomeUnknownError`: a repeat may pay twice |
| mutation | costs nothing and changes something | `OutcomeUnknownError`: a repeat may act twice |

Prices are the keys of `(await client.account.usage()).pricing`, which are the account's own; a call may
charge one or several of them. "Unlisted" means that the vendor charges and publishes no key.
"""


def rows(operations: list[Operation]) -> str:
    """One table: the calls of a namespace."""
    head = "| method | request | vendor's name | items a request | prices | class |\n|---|---|---|---|---|---|\n"
    return head + "".join(
        f"| `{operation.call}` | `{operation.method} {operation.path}` | {operation.name} "
        f"| {operation.batch or ''} | {price(operation)} | {operation.billing} |\n"
        for operation in operations
    )


def price(operation: Operation) -> str:
    """What the call may charge, in the words of the price list."""
    if operation.prices:
        return ", ".join(f"`{key}`" for key in operation.prices)
    return "unlisted" if operation.billing is BillingClass.METERED else ""


def namespace_of(operation: Operation) -> str:
    """Such as `contacts.tables`."""
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
