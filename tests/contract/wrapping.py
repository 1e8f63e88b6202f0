"""Answers that come in a member `data`: what was read from one, put back into its wrapping for comparison."""

from typing import Any

__all__ = ["rewrapped"]


def rewrapped(read: Any, like: Any) -> Any:
    """`read`, our JSON of an answer, wrapped as the answer `like` was."""
    if not isinstance(like, dict) or "data" not in like or "data" in read:
        return read
    rest = dict(read)
    if isinstance(like["data"], dict):
        around = like.keys() - {"data"} - like["data"].keys()
        data: Any = {name: value for name, value in rest.items() if name not in around}
        return {**{name: rest[name] for name in around if name in rest}, "data": data}
    data = rest.pop("results", None)
    return {**rest, "data": data}
