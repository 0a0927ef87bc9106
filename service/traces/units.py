"""Which units of a network's layers are told of, and in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.table import Rows
from engine.errors import json_pointer
from engine.insight.trace import LayerTrace
from service.http.errors import Invalid
from service.traces.schemas import TraceRequest

__all__ = ["FEATURES", "Told", "told_units"]

FEATURES = "features"
"""What stands for the first layer's inputs, among the names of layers."""


@dataclass(frozen=True)
class Told:
    """The numbers of the units that are told of a layer, and of those that lead to it."""

    inputs: Rows
    units: Rows


def told_units(layers: Sequence[LayerTrace], body: TraceRequest) -> dict[str, Told]:
    """For each layer by name; the output is always the last one.

    A layer without a weight matrix passes on the units of the layer before it. Raises Invalid where
    ``first_unit`` names such a layer, or none, or begins behind the last unit.
    """
    matrices = {each.name: each.parameters.get("weight") for each in layers}
    sizes = {name: len(matrix) for name, matrix in matrices.items() if matrix is not None}
    sizes |= {FEATURES: layers[0].x.shape[1]}
    first = body.first_unit or {}
    _check(first, sizes, known=[*matrices])
    leading = next(matrix for matrix in matrices.values() if matrix is not None)
    inputs = _chosen(leading.T, body, FEATURES)
    found = {}
    for name, matrix in matrices.items():
        units = inputs if matrix is None else _chosen(matrix, body, name)
        found[name] = Told(inputs, units)
        inputs = units
    return found


def _chosen(weights: NDArray[np.floating[Any]], body: TraceRequest, name: str) -> Rows:
    """The rows of a matrix, one a unit, that are told."""
    first = (body.first_unit or {}).get(name, 0)
    if body.unit_order == "number":
        return np.arange(first, min(first + body.corner, len(weights)))
    order = np.argsort(-np.linalg.norm(weights, axis=1), kind="stable")
    return order[first : first + body.corner]


def _check(first: Mapping[str, int], sizes: Mapping[str, int], known: Sequence[str]) -> None:
    for name, unit in first.items():
        if name not in sizes:
            message = (
                f"{name} passes on the units of the layer before it: name that one."
                if name in known
                else f"There is no layer {name[:60]!r}. Those with units are {', '.join(sizes)}."
            )
            raise Invalid.at(json_pointer("first_unit", name), message)
        if unit >= sizes[name]:
            raise Invalid.at(
                json_pointer("first_unit", name),
                f"{name} has {sizes[name]:,} units, counted from 0: begin before {sizes[name]:,}.",
            )
