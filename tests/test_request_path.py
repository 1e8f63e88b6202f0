"""CONTRIBUTING's way of a request is the way that a request takes, and it does not grow in silence."""

import asyncio
import gc
import json
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import pytest
import respx

import lusha_async
from lusha_async import Governor, LushaClient
from tests.examples import ROOT

PACKAGE = Path(lusha_async.__file__).parent
KEY = "00000000-0000-4000-8000-000000000000"
QUOTA = {"x-rate-limit-minute": "300", "x-minute-requests-left": "290", "x-minute-usage": "10"}


def enriched(request: httpx.Request) -> httpx.Response:
    """Each id that was requested, with an address."""
    ids = json.loads(request.content)["ids"]
    rows = [{"id": id, "firstName": "A", "emails": [{"email": "a@b.example", "credits": 1}]} for id in ids]
    billing = {"creditsCharged": len(ids), "resultsReturned": len(ids)}
    return httpx.Response(200, json={"requestId": "r", "results": rows, "billing": billing}, headers=QUOTA)


async def traced(call: Callable[[LushaClient], Awaitable[object]]) -> tuple[set[str], int]:
    """The modules of ours that a warm call enters, and the number of calls of ours that it makes."""
    modules: set[str] = set()
    calls = 0

    def see(frame: FrameType, event: str, _: Any) -> None:
        nonlocal calls
        file = frame.f_code.co_filename
        if event == "call" and file.startswith(("<decoder of", str(PACKAGE))):
            calls += 1
            if not file.startswith("<"):
                modules.add(".".join(Path(file).relative_to(PACKAGE).with_suffix("").parts))

    with respx.mock(base_url="https://api.lusha.com") as wire:
        wire.post("/v3/contacts/enrich").mock(side_effect=enriched)
        async with LushaClient(KEY, governor=Governor()) as lusha:
            for _ in range(3):
                await call(lusha)
            await asyncio.sleep(0)
            gc.disable()  # a finalizer of another test is no part of the call
            sys.setprofile(see)
            try:
                await call(lusha)
            finally:
                sys.setprofile(None)
                gc.enable()
    return modules, calls


def described() -> set[str]:
    """The modules that CONTRIBUTING lists."""
    section = (
        (ROOT / "CONTRIBUTING.md")
        .read_text(encoding="utf-8")
        .split("## The way of a request")[1]
        .split("\n## ")[0]
    )
    return {*re.findall(r"^    ([\w.]+) ", section, re.MULTILINE)}


@pytest.fixture
def no_profiler() -> None:
    """The test is the only profiler of its thread."""
    if sys.getprofile() is not None:
        pytest.skip("another profiler is at work")


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_profiler")
async def test_a_request_takes_the_way_that_contributing_lists() -> None:
    """`contacts.enrich(["1"])` enters exactly the modules of the list, in at most the calls reached so far."""
    modules, calls = await traced(lambda lusha: lusha.contacts.enrich(["1"]))
    assert modules == described()
    assert len(modules) <= MODULES
    assert calls <= CALLS


async def consume(outcomes: AsyncIterator[Any]) -> None:
    """Read all outcomes."""
    async for _ in outcomes:
        pass


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_profiler")
async def test_a_batch_passes_by_few_more_modules() -> None:
    """100 rows of `enrich_many` take the same way and the modules of bulk methods."""
    modules, _ = await traced(lambda lusha: consume(lusha.contacts.enrich_many([str(n) for n in range(100)])))
    assert len(modules) <= BULK_MODULES


MODULES, CALLS, BULK_MODULES = 27, 197, 34
"""What was reached; lower them when you can, and raise them only with a reason."""
