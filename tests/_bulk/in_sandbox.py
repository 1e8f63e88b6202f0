"""A client of a new sandbox in process, on a virtual clock, whose books are compared at the end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from lusha_async.billing import CreditBudget
from lusha_async.client import LushaClient
from lusha_async.governor import Governor
from lusha_async.sandbox.serve.transport import SandboxTransport, transport
from tests import virtual_clock

__all__ = ["with_sandbox"]


def with_sandbox(
    main: Callable[[LushaClient, SandboxTransport], Awaitable[None]],
    *,
    budget: CreditBudget | None = None,
    **settings: Any,
) -> None:
    """Run `main` with a client of a new sandbox; afterwards the ledger has to be the sandbox's books."""

    async def run() -> None:
        wire = transport(latency=0.1, **{"limits": False, **settings})
        client = LushaClient(
            wire.api_key,
            base_url=wire.base_url,
            transport=wire,
            budget=budget,
            governor=Governor(clock=asyncio.get_running_loop().time),
        )
        async with client:
            await main(client, wire)
        assert client.ledger.credits == wire.sandbox.state.billing.spent
        assert len(asyncio.all_tasks()) == 1

    virtual_clock.run(run())
