"""Networks and optimizers straight from the lecture and the papers, in plain NumPy.

An independent computation for the tests: nothing of the engine is imported here, and nothing is
written for speed.
"""

from __future__ import annotations

from collections.abc import Callable
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


Step = Callable[[Vector, Vector, Any], Vector]
"""From a gradient, the parameters, and which of them are weights, to the change of parameters."""


def sgd(spec: Any) -> Step:
    """Heavy ball: v_t = mu v_(t-1) - eta g_t, theta_t = theta_(t-1) + v_t (Polyak, 1964).

    Nesterov, as Sutskever et al. (2013) write it, takes the gradient at the point that is looked
    ahead to. In terms of that point it becomes theta <- theta + mu v_t - eta g_t.
    """
    velocity: Any = 0.0

    def step(gradient: Vector, theta: Vector, weights: Any) -> Vector:
        nonlocal velocity
        velocity = spec.momentum * velocity - spec.learning_rate * gradient
        if spec.nesterov:
            return np.asarray(spec.momentum * velocity - spec.learning_rate * gradient)
        return np.asarray(velocity)

    return step


def adagrad(spec: Any) -> Step:
    """Duchi et al. (2011): the root of the sum of all squares so far."""
    seen: list[Vector] = []

    def step(gradient: Vector, theta: Vector, weights: Any) -> Vector:
        seen.append(gradient)
        size = np.sqrt((np.array(seen) ** 2).sum(axis=0))
        return np.asarray(-spec.learning_rate * gradient / (size + spec.epsilon))

    return step


def adadelta(spec: Any) -> Step:
    """Algorithm 1 of Zeiler (2012), times the learning rate."""
    gradients: Any = 0.0
    steps: Any = 0.0

    def step(gradient: Vector, theta: Vector, weights: Any) -> Vector:
        nonlocal gradients, steps
        gradients = spec.rho * gradients + (1 - spec.rho) * gradient**2
        change = -np.sqrt(steps + spec.epsilon) / np.sqrt(gradients + spec.epsilon) * gradient
        steps = spec.rho * steps + (1 - spec.rho) * change**2
        return np.asarray(spec.learning_rate * change)

    return step


def rmsprop(spec: Any) -> Step:
    """Tieleman and Hinton (2012); centered as in Graves (2013); with a momentum buffer."""
    square: Any = 0.0
    mean: Any = 0.0
    buffer: Any = 0.0

    def step(gradient: Vector, theta: Vector, weights: Any) -> Vector:
        nonlocal square, mean, buffer
        square = spec.rho * square + (1 - spec.rho) * gradient**2
        mean = spec.rho * mean + (1 - spec.rho) * gradient
        spread = np.maximum(square - mean**2, 0) if spec.centered else square
        buffer = spec.momentum * buffer + gradient / (np.sqrt(spread) + spec.epsilon)
        return np.asarray(-spec.learning_rate * buffer)

    return step


def _moments(spec: Any, rule: Callable[..., Any]) -> Step:
    """Adam's two running means, line by line; the rule makes a step of them."""
    m: Any = 0.0
    v: Any = 0.0
    t = 0

    def step(gradient: Vector, theta: Vector, weights: Any) -> Vector:
        nonlocal m, v, t
        t += 1
        m = spec.beta1 * m + (1 - spec.beta1) * gradient
        v = spec.beta2 * v + (1 - spec.beta2) * gradient**2
        return np.asarray(rule(t, gradient, m, v, theta, weights))

    return step


def adam(spec: Any) -> Step:
    """Algorithm 1 of Kingma and Ba (2015)."""

    def rule(t: int, g: Vector, m: Vector, v: Vector, *_: Any) -> Any:
        corrected_m, corrected_v = m / (1 - spec.beta1**t), v / (1 - spec.beta2**t)
        return -spec.learning_rate * corrected_m / (np.sqrt(corrected_v) + spec.epsilon)

    return _moments(spec, rule)


def adamw(spec: Any) -> Step:
    """Algorithm 2 of Loshchilov and Hutter (2019), the decay times the learning rate."""
    plain = adam(spec)

    def step(gradient: Vector, theta: Vector, weights: Any) -> Vector:
        decay = spec.learning_rate * spec.weight_decay * np.where(weights, theta, 0.0)
        return np.asarray(plain(gradient, theta, weights) - decay)

    return step


def amsgrad(spec: Any) -> Step:
    """Algorithm 2 of Reddi et al. (2018), with Adam's corrections."""
    largest: Any = 0.0

    def rule(t: int, g: Vector, m: Vector, v: Vector, *_: Any) -> Any:
        nonlocal largest
        largest = np.maximum(largest, v)
        corrected_m, corrected_v = m / (1 - spec.beta1**t), largest / (1 - spec.beta2**t)
        return -spec.learning_rate * corrected_m / (np.sqrt(corrected_v) + spec.epsilon)

    return _moments(spec, rule)


def adamax(spec: Any) -> Step:
    """Algorithm 2 of Kingma and Ba (2015), with an epsilon beside the gradient."""
    norm: Any = 0.0

    def rule(t: int, g: Vector, m: Vector, *_: Any) -> Any:
        nonlocal norm
        norm = np.maximum(spec.beta2 * norm, np.abs(g) + spec.epsilon)
        return -spec.learning_rate / (1 - spec.beta1**t) * m / norm

    return _moments(spec, rule)


def nadam(spec: Any) -> Step:
    """Dozat (2016), with its schedule of the momentum."""

    def momentum(t: int) -> float:
        return float(spec.beta1 * (1 - 0.5 * 0.96 ** (t * spec.momentum_decay)))

    def rule(t: int, g: Vector, m: Vector, v: Vector, *_: Any) -> Any:
        product = float(np.prod([momentum(i) for i in range(1, t + 1)]))
        ahead = momentum(t + 1) * m / (1 - product * momentum(t + 1))
        now = (1 - momentum(t)) * g / (1 - product)
        corrected_v = v / (1 - spec.beta2**t)
        return -spec.learning_rate * (ahead + now) / (np.sqrt(corrected_v) + spec.epsilon)

    return _moments(spec, rule)


def radam(spec: Any) -> Step:
    """Algorithm 2 of Liu et al. (2020), trusting the variance from a length of 5 on."""

    def rule(t: int, g: Vector, m: Vector, v: Vector, *_: Any) -> Any:
        longest = 2 / (1 - spec.beta2) - 1
        length = longest - 2 * t * spec.beta2**t / (1 - spec.beta2**t)
        corrected_m = m / (1 - spec.beta1**t)
        if length <= 5:
            return -spec.learning_rate * corrected_m
        rectified = (length - 4) * (length - 2) * longest
        rectified /= (longest - 4) * (longest - 2) * length
        inverse = np.sqrt(1 - spec.beta2**t) / (np.sqrt(v) + spec.epsilon)
        return -spec.learning_rate * corrected_m * np.sqrt(rectified) * inverse

    return _moments(spec, rule)


def lion(spec: Any) -> Step:
    """Algorithm 2 of Chen et al. (2023)."""
    momentum: Any = 0.0

    def step(gradient: Vector, theta: Vector, weights: Any) -> Vector:
        nonlocal momentum
        direction = np.sign(spec.beta1 * momentum + (1 - spec.beta1) * gradient)
        momentum = spec.beta2 * momentum + (1 - spec.beta2) * gradient
        decay = spec.weight_decay * np.where(weights, theta, 0.0)
        return np.asarray(-spec.learning_rate * (direction + decay))

    return step


def rprop(spec: Any) -> Step:
    """Riedmiller and Braun (1993), in the variant of Igel and Huesken (2000): no way back."""
    sizes: Any = spec.learning_rate
    previous: Any = 0.0

    def step(gradient: Vector, theta: Vector, weights: Any) -> Vector:
        nonlocal sizes, previous
        turned, kept = gradient * previous < 0, gradient * previous > 0
        grown, shrunk = sizes * spec.grow, sizes * spec.shrink
        sizes = np.where(kept, np.minimum(grown, spec.largest), sizes)
        sizes = np.where(turned, np.maximum(shrunk, spec.smallest), sizes)
        previous = np.where(turned, 0.0, gradient)
        return np.asarray(-sizes * np.sign(previous))

    return step


def lbfgs(spec: Any) -> Step:
    """Liu and Nocedal (1989), with the whole inverse Hessian written out instead of two loops."""
    pairs: list[tuple[Vector, Vector]] = []
    last: list[Vector] = []

    def step(gradient: Vector, theta: Vector, weights: Any) -> Vector:
        if last:
            moved, changed = last[0], gradient - last[1]
            if moved @ changed > 1e-10:
                pairs.append((moved, changed))
                del pairs[: -spec.history]
        inverse = np.eye(len(gradient))
        if pairs:
            moved, changed = pairs[-1]
            inverse *= (moved @ changed) / (changed @ changed)
        for moved, changed in pairs:
            rho = 1 / (moved @ changed)
            left = np.eye(len(gradient)) - rho * np.outer(moved, changed)
            inverse = left @ inverse @ left.T + rho * np.outer(moved, moved)
        length = spec.learning_rate * (1.0 if last else min(1.0, 1 / np.abs(gradient).sum()))
        change = -length * inverse @ gradient
        last[:] = [change, gradient]
        return np.asarray(change)

    return step


OPTIMIZERS: dict[str, Callable[[Any], Step]] = {
    "adadelta": adadelta,
    "adagrad": adagrad,
    "adam": adam,
    "adamax": adamax,
    "adamw": adamw,
    "amsgrad": amsgrad,
    "lbfgs": lbfgs,
    "lion": lion,
    "nadam": nadam,
    "radam": radam,
    "rmsprop": rmsprop,
    "rprop": rprop,
    "sgd": sgd,
}
"""By kind. A new optimizer gets its line here, from its paper."""
