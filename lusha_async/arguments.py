"""Arguments checked before anything is sent; each refusal names the value by its path, never by its content."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from .errors import InvalidRequestError
from .models.companies import CompanyQuery
from .models.contacts import ContactQuery
from .models.converter import unstructure
from .models.filters import ProspectingFilters
from .models.model import Question, wire_name
from .operations import Operation

__all__ = [
    "batch",
    "body",
    "bounded",
    "choice",
    "choices",
    "company",
    "contact",
    "entity_id",
    "filters",
    "ids",
    "page",
    "text",
    "whole",
]

MANY_FORM = "use the _many form for more"


def batch(operation: Operation, items: Iterable[Any]) -> list[Any]:
    """The items of a single call, as a list: not empty, and no more than the operation takes."""
    name = operation.items or "items"
    if isinstance(items, str | bytes | Mapping | Question):
        raise InvalidRequestError(name, "give a list, not a single value")
    listed = list(items)
    if not listed:
        raise InvalidRequestError(name, "give at least one")
    if operation.batch is not None and len(listed) > operation.batch:
        raise InvalidRequestError(
            name,
            f"{len(listed)} given, at most {operation.batch} go in one request: {operation.call}_many takes more",
        )
    return listed


def bounded(values: Iterable[Any], path: str, *, most: int) -> list[Any]:
    """The items of a call that has no many-form, as a list of 1 to `most`."""
    if isinstance(values, str | bytes | Mapping | Question):
        raise InvalidRequestError(path, "give a list, not a single value")
    listed = list(values)
    if not 1 <= len(listed) <= most:
        raise InvalidRequestError(path, f"{len(listed)} given: give 1 to {most}, and more in further calls")
    return listed


def ids(values: Iterable[str], path: str, *, most: int) -> list[str]:
    """1 to `most` ids."""
    return [entity_id(one, f"{path}[{place}]") for place, one in enumerate(bounded(values, path, most=most))]


def text(value: Any, path: str, *, most: int | None = None) -> str:
    """A text that is not empty and has at most `most` characters."""
    if not isinstance(value, str) or not value.strip() or (most is not None and len(value) > most):
        raise InvalidRequestError(
            path, "give a text that is not empty" + (f", at most {most} characters" if most else "")
        )
    return value


def choice(value: str | None, path: str, known: Sequence[str]) -> str | None:
    """One of the words of a closed set, or None."""
    if value is not None and value not in known:
        raise InvalidRequestError(path, f"give {' or '.join(known)}")
    return value


def whole(value: Any, path: str, *, least: int, most: int | None = None) -> int:
    """A whole number within its bounds."""
    if type(value) is not int or value < least or (most is not None and value > most):
        bounds = f"from {least}" if most is None else f"from {least} to {most}"
        raise InvalidRequestError(path, f"give a whole number {bounds}")
    return value


def body(value: Question | Mapping[str, Any]) -> dict[str, Any]:
    """A question, or a plain mapping with our names or the vendor's, as the JSON to send; None is left out."""
    if isinstance(value, Question):
        return cast(dict[str, Any], unstructure(value))
    return {wire_name(name): _plain(member) for name, member in value.items() if member is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, Question | Mapping):
        return body(cast(Mapping[str, Any], value))
    if isinstance(value, list | tuple):
        return [_plain(item) for item in cast(Sequence[Any], value)]
    return value


def entity_id(value: Any, path: str) -> str:
    """An opaque id: a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise InvalidRequestError(path, "give an id, a text that is not empty")
    return value


def contact(value: ContactQuery | Mapping[str, Any], path: str) -> dict[str, Any]:
    """One query for a person as JSON."""
    query = body(_question(value, path))
    named = query.get("firstName") and query.get("lastName")
    placed = query.get("companyName") or query.get("companyDomain")
    if not (query.get("id") or query.get("linkedinUrl") or query.get("email") or (named and placed)):
        raise InvalidRequestError(
            path, "give id, linkedin_url, email, or first and last name with company_name or company_domain"
        )
    return query


def company(value: CompanyQuery | Mapping[str, Any], path: str) -> dict[str, Any]:
    """One query for a company as JSON."""
    query = body(_question(value, path))
    if not (query.get("id") or query.get("domain") or query.get("name")):
        raise InvalidRequestError(path, "give id, domain or name")
    return query


def _question(value: Any, path: str) -> Question | Mapping[str, Any]:
    if not isinstance(value, Question | Mapping):
        raise InvalidRequestError(path, "give a query or a mapping")
    return cast(Question | Mapping[str, Any], value)


def choices(values: Iterable[str] | None, path: str) -> list[str] | None:
    """A list of names such as `reveal`; None stays None, and an empty list is refused as the vendor does."""
    if values is None:
        return None
    if isinstance(values, str):
        raise InvalidRequestError(path, "give a list, not a single text")
    listed = list(values)
    if not listed:
        raise InvalidRequestError(path, "give at least one, or leave it out for the vendor's default")
    return listed


def filters(value: ProspectingFilters | Mapping[str, Any], *, needs: Sequence[str]) -> dict[str, Any]:
    """Prospecting filters as JSON; at least one of the members `needs` must narrow something."""
    given = body(_question(value, "filters"))
    if not any(_narrows(given.get(name)) for name in needs):
        raise InvalidRequestError("filters", f"narrow something in {' or '.join(needs)}: the vendor refuses none")
    return given


def _narrows(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_narrows(member) for member in cast(Mapping[str, Any], value).values())
    return value is not None and value != []


def page(page: int, size: int) -> dict[str, int]:
    """The pagination of prospecting: page 0-1000, size 10-100."""
    return {"page": whole(page, "page", least=0, most=1000), "size": whole(size, "size", least=10, most=100)}
