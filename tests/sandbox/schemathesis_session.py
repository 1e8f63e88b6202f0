"""Lets schemathesis judge the sandbox by the vendor's own description.

`python -m tests.sandbox.schemathesis_session` runs examples, coverage, fuzzing and stateful tests against a
sandbox in a process of its own, with limits off. Its checks: no server errors, every answer in the described
shape and content type, all bad data refused. Which statuses an operation may answer is left out, since the
description names 400 and 401 for some operations only.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from lusha_async import sandbox

__all__ = ["judge"]

SPEC = Path(__file__).parents[2].parent / "shared" / "spec" / "openapi.yml"
CHECKS = "not_a_server_error,response_schema_conformance,content_type_conformance,negative_data_rejection"


def judge(*, examples: int = 25, seed: int | None = None) -> int:
    """Run it; the exit status of schemathesis: 0 if it found nothing wrong."""
    if not SPEC.exists():
        sys.stderr.write("the vendor's OpenAPI description is not beside the project: nothing was judged\n")
        return 0
    with sandbox.spawn(limits=False, waterfall=True, credits=10**9) as server:
        command = [sys.executable, "-m", "schemathesis.cli", "run", str(SPEC), "--url", server.url]
        command += ["-H", f"api_key: {server.api_key}", "--checks", CHECKS, "--continue-on-failure", "--no-color"]
        command += ["--phases", "examples,coverage,fuzzing,stateful", "-n", str(examples)]
        command += [] if seed is None else ["--seed", str(seed)]
        with tempfile.TemporaryDirectory() as where:  # it keeps what it found in the working directory
            return subprocess.run(command, check=False, cwd=where).returncode


if __name__ == "__main__":
    raise SystemExit(judge())
