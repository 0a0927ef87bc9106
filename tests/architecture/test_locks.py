"""What is locked is what is declared, checked by hash, from wherever the user's pip looks."""

import json
import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.repository import pyproject, read

LOCKS = ("build", "runtime", "production", "dev", "docs")
PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)(?P<marker> ;[^\\]+)?", re.MULTILINE
)


def text(lock: str) -> str:
    return read(f"requirements/{lock}.lock")


def pins(lock: str) -> dict[str, set[str]]:
    """Versions by package: one, or one for each range of Python versions."""
    found: dict[str, set[str]] = {}
    for match in PIN.finditer(text(lock)):
        found.setdefault(canonicalize_name(match["name"]), set()).add(match["version"])
    return found


def declared(*extras: str) -> list[Requirement]:
    project = pyproject()["project"]
    optional = project["optional-dependencies"]
    lines = [*project["dependencies"], *(line for extra in extras for line in optional[extra])]
    return [
        requirement
        for requirement in map(Requirement, lines)
        if requirement.name != project["name"]
    ]


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("runtime", ("server",)),
        ("production", ("server", "postgres", "s3")),
        ("dev", ("server", "postgres", "dev")),
        ("docs", ("docs",)),
    ],
    ids=["runtime", "production", "dev", "docs"],
)
def test_locks_what_is_declared(lock: str, extras: tuple[str, ...]) -> None:
    locked = pins(lock)
    for requirement in declared(*extras):
        versions = locked.get(canonicalize_name(requirement.name))
        assert versions, f"{requirement.name} is not in {lock}.lock: run `make lock`"
        assert all(requirement.specifier.contains(version) for version in versions)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash_and_no_address(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", text(lock).strip())
    assert entries
    for entry in entries:
        assert PIN.match(entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry
    assert "://" not in text(lock)
    assert not re.search(r"^\s*-(?!-hash)", text(lock), re.MULTILINE), (
        "options belong to the user's pip"
    )


@pytest.mark.parametrize("lock", ["build", "runtime", "production", "docs"])
def test_what_is_tested_is_what_is_served(lock: str) -> None:
    tested = pins("dev")
    differing = {
        name: (versions, tested[name])
        for name, versions in pins(lock).items()
        if name in tested and tested[name] != versions
    }
    assert differing == {}


@pytest.mark.parametrize("lock", LOCKS)
def test_no_deep_learning_framework_is_locked(lock: str) -> None:
    assert {"torch", "jax", "ray", "tensorflow"}.isdisjoint(pins(lock))


def test_the_tools_of_the_dashboard_are_locked_by_hash_without_addresses() -> None:
    packages = json.loads(read("tests/browser/package-lock.json"))["packages"]
    installed = {name: package for name, package in packages.items() if name}
    assert installed
    assert [name for name, package in installed.items() if "integrity" not in package] == []
    assert [name for name, package in installed.items() if "resolved" in package] == []
