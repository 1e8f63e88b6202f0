"""Filters split into the values to check. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from attrs import frozen

from .._json import as_list, as_object
from .members import CHECKED_LOCALLY, RULES, warnings
from .report import FilterWarning, UncheckedFilter
from .rules import PlaceRule, RangeRule, Rule

__all__ = ["FilterValue", "FilterPart", "split_filters"]

Steps: TypeAlias = tuple[str | int, ...]

_UNLISTED = "the vendor publishes no list of its values"
_CAPITAL = re.compile("[A-Z]")
_INDEX = re.compile(r"\[\d+\]$")


@frozen(kw_only=True)
class FilterValue:
    """A value that `rule` checks. `steps` are its path in the request body, `path` that in the caller's filters."""

    path: str
    steps: Steps
    value: Any
    rule: Rule


FilterPart: TypeAlias = FilterValue | FilterWarning | UncheckedFilter


def split_filters(kind: str, criteria: Mapping[str, Any], *steps: str) -> Iterator[FilterPart]:
    """The values to check in the encoded `criteria` of a `kind` (see `RULES`), the parts without a list, and warnings.

    `steps` are the path of the criteria in the filters.
    """
    for member, value in criteria.items():
        yield from _walk(RULES[kind], member, value, (*steps, member))
    if kind in {"contacts", "companies"}:
        for name, reason in warnings(kind, criteria):
            yield FilterWarning(path=_path((*steps, *name.split("."))), reason=reason)


def _walk(
    rules: Mapping[str, Rule], name: str, value: Any, steps: Steps
) -> Iterator[FilterValue | UncheckedFilter]:
    rule = rules.get(name)
    if isinstance(value, list):
        for index, item in enumerate(as_list(value)):
            yield from _walk(rules, name, item, (*steps, index))
    elif isinstance(value, dict):
        covered = rule.covers(as_object(value)) if isinstance(rule, PlaceRule | RangeRule) else ()
        if covered and rule is not None:
            yield FilterValue(path=_path(steps), steps=steps, value=as_object(value), rule=rule)
        for member, part in as_object(value).items():
            if member not in covered:
                yield from _walk(rules, f"{name}.{member}", part, (*steps, member))
    elif rule is not None:
        yield FilterValue(path=_path(steps), steps=steps, value=value, rule=rule)
    elif name not in CHECKED_LOCALLY:
        yield UncheckedFilter(path=_INDEX.sub("", _path(steps)), reason=_UNLISTED)


def _path(steps: Steps) -> str:
    """The steps as a path of field names: `contacts.include.seniority_ids[0]`."""
    parts = (
        f"[{step}]" if isinstance(step, int) else "." + _CAPITAL.sub(lambda sign: f"_{sign[0].lower()}", step)
        for step in steps
    )
    return "".join(parts).removeprefix(".")
