"""Account usage: credits, windows, plan and prices. Source: the vendor's reference, and a recording."""

from typing import Any

from ..account.state import Call, State
from ..api.answers import Answer
from ..clock import iso
from ..limits.limiter import Window
from ..limits.plans import PRICES

__all__ = ["HANDLERS"]

_YEAR = 365 * 86_400


def usage(state: State, call: Call) -> Answer:
    """Credits, rate limits, plan and prices; the credits lag behind the charges by some seconds."""
    billing, plan, windows = state.billing, state.limiter.plan, state.limiter.windows
    used = billing.reported(call.now)
    return Answer(
        payload={
            "credits": {"total": billing.total, "used": used, "remaining": billing.total - used},
            "rateLimits": {
                "daily": _tier(windows.get("day"), call.now),
                "hourly": _tier(windows.get("hour"), call.now),
                "minute": _tier(windows.get("minute"), call.now),
            },
            "plan": {
                "category": plan.category,
                "renewalType": plan.renewal or "none",
                "startDate": iso(state.born),
                "endDate": iso(state.born + _YEAR) if plan.renewal else None,
            },
            "pricing": {
                key: {"credits": credits, "perQuantity": block}
                for key, (credits, block) in billing.prices.items()
                if key in PRICES
            },
        }
    )


def _tier(window: Window | None, now: float) -> dict[str, Any] | None:
    if window is None:
        return None
    resets = iso(now + window.resets_in(now))
    return {"limit": window.limit, "used": window.used, "remaining": window.left, "resetsAt": resets}


HANDLERS = {"getAccountUsage": usage}
