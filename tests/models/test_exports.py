"""`lusha_async.models` exports every model, and loads only what is used."""

import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest

from lusha_async import models

HELPERS = {"NO_MEMBERS", "credit_count", "known", "numeric_id", "row_count", "wire_name"}
MODULES = [module.name for module in pkgutil.iter_modules(models.__path__) if not module.name.startswith("_")]


def test_every_model_of_every_module_is_exported() -> None:
    """`__all__` has each public name of each module once, and no other."""
    names = [name for module in MODULES for name in import_module(f"lusha_async.models.{module}").__all__]
    assert sorted(models.__all__) == sorted(set(names) - HELPERS)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", models.__all__)
def test_each_name_resolves_to_its_class(name: str) -> None:
    """The name is the class of that name, of a public module."""
    cls = getattr(models, name)
    assert cls.__name__ == name
    assert cls.__module__.removeprefix("lusha_async.models.") in MODULES


def test_an_unknown_name_is_refused() -> None:
    """As by any module."""
    with pytest.raises(AttributeError, match="has no attribute 'no_such_name'"):
        getattr(models, "no_such_name")  # noqa: B009
    assert {"Contact", "Company"} <= {*dir(models)}


def test_a_model_loads_only_its_module() -> None:
    """Importing the package loads no model, and importing one loads no other namespace's."""
    code = """
import sys, lusha_async.models
before = [name for name in sys.modules if name.startswith("lusha_async.models.")]
from lusha_async.models import Usage
print(before, "lusha_async.models.contacts" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] False"
