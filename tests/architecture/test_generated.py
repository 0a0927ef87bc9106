"""Files that follow from the code are what the code makes now."""

import json
import re
from pathlib import Path

from typer.testing import CliRunner

from service import reference
from service.database import migration
from tests.architecture.repository import ROOT, read
from trainyard.cli import app
from trainyard.cli.reference import page


def test_openapi_is_up_to_date() -> None:
    result = CliRunner().invoke(app, ["openapi"], catch_exceptions=False)
    assert result.exit_code == 0
    assert result.stdout == read("docs/openapi.json"), "run `make openapi`"


def test_the_reference_is_up_to_date() -> None:
    folder = ROOT / "docs/reference"
    written = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    document = json.loads(read("docs/openapi.json"))
    assert written == reference.pages(document), "run `make reference`"


def test_the_page_about_the_command_line_is_up_to_date() -> None:
    assert page() == read("docs/cli.md"), "run `make reference`"


def test_migrations_make_the_tables_that_the_code_describes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    migration.upgrade(url)
    migration.check(url)


def test_every_operation_and_object_has_its_place_in_the_reference() -> None:
    document = json.loads(read("docs/openapi.json"))
    requests, objects = read("docs/reference/http.md"), read("docs/reference/objects.md")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f"\n### {operation['summary']}\n\n`{method.upper()} {path}`\n" in requests
            for parameter in operation.get("parameters", ()):
                assert f"| `{parameter['name']}` | {parameter['in']} |" in requests
    used = set(re.findall(r"\]\(objects\.md#(\w+)\)", requests + objects))
    assert used <= {name.lower() for name in re.findall(r"^## (\w+)$", objects, re.MULTILINE)}
    assert {"job", "epochevent", "datasetcreate", "problem"} <= used
