"""Every package that the code imports is declared, and every declared one is imported."""

import ast
import sys
from functools import cache
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.repository import PACKAGES, pyproject, python_files

# Used without an import of their own.
BY_OTHERS = {
    "psycopg": "the driver behind a postgresql:// URL",
    "python-multipart": "FastAPI reads uploads with it",
    "s3fs": "fsspec opens s3:// with it",
    "scipy": "Numba calls its BLAS",
    "uvicorn": "its standard extra is what serves",
}
FIRST_PARTY = {*PACKAGES, "benchmarks", "migrations", "tests"}


def imported(path: str) -> set[str]:
    """Top-level modules that any file below `path` imports, wherever in the file."""
    names: set[str] = set()
    for file in python_files(path):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names) - FIRST_PARTY


@cache
def distributions() -> dict[str, set[str]]:
    return {
        module: {canonicalize_name(name) for name in names}
        for module, names in packages_distributions().items()
    }


def declared() -> set[str]:
    project = pyproject()["project"]
    extras = project["optional-dependencies"]
    lines = [
        *project["dependencies"],
        *(line for extra in ("server", "postgres", "s3") for line in extras[extra]),
    ]
    return {canonicalize_name(Requirement(line).name) for line in lines}


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_are_declared(package: str) -> None:
    undeclared = {
        module
        for module in imported(package)
        if distributions().get(module, {module}).isdisjoint(declared())
    }
    assert undeclared == set(), "add them to the dependencies in pyproject.toml, then `make lock`"


def test_declared_packages_are_used() -> None:
    modules = set().union(*(imported(package) for package in (*PACKAGES, "migrations")))
    used = set().union(*(distributions().get(module, set()) for module in modules))
    assert declared() - used - BY_OTHERS.keys() == set()
