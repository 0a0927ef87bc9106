"""A function of the dashboard does one thing, and can be read at a glance."""

import subprocess
from pathlib import Path

import pytest

TOOLS = Path(__file__).parent
DASHBOARD = TOOLS.parents[1] / "service/dashboard/js"
MAX_LINES = 60

pytestmark = pytest.mark.skipif(
    not (TOOLS / "node_modules/typescript").is_dir(),
    reason="the tools of tests/browser are not installed: make types installs them",
)


def long_functions(folder: Path) -> list[str]:
    run = subprocess.run(
        ["node", str(TOOLS / "long_functions.mjs"), str(folder), str(MAX_LINES)],
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.splitlines()


def test_functions_stay_short() -> None:
    assert long_functions(DASHBOARD) == [], "split these"


def test_a_long_one_is_found(tmp_path: Path) -> None:
    for name, calls in (("short", MAX_LINES - 2), ("long", MAX_LINES - 1)):
        body = "    work();\n" * calls
        source = f"class Work {{\n  #{name}() {{\n{body}  }}\n}}\n"
        (tmp_path / f"{name}.js").write_text(source, encoding="utf-8")
    assert long_functions(tmp_path) == [f"{tmp_path}/long.js: #long, {MAX_LINES + 1} lines"]
