"""The list of everything that can be compiled, held to what programs really use."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from engine import (
    Dense,
    NetworkSpec,
    Recipe,
    Table,
    infer_task,
    outline,
    resolve,
)
from engine.data.permutation import permutation
from engine.kernels import compiled, larger, like, part, put, smaller, view
from engine.losses import MeanSquaredError
from engine.optimizers import Adam
from engine.precompile import inventory as warming
from engine.program.memory import StateHistory
from engine.program.network import Network
from engine.program.program import Program
from engine.program.signatures import loop_calls
from tests.conformance.examples import examples, members

FAMILIES = sorted(warming._MAKES)


def program(dtype: str) -> Program:
    network = Network(NetworkSpec(layers=[Dense(units=3)]), 2, 1, Dense(units=1).activation)
    return Program(
        network,
        loss=MeanSquaredError(),
        task="regression",
        dtype=np.dtype(dtype),
        capacity=4,
        batch_size=4,
        optimizer=Adam(),
    )


def scale(dtype: str) -> None:
    x = np.arange(9.0)
    table = Table(columns={"x": x, "y": x}, kinds={"x": "float", "y": "float"})
    task = infer_task(table, "y")
    plan = outline(resolve(Recipe(), task), table, task)
    plan.preprocessor.transform(table, np.dtype(dtype), None)


def dispatcher(function: Any) -> Any:
    """What Numba has put in the place of a function."""
    assert hasattr(function, "overloads")
    return function


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_loops_are_called_as_listed(dtype: str) -> None:
    """After everything that a program does, no loop has been compiled for other types."""
    made, x, t = program(dtype), np.ones((4, 2), dtype), np.ones((4, 1), dtype)
    rates, order = np.full(1, 0.1), np.arange(4, dtype=np.uint32)
    before = {f: set(dispatcher(f).overloads) for f, _ in loop_calls(np.dtype(dtype))}
    zero = np.uint64(0)
    history = StateHistory(*(np.zeros((2, each.size), each.dtype) for each in made.changing()))
    made.train_epochs(
        (x, t, np.zeros(0, dtype)),
        (x, t),
        permutation(4, zero),
        step=0,
        epoch=0,
        rates=rates,
        run_key=zero,
        shuffle=zero,
        totals=np.array([made.totals()]),
        validation_totals=np.array([made.totals()]),
        history=history,
    )
    made.train(x, t, order, position=0, step=0, rates=rates, run_key=zero, totals=made.totals())
    made.evaluate(x, t, made.totals())
    made.predict(x)
    made.loss_and_gradient(x, t, zero)
    made.load(x, t)
    made.forward(zero, training=True)
    made.augment(zero)
    made.loss()
    assert len(list(made.deltas(zero))) == 4
    made.update(0.1, 1)
    scale(dtype)
    for function, types in loop_calls(np.dtype(dtype)):
        now = set(dispatcher(function).overloads)
        assert now - before[function] <= {types}, function.__name__
        assert types in now, function.__name__


@pytest.mark.parametrize("family", FAMILIES)
def test_every_kernel_of_a_family_is_listed(family: str) -> None:
    """Also those of examples that were made by other means than the list."""
    listed = set(warming._kernels())
    used = {
        made
        for member in members(family)
        for example in examples(member)
        for made in warming._MAKES[family](example)
    }
    assert used
    assert used <= listed


def test_only_what_is_missing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    every = len(warming.units())
    monkeypatch.setattr(warming, "missing", lambda: [every - 1, every - 2])
    told: list[tuple[int, int]] = []
    assert warming.compile_missing(lambda done, of: told.append((done, of))) == 2
    assert told == [(0, 2), (1, 2), (2, 2)]
    assert all(unit.is_compiled() for unit in warming.units()[-2:])
    monkeypatch.setattr(warming, "missing", list)
    assert warming.compile_missing(lambda _done, _of: pytest.fail("nothing was to be done")) == 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_views_of_arrays_in_pieces(dtype: str) -> None:
    """Every second column, backwards: Python may give any array."""

    def walk(rows: Any, out: Any) -> None:
        put(out, part(rows, 1, 3))

    results = []
    for call in (walk, compiled(walk)):
        rows, out = np.arange(24).reshape(4, 6).astype(dtype)[:, ::-2], np.zeros((3, 3), dtype)
        call(rows, out)
        results.append(out.tolist())
    assert results[0] == results[1] == [[11, 9, 7], [17, 15, 13], [0, 0, 0]]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_views_are_the_same_compiled_and_not(dtype: str) -> None:
    def walk(flat: Any, rows: Any, out: Any) -> Any:
        whole = view(flat, 2, 3, 2)
        put(out, part(whole, 1, 3))
        put(part(rows, 1, 2), part(flat, 0, 2))
        return like(flat[0], 0.1) + part(flat, 4, 6)[1]

    results = []
    for call in (walk, compiled(walk)):
        flat, rows, out = np.arange(9).astype(dtype), np.zeros((3, 2), dtype), np.zeros(5, dtype)
        number = call(flat, rows, out)
        results.append((float(number), rows.tolist(), out.tolist()))
    assert results[0] == results[1]
    assert results[0][1:] == ([[0, 0], [0, 1], [0, 0]], [4, 5, 6, 7, 0])


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64])
def test_the_smaller_and_the_larger_are_those_of_python(kind: Any) -> None:
    """Also of equals, of zeros with different signs, and where either is not a number."""

    def choose(one: Any, other: Any) -> Any:
        return smaller(one, other), larger(one, other)

    numbers = [-1, 0, 2] if kind is np.int64 else [-1, -0.0, 0.0, 2, np.nan, np.inf]
    chosen = compiled(choose)
    for one, other in product(map(kind, numbers), repeat=2):
        expected = [float(min(one, other)), float(max(one, other))]
        assert [str(float(each)) for each in chosen(one, other)] == list(map(str, expected))
