"""Who imports whom: the contracts of pyproject.toml, and what an import must not bring along."""

import subprocess
import sys

import pytest

from tests.architecture.repository import PACKAGES, ROOT, python_files


def loaded_by(statement: str) -> set[str]:
    """Top-level modules and service's own that a new interpreter holds after `statement`."""
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(answer.stdout.split())


def test_contracts_hold() -> None:
    # In a process of its own: it configures logging, and so would switch off every logger here.
    code = (
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(cache_dir=None))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize("statement", ["import trainyard", "from trainyard.cli import app"])
def test_the_client_loads_neither_engine_nor_service(statement: str) -> None:
    assert loaded_by(statement).isdisjoint({"engine", "service", "numpy", "numba", "sqlalchemy"})


def test_the_engine_loads_nothing_of_a_server() -> None:
    heavy = {"pydantic", "sqlalchemy", "fastapi", "polars", "httpx", "service", "trainyard"}
    assert loaded_by("import engine").isdisjoint(heavy)


def test_no_drawer_for_odds_and_ends() -> None:
    odd = {"utils", "util", "helpers", "misc", "common"}
    assert [path for path in python_files(*PACKAGES) if path.stem in odd] == []
