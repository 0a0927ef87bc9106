"""JAX: a whole epoch in one compiled `lax.scan`. The last, smaller batch is left out."""

from collections.abc import Iterator
from itertools import pairwise
from time import perf_counter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.shapes import Shape

ACTIVATIONS = {"tanh": jnp.tanh, "relu": jax.nn.relu}


def initial(shape: Shape) -> list[tuple[Any, Any]]:
    random = np.random.default_rng(0)
    widths = shape.widths
    return [
        (
            jnp.asarray(random.normal(0.0, np.sqrt(2.0 / inputs), (inputs, outputs)), jnp.float32),
            jnp.zeros(outputs, jnp.float32),
        )
        for inputs, outputs in pairwise(widths)
    ]


def loss_of(shape: Shape) -> Any:
    activation = ACTIVATIONS[shape.activation]

    def loss(parameters: Any, inputs: Any, labels: Any) -> Any:
        *hidden, (last_weight, last_bias) = parameters
        for weight, bias in hidden:
            inputs = activation(inputs @ weight + bias)
        scores = inputs @ last_weight + last_bias
        if shape.outputs == 1:
            score = scores[:, 0]
            return jnp.mean(
                jnp.maximum(score, 0) - score * labels + jnp.log1p(jnp.exp(-abs(score)))
            )
        chosen = jnp.take_along_axis(jax.nn.log_softmax(scores), labels[:, None], axis=1)
        return -jnp.mean(chosen)

    return loss


def epoch_of(shape: Shape) -> Any:
    gradient = jax.grad(loss_of(shape))
    steps = shape.rows // shape.batch_size

    def step(state: Any, batch: Any) -> tuple[Any, None]:
        parameters, first, second, count = state
        slope = gradient(parameters, *batch)
        count = count + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slope)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, slope)
        rate = 0.001 * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
        parameters = jax.tree.map(
            lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-8), parameters, first, second
        )
        return (parameters, first, second, count), None

    def epoch(state: Any, key: Any, inputs: Any, labels: Any) -> Any:
        order = jax.random.permutation(key, shape.rows)[: steps * shape.batch_size]
        batches = (
            inputs[order].reshape(steps, shape.batch_size, shape.inputs),
            labels[order].reshape(steps, shape.batch_size),
        )
        return jax.lax.scan(step, state, batches)[0]

    return jax.jit(epoch, donate_argnums=0)


def epochs(shape: Shape) -> Iterator[float]:
    """Seconds of one epoch after another; the untimed first one compiles."""
    inputs, labels = map(jnp.asarray, shape.data())
    parameters = initial(shape)
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state = (parameters, zeros, jax.tree.map(jnp.zeros_like, parameters), jnp.float32(0))
    epoch = epoch_of(shape)
    key = jax.random.key(0)
    while True:
        key, drawn = jax.random.split(key)
        start = perf_counter()
        state = jax.block_until_ready(epoch(state, drawn, inputs, labels))
        yield perf_counter() - start
