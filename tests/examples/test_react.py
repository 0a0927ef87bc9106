"""The OpenAPI document is good for a typed client: the React example is checked against it."""

import shutil
import subprocess
from pathlib import Path

import pytest

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


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed: no Node.js here")
def test_the_generated_client_fits_the_example(tmp_path: Path) -> None:
    """In a folder of its own, so that nothing is left behind in the repository."""
    left = shutil.ignore_patterns("node_modules", "dist", "schema.d.ts")
    shutil.copytree(ROOT / EXAMPLE, tmp_path / EXAMPLE, ignore=left)
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs/openapi.json", tmp_path / "docs")
    for command in (["npm", "ci"], ["npm", "run", "check"]):
        done = subprocess.run(
            command, cwd=tmp_path / EXAMPLE, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
