"""How the calls of one view of the client behave."""

from attrs import field, frozen, validators

from .governor import Lane
from .retry import RetryPolicy
from .spending import CreditBudget
from .unclaimed import Claim

__all__ = ["Options"]


@frozen(kw_only=True)
class Options:
    """See `LushaClient` for the meaning of each.

    `lane` None is `interactive` for a call and `bulk` for the many-forms and page streams. `claim` is told
    when a request goes out and holds its answer: bulk work makes one for each of its calls.
    """

    timeout: float = field(default=60.0, validator=validators.gt(0))
    max_wait: float | None = field(default=None, validator=validators.optional(validators.ge(0)))
    lane: Lane | None = None
    retry: RetryPolicy = field(factory=RetryPolicy)
    budget: CreditBudget | None = None
    tag: str | None = None
    waterfall_enabled: bool = False
    raw: bool = False
    claim: Claim | None = field(default=None, repr=False, eq=False)
