"""The state of a training before its first step, from a recipe and a network alone.

No row is read and nothing is compiled for it, so that a service can make one while it answers a
request.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.task import Task
from engine.metrics import totals_size
from engine.program.network import Network
from engine.recipe import Recipe
from engine.state import TrainingState

__all__ = ["fresh_state"]


def fresh_state(
    recipe: Recipe,
    network: Network,
    task: Task,
    *,
    theta: NDArray[Any] | None = None,
    layer_state: NDArray[Any] | None = None,
) -> TrainingState:
    """The state of a training of ``network`` that has not taken a step.

    ``recipe`` must be resolved: its seed draws the weights, its optimizer says how many vectors
    (slots, parameters) and single numbers it remembers, all of them 0. ``theta`` (parameters,) and
    ``layer_state`` (statistics,) are taken as they are where they are given, instead of initial
    weights and running statistics; they must be in the recipe's precision.
    """
    dtype = recipe.dtype
    if theta is None:
        theta = network.initialize(recipe.chosen.seed, dtype)
    if layer_state is None:
        layer_state = network.initial_state(dtype)
    return TrainingState(
        theta=theta,
        slots=np.zeros((len(recipe.optimizer.slots()), network.parameters), dtype),
        scalars=np.zeros(recipe.optimizer.scalars()),
        layer_state=layer_state,
        totals=np.zeros(totals_size(task.kind, network.outputs)),
        stopping=tuple({} for _ in recipe.stopping),
    )
