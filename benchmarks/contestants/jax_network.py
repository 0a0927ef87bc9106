"""The network as a function of its parameters, for JAX to differentiate."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.case import Case
from benchmarks.handed import Handed

ACTIVATIONS = {"tanh": jnp.tanh, "relu": jax.nn.relu}
EPSILON = 1e-5
MOMENTUM = 0.1
"""Of the running statistics of batch normalization, as in the engine and in PyTorch."""


def initial(handed: Handed) -> tuple[Any, Any]:
    """Parameters layer by layer, and the running statistics of normalization."""
    parameters: list[dict[str, Any]] = []
    statistics: list[tuple[Any, Any]] = []
    for weight in handed.weights:
        units, dtype = len(weight), weight.dtype
        layer = {"weight": jnp.array(weight.T), "bias": jnp.zeros(units, dtype)}
        if handed.case.batch_norm and len(parameters) < len(handed.weights) - 1:
            layer |= {"gamma": jnp.ones(units, dtype), "beta": jnp.zeros(units, dtype)}
            statistics.append((jnp.zeros(units, dtype), jnp.ones(units, dtype)))
        parameters.append(layer)
    return parameters, statistics


def normalize(layer: Any, z: Any, running: Any) -> tuple[Any, Any]:
    """Batch normalization, and the running statistics that follow."""
    mean, variance = z.mean(axis=0), z.var(axis=0)
    unbiased = variance * (len(z) / (len(z) - 1))
    moved = tuple(
        old + MOMENTUM * (new - old) for old, new in zip(running, (mean, unbiased), strict=True)
    )
    scaled = (z - mean) / jnp.sqrt(variance + EPSILON)
    return layer["gamma"] * scaled + layer["beta"], moved


def scores(case: Case, parameters: Any, statistics: Any, inputs: Any, key: Any) -> Any:
    """What the last layer gives before softmax or sigmoid, and the statistics after it."""
    *hidden, last = parameters
    moved = []
    for index, layer in enumerate(hidden):
        z = inputs @ layer["weight"] + layer["bias"]
        if case.batch_norm:
            z, running = normalize(layer, z, statistics[index])
            moved.append(running)
        inputs = ACTIVATIONS[case.shape.activation](z)
        if case.dropout:
            kept = jax.random.bernoulli(jax.random.fold_in(key, index), 1 - case.dropout, z.shape)
            inputs = jnp.where(kept, inputs / (1 - case.dropout), 0)
    return inputs @ last["weight"] + last["bias"], moved


def cross_entropy(case: Case, scores: Any, labels: Any) -> Any:
    """The mean loss of a mini-batch."""
    if case.shape.outputs == 1:
        score = scores[:, 0]
        losses = jnp.maximum(score, 0) - score * labels + jnp.log1p(jnp.exp(-abs(score)))
        return losses.mean()
    chosen = jnp.take_along_axis(jax.nn.log_softmax(scores), labels[:, None], axis=1)
    return -chosen.mean()


def penalty(case: Case, parameters: Any) -> Any:
    """What the case adds to the loss; an L1 penalty that is proximal acts after the step."""
    weights = [layer["weight"] for layer in parameters]
    if case.penalty == "l2":
        return case.strength * sum(jnp.sum(weight * weight) for weight in weights)
    if case.penalty == "l1_subgradient":
        return case.strength * sum(jnp.abs(weight).sum() for weight in weights)
    return np.float32(0)


def shrink(case: Case, parameters: Any) -> Any:
    """The proximal step of an L1 penalty."""
    threshold = case.strength * case.optimizer["learning_rate"]
    return [
        layer
        | {
            "weight": jnp.sign(layer["weight"])
            * jnp.maximum(jnp.abs(layer["weight"]) - threshold, 0)
        }
        for layer in parameters
    ]
