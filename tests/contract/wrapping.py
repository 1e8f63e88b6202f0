"""What was read from an answer, put back into the form that the answer had, for comparison."""

from typing import Any

from lusha_async.models._codec.structure import structure
from lusha_async.models.common import BaseResponse
from lusha_async.models.filter_values import Discovered, FilterTypesResponse, FilterValuesResponse

__all__ = ["CACHED", "response_of", "rewrapped", "same"]

CACHED: dict[str, type[FilterTypesResponse | FilterValuesResponse]] = {
    "getContactFilterTypes": FilterTypesResponse,
    "getContactFilterValues": FilterValuesResponse,
    "getCompanyFilterTypes": FilterTypesResponse,
    "getCompanyFilterValues": FilterValuesResponse,
    "getCompanySignalFilters": FilterTypesResponse,
    "getCompanySignalFilterValues": FilterValuesResponse,
}
"""The operations whose method returns the list alone, and the response that the list is of."""


def response_of(name: str, read: Any, payload: Any) -> Any:
    """The response behind what the method of an operation returned for `payload`; a list is the one in it."""
    if not isinstance(read, Discovered):
        assert isinstance(read, BaseResponse)
        return read
    response = structure(payload, CACHED[name])
    values = response.values if isinstance(response, FilterValuesResponse) else response.available_filters
    if not isinstance(values, list | tuple):
        values = () if values is None else (values,)
    assert read.values == tuple(values)
    return response


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


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal, ids as numbers being their texts: the one thing that reading changes."""
    return bool(_with_ids_as_texts(one) == _with_ids_as_texts(other))


def _with_ids_as_texts(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_ids_as_texts(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        name: str(value)
        if type(value) is int and (name == "id" or name.endswith("Id"))
        else _with_ids_as_texts(value)
        for name, value in node.items()
    }
