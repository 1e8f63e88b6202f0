"""Generate operations.md from the Operation values: `python docs/operations.py`. A test compares the two."""

from operator import attrgetter
from pathlib import Path
from typing import Any, get_args, get_type_hints

from lusha_async import LushaClient
from lusha_async.operations import OPERATIONS, BillingClass, Operation

CLIENT = LushaClient("00000000-0000-4000-8000-000000000000", base_url="http://127.0.0.1:9")
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

Results are models of `lusha_async.models`, each with the vendor's members in snake_case: for instance
`from lusha_async.models import Contact, Enriched`.
`Results[T]`, `Page[T]` and `Enriched[T]` hold `results`, `billing`, `request_id` and `quota`; `Discovered[T]` is a
cached list of `values`.
"""


def rows(operations: list[Operation]) -> str:
    """The table of a namespace."""
    head = "| method | returns | request | operation id | items per request | prices | class |\n"
    return f"{head}|---|---|---|---|---|---|---|\n" + "".join(
        f"| `{operation.call}` | `{result(operation)}` | `{operation.method} {operation.path}` | {operation.name} "
        f"| {operation.batch or ''} | {price(operation)} | {operation.billing} |\n"
        for operation in operations
    )


def result(operation: Operation) -> str:
    """The model that the method returns."""
    return _name(get_type_hints(attrgetter(operation.call)(CLIENT))["return"])


def _name(kind: Any) -> str:
    arguments = ", ".join(map(_name, get_args(kind)))
    return f"{kind.__name__}[{arguments}]" if arguments else str(kind.__name__)


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
