"""No kernel answers for another, whichever processes compiled them and in whatever order."""

from __future__ import annotations

import json
import math
import os
import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numpy as np
import pytest

from engine.kernel_cache import DIGEST_BYTES
from engine.machine_code import defined_symbols
from tests.conformance.examples import members
from tests.engine.kernel_cases import INPUTS, PRECISIONS

PROCESSES = 12
ONE_ORDER_OF_SETS = {"PYTHONHASHSEED": "0"}
"""Numba writes a set of options into names: in one order, names that can be the same are."""
TOLERANCES = {"float32": 5e-5, "float64": 1e-10}


def outcomes(folder: Path, *numbers: int, **environment: str) -> list[dict[str, Any]]:
    """What came of some cases in a process of its own, a dictionary for each round."""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.engine.kernel_cases", *map(str, numbers)],
        env=os.environ | ONE_ORDER_OF_SETS | {"XDG_CACHE_HOME": str(folder)} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert finished.returncode == 0, finished.stderr
    rounds: list[dict[str, Any]] = json.loads(finished.stdout)
    return rounds


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that separate processes fill, two at a time."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def compiled_apart(folder: Path) -> dict[str, Any]:
    """Every case, by a process that compiled its own few kernels of every family."""
    with ThreadPoolExecutor(2) as pool:
        parts = pool.map(lambda part: outcomes(folder, part, PROCESSES, part)[0], range(PROCESSES))
        return {name: outcome for part in parts for name, outcome in part.items()}


@pytest.fixture(scope="module")
def loaded_together(folder: Path, compiled_apart: dict[str, Any]) -> list[dict[str, Any]]:
    """Every case three times over, each time in another order, by one process that loads all."""
    there = entries(folder)
    assert compiled_apart
    rounds = outcomes(folder, 0, 1, 2, 3)
    assert entries(folder) == there, "it compiles nothing"
    return rounds


@pytest.fixture(scope="module")
def plain(folder: Path) -> dict[str, Any]:
    """Every case in plain Python, which knows no machine code."""
    return outcomes(folder / "none", 0, 1, 3, NUMBA_DISABLE_JIT="1")[0]


def entries(folder: Path) -> set[Path]:
    return {file for file in folder.rglob("*") if file.is_file()}


def test_every_kernel_computes_what_plain_python_does(
    loaded_together: list[dict[str, Any]], plain: dict[str, Any]
) -> None:
    wrong = [
        name
        for name, outcome in loaded_together[-1].items()
        if not np.allclose(
            outcome["numbers"],
            plain[name]["numbers"],
            rtol=TOLERANCES[name.split()[-1]],
            atol=TOLERANCES[name.split()[-1]] / 10,
        )
    ]
    assert len(plain) > 150
    assert plain.keys() == loaded_together[-1].keys()
    assert wrong == []


def test_whoever_compiled_it_and_however_often_it_is_asked_for(
    compiled_apart: dict[str, Any], loaded_together: list[dict[str, Any]]
) -> None:
    for outcome in loaded_together:
        differ = [name for name in compiled_apart if outcome[name] != compiled_apart[name]]
        assert differ == []


FORMULAS: dict[str, Callable[[float], float]] = {
    "elu": lambda z: z if z > 0 else math.expm1(z),
    "exponential": math.exp,
    "gelu": lambda z: z * (1 + math.erf(z / math.sqrt(2))) / 2,
    "hard_sigmoid": lambda z: min(max(z / 6 + 0.5, 0), 1),
    "hard_swish": lambda z: z * min(max(z / 6 + 0.5, 0), 1),
    "hard_tanh": lambda z: min(max(z, -1), 1),
    "leaky_relu": lambda z: z if z > 0 else 0.1 * z,
    "linear": lambda z: z,
    "mish": lambda z: z * math.tanh(math.log1p(math.exp(z))),
    "relu": lambda z: max(z, 0),
    "relu6": lambda z: min(max(z, 0), 6),
    "selu": lambda z: 1.0507009873554805 * (z if z > 0 else 1.6732632423543772 * math.expm1(z)),
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "silu": lambda z: z / (1 + math.exp(-z)),
    "softmax": lambda z: 1.0,
    "softplus": lambda z: math.log1p(math.exp(z)),
    "softsign": lambda z: z / (1 + abs(z)),
    "step": lambda z: 1.0 if z >= 0 else 0.0,
    "tanh": math.tanh,
}


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("activation", members("activation"), ids=lambda each: each.kind_name())
def test_every_activation_is_its_formula(
    activation: Any, precision: str, loaded_together: list[dict[str, Any]]
) -> None:
    right = [FORMULAS[activation.kind_name()](z) for z in INPUTS.tolist()]
    for outcome in loaded_together:
        found = outcome[f"activation {activation.kind_name()} {precision}"]["numbers"]
        assert found == pytest.approx(right, rel=1e-5, abs=1e-6)


def test_no_two_entries_define_one_symbol(
    folder: Path, loaded_together: list[dict[str, Any]]
) -> None:
    """Neither what they are called by nor what is in them."""
    assert loaded_together
    counted: Counter[str] = Counter()
    for file in entries(folder):
        counted.update(set(symbols(file)))
    assert len(counted) > len(entries(folder)) > 200
    assert [symbol for symbol, count in counted.items() if count > 1] == []


def symbols(entry: Path) -> list[str]:
    """What the machine code of an entry defines."""
    library, *_ = pickle.loads(entry.read_bytes()[DIGEST_BYTES:])
    return defined_symbols(llvm.parse_bitcode(library[2][1]))
