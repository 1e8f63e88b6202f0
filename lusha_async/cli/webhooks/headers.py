"""HTTP headers from a file: lines as on the wire, or a JSON object."""

import json
from typing import Any, cast

from ..errors import UsageError

__all__ = ["read_headers"]


def read_headers(content: bytes, name: str) -> list[tuple[str, Any]]:
    """The headers in `content`, read from the file `name`. Raises `UsageError` if it has neither form."""
    text = content.decode("utf-8", "replace").lstrip("\ufeff")
    if text.lstrip().startswith("{"):
        try:
            headers = json.loads(text)
        except ValueError:
            raise UsageError(f'"{name}" begins with a brace but is not JSON') from None
        return list(cast("dict[str, Any]", headers).items())
    pairs: list[tuple[str, Any]] = []
    for number, line in enumerate(text.splitlines(), 1):
        header, colon, value = line.partition(":")
        if colon and header.strip() and not line[0].isspace():
            pairs.append((header.strip(), value.strip()))
        elif line.strip() and not (number == 1 and "HTTP/" in line):  # the first line may be the request line
            raise UsageError(f'line {number} of "{name}" is not of the form "Name: value"')
    return pairs
