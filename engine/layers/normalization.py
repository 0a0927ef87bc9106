"""What the normalizing layers share: a learnt scale for each feature."""

from engine.activations import Linear
from engine.kernels import Array, Number, sum_rows
from engine.layers.base import Operation, ParameterBlock

__all__ = ["scale_and_shift"]


def scale_and_shift(width: int) -> tuple[Operation, Operation]:
    """The operations of y = gamma x + beta, feature by feature; gamma starts at 1, beta at 0."""
    forward, backward = Linear.kernels()
    return (
        Operation(
            forward=scale,
            backward=scale_backward,
            gradient=scale_gradient,
            outputs=width,
            block=ParameterBlock(name="gamma", shape=(width,), start=1.0),
        ),
        Operation(
            forward=forward,
            backward=backward,
            gradient=sum_rows,
            outputs=width,
            block=ParameterBlock(name="beta", shape=(width,)),
            in_place=True,
        ),
    )


def scale(x: Array, y: Array, theta: Array) -> None:
    """Scale: y = gamma x."""
    rows, units = x.shape
    for i in range(rows):
        for j in range(units):
            y[i, j] = theta[j] * x[i, j]


def scale_backward(x: Array, dy: Array, dx: Array, theta: Array) -> None:
    """What goes back: dL/dx = gamma dL/dy."""
    rows, units = x.shape
    if dx.size:
        for i in range(rows):
            for j in range(units):
                dx[i, j] = dy[i, j] * theta[j]


def scale_gradient(x: Array, dy: Array, gradient: Array, start: Number, stop: Number) -> None:
    """The gradient: dL/dgamma = the sum of x dL/dy over the rows."""
    own = gradient[start:stop]
    own[:] = 0
    for i in range(x.shape[0]):
        inputs, delta = x[i, start:stop], dy[i, start:stop]
        for j in range(own.size):
            own[j] += delta[j] * inputs[j]
