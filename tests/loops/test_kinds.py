"""Callers that leave at random, under each kind of event loop; `nox -s field` has ten thousand of them for each."""

import subprocess
import sys

import pytest

from tests.examples import ROOT
from tests.loops.kinds import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_every_credit_is_known(kind: str) -> None:
    """Requests, credits and lost answers of ledger and vendor agree, and no id was paid for that nobody knows of.

    No warning, no unretrieved exception, no task and no socket is left, though the client is closed in a cancelled
    scope.
    """
    command = [sys.executable, "-X", "dev", "-m", "tests.loops.field", kind, "100"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=50, check=False)
    assert (done.returncode, done.stderr) == (0, "")
