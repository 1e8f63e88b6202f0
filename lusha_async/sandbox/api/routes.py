"""Routing: the operation of a method and path. Pure."""

from collections.abc import Mapping
from urllib.parse import unquote

from ...operations import OPERATIONS, Operation

__all__ = ["find"]

_STATIC: Mapping[tuple[str, str], Operation] = {
    (operation.method, operation.path): operation for operation in OPERATIONS if "{" not in operation.path
}
_TEMPLATES = tuple(
    (operation.method, tuple(operation.path.split("/")), operation)
    for operation in OPERATIONS
    if "{" in operation.path
)


def find(method: str, path: str) -> tuple[Operation, Mapping[str, str]] | None:
    """The operation and its path parameters; None if there is no such route. `path` is percent-encoded."""
    operation = _STATIC.get((method, path))
    if operation is not None:
        return operation, {}
    parts = path.split("/")
    for wanted, template, candidate in _TEMPLATES:
        if wanted == method and len(template) == len(parts):
            params = _match(template, parts)
            if params is not None:
                return candidate, params
    return None


def _match(template: tuple[str, ...], parts: list[str]) -> Mapping[str, str] | None:
    params: dict[str, str] = {}
    for wanted, part in zip(template, parts, strict=True):
        if wanted.startswith("{"):
            if not part:
                return None
            params[wanted[1:-1]] = unquote(part)
        elif wanted != part:
            return None
    return params
