"""The React page: the client that is generated for it fits, and it draws in a browser."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from service.settings import Settings
from tests.examples.conftest import files_served
from tests.plugins.browsers import Visits
from tests.plugins.servers import Served, serving

ROOT = Path(__file__).parents[2]
EXAMPLE = "examples/react"
LINES = 80
"""It is an example as long as it can be read at a glance."""


def test_the_lock_names_no_registry() -> None:
    lock = (ROOT / EXAMPLE / "package-lock.json").read_text(encoding="utf-8")
    assert '"integrity": "sha512-' in lock
    assert '"resolved"' not in lock
    assert "://" not in lock.replace('"url": "https://', "")


def test_it_is_short() -> None:
    written = [*(ROOT / EXAMPLE / "src").glob("*.ts*")]
    own = [path for path in written if path.name != "schema.d.ts"]
    assert 0 < sum(len(path.read_text(encoding="utf-8").splitlines()) for path in own) < LINES


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """The folder that the page is built into; nothing is left behind in the repository."""
    left = shutil.ignore_patterns("node_modules", "dist", "schema.d.ts")
    shutil.copytree(ROOT / EXAMPLE, tmp_path / EXAMPLE, ignore=left)
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs/openapi.json", tmp_path / "docs")
    built = tmp_path / EXAMPLE / "dist"
    built.mkdir()
    return built


@pytest.fixture
def origin(dist: Path) -> Iterator[str]:
    """Where the page will be, known before it is built."""
    with files_served(dist) as address:
        yield address


@pytest.fixture
def service(origin: str, migrated_file: Path, tmp_path: Path) -> Iterator[Served]:
    settings = Settings(data_dir=tmp_path / "data", slots=1, cors_origins=(origin,))
    with serving(settings, migrated_file, worker=True) as running:
        yield running


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed: no Node.js here")
def test_it_is_generated_checked_built_and_draws(
    browser: Browser, service: Served, origin: str, dist: Path
) -> None:
    environment = os.environ | {"VITE_TRAINYARD_URL": service.url}
    for command in (["npm", "ci"], ["npm", "run", "build"]):
        done = subprocess.run(
            command, cwd=dist.parent, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    visits = Visits(browser, origin)
    page = visits()
    page.get_by_role("button", name="Train").click()
    expect(page.locator("output")).to_have_text(re.compile(r"epoch 200, loss 0\.\d{4}"))
    for line in page.locator("polyline").all():
        assert len((line.get_attribute("points") or "").split()) == 200
    visits.close()
    assert visits.complaints == []
