"""Builds the request of an operation and its arguments. Pure. Source: the vendor's API reference."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import quote, urlencode

from attrs import evolve, field, frozen

from .._validators import LARGEST
from .._version import __version__
from ..errors import InvalidRequestError
from ..operations import Operation
from .settings import ApiKey, BaseURL

__all__ = ["OutgoingRequest", "Request", "build", "without_key"]

_LONE_SURROGATE = "contains half a character (a lone surrogate), which cannot be sent"
_MAX_URL = 32_768  # servers refuse less, and httpx raises an error of its own for more than 65,536
USER_AGENT = f"lusha-async/{__version__}"


@frozen(kw_only=True)
class OutgoingRequest:
    """What a transport sends. Its repr shows neither the headers (the key) nor the content (people)."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(default=None, repr=False)


@frozen(kw_only=True)
class Request(OutgoingRequest):
    """A request of an operation."""

    operation: Operation

    @property
    def body(self) -> Any:
        """The decoded JSON body; None if the request has none."""
        return None if self.content is None else json.loads(self.content)


def without_key(request: Request) -> Request:
    """A copy of `request` that may be kept: without the API key in its headers."""
    return evolve(request, headers={name: value for name, value in request.headers.items() if name != "api_key"})


def build(
    operation: Operation,
    *,
    base_url: BaseURL,
    key: ApiKey,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, str | int | bool | Sequence[str] | None] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Request:
    """Build the request. Members of `query` and `body` that are None are left out: the vendor refuses nulls.

    Raises `InvalidRequestError` for a path value that is not a non-empty string, a query value that is not a string,
    an integer, a bool or a list of strings, a URL of more than 32,768 characters, and a body that cannot be written as
    JSON.
    """
    if not isinstance(cast(Any, operation), Operation):
        raise InvalidRequestError("operation", "must be an Operation")
    for part, value in (("path", path), ("query", query), ("body", body)):
        if value is not None and not isinstance(cast(Any, value), Mapping):
            raise InvalidRequestError(part, "must be a mapping")
    url = base_url.value + operation.path.format_map(_PathValues(path or {}))
    parameters = [(name, _query_text(value, name)) for name, value in (query or {}).items() if value is not None]
    if parameters:
        try:
            url += "?" + urlencode(parameters, doseq=True)
        except UnicodeEncodeError:
            raise InvalidRequestError("query", _LONE_SURROGATE) from None
    if len(url) > _MAX_URL:
        raise InvalidRequestError("query" if parameters else "path", f"longer than {_MAX_URL} characters in a URL")
    content = None if body is None else _encode(body)  # may raise: no local holds the key yet
    headers = {"api_key": key.value, "accept": "application/json", "user-agent": USER_AGENT}
    if body is not None or operation.method == "POST":  # the vendor requires it on each POST
        headers["content-type"] = "application/json"
    return Request(operation=operation, method=operation.method, url=url, headers=headers, content=content)


class _PathValues(dict[str, str]):
    def __getitem__(self, name: str) -> str:
        value: object = self.get(name)
        if not isinstance(value, str) or value.strip().strip(".") == "":  # "." and ".." would change the path
            raise InvalidRequestError(name, "must be a non-empty string")
        try:
            return quote(value, safe="")
        except UnicodeEncodeError:
            raise InvalidRequestError(name, _LONE_SURROGATE) from None


def _query_text(value: Any, name: str) -> str | list[str]:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "".join(value)  # the value of an enumeration member, not its name
    if isinstance(value, int) and abs(value) <= LARGEST:
        return str(int(value))
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        texts = cast(Sequence[object], value)
        if all(isinstance(text, str) for text in texts):
            return [*map("".join, cast(Sequence[str], texts))]
    raise InvalidRequestError(name, "must be a string, an integer, True or False, or a list of strings")


def _encode(body: Mapping[str, Any]) -> bytes:
    try:
        text = json.dumps(_without_nulls(body), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequestError("body", f"not JSON ({type(error).__name__})") from None


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        members = cast(Mapping[str, Any], value)
        return {name: _without_nulls(member) for name, member in members.items() if member is not None}
    if isinstance(value, list | tuple):
        items = cast(Sequence[Any], value)
        return [item if type(item) is str else _without_nulls(item) for item in items]
    return value
