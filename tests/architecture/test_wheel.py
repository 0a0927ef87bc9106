"""The wheel is enough: an installation far from the repository has all that it needs."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.repository import PACKAGES, ROOT


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The contents of a freshly built wheel, laid out as an installation has them."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def run(installed: Path, *arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    """Run the command from the wheel's files, far from the repository."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("TRAINYARD_")
    }
    environment |= {"PYTHONPATH": str(installed), "TRAINYARD_DATA_DIR": str(data)}
    code = "import sys, trainyard; from trainyard.cli import app\n"
    code += f"assert trainyard.__file__.startswith({str(installed)!r})\napp()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=data,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_holds_the_packages_and_only_them(installed: Path) -> None:
    tops = {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")}
    assert tops == set(PACKAGES)


def test_holds_everything_the_packages_hold(installed: Path) -> None:
    """Pages, data and revisions are no Python modules: a build must not lose them."""
    for package in PACKAGES:
        written = {
            path.relative_to(ROOT)
            for path in (ROOT / package).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        shipped = {path.relative_to(installed) for path in (installed / package).rglob("*")}
        assert written <= shipped


@pytest.mark.parametrize("package", PACKAGES)
def test_is_typed(installed: Path, package: str) -> None:
    assert (installed / package / "py.typed").is_file()


def test_migrates_a_new_database(installed: Path, tmp_path: Path) -> None:
    for _ in range(2):
        result = run(installed, "db", "upgrade", data=tmp_path)
        assert result.returncode == 0, result.stderr
    assert list(tmp_path.glob("*.db*")) or list(tmp_path.glob("*.sqlite*"))
