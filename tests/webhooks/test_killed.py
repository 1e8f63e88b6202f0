"""SIGKILL at random moments under load: nothing that was acknowledged is lost."""

import os
import random
from pathlib import Path

import pytest

from .killing import kill_receivers

pytestmark = [pytest.mark.asyncio, pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL here")]


@pytest.mark.timeout(300)
async def test_no_acknowledged_event_is_lost(tmp_path: Path) -> None:
    """Receivers with consumers are killed 100 times; each acknowledged event is handled, at least once."""
    seed = random.randrange(2**32)
    report = await kill_receivers(tmp_path, times=100, seed=seed)
    handled = {key.removeprefix("id:") for key in report.handled}
    assert report.acknowledged - handled == set(), f"seed {seed}"
    assert report.kills == 100
    assert len(report.acknowledged) > 200, "the load was too small to prove anything"
