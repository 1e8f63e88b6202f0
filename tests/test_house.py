"""The structure of the package: imports point one way, and extras stay extras."""

import ast
import functools
import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import lusha_async
import lusha_async.models
from tests.examples import ROOT, Page

TESTS = sorted(Path(__file__).parent.rglob("test_*.py"))
PACKAGE = Path(lusha_async.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
EXTRAS = {"typer", "rich", "starlette", "uvicorn"}
OUTER = ("lusha_async.cli.", "lusha_async.sandbox.", "lusha_async.__main__.")


def name_of(module: Path) -> str:
    """The dotted name of a file of the package."""
    parts = ["lusha_async", *module.relative_to(PACKAGE).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def imports_of(module: Path) -> frozenset[str]:
    """Dotted names of all that a file imports, wherever in it."""
    package = name_of(module).split(".")
    if module.name != "__init__.py":
        package = package[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            found.update((source, *(f"{source}.{alias.name}" for alias in node.names)))
    return frozenset(found)


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_httpx_is_known_to_one_module(module: Path) -> None:
    """Only the transport imports httpx (and no module httpcore)."""
    known = {name.split(".")[0] for name in imports_of(module)}
    assert "httpcore" not in known
    assert "httpx" not in known or name_of(module) == "lusha_async._call.transport"


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_the_client_knows_neither_its_sandbox_nor_its_command(module: Path) -> None:
    """No module of the client imports the sandbox, the webhooks or the command."""
    if not f"{name_of(module)}.".startswith(OUTER):
        assert not [name for name in imports_of(module) if f"{name}.".startswith(OUTER)]


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_pure_modules_stay_pure(module: Path) -> None:
    """The sans-io core imports neither an event loop nor a socket."""
    pure = {
        *("operations", "quota", "errors", "_redact", "_json", "_call.retry", "_bulk.align", "_pages.paging"),
        *("_wire.request", "_wire.response", "_wire.error_bodies", "_params.checks", "_params.encode"),
    }
    if name_of(module).removeprefix("lusha_async.") in pure:
        assert not {"asyncio", "anyio", "socket", "time"} & {name.split(".")[0] for name in imports_of(module)}


def test_importing_the_client_imports_no_extra() -> None:
    """`from lusha_async import LushaClient` loads no package of an extra (httpx itself loads rich where it is)."""
    loaded = f"{EXTRAS!r} & {{name.split('.')[0] for name in sys.modules}}"
    code = f"import sys, httpx; before = {loaded}; from lusha_async import LushaClient; print({loaded} - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


PUBLIC = {
    "": "client errors operations quota",
    "billing": "budget costs ledger meter prices unclaimed",
    "filters": "cache check members nearest report rules sources walk",
    "governor": (
        "breaker capacity config events external_traffic forecast governor limiter_state pace plan_window scheduler "
        "snapshot timers wait_queue"
    ),
    "models": (
        "account buying_group common companies contacts conversations filter_values filters icp lookalikes model "
        "recommendations signals tables visits webhooks"
    ),
    "resources": "account companies contacts conversations filters icp tables webhooks",
    "webhooks": (
        "acknowledgement delivery diagnosis errors events inbox memory_inbox receiver replay rotation secrets "
        "signature sqlite_inbox"
    ),
}
"""The modules that a user may import, by their folder; of the sandbox and the command only the package itself."""


def test_public_modules_are_these() -> None:
    """A module is public only by being listed here, and every folder of the package is known."""
    found = {
        (module.parent.relative_to(PACKAGE).as_posix().replace(".", ""), module.stem)
        for module in MODULES
        if not any(part.startswith("_") for part in module.relative_to(PACKAGE).with_suffix("").parts)
    }
    found = {(folder, name) for folder, name in found if folder.split("/")[0] not in {"cli", "sandbox"}}
    assert found == {(folder, name) for folder, names in PUBLIC.items() for name in names.split()}
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders - {"_bulk", "_call", "_pages", "_params", "_wire"} == {*PUBLIC, "cli", "sandbox"} - {""}


def test_contributing_names_each_folder() -> None:
    """The tree in CONTRIBUTING has one line for each folder and each module at the top, and no other."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    lines = re.findall(
        r"^      ([\w/, ]+?)(?:  |$)", page.split("    lusha_async/\n")[1].split("\n\n")[0], re.MULTILINE
    )
    named = {name.strip(" /") for line in lines for name in line.split(",")}
    entries = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert named == entries - {"__init__", "__main__", "__pycache__", "_version"}


def test_no_class_name_stands_in_two_modules() -> None:
    """A name means one thing in the whole SDK; the sandbox may share a domain's word."""
    where: dict[str, set[str]] = {}
    for module in MODULES:
        if "sandbox" not in module.relative_to(PACKAGE).parts:
            for node in ast.parse(module.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef):
                    where.setdefault(node.name.lstrip("_"), set()).add(name_of(module))
    assert not {name: modules for name, modules in where.items() if len(modules) > 1}


OURS = re.compile(
    r"\b(told|befell|nobody|whoever|forsaken?|misread|lookahead|mends?|many-forms?|shared form|no such thing)\b",
    re.IGNORECASE,
)
"""Words that only their authors understood, in names and texts."""


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_has_no_words_of_ours(module: Path) -> None:
    """Names, docstrings, comments and texts use the words of the field."""
    words = module.read_text(encoding="utf-8").replace("_", " ")
    assert not OURS.findall(words)


@pytest.mark.parametrize("package", [lusha_async, lusha_async.models], ids=lambda package: package.__name__)
def test_checkers_know_the_names_that_can_be_had(package: ModuleType) -> None:
    """What type checkers are told of the package is what it gives at run time."""
    block = next(
        node
        for node in ast.parse(inspect.getsource(package)).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    known: set[str] = set()
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        if node.names[0].name == "*":
            known.update(import_module(f"{package.__name__}.{node.module}").__all__)
        else:
            assert all(alias.name == alias.asname for alias in node.names)
            known.update(alias.name for alias in node.names)
    assert known >= {*package.__all__} - {"__version__"}
    if package is lusha_async:
        assert known == {*package.__all__} - {"__version__"}


def test_every_public_name_exists() -> None:
    """What `__all__` promises can be had, and a name that is not there is refused as usual."""
    for name in lusha_async.__all__:
        assert getattr(lusha_async, name) is not None
    with pytest.raises(AttributeError):
        getattr(lusha_async, "no_such_name")  # noqa: B009


@pytest.mark.parametrize("path", ["README.md", *sorted(f"docs/{page.name}" for page in ROOT.glob("docs/*.md"))])
def test_every_example_of_the_documentation_is_run(path: str) -> None:
    """The test file that opens a page runs each example of it by name, and no block of Python is left unmarked."""
    page = Page(path)
    if path != "docs/sandbox.md":  # its recipes are run by their number, all of them
        assert len(page.names()) == page.text.count("```python"), "a block without a name"
    files = [text for file in TESTS if f'Page("{path}")' in (text := file.read_text())]
    for name in page.names():
        assert any(f'.example("{name}")' in text for text in files), f"no test runs {name} of {path}"


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.stem)
def test_every_test_says_what_it_proves(file: Path) -> None:
    """Each test function has a docstring."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            assert ast.get_docstring(node), f"{file.name}:{node.lineno} {node.name}"
