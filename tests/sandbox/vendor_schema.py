"""The vendor's OpenAPI description as JSON schemas, when it is beside the project."""

from functools import cache
from typing import Any

import pytest

from tests.conftest import SHARED

__all__ = ["SPEC", "contract", "validate_answer"]

SPEC = SHARED / "spec" / "openapi.yml"


def _as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0's `nullable` in the words of JSON schema; references point into the same document."""
    if isinstance(node, list):
        return [_as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    schema = {name: _as_json_schema(value) for name, value in node.items() if name not in {"example", "examples"}}
    if schema.pop("nullable", False) and "$ref" not in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema


@cache
def contract() -> Any:
    """The whole description."""
    if not SPEC.exists():
        pytest.skip("the vendor's OpenAPI description is not beside the project")
    yaml = pytest.importorskip("yaml")
    return _as_json_schema(yaml.safe_load(SPEC.read_text()))


@cache
def _validator(name: str, status: int) -> Any:
    jsonschema_rs = pytest.importorskip("jsonschema_rs")
    document = contract()
    operations = [
        operation
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and operation.get("operationId") == name
    ]
    (operation,) = operations
    answer = operation["responses"].get(str(status))
    if answer is None:
        return None
    while "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    schema = answer.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return None
    return jsonschema_rs.Draft4Validator({**schema, "components": document["components"]})


def validate_answer(name: str, status: int, payload: Any) -> bool:
    """Insist that the answer is what the description says; False if it describes no such answer."""
    validator = _validator(name, status)
    if validator is None:
        return False
    problems = [f"{'/'.join(map(str, p.instance_path))}: {p.message}" for p in validator.iter_errors(payload)]
    assert not problems, f"{name} {status}: {problems[:5]}"
    return True
