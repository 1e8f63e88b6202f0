"""Filters as a list of values to check. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from .._json import as_list, as_object
from .members import RULES, SETTLED, warnings
from .report import FilterWarning, UncheckedFilter
from .rules import Located, Rule, Spans

__all__ = ["RequestedValue", "Walked", "walked"]

Steps = tuple[str | int, ...]

_UNLISTED = "the vendor gives out no list of its values"
_CAPITAL = re.compile("[A-Z]")
_PLACE = re.compile(r"\[\d+\]$")


@frozen(kw_only=True)
class RequestedValue:
    """A value that `rule` can judge. `steps` lead to it in the body, `path` in the caller's filters."""

    path: str
    steps: Steps
    value: Any
    rule: Rule


Walked = RequestedValue | FilterWarning | UncheckedFilter


def walked(kind: str, criteria: Mapping[str, Any], *steps: str) -> Iterator[Walked]:
    """What can be checked of the criteria for `kind` (see `RULES`), what cannot, and what is not applied.

    `criteria` are as they are sent; `steps` lead to them in the filters.
    """
    for member, value in criteria.items():
        yield from _walk(RULES[kind], member, value, (*steps, member))
    if kind in {"contacts", "companies"}:
        for name, reason in warnings(kind, criteria):
            yield FilterWarning(path=_path((*steps, *name.split("."))), reason=reason)


def _walk(
    rules: Mapping[str, Rule], name: str, value: Any, steps: Steps
) -> Iterator[RequestedValue | UncheckedFilter]:
    rule = rules.get(name)
    if isinstance(value, list):
        for place, item in enumerate(as_list(value)):
            yield from _walk(rules, name, item, (*steps, place))
    elif isinstance(value, dict):
        covered = rule.covers(as_object(value)) if isinstance(rule, Located | Spans) else ()
        if covered and rule is not None:
            yield RequestedValue(path=_path(steps), steps=steps, value=as_object(value), rule=rule)
        for member, part in as_object(value).items():
            if member not in covered:
                yield from _walk(rules, f"{name}.{member}", part, (*steps, member))
    elif rule is not None:
        yield RequestedValue(path=_path(steps), steps=steps, value=value, rule=rule)
    elif name not in SETTLED:
        yield UncheckedFilter(path=_PLACE.sub("", _path(steps)), reason=_UNLISTED)


def _path(steps: Steps) -> str:
    """The steps in our names: `contacts.include.seniority_ids[0]`."""
    parts = (
        f"[{step}]" if isinstance(step, int) else "." + _CAPITAL.sub(lambda sign: f"_{sign[0].lower()}", step)
        for step in steps
    )
    return "".join(parts).removeprefix(".")
