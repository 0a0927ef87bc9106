import numpy as np
import pytest

from benchmarks.shapes import SHAPES, Shape


@pytest.mark.parametrize("shape", SHAPES.values(), ids=lambda shape: shape.name)
def test_every_class_is_there_as_often_as_every_other(shape: Shape) -> None:
    inputs, labels = shape.data()
    counts = np.bincount(labels, minlength=shape.classes)
    assert counts.max() - counts.min() <= 1
    assert inputs.shape == (shape.rows, shape.inputs)
