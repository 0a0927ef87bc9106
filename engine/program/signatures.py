"""How the compiled loop is called: the types of its arguments, known before there is a program.

They depend on the precision alone, whatever the network. So the loop can be compiled, or looked
for, without a network. A test holds this table to what programs really call.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any

import numba
import numpy as np

from engine.compiler.bundles import Bundle
from engine.compiler.jit import Kernel
from engine.data.permutation import shuffle
from engine.data.scaling import scale_columns
from engine.program import loop, passes, updates
from engine.program.epochs import train_epochs
from engine.program.memory import LAYOUT, Buffers, KernelTable, StateHistory
from engine.program.threads import single_thread

__all__ = ["TRAINING", "loop_calls"]

TRAINING = ("train", "evaluate", "train_epochs", "shuffle", "scale_columns")
"""The functions that a training calls before its first epoch is over."""
_MATRICES = {"slots", "prediction", "target"} | {
    f"{each}_constants" for each in ("augment", "transform", "project")
}


@cache
def loop_calls(dtype: np.dtype[Any]) -> tuple[tuple[Kernel, tuple[Any, ...]], ...]:
    """The compiled functions that Python calls, with the types of their arguments."""
    return tuple(_calls(dtype))


def _calls(dtype: np.dtype[Any]) -> Iterator[tuple[Kernel, tuple[Any, ...]]]:
    vector, matrix, totals = np.zeros(0, dtype), np.zeros((0, 0), dtype), np.zeros(0)
    whole, rows = np.zeros(0, np.int64), np.zeros(0, np.uint32)
    count, key = 1, np.uint64(0)
    code, memory = _code(whole), _memory(vector, matrix, totals)
    thread, flag = single_thread(), True
    data, sums = (matrix, matrix), np.zeros((0, 0))
    history = StateHistory(matrix, matrix, sums, matrix)
    calls: dict[Kernel, tuple[Any, ...]] = {
        loop.train: (*data, vector, rows, count, count, count, totals, key, totals, thread),
        loop.evaluate: (*data, count, totals, thread),
        loop.predict: (matrix, count, matrix, thread),
        loop.loss_and_gradient: (count, key, thread),
        loop.augment: (count, count, key, thread),
        passes.forward: (count, key, flag, thread),
        passes.loss: (count, count, count),
        passes.step_back: (count, count, count, key, count, thread),
        passes.differentiate: (count, thread),
        updates.transform_gradient: (),
        updates.update: (1.0, count, thread),
    }
    for function, arguments in calls.items():
        yield function, _types(code, memory, *arguments)
    yield (
        train_epochs,
        _types(
            *(code, memory, *data, vector, *data, rows),
            *(count, count, count, count, totals, key, key, count, flag),
            *(sums, sums, history, thread),
        ),
    )
    yield passes.load, _types(memory, matrix, count, count)
    yield shuffle, _types(rows, key, key)
    yield scale_columns, _types(sums, sums, matrix, matrix)


def _types(*examples: Any) -> tuple[Any, ...]:
    return tuple(numba.typeof(example) for example in examples)


def _names(bundle: type[Bundle]) -> list[str]:
    return [field.name for field in fields(bundle)]


def _code(whole: Any) -> KernelTable:
    special: dict[str, Any] = {"layout": np.zeros(0, LAYOUT), "first": 0}
    return KernelTable(**{name: special.get(name, whole) for name in _names(KernelTable)})


def _memory(vector: Any, matrix: Any, totals: Any) -> Buffers:
    special: dict[str, Any] = {
        "scalars": totals,
        "losses": totals,
        "blocks": np.zeros((0, 3), np.int64),
    }
    special |= dict.fromkeys(_MATRICES, matrix)
    return Buffers(**{name: special.get(name, vector) for name in _names(Buffers)})
