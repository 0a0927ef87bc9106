"""Predictions beside the matrix products alone: `python -m benchmarks.prediction`.

One row at a time, and a million rows at once, of a 64-128-64-10 network in float32 with one BLAS
thread. The limit is the three products of the forward pass by `np.dot`, in the same chunks of rows,
with nothing else: no bias, no activation, no preparation of inputs, no answers.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import processes, report
from benchmarks.engine import THREAD_VARIABLES

WIDTHS = (64, 128, 64, 10)
TRAINED_ROWS = 1_000
CALLS = 2_000
RUNS = 5


def trained() -> Any:
    """A model of the digits' shape, after one epoch on random numbers."""
    from engine import (
        Dense,
        Model,
        NetworkSpec,
        NoValidation,
        Recipe,
        Table,
        Training,
        TrainingSpec,
        infer_task,
        outline,
        resolve,
    )
    from engine.activations import ReLU

    inputs = rows(TRAINED_ROWS)
    classes = np.arange(TRAINED_ROWS) % float(WIDTHS[-1])
    table = Table({**inputs.columns, "y": classes}, {**inputs.kinds, "y": "integer"})
    task = infer_task(table, "y", "classification")
    recipe = Recipe(
        network=NetworkSpec(
            layers=[Dense(units=units, activation=ReLU()) for units in WIDTHS[1:-1]]
        ),
        training=TrainingSpec(epochs=1, seed=0),
        validation=NoValidation(),
    )
    plan = outline(resolve(recipe, task), table, task)
    training = Training(plan, table)
    for _ in training.events():
        pass
    return Model.from_state(plan.recipe, task, plan.preprocessor, training.snapshot())


def rows(count: int) -> Any:
    """A table of float32 columns."""
    from engine import Table

    random = np.random.default_rng(1)
    columns: dict[str, Any] = {
        f"x{place:02d}": random.standard_normal(count, dtype=np.float32)
        for place in range(WIDTHS[0])
    }
    return Table(columns, dict.fromkeys(columns, "float"))


def products(x: NDArray[Any], chunk: int) -> Callable[[], None]:
    """The forward pass's matrix products, chunk by chunk, into buffers."""
    random = np.random.default_rng(2)
    weights = [random.standard_normal(shape, dtype=np.float32) for shape in pairwise(WIDTHS)]
    size = min(chunk, len(x))
    buffers = [np.empty((size, width), np.float32) for width in WIDTHS[1:]]

    def run() -> None:
        for start in range(0, len(x), size):
            given = x[start : start + size]
            for weight, buffer in zip(weights, buffers, strict=True):
                given = np.dot(given, weight, out=buffer[: len(given)])

    return run


def seconds(runs: int, *functions: Callable[[], object]) -> list[float]:
    """The median of each function, which take turns."""
    times: list[list[float]] = [[] for _ in functions]
    for function in functions:
        function()
    for _ in range(runs):
        for function, found in zip(functions, times, strict=True):
            start = perf_counter()
            function()
            found.append(perf_counter() - start)
    return [median(found) for found in times]


def measure(many: int) -> dict[str, Any]:
    from engine import Table
    from engine.model import ROWS_AT_A_TIME

    model = trained()
    one = rows(1)
    record = [[float(column[0]) for column in one.columns.values()]]
    sent = Table.from_rows(record, one.kinds)
    x = model.preprocessor.transform(one)
    names = ("prepared row", "row of a request", "row of columns", "its products alone")
    calls = (
        lambda: model.answers(model.outputs(x)),
        lambda: model.predict(sent),
        lambda: model.predict(one),
        products(x, 1),
    )
    single = dict(zip(names, seconds(CALLS, *calls), strict=True))
    table = rows(many)
    x = model.preprocessor.transform(table)
    names = ("prepared", "raw columns", "preparation alone", "products alone")
    calls = (
        lambda: model.outputs(x),
        lambda: model.predict(table),
        lambda: model.preprocessor.transform(table),
        products(x, ROWS_AT_A_TIME),
    )
    return {
        "one": single,
        "many": dict(zip(names, seconds(RUNS, *calls), strict=True)),
        "rows": many,
    }


def show(results: dict[str, Any]) -> None:
    report.show(
        "One row, microseconds",
        ["what", "median"],
        [[what, f"{1e6 * value:.1f}"] for what, value in results["one"].items()],
    )
    limit = results["many"]["products alone"]
    report.show(
        f"{results['rows']:,} rows",
        ["what", "seconds", "million rows/s", "of the limit"],
        [
            [
                what,
                f"{value:.3f}",
                f"{results['rows'] / value / 1e6:.2f}",
                f"{limit / value:.0%}",
            ]
            for what, value in results["many"].items()
        ],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    if any(os.environ.get(name) != "1" for name in THREAD_VARIABLES):
        # Threads are counted when the libraries are loaded, so by a process of its own.
        environment = os.environ | dict.fromkeys(THREAD_VARIABLES, "1")
        command = [sys.executable, "-m", "benchmarks.prediction", *sys.argv[1:]]
        subprocess.run(command, cwd=processes.ROOT, env=environment, check=True)
        return
    results = measure(arguments.rows)
    show(results)
    print(f"Written to {report.save('prediction', results).relative_to(processes.ROOT)}")


if __name__ == "__main__":
    main()
