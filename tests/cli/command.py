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
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.005)


@frozen
class Account:
    """The account of a sandbox, by its own count."""

    url: str

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def reset(self) -> None:
        """Forget what happened, and all faults."""
        self._ask("DELETE", "faults")
        self._ask("POST", "reset", {})

    def fault(self, kind: str, **rule: float) -> None:
        """Let searches with enrichment of companies fare badly: see the sandbox's `faults`."""
        self._ask("POST", "faults", {"kind": kind, "operation": "searchAndEnrichCompanies", **rule})

    def leave(self, credits: int) -> None:
        """Let the account hold so many credits."""
        self._ask("POST", "credits", {"left": credits})

    @property
    def spent(self) -> int:
        """Credits charged."""
        return int(self._ask("GET", "stats")["credits"]["used"])

    @property
    def requests(self) -> Mapping[str, int]:
        """Requests by operation."""
        told: Mapping[str, int] = self._ask("GET", "stats")["byOperation"]
        return told
