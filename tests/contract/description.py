"""The vendor's OpenAPI description, closed to unknown members, for those who have it."""

from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

__all__ = ["examples", "operation", "request_problems"]


@cache
def document(path: Path) -> Any:
    """The whole description."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((path / "spec" / "openapi.yml").read_text(), Loader=loader)


@cache
def operation(path: Path, name: str) -> Any:
    """One operation of it."""
    found = [
        one
        for item in document(path)["paths"].values()
        for one in item.values()
        if isinstance(one, dict) and one.get("operationId") == name
    ]
    return found[0]


def request_problems(path: Path, name: str, body: Any) -> list[str]:
    """What the description has against a request body; unknown and null members count."""
    told = operation(path, name).get("requestBody")
    if told is None:
        return [] if body is None else ["a body where none is described"]
    components = _closed(document(path)["components"])
    schema = _closed(told["content"]["application/json"]["schema"])
    validator = jsonschema_rs.Draft4Validator({**schema, "components": components})
    return [f"{'/'.join(map(str, one.instance_path))}: {one.message}" for one in validator.iter_errors(body)]


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    told = {
        name: _closed(value) for name, value in node.items() if name not in {"example", "examples", "nullable"}
    }
    if isinstance(told.get("properties"), dict) and "additionalProperties" not in told and "type" in told:
        told["additionalProperties"] = False
    return told


def examples(path: Path, name: str) -> list[Any]:
    """The example answers of an operation."""
    found: list[Any] = []
    for status, answer in operation(path, name)["responses"].items():
        if str(status).startswith("2"):
            for content in answer.get("content", {}).values():
                found += [content["example"]] if "example" in content else []
                found += [one["value"] for one in content.get("examples", {}).values() if "value" in one]
    return found
