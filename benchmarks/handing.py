"""Draws a case's data, and takes the initial weights from the engine."""

from benchmarks.case import SEED, Case
from benchmarks.contestants.trainyard_engine import outlined, recipe, table
from benchmarks.handed import Handed


def hand(case: Case) -> Handed:
    """The case with its rows and the weights that the engine will start from."""
    inputs, labels = case.shape.data()
    inputs = inputs.astype(case.precision)
    planned = outlined(recipe(case), table(inputs, labels))
    theta = planned.network.initialize(SEED, planned.recipe.dtype)
    weights = tuple(place.view(theta) for place in planned.network.weights)
    return Handed(case=case, inputs=inputs, labels=labels, weights=weights)
