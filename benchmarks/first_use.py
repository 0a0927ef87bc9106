"""How long a machine that has never compiled anything takes to its first epoch.

Every case runs in a process of its own, first with an empty kernel cache (cold), then with the
kernels it left behind (warm): seconds to import the engine, and from asking for a training to the
end of its first epoch, compilation included. The data is so small that an epoch itself is nothing.

    python -m benchmarks.first_use [--name NAME] [--rounds 3] [CASE ...]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.report import save, show

CASES: dict[str, dict[str, Any]] = {
    "mse": {"target": "value", "activations": ["relu"]},
    "cross-entropy": {"target": "class", "activations": ["relu"]},
    "tanh, sgd": {"target": "value", "activations": ["tanh"], "optimizer": "sgd"},
    "sigmoid": {"target": "class", "activations": ["sigmoid"]},
    "two activations": {"target": "class", "activations": ["relu", "tanh"]},
    "float64": {"target": "class", "activations": ["relu"], "precision": "float64"},
    "gelu, radam, batch_norm": {
        "target": "class",
        "activations": ["gelu"],
        "optimizer": "radam",
        "more": ["batch_norm", "dropout"],
    },
}
ROUNDS = 3


def main() -> None:
    """Run the cases and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", help=f"which of: {', '.join(CASES)}")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--name", default="first_use")
    chosen = parser.parse_args()
    rows = [_row(name, chosen.rounds) for name in chosen.cases or CASES]
    columns = ("case", "import", "first epoch, cold", "first epoch, warm")
    show(
        "First use", columns, [[name, *(f"{s:.2f} s" for s in seconds)] for name, *seconds in rows]
    )
    save(chosen.name, {"seconds": [dict(zip(columns, row, strict=True)) for row in rows]})


def _row(name: str, rounds: int) -> tuple[str, float, float, float]:
    cold, warm, imports = [], [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            cold.append(_measured(name, folder)["epoch"])
            again = _measured(name, folder)
            warm.append(again["epoch"])
            imports.append(again["import"])
    return name, round(median(imports), 2), round(median(cold), 2), round(median(warm), 2)


def _measured(name: str, folder: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.first_use_case", json.dumps(CASES[name])]
    run = subprocess.run(
        command,
        env={**os.environ, "XDG_CACHE_HOME": folder},
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, float] = json.loads(run.stdout)
    return found


if __name__ == "__main__":
    main()
