"""The networks that are timed, and data for them: classes drawn around random centres."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A multilayer perceptron and the size of its training set.

    `outputs` 1 is a binary classifier with one sigmoid output, else there is one per class.
    """

    name: str
    inputs: int
    hidden: tuple[int, ...]
    outputs: int
    batch_size: int
    rows: int
    activation: str

    @property
    def classes(self) -> int:
        return max(2, self.outputs)

    @property
    def widths(self) -> tuple[int, ...]:
        return (self.inputs, *self.hidden, self.outputs)

    def data(self, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Inputs (rows, inputs) of unit variance and labels (rows,), each class present.

        A tenth of the labels change places, so that no network is ever done learning: losses stay
        away from zero, and gradients from the tiniest numbers, which processors are slow with.
        """
        random = np.random.default_rng(seed)
        labels = random.permutation(np.arange(self.rows) % self.classes)
        centres = random.standard_normal((self.classes, self.inputs))
        noise = random.standard_normal((self.rows, self.inputs))
        inputs = (centres[labels] + noise) / np.sqrt(2.0)
        wrong = random.permutation(self.rows)[: self.rows // 10]
        labels[wrong] = random.permutation(labels[wrong])
        return inputs.astype(np.float32), labels.astype(np.int64)


SHAPES = {
    shape.name: shape
    for shape in (
        Shape(
            name="tiny",
            inputs=2,
            hidden=(16, 16),
            outputs=1,
            batch_size=32,
            rows=1_000,
            activation="tanh",
        ),
        Shape(
            name="small",
            inputs=13,
            hidden=(32,),
            outputs=3,
            batch_size=32,
            rows=2_000,
            activation="relu",
        ),
        Shape(
            name="digits",
            inputs=64,
            hidden=(128, 64),
            outputs=10,
            batch_size=64,
            rows=1_797,
            activation="relu",
        ),
        Shape(
            name="images",
            inputs=784,
            hidden=(256, 128),
            outputs=10,
            batch_size=128,
            rows=20_000,
            activation="relu",
        ),
        Shape(
            name="tabular",
            inputs=28,
            hidden=(300, 300, 300),
            outputs=1,
            batch_size=1_024,
            rows=100_000,
            activation="relu",
        ),
        Shape(
            name="wide",
            inputs=1_024,
            hidden=(2_048, 2_048),
            outputs=1_000,
            batch_size=512,
            rows=4_096,
            activation="relu",
        ),
    )
}
