"""The vendor's description of requests, closed to members that it does not name, as the vendor's server is."""

from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from lusha_async.wire import Request
from tests.sandbox.vendor_schema import contract

__all__ = ["body_schema", "sample", "validate", "validator"]


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    told = {name: _closed(value) for name, value in node.items()}
    if isinstance(told.get("properties"), dict) and "additionalProperties" not in told:
        told["additionalProperties"] = False
    return told


@cache
def _schemas() -> Any:
    return _closed(contract()["components"]["schemas"])


@cache
def _operation(name: str) -> Any:
    (operation,) = (
        operation
        for methods in contract()["paths"].values()
        for operation in methods.values()
        if isinstance(operation, dict) and operation.get("operationId") == name
    )
    return operation


def body_schema(name: str, *path: str) -> Any:
    """The schema of an operation's body, or of the member at `path`; None where it takes no body."""
    if "requestBody" not in _operation(name):
        return None
    schema = _closed(_operation(name)["requestBody"]["content"]["application/json"]["schema"])
    for step in path:
        schema = _resolved(schema)["properties"][step]
    return _resolved(schema)


def _resolved(schema: Any) -> Any:
    while "$ref" in schema:
        schema = _schemas()[schema["$ref"].rpartition("/")[2]]
    return schema


def sample(schema: Any) -> Any:
    """A value that fits `schema`, every member given."""
    schema = _resolved(schema)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema or "allOf" in schema:
        return sample((schema.get("anyOf") or schema["allOf"])[0])
    kind = schema.get("type", "object")
    if kind == "array":
        return [sample(schema["items"])] * max(1, schema.get("minItems", 1))
    if kind == "object":
        return {name: sample(member) for name, member in schema.get("properties", {}).items()}
    if kind == "string":
        return {"date": "2026-01-01", "email": "a@example.com", "uri": "https://x.example"}.get(
            schema.get("format", ""), "x" * max(1, schema.get("minLength", 1))
        )
    return True if kind == "boolean" else max(1, schema.get("minimum", 1))


@cache
def validator(name: str) -> Any:
    """What judges bodies of an operation, the forms of dates and addresses included."""
    jsonschema_rs = pytest.importorskip("jsonschema_rs")
    schema = {**body_schema(name), "components": {"schemas": _schemas()}}
    return jsonschema_rs.Draft4Validator(schema, validate_formats=True)


def _parameter(told: Any) -> Any:
    return contract()["components"]["parameters"][told["$ref"].rpartition("/")[2]] if "$ref" in told else told


def validate(request: Request) -> None:
    """Insist that the request's body and query are what the vendor takes, and hold nothing else."""
    name = request.operation.name
    if body_schema(name) is None:
        assert request.content is None, name
    else:
        problems = [
            f"{'/'.join(map(str, p.instance_path))}: {p.message}"
            for p in validator(name).iter_errors(request.body)
        ]
        assert not problems, f"{name}: {problems[:5]}"
    parameters = [_parameter(told) for told in _operation(name).get("parameters", [])]
    known = {told["name"] for told in parameters if told["in"] == "query"}
    sent = {key for key, _ in parse_qsl(urlsplit(request.url).query)}
    assert sent <= known, f"{name}: {sent - known}"
