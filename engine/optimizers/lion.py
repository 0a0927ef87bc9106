"""Lion: the sign of a momentum."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Lt

from engine.kernels import Array, Kernel, Number
from engine.optimizers.base import Optimizer, Slot, decay_weights

__all__ = ["Lion"]


@dataclass(frozen=True, kw_only=True)
class Lion(Optimizer):
    """Every parameter moves by the same amount; only the direction is learnt.

    With g the gradient and m the one slot; weights (not biases) also decay::

        theta <- theta - eta (sign(beta1 m + (1 - beta1) g) + lambda theta)
        m     <- beta2 m + (1 - beta2) g

    Source: Chen et al., "Symbolic discovery of optimization algorithms", 2023, algorithm 2.
    """

    __equation__ = (
        r"\theta \leftarrow \theta - \eta \left("
        r"\operatorname{sign}(\beta_1 m + (1 - \beta_1) g) + \lambda \theta\right)"
    )
    remembered = (Slot("momentum", "m", r"m \leftarrow \beta_2 m + (1 - \beta_2) g"),)
    kind: Literal["lion"] = "lion"
    learning_rate: Annotated[float, Gt(0), Le(1e6)] = 1e-4
    """The step size eta, before the schedule; three to ten times smaller than Adam's."""
    beta1: Annotated[float, Ge(0), Lt(1)] = 0.9
    """The share of the momentum in the direction of the step."""
    beta2: Annotated[float, Ge(0), Lt(1)] = 0.99
    """The decay of the momentum."""
    weight_decay: Annotated[float, Ge(0), Le(1e6)] = 0.0
    """The share lambda by which weights shrink, times the learning rate, in every step."""

    def constants(self) -> tuple[float, ...]:
        return (self.beta1, 1.0 - self.beta1, self.beta2, 1.0 - self.beta2, self.weight_decay)

    @classmethod
    def kernel(cls) -> Kernel:
        return lion


def lion(
    theta: Array,
    gradient: Array,
    slots: Array,
    blocks: Array,
    rate: Number,
    start: Number,
    stop: Number,
    constants: Array,
) -> None:
    """One step over the flat vector."""
    eta = theta.dtype.type(rate)
    beta1, rest1, beta2, rest2, decay = constants
    decay_weights(theta, blocks, eta * decay, start, stop)
    theta, gradient = theta[start:stop], gradient[start:stop]
    momentum = slots[0][start:stop]
    for i in range(theta.size):
        g = gradient[i]
        theta[i] -= eta * np.sign(beta1 * momentum[i] + rest1 * g)
        momentum[i] = beta2 * momentum[i] + rest2 * g
