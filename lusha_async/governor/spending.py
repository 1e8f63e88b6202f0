"""How fast a plan window is spent: at once, evenly, or for a goal by a time. Pure."""

from attrs import field, frozen, validators

__all__ = ["GREEDY", "SMOOTH", "Deadline", "Greedy", "Smooth", "Spending"]


@frozen
class Greedy:
    """As fast as the pace of the second allows, until a window is used up: the most in the shortest time."""


@frozen
class Smooth:
    """Evenly over what is left of each plan window, so that there is always something left."""


@frozen(kw_only=True)
class Deadline:
    """`requests` within `seconds` from now, evenly; afterwards greedy."""

    requests: int = field(validator=validators.ge(1))
    seconds: float = field(validator=validators.gt(0.0))


Spending = Greedy | Smooth | Deadline

GREEDY = Greedy()
SMOOTH = Smooth()
