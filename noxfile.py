"""The project's checks: `nox` runs them all, `nox -s tests-3.12` one of them."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["lint", "typing", "wheel", "tests"]
nox.options.reuse_existing_virtualenvs = True

HERE = Path(__file__).parent.resolve()
DIST = HERE / "dist"
SHARED = HERE.parent / "shared"  # the vendor's contract and real data, where the developers have them
# What the tests read of the project beside the installed wheel.
FOLDERS = ("tests", "benchmarks", "docs", ".ci", ".github")
FILES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "pyproject.toml", "noxfile.py", ".pre-commit-config.yaml")
PROJECT = nox.project.load_toml("pyproject.toml")


def _runs(python: str | None, version: str) -> bool:
    """Whether `python` is really an interpreter of that version (a version manager's shim may not be)."""
    if python is None:
        return False
    probe = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    done = subprocess.run(probe, capture_output=True, text=True, check=False)
    return done.returncode == 0 and done.stdout.strip() == version


def _installed(version: str) -> bool:
    """Whether an interpreter of `version` is on this machine; one that a version manager hides is put on PATH."""
    if _runs(shutil.which(f"python{version}"), version):
        return True
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for python in sorted(root.glob(f"versions/{version}.*/bin/python{version}"), reverse=True):
        if _runs(str(python), version):
            os.environ["PATH"] = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
            return True
    return False


PYTHONS = [version for version in nox.project.python_versions(PROJECT) if _installed(version)]


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff's rules and format, and the direction of imports."""
    session.install("ruff>=0.9", "import-linter>=2.1")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports")


@nox.session
def typing(session: nox.Session) -> None:
    """Mypy and pyright, both strict, on the package and on a file of user code."""
    session.install("-e", ".[test]", "mypy>=1.14", "pyright[nodejs]>=1.1.390")
    session.run("mypy")
    session.run("pyright")


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel that the tests install."""
    session.install("build")
    shutil.rmtree(DIST, ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(DIST), silent=True)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The tests, on each installed interpreter that the classifiers name: of the wheel, the source out of the way."""
    built = next(DIST.glob("*.whl"), None)
    if built is None:
        session.error("build the wheel first: nox -s wheel")
    session.install(f"lusha-async[test] @ {built.resolve().as_uri()}")
    session.install("--force-reinstall", "--no-deps", str(built))  # the same version, built anew
    elsewhere = Path(session.create_tmp()) / "elsewhere"
    shutil.rmtree(elsewhere, ignore_errors=True)
    elsewhere.mkdir()
    for name in FOLDERS:
        shutil.copytree(name, elsewhere / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(name, elsewhere / name)
    if SHARED.is_dir():
        session.env["LUSHA_ASYNC_SHARED"] = str(SHARED)
    session.chdir(elsewhere)
    session.run("python", "-c", "import lusha_async; assert 'site-packages' in lusha_async.__file__")
    session.run("pytest", "-n", "2", *session.posargs)  # half of the suite waits for processes and sockets


@nox.session(python=PYTHONS[:1])
def lowest(session: nox.Session) -> None:
    """The tests with the lowest versions that are declared, of what the package and its extras need."""
    extras = PROJECT["project"]["optional-dependencies"]
    declared = [*PROJECT["project"]["dependencies"], *extras["cli"], *extras["sandbox"]]
    pins = Path(session.create_tmp()) / "lowest.txt"
    pins.write_text("\n".join(line.split(",")[0].replace(">=", "==") for line in declared))
    session.install("-c", str(pins), "-e", ".[test]")
    session.run("pytest", "-n", "2", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Print the table of the benchmarks; not part of the default run."""
    session.install("-e", ".[bench]")  # with the peers
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session
def honesty(session: nox.Session) -> None:
    """The sandbox against the vendor's description, where it is at hand: schemathesis, and a generated client."""
    session.install("-e", ".[test]", "schemathesis>=4", "openapi-python-client>=0.29")
    session.run("python", "-m", "tests.sandbox.schemathesis_session")
    session.run("python", "-m", "tests.sandbox.generated_client_session")


@nox.session
def mutation(session: nox.Session) -> None:
    """Change the pure modules that `tool.mutmut` names, a bit at a time: the tests must notice 90 % of the changes."""
    session.install("-e", ".[test]", "mutmut>=3.8")
    shutil.rmtree(HERE / "mutants", ignore_errors=True)
    if SHARED.is_dir():
        session.env["LUSHA_ASYNC_SHARED"] = str(SHARED)
    session.run("mutmut", "run", *session.posargs)
    session.run("mutmut", "results")
    session.run("mutmut", "export-cicd-stats", silent=True)
    stats = json.loads((HERE / "mutants" / "mutmut-cicd-stats.json").read_text())
    noticed = (stats["killed"] + stats["timeout"]) / stats["total"]
    session.log(f"{noticed:.1%} of {stats['total']} noticed")
    if noticed < 0.9:
        session.error("too many changes go unnoticed: see the list above")


@nox.session(python=PYTHONS)
def field(session: nox.Session) -> None:
    """Ten thousand random cancellations under each kind of event loop, compared with the vendor's books."""
    session.install("-e", ".[test]")
    for kind in session.posargs or ("all",):
        session.run("python", "-m", "tests.loops.field", kind, "10000")
