"""Networks and optimizers straight from the lecture and the papers, in plain NumPy.

An independent computation for the tests: nothing of the engine is imported here, and nothing is
written for speed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["OPTIMIZERS", "loss_and_gradients"]

Vector = NDArray[np.float64]
Layers = list[tuple[Vector, Vector]]
"""A weight matrix (units, inputs) and a bias (units,) for every layer."""


def loss_and_gradients(
    layers: Layers, x: Vector, y: Vector, strength: float = 0.0
) -> tuple[float, Layers]:
    """Backpropagation through tanh layers to a linear output, mean squared error, squared L2."""
    outputs = [x]
    for weight, bias in layers[:-1]:
        outputs.append(np.tanh(outputs[-1] @ weight.T + bias))
    weight, bias = layers[-1]
    error = outputs[-1] @ weight.T + bias - y
    delta = 2 * error / error.size
    gradients: Layers = []
    for k in reversed(range(len(layers))):
        weight, _ = layers[k]
        gradients.insert(0, (delta.T @ outputs[k] + 2 * strength * weight, delta.sum(axis=0)))
        delta = delta @ weight * (1 - outputs[k] ** 2)
    return float((error**2).mean()), gradients


Steps = Callable[[Any], Callable[[Vector], Vector]]
"""Hyper-parameters in; out comes a function from one gradient after another to steps."""


def sgd(spec: Any) -> Callable[[Vector], Vector]:
    """Heavy ball: v_t = mu v_(t-1) - eta g_t, theta_t = theta_(t-1) + v_t (Polyak, 1964).

    Nesterov, as Sutskever et al. (2013) write it, takes the gradient at the point that is looked
    ahead to. In terms of that point it becomes theta <- theta + mu v_t - eta g_t.
    """
    velocity: Any = 0.0

    def step(gradient: Vector) -> Vector:
        nonlocal velocity
        velocity = spec.momentum * velocity - spec.learning_rate * gradient
        if spec.nesterov:
            return np.asarray(spec.momentum * velocity - spec.learning_rate * gradient)
        return np.asarray(velocity)

    return step


def adam(spec: Any) -> Callable[[Vector], Vector]:
    """Algorithm 1 of Kingma and Ba (2015), line by line."""

    def moments() -> Iterator[Any]:
        m: Any = 0.0
        v: Any = 0.0
        t, step = 0, np.zeros(0)
        while True:
            gradient = yield step
            t += 1
            m = spec.beta1 * m + (1 - spec.beta1) * gradient
            v = spec.beta2 * v + (1 - spec.beta2) * gradient * gradient
            corrected_m = m / (1 - spec.beta1**t)
            corrected_v = v / (1 - spec.beta2**t)
            step = -spec.learning_rate * corrected_m / (np.sqrt(corrected_v) + spec.epsilon)

    running: Any = moments()
    next(running)
    return lambda gradient: np.asarray(running.send(gradient))


OPTIMIZERS: dict[str, Steps] = {"adam": adam, "sgd": sgd}
"""By kind. A new optimizer gets its line here, from its paper."""
