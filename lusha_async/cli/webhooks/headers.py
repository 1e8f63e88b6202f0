"""HTTP headers out of a file: lines as on the wire, or a JSON object."""

import json
from typing import Any, cast

from ..errors import Problem

__all__ = ["read_headers"]


def read_headers(content: bytes, name: str) -> list[tuple[str, Any]]:
    """The headers in `content`, the file `name`. Raises `Problem` if it is neither form."""
    text = content.decode("utf-8", "replace").lstrip("\ufeff")
    if text.lstrip().startswith("{"):
        try:
            told = json.loads(text)
        except ValueError:
            raise Problem(f'"{name}" is not JSON, though it begins with a brace') from None
        return list(cast("dict[str, Any]", told).items())
    pairs: list[tuple[str, Any]] = []
    for number, line in enumerate(text.splitlines(), 1):
        header, colon, value = line.partition(":")
        if colon and header.strip() and not line[0].isspace():
            pairs.append((header.strip(), value.strip()))
        elif line.strip() and not (number == 1 and "HTTP/" in line):  # a request line may stand first
            raise Problem(f'line {number} of "{name}" is not of the form "Name: value"')
    return pairs
