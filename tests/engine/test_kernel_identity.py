"""No kernel answers for another, whichever processes compiled them and in whatever order."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conformance.examples import members
from tests.engine.cache_folder import entries, filled, outcomes, shared_symbols, symbols
from tests.engine.kernel_cases import INPUTS, PRECISIONS

TOLERANCES = {"float32": 5e-5, "float64": 1e-10}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that separate processes fill, two at a time."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def compiled_apart(folder: Path) -> dict[str, Any]:
    """Every case, by a process that compiled its own few kernels of every family."""
    return filled(XDG_CACHE_HOME=str(folder))


@pytest.fixture(scope="module")
def loaded_together(folder: Path, compiled_apart: dict[str, Any]) -> list[dict[str, Any]]:
    """Every case three times over, each time in another order, by one process that loads all."""
    there = entries(folder)
    assert compiled_apart
    rounds = outcomes(0, 1, 2, 3, XDG_CACHE_HOME=str(folder))
    assert entries(folder) == there, "it compiles nothing"
    return rounds


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    """Every case in plain Python, which knows no machine code."""
    return outcomes(0, 1, 3, NUMBA_DISABLE_JIT="1")[0]


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
    "softmax": lambda _: 1.0,
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
    assert len(entries(folder)) > 200
    assert all(len(symbols(entry)) > 1 for entry in entries(folder))
    assert shared_symbols(folder) == {}
