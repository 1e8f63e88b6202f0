"""`client.account`."""

from .._call.call import Executor
from .._call.decode import envelope
from ..models.account import Usage
from ..operations import BY_NAME

__all__ = ["Account"]

USAGE = BY_NAME["getAccountUsage"]


class Account:
    """The account's credits, plan, rate limits and prices. Source: the vendor's account usage reference."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def usage(self) -> Usage:
        """The account's current usage. Free; at most 5 calls a minute. Raises any `LushaError`."""
        return envelope(await self._executor.call(USAGE), Usage)
