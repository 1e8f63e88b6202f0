"""Authentication and validation of a request: its key, its query, its body."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from ...operations import Operation, Scope
from ..settings import INACTIVE_KEY, WRONG_KEY, Settings
from .answers import auth_error, business_error, standard_error
from .bodies import BODIES
from .queries import QUERIES
from .schema import Number, Object, Problem, as_object

__all__ = ["check_key", "read_body", "read_query"]

_KEY = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def check_key(key: str | None, settings: Settings, now: float) -> None:
    """Raise `ErrorAnswer` for a malformed key (400), a missing or wrong one (401), an inactive account (403)."""
    if key is not None and not _KEY.fullmatch(key):
        raise auth_error(400, "Invalid API key format", "Bad Request", now)
    if key is None or key == WRONG_KEY or (settings.keys and key not in settings.keys):
        raise auth_error(401, "Invalid API key", "Unauthorized", now)
    if key == INACTIVE_KEY:
        raise standard_error(403, "Your account is not active. Please reach out to support at support@lusha.com")


def read_body(
    operation: Operation,
    headers: Mapping[str, str],
    content: bytes,
    allow_unknown: Callable[[Operation, int], bool],
) -> Mapping[str, Any]:
    """The validated body, empty for an operation without one.

    Raises `ErrorAnswer` (400) if the body is invalid or is not declared as JSON. `allow_unknown` is called with the
    number of unknown members and returns whether to ignore them.
    """
    schema = BODIES.get(operation.name)
    if schema is None:
        return {}
    body: dict[str, Any] | None = None
    if headers.get("content-type", "").split(";")[0].strip().lower() == "application/json" and content:
        try:
            body = as_object(json.loads(content))
        except (ValueError, RecursionError):
            raise standard_error(400, "Unexpected token in JSON") from None
    if body is None:
        raise standard_error(
            400, "Validation failed", ["the body must be a JSON object, with Content-Type: application/json"]
        )
    problems = list(schema.member_problems(body))
    unknown = sum(problem.unknown for problem in problems)
    if unknown and allow_unknown(operation, unknown):
        problems = [problem for problem in problems if not problem.unknown]
    if problems:
        raise _validation_error(operation, problems)
    return body


def read_query(operation: Operation, text: str) -> Mapping[str, str]:
    """The validated query. Raises `ErrorAnswer` (400) if it is invalid."""
    query = dict(parse_qsl(text, keep_blank_values=True))
    members = QUERIES.get(operation.name, {})
    values = {
        name: _as_number(value) if isinstance(members.get(name), Number) else value
        for name, value in query.items()
    }
    problems = list(Object(members=members).member_problems(values))
    if problems:
        raise standard_error(400, "Validation failed", [problem.message for problem in problems])
    return query


def _as_number(text: str) -> int | str:
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else text


def _validation_error(operation: Operation, problems: list[Problem]) -> Exception:
    """In the documented envelope for webhooks and tables, in the business layer's for everything else."""
    if operation.scope is Scope.WEBHOOKS or ".tables." in operation.call:
        return standard_error(400, "Validation failed", [problem.message for problem in problems])
    return business_error(problems[0].message)
