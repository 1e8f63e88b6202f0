"""JSON lines as the command writes them."""

import json

__all__ = ["encode"]


def encode(value: object) -> bytes:
    """`value` as one line of UTF-8; half a surrogate pair, which UTF-8 cannot hold, stays a JSON escape."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
