"""What the normalizing layers share: a learnt scale for each feature."""

from engine.activations import Linear
from engine.kernels import Array, Number
from engine.layers.base import Block, Operation

__all__ = ["scale_and_shift"]


def scale_and_shift(width: int) -> tuple[Operation, Operation]:
    """The operations of y = gamma x + beta, feature by feature; gamma starts at 1, beta at 0."""
    forward, backward = Linear.kernels()
    return (
        Operation(
            forward=scale,
            backward=scale_backward,
            outputs=width,
            block=Block(name="gamma", shape=(width,), start=1.0),
        ),
        Operation(
            forward=forward,
            backward=backward,
            outputs=width,
            block=Block(name="beta", shape=(width,)),
            in_place=True,
        ),
    )


def scale(
    x: Array,
    y: Array,
    theta: Array,
    state: Array,
    scratch: Array,
    constants: Array,
    draw: Number,
    training: Number,
) -> None:
    """Scale: y = gamma x."""
    rows, units = x.shape
    for i in range(rows):
        for j in range(units):
            y[i, j] = theta[j] * x[i, j]


def scale_backward(
    x: Array,
    y: Array,
    dy: Array,
    dx: Array,
    theta: Array,
    gradient: Array,
    state: Array,
    scratch: Array,
    constants: Array,
    draw: Number,
) -> None:
    """Gradients: dL/dgamma = the sum of x dL/dy over the rows, and dL/dx = gamma dL/dy."""
    rows, units = x.shape
    gradient[:] = 0
    for i in range(rows):
        for j in range(units):
            gradient[j] += dy[i, j] * x[i, j]
    if dx.size:
        for i in range(rows):
            for j in range(units):
                dx[i, j] = dy[i, j] * theta[j]
