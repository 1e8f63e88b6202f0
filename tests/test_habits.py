"""What the project runs on each change is the same everywhere: on a commit, in nox, in CI."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from typing import Any

import yaml

from tests.examples import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
VERSIONS = re.findall(r"Programming Language :: Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))


def commands_of(session: str) -> list[str]:
    """The commands that a session of the noxfile runs."""
    sessions = {
        node.name: node
        for node in ast.parse((ROOT / "noxfile.py").read_text()).body
        if isinstance(node, ast.FunctionDef)
    }
    return [
        " ".join(ast.literal_eval(argument) for argument in call.args)
        for call in ast.walk(sessions[session])
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "session.run"
    ]


def workflow() -> dict[str, Any]:
    """The hosted workflow."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    return loaded


def test_a_commit_is_checked_by_what_ci_runs() -> None:
    """The hooks are the commands of the lint and typing sessions, all of them and no others."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert [hook["entry"] for hook in hooks] == [*commands_of("lint"), *commands_of("typing")]


def test_the_matrix_is_what_the_classifiers_promise() -> None:
    """The workflow's own script, run here, names the interpreters of the classifiers."""
    (step,) = [step for step in workflow()["jobs"]["interpreters"]["steps"] if step.get("id") == "classifiers"]
    script = step["run"].split("<<'EOF'\n")[1].split("EOF")[0]
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.removeprefix("versions=")) == VERSIONS
    assert VERSIONS


def test_ci_runs_the_command_of_the_readme() -> None:
    """Each interpreter runs `.ci/run`, which takes its command from the README."""
    steps = workflow()["jobs"]["checks"]["steps"]
    assert any(step.get("run", "").startswith("bash .ci/run") for step in steps)
    assert "<!-- test command -->" in (ROOT / ".ci/run").read_text()
    assert "<!-- test command -->" in (ROOT / "README.md").read_text()
