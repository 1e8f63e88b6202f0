"""`client.account`."""

from attrs import evolve

from ..models.account import Usage
from ..models.converter import structure
from ..operations import BY_NAME
from ..pipeline import Pipeline

__all__ = ["Account"]

USAGE = BY_NAME["getAccountUsage"]


class Account:
    """Credits, plan, limits and prices."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def usage(self) -> Usage:
        """How the account stands. Free; at most 5 requests a minute.

        Raises any `LushaError`. Source: the vendor's account usage reference.
        """
        reply = await self._pipeline.call(USAGE)
        return evolve(structure(reply.payload, Usage), quota=reply.quota)
