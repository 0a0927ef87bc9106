"""The type check holds the dashboard to the API: what the document renames, it finds."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = Path(__file__).parent
DASHBOARD = ROOT / "service/dashboard"

Change = Callable[[dict[str, Any]], None]


def rename_property(schema: str, name: str) -> Change:
    """Calls a property of an object something else."""

    def change(document: dict[str, Any]) -> None:
        found = document["components"]["schemas"][schema]
        found["properties"][f"{name}_renamed"] = found["properties"].pop(name)
        if name in found.get("required", ()):
            found["required"] = [each for each in found["required"] if each != name]
            found["required"].append(f"{name}_renamed")

    return change


def rename_path(path: str) -> Change:
    """Moves the operations of a path to another one."""

    def change(document: dict[str, Any]) -> None:
        document["paths"][f"{path}_renamed"] = document["paths"].pop(path)

    return change


def rename_parameter(path: str, name: str) -> Change:
    """Calls a parameter of a query something else."""

    def change(document: dict[str, Any]) -> None:
        for parameter in document["paths"][path]["get"]["parameters"]:
            if parameter["name"] == name:
                parameter["name"] = f"{name}_renamed"

    return change


def npm(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["npm", "run", "--silent", script, "--", *map(str, arguments)],
        cwd=TOOLS,
        capture_output=True,
        text=True,
        check=False,
    )


RENAMED: dict[Change, tuple[str, str]] = {
    rename_property("Job", "stop_reason"): ("views/run/header.js", "'stop_reason'"),
    rename_property("Progress", "eta_seconds"): ("views/run/header.js", "'eta_seconds'"),
    rename_property("CatalogEntry", "summary"): ("lib/form.js", "'summary'"),
    rename_property("DescentRequest", "max_points"): ("views/learn/race_view.js", "'max_points'"),
    rename_property("Problem", "errors"): ("lib/api.js", "'errors'"),
    rename_path("/v1/jobs/{job_id}/folds"): ("views/compare/view.js", "'never'"),
    rename_parameter("/v1/jobs/{job_id}/epochs", "max_points"): ("lib/jobs.js", "'max_points'"),
}
"""What is renamed, the file that uses it, and what the error there names."""


def type_check(document: dict[str, Any], folder: Path) -> str:
    """The errors of the dashboard, beside an API with that document."""
    changed, types = folder / "openapi.json", folder / "openapi.d.ts"
    changed.write_text(json.dumps(document), encoding="utf-8")
    generated = npm("generate", changed, "--output", types)
    assert generated.returncode == 0, generated.stderr
    options = {
        "extends": str(DASHBOARD / "jsconfig.json"),
        "compilerOptions": {"paths": {"openapi": [str(types)]}},
        "include": [str(DASHBOARD / "js")],
    }
    project = folder / "jsconfig.json"
    project.write_text(json.dumps(options), encoding="utf-8")
    checked = npm("check", project)
    assert (checked.returncode == 0) == (checked.stdout == ""), checked.stderr
    return checked.stdout


@pytest.mark.skipif(
    shutil.which("npm") is None or not (TOOLS / "node_modules/openapi-typescript").is_dir(),
    reason="openapi-typescript is not installed: npm ci --prefix tests/browser",
)
def test_a_renamed_name_is_an_error_where_it_is_used(tmp_path: Path) -> None:
    document = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
    for change in RENAMED:
        change(document)
    errors = type_check(document, tmp_path).splitlines()
    unnoticed = [
        (file, name)
        for file, name in RENAMED.values()
        if not any(f"/js/{file}(" in line and name in line for line in errors)
    ]
    assert unnoticed == [], errors
