"""The filters of prospecting and the values they accept.

Source: the vendor's prospecting filters reference.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Generic, TypeVar

from attrs import frozen

from .common import BaseResponse
from .model import Model

__all__ = ["Discovered", "FilterType", "FilterTypesResponse", "FilterValuesResponse"]

T = TypeVar("T")


@frozen(kw_only=True)
class FilterType(Model):
    """A filter. If `requires_query`, its values are found by a search text of 2 to 256 characters."""

    filter_type: str | None = None
    requires_query: bool | None = None


@frozen(kw_only=True)
class FilterTypesResponse(BaseResponse):
    """The filters that exist."""

    available_filters: tuple[FilterType, ...] = ()


@frozen(kw_only=True)
class FilterValuesResponse(BaseResponse):
    """The values of a filter. Their shape depends on the filter: texts, names with codes, ranges, ..."""

    values: Any = None


@frozen(kw_only=True)
class Discovered(Generic[T]):
    """A list of the vendor's, kept in memory. Iterating over it gives its `values`.

    `fetched_at` (UTC) is the time of the response; `age` is how many seconds ago that was when it was returned.
    """

    values: tuple[T, ...]
    fetched_at: datetime
    age: float

    def __iter__(self) -> Iterator[T]:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)
