"""To add an optimizer or a layer is to write one class: nothing else is edited."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from engine import families

ROOT = Path(__file__).parents[2]


def test_one_class_is_enough() -> None:
    """It is in its family, in the schema of a recipe, in the API's document; and it trains."""
    finished = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.conformance.extension"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    found: dict[str, Any] = json.loads(finished.stdout)
    assert found["families"]
    assert found["recipe_schema"]
    assert found["openapi"]
    assert min(found["examples"]) > 2, "the tables of this folder would have rows for them"
    assert found["losses"][-1] < 0.5 * found["losses"][0]
    assert found["resumes"]
    assert found["gradient"]


def test_it_was_not_known_before() -> None:
    kinds = {member.kind_name() for members in families().values() for member in members}
    assert not kinds & {"sign_descent", "stretch"}
