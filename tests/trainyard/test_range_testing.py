"""Looking for a learning rate from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from trainyard.cli import app


def test_the_command(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "job.json"
    job = {"dataset": {"kind": "two_moons", "samples": 200}, "training": {"seed": 1}}
    file.write_text(json.dumps(job))
    words = ["range-test", "-f", str(file), "--highest", "100", "--steps", "60"]
    got = CliRunner().invoke(app, words, env=environment | {"COLUMNS": "120"})
    assert got.exit_code == 0, got.stderr
    assert "steepest at" in got.stdout
    assert "1.00e-06" in got.stdout
    told = json.loads(CliRunner().invoke(app, [*words, "--json"], env=environment).stdout)
    assert told["suggestion"]["steepest"] < told["suggestion"]["lowest_loss"]
    assert told["job_id"].startswith("job_")
