"""The wheel is enough: an installation far from the repository has all that it needs."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.repository import PACKAGES, ROOT
from trainyard.cli.service.demonstration import local_service


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A freshly built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """The contents of the wheel, laid out as an installation has them."""
    site = wheel.parent / "site"
    zipfile.ZipFile(wheel).extractall(site)
    return site


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


def test_the_first_training_needs_no_file(
    installed: Path, client_only: Path, tmp_path: Path
) -> None:
    """What ``serve`` says to type trains a network, in an empty folder."""
    environment = os.environ | {
        "PYTHONPATH": str(installed),
        "TRAINYARD_DATA_DIR": str(tmp_path / "data"),
        "COLUMNS": "200",
    }
    folder = tmp_path / "empty"
    folder.mkdir()
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "trainyard", "serve", "--port", "0"],
        cwd=tmp_path,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as service:
        assert service.stderr is not None
        try:
            lines = (line.rstrip() for line in service.stderr)
            url = next(found[0] for line in lines if (found := re.search(r"http://[\d.:]+", line)))
            line = next(line for line in lines if line.startswith("Train from another terminal:"))
            run = subprocess.run(
                ["sh", "-c", line.partition(":")[2]],
                cwd=folder,
                env={
                    "PATH": f"{client_only}:{os.environ['PATH']}",
                    "TRAINYARD_URL": url.rstrip(":"),
                },
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
        finally:
            service.terminate()
            service.stderr.read()
    assert run.returncode == 0, run.stderr
    assert "succeeded" in run.stdout


@pytest.fixture(scope="module")
def client_only(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """An environment in which the wheel was installed without any extra."""
    folder = tmp_path_factory.mktemp("client")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pinned = ["--constraint", str(folder / "versions.txt")]
    names = "".join(
        f"{match['name']}=={match['version']}\n"
        for match in re.finditer(
            r"^(?P<name>[\w.-]+)==(?P<version>[^ ;\\]+) \\$",
            (ROOT / "requirements/runtime.lock").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )
    (folder / "versions.txt").write_text(names, encoding="utf-8")
    subprocess.run(
        [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", *pinned, str(wheel)],
        check=True,
    )
    return folder / "bin"


def trainyard(
    client_only: Path, *arguments: str, cwd: Path, url: str | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if url:
        environment["TRAINYARD_URL"] = url
    return subprocess.run(
        [str(client_only / "trainyard"), *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_client_needs_no_server_packages(client_only: Path, tmp_path: Path) -> None:
    code = (
        "import trainyard, importlib.util as u; trainyard.Client; assert not u.find_spec('numpy')"
    )
    subprocess.run([str(client_only / "python"), "-c", code], cwd=tmp_path, check=True)
    assert trainyard(client_only, "--help", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    "command", [["serve"], ["worker"], ["demo"], ["warmup"], ["openapi"], ["db", "upgrade"]]
)
def test_a_command_says_which_extra_it_needs(
    client_only: Path, tmp_path: Path, command: list[str]
) -> None:
    result = trainyard(client_only, *command, cwd=tmp_path)
    assert result.returncode == 1
    assert "pip install 'trainyard[server]'" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_client_lists_jobs_of_a_running_service(client_only: Path, tmp_path: Path) -> None:
    with local_service(tmp_path / "data") as service:
        result = trainyard(client_only, "runs", cwd=tmp_path, url=str(service.base_url))
    assert result.returncode == 0, result.stderr
