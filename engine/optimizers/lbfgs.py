"""L-BFGS: a step along the curvature that the last steps have shown."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le

from engine.kernels import Array, Kernel, Number, jittable
from engine.optimizers.base import Optimizer, Slot

__all__ = ["LBFGS"]

COUNT, HEAD, SCALE, CURVATURES = 0, 1, 2, 3
"""Places in the scalars: pairs held, where the next one goes, the scale of the first guess of the
inverse Hessian, and from there on 1 / (s y) of every pair and the two-loop recursion's alphas."""


@dataclass(frozen=True, kw_only=True)
class LBFGS(Optimizer):
    """Limited-memory BFGS, a quasi-Newton method for full batches.

    From the last ``history`` pairs of steps s and changes of gradient y it forms the product of
    an approximate inverse Hessian with the gradient by the two-loop recursion; the step is that
    times eta (the first step is shortened to eta min(1, 1 / ||g||_1)). A pair with y s <= 1e-10
    is not kept. There is no line search: a smaller learning rate makes it safer.

    Source: Liu, Nocedal, "On the limited memory BFGS method for large scale optimization", 1989.
    """

    __equation__ = r"\theta \leftarrow \theta - \eta H_t g"
    full_batch = True
    kind: Literal["lbfgs"] = "lbfgs"
    learning_rate: Annotated[float, Gt(0), Le(1e6)] = 1.0
    """The length eta of a step, before the schedule; 1 is the full quasi-Newton step."""
    history: Annotated[int, Ge(1), Le(100)] = 10
    """How many pairs are remembered."""

    def slots(self) -> tuple[Slot, ...]:
        """The last gradient and step, and all pairs, of which every step renews one in turn."""
        pairs = range(self.history)
        return (
            Slot("previous_gradient", "g_{t-1}", r"g_{t-1} \leftarrow g"),
            Slot("previous_step", "s", r"s \leftarrow -\eta H_t g"),
            *(Slot(f"step_{k}", f"s_{{{k}}}", rf"s_{{{k}}} \leftarrow s") for k in pairs),
            *(
                Slot(f"change_{k}", f"y_{{{k}}}", rf"y_{{{k}}} \leftarrow g - g_{{t-1}}")
                for k in pairs
            ),
        )

    def scalars(self) -> int:
        """Three counters, then two numbers for every pair."""
        return CURVATURES + 2 * self.history

    @classmethod
    def kernel(cls) -> Kernel:
        return lbfgs


@jittable
def dot(a: Array, b: Array) -> float:
    """The inner product, in double precision."""
    total = 0.0
    for i in range(a.size):
        total += np.float64(a[i]) * np.float64(b[i])
    return total


@jittable
def remember(gradient: Array, slots: Array, scalars: Array, history: Number) -> None:
    """Keep the last step with the change of gradient that it brought, if it curves upwards."""
    previous, stop = slots[0], slots[1]
    head = int(scalars[HEAD])
    change = slots[2 + history + head]
    curvature = square = 0.0
    for i in range(gradient.size):
        y = np.float64(gradient[i]) - np.float64(previous[i])
        curvature += y * np.float64(stop[i])
        square += y * y
    if curvature > 1e-10:
        for i in range(gradient.size):
            slots[2 + head, i] = stop[i]
            change[i] = gradient[i] - previous[i]
        scalars[CURVATURES + head] = 1.0 / curvature
        scalars[SCALE] = curvature / square
        scalars[HEAD] = (head + 1) % history
        scalars[COUNT] = min(scalars[COUNT] + 1.0, history)


@jittable
def multiply_by_inverse_hessian(slots: Array, scalars: Array, history: Number) -> None:
    """The two-loop recursion, in place on the direction in slots[1]."""
    direction = slots[1]
    alphas = CURVATURES + history
    count, head = int(scalars[COUNT]), int(scalars[HEAD])
    for k in range(count):
        pair = (head - 1 - k) % history
        alpha = scalars[CURVATURES + pair] * dot(slots[2 + pair], direction)
        scalars[alphas + pair] = alpha
        for i in range(direction.size):
            direction[i] -= alpha * slots[2 + history + pair, i]
    if count > 0:
        for i in range(direction.size):
            direction[i] *= scalars[SCALE]
    for k in range(count - 1, -1, -1):
        pair = (head - 1 - k) % history
        beta = scalars[CURVATURES + pair] * dot(slots[2 + history + pair], direction)
        for i in range(direction.size):
            direction[i] += (scalars[alphas + pair] - beta) * slots[2 + pair, i]


def lbfgs(
    theta: Array, gradient: Array, slots: Array, scalars: Array, rate: Number, step: Number
) -> None:
    """One step over the flat vector."""
    history = (slots.shape[0] - 2) // 2
    if step > 1:
        remember(gradient, slots, scalars, history)
    direction = slots[1]
    size = 0.0
    for i in range(theta.size):
        slots[0, i] = gradient[i]
        direction[i] = -gradient[i]
        size += abs(np.float64(gradient[i]))
    multiply_by_inverse_hessian(slots, scalars, history)
    length = rate * min(1.0, 1.0 / max(size, 1e-300)) if step == 1 else rate
    for i in range(theta.size):
        direction[i] *= length
        theta[i] += direction[i]
