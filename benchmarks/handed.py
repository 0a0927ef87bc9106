"""What every contestant is handed: the same case, rows and initial weights, as files."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from benchmarks.case import Case

Order = NDArray[np.int64]
"""The rows of an epoch in the order in which they are used."""


@dataclass(frozen=True, eq=False)
class Handed:
    """A case with its rows, and one initial weight matrix (units, inputs) for every dense layer.

    Biases start at zero. Inputs are (rows, inputs) in the case's precision, labels (rows,).
    """

    case: Case
    inputs: NDArray[Any]
    labels: NDArray[np.int64]
    weights: tuple[NDArray[Any], ...]

    def save(self, folder: Path) -> None:
        (folder / "case.json").write_text(json.dumps(self.case.to_json()), encoding="utf-8")
        np.save(folder / "inputs.npy", self.inputs)
        np.save(folder / "labels.npy", self.labels)
        for index, weight in enumerate(self.weights):
            np.save(folder / f"weight{index}.npy", weight)

    @classmethod
    def load(cls, folder: Path) -> Self:
        case = Case.from_json(json.loads((folder / "case.json").read_text(encoding="utf-8")))
        dense = len(case.shape.hidden) + 1
        return cls(
            case=case,
            inputs=np.load(folder / "inputs.npy"),
            labels=np.load(folder / "labels.npy"),
            weights=tuple(np.load(folder / f"weight{index}.npy") for index in range(dense)),
        )

    def whole_batches(self) -> Self:
        """Without the rows of a last, smaller mini-batch, which not every contestant takes."""
        shape = self.case.shape
        rows = shape.rows - shape.rows % shape.batch_size
        case = replace(self.case, shape=replace(shape, rows=rows))
        return replace(self, case=case, inputs=self.inputs[:rows], labels=self.labels[:rows])


def drawn(rows: int) -> Iterator[Order]:
    """A new random order for every epoch."""
    random = np.random.default_rng(0)
    while True:
        yield random.permutation(rows)


def stored(rows: int) -> Iterator[Order]:
    """The order in which rows are stored, for every epoch."""
    while True:
        yield np.arange(rows)
