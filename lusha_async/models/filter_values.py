"""What filters there are and which values they take. Source: the vendor's prospecting filters reference."""

from typing import Any

from attrs import frozen

from .common import Told
from .model import Model

__all__ = ["FilterType", "FilterTypes", "FilterValues"]


@frozen(kw_only=True)
class FilterType(Model):
    """A filter; where `requires_query`, its values are searched by a text of 2-256 characters."""

    filter_type: str | None = None
    requires_query: bool | None = None


@frozen(kw_only=True)
class FilterTypes(Told):
    """The filters that there are."""

    available_filters: tuple[FilterType, ...] = ()


@frozen(kw_only=True)
class FilterValues(Told):
    """The values of a filter. Their shape is the filter's own: texts, names with codes, ranges, ..."""

    values: Any = None
