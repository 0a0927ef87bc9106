"""The learning rate of each step: the optimizer's own times the factors of the schedule."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.recipe import Recipe

__all__ = ["learning_rates"]


def learning_rates(
    recipe: Recipe, steps: NDArray[np.integer[Any]], steps_per_epoch: int, factor: float
) -> NDArray[np.float64]:
    """The rates eta_t of the steps with these numbers, counted from 0, shape (steps,).

    The time t of a step is in epochs. ``factor`` is what the schedule multiplies every rate by
    because of past metrics.
    """
    times = steps / steps_per_epoch
    factors = recipe.schedule.factors(times, recipe.training.epochs, steps_per_epoch)
    return np.asarray(recipe.optimizer.learning_rate * factor * factors, np.float64)
