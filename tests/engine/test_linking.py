"""Functions that machine code calls by name: compiled once, found again, never taken over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.compiler.jit import Kernel, compiled
from engine.compiler.linking import linked
from engine.compiler.matmul import product_rows
from engine.kernels import kernel_of, signature
from engine.layers.dense import weighted_sum, weighted_sum_backward, weighted_sum_gradient

MULTIPLYING: dict[str, Kernel] = {
    "forward": weighted_sum,
    "backward": weighted_sum_backward,
    "gradient": weighted_sum_gradient,
}
TRAIN = """
import hashlib, json
import numpy as np
from engine import Recipe, Table, Training, TrainingSpec, infer_task, outline, resolve
from engine.kernels import kernel_of
from engine.layers.dense import weighted_sum
from engine.compiler.matmul import product_rows

x = np.linspace(-1, 1, 40)
table = Table(columns={"x": x, "y": np.sin(3 * x)}, kinds={"x": "float", "y": "float"})
task = infer_task(table, "y")
training = Training(outline(resolve(Recipe(training=TrainingSpec(epochs=2, seed=1)), task),
                            table, task), table)
list(training.events())
made = {each.py_func.__name__: sum(each.stats.cache_misses.values())
        for each in (product_rows, kernel_of("forward", weighted_sum))}
print(json.dumps({"bits": hashlib.sha256(training.snapshot().to_bytes()).hexdigest(), **made}))
"""


@compiled
def add_ten(numbers: Any, count: int) -> float:
    if count > numbers.size:
        raise ValueError("too many")
    for i in range(count):
        numbers[i] += 10
    total: float = numbers[0]
    return total


call_by_name = linked(add_ten)


@compiled
def caller(numbers: Any, count: int) -> float:
    total: float = 2 * call_by_name(numbers, count)
    return total


FULL_DISK = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
"""
KILLED = """
import subprocess

class Killed(subprocess.Popen):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.kill()

subprocess.Popen = Killed
"""


def trained(folder: Path, before: str = "") -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, "-c", before + TRAIN],
        env={**os.environ, "XDG_CACHE_HOME": str(folder)},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    found: dict[str, Any] = json.loads(run.stdout)
    return found


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arguments_and_results_come_through(dtype: str) -> None:
    numbers = np.arange(4, dtype=dtype)
    assert caller(numbers, 3) == 20
    assert numbers.tolist() == [10, 11, 12, 3]


def test_an_error_comes_through() -> None:
    with pytest.raises(ValueError, match="too many"):
        caller(np.zeros(2), 3)


@pytest.mark.parametrize("sort", MULTIPLYING)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_kernels_share_one_product(sort: str, dtype: str) -> None:
    """Their machine code only names it, and it is compiled for a precision once."""
    kernel: Any = kernel_of(sort, MULTIPLYING[sort])
    types = signature(sort, np.dtype(dtype))
    kernel.compile(types)
    library = kernel.overloads[types.args].library
    module = library._get_module_for_linking()
    named = {f.name: f.is_declaration for f in module.functions if "product_rows" in f.name}
    assert list(named.values()) == [True]
    shared: Any = product_rows
    written = [types[6] for types in shared.overloads]
    assert written.count(types.args[0]) == 1


def test_what_is_loaded_finds_what_it_was_linked_with(tmp_path: Path) -> None:
    """Also where the one is kept, and the other is lost."""
    cold, warm = trained(tmp_path), trained(tmp_path)
    assert (warm["product_rows"], warm["weighted_sum"]) == (0, 0)
    (lost,) = tmp_path.rglob("*product_rows*")
    lost.unlink()
    mended = trained(tmp_path)
    assert (mended["product_rows"], mended["weighted_sum"]) == (1, 0)
    assert cold["bits"] == warm["bits"] == mended["bits"]


@pytest.mark.parametrize("accident", [FULL_DISK, KILLED], ids=["full disk", "process killed"])
def test_accidents_cost_time_only(accident: str, tmp_path: Path) -> None:
    """Where nothing can be kept, and where nobody helps: the same bits, all compiled here."""
    alone = trained(tmp_path / "accident", accident)
    assert (alone["product_rows"], alone["weighted_sum"]) == (1, 1)
    assert alone["bits"] == trained(tmp_path / "usual")["bits"]
