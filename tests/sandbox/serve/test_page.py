"""The live page in a real browser without a screen."""

import asyncio
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from lusha_async import sandbox
from lusha_async.sandbox.faults.rules import KINDS
from lusha_async.sandbox.serve.admin import PAGE

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


async def browse(url: str, *options: str) -> str:
    """Open the page, let it live three seconds of the browser's own time, and give what it says."""
    assert CHROMIUM is not None
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=3000")
    process = await asyncio.create_subprocess_exec(
        CHROMIUM, *flags, *options, url, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(50):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return output.decode()


@pytest.mark.asyncio
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
async def test_the_page_shows_what_happened(tmp_path: Path) -> None:
    """Requests, refusals, windows, credits, faults and the last requests are shown, and can be pictured."""
    async with sandbox.serve(plan="premium", faults=["500,operation=companies.*"]) as server:
        async with httpx.AsyncClient(base_url=server.url, headers={"api_key": server.api_key}) as client:
            for _ in range(28):
                await client.post("/v3/contacts/enrich", json={"ids": sandbox.contact_ids(3)})
            await client.post("/v3/companies/search", json={"companies": [{"name": "Acme"}]})
        dom = await browse(server.url, "--dump-dom")
        picture = tmp_path / "page.png"
        await browse(server.url, f"--screenshot={picture}", "--window-size=1280,1200")
    figures = dict(re.findall(r'<b id="(\w+)">([^<]*)</b>', dom))
    assert figures["requests"] == "29"
    assert int(figures["refused"]) >= 1
    assert ">live<" in dom
    assert "1,800 left" in dom
    for text in ("enrichContacts", "fault: 500", "companies.*", 'role="meter"', 'class="no"'):
        assert text in dom
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 20_000


def test_the_page_needs_nothing_from_elsewhere() -> None:
    """No asset of another host, no markup made of text, and every kind of fault can be chosen."""
    text = PAGE.decode()
    assert not re.findall(r"(?:src|href)=\"(?!data:)", text)
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in text
    assert "innerHTML" not in text
    listed = re.findall(r"const KINDS = \((.*?)\)\.split", text, re.DOTALL)[0]
    assert set(re.findall(r"[\w-]+", listed)) == set(KINDS)
