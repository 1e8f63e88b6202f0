"""What a request has to pass before anything is done: its key, and the shape of its body."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from ...operations import Operation, Scope
from ..settings import INACTIVE_KEY, WRONG_KEY, Settings
from .answers import business, guard, standard
from .bodies import BODIES
from .queries import QUERIES
from .schema import Number, Problem, Thing, as_object

__all__ = ["check_key", "read_body", "read_query"]

_KEY = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def check_key(key: str | None, settings: Settings, now: float) -> None:
    """Refuse a key that is malformed (400), wrong (401) or of an account that is switched off (403)."""
    if key is not None and not _KEY.fullmatch(key):
        raise guard(400, "Invalid API key format", "Bad Request", now)
    if key is None or key == WRONG_KEY or (settings.keys and key not in settings.keys):
        raise guard(401, "Invalid API key", "Unauthorized", now)
    if key == INACTIVE_KEY:
        raise standard(403, "Your account is not active. Please reach out to support at support@lusha.com")


def read_body(
    operation: Operation,
    headers: Mapping[str, str],
    content: bytes,
    pass_unknown: Callable[[Operation, int], bool],
) -> Mapping[str, Any]:
    """The body, checked; 400 in the vendor's words if it is not what the operation takes.

    `pass_unknown` is asked whether that many unknown members may pass.
    Content that is not declared as JSON is not read at all.
    """
    shape = BODIES.get(operation.name)
    if shape is None:
        return {}
    body: dict[str, Any] | None = None
    if headers.get("content-type", "").split(";")[0].strip().lower() == "application/json" and content:
        try:
            body = as_object(json.loads(content))
        except ValueError:
            raise standard(400, "Unexpected token in JSON") from None
    if body is None:
        raise standard(
            400, "Validation failed", ["the body must be a JSON object, with Content-Type: application/json"]
        )
    problems = list(shape.members_of(body))
    unknown = sum(problem.unknown for problem in problems)
    if unknown and pass_unknown(operation, unknown):
        problems = [problem for problem in problems if not problem.unknown]
    if problems:
        raise _refusal(operation, problems)
    return body


def read_query(operation: Operation, text: str) -> Mapping[str, str]:
    """The query, checked; 400 if it is not what the operation takes."""
    query = dict(parse_qsl(text, keep_blank_values=True))
    members = QUERIES.get(operation.name, {})
    values = {
        name: _as_number(value) if isinstance(members.get(name), Number) else value
        for name, value in query.items()
    }
    problems = list(Thing(members=members).members_of(values))
    if problems:
        raise standard(400, "Validation failed", [problem.message for problem in problems])
    return query


def _as_number(text: str) -> int | str:
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else text


def _refusal(operation: Operation, problems: list[Problem]) -> Exception:
    """Webhook management and tables use the documented envelope, everything else that of the business layer."""
    if operation.scope is Scope.WEBHOOKS or ".tables." in operation.call:
        return standard(400, "Validation failed", [problem.message for problem in problems])
    return business(problems[0].message)
