"""JAX with Optax: a whole epoch in one compiled `lax.scan`.

A scan needs mini-batches of one size, so the last, smaller one is left out. The rows' order is
drawn by NumPy, which took less time here than `jax.random.permutation` inside the function.
"""

from collections.abc import Iterator
from time import perf_counter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks.contestants import jax_network
from benchmarks.contestants.base import Epoch
from benchmarks.contestants.jax_optimizers import build as build_optimizer
from benchmarks.handed import Handed, drawn, stored


class Jax:
    """The compiled epoch is kept from training to training."""

    def __init__(self, handed: Handed) -> None:
        jax.config.update("jax_enable_x64", handed.case.precision == "float64")
        self._handed, self._case = handed, handed.case
        self._inputs = jnp.asarray(handed.inputs)
        self._labels = jnp.asarray(handed.labels.astype(np.int32))
        self._optimizer = build_optimizer(handed.case.optimizer)
        self._epoch = jax.jit(self._whole_epoch, donate_argnums=0)

    def train(self, *, shuffle: bool) -> Iterator[Epoch]:
        rows = self._case.shape.rows
        parameters, statistics = jax_network.initial(self._handed)
        # An optimizer may begin with the parameters' own arrays, but a donated one has one owner.
        memory = jax.tree.map(jnp.copy, self._optimizer.init(parameters))
        state = (parameters, statistics, memory, jax.random.key(0))
        orders = drawn(rows) if shuffle else stored(rows)
        while True:
            start = perf_counter()
            order = next(orders).astype(np.int32)
            state, loss = jax.block_until_ready(
                self._epoch(state, order, self._inputs, self._labels)
            )
            seconds = perf_counter() - start
            yield Epoch(seconds, float(loss))

    def _whole_epoch(self, state: Any, order: Any, inputs: Any, labels: Any) -> Any:
        size = self._case.shape.batch_size
        steps = self._case.shape.rows // size
        batches = order[: steps * size].reshape(steps, size)

        def step(state: Any, rows: Any) -> Any:
            return self._step(state, inputs[rows], labels[rows])

        state, losses = jax.lax.scan(step, state, batches)
        return state, losses.mean()

    def _step(self, state: Any, inputs: Any, labels: Any) -> tuple[Any, Any]:
        case = self._case
        parameters, statistics, memory, key = state
        key, drawn_key = jax.random.split(key) if case.random else (key, key)

        def loss(parameters: Any) -> Any:
            scores, moved = jax_network.scores(case, parameters, statistics, inputs, drawn_key)
            own = jax_network.cross_entropy(case, scores, labels)
            return own + jax_network.penalty(case, parameters), (own, moved)

        gradient, (own, moved) = jax.grad(loss, has_aux=True)(parameters)
        updates, memory = self._optimizer.update(gradient, memory, parameters)
        parameters = optax.apply_updates(parameters, updates)
        if case.penalty == "l1_proximal":
            parameters = jax_network.shrink(case, parameters)
        return (parameters, moved, memory, key), own


TRAINER = Jax
