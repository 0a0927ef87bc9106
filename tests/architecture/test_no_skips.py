"""Continuous integration lets no test be skipped, and lets everything else be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT

SKIPPED = {
    "in the test": "import pytest\ndef test(): pytest.skip('no server')",
    "by a mark": "import pytest\n@pytest.mark.skip(reason='no server')\ndef test(): pass",
    "the whole file": "import pytest\npytest.importorskip('no_such_module')",
}
FINE = {
    "passed": "def test(): pass",
    "failing as expected": "import pytest\n@pytest.mark.xfail(strict=True)\ndef test(): assert 0",
}


def run(folder: Path, content: str, *, no_skips: bool) -> int:
    (folder / "test_one.py").write_text(content, encoding="utf-8")
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "TRAINYARD_NO_SKIPS": "1" if no_skips else "",
    }
    options = ["-p", "tests.plugins.no_skips", "-p", "no:cacheprovider", "-c", os.devnull]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", str(folder), str(folder)],
        env=environment,
        capture_output=True,
        check=False,
    ).returncode


@pytest.mark.parametrize("content", SKIPPED.values(), ids=SKIPPED.keys())
def test_a_skip_fails(tmp_path: Path, content: str) -> None:
    assert run(tmp_path, content, no_skips=True) != 0


@pytest.mark.parametrize("content", FINE.values(), ids=FINE.keys())
def test_nothing_else_does(tmp_path: Path, content: str) -> None:
    assert run(tmp_path, content, no_skips=True) == 0


def test_without_the_variable_a_skip_is_a_skip(tmp_path: Path) -> None:
    assert run(tmp_path, SKIPPED["in the test"], no_skips=False) == 0
