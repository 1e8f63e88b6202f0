"""The command as a user runs it: in this process, or in one of its own."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

__all__ = ["Account", "command", "environment", "start", "wait_for"]


def command(*arguments: str | Path) -> list[str]:
    """The command line of `python -m lusha_async`."""
    return [sys.executable, "-W", "error", "-m", "lusha_async", *map(str, arguments)]


def environment(**variables: str) -> dict[str, str]:
    """This process's environment with `variables`, and with the project importable from any folder."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", **variables}


def start(*arguments: str | Path, cwd: Path, **variables: str) -> "subprocess.Popen[str]":
    """The command in a process of its own."""
    return subprocess.Popen(
        command(*arguments),
        cwd=cwd,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Return when `condition` holds; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "timed out"
        time.sleep(0.005)


@frozen
class Account:
    """The account of a running sandbox, as the sandbox counts it."""

    url: str

    def _request(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def reset(self) -> None:
        """Reset the counters and remove all faults."""
        self._request("DELETE", "faults")
        self._request("POST", "reset", {})

    def fault(self, kind: str, **rule: float) -> None:
        """Inject a fault into searches with enrichment of companies; see the sandbox's `faults`."""
        self._request("POST", "faults", {"kind": kind, "operation": "searchAndEnrichCompanies", **rule})

    def leave(self, credits: int) -> None:
        """Set the credits left in the account."""
        self._request("POST", "credits", {"left": credits})

    @property
    def spent(self) -> int:
        """Credits charged."""
        return int(self._request("GET", "stats")["credits"]["used"])

    @property
    def requests(self) -> Mapping[str, int]:
        """Requests by operation."""
        requests: Mapping[str, int] = self._request("GET", "stats")["byOperation"]
        return requests
