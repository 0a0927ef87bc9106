"""Time per epoch of the engine and of its peers, side by side: `python -m benchmarks.engine`."""

import argparse
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from math import exp, log
from pathlib import Path
from statistics import mean, median
from typing import Any

from benchmarks import report
from benchmarks.shapes import SHAPES

OURS = "trainyard_engine"
# Contestant and the package it needs.
CONTESTANTS = {OURS: "numba", "scikit_learn": "sklearn", "pytorch": "torch", "jax_scan": "jax"}
TITLES = {
    OURS: "Trainyard",
    "scikit_learn": "scikit-learn",
    "pytorch": "PyTorch",
    "jax_scan": "JAX",
}
THREAD_VARIABLES = (
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
)
ROOT = Path(__file__).parents[1]


def measure(contestant: str, shape: str, threads: int) -> list[float]:
    """Seconds of each timed epoch, in a new process."""
    environment = os.environ | dict.fromkeys(THREAD_VARIABLES, str(threads))
    answer = subprocess.run(
        [sys.executable, "-m", "benchmarks.contestants", contestant, shape, str(threads)],
        env=environment,
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    seconds: list[float] = json.loads(answer.stdout)
    return seconds


def run(contestants: list[str], shapes: list[str], threads: int, runs: int) -> dict[str, Any]:
    """Every run's best epoch, in milliseconds, by shape and contestant."""
    results: dict[str, Any] = {}
    for shape in shapes:
        best: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(runs):
            for name in contestants:
                best[name].append(1e3 * min(measure(name, shape, threads)))
        results[shape] = best
        print(f"{shape}, {threads} threads: done", file=sys.stderr)
    return results


def speedup(best: dict[str, list[float]]) -> float | None:
    """How many times faster the engine is than the fastest peer; None without peers."""
    peers = [median(times) for name, times in best.items() if name != OURS]
    return min(peers) / median(best[OURS]) if peers else None


def show(results: dict[str, Any], contestants: list[str], threads: int) -> None:
    rows = []
    factors = []
    for shape, best in results.items():
        factor = speedup(best)
        factors += [] if factor is None else [factor]
        cells = [f"{median(best[name]):.2f}" for name in contestants]
        rows.append([shape, *cells, "" if factor is None else f"{factor:.2f}x"])
    if factors:
        rows.append(
            ["geometric mean", *[""] * len(contestants), f"{exp(mean(map(log, factors))):.2f}x"]
        )
    title = f"Milliseconds per epoch, {threads} thread{'s' if threads > 1 else ''}"
    report.show(title, ["shape", *(TITLES[name] for name in contestants), "best peer / ours"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=list(SHAPES))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, os.cpu_count() or 1])
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    contestants = [name for name, package in CONTESTANTS.items() if find_spec(package)]
    results = {}
    for threads in sorted(set(arguments.threads)):
        results[str(threads)] = run(contestants, arguments.shapes, threads, arguments.runs)
        show(results[str(threads)], contestants, threads)
    print(f"Written to {report.save('engine', results).relative_to(ROOT)}")


if __name__ == "__main__":
    main()
