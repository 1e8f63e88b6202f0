"""`client.account`."""

from .._call.call import Executor
from .._call.decode import envelope
from ..models.account import Usage
from ..operations import BY_NAME

__all__ = ["Account"]

USAGE = BY_NAME["getAccountUsage"]


class Account:
    """Credits, plan, limits and prices."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def usage(self) -> Usage:
        """How the account stands. Free; at most 5 requests a minute.

        Raises any `LushaError`. Source: the vendor's account usage reference.
        """
        return envelope(await self._executor.call(USAGE), Usage)
