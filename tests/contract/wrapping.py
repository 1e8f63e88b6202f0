"""What was read from an answer, put back into the form that the answer had, for comparison."""

from typing import Any

__all__ = ["rewrapped"]


def rewrapped(read: Any, like: Any) -> Any:
    """`read`, our JSON of an answer, in the form of the answer `like`.

    Lists of results are never None for our users: one that did not come is empty, and left out again here. Some
    answers wrap what they have in a member `data`.
    """
    told = dict(read)
    if "data" not in like or "data" in told:
        return _without_defaults(told, like)
    if not isinstance(like["data"], dict):
        data: Any = told.pop("results", None)
        return {**_without_defaults(told, like), "data": like["data"] if not data and not like["data"] else data}
    around = like.keys() - {"data"} - like["data"].keys()
    data = {name: value for name, value in told.items() if name not in around}
    both = {name: like[name] for name in like.keys() & like["data"].keys() - {"data"}}  # the inner one is read
    rest = {name: told[name] for name in around if name in told} | both
    return {**rest, "data": _without_defaults(data, like["data"])}


def _without_defaults(told: dict[str, Any], like: Any) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value != [] or name in like}
