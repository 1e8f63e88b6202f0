"""The vendor's OpenAPI description for those who have it; requests are closed to members that it does not name.

The vendor's server refuses unknown members and nulls, so what may be sent is read strictly; answers may have more
than is described, so what may come is read as it is.
"""

from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema_rs
import yaml

from lusha_async._wire.request import Request
from tests.conftest import SHARED

__all__ = [
    "answer_schema",
    "body_schema",
    "document",
    "examples",
    "merged",
    "request_problems",
    "resolved",
    "sample",
    "validate_answer",
    "validator",
]


@cache
def document() -> Any:
    """The whole description."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((SHARED / "spec" / "openapi.yml").read_text(), Loader=loader)


@cache
def _operation(name: str) -> Any:
    (found,) = (
        one
        for item in document()["paths"].values()
        for one in item.values()
        if isinstance(one, dict) and one.get("operationId") == name
    )
    return found


def resolved(schema: Any) -> Any:
    """What a reference points to; anything else is itself."""
    while "$ref" in schema:
        found = document()
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def body_schema(name: str, *path: str) -> Any:
    """The schema of an operation's body, or of the member at `path`; None where it takes no body."""
    if "requestBody" not in _operation(name):
        return None
    schema = resolved(_operation(name)["requestBody"]["content"]["application/json"]["schema"])
    for step in path:
        schema = resolved(schema["properties"][step])
    return schema


def _success(name: str) -> Any:
    (answer,) = (answer for status, answer in _operation(name)["responses"].items() if str(status).startswith("2"))
    return resolved(answer)["content"]["application/json"]


def answer_schema(name: str) -> Any:
    """The schema of an operation's answer."""
    return _success(name)["schema"]


def examples(name: str) -> list[Any]:
    """The example answers of an operation."""
    told = _success(name)
    alone = [told["example"]] if "example" in told else []
    return alone + [one["value"] for one in told.get("examples", {}).values() if "value" in one]


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    hidden = {"example", "examples", "nullable"}  # a null is refused even where it is described
    told = {name: _closed(value) for name, value in node.items() if name not in hidden}
    if isinstance(told.get("properties"), dict) and "additionalProperties" not in told:
        told["additionalProperties"] = False
    return told


@cache
def _components() -> Any:
    return _closed(document()["components"])


@cache
def validator(name: str) -> Any:
    """What judges the bodies of an operation, the forms of dates and addresses included."""
    schema = {**_closed(body_schema(name)), "components": _components()}
    return jsonschema_rs.Draft4Validator(schema, validate_formats=True)


def request_problems(request: Request) -> list[str]:
    """What the description has against a request: its method and path, its query, its body."""
    name = request.operation.name
    if body_schema(name) is None:
        problems = [] if request.content is None else ["a body where none is described"]
    else:
        found = validator(name).iter_errors(request.body)
        problems = [f"{'/'.join(map(str, one.instance_path))}: {one.message}" for one in found]
    return problems + _query_problems(name, urlsplit(request.url).query) + _place_problems(request)


def _query_problems(name: str, query: str) -> list[str]:
    told = [resolved(parameter) for parameter in _operation(name).get("parameters", [])]
    known = {parameter["name"]: parameter for parameter in told if parameter["in"] == "query"}
    sent = dict(parse_qsl(query))
    problems = [f"query {one}: not described" for one in sent.keys() - known.keys()]
    problems += [f"query {one}: missing" for one, how in known.items() if how.get("required") and one not in sent]
    for one in sent.keys() & known.keys():
        schema = resolved(known[one]["schema"])
        value: Any = int(sent[one]) if schema.get("type") == "integer" else sent[one]
        validator = jsonschema_rs.Draft4Validator({**_closed(schema), "components": _components()})
        problems += [f"query {one}: {problem.message}" for problem in validator.iter_errors(value)]
    return problems


def _place_problems(request: Request) -> list[str]:
    operation = request.operation
    described = document()["paths"].get(operation.path, {}).get(operation.method.lower(), {})
    problems = [] if described.get("operationId") == operation.name else ["another method or path is described"]
    sent, template = urlsplit(request.url).path.split("/"), operation.path.split("/")
    if len(sent) != len(template) or any(
        not part if step.startswith("{") else part != step for part, step in zip(sent, template, strict=False)
    ):
        problems.append("its path does not follow the described one")
    return problems


def validate_answer(name: str, answer: Any) -> list[str]:
    """What the description has against an answer; members that it does not name are no matter."""
    components = _nullable(document()["components"])
    validator = jsonschema_rs.Draft4Validator({**_nullable(answer_schema(name)), "components": components})
    return [f"{'/'.join(map(str, one.instance_path))}: {one.message}" for one in validator.iter_errors(answer)]


def _nullable(node: Any) -> Any:
    """OpenAPI's `nullable` in the words of JSON schema."""
    if isinstance(node, list):
        return [_nullable(item) for item in node]
    if not isinstance(node, dict):
        return node
    told = {name: _nullable(value) for name, value in node.items() if name not in {"example", "examples"}}
    return {"anyOf": [told, {"type": "null"}]} if told.pop("nullable", False) is True else told


def merged(schema: Any) -> Any:
    """Several schemas as one."""
    parts = [resolved(part) for part in schema.get("allOf", ())]
    own = {name: value for name, value in schema.items() if name != "allOf"}
    together: dict[str, Any] = {}
    for part in (*map(merged, parts), own):
        properties = {**together.get("properties", {}), **part.get("properties", {})}
        required = [*together.get("required", []), *part.get("required", [])]
        together = {**together, **part, "properties": properties, "required": required}
    return together


def sample(schema: Any) -> Any:
    """A value that fits `schema`, with every member."""
    schema = resolved(schema)
    schema = merged(schema) if "allOf" in schema else schema
    if "enum" in schema:
        return schema["enum"][0]
    for alternatives in ("anyOf", "oneOf"):
        if alternatives in schema:
            return sample(schema[alternatives][0])
    kind = schema.get("type", "object")
    if kind == "array":
        return [sample(schema.get("items", {}))] * max(1, schema.get("minItems", 1))
    if kind == "object":
        return {name: sample(member) for name, member in schema.get("properties", {}).items()}
    if kind == "string":
        return {"date": "2026-01-01", "email": "a@example.com", "uri": "https://x.example"}.get(
            schema.get("format", ""), "x" * max(1, schema.get("minLength", 1))
        )
    return True if kind == "boolean" else max(1, schema.get("minimum", 1))
