"""`lusha-async demo`: its measurements agree with the sandbox, and it leaves nothing behind."""

import json
import os
import signal
from pathlib import Path

import pytest

from lusha_async.cli.demo.run import rate_limit_share

from .command import start, wait_for


def _children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_small_demo_is_consistent(folder: Path) -> None:
    """No request is refused, client and sandbox count the same credits, progress is plain lines without a terminal."""
    process = start("demo", "--contacts", "500", "--prospects", "500", "--json", cwd=folder)
    out, err = process.communicate(timeout=50)
    assert process.returncode == 0, err
    result = json.loads(out)
    assert (result["refused"], result["requests"]) == (0, 5 + 10)
    assert result["busiest_second"] <= 25
    assert result["spent"] == result["charged"] == sum(result["charged_by_kind"].values()) > 0
    assert "prospects: 500 of 500 (100 %)" in err
    assert "\x1b" not in err
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to see the processes")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_a_stopped_demo_leaves_nothing_behind(folder: Path, number: signal.Signals, status: int) -> None:
    """However it is stopped, the sandbox's process ends too, and no file and no traceback is left."""
    process = start("demo", "--contacts", "5000", "--prospects", "500", cwd=folder)
    wait_for(lambda: bool(_children(process.pid)))
    (child,) = _children(process.pid)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == status, err
    assert "Traceback" not in err or status == -9  # the sandbox may complain that nobody listens
    wait_for(lambda: not _alive(child))
    assert list(folder.iterdir()) == []


def test_the_share_counts_full_seconds_only() -> None:
    """The first and last second of a stretch are cut by its beginning and end; a pause is not counted."""
    counts = {10: 3, 11: 25, 12: 24, 13: 7, 60: 20, 61: 25, 62: 1}
    assert rate_limit_share([{"at": at, "requests": count} for at, count in counts.items()]) == 74 / 75
    assert rate_limit_share([{"at": 10, "requests": 25}]) is None
